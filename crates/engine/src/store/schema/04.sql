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
