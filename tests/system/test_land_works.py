"""Works, sites and outcomes from plan to figure, on a parcel that was surveyed; every figure is a sum of accepted records."""
import json

import pytest

from harness import proto
from harness.cell import VILLAGE, Cell
from harness.client import CallError
from harness.command import complaint, wangge
from harness.land import do, get, make_village, refused, write
from harness.proto import CODE

N, B, S, P = proto.land_notice, proto.land_notice_records, proto.land_survey, proto.land_survey_records
FILE = "cd" * 32
AT = ("--village", VILLAGE, "--json")


def field(west, south):
    """About 88 m by 111 m."""
    east, north = west + 0.001, south + 0.001
    return f"POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("land",))
    try:
        made.start()
        make_village(made)
        task = P.SurveyTask(method=P.SURVEY_METHOD_RTK, source_epsg=4490, datum=P.DATUM_CGCS2000, accuracy_cm=5, surveyor="测绘员",
                            surveyed_on="2026-01-05")
        do(made, "LandSurvey/PutSurveyTask", S.PutSurveyTaskRequest(write=write(), id="task-1", task=task))
        for name, west, code, basic in (("P-1", 115.685, "0103", False), ("P-2", 115.688, "0103", True), ("P-3", 115.691, "1201", False)):
            parcel = S.ParcelInput(id=name, geometry=field(west, 37.738), name=name, basic_farmland=basic,
                                   land_class=P.LandClass(standard="GB/T 21010-2017", code=code))
            do(made, "LandSurvey/PutParcel", S.PutParcelRequest(write=write(), survey_task="task-1", parcel=parcel))
        yield made
    finally:
        made.stop()


def run(cell, *arguments, code=0):
    return json.loads(wangge(cell, "land", *arguments, *AT, code=code))


def codes(reply):
    return [finding["code"] for finding in reply["findings"]]


def adopted(cell, parcel_id):
    return get(cell, "parcel", parcel_id).parcel.area_adopted_dm2


def work_done(cell, kind, area, parcel_id="P-1"):
    work = run(cell, "work", "plan", "--kind", kind, "--name", "村东整治", "--lines", f"{parcel_id}:{area}")["records"][0]["id"]
    run(cell, "work", "move", work, "approve", "--as", "township")
    run(cell, "work", "move", work, "begin")
    run(cell, "work", "move", work, "finish")
    return work


def accept(cell, work, area, code=0, parcel_id="P-1", person="周验收"):
    return run(cell, "work", "accept", work, "--lines", f"{parcel_id}:{area}", "--cost", "560000", "--docs", FILE, "--photos", FILE,
               "--person", person, code=code)


def figures(cell, **fields):
    return cell.call("operator", "LandWorks/Figures", N.LandFiguresRequest(village="131102", **fields))


def test_levelled_land_is_a_sum_of_acceptances(cell):
    whole = adopted(cell, "P-1")
    assert whole > 900_000
    before = figures(cell).total
    work = work_done(cell, "level", whole)
    assert figures(cell).total == before  # done is not accepted
    assert codes(accept(cell, work, whole, code=1, person="village")) == ["work.acceptor"]
    assert codes(accept(cell, work, whole + 1, code=1)) == ["work.area"]
    accept(cell, work, whole - 1000)
    again = work_done(cell, "level", 2000)
    assert codes(accept(cell, again, 1001, code=1)) == ["work.area"]  # what was levelled is not levelled again
    run(cell, "work", "rework", again, "--reason", "重复申报", "--person", "周验收")
    accept(cell, work_done(cell, "reclaim", whole), whole)  # the same land may be reclaimed too: another figure
    total = figures(cell).total
    assert total.levelled_dm2 - before.levelled_dm2 == whole - 1000
    assert total.reclaimed_dm2 - before.reclaimed_dm2 == whole
    assert (total.works - before.works, total.work_cost_fen - before.work_cost_fen) == (2, 1_120_000)
    town = figures(cell, by=N.FIGURES_BY_TOWN).figures
    assert [row.area for row in town] == [VILLAGE[:9]] and town[0].levelled_dm2 == total.levelled_dm2


def test_a_site_stands_where_the_rules_allow_it(cell):
    assert codes(run(cell, "site", "propose", "--use", "breeding", "--name", "养殖区", "--parcel", "P-2", "--area", "1000", code=1)) == ["use.forbidden"]
    proposed = run(cell, "site", "propose", "--use", "farm_market", "--name", "村口集市", "--parcel", "P-3", "--area", "90000")
    assert codes(proposed) == ["use.document"]
    site = proposed["records"][0]["id"]
    assert codes(run(cell, "site", "admit", site, code=1)) == ["use.document"]
    before = figures(cell).total.markets
    run(cell, "site", "admit", site, "--docs", FILE, "--document-no", "村规〔2026〕1号")
    assert figures(cell).total.markets == before + 1
    kept = get(cell, "site_plan", site).site_plan
    assert (kept.result, kept.rule_id, kept.document) == (B.USE_RESULT_OK, "market-1201", "村庄规划") and kept.law
    run(cell, "site", "open", site)
    run(cell, "site", "close", site, "--reason", "改作他用")
    assert figures(cell).total.markets == before


def test_a_rule_of_the_village_is_a_record_of_its_ledger(cell):
    answer = run(cell, "site", "propose", "--use", "camp", "--name", "露营地", "--parcel", "P-1", "--area", "1000", code=1)
    assert codes(answer) == ["use.forbidden"]
    run(cell, "use-rule", "put", "camp-own", "--use", "camp", "--standard", "GB/T 21010-2017", "--class", "0103", "--result", "approve",
        "--law", "县自然资源局2026年第2号文", "--document", "县局批文")
    assert codes(run(cell, "site", "propose", "--use", "camp", "--name", "露营地", "--parcel", "P-1", "--area", "1000")) == ["use.document"]
    assert codes(run(cell, "site", "propose", "--use", "camp", "--name", "露营地", "--parcel", "P-2", "--area", "1000", code=1)) == ["use.forbidden"]
    rules = run(cell, "use-rule", "list")["rules"]
    assert rules[0]["id"] == "camp-own" and rules[0]["own"] and not rules[1].get("own")
    assert all(row["rule"]["law"] for row in rules)
    run(cell, "use-rule", "end", "camp-own")
    assert run(cell, "use-rule", "list")["rules"][0]["id"] != "camp-own"


def test_income_counts_when_it_was_accepted(cell):
    before = figures(cell).total
    report = ("outcome", "report", "parcel", "P-1", "--from", "2025-03-01", "--to", "2025-10-31", "--crop", "玉米", "--kg", "20400",
              "--income", "15000000", "--jobs", "30")
    outcome = run(cell, *report)["records"][0]["id"]
    assert codes(run(cell, *report, code=1)) == ["outcome.period"]
    assert figures(cell).total == before
    assert codes(run(cell, "outcome", "accept", outcome, "--person", "周会计", code=1)) == ["outcome.evidence"]
    run(cell, "outcome", "accept", outcome, "--person", "周会计", "--docs", FILE)
    total = figures(cell).total
    assert (total.income_fen - before.income_fen, total.kg - before.kg, total.jobs - before.jobs) == (15_000_000, 20_400, 30)
    assert figures(cell, **{"from": "2025-11-01", "to": "2025-12-31"}).total.income_fen == 0
    printed = wangge(cell, "land", "figures", "--village", "131102", "--by", "district")
    assert "150000.00" in printed and "131102" in printed


def test_what_was_accepted_and_is_taken_back_counts_no_longer(cell):
    before = figures(cell).total
    work = work_done(cell, "refarm", 50_000, "P-3")
    accept(cell, work, 50_000, parcel_id="P-3")
    assert figures(cell).total.refarmed_dm2 - before.refarmed_dm2 == 50_000
    assert "write.reason" in complaint(cell, "land", "work", "rework", work, *AT, code=1)
    run(cell, "work", "rework", work, "--person", "周验收", "--reason", "验收有误")
    assert figures(cell).total == before
    taken = get(cell, "land_work", work).land_work
    assert (taken.lines[0].accepted_area_dm2, taken.accepted_on, list(taken.docs), taken.note) == (0, "", [], "验收有误")
    assert get(cell, "land_work", work, version=5).land_work.lines[0].accepted_area_dm2 == 50_000  # that it was is kept
    run(cell, "work", "move", work, "begin")
    run(cell, "work", "move", work, "finish")
    accept(cell, work, 40_000, parcel_id="P-3")
    assert figures(cell).total.refarmed_dm2 - before.refarmed_dm2 == 40_000

    before = figures(cell).total
    report = run(cell, "outcome", "report", "parcel", "P-3", "--from", "2025-03-01", "--to", "2025-04-30", "--income", "100", "--docs", FILE)
    outcome = report["records"][0]["id"]
    run(cell, "outcome", "accept", outcome, "--person", "周会计")
    assert figures(cell).total.income_fen - before.income_fen == 100
    run(cell, "outcome", "reject", outcome, "--person", "周会计", "--reason", "凭证不符")
    assert figures(cell).total == before


def test_yards_and_homesteads_count_with_works_in_one_table(cell):
    before, day = figures(cell).total, "2026-02-20"
    party = ("party", "put", "h-1", "--kind", "household", "--name", "演示户1")
    run(cell, *party)
    planting = ("planting", "put", "trees", "--name", "国槐", "--use", "ornamental", "--count", "120", "--alive", "110", "--planted-on", day)
    cost = ("cost", "put", "cost", "--name", "2026", "--budget-fen", "900000", "--actual-fen", "250000")
    run(cell, "homestead", "put", "home", "--name", "老宅", "--holder", "h-1", "--area-dm2", "20000")
    run(cell, "house", "put", "house", "--name", "正房", "--homestead", "home", "--rooms", "4", "--grade", "a")
    stay = ("homestay", "put", "stay", "--name", "演示民宿", "--homestead", "home", "--licence", "演示0001", "--opened-on", day, "--rooms", "4")
    for one in (planting, cost, stay):
        run(cell, *one)
    assert figures(cell).total == before
    run(cell, *planting, "--accepted", "--accepted-on", "2026-03-01", "--photos", FILE)
    run(cell, *cost, "--accepted", "--evidence", "账簿2026-1")
    run(cell, *stay, "--accepted")
    now = figures(cell).total
    assert (now.trees_planted, now.trees_alive, now.saving_fen, now.villages_saving, now.homestays, now.homestay_rooms) == (
        120, 110, 650_000, 1, 1, 4)
    for kind, record_id in (("cleaning_cost", "cost"), ("homestay", "stay")):
        accepted_on = getattr(get(cell, kind, record_id), kind).accepted_on
        assert accepted_on and figures(cell, **{"from": accepted_on, "to": accepted_on}).total.villages == 1
    assert figures(cell, to="2026-02-28").total.trees_planted == 0
    printed = wangge(cell, "land", "figures", "--village", "131102")
    assert "前桃村" in printed and "6500.00 yuan saved; 1 villages saved" in printed and "1 with 4 rooms" in printed
    run(cell, *cost)
    assert figures(cell).total.villages_saving == 0 and not get(cell, "cleaning_cost", "cost").cleaning_cost.accepted_on


BAD = [
    ("PlanWork", N.PlanWorkRequest(), "work"),
    ("PlanWork", N.PlanWorkRequest(work=B.LandWork(kind=9)), "work.kind"),
    ("PlanWork", N.PlanWorkRequest(work=B.LandWork(kind=1, name="n")), "work.lines"),
    ("PlanWork", N.PlanWorkRequest(work=B.LandWork(kind=1, name="n", cost_fen=-1, lines=[B.WorkLine(parcel_id="P-1", planned_area_dm2=1)])), "work.cost_fen"),
    ("PlanWork", N.PlanWorkRequest(work=B.LandWork(kind=1, name="n", lines=[B.WorkLine(parcel_id="P-1")])), "work.lines[0].planned_area_dm2"),
    ("PlanWork", N.PlanWorkRequest(work=B.LandWork(kind=1, name="n", class_after="0103", lines=[B.WorkLine(parcel_id="P-1", planned_area_dm2=1)])), "work.class_after"),
    ("MoveWork", N.MoveWorkRequest(work_id="w"), "move"),
    ("MoveWork", N.MoveWorkRequest(work_id="w", move=N.WORK_MOVE_CANCEL), "write.reason"),
    ("AcceptWork", N.AcceptWorkRequest(work_id="w"), "write.reason"),
    ("AcceptWork", N.AcceptWorkRequest(work_id="w", accepted=True, actual_cost_fen=-1), "actual_cost_fen"),
    ("AcceptWork", N.AcceptWorkRequest(work_id="w", accepted=True, docs=["x"]), "docs[0]"),
    ("ProposeSite", N.ProposeSiteRequest(), "site"),
    ("ProposeSite", N.ProposeSiteRequest(site=B.SitePlan(use=B.LAND_USE_CROPS)), "site.use"),
    ("ProposeSite", N.ProposeSiteRequest(site=B.SitePlan(use=B.LAND_USE_CAMP)), "site.area_dm2"),
    ("AdmitSite", N.AdmitSiteRequest(site_id="s"), "write.reason"),
    ("MoveSite", N.MoveSiteRequest(site_id="s", closed=True), "write.reason"),
    ("PutUseRule", N.PutUseRuleRequest(id="Bad Id"), "id"),
    ("PutUseRule", N.PutUseRuleRequest(id="r", rule=B.UseRule(use=1, result=1, law="l", class_prefix="01")), "rule.standard"),
    ("PutUseRule", N.PutUseRuleRequest(id="r", rule=B.UseRule(use=1, result=2, law="l")), "rule.document"),
    ("ReportOutcome", N.ReportOutcomeRequest(outcome=B.Outcome(**{"from": "2026-02-30"})), "outcome.from"),
    ("ReportOutcome", N.ReportOutcomeRequest(outcome=B.Outcome(**{"from": "2026-01-01", "to": "2026-01-02", "kg": -1})), "outcome.kg"),
    ("ReportOutcome", N.ReportOutcomeRequest(outcome=B.Outcome(**{"from": "2026-01-01", "to": "2026-01-02"})), "outcome.income_fen"),
    ("AcceptOutcome", N.AcceptOutcomeRequest(outcome_id="o"), "write.reason"),
]


@pytest.mark.parametrize("method, request_of, where", BAD)
def test_a_malformed_call_names_its_field(cell, method, request_of, where):
    size = cell.postgres.query(f"SELECT size FROM land.village_head WHERE village = '{VILLAGE}'")
    request = type(request_of)()
    request.CopyFrom(request_of)
    request.write.CopyFrom(write())
    with pytest.raises(CallError) as caught:
        cell.call("registrar", f"LandWorks/{method}", request)
    assert (caught.value.code, caught.value.field) == (CODE.CODE_INVALID_ARGUMENT, where)
    assert cell.postgres.query(f"SELECT size FROM land.village_head WHERE village = '{VILLAGE}'") == size


@pytest.mark.parametrize("method, request_of, code", [
    ("MoveWork", N.MoveWorkRequest(work_id="none", move=N.WORK_MOVE_BEGIN), "land_work.unknown"),
    ("AcceptWork", N.AcceptWorkRequest(work_id="none", accepted=True), "land_work.unknown"),
    ("AdmitSite", N.AdmitSiteRequest(site_id="none", admitted=True), "site_plan.unknown"),
    ("MoveSite", N.MoveSiteRequest(site_id="none"), "site_plan.unknown"),
    ("ProposeSite", N.ProposeSiteRequest(site=B.SitePlan(use=B.LAND_USE_CAMP, name="n", area_dm2=1, parcel_id="P-9")), "parcel.unknown"),
    ("PutUseRule", N.PutUseRuleRequest(id="none", ended=True), "use_rule.unknown"),
    ("AcceptOutcome", N.AcceptOutcomeRequest(outcome_id="none", accepted=True), "outcome.unknown"),
])
def test_what_is_not_there_is_said_so(cell, method, request_of, code):
    request = type(request_of)()
    request.CopyFrom(request_of)
    request.write.CopyFrom(write())
    assert refused(cell, f"LandWorks/{method}", request, by="registrar")[code].status == CODE.CODE_NOT_FOUND


def test_the_command_says_what_it_needs(cell):
    complaint(cell, "land", "figures", code=2)
    complaint(cell, "land", "figures", "--village", "131102", "--by", "street", code=2)
    assert "land_work.unknown" in complaint(cell, "land", "work", "move", "none", "begin", "--village", VILLAGE, code=1)
