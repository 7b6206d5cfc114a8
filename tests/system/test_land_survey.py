"""Parcels through the command: GeoJSON, CSV of points on the plane, GeoPackage; all or nothing; the ledger holds them and PostGIS
has their ground."""
import json
import math
import shutil
import subprocess

import pytest

from harness.cell import ROOT, VILLAGE, Cell
from harness.command import complaint, wangge
from harness.land import make_village

BOUNDARY = "POLYGON((115.69 37.73, 115.71 37.73, 115.71 37.75, 115.69 37.75, 115.69 37.73))"
HERE = ("--village", VILLAGE)
CLASS = ("--class-standard", "GB/T 21010-2017")


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("land",))
    try:
        made.start()
        make_village(made, boundary=BOUNDARY)
        for task, epsg in (("degrees", 4490), ("plane", 4527)):
            wangge(made, "land", "task", "put", task, *HERE, "--method", "rtk", "--epsg", epsg, "--datum", "cgcs2000",
                   "--surveyor", "演示测绘队", "--day", "2026-03-01")
        yield made
    finally:
        made.stop()


def field(lon, lat, size=0.001):
    return [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]


def geojson(path, fields):
    features = [{"type": "Feature", "id": name, "properties": {"DLBM": "0103", "名称": f"{name}号地", **properties},
                 "geometry": {"type": "Polygon", "coordinates": [ring]}} for name, ring, properties in fields]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def parcels(cell):
    return int(cell.postgres.query(f"SELECT count(*) FROM land.record WHERE village = '{VILLAGE}' AND kind = 'parcel' AND NOT ended")[0][0])


def test_geojson_all_or_nothing_and_neighbours(cell, tmp_path):
    before = parcels(cell)
    file = geojson(tmp_path / "bad.geojson", [("g1", field(115.70, 37.74), {}), ("g2", field(115.7005, 37.74), {}), ("g3", field(115.705, 37.74), {})])
    told = complaint(cell, "land", "import", file, *HERE, *CLASS, "--task", "degrees", code=1)
    assert "overlap.parcel" in told and "重叠" in told and "/parcels/0/geometry" in told and parcels(cell) == before
    file = geojson(tmp_path / "good.geojson", [("g1", field(115.70, 37.74), {"CBFMC": "演示户1", "DKDZ": "演示户2"}),
                                               ("g2", field(115.701, 37.74), {"CBFMC": "演示户2"})])
    wangge(cell, "land", "import", file, *HERE, *CLASS, "--task", "degrees", "--check", code=1)
    assert parcels(cell) == before
    wangge(cell, "land", "import", file, *HERE, *CLASS, "--task", "degrees")
    assert parcels(cell) == before + 2
    shown = wangge(cell, "land", "parcel", "show", "g1", *HERE, "--points", "4527")
    assert "东至  g2  110." in shown or "东至  g2  111." in shown, shown
    assert "申报: 演示户2" in shown and "旱地" in shown and "J4" in shown and "g1号地" in shown
    area = cell.postgres.query("SELECT round(postgis.ST_Area(postgis.ST_Transform(geom, 4527))::numeric, 0), state FROM land.record "
                               f"WHERE village = '{VILLAGE}' AND kind = 'parcel' AND id = 'g1'")[0]
    plane = json.loads(wangge(cell, "land", "show", "parcel", "g1", *HERE, "--json"))["record"]["parcel"]["areaPlaneDm2"]
    assert abs(float(area[0]) - int(plane) / 100) < 1 and area[1] == "surveyed"


def test_csv_of_points_on_the_plane(cell, tmp_path):
    file = tmp_path / "points.csv"
    corners = [(0, 300), (100, 300), (100, 400), (0, 400)]  # not closed, as lists of points are
    file.write_bytes(("编号,东坐标,北坐标,DLBM,实测面积\n" + "".join(
        f"c1,{39385413.361 + x:.3f},{4179435.321 + y:.3f},0103,10003.1\n" for x, y in corners)).encode("gb18030"))
    wangge(cell, "land", "import", file, *HERE, *CLASS, "--task", "plane")
    parcel = json.loads(wangge(cell, "land", "show", "parcel", "c1", *HERE, "--json"))["record"]["parcel"]
    assert abs(int(parcel["areaPlaneDm2"]) - 1_000_000) < 10 and parcel["areaAdoptedDm2"] == "1000310"
    told = complaint(cell, "land", "import", file, *HERE, *CLASS, "--task", "degrees", code=1)
    assert "crs.not_degrees" in told and "EPSG:4527" in told


def test_csv_of_points_has_holes(cell, tmp_path):
    """Rings of one parcel stand one behind the other; none of them repeats its first point."""
    rings = {0: ((0, 0), (100, 0), (100, 100), (0, 100)), 1: ((20, 20), (20, 40), (40, 40), (40, 20)), 2: ((60, 60), (60, 70), (70, 70), (70, 60))}
    lines = [f"h1,{39385413.361 + x:.3f},{4178435.321 + y:.3f},{ring},0103,两座机井" for ring, points in rings.items() for x, y in points]
    file = tmp_path / "holes.csv"
    file.write_text("编号,东坐标,北坐标,环,DLBM,hole_reason\n" + "\n".join(lines) + "\n")
    wangge(cell, "land", "import", file, *HERE, *CLASS, "--task", "plane")
    parcel = json.loads(wangge(cell, "land", "show", "parcel", "h1", *HERE, "--json"))["record"]["parcel"]
    assert parcel["geom"].count("),(") == 2 and abs(int(parcel["areaPlaneDm2"]) - (100 * 100 - 20 * 20 - 10 * 10) * 100) < 10
    assert parcel["holeReason"] == "两座机井"
    file.write_text(file.read_text().replace("h1,", "h2,").replace("两座机井", ""))
    told = complaint(cell, "land", "import", file, *HERE, *CLASS, "--task", "plane", code=1)
    assert "geometry.hole" in told and "/parcels/0/hole_reason" in told


@pytest.mark.skipif(not shutil.which("ogr2ogr"), reason="GeoPackage needs ogr2ogr (gdal-bin)")
def test_geopackage(cell, tmp_path):
    source = geojson(tmp_path / "p.geojson", [("k1", field(115.70, 37.735), {"id": "k1"}), ("k2", field(115.701, 37.735), {"id": "k2"})])
    subprocess.run(["ogr2ogr", "-f", "GPKG", tmp_path / "p.gpkg", source], check=True)
    wangge(cell, "land", "import", tmp_path / "p.gpkg", *HERE, *CLASS, "--task", "degrees")
    assert "东至  k2" in wangge(cell, "land", "parcel", "show", "k1", *HERE)
    (tmp_path / "no.gpkg").write_bytes(b"not a geopackage")
    assert "ogr2ogr cannot read" in complaint(cell, "land", "import", tmp_path / "no.gpkg", *HERE, "--task", "degrees", code=2)


@pytest.mark.parametrize("text,code", [
    ("{", "file.not_json"),
    ("[]", "geojson.type"),
    ('{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":[[1,2]]}}]}', "geojson.geometry"),
    ('{"type":"FeatureCollection","features":[{"geometry":{"type":"Point","coordinates":[1,2]}}]}', "geojson.geometry"),
    ('{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":[[[NaN,2]]]}}]}', "file.not_json"),
    ('{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[]}', "geojson.crs"),
])
def test_files_that_cannot_be_read(cell, tmp_path, text, code):
    (tmp_path / "bad.geojson").write_text(text)
    before = parcels(cell)
    assert code in complaint(cell, "land", "import", tmp_path / "bad.geojson", *HERE, "--task", "degrees", code=2)
    assert parcels(cell) == before


def test_each_csv_row_that_is_broken_is_told(cell, tmp_path):
    (tmp_path / "bad.csv").write_text("id,x,y\na,115.70,37.74\nb,1,2\na,115.71,37.74\nc,x,2\n")
    told = complaint(cell, "land", "import", tmp_path / "bad.csv", *HERE, "--task", "degrees", code=2)
    assert "csv.order" in told and "csv.number" in told and "/5" in told
    (tmp_path / "none.csv").write_text("a,b\n1,2\n")
    assert "csv.header" in complaint(cell, "land", "import", tmp_path / "none.csv", *HERE, "--task", "degrees", code=2)


def test_sign_split_and_explain(cell):
    wangge(cell, "land", "parcel", "sign", "g1", "east", *HERE, "--verdict", "match", "--signer", "演示户2", "--day", "2026-03-02")
    assert "签字: 演示户2 2026-03-02" in wangge(cell, "land", "parcel", "show", "g1", *HERE)
    told = complaint(cell, "land", "parcel", "sign", "g1", "east", *HERE, "--verdict", "match", "--signer", "演示测绘队", "--day", "2026-03-02",
                     code=1)
    assert "neighbour.surveyor" in told


def test_layers_for_gis_and_a_role_that_reads_nothing_else(cell):
    rows = cell.postgres.query(f"SELECT key, state, area_adopted_m2, postgis.ST_SRID(geom) FROM land.gis_parcel WHERE village = '{VILLAGE}' AND id = 'g1'")
    assert list(rows[0][:2]) == [f"{VILLAGE}/g1", "surveyed"] and 9000 < float(rows[0][2]) < 11000 and int(rows[0][3]) == 4490
    assert cell.postgres.query("SELECT count(*) FROM land.gis_village WHERE postgis.ST_IsValid(geom)")[0][0] == "1"
    tables = "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'land' AND relkind IN ('r', 'v') "
    may = cell.postgres.query(f"SELECT relname {tables} AND has_table_privilege('wangge_gis', c.oid, 'SELECT') ORDER BY 1")
    assert [row[0] for row in may] == ["gis_parcel", "gis_village"]
    assert cell.postgres.query(f"SELECT count(*) {tables} AND has_table_privilege('wangge_gis', c.oid, 'INSERT, UPDATE, DELETE')")[0][0] == "0"


def test_the_demos_village_and_its_parcels(cell):
    """What README shows: every parcel of the shipped file lies in the shipped boundary and is surveyed."""
    demo, there = ROOT / "ops/demo/land", ("--village", "131102101202")
    wangge(cell, "land", "village", "put", *there, "--name", "后桃村", "--plane", 4527, "--boundary", (demo / "houtao.wkt").read_text().strip())
    wangge(cell, "land", "task", "put", "rtk-2026", *there, "--method", "rtk", "--epsg", 4490, "--datum", "cgcs2000",
           "--surveyor", "演示测绘队", "--day", "2026-03-01", "--as", "registrar")
    wangge(cell, "land", "import", demo / "houtao.geojson", *there, "--task", "rtk-2026", "--as", "registrar")
    rows = cell.postgres.query("SELECT id, state FROM land.record WHERE village = '131102101202' AND kind = 'parcel' ORDER BY id")
    assert rows == [[f"P-{n}", "surveyed"] for n in range(1, 5)]


CADASTRE = ROOT / "../shared/data/cadastre-91216-parcelles.json"


@pytest.mark.skipif(not CADASTRE.exists(), reason="../shared/data is not here")
def test_the_real_cadastre_goes_through_the_service(cell, tmp_path):
    """4,241 real parcels, moved to Taocheng: all or nothing says what is wrong; the good rows are one entry that verifies."""
    there = ("--village", "131102101203", "--as", "registrar")
    features = json.loads(CADASTRE.read_text())["features"]
    rings = [ring for feature in features for ring in feature["geometry"]["coordinates"]]
    points = [point for ring in rings for point in ring]
    lon, lat = (sum(point[i] for point in points) / len(points) for i in (0, 1))
    squeeze = math.cos(math.radians(lat)) / math.cos(math.radians(37.7))
    for ring in rings:
        ring[:] = [[round(115.6 + (x - lon) * squeeze, 9), round(37.7 + y - lat, 9)] for x, y in ring]
    for feature in features:
        feature["properties"] = {"id": feature["properties"]["id"], "class_standard": "GB/T 21010-2017", "class_code": "0102",
                                 "area_surveyed_m2": feature["properties"].get("contenance") or 0}
    file = tmp_path / "moved.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    wangge(cell, "land", "village", "put", *there, "--name", "试验村", "--plane", 4527, "--boundary",
           "POLYGON((115.55 37.66, 115.65 37.66, 115.65 37.74, 115.55 37.74, 115.55 37.66))")
    wangge(cell, "land", "task", "put", "real", *there, "--method", "rtk", "--epsg", 4490, "--datum", "cgcs2000",
           "--surveyor", "演示测绘队", "--day", "2026-03-01")
    told = complaint(cell, "land", "import", file, *there, "--task", "real", "--timeout", 300, code=1)
    assert told.count("error geometry.hole") == 30 and told.count("error geometry.too_small") == 3
    count = lambda: cell.postgres.query("SELECT count(*) FROM land.record WHERE village = '131102101203' AND kind = 'parcel'")
    assert count() == [["0"]]
    wangge(cell, "land", "import", file, *there, "--task", "real", "--good-rows-only", "--timeout", 300)
    assert count() == [["4207"]]
    export = tmp_path / "ledger.jsonl"
    wangge(cell, "land", "export-ledger", *there, "--out", export)
    assert "intact: 1 villages, 3 entries" in wangge(cell, "land", "verify", "tree", export)
    assert "intact" in wangge(cell, "land", "verify", "projection", *there)
