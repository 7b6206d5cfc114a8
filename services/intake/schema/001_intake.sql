-- Tables of intake: orders as received, their reporters apart from them, and what was said about them later.
-- The service may add to them; it can neither change nor delete an order.
--
-- Checks are cheap ones (lengths): they run 20,000 times a second; formats are checked where an order comes in. reporter
-- and attachment have no foreign key to orders for the same reason: one statement each of the one writer adds them in the
-- transaction that adds the order, which is never deleted. What is rare has its foreign key.
--
-- orders_key begins with external_id so that a lookup by it alone can use no other index: with district in front the
-- planner, on tables without statistics, takes any index that begins with the district and visits all of it.

CREATE TABLE @SCHEMA@.orders (
  district     text        NOT NULL CHECK (octet_length(district) = 6),
  order_id     bigint      NOT NULL CHECK (order_id > 0),
  source       text        NOT NULL CHECK (octet_length(source) BETWEEN 1 AND 64),
  external_id  text        NOT NULL CHECK (octet_length(external_id) BETWEEN 1 AND 64),
  channel      smallint    NOT NULL CHECK (channel >= 0),
  kind         smallint    NOT NULL CHECK (kind > 0),
  urgency      smallint    NOT NULL CHECK (urgency > 0),
  category     text        NOT NULL,
  title        text        NOT NULL,
  text         text        COMPRESSION lz4 NOT NULL CHECK (octet_length(text) BETWEEN 1 AND 32768),
  address      text        NOT NULL,
  lon          float8,
  lat          float8,
  grid_code    text        NOT NULL CHECK (octet_length(grid_code) IN (0, 15)),
  occurred_at  timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  attachments  smallint    NOT NULL CHECK (attachments BETWEEN 0 AND 20),
  has_reporter boolean     NOT NULL,
  confidential boolean     NOT NULL,
  content_hash bytea       NOT NULL CHECK (octet_length(content_hash) = 32),
  PRIMARY KEY (district, order_id),
  CONSTRAINT orders_key UNIQUE (external_id, source, district),
  CHECK ((lon IS NULL) = (lat IS NULL))
);
CREATE INDEX orders_of_source ON @SCHEMA@.orders (district, source, order_id);
COMMENT ON TABLE @SCHEMA@.orders IS 'Demands (工单) as received. Rows are never changed: the proof of what a source pushed.';
COMMENT ON COLUMN @SCHEMA@.orders.district IS 'Tenant key: 6-digit administrative code.';
COMMENT ON COLUMN @SCHEMA@.orders.order_id IS 'Number in the cell, gapless and ascending in commit order, from counter.';
COMMENT ON COLUMN @SCHEMA@.orders.source IS 'Principal that pushed it.';
COMMENT ON COLUMN @SCHEMA@.orders.external_id IS 'The source''s own number.';
COMMENT ON COLUMN @SCHEMA@.orders.channel IS 'wangge.v1.Channel, the source''s default filled in.';
COMMENT ON COLUMN @SCHEMA@.orders.kind IS 'wangge.v1.OrderKind.';
COMMENT ON COLUMN @SCHEMA@.orders.urgency IS 'wangge.v1.Urgency.';
COMMENT ON COLUMN @SCHEMA@.orders.category IS 'Path in the category tree of that time, levels joined by "/"; empty: none given.';
COMMENT ON COLUMN @SCHEMA@.orders.title IS 'Subject; may be empty.';
COMMENT ON COLUMN @SCHEMA@.orders.text IS 'What the resident wants.';
COMMENT ON COLUMN @SCHEMA@.orders.address IS 'Address in words; may be empty.';
COMMENT ON COLUMN @SCHEMA@.orders.lon IS 'Degrees east, CGCS2000 (EPSG:4490); null: no position.';
COMMENT ON COLUMN @SCHEMA@.orders.lat IS 'Degrees north, CGCS2000 (EPSG:4490); null: no position.';
COMMENT ON COLUMN @SCHEMA@.orders.grid_code IS '15 digits, or empty when the source gave none.';
COMMENT ON COLUMN @SCHEMA@.orders.occurred_at IS 'When it happened or was said.';
COMMENT ON COLUMN @SCHEMA@.orders.received_at IS 'Clock of the batch that committed it; never runs back from one order_id to the next.';
COMMENT ON COLUMN @SCHEMA@.orders.attachments IS 'How many rows of attachment belong to it.';
COMMENT ON COLUMN @SCHEMA@.orders.has_reporter IS 'It came with a reporter. True without a row in reporter: erased.';
COMMENT ON COLUMN @SCHEMA@.orders.confidential IS '保密: the reporter is shown to nobody.';
COMMENT ON COLUMN @SCHEMA@.orders.content_hash IS 'SHA-256 of what was pushed, reporter left out: tells a repeat from another order under the same key.';

CREATE TABLE @SCHEMA@.reporter (
  district text   NOT NULL,
  order_id bigint NOT NULL,
  name     text   NOT NULL CHECK (octet_length(name) <= 64),
  phone    text   NOT NULL CHECK (octet_length(phone) <= 32),
  PRIMARY KEY (district, order_id)
);
COMMENT ON TABLE @SCHEMA@.reporter IS 'Who reported (诉求人): personal data, apart from the order so that it can be erased.';
COMMENT ON COLUMN @SCHEMA@.reporter.district IS 'District of the order.';
COMMENT ON COLUMN @SCHEMA@.reporter.order_id IS 'The order.';
COMMENT ON COLUMN @SCHEMA@.reporter.name IS 'Name as given; may be empty.';
COMMENT ON COLUMN @SCHEMA@.reporter.phone IS 'Telephone number as given; may be empty.';

CREATE TABLE @SCHEMA@.reporter_view (
  district  text        NOT NULL,
  view_id   bigint      GENERATED ALWAYS AS IDENTITY,
  order_id  bigint      NOT NULL,
  viewed_by text        NOT NULL,
  reason    text        NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024),
  viewed_at timestamptz NOT NULL,
  PRIMARY KEY (district, view_id),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.orders
);
CREATE INDEX reporter_view_of_order ON @SCHEMA@.reporter_view (district, order_id);
COMMENT ON TABLE @SCHEMA@.reporter_view IS 'Every time a reporter was shown unmasked; written in the statement that reads it.';
COMMENT ON COLUMN @SCHEMA@.reporter_view.district IS 'District of the order.';
COMMENT ON COLUMN @SCHEMA@.reporter_view.view_id IS 'Tells rows apart; says nothing of their order.';
COMMENT ON COLUMN @SCHEMA@.reporter_view.order_id IS 'The order whose reporter was shown.';
COMMENT ON COLUMN @SCHEMA@.reporter_view.viewed_by IS 'Principal it was shown to.';
COMMENT ON COLUMN @SCHEMA@.reporter_view.reason IS 'Reason the principal gave.';
COMMENT ON COLUMN @SCHEMA@.reporter_view.viewed_at IS 'When.';

CREATE TABLE @SCHEMA@.reporter_erasure (
  district  text        NOT NULL,
  order_id  bigint      NOT NULL,
  erased_by text        NOT NULL,
  reason    text        NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024),
  erased_at timestamptz NOT NULL,
  PRIMARY KEY (district, order_id),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.orders
);
COMMENT ON TABLE @SCHEMA@.reporter_erasure IS 'Erased reporters (PIPL art. 47): that it was done, for what reason; the first time counts.';
COMMENT ON COLUMN @SCHEMA@.reporter_erasure.district IS 'District of the order.';
COMMENT ON COLUMN @SCHEMA@.reporter_erasure.order_id IS 'The order whose reporter was erased.';
COMMENT ON COLUMN @SCHEMA@.reporter_erasure.erased_by IS 'Principal that asked for it.';
COMMENT ON COLUMN @SCHEMA@.reporter_erasure.reason IS 'Reason the principal gave.';
COMMENT ON COLUMN @SCHEMA@.reporter_erasure.erased_at IS 'When.';

CREATE TABLE @SCHEMA@.attachment (
  district   text     NOT NULL,
  order_id   bigint   NOT NULL,
  place      smallint NOT NULL CHECK (place BETWEEN 1 AND 20),
  sha256     text     NOT NULL CHECK (octet_length(sha256) = 64),
  name       text     NOT NULL,
  media_type text     NOT NULL,
  size_bytes bigint   NOT NULL CHECK (size_bytes >= 0),
  PRIMARY KEY (district, order_id, place)
);
COMMENT ON TABLE @SCHEMA@.attachment IS 'Evidence of an order by hash; the bytes live in the attachment store.';
COMMENT ON COLUMN @SCHEMA@.attachment.district IS 'District of the order.';
COMMENT ON COLUMN @SCHEMA@.attachment.order_id IS 'The order.';
COMMENT ON COLUMN @SCHEMA@.attachment.place IS 'Its place in the order''s list, from 1.';
COMMENT ON COLUMN @SCHEMA@.attachment.sha256 IS 'SHA-256 of the bytes, lower-case hex.';
COMMENT ON COLUMN @SCHEMA@.attachment.name IS 'File name for people; may be empty.';
COMMENT ON COLUMN @SCHEMA@.attachment.media_type IS 'e.g. image/jpeg; may be empty.';
COMMENT ON COLUMN @SCHEMA@.attachment.size_bytes IS 'Size the source states.';

CREATE TABLE @SCHEMA@.supplement (
  district      text        NOT NULL,
  order_id      bigint      NOT NULL,
  supplement_id text        NOT NULL CHECK (octet_length(supplement_id) BETWEEN 1 AND 64),
  text          text        COMPRESSION lz4 NOT NULL CHECK (octet_length(text) BETWEEN 1 AND 32768),
  added_by      text        NOT NULL,
  added_at      timestamptz NOT NULL,
  place         smallint    NOT NULL CHECK (place BETWEEN 1 AND 200),
  PRIMARY KEY (district, order_id, supplement_id),
  UNIQUE (district, order_id, place),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.orders
);
COMMENT ON TABLE @SCHEMA@.supplement IS 'What was added (补充) to an order after it was pushed.';
COMMENT ON COLUMN @SCHEMA@.supplement.district IS 'District of the order.';
COMMENT ON COLUMN @SCHEMA@.supplement.order_id IS 'The order.';
COMMENT ON COLUMN @SCHEMA@.supplement.supplement_id IS 'The caller''s key for repeats, unique in the order.';
COMMENT ON COLUMN @SCHEMA@.supplement.text IS 'The addition.';
COMMENT ON COLUMN @SCHEMA@.supplement.added_by IS 'Principal that added it.';
COMMENT ON COLUMN @SCHEMA@.supplement.added_at IS 'When.';
COMMENT ON COLUMN @SCHEMA@.supplement.place IS 'Its place in the order''s list, from 1, in the order of arrival.';

CREATE TABLE @SCHEMA@.withdrawal (
  district     text        NOT NULL,
  order_id     bigint      NOT NULL,
  reason       text        NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024),
  withdrawn_by text        NOT NULL,
  withdrawn_at timestamptz NOT NULL,
  PRIMARY KEY (district, order_id),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.orders
);
COMMENT ON TABLE @SCHEMA@.withdrawal IS 'Orders ended on the reporter''s wish (撤单); the first withdrawal counts.';
COMMENT ON COLUMN @SCHEMA@.withdrawal.district IS 'District of the order.';
COMMENT ON COLUMN @SCHEMA@.withdrawal.order_id IS 'The order.';
COMMENT ON COLUMN @SCHEMA@.withdrawal.reason IS 'Reason given.';
COMMENT ON COLUMN @SCHEMA@.withdrawal.withdrawn_by IS 'Principal that withdrew it.';
COMMENT ON COLUMN @SCHEMA@.withdrawal.withdrawn_at IS 'When.';

CREATE TABLE @SCHEMA@.counter (
  name             text        PRIMARY KEY CHECK (name = 'orders'),
  last_order_id    bigint      NOT NULL CHECK (last_order_id >= 0),
  last_received_at timestamptz NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE @SCHEMA@.counter IS 'One row, locked by each batch: order ids without gaps, ascending in commit order.';
COMMENT ON COLUMN @SCHEMA@.counter.name IS 'Always "orders".';
COMMENT ON COLUMN @SCHEMA@.counter.last_order_id IS 'Highest order id given.';
COMMENT ON COLUMN @SCHEMA@.counter.last_received_at IS 'received_at of that order; the next is not earlier.';
INSERT INTO @SCHEMA@.counter VALUES ('orders', 0, '1970-01-01 00:00:00+00');

GRANT SELECT, INSERT ON @SCHEMA@.orders, @SCHEMA@.attachment, @SCHEMA@.supplement, @SCHEMA@.withdrawal,
  @SCHEMA@.reporter_view, @SCHEMA@.reporter_erasure TO @ROLE@;
GRANT SELECT, INSERT, DELETE ON @SCHEMA@.reporter TO @ROLE@;
GRANT SELECT, UPDATE ON @SCHEMA@.counter TO @ROLE@;
