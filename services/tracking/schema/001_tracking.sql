-- Tables of tracking: one case per order and its timeline.
--
-- The first steps (opened, and dispatched when the rules found a department) live in cases alone; case_step holds what
-- happened afterwards. So an order costs one row and two index entries when it comes.

CREATE TABLE @SCHEMA@.cases (
  district      text        NOT NULL CHECK (octet_length(district) = 6),
  order_id      bigint      NOT NULL CHECK (order_id > 0),
  source        text        NOT NULL,
  state         smallint    NOT NULL CHECK (state BETWEEN 1 AND 5),
  department    text        NOT NULL,
  urgency       smallint    NOT NULL,
  category      text        NOT NULL,
  title         text        NOT NULL,
  opened_at     timestamptz NOT NULL,
  routed_to     text        NOT NULL,
  routed_by     text        NOT NULL,
  routed_why    text        NOT NULL,
  routed_at     timestamptz NOT NULL,
  dispatched_at timestamptz,
  due_at        timestamptz NOT NULL,
  due_rule      text        NOT NULL,
  resolved_at   timestamptz,
  result        text        COMPRESSION lz4 NOT NULL,
  steps         int         NOT NULL CHECK (steps > 0),
  PRIMARY KEY (district, order_id),
  CONSTRAINT cases_place CHECK (state = 5 OR (state = 1) = (department = '')),
  CONSTRAINT cases_result CHECK (state = 5 OR (state = 4) = (resolved_at IS NOT NULL))
);
CREATE INDEX cases_queue ON @SCHEMA@.cases (district, department, state, due_at, order_id);
COMMENT ON TABLE  @SCHEMA@.cases IS 'How each order goes: state, department, deadline';
COMMENT ON COLUMN @SCHEMA@.cases.district IS 'Tenant key: 6-digit administrative code';
COMMENT ON COLUMN @SCHEMA@.cases.order_id IS 'Order, as numbered by intake';
COMMENT ON COLUMN @SCHEMA@.cases.source IS 'Principal that pushed the order';
COMMENT ON COLUMN @SCHEMA@.cases.state IS 'wangge.v1.CaseState: 1 triage, 2 dispatched, 3 handling, 4 resolved, 5 withdrawn';
COMMENT ON COLUMN @SCHEMA@.cases.department IS 'Code of the department that holds it, or held it when it was withdrawn; empty: the dispatcher''s desk';
COMMENT ON COLUMN @SCHEMA@.cases.urgency IS 'wangge.v1.Urgency';
COMMENT ON COLUMN @SCHEMA@.cases.category IS 'Category path, levels joined by "/"';
COMMENT ON COLUMN @SCHEMA@.cases.title IS 'Subject of the order';
COMMENT ON COLUMN @SCHEMA@.cases.opened_at IS 'Step 1: when intake received the order';
COMMENT ON COLUMN @SCHEMA@.cases.routed_to IS 'Step 2: department it was dispatched to when the case was opened; empty: to the desk, and there is no such step';
COMMENT ON COLUMN @SCHEMA@.cases.routed_by IS 'Step 2: who decided that, "rule" or a principal';
COMMENT ON COLUMN @SCHEMA@.cases.routed_why IS 'Step 2: evidence or reason';
COMMENT ON COLUMN @SCHEMA@.cases.routed_at IS 'Step 2: when';
COMMENT ON COLUMN @SCHEMA@.cases.dispatched_at IS 'When it was dispatched to its present department; null: on the desk';
COMMENT ON COLUMN @SCHEMA@.cases.due_at IS 'Deadline of the result, counted from the first dispatch; infinity: not dispatched yet';
COMMENT ON COLUMN @SCHEMA@.cases.due_rule IS 'How due_at was computed';
COMMENT ON COLUMN @SCHEMA@.cases.resolved_at IS 'When the result was handed in; null: not yet';
COMMENT ON COLUMN @SCHEMA@.cases.result IS 'Result in the department''s words';
COMMENT ON COLUMN @SCHEMA@.cases.steps IS 'Number of its newest step';

CREATE TABLE @SCHEMA@.case_step (
  district   text        NOT NULL,
  order_id   bigint      NOT NULL,
  n          int         NOT NULL CHECK (n > 1),
  at         timestamptz NOT NULL,
  kind       text        NOT NULL CHECK (kind IN ('dispatched', 'signed', 'returned', 'revoked', 'supplemented', 'withdrawn', 'progress', 'resolved')),
  department text        NOT NULL,
  by         text        NOT NULL,
  note       text        COMPRESSION lz4 NOT NULL,
  request_id text        CHECK (octet_length(request_id) BETWEEN 1 AND 64),
  PRIMARY KEY (district, order_id, n),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.cases
);
CREATE UNIQUE INDEX case_step_request ON @SCHEMA@.case_step (district, order_id, by, request_id) WHERE request_id IS NOT NULL;
COMMENT ON TABLE  @SCHEMA@.case_step IS 'Timeline of each case behind its first steps; rows are only added';
COMMENT ON COLUMN @SCHEMA@.case_step.district IS 'District of the order';
COMMENT ON COLUMN @SCHEMA@.case_step.order_id IS 'The case';
COMMENT ON COLUMN @SCHEMA@.case_step.n IS 'Number in the case';
COMMENT ON COLUMN @SCHEMA@.case_step.at IS 'When it happened';
COMMENT ON COLUMN @SCHEMA@.case_step.kind IS 'dispatched 派单, signed 签收, returned 退单, revoked 转走, supplemented 补充, withdrawn 撤回, progress 办理, resolved 反馈';
COMMENT ON COLUMN @SCHEMA@.case_step.department IS 'Department it concerns; empty: the desk';
COMMENT ON COLUMN @SCHEMA@.case_step.by IS 'Principal, or "rule"';
COMMENT ON COLUMN @SCHEMA@.case_step.note IS 'What was said';
COMMENT ON COLUMN @SCHEMA@.case_step.request_id IS 'The caller''s key of a progress note, so that repeating it adds nothing';

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.cases TO @ROLE@;
GRANT SELECT, INSERT ON @SCHEMA@.case_step TO @ROLE@;
