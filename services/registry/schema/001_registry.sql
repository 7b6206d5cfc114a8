-- Tables of the registry (底册): every record with every version of it, imports that wait for their last part, and who
-- was shown personal data.
--
-- A record's content is one protobuf message (body), because there are some thirty kinds whose fields the contract
-- (proto/wangge/v1/registry.proto) defines and the service checks; what the database itself works with stands in columns:
-- the key, the newest number in the stream, and the place on the map.
--
-- PostGIS is needed, in a schema of its own called postgis. Only a superuser can create it, so ops/postgres/roles.sql
-- does; where the migration itself runs as superuser it does it here.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis') THEN
    CREATE SCHEMA IF NOT EXISTS postgis;
    CREATE EXTENSION postgis SCHEMA postgis;
    GRANT USAGE ON SCHEMA postgis TO @ROLE@;
  END IF;
  IF NOT has_schema_privilege('@ROLE@', 'postgis', 'USAGE') THEN
    RAISE insufficient_privilege;
  END IF;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR invalid_schema_name THEN
  RAISE EXCEPTION 'PostGIS in schema postgis is missing: install postgresql-15-postgis-3 and run ops/postgres/roles.sql as a superuser (%)', SQLERRM;
END $$;

CREATE TABLE @SCHEMA@.record (
  district   text COLLATE "C" NOT NULL CHECK (octet_length(district) = 6),
  kind       text COLLATE "C" NOT NULL CHECK (octet_length(kind) BETWEEN 1 AND 40),
  code       text COLLATE "C" NOT NULL CHECK (octet_length(code) BETWEEN 1 AND 128),
  version    bigint           NOT NULL CHECK (version > 0),
  seq        bigint           NOT NULL CHECK (seq > 0),
  deleted    boolean          NOT NULL,
  name       text             NOT NULL,
  geom       postgis.geometry(Geometry, 4490),
  body       bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, kind, code)
);
CREATE INDEX record_seq ON @SCHEMA@.record (seq);
CREATE INDEX record_geom ON @SCHEMA@.record USING gist (geom) WHERE NOT deleted;
COMMENT ON TABLE @SCHEMA@.record IS 'Every record as it is in force, and what is left of deleted ones';
COMMENT ON COLUMN @SCHEMA@.record.district IS 'Tenant key: 6-digit administrative code';
COMMENT ON COLUMN @SCHEMA@.record.kind IS 'Kind of record, e.g. grid: a member of wangge.v1.Record.body';
COMMENT ON COLUMN @SCHEMA@.record.code IS 'Code, unique in district and kind';
COMMENT ON COLUMN @SCHEMA@.record.version IS '1, 2, 3 … of this record; goes on when it comes back after having been deleted';
COMMENT ON COLUMN @SCHEMA@.record.seq IS 'Number of its newest event in registry.changes; moves when the event is carried forward';
COMMENT ON COLUMN @SCHEMA@.record.deleted IS 'It is gone; body is the last it was';
COMMENT ON COLUMN @SCHEMA@.record.name IS 'What people call it, for maps and for looking around; empty where the name is personal data';
COMMENT ON COLUMN @SCHEMA@.record.geom IS 'Boundary or point, CGCS2000 (EPSG:4490), longitude first; null: none known';
COMMENT ON COLUMN @SCHEMA@.record.body IS 'wangge.v1.Record in protobuf; may hold personal data';

CREATE TABLE @SCHEMA@.record_version (
  district   text COLLATE "C" NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  code       text COLLATE "C" NOT NULL,
  version    bigint           NOT NULL CHECK (version > 0),
  seq        bigint           NOT NULL CHECK (seq > 0),
  deleted    boolean          NOT NULL,
  changed_by text             NOT NULL,
  reason     text             NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024),
  changed_at timestamptz      NOT NULL,
  body       bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, kind, code, version)
);
COMMENT ON TABLE @SCHEMA@.record_version IS 'Every version of every record; the service can add to it and neither change nor delete';
COMMENT ON COLUMN @SCHEMA@.record_version.district IS 'District of the record';
COMMENT ON COLUMN @SCHEMA@.record_version.kind IS 'Kind of the record';
COMMENT ON COLUMN @SCHEMA@.record_version.code IS 'Code of the record';
COMMENT ON COLUMN @SCHEMA@.record_version.version IS '1, 2, 3 … without a gap';
COMMENT ON COLUMN @SCHEMA@.record_version.seq IS 'Number of the change in registry.changes';
COMMENT ON COLUMN @SCHEMA@.record_version.deleted IS 'With this version it was gone';
COMMENT ON COLUMN @SCHEMA@.record_version.changed_by IS 'Principal that changed it';
COMMENT ON COLUMN @SCHEMA@.record_version.reason IS 'Reason the principal gave';
COMMENT ON COLUMN @SCHEMA@.record_version.changed_at IS 'When';
COMMENT ON COLUMN @SCHEMA@.record_version.body IS 'wangge.v1.Record in protobuf; may hold personal data';

CREATE TABLE @SCHEMA@.import (
  district   text        NOT NULL CHECK (octet_length(district) = 6),
  principal  text        NOT NULL,
  import_id  text        NOT NULL CHECK (octet_length(import_id) BETWEEN 1 AND 64),
  touched_at timestamptz NOT NULL,
  answer     bytea,
  last_hash  bytea       CHECK (octet_length(last_hash) = 32),
  PRIMARY KEY (district, principal, import_id),
  CHECK ((answer IS NULL) = (last_hash IS NULL))
);
CREATE INDEX import_of_principal ON @SCHEMA@.import (principal) WHERE answer IS NULL;
COMMENT ON TABLE @SCHEMA@.import IS 'Imports in parts: those that wait for their last part, and the answers of those that ended; forgotten after an hour';
COMMENT ON COLUMN @SCHEMA@.import.district IS 'District of its records';
COMMENT ON COLUMN @SCHEMA@.import.principal IS 'Who imports';
COMMENT ON COLUMN @SCHEMA@.import.import_id IS 'Name the principal gave it';
COMMENT ON COLUMN @SCHEMA@.import.touched_at IS 'When its newest part came';
COMMENT ON COLUMN @SCHEMA@.import.answer IS 'wangge.v1.PutResponse given when it ended, for a repeat of the last part; null: has not ended';
COMMENT ON COLUMN @SCHEMA@.import.last_hash IS 'SHA-256 of the last part that was answered so';

CREATE TABLE @SCHEMA@.import_part (
  district  text   NOT NULL,
  principal text   NOT NULL,
  import_id text   NOT NULL,
  part      int    NOT NULL CHECK (part > 0),
  records   bigint NOT NULL CHECK (records > 0),
  bytes     bigint NOT NULL CHECK (bytes > 0),
  hash      bytea  NOT NULL CHECK (octet_length(hash) = 32),
  body      bytea  COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, principal, import_id, part),
  FOREIGN KEY (district, principal, import_id) REFERENCES @SCHEMA@.import ON DELETE CASCADE
);
COMMENT ON TABLE @SCHEMA@.import_part IS 'Parts of imports that did not end: nothing of them is in force';
COMMENT ON COLUMN @SCHEMA@.import_part.district IS 'The import';
COMMENT ON COLUMN @SCHEMA@.import_part.principal IS 'The import';
COMMENT ON COLUMN @SCHEMA@.import_part.import_id IS 'The import';
COMMENT ON COLUMN @SCHEMA@.import_part.part IS '1, 2, 3 …';
COMMENT ON COLUMN @SCHEMA@.import_part.records IS 'Records in it';
COMMENT ON COLUMN @SCHEMA@.import_part.bytes IS 'Size of body before compression';
COMMENT ON COLUMN @SCHEMA@.import_part.hash IS 'SHA-256 of body: tells a repeat from another content';
COMMENT ON COLUMN @SCHEMA@.import_part.body IS 'wangge.v1.PutRequest in protobuf; may hold personal data';

CREATE TABLE @SCHEMA@.personal_access (
  district  text        NOT NULL,
  access_id bigint      GENERATED ALWAYS AS IDENTITY,
  kind      text        NOT NULL,
  code      text        NOT NULL,
  version   bigint      NOT NULL,
  viewed_by text        NOT NULL,
  reason    text        NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024),
  viewed_at timestamptz NOT NULL,
  PRIMARY KEY (district, access_id)
);
CREATE INDEX personal_access_of_record ON @SCHEMA@.personal_access (district, kind, code);
COMMENT ON TABLE @SCHEMA@.personal_access IS 'Every time personal data were shown whole; written in the transaction that reads them';
COMMENT ON COLUMN @SCHEMA@.personal_access.district IS 'District of the record';
COMMENT ON COLUMN @SCHEMA@.personal_access.access_id IS 'Tells rows apart; says nothing of their order';
COMMENT ON COLUMN @SCHEMA@.personal_access.kind IS 'Kind of the record';
COMMENT ON COLUMN @SCHEMA@.personal_access.code IS 'Code of the record';
COMMENT ON COLUMN @SCHEMA@.personal_access.version IS 'Version that was shown';
COMMENT ON COLUMN @SCHEMA@.personal_access.viewed_by IS 'Principal it was shown to';
COMMENT ON COLUMN @SCHEMA@.personal_access.reason IS 'Reason the principal gave';
COMMENT ON COLUMN @SCHEMA@.personal_access.viewed_at IS 'When';

-- The stream holds the newest state of every record: partitions are dropped only after it was carried forward. They are
-- small, so that whoever reads from the start does not read years of changes.
INSERT INTO @SCHEMA@.log_stream (name, retention_days, partition_events, keep_from)
VALUES ('registry.changes', 30, 100000, 1);

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.record TO @ROLE@;
GRANT SELECT, INSERT ON @SCHEMA@.record_version, @SCHEMA@.personal_access TO @ROLE@;
GRANT SELECT, INSERT, UPDATE, DELETE ON @SCHEMA@.import, @SCHEMA@.import_part TO @ROLE@;
