-- What else came with an order, for the few that have any of it: who handed it over, whose land it is about. One row for each
-- of them; no foreign key to orders, for the reason given in 001_intake.sql. Found by the order alone.
CREATE TABLE @SCHEMA@.order_context (
  district         text   NOT NULL,
  order_id         bigint NOT NULL,
  origin           text   NOT NULL CHECK (octet_length(origin) <= 128),
  origin_area      text   NOT NULL CHECK (octet_length(origin_area) IN (0, 6, 9, 12, 15)),
  parcel_ownership text   NOT NULL CHECK (parcel_ownership IN ('', 'state', 'collective')),
  PRIMARY KEY (district, order_id)
);
COMMENT ON TABLE @SCHEMA@.order_context IS 'Who handed an order over, and whose land it is about; orders without either have no row.';
COMMENT ON COLUMN @SCHEMA@.order_context.district IS 'District of the order.';
COMMENT ON COLUMN @SCHEMA@.order_context.order_id IS 'The order.';
COMMENT ON COLUMN @SCHEMA@.order_context.origin IS 'Code of the station (channel STATION_WALK_IN) or message group (WECHAT_GROUP) in the registry; empty: none.';
COMMENT ON COLUMN @SCHEMA@.order_context.origin_area IS 'Smallest area that held all grids of the origin when the order came; empty: none.';
COMMENT ON COLUMN @SCHEMA@.order_context.parcel_ownership IS 'state or collective, as the source said; empty: not said.';
GRANT SELECT, INSERT ON @SCHEMA@.order_context TO @ROLE@;
