-- Which clocks the cases that wait for time were looked at with: other ones begin a walk through them.
CREATE TABLE @SCHEMA@.clocks_applied (
  only_row boolean     PRIMARY KEY CHECK (only_row),
  digest   bytea       NOT NULL CHECK (octet_length(digest) = 32),
  at       timestamptz NOT NULL
);
COMMENT ON TABLE @SCHEMA@.clocks_applied IS 'The clocks (setting clocks) that all cases know of; one row, or none before the first walk';
COMMENT ON COLUMN @SCHEMA@.clocks_applied.only_row IS 'Keeps it at one row';
COMMENT ON COLUMN @SCHEMA@.clocks_applied.digest IS 'SHA-256 of the clocks as read';
COMMENT ON COLUMN @SCHEMA@.clocks_applied.at IS 'When the walk ended';
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.clocks_applied TO @ROLE@;
