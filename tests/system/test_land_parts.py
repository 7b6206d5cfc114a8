"""A file of parcels that comes in parts: all of it or none, whatever comes between, over a restart; faults count rows through all parts."""
import json

import pytest

from harness import proto
from harness.cell import VILLAGE, Cell
from harness.client import CallError
from harness.command import wangge
from harness.land import do, make_village, refused, write
from harness.proto import CODE
from test_land_bad_input import _run
from test_land_export import TASK

S, SR = proto.land_survey, proto.land_survey_records
BOUNDARY = "POLYGON((115.69 37.73, 115.71 37.73, 115.71 37.75, 115.69 37.75, 115.69 37.73))"
HERE = ("--village", VILLAGE)
IMPORT = "LandSurvey/ImportParcels"


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("land",))
    try:
        made.start()
        make_village(made, boundary=BOUNDARY)
        wangge(made, "land", "task", "put", "task-1", *HERE, *TASK)
        yield made
    finally:
        made.stop()


def parcel(name, column, row, code="0103"):
    west, south = 115.691 + 0.0003 * column, 37.731 + 0.0003 * row
    east, north = west + 0.0003, south + 0.0003
    return S.ParcelInput(id=name, land_class=SR.LandClass(standard="GB/T 21010-2017", code=code), geometry=(
        f"POLYGON(({west:.6f} {south:.6f},{east:.6f} {south:.6f},{east:.6f} {north:.6f},{west:.6f} {north:.6f},{west:.6f} {south:.6f}))"))


def part(number, parts, *parcels, import_id="i-1", **options):
    return S.ImportParcelsRequest(write=write(), survey_task="task-1", import_id=import_id, part=number, parts=parts, parcels=parcels, **options)


def held(cell):
    return cell.postgres.query(f"SELECT (SELECT size FROM land.village_head WHERE village = '{VILLAGE}'), "
                               f"(SELECT count(*) FROM land.record WHERE village = '{VILLAGE}' AND kind = 'parcel')")[0]


def staged(cell):
    return int(cell.postgres.query("SELECT count(*) FROM land.staged_part")[0][0])


def keep(cell, request):
    reply = cell.call("village", IMPORT, request)
    assert not reply.refused and reply.entry_seq == -1 and not reply.records, reply


def test_parts_change_nothing_until_the_last_and_the_last_is_all_or_none(cell):
    before = held(cell)
    keep(cell, part(1, 3, parcel("a", 0, 0), parcel("b", 1, 0)))
    keep(cell, part(2, 3, parcel("c", 2, 0), parcel("d", 2, 0)))  # c and d lie on each other
    assert held(cell) == before and staged(cell) == 2
    found = refused(cell, IMPORT, part(3, 3, parcel("e", 3, 0), parcel("f", 4, 0, code="0199")))
    assert found["class.code"].pointer == "/parcels/5/land_class/code" and found["overlap.parcel"].pointer in ("/parcels/2/geometry", "/parcels/3/geometry")
    assert held(cell) == before
    cell.kill("land")
    cell.start_service("land")
    cell.wait_ready("land")
    keep(cell, part(2, 3, parcel("c", 2, 0), parcel("d", 2, 1)))  # a part that comes again takes its place
    reply = do(cell, IMPORT, part(3, 3, parcel("e", 3, 0), parcel("f", 4, 0)))
    assert reply.count == 6 and int(held(cell)[1]) == int(before[1]) + 6 and int(held(cell)[0]) == int(before[0]) + 1
    assert staged(cell) == 0
    neighbours = {n.parcel_id for r in reply.records if r.id == "c" for n in r.parcel.neighbours}
    assert {"b", "d", "e"} <= neighbours, "of other parts, too"


def test_a_missing_part_and_another_import_are_told(cell):
    before = held(cell)
    assert refused(cell, IMPORT, part(2, 2, parcel("x", 0, 3), import_id="i-2"))["import.parts"].pointer == "/part"
    keep(cell, part(1, 2, parcel("x", 0, 3), import_id="i-3"))
    keep(cell, part(1, 2, parcel("y", 1, 3), import_id="i-4"))
    assert "import.parts" in refused(cell, IMPORT, part(2, 2, parcel("z", 2, 3), import_id="i-3"))
    keep(cell, part(3, 4, parcel("q", 3, 3), import_id="i-4"))
    assert "import.parts" in refused(cell, IMPORT, part(4, 4, parcel("z", 2, 3), import_id="i-4"))  # 2 never came
    for field, wrong in (("part", part(3, 2)), ("part", part(0, 2)), ("parts", part(1, 101)), ("import_id", part(1, 2, import_id="")),
                         ("parcels", part(1, 2))):
        with pytest.raises(CallError) as caught:
            cell.call("village", IMPORT, wrong)
        assert (caught.value.code, caught.value.field) == (CODE.CODE_INVALID_ARGUMENT, field)
    assert held(cell) == before


def file_of(path, parcels):
    features = []
    for one in parcels:
        points = [[float(x) for x in pair.split()] for pair in one.geometry[9:-2].split(",")]
        features.append({"type": "Feature", "properties": {"id": one.id, "class_code": one.land_class.code},
                         "geometry": {"type": "Polygon", "coordinates": [points]}})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_the_command_sends_parts_and_says_how_far_it_is(cell, tmp_path):
    grid = [parcel(f"g-{n:03}", n % 30, 5 + n // 30) for n in range(200)]
    before = held(cell)
    bad = file_of(tmp_path / "bad.geojson", grid[:150] + [parcel("bad", 3, 5)] + grid[150:])
    told = _run(cell, bad, "--part-rows", "30")
    assert told.returncode == 1 and "overlap.parcel" in told.stderr and "/parcels/150/geometry" in told.stderr and held(cell) == before
    told = _run(cell, file_of(tmp_path / "good.geojson", grid), "--part-rows", "30")
    assert told.returncode == 0 and "part 6 of 7 sent: 180 of 200 parcels" in told.stderr, told
    assert int(held(cell)[1]) == int(before[1]) + 200 and int(held(cell)[0]) == int(before[0]) + 1
    assert "intact" in wangge(cell, "land", "verify", "projection", *HERE)


def test_what_one_entry_cannot_hold_is_several_in_one_transaction(cell, tmp_path):
    """Long reasons make the entry larger than 4 MiB."""
    before = held(cell)
    many = [S.ParcelInput(id=f"m-{n:05}", geometry=one.geometry, land_class=one.land_class, area_waiver="证" * 165, hole_reason="因" * 165,
                          declared_east="东" * 165, declared_south="南" * 165, declared_west="西" * 165, declared_north="北" * 165)
            for n in range(1800) for one in (parcel("", n % 55, 18 + n // 55),)]
    for number in range(3):
        request = part(number + 1, 3, *many[number * 600:(number + 1) * 600], import_id="i-9")
        reply = cell.call("village", IMPORT, request)
    assert not reply.refused and reply.count == 1800, [(f.code, f.message_en, f.pointer) for f in reply.findings[:3]]
    assert any(f.code == "import.entries" for f in reply.findings) and int(held(cell)[0]) > int(before[0]) + 1
    assert int(held(cell)[1]) == int(before[1]) + 1800
    assert "intact" in wangge(cell, "land", "verify", "projection", *HERE)
    export = tmp_path / "ledger.jsonl"
    wangge(cell, "land", "export-ledger", *HERE, "--out", export)
    assert "intact" in wangge(cell, "land", "verify", "tree", export)
