-- The durable log of the streams this service publishes, its consumers and its dead letters.
--
-- One writer at a time (advisory lock held by the writing connection). Numbers come from the locked rows of `head`, so
-- commit order is number order. The service may append and read; whole partitions are made and dropped only by the two
-- functions at the end, which belong to the owner and check for themselves what may go.
GRANT USAGE ON SCHEMA @SCHEMA@ TO @ROLE@;

CREATE TABLE @SCHEMA@.log_stream (
  name             text PRIMARY KEY CHECK (name ~ '^[a-z0-9._-]{1,30}$'),
  retention_days   int NOT NULL CHECK (retention_days >= 0),
  partition_events bigint NOT NULL DEFAULT 1000000 CHECK (partition_events > 0),
  declared_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE  @SCHEMA@.log_stream IS 'Streams this service publishes, declared by the service at its first start';
COMMENT ON COLUMN @SCHEMA@.log_stream.name IS 'Name of the stream, e.g. routing.dispatch; short, because table names are made of it';
COMMENT ON COLUMN @SCHEMA@.log_stream.retention_days IS 'Segments younger than this are kept in any case. The service can lengthen it, only the owner can shorten it';
COMMENT ON COLUMN @SCHEMA@.log_stream.partition_events IS 'Numbers per partition; a change holds for partitions not made yet';
COMMENT ON COLUMN @SCHEMA@.log_stream.declared_at IS 'When the stream was declared first';

CREATE TABLE @SCHEMA@.log_partition (
  stream    text NOT NULL REFERENCES @SCHEMA@.log_stream (name),
  first_seq bigint NOT NULL CHECK (first_seq > 0),
  end_seq   bigint NOT NULL CHECK (end_seq > first_seq),
  PRIMARY KEY (stream, first_seq)
);
COMMENT ON TABLE  @SCHEMA@.log_partition IS 'Partitions of segment and topic_index that exist';
COMMENT ON COLUMN @SCHEMA@.log_partition.stream IS 'Stream it belongs to';
COMMENT ON COLUMN @SCHEMA@.log_partition.first_seq IS 'Segments whose first number is at least this lie in it';
COMMENT ON COLUMN @SCHEMA@.log_partition.end_seq IS 'Segments whose first number is at least this lie in a later one';

CREATE TABLE @SCHEMA@.segment (
  stream    text NOT NULL,
  first_seq bigint NOT NULL CHECK (first_seq > 0),
  n         int NOT NULL CHECK (n > 0),
  at        timestamptz NOT NULL,
  body      bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (stream, first_seq)
) PARTITION BY LIST (stream);
CREATE INDEX segment_at ON @SCHEMA@.segment (stream, at, first_seq);
COMMENT ON TABLE  @SCHEMA@.segment IS 'The log: one row per committed batch and stream, never changed; partitioned by stream, then by range of numbers';
COMMENT ON COLUMN @SCHEMA@.segment.stream IS 'Stream the events belong to';
COMMENT ON COLUMN @SCHEMA@.segment.first_seq IS 'Number of the first event; the last is first_seq + n - 1, and the next segment follows without a gap';
COMMENT ON COLUMN @SCHEMA@.segment.n IS 'Number of events in body';
COMMENT ON COLUMN @SCHEMA@.segment.at IS 'Clock of the batch; never goes back within a stream';
COMMENT ON COLUMN @SCHEMA@.segment.body IS 'wangge.v1.EventBatch in protobuf';

CREATE TABLE @SCHEMA@.topic_index (
  stream    text NOT NULL,
  first_seq bigint NOT NULL,
  topic     text NOT NULL CHECK (topic <> ''),
  first_n   bigint NOT NULL CHECK (first_n > 0),
  seqs      bigint[] NOT NULL CHECK (cardinality(seqs) > 0),
  PRIMARY KEY (stream, topic, first_n, first_seq)
) PARTITION BY LIST (stream);
COMMENT ON TABLE  @SCHEMA@.topic_index IS 'Which events of a segment a topic has; partitioned like segment and dropped with it';
COMMENT ON COLUMN @SCHEMA@.topic_index.stream IS 'Stream of the segment';
COMMENT ON COLUMN @SCHEMA@.topic_index.first_seq IS 'The segment: its first_seq';
COMMENT ON COLUMN @SCHEMA@.topic_index.topic IS 'Topic, e.g. the code of a department';
COMMENT ON COLUMN @SCHEMA@.topic_index.first_n IS 'Topic number of the first of these events; the others follow without a gap';
COMMENT ON COLUMN @SCHEMA@.topic_index.seqs IS 'Numbers in the stream of the events of this topic, ascending';

CREATE TABLE @SCHEMA@.head (
  stream text NOT NULL,
  topic  text NOT NULL,
  seq    bigint NOT NULL CHECK (seq > 0),
  at     timestamptz NOT NULL,
  PRIMARY KEY (stream, topic)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE  @SCHEMA@.head IS 'Newest number of each stream and topic; its row lock makes numbers gapless in commit order';
COMMENT ON COLUMN @SCHEMA@.head.stream IS 'Stream';
COMMENT ON COLUMN @SCHEMA@.head.topic IS 'Topic; empty: the stream itself';
COMMENT ON COLUMN @SCHEMA@.head.seq IS 'Newest number given';
COMMENT ON COLUMN @SCHEMA@.head.at IS 'Clock of the batch that moved it last';

CREATE TABLE @SCHEMA@.consumer (
  stream     text NOT NULL,
  name       text NOT NULL CHECK (name ~ '^[a-z0-9._-]{1,64}$'),
  topic      text NOT NULL DEFAULT '',
  acked      bigint NOT NULL CHECK (acked >= 0),
  principal  text NOT NULL,
  acked_at   timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (stream, name, topic)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE  @SCHEMA@.consumer IS 'Durable consumers and their positions; retention waits for every one of them until it is removed';
COMMENT ON COLUMN @SCHEMA@.consumer.stream IS 'Stream it reads';
COMMENT ON COLUMN @SCHEMA@.consumer.name IS 'Name the consumer chose';
COMMENT ON COLUMN @SCHEMA@.consumer.topic IS 'Topic it reads; empty: the whole stream';
COMMENT ON COLUMN @SCHEMA@.consumer.acked IS 'Everything up to this number is safe with the consumer; number of the topic when there is one';
COMMENT ON COLUMN @SCHEMA@.consumer.principal IS 'Whose key opened it last';
COMMENT ON COLUMN @SCHEMA@.consumer.acked_at IS 'When it last acknowledged; null: never';
COMMENT ON COLUMN @SCHEMA@.consumer.created_at IS 'When it was opened first';

CREATE TABLE @SCHEMA@.parked (
  parked_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream         text NOT NULL,
  consumer       text NOT NULL,
  topic          text NOT NULL DEFAULT '',
  number         bigint NOT NULL CHECK (number > 0),
  seq            bigint NOT NULL CHECK (seq > 0),
  type           text NOT NULL,
  reason         text NOT NULL,
  event          bytea COMPRESSION lz4 NOT NULL,
  at             timestamptz NOT NULL DEFAULT now(),
  state          smallint NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 3),
  attempts       int NOT NULL DEFAULT 1 CHECK (attempts > 0),
  redrive        boolean NOT NULL DEFAULT false,
  decided_by     text NOT NULL DEFAULT '',
  decided_reason text NOT NULL DEFAULT '',
  decided_at     timestamptz,
  UNIQUE (stream, consumer, topic, number)
);
CREATE INDEX parked_waiting ON @SCHEMA@.parked (stream, consumer, topic, parked_id) WHERE state = 1;
COMMENT ON TABLE  @SCHEMA@.parked IS 'Dead letters: events a consumer (an outside one, or this service itself) could not digest';
COMMENT ON COLUMN @SCHEMA@.parked.parked_id IS 'Identity for people and pages; it tells nothing of the order of events';
COMMENT ON COLUMN @SCHEMA@.parked.stream IS 'Stream of the event';
COMMENT ON COLUMN @SCHEMA@.parked.consumer IS 'Durable consumer that could not digest it';
COMMENT ON COLUMN @SCHEMA@.parked.topic IS 'Topic the consumer reads; empty: the whole stream';
COMMENT ON COLUMN @SCHEMA@.parked.number IS 'Number the consumer knows the event by';
COMMENT ON COLUMN @SCHEMA@.parked.seq IS 'Number of the event in its stream';
COMMENT ON COLUMN @SCHEMA@.parked.type IS 'Full name of the event''s message';
COMMENT ON COLUMN @SCHEMA@.parked.reason IS 'Why, in the words of the last who tried';
COMMENT ON COLUMN @SCHEMA@.parked.event IS 'wangge.v1.Event in protobuf';
COMMENT ON COLUMN @SCHEMA@.parked.at IS 'When it was parked first';
COMMENT ON COLUMN @SCHEMA@.parked.state IS 'wangge.v1.ParkedState: 1 waiting, 2 given again and digested, 3 dropped';
COMMENT ON COLUMN @SCHEMA@.parked.attempts IS 'Times it was tried and failed';
COMMENT ON COLUMN @SCHEMA@.parked.redrive IS 'To be given to its consumer again';
COMMENT ON COLUMN @SCHEMA@.parked.decided_by IS 'Operator who redrove or dropped it last';
COMMENT ON COLUMN @SCHEMA@.parked.decided_reason IS 'The operator''s reason';
COMMENT ON COLUMN @SCHEMA@.parked.decided_at IS 'When the operator decided';

-- log_partitions_make declares a stream and makes its partitions for two partitions' worth of numbers ahead of its head. Gives the
-- first number for which there is no partition. A new partition is filled into the tree by ATTACH, which does not
-- disturb those who read or write.
CREATE FUNCTION @SCHEMA@.log_partitions_make(p_stream text, p_retention_days int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  child   text := replace(p_stream, '.', '_');
  kind    text;
  step    bigint;
  newest  bigint;
  upper   bigint;
BEGIN
  INSERT INTO log_stream AS s (name, retention_days) VALUES (p_stream, p_retention_days)
  ON CONFLICT (name) DO UPDATE SET retention_days = greatest(s.retention_days, excluded.retention_days)
  RETURNING s.partition_events INTO step;
  SELECT seq INTO newest FROM head WHERE stream = p_stream AND topic = '';
  SELECT max(end_seq) INTO upper FROM log_partition WHERE stream = p_stream;
  IF upper IS NULL THEN
    FOREACH kind IN ARRAY ARRAY['segment', 'topic_index'] LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%L) PARTITION BY RANGE (first_seq)',
                     kind || '_' || child, kind, p_stream);
    END LOOP;
    upper := 1;
  END IF;
  WHILE upper <= coalesce(newest, 0) + 2 * step LOOP
    FOREACH kind IN ARRAY ARRAY['segment', 'topic_index'] LOOP
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', kind || '_' || child || '_' || upper, kind);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', kind || '_' || child,
                     kind || '_' || child || '_' || upper, upper, upper + step);
    END LOOP;
    INSERT INTO log_partition (stream, first_seq, end_seq) VALUES (p_stream, upper, upper + step);
    upper := upper + step;
  END LOOP;
  RETURN upper;
END $$;
COMMENT ON FUNCTION @SCHEMA@.log_partitions_make(text, int) IS 'Declares a stream and makes its partitions ahead of its head';

-- log_partitions_drop drops, oldest first, the partitions whose events are older than the retention and acknowledged by
-- every durable consumer; gives their number. Consumers cannot move or appear while it looks. Waits for locks a
-- moment only (whoever reads or writes goes first): what it cannot get now it gets next time.
CREATE FUNCTION @SCHEMA@.log_partitions_drop(p_stream text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
  child    text := replace(p_stream, '.', '_');
  keep     int;
  newest   bigint;
  part     record;
  last_seq bigint;
  last_at  timestamptz;
  dropped  int := 0;
BEGIN
  SELECT retention_days INTO keep FROM log_stream WHERE name = p_stream FOR UPDATE;
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
COMMENT ON FUNCTION @SCHEMA@.log_partitions_drop(text) IS 'Drops the partitions that retention and every durable consumer have left behind';

REVOKE ALL ON FUNCTION @SCHEMA@.log_partitions_make(text, int), @SCHEMA@.log_partitions_drop(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @SCHEMA@.log_partitions_make(text, int), @SCHEMA@.log_partitions_drop(text) TO @ROLE@;
GRANT SELECT ON @SCHEMA@.log_stream, @SCHEMA@.log_partition TO @ROLE@;
GRANT SELECT, INSERT ON @SCHEMA@.segment, @SCHEMA@.topic_index TO @ROLE@;
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.head, @SCHEMA@.parked TO @ROLE@;
GRANT SELECT, INSERT, UPDATE, DELETE ON @SCHEMA@.consumer TO @ROLE@;
