-- Duties (任务): what has to be done again and again or because something happened, each an order for intake.

CREATE TABLE @SCHEMA@.duty (
  district   text COLLATE "C" NOT NULL CHECK (octet_length(district) = 6),
  duty_id    text COLLATE "C" NOT NULL CHECK (octet_length(duty_id) BETWEEN 1 AND 64),
  duty_no    bigint      GENERATED ALWAYS AS IDENTITY,
  template   text        NOT NULL,
  area       text        NOT NULL,
  due_on     date        NOT NULL,
  state      smallint    NOT NULL CHECK (state BETWEEN 1 AND 3),
  order_id   bigint,
  message    text        NOT NULL DEFAULT '',
  made_at    timestamptz NOT NULL,
  settled_at timestamptz,
  body       bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, duty_id),
  CHECK ((state = 2) = (order_id IS NOT NULL)),
  CHECK ((state = 1) = (settled_at IS NULL))
);
CREATE INDEX duty_newest ON @SCHEMA@.duty (district, duty_no);
CREATE INDEX duty_newest_of_state ON @SCHEMA@.duty (district, state, duty_no);
CREATE INDEX duty_pending ON @SCHEMA@.duty (duty_no) INCLUDE (made_at) WHERE state = 1;
COMMENT ON TABLE @SCHEMA@.duty IS 'Duties made from templates and events; none is made twice';
COMMENT ON COLUMN @SCHEMA@.duty.district IS 'Tenant key: 6-digit administrative code';
COMMENT ON COLUMN @SCHEMA@.duty.duty_id IS 'What it is for: template, area and date or event; the external_id of its order';
COMMENT ON COLUMN @SCHEMA@.duty.duty_no IS 'Order in which they were made; has gaps';
COMMENT ON COLUMN @SCHEMA@.duty.template IS 'Code of the duty_template';
COMMENT ON COLUMN @SCHEMA@.duty.area IS 'Code of the area or station it is for';
COMMENT ON COLUMN @SCHEMA@.duty.due_on IS 'Day it was made for';
COMMENT ON COLUMN @SCHEMA@.duty.state IS 'wangge.v1.DutyState: 1 pending, 2 pushed, 3 refused';
COMMENT ON COLUMN @SCHEMA@.duty.order_id IS 'Order of intake';
COMMENT ON COLUMN @SCHEMA@.duty.message IS 'Why intake refused it';
COMMENT ON COLUMN @SCHEMA@.duty.made_at IS 'When it was made';
COMMENT ON COLUMN @SCHEMA@.duty.settled_at IS 'When the answer of intake was stored';
COMMENT ON COLUMN @SCHEMA@.duty.body IS 'wangge.v1.NewOrder in protobuf, as pushed: the same at each try, whatever the book says by then';

CREATE TABLE @SCHEMA@.happening (
  district    text        NOT NULL CHECK (octet_length(district) = 6),
  principal   text        NOT NULL,
  event_id    text        NOT NULL CHECK (octet_length(event_id) BETWEEN 1 AND 128),
  event       text        NOT NULL,
  kind        text        NOT NULL,
  code        text        NOT NULL,
  happened_at timestamptz NOT NULL,
  note        text        NOT NULL,
  told_at     timestamptz NOT NULL,
  answer      bytea       NOT NULL,
  PRIMARY KEY (district, principal, event_id)
);
COMMENT ON TABLE @SCHEMA@.happening IS 'Events that triggered duties, or none: the same event again is answered alike';
COMMENT ON COLUMN @SCHEMA@.happening.district IS 'District it happened in';
COMMENT ON COLUMN @SCHEMA@.happening.principal IS 'Who told of it';
COMMENT ON COLUMN @SCHEMA@.happening.event_id IS 'Key the principal gave it';
COMMENT ON COLUMN @SCHEMA@.happening.event IS 'What happened, as duty templates name it';
COMMENT ON COLUMN @SCHEMA@.happening.kind IS 'Kind of the record it happened to';
COMMENT ON COLUMN @SCHEMA@.happening.code IS 'Code of that record';
COMMENT ON COLUMN @SCHEMA@.happening.happened_at IS 'When';
COMMENT ON COLUMN @SCHEMA@.happening.note IS 'What else there is to know; no names';
COMMENT ON COLUMN @SCHEMA@.happening.told_at IS 'When the registry was told';
COMMENT ON COLUMN @SCHEMA@.happening.answer IS 'wangge.v1.HappenResponse as it was given';

CREATE TABLE @SCHEMA@.duty_day (
  district text PRIMARY KEY CHECK (octet_length(district) = 6),
  done_on  date NOT NULL
);
COMMENT ON TABLE @SCHEMA@.duty_day IS 'How far the duties of the calendar are made';
COMMENT ON COLUMN @SCHEMA@.duty_day.district IS 'District';
COMMENT ON COLUMN @SCHEMA@.duty_day.done_on IS 'Newest day whose duties are all made; a day of Asia/Shanghai';

GRANT SELECT, INSERT ON @SCHEMA@.duty, @SCHEMA@.happening TO @ROLE@;
GRANT UPDATE (state, order_id, message, settled_at) ON @SCHEMA@.duty TO @ROLE@;
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.duty_day TO @ROLE@;
