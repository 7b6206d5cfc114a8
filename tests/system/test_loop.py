"""The closed loop: contact, feedback, review by a second and follow-up by a third person, rounds, reopening; told on the
stream and by the command, kept over a restart."""
import json
import subprocess

import pytest

from harness import loop, proto
from harness.client import CallError
from harness.orders import WATER, order
from harness.proto import CODE
from harness.wait import until

T, R = proto.tracking, proto.routing


def refused(code, cell, caller, method, request):
    with pytest.raises(CallError) as error:
        cell.call(caller, f"Tracking/{method}", request)
    assert error.value.code == code, error.value
    return str(error.value)


@pytest.fixture
def handled(cell, water_order):
    """An order that water has signed."""
    cell.call("water", "Routing/Accept", R.AcceptRequest(order_id=water_order))
    cell.wait_case(water_order, T.CASE_STATE_HANDLING)
    return water_order


def call(cell, caller, method, request):
    return cell.call(caller, f"Tracking/{method}", request).case


def to_follow_up(cell, order_id):
    call(cell, "water", "Contact", loop.contact(order_id))
    call(cell, "water", "Resolve", loop.resolve(order_id, acting_person="0012"))
    assert call(cell, "dispatcher", "Review", loop.review(order_id, acting_person="0018")).state == T.CASE_STATE_FOLLOW_UP


def test_to_a_close_that_a_third_person_has_verified(cell, handled):
    refused(CODE.CODE_FAILED_PRECONDITION, cell, "water", "Resolve", loop.resolve(handled))
    to_follow_up(cell, handled)
    said = loop.follow_up(handled)
    case = call(cell, "hotline-12345", "FollowUp", said)
    assert case.state == T.CASE_STATE_CLOSED and case.closed_at >= case.reviewed_at >= case.resolved_at > 0
    assert case.follow_up.satisfaction == T.SATISFACTION_SATISFIED and case.feedback.public_reply
    assert call(cell, "hotline-12345", "FollowUp", said) == case, "a repeat has no second effect"
    got = cell.case(handled)
    assert [s.kind for s in got.steps][3:] == ["contacted", "resolved", "approved", "closed"]
    assert [s.acting_person for s in got.steps][4:6] == ["0012", "0018"], "the operator sees the persons"
    assert got.steps[6].follow_up.solved == T.RESOLUTION_SOLVED
    mine = cell.call("water", "Tracking/Get", T.GetCaseRequest(order_id=handled))
    assert not any(s.acting_person for s in mine.steps), "the department does not"
    with cell.follow("water", "tracking.cases", topic="water", start=proto.stream.START_EARLIEST) as follower:
        told = follower.find(lambda d: d.message.case.order_id == handled and d.message.step.kind == "closed",
                             "the department hears of the close")
    assert told.message.case.follow_up.satisfaction == T.SATISFACTION_SATISFIED
    assert "0012" not in str(told.message) and "0018" not in str(told.message)


def test_evidence_is_named_by_its_hash(cell, handled):
    call(cell, "water", "Contact", loop.contact(handled))
    hashes = [f"{n:064x}" for n in range(21)]
    for wrong in (hashes, ["ab"], ["A" * 64], ["0" * 63 + "g"], ["0" * 65], [hashes[1], hashes[2], hashes[1]], [""]):
        assert "evidence" in refused(CODE.CODE_INVALID_ARGUMENT, cell, "water", "Resolve", loop.resolve(handled, evidence=wrong))
    case = call(cell, "water", "Resolve", loop.resolve(handled, evidence=hashes[:20], acting_person="0012"))
    assert list(case.feedback.evidence) == hashes[:20]
    call(cell, "dispatcher", "Review", loop.review(handled, acting_person="0018"))
    got = cell.case(handled)
    assert list(got.case.feedback.evidence) == hashes[:20] == list(got.steps[-2].feedback.evidence)


def test_a_standard_response_is_one_of_the_registrys_for_such_orders(cell, handled):
    call(cell, "water", "Contact", loop.contact(handled))
    for wrong, why in (("x" * 65, "standard_response"), ("a\nb", "standard_response"), ("SR-none", "has no standard response"),
                       ("SR-other", "is for orders of category"), ("SR-markup", "may not be published")):
        text = refused(CODE.CODE_INVALID_ARGUMENT, cell, "water", "Resolve", loop.resolve(handled, standard_response=wrong, public_reply=""))
        assert "standard_response" in text and why in text
        assert cell.case(handled).case.state == T.CASE_STATE_HANDLING, "nothing was done"
    call(cell, "water", "Resolve", loop.resolve(handled, standard_response="SR-2026-07", public_reply=""))
    feedback = cell.case(handled).case.feedback
    assert (feedback.standard_response, feedback.public_reply) == ("SR-2026-07", "您好，停水问题已处理，管道已修复，感谢您的反映。")


def test_words_of_its_own_go_before_those_of_a_standard_response(cell, handled):
    call(cell, "water", "Contact", loop.contact(handled))
    call(cell, "water", "Resolve", loop.resolve(handled, standard_response="SR-2026-07", public_reply="三号楼已恢复供水"))
    assert cell.case(handled).case.feedback.public_reply == "三号楼已恢复供水"


def test_handler_reviewer_and_agent_are_three_persons(cell, handled):
    call(cell, "water", "Contact", loop.contact(handled))
    call(cell, "water", "Resolve", loop.resolve(handled, acting_person="0012"))
    text = refused(CODE.CODE_FAILED_PRECONDITION, cell, "dispatcher", "Review", loop.review(handled, acting_person="0012"))
    assert "0012" in text
    call(cell, "dispatcher", "Review", loop.review(handled, acting_person="0018"))
    for person in ("0012", "0018", ""):
        refused(CODE.CODE_FAILED_PRECONDITION, cell, "dispatcher", "FollowUp", loop.follow_up(handled, acting_person=person))
    assert cell.case(handled).case.state == T.CASE_STATE_FOLLOW_UP
    assert call(cell, "dispatcher", "FollowUp", loop.follow_up(handled, acting_person="0021")).state == T.CASE_STATE_CLOSED


def test_rework_reopening_and_a_restart_in_between(cell, handled):
    to_follow_up(cell, handled)
    unhappy = loop.follow_up(handled, solved=T.RESOLUTION_PARTLY, satisfaction=T.SATISFACTION_DISSATISFIED)
    refused(CODE.CODE_INVALID_ARGUMENT, cell, "hotline-12345", "FollowUp", unhappy)
    unhappy.merit = T.MERIT_MERITED
    case = call(cell, "hotline-12345", "FollowUp", unhappy)
    assert (case.state, case.round) == (T.CASE_STATE_HANDLING, 2) and "rework" in case.due_rule
    cell.stop_service("tracking")
    cell.start_service("tracking")
    cell.wait_ready("tracking")
    refused(CODE.CODE_FAILED_PRECONDITION, cell, "water", "Resolve", loop.resolve(handled))
    to_follow_up(cell, handled)
    call(cell, "hotline-12345", "FollowUp", loop.follow_up(handled))
    case = call(cell, "hotline-12345", "Reopen", loop.reopen(handled))
    assert (case.state, case.round, case.reopened, case.closed_at) == (T.CASE_STATE_HANDLING, 3, 1, 0)


def test_a_request_id_is_for_one_call(cell, handled):
    first = loop.contact(handled, request_id="mine")
    call(cell, "water", "Contact", first)
    call(cell, "water", "Contact", first)
    assert cell.case(handled).case.contact.tries == 0
    assert [s.kind for s in cell.case(handled).steps].count("contacted") == 1
    refused(CODE.CODE_ALREADY_EXISTS, cell, "water", "Contact", loop.contact(handled, reached=False, request_id="mine"))
    refused(CODE.CODE_ALREADY_EXISTS, cell, "water", "Progress", loop.progress(handled, request_id="mine"))


def test_an_illegal_call_lists_what_is_legal(cell, handled):
    text = refused(CODE.CODE_FAILED_PRECONDITION, cell, "dispatcher", "Reopen", loop.reopen(handled))
    assert "HANDLING" in text and "Resolve (lead)" in text and "Contact (lead)" in text


def test_a_transfer_takes_a_closed_case_back(cell, handled):
    to_follow_up(cell, handled)
    call(cell, "hotline-12345", "FollowUp", loop.follow_up(handled))
    cell.call("dispatcher", "Routing/Transfer",
              R.TransferRequest(order_id=handled, to_department="traffic", reason="道路施工造成"))
    case = cell.wait_case(handled, T.CASE_STATE_DISPATCHED).case
    assert (case.department, case.round, case.reopened) == ("traffic", 2, 1) and not case.closed_at


def test_an_extension_is_asked_for_and_decided_by_another(cell, handled):
    due = cell.case(handled).case.due_at
    for wrong in ({"resident_told": False}, {"working_days": 0}, {"working_days": 11}, {"reason": ""}):
        refused(CODE.CODE_INVALID_ARGUMENT, cell, "water", "Extend", loop.extend(handled, **wrong))
    refused(CODE.CODE_NOT_FOUND, cell, "housing", "Extend", loop.extend(handled))
    asked = loop.extend(handled, acting_person="0012")
    assert call(cell, "water", "Extend", asked).extension.old_due_at == due
    refused(CODE.CODE_FAILED_PRECONDITION, cell, "dispatcher", "DecideExtension", loop.decide(handled, acting_person="0012"))
    refused(CODE.CODE_INVALID_ARGUMENT, cell, "dispatcher", "DecideExtension", loop.decide(handled, T.DECISION_REJECTED))
    granted = loop.decide(handled, acting_person="0018")
    case = call(cell, "dispatcher", "DecideExtension", granted)
    assert case.due_at > due and case.extensions == 1 and "extension" in case.due_rule
    assert call(cell, "dispatcher", "DecideExtension", granted) == case, "a repeat has no second effect"
    refused(CODE.CODE_ALREADY_EXISTS, cell, "dispatcher", "DecideSuspension", granted)
    assert [s.kind for s in cell.case(handled).steps][3:] == ["extension_asked", "extended"]


def test_a_hold_is_kept_over_a_restart_and_resumed(cell, handled):
    for field, value in (("plan", ""), ("public_explanation", "<b>待</b>"), ("kind", T.HOLD_KIND_UNSPECIFIED),
                         ("next_review_on", "2020-01-01"), ("next_review_on", "tomorrow")):
        assert field in refused(CODE.CODE_INVALID_ARGUMENT, cell, "water", "Suspend", loop.suspend(handled, **{field: value}))
    call(cell, "water", "Suspend", loop.suspend(handled, acting_person="0012"))
    case = call(cell, "dispatcher", "DecideSuspension", loop.decide(handled, acting_person="0018"))
    assert case.state == T.CASE_STATE_HELD and case.hold.began_at and case.hold.review_at > case.hold.began_at
    text = refused(CODE.CODE_FAILED_PRECONDITION, cell, "water", "Resolve", loop.resolve(handled))
    assert "HELD" in text and "Resume (lead, dispatcher)" in text
    cell.stop_service("tracking")
    cell.start_service("tracking")
    cell.wait_ready("tracking")
    assert cell.case(handled).case == case
    case = call(cell, "water", "Resume", loop.resume(handled))
    assert case.state == T.CASE_STATE_HANDLING and case.hold.ended_at >= case.hold.began_at
    assert [s.kind for s in cell.case(handled).steps][3:] == ["hold_asked", "held", "resumed"]


def test_urging_and_supervision_are_told_to_the_department(cell, handled):
    refused(CODE.CODE_NOT_FOUND, cell, "patrol", "Urge", loop.urge(handled))
    call(cell, "hotline-12345", "Urge", loop.urge(handled))
    for wrong in ({"level": 0}, {"level": 4}, {"working_days": 0}, {"working_days": 31}, {"reason": ""}):
        refused(CODE.CODE_INVALID_ARGUMENT, cell, "dispatcher", "Supervise", loop.supervise(handled, **wrong))
    case = call(cell, "dispatcher", "Supervise", loop.supervise(handled, level=2))
    assert case.urged == 1 and case.supervision.level == 2 and case.supervision.due_at > case.supervision.at
    assert "level 2" in refused(CODE.CODE_FAILED_PRECONDITION, cell, "dispatcher", "Supervise", loop.supervise(handled, level=2))
    assert cell.case(handled).case == case
    with cell.follow("water", "tracking.cases", topic="water", start=proto.stream.START_EARLIEST) as follower:
        told = follower.find(lambda d: d.message.case.order_id == handled and d.message.step.kind == "supervised", "supervised")
    assert told.message.step.supervision.level == 2


def test_a_void_takes_two_persons_and_is_the_end(cell, handled):
    refused(CODE.CODE_INVALID_ARGUMENT, cell, "dispatcher", "AskVoid", loop.void(handled, kind=T.VOID_KIND_UNSPECIFIED))
    refused(CODE.CODE_FAILED_PRECONDITION, cell, "dispatcher", "DecideVoid", loop.decide(handled))
    call(cell, "dispatcher", "AskVoid", loop.void(handled, acting_person="0018"))
    for person in ("0018", ""):
        refused(CODE.CODE_FAILED_PRECONDITION, cell, "dispatcher", "DecideVoid", loop.decide(handled, acting_person=person))
    case = call(cell, "dispatcher", "DecideVoid", loop.decide(handled, acting_person="0021"))
    assert case.state == T.CASE_STATE_VOID and case.voiding.decision == T.DECISION_APPROVED
    assert "nothing" in refused(CODE.CODE_FAILED_PRECONDITION, cell, "water", "Progress", loop.progress(handled))


def test_a_problem_that_comes_again_makes_the_close_ineffective(cell, handled):
    to_follow_up(cell, handled)
    call(cell, "hotline-12345", "FollowUp", loop.follow_up(handled))
    again, never = cell.push_accepted([order(category=WATER), order(category=WATER)])
    cell.wait_case(never, T.CASE_STATE_DISPATCHED)
    cell.call("dispatcher", "Routing/Merge", R.MergeRequest(order_id=again, into=handled, reason="同一处又停水"))
    case = until(lambda: (c := cell.case(handled).case).ineffective_at and c, "the close is marked")
    assert case.state == T.CASE_STATE_CLOSED and case.problem_id == handled
    assert [(s.kind, s.by) for s in cell.case(handled).steps][-2:] == [("merged", "rule"), ("recurred", "rule")]
    assert cell.case(again).case.problem_id == handled and not cell.case(again).case.ineffective_at
    cell.call("dispatcher", "Routing/Unmerge", R.UnmergeRequest(order_id=again, reason="另一处"))
    until(lambda: not cell.case(again).case.problem_id, "it is on its own again")
    assert not cell.case(never).case.problem_id


def command(cell):
    def wangge(*arguments):
        done = subprocess.run([cell.build.resolve() / "ops/cli/wangge", *map(str, arguments), "--config",
                               cell.folder / "client.ini", "--json"], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    return wangge


def test_the_command_asks_and_decides(cell, handled):
    wangge = command(cell)
    for arguments in (
            ("extend", handled, "--department", "water", "--days", 2, "--reason", "待配件", "--told", "yes", "--person", "0012"),
            ("decide-extension", handled, "--decision", "approved", "--person", "0018"),
            ("suspend", handled, "--department", "water", "--kind", "season", "--plan", "开春施工", "--explanation",
             "冬季无法施工。", "--person", "0012"),
            ("decide-suspension", handled, "--decision", "approved", "--person", "0018"),
            ("resume", handled, "--department", "water", "--reason", "已开春"),
            ("urge", handled, "--note", "居民再次来电"),
            ("supervise", handled, "--level", 3, "--days", 2, "--reason", "多次来电"),
            ("void", handled, "--kind", "malicious", "--reason", "虚假诉求", "--person", "0018"),
            ("decide-void", handled, "--decision", "rejected", "--reason", "经核实属实", "--person", "0021")):
        code, out, err = wangge(*arguments)
        assert code == 0, (arguments, err)
    case = json.loads(out)["case"]
    assert case["state"] == "CASE_STATE_HANDLING" and case["extensions"] == 1 and case["supervision"]["level"] == 3, case


def test_the_command_says_what_waits_and_which_option_is_wrong(cell, handled):
    def wangge(*arguments):
        return subprocess.run([cell.build.resolve() / "ops/cli/wangge", *map(str, arguments), "--config",
                               cell.folder / "client.ini"], capture_output=True, text=True, timeout=60)

    asked = ("extend", handled, "--department", "water", "--days", 2, "--reason", "待配件", "--told")
    assert "(--told)" in wangge(*asked, "no").stderr
    assert "asks for 2 working days more" in wangge(*asked, "yes", "--person", "0012").stdout
    assert "(--person)" in wangge("decide-extension", handled, "--decision", "approved", "--person", "0012").stderr
    assert "extended: due 20" in wangge("decide-extension", handled, "--decision", "approved", "--person", "0018").stdout
    assert "asked to be voided" in wangge("void", handled, "--kind", "test", "--reason", "测试", "--person", "0018").stdout
    missing = wangge("evaluation", "verify")
    assert missing.returncode == 2 and "--district is required" in missing.stderr


def test_the_command_goes_the_whole_way(cell, handled):
    wangge = command(cell)
    assert wangge("contact", handled, "--department", "water", "--reached", "perhaps", "--channel", "phone")[0] == 2
    for arguments in (
            ("contact", handled, "--department", "water", "--reached", "yes", "--channel", "phone", "--person", "0012"),
            ("resolve", handled, "--department", "water", "--result", "已修复", "--reply", "您好，已修复。", "--substantiated",
             "yes", "--resolution", "solved", "--evidence", "0" * 64 + "," + "1" * 64, "--person", "0012"),
            ("review-feedback", handled, "--decision", "approved", "--person", "0018"),
            ("follow-up", handled, "--reached", "yes", "--solved", "solved", "--satisfaction", "basically_satisfied",
             "--person", "0021"),
            ("reopen", handled, "--reason", "又停水了")):
        code, out, err = wangge(*arguments)
        assert code == 0, (arguments, err)
    assert json.loads(out)["case"]["round"] == 2
    assert wangge("reopen", handled, "--reason", "又停水了")[0] == 1
