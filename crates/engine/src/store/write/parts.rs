//! What an item has beside its row: text, recipients, attachments. What an update leaves as it was is not written again.

use super::{NewItem, StoreWriter, bits, contents, count};
use crate::error::Result;
use crate::ids::ItemId;
use crate::source::{AttachmentFacts, Person, Role};
use rusqlite::{OptionalExtension as _, params};

/// Person ids kept at hand; beyond this the memory is emptied and filled anew.
const MAX_PEOPLE: usize = 50_000;

impl StoreWriter {
    pub(super) fn put_body(&self, id: ItemId, known: bool, item: &NewItem) -> Result<()> {
        let sql = match known {
            true => {
                "INSERT INTO body (item_id, text, embedded) VALUES (?1, ?2, ?3)
                 ON CONFLICT (item_id) DO UPDATE SET text = excluded.text, embedded = excluded.embedded
                   WHERE text <> excluded.text OR embedded <> excluded.embedded"
            }
            false => "INSERT INTO body (item_id, text, embedded) VALUES (?1, ?2, ?3)",
        };
        self.connection.prepare_cached(sql)?.execute(params![id, item.text, item.embedded_text])?;
        Ok(())
    }

    pub(super) fn put_recipients(
        &mut self,
        id: ItemId,
        known: bool,
        recipients: &[(Role, Person)],
    ) -> Result<()> {
        let mut wanted = Vec::with_capacity(recipients.len());
        for (role, person) in recipients {
            wanted.push((i64::from(*role as u8), self.person(person)?));
        }
        if known {
            let mut statement = self.connection.prepare_cached(
                "SELECT role, person_id FROM recipient WHERE item_id = ?1 ORDER BY ordinal",
            )?;
            let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if rows.collect::<Result<Vec<(i64, i64)>, _>>()? == wanted {
                return Ok(());
            }
            self.connection.prepare_cached("DELETE FROM recipient WHERE item_id = ?1")?.execute([id])?;
        }
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO recipient (item_id, ordinal, role, person_id) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for (ordinal, (role, person)) in wanted.into_iter().enumerate() {
            statement.execute(params![id, count(ordinal), role, person])?;
        }
        Ok(())
    }

    pub(super) fn put_attachments(&self, id: ItemId, attachments: &[AttachmentFacts]) -> Result<()> {
        for (ordinal, attachment) in attachments.iter().enumerate() {
            let path: Vec<String> = attachment.path.iter().map(u32::to_string).collect();
            self.connection
                .prepare_cached(
                    "INSERT INTO attachment (item_id, ordinal, path, name, size, mime_type, method, inline, state)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    id,
                    count(ordinal),
                    path.join("/"),
                    attachment.name,
                    bits(attachment.size),
                    attachment.mime_type,
                    attachment.method,
                    attachment.inline,
                    contents::first_state(attachment.method)
                ])?;
        }
        Ok(())
    }

    fn person(&mut self, person: &Person) -> Result<i64> {
        if let Some(id) = self.people.get(person) {
            return Ok(*id);
        }
        let found: Option<i64> = self
            .connection
            .prepare_cached("SELECT id FROM person WHERE address = ?1 AND name = ?2")?
            .query_row(params![person.address, person.name], |row| row.get(0))
            .optional()?;
        let id = match found {
            Some(id) => id,
            None => {
                self.connection
                    .prepare_cached("INSERT INTO person (name, address) VALUES (?1, ?2)")?
                    .execute(params![person.name, person.address])?;
                self.connection.last_insert_rowid()
            }
        };
        if self.people.len() >= MAX_PEOPLE {
            self.people.clear();
        }
        self.people.insert(person.clone(), id);
        Ok(id)
    }
}

/// Names of primary recipients (or of all, if there are none), as a list shows them.
pub(super) fn to_line(recipients: &[(Role, Person)]) -> String {
    const MAX_NAMES: usize = 20;
    let primary: Vec<&str> =
        recipients.iter().filter(|(role, _)| *role == Role::To).map(|(_, person)| person.display()).collect();
    let names =
        if primary.is_empty() { recipients.iter().map(|(_, p)| p.display()).collect() } else { primary };
    let more = names.len().saturating_sub(MAX_NAMES);
    let mut line = names.into_iter().take(MAX_NAMES).collect::<Vec<_>>().join("; ");
    if more > 0 {
        line.push_str(&format!("; and {more} more"));
    }
    line
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ids::{FolderId, SourceId};
    use crate::relations::Clues;
    use crate::source::{Facts, ItemKind, MailFacts, PlannedFolder, Version};
    use crate::store::{SourceRecord, Store, StoreMemory};

    pub(in super::super) fn item(text: &str, people: &[&str]) -> NewItem {
        let person = |name: &&str| Person { name: (*name).into(), address: format!("{name}@example.org") };
        NewItem {
            key: 4,
            version: Version::default(),
            recovered: None,
            kind: ItemKind::Mail,
            class: "IPM.Note".into(),
            subject: String::new(),
            from: Person::default(),
            recipients: people.iter().map(|name| (Role::To, person(name))).collect(),
            date: None,
            size: 1,
            message_id: String::new(),
            mail: MailFacts::default(),
            sameness: [0; 16],
            clues: Clues::default(),
            details: Vec::new(),
            attachments: Vec::new(),
            text: text.into(),
            embedded_text: Vec::new(),
            partial: false,
            damaged: false,
            anomalies: Vec::new(),
        }
    }

    pub(in super::super) fn writer(folder: &std::path::Path) -> (StoreWriter, SourceId, FolderId) {
        let memory = StoreMemory { writer: 1 << 20, readers: 1 << 20 };
        let (_, mut writer) = Store::open(&folder.join("library.sqlite"), memory, 1).unwrap();
        let facts = Facts { identity: vec![1], ..Facts::default() };
        let record = SourceRecord { facts: &facts, path: "/x", name: "x", modified: 0 };
        let source = writer.put_source(None, &record, 0).unwrap();
        let inbox =
            PlannedFolder { key: 1, parent: None, name: "x".into(), path: "x".into(), depth: 0, hidden: 0 };
        let folders = writer.put_folders(source, &[inbox], &[0], true).unwrap();
        (writer, source, folders[0])
    }

    #[test]
    fn an_update_writes_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, source, inbox) = writer(folder.path());
        let id = writer.put_item(source, inbox, None, &item("one", &["a", "b"]), 1).unwrap();
        let mut check = |text: &str, people: &[&str], written: i64| {
            let changes = |writer: &StoreWriter| -> i64 {
                writer.connection.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap()
            };
            let before = changes(&writer);
            writer.put_item(source, inbox, Some(id), &item(text, people), 2).unwrap();
            // The row itself, and its folder's account without and with it.
            assert_eq!(changes(&writer) - before - 3, written, "{text} {people:?}");
            let sql = "SELECT text, (SELECT coalesce(group_concat(name, ' '), '') FROM (SELECT name FROM recipient
                  JOIN person ON person.id = person_id WHERE recipient.item_id = body.item_id ORDER BY ordinal))
                FROM body";
            let held: (Vec<u8>, String) =
                writer.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert_eq!(held, (text.into(), people.join(" ")));
        };
        check("one", &["a", "b"], 0);
        check("two", &["a", "b"], 1);
        check("two", &["b", "a"], 4);
        check("two", &["b"], 3);
        check("", &[], 2);
        check("one", &["a", "c"], 4);
    }
}
