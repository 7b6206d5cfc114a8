-- Tables of tracking: one case per order and its timeline.
--
-- Keys hold the order first: calls name orders, not districts. The district stands in every key so that the tables can
-- be distributed by it.

CREATE TABLE @SCHEMA@.cases (
  order_id      bigint      NOT NULL CHECK (order_id > 0),
  district      text        NOT NULL CHECK (octet_length(district) = 6),
  source        text        NOT NULL,
  state         smallint    NOT NULL CHECK (state BETWEEN 1 AND 5),
  department    text        NOT NULL,
  urgency       smallint    NOT NULL,
  category      text        NOT NULL,
  title         text        NOT NULL,
  opened_at     timestamptz NOT NULL,
  dispatched_at timestamptz,
  due_at        timestamptz NOT NULL,
  due_rule      text        NOT NULL,
  resolved_at   timestamptz,
  result        text        COMPRESSION lz4 NOT NULL,
  steps         int         NOT NULL CHECK (steps > 0),
  PRIMARY KEY (order_id, district),
  CHECK ((state IN (2, 3, 4)) = (department <> '') OR state = 5),
  CHECK ((state = 4) <= (resolved_at IS NOT NULL))
);
CREATE INDEX cases_due ON @SCHEMA@.cases (due_at, order_id);
CREATE INDEX cases_of_department ON @SCHEMA@.cases (department, due_at, order_id);
COMMENT ON TABLE  @SCHEMA@.cases IS 'How each order goes: state, department, deadline';
COMMENT ON COLUMN @SCHEMA@.cases.order_id IS 'Order, as numbered by intake';
COMMENT ON COLUMN @SCHEMA@.cases.district IS 'Tenant key: 6-digit administrative code';
COMMENT ON COLUMN @SCHEMA@.cases.source IS 'Principal that pushed the order';
COMMENT ON COLUMN @SCHEMA@.cases.state IS 'wangge.v1.CaseState: 1 triage, 2 dispatched, 3 handling, 4 resolved, 5 withdrawn';
COMMENT ON COLUMN @SCHEMA@.cases.department IS 'Code of the department that holds it; empty on the dispatcher''s desk';
COMMENT ON COLUMN @SCHEMA@.cases.urgency IS 'wangge.v1.Urgency';
COMMENT ON COLUMN @SCHEMA@.cases.category IS 'Category path, levels joined by "/"';
COMMENT ON COLUMN @SCHEMA@.cases.title IS 'Subject of the order';
COMMENT ON COLUMN @SCHEMA@.cases.opened_at IS 'When intake received the order';
COMMENT ON COLUMN @SCHEMA@.cases.dispatched_at IS 'When it was dispatched to its present department; null: on the desk';
COMMENT ON COLUMN @SCHEMA@.cases.due_at IS 'Deadline of the result; infinity: no clock runs';
COMMENT ON COLUMN @SCHEMA@.cases.due_rule IS 'How due_at was computed';
COMMENT ON COLUMN @SCHEMA@.cases.resolved_at IS 'When the result was handed in; null: not yet';
COMMENT ON COLUMN @SCHEMA@.cases.result IS 'Result in the department''s words';
COMMENT ON COLUMN @SCHEMA@.cases.steps IS 'Number of its newest step';

CREATE TABLE @SCHEMA@.case_step (
  order_id   bigint      NOT NULL,
  district   text        NOT NULL,
  n          int         NOT NULL CHECK (n > 0),
  at         timestamptz NOT NULL,
  kind       text        NOT NULL,
  department text        NOT NULL,
  by         text        NOT NULL,
  note       text        COMPRESSION lz4 NOT NULL,
  request_id text,
  PRIMARY KEY (order_id, n, district)
);
CREATE UNIQUE INDEX case_step_request ON @SCHEMA@.case_step (order_id, request_id, district) WHERE request_id IS NOT NULL;
COMMENT ON TABLE  @SCHEMA@.case_step IS 'Timeline of each case; rows are only added';
COMMENT ON COLUMN @SCHEMA@.case_step.order_id IS 'The case';
COMMENT ON COLUMN @SCHEMA@.case_step.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.case_step.n IS 'Number in the case: 1, 2, 3 …';
COMMENT ON COLUMN @SCHEMA@.case_step.at IS 'When it happened';
COMMENT ON COLUMN @SCHEMA@.case_step.kind IS 'opened, dispatched, signed, returned, revoked, supplemented, withdrawn, progress, resolved';
COMMENT ON COLUMN @SCHEMA@.case_step.department IS 'Department it concerns; empty: the desk';
COMMENT ON COLUMN @SCHEMA@.case_step.by IS 'Principal, or "rule"';
COMMENT ON COLUMN @SCHEMA@.case_step.note IS 'What was said';
COMMENT ON COLUMN @SCHEMA@.case_step.request_id IS 'The caller''s key of a progress note, so that repeating it adds nothing';

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.cases TO @ROLE@;
GRANT SELECT, INSERT ON @SCHEMA@.case_step TO @ROLE@;
