-- How far topics have come is read from topic_index, which every batch writes anyway: their rows of head are not moved any
-- more. In batches of a few events these rows took a tenth of what PostgreSQL did. A row of a topic now holds what is gone
-- with dropped partitions (or stood there before); the row of a stream is moved by each batch, as ever.
COMMENT ON COLUMN @SCHEMA@.head.seq IS
  'Of a stream: number of the newest event, 0 before the first. Of a topic: its newest number among dropped partitions; the newest of all is the greater of this and topic_index';

-- A statement that finds the row elsewhere than its writer left it fails here, on the server: COMMIT can follow it without
-- waiting for an answer.
CREATE FUNCTION @SCHEMA@.log_two_writers(p_what text, p_found bigint, p_expected bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RAISE EXCEPTION 'two writers: % stands at %, this writer left it at %', p_what, p_found, p_expected USING ERRCODE = 'WG001';
END $$;
COMMENT ON FUNCTION @SCHEMA@.log_two_writers(text, bigint, bigint) IS 'Fails: somebody else has moved what only the writer moves';
REVOKE ALL ON FUNCTION @SCHEMA@.log_two_writers(text, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @SCHEMA@.log_two_writers(text, bigint, bigint) TO @ROLE@;

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
    -- What the partition alone knows: a topic goes on behind it, also when nothing came to it since.
    INSERT INTO head AS h (stream, topic, seq, at)
    SELECT p_stream, t.topic, max(t.first_n + cardinality(t.seqs) - 1), last_at FROM topic_index t
    WHERE t.stream = p_stream AND t.first_seq >= part.first_seq AND t.first_seq < part.end_seq GROUP BY t.topic
    ON CONFLICT (stream, topic) DO UPDATE SET seq = greatest(h.seq, excluded.seq), at = excluded.at;
    EXECUTE format('DROP TABLE %I, %I', 'topic_index_' || child || '_' || part.first_seq,
                   'segment_' || child || '_' || part.first_seq);
    DELETE FROM log_partition WHERE stream = p_stream AND first_seq = part.first_seq;
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
