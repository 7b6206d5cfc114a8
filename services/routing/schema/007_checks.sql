-- Rows that every order writes have no CHECKs: see common/stream/schema/003_checks.sql. What they said is held by decide.c
-- and states.c, and proved by their tests.
ALTER TABLE @SCHEMA@.assignment
  DROP CONSTRAINT assignment_district_check, DROP CONSTRAINT assignment_order_id_check,
  DROP CONSTRAINT assignment_state_check, DROP CONSTRAINT assignment_hops_check, DROP CONSTRAINT assignment_steps_check,
  DROP CONSTRAINT assignment_place, DROP CONSTRAINT assignment_area_check;
