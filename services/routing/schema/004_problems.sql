-- Similar orders as problems (并单): members, what was suggested, who decided.
--
-- An order that is alone has no row here: it costs nothing until another is like it. Vectors are not stored; candidates
-- are read from assignment by place and made anew.

-- The newest orders of a place, and of a grid.
CREATE INDEX assignment_by_place ON @SCHEMA@.assignment (district, place_id, order_id) WHERE place_id <> '';
CREATE INDEX assignment_by_area ON @SCHEMA@.assignment (district, area, order_id) WHERE octet_length(area) = 15;

CREATE TABLE @SCHEMA@.problem (
  district      text        NOT NULL CHECK (octet_length(district) = 6),
  problem_id    bigint      NOT NULL,
  title         text        NOT NULL,
  place_id      text        NOT NULL,
  grid_code     text        NOT NULL,
  category      text        NOT NULL,
  state         smallint    NOT NULL CHECK (state BETWEEN 1 AND 2),
  members       int         NOT NULL CHECK (members >= 0),
  first_at      timestamptz NOT NULL,
  last_at       timestamptz NOT NULL,
  solved_at     timestamptz,
  solved_by     text        NOT NULL DEFAULT '',
  solved_person text        NOT NULL DEFAULT '',
  solved_reason text        NOT NULL DEFAULT '',
  PRIMARY KEY (district, problem_id),
  CONSTRAINT problem_solved CHECK ((state = 2) = (solved_at IS NOT NULL))
);
COMMENT ON TABLE @SCHEMA@.problem IS 'Problems: orders about one matter at one place';
COMMENT ON COLUMN @SCHEMA@.problem.district IS 'District of its orders';
COMMENT ON COLUMN @SCHEMA@.problem.problem_id IS 'Number of its first order';
COMMENT ON COLUMN @SCHEMA@.problem.title IS 'Title of its first order';
COMMENT ON COLUMN @SCHEMA@.problem.place_id IS 'Place of its first order; empty: only the grid is known';
COMMENT ON COLUMN @SCHEMA@.problem.grid_code IS 'Grid of its first order; empty: unknown';
COMMENT ON COLUMN @SCHEMA@.problem.category IS 'Category of its first order; empty: none';
COMMENT ON COLUMN @SCHEMA@.problem.state IS 'wangge.v1.ProblemState: 1 open, 2 solved';
COMMENT ON COLUMN @SCHEMA@.problem.members IS 'Members now; 1: all others have left, 0: the first went to another problem';
COMMENT ON COLUMN @SCHEMA@.problem.first_at IS 'When its first order came';
COMMENT ON COLUMN @SCHEMA@.problem.last_at IS 'When its newest order came';
COMMENT ON COLUMN @SCHEMA@.problem.solved_at IS 'When somebody said it is solved; null: open';
COMMENT ON COLUMN @SCHEMA@.problem.solved_by IS 'Principal that said so, or opened it again';
COMMENT ON COLUMN @SCHEMA@.problem.solved_person IS 'Person who did, a staff number; empty: not told';
COMMENT ON COLUMN @SCHEMA@.problem.solved_reason IS 'Why';

CREATE TABLE @SCHEMA@.problem_member (
  district      text        NOT NULL,
  problem_id    bigint      NOT NULL,
  order_id      bigint      NOT NULL,
  n             int         NOT NULL CHECK (n > 0),
  added_at      timestamptz NOT NULL,
  added_by      text        NOT NULL,
  person        text        NOT NULL,
  reason        text        NOT NULL,
  score         real        NOT NULL,
  idf           bigint      NOT NULL,
  evidence      text        NOT NULL,
  removed_at    timestamptz,
  removed_by    text        NOT NULL DEFAULT '',
  remove_person text        NOT NULL DEFAULT '',
  remove_reason text        NOT NULL DEFAULT '',
  PRIMARY KEY (district, problem_id, order_id, n),
  FOREIGN KEY (district, problem_id) REFERENCES @SCHEMA@.problem,
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.assignment,
  CONSTRAINT problem_member_removed CHECK ((removed_at IS NULL) = (removed_by = ''))
);
-- An order is in one problem at a time.
CREATE UNIQUE INDEX problem_member_order ON @SCHEMA@.problem_member (district, order_id) WHERE removed_at IS NULL;
COMMENT ON TABLE @SCHEMA@.problem_member IS 'Who is and was in a problem; a row ends, it never goes';
COMMENT ON COLUMN @SCHEMA@.problem_member.district IS 'District of problem and order';
COMMENT ON COLUMN @SCHEMA@.problem_member.problem_id IS 'The problem';
COMMENT ON COLUMN @SCHEMA@.problem_member.order_id IS 'The order';
COMMENT ON COLUMN @SCHEMA@.problem_member.n IS 'How often it has joined this problem';
COMMENT ON COLUMN @SCHEMA@.problem_member.added_at IS 'When it joined';
COMMENT ON COLUMN @SCHEMA@.problem_member.added_by IS '"system" or the principal that merged';
COMMENT ON COLUMN @SCHEMA@.problem_member.person IS 'Person who did, a staff number; empty: not told';
COMMENT ON COLUMN @SCHEMA@.problem_member.reason IS 'Why, in that principal''s words';
COMMENT ON COLUMN @SCHEMA@.problem_member.score IS 'Likeness at that time, 0 to 1; 0: none was computed';
COMMENT ON COLUMN @SCHEMA@.problem_member.idf IS 'Snapshot of document frequencies the score was computed under; 0: none';
COMMENT ON COLUMN @SCHEMA@.problem_member.evidence IS 'Place, score and words, for people';
COMMENT ON COLUMN @SCHEMA@.problem_member.removed_at IS 'When it left; null: it is a member';
COMMENT ON COLUMN @SCHEMA@.problem_member.removed_by IS 'Principal that took it out';
COMMENT ON COLUMN @SCHEMA@.problem_member.remove_person IS 'Person who did, a staff number; empty: not told';
COMMENT ON COLUMN @SCHEMA@.problem_member.remove_reason IS 'Why';

CREATE TABLE @SCHEMA@.merge_suggestion (
  district   text        NOT NULL,
  order_id   bigint      NOT NULL,
  problem_id bigint      NOT NULL,
  level      smallint    NOT NULL CHECK (level BETWEEN 1 AND 2),
  rank       smallint    NOT NULL GENERATED ALWAYS AS (3 - level) STORED,
  score      real        NOT NULL,
  idf        bigint      NOT NULL,
  relation   text        NOT NULL,
  evidence   text        NOT NULL,
  grams      text        NOT NULL,
  at         timestamptz NOT NULL,
  state      smallint    NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 3),
  decided_by text        NOT NULL DEFAULT '',
  person     text        NOT NULL DEFAULT '',
  reason     text        NOT NULL DEFAULT '',
  decided_at timestamptz,
  PRIMARY KEY (district, order_id, problem_id),
  FOREIGN KEY (district, order_id) REFERENCES @SCHEMA@.assignment,
  CONSTRAINT merge_suggestion_decided CHECK ((state = 1) = (decided_at IS NULL))
);
CREATE INDEX merge_suggestion_queue ON @SCHEMA@.merge_suggestion (district, state, rank, order_id, problem_id);
COMMENT ON TABLE @SCHEMA@.merge_suggestion IS 'Merges a machine found and a person decides';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.district IS 'District of order and problem';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.order_id IS 'The order';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.problem_id IS 'Problem, or single order, it may belong to';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.level IS 'wangge.v1.SuggestionLevel: 1 suggest, 2 strong';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.rank IS 'Place in the queue: 1 strong, 2 suggest';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.score IS 'Likeness, 0 to 1';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.idf IS 'Snapshot of document frequencies the score was computed under';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.relation IS 'same_place, same_grid, near, unknown';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.evidence IS 'Place, score and words, for people';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.grams IS 'Characters and pairs both share, heaviest first, joined by spaces';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.at IS 'When it was found';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.state IS 'wangge.v1.SuggestionState: 1 pending, 2 merged, 3 rejected';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.decided_by IS 'Principal that decided, "system" when another merge did; empty: pending';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.person IS 'Person who did, a staff number; empty: not told';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.reason IS 'Why';
COMMENT ON COLUMN @SCHEMA@.merge_suggestion.decided_at IS 'When; null: pending';

GRANT SELECT, INSERT, UPDATE ON @SCHEMA@.problem, @SCHEMA@.problem_member, @SCHEMA@.merge_suggestion TO @ROLE@;
