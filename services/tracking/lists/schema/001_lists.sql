-- Lists (清单): pledges, deliberation meetings, questionnaires; every version of every entry, and anonymous answers.
--
-- An entry's content is one protobuf message (wangge.v1.ListEntry), because the kinds differ and the contract defines
-- them; what is filtered and sorted stands in columns.

CREATE TABLE @SCHEMA@.list_entry (
  district  text COLLATE "C" NOT NULL CHECK (octet_length(district) = 6),
  kind      smallint    NOT NULL CHECK (kind > 0),
  code      text COLLATE "C" NOT NULL CHECK (octet_length(code) BETWEEN 1 AND 40),
  version   int         NOT NULL CHECK (version > 0),
  state     smallint    NOT NULL CHECK (state > 0),
  year      int         NOT NULL,
  area      text COLLATE "C" NOT NULL,
  disclosed boolean     NOT NULL,
  body      bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, kind, code)
);
CREATE INDEX list_entry_year ON @SCHEMA@.list_entry (district, kind, year, code);
COMMENT ON TABLE @SCHEMA@.list_entry IS 'Entries of the lists as they are';
COMMENT ON COLUMN @SCHEMA@.list_entry.district IS 'Tenant key: 6-digit administrative code';
COMMENT ON COLUMN @SCHEMA@.list_entry.kind IS 'wangge.v1.ListKind';
COMMENT ON COLUMN @SCHEMA@.list_entry.code IS 'Code its writer gave it';
COMMENT ON COLUMN @SCHEMA@.list_entry.version IS 'Number of its newest change';
COMMENT ON COLUMN @SCHEMA@.list_entry.state IS 'wangge.v1.EntryState';
COMMENT ON COLUMN @SCHEMA@.list_entry.year IS 'Year it is for';
COMMENT ON COLUMN @SCHEMA@.list_entry.area IS 'District, street, community or grid it is for';
COMMENT ON COLUMN @SCHEMA@.list_entry.disclosed IS 'Whether everybody with a key of the district may read it';
COMMENT ON COLUMN @SCHEMA@.list_entry.body IS 'wangge.v1.ListEntry in protobuf';

CREATE TABLE @SCHEMA@.list_change (
  district   text COLLATE "C" NOT NULL,
  kind       smallint    NOT NULL,
  code       text COLLATE "C" NOT NULL,
  version    int         NOT NULL CHECK (version > 0),
  at         timestamptz NOT NULL,
  by         text        NOT NULL,
  person     text        NOT NULL,
  action     text        NOT NULL,
  reason     text        NOT NULL,
  request_id text        NOT NULL,
  digest     bytea       NOT NULL CHECK (octet_length(digest) = 32),
  state      smallint    NOT NULL,
  disclosed  boolean     NOT NULL,
  body       bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, kind, code, version)
);
CREATE UNIQUE INDEX list_change_request ON @SCHEMA@.list_change (district, by, request_id) WHERE request_id <> '';
COMMENT ON TABLE @SCHEMA@.list_change IS 'Every change of every entry: who, when, why, and the entry after it; rows are only added';
COMMENT ON COLUMN @SCHEMA@.list_change.district IS 'District of the entry';
COMMENT ON COLUMN @SCHEMA@.list_change.kind IS 'wangge.v1.ListKind';
COMMENT ON COLUMN @SCHEMA@.list_change.code IS 'The entry';
COMMENT ON COLUMN @SCHEMA@.list_change.version IS '1, 2, 3 … of the entry';
COMMENT ON COLUMN @SCHEMA@.list_change.at IS 'When';
COMMENT ON COLUMN @SCHEMA@.list_change.by IS 'Principal';
COMMENT ON COLUMN @SCHEMA@.list_change.person IS 'Staff number of the acting person; empty: the principal itself';
COMMENT ON COLUMN @SCHEMA@.list_change.action IS 'Name of the action, e.g. pledge_amend';
COMMENT ON COLUMN @SCHEMA@.list_change.reason IS 'Why';
COMMENT ON COLUMN @SCHEMA@.list_change.request_id IS 'Key of the request, so that repeating it changes nothing; empty: the second entry of a request';
COMMENT ON COLUMN @SCHEMA@.list_change.digest IS 'Hash of the request, which tells a repeat from another one';
COMMENT ON COLUMN @SCHEMA@.list_change.state IS 'wangge.v1.EntryState after it';
COMMENT ON COLUMN @SCHEMA@.list_change.disclosed IS 'Whether it was disclosed after it';
COMMENT ON COLUMN @SCHEMA@.list_change.body IS 'wangge.v1.ListEntry after it';

CREATE TABLE @SCHEMA@.list_token (
  district text COLLATE "C" NOT NULL,
  code     text COLLATE "C" NOT NULL,
  hash     bytea NOT NULL CHECK (octet_length(hash) = 32),
  used     bytea CHECK (octet_length(used) = 32),
  PRIMARY KEY (district, code, hash)
);
COMMENT ON TABLE @SCHEMA@.list_token IS 'One-time tokens of questionnaires; says nothing about who has one, or when it was used';
COMMENT ON COLUMN @SCHEMA@.list_token.district IS 'District of the questionnaire';
COMMENT ON COLUMN @SCHEMA@.list_token.code IS 'The questionnaire';
COMMENT ON COLUMN @SCHEMA@.list_token.hash IS 'Keyed hash of the token';
COMMENT ON COLUMN @SCHEMA@.list_token.used IS 'Hash of the answer, keyed by the service''s secret and the token; null: not used';

CREATE TABLE @SCHEMA@.list_count (
  district text COLLATE "C" NOT NULL,
  code     text COLLATE "C" NOT NULL,
  question int    NOT NULL CHECK (question >= 0),
  choice   int    NOT NULL CHECK (choice >= 0),
  answers  bigint NOT NULL CHECK (answers > 0),
  PRIMARY KEY (district, code, question, choice)
);
COMMENT ON TABLE @SCHEMA@.list_count IS 'Answers to questionnaires, counted';
COMMENT ON COLUMN @SCHEMA@.list_count.district IS 'District of the questionnaire';
COMMENT ON COLUMN @SCHEMA@.list_count.code IS 'The questionnaire';
COMMENT ON COLUMN @SCHEMA@.list_count.question IS 'Its question; 0: the whole';
COMMENT ON COLUMN @SCHEMA@.list_count.choice IS 'Option, scale value, 1 yes, 2 no; 0: answered at all';
COMMENT ON COLUMN @SCHEMA@.list_count.answers IS 'How many';

CREATE TABLE @SCHEMA@.list_text (
  district text COLLATE "C" NOT NULL,
  code     text COLLATE "C" NOT NULL,
  question int  NOT NULL,
  id       uuid NOT NULL DEFAULT gen_random_uuid(),
  text     text COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, code, question, id)
);
COMMENT ON TABLE @SCHEMA@.list_text IS 'Free texts of answers; their random ids tell no order';
COMMENT ON COLUMN @SCHEMA@.list_text.district IS 'District of the questionnaire';
COMMENT ON COLUMN @SCHEMA@.list_text.code IS 'The questionnaire';
COMMENT ON COLUMN @SCHEMA@.list_text.question IS 'Its question';
COMMENT ON COLUMN @SCHEMA@.list_text.id IS 'Random';
COMMENT ON COLUMN @SCHEMA@.list_text.text IS 'What was written';

CREATE TABLE @SCHEMA@.list_order (
  district    text COLLATE "C" NOT NULL,
  external_id text COLLATE "C" NOT NULL CHECK (octet_length(external_id) BETWEEN 1 AND 64),
  code        text COLLATE "C" NOT NULL,
  topic       int         NOT NULL,
  made_at     timestamptz NOT NULL,
  order_id    bigint,
  refused     text,
  settled_at  timestamptz,
  body        bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (district, external_id),
  CHECK ((settled_at IS NULL) = (order_id IS NULL AND refused IS NULL))
);
CREATE INDEX list_order_meeting ON @SCHEMA@.list_order (district, code, topic);
CREATE INDEX list_order_pending ON @SCHEMA@.list_order (made_at, district, external_id) WHERE settled_at IS NULL;
COMMENT ON TABLE @SCHEMA@.list_order IS 'Orders that topics of meetings became, for intake; none is pushed as another';
COMMENT ON COLUMN @SCHEMA@.list_order.district IS 'District of the meeting';
COMMENT ON COLUMN @SCHEMA@.list_order.external_id IS 'Number under which it is pushed';
COMMENT ON COLUMN @SCHEMA@.list_order.code IS 'The meeting';
COMMENT ON COLUMN @SCHEMA@.list_order.topic IS 'Its topic';
COMMENT ON COLUMN @SCHEMA@.list_order.made_at IS 'When it was made';
COMMENT ON COLUMN @SCHEMA@.list_order.order_id IS 'Order of intake; null: not taken';
COMMENT ON COLUMN @SCHEMA@.list_order.refused IS 'Why intake refused it; null: it did not';
COMMENT ON COLUMN @SCHEMA@.list_order.settled_at IS 'When the answer of intake was stored';
COMMENT ON COLUMN @SCHEMA@.list_order.body IS 'wangge.v1.NewOrder in protobuf, as pushed';

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.list_entry, @SCHEMA@.list_count TO @ROLE@;
GRANT SELECT, INSERT ON @SCHEMA@.list_change, @SCHEMA@.list_text TO @ROLE@;
GRANT SELECT, INSERT, UPDATE (used) ON @SCHEMA@.list_token TO @ROLE@;
GRANT SELECT, INSERT, UPDATE (order_id, refused, settled_at) ON @SCHEMA@.list_order TO @ROLE@;
