-- Personal data behind rights of their own: the service's role may say that a reporter exists, add and erase one; what is in
-- the row it gets only from the functions below, which belong to the owner and record every full view themselves.

ALTER TABLE @SCHEMA@.reporter_view RENAME TO pii_access;
ALTER TABLE @SCHEMA@.pii_access RENAME COLUMN view_id TO access_id;
ALTER TABLE @SCHEMA@.pii_access RENAME COLUMN viewed_by TO who;
ALTER TABLE @SCHEMA@.pii_access RENAME COLUMN viewed_at TO at;
ALTER TABLE @SCHEMA@.pii_access
  ADD COLUMN field  text NOT NULL DEFAULT 'reporter' CHECK (field IN ('reporter', 'text')),
  ADD COLUMN person text NOT NULL DEFAULT '' CHECK (octet_length(person) <= 64);
ALTER TABLE @SCHEMA@.pii_access ALTER COLUMN field DROP DEFAULT;
ALTER INDEX @SCHEMA@.reporter_view_pkey RENAME TO pii_access_pkey;
ALTER INDEX @SCHEMA@.reporter_view_of_order RENAME TO pii_access_of_order;
COMMENT ON TABLE @SCHEMA@.pii_access IS 'Every time personal data were shown whole; written in the transaction that reads them.';
COMMENT ON COLUMN @SCHEMA@.pii_access.order_id IS 'The order whose data were shown.';
COMMENT ON COLUMN @SCHEMA@.pii_access.who IS 'Principal they were shown to.';
COMMENT ON COLUMN @SCHEMA@.pii_access.person IS 'Staff number of the person who acted, as the principal gave it.';
COMMENT ON COLUMN @SCHEMA@.pii_access.field IS 'What was shown: reporter (name and telephone) or text (title, text, address, supplements).';
COMMENT ON COLUMN @SCHEMA@.pii_access.at IS 'When.';

-- What a dispatcher wrote for handlers stands among the supplements: it goes the same way.
ALTER TABLE @SCHEMA@.supplement
  ADD COLUMN for_handlers boolean NOT NULL DEFAULT false,
  ADD COLUMN person       text    NOT NULL DEFAULT '' CHECK (octet_length(person) <= 64);
COMMENT ON COLUMN @SCHEMA@.supplement.for_handlers IS 'Written by a dispatcher in place of a text that is held back.';
COMMENT ON COLUMN @SCHEMA@.supplement.person IS 'Staff number of who wrote it for handlers; else empty.';

CREATE FUNCTION @SCHEMA@.reporter_masked(of_district text, of_order bigint) RETURNS TABLE (name text, phone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
  SELECT CASE WHEN r.name = '' THEN '' ELSE left(r.name, 1) || '**' END,
         CASE WHEN r.phone = '' THEN '' WHEN length(d.digits) >= 11 THEN left(d.digits, 3) || '****' || right(d.digits, 4)
              WHEN length(d.digits) >= 7 THEN '****' || right(d.digits, 2) ELSE '****' END
    FROM reporter r CROSS JOIN LATERAL (SELECT regexp_replace(regexp_replace(r.phone, '[^0-9]', '', 'g'),
                                                              '^86([0-9]{11})$', '\1') AS digits) d
   WHERE r.district = of_district AND r.order_id = of_order
     AND NOT (SELECT confidential FROM orders o WHERE o.district = of_district AND o.order_id = of_order)
$$;
COMMENT ON FUNCTION @SCHEMA@.reporter_masked IS 'A reporter as 张** 138****5678; nothing of a confidential order.';

CREATE FUNCTION @SCHEMA@.reporter_shown(of_district text, of_order bigint, by_whom text, by_person text, for_reason text,
                                        shown_at timestamptz) RETURNS TABLE (name text, phone text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
  WITH shown AS (
    SELECT r.name, r.phone FROM reporter r JOIN orders o ON o.district = r.district AND o.order_id = r.order_id
     WHERE r.district = of_district AND r.order_id = of_order AND NOT o.confidential),
  recorded AS (
    INSERT INTO pii_access (district, order_id, who, person, field, reason, at)
    SELECT of_district, of_order, by_whom, by_person, 'reporter', for_reason, shown_at FROM shown)
  SELECT shown.name, shown.phone FROM shown
$$;
COMMENT ON FUNCTION @SCHEMA@.reporter_shown IS 'A reporter whole, and the row of pii_access that says so; nothing of a confidential order.';

CREATE FUNCTION @SCHEMA@.reporter_is(of_district text, of_order bigint, is_name text, is_phone text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
  SELECT EXISTS (SELECT FROM reporter r WHERE r.district = of_district AND r.order_id = of_order
                    AND r.name = is_name AND r.phone = is_phone)
$$;
COMMENT ON FUNCTION @SCHEMA@.reporter_is IS 'Whether a repeated push names the same reporter.';

CREATE FUNCTION @SCHEMA@.reporter_named(of_district text, of_order bigint, in_text text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
  SELECT EXISTS (SELECT FROM reporter r WHERE r.district = of_district AND r.order_id = of_order
                    AND length(r.name) > 1 AND strpos(in_text, r.name) > 0)
$$;
COMMENT ON FUNCTION @SCHEMA@.reporter_named IS 'Whether a text for handlers names the reporter.';

-- Erasing reaches the texts: the service stars numbers in them, these functions the reporter's name besides, as long as it is
-- there. Only where an erasure is recorded, and never otherwise.
CREATE FUNCTION @SCHEMA@.without_reporter(of_district text, of_order bigint, of_text text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
  SELECT coalesce((SELECT replace(of_text, r.name, '**') FROM reporter r
                    WHERE r.district = of_district AND r.order_id = of_order AND length(r.name) > 1), of_text)
$$;
REVOKE ALL ON FUNCTION @SCHEMA@.without_reporter FROM PUBLIC;
COMMENT ON FUNCTION @SCHEMA@.without_reporter IS 'A text of an order with its reporter''s name starred; for the two functions below alone.';
CREATE FUNCTION @SCHEMA@.erase_order_texts(of_district text, of_order bigint, new_title text, new_text text, new_address text)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
  UPDATE orders o SET title = without_reporter(of_district, of_order, new_title),
         text = without_reporter(of_district, of_order, new_text),
         address = without_reporter(of_district, of_order, new_address)
   WHERE o.district = of_district AND o.order_id = of_order
     AND EXISTS (SELECT FROM reporter_erasure e WHERE e.district = of_district AND e.order_id = of_order)
$$;
COMMENT ON FUNCTION @SCHEMA@.erase_order_texts IS 'Texts of an order whose reporter was erased, with numbers starred.';
CREATE FUNCTION @SCHEMA@.erase_supplement(of_district text, of_order bigint, of_supplement text, new_text text)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $$
  UPDATE supplement s SET text = without_reporter(of_district, of_order, new_text)
   WHERE s.district = of_district AND s.order_id = of_order AND s.supplement_id = of_supplement
     AND EXISTS (SELECT FROM reporter_erasure e WHERE e.district = of_district AND e.order_id = of_order)
$$;
COMMENT ON FUNCTION @SCHEMA@.erase_supplement IS 'A supplement of an order whose reporter was erased, with numbers starred.';
COMMENT ON TABLE @SCHEMA@.orders IS 'Demands (工单) as received. Rows are never changed, the proof of what a source pushed; only an erasure stars the numbers in their texts.';

REVOKE ALL ON FUNCTION @SCHEMA@.reporter_masked, @SCHEMA@.reporter_shown, @SCHEMA@.reporter_is, @SCHEMA@.reporter_named,
  @SCHEMA@.erase_order_texts, @SCHEMA@.erase_supplement FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @SCHEMA@.reporter_masked, @SCHEMA@.reporter_shown, @SCHEMA@.reporter_is, @SCHEMA@.reporter_named,
  @SCHEMA@.erase_order_texts, @SCHEMA@.erase_supplement TO @ROLE@;
REVOKE SELECT ON @SCHEMA@.reporter FROM @ROLE@;
GRANT SELECT (district, order_id) ON @SCHEMA@.reporter TO @ROLE@;
