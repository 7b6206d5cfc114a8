-- Orders that breaches became, for intake. Written in the transaction of the entry that escalates the breach.
CREATE TABLE @SCHEMA@.land_order (
  district    text COLLATE "C" NOT NULL,
  external_id text COLLATE "C" NOT NULL CHECK (octet_length(external_id) BETWEEN 1 AND 64),
  village     text COLLATE "C" NOT NULL,
  made_at     timestamptz      NOT NULL,
  body        bytea COMPRESSION lz4 NOT NULL,
  settled_at  timestamptz,
  order_id    bigint,
  refusal     text             NOT NULL DEFAULT '',
  PRIMARY KEY (district, external_id)
);
CREATE INDEX land_order_pending ON @SCHEMA@.land_order (made_at, district, external_id) WHERE settled_at IS NULL;
COMMENT ON TABLE @SCHEMA@.land_order IS 'Orders that breaches became, for intake';
COMMENT ON COLUMN @SCHEMA@.land_order.district IS 'Tenant key';
COMMENT ON COLUMN @SCHEMA@.land_order.external_id IS 'Number under which it is pushed, of the breach: village and id';
COMMENT ON COLUMN @SCHEMA@.land_order.village IS 'Village of the breach';
COMMENT ON COLUMN @SCHEMA@.land_order.made_at IS 'When it was made';
COMMENT ON COLUMN @SCHEMA@.land_order.body IS 'wangge.v1.NewOrder in protobuf';
COMMENT ON COLUMN @SCHEMA@.land_order.settled_at IS 'When intake answered; null: pending';
COMMENT ON COLUMN @SCHEMA@.land_order.order_id IS 'Order of intake; null: not taken';
COMMENT ON COLUMN @SCHEMA@.land_order.refusal IS 'Why intake refused it; empty when it did not';
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.land_order TO @ROLE@;
