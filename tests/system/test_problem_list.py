"""The problem list: who is in charge, verification by another person with a photo, what it does to the orders, recurrence."""
import pytest

from harness import loop, proto
from harness.client import CallError
from harness.lists import L, change, entry
from harness.orders import order
from harness.proto import CODE
from harness.wait import until

PHOTO = proto.common.Attachment(sha256="ab" * 32, name="现场.jpg", media_type="image/jpeg", size_bytes=1)
TEXT = {"area": "370117001001001", "year": 2026, "title": "楼道堆物", "nature": "乱"}


def refused(code, field, cell, *args, **fields):
    with pytest.raises(CallError) as caught:
        change(cell, *args, **fields)
    assert caught.value.code == code and caught.value.field == field, caught.value


def assigned(cell, code):
    change(cell, code, problem_put=L.ProblemText(**TEXT, order_ids=[5, 7]))
    return change(cell, code, problem_assign=L.ProblemAssignment(owner="urban", measures="清理", due_on="2026-12-10"))


def reported(cell, code):
    assigned(cell, code)
    change(cell, code, problem_begin=L.NoDetails())
    return change(cell, code, acting_person="0017", problem_report=L.ProblemReport(result="已清理"))


def test_another_person_verifies_with_a_photo(cell):
    assert reported(cell, "pl-1").state == L.ENTRY_STATE_VERIFY
    seen = L.ProblemVerification(solved=True, photos=[PHOTO])
    refused(CODE.CODE_INVALID_ARGUMENT, "acting_person", cell, "pl-1", problem_verify=seen)
    refused(CODE.CODE_FAILED_PRECONDITION, "acting_person", cell, "pl-1", acting_person="0017", problem_verify=seen)
    refused(CODE.CODE_INVALID_ARGUMENT, "photos", cell, "pl-1", acting_person="0042",
            problem_verify=L.ProblemVerification(solved=True))
    paper = proto.common.Attachment(sha256="cd" * 32, name="a.pdf", media_type="application/pdf", size_bytes=1)
    refused(CODE.CODE_INVALID_ARGUMENT, "photos", cell, "pl-1", acting_person="0042",
            problem_verify=L.ProblemVerification(solved=True, photos=[paper]))
    refused(CODE.CODE_INVALID_ARGUMENT, "note", cell, "pl-1", acting_person="0042",
            problem_verify=L.ProblemVerification(photos=[PHOTO]))
    back = change(cell, "pl-1", acting_person="0042", problem_verify=L.ProblemVerification(note="还有一半", photos=[PHOTO]))
    assert back.state == L.ENTRY_STATE_IN_PROGRESS and not back.problem.solved_on
    change(cell, "pl-1", acting_person="0017", problem_report=L.ProblemReport(result="全部清理"))
    done = change(cell, "pl-1", acting_person="0042", problem_verify=seen)
    assert done.state == L.ENTRY_STATE_SOLVED and done.problem.solved_on and done.problem.verified_by == "0042"
    refused(CODE.CODE_INVALID_ARGUMENT, "reason", cell, "pl-1", problem_recur=L.ProblemRecurrence(order_ids=[9]))
    again = change(cell, "pl-1", reason="又堆满", problem_recur=L.ProblemRecurrence(order_ids=[9]))
    assert again.state == L.ENTRY_STATE_IN_PROGRESS and again.problem.recurrences == 1 and not again.problem.solved_on
    assert list(again.problem.text.order_ids) == [5, 7, 9]


def test_it_is_disclosed_when_somebody_is_in_charge(cell):
    change(cell, "pl-2", problem_put=L.ProblemText(**TEXT))
    with pytest.raises(CallError):
        entry(cell, "problem", "pl-2", by="water")
    refused(CODE.CODE_FAILED_PRECONDITION, "action", cell, "pl-2", problem_begin=L.NoDetails())
    assigned(cell, "pl-3")
    assert entry(cell, "problem", "pl-3", by="water").entry.problem.assignment.owner == "urban"
    refused(CODE.CODE_INVALID_ARGUMENT, "reason", cell, "pl-3", problem_drop=L.NoDetails())
    assert change(cell, "pl-3", reason="重复", problem_drop=L.NoDetails()).state == L.ENTRY_STATE_WITHDRAWN


@pytest.mark.parametrize("field,text", [
    ("nature", {"nature": ""}), ("order_ids", {"order_ids": [0]}), ("order_ids", {"order_ids": [1] * 1001}),
    ("problem_id", {"problem_id": -1}), ("text", {"text": "<i>"}), ("area", {"area": "1"})])
def test_wrong_texts_are_refused(cell, field, text):
    refused(CODE.CODE_INVALID_ARGUMENT, field, cell, "pl-wrong", problem_put=L.ProblemText(**{**TEXT, **text}))


@pytest.mark.parametrize("field,assignment", [("owner", {"owner": ""}), ("measures", {"measures": ""}), ("due_on", {"due_on": "x"})])
def test_nothing_is_assigned_without_owner_measures_and_day(cell, field, assignment):
    change(cell, "pl-4", problem_put=L.ProblemText(**TEXT))
    values = {"owner": "urban", "measures": "清理", "due_on": "2026-12-10"} | assignment
    refused(CODE.CODE_INVALID_ARGUMENT, field, cell, "pl-4", problem_assign=L.ProblemAssignment(**values))


def test_every_order_of_a_solved_problem_goes_to_review_and_each_resident_is_asked(cell):
    T = proto.tracking
    ids = cell.push_accepted([order() for _ in range(30)])
    for order_id in ids:
        cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    cell.call("water", "Routing/Accept", proto.routing.AcceptRequest(order_id=ids[0]))
    cell.wait_case(ids[0], T.CASE_STATE_HANDLING)
    change(cell, "pl-5", problem_put=L.ProblemText(**TEXT, order_ids=ids))
    change(cell, "pl-5", problem_assign=L.ProblemAssignment(owner="urban", measures="清理", due_on="2026-12-10"))
    change(cell, "pl-5", problem_begin=L.NoDetails())
    change(cell, "pl-5", acting_person="0017", problem_report=L.ProblemReport(result="已全面清理"))
    assert cell.case(ids[0]).case.state == T.CASE_STATE_HANDLING  # nothing happens before somebody has looked
    change(cell, "pl-5", acting_person="0042", problem_verify=L.ProblemVerification(solved=True, photos=[PHOTO]))
    cell.kill("tracking")
    cell.start_service("tracking")
    cell.wait_ready("tracking")
    for order_id in ids:
        found = cell.wait_case(order_id, T.CASE_STATE_REVIEW)
        assert found.case.result == found.case.feedback.public_reply == "已全面清理"
        assert list(found.case.feedback.evidence) == [PHOTO.sha256]
        assert [step.kind for step in found.steps].count("problem_solved") == 1
    with pytest.raises(CallError) as caught:
        cell.call("dispatcher", "Tracking/Review", loop.review(ids[0], acting_person="0017"))
    assert caught.value.field == "acting_person"
    for order_id in ids[:2]:
        cell.call("dispatcher", "Tracking/Review", loop.review(order_id, acting_person="0018"))
        closed = cell.call("hotline-12345", "Tracking/FollowUp", loop.follow_up(order_id, acting_person="0099")).case
        assert closed.state == T.CASE_STATE_CLOSED
    cell.call("water", "Routing/Accept", proto.routing.AcceptRequest(order_id=ids[2]))  # late: it is only noted
    until(lambda: cell.case(ids[2]).steps[-1].kind == "signed", "the signature is in the timeline")
    assert not cell.call("operator", "Ops/ParkedList", proto.ops.ParkedListRequest(), "tracking").parked
    again = change(cell, "pl-5", reason="又堆满", problem_recur=L.ProblemRecurrence())
    assert again.problem.recurrences == 1 and cell.case(ids[3]).case.state == T.CASE_STATE_REVIEW
