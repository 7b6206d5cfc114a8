"""A void reaches routing: nobody holds the order any more, and whatever was on its way meanwhile is noted, not set aside."""
import pytest

from harness import loop, proto
from harness.client import CallError
from harness.orders import order
from harness.proto import CODE
from harness.wait import until

I, R, T = proto.intake, proto.routing, proto.tracking


def voided(cell, order_id):
    cell.call("dispatcher", "Tracking/AskVoid", loop.void(order_id, acting_person="d1"))
    cell.call("dispatcher", "Tracking/DecideVoid", loop.decide(order_id, acting_person="d2"))


def in_routing(cell, order_id, state):
    until(lambda: cell.assignment(order_id).assignment.state == state, f"order {order_id} is {R.AssignmentState.Name(state)}")


def nothing_parked(cell):
    for service in ("routing", "tracking"):
        parked = cell.call("operator", "Ops/ParkedList", proto.ops.ParkedListRequest(), service).parked
        assert not parked, f"{service} set aside: {parked[0].reason}"


def test_nobody_holds_a_void_order(cell):
    order_id, = cell.push_accepted([order()])
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    voided(cell, order_id)
    in_routing(cell, order_id, R.ASSIGNMENT_STATE_VOID)
    with cell.follow("water", "routing.dispatch", topic="water", start=proto.stream.START_EARLIEST) as follower:
        gone = follower.find(lambda got: got.event.type.endswith("DispatchRevoked") and
                             got.message.order_id == order_id, "the department loses it").message
    assert gone.voided and not gone.withdrawn
    for method, request in (("Routing/Accept", R.AcceptRequest(order_id=order_id)),
                            ("Routing/Transfer", R.TransferRequest(order_id=order_id, to_department="traffic", reason="r"))):
        with pytest.raises(CallError) as caught:
            cell.call("water", method, request)
        assert caught.value.code in (CODE.CODE_FAILED_PRECONDITION, CODE.CODE_NOT_FOUND)
    assert cell.case(order_id).steps[-1].kind == "voided"
    nothing_parked(cell)


def test_what_is_on_its_way_meanwhile_is_noted(cell):
    order_id, = cell.push_accepted([order()])
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    cell.kill("routing")  # so that it cannot hear of the void before the department has signed
    voided(cell, order_id)
    cell.kill("tracking")
    cell.start_service("routing")
    cell.wait_ready("routing")
    cell.call_when_there("water", "Routing/Accept", R.AcceptRequest(order_id=order_id))
    cell.call("hotline-12345", "Intake/Withdraw", I.WithdrawRequest(order_id=order_id, reason="不用了"))
    in_routing(cell, order_id, R.ASSIGNMENT_STATE_WITHDRAWN)
    cell.start_service("tracking")
    cell.wait_ready("tracking")
    until(lambda: [step.kind for step in cell.case(order_id).steps].count("noted") == 2, "both are noted")
    assert cell.case(order_id).case.state == T.CASE_STATE_VOID
    nothing_parked(cell)


def test_a_void_that_routing_was_not_there_for_reaches_it_later(cell):
    order_id, = cell.push_accepted([order()])
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    cell.kill("routing")
    voided(cell, order_id)
    cell.start_service("routing")
    cell.wait_ready("routing")
    in_routing(cell, order_id, R.ASSIGNMENT_STATE_VOID)
    nothing_parked(cell)


def test_a_direct_answer_that_did_not_do_lies_on_the_desk(cell):
    order_id, = cell.push_accepted([order(kind=proto.common.ORDER_KIND_CONSULTATION, answer=proto.common.DirectAnswer(
        text="到窗口办理", knowledge_item="KB-1"))])
    cell.wait_case(order_id, T.CASE_STATE_ANSWERED)
    cell.call("hotline-12345", "Tracking/Rate", loop.rate(order_id, T.SATISFACTION_DISSATISFIED))
    cell.call("hotline-12345", "Tracking/Reopen", loop.reopen(order_id))
    in_routing(cell, order_id, R.ASSIGNMENT_STATE_DESK)
    desk = cell.call("dispatcher", "Routing/Desk", R.DeskRequest(limit=200)).items
    assert order_id in [item.assignment.order_id for item in desk]
    nothing_parked(cell)


@pytest.mark.parametrize("principal,may", [("routing", True), ("operator", True), ("water", False), ("hotline-12345", False)])
def test_who_may_follow_verdicts(cell, principal, may):
    if may:
        cell.follow(principal, "tracking.verdicts").close()
        return
    with pytest.raises(CallError) as caught:
        cell.follow(principal, "tracking.verdicts")
    assert caught.value.code == CODE.CODE_PERMISSION_DENIED
