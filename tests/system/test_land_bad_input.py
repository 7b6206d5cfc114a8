"""Every row of the domain model's table of bad input (land.md §3), in its order: what the answer is, where it points, in both
languages, and that nothing was half-written. Most rows are tried on a running service; the way from a tender to a contract is
that of test_land_tender."""
import json
import math
import re
import shutil
import subprocess

import pytest

from harness import proto
from harness.cell import ROOT, VILLAGE
from harness.client import CallError
from harness.command import complaint, wangge
from harness.land import L, do, get, make_village, party, write
from harness.proto import CODE
from test_land_tender import (CONTRACT, PAPER, R, S, SR, T, TENDER, application, cell, decide, draft_request, lot, post, sign, wait,  # noqa: F401
                              way)

B, N = proto.land_notice_records, proto.land_notice
OTHER = "131102101202"
ERROR, WARNING, NOTE = L.LAND_SEVERITY_ERROR, L.LAND_SEVERITY_WARNING, L.LAND_SEVERITY_NOTE
HERE = ("--village", VILLAGE)
DRY = {"standard": "GB/T 21010-2017", "code": "0103"}


# --- shapes: metres from a corner of the village where nothing else lies ---
def at(x, y):
    return 115.690 + x / 88_000, 37.732 + y / 111_000


def ring(*points, close=True):
    places = [at(*p) for p in points]
    return "(" + ",".join(f"{x:.9f} {y:.9f}" for x, y in (places + places[:1] if close else places)) + ")"


def polygon(*points, close=True):
    return f"POLYGON({ring(*points, close=close)})"


def square(x, y, size=100):
    return polygon((x, y), (x + size, y), (x + size, y + size), (x, y + size))


def gcj(lon, lat):
    """The published formula of GCJ-02."""
    x, y, pi = lon - 105, lat - 35, math.pi
    dlat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    dlat += (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3 + (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    dlat += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    dlon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    dlon += (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3 + (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    dlon += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    a, ee = 6378245.0, 0.00669342162296594323
    magic = 1 - ee * math.sin(lat / 180 * pi) ** 2
    root = math.sqrt(magic)
    return lon + dlon * 180 / (a / root * math.cos(lat / 180 * pi) * pi), lat + dlat * 180 / (a * (1 - ee) / (magic * root) * pi)


# --- what is expected ---
class Refused:
    """A write of the survey that is refused: a finding of this code at this pointer."""
    def __init__(self, code, pointer, request, status=CODE.CODE_INVALID_ARGUMENT, shows=None, says=None, method="LandSurvey/ImportParcels", by="village"):
        self.code, self.pointer, self.request, self.status, self.shows, self.says = code, pointer, request, status, shows, says
        self.method, self.by = method, by

    def check(self, cell, tmp_path):
        reply = cell.call(self.by, self.method, self.request())
        assert reply.refused and reply.entry_seq == -1 and not reply.records, reply
        found = [f for f in reply.findings if f.code == self.code]
        assert found, [(f.code, f.message_en) for f in reply.findings]
        finding = found[0]
        assert (finding.pointer, finding.severity, finding.status) == (self.pointer, ERROR, self.status), finding
        bilingual(finding)
        if self.shows:
            assert json.loads(finding.geojson)["type"] == self.shows
        if self.says:
            assert self.says in finding.suggestion + finding.message_zh + finding.message_en + finding.rule, finding


class Taken:
    """A write that is taken with a remark; `then` looks at what came of it."""
    def __init__(self, code, severity, request, then=None, method="LandSurvey/ImportParcels"):
        self.code, self.severity, self.request, self.then, self.method = code, severity, request, then, method

    def check(self, cell, tmp_path):
        reply = do(cell, self.method, self.request())
        if self.code:
            finding = next(f for f in reply.findings if f.code == self.code)
            assert finding.severity == self.severity
            bilingual(finding)
        if self.then:
            self.then(cell, reply)


class Wrong:
    """A call that is wrong whatever the state is: status and field."""
    def __init__(self, code, field, method, request, by="village", silent=""):
        self.code, self.field, self.method, self.request, self.by, self.silent = code, field, method, request, by, silent

    def check(self, cell, tmp_path):
        with pytest.raises(CallError) as caught:
            cell.call(self.by, self.method, self.request())
        assert (caught.value.code, caught.value.field) == (self.code, self.field), caught.value
        assert not self.silent or self.silent not in str(caught.value), "the value is not echoed"


class File:
    """A file that the command refuses; `code` and `place` are told in both languages."""
    def __init__(self, name, content, code, place="", exits=2, options=()):
        self.name, self.content, self.code, self.place, self.exits, self.options = name, content, code, place, exits, options

    def check(self, cell, tmp_path):
        path = tmp_path / self.name
        path.write_bytes(self.content if isinstance(self.content, bytes) else self.content.encode())
        told = complaint(cell, "land", "import", path, *HERE, "--task", "task-1", "--class-standard", DRY["standard"], *self.options, code=self.exits)
        assert self.code in told and self.place in told and re.search(r"[\u4e00-\u9fff]", told) and re.search(r"[a-z]{3} [a-z]", told), told


class Does:
    """What none of the others fits."""
    def __init__(self, run):
        self.run = run

    def check(self, cell, tmp_path):
        self.run(cell, tmp_path)


def bilingual(finding):
    assert re.search(r"[\u4e00-\u9fff]{2}", finding.message_zh) and re.search(r"[A-Za-z]{2,} [A-Za-z]", finding.message_en), finding


_ids = iter(f"bad-{n}" for n in range(10_000))


def rows(*inputs, task="task-1", good_only=False):
    def make():
        return S.ImportParcelsRequest(write=write(), survey_task=task, good_rows_only=good_only, parcels=[
            S.ParcelInput(**{"id": next(_ids), "land_class": SR.LandClass(**DRY), **given}) for given in inputs])
    return make


def row(wkt, task="task-1", **fields):
    return rows({"geometry": wkt, **fields}, task=task)


def ways(text):
    return json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "x", "class_code": "0103"},
                                                                   "geometry": {"type": "Polygon", "coordinates": text}}]})


def plane(x, y, size=100):
    """A square on EPSG:4527, east before north."""
    return f"POLYGON(({x} {y},{x + size} {y},{x + size} {y + size},{x} {y + size},{x} {y}))"


EAST, NORTH = 39384531, 4178540  # about 115.690 37.732 on EPSG:4527


def shifted(move):
    """Eight parcels at the village's eastern edge as a map with shifted coordinates has them: outside."""
    def make():
        inputs = []
        for n in range(8):
            lon, lat = 115.6955 + 0.001 * (n % 4), 37.733 + 0.002 * (n // 4)
            corners = [move(lon + dx, lat + dy) for dx, dy in ((0, 0), (0.0008, 0), (0.0008, 0.0008), (0, 0))]
            inputs.append({"geometry": "POLYGON((" + ",".join(f"{x:.9f} {y:.9f}" for x, y in corners) + "))"})
        return rows(*inputs)()
    return make


def bd(lon, lat):
    x, y = gcj(lon, lat)
    z, theta = math.hypot(x, y) + 0.00002 * math.sin(y * math.pi * 3000 / 180), math.atan2(y, x) + 0.000003 * math.cos(x * math.pi * 3000 / 180)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def task(epsg, datum=SR.DATUM_CGCS2000, task_id="task-new", method=SR.SURVEY_METHOD_RTK):
    return lambda: S.PutSurveyTaskRequest(write=write(), id=task_id, task=SR.SurveyTask(
        method=method, source_epsg=epsg, datum=datum, surveyor="测量员", surveyed_on="2026-11-30"))


def same_ring(cell, reply):
    """Whatever the winding was: counter-clockwise."""
    text = next(r.parcel.geom for r in reply.records)
    points = [tuple(map(float, p.split())) for p in re.search(r"\(\(([^)]*)\)", text).group(1).split(",")]
    assert sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:])) > 0


def keeps_flag(code):
    def then(cell, reply):
        ids = [r.id for r in reply.records if any(f.code == code for f in r.parcel.flags)]
        assert ids
        found = cell.call("village", "LandSurvey/MoveParcels", S.MoveParcelsRequest(write=write(), event=S.PARCEL_EVENT_CONFIRM, parcel_ids=ids))
        assert found.refused
    return then


def stays_draft(cell, reply):
    assert {r.parcel.state for r in reply.records if r.WhichOneof("body") == "parcel"} == {SR.PARCEL_STATE_DRAFT}


def slit():
    """Four fields around a slit of 0.2 m."""
    def box(x, y, w, h):
        return polygon((x, y), (x + w, y), (x + w, y + h), (x, y + h))
    return rows({"geometry": box(0, 330, 50, 50)}, {"geometry": box(50.2, 330, 50, 50)}, {"geometry": box(0, 380, 100.2, 20)},
                {"geometry": box(0, 310, 100.2, 20)})


def with_hash(cell, tmp_path):
    wangge(cell, "land", "task", "put", "task-hash", *HERE, "--method", "rtk", "--epsg", 4490, "--datum", "cgcs2000", "--surveyor", "测量员", "--day",
           "2026-11-30", "--sha256", "cd" * 32)
    path = tmp_path / "other.geojson"
    path.write_text(ways([]))
    told = complaint(cell, "land", "import", path, *HERE, "--task", "task-hash", code=2)
    assert "file.hash" in told and "不是" in told and "cd" * 32 in told


def gbk_shapefile(with_cpg):
    def run(cell, tmp_path):
        if not shutil.which("ogr2ogr"):
            pytest.skip("shapefiles need ogr2ogr (gdal-bin)")
        where = 1 if with_cpg else 2
        (x0, y0), (x1, y1) = at(150 * where, 600), at(150 * where + 100, 700)
        source = tmp_path / "s.geojson"
        source.write_text(json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"id": next(_ids), "name": "东洼地块甲", "class_code": "0103"},
             "geometry": {"type": "Polygon", "coordinates": [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]}}]}))
        subprocess.run(["ogr2ogr", "-f", "ESRI Shapefile", "-lco", "ENCODING=GBK", tmp_path / "s.shp", source], check=True, stderr=subprocess.DEVNULL)
        assert "东洼".encode("gbk") in (tmp_path / "s.dbf").read_bytes()
        if not with_cpg:
            (tmp_path / "s.cpg").unlink()
            body = bytearray((tmp_path / "s.dbf").read_bytes())
            body[29] = 0  # nor does the table itself say what it is
            (tmp_path / "s.dbf").write_bytes(body)
        made = _run(cell, tmp_path / "s.shp")
        assert made.returncode == 0, made
        assert with_cpg or "csv.gb18030" in made.stderr and "GB18030编码" in made.stderr
        names = cell.postgres.query(f"SELECT count(*) FROM land.record WHERE village = '{VILLAGE}' AND kind = 'parcel' AND name = '东洼地块甲'")
        assert int(names[0][0]) == where
    return run


def _run(cell, path, *options):
    return subprocess.run([cell.build.resolve() / "ops/cli/wangge", "land", "import", path, *options, *HERE, "--task", "task-1", "--class-standard",
                           DRY["standard"], "--config", cell.folder / "client.ini"], capture_output=True, text=True)


def repeated(cell, tmp_path):
    key = "device-uuid-1"
    request = L.PutPartyRequest(write=write(key=key), id="h-twice", party=L.LandParty(kind=L.PARTY_KIND_HOUSEHOLD, name="演示户"))
    first = do(cell, "Land/PutParty", request)
    again = cell.call("village", "Land/PutParty", request)
    assert again.repeated_call and again.entry_seq == first.entry_seq
    request.party.name = "另一户"
    with pytest.raises(CallError) as caught:
        cell.call("village", "Land/PutParty", request)
    assert (caught.value.code, caught.value.field) == (CODE.CODE_ALREADY_EXISTS, "write.idempotency_key")


def old_version(cell, tmp_path):
    party(cell, "h-seen", "演示户")
    party(cell, "h-seen", "演示户改名")
    request = L.PutPartyRequest(write=write(seen=[L.SeenVersion(kind="party", id="h-seen", version=1)]), id="h-seen",
                                party=L.LandParty(kind=L.PARTY_KIND_HOUSEHOLD, name="演示户又改"))
    with pytest.raises(CallError) as caught:
        cell.call("village", "Land/PutParty", request)
    assert (caught.value.code, caught.value.field) == (CODE.CODE_ABORTED, "write.seen[0]") and "version 2, not 1" in str(caught.value)


def late_objection(cell, tmp_path):
    party(cell, "h-late", "演示户")
    notice = post(cell, B.NOTICE_KIND_CHANGE, "party", "h-late")
    cell.clock.set("2027-03-12 09:00")
    wait(cell, "notice", notice, B.NOTICE_STATE_ENDED_CLEAR)
    reply = do(cell, "LandNotice/Object", N.FileObjectionRequest(write=write(), notice_id=notice, text="我不同意", name="孙演示户",
                                                                 channel=B.OBJECTION_CHANNEL_VISIT))
    finding = next(f for f in reply.findings if f.code == "objection.late")
    bilingual(finding)
    assert reply.records[0].objection.state == B.OBJECTION_STATE_INADMISSIBLE
    assert get(cell, "notice", notice).notice.state == B.NOTICE_STATE_ENDED_CLEAR


def others_village(cell, tmp_path):
    for method, request in (("Land/PutParty", L.PutPartyRequest(write=write(OTHER), id="x", party=L.LandParty(kind=1, name="x"))),
                            ("Land/GetLand", L.GetLandRequest(village=OTHER, kind="party", id="x"))):
        with pytest.raises(CallError) as caught:
            cell.call("village", method, request)
        assert caught.value.code == CODE.CODE_PERMISSION_DENIED, caught.value
    with pytest.raises(CallError) as caught:  # sealed values: not even whether they are there
        cell.call("village", "Land/RevealSealed", L.RevealSealedRequest(village=OTHER, commit=bytes(32), reason="查"))
    assert caught.value.code == CODE.CODE_PERMISSION_DENIED


def not_passed(cell, tmp_path):
    tender_id = do(cell, TENDER + "DraftTender", draft_request("f4", "2027-05-03", "2027-05-10", **{"from": "2027-07-01", "to": "2028-06-30"})).records[0].id
    reply, decision_id = decide(cell, tender_id, "2027-03-01", in_favour=19)
    bilingual(next(f for f in reply.findings if f.code == "decision.not_passed"))
    assert get(cell, "decision", decision_id).decision.state == R.DECISION_STATE_NOT_PASSED


def impossible_vote(cell, tmp_path):
    tender_id = do(cell, TENDER + "DraftTender", draft_request("f4", "2027-05-03", "2027-05-10", **{"from": "2027-07-01", "to": "2028-06-30"})).records[0].id
    step = {"day": "2027-03-01", "minutes": PAPER}
    decision_id = do(cell, TENDER + "ProposeDecision", T.ProposeDecisionRequest(
        write=write(), step=R.DecisionStep(kind=R.DECISION_STEP_KIND_PROPOSE, **step),
        decision=R.LandDecision(kind=R.DECISION_KIND_PLAN, body=R.DECISION_BODY_REPRESENTATIVES, title="方案", subject_kind="tender",
                                subject_id=tender_id))).records[0].id
    do(cell, TENDER + "RecordStep", T.RecordStepRequest(write=write(), decision_id=decision_id, step=R.DecisionStep(kind=R.DECISION_STEP_KIND_DISCUSS, **step)))
    for vote in ({"eligible": 30, "present": 31, "in_favour": 20}, {"eligible": 30, "present": 20, "in_favour": 15, "against": 6},
                 {"eligible": 30, "present": 20, "in_favour": -1}):
        request = T.RecordStepRequest(write=write(), decision_id=decision_id, step=R.DecisionStep(kind=R.DECISION_STEP_KIND_REVIEW, vote=R.Vote(**vote), **step))
        try:
            reply = cell.call("village", TENDER + "RecordStep", request)
        except CallError as error:
            assert error.code == CODE.CODE_INVALID_ARGUMENT and error.field.startswith("step.vote"), error
            continue
        assert reply.refused and reply.findings[0].code == "decision.vote", reply
        bilingual(reply.findings[0])


def drafted(**fields):
    return lambda: draft_request("f5", "2027-05-03", "2027-05-10", **{"from": "2027-07-01", "to": "2028-06-30", **fields})


def drafted_lot(**fields):
    def make():
        request = draft_request("f5", "2027-05-03", "2027-05-10", **{"from": "2027-07-01", "to": "2028-06-30"})
        for name, value in fields.items():
            setattr(request.tender.lots[0], name, value)
        return request
    return make


def party_with(**fields):
    return lambda: L.PutPartyRequest(write=write(), id="h-bad", party=L.LandParty(kind=L.PARTY_KIND_HOUSEHOLD, name="演示户",
                                                                                 id_type=fields.pop("id_type", 0)), **fields)


def neighbour_states(cell, tmp_path):
    """Kept, and keeps the parcels from being signed: unsigned, and one who disagrees."""
    reply = do(cell, "LandSurvey/ImportParcels", rows({"id": "n-1", "geometry": square(0, 800), "declared_east": "演示户9"},
                                                      {"id": "n-2", "geometry": square(100, 800), "holder": "演示户2"})())
    assert not reply.refused
    found = cell.call("village", "LandSurvey/MoveParcels", S.MoveParcelsRequest(write=write(), event=S.PARCEL_EVENT_SIGN, parcel_ids=["n-1", "n-2"]))
    codes = {f.code: f for f in found.findings}
    assert found.refused and {"neighbour.differs", "neighbour.unsigned"} <= set(codes), codes
    assert codes["neighbour.differs"].pointer == "/parcel_ids/0"
    bilingual(codes["neighbour.differs"]), bilingual(codes["neighbour.unsigned"])
    do(cell, "LandSurvey/SignNeighbour", S.SignNeighbourRequest(write=write(), parcel_id="n-1", side=SR.NEIGHBOUR_SIDE_EAST,
                                                               verdict=SR.NEIGHBOUR_VERDICT_DISPUTED, note="界址有争议"))
    found = cell.call("village", "LandSurvey/MoveParcels", S.MoveParcelsRequest(write=write(), event=S.PARCEL_EVENT_SIGN, parcel_ids=["n-1"]))
    assert found.refused and "neighbour.disputed" in {f.code for f in found.findings}


def site(use_parcel, use):
    return lambda: N.ProposeSiteRequest(write=write(), site=B.SitePlan(name="营地", use=use, parcel_id=use_parcel, area_dm2=100_000))


def crs84_is_fine(cell, tmp_path):
    path = tmp_path / "crs84.geojson"
    collection = json.loads(ways([[list(at(*p)) for p in ((180, 0), (230, 0), (230, 50), (180, 0))]]))
    collection["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    path.write_text(json.dumps(collection))
    assert _run(cell, path).returncode == 0


def let_twice(cell, tmp_path):
    """The parcel of the contract that `way` has signed."""
    contract = next(r for r in cell.call("village", "Land/ListLand", L.ListLandRequest(village=VILLAGE, kind="contract")).records).record
    tender_id = contract.contract.tender_id
    for request, method, code in ((sign(tender_id), CONTRACT + "SignContract", "contract.twice"), (sign(tender_id), CONTRACT + "SignContract", "contract.overlap"),
                                  (draft_request("f3", "2027-05-03", "2027-05-10", **{"from": "2027-07-01", "to": "2028-06-30"}), TENDER + "DraftTender",
                                   "tender.lot_parcel")):
        reply = cell.call("village", method, request)
        finding = next(f for f in reply.findings if f.code == code)
        assert reply.refused and finding.id == contract.id, finding
        bilingual(finding)
    again = cell.call("village", TENDER + "Award", T.AwardRequest(write=write(), tender_id=tender_id, lot_id="lot-1"))
    assert again.refused, "awarded once"
    bilingual(again.findings[0])


def no_geopackage(cell, tmp_path):
    (tmp_path / "a.gpkg").write_bytes(b"PK\x03\x04" + bytes(64))
    assert "ogr2ogr cannot read it as parcels" in complaint(cell, "land", "import", tmp_path / "a.gpkg", *HERE, "--task", "task-1", code=2)


def bomb(cell, tmp_path):
    """A file that is beyond all bounds is not read to its end."""
    path = tmp_path / "bomb.csv"
    with open(path, "wb") as file:
        file.truncate(300 << 20)
    assert "file.too_large" in complaint(cell, "land", "import", path, *HERE, "--task", "task-1", code=2)


MANY = ",".join(f"115.69{n:05d} 37.73" for n in range(10_001))

TABLE = [
    ("Not JSON / wrong nesting / NaN / > 10 k points", [
        File("a.geojson", "{", "file.not_json"), File("a.geojson", ways([[1, 2]]), "geojson.geometry", "/features/0/geometry"),
        File("a.geojson", ways([[[float("nan"), 1]]]), "file.not_json"),
        Refused("geometry.number", "/parcels/0/geometry", row("POLYGON((115.69 37.73,nan 37.73,115.691 37.731,115.69 37.73))")),
        Refused("geometry.syntax", "/parcels/0/geometry", row("POLYGON(115.69 37.73,115.691 37.73)")),
        Refused("geometry.too_many_points", "/parcels/0/geometry", row(f"POLYGON(({MANY}))")),
    ]),
    ("Unclosed ring", [
        Refused("geometry.unclosed", "/parcels/0/geometry", row(polygon((0, 0), (100, 0), (100, 100), (0, 100), close=False)), shows="Point"),
        Taken("geometry.closed", NOTE, row(polygon((0, 0), (50, 0), (50, 50), (0, 50), (0, 0.005), close=False))),
    ]),
    ("Self-intersection, bow-tie", [
        Refused("geometry.self_intersection", "/parcels/0/geometry", row(polygon((0, 0), (100, 100), (100, 0), (0, 100))), shows="Point"),
    ]),
    ("Duplicate points, spikes < 1°, zero area", [
        Taken("geometry.duplicate_points", NOTE, row(polygon((60, 0), (110, 0), (110, 0), (110, 50), (60, 50)))),
        Refused("geometry.spike", "/parcels/0/geometry", row(polygon((0, 0), (100, 0), (100, 100), (300, 101), (100, 101), (0, 100))), shows="Point"),
        Refused("geometry.zero_area", "/parcels/0/geometry", row(polygon((0, 0), (100, 0)))),
        Refused("geometry.too_small", "/parcels/0/geometry", row(square(0, 0, 0.5))),
    ]),
    ("Wrong winding", [Taken(None, 0, row(polygon((120, 0), (120, 50), (170, 50), (170, 0))), same_ring)]),
    ("Hole, multipart", [
        Refused("geometry.hole", "/parcels/0/hole_reason", row(f"POLYGON({ring((0, 100), (90, 100), (90, 190), (0, 190))},{ring((10, 110), (10, 120), (20, 120))})")),
        Taken(None, 0, row(f"POLYGON({ring((0, 100), (90, 100), (90, 190), (0, 190))},{ring((10, 110), (10, 120), (20, 120))})", hole_reason="机井")),
        Refused("geometry.multipart", "/parcels/0/geometry",
                row(f"MULTIPOLYGON(({ring((0, 0), (50, 0), (50, 50))}),({ring((100, 0), (150, 0), (150, 50))}))"), says="2"),
    ]),
    ("`crs` member in GeoJSON", [
        File("a.geojson", '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[]}', "geojson.crs", "/crs"),
        Does(crs84_is_fine)]),
    ("Swapped lat/lon", [Refused("axes.swapped", "/parcels/0/geometry", row("POLYGON((37.732 115.69,37.732 115.691,37.733 115.691,37.732 115.69))"), says="115.69")]),
    ("X/Y swapped plane", [Refused("axes.swapped", "/parcels/0/geometry", row(
        f"POLYGON(({NORTH} {EAST},{NORTH} {EAST + 100},{NORTH + 100} {EAST + 100},{NORTH} {EAST}))", task="task-plane"), says=str(EAST))]),
    ("Wrong zone or CM", [
        Refused("crs.zone", "/parcels/0/geometry", row(plane(EAST - 1_000_000, NORTH), task="task-plane"), says="EPSG:4526"),
        Refused("crs.no_meridian", "/parcels/0/geometry", row(plane(EAST - 39_000_000, NORTH), task="task-plane"), says="4548"),
        Refused("crs.not_degrees", "/parcels/0/geometry", row(plane(EAST, NORTH)), says="EPSG:4527"),
    ]),
    ("Beijing54 / Xian80", [Refused("crs.legacy", "/task/source_epsg", task(2363), method="LandSurvey/PutSurveyTask"),
                            Refused("crs.legacy", "/task/source_epsg", task(2415), method="LandSurvey/PutSurveyTask")]),
    ("**GCJ-02 / BD-09**", [Refused("datum.gcj02", "/survey_task", shifted(gcj), says="gcj02"), Refused("datum.bd09", "/survey_task", shifted(bd), says="bd09")]),
    ("Unknown but plausible datum", [Taken("datum.unknown", WARNING, row(square(0, 200), task="task-hand"), stays_draft)]),
    ("Outside or crossing the village", [
        Refused("boundary.outside", "/parcels/0/geometry", row(square(840, 0)), shows="Polygon", says="超过10米"),
        Refused("boundary.outside", "/parcels/0/geometry", row(square(5000, 0)), shows="Polygon"),
    ]),
    ("Overlap", [Refused("overlap.parcel", "/parcels/0/geometry", rows({"geometry": square(300, 0)}, {"geometry": square(350, 0)}),
                         status=CODE.CODE_FAILED_PRECONDITION, shows="Polygon", says="平方米")]),
    ("Sliver gap", [Taken("overlap.sliver_gap", WARNING, slit(), keeps_flag("overlap.sliver_gap"))]),
    ("Area mismatch", [
        Taken("area.mismatch", WARNING, row(square(0, 420, 60), area_surveyed_dm2=540), keeps_flag("area.mismatch")),       # mu as m²
        Taken("area.mismatch", WARNING, row(square(100, 420, 60), area_surveyed_dm2=36), keeps_flag("area.mismatch")),      # ha as m²
        Taken("area.mismatch", WARNING, row(square(200, 420, 60), area_surveyed_dm2=5_400_000), keeps_flag("area.mismatch")),  # times 15
    ]),
    ("Unknown class code, code/name mismatch, bare code", [
        Refused("class.code", "/parcels/0/land_class/code", row(square(300, 0), land_class=SR.LandClass(standard=DRY["standard"], code="0199"))),
        Refused("class.name", "/parcels/0/land_class/name", row(square(300, 0), land_class=SR.LandClass(name="水田", **DRY))),
        Refused("class.standard", "/parcels/0/land_class/standard", row(square(300, 0), land_class=SR.LandClass(code="0103"))),
        Refused("class.old_code", "/parcels/0/land_class/code", row(square(300, 0), land_class=SR.LandClass(standard=DRY["standard"], code="013")), says="0103"),
        Refused("class.old_ambiguous", "/parcels/0/land_class/code", row(square(300, 0), land_class=SR.LandClass(standard=DRY["standard"], code="031"))),
    ]),
    ("Class from the wrong standard", [Refused("class.other_standard", "/parcels/0/land_class/standard", row(
        square(300, 0), land_class=SR.LandClass(standard=DRY["standard"], code="0702", name="城镇社区服务设施用地")), says="MNR-2023")]),
    ("Use not allowed by class", [Refused("use.forbidden", "/site/use", site("f5", B.LAND_USE_CAMP), status=CODE.CODE_FAILED_PRECONDITION,
                                          method="LandWorks/ProposeSite")]),
    ("Neighbour unsigned / disagrees", [Does(neighbour_states)]),
    ("Negative, zero, huge rent; fraction of a fen; overflow", [
        Wrong(CODE.CODE_INVALID_ARGUMENT, "tender.lots[0].reserve_fen_per_mu", TENDER + "DraftTender", drafted_lot(reserve_fen_per_mu=-1)),
        Wrong(CODE.CODE_INVALID_ARGUMENT, "tender.lots[0].reserve_fen_per_mu", TENDER + "DraftTender", drafted_lot(reserve_fen_per_mu=2**62)),
    ]),
    ("Contract before survey / notice / decision", [
        Refused("tender.lot_parcel", "/tender/lots/0/parcel_id", lambda: draft_request("v1", "2027-05-03", "2027-05-10", **{"from": "2027-07-01", "to": "2028-06-30"}),
                status=CODE.CODE_FAILED_PRECONDITION, method=TENDER + "DraftTender")]),
    ("End ≤ start, 29 Feb, term over cap, double award", [
        Refused("tender.lot_term", "/tender/lots/0/to", drafted(to="2027-07-01"), method=TENDER + "DraftTender"),
        Refused("tender.lot_term", "/tender/lots/0/to", drafted(to="2077-07-01"), method=TENDER + "DraftTender"),
        Wrong(CODE.CODE_INVALID_ARGUMENT, "tender.lots[0].from", TENDER + "DraftTender", drafted(**{"from": "2027-02-29"}))]),
    ("Parcel let twice", [Does(let_twice)]),
    ("Vote numbers impossible or short", [Does(impossible_vote), Does(not_passed)]),
    ("Late application/objection", [Does(late_objection)]),
    ("Bad ID number, credit code, phone", [
        Refused("party.id_number", "/id_number", party_with(id_type=L.ID_TYPE_RESIDENT, id_number="11010519491231002Y"), method="Land/PutParty"),
        Refused("party.id_number", "/id_number", party_with(id_type=L.ID_TYPE_CREDIT_CODE, id_number="91350100M000100Y44"), method="Land/PutParty"),
        Refused("party.phone", "/phone", party_with(phone="1234567"), method="Land/PutParty")]),
    ("Duplicate offline submission", [Does(repeated)]),
    ("Edit of an old version", [Does(old_version)]),
    ("File: wrong type, hash mismatch, zip bomb, macro", [
        File("a.geojson", b"\x89PNG\r\n\x1a\n" + bytes(64), "file.not_json"), Does(no_geopackage), Does(with_hash), Does(bomb)]),
    ("GBK text in DBF", [Does(gbk_shapefile(True)), Does(gbk_shapefile(False))]),
    ("Formula in CSV, RTL/zero-width chars in names", [
        Refused("parcel.hidden_character", "/parcels/0/name", row(square(300, 0), name="李\u200b四")),
        Refused("parcel.hidden_character", "/parcels/0/holder", row(square(300, 0), holder="李\u202e四")),
        Refused("parcel.text", "/parcels/0/name", row(square(300, 0), name="a\x01b"))]),
    ("Other village's data", [Does(others_village)]),
]


@pytest.fixture(scope="module")
def ready(cell, way):
    """The village of test_land_tender, with its contract; survey tasks of each kind."""
    del way
    cell.clock.set("2027-03-01 09:00")
    for request in (task(4527, task_id="task-plane"), task(4490, SR.DATUM_UNSPECIFIED, "task-hand", SR.SURVEY_METHOD_HANDHELD)):
        do(cell, "LandSurvey/PutSurveyTask", request())
    make_village(cell, OTHER, "后桃村")
    return cell


def held(cell):
    """What the ledger of the village holds."""
    return cell.postgres.query(f"SELECT (SELECT size FROM land.village_head WHERE village = '{VILLAGE}'), "
                               f"(SELECT count(*) FROM land.record WHERE village = '{VILLAGE}'), "
                               f"(SELECT sum(version) FROM land.record WHERE village = '{VILLAGE}'), "
                               "(SELECT count(*) FROM land.sealed), (SELECT count(*) FROM land.submission)")


CASES = [(name, n, case) for name, cases in TABLE for n, case in enumerate(cases)]


@pytest.mark.parametrize("name,n,case", CASES, ids=[f"{name}-{n}" for name, n, _ in CASES])
def test_bad_input(ready, tmp_path, name, n, case):
    del name, n
    before = held(ready)
    case.check(ready, tmp_path)
    if isinstance(case, (Refused, Wrong, File)):
        assert held(ready) == before, "nothing was half-written"


LAND = ROOT / "../shared/land.md"


@pytest.mark.skipif(not LAND.exists(), reason="../shared/land.md is not here")
def test_every_row_of_the_domain_model_has_its_cases():
    section = LAND.read_text().split("## 3. Bad input")[1].split("## 4.")[0]
    wanted = [line.split(" | ")[0].removeprefix("| ") for line in section.splitlines() if line.startswith("| ")][1:]
    assert [name for name, _ in TABLE] == wanted and all(cases for _, cases in TABLE)


def test_the_ledger_verifies(ready):
    assert "intact" in wangge(ready, "land", "verify", "projection", *HERE)
