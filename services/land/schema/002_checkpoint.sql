-- Checkpoints of the ledger that were kept: of villages, and of districts as trees over their villages. Only added to, as the
-- entries are; what proves anything are the copies that others keep.
CREATE TABLE @SCHEMA@.checkpoint (
  district text COLLATE "C" NOT NULL,
  origin   text COLLATE "C" NOT NULL CHECK (octet_length(origin) BETWEEN 1 AND 64),
  size     bigint           NOT NULL CHECK (size > 0),
  village  text COLLATE "C" CHECK (octet_length(village) = 12 AND left(village, 6) = district),
  root     bytea            NOT NULL CHECK (octet_length(root) = 32),
  made_at  timestamptz      NOT NULL,
  note     text             NOT NULL,
  PRIMARY KEY (district, origin, size)
);
CREATE INDEX checkpoint_village ON @SCHEMA@.checkpoint (district, village, made_at DESC);
COMMENT ON TABLE @SCHEMA@.checkpoint IS 'Signed checkpoints of ledgers that were kept, one a size of an origin';
COMMENT ON COLUMN @SCHEMA@.checkpoint.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.checkpoint.origin IS 'wangge-land/<village>, or wangge-land/<district>/<day> for a district as a whole';
COMMENT ON COLUMN @SCHEMA@.checkpoint.size IS 'Entries of the village; of a district: villages';
COMMENT ON COLUMN @SCHEMA@.checkpoint.village IS 'Village; null: of the district as a whole';
COMMENT ON COLUMN @SCHEMA@.checkpoint.root IS 'Root of the RFC 6962 tree';
COMMENT ON COLUMN @SCHEMA@.checkpoint.made_at IS 'When it was signed';
COMMENT ON COLUMN @SCHEMA@.checkpoint.note IS 'Signed note (C2SP signed-note): origin, size, root, Ed25519 signature';

GRANT SELECT, INSERT ON @SCHEMA@.checkpoint TO @ROLE@;
