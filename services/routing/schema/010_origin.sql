-- A place may come of where an order was handed over, when the order itself tells none.
COMMENT ON COLUMN @SCHEMA@.assignment.place_how IS 'What decided: 0 nothing, 1 grid code, 2 position, 3 address, 4 title, 5 text, 6 where it was handed over';
