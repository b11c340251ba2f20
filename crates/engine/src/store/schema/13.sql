-- What comes is added to its folder's account with the batch (see `store::write::comings`), not with each row: a statement that sets
-- off a trigger can fail half way, and SQLite keeps a copy of every page that it changes.
DROP TRIGGER item_comes;
