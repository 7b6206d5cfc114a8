-- The land class of a parcel in its attributes, for the layer of parcels. Rows of before get it out of their record as it is
-- packed, so that they are what the service would write (land verify projection compares them).
CREATE FUNCTION @SCHEMA@.packed_field(message bytea, wanted int) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
-- The length-delimited field `wanted` of a protobuf message, the last one; null when it has none.
DECLARE
  at int := 0;
  tag bigint;
  size bigint;
  shift int;
  byte int;
  found bytea;
BEGIN
  WHILE at < octet_length(message) LOOP
    tag := 0; shift := 0;
    LOOP
      byte := get_byte(message, at); at := at + 1;
      tag := tag | ((byte & 127)::bigint << shift); shift := shift + 7;
      EXIT WHEN byte < 128;
    END LOOP;
    size := 0;
    CASE tag & 7
    WHEN 0 THEN
      LOOP
        byte := get_byte(message, at); at := at + 1;
        EXIT WHEN byte < 128;
      END LOOP;
    WHEN 1 THEN size := 8;
    WHEN 5 THEN size := 4;
    ELSE
      shift := 0;
      LOOP
        byte := get_byte(message, at); at := at + 1;
        size := size | ((byte & 127)::bigint << shift); shift := shift + 7;
        EXIT WHEN byte < 128;
      END LOOP;
      IF tag >> 3 = wanted THEN found := substring(message FROM at + 1 FOR size::int); END IF;
    END CASE;
    at := at + size::int;
  END LOOP;
  RETURN found;
END $$;

-- LandRecord.parcel = 41, Parcel.land_class = 6, LandClass: standard = 1, code = 2, name = 3. Primary key: kind is its third part.
UPDATE @SCHEMA@.record r
   SET attributes = attributes || jsonb_build_object(
         'land_class_standard', coalesce(convert_from(@SCHEMA@.packed_field(class, 1), 'UTF8'), ''),
         'land_class_code', coalesce(convert_from(@SCHEMA@.packed_field(class, 2), 'UTF8'), ''),
         'land_class_name', coalesce(convert_from(@SCHEMA@.packed_field(class, 3), 'UTF8'), ''))
  FROM (SELECT district, village, kind, id, @SCHEMA@.packed_field(@SCHEMA@.packed_field(body, 41), 6) AS class
          FROM @SCHEMA@.record WHERE kind = 'parcel') AS packed
 WHERE r.district = packed.district AND r.village = packed.village AND r.kind = packed.kind AND r.id = packed.id
   AND class IS NOT NULL;
DROP FUNCTION @SCHEMA@.packed_field(bytea, int);

CREATE OR REPLACE VIEW @SCHEMA@.gis_parcel AS
SELECT village || '/' || id AS key, village, id, version, state, name,
       attributes ->> 'dk_code' AS dk_code, attributes ->> 'bdc_code' AS bdc_code, attributes ->> 'layer' AS layer,
       attributes ->> 'idle_kind' AS idle_kind, attributes ->> 'holder' AS holder,
       (attributes ->> 'basic_farmland')::boolean AS basic_farmland,
       (attributes ->> 'area_adopted_dm2')::bigint / 100.0 AS area_adopted_m2,
       (attributes ->> 'area_ellipsoid_dm2')::bigint / 100.0 AS area_ellipsoid_m2,
       (attributes ->> 'perimeter_dm')::bigint / 10.0 AS perimeter_m,
       geom,
       attributes ->> 'land_class_standard' AS class_standard, attributes ->> 'land_class_code' AS class_code,
       attributes ->> 'land_class_name' AS class_name
  FROM @SCHEMA@.record
 WHERE kind = 'parcel' AND NOT ended AND geom IS NOT NULL;
COMMENT ON COLUMN @SCHEMA@.gis_parcel.class_standard IS 'List that the code of the land class is of, e.g. GB/T 21010-2017';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.class_code IS '地类编码';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.class_name IS '地类名称';
