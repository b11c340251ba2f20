-- Items by what other programs call them: `mih` of their links, as of the batch that `link_state` tells. A table, and not an index
-- of links: it is filled behind an import in the order of the hashes, where an index would be written anywhere with each item.
CREATE TABLE message_hash (
  mih BLOB NOT NULL,
  item_id INTEGER NOT NULL,
  PRIMARY KEY (mih, item_id)
) WITHOUT ROWID;
INSERT INTO message_hash SELECT mih, item_id FROM link WHERE mih IS NOT NULL ORDER BY mih, item_id;
DROP INDEX link_mih;
CREATE TRIGGER link_removed AFTER DELETE ON link WHEN OLD.mih IS NOT NULL BEGIN
  DELETE FROM message_hash WHERE mih = OLD.mih AND item_id = OLD.item_id;
END;
CREATE TRIGGER link_renamed AFTER UPDATE OF mih ON link WHEN OLD.mih IS NOT NULL AND OLD.mih IS NOT NEW.mih BEGIN
  DELETE FROM message_hash WHERE mih = OLD.mih AND item_id = OLD.item_id;
END;
-- Nothing looks recipients up by person: the index of the text finds people.
DROP INDEX recipient_person;
