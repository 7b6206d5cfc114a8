-- Which orders may hold a word, order by order: a search with words and filters reads the rows of what has both, where bits of
-- blocks only said which 256 rows to read. At ten million cases, 84 of 100 first pages with words and filters came short.
DROP TABLE @SCHEMA@.case_words;

CREATE TABLE @SCHEMA@.case_gram (
  district text  NOT NULL CHECK (octet_length(district) = 6),
  bucket   int   NOT NULL CHECK (bucket BETWEEN -1 AND 2047),
  chunk    int   NOT NULL CHECK (chunk >= 0),
  body     bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, bucket, chunk)
);
ALTER TABLE @SCHEMA@.case_gram ALTER body SET STORAGE MAIN; -- in the row as long as it fits: a search reads many
COMMENT ON TABLE  @SCHEMA@.case_gram IS 'Which of each 8,192 orders have a gram, written when they are full; services/tracking/words.h';
COMMENT ON COLUMN @SCHEMA@.case_gram.district IS 'District of the orders';
COMMENT ON COLUMN @SCHEMA@.case_gram.bucket IS 'Grams by their hash; -1: the chunk is written, and what came late to it';
COMMENT ON COLUMN @SCHEMA@.case_gram.chunk IS 'order_id / 8192; chunks up to the highest one here with bucket -1 are written, or have no case of the district';
COMMENT ON COLUMN @SCHEMA@.case_gram.body IS 'Entries of words.h; of bucket -1: 16-bit ids of orders that are read by every search';

-- Cases from before are taken chunk by chunk by the service.
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.case_gram TO @ROLE@;
