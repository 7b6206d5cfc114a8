-- Layers for GIS users (QGIS: PostgreSQL connection as a role that has wangge_gis granted, schema land, key column `key`).
-- Views over record, which the ledger alone writes; areas are m² here. wangge_gis is made by ops/postgres/roles.sql, may
-- read these views and nothing else, and never sees sealed values, payloads or keys.
CREATE VIEW @SCHEMA@.gis_parcel AS
SELECT village || '/' || id AS key, village, id, version, state, name,
       attributes ->> 'dk_code' AS dk_code, attributes ->> 'bdc_code' AS bdc_code, attributes ->> 'layer' AS layer,
       attributes ->> 'idle_kind' AS idle_kind, attributes ->> 'holder' AS holder,
       (attributes ->> 'basic_farmland')::boolean AS basic_farmland,
       (attributes ->> 'area_adopted_dm2')::bigint / 100.0 AS area_adopted_m2,
       (attributes ->> 'area_ellipsoid_dm2')::bigint / 100.0 AS area_ellipsoid_m2,
       (attributes ->> 'perimeter_dm')::bigint / 10.0 AS perimeter_m,
       geom
  FROM @SCHEMA@.record
 WHERE kind = 'parcel' AND NOT ended AND geom IS NOT NULL;
COMMENT ON VIEW @SCHEMA@.gis_parcel IS 'Parcels in force (地块), EPSG:4490';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.key IS 'Village and id: unique';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.village IS '12 digits';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.id IS 'Unique in the village';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.version IS '1, 2, 3 …';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.state IS 'draft, surveyed, signed, posted, confirmed, disputed';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.name IS 'What people call it';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.dk_code IS '地块代码, GB/T 35958; empty: none yet';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.bdc_code IS '不动产单元代码, GB/T 37346; empty: none yet';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.layer IS 'collective, yard, homestead';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.idle_kind IS 'abandoned, temp_occupied, edge_corner, facility, pond, other; unspecified: not idle';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.holder IS 'Who farms it by the survey';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.basic_farmland IS '永久基本农田';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.area_adopted_m2 IS 'The area that counts';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.area_ellipsoid_m2 IS 'Computed on the ellipsoid';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.perimeter_m IS 'Computed on the plane';
COMMENT ON COLUMN @SCHEMA@.gis_parcel.geom IS 'Polygon, EPSG:4490, longitude first';

CREATE VIEW @SCHEMA@.gis_village AS
SELECT village AS key, village, version, name, geom
  FROM @SCHEMA@.record
 WHERE kind = 'village_info' AND NOT ended AND geom IS NOT NULL;
COMMENT ON VIEW @SCHEMA@.gis_village IS 'Boundaries of the villages that keep a ledger, EPSG:4490';
COMMENT ON COLUMN @SCHEMA@.gis_village.key IS 'Village code: unique';
COMMENT ON COLUMN @SCHEMA@.gis_village.village IS '12 digits';
COMMENT ON COLUMN @SCHEMA@.gis_village.version IS '1, 2, 3 …';
COMMENT ON COLUMN @SCHEMA@.gis_village.name IS 'Of the village';
COMMENT ON COLUMN @SCHEMA@.gis_village.geom IS 'Polygon or multipolygon, EPSG:4490, longitude first';

-- A private database of a test or a trial may have no such role.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wangge_gis') THEN
    GRANT USAGE ON SCHEMA @SCHEMA@ TO wangge_gis;
    GRANT SELECT ON @SCHEMA@.gis_parcel, @SCHEMA@.gis_village TO wangge_gis;
  END IF;
END $$;
