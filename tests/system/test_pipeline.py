"""An order pushed reaches its department and tracking: once, in order, explained."""
import json

import pytest

from harness import loop, proto
from harness.client import CallError
from harness.orders import HOUSING, NOBODY, TRAFFIC, WATER, order, orders
from harness.proto import CODE
from harness.wait import until

ACCEPTED, DUPLICATE, REJECTED = (proto.intake.PUSH_OUTCOME_ACCEPTED, proto.intake.PUSH_OUTCOME_DUPLICATE,
                                 proto.intake.PUSH_OUTCOME_REJECTED)
T = proto.tracking
R = proto.routing


def head(cell, service, stream):
    return {row.stream: row.head for row in cell.queues(service).streams}.get(stream, 0)


def dispatched(follower, order_ids):
    """The OrderDispatched events of these orders, in the order they came; acknowledges on the way."""
    found = []
    while len(found) < len(order_ids):
        delivered = follower.next()
        if delivered.event.type == "wangge.v1.OrderDispatched" and delivered.message.order.order_id in order_ids:
            found.append(delivered)
        follower.ack()
    return found


def test_push_reaches_department_and_tracking(cell):
    pushed = [order(category=WATER, text=f"第{n}件：水压太低，二楼没有水。") for n in range(10)]
    with cell.follow("water", "routing.dispatch", "water-desk", "water") as follower:
        ids = cell.push_accepted(pushed)
        assert ids == sorted(ids) and len(set(ids)) == 10
        for sent, order_id, got in zip(pushed, ids, dispatched(follower, ids)):
            order_seen = got.message.order
            assert order_seen.order_id == order_id, "the department gets them in the order of their ids"
            assert (order_seen.text, order_seen.external_id, order_seen.category) == (sent.text, sent.external_id, WATER)
            assert order_seen.source == "hotline-12345" and order_seen.received_at > sent.occurred_at
            assert got.event.topic == "water" and got.message.assignment.department == "water"
    for order_id in ids:
        case = cell.wait_case(order_id, T.CASE_STATE_DISPATCHED).case
        assert case.department == "water" and case.due_at > case.dispatched_at > 0 and case.due_rule


def test_each_department_gets_only_its_own(cell):
    ids = {name: cell.push_accepted(orders(3, category=category))
           for name, category in (("water", WATER), ("housing", HOUSING), ("traffic", TRAFFIC))}
    for name, own in ids.items():
        with cell.follow(name, "routing.dispatch", "own-only", name) as follower:
            seen = {d.message.order.order_id for d in dispatched(follower, own)}
        assert seen == set(own)


def test_assignment_is_explained(cell, water_order):
    answer = cell.assignment(water_order)
    assert answer.assignment.state == R.ASSIGNMENT_STATE_DISPATCHED and answer.assignment.department == "water"
    assert answer.assignment.rule_id and answer.assignment.rule_version and WATER in answer.assignment.evidence
    assert answer.assignment.decided_by == "rule" and answer.assignment.hops == 1
    assert [step.kind for step in answer.steps] == ["dispatch"]


def test_same_push_again_gives_the_first_answer(cell):
    pushed = orders(20)
    ids = cell.push_accepted(pushed)
    before = head(cell, "intake", "intake.orders")
    again = cell.push(pushed)
    assert [r.outcome for r in again] == [DUPLICATE] * 20 and [r.order_id for r in again] == ids
    assert head(cell, "intake", "intake.orders") == before, "a repeat publishes nothing"


def test_twice_in_one_batch_is_one_order(cell):
    first = order()
    results = cell.push([first, first])
    assert [r.outcome for r in results] == [ACCEPTED, DUPLICATE] and results[0].order_id == results[1].order_id


def test_same_key_other_content_is_refused(cell):
    first = order()
    order_id = cell.push_accepted([first])[0]
    changed = proto.intake.NewOrder()
    changed.CopyFrom(first)
    changed.text += "另外，隔壁小区也停水。"
    result = cell.push([changed])[0]
    assert result.outcome == REJECTED and result.error.code == CODE.CODE_ALREADY_EXISTS
    answer = cell.call("hotline-12345", "Intake/Get", proto.intake.GetOrderRequest(order_id=order_id))
    assert answer.order.text == first.text, "the first content stays"


def test_a_thousand_in_one_batch(cell):
    ids = cell.push_accepted(orders(1000))
    assert len(set(ids)) == 1000
    cell.wait_case(ids[-1], T.CASE_STATE_DISPATCHED)


def test_tracking_commits_at_its_own_pace(cell):
    """Orders that come one by one are not written one by one by a service that nobody waits for: at most 50 batches of events
    a second, besides those that begin for another reason (every 100 ms positions, every second what is due)."""
    before = int(cell.postgres.query("SELECT coalesce(max(first_seq), 0) FROM tracking.segment WHERE stream = 'tracking.cases'")[0][0])
    ids = [cell.push_accepted([one])[0] for one in orders(300, category=WATER)]
    cell.wait_case(ids[-1], T.CASE_STATE_DISPATCHED)
    count, span, events = cell.postgres.query(
        "SELECT count(*), extract(epoch FROM max(at) - min(at)), sum(n) FROM tracking.segment "
        f"WHERE stream = 'tracking.cases' AND first_seq > {before}")[0]
    assert int(events) >= 300
    assert int(count) <= float(span) * (50 + 10 + 1) + 3


def test_unroutable_goes_to_the_desk_and_is_assigned_by_the_dispatcher(cell):
    order_id = cell.push_accepted([order(category=NOBODY)])[0]
    until(lambda: cell.assignment(order_id).assignment.state == R.ASSIGNMENT_STATE_DESK, "the order is on the desk")
    cell.wait_case(order_id, T.CASE_STATE_TRIAGE)
    answer = cell.call("dispatcher", "Routing/Assign",
                       R.AssignRequest(order_id=order_id, department="housing", reason="属于物业管理"))
    assert answer.assignment.department == "housing" and answer.assignment.decided_by == "dispatcher"
    with cell.follow("housing", "routing.dispatch", "desk-test", "housing") as follower:
        dispatched(follower, [order_id])
    assert cell.wait_case(order_id, T.CASE_STATE_DISPATCHED).case.department == "housing"


def test_signed_worked_on_and_resolved(cell, water_order):
    cell.call("water", "Routing/Accept", R.AcceptRequest(order_id=water_order))
    cell.call("water", "Routing/Accept", R.AcceptRequest(order_id=water_order))  # repeating is safe
    cell.wait_case(water_order, T.CASE_STATE_HANDLING)
    note = T.ProgressRequest(order_id=water_order, request_id="p1", note="已派抢修人员")
    cell.call("water", "Tracking/Progress", note)
    cell.call("water", "Tracking/Progress", note)
    cell.call("water", "Tracking/Contact", loop.contact(water_order))
    done = loop.resolve(water_order, "管道已修复")
    case = cell.call("water", "Tracking/Resolve", done).case
    assert case.state == T.CASE_STATE_REVIEW and case.result == "管道已修复" and case.resolved_at
    cell.call("water", "Tracking/Resolve", done)
    steps = cell.case(water_order).steps
    assert [s.kind for s in steps] == ["opened", "dispatched", "signed", "progress", "contacted", "resolved"]
    assert [s.n for s in steps] == [1, 2, 3, 4, 5, 6]
    with cell.follow("water", "tracking.cases", topic="water", start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.message.case.order_id == water_order and d.message.case.state == T.CASE_STATE_REVIEW,
                      "the department hears of the result")


def test_resolve_before_signing_is_refused(cell, water_order):
    with pytest.raises(CallError) as refused:
        cell.call("water", "Tracking/Resolve", loop.resolve(water_order))
    assert refused.value.code == CODE.CODE_FAILED_PRECONDITION


def test_transferred_order_leaves_one_and_reaches_the_other(cell, water_order):
    cell.call("dispatcher", "Routing/Transfer",
              R.TransferRequest(order_id=water_order, to_department="traffic", reason="道路施工造成"))
    with cell.follow("water", "routing.dispatch", topic="water", start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.event.type == "wangge.v1.DispatchRevoked" and d.message.order_id == water_order,
                      "the department that loses it hears of it")
    with cell.follow("traffic", "routing.dispatch", "transfer-test", "traffic") as follower:
        assert dispatched(follower, [water_order])[0].message.assignment.hops == 2
    until(lambda: cell.case(water_order).case.department == "traffic", "tracking follows the transfer")


def test_supplement_and_withdrawal_follow_the_order(cell, water_order):
    supplement = proto.intake.SupplementRequest(order_id=water_order, supplement_id="s1", text="三号楼也停水")
    cell.call("hotline-12345", "Intake/Supplement", supplement)
    cell.call("hotline-12345", "Intake/Supplement", supplement)
    until(lambda: "supplemented" in [s.kind for s in cell.case(water_order).steps], "tracking notes the supplement")
    cell.call("hotline-12345", "Intake/Withdraw", proto.intake.WithdrawRequest(order_id=water_order, reason="已来水"))
    case = cell.wait_case(water_order, T.CASE_STATE_WITHDRAWN)
    assert [s.kind for s in case.steps].count("supplemented") == 1, "the repeated supplement counts once"
    answer = cell.call("hotline-12345", "Intake/Get", proto.intake.GetOrderRequest(order_id=water_order))
    assert [s.text for s in answer.supplements] == ["三号楼也停水"] and answer.withdrawn_at > 0


def test_reporter_is_masked_and_stays_in_intake(cell):
    reporter = proto.intake.Reporter(name="测试甲", phone="13800005678")
    order_id = cell.push_accepted([order(reporter=reporter)])[0]
    get = proto.intake.GetOrderRequest(order_id=order_id)
    for caller in ("hotline-12345", "operator", "dispatcher"):
        answer = cell.call(caller, "Intake/Get", get)
        assert answer.reporter_masked and answer.order.has_reporter
        assert "13800005678" not in str(answer) and "测试甲" not in answer.reporter.name
    get.reveal_reason = "回访"
    assert cell.call("dispatcher", "Intake/Get", get).reporter.phone == "13800005678"
    with cell.follow("gateway", "intake.orders", "reporter-test") as follower:
        told = follower.find(lambda d: d.event.type == "wangge.v1.OrderReceived" and d.message.order.order_id == order_id,
                             "the order is published")
        assert b"13800005678" not in told.event.payload, "the event holds no personal data"
    cell.call("dispatcher", "Intake/EraseReporter", proto.intake.EraseReporterRequest(order_id=order_id, reason="本人要求"))
    answer = cell.call("dispatcher", "Intake/Get", get)
    assert answer.reporter.phone == "" and answer.reporter.name == "" and answer.order.text
    for name in ("intake", "routing", "tracking"):
        assert "13800005678" not in cell.log(name), f"{name} writes personal data to its log"


def test_trace_context_travels(cell):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    pushed = order()
    request = proto.intake.PushRequest(source="hotline-12345", orders=[pushed])
    order_id = cell.call("hotline-12345", "Intake/Push", request, traceparent=trace).results[0].order_id
    with cell.follow("water", "routing.dispatch", "trace-test", "water") as follower:
        got = dispatched(follower, [order_id])[0]
    assert got.event.traceparent.split("-")[1] == trace.split("-")[1]


def test_lists_page_through_everything(cell):
    ids = set(cell.push_accepted(orders(25, category=HOUSING)))
    cell.wait_case(max(ids), T.CASE_STATE_DISPATCHED)
    seen, token = set(), ""
    while True:
        page = cell.call("housing", "Tracking/List", T.ListCasesRequest(limit=7, page_token=token))
        assert len(page.cases) <= 7 and all(c.department == "housing" for c in page.cases)
        assert not seen & {c.order_id for c in page.cases}, "no case twice"
        seen |= {c.order_id for c in page.cases}
        token = page.next_page_token
        if not token:
            break
    assert ids <= seen


def test_what_is_off_is_told(cell):
    """This cell has no model of texts: routing works, and says what it does not do."""
    notice = cell.call("operator", "Ops/Queues", proto.ops.QueuesRequest(), service="routing").notice
    assert "merging is off" in notice and "wangge train" in notice
    status, body = cell.http("routing", "/readyz")[:2]
    assert status == 200 and json.loads(body)["checks"]["notice"] == {"ready": True, "detail": notice}
