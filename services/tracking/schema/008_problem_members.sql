-- The members of a problem are walked through in order of their ids, in parts: also of one with very many.
DROP INDEX @SCHEMA@.cases_problem;
CREATE INDEX cases_problem ON @SCHEMA@.cases (district, problem_id, order_id) WHERE problem_id IS NOT NULL;
