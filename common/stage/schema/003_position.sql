-- Every batch moves positions: a CHECK would be parsed and prepared anew in each (see common/stream/schema/003_checks.sql).
ALTER TABLE @SCHEMA@.position DROP CONSTRAINT position_seq_check;
