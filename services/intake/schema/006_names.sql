-- Supplements and reasons of withdrawals lose the reporter's name before they leave intake, as the order itself does. The writer
-- gets the text back, not the name; that a text names the reporter it may ask already (reporter_named).
GRANT EXECUTE ON FUNCTION @SCHEMA@.without_reporter(text, bigint, text) TO @ROLE@;
COMMENT ON FUNCTION @SCHEMA@.without_reporter IS 'A text of an order with its reporter''s name starred.';
