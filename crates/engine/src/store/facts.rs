//! What is kept of an item beside its row, and proof that the folders' accounts are right.

use super::Store;
use crate::error::Result;
use crate::ids::ItemId;
use crate::source::{Certainty, DetailLine, MailFacts, Protection};
use crate::text::compress::decompress;
use rusqlite::OptionalExtension as _;

/// Of the lines of an item, at most this much is read.
const MAX_LINES: usize = 16 * 1024 * 1024;

/// What is kept of an item beside its row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ItemFacts {
    /// How sure it is that a recovered item is whole.
    pub certainty: Option<Certainty>,
    /// What mail says about itself.
    pub mail: MailFacts,
    /// What an item of its kind says beyond a message.
    pub details: Vec<DetailLine>,
    /// Other items that say the same.
    pub duplicates: u64,
    /// EDRM message identification hash, of what has a Message-ID.
    pub mih: Option<[u8; 16]>,
    /// Items of its conversation, itself included.
    pub conversation: u64,
}

/// A folder whose account is not what its items add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miscount {
    /// Its path.
    pub folder: String,
    /// What is told of it, and what it is: items, failed, recovered, gone, attachments, embedded messages.
    pub told: [i64; 6],
    /// See `told`.
    pub is: [i64; 6],
}

impl Store {
    /// What is kept of an item beside its row; nothing for one that is not there.
    ///
    /// # Errors
    /// SQLite's.
    pub fn facts(&self, id: ItemId) -> Result<ItemFacts> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT certainty, unread, flag, importance, sensitivity, protection, in_reply_to, refs, topic, conversation_index,
               (SELECT lines FROM detail WHERE item_id = item.id),
               (SELECT count(*) - 1 FROM link AS other WHERE other.first = link.first), link.mih,
               (SELECT count(*) FROM link AS other WHERE other.conversation = link.conversation), sender_zone
             FROM item LEFT JOIN link ON link.item_id = item.id WHERE id = ?1",
        )?;
        let facts = statement.query_row([id], |row| {
            let lines = row.get_ref(10)?.as_blob_or_null()?.map(|blob| decompress(blob, MAX_LINES));
            let references: String = row.get(7)?;
            Ok(ItemFacts {
                certainty: row.get::<_, Option<i64>>(0)?.map(Certainty::from_number),
                mail: MailFacts {
                    unread: row.get(1)?,
                    flag: row.get(2)?,
                    importance: row.get(3)?,
                    sensitivity: row.get(4)?,
                    protection: Protection::from_number(row.get(5)?),
                    in_reply_to: row.get(6)?,
                    references: references
                        .split(' ')
                        .filter(|id| !id.is_empty())
                        .map(str::to_owned)
                        .collect(),
                    topic: row.get(8)?,
                    conversation_index: row.get::<_, Option<Vec<u8>>>(9)?.unwrap_or_default(),
                    sender_zone: row.get(14)?,
                },
                // What a damaged library has there instead is no line.
                details: lines.and_then(|lines| serde_json::from_str(&lines).ok()).unwrap_or_default(),
                duplicates: row.get::<_, i64>(11)?.max(0).unsigned_abs(),
                mih: row.get::<_, Option<Vec<u8>>>(12)?.and_then(|mih| mih.try_into().ok()),
                conversation: row.get::<_, i64>(13)?.max(1).unsigned_abs(),
            })
        });
        Ok(facts.optional()?.unwrap_or_default())
    }

    /// The folders whose accounts do not say what is in them; none unless the library is damaged.
    ///
    /// # Errors
    /// SQLite's.
    pub fn miscounts(&self) -> Result<Vec<Miscount>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare(
            "SELECT folder.path, folder.items, folder.failed, folder.recovered, folder.gone_items, folder.attachments,
               folder.embedded, coalesce(n.items, 0),
               (SELECT count(*) FROM failure WHERE failure.folder_id = folder.id AND failure.recovered = 0),
               coalesce(n.recovered, 0), coalesce(n.gone, 0), coalesce(n.attachments, 0), coalesce(n.embedded, 0)
             FROM folder LEFT JOIN (
               SELECT folder_id, sum(gone_at IS NULL AND recovered = 0) AS items,
                 sum(gone_at IS NULL AND recovered = 1) AS recovered, sum(gone_at IS NOT NULL) AS gone,
                 sum(iif(gone_at IS NULL AND recovered = 0, attachments, 0)) AS attachments,
                 sum(iif(gone_at IS NULL AND recovered = 0, embedded, 0)) AS embedded
               FROM item GROUP BY folder_id
             ) AS n ON n.folder_id = folder.id",
        )?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (mut told, mut is) = ([0; 6], [0; 6]);
            for (column, (told, is)) in told.iter_mut().zip(&mut is).enumerate() {
                (*told, *is) = (row.get(1 + column)?, row.get(7 + column)?);
            }
            if told != is {
                found.push(Miscount { folder: row.get(0)?, told, is });
            }
        }
        Ok(found)
    }
}
