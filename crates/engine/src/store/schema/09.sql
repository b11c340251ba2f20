-- Minutes east of UTC of the sender's clock; null where the message does not tell it.
ALTER TABLE item ADD COLUMN sender_zone INTEGER;
-- Items of which only the row of a table is left (`reading` is -1) are counted by folder, and few.
CREATE INDEX item_partial ON item (folder_id) WHERE reading = -1 AND gone_at IS NULL;
