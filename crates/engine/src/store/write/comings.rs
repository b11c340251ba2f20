//! What new items add to the accounts of their folders. Whatever else happens to an item, triggers tell its folder.

use super::StoreWriter;
use crate::error::Result;
use rusqlite::params;

/// Of new items in a folder, so many are …
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Coming {
    /// … named by the file,
    items: i64,
    /// … or found beyond what it names;
    recovered: i64,
    /// attachments of the former,
    attachments: i64,
    /// and which of these are messages.
    embedded: i64,
}

impl Coming {
    /// One item.
    pub(super) fn of(recovered: bool, attachments: i64, embedded: i64) -> Self {
        match recovered {
            true => Self { recovered: 1, ..Self::default() },
            false => Self { items: 1, attachments, embedded, ..Self::default() },
        }
    }

    /// Both together.
    pub(super) fn add(&mut self, other: Self) {
        self.items += other.items;
        self.recovered += other.recovered;
        self.attachments += other.attachments;
        self.embedded += other.embedded;
    }
}

impl StoreWriter {
    /// Tells the folders what has come. Before each commit, and before whatever reads the accounts here.
    pub(super) fn put_comings(&mut self) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE folder SET items = items + ?2, recovered = recovered + ?3, attachments = attachments + ?4,
               embedded = embedded + ?5
             WHERE id = ?1",
        )?;
        for (folder, coming) in self.comings.drain() {
            let Coming { items, recovered, attachments, embedded } = coming;
            statement.execute(params![folder, items, recovered, attachments, embedded])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::tests::{item, writer};
    use super::*;
    use crate::ids::ItemId;
    use crate::source::{AttachmentFacts, Certainty};
    use crate::store::write::{NewFailure, NewItem};

    #[test]
    fn accounts_are_right_with_each_commit() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, source, inbox) = writer(folder.path());
        writer.commit(Some(1), 0).unwrap();
        let message = || AttachmentFacts { method: "message", ..AttachmentFacts::default() };
        let item = |key, files, recovered: bool| NewItem {
            key,
            recovered: recovered.then_some(Certainty::Certain),
            attachments: std::iter::repeat_with(message).take(files).collect(),
            ..item("x", &[])
        };
        let check = |writer: &mut StoreWriter, batch, expected: [i64; 5]| {
            writer.commit(Some(batch), 0).unwrap();
            let sql = "SELECT items, recovered, gone_items, attachments, embedded FROM folder";
            let row = |row: &rusqlite::Row<'_>| (0..5).map(|column| row.get(column)).collect();
            let account: Vec<i64> = writer.connection.query_row(sql, [], row).unwrap();
            assert_eq!(account, expected, "batch {batch}");
        };
        let first = writer.put_item(source, inbox, None, &item(1, 2, false), 2).unwrap();
        writer.put_item(source, inbox, None, &item(2, 1, false), 2).unwrap();
        writer.put_item(source, inbox, None, &item(3, 4, true), 2).unwrap();
        check(&mut writer, 2, [2, 1, 0, 3, 3]);
        // What comes and is changed, found gone or unreadable within the same batch.
        let fourth = writer.put_item(source, inbox, None, &item(4, 1, false), 3).unwrap();
        writer.put_item(source, inbox, Some(fourth), &item(4, 2, false), 3).unwrap();
        let fifth = writer.put_item(source, inbox, None, &item(5, 1, false), 3).unwrap();
        writer.mark_gone(fifth, 3, 9).unwrap();
        writer.put_item(source, inbox, None, &item(6, 1, false), 3).unwrap();
        let torn = NewFailure { key: 6, recovered: false, reason: "torn".into() };
        writer.put_failure(source, inbox, &torn, 3, 9).unwrap();
        check(&mut writer, 3, [3, 1, 2, 5, 5]);
        // What was undone has not come.
        writer.put_item(source, inbox, None, &item(7, 1, false), 4).unwrap();
        writer.rollback();
        writer.put_item(source, inbox, Some(first), &item(1, 0, false), 4).unwrap();
        check(&mut writer, 4, [3, 1, 2, 3, 3]);
        // One that should be there and is not is written all the same.
        writer.put_item(source, inbox, Some(ItemId(99)), &item(8, 1, false), 5).unwrap();
        check(&mut writer, 5, [4, 1, 2, 4, 4]);
    }
}
