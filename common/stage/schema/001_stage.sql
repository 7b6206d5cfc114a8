-- How far this service has taken in each stream it consumes, written in the same transaction as the effects.

CREATE TABLE @SCHEMA@.position (
  stream text PRIMARY KEY,
  seq    bigint NOT NULL CHECK (seq >= 0),
  at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE  @SCHEMA@.position IS 'Number of the newest event of an upstream stream whose effects are committed here';
COMMENT ON COLUMN @SCHEMA@.position.stream IS 'Upstream stream, e.g. intake.orders';
COMMENT ON COLUMN @SCHEMA@.position.seq IS 'Newest number taken in; 0: none yet';
COMMENT ON COLUMN @SCHEMA@.position.at IS 'When it moved last';

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.position TO @ROLE@;
