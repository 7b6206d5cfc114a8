-- Tables of the land ledger (土地底数台账): the chain of entries of each village and what it leaves behind.
--
-- ledger_entry, ledger_tile and record_version are only ever added to: the service's role has INSERT and SELECT on them and
-- nothing else, which is what keeps them so; there are no triggers. record is the projection: the newest version of every
-- record, which `wangge land verify projection` compares with a replay of the entries. Whoever owns the database can
-- rewrite all of it: copies outside (posted sheets, checkpoints) prove what was.
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

CREATE TABLE @SCHEMA@.village_head (
  district  text COLLATE "C" NOT NULL,
  village   text COLLATE "C" NOT NULL CHECK (octet_length(village) = 12 AND left(village, 6) = district),
  size      bigint           NOT NULL CHECK (size > 0),
  last_at   timestamptz      NOT NULL,
  last_hash bytea            NOT NULL CHECK (octet_length(last_hash) = 32),
  peaks     bytea            NOT NULL CHECK (octet_length(peaks) % 32 = 0),
  PRIMARY KEY (district, village)
);
COMMENT ON TABLE @SCHEMA@.village_head IS 'Where the ledger of each village ends; its row is the lock of the village';
COMMENT ON COLUMN @SCHEMA@.village_head.district IS 'Tenant key: 6-digit administrative code';
COMMENT ON COLUMN @SCHEMA@.village_head.village IS '12 digits: county 6, town 3, village 3';
COMMENT ON COLUMN @SCHEMA@.village_head.size IS 'Number of entries; the next one has this number';
COMMENT ON COLUMN @SCHEMA@.village_head.last_at IS 'When the last entry was made';
COMMENT ON COLUMN @SCHEMA@.village_head.last_hash IS 'Leaf hash of the last entry: what the next one is chained to';
COMMENT ON COLUMN @SCHEMA@.village_head.peaks IS 'Roots of the perfect trees of the RFC 6962 tree, largest first, 32 bytes each';

CREATE TABLE @SCHEMA@.ledger_entry (
  district       text COLLATE "C" NOT NULL,
  village        text COLLATE "C" NOT NULL,
  seq            bigint           NOT NULL CHECK (seq >= 0),
  kind           text             NOT NULL,
  at             timestamptz      NOT NULL,
  actor          text             NOT NULL,
  payload        bytea COMPRESSION lz4 NOT NULL,
  payload_sha256 bytea            NOT NULL CHECK (octet_length(payload_sha256) = 32),
  prev_hash      bytea            NOT NULL CHECK (octet_length(prev_hash) = 32),
  leaf_hash      bytea            NOT NULL CHECK (octet_length(leaf_hash) = 32),
  PRIMARY KEY (district, village, seq)
);
COMMENT ON TABLE @SCHEMA@.ledger_entry IS 'The ledger: one row for every write; the service can add to it and neither change nor delete';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.village IS 'Village of the ledger';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.seq IS '0, 1, 2 … without a gap';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.kind IS 'What was done, e.g. put_party';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.at IS 'When, by the server''s clock';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.actor IS 'Principal that did it';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.payload IS 'wangge.v1.LandEntry in protobuf, exactly as hashed';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.payload_sha256 IS 'SHA-256 of payload';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.prev_hash IS 'leaf_hash of the entry before; zeros for the first';
COMMENT ON COLUMN @SCHEMA@.ledger_entry.leaf_hash IS 'RFC 6962 leaf hash of the entry (services/land/ledger/entry.h)';

CREATE TABLE @SCHEMA@.ledger_tile (
  district text COLLATE "C" NOT NULL,
  village  text COLLATE "C" NOT NULL,
  level    smallint         NOT NULL CHECK (level BETWEEN 1 AND 7),
  number   bigint           NOT NULL CHECK (number >= 0),
  hash     bytea            NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (district, village, level, number)
);
COMMENT ON TABLE @SCHEMA@.ledger_tile IS 'Roots of full runs of 256^level leaves, for proofs; only added to';
COMMENT ON COLUMN @SCHEMA@.ledger_tile.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.ledger_tile.village IS 'Village of the ledger';
COMMENT ON COLUMN @SCHEMA@.ledger_tile.level IS '1: of 256 leaves, 2: of 65,536 …';
COMMENT ON COLUMN @SCHEMA@.ledger_tile.number IS 'Which run of its level, from 0';
COMMENT ON COLUMN @SCHEMA@.ledger_tile.hash IS 'Root of the run';

CREATE TABLE @SCHEMA@.record (
  district   text COLLATE "C" NOT NULL,
  village    text COLLATE "C" NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  id         text COLLATE "C" NOT NULL CHECK (octet_length(id) BETWEEN 1 AND 64),
  version    bigint           NOT NULL CHECK (version > 0),
  entry_seq  bigint           NOT NULL CHECK (entry_seq >= 0),
  ended      boolean          NOT NULL,
  state      text             NOT NULL,
  name       text             NOT NULL,
  due_on     date,
  geom       postgis.geometry(Geometry, 4490),
  attributes jsonb            NOT NULL,
  body       bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, village, kind, id)
);
CREATE INDEX record_due ON @SCHEMA@.record (due_on) WHERE due_on IS NOT NULL;
CREATE INDEX record_geom ON @SCHEMA@.record USING gist (geom) WHERE NOT ended;
COMMENT ON TABLE @SCHEMA@.record IS 'Newest version of every record: what the entries leave behind';
COMMENT ON COLUMN @SCHEMA@.record.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.record.village IS 'Village it belongs to';
COMMENT ON COLUMN @SCHEMA@.record.kind IS 'Kind: a member of wangge.v1.LandRecord.body, e.g. parcel';
COMMENT ON COLUMN @SCHEMA@.record.id IS 'Unique in village and kind';
COMMENT ON COLUMN @SCHEMA@.record.version IS '1, 2, 3 …';
COMMENT ON COLUMN @SCHEMA@.record.entry_seq IS 'Entry of the village''s ledger that made this version';
COMMENT ON COLUMN @SCHEMA@.record.ended IS 'No longer in force';
COMMENT ON COLUMN @SCHEMA@.record.state IS 'State of the body in lower case; empty where the kind has none';
COMMENT ON COLUMN @SCHEMA@.record.name IS 'What people call it; empty where it has no name';
COMMENT ON COLUMN @SCHEMA@.record.due_on IS 'Next civil day on which time itself does something to it; null: never';
COMMENT ON COLUMN @SCHEMA@.record.geom IS 'CGCS2000 (EPSG:4490), longitude first; null: it has no place';
COMMENT ON COLUMN @SCHEMA@.record.attributes IS 'Single values of the body by field name, for the views of GIS users';
COMMENT ON COLUMN @SCHEMA@.record.body IS 'wangge.v1.LandRecord in protobuf';

CREATE TABLE @SCHEMA@.record_version (
  district  text COLLATE "C" NOT NULL,
  village   text COLLATE "C" NOT NULL,
  kind      text COLLATE "C" NOT NULL,
  id        text COLLATE "C" NOT NULL,
  version   bigint           NOT NULL,
  entry_seq bigint           NOT NULL,
  PRIMARY KEY (district, village, kind, id, version)
);
COMMENT ON TABLE @SCHEMA@.record_version IS 'Which entry holds which version of a record; only added to';
COMMENT ON COLUMN @SCHEMA@.record_version.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.record_version.village IS 'The record';
COMMENT ON COLUMN @SCHEMA@.record_version.kind IS 'The record';
COMMENT ON COLUMN @SCHEMA@.record_version.id IS 'The record';
COMMENT ON COLUMN @SCHEMA@.record_version.version IS '1, 2, 3 … of the record';
COMMENT ON COLUMN @SCHEMA@.record_version.entry_seq IS 'The entry';

CREATE TABLE @SCHEMA@.sealed (
  district  text  COLLATE "C" NOT NULL,
  village   text  COLLATE "C" NOT NULL,
  commit    bytea NOT NULL CHECK (octet_length(commit) = 32),
  kind      text  NOT NULL,
  salt      bytea NOT NULL CHECK (octet_length(salt) = 32),
  value     text  NOT NULL,
  PRIMARY KEY (district, village, commit)
);
COMMENT ON TABLE @SCHEMA@.sealed IS 'Personal values that the ledger holds commitments of; erased by deleting the row';
COMMENT ON COLUMN @SCHEMA@.sealed.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.sealed.village IS 'Village of the record';
COMMENT ON COLUMN @SCHEMA@.sealed.commit IS 'SHA-256 of salt and value, as in the record';
COMMENT ON COLUMN @SCHEMA@.sealed.kind IS 'id_number, phone';
COMMENT ON COLUMN @SCHEMA@.sealed.salt IS 'Random, so that the value cannot be guessed from the commitment';
COMMENT ON COLUMN @SCHEMA@.sealed.value IS 'The personal value';

CREATE TABLE @SCHEMA@.sealed_access (
  district  text        NOT NULL,
  access_id bigint      GENERATED ALWAYS AS IDENTITY,
  village   text        NOT NULL,
  commit    bytea       NOT NULL,
  viewed_by text        NOT NULL,
  reason    text        NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024),
  viewed_at timestamptz NOT NULL,
  PRIMARY KEY (district, access_id)
);
COMMENT ON TABLE @SCHEMA@.sealed_access IS 'Every time a sealed value was shown; written in the transaction that reads it';
COMMENT ON COLUMN @SCHEMA@.sealed_access.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.sealed_access.access_id IS 'Tells rows apart; says nothing of their order';
COMMENT ON COLUMN @SCHEMA@.sealed_access.village IS 'Village of the value';
COMMENT ON COLUMN @SCHEMA@.sealed_access.commit IS 'The value';
COMMENT ON COLUMN @SCHEMA@.sealed_access.viewed_by IS 'Principal it was shown to';
COMMENT ON COLUMN @SCHEMA@.sealed_access.reason IS 'Reason the principal gave';
COMMENT ON COLUMN @SCHEMA@.sealed_access.viewed_at IS 'When';

CREATE TABLE @SCHEMA@.submission (
  district text COLLATE "C" NOT NULL,
  village  text COLLATE "C" NOT NULL,
  key      text COLLATE "C" NOT NULL,
  request  bytea       NOT NULL CHECK (octet_length(request) = 32),
  reply    bytea       COMPRESSION lz4 NOT NULL,
  at       timestamptz NOT NULL,
  PRIMARY KEY (district, village, key)
);
CREATE INDEX submission_at ON @SCHEMA@.submission (at);
COMMENT ON TABLE @SCHEMA@.submission IS 'Answers by idempotency key, so that a submission sent again is answered alike; forgotten after 90 days';
COMMENT ON COLUMN @SCHEMA@.submission.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.submission.village IS 'Village of the write';
COMMENT ON COLUMN @SCHEMA@.submission.key IS 'Idempotency key the device made';
COMMENT ON COLUMN @SCHEMA@.submission.request IS 'SHA-256 of caller, method and request';
COMMENT ON COLUMN @SCHEMA@.submission.reply IS 'wangge.v1.LandReply in protobuf; of a large write without its records';
COMMENT ON COLUMN @SCHEMA@.submission.at IS 'When it was answered';

GRANT SELECT, INSERT ON @SCHEMA@.ledger_entry, @SCHEMA@.ledger_tile, @SCHEMA@.record_version, @SCHEMA@.sealed_access TO @ROLE@;
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.village_head, @SCHEMA@.record TO @ROLE@;
GRANT SELECT, INSERT, DELETE ON @SCHEMA@.sealed, @SCHEMA@.submission TO @ROLE@;
