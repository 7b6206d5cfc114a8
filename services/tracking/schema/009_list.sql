-- Lists of cases by grid and category too, each in the order of its deadlines; and which blocks of orders may hold a word.
--
-- Bytes are compared, whatever the database's collation: prefixes of codes and paths are ranges then, and comparing is
-- cheaper. INCLUDE: what is looked at without reading the row.
DROP INDEX @SCHEMA@.cases_queue;
CREATE INDEX cases_queue ON @SCHEMA@.cases (district, department COLLATE "C", state, due_at, order_id);
CREATE INDEX cases_grid ON @SCHEMA@.cases (district, grid_code COLLATE "C", state, due_at, order_id)
  INCLUDE (department, category);
CREATE INDEX cases_category ON @SCHEMA@.cases (district, category COLLATE "C", state, due_at, order_id)
  INCLUDE (department, grid_code);

CREATE TABLE @SCHEMA@.case_words (
  district text   NOT NULL CHECK (octet_length(district) = 6),
  block    bigint NOT NULL CHECK (block >= 0),
  bits     bytea  NOT NULL CHECK (octet_length(bits) = 2048),
  PRIMARY KEY (district, block)
);
ALTER TABLE @SCHEMA@.case_words ALTER bits SET STORAGE PLAIN; -- in the row, never compressed: a search reads them all
COMMENT ON TABLE  @SCHEMA@.case_words IS 'What titles of each 256 orders hold, written when they are full; services/tracking/words.h';
COMMENT ON COLUMN @SCHEMA@.case_words.district IS 'District of the orders';
COMMENT ON COLUMN @SCHEMA@.case_words.block IS 'order_id / 256; blocks up to the highest one here without a row have no case of the district';
COMMENT ON COLUMN @SCHEMA@.case_words.bits IS 'A bit for every two neighbouring characters of a title; all set: not known';

-- Cases from before are taken block by block by the service.
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.case_words TO @ROLE@;
