"""Notices for webhooks: who hears what, with what, each once, whatever is killed meanwhile."""
from harness import loop, proto
from harness.orders import DISTRICT, order

N, R, T = proto.tracking, proto.routing, proto.tracking
RESIDENT, WORKER, UNIT = (getattr(N, f"CASE_NOTICE_AUDIENCE_{name}") for name in ("RESIDENT", "WORKER", "UNIT"))


def kind(name):
    return getattr(N, f"CASE_NOTICE_KIND_{name}")


def collect(cell, order_id, count):
    """The first so many notices about an order, and that no other is there."""
    found = []
    with cell.follow("operator", "tracking.notices", start=proto.stream.START_EARLIEST) as follower:
        while len(found) < count or not follower.nothing():
            got = follower.next()
            if got.message.order_id == order_id:
                found.append((got.event.topic, got.message))
    return found


def test_the_way_of_an_order_as_it_is_told(cell):
    order_id, = cell.push_accepted([order(grid_code="370117001001001", text="请联系我 13812345678", title="李秀英家停水")])
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    cell.call("water", "Routing/Accept", R.AcceptRequest(order_id=order_id))
    cell.wait_case(order_id, T.CASE_STATE_HANDLING)
    cell.call("hotline-12345", "Tracking/Urge", loop.urge(order_id))
    cell.call("water", "Tracking/Contact", loop.contact(order_id, acting_person="w1"))
    cell.call("water", "Tracking/Resolve", loop.resolve(order_id, acting_person="w1", public_reply="详询13812345678"))
    cell.kill("tracking")
    cell.start_service("tracking")
    cell.wait_ready("tracking")
    cell.call_when_there("dispatcher", "Tracking/Review", loop.review(order_id, acting_person="d1"))
    cell.call("dispatcher", "Tracking/FollowUp", loop.follow_up(order_id, acting_person="d2"))
    told = collect(cell, order_id, 8)
    assert [(topic, n.audience, n.kind) for topic, n in told] == [
        (f"workers-{DISTRICT}", WORKER, kind("RECEIVED")), (f"residents-{DISTRICT}", RESIDENT, kind("DISPATCHED")),
        ("water", UNIT, kind("URGED")), (f"residents-{DISTRICT}", RESIDENT, kind("RESOLVED")),
        (f"residents-{DISTRICT}", RESIDENT, kind("PUBLIC_REPLY")),
        (f"residents-{DISTRICT}", RESIDENT, kind("FOLLOW_UP_ASKED")),
        (f"residents-{DISTRICT}", RESIDENT, kind("CLOSED")), (f"workers-{DISTRICT}", WORKER, kind("CLOSED"))]
    assert told[4][1].text == "详询138****5678"
    for _, notice in told:
        assert "李秀英" not in str(notice) and "13812345678" not in str(notice)
        assert notice.source == "hotline-12345" and notice.district == DISTRICT
    keys = [(n.order_id, n.step, n.audience, n.kind) for _, n in told]
    assert len(set(keys)) == len(keys)


def test_a_department_hears_its_own_and_the_stream_stands_in_the_queues(cell):
    order_id, = cell.push_accepted([order()])
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    cell.call("dispatcher", "Tracking/Urge", loop.urge(order_id))
    with cell.follow("water", "tracking.notices", "water-app", "water", start=proto.stream.START_EARLIEST) as follower:
        urged = follower.find(lambda got: got.message.order_id == order_id, "the department hears that it is urged")
        assert urged.message.kind == kind("URGED") and urged.message.audience == UNIT
    rows = {row.stream: row for row in cell.queues("tracking").streams}
    assert rows["tracking.notices"].head > 0
