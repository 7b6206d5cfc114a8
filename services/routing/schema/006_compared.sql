-- Orders that came without a model of texts cost no entries in the indexes that only merging needs.
--
-- All orders that are there already stay candidates.
ALTER TABLE @SCHEMA@.assignment ADD COLUMN compared boolean NOT NULL DEFAULT true;
ALTER TABLE @SCHEMA@.assignment ALTER COLUMN compared DROP DEFAULT;
COMMENT ON COLUMN @SCHEMA@.assignment.compared IS 'There was a model of texts when it came, so that later orders are compared with it';

DROP INDEX @SCHEMA@.assignment_by_place, @SCHEMA@.assignment_by_area;
CREATE INDEX assignment_by_place ON @SCHEMA@.assignment (district, place_id, order_id) WHERE compared AND place_id <> '';
CREATE INDEX assignment_by_area ON @SCHEMA@.assignment (district, area, order_id) WHERE compared AND octet_length(area) = 15;
