-- Refused duties that are pushed once more: who wanted it, and why.

ALTER TABLE @SCHEMA@.duty
  ADD COLUMN redriven_by     text NOT NULL DEFAULT '',
  ADD COLUMN redriven_reason text NOT NULL DEFAULT '',
  ADD COLUMN redriven_at     timestamptz;
COMMENT ON COLUMN @SCHEMA@.duty.redriven_by IS 'Who last had it pushed again after a refusal; empty: nobody';
COMMENT ON COLUMN @SCHEMA@.duty.redriven_reason IS 'Why';
COMMENT ON COLUMN @SCHEMA@.duty.redriven_at IS 'When';
GRANT UPDATE (redriven_by, redriven_reason, redriven_at) ON @SCHEMA@.duty TO @ROLE@;
