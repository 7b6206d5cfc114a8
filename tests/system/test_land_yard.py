"""Yards and homesteads: what may be written, breaches from report to order, agreements, services, figures as sums of accepted records."""
import json

import pytest

from harness import proto
from harness.cell import ROOT, VILLAGE, Cell
from harness.client import CallError
from harness.clock import Clock
from harness.command import wangge
from harness.files import bring
from harness.land import L, do, get, make_village, party, refused, write
from harness.proto import CODE
from harness.wait import until

Y, R = proto.land_yard, proto.land_yard_records
HASH = "ab" * 32
START = "2026-03-02 09:00"


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("land",))
    made.clock = Clock(made.folder / "now", START)
    made.settings = {"land": {"clock": made.folder / "now"}}
    try:
        made.start()
        make_village(made)
        for number in range(1, 4):
            party(made, f"h-{number}", f"演示户{number}")
        party(made, "coop", "演示合作社", L.PARTY_KIND_COMPANY)
        yield made
    finally:
        made.stop()


def invalid(cell, field, method, request, by="village"):
    with pytest.raises(CallError) as caught:
        cell.call(by, method, request)
    assert (caught.value.code, caught.value.field) == (CODE.CODE_INVALID_ARGUMENT, field), caught.value


def plot(cell, plot_id="plot-1", **fields):
    values = {"name": "小菜园", "household": "h-1", "use": R.PLOT_USE_VEGETABLES, "area_dm2": 6000} | fields
    return Y.PutYardPlotRequest(write=write(), id=plot_id, plot=R.YardPlot(**values))


def homestead(cell, homestead_id, **fields):
    values = {"name": "演示宅基地", "holder": "h-1", "area_dm2": 23000, "idle_since": "2024-01-01"} | fields
    do(cell, "LandHomestead/PutHomestead", Y.PutHomesteadRequest(write=write(), id=homestead_id, homestead=R.Homestead(**values)))


def test_a_plot_names_what_is_wrong_with_it(cell):
    do(cell, "LandYard/PutYardPlot", plot(cell))
    invalid(cell, "plot.area_dm2", "LandYard/PutYardPlot", plot(cell, area_dm2=99))
    invalid(cell, "plot.use", "LandYard/PutYardPlot", plot(cell, use=0))
    invalid(cell, "plot.name", "LandYard/PutYardPlot", plot(cell, name="<script>"))
    invalid(cell, "plot.boundary", "LandYard/PutYardPlot", plot(cell, boundary="POINT(1 2)"))
    invalid(cell, "id", "LandYard/PutYardPlot", plot(cell, "No Such"))
    found = refused(cell, "LandYard/PutYardPlot", plot(cell, household="nobody"))
    assert found["party.unknown"].pointer == "/plot/household"


def breach(cell, kind=R.BREACH_KIND_DUMP, photo=HASH, **where):
    request = Y.ReportBreachRequest(write=write(person="网格员甲"),
                                    breach=R.RuleBreach(kind=kind, text="门前堆放杂物", photos=[photo], **where))
    return do(cell, "LandYard/ReportBreach", request).records[0].id


def advance(breach_id, event, person="村干部乙", **fields):
    return Y.AdvanceBreachRequest(write=write(person=person), id=breach_id, event=event, **fields)


def test_a_breach_is_verified_by_another_person_and_fixed_with_a_photo(cell):
    one = breach(cell, plot="plot-1")
    assert "rule_breach.same_person" in refused(cell, "LandYard/AdvanceBreach", advance(one, "verify", "网格员甲"))
    found = refused(cell, "LandYard/AdvanceBreach", advance(one, "notify", deadline=cell.clock.day(5)))
    assert found["rule_breach.state"].suggestion == "verify, dismiss"
    do(cell, "LandYard/AdvanceBreach", advance(one, "verify"))
    found = refused(cell, "LandYard/AdvanceBreach", advance(one, "notify", deadline=cell.clock.day()))
    assert found["rule_breach.deadline"].earliest == cell.clock.day(1)
    do(cell, "LandYard/AdvanceBreach", advance(one, "notify", deadline=cell.clock.day(5)))
    assert "rule_breach.photo" in refused(cell, "LandYard/AdvanceBreach", advance(one, "fix"))
    do(cell, "LandYard/AdvanceBreach", advance(one, "fix", photos=[HASH]))
    record = get(cell, "rule_breach", one)
    assert (record.rule_breach.state, record.rule_breach.fixed_on, record.due_on) == (R.BREACH_STATE_FIXED, cell.clock.day(), "")
    invalid(cell, "event", "LandYard/AdvanceBreach", advance(one, "escalate"))


def test_every_move_that_the_table_does_not_have_is_refused_and_says_what_is_possible(cell):
    legal = {"REPORTED": {"verify", "dismiss"}, "VERIFIED": {"notify"}, "NOTIFIED": {"fix"}, "DISMISSED": set(), "FIXED": set()}
    steps = {"REPORTED": [], "VERIFIED": ["verify"], "DISMISSED": ["dismiss"], "NOTIFIED": ["verify", "notify"],
             "FIXED": ["verify", "notify", "fix"]}
    for state, path in steps.items():
        one = breach(cell, plot="plot-1")
        for event in path:
            do(cell, "LandYard/AdvanceBreach", advance(one, event, deadline=cell.clock.day(9), photos=[HASH]))
        for event in {"verify", "dismiss", "notify", "fix"} - legal[state]:
            found = refused(cell, "LandYard/AdvanceBreach", advance(one, event, deadline=cell.clock.day(9), photos=[HASH]))
            possible = set(found["rule_breach.state"].suggestion.split(", ")) - {"", "escalate"}
            assert possible == legal[state], (state, event)


def test_a_breach_that_nobody_puts_right_is_escalated_when_its_day_has_passed(cell):
    one = breach(cell, plot="plot-1")
    do(cell, "LandYard/AdvanceBreach", advance(one, "verify"))
    do(cell, "LandYard/AdvanceBreach", advance(one, "notify", deadline=cell.clock.day(3)))
    cell.clock.forward(days=3)
    assert get(cell, "rule_breach", one).rule_breach.state == R.BREACH_STATE_NOTIFIED, "its last day is not over"
    cell.clock.forward(days=1)
    until(lambda: get(cell, "rule_breach", one).rule_breach.state == R.BREACH_STATE_ESCALATED, "time has acted")
    record = get(cell, "rule_breach", one)
    assert record.rule_breach.external_id == f"{VILLAGE}-{one}" and record.due_on == ""
    entry = cell.postgres.query(f"SELECT kind, actor FROM land.ledger_entry WHERE village = '{VILLAGE}' ORDER BY seq DESC LIMIT 1")
    assert entry == [["tick", "land"]], "what time does stands in the ledger, too"
    do(cell, "LandYard/AdvanceBreach", advance(one, "fix", photos=[HASH]))


def agreement(homestead_id, **fields):
    values = {"homestead": homestead_id, "mode": R.OPERATION_MODE_LEASE, "operator": "coop", "rent_fen_per_year": 500000,
              "from": "2026-04-01", "to": "2031-03-31", "document": HASH} | fields
    return Y.SignAgreementRequest(write=write(), agreement=R.OperationAgreement(**values))


def test_an_agreement_keeps_the_law_and_says_all_that_is_wrong_at_once(cell):
    homestead(cell, "home-1")
    found = refused(cell, "LandHomestead/SignAgreement", agreement("home-1", operator="h-1", to="2046-04-01"))
    assert set(found) == {"operation_agreement.lease_years", "operation_agreement.operator"}
    assert found["operation_agreement.lease_years"].suggestion == "2046-03-31" and found["operation_agreement.lease_years"].rule == "民法典 705"
    assert "operation_agreement.term" in refused(cell, "LandHomestead/SignAgreement", agreement("home-1", to="2026-04-01"))
    assert "operation_agreement.split" in refused(cell, "LandHomestead/SignAgreement",
                                                  agreement("home-1", mode=R.OPERATION_MODE_COOP, split_n=3, split_d=2))
    signed = do(cell, "LandHomestead/SignAgreement", agreement("home-1", to="2046-03-31")).records[0]
    assert signed.due_on == "2046-04-01"
    found = refused(cell, "LandHomestead/SignAgreement", agreement("home-1"))
    assert found["operation_agreement.double"].id == signed.id
    end = Y.EndAgreementRequest(write=write(), id=signed.id)
    invalid(cell, "write.reason", "LandHomestead/EndAgreement", end)
    end.write.reason = "双方协商"
    do(cell, "LandHomestead/EndAgreement", end)
    do(cell, "LandHomestead/SignAgreement", agreement("home-1"))


def test_a_private_transfer_blocks_new_agreements_until_it_is_put_right(cell):
    homestead(cell, "home-2")
    one = breach(cell, R.BREACH_KIND_PRIVATE_TRANSFER, homestead="home-2")
    found = refused(cell, "LandHomestead/SignAgreement", agreement("home-2"))
    assert found["operation_agreement.private_transfer"].id == one
    for event in ("verify", "notify", "fix"):
        do(cell, "LandYard/AdvanceBreach", advance(one, event, deadline=cell.clock.day(3), photos=[HASH]))
    do(cell, "LandHomestead/SignAgreement", agreement("home-2"))


def test_a_dangerous_house_takes_no_guests(cell):
    homestead(cell, "home-3")
    put = lambda house_id, grade: do(cell, "LandHomestead/PutHouse", Y.PutHouseRequest(
        write=write(), id=house_id, house=R.House(name="正房", homestead="home-3", rooms=3, grade=grade)))
    stay = lambda rooms: Y.PutHomestayRequest(write=write(), id="stay-3", homestay=R.Homestay(
        name="演示民宿", homestead="home-3", licence="演示许可0003", opened_on="2026-03-01", rooms=rooms, accepted=True))
    put("house-3", R.HOUSE_GRADE_C)
    assert "homestay.house_grade" in refused(cell, "LandHomestead/PutHomestay", stay(2))
    put("house-3", R.HOUSE_GRADE_B)
    assert "homestay.rooms" in refused(cell, "LandHomestead/PutHomestay", stay(4))
    do(cell, "LandHomestead/PutHomestay", stay(3))


def test_a_service_goes_its_way_and_each_step_brings_what_proves_it(cell):
    do(cell, "LandHomestead/PutGardenBed", Y.PutGardenBedRequest(write=write(), id="bed-1", bed=R.GardenBed(
        name="一号畦", plot="plot-1", tenant="h-2", season="2026-spring", area_dm2=2000, price_fen=20000)))
    place = Y.PlaceServiceRequest(write=write(), order=R.ServiceOrder(kind=R.SERVICE_KIND_MAIL, bed="bed-1", text="寄10斤黄瓜", quantity=10, price_fen=6000))
    one = do(cell, "LandHomestead/PlaceService", place, "gateway").records[0].id
    step = lambda event, **fields: Y.AdvanceServiceRequest(write=write(), id=one, event=event, **fields)
    for event, missing, brings in (("pay", "receipt", {"receipt": "收001"}), ("schedule", "day", {"day": cell.clock.day(2)}),
                                   ("do", "photo", {"photos": [HASH]}), ("ship", "tracking_number", {"tracking_number": "SF0001"})):
        assert f"service_order.{missing}" in refused(cell, "LandHomestead/AdvanceService", step(event))
        do(cell, "LandHomestead/AdvanceService", step(event, **brings))
    do(cell, "LandHomestead/AdvanceService", step("close"))
    found = refused(cell, "LandHomestead/AdvanceService", step("refund", receipt="x"))
    assert found["service_order.state"].suggestion == ""
    history = cell.call("village", "Land/LandHistory", L.LandHistoryRequest(village=VILLAGE, kind="service_order", id=one))
    assert len(history.entries) == 6


def street(name, points, round_="2026-Q1"):
    evaluation = R.StreetEvaluation(name=name, round=round_, criteria=[R.StreetCriterion(name="整洁", weight_permille=600),
                                                                       R.StreetCriterion(name="绿化", weight_permille=400)],
                                    scores=[R.StreetScore(scorer=f"评委{n}", criterion=c, score=p) for n, row in enumerate(points) for c, p in enumerate(row)])
    return Y.PutStreetEvaluationRequest(write=write(), id=f"{round_.lower()}-{name}", evaluation=evaluation)


def test_streets_are_ranked_by_weighted_means_and_a_published_round_stands(cell):
    for name, points in (("east", [(90, 80), (80, 70)]), ("west", [(85, 75), (85, 75)]), ("south", [(60, 60)])):
        do(cell, "LandYard/PutStreetEvaluation", street(name, points))
    do(cell, "LandYard/CloseRound", Y.CloseRoundRequest(write=write(), round="2026-Q1"))
    ranks = {name: get(cell, "street_evaluation", f"2026-q1-{name}").street_evaluation for name in ("east", "west", "south")}
    assert {name: (one.total_milli, one.rank) for name, one in ranks.items()} == {
        "east": (81000, 1), "west": (81000, 1), "south": (60000, 3)}
    assert "street_evaluation.closed" in refused(cell, "LandYard/PutStreetEvaluation", street("south", [(100, 100)]))
    assert "street_evaluation.closed" in refused(cell, "LandYard/CloseRound", Y.CloseRoundRequest(write=write(), round="2026-Q1"))
    assert "street_evaluation.none" in refused(cell, "LandYard/CloseRound", Y.CloseRoundRequest(write=write(), round="2030"))
    wrong = street("north", [(1, 1)])
    wrong.evaluation.criteria[0].weight_permille = 700
    invalid(cell, "evaluation.criteria", "LandYard/PutStreetEvaluation", wrong)
    invalid(cell, "evaluation.scores[2]", "LandYard/PutStreetEvaluation", street("north", [(1, 1), (101, 1)]))


def figures(cell):
    return cell.call("operator", "LandYard/YardFigures", Y.YardFiguresRequest(village=VILLAGE))


def test_figures_are_sums_of_accepted_records_and_of_nothing_else(cell):
    before = figures(cell)
    plant = lambda n, **fields: Y.PutPlantingRequest(write=write(), id=f"trees-{n}", planting=R.Planting(
        **({"name": "国槐", "use": R.PLANTING_USE_ORNAMENTAL, "count": 120, "alive": 110, "planted_on": "2026-02-20"} | fields)))
    do(cell, "LandYard/PutPlanting", plant(1))
    assert figures(cell).trees_planted == before.trees_planted, "what is not accepted does not count"
    assert "planting.acceptance" in refused(cell, "LandYard/PutPlanting", plant(1, accepted=True))
    do(cell, "LandYard/PutPlanting", plant(1, accepted=True, accepted_on="2026-03-01", photos=[HASH]))
    invalid(cell, "planting.alive", "LandYard/PutPlanting", plant(2, alive=121))
    cost = lambda **fields: Y.PutCleaningCostRequest(write=write(), id="cost-2026", cost=R.CleaningCost(
        **({"name": "2026", "budget_fen": 5_000_000, "actual_fen": 3_500_000} | fields)))
    do(cell, "LandYard/PutCleaningCost", cost())
    assert figures(cell).saving_fen == before.saving_fen
    do(cell, "LandYard/PutCleaningCost", cost(accepted=True, evidence="账簿2026-1"))
    now = figures(cell)
    assert (now.trees_planted - before.trees_planted, now.trees_alive - before.trees_alive) == (120, 110)
    assert (now.saving_fen - before.saving_fen, now.villages_saving) == (1_500_000, 1)


def test_things_bought_together_add_up(cell):
    purchase = R.BulkPurchase(name="围栏", unit="米", unit_price_fen=3500, quotes=[HASH, "cd" * 32], bought_on="2026-03-01",
                              shares=[R.PurchaseShare(household="h-1", quantity=40), R.PurchaseShare(household="h-2", quantity=25)])
    reply = do(cell, "LandYard/PutBulkPurchase", Y.PutBulkPurchaseRequest(write=write(), id="fence", purchase=purchase))
    assert reply.records[0].bulk_purchase.quantity == 65
    purchase.shares[1].household = "nobody"
    found = refused(cell, "LandYard/PutBulkPurchase", Y.PutBulkPurchaseRequest(write=write(), id="fence", purchase=purchase))
    assert found["party.unknown"].pointer == "/purchase/shares/1/household"
    del purchase.quotes[1]
    invalid(cell, "purchase.quotes", "LandYard/PutBulkPurchase", Y.PutBulkPurchaseRequest(write=write(), id="fence", purchase=purchase))


def test_the_command_writes_what_its_options_say(cell, tmp_path):
    at = ("--village", VILLAGE)
    assert wangge(cell, "land", "plot", "put", "plot-cli", *at, "--name", "小花园", "--household", "h-2", "--use", "flowers",
                  "--area-dm2", "900").startswith("entry ")
    assert get(cell, "yard_plot", "plot-cli").yard_plot == R.YardPlot(name="小花园", household="h-2", use=R.PLOT_USE_FLOWERS, area_dm2=900)
    reply = json.loads(wangge(cell, "land", "breach", "report", *at, "--kind", "build", "--plot", "plot-cli", "--text", "搭建棚屋",
                              "--photos", f"{HASH},{'cd' * 32}", "--person", "网格员甲", "--key", "cli-1", "--json"))
    one = reply["records"][0]["id"]
    assert reply["records"][0]["ruleBreach"]["photos"] == [HASH, "cd" * 32]
    said = wangge(cell, "land", "breach", "report", *at, "--kind", "build", "--plot", "plot-cli", "--text", "搭建棚屋",
                  "--photos", f"{HASH},{'cd' * 32}", "--person", "网格员甲", "--key", "cli-1")
    assert f"entry {reply.get('entrySeq')} (written before)" in said
    wangge(cell, "land", "breach", "advance", one, "fix", *at, code=1)
    wangge(cell, "land", "breach", "advance", one, "verify", *at, "--person", "村干部乙")
    street = tmp_path / "street.json"
    street.write_text(json.dumps({"evaluation": {"criteria": [{"name": "整洁", "weightPermille": 1000}],
                                                 "scores": [{"scorer": "甲", "criterion": 0, "score": 88}]}}))
    wangge(cell, "land", "street", "put", "cli-street", *at, "--name", "北街", "--round", "2026-CLI", "--file", street)
    assert get(cell, "street_evaluation", "cli-street").street_evaluation.total_milli == 88000
    assert "trees planted" in wangge(cell, "land", "figures", "yards", *at)
    wangge(cell, "land", "plot", "put", "x", code=2)


def test_an_escalated_breach_becomes_one_order_of_intake():
    """Through real intake; pending while intake is away, pushed when it is there, once."""
    made = Cell(services=("land", "intake"))
    made.clock = Clock(made.folder / "now", START)
    made.principals["land"] = {"roles": "service, source", "channel": "land"}
    both = {"clock": made.folder / "now"}
    made.settings = {"land": both | {"intake": made.endpoint("intake")},
                     "intake": both | {"reference": ROOT / "ops/demo/reference"}}
    try:
        made.start()
        make_village(made)
        party(made, "h-1", "演示户1")
        do(made, "LandYard/PutYardPlot", plot(made))
        one = breach(made, photo=bring(made, "现场", by="village", district=VILLAGE[:6]).sha256, plot="plot-1")
        do(made, "LandYard/AdvanceBreach", advance(one, "verify"))
        do(made, "LandYard/AdvanceBreach", advance(one, "notify", deadline=made.clock.day(1)))
        made.stop_service("intake")
        made.clock.forward(days=2)
        rows = lambda: made.postgres.query("SELECT external_id, order_id IS NOT NULL, refusal FROM land.land_order")
        made.clock.until(lambda: rows() == [[f"{VILLAGE}-{one}", "f", ""]], "the order waits in land")
        made.start_service("intake")
        made.wait_ready("intake")
        made.clock.until(lambda: rows() == [[f"{VILLAGE}-{one}", "t", ""]], "intake has taken it")
        orders = made.postgres.query("SELECT source, external_id, title FROM intake.orders")
        assert orders == [["land", f"{VILLAGE}-{one}", "前桃村乱堆乱放逾期未整改"]]
    finally:
        made.stop()
