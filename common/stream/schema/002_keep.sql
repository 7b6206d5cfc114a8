-- Streams that always hold the newest state of every record: what is still needed of the oldest partition is appended
-- again by the service before retention may drop it.
ALTER TABLE @SCHEMA@.log_stream ADD COLUMN keep_from bigint CHECK (keep_from > 0);
COMMENT ON COLUMN @SCHEMA@.log_stream.keep_from IS
  'Events from this number on are kept whatever their age: the service has not yet carried forward what is needed of them. Null: retention alone decides';

-- log_carry_next gives the newest number of the oldest partition that only keep_from holds back; null: none.
CREATE FUNCTION @SCHEMA@.log_carry_next(p_stream text) RETURNS bigint
LANGUAGE sql STABLE SET search_path = @SCHEMA@, pg_temp AS $$
  SELECT g.first_seq + g.n - 1
  FROM log_stream s
  JOIN head h ON h.stream = s.name AND h.topic = ''
  CROSS JOIN LATERAL (SELECT first_seq, end_seq FROM log_partition
                      WHERE stream = s.name AND end_seq <= h.seq ORDER BY first_seq LIMIT 1) p
  CROSS JOIN LATERAL (SELECT first_seq, n, at FROM segment
                      WHERE stream = s.name AND first_seq >= p.first_seq AND first_seq < p.end_seq
                      ORDER BY first_seq DESC LIMIT 1) g
  WHERE s.name = p_stream AND g.first_seq + g.n - 1 >= s.keep_from
    AND g.at <= now() - make_interval(days => s.retention_days)
$$;
COMMENT ON FUNCTION @SCHEMA@.log_carry_next(text) IS
  'Newest number of the oldest partition that is held back only because it was not carried forward';

CREATE OR REPLACE FUNCTION @SCHEMA@.log_partitions_drop(p_stream text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
  child    text := replace(p_stream, '.', '_');
  keep     int;
  keep_seq bigint;
  newest   bigint;
  part     record;
  last_seq bigint;
  last_at  timestamptz;
  dropped  int := 0;
BEGIN
  SELECT retention_days, keep_from INTO keep, keep_seq FROM log_stream WHERE name = p_stream FOR UPDATE;
  SELECT seq INTO newest FROM head WHERE stream = p_stream AND topic = '';
  IF keep IS NULL OR newest IS NULL THEN
    RETURN 0;
  END IF;
  FOR part IN SELECT first_seq, end_seq FROM log_partition WHERE stream = p_stream AND end_seq <= newest
              ORDER BY first_seq LOOP
    SELECT first_seq + n - 1, at INTO last_seq, last_at FROM segment
    WHERE stream = p_stream AND first_seq >= part.first_seq AND first_seq < part.end_seq
    ORDER BY first_seq DESC LIMIT 1;
    EXIT WHEN last_at > now() - make_interval(days => keep);
    EXIT WHEN last_seq >= keep_seq;
    LOCK TABLE consumer IN SHARE MODE;
    EXIT WHEN EXISTS (SELECT FROM consumer WHERE stream = p_stream AND topic = '' AND acked < last_seq);
    EXIT WHEN EXISTS (SELECT FROM consumer c JOIN topic_index t ON t.stream = c.stream AND t.topic = c.topic
                      WHERE c.stream = p_stream AND c.topic <> '' AND t.first_seq >= part.first_seq
                        AND t.first_seq < part.end_seq AND t.first_n + cardinality(t.seqs) - 1 > c.acked);
    EXECUTE format('DROP TABLE %I, %I', 'topic_index_' || child || '_' || part.first_seq,
                   'segment_' || child || '_' || part.first_seq);
    DELETE FROM log_partition WHERE stream = p_stream AND first_seq = part.first_seq;
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION @SCHEMA@.log_carry_next(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @SCHEMA@.log_carry_next(text) TO @ROLE@;
GRANT UPDATE (keep_from) ON @SCHEMA@.log_stream TO @ROLE@;
