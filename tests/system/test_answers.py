"""Direct answers: told by the source as it pushes, no department's, rated by the resident or closed by time."""
import json
import subprocess

import pytest

from harness import loop, proto
from harness.client import CallError
from harness.orders import WATER, order
from harness.proto import CODE

C, I, R, T = proto.common, proto.intake, proto.routing, proto.tracking
ANSWER = C.DirectAnswer(text="凭身份证到窗口办理。", knowledge_item="KB-0231")


def consultation(**fields):
    return order(**{"kind": C.ORDER_KIND_CONSULTATION, "answer": ANSWER} | fields)


def answered(cell, **fields):
    order_id, = cell.push_accepted([consultation(**fields)])
    cell.wait_case(order_id, T.CASE_STATE_ANSWERED)
    return order_id


def test_it_goes_to_no_department_and_is_closed_by_its_rating(cell):
    order_id = answered(cell)
    assert cell.assignment(order_id).assignment.state == R.ASSIGNMENT_STATE_ANSWERED
    desk = cell.call("dispatcher", "Routing/Desk", R.DeskRequest(limit=200)).items
    assert order_id not in [item.assignment.order_id for item in desk]
    case = cell.call("hotline-12345", "Tracking/Rate", loop.rate(order_id, T.SATISFACTION_DISSATISFIED)).case
    assert case.state == T.CASE_STATE_CLOSED and case.answer == ANSWER and not case.department and not case.due_at
    assert case.follow_up.satisfaction == T.SATISFACTION_DISSATISFIED
    steps = cell.case(order_id).steps
    assert [step.kind for step in steps] == ["opened", "closed"]


def test_what_did_not_do_is_reopened_and_dispatched(cell):
    order_id = answered(cell)
    cell.call("hotline-12345", "Tracking/Rate", loop.rate(order_id, T.SATISFACTION_DISSATISFIED))
    reopened = cell.call("hotline-12345", "Tracking/Reopen", loop.reopen(order_id)).case
    assert reopened.state == T.CASE_STATE_TRIAGE and reopened.round == 2
    cell.call("dispatcher", "Routing/Assign", R.AssignRequest(order_id=order_id, department="water", reason="答复不符"))
    case = cell.wait_case(order_id, T.CASE_STATE_DISPATCHED).case
    assert case.department == case.first_department == "water" and case.due_at
    assert not cell.call("operator", "Ops/ParkedList", proto.ops.ParkedListRequest(), "tracking").parked


def test_the_resident_is_told_and_a_withdrawal_ends_it(cell):
    order_id = answered(cell)
    with cell.follow("operator", "tracking.notices", start=proto.stream.START_EARLIEST) as follower:
        notice = follower.find(lambda got: got.message.order_id == order_id and
                               got.message.audience == T.CASE_NOTICE_AUDIENCE_RESIDENT, "the resident is told").message
    assert notice.kind == T.CASE_NOTICE_KIND_ANSWERED and notice.text == ANSWER.text
    cell.call("hotline-12345", "Intake/Withdraw", I.WithdrawRequest(order_id=order_id, reason="不用了"))
    cell.wait_case(order_id, T.CASE_STATE_WITHDRAWN)


def test_the_answer_to_a_confidential_order_stays_with_its_source(cell):
    order_id = answered(cell, confidential=True)
    assert cell.case(order_id).case.answer == C.DirectAnswer(knowledge_item="KB-0231")


def test_a_repeat_is_the_same_and_another_answer_is_another_order(cell):
    first = consultation()
    order_id, = cell.push_accepted([first])
    again = cell.push([first])[0]
    assert again.outcome == I.PUSH_OUTCOME_DUPLICATE and again.order_id == order_id
    first.answer.text = "另一种说法"
    refused = cell.push([first])[0]
    assert refused.error.code == CODE.CODE_ALREADY_EXISTS


@pytest.mark.parametrize("field,fields", [
    ("answer", {"kind": C.ORDER_KIND_COMPLAINT}), ("answer.text", {"answer": C.DirectAnswer(knowledge_item="KB-1")}),
    ("answer.text", {"answer": C.DirectAnswer(text="<b>好</b>", knowledge_item="KB-1")}),
    ("answer.text", {"answer": C.DirectAnswer(text="好" * 2731, knowledge_item="KB-1")}),
    ("answer.knowledge_item", {"answer": C.DirectAnswer(text="好")}),
    ("answer.knowledge_item", {"answer": C.DirectAnswer(text="好", knowledge_item="K" * 65)})])
def test_wrong_answers_are_refused_and_their_neighbours_kept(cell, field, fields):
    results = cell.push([consultation(**fields), order()])
    assert results[0].outcome == I.PUSH_OUTCOME_REJECTED and results[0].error.field == f"orders[0].{field}", results[0]
    assert results[1].outcome == I.PUSH_OUTCOME_ACCEPTED


def test_only_a_direct_answer_is_rated(cell):
    order_id, = cell.push_accepted([order(category=WATER)])
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    with pytest.raises(CallError) as caught:
        cell.call("hotline-12345", "Tracking/Rate", loop.rate(order_id))
    assert caught.value.code == CODE.CODE_FAILED_PRECONDITION and "possible: " in caught.value.message
    order_id = answered(cell)
    with pytest.raises(CallError) as caught:
        cell.call("hotline-12345", "Tracking/Rate", loop.rate(order_id, T.SATISFACTION_UNSPECIFIED))
    assert caught.value.field == "satisfaction"


def test_the_command_pushes_shows_and_rates(cell, tmp_path):
    def wangge(*arguments):
        return subprocess.run([cell.build.resolve() / "ops/cli/wangge", *map(str, arguments), "--config",
                               cell.folder / "client.ini"], capture_output=True, text=True, timeout=60)

    pushed = {"externalId": "answer-cli-1", "district": "370117", "kind": "ORDER_KIND_CONSULTATION", "title": "怎样补办证件",
              "text": "身份证丢了怎样补办", "occurredAt": "1709251200000000",
              "answer": {"text": "凭户口簿到派出所办理。", "knowledgeItem": "KB-0231"}}
    (tmp_path / "one.jsonl").write_text(json.dumps(pushed, ensure_ascii=False) + "\n")
    done = wangge("push", "--source", "hotline-12345", tmp_path / "one.jsonl")
    assert "accepted 1" in done.stdout, done
    order = cell.call("hotline-12345", "Intake/Get", I.GetOrderRequest(
        district="370117", source="hotline-12345", external_id="answer-cli-1")).order
    cell.wait_case(order.order_id, T.CASE_STATE_ANSWERED)
    shown = wangge("show", order.order_id).stdout
    assert "凭户口簿到派出所办理。" in shown and "KB-0231" in shown and "answered at once" in shown
    assert " answer " in shown and "dispatcher's desk" not in shown
    assert wangge("rate", order.order_id, "--satisfaction", "happy").returncode == 2
    assert "closed" in wangge("rate", order.order_id, "--satisfaction", "satisfied").stdout
