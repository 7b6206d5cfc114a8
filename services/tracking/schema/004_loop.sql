-- The closed loop: more states, and what a case comes to on its way.
--
-- Columns are what is filtered, sorted or indexed; everything else of a case stands packed in facts, and what a step says
-- beyond its text in case_step.detail. A case that was only opened has neither.

-- No CHECKs any more: PostgreSQL prepares each anew in every statement, and every order writes a row. What they said is kept by
-- the table of states and its tests.
ALTER TABLE @SCHEMA@.cases
  ADD COLUMN channel    smallint NOT NULL DEFAULT 0,
  ADD COLUMN kind       smallint NOT NULL DEFAULT 0,
  ADD COLUMN grid_code  text     NOT NULL DEFAULT '',
  ADD COLUMN round      smallint NOT NULL DEFAULT 1,
  ADD COLUMN problem_id bigint,
  ADD COLUMN next_at    timestamptz,
  ADD COLUMN facts      bytea COMPRESSION lz4,
  DROP CONSTRAINT cases_district_check,
  DROP CONSTRAINT cases_order_id_check,
  DROP CONSTRAINT cases_steps_check,
  DROP CONSTRAINT cases_state_check,
  DROP CONSTRAINT cases_place,
  DROP CONSTRAINT cases_result;
CREATE INDEX cases_next ON @SCHEMA@.cases (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX cases_problem ON @SCHEMA@.cases (district, problem_id) WHERE problem_id IS NOT NULL;
COMMENT ON COLUMN @SCHEMA@.cases.state IS 'wangge.v1.CaseState: 1 triage, 2 dispatched, 3 handling, 4 in review, 5 withdrawn, 6 return under review, 7 adjudicating, 8 held, 9 follow-up, 10 closed, 11 archived, 12 void';
COMMENT ON COLUMN @SCHEMA@.cases.department IS 'Unit that leads it, or led it when it ended; empty: none';
COMMENT ON COLUMN @SCHEMA@.cases.resolved_at IS 'When the feedback of this round was handed in; null: not yet';
COMMENT ON COLUMN @SCHEMA@.cases.result IS 'Handling text of the feedback of this round';
COMMENT ON COLUMN @SCHEMA@.cases.channel IS 'wangge.v1.Channel';
COMMENT ON COLUMN @SCHEMA@.cases.kind IS 'wangge.v1.OrderKind';
COMMENT ON COLUMN @SCHEMA@.cases.grid_code IS 'Grid as routing decided it; empty: unknown';
COMMENT ON COLUMN @SCHEMA@.cases.round IS 'Round of handling: 1, one more by each rework and reopening';
COMMENT ON COLUMN @SCHEMA@.cases.problem_id IS 'Problem it is a member of; null: none';
COMMENT ON COLUMN @SCHEMA@.cases.next_at IS 'Earliest thing that happens to it by time alone; null: nothing';
COMMENT ON COLUMN @SCHEMA@.cases.facts IS 'Packed wangge.v1.CaseFacts: what no other column holds; null: nothing';

ALTER TABLE @SCHEMA@.case_step
  ADD COLUMN person text,
  ADD COLUMN detail bytea COMPRESSION lz4,
  ADD COLUMN digest bytea,
  DROP CONSTRAINT case_step_n_check,
  DROP CONSTRAINT case_step_request_id_check,
  DROP CONSTRAINT case_step_kind_check;
COMMENT ON COLUMN @SCHEMA@.case_step.kind IS 'As listed in wangge.v1.CaseStep';
COMMENT ON COLUMN @SCHEMA@.case_step.by IS 'Principal, "rule" or "clock"';
COMMENT ON COLUMN @SCHEMA@.case_step.person IS 'Staff number of the person who acted; null: not given';
COMMENT ON COLUMN @SCHEMA@.case_step.detail IS 'Packed wangge.v1.CaseStep: what no other column holds; null: nothing';
COMMENT ON COLUMN @SCHEMA@.case_step.request_id IS 'The caller''s key for repeats';
COMMENT ON COLUMN @SCHEMA@.case_step.digest IS 'SHA-256 of the call, so that a repeat is told from another use of its request_id; null: a step from before that, any content counts as the same';
