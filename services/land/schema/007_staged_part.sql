-- Parts of a file of parcels that is larger than a message, until the last has come: one import of a village at a time.
CREATE TABLE @SCHEMA@.staged_part (
  district  text COLLATE "C" NOT NULL,
  village   text COLLATE "C" NOT NULL,
  part      integer          NOT NULL,
  import_id text COLLATE "C" NOT NULL,
  at        timestamptz      NOT NULL,
  body      bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, village, part)
);
COMMENT ON TABLE @SCHEMA@.staged_part IS 'Parts of an import of parcels that have come; the last one takes them all, or nothing; forgotten after a day';
COMMENT ON COLUMN @SCHEMA@.staged_part.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.staged_part.village IS 'Village of the parcels';
COMMENT ON COLUMN @SCHEMA@.staged_part.part IS '1, 2, 3 …';
COMMENT ON COLUMN @SCHEMA@.staged_part.import_id IS 'Token of the import';
COMMENT ON COLUMN @SCHEMA@.staged_part.at IS 'When it came';
COMMENT ON COLUMN @SCHEMA@.staged_part.body IS 'wangge.v1.ImportParcelsRequest in protobuf';
GRANT SELECT, INSERT, UPDATE, DELETE ON @SCHEMA@.staged_part TO @ROLE@;
