-- What this service keeps of the registry's records, so that it works, and starts, while the registry is away.
-- Filled from the stream registry.changes; a record's newest version wins, in whatever order versions come.

CREATE TABLE @SCHEMA@.replica (
  district text   NOT NULL CHECK (district <> ''),
  kind     text   NOT NULL CHECK (kind <> ''),
  code     text   NOT NULL CHECK (code <> ''),
  version  bigint NOT NULL CHECK (version > 0),
  body     bytea COMPRESSION lz4,
  PRIMARY KEY (district, kind, code)
);
COMMENT ON TABLE  @SCHEMA@.replica IS 'Newest known state of each record of the registry that this service is built on';
COMMENT ON COLUMN @SCHEMA@.replica.district IS 'District code, 6 digits';
COMMENT ON COLUMN @SCHEMA@.replica.kind IS 'Kind of record, e.g. department';
COMMENT ON COLUMN @SCHEMA@.replica.code IS 'Code of the record, unique in district and kind';
COMMENT ON COLUMN @SCHEMA@.replica.version IS 'Version of the record as the registry counts it';
COMMENT ON COLUMN @SCHEMA@.replica.body IS 'wangge.v1.Record; null: deleted in this version, kept so that no older version comes back';

CREATE TABLE @SCHEMA@.replica_state (
  one         boolean PRIMARY KEY DEFAULT true CHECK (one),
  kinds       text[] NOT NULL,
  complete_at timestamptz
);
COMMENT ON TABLE  @SCHEMA@.replica_state IS 'One row: what the replica is to hold and whether it holds all of it';
COMMENT ON COLUMN @SCHEMA@.replica_state.one IS 'Keeps it at one row';
COMMENT ON COLUMN @SCHEMA@.replica_state.kinds IS 'Kinds that are kept; a kind that is new to the program has the stream read from its start again';
COMMENT ON COLUMN @SCHEMA@.replica_state.complete_at IS 'When the newest change of the stream had been reached for the first time; null: not yet, and the service waits';

GRANT SELECT, INSERT, UPDATE, DELETE ON @SCHEMA@.replica TO @ROLE@;
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.replica_state TO @ROLE@;
