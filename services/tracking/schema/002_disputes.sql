-- Cases whose return is under review or whose responsibility is adjudicated, and the steps of units beside the lead.

-- NOT VALID: the rows that are there met narrower checks, so a big table need not be read again.
ALTER TABLE @SCHEMA@.cases
  DROP CONSTRAINT cases_state_check,
  DROP CONSTRAINT cases_place,
  ADD CONSTRAINT cases_state_check CHECK (state BETWEEN 1 AND 7) NOT VALID,
  ADD CONSTRAINT cases_place CHECK (state IN (5, 7) OR (state = 1) = (department = '')) NOT VALID;
COMMENT ON COLUMN @SCHEMA@.cases.state IS 'wangge.v1.CaseState: 1 triage, 2 dispatched, 3 handling, 4 resolved, 5 withdrawn, 6 return under review, 7 adjudicating';
COMMENT ON COLUMN @SCHEMA@.cases.department IS 'Unit that leads it, or led it when it was withdrawn; empty: none';

ALTER TABLE @SCHEMA@.case_step
  DROP CONSTRAINT case_step_kind_check,
  ADD CONSTRAINT case_step_kind_check CHECK (kind IN ('dispatched', 'signed', 'return_requested', 'return_rejected',
    'returned', 'escalated', 'adjudicated', 'revoked', 'supplemented', 'withdrawn', 'progress', 'resolved', 'assisting',
    'handed_down', 'unit_signed', 'unit_released')) NOT VALID;
COMMENT ON COLUMN @SCHEMA@.case_step.kind IS 'dispatched 派单, signed 签收, return_requested 申请退单, return_rejected 驳回退单, returned 退单, escalated 提请裁定, adjudicated 裁定, revoked 转走, supplemented 补充, withdrawn 撤回, progress 办理, resolved 反馈; of units beside the lead: assisting 加派, handed_down 下转, unit_signed 签收, unit_released 撤派';
