"""The demo's 21 pilot villages: loaded through the calls with all their gates, stopped once and gone on with, and the report's
numbers are sums of what was accepted."""
import datetime
import json
import subprocess

import pytest

from harness import proto
from harness.cell import ROOT, Cell
from harness.clock import SHANGHAI, Clock
from harness.command import wangge
from harness.files import bring
from harness.land import do, get, refused, write

N, B = proto.land_notice, proto.land_notice_records
LOAD, SEASON = ROOT / "ops/demo/land/load", ROOT / "ops/demo/land/season.py"
DAY = "2026-11-28"
DISTRICT, QIANWANG, QIAOBEI, ZHONGJIA, SHENGTOU = "131102", "131102101206", "131102200201", "131102100201", "131102100202"
SERVICES = ("intake", "land")


def load(cell, folder):
    command = [LOAD, folder, "--clock", cell.clock.path, "--day", DAY, "--wangge", cell.build.resolve() / "ops/cli/wangge",
               "--config", cell.folder / "client.ini", "--files"]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)


def stop_in_the_middle(cell, folder):
    """Writes the first forty lines of a part, as a loading that was stopped there."""
    subprocess.run([SEASON, cell.state, "--day", DAY], check=True, capture_output=True)
    first = "1-survey-1.jsonl"
    for papers in (cell.state / "papers/survey").iterdir():
        wangge(cell, "attach", "put", *papers.iterdir(), "--district", DISTRICT, "--as", papers.name)
    (folder / first).write_text("".join((cell.state / first).read_text("utf-8").splitlines(keepends=True)[:40]), "utf-8")
    assert wangge(cell, "land", "apply", folder / first).startswith("40 entries")


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    clock = Clock(tmp_path_factory.mktemp("clock") / "now", "2026-01-02 09:00")
    made = Cell(services=SERVICES, settings={name: {"clock": clock.path, "reference": ROOT / "ops/demo/reference"} for name in SERVICES})
    made.settings["land"]["intake"] = made.endpoint("intake")
    made.principals["land"] = {"roles": "service, source", "channel": "land"}
    made.clock, made.state = clock, tmp_path_factory.mktemp("demo") / "state"
    for name in ("village", "township"):
        made.principals[name]["areas"] = DISTRICT
    try:
        made.start()
        stop_in_the_middle(made, tmp_path_factory.mktemp("part"))
        done = load(made, made.state)
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.stop()


def figures(cell, village=DISTRICT, **fields):
    return cell.call("operator", "LandWorks/Figures", N.LandFiguresRequest(village=village, **fields))


def test_the_report_comes_out(cell):
    answer = figures(cell)
    total = answer.total
    assert (total.villages, len(answer.figures)) == (21, 21)
    assert (total.levelled, total.reclaimed) == ("18.33 ha = 274.95 mu", "13.40 ha = 201.00 mu")
    assert total.sites == total.markets + total.breeding + total.camps == 20
    assert (total.villages_saving, total.saving_fen) == (12, 17_000_000)
    assert (total.trees_planted, total.homestays) == (2_000, 10)
    assert (total.income_fen, total.jobs, total.kg) == (15_000_000, 30, 9_800)
    of = {row.area: row for row in answer.figures}
    assert (of[QIANWANG].name, of[QIANWANG].reclaimed, of[QIANWANG].kg) == ("前王村", "3.40 ha = 51.00 mu", 9_800)
    qiaobei = of[QIAOBEI]
    assert (qiaobei.name, qiaobei.levelled, qiaobei.income_fen, qiaobei.jobs) == ("乔北村", "1.00 ha = 15.00 mu", 15_000_000, 30)
    assert (qiaobei.markets, qiaobei.camps) == (1, 1)
    assert (of[ZHONGJIA].name, of[ZHONGJIA].trees_planted) == ("种家庄村", 2_000)
    assert (of[SHENGTOU].name, of[SHENGTOU].homestays) == ("绳头村", 10)
    for name in ("levelled_dm2", "reclaimed_dm2", "sites", "saving_fen", "villages_saving", "trees_planted", "homestays", "kg"):
        assert sum(getattr(row, name) for row in answer.figures) == getattr(total, name), name
    printed = wangge(cell, "land", "figures", "--village", DISTRICT)
    for text in ("18.33 ha = 274.95 mu", "13.40 ha = 201.00 mu", "20: 11 markets, 8 breeding, 1 camps", "2000 planted",
                 "170000.00 yuan saved; 12 villages saved", "10 with", "150000.00", "乔北村"):
        assert text in printed, text
    yards = wangge(cell, "land", "figures", "yards", "--village", DISTRICT)
    assert "2000" in yards and "170000.00 yuan in 12 villages" in yards


def records(cell, kind, village=DISTRICT, state=""):
    lines = wangge(cell, "land", "list", kind, "--village", village, *(("--state", state) if state else ()), "--json").splitlines()
    return [json.loads(line)["record"] for line in lines]


def test_the_sums_are_those_of_the_records_themselves(cell):
    """Added up here from the records, by hand."""
    works = [record["landWork"] for record in records(cell, "land_work") if record["landWork"]["state"] == "WORK_STATE_ACCEPTED"]
    area = lambda kind: sum(int(line["acceptedAreaDm2"]) for work in works if work["kind"] == kind for line in work["lines"])
    assert (area("WORK_KIND_LEVEL"), area("WORK_KIND_RECLAIM")) == (18_330_000, 13_400_000)
    costs = [record["cleaningCost"] for record in records(cell, "cleaning_cost")]
    savings = [int(cost["budgetFen"]) - int(cost["actualFen"]) for cost in costs if cost.get("accepted")]
    assert len(savings) == 12 and sum(savings) == 17_000_000 and min(savings) > 0
    assert sum(record["planting"]["count"] for record in records(cell, "planting") if record["planting"].get("accepted")) == 2_000


def test_there_is_what_nobody_has_accepted_and_it_does_not_count(cell):
    works = records(cell, "land_work")
    assert any(record["landWork"]["state"] == "WORK_STATE_PLANNED" for record in works)
    assert records(cell, "outcome", state="reported")
    for kind, body in (("planting", "planting"), ("cleaning_cost", "cleaningCost"), ("homestay", "homestay")):
        assert any(not record[body].get("accepted") for record in records(cell, kind)), kind


def test_every_gate_was_passed(cell):
    parcels = records(cell, "parcel")
    assert len(parcels) > 80 and {record["parcel"]["state"] for record in parcels} == {"PARCEL_STATE_CONFIRMED"}
    assert {record["notice"]["state"] for record in records(cell, "notice")} == {"NOTICE_STATE_ENDED_CLEAR"}
    contracts = records(cell, "contract")
    assert len(contracts) == 3 and {record["contract"]["holder"] for record in contracts} == {"h-1"}
    for record in contracts:
        contract, village = record["contract"], record["village"]
        assert contract["state"] == "CONTRACT_STATE_ACTIVE", "its first rent is paid"
        plan, result = (get(cell, "notice", contract[name], village=village).notice for name in ("planNoticeId", "resultNoticeId"))
        days = [datetime.date.fromisoformat(day) for day in (plan.posted_on, plan.ends_on, result.posted_on, result.ends_on, contract["signedOn"])]
        assert (days[1] - days[0]).days >= 15 and days[1] < days[2] and (days[3] - days[2]).days >= 7 and days[3] < days[4]
    path = cell.folder / "ledger.jsonl"
    path.write_text(wangge(cell, "land", "export-ledger", "--village", QIANWANG), "utf-8")
    assert wangge(cell, "land", "verify", "tree", path).startswith("intact")
    assert "0 differ" in wangge(cell, "land", "tender", "verify", path)


def test_again_it_writes_nothing(cell):
    written = lambda: cell.postgres.query("SELECT village, count(*) FROM land.ledger_entry WHERE kind <> 'tick' GROUP BY village ORDER BY village")
    before = written()
    done = load(cell, cell.state)
    assert done.returncode == 0 and "entries" not in done.stdout
    done = load(cell, cell.folder / "another-state")  # that knows nothing of what was loaded
    assert done.returncode == 1 and "nothing was written" in done.stderr and QIANWANG in done.stderr
    assert written() == before


def test_what_is_taken_back_leaves_the_sum(cell):
    """One accepted record of each kind is taken back: the district's figure is lower by exactly what it was."""
    before = figures(cell).total
    at = lambda village, reason="核查有误": write(village, person="演示核查员", reason=reason)
    level = next(r for r in records(cell, "land_work", QIANWANG) if r["landWork"]["kind"] == "WORK_KIND_LEVEL")
    do(cell, "LandWorks/AcceptWork", N.AcceptWorkRequest(write=at(QIANWANG), work_id=level["id"]), "township")
    assert before.levelled_dm2 - figures(cell).total.levelled_dm2 == 3_400_000
    assert figures(cell).total.reclaimed_dm2 == before.reclaimed_dm2
    site = next(r for r in records(cell, "site_plan", QIAOBEI) if r["sitePlan"]["use"] == "LAND_USE_CAMP")
    do(cell, "LandWorks/MoveSite", N.MoveSiteRequest(write=at(QIAOBEI), site_id=site["id"], closed=True))
    assert (figures(cell).total.sites, figures(cell).total.camps) == (19, 0)
    camp = next(r for r in records(cell, "outcome", QIAOBEI) if r["outcome"]["crop"] == "露营基地")
    do(cell, "LandWorks/AcceptOutcome", N.AcceptOutcomeRequest(write=at(QIAOBEI), outcome_id=camp["id"]), "township")
    now = figures(cell).total
    assert (before.income_fen - now.income_fen, before.jobs - now.jobs) == (4_000_000, 8)
    Y, R = proto.land_yard, proto.land_yard_records
    planting = get(cell, "planting", "trees-1", village=ZHONGJIA).planting
    planting.accepted = False
    do(cell, "LandYard/PutPlanting", Y.PutPlantingRequest(write=at(ZHONGJIA), id="trees-1", planting=planting))
    assert figures(cell).total.trees_planted == 800
    stay = get(cell, "homestay", "stay-3", village=SHENGTOU).homestay
    stay.accepted = False
    do(cell, "LandHomestead/PutHomestay", Y.PutHomestayRequest(write=at(SHENGTOU), id="stay-3", homestay=stay))
    assert figures(cell).total.homestays == 9
    saving = next(r for r in records(cell, "cleaning_cost") if r["cleaningCost"].get("accepted"))
    cost = get(cell, "cleaning_cost", saving["id"], village=saving["village"]).cleaning_cost
    saved, cost.accepted = cost.budget_fen - cost.actual_fen, False
    do(cell, "LandYard/PutCleaningCost", Y.PutCleaningCostRequest(write=at(saving["village"]), id=saving["id"], cost=cost))
    now = figures(cell).total
    assert (now.villages_saving, before.saving_fen - now.saving_fen) == (11, saved)
    # What was taken back can be accepted again, and only once.
    for move in (N.WORK_MOVE_BEGIN, N.WORK_MOVE_FINISH):
        do(cell, "LandWorks/MoveWork", N.MoveWorkRequest(write=write(QIANWANG, person="演示村会计"), work_id=level["id"], move=move))
    paper = bring(cell, "again", by="township", district=DISTRICT).sha256
    line = level["landWork"]["lines"][0]
    again = lambda area: N.AcceptWorkRequest(write=at(QIANWANG, ""), work_id=level["id"], accepted=True, docs=[paper], photos=[paper], lines=[
        B.WorkLine(parcel_id=one["parcelId"], accepted_area_dm2=area if one is line else int(one["acceptedAreaDm2"])) for one in level["landWork"]["lines"]])
    assert "work.area" in refused(cell, "LandWorks/AcceptWork", again(99_999_999), "township")
    do(cell, "LandWorks/AcceptWork", again(int(line["acceptedAreaDm2"])), "township")
    assert figures(cell).total.levelled_dm2 == before.levelled_dm2


def test_a_clock_begins_on_the_first_day_and_is_not_set_back(tmp_path):
    clock = tmp_path / "clock"
    begin = lambda day: subprocess.run([LOAD, tmp_path / "state", "--clock", clock, "--begin", "--day", day], check=True)
    begin(DAY)
    first = datetime.datetime.fromtimestamp(int.from_bytes(clock.read_bytes(), "little") / 1e6, SHANGHAI)
    assert str(first) == "2026-01-02 09:00:00+08:00"
    begin("2020-01-01")
    assert int.from_bytes(clock.read_bytes(), "little") == int(first.timestamp() * 1e6) and not (tmp_path / "state").exists()


def test_the_generator_makes_the_same_every_time_and_another_seed_the_same_sums(tmp_path):
    for name, seed in (("one", "5"), ("two", "5"), ("three", "6")):
        subprocess.run([SEASON, tmp_path / name, "--seed", seed, "--day", DAY], check=True, capture_output=True)
    read = lambda name: {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
    assert read("one") == read("two") != read("three")
    area = 0
    for path in (tmp_path / "three").glob("*.jsonl"):
        for line in map(json.loads, path.read_text("utf-8").splitlines()):
            if line["call"] == "LandWorks/AcceptWork" and line["request"]["workId"].endswith("-level"):
                area += sum(one["acceptedAreaDm2"] for one in line["request"]["lines"])
    assert area == 18_330_000
