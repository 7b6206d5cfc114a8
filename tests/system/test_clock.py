"""Time alone: with a simulated clock, over restarts, jumps forward and back. Each thing happens once and is told."""
import datetime

import pytest

from harness import loop, proto
from harness.cell import SERVICES, Cell
from harness.clock import SHANGHAI, Clock
from harness.orders import WATER, order
from harness.wait import until

T, R = proto.tracking, proto.routing
YESTERDAY = int(datetime.datetime(2026, 3, 1, tzinfo=SHANGHAI).timestamp() * 1_000_000)


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    clock = Clock(tmp_path_factory.mktemp("clock") / "now", "2026-03-02 09:00")  # a Monday
    cell = Cell(settings={service: {"clock": clock.path} for service in SERVICES}).start()
    cell.clock = clock
    yield cell
    cell.stop()


def kinds(cell, order_id):
    return [step.kind for step in cell.case(order_id).steps]


def new_order(cell):
    order_id = cell.push_accepted([order(category=WATER, occurred_at=YESTERDAY)])[0]
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    return order_id


def test_the_service_says_that_its_clock_is_simulated(timed):
    answer = timed.call("operator", "Ops/Info", proto.ops.InfoRequest(), service="tracking")
    assert answer.simulated_clock
    assert "the clock is simulated" in timed.log("tracking")


def test_each_thing_happens_once_in_order_over_restart_and_jumps(timed):
    timed.clock.set("2026-03-02 09:00")
    order_id = new_order(timed)
    begin = ["opened", "dispatched"]
    assert kinds(timed, order_id) == begin
    timed.clock.set("2026-03-04 00:00")
    begin += ["contact_overdue", "sign_overdue"]
    until(lambda: kinds(timed, order_id) == begin, "not signed, nobody reached")
    timed.stop_service("tracking")
    timed.clock.set("2026-03-09 12:00")
    timed.start_service("tracking")
    timed.wait_ready("tracking")
    begin += ["yellow_card"]
    until(lambda: kinds(timed, order_id) == begin, "what came due meanwhile happens after the start")
    timed.clock.set("2026-03-01 00:00")  # the clock jumps back: nothing happens again, times go on
    timed.clock.set("2026-06-01 00:00")  # and forward: everything, in order
    begin += ["red_card", "urged", "criticised"]
    until(lambda: kinds(timed, order_id) == begin, "everything due has happened")
    got = timed.case(order_id)
    times = [step.at for step in got.steps]
    assert times == sorted(times)
    assert (got.case.yellow_cards, got.case.red_cards, got.case.urged) == (1, 1, 1) and got.case.late
    with timed.follow("water", "tracking.cases", topic="water", start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.message.case.order_id == order_id and d.message.step.kind == "criticised",
                      "the department is told")


def test_a_closed_case_is_archived(timed):
    timed.clock.set("2026-06-01 09:00")
    order_id = new_order(timed)
    timed.call("water", "Routing/Accept", R.AcceptRequest(order_id=order_id))
    timed.wait_case(order_id, T.CASE_STATE_HANDLING)
    timed.call("water", "Tracking/Contact", loop.contact(order_id))
    timed.call("water", "Tracking/Resolve", loop.resolve(order_id, acting_person="0012"))
    timed.call("dispatcher", "Tracking/Review", loop.review(order_id, acting_person="0018"))
    timed.call("hotline-12345", "Tracking/FollowUp", loop.follow_up(order_id))
    timed.clock.set("2026-07-01 23:59")
    timed.call("operator", "Tracking/Get", T.GetCaseRequest(order_id=order_id))
    assert timed.case(order_id).case.state == T.CASE_STATE_CLOSED
    timed.clock.set("2026-07-02 00:00")
    timed.wait_case(order_id, T.CASE_STATE_ARCHIVED)
    assert kinds(timed, order_id)[-1] == "archived"


def test_a_hold_ends_on_the_day_of_its_review(timed):
    timed.clock.set("2026-06-01 09:00")
    order_id = new_order(timed)
    timed.call("water", "Routing/Accept", R.AcceptRequest(order_id=order_id))
    timed.wait_case(order_id, T.CASE_STATE_HANDLING)
    timed.call("water", "Tracking/Contact", loop.contact(order_id))
    timed.call("water", "Tracking/Suspend", loop.suspend(order_id, next_review_on="2026-06-30"))
    timed.call("dispatcher", "Tracking/DecideSuspension", loop.decide(order_id))
    timed.wait_case(order_id, T.CASE_STATE_HELD)
    timed.clock.set("2026-07-01 00:00")
    case = timed.wait_case(order_id, T.CASE_STATE_HANDLING).case
    assert kinds(timed, order_id)[-1] == "resumed" and not case.late and case.yellow_cards == case.red_cards == 0
    assert "hold ended" in case.due_rule


def test_the_level_of_supervision_rises_by_time(timed):
    timed.clock.set("2026-06-01 09:00")
    order_id = new_order(timed)
    timed.call("dispatcher", "Tracking/Supervise", loop.supervise(order_id, level=2, working_days=1))
    timed.clock.set("2026-06-03 00:00")
    case = until(lambda: (c := timed.case(order_id).case).supervision.level == 3 and c, "the level has risen")
    assert [s.by for s in timed.case(order_id).steps if s.kind == "supervised"] == ["dispatcher", "clock"]
    assert case.supervision.working_days == 1


def test_more_than_one_batch_comes_due_at_one_minute(timed):
    timed.clock.set("2026-08-03 09:00")
    ids = [i for _ in range(5) for i in timed.push_accepted([order(category=WATER, occurred_at=YESTERDAY) for _ in range(1000)])]
    timed.wait_case(ids[-1], T.CASE_STATE_DISPATCHED)
    timed.clock.set("2026-08-04 09:00")
    sql = "SELECT count(*) FROM tracking.case_step WHERE kind = 'contact_overdue' AND order_id >= %d" % ids[0]
    until(lambda: timed.postgres.query(sql) == [[str(len(ids))]], "all have been told")


def test_a_jump_of_the_clock_ends_no_subscription(timed):
    timed.clock.set("2026-08-05 09:00")
    with timed.follow("water", "routing.dispatch", topic="water", start=proto.stream.START_LATEST) as follower:
        first = new_order(timed)
        event = follower.next()  # it stays unacknowledged, as the services' own events are on their way
        assert event.message.order.order_id == first
        for day in ("2026-08-06 09:00", "2026-08-01 00:00", "2026-09-01 09:00"):
            timed.clock.set(day)
            new_order(timed)
            assert follower.next().message.DESCRIPTOR.name == "OrderDispatched"
    for service in SERVICES:
        assert "nothing was acknowledged within the lease" not in timed.log(service)
