-- Solutions that listed problems hand to their orders: until every order has its share, and afterwards as a record.

CREATE TABLE @SCHEMA@.list_solution (
  district    text COLLATE "C" NOT NULL CHECK (octet_length(district) = 6),
  code        text COLLATE "C" NOT NULL,
  version     int         NOT NULL CHECK (version > 0),
  solved_at   timestamptz NOT NULL,
  problem_id  bigint,
  order_ids   bigint[]    NOT NULL,
  after_order bigint      NOT NULL DEFAULT 0,
  shared      bigint      NOT NULL DEFAULT 0,
  settled_at  timestamptz,
  body        bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, code, version)
);
CREATE INDEX list_solution_pending ON @SCHEMA@.list_solution (solved_at, district, code, version) WHERE settled_at IS NULL;
COMMENT ON TABLE @SCHEMA@.list_solution IS 'Solved problems of the problem list, and how far their orders were given the solution';
COMMENT ON COLUMN @SCHEMA@.list_solution.district IS 'District of the problem and of its orders';
COMMENT ON COLUMN @SCHEMA@.list_solution.code IS 'The entry of the problem list';
COMMENT ON COLUMN @SCHEMA@.list_solution.version IS 'Its version: the verification';
COMMENT ON COLUMN @SCHEMA@.list_solution.solved_at IS 'When it was verified; later orders are not solved by it';
COMMENT ON COLUMN @SCHEMA@.list_solution.problem_id IS 'Problem of routing whose orders it solves; null: none';
COMMENT ON COLUMN @SCHEMA@.list_solution.order_ids IS 'Orders it names itself';
COMMENT ON COLUMN @SCHEMA@.list_solution.after_order IS 'Order id up to which orders were looked at';
COMMENT ON COLUMN @SCHEMA@.list_solution.shared IS 'Orders that were given it so far';
COMMENT ON COLUMN @SCHEMA@.list_solution.settled_at IS 'When the last order was looked at; null: not yet';
COMMENT ON COLUMN @SCHEMA@.list_solution.body IS 'wangge.v1.SharedSolution in protobuf';

GRANT SELECT, INSERT, UPDATE (after_order, shared, settled_at) ON @SCHEMA@.list_solution TO @ROLE@;
