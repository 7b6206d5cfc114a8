-- Deadlines that reach into a year whose holiday notice was not known: they are counted again when it is.

ALTER TABLE @SCHEMA@.cases ADD COLUMN provisional_from timestamptz;
COMMENT ON COLUMN @SCHEMA@.cases.provisional_from IS 'Dispatch from which due_at is counted while it is provisional; null: due_at is final';

UPDATE @SCHEMA@.cases SET provisional_from = CASE WHEN routed_to <> '' THEN routed_at ELSE dispatched_at END
WHERE due_rule LIKE '%, provisional: %';
CREATE INDEX cases_provisional ON @SCHEMA@.cases (district, order_id) WHERE provisional_from IS NOT NULL;

ALTER TABLE @SCHEMA@.case_step
  DROP CONSTRAINT case_step_kind_check,
  ADD CONSTRAINT case_step_kind_check CHECK (kind IN ('dispatched', 'signed', 'return_requested', 'return_rejected',
    'returned', 'escalated', 'adjudicated', 'revoked', 'supplemented', 'withdrawn', 'progress', 'resolved', 'assisting',
    'handed_down', 'unit_signed', 'unit_released', 'recounted')) NOT VALID;
COMMENT ON COLUMN @SCHEMA@.case_step.kind IS 'dispatched 派单, signed 签收, return_requested 申请退单, return_rejected 驳回退单, returned 退单, escalated 提请裁定, adjudicated 裁定, revoked 转走, supplemented 补充, withdrawn 撤回, progress 办理, resolved 反馈; recounted 重算时限; of units beside the lead: assisting 加派, handed_down 下转, unit_signed 签收, unit_released 撤派';
