-- Nothing is ever looked for by these columns, so nothing has to be known of how their values spread: ANALYZE spent half of its
-- time on sorting them, in bursts that everybody waited for.
ALTER TABLE @SCHEMA@.assignment
  ALTER reason SET STATISTICS 0, ALTER evidence SET STATISTICS 0, ALTER received SET STATISTICS 0,
  ALTER rule_version SET STATISTICS 0, ALTER place_name SET STATISTICS 0, ALTER place_evidence SET STATISTICS 0;
