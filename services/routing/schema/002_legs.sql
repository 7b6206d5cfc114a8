-- Legs beside the lead, returns and their review, adjudications as precedents.
--
-- The lead's present leg stays in assignment, so that an order still costs one row when it comes; new columns there have
-- defaults that are right for an order that nothing has happened to yet.

ALTER TABLE @SCHEMA@.assignment
  ADD COLUMN lead_leg       int     NOT NULL DEFAULT 1,
  ADD COLUMN signed_at      timestamptz,
  ADD COLUMN first_receiver text    NOT NULL DEFAULT '',
  ADD COLUMN contact        text    NOT NULL DEFAULT '',
  ADD COLUMN adjudications  int     NOT NULL DEFAULT 0,
  ADD COLUMN locked         boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT assignment_state_check,
  DROP CONSTRAINT assignment_place,
  -- NOT VALID: the rows that are there met narrower checks, so a big table need not be read again.
  ADD CONSTRAINT assignment_state_check CHECK (state BETWEEN 1 AND 6) NOT VALID,
  ADD CONSTRAINT assignment_place CHECK (state IN (4, 6) OR (state = 1) = (department = '')) NOT VALID;
COMMENT ON COLUMN @SCHEMA@.assignment.state IS 'wangge.v1.AssignmentState: 1 desk, 2 dispatched, 3 signed, 4 withdrawn, 5 return under review, 6 adjudicating';
COMMENT ON COLUMN @SCHEMA@.assignment.department IS 'Unit that leads it (主办), or led it when it was withdrawn; empty: none, it lies on the dispatcher''s desk';
COMMENT ON COLUMN @SCHEMA@.assignment.decided_at IS 'When that was decided: while a unit leads it, when it was dispatched to that unit';
COMMENT ON COLUMN @SCHEMA@.assignment.lead_leg IS 'Number of the lead''s present or newest leg';
COMMENT ON COLUMN @SCHEMA@.assignment.signed_at IS 'When the present lead signed; null: not';
COMMENT ON COLUMN @SCHEMA@.assignment.first_receiver IS '首接单位: the first lead; empty: as routed_to';
COMMENT ON COLUMN @SCHEMA@.assignment.contact IS 'Unit with the duty to contact the resident; empty: the first receiver';
COMMENT ON COLUMN @SCHEMA@.assignment.adjudications IS 'Adjudications so far';
COMMENT ON COLUMN @SCHEMA@.assignment.locked IS 'Adjudicated: neither returned nor transferred any more';

UPDATE @SCHEMA@.assignment a
   SET first_receiver = s.department
  FROM (SELECT DISTINCT ON (district, order_id) district, order_id, department FROM @SCHEMA@.step
         WHERE kind IN ('transfer', 'assign') ORDER BY district, order_id, n) s
 WHERE a.routed_to = '' AND a.district = s.district AND a.order_id = s.order_id;
UPDATE @SCHEMA@.assignment a
   SET signed_at = coalesce((SELECT max(s.at) FROM @SCHEMA@.step s WHERE s.district = a.district
                             AND s.order_id = a.order_id AND s.kind = 'sign'), a.decided_at),
       contact = a.department
 WHERE a.state = 3;

-- What a dispatcher has to decide; orders that are on their way are not in it.
CREATE INDEX assignment_desk ON @SCHEMA@.assignment (district, order_id) WHERE state IN (1, 5, 6);

ALTER TABLE @SCHEMA@.step
  ADD COLUMN person text NOT NULL DEFAULT '',
  ADD COLUMN basis  text NOT NULL DEFAULT '',
  ADD COLUMN leg    int  NOT NULL DEFAULT 0,
  DROP CONSTRAINT step_kind_check,
  ADD CONSTRAINT step_kind_check CHECK (kind IN ('sign', 'request_return', 'accept_return', 'reject_return', 'escalate',
    'adjudicate', 'transfer', 'transfer_down', 'add_unit', 'remove_unit', 'assign', 'withdraw', 'return')) NOT VALID;
COMMENT ON COLUMN @SCHEMA@.step.kind IS 'sign 签收, request_return 申请退单, accept_return 同意退单, reject_return 驳回退单, escalate 提请裁定, adjudicate 裁定, transfer 转派, transfer_down 下转, add_unit 加派, remove_unit 撤派, assign 派单, withdraw 撤回; return 退单: before returns were reviewed';
COMMENT ON COLUMN @SCHEMA@.step.person IS 'Person who acted, as the calling system knows him or her: a staff number, no name';
COMMENT ON COLUMN @SCHEMA@.step.basis IS 'Legal basis of a return or an adjudication; else empty';
COMMENT ON COLUMN @SCHEMA@.step.leg IS 'Leg it concerns; 0: the order as a whole, or a step from before legs were kept';
COMMENT ON COLUMN @SCHEMA@.step.proposed IS 'Of a request to return: the unit proposed instead; else empty';

CREATE TABLE @SCHEMA@.leg (
  district      text        NOT NULL,
  order_id      bigint      NOT NULL,
  n             int         NOT NULL CHECK (n > 0),
  parent        int         NOT NULL CHECK (parent >= 0 AND parent < n),
  role          smallint    NOT NULL CHECK (role BETWEEN 1 AND 3),
  department    text        NOT NULL CHECK (department <> ''),
  state         smallint    NOT NULL CHECK (state BETWEEN 1 AND 7),
  dispatched_at timestamptz NOT NULL,
  signed_at     timestamptz,
  ended_at      timestamptz,
  due_at        timestamptz,
  decided_by    text        NOT NULL,
  reason        text        NOT NULL,
  PRIMARY KEY (district, order_id, n),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.assignment,
  CONSTRAINT leg_ended CHECK ((state > 2) = (ended_at IS NOT NULL)),
  CONSTRAINT leg_child CHECK ((role = 3) = (parent > 0)),
  CONSTRAINT leg_lead CHECK (role <> 1 OR state > 2)
);
-- One unit has one part in an order at a time; and what a unit assists in.
CREATE UNIQUE INDEX leg_queue ON @SCHEMA@.leg (district, department, order_id) WHERE state IN (1, 2);
COMMENT ON TABLE @SCHEMA@.leg IS 'Parts of units in an order: those beside the lead, and leads that ended; the present lead stands in assignment';
COMMENT ON COLUMN @SCHEMA@.leg.district IS 'District of the order';
COMMENT ON COLUMN @SCHEMA@.leg.order_id IS 'The order';
COMMENT ON COLUMN @SCHEMA@.leg.n IS 'Number in the order, shared with assignment.lead_leg';
COMMENT ON COLUMN @SCHEMA@.leg.parent IS 'Of a child: the leg that handed it down; else 0';
COMMENT ON COLUMN @SCHEMA@.leg.role IS 'wangge.v1.LegRole: 1 lead 主办, 2 assist 协办, 3 child 下级承办';
COMMENT ON COLUMN @SCHEMA@.leg.department IS 'The unit: a department''s code, or the 15 digits of a grid';
COMMENT ON COLUMN @SCHEMA@.leg.state IS 'wangge.v1.LegState: 1 dispatched, 2 signed, 3 returned, 4 transferred, 5 released, 6 adjudicated, 7 withdrawn';
COMMENT ON COLUMN @SCHEMA@.leg.dispatched_at IS 'When it was given to the unit';
COMMENT ON COLUMN @SCHEMA@.leg.signed_at IS 'When the unit signed; null: not';
COMMENT ON COLUMN @SCHEMA@.leg.ended_at IS 'When it ended; null: the unit works on it';
COMMENT ON COLUMN @SCHEMA@.leg.due_at IS 'When a child''s work is wanted; null: with the order''s deadline';
COMMENT ON COLUMN @SCHEMA@.leg.decided_by IS 'Who gave it: "rule" or a principal';
COMMENT ON COLUMN @SCHEMA@.leg.reason IS 'Why, in that principal''s words';

CREATE TABLE @SCHEMA@.return_request (
  district      text        NOT NULL,
  order_id      bigint      NOT NULL,
  n             int         NOT NULL CHECK (n > 0),
  leg           int         NOT NULL,
  department    text        NOT NULL,
  at            timestamptz NOT NULL,
  by            text        NOT NULL,
  person        text        NOT NULL,
  reason_code   smallint    NOT NULL CHECK (reason_code BETWEEN 1 AND 5),
  reason        text        NOT NULL,
  basis         text        NOT NULL,
  proposed      text        NOT NULL,
  outcome       smallint    NOT NULL CHECK (outcome BETWEEN 0 AND 3),
  reviewed_at   timestamptz,
  reviewed_by   text        NOT NULL,
  review_person text        NOT NULL,
  review_reason text        NOT NULL,
  PRIMARY KEY (district, order_id, n),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.assignment,
  CONSTRAINT return_request_reviewed CHECK ((outcome = 0) = (reviewed_at IS NULL)),
  CONSTRAINT return_request_other CHECK (reviewed_by <> by)
);
COMMENT ON TABLE @SCHEMA@.return_request IS 'Requests of leads to give an order back (退单申请), and what became of them';
COMMENT ON COLUMN @SCHEMA@.return_request.district IS 'District of the order';
COMMENT ON COLUMN @SCHEMA@.return_request.order_id IS 'The order';
COMMENT ON COLUMN @SCHEMA@.return_request.n IS 'Number in the order';
COMMENT ON COLUMN @SCHEMA@.return_request.leg IS 'The lead''s leg';
COMMENT ON COLUMN @SCHEMA@.return_request.department IS 'The lead';
COMMENT ON COLUMN @SCHEMA@.return_request.at IS 'When it was requested';
COMMENT ON COLUMN @SCHEMA@.return_request.by IS 'Principal that requested it';
COMMENT ON COLUMN @SCHEMA@.return_request.person IS 'Person who did, a staff number; empty: not told';
COMMENT ON COLUMN @SCHEMA@.return_request.reason_code IS 'wangge.v1.ReturnReason';
COMMENT ON COLUMN @SCHEMA@.return_request.reason IS 'Why';
COMMENT ON COLUMN @SCHEMA@.return_request.basis IS 'Law, rule or duty list by which it is another''s';
COMMENT ON COLUMN @SCHEMA@.return_request.proposed IS 'Unit that should have it';
COMMENT ON COLUMN @SCHEMA@.return_request.outcome IS 'wangge.v1.ReturnOutcome: 0 open, 1 accepted, 2 rejected, 3 went to adjudication';
COMMENT ON COLUMN @SCHEMA@.return_request.reviewed_at IS 'When that was decided';
COMMENT ON COLUMN @SCHEMA@.return_request.reviewed_by IS 'Principal that decided, or "rule" (a second return)';
COMMENT ON COLUMN @SCHEMA@.return_request.review_person IS 'Person who did, a staff number; empty: not told';
COMMENT ON COLUMN @SCHEMA@.return_request.review_reason IS 'Why';

CREATE TABLE @SCHEMA@.precedent (
  district   text        NOT NULL,
  order_id   bigint      NOT NULL,
  n          int         NOT NULL CHECK (n > 0),
  category   text        NOT NULL,
  place      text        NOT NULL CHECK (octet_length(place) IN (0, 9, 12, 15)),
  lead       text        NOT NULL,
  assists    text        NOT NULL,
  basis      text        NOT NULL CHECK (basis <> ''),
  decided_by text        NOT NULL,
  person     text        NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (district, order_id, n),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.assignment
);
COMMENT ON TABLE @SCHEMA@.precedent IS 'Adjudications (职责裁定), binding for their order and cited for later ones of the same kind; rows are only added';
COMMENT ON COLUMN @SCHEMA@.precedent.district IS 'District it holds for';
COMMENT ON COLUMN @SCHEMA@.precedent.order_id IS 'The order that was adjudicated';
COMMENT ON COLUMN @SCHEMA@.precedent.n IS 'Number in the order';
COMMENT ON COLUMN @SCHEMA@.precedent.category IS 'Category it holds for, with those below it; empty: any';
COMMENT ON COLUMN @SCHEMA@.precedent.place IS 'Beginning of the grid codes it holds for; empty: the whole district';
COMMENT ON COLUMN @SCHEMA@.precedent.lead IS 'Unit that leads';
COMMENT ON COLUMN @SCHEMA@.precedent.assists IS 'Units that assist, joined by ","';
COMMENT ON COLUMN @SCHEMA@.precedent.basis IS 'Legal basis';
COMMENT ON COLUMN @SCHEMA@.precedent.decided_by IS 'Principal that decided';
COMMENT ON COLUMN @SCHEMA@.precedent.person IS 'Person who did, a staff number; empty: not told';
COMMENT ON COLUMN @SCHEMA@.precedent.decided_at IS 'When';

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.leg, @SCHEMA@.return_request TO @ROLE@;
GRANT SELECT, INSERT ON @SCHEMA@.precedent TO @ROLE@;
