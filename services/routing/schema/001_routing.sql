-- Tables of routing: where each order is and why, every change of it, and what was said about it after it came.
--
-- The first decision (step 1, by the rules) lives in assignment alone; table step holds what people did afterwards. So
-- an order costs one row and two index entries when it comes. Checks are cheap ones: they run 20,000 times a second.

CREATE TABLE @SCHEMA@.assignment (
  district     text        NOT NULL CHECK (octet_length(district) = 6),
  order_id     bigint      NOT NULL CHECK (order_id > 0),
  source       text        NOT NULL,
  category     text        NOT NULL,
  state        smallint    NOT NULL CHECK (state BETWEEN 1 AND 4),
  department   text        NOT NULL,
  decided_by   text        NOT NULL,
  decided_at   timestamptz NOT NULL,
  reason       text        NOT NULL,
  hops         int         NOT NULL CHECK (hops >= 0),
  steps        int         NOT NULL CHECK (steps > 0),
  routed_to    text        NOT NULL,
  routed_at    timestamptz NOT NULL,
  rule_id      text        NOT NULL,
  rule_version text        NOT NULL,
  evidence     text        NOT NULL,
  received     bytea       COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, order_id),
  CONSTRAINT assignment_place CHECK (state = 4 OR (state = 1) = (department = ''))
);
CREATE INDEX assignment_queue ON @SCHEMA@.assignment (district, department, state, order_id);
COMMENT ON TABLE @SCHEMA@.assignment IS 'Who is responsible for each order, and why';
COMMENT ON COLUMN @SCHEMA@.assignment.district IS 'Tenant key: 6-digit administrative code';
COMMENT ON COLUMN @SCHEMA@.assignment.order_id IS 'The order, as numbered by intake';
COMMENT ON COLUMN @SCHEMA@.assignment.source IS 'Principal that pushed the order';
COMMENT ON COLUMN @SCHEMA@.assignment.category IS 'Category path of the order, levels joined by "/"; empty: none';
COMMENT ON COLUMN @SCHEMA@.assignment.state IS 'wangge.v1.AssignmentState: 1 desk, 2 dispatched, 3 signed, 4 withdrawn';
COMMENT ON COLUMN @SCHEMA@.assignment.department IS 'Code of the department that holds it, or held it when it was withdrawn; empty: the dispatcher''s desk';
COMMENT ON COLUMN @SCHEMA@.assignment.decided_by IS 'Who decided where it is now: "rule" or a principal';
COMMENT ON COLUMN @SCHEMA@.assignment.decided_at IS 'When that was decided';
COMMENT ON COLUMN @SCHEMA@.assignment.reason IS 'Reason the principal gave; empty when the rules decided';
COMMENT ON COLUMN @SCHEMA@.assignment.hops IS 'Dispatches so far, 1 for the first';
COMMENT ON COLUMN @SCHEMA@.assignment.steps IS 'Number of its newest step; step 1 is the decision of the rules';
COMMENT ON COLUMN @SCHEMA@.assignment.routed_to IS 'Step 1: department the rules chose; empty: the desk';
COMMENT ON COLUMN @SCHEMA@.assignment.routed_at IS 'Step 1: when';
COMMENT ON COLUMN @SCHEMA@.assignment.rule_id IS 'Step 1: rule that decided; empty: none was met';
COMMENT ON COLUMN @SCHEMA@.assignment.rule_version IS 'Step 1: version of the rule table, first 16 hex digits of its SHA-256';
COMMENT ON COLUMN @SCHEMA@.assignment.evidence IS 'Step 1: which values met which conditions';
COMMENT ON COLUMN @SCHEMA@.assignment.received IS 'The whole order as a packed wangge.v1.OrderReceived, told again to each department it moves to';

CREATE TABLE @SCHEMA@.step (
  district   text        NOT NULL,
  order_id   bigint      NOT NULL,
  n          int         NOT NULL CHECK (n > 1),
  at         timestamptz NOT NULL,
  kind       text        NOT NULL CHECK (kind IN ('sign', 'return', 'transfer', 'assign', 'withdraw')),
  department text        NOT NULL,
  by         text        NOT NULL,
  reason     text        NOT NULL,
  proposed   text        NOT NULL,
  PRIMARY KEY (district, order_id, n),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.assignment
);
COMMENT ON TABLE @SCHEMA@.step IS 'What happened to an assignment after the first decision; rows are only added';
COMMENT ON COLUMN @SCHEMA@.step.district IS 'District of the order';
COMMENT ON COLUMN @SCHEMA@.step.order_id IS 'The order';
COMMENT ON COLUMN @SCHEMA@.step.n IS 'Number in the order''s history: 2, 3 …';
COMMENT ON COLUMN @SCHEMA@.step.at IS 'When';
COMMENT ON COLUMN @SCHEMA@.step.kind IS 'sign 签收, return 退单, transfer 转派, assign 派单, withdraw 撤回';
COMMENT ON COLUMN @SCHEMA@.step.department IS 'Department it came to, or the one it left when it came to none';
COMMENT ON COLUMN @SCHEMA@.step.by IS 'Principal that did it';
COMMENT ON COLUMN @SCHEMA@.step.reason IS 'Reason given; empty for sign';
COMMENT ON COLUMN @SCHEMA@.step.proposed IS 'Of a return: the department proposed instead; else empty';

CREATE TABLE @SCHEMA@.supplement (
  district      text        NOT NULL,
  order_id      bigint      NOT NULL,
  supplement_id text        NOT NULL CHECK (octet_length(supplement_id) BETWEEN 1 AND 64),
  seq           bigint      NOT NULL,
  text          text        COMPRESSION lz4 NOT NULL,
  by            text        NOT NULL,
  at            timestamptz NOT NULL,
  PRIMARY KEY (district, order_id, supplement_id),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.assignment
);
COMMENT ON TABLE @SCHEMA@.supplement IS 'What was added (补充) to an order, told again to each department it moves to';
COMMENT ON COLUMN @SCHEMA@.supplement.district IS 'District of the order';
COMMENT ON COLUMN @SCHEMA@.supplement.order_id IS 'The order';
COMMENT ON COLUMN @SCHEMA@.supplement.supplement_id IS 'intake''s key of it: the same again adds nothing';
COMMENT ON COLUMN @SCHEMA@.supplement.seq IS 'Number of its event in intake.orders: the order they were said in';
COMMENT ON COLUMN @SCHEMA@.supplement.text IS 'The addition';
COMMENT ON COLUMN @SCHEMA@.supplement.by IS 'Principal that added it';
COMMENT ON COLUMN @SCHEMA@.supplement.at IS 'When it came here';

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.assignment TO @ROLE@;
GRANT SELECT, INSERT ON @SCHEMA@.step, @SCHEMA@.supplement TO @ROLE@;
