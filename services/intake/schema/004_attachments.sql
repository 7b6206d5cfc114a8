-- The attachment store: bytes by their SHA-256, once in a district. They lie in the database, so that a commit, a backup and a
-- standby hold them like everything else.

CREATE TABLE @SCHEMA@.upload (
  district   text        NOT NULL,
  upload_id  bigint      GENERATED ALWAYS AS IDENTITY,
  sha256     text        NOT NULL CHECK (octet_length(sha256) = 64),
  put_by     text        NOT NULL,
  media_type text        NOT NULL,
  size_bytes bigint      NOT NULL CHECK (size_bytes > 0),
  received   bigint      NOT NULL CHECK (received BETWEEN 0 AND size_bytes),
  touched_at timestamptz NOT NULL,
  PRIMARY KEY (district, upload_id),
  UNIQUE (district, sha256, put_by)
);
CREATE INDEX upload_under_way ON @SCHEMA@.upload (district, put_by) WHERE received < size_bytes;
CREATE INDEX upload_touched ON @SCHEMA@.upload (touched_at);
COMMENT ON TABLE @SCHEMA@.upload IS 'Who brought which bytes; received < size_bytes: not all of them yet.';
COMMENT ON COLUMN @SCHEMA@.upload.district IS 'District for which they were brought.';
COMMENT ON COLUMN @SCHEMA@.upload.upload_id IS 'Tells uploads apart.';
COMMENT ON COLUMN @SCHEMA@.upload.sha256 IS 'SHA-256 of the bytes, lower-case hex, as the uploader says until they are complete.';
COMMENT ON COLUMN @SCHEMA@.upload.put_by IS 'Principal that brought them.';
COMMENT ON COLUMN @SCHEMA@.upload.media_type IS 'What they are, as the uploader says until they are complete.';
COMMENT ON COLUMN @SCHEMA@.upload.size_bytes IS 'How many they are.';
COMMENT ON COLUMN @SCHEMA@.upload.received IS 'How many have come.';
COMMENT ON COLUMN @SCHEMA@.upload.touched_at IS 'Last time the uploader spoke of it: the grace period counts from here.';

CREATE TABLE @SCHEMA@.piece (
  district  text   NOT NULL,
  upload_id bigint NOT NULL,
  at_byte   bigint NOT NULL CHECK (at_byte >= 0),
  data      bytea  NOT NULL CHECK (octet_length(data) BETWEEN 1 AND 1048576),
  PRIMARY KEY (district, upload_id, at_byte),
  FOREIGN KEY (district, upload_id) REFERENCES @SCHEMA@.upload ON DELETE CASCADE
);
ALTER TABLE @SCHEMA@.piece ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE @SCHEMA@.piece IS 'The bytes, as they came.';
COMMENT ON COLUMN @SCHEMA@.piece.district IS 'District of the upload.';
COMMENT ON COLUMN @SCHEMA@.piece.upload_id IS 'The upload.';
COMMENT ON COLUMN @SCHEMA@.piece.at_byte IS 'Place of its first byte.';
COMMENT ON COLUMN @SCHEMA@.piece.data IS 'At most a MiB; not compressed again.';

CREATE TABLE @SCHEMA@.blob (
  district   text   NOT NULL,
  sha256     text   NOT NULL CHECK (octet_length(sha256) = 64),
  upload_id  bigint NOT NULL,
  media_type text   NOT NULL,
  size_bytes bigint NOT NULL,
  PRIMARY KEY (district, sha256),
  FOREIGN KEY (district, upload_id) REFERENCES @SCHEMA@.upload ON DELETE CASCADE
);
CREATE INDEX blob_of_upload ON @SCHEMA@.blob (district, upload_id);
COMMENT ON TABLE @SCHEMA@.blob IS 'Bytes that are complete, have this hash and are of this type: all checked.';
COMMENT ON COLUMN @SCHEMA@.blob.district IS 'District.';
COMMENT ON COLUMN @SCHEMA@.blob.sha256 IS 'SHA-256 of the bytes, lower-case hex.';
COMMENT ON COLUMN @SCHEMA@.blob.upload_id IS 'The upload whose pieces hold them, the first that was complete.';
COMMENT ON COLUMN @SCHEMA@.blob.media_type IS 'What they are.';
COMMENT ON COLUMN @SCHEMA@.blob.size_bytes IS 'How many they are.';

CREATE TABLE @SCHEMA@.evidence (
  district text        NOT NULL,
  order_id bigint      NOT NULL,
  sha256   text        NOT NULL CHECK (octet_length(sha256) = 64),
  put_by   text        NOT NULL,
  put_at   timestamptz NOT NULL,
  PRIMARY KEY (district, order_id, sha256, put_by),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.orders
);
CREATE INDEX evidence_of_blob ON @SCHEMA@.evidence (district, sha256);
CREATE INDEX attachment_of_blob ON @SCHEMA@.attachment (district, sha256);
COMMENT ON TABLE @SCHEMA@.evidence IS 'Bytes that were brought for an order after it was pushed (反馈佐证).';
COMMENT ON COLUMN @SCHEMA@.evidence.district IS 'District of the order.';
COMMENT ON COLUMN @SCHEMA@.evidence.order_id IS 'The order.';
COMMENT ON COLUMN @SCHEMA@.evidence.sha256 IS 'The bytes.';
COMMENT ON COLUMN @SCHEMA@.evidence.put_by IS 'Principal that brought them.';
COMMENT ON COLUMN @SCHEMA@.evidence.put_at IS 'When.';
COMMENT ON TABLE @SCHEMA@.attachment IS 'Evidence of an order by hash; the bytes come by PutAttachment, before or after.';

GRANT SELECT, INSERT, UPDATE, DELETE ON @SCHEMA@.upload TO @ROLE@;
GRANT SELECT, INSERT, DELETE ON @SCHEMA@.piece, @SCHEMA@.blob TO @ROLE@;
GRANT SELECT, INSERT ON @SCHEMA@.evidence TO @ROLE@;
