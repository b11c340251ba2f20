-- Items are found by what other programs call them.
CREATE INDEX link_mih ON link (mih) WHERE mih IS NOT NULL;
