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
