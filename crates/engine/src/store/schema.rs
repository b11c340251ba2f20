//! The tables, and the steps from each version of them to the next.

use crate::error::{Error, Result};
use rusqlite::Connection;
use std::path::Path;

/// Steps from version n to n + 1. Never change one that was released; add another.
const MIGRATIONS: &[&str] = &[V1, V2, V3, V4, V5, V6, V7, V8, V9, V10];

const V1: &str = "
-- A file. `identity` says which mailbox it is, wherever its file lies.
CREATE TABLE source (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identity BLOB NOT NULL,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  kind TEXT NOT NULL,
  encryption TEXT NOT NULL,
  size INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  imported_at INTEGER NOT NULL,
  complete INTEGER NOT NULL
);
CREATE INDEX source_identity ON source (identity);
CREATE INDEX source_path ON source (path);

-- `expected` and `hidden` are what the file names; what was read or failed is counted from the rows of item and failure.
CREATE TABLE folder (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
  key INTEGER NOT NULL,
  parent_id INTEGER REFERENCES folder (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  depth INTEGER NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  expected INTEGER NOT NULL,
  hidden INTEGER NOT NULL,
  gone INTEGER NOT NULL DEFAULT 0,
  UNIQUE (source_id, key)
);
CREATE INDEX folder_parent ON folder (parent_id);

-- (data_version, sub_version) is (bidData, bidSub) of the node: when neither changed, the item did not.
CREATE TABLE item (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
  folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  key INTEGER NOT NULL,
  data_version INTEGER NOT NULL,
  sub_version INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  class TEXT NOT NULL,
  subject TEXT NOT NULL,
  from_name TEXT NOT NULL,
  from_address TEXT NOT NULL,
  to_line TEXT NOT NULL,
  date INTEGER,
  size INTEGER NOT NULL,
  attachments INTEGER NOT NULL,
  visible_attachments INTEGER NOT NULL,
  embedded INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  recovered INTEGER NOT NULL,
  gone_at INTEGER,
  UNIQUE (source_id, key)
);
CREATE INDEX item_folder ON item (folder_id, gone_at, recovered, attachments, embedded);
CREATE INDEX item_batch ON item (batch);

CREATE TABLE body (
  item_id INTEGER PRIMARY KEY REFERENCES item (id) ON DELETE CASCADE,
  text BLOB NOT NULL,
  embedded BLOB NOT NULL
);

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  UNIQUE (address, name)
);

CREATE TABLE recipient (
  item_id INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  role INTEGER NOT NULL,
  person_id INTEGER NOT NULL REFERENCES person (id),
  PRIMARY KEY (item_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX recipient_person ON recipient (person_id, role);

CREATE TABLE attachment (
  item_id INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  method TEXT NOT NULL,
  inline INTEGER NOT NULL,
  PRIMARY KEY (item_id, ordinal)
) WITHOUT ROWID;

CREATE TABLE failure (
  source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
  key INTEGER NOT NULL,
  folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  recovered INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (source_id, key)
) WITHOUT ROWID;
CREATE INDEX failure_folder ON failure (folder_id);

CREATE TABLE anomaly (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
  key INTEGER,
  folder_id INTEGER REFERENCES folder (id) ON DELETE CASCADE,
  reason TEXT NOT NULL
);
CREATE INDEX anomaly_source ON anomaly (source_id, key);

-- What was committed together. The index's own commit names the last batch that it holds.
CREATE TABLE batch (
  id INTEGER PRIMARY KEY,
  committed_at INTEGER NOT NULL
);

-- Sources that were forgotten, for an index that has not heard of it.
CREATE TABLE removal (
  source_id INTEGER PRIMARY KEY,
  batch INTEGER NOT NULL
);
CREATE INDEX removal_batch ON removal (batch);
";

const V2: &str = "
-- Which way of reading made the row: items of an earlier one are read again when their file is next opened.
ALTER TABLE item ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;
-- How sure it is that a recovered item is whole: 0 doubtful, 1 partial, 2 certain.
ALTER TABLE item ADD COLUMN certainty INTEGER;
ALTER TABLE item ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
-- PidTagFlagStatus: 0 none, 1 complete, 2 flagged.
ALTER TABLE item ADD COLUMN flag INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN importance INTEGER NOT NULL DEFAULT 1;
ALTER TABLE item ADD COLUMN sensitivity INTEGER NOT NULL DEFAULT 0;
-- 0 none, 1 signed, 2 encrypted.
ALTER TABLE item ADD COLUMN protection INTEGER NOT NULL DEFAULT 0;
-- What makes conversations: ids without brackets, several of them parted by a space.
ALTER TABLE item ADD COLUMN in_reply_to TEXT NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN refs TEXT NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN conversation_index BLOB;
-- The same for items that say the same: a digest of sender, recipients, subject, time, text and attachments.
ALTER TABLE item ADD COLUMN sameness BLOB;
CREATE INDEX item_sameness ON item (sameness);
CREATE INDEX item_message_id ON item (message_id) WHERE message_id <> '';

-- What an item of its kind says beyond a message, as compressed JSON; only where there is any.
CREATE TABLE detail (
  item_id INTEGER PRIMARY KEY REFERENCES item (id) ON DELETE CASCADE,
  lines BLOB NOT NULL
);

-- What changes whenever the file does, as far as can be told without reading it.
ALTER TABLE source ADD COLUMN state BLOB NOT NULL DEFAULT x'';

-- The account of each folder, kept by triggers: it costs the same however many items there are.
ALTER TABLE folder ADD COLUMN items INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN recovered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN gone_items INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN embedded INTEGER NOT NULL DEFAULT 0;
UPDATE folder SET
  items = (SELECT count(*) FROM item WHERE folder_id = folder.id AND gone_at IS NULL AND recovered = 0),
  recovered = (SELECT count(*) FROM item WHERE folder_id = folder.id AND gone_at IS NULL AND recovered = 1),
  gone_items = (SELECT count(*) FROM item WHERE folder_id = folder.id AND gone_at IS NOT NULL),
  attachments = (SELECT coalesce(sum(attachments), 0) FROM item
    WHERE folder_id = folder.id AND gone_at IS NULL AND recovered = 0),
  embedded = (SELECT coalesce(sum(embedded), 0) FROM item
    WHERE folder_id = folder.id AND gone_at IS NULL AND recovered = 0),
  failed = (SELECT count(*) FROM failure WHERE folder_id = folder.id AND recovered = 0);
DROP INDEX item_folder;
CREATE INDEX item_folder ON item (folder_id);

CREATE TRIGGER item_comes AFTER INSERT ON item BEGIN
  UPDATE folder SET
    items = items + (NEW.gone_at IS NULL AND NEW.recovered = 0),
    recovered = recovered + (NEW.gone_at IS NULL AND NEW.recovered = 1),
    gone_items = gone_items + (NEW.gone_at IS NOT NULL),
    attachments = attachments + iif(NEW.gone_at IS NULL AND NEW.recovered = 0, NEW.attachments, 0),
    embedded = embedded + iif(NEW.gone_at IS NULL AND NEW.recovered = 0, NEW.embedded, 0)
  WHERE id = NEW.folder_id;
END;
CREATE TRIGGER item_goes AFTER DELETE ON item BEGIN
  UPDATE folder SET
    items = items - (OLD.gone_at IS NULL AND OLD.recovered = 0),
    recovered = recovered - (OLD.gone_at IS NULL AND OLD.recovered = 1),
    gone_items = gone_items - (OLD.gone_at IS NOT NULL),
    attachments = attachments - iif(OLD.gone_at IS NULL AND OLD.recovered = 0, OLD.attachments, 0),
    embedded = embedded - iif(OLD.gone_at IS NULL AND OLD.recovered = 0, OLD.embedded, 0)
  WHERE id = OLD.folder_id;
END;
CREATE TRIGGER item_changes AFTER UPDATE OF folder_id, recovered, attachments, embedded, gone_at ON item BEGIN
  UPDATE folder SET
    items = items - (OLD.gone_at IS NULL AND OLD.recovered = 0),
    recovered = recovered - (OLD.gone_at IS NULL AND OLD.recovered = 1),
    gone_items = gone_items - (OLD.gone_at IS NOT NULL),
    attachments = attachments - iif(OLD.gone_at IS NULL AND OLD.recovered = 0, OLD.attachments, 0),
    embedded = embedded - iif(OLD.gone_at IS NULL AND OLD.recovered = 0, OLD.embedded, 0)
  WHERE id = OLD.folder_id;
  UPDATE folder SET
    items = items + (NEW.gone_at IS NULL AND NEW.recovered = 0),
    recovered = recovered + (NEW.gone_at IS NULL AND NEW.recovered = 1),
    gone_items = gone_items + (NEW.gone_at IS NOT NULL),
    attachments = attachments + iif(NEW.gone_at IS NULL AND NEW.recovered = 0, NEW.attachments, 0),
    embedded = embedded + iif(NEW.gone_at IS NULL AND NEW.recovered = 0, NEW.embedded, 0)
  WHERE id = NEW.folder_id;
END;
CREATE TRIGGER failure_comes AFTER INSERT ON failure WHEN NEW.recovered = 0 BEGIN
  UPDATE folder SET failed = failed + 1 WHERE id = NEW.folder_id;
END;
CREATE TRIGGER failure_goes AFTER DELETE ON failure WHEN OLD.recovered = 0 BEGIN
  UPDATE folder SET failed = failed - 1 WHERE id = OLD.folder_id;
END;
";

const V3: &str = "
-- Few items are either of these; a search for them need not look at the others.
CREATE INDEX item_gone ON item (id) WHERE gone_at IS NOT NULL;
CREATE INDEX item_recovered ON item (id) WHERE recovered = 1 AND gone_at IS NULL;
";

const V4: &str = "
-- Digests of the whole file, and the state of the file that they are of.
ALTER TABLE source ADD COLUMN blake3 BLOB;
ALTER TABLE source ADD COLUMN sha256 BLOB;
ALTER TABLE source ADD COLUMN digest_state BLOB;
-- The source of the same mailbox that was there before this one, if any.
ALTER TABLE source ADD COLUMN same_as INTEGER REFERENCES source (id) ON DELETE SET NULL;

-- Imports that were asked for and have not ended: what the next start goes on with.
CREATE TABLE unfinished (
  path TEXT PRIMARY KEY,
  paused INTEGER NOT NULL
) WITHOUT ROWID;

-- Files and folders that are taken in again when they change.
CREATE TABLE watched (
  path TEXT PRIMARY KEY
) WITHOUT ROWID;
";

const V5: &str = "
-- What attached files say: once for each content, however often it was sent. `hash` is BLAKE3, `reading` the way it was read in.
CREATE TABLE content (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  state INTEGER NOT NULL,
  reading INTEGER NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  text BLOB NOT NULL
);
-- 0 waiting, 1 read, 2 nothing to read, 3 failed. `reason` where there is no content that has one.
ALTER TABLE attachment ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attachment ADD COLUMN content_id INTEGER REFERENCES content (id);
ALTER TABLE attachment ADD COLUMN reason TEXT NOT NULL DEFAULT '';
UPDATE attachment SET state = 2 WHERE method IN ('message', 'reference');
CREATE INDEX attachment_waiting ON attachment (item_id, ordinal) WHERE state = 0;
CREATE INDEX attachment_content ON attachment (content_id) WHERE content_id IS NOT NULL;

-- The account of each source's attachments, kept by triggers.
CREATE TABLE attachment_account (
  source_id INTEGER PRIMARY KEY REFERENCES source (id) ON DELETE CASCADE,
  waiting INTEGER NOT NULL DEFAULT 0,
  read INTEGER NOT NULL DEFAULT 0,
  textless INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0
);
INSERT INTO attachment_account
  SELECT source.id, coalesce(sum(attachment.state = 0), 0), 0, coalesce(sum(attachment.state = 2), 0), 0
  FROM source LEFT JOIN item ON item.source_id = source.id LEFT JOIN attachment ON attachment.item_id = item.id
  GROUP BY source.id;
CREATE TRIGGER source_comes AFTER INSERT ON source BEGIN
  INSERT INTO attachment_account (source_id) VALUES (NEW.id);
END;
CREATE TRIGGER attachment_comes AFTER INSERT ON attachment BEGIN
  UPDATE attachment_account SET waiting = waiting + (NEW.state = 0), read = read + (NEW.state = 1),
    textless = textless + (NEW.state = 2), failed = failed + (NEW.state = 3)
  WHERE source_id = (SELECT source_id FROM item WHERE id = NEW.item_id);
END;
CREATE TRIGGER attachment_goes AFTER DELETE ON attachment BEGIN
  UPDATE attachment_account SET waiting = waiting - (OLD.state = 0), read = read - (OLD.state = 1),
    textless = textless - (OLD.state = 2), failed = failed - (OLD.state = 3)
  WHERE source_id = (SELECT source_id FROM item WHERE id = OLD.item_id);
END;
CREATE TRIGGER attachment_changes AFTER UPDATE OF state ON attachment WHEN NEW.state <> OLD.state BEGIN
  UPDATE attachment_account SET
    waiting = waiting + (NEW.state = 0) - (OLD.state = 0), read = read + (NEW.state = 1) - (OLD.state = 1),
    textless = textless + (NEW.state = 2) - (OLD.state = 2), failed = failed + (NEW.state = 3) - (OLD.state = 3)
  WHERE source_id = (SELECT source_id FROM item WHERE id = NEW.item_id);
END;
";

const V6: &str = "
-- What an item has in common with others, made from its row behind the import: see `relations`. `keys` are hashes of the ids that
-- it names; `subject` and `weak` (1 an answer, 2 a forward) are for items that name none. Then what follows from all of them
-- together: the item that it `answers` by its subject alone, the first item of its `conversation`, and the `first` of the items
-- that say the same. These are null for an item that is alone.
CREATE TABLE link (
  item_id INTEGER PRIMARY KEY REFERENCES item (id) ON DELETE CASCADE,
  keys BLOB NOT NULL,
  same BLOB,
  mih BLOB,
  subject INTEGER,
  weak INTEGER NOT NULL,
  date INTEGER,
  answers INTEGER,
  conversation INTEGER,
  first INTEGER
);
CREATE INDEX link_conversation ON link (conversation) WHERE conversation IS NOT NULL;
CREATE INDEX link_first ON link (first) WHERE first IS NOT NULL;
-- The last batch that the links know of, the way in which they were made, and how often they changed.
CREATE TABLE link_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  batch INTEGER NOT NULL,
  rule INTEGER NOT NULL,
  version INTEGER NOT NULL
);
INSERT INTO link_state VALUES (1, -1, 0, 0);
-- Links answer what these did.
DROP INDEX item_sameness;
DROP INDEX item_message_id;
";

const V7: &str = "
-- What people say of items. It stays when its item goes (item_id is then null): the columns behind that tell the item when it comes
-- again, in whatever row.
CREATE TABLE review (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  item_id INTEGER UNIQUE REFERENCES item (id) ON DELETE SET NULL,
  identity BLOB NOT NULL,
  key INTEGER NOT NULL,
  same BLOB,
  message_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  date INTEGER,
  flagged INTEGER NOT NULL DEFAULT 0,
  reviewed INTEGER NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX review_same ON review (same) WHERE item_id IS NULL;
CREATE INDEX review_key ON review (key) WHERE item_id IS NULL;
CREATE TABLE tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE
);
CREATE TABLE review_tag (
  review_id INTEGER NOT NULL REFERENCES review (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
  PRIMARY KEY (review_id, tag_id)
) WITHOUT ROWID;
CREATE INDEX review_tag_tag ON review_tag (tag_id, review_id);
CREATE TABLE saved (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  query TEXT NOT NULL,
  made_at INTEGER NOT NULL
);
-- Who did what when, and what there was before: only ever added to.
CREATE TABLE action (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  value TEXT NOT NULL,
  query TEXT NOT NULL,
  items INTEGER NOT NULL,
  undoes INTEGER REFERENCES action (id)
);
CREATE INDEX action_undoes ON action (undoes) WHERE undoes IS NOT NULL;
CREATE TABLE action_item (
  action_id INTEGER NOT NULL REFERENCES action (id),
  review_id INTEGER NOT NULL REFERENCES review (id),
  before NOT NULL,
  after NOT NULL,
  PRIMARY KEY (action_id, review_id)
) WITHOUT ROWID;
";

const V8: &str = "
-- Items are found by what other programs call them.
CREATE INDEX link_mih ON link (mih) WHERE mih IS NOT NULL;
";

const V9: &str = "
-- Minutes east of UTC of the sender's clock; null where the message does not tell it.
ALTER TABLE item ADD COLUMN sender_zone INTEGER;
-- Items of which only the row of a table is left (`reading` is -1) are counted by folder, and few.
CREATE INDEX item_partial ON item (folder_id) WHERE reading = -1 AND gone_at IS NULL;
";

const V10: &str = "
-- The batch of the item's row that the link was made from, where it was written with it: the row itself need not be looked at again.
-- All such links are made in the way that `link_state` tells.
ALTER TABLE link ADD COLUMN batch INTEGER NOT NULL DEFAULT -1;
UPDATE link_state SET rule = 1 WHERE rule = 0;
";

/// Refuses a database that is of another version than this one.
///
/// # Errors
/// [`Error::LibraryUnusable`].
pub fn check(connection: &Connection, path: &Path) -> Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if usize::try_from(version) == Ok(MIGRATIONS.len()) {
        return Ok(());
    }
    let reason = format!("it is of another version of Mailscope (schema {version}), which has it open");
    Err(Error::LibraryUnusable { path: path.to_owned(), reason })
}

/// Brings the schema up to the latest version, each step in a transaction of its own.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let unusable = |reason: String| Error::LibraryUnusable { path: path.to_owned(), reason };
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let version = usize::try_from(version).map_err(|_| unusable(format!("schema version {version}")))?;
    if version > MIGRATIONS.len() {
        return Err(unusable(format!("it was made by a later version of Mailscope (schema {version})")));
    }
    for (done, step) in MIGRATIONS.iter().enumerate().skip(version) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", i64::try_from(done + 1).unwrap_or(i64::MAX))?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_versions_are_refused_and_known_ones_kept() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Path::new("x")).unwrap();
        migrate(&mut connection, Path::new("x")).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection, Path::new("x")), Err(Error::LibraryUnusable { .. })));
    }

    /// Each step finds what the steps before it leave, with rows in every table that it changes.
    #[test]
    fn accounts_of_the_first_version_are_carried_over() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(V1).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO source VALUES (1, x'01', '/a.pst', 'a.pst', 'Unicode', 'PST', 'none', 1, 1, 1, 1);
                 INSERT INTO folder (id, source_id, key, ordinal, depth, name, path, expected, hidden)
                   VALUES (5, 1, 34, 0, 0, 'Inbox', 'Inbox', 4, 0);
                 INSERT INTO failure VALUES (1, 99, 5, 0, 'torn'), (1, 98, 5, 1, 'torn');",
            )
            .unwrap();
        let items = [(11, 0, "NULL", 2), (12, 0, "NULL", 1), (13, 0, "7", 3), (14, 1, "NULL", 4)];
        for (key, recovered, gone, attachments) in items {
            let row = format!(
                "INSERT INTO item VALUES (NULL, 1, 5, {key}, 0, 0, 1, 0, '', '', '', '', '', NULL, 0, {attachments}, 0, 1, '',
                 {recovered}, {gone})"
            );
            connection.execute_batch(&row).unwrap();
        }
        migrate(&mut connection, Path::new("x")).unwrap();
        let account = |connection: &Connection| -> Vec<i64> {
            let sql =
                "SELECT items, failed, recovered, gone_items, attachments, embedded FROM folder WHERE id = 5";
            let row = |row: &rusqlite::Row<'_>| (0..6).map(|column| row.get(column)).collect();
            connection.query_row(sql, [], row).unwrap()
        };
        assert_eq!(account(&connection), [2, 1, 1, 1, 3, 2]);
        let then = |sql: &str, expected: [i64; 6]| {
            connection.execute_batch(sql).unwrap();
            assert_eq!(account(&connection), expected, "{sql}");
        };
        then("UPDATE item SET gone_at = 1 WHERE key = 11", [1, 1, 1, 2, 1, 1]);
        then("UPDATE item SET recovered = 1 WHERE key = 12", [0, 1, 2, 2, 0, 0]);
        then("UPDATE item SET recovered = 0, attachments = 9 WHERE key = 14", [1, 1, 1, 2, 9, 1]);
        then("DELETE FROM failure", [1, 0, 1, 2, 9, 1]);
        then("DELETE FROM item", [0, 0, 0, 0, 0, 0]);
    }
}
