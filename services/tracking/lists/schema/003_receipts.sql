-- A used token goes, and nothing that is written with an answer can be joined to it: its row, changed in the transaction of
-- the answer, would tell by that transaction (xmin) which texts and counts came with it. What lets the same answer come again after a
-- lost reply is a hash that also holds a number of the caller's making, which whoever issued the token does not know.
CREATE TABLE @SCHEMA@.list_receipt (
  district text COLLATE "C" NOT NULL,
  code     text COLLATE "C" NOT NULL,
  hash     bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (district, code, hash)
);
COMMENT ON TABLE @SCHEMA@.list_receipt IS 'Answers that may come again; cannot be joined to tokens';
COMMENT ON COLUMN @SCHEMA@.list_receipt.district IS 'District of the questionnaire';
COMMENT ON COLUMN @SCHEMA@.list_receipt.code IS 'The questionnaire';
COMMENT ON COLUMN @SCHEMA@.list_receipt.hash IS 'Hash of the answer and of the caller''s request_id, keyed by the service''s secret and the token';
DELETE FROM @SCHEMA@.list_token WHERE used IS NOT NULL;
ALTER TABLE @SCHEMA@.list_token DROP COLUMN used;
COMMENT ON TABLE @SCHEMA@.list_token IS 'One-time tokens of questionnaires that are not used; says nothing about who has one';
GRANT SELECT, INSERT ON @SCHEMA@.list_receipt TO @ROLE@;
GRANT DELETE ON @SCHEMA@.list_token TO @ROLE@;
