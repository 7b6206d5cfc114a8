"""What is wrong with a district's records: on Put, by `wangge check`, and as metrics."""
import datetime
import json
import subprocess

import pytest

from harness import proto, records
from harness.cell import ROOT, Cell
from harness.client import CallError
from harness.proto import CODE
from harness.wait import until

G = proto.registry
D = "370117"
COMMUNITY, LEFT, RIGHT = D + "001001", D + "001001001", D + "001001002"
REPORTS = ["net", "staffing", "training", "stations", "linkages", "lists", "calendar"]


def box(west, south, east, north):
    """A rectangle in thousandths of a degree."""
    w, s, e, n = 117.8 + west / 1000, 36.1 + south / 1000, 117.8 + east / 1000, 36.1 + north / 1000
    return f"POLYGON(({w:.6f} {s:.6f}, {e:.6f} {s:.6f}, {e:.6f} {n:.6f}, {w:.6f} {n:.6f}, {w:.6f} {s:.6f}))"


def grid(code, boundary, **fields):
    return records.record("grid", code=code, **({"name": "试验网格", "kind": "basic", "households": "350"} | fields),
                          boundary=boundary)


def small_net():
    return [records.record("district", code=D, name="示例区", boundary=box(0, 0, 20, 10)),
            records.record("street", code=D + "001", name="示例街道", boundary=box(0, 0, 20, 10)),
            records.record("community", code=COMMUNITY, name="示例社区", kind="residential", boundary=box(0, 0, 20, 10)),
            grid(LEFT, box(0, 0, 10, 10)), grid(RIGHT, box(10, 0, 20, 10))]


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("registry",))
    made.principals["operator-there"] = {"roles": "operator", "districts": "370211"}
    try:
        made.start()
        answer = records.put(made, small_net())
        assert answer.written, answer
        yield made
    finally:
        made.stop()


def check(cell, report="", by="operator", district=D):
    return cell.call(by, "Registry/Check", G.CheckRequest(district=district, report=report))


def wangge(cell, *arguments, code=0):
    done = subprocess.run([cell.build.resolve() / "ops/cli/wangge", *map(str, arguments), "--config",
                           cell.folder / "client.ini"], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_a_gap_and_an_overlap_are_located(cell):
    put = records.put(cell, [grid(RIGHT, box(8, 0, 19, 10))])
    assert put.written  # neighbours may follow; it is told
    told = {finding.code: finding for finding in put.findings}
    assert {"net.gap", "net.overlap"} <= set(told)
    assert all(finding.severity == G.SEVERITY_WARNING for finding in put.findings)
    try:
        found = {finding.code: finding for finding in check(cell, "net").findings}
        gap, overlap = found["net.gap"], found["net.overlap"]
        assert gap.severity == overlap.severity == G.SEVERITY_ERROR
        assert (gap.kind, gap.record, gap.field) == ("community", COMMUNITY, "boundary")
        assert 117.819 < gap.position.lon < 117.82 and 36.1 < gap.position.lat < 36.11
        assert (overlap.record, overlap.kind) == (LEFT, "grid") and RIGHT in overlap.message
        assert 117.808 < overlap.position.lon < 117.81
        assert "平方米" in gap.message and gap.rule
        told = wangge(cell, "check", "net", "--district", D, code=1)
        assert "net.gap" in told and "net.overlap" in told and "错误" in told
        assert cell.metric("registry", "wangge_registry_findings", report="net", severity="error") >= 0
        until(lambda: cell.metric("registry", "wangge_registry_findings", report="net", severity="error") >=
              len([1 for f in found.values() if f.severity == G.SEVERITY_ERROR]), "errors as metrics")
    finally:
        assert records.put(cell, [grid(RIGHT, box(10, 0, 20, 10))]).written
    assert not {"net.gap", "net.overlap"} & {finding.code for finding in check(cell, "net").findings}


def test_the_same_ground_twice_is_refused_and_nothing_written(cell):
    answer = records.put(cell, [grid(D + "001001009", box(1, 1, 9, 9)), grid(LEFT, box(0, 0, 10, 10), name="改名")])
    assert not answer.written
    errors = [finding for finding in answer.findings if finding.severity == G.SEVERITY_ERROR]
    assert [(finding.code, finding.row) for finding in errors] == [("net.overlap", 0)]
    shown = cell.call("operator", "Registry/Get", G.GetRecordRequest(district=D, kind="grid", code=LEFT)).record
    assert shown.grid.name == "试验网格"


@pytest.mark.parametrize("boundary, words", [
    ("POLYGON((117.8 36.1, 117.81 36.11, 117.81 36.1, 117.8 36.11, 117.8 36.1))", "自相交"),
    ("POLYGON((117.8 36.1, 117.81 36.1, 117.81 36.11, 117.8 36.11))", "闭合"),
    ("POLYGON((36.1 117.8, 36.1 117.81, 36.11 117.81, 36.11 117.8, 36.1 117.8))", "颠倒"),
    ("POLYGON EMPTY", "边界"),
    (box(40, 0, 50, 10), "之外"),
])
def test_boundaries_that_are_nonsense_are_refused(cell, boundary, words):
    answer = records.put(cell, [grid(LEFT, boundary)])
    assert not answer.written
    assert any(words in finding.message and finding.severity == G.SEVERITY_ERROR for finding in answer.findings), answer


def test_what_a_grid_lacks_is_told(cell):
    codes = {(finding.code, finding.record) for finding in check(cell, "net").findings}
    assert {("grid.party_org_none", LEFT), ("grid.worker_none", LEFT), ("net.stations_none", D)} <= codes
    counts = {count.kind: count.records for count in check(cell, "net").counts}
    assert (counts["grid"], counts["community"], counts["posting"]) == (2, 1, 0)


def test_bad_calls(cell):
    with pytest.raises(CallError) as caught:
        check(cell, "nets")
    assert (caught.value.code, caught.value.field) == (CODE.CODE_INVALID_ARGUMENT, "report")
    with pytest.raises(CallError) as caught:
        check(cell, by="operator-there")
    assert (caught.value.code, caught.value.field) == (CODE.CODE_PERMISSION_DENIED, "district")
    wangge(cell, "check", "net", code=2)


def test_a_year_without_its_notice_is_an_alarm_until_the_notice_comes(cell):
    """The metric is what the alert rule of ops/prometheus/alerts.yml asks."""
    years = [str(datetime.date.today().year + n) for n in (0, 1)]
    until(lambda: cell.metric("registry", "wangge_registry_calendar_provisional") >= 1, "it is told")
    found = {finding.record: finding for finding in check(cell, "calendar").findings if finding.code == "calendar_year.provisional"}
    assert years[0] in found and found[years[0]].kind == "calendar_year" and "周一到周五" in found[years[0]].message
    notice = [records.record("calendar_year", year, notice="示例通知") for year in years]
    assert records.put(cell, notice + [records.record("calendar_day", f"{year}-01-01", kind="REST", reason="元旦", notice="示例通知")
                                       for year in years]).written
    until(lambda: cell.metric("registry", "wangge_registry_calendar_provisional") == 0, "the alarm ends")


def test_the_demo_has_no_errors(cell):
    # The demo district's own net takes the place of the small one.
    gone = [records.record(kind, code=code, deleted=True) for kind, code in
            [("grid", LEFT), ("grid", RIGHT), ("community", COMMUNITY), ("street", D + "001")]]
    assert records.put(cell, gone).written
    wangge(cell, "registry", "import", ROOT / "ops/demo/reference", "--reason", "示例区建库")
    # What depends on the day may have passed since the demo was made; the rest is right on any.
    dated = {"station_asset.expired", "training.year_missing"}
    for report in REPORTS:
        errors = [finding for finding in check(cell, report).findings if finding.severity == G.SEVERITY_ERROR]
        assert [finding.message for finding in errors if finding.code not in dated] == [], report
    lines = [json.loads(line) for line in wangge(cell, "check", "net", "--district", D, "--json").splitlines()]
    assert lines[-1]["errors"] == 0 and lines[-1]["records"]["grid"] == 102
    until(lambda: cell.metric("registry", "wangge_registry_findings", report="staffing", severity="warning") > 0,
          "a survey of the demo")
    print("seconds for all reports of both districts:", cell.metric("registry", "wangge_registry_survey_seconds"))


def all_of(cell, kind, **asked):
    """All records of a kind as List tells them, by code."""
    found, token = {}, ""
    while True:
        page = cell.call("operator", "Registry/List", G.ListRecordsRequest(district=D, kind=kind, limit=1000, page_token=token, **asked))
        found |= {record.code: getattr(record, kind) for record in page.records}
        token = page.next_page_token
        if not token:
            return found


# Behind the import above: the numbers of domain.md 2.2 as anybody gets them who asks the service.
def test_the_calls_count_the_demo_as_the_article_does(cell):
    communities, grids, stations = all_of(cell, "community"), all_of(cell, "grid"), all_of(cell, "station")
    assert (len(communities), len(grids), len(stations), len(all_of(cell, "station_asset"))) == (22, 102, 40, 160)
    assert sorted(grid for station in stations.values() for grid in station.grids) == sorted(grids)
    assert 30_600 <= sum(grid.households for grid in grids.values()) <= 51_000
    assert len(all_of(cell, "post_grade")) == 20 and len(all_of(cell, "partner_unit")) == 47

    def posted(role):
        holders = all_of(cell, "posting", field="role", value=role).values()
        return [(holder.person, holder.area) for holder in holders if not holder.to]
    workers = posted("community_worker")
    assert len({person for person, _ in workers}) == 378 and {area for _, area in workers} == set(grids)
    assert sorted(area for _, area in posted("grid_worker")) == sorted(grids)
    members = {person for person, _ in posted("part_time_worker")}
    people = all_of(cell, "person")
    assert len(members) == 210 and all(people[person].dual_registered for person in members)
    assert len({person for person, _ in posted("deputy_member")}) == 47
    orgs = [org.area for org in all_of(cell, "party_org").values() if org.area in grids]
    assert sorted(orgs) == sorted(grids)


# --- what goes wrong in a district, one thing at a time ---
GRID = D + "001001001"


def one_of(cell, kind, **asked):
    """(code, its body) of the first record with these values."""
    (field, value), *others = asked.items()
    for code, body in all_of(cell, kind, field=field, value=value).items():
        if all(getattr(body, name) == wanted for name, wanted in others):
            return code
    raise AssertionError(f"no {kind} with {asked}")


def stored(cell, kind, code):
    return cell.call("registrar", "Registry/Get", G.GetRecordRequest(district=D, kind=kind, code=code, reason="测试")).record


def changed(cell, kind, code, **fields):
    record = stored(cell, kind, code)
    for name, value in fields.items():
        setattr(getattr(record, kind), name, value)
    return record


def gone(cell, kind, *codes):
    return [records.record(kind, code, deleted=True) for code in codes]


def worker_posting(cell):
    return one_of(cell, "posting", area=GRID, role=G.POST_ROLE_GRID_WORKER)


WORKER = "P9001"
FAULTS = {  # report, finding, its severity, what brings it about
    "two active dedicated workers": ("net", "grid.worker_several", "error", lambda cell: [
        records.record("person", WORKER, name="示例·第二人"),
        records.record("posting", "X9001", person=WORKER, role="grid_worker", area=GRID, **{"from": "2026-01-05"})]),
    "a vacancy": ("staffing", "grid.vacancy", "error", lambda cell: [changed(cell, "posting", worker_posting(cell), to="2026-01-31")]),
    "a part-time worker who is not dual-registered": ("staffing", "posting.dual_registered", "error", lambda cell: [changed(
        cell, "person", stored(cell, "posting", one_of(cell, "posting", area=GRID, role=G.POST_ROLE_PART_TIME_WORKER)).posting.person,
        dual_registered=False)]),
    "a community worker who is posted to no grid": ("staffing", "person.grid_none", "error", lambda cell: [
        records.record("person", WORKER, name="示例·第二人"),
        records.record("posting", "X9001", person=WORKER, role="community_worker", area=COMMUNITY, **{"from": "2026-01-05"})]),
    "an agreement without items": ("linkages", "agreement.items_none", "error", lambda cell: gone(
        cell, "agreement_item", *all_of(cell, "agreement_item", field="agreement", value=next(iter(all_of(cell, "agreement")))))),
    "an item that is due and not done": ("linkages", "agreement_item.overdue", "warning", lambda cell: [changed(
        cell, "agreement_item", next(iter(all_of(cell, "agreement_item"))), due_on="2026-02-01", done_on="")]),
    "a unit without a deputy member": ("linkages", "partner_unit.deputy_none", "warning", lambda cell: gone(
        cell, "posting", one_of(cell, "posting", role="deputy_member"))),
    "a household without a card": ("linkages", "grid.cards_missing", "warning", lambda cell: gone(
        cell, "contact_card", next(iter(all_of(cell, "contact_card"))))),
    "a grid without a group": ("linkages", "grid.group_none", "warning", lambda cell: gone(
        cell, "message_group", one_of(cell, "message_group", grid=GRID))),
    "expired medicine": ("stations", "station_asset.expired", "error", lambda cell: [changed(
        cell, "station_asset", next(code for code, asset in all_of(cell, "station_asset").items() if asset.expires_on),
        expires_on="2026-01-31")]),
    "one of the four is missing": ("stations", "station.asset_missing", "error", lambda cell: [changed(
        cell, "station_asset", next(iter(all_of(cell, "station_asset"))), quantity=0)]),
    "households out of range": ("net", "grid.households_range", "warning", lambda cell: [changed(
        cell, "grid", GRID, households=612, households_reason="")]),
    "a disclosed power without a basis": ("lists", "list_item.basis_none", "error", lambda cell: None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_thing_wrong_is_found_located_and_gone_when_it_is_mended(cell, fault):
    report, code, severity, make = FAULTS[fault]
    made = make(cell)
    if made is None:  # refused as it is put: what is public is complete
        power = next(item for item, body in all_of(cell, "list_item").items() if body.list == G.REFERENCE_LIST_MICRO_POWER and
                     body.disclosure == G.DISCLOSURE_DISCLOSED)
        answer = records.put(cell, [changed(cell, "list_item", power, basis="")])
        assert not answer.written and code in [finding.code for finding in answer.findings]
        return

    def found():
        lines = [json.loads(line) for line in subprocess.run(
            [cell.build.resolve() / "ops/cli/wangge", "check", report, "--district", D, "--json", "--config", cell.folder / "client.ini"],
            capture_output=True, text=True, timeout=300).stdout.splitlines()]
        return [line for line in lines if line.get("code") == code]
    known = [(line["kind"], line["record"]) for line in found()]
    kept = []
    for record in made:
        kind = next(name for name, field in records.KINDS.items() if record.HasField(field.name))
        try:
            kept.append(stored(cell, kind, record.code))
        except CallError as error:
            assert error.code == CODE.CODE_NOT_FOUND, error
            kept.insert(0, records.record(kind, record.code, deleted=True))  # what refers to it goes first
    assert records.put(cell, made, reason=fault).written
    try:
        fresh = [line for line in found() if (line["kind"], line["record"]) not in known]
        assert len(fresh) == 1 and fresh[0]["severity"].lower().endswith(severity), fresh
        assert fresh[0]["message"] and fresh[0]["rule"] and fresh[0]["record"], fresh
    finally:
        assert records.put(cell, kept, reason="改正").written
    assert [(line["kind"], line["record"]) for line in found()] == known
