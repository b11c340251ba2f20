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
