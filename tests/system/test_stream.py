"""The streams: durable, ordered, gapless, replayable; taken over, parked, given again."""
import pytest

from harness import proto
from harness.client import CallError
from harness.follower import Ended
from harness.orders import HOUSING, WATER, orders
from harness.proto import CODE
from harness.wait import until

S, O = proto.stream, proto.ops


def consumer(cell, service, stream, name, topic=None):
    for row in cell.queues(service).consumers:
        if (row.stream, row.consumer) == (stream, name) and (topic is None or row.topic == topic):
            return row
    return None


def numbers(delivered):
    return [d.number for d in delivered]


def test_gapless_from_one(cell):
    cell.push_accepted(orders(50))
    with cell.follow("gateway", "intake.orders", start=S.START_EARLIEST) as follower:
        assert follower.opened.after == 0 and follower.opened.head >= 50
        got = follower.take(50)
    assert numbers(got) == list(range(1, 51)) and [d.event.seq for d in got] == numbers(got)
    times = [d.event.at for d in got]
    assert times == sorted(times)


def test_topic_numbers_are_gapless_too(cell):
    for _ in range(10):
        cell.push_accepted(orders(3, category=WATER) + orders(2, category=HOUSING))
    with cell.follow("housing", "routing.dispatch", topic="housing", start=S.START_EARLIEST) as follower:
        got = follower.take(20)
    assert numbers(got) == list(range(1, 21)) and all(d.event.topic == "housing" for d in got)
    assert [d.event.seq for d in got] == sorted(d.event.seq for d in got)


def test_durable_consumer_resumes_behind_what_it_acknowledged(cell):
    cell.push_accepted(orders(30))
    with cell.follow("gateway", "intake.orders", "resume") as follower:
        first = follower.take(20)
        follower.ack(first[9].number)
        until(lambda: consumer(cell, "intake", "intake.orders", "resume").acked == first[9].number, "the position is known")
    with cell.follow("gateway", "intake.orders", "resume") as follower:
        assert follower.opened.after == first[9].number
        assert numbers(follower.take(10)) == numbers(first[10:])


def test_position_survives_a_restart_of_the_service(cell):
    cell.push_accepted(orders(10))
    with cell.follow("gateway", "intake.orders", "restart") as follower:
        got = follower.take(7)
        follower.ack(got[4].number)
        until(lambda: consumer(cell, "intake", "intake.orders", "restart").acked == got[4].number, "the position is known")
    cell.restart("intake")
    with cell.follow("gateway", "intake.orders", "restart") as follower:
        assert follower.next().number == got[4].number + 1


def test_live_subscription_goes_on_over_a_restart(cell):
    with cell.follow("water", "routing.dispatch", "over-restart", "water", start=S.START_LATEST) as follower:
        cell.push_accepted(orders(5))
        got = follower.take(5)
        follower.ack()
        cell.restart("routing")
        cell.push_accepted(orders(5))
        got += follower.take(5)
    assert numbers(got) == list(range(got[0].number, got[0].number + 10))


def test_fresh_consumer_replays_from_the_start(cell):
    cell.push_accepted(orders(5))
    with cell.follow("gateway", "routing.dispatch", "fresh") as follower:
        assert follower.opened.after == 0, "a new durable name begins at the earliest event kept"
        head = follower.opened.head
        assert numbers(follower.take(head)) == list(range(1, head + 1))


def test_the_same_events_every_time(cell):
    cell.push_accepted(orders(20))
    runs = []
    for _ in range(2):
        with cell.follow("gateway", "intake.orders", start=S.START_EARLIEST) as follower:
            runs.append([d.event.SerializeToString() for d in follower.take(20)])
    assert runs[0] == runs[1]


def test_starts(cell):
    cell.push_accepted(orders(10))
    with cell.follow("gateway", "intake.orders", start=S.START_EARLIEST) as follower:
        events = follower.take(follower.opened.head)
    middle = events[len(events) // 2]
    with cell.follow("gateway", "intake.orders", start=S.START_AFTER, after=middle.number) as follower:
        assert follower.next().number == middle.number + 1
    with cell.follow("gateway", "intake.orders", start=S.START_TIME, at=middle.event.at) as follower:
        first = follower.next()
        assert first.event.at >= middle.event.at
        assert all(e.event.at < middle.event.at for e in events if e.number < first.number)
    with cell.follow("gateway", "intake.orders", start=S.START_LATEST) as follower:
        assert follower.nothing()
        cell.push_accepted(orders(1))
        assert follower.next().number == events[-1].number + 1


def test_start_after_the_future_is_refused_or_waits(cell):
    head = {row.stream: row.head for row in cell.queues("intake").streams}["intake.orders"]
    try:
        with cell.follow("gateway", "intake.orders", start=S.START_AFTER, after=head + 1_000_000) as follower:
            assert follower.nothing()
    except CallError as refused:
        assert refused.code in (CODE.CODE_OUT_OF_RANGE, CODE.CODE_INVALID_ARGUMENT)


def test_second_consumer_of_the_name_takes_over(cell):
    cell.push_accepted(orders(6))
    with cell.follow("gateway", "intake.orders", "takeover", reopen=False) as first:
        got = first.take(3)
        first.ack(got[-1].number)
        until(lambda: consumer(cell, "intake", "intake.orders", "takeover").acked == got[-1].number, "the position is known")
        with cell.follow("gateway", "intake.orders", "takeover") as second:
            with pytest.raises(Ended) as ended:
                while True:
                    first.next()
            assert ended.value.code == CODE.CODE_ABORTED
            assert second.next().number == got[-1].number + 1


def test_topics_of_one_name_are_apart(cell):
    cell.push_accepted(orders(2, category=WATER) + orders(2, category=HOUSING))
    with cell.follow("gateway", "routing.dispatch", "both", "water") as water, \
            cell.follow("gateway", "routing.dispatch", "both", "housing") as housing:
        water.take(2)
        housing.take(2)
        water.ack(2)
        until(lambda: consumer(cell, "routing", "routing.dispatch", "both", "water").acked == 2, "water acknowledged")
        assert consumer(cell, "routing", "routing.dispatch", "both", "housing").acked == 0


def test_credit_bounds_what_is_under_way(cell):
    cell.push_accepted(orders(400, text="长" * 1000))
    with cell.follow("gateway", "intake.orders", "credit", credit_bytes=65_536) as follower:
        got = [follower.next()]
        until(lambda: consumer(cell, "intake", "intake.orders", "credit").in_flight_bytes > 0, "something is under way")
        with pytest.raises(TimeoutError):
            while True:
                got.append(follower.next(limit=2))
        assert len(got) < 400, "the service waits for an acknowledgement"
        while len(got) < 400:
            follower.ack()
            got.append(follower.next())
    assert numbers(got) == list(range(got[0].number, got[0].number + len(got)))


def test_lease_ends_a_subscription_that_acknowledges_nothing(cell):
    cell.push_accepted(orders(3))
    with cell.follow("gateway", "intake.orders", "lease", lease_ms=5000, reopen=False) as follower:
        assert follower.ended().code == CODE.CODE_DEADLINE_EXCEEDED


def test_idle_subscription_keeps_its_lease(cell):
    with cell.follow("gateway", "intake.orders", start=S.START_LATEST, lease_ms=5000, reopen=False) as follower:
        with pytest.raises(TimeoutError):
            follower.next(limit=7)
        cell.push_accepted(orders(1))
        follower.next()


def test_parked_and_given_again(cell):
    cell.push_accepted(orders(5, category=WATER))
    with cell.follow("water", "routing.dispatch", "parking", "water") as follower:
        got = follower.take(5)
        follower.ack(got[1].number)
        follower.park(got[2].number, "附件打不开")
        follower.ack(got[4].number)

        def waiting():
            listed = cell.call("water", "Ops/ParkedList", O.ParkedListRequest(consumer="parking"), "routing").parked
            return listed[0] if listed else None
        parked = until(waiting, "the dead letter is listed")
        assert (parked.reason, parked.stream, parked.topic) == ("附件打不开", "routing.dispatch", "water")
        assert parked.seq == got[2].event.seq and parked.state == O.PARKED_STATE_WAITING
        until(lambda: consumer(cell, "routing", "routing.dispatch", "parking").acked == got[4].number, "the position moved on")
        assert consumer(cell, "routing", "routing.dispatch", "parking").parked == 1
        shown = cell.call("operator", "Ops/ParkedShow", O.ParkedShowRequest(parked_id=parked.parked_id), "routing")
        assert shown.event.payload == got[2].event.payload

        with pytest.raises(CallError) as refused:
            cell.call("operator", "Ops/ParkedRedrive", O.ParkedChangeRequest(parked_ids=[parked.parked_id]), "routing")
        assert (refused.value.code, refused.value.field) == (CODE.CODE_INVALID_ARGUMENT, "reason")
        change = O.ParkedChangeRequest(parked_ids=[parked.parked_id], reason="附件已补")
        assert cell.call("operator", "Ops/ParkedRedrive", change, "routing").changed == 1
        again = follower.find(lambda d: d.redriven, "the event comes again")
        assert again.number == got[2].number and again.event.payload == got[2].event.payload
        follower.ack(again.number, redriven=True)

        def digested():
            request = O.ParkedListRequest(consumer="parking", state=O.PARKED_STATE_REDRIVEN)
            return cell.call("operator", "Ops/ParkedList", request, "routing").parked
        assert until(digested, "it is digested")[0].decided_by == "operator"
        assert consumer(cell, "routing", "routing.dispatch", "parking").acked >= got[4].number, "no position went back"


def test_dropped_dead_letter_is_given_up_and_remembered(cell):
    cell.push_accepted(orders(1, category=HOUSING))
    with cell.follow("housing", "routing.dispatch", "dropping", "housing") as follower:
        got = follower.next()
        follower.park(got.number, "重复")
        list_request = O.ParkedListRequest(consumer="dropping")
        parked = until(lambda: cell.call("operator", "Ops/ParkedList", list_request, "routing").parked, "it is listed")[0]
        change = O.ParkedChangeRequest(parked_ids=[parked.parked_id], reason="确认重复")
        assert cell.call("operator", "Ops/ParkedDrop", change, "routing").changed == 1
        assert cell.call("operator", "Ops/ParkedDrop", change, "routing").changed == 0, "only those that were waiting"
        list_request.state = O.PARKED_STATE_DROPPED
        dropped = cell.call("operator", "Ops/ParkedList", list_request, "routing").parked[0]
        assert (dropped.decided_by, dropped.decided_reason) == ("operator", "确认重复")


def test_department_sees_only_its_own_dead_letters(cell):
    cell.push_accepted(orders(1, category=WATER))
    with cell.follow("water", "routing.dispatch", "own-parked", "water") as follower:
        follower.park(follower.next().number, "坏")
        request = O.ParkedListRequest(consumer="own-parked")
        until(lambda: cell.call("water", "Ops/ParkedList", request, "routing").parked, "water sees it")
        assert not cell.call("housing", "Ops/ParkedList", request, "routing").parked


@pytest.mark.parametrize("what", ["ack", "park"])
def test_what_was_never_delivered_cannot_be_acknowledged(cell, what):
    cell.push_accepted(orders(2))
    with cell.follow("gateway", "intake.orders", f"beyond-{what}", reopen=False) as follower:
        follower.take(2)
        if what == "ack":
            follower.ack(10_000_000)
        else:
            follower.park(10_000_000, "r")
        cell.push_accepted(orders(1))
        row = consumer(cell, "intake", "intake.orders", f"beyond-{what}")
        assert row.acked <= row.head


def test_removed_consumer_is_forgotten(cell):
    """Also when its acknowledgement is not written yet: it must not be written after the removal."""
    request = O.ConsumerRemoveRequest(stream="intake.orders", consumer="removed", reason="停用")
    cell.push_accepted(orders(1))
    with cell.follow("gateway", "intake.orders", "removed") as follower:
        follower.next()
        follower.ack()
        with pytest.raises(CallError) as refused:
            cell.call("operator", "Ops/ConsumerRemove", request, "intake")
        assert refused.value.code == CODE.CODE_FAILED_PRECONDITION
        follower.client.send(S.Envelope(close=S.Close(id=follower.id)))
        assert follower.ended().code == CODE.CODE_OK
    cell.call("operator", "Ops/ConsumerRemove", request, "intake")
    assert consumer(cell, "intake", "intake.orders", "removed") is None
    assert not cell.postgres.query("SELECT acked FROM intake.consumer WHERE name = 'removed'")
    with pytest.raises(CallError) as refused:
        cell.call("operator", "Ops/ConsumerRemove", request, "intake")
    assert refused.value.code == CODE.CODE_NOT_FOUND


def test_queues_tell_the_truth(cell):
    cell.push_accepted(orders(5))
    row = {r.stream: r for r in cell.queues("intake").streams}["intake.orders"]
    assert row.head >= 5 and row.earliest == 1 and row.head_at > 0
    follows = {r.stream: r for r in cell.queues("routing").follows}
    until(lambda: {r.stream: r for r in cell.queues("routing").follows}["intake.orders"].position >= row.head, "routing caught up")
    assert follows["intake.orders"].connected
    routing = consumer(cell, "intake", "intake.orders", "routing")
    assert routing.connected and routing.principal == "routing"


@pytest.mark.parametrize("field,value", [("credit_bytes", 100), ("credit_bytes", 1 << 30), ("lease_ms", 10), ("lease_ms", 10_000_000),
                                         ("consumer", "Not A Name"), ("consumer", "x" * 65)])
def test_open_names_the_field_that_is_wrong(cell, field, value):
    with pytest.raises(CallError) as refused:
        cell.follow("gateway", "intake.orders", **{field: value})
    assert (refused.value.code, refused.value.field) == (CODE.CODE_INVALID_ARGUMENT, field)


# --- a position that another hand has moved ---
def position(cell):
    return int(cell.postgres.query("SELECT seq FROM tracking.position WHERE stream = 'routing.dispatch'")[0][0])


def move_position(cell, by):
    """As a second writer would, behind the back of tracking, which has taken in all there is; gives where it stood."""
    head = "SELECT seq FROM routing.head WHERE stream = 'routing.dispatch' AND topic = ''"
    until(lambda: cell.postgres.query(head) == [[str(position(cell))]], "all is taken in")
    before = position(cell)
    cell.postgres.query(f"UPDATE tracking.position SET seq = seq + {by} WHERE stream = 'routing.dispatch'")
    return before


def noticed(cell, found, expected):
    told = f"two writers: the position in routing.dispatch stands at {found}, this writer left it at {expected}"
    until(lambda: told in cell.log("tracking"), f"tracking says: {told}")


def test_a_position_moved_back_is_noticed_and_each_event_takes_effect_once(cell):
    before = move_position(cell, -3)
    ids = cell.push_accepted(orders(5, category=WATER))
    noticed(cell, before - 3, before)
    for order_id in ids:
        kinds = [step.kind for step in cell.wait_case(order_id, proto.tracking.CASE_STATE_DISPATCHED).steps]
        assert len(kinds) == len(set(kinds)), f"order {order_id} was taken in more than once: {kinds}"
    until(lambda: position(cell) == before + 5, "it goes on from where the database says")
    assert cell.postgres.query("SELECT count(*) FROM tracking.parked") == [["0"]], "no event is to blame"


def test_a_position_moved_forward_is_noticed_and_nothing_of_the_batch_stays(cell):
    before = move_position(cell, 1)
    first = cell.push_accepted(orders(1, category=WATER))[0]
    noticed(cell, before + 1, before)
    cell.wait_case(cell.push_accepted(orders(1, category=WATER))[0], proto.tracking.CASE_STATE_DISPATCHED)
    assert position(cell) == before + 2
    assert cell.postgres.query(f"SELECT count(*) FROM tracking.cases WHERE order_id = {first}") == [["0"]], "it was skipped"
    cell.stop_service("tracking")
    cell.postgres.query(f"UPDATE tracking.position SET seq = {before} WHERE stream = 'routing.dispatch'")
    cell.start_service("tracking")
    cell.wait_case(first, proto.tracking.CASE_STATE_DISPATCHED)
