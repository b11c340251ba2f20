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
