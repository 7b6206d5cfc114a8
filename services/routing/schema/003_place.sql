-- Where an order is and which category its text suggests, as it was decided when it came.
--
-- Columns of assignment, so that an order still costs one row. The defaults are right for orders from before this was
-- decided: place_how 0 with place_flags 0 never comes of a decision.

ALTER TABLE @SCHEMA@.assignment
  ADD COLUMN area                 text     NOT NULL DEFAULT '' CHECK (octet_length(area) IN (0, 6, 9, 12, 15)),
  ADD COLUMN place_id             text     NOT NULL DEFAULT '',
  ADD COLUMN place_name           text     NOT NULL DEFAULT '',
  ADD COLUMN place_how            smallint NOT NULL DEFAULT 0,
  ADD COLUMN place_confidence     real     NOT NULL DEFAULT 0,
  ADD COLUMN place_flags          int      NOT NULL DEFAULT 0,
  ADD COLUMN place_evidence       text     NOT NULL DEFAULT '',
  ADD COLUMN suggested_category   text     NOT NULL DEFAULT '',
  ADD COLUMN suggested_confidence real     NOT NULL DEFAULT 0;
COMMENT ON COLUMN @SCHEMA@.assignment.area IS 'Code of the smallest area of the net it lies in: 15 digits the grid, 12 the community, 9 the street, 6 the district; empty: unknown';
COMMENT ON COLUMN @SCHEMA@.assignment.place_id IS 'The estate, building, road, station or site it speaks of, DISTRICT/KIND/CODE; empty: unknown';
COMMENT ON COLUMN @SCHEMA@.assignment.place_name IS 'Name of that place, or of the area';
COMMENT ON COLUMN @SCHEMA@.assignment.place_how IS 'What decided: 0 nothing, 1 grid code, 2 position, 3 address, 4 title, 5 text';
COMMENT ON COLUMN @SCHEMA@.assignment.place_confidence IS 'How sure that is, 0 to 1';
COMMENT ON COLUMN @SCHEMA@.assignment.place_flags IS 'What was odd, bits of routing_place_flag';
COMMENT ON COLUMN @SCHEMA@.assignment.place_evidence IS 'Why, for people';
COMMENT ON COLUMN @SCHEMA@.assignment.suggested_category IS 'Category that the text suggests when none or a coarse one came with it; empty: no suggestion';
COMMENT ON COLUMN @SCHEMA@.assignment.suggested_confidence IS 'How sure that is, 0 to 1';
