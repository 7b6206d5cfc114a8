-- A foreign key is a query of its own for each row that is written: a fifth of what the database does for a step. A step is only
-- ever written in the transaction that writes its case, which store.c takes from the same table.
ALTER TABLE @SCHEMA@.case_step DROP CONSTRAINT case_step_district_order_id_fkey;
