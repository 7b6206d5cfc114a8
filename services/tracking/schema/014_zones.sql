-- How many cases of each 8,192 orders stand in a state, and between which deadlines they lie: a search passes over chunks where
-- nothing can fit. At ten million cases, a search for archived ones read thousands of newer cases before the first.
CREATE TABLE @SCHEMA@.case_zone (
  district text     NOT NULL CHECK (octet_length(district) = 6),
  chunk    int      NOT NULL CHECK (chunk >= 0),
  state    smallint NOT NULL,
  n        int      NOT NULL,
  due_min  timestamptz,
  due_max  timestamptz,
  PRIMARY KEY (district, chunk, state)
) WITH (fillfactor = 50);
COMMENT ON TABLE  @SCHEMA@.case_zone IS 'Where cases of a state are; services/tracking/zones.h';
COMMENT ON COLUMN @SCHEMA@.case_zone.district IS 'District of the orders';
COMMENT ON COLUMN @SCHEMA@.case_zone.chunk IS 'order_id / 8192';
COMMENT ON COLUMN @SCHEMA@.case_zone.state IS 'wangge.v1.CaseState';
COMMENT ON COLUMN @SCHEMA@.case_zone.n IS 'Cases that stand in the state';
COMMENT ON COLUMN @SCHEMA@.case_zone.due_min IS 'No case that stands in the state, or has stood in it, has an earlier deadline';
COMMENT ON COLUMN @SCHEMA@.case_zone.due_max IS 'Nor a later one; infinity: one has none';

INSERT INTO @SCHEMA@.case_zone (district, chunk, state, n, due_min, due_max)
SELECT district, order_id / 8192, state, count(*), min(due_at), max(due_at) FROM @SCHEMA@.cases GROUP BY 1, 2, 3;

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.case_zone TO @ROLE@;
