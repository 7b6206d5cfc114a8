-- Figures of evaluation: sums that follow every change of a case.
--
-- A batch adds one row a district to figure_delta, in its own transaction; from time to time the service folds these into
-- figure and deletes them, in one transaction. So figure + figure_delta is always the truth, and a batch costs one row.

CREATE TABLE @SCHEMA@.figure (
  district text     NOT NULL CHECK (octet_length(district) = 6),
  by       smallint NOT NULL CHECK (by BETWEEN 1 AND 7),
  month    int      NOT NULL,
  key      text     NOT NULL,
  counts   bigint[] NOT NULL,
  PRIMARY KEY (district, by, month, key)
) WITH (fillfactor = 50);
COMMENT ON TABLE  @SCHEMA@.figure IS 'Figures of evaluation by month, dimension and key, as far as they are folded';
COMMENT ON COLUMN @SCHEMA@.figure.district IS 'District of the orders';
COMMENT ON COLUMN @SCHEMA@.figure.by IS 'wangge.v1.FigureDimension';
COMMENT ON COLUMN @SCHEMA@.figure.month IS 'Month in which the orders were received: year * 12 + month - 1';
COMMENT ON COLUMN @SCHEMA@.figure.key IS 'Key in the dimension, e.g. a department''s code';
COMMENT ON COLUMN @SCHEMA@.figure.counts IS 'Counters in the order of wangge.v1.Figures, then buckets of hops and of days';

CREATE TABLE @SCHEMA@.figure_delta (
  district text   NOT NULL CHECK (octet_length(district) = 6),
  n        bigint NOT NULL CHECK (n > 0),
  body     bytea  COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, n)
);
COMMENT ON TABLE  @SCHEMA@.figure_delta IS 'What batches changed in figures and is not folded yet';
COMMENT ON COLUMN @SCHEMA@.figure_delta.district IS 'District of the orders';
COMMENT ON COLUMN @SCHEMA@.figure_delta.n IS 'First number of the batch''s events in tracking.cases';
COMMENT ON COLUMN @SCHEMA@.figure_delta.body IS 'wangge.v1.FigureDeltas in protobuf';

-- figure_sum adds counters one by one; the shorter has zeros for what it does not know.
CREATE FUNCTION @SCHEMA@.figure_sum(a bigint[], b bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE SET search_path = @SCHEMA@, pg_temp AS $$
  SELECT array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY i) FROM unnest(a, b) WITH ORDINALITY AS u(x, y, i)
$$;
COMMENT ON FUNCTION @SCHEMA@.figure_sum(bigint[], bigint[]) IS 'Adds two rows of counters';

-- Cases from before are counted by the service when it starts: it finds no figures beside them.
GRANT SELECT, INSERT, UPDATE, DELETE ON @SCHEMA@.figure TO @ROLE@;
GRANT SELECT, INSERT, DELETE ON @SCHEMA@.figure_delta TO @ROLE@;
