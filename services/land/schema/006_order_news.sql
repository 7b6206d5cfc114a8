-- What tracking says of orders that land pushed, until the ledger has taken it up: written with the position in the stream, taken
-- away with the entry. Which village it is of is known once intake's answer to the push is (land_order).
CREATE TABLE @SCHEMA@.order_news (
  district text COLLATE "C" NOT NULL,
  order_id bigint           NOT NULL,
  step     integer          NOT NULL,
  kind     smallint         NOT NULL,
  at       timestamptz      NOT NULL,
  PRIMARY KEY (district, order_id, step)
);
COMMENT ON TABLE @SCHEMA@.order_news IS 'What tracking says of orders that land pushed, until the ledger has taken it up';
COMMENT ON COLUMN @SCHEMA@.order_news.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.order_news.order_id IS 'Order of intake';
COMMENT ON COLUMN @SCHEMA@.order_news.step IS 'Step of its case';
COMMENT ON COLUMN @SCHEMA@.order_news.kind IS '1 being handled, 2 closed, 3 ended without effect (void, withdrawn), 4 reopened';
COMMENT ON COLUMN @SCHEMA@.order_news.at IS 'When it happened';
CREATE INDEX land_order_id ON @SCHEMA@.land_order (district, order_id) WHERE order_id IS NOT NULL;
GRANT SELECT, INSERT, DELETE ON @SCHEMA@.order_news TO @ROLE@;
