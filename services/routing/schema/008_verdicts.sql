-- What tracking decides and routing follows: an order that is void, a direct answer that did not do.
ALTER TABLE @SCHEMA@.step
  DROP CONSTRAINT step_kind_check,
  ADD CONSTRAINT step_kind_check CHECK (kind IN ('sign', 'request_return', 'accept_return', 'reject_return', 'escalate',
    'adjudicate', 'transfer', 'transfer_down', 'add_unit', 'remove_unit', 'assign', 'withdraw', 'return', 'void',
    'reopen')) NOT VALID;
COMMENT ON COLUMN @SCHEMA@.assignment.state IS 'wangge.v1.AssignmentState: 1 desk, 2 dispatched, 3 signed, 4 withdrawn, 5 return under review, 6 adjudicating, 7 answered at once, 8 void';
COMMENT ON COLUMN @SCHEMA@.step.kind IS 'sign 签收, request_return 申请退单, accept_return 同意退单, reject_return 驳回退单, escalate 提请裁定, adjudicate 裁定, transfer 转派, transfer_down 下转, add_unit 加派, remove_unit 撤派, assign 派单, withdraw 撤回, void 作废, reopen 重新办理; return 退单: before returns were reviewed';
