"""Layers out of the ledger and back: what `land export parcels` writes, `land import` reads into another village of another service
with every vertex, attribute and number equal; a GIS reads views and nothing else."""
import json
import re
import shutil
import subprocess

import pytest

from harness.cell import ROOT, VILLAGE, Cell
from harness.command import complaint, wangge
from harness.land import make_village

BOUNDARY = "POLYGON((115.69 37.73, 115.71 37.73, 115.71 37.75, 115.69 37.75, 115.69 37.73))"
OTHER = "131102101202"
TASK = ("--method", "rtk", "--epsg", 4490, "--datum", "cgcs2000", "--surveyor", "演示测绘队", "--day", "2026-03-01")
COMPUTED = ("state", "version", "village", "survey_task")  # of the ledger it stands in


def ring(*points):
    return [[round(115.70 + x, 9), round(37.74 + y, 9)] for x, y in [*points, points[0]]]


SQUARE = ((0, 0), (0.001, 0), (0.001, 0.001), (0, 0.001))
PARCELS = [
    # two holes, odd decimals, every attribute
    ("0007", [ring((0, 0), (0.002000001, 0.000000003), (0.002123457, 0.001987654), (0.000000009, 0.002)),
              ring((0.0005, 0.0005), (0.0005, 0.0007), (0.0007, 0.0007), (0.0007, 0.0005)),
              ring((0.001, 0.001), (0.001, 0.00133), (0.00133, 0.001))],
     {"name": "=东洼“大”地, 甲\"乙\"", "dk_code": "1311021012011400001"[:19], "layer": "collective", "class_code": "0103", "class_name": "旱地",
      "idle_kind": "abandoned", "ownership": 30, "grade": 7, "basic_farmland": True, "area_surveyed_m2": 36800.07, "area_contract_m2": 36000,
      "area_original_m2": 12345.6, "area_basis": "ellipsoid", "area_waiver": "2026-03-01", "hole_reason": "两座机井、坟地",
      "holder": "演示户𠮷", "declared_east": "演示户2、道路", "declared_south": "沟渠", "declared_west": "'=村界", "declared_north": "道路",
      "points": [{"number": 1, "marker": "钢钉", "line": "田埂"}, {"number": 3, "marker": "水泥桩", "line": "沟渠"}]}),
    ("b-2", [ring(*((x + 0.003, y) for x, y in SQUARE))], {"name": "2026/03/01", "class_code": "0102", "holder": "演示户2"}),
    ("b-3", [ring(*((x + 0.004, y) for x, y in SQUARE))], {"name": "true", "class_code": "1104", "idle_kind": "pond", "layer": "yard"}),
    ("b-4", [ring(*((x + 0.003, y + 0.001) for x, y in SQUARE))], {"name": "-1", "class_code": "1201", "holder": "+甲"}),
]


def file_of(path, parcels):
    def properties(name, more):
        more = {"id": name, "class_standard": "GB/T 21010-2017", **more}
        if "points" in more:
            more["points"] = json.dumps(more["points"], ensure_ascii=False)
        return more
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": properties(name, more), "geometry": {"type": "Polygon", "coordinates": rings}}
        for name, rings, more in parcels]}, ensure_ascii=False))
    return path


def ready(cell, village):
    make_village(cell, village=village, boundary=BOUNDARY)
    wangge(cell, "land", "task", "put", "t", "--village", village, *TASK, "--as", "registrar")


def taken(cell, file, village):
    wangge(cell, "land", "import", file, "--village", village, "--task", "t", "--as", "registrar")


def records(cell, village):
    """Bodies of the parcels by id, without what is of the ledger they stand in."""
    lines = wangge(cell, "land", "list", "parcel", "--village", village, "--limit", 1000, "--as", "registrar", "--json").splitlines()
    found = [json.loads(line)["record"] for line in lines]
    return {one["id"]: one["parcel"] for one in found}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    made = Cell(services=("land",))
    try:
        made.start()
        ready(made, VILLAGE)
        taken(made, file_of(tmp_path_factory.mktemp("in") / "in.geojson", PARCELS), VILLAGE)
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def there():
    """Another service with a database of its own."""
    made = Cell(services=("land",))
    try:
        made.start()
        yield made
    finally:
        made.stop()


VILLAGES = {"geojson": OTHER, "gpkg": "131102101203", "csv": "131102101204"}


@pytest.mark.parametrize("format", ["geojson", "gpkg", "csv"])
def test_what_is_exported_is_read_back_equal(here, there, tmp_path, format):
    if format == "gpkg" and not shutil.which("ogr2ogr"):
        pytest.skip("GeoPackage needs ogr2ogr (gdal-bin)")
    file, village = tmp_path / f"out.{format}", VILLAGES[format]
    told = wangge(here, "land", "export", "parcels", "--village", VILLAGE, "--format", format, "--out", file)
    assert "4 parcels as the ledger has them after 3 entries" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == [file.name], "nothing half-written stays"
    ready(there, village)
    taken(there, file, village)
    first, second = records(here, VILLAGE), records(there, village)
    assert first == second and len(first) == 4
    body = first["0007"]
    assert body["name"] == PARCELS[0][2]["name"] and len(body["points"]) == 2 and body["holeReason"] == "两座机井、坟地"
    assert body["geom"].count("),(") == 2 and "115.702123457 37.741987654" in body["geom"]
    assert {n["declared"] for n in body["neighbours"] if n["side"] == "NEIGHBOUR_SIDE_WEST"} == {"'=村界"}
    again = tmp_path / f"again.{format}"
    wangge(there, "land", "export", "parcels", "--village", village, "--format", format, "--out", again, "--as", "registrar")
    if format == "csv":
        assert file.read_text().replace(VILLAGE + ",1", village + ",1") == again.read_text()


def test_the_geojson_is_what_other_programs_read(here, tmp_path):
    text = wangge(here, "land", "export", "parcels", "--village", VILLAGE)
    features = {feature["id"]: feature for feature in json.loads(text)["features"]}
    properties = features["0007"]["properties"]
    assert features["0007"]["geometry"]["coordinates"][0][0] == [115.7, 37.74] and len(features["0007"]["geometry"]["coordinates"]) == 3
    assert properties["area_surveyed_m2"] == 36800.07 and properties["basic_farmland"] is True and properties["grade"] == 7
    assert features["b-2"]["properties"]["grade"] is None and features["b-2"]["properties"]["state"] == "surveyed"
    assert json.loads(features["b-2"]["properties"]["neighbours"])[0]["parcelId"] in ("b-3", "b-4")
    csv = wangge(here, "land", "export", "parcels", "--village", VILLAGE, "--format", "csv")
    assert "'-1" in csv and "'+甲" in csv and '"\'=东洼“大”地, 甲""乙"""' in csv, "formulas are guarded"


def test_what_export_cannot_do_is_said(here, tmp_path):
    village = ("--village", VILLAGE)
    assert "must be geojson, gpkg or csv" in complaint(here, "land", "export", "parcels", *village, "--format", "shp", code=2)
    assert "--out FILE.gpkg" in complaint(here, "land", "export", "parcels", *village, "--format", "gpkg", code=2)
    assert "cannot write" in complaint(here, "land", "export", "parcels", *village, "--out", tmp_path / "no/such/folder.csv", code=1)
    assert "has no ledger" in complaint(here, "land", "export", "parcels", "--village", "131102101209", "--as", "registrar", code=1)
    make_village(here, village=OTHER, boundary=BOUNDARY)
    empty = json.loads(wangge(here, "land", "export", "parcels", "--village", OTHER, "--as", "registrar"))
    assert empty["features"] == []
    complaint(here, "land", "export", "parcels", "--village", OTHER, "--as", "village", code=1)  # none of this village's


@pytest.mark.parametrize("text", ["[1]", "{}", "[", '[{"number":"x"}]', '[{"nonsense":1}]', '[null]'])
def test_points_that_are_none_are_refused(here, tmp_path, text):
    features = [("p-9", [ring(*((x + 0.007, y) for x, y in SQUARE))], {"class_code": "0103"})]
    file = file_of(tmp_path / "p.geojson", features)
    made = json.loads(file.read_text())
    made["features"][0]["properties"]["points"] = text
    file.write_text(json.dumps(made))
    told = complaint(here, "land", "import", file, "--village", VILLAGE, "--task", "t", code=2)
    assert "row.value" in told and "/parcels/0/points" in told


@pytest.fixture(scope="module")
def surveyor(here):
    """A person with a GIS: a login role that wangge_gis was granted to, as docs/land-gis.md says."""
    here.postgres.query("CREATE ROLE surveyor LOGIN; GRANT wangge_gis TO surveyor; ALTER ROLE surveyor SET search_path = land, postgis")
    idents = here.postgres.data / "pg_ident.conf"
    idents.write_text(idents.read_text() + "".join(
        re.sub(r"\S+$", "surveyor", line) + "\n" for line in sorted(set(idents.read_text().splitlines())) if line.endswith(" wangge_land")))
    here.postgres.query("SELECT pg_reload_conf()")
    return "surveyor"


def denied(cell, role, sql):
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(cell.postgres.folder), "-U", role, "-d", "wangge", "-c", sql],
                          capture_output=True, text=True, cwd="/")
    return done.returncode != 0 and "permission denied" in done.stderr, (sql, done.stderr)


def test_a_gis_reads_the_views(here, surveyor):
    rows = here.postgres.query("SELECT key, state, class_standard, class_code, class_name, area_adopted_m2, ST_SRID(geom), ST_NumInteriorRings(geom) "
                               "FROM gis_parcel ORDER BY id", role=surveyor)
    assert len(rows) == 4 and rows[0][:5] == [f"{VILLAGE}/0007", "surveyed", "GB/T 21010-2017", "0103", "旱地"] and rows[0][6:] == ["4490", "2"]
    assert [VILLAGE, "4490"] in here.postgres.query("SELECT village, ST_SRID(geom) FROM gis_village", role=surveyor)
    if shutil.which("ogrinfo"):  # what QGIS reads with, too
        source = f"PG:host={here.postgres.folder} dbname=wangge user={surveyor} schemas=land"
        seen = subprocess.run(["ogrinfo", "-so", "-ro", source, "gis_parcel"], capture_output=True, text=True, check=True).stdout
        assert "Feature Count: 4" in seen and "4490" in seen and "class_code" in seen


def test_a_gis_reads_and_writes_nothing_else(here, surveyor):
    others = here.postgres.query("SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN "
                                 "('r', 'p', 'v', 'm', 'S') AND nspname NOT LIKE 'pg_%' AND nspname NOT IN ('information_schema', 'postgis')")
    names = [row[0] for row in others if row[0] not in ("land.gis_parcel", "land.gis_village")]
    assert "land.record" in names and "land.sealed" in names and "land.ledger_entry" in names
    for name in names:
        good, what = denied(here, surveyor, f"SELECT * FROM {name}")
        assert good, what
    for view in ("gis_parcel", "gis_village"):
        for sql in (f"INSERT INTO {view} (village) VALUES ('x')", f"UPDATE {view} SET name = 'x'", f"DELETE FROM {view}"):
            good, what = denied(here, surveyor, sql)
            assert good, what
    for sql in ("CREATE TABLE land.mine (a int)", "CREATE TABLE postgis.mine (a int)", "CREATE TABLE public.mine (a int)", "CREATE SCHEMA mine",
                "CREATE TEMP TABLE mine (a int)", "SET ROLE wangge_land", "SET ROLE wangge_owner"):
        good, what = denied(here, surveyor, sql)
        assert good, what


def test_rows_of_before_get_their_class(here):
    """Rows as the release before wrote them, then the migration."""
    stripped = "UPDATE land.record SET attributes = attributes - 'land_class_standard' - 'land_class_code' - 'land_class_name' WHERE kind = 'parcel'"
    here.postgres.query(stripped)
    assert "attributes" in wangge(here, "land", "verify", "projection", "--village", VILLAGE, code=1)
    here.postgres.query((ROOT / "services/land/schema/005_gis_class.sql").read_text().replace("@SCHEMA@", "land").replace("@ROLE@", "wangge_land"))
    assert "intact" in wangge(here, "land", "verify", "projection", "--village", VILLAGE)


def test_projection_of_the_class_verifies(here):
    assert "intact" in wangge(here, "land", "verify", "projection", "--village", VILLAGE)
