-- What the items of a source were as of a batch, packed (see `store::known`), so that an import finds all of them in one piece.
-- Derived from `item`: what changed since has a later batch there.
CREATE TABLE known (
  source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  items BLOB NOT NULL,
  PRIMARY KEY (source_id, ordinal)
);
