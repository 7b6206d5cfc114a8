-- Bytes that stay because a record of another service names them: a pledge, a listed problem, the land of a village.
CREATE TABLE @SCHEMA@.kept (
  district text        NOT NULL,
  kind     smallint    NOT NULL,
  record   text        NOT NULL,
  sha256   text        NOT NULL CHECK (octet_length(sha256) = 64),
  ticket   bigint      NOT NULL,
  kept_by  text        NOT NULL,
  kept_at  timestamptz NOT NULL,
  PRIMARY KEY (district, kind, record, sha256)
);
CREATE INDEX kept_of_blob ON @SCHEMA@.kept (district, sha256);
COMMENT ON TABLE @SCHEMA@.kept IS 'Bytes that a record of another service names. Such records are never erased, so no row ever goes.';
COMMENT ON COLUMN @SCHEMA@.kept.district IS 'District of the record.';
COMMENT ON COLUMN @SCHEMA@.kept.kind IS 'wangge.v1.KeptKind.';
COMMENT ON COLUMN @SCHEMA@.kept.record IS 'Which record of its kind.';
COMMENT ON COLUMN @SCHEMA@.kept.sha256 IS 'The bytes.';
COMMENT ON COLUMN @SCHEMA@.kept.ticket IS 'Shows that a reader may see the record; 0: readers are told by their roles alone.';
COMMENT ON COLUMN @SCHEMA@.kept.kept_by IS 'Principal that named them in the record first.';
COMMENT ON COLUMN @SCHEMA@.kept.kept_at IS 'When.';
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.kept TO @ROLE@;
