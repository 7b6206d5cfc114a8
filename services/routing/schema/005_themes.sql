-- Themes (同类诉求): what many places of a district want or suffer alike. Links, not merges: a sweep replaces the members
-- of a theme that continues; the theme keeps its number.

CREATE TABLE @SCHEMA@.theme_sweep (
  n       int         PRIMARY KEY CHECK (n > 0),
  at      timestamptz NOT NULL,
  seconds real        NOT NULL,
  orders  int         NOT NULL,
  themes  int         NOT NULL
);
COMMENT ON TABLE @SCHEMA@.theme_sweep IS 'Every sweep that ended';
COMMENT ON COLUMN @SCHEMA@.theme_sweep.n IS 'Its number; what was found after another one has ended is not stored';
COMMENT ON COLUMN @SCHEMA@.theme_sweep.at IS 'When it was stored';
COMMENT ON COLUMN @SCHEMA@.theme_sweep.seconds IS 'How long the search took';
COMMENT ON COLUMN @SCHEMA@.theme_sweep.orders IS 'Orders looked at';
COMMENT ON COLUMN @SCHEMA@.theme_sweep.themes IS 'Themes found';

CREATE TABLE @SCHEMA@.theme (
  district       text        NOT NULL CHECK (octet_length(district) = 6),
  theme_id       bigint      NOT NULL CHECK (theme_id > 0),
  title          text        NOT NULL,
  orders         int         NOT NULL CHECK (orders > 0),
  grids          int         NOT NULL CHECK (grids > 0),
  places         int         NOT NULL CHECK (places >= 0),
  category       text        NOT NULL,
  category_count int         NOT NULL CHECK (category_count >= 0),
  grams          text        NOT NULL,
  score          real        NOT NULL,
  idf            bigint      NOT NULL,
  evidence       text        NOT NULL,
  first_at       timestamptz NOT NULL,
  swept_at       timestamptz NOT NULL,
  ended_at       timestamptz,
  PRIMARY KEY (district, theme_id)
);
COMMENT ON TABLE @SCHEMA@.theme IS 'One matter in many grids, for the livelihood list';
COMMENT ON COLUMN @SCHEMA@.theme.district IS 'District of its orders';
COMMENT ON COLUMN @SCHEMA@.theme.theme_id IS 'Its number; stays while sweeps find it again, no number is used twice';
COMMENT ON COLUMN @SCHEMA@.theme.title IS 'Title of the order that says best what all say';
COMMENT ON COLUMN @SCHEMA@.theme.orders IS 'Members';
COMMENT ON COLUMN @SCHEMA@.theme.grids IS 'Different grids of the members';
COMMENT ON COLUMN @SCHEMA@.theme.places IS 'Different named places of the members';
COMMENT ON COLUMN @SCHEMA@.theme.category IS 'Most frequent category of the members; empty: none';
COMMENT ON COLUMN @SCHEMA@.theme.category_count IS 'Members that have it';
COMMENT ON COLUMN @SCHEMA@.theme.grams IS 'Characters and pairs that at least half of the members share, heaviest first, joined by spaces';
COMMENT ON COLUMN @SCHEMA@.theme.score IS 'Mean likeness with which members joined, 0 to 1';
COMMENT ON COLUMN @SCHEMA@.theme.idf IS 'Snapshot of document frequencies the score was computed under';
COMMENT ON COLUMN @SCHEMA@.theme.evidence IS 'Grids, orders and words, for people';
COMMENT ON COLUMN @SCHEMA@.theme.first_at IS 'Sweep that found it first';
COMMENT ON COLUMN @SCHEMA@.theme.swept_at IS 'Sweep that found it last';
COMMENT ON COLUMN @SCHEMA@.theme.ended_at IS 'Sweep that did not find it any more; null: it goes on';

CREATE TABLE @SCHEMA@.theme_member (
  district  text   NOT NULL,
  theme_id  bigint NOT NULL,
  order_id  bigint NOT NULL,
  grid_code text   NOT NULL,
  place_id  text   NOT NULL,
  score     real   NOT NULL,
  PRIMARY KEY (district, theme_id, order_id),
  FOREIGN KEY (district, theme_id) REFERENCES @SCHEMA@.theme,
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.assignment
);
COMMENT ON TABLE @SCHEMA@.theme_member IS 'Orders of a theme as its last sweep found them';
COMMENT ON COLUMN @SCHEMA@.theme_member.district IS 'District of theme and order';
COMMENT ON COLUMN @SCHEMA@.theme_member.theme_id IS 'The theme';
COMMENT ON COLUMN @SCHEMA@.theme_member.order_id IS 'The order';
COMMENT ON COLUMN @SCHEMA@.theme_member.grid_code IS 'Its grid';
COMMENT ON COLUMN @SCHEMA@.theme_member.place_id IS 'Its named place; empty: unknown';
COMMENT ON COLUMN @SCHEMA@.theme_member.score IS 'Likeness with which it joined; 0: it began the theme';

GRANT SELECT, INSERT ON @SCHEMA@.theme_sweep TO @ROLE@;
GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.theme TO @ROLE@;
GRANT SELECT, INSERT, DELETE ON @SCHEMA@.theme_member TO @ROLE@;
