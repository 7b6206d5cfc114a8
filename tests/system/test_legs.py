"""Who is responsible: returns and their review, adjudication, assisting and lower units; tracking follows all of it."""
import signal
import time

import os
import subprocess

import pytest

from harness import loop, proto
from harness.cell import GRID
from harness.client import CallError
from harness.orders import NOBODY, WATER, order
from harness.proto import CODE
from harness.wait import until

R, T = proto.routing, proto.tracking
LEAD, ASSIST, CHILD = R.LEG_ROLE_LEAD, R.LEG_ROLE_ASSIST, R.LEG_ROLE_CHILD
BASIS = "《城市供水条例》第三条"


def ask_return(cell, order_id, caller="water", propose="housing", person="", reason="不属于供水范围"):
    request = R.ReturnRequest(order_id=order_id, reason=reason, reason_code=R.RETURN_REASON_NOT_OUR_DUTY, basis=BASIS,
                              proposed_department=propose, acting_person=person)
    return cell.call(caller, "Routing/RequestReturn", request).assignment


def review(cell, order_id, outcome, caller="dispatcher", person="", reason="已核实"):
    request = R.ReviewReturnRequest(order_id=order_id, outcome=outcome, reason=reason, acting_person=person)
    return cell.call(caller, "Routing/ReviewReturn", request).assignment


def accept(cell, order_id, caller="water"):
    return cell.call(caller, "Routing/Accept", R.AcceptRequest(order_id=order_id)).assignment


def assign(cell, order_id, department, assists=(), reason="经核实"):
    request = R.AssignRequest(order_id=order_id, department=department, reason=reason, assists=assists)
    return cell.call("dispatcher", "Routing/Assign", request).assignment


def adjudicate(cell, order_id, lead, assists=(), caller="chief", place=""):
    request = R.AdjudicateRequest(order_id=order_id, lead=lead, assists=assists, basis="三定方案", place=place)
    return cell.call(caller, "Routing/Adjudicate", request)


def escalate(cell, order_id, caller="dispatcher", reason="无主责部门"):
    return cell.call(caller, "Routing/Escalate", R.EscalateRequest(order_id=order_id, reason=reason)).assignment


def desk(cell, **fields):
    return {item.assignment.order_id: item for item in cell.call("dispatcher", "Routing/Desk", R.DeskRequest(limit=200, **fields)).items}


def refused(code, what, *arguments, **options):
    """Calls what must be refused with this code; gives the error."""
    with pytest.raises(CallError) as error:
        what(*arguments, **options)
    assert error.value.code == code, error.value
    return error.value


def case_steps(cell, order_id, last):
    """The case's steps once the newest is of that kind."""
    def check():
        steps = cell.case(order_id).steps
        return steps if steps[-1].kind == last else None
    return [step.kind for step in until(check, f"tracking notes {last} of {order_id}")]


def nothing_parked(cell):
    for service in ("routing", "tracking"):
        parked = cell.call("operator", "Ops/ParkedList", proto.ops.ParkedListRequest(), service).parked
        assert not parked, f"{service} set aside: {parked[0].reason}"


@pytest.fixture
def desk_order(cell):
    """The id of an order that lies on the desk and tracking knows; its category is no department's duty."""
    order_id = cell.push_accepted([order(category=NOBODY, grid_code=GRID)])[0]
    cell.wait_case(order_id, T.CASE_STATE_TRIAGE)
    return order_id


def test_an_accepted_return_goes_to_the_desk_and_on(cell, water_order):
    due = cell.case(water_order).case.due_at
    assert cell.assignment(water_order).assignment.return_until > time.time() * 1_000_000
    assert accept(cell, water_order).state == R.ASSIGNMENT_STATE_SIGNED
    asked = ask_return(cell, water_order)
    assert (asked.state, asked.department, asked.returns) == (R.ASSIGNMENT_STATE_RETURN_REVIEW, "water", 1)
    assert ask_return(cell, water_order).returns == 1, "repeating is safe"
    cell.wait_case(water_order, T.CASE_STATE_RETURN_REVIEW)
    item = desk(cell, kind=R.DESK_KIND_RETURN_REVIEW)[water_order]
    assert list(item.calls) == ["ReviewReturn", "Escalate"] and item.returns[0].basis == BASIS
    assert "housing" in item.why and item.title
    note = T.ProgressRequest(order_id=water_order, request_id="c1", note="已电话告知居民")
    cell.call("water", "Tracking/Progress", note)  # it keeps the duty to contact
    refused(CODE.CODE_FAILED_PRECONDITION, cell.call, "water", "Tracking/Resolve", loop.resolve(water_order))
    answer = review(cell, water_order, R.RETURN_OUTCOME_ACCEPTED)
    assert (answer.state, answer.department, answer.contact) == (R.ASSIGNMENT_STATE_DESK, "", "water")
    assert review(cell, water_order, R.RETURN_OUTCOME_ACCEPTED).state == R.ASSIGNMENT_STATE_DESK
    assert desk(cell)[water_order].kind == R.DESK_KIND_RETURNED
    with cell.follow("water", "routing.dispatch", topic="water", start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.event.type == "wangge.v1.OrderReturned"
              and d.message.order_id == water_order and d.message.reviewed_by == "dispatcher", "the department hears of it")
    assigned = assign(cell, water_order, "housing")
    assert (assigned.hops, assigned.first_receiver, assigned.contact) == (2, "water", "water")
    assert accept(cell, water_order, "housing").contact == "housing", "who signs takes the duty to contact over"
    steps = case_steps(cell, water_order, "signed")
    assert steps == ["opened", "dispatched", "signed", "return_requested", "progress", "returned", "dispatched", "signed"]
    assert cell.case(water_order).case.due_at == due, "the resident's clock does not stop"
    got = cell.assignment(water_order)
    assert [(leg.n, leg.department, leg.state) for leg in got.assignment.legs] == [
        (2, "housing", R.LEG_STATE_SIGNED), (1, "water", R.LEG_STATE_RETURNED)]
    nothing_parked(cell)


def test_what_a_return_must_say(cell, water_order):
    whole = {"reason": "不属于", "reason_code": R.RETURN_REASON_OTHER, "basis": BASIS, "proposed_department": "housing"}
    for field in whole:
        values = {name: value for name, value in whole.items() if name != field}
        request = R.ReturnRequest(order_id=water_order, **values)
        assert refused(CODE.CODE_INVALID_ARGUMENT, cell.call, "water", "Routing/RequestReturn", request).field == field
    assert refused(CODE.CODE_INVALID_ARGUMENT, ask_return, cell, water_order, propose="nobody").field == "proposed_department"
    older = R.ReturnRequest(order_id=water_order, **whole)
    assert cell.call("water", "Routing/Return", older).assignment.state == R.ASSIGNMENT_STATE_RETURN_REVIEW


def test_a_rejected_return_leaves_the_order_and_the_objection_is_adjudicated(cell, water_order):
    message = refused(CODE.CODE_FAILED_PRECONDITION, escalate, cell, water_order, "water", "不服").message
    assert "rejection of its own return" in message
    ask_return(cell, water_order)
    cell.wait_case(water_order, T.CASE_STATE_RETURN_REVIEW)
    assert review(cell, water_order, R.RETURN_OUTCOME_REJECTED, reason="属供水").state == R.ASSIGNMENT_STATE_DISPATCHED
    with cell.follow("water", "routing.dispatch", topic="water", start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.event.type == "wangge.v1.ReturnRejected"
              and d.message.order_id == water_order and d.message.reason == "属供水", "the department hears why")
    cell.wait_case(water_order, T.CASE_STATE_DISPATCHED)
    assert escalate(cell, water_order, "water", "不服").state == R.ASSIGNMENT_STATE_ADJUDICATING
    cell.wait_case(water_order, T.CASE_STATE_ADJUDICATING)
    item = desk(cell, kind=R.DESK_KIND_ADJUDICATION)[water_order]
    assert list(item.calls) == ["Adjudicate"] and "water" in item.why
    answer = adjudicate(cell, water_order, "water")
    assert answer.assignment.locked and answer.assignment.state == R.ASSIGNMENT_STATE_DISPATCHED
    accept(cell, water_order)
    assert case_steps(cell, water_order, "signed") == [
        "opened", "dispatched", "return_requested", "return_rejected", "escalated", "adjudicated", "revoked", "dispatched",
        "signed"]
    nothing_parked(cell)


def test_the_second_return_is_adjudicated_locked_and_cited(cell, water_order):
    ask_return(cell, water_order)
    review(cell, water_order, R.RETURN_OUTCOME_ACCEPTED)
    assign(cell, water_order, "housing")
    asked = ask_return(cell, water_order, "housing", "water", reason="不属于房屋")
    assert (asked.state, asked.returns) == (R.ASSIGNMENT_STATE_ADJUDICATING, 2)
    answer = adjudicate(cell, water_order, "traffic", ["housing", GRID])
    assert answer.precedent.lead == "traffic" and list(answer.precedent.assists) == ["housing", GRID]
    again = adjudicate(cell, water_order, "traffic", ["housing", GRID])
    assert again.precedent == answer.precedent, "repeating gives the first answer"
    assert [(leg.department, leg.role) for leg in answer.assignment.legs] == [
        ("traffic", LEAD), ("housing", ASSIST), (GRID, ASSIST)]
    error = refused(CODE.CODE_FAILED_PRECONDITION, ask_return, cell, water_order, "traffic", "water")
    assert "locked" in error.message
    transfer = R.TransferRequest(order_id=water_order, to_department="water", reason="不服")
    for caller in ("traffic", "dispatcher"):
        refused(CODE.CODE_FAILED_PRECONDITION, cell.call, caller, "Routing/Transfer", transfer)
    precedents = cell.call("traffic", "Routing/Precedents", R.PrecedentsRequest(category=WATER + "/停水")).precedents
    assert answer.precedent.precedent_id in [one.precedent_id for one in precedents]
    later = cell.push_accepted([order(category=WATER)])[0]
    cell.wait_case(later, T.CASE_STATE_DISPATCHED)
    assert f"precedent {answer.precedent.precedent_id}" in cell.assignment(later).assignment.evidence
    assert case_steps(cell, water_order, "assisting")[-5:] == ["adjudicated", "revoked", "dispatched", "assisting", "assisting"]
    nothing_parked(cell)


def test_another_person_reviews(cell, water_order):
    cell.principals["both"] = {"roles": "department, dispatcher", "department": "water"}
    cell.write_principals()
    both = until(lambda: try_return_as_both(cell, water_order), "the new principal is known")
    assert both.state == R.ASSIGNMENT_STATE_RETURN_REVIEW
    error = refused(CODE.CODE_PERMISSION_DENIED, review, cell, water_order, R.RETURN_OUTCOME_ACCEPTED, "both", "0018")
    assert "another principal" in error.message
    error = refused(CODE.CODE_PERMISSION_DENIED, review, cell, water_order, R.RETURN_OUTCOME_ACCEPTED, "dispatcher", "0017")
    assert error.field == "acting_person"
    review(cell, water_order, R.RETURN_OUTCOME_ACCEPTED, "dispatcher", "0018")
    records = cell.assignment(water_order, "dispatcher").returns
    assert (records[0].acting_person, records[0].review_person) == ("0017", "0018")
    records = cell.assignment(water_order, "water").returns
    assert (records[0].acting_person, records[0].review_person) == ("", ""), "departments see no staff numbers"


def try_return_as_both(cell, order_id):
    client = cell.connect("both", "routing")
    try:
        request = R.ReturnRequest(order_id=order_id, reason="不属于", reason_code=R.RETURN_REASON_OTHER, basis=BASIS,
                                  proposed_department="housing", acting_person="0017")
        return client.call("wangge.v1.Routing/RequestReturn", request, 5).assignment
    except Exception:  # not let in yet
        return None
    finally:
        client.close()


def test_outside_the_window_a_return_is_refused_with_the_time_it_ended(cell, water_order):
    cell.postgres.query(f"UPDATE routing.assignment SET decided_at = timestamptz '2026-03-02 09:00+08' WHERE order_id = {water_order}")
    error = refused(CODE.CODE_FAILED_PRECONDITION, ask_return, cell, water_order)
    assert "the window ended at 2026-03-05 00:00:00 (2 working days after the dispatch at 2026-03-02 09:00:00)" in error.message
    moved = cell.call("water", "Routing/Transfer",
                      R.TransferRequest(order_id=water_order, to_department="traffic", reason="道路施工造成")).assignment
    assert moved.hops == 2
    assert ask_return(cell, water_order, "traffic").state == R.ASSIGNMENT_STATE_RETURN_REVIEW, "each lead has its own window"


def test_a_grid_handles_no_departments_duty(cell, water_order):
    transfer = R.TransferRequest(order_id=water_order, to_department=GRID, reason="就近")
    error = refused(CODE.CODE_INVALID_ARGUMENT, cell.call, "dispatcher", "Routing/Transfer", transfer)
    assert "rule department_duty" in error.message and error.field == "to_department"
    accept(cell, water_order)
    down = R.TransferDownRequest(order_id=water_order, to_department=GRID, reason="就近")
    assert "department_duty" in refused(CODE.CODE_INVALID_ARGUMENT, cell.call, "water", "Routing/TransferDown", down).message
    ask_return(cell, water_order)
    review(cell, water_order, R.RETURN_OUTCOME_ACCEPTED)
    assert "department_duty" in refused(CODE.CODE_INVALID_ARGUMENT, assign, cell, water_order, GRID).message
    escalate(cell, water_order)
    assert "department_duty" in refused(CODE.CODE_INVALID_ARGUMENT, adjudicate, cell, water_order, GRID).message
    answer = adjudicate(cell, water_order, "water", [GRID]).assignment  # to verify or help it may
    assert answer.legs[1].department == GRID and answer.legs[1].role == ASSIST
    with cell.follow("grid", "routing.dispatch", topic=GRID, start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.event.type == "wangge.v1.OrderDispatched" and d.message.leg.role == ASSIST
              and d.message.order.order_id == water_order, "the grid is told, in its role")
    accept(cell, water_order, "grid")


def test_a_grid_leads_what_is_no_departments_duty(cell, desk_order):
    foreign = "131102001001001"
    assert "another district" in refused(CODE.CODE_INVALID_ARGUMENT, assign, cell, desk_order, foreign).message
    assign(cell, desk_order, GRID)
    accept(cell, desk_order, "grid")
    assert cell.wait_case(desk_order, T.CASE_STATE_HANDLING).case.department == GRID


def test_units_beside_the_lead(cell, water_order):
    accept(cell, water_order)
    add = R.AddUnitRequest(order_id=water_order, department="traffic", reason="需开挖道路")
    assert len(cell.call("water", "Routing/AddUnit", add).assignment.legs) == 2
    assert len(cell.call("water", "Routing/AddUnit", add).assignment.legs) == 2, "repeating is safe"
    accept(cell, water_order, "traffic")
    down = R.TransferDownRequest(order_id=water_order, to_department="street", reason="就近处置")
    legs = cell.call("water", "Routing/TransferDown", down).assignment.legs
    assert [(leg.department, leg.role, leg.parent) for leg in legs] == [
        ("water", LEAD, 0), ("traffic", ASSIST, 0), ("street", CHILD, 1)]
    refused(CODE.CODE_FAILED_PRECONDITION, cell.call, "street", "Routing/TransferDown",
            R.TransferDownRequest(order_id=water_order, to_department="community", reason="就近处置"))
    accept(cell, water_order, "street")
    up = R.TransferDownRequest(order_id=water_order, to_department="housing", reason="上转")
    assert "higher level" in refused(CODE.CODE_INVALID_ARGUMENT, cell.call, "street", "Routing/TransferDown", up).message
    cell.call("street", "Routing/TransferDown",
              R.TransferDownRequest(order_id=water_order, to_department="community", reason="就近处置"))
    listed = cell.call("traffic", "Routing/List", R.ListAssignmentsRequest(role=ASSIST)).assignments
    assert water_order in [one.order_id for one in listed]
    supplement = proto.intake.SupplementRequest(order_id=water_order, supplement_id="s1", text="三号楼也停水")
    cell.call("hotline-12345", "Intake/Supplement", supplement)
    with cell.follow("traffic", "routing.dispatch", topic="traffic", start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.event.type == "wangge.v1.DispatchSupplemented"
              and d.message.order_id == water_order and d.message.role == ASSIST, "the assisting unit hears it, too")
    assert cell.case(water_order, "traffic").case.department == "water", "who works on it may see the case"
    remove = R.RemoveUnitRequest(order_id=water_order, department="street", reason="已处置")
    legs = cell.call("water", "Routing/RemoveUnit", remove).assignment.legs
    assert [leg.department for leg in legs] == ["water", "traffic"], "what it had handed down ends with it"
    steps = case_steps(cell, water_order, "unit_released")
    assert steps == ["opened", "dispatched", "signed", "assisting", "unit_signed", "handed_down", "unit_signed", "handed_down",
                     "supplemented", "unit_released", "unit_released"]
    assert cell.case(water_order).case.state == T.CASE_STATE_HANDLING
    cell.call("hotline-12345", "Intake/Withdraw", proto.intake.WithdrawRequest(order_id=water_order, reason="已来水"))
    cell.wait_case(water_order, T.CASE_STATE_WITHDRAWN)
    with cell.follow("traffic", "routing.dispatch", topic="traffic", start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.event.type == "wangge.v1.DispatchRevoked"
              and d.message.order_id == water_order and d.message.withdrawn, "the assisting unit hears of the withdrawal")
    nothing_parked(cell)


def wangge(cell, *arguments):
    done = subprocess.run([cell.build.resolve() / "ops/cli/wangge", *arguments, "--config", cell.folder / "client.ini"],
                          capture_output=True, text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done
    return done.stdout


def test_lists_and_desk_show_who_works_beside_the_lead(cell, desk_order):
    assign(cell, desk_order, "housing", ["traffic"])
    accept(cell, desk_order, "housing")
    cell.call("housing", "Routing/TransferDown",
              R.TransferDownRequest(order_id=desk_order, to_department="street", reason="就近处置"))
    beside = [("housing", LEAD), ("traffic", ASSIST), ("street", CHILD)]
    listed = cell.call("traffic", "Routing/List", R.ListAssignmentsRequest(role=ASSIST, limit=1000)).assignments
    assert [(leg.department, leg.role) for one in listed if one.order_id == desk_order for leg in one.legs] == beside
    assert "+traffic ↓street" in wangge(cell, "list", "assignments", "--department", "housing", "--limit", "1000")
    cell.call("dispatcher", "Routing/RemoveUnit",
              R.RemoveUnitRequest(order_id=desk_order, department="street", reason="已处置"))
    ask_return(cell, desk_order, "housing", propose="water")
    shown = desk(cell, kind=R.DESK_KIND_RETURN_REVIEW)[desk_order].assignment
    assert [leg.department for leg in shown.legs] == ["housing", "traffic"] and shown.returns == 1
    row = next(line for line in wangge(cell, "desk", "--limit", "1000").splitlines() if line.split()[0] == str(desk_order))
    assert "+traffic" in row and "street" not in row


def test_assigned_with_assists_and_moved(cell, desk_order):
    answer = assign(cell, desk_order, "housing", ["traffic"])
    assert [(leg.n, leg.department, leg.role) for leg in answer.legs] == [(1, "housing", LEAD), (2, "traffic", ASSIST)]
    for to, hops in (("water", 2), ("traffic", 3), ("housing", 4)):
        moved = cell.call("dispatcher", "Routing/Transfer",
                          R.TransferRequest(order_id=desk_order, to_department=to, reason="改派")).assignment
        assert (moved.department, moved.hops, moved.first_receiver) == (to, hops, "housing")
    legs = cell.assignment(desk_order).assignment.legs
    assert [(leg.n, leg.department, leg.state) for leg in legs] == [
        (5, "housing", R.LEG_STATE_DISPATCHED), (1, "housing", R.LEG_STATE_TRANSFERRED),
        (2, "traffic", R.LEG_STATE_TRANSFERRED), (3, "water", R.LEG_STATE_TRANSFERRED),
        (4, "traffic", R.LEG_STATE_TRANSFERRED)]
    until(lambda: cell.case(desk_order).case.department == "housing" and cell.case(desk_order).steps[-1].kind == "dispatched",
          "tracking follows")
    nothing_parked(cell)


def test_a_dispute_on_the_desk_is_adjudicated(cell, desk_order):
    assert desk(cell, kind=R.DESK_KIND_UNROUTABLE)[desk_order].why.startswith("派单目录")
    escalate(cell, desk_order)
    cell.wait_case(desk_order, T.CASE_STATE_ADJUDICATING)
    error = refused(CODE.CODE_FAILED_PRECONDITION, assign, cell, desk_order, "housing")
    assert "Adjudicate (dispatcher)" in error.message
    assert refused(CODE.CODE_INVALID_ARGUMENT, adjudicate, cell, desk_order, "housing", place="370117002").field == "place"
    assert adjudicate(cell, desk_order, "housing", place=GRID[:12]).precedent.place == GRID[:12]
    assert cell.wait_case(desk_order, T.CASE_STATE_DISPATCHED).case.department == "housing"
    near = cell.push_accepted([order(category=NOBODY, grid_code=GRID)])[0]
    far = cell.push_accepted([order(category=NOBODY, grid_code="370117001002001")])[0]
    cell.wait_case(far, T.CASE_STATE_TRIAGE)
    items = desk(cell)
    assert [one.lead for one in items[near].precedents] == ["housing"] and not items[far].precedents


def test_strangers_and_the_wrong_role(cell, water_order):
    refused(CODE.CODE_NOT_FOUND, ask_return, cell, water_order, "traffic")
    refused(CODE.CODE_PERMISSION_DENIED, review, cell, water_order, R.RETURN_OUTCOME_ACCEPTED, "water")
    refused(CODE.CODE_PERMISSION_DENIED, adjudicate, cell, water_order, "water", caller="water")
    refused(CODE.CODE_PERMISSION_DENIED, cell.call, "water", "Routing/Desk", R.DeskRequest())
    refused(CODE.CODE_PERMISSION_DENIED, cell.call, "hotline-12345", "Routing/Precedents", R.PrecedentsRequest())
    refused(CODE.CODE_FAILED_PRECONDITION, review, cell, water_order, R.RETURN_OUTCOME_ACCEPTED)


def test_killed_in_the_middle_of_a_dispute(own_cell):
    """Routing and tracking are killed between any two steps: the story ends as if nothing had happened."""
    cell = own_cell
    order_id = cell.push_accepted([order(category=WATER)])[0]
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    story = [
        ("water", "RequestReturn", R.ReturnRequest(order_id=order_id, reason="r", reason_code=1, basis=BASIS,
                                                   proposed_department="housing")),
        ("dispatcher", "ReviewReturn", R.ReviewReturnRequest(order_id=order_id, outcome=1, reason="r")),
        ("dispatcher", "Assign", R.AssignRequest(order_id=order_id, department="housing", reason="r", assists=["traffic"])),
        ("housing", "RequestReturn", R.ReturnRequest(order_id=order_id, reason="r2", reason_code=1, basis=BASIS,
                                                     proposed_department="water")),
        ("chief", "Adjudicate", R.AdjudicateRequest(order_id=order_id, lead="water", assists=["traffic"], basis="三定方案")),
        ("water", "Accept", R.AcceptRequest(order_id=order_id)),
    ]
    for n, (caller, method, request) in enumerate(story):
        cell.call_when_there(caller, f"Routing/{method}", request, limit=60)
        victim = ("routing", "tracking")[n % 2]
        cell.kill(victim, signal.SIGKILL)
        cell.start_service(victim)
        cell.wait_ready(victim)
        cell.call_when_there(caller, f"Routing/{method}", request, limit=60)  # the answer may have been lost: no second effect
    assert case_steps(cell, order_id, "signed") == [
        "opened", "dispatched", "return_requested", "returned", "dispatched", "assisting", "return_requested", "escalated",
        "adjudicated", "revoked", "dispatched", "signed"]
    got = cell.assignment(order_id)
    assert (got.assignment.locked, got.assignment.hops, len(got.returns)) == (True, 3, 2)
    later = cell.push_accepted([order(category=WATER)])[0]
    cell.wait_case(later, T.CASE_STATE_DISPATCHED)
    assert f"precedent {order_id}.1" in cell.assignment(later).assignment.evidence
    nothing_parked(cell)
