-- The batch of the item's row that the link was made from, where it was written with it: the row itself need not be looked at again.
-- All such links are made in the way that `link_state` tells.
ALTER TABLE link ADD COLUMN batch INTEGER NOT NULL DEFAULT -1;
UPDATE link_state SET rule = 1 WHERE rule = 0;
