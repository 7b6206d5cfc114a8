-- Rows that every order writes have no CHECKs: see common/stream/schema/003_checks.sql. What they said is held by validate.c
-- and accept.c, and proved by their tests.
ALTER TABLE @SCHEMA@.orders
  DROP CONSTRAINT orders_district_check, DROP CONSTRAINT orders_order_id_check, DROP CONSTRAINT orders_source_check,
  DROP CONSTRAINT orders_external_id_check, DROP CONSTRAINT orders_channel_check, DROP CONSTRAINT orders_kind_check,
  DROP CONSTRAINT orders_urgency_check, DROP CONSTRAINT orders_text_check, DROP CONSTRAINT orders_grid_code_check,
  DROP CONSTRAINT orders_attachments_check, DROP CONSTRAINT orders_content_hash_check, DROP CONSTRAINT orders_check;
ALTER TABLE @SCHEMA@.reporter DROP CONSTRAINT reporter_name_check, DROP CONSTRAINT reporter_phone_check;
