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
