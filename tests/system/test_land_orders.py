"""A breach that becomes an order and comes back: through real intake, routing and tracking, with land killed in between, notices that
come again, and orders that are not land's."""
import contextlib

import pytest

from harness import loop, proto
from harness.cell import ROOT, VILLAGE, Cell
from harness.clock import Clock
from harness.command import wangge
from harness.files import bring
from harness.land import L, do, get, make_village, party, write
from harness.orders import order
from test_land_export import TASK
from test_land_parts import parcel
from test_land_yard import START

Y, B = proto.land_yard, proto.land_yard_records
R, S, T = proto.routing, proto.land_survey, proto.tracking
ALL = ("intake", "routing", "tracking", "land")


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=ALL)
    made.clock = Clock(made.folder / "now", START)
    made.principals["land"] = {"roles": "service, source", "channel": "land"}
    made.principals["agriculture"] = {"roles": "department", "department": "agriculture"}
    same = {"clock": made.folder / "now", "reference": ROOT / "ops/demo/reference"}
    made.settings = {name: dict(same) for name in ALL}
    made.settings["land"] |= {"intake": made.endpoint("intake"), "tracking": made.endpoint("tracking")}
    try:
        made.start()
        make_village(made)
        party(made, "h-1", "演示户1")
        plot = B.YardPlot(name="小菜园", household="h-1", use=B.PLOT_USE_VEGETABLES, area_dm2=6000)
        do(made, "LandYard/PutYardPlot", Y.PutYardPlotRequest(write=write(), id="plot-1", plot=plot))
        made.photo = bring(made, "现场", by="village", district=VILLAGE[:6]).sha256
        yield made
    finally:
        made.stop()


def notify(cell, breach_id):
    request = Y.AdvanceBreachRequest(write=write(person="村干部乙"), id=breach_id, event="notify", deadline=cell.clock.day(1))
    do(cell, "LandYard/AdvanceBreach", request)
    cell.clock.forward(days=2)
    cell.clock.until(lambda: state(cell, breach_id) == B.BREACH_STATE_ESCALATED, "its day has passed")


def escalated(cell):
    """A breach whose day has passed, and its order, which agriculture has signed."""
    given = B.RuleBreach(kind=B.BREACH_KIND_DUMP, text="门前堆放杂物", photos=[cell.photo], plot="plot-1")
    one = do(cell, "LandYard/ReportBreach", Y.ReportBreachRequest(write=write(person="网格员甲"), breach=given)).records[0].id
    do(cell, "LandYard/AdvanceBreach", Y.AdvanceBreachRequest(write=write(person="村干部乙"), id=one, event="verify"))
    notify(cell, one)
    return one, signed(cell, f"{VILLAGE}-{one}")


def signed(cell, external_id):
    def taken():
        rows = cell.postgres.query(f"SELECT order_id FROM land.land_order WHERE external_id = '{external_id}' AND order_id IS NOT NULL")
        return int(rows[0][0]) if rows else 0
    order_id = cell.clock.until(taken, "intake has taken the order")
    cell.clock.until(lambda: cell.postgres.query(f"SELECT 1 FROM tracking.cases WHERE order_id = {order_id}"), "tracking knows it")
    if cell.assignment(order_id).assignment.department != "agriculture":
        cell.call("dispatcher", "Routing/Assign", R.AssignRequest(order_id=order_id, department="agriculture", reason="村规"))
    cell.call("agriculture", "Routing/Accept", R.AcceptRequest(order_id=order_id))
    cell.wait_case(order_id, T.CASE_STATE_HANDLING)
    return order_id


def state(cell, breach_id):
    return get(cell, "rule_breach", breach_id).rule_breach.state


def tell(cell, caller, method, request):
    return cell.call(caller, f"Tracking/{method}", request).case


def handle(cell, order_id):
    tell(cell, "agriculture", "Contact", loop.contact(order_id))
    tell(cell, "agriculture", "Resolve", loop.resolve(order_id, result="已清理", acting_person="0012"))
    tell(cell, "dispatcher", "Review", loop.review(order_id, acting_person="0018"))


def close(cell, order_id):
    assert tell(cell, "dispatcher", "FollowUp", loop.follow_up(order_id, acting_person="0021")).state == T.CASE_STATE_CLOSED


def told(cell):
    """Entries that news of orders made: reason, and state of the breach after each."""
    entries = []
    for line in cell.call("operator", "LandLedger/LedgerEntries",
                          proto.land_ledger.LedgerEntriesRequest(village=VILLAGE, **{"from": 0, "to": 100000})).entries:
        if line.kind == "order":
            content = L.LandEntry.FromString(line.payload)
            assert content.person == "system" and [r.WhichOneof("body") for r in content.records] == ["rule_breach"]
            entries.append((content.reason, content.records[0].rule_breach.state))
    return entries


def waiting(cell):
    return int(cell.postgres.query("SELECT count(*) FROM land.order_news")[0][0])


def heard(cell):
    """The number of the last notice of tracking that land has taken."""
    return int(cell.postgres.query("SELECT seq FROM land.position WHERE stream = 'tracking.notices'")[0][0])


@contextlib.contextmanager
def killed(cell):
    """land is ended by kill -9, and started again at the end."""
    cell.kill("land")
    yield
    cell.start_service("land")
    cell.wait_ready("land")


def test_a_close_a_reopening_and_a_close_each_come_back_once_though_land_is_killed(cell):
    one, order_id = escalated(cell)
    begin = len(told(cell))
    handle(cell, order_id)
    with killed(cell):
        close(cell, order_id)
    cell.clock.until(lambda: state(cell, one) == B.BREACH_STATE_CLOSED, "the close has come back")
    record = get(cell, "rule_breach", one).rule_breach
    assert record.order_id == order_id and record.order_step > 0
    tell(cell, "dispatcher", "Reopen", loop.reopen(order_id, reason="又堆上了"))
    cell.kill("land")  # wherever it is
    cell.start_service("land")
    cell.wait_ready("land")
    cell.clock.until(lambda: state(cell, one) == B.BREACH_STATE_ESCALATED, "the order is handled again")
    handle(cell, order_id)
    close(cell, order_id)
    for _ in range(3):
        cell.kill("land")
        cell.start_service("land")
        cell.wait_ready("land")
    cell.clock.until(lambda: state(cell, one) == B.BREACH_STATE_CLOSED, "closed again")
    assert [after for _, after in told(cell)[begin:]] == [B.BREACH_STATE_CLOSED, B.BREACH_STATE_ESCALATED, B.BREACH_STATE_CLOSED]
    assert told(cell)[begin][0].startswith(f"order {order_id} step ") and told(cell)[begin][0].endswith(": closed")
    fix = Y.AdvanceBreachRequest(write=write(person="村干部乙"), id=one, event="fix", photos=[cell.photo])
    do(cell, "LandYard/AdvanceBreach", fix)
    tell(cell, "dispatcher", "Reopen", loop.reopen(order_id, reason="照片是旧的"))
    cell.clock.until(lambda: state(cell, one) == B.BREACH_STATE_ESCALATED, "who says that it was not fixed reopens it")


def test_notices_that_come_again_change_nothing(cell):
    one, order_id = escalated(cell)
    handle(cell, order_id)
    close(cell, order_id)
    cell.clock.until(lambda: state(cell, one) == B.BREACH_STATE_CLOSED, "the close has come back")
    before = told(cell)
    position = heard(cell)
    with killed(cell):
        cell.postgres.query("UPDATE land.position SET seq = 0 WHERE stream = 'tracking.notices'")
    cell.clock.until(lambda: heard(cell) >= position, "all notices came again")
    cell.clock.until(lambda: waiting(cell) == 0, "and were taken up")
    assert told(cell) == before and state(cell, one) == B.BREACH_STATE_CLOSED


def test_a_close_that_comes_before_intakes_answer_was_kept_waits_for_it(cell):
    one, order_id = escalated(cell)
    handle(cell, order_id)
    with killed(cell):  # as if it had been killed between the push and the answer
        cell.postgres.query(f"UPDATE land.land_order SET order_id = NULL, settled_at = NULL WHERE order_id = {order_id}")
        close(cell, order_id)
    cell.clock.until(lambda: state(cell, one) == B.BREACH_STATE_CLOSED, "intake gave the first order again, and the news were its")
    assert get(cell, "rule_breach", one).rule_breach.order_id == order_id


def test_an_order_without_effect_takes_the_breach_back_and_the_next_is_another(cell):
    one, order_id = escalated(cell)
    tell(cell, "dispatcher", "AskVoid", loop.void(order_id, acting_person="0012"))
    tell(cell, "chief", "DecideVoid", loop.decide(order_id, acting_person="0018"))
    cell.clock.until(lambda: state(cell, one) == B.BREACH_STATE_VERIFIED, "to be notified again")
    notify(cell, one)
    record = get(cell, "rule_breach", one).rule_breach
    assert (record.external_id, record.escalations, record.order_id) == (f"{VILLAGE}-{one}-2", 2, 0)
    second = signed(cell, record.external_id)
    assert second != order_id
    handle(cell, second)
    close(cell, second)
    cell.clock.until(lambda: state(cell, one) == B.BREACH_STATE_CLOSED, "the second order's close")


def test_a_breach_put_right_before_its_order_was_dispatched_stays_fixed(cell):
    one, order_id = escalated(cell)
    do(cell, "LandYard/AdvanceBreach", Y.AdvanceBreachRequest(write=write(person="村干部乙"), id=one, event="fix", photos=[cell.photo]))
    before = told(cell)
    handle(cell, order_id)
    close(cell, order_id)
    cell.clock.until(lambda: waiting(cell) == 0, "taken up")
    assert state(cell, one) == B.BREACH_STATE_FIXED and told(cell) == before


def test_orders_of_others_leave_no_trace(cell):
    before = told(cell)
    place, hour_ago = proto.common.Position(lon=115.6, lat=37.7), int(cell.clock.at.timestamp() - 3600) * 1_000_000
    ids = cell.push_accepted([order(district="131102", external_id=f"other-{n}", category="", address="桃城区河西街道", position=place,
                                    occurred_at=hour_ago) for n in range(20)])
    known = f"SELECT count(*) FROM tracking.cases WHERE order_id >= {min(ids)}"
    cell.clock.until(lambda: cell.postgres.query(known) == [["20"]], "tracking has them")
    newest = int(cell.postgres.query("SELECT seq FROM tracking.head WHERE stream = 'tracking.notices' AND topic = ''")[0][0])
    cell.clock.until(lambda: heard(cell) == newest, "land has heard all")
    assert waiting(cell) == 0 and told(cell) == before


def test_the_ledger_verifies(cell):
    assert "intact" in wangge(cell, "land", "verify", "projection", "--village", VILLAGE)


def test_the_order_says_whose_land_it_is_about(cell):
    """A rule of the dispatch catalogue may ask for it (parcel_ownership)."""
    wangge(cell, "land", "task", "put", "task-1", "--village", VILLAGE, *TASK)
    land = [parcel("p-collective", 0, 0), parcel("p-unknown", 2, 0)]
    land[0].ownership = 30
    do(cell, "LandSurvey/ImportParcels", S.ImportParcelsRequest(write=write(), survey_task="task-1", parcels=land))
    said = {}
    for one in land:
        given = B.RuleBreach(kind=B.BREACH_KIND_DUMP, text="地里堆放垃圾", photos=[cell.photo], parcel=one.id)
        found = do(cell, "LandYard/ReportBreach", Y.ReportBreachRequest(write=write(person="网格员甲"), breach=given)).records[0].id
        do(cell, "LandYard/AdvanceBreach", Y.AdvanceBreachRequest(write=write(person="村干部乙"), id=found, event="verify"))
        notify(cell, found)
        order_id = signed(cell, f"{VILLAGE}-{found}")
        said[one.id] = cell.call("operator", "Intake/Get", proto.intake.GetOrderRequest(order_id=order_id)).order.parcel_ownership
    assert said == {"p-collective": "collective", "p-unknown": ""}
