-- Few items are either of these; a search for them need not look at the others.
CREATE INDEX item_gone ON item (id) WHERE gone_at IS NOT NULL;
CREATE INDEX item_recovered ON item (id) WHERE recovered = 1 AND gone_at IS NULL;
