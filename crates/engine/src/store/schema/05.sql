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
