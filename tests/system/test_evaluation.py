"""Evaluation: figures follow every change, whatever breaks in between, and a count of all cases or of all events gives the same."""
import collections
import datetime

import pytest

from harness import loop, proto
from harness.client import CallError
from harness.orders import order
from harness.proto import CODE
from harness.wait import until

E, I, R, T = proto.evaluation, proto.intake, proto.routing, proto.tracking
D = "370117"
NOW = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
MONTH = f"{NOW:%Y-%m}"


def evaluate(cell, by=E.FIGURE_DIMENSION_ALL, who="operator", **more):
    request = E.EvaluateRequest(district=D, by=by, from_month=MONTH, **more)
    return cell.call(who, "Evaluation/Evaluate", request).rows


def figures(cell, by=E.FIGURE_DIMENSION_ALL, key=""):
    rows = [row for row in evaluate(cell, by) if row.key == key]
    return rows[0].figures if rows else E.Figures()


# Zones (services/tracking/zones.h) that are not what a count of all cases gives, or whose bounds leave one out.
WRONG_ZONES = """
SELECT count(*) FROM (SELECT district, order_id / 8192 AS chunk, state, count(*) AS n, min(due_at) AS due_min, max(due_at) AS due_max
  FROM tracking.cases GROUP BY 1, 2, 3) c FULL JOIN (SELECT * FROM tracking.case_zone WHERE n <> 0) z USING (district, chunk, state)
WHERE c.n IS DISTINCT FROM z.n OR z.due_min > c.due_min OR z.due_max < c.due_max
"""


def verified(cell):
    answer = cell.call("operator", "Evaluation/VerifyFigures", E.VerifyFiguresRequest(district=D))
    assert not answer.differences, answer.differences
    assert cell.postgres.query(WRONG_ZONES) == [["0"]]
    return answer


def push(cell, *numbers):
    return cell.push_accepted([order(number) for number in numbers])


def in_tracking(cell, order_id, state):
    cell.wait_case(order_id, state)


def accept(cell, order_id):
    in_tracking(cell, order_id, T.CASE_STATE_DISPATCHED)
    cell.call("water", "Routing/Accept", R.AcceptRequest(order_id=order_id))
    in_tracking(cell, order_id, T.CASE_STATE_HANDLING)


def feed_back(cell, order_id):
    accept(cell, order_id)
    cell.call("water", "Tracking/Contact", loop.contact(order_id))
    cell.call("water", "Tracking/Resolve", loop.resolve(order_id, acting_person="w1"))


def close(cell, order_id, **answers):
    cell.call("dispatcher", "Tracking/Review", loop.review(order_id, acting_person="d1"))
    return cell.call("dispatcher", "Tracking/FollowUp", loop.follow_up(order_id, acting_person="d2", **answers)).case


def test_a_way_to_the_close_is_counted_step_by_step(cell):
    before = figures(cell, E.FIGURE_DIMENSION_DEPARTMENT, "water")
    order_id, = push(cell, "ev-1")
    in_tracking(cell, order_id, T.CASE_STATE_DISPATCHED)
    feed_back(cell, order_id)
    after = figures(cell, E.FIGURE_DIMENSION_DEPARTMENT, "water")
    assert (after.opened - before.opened, after.dispatched - before.dispatched) == (1, 1)
    assert after.signed_in_time - before.signed_in_time == 1
    assert after.contacted_in_time - before.contacted_in_time == 1
    assert after.in_time - before.in_time == 1
    assert after.closed == before.closed
    assert close(cell, order_id).state == T.CASE_STATE_CLOSED
    closed = figures(cell, E.FIGURE_DIMENSION_DEPARTMENT, "water")
    assert (closed.closed - after.closed, closed.solved - after.solved, closed.satisfied - after.satisfied) == (1, 1, 1)
    verified(cell)


def test_dissatisfied_is_reworked_and_the_newest_answer_counts(cell):
    before = figures(cell)
    order_id, = push(cell, "ev-2")
    feed_back(cell, order_id)
    case = close(cell, order_id, solved=T.RESOLUTION_UNSOLVED, satisfaction=T.SATISFACTION_DISSATISFIED, merit=T.MERIT_MERITED)
    assert case.state == T.CASE_STATE_HANDLING and case.round == 2
    after = figures(cell)
    assert (after.reworked - before.reworked, after.closed - before.closed) == (1, 0)
    verified(cell)


def test_all_dimensions_see_the_same_orders(cell):
    order_id, = push(cell, "ev-3")
    in_tracking(cell, order_id, T.CASE_STATE_DISPATCHED)
    total = figures(cell).opened
    assert sum(row.figures.opened for row in evaluate(cell, E.FIGURE_DIMENSION_CHANNEL)) == total
    top = sum(row.figures.opened for row in evaluate(cell, E.FIGURE_DIMENSION_CATEGORY) if "/" not in row.key)
    assert top == total  # every order here has a category


def test_a_category_gives_what_is_directly_below_it(cell):
    keys = {row.key for row in evaluate(cell, E.FIGURE_DIMENSION_CATEGORY)}
    top = sorted(key for key in keys if "/" not in key)[0]
    below = {row.key for row in evaluate(cell, E.FIGURE_DIMENSION_CATEGORY, key=top)}
    assert below == {key for key in keys if key == top or (key.startswith(top + "/") and key.count("/") == 1)}


def test_a_withdrawn_order_leaves_the_rates(cell):
    before = figures(cell)
    order_id, = push(cell, "ev-4")
    in_tracking(cell, order_id, T.CASE_STATE_DISPATCHED)
    cell.call("hotline-12345", "Intake/Withdraw", I.WithdrawRequest(order_id=order_id, reason="误报"))
    in_tracking(cell, order_id, T.CASE_STATE_WITHDRAWN)
    after = figures(cell)
    assert (after.opened - before.opened, after.withdrawn - before.withdrawn) == (1, 1)
    assert after.dispatched == before.dispatched
    verified(cell)


def test_a_return_is_a_wrong_first_dispatch(cell):
    before = figures(cell)
    order_id, = push(cell, "ev-5")
    accept(cell, order_id)
    cell.call("water", "Routing/RequestReturn", R.ReturnRequest(
        order_id=order_id, reason="室内管道", reason_code=1, basis="条例", proposed_department="housing"))
    in_tracking(cell, order_id, T.CASE_STATE_RETURN_REVIEW)
    cell.call("dispatcher", "Routing/ReviewReturn", R.ReviewReturnRequest(order_id=order_id, outcome=1, reason="是"))
    in_tracking(cell, order_id, T.CASE_STATE_TRIAGE)
    cell.call("dispatcher", "Routing/Assign", R.AssignRequest(order_id=order_id, department="housing", reason="室内"))
    in_tracking(cell, order_id, T.CASE_STATE_DISPATCHED)
    after = figures(cell)
    assert after.given_back - before.given_back == 1
    assert after.hops - before.hops == 2 and after.dispatched - before.dispatched == 1
    verified(cell)


def test_a_crash_loses_no_figure_and_counts_none_twice(cell):
    before = figures(cell)
    for round_ in range(3):
        push(cell, *(f"ev-6-{round_}-{i}" for i in range(50)))
        cell.kill("tracking")
        cell.start_service("tracking")
        cell.wait_ready("tracking")
    until(lambda: figures(cell).opened == before.opened + 150, "all are counted")
    verified(cell)


def test_the_events_alone_give_the_same_numbers(cell):
    """A reader of the stream that knows nothing of tracking's tables: newest event of each order."""
    newest = {}
    head = next(s.head for s in cell.queues("tracking").streams if s.stream == "tracking.cases")
    follower = cell.follow("gateway", "tracking.cases", start=proto.stream.START_EARLIEST)
    try:
        number = 0
        while number < head:
            got = follower.next()
            number = got.number
            newest[got.message.case.order_id] = got.message.case
    finally:
        follower.client.close()
    ours = collections.Counter()
    for case in newest.values():
        if case.district != D:
            continue
        ours["opened"] += 1
        if case.state == T.CASE_STATE_WITHDRAWN:
            ours["withdrawn"] += 1
            continue
        ours["dispatched"] += case.first_dispatched_at > 0
        ours["hops"] += 1 + case.redispatches if case.first_dispatched_at else 0
        ours["closed"] += case.state in (T.CASE_STATE_CLOSED, T.CASE_STATE_ARCHIVED)
        ours["solved"] += case.follow_up.reached and case.follow_up.solved == T.RESOLUTION_SOLVED
        ours["reworked"] += case.round > 1
    theirs = figures(cell)
    assert {name: getattr(theirs, name) for name in ours} == dict(ours)


def test_a_department_sees_its_own_figures_only(cell):
    rows = evaluate(cell, E.FIGURE_DIMENSION_DEPARTMENT, who="water")
    assert [row.key for row in rows] == ["water"]
    assert rows[0].tier.startswith("district/") and rows[0].name
    for more in ({"by": E.FIGURE_DIMENSION_ALL}, {"by": E.FIGURE_DIMENSION_DEPARTMENT, "key": "housing"}):
        with pytest.raises(CallError) as refused:
            evaluate(cell, who="water", **more)
        assert refused.value.code == CODE.CODE_PERMISSION_DENIED


@pytest.mark.parametrize("field,values", [
    ("district", {"district": "37011"}), ("district", {"district": ""}), ("by", {"by": 99}), ("from_month", {"from_month": ""}),
    ("from_month", {"from_month": "2026-13"}), ("from_month", {"from_month": "2026-01-01"}),
    ("to_month", {"to_month": "2025-12"}), ("to_month", {"to_month": "2036-02"}), ("key", {"key": "x" * 601})])
def test_bad_questions_name_the_field(cell, field, values):
    request = {"district": D, "from_month": "2026-02", **values}
    with pytest.raises(CallError) as refused:
        cell.call("operator", "Evaluation/Evaluate", E.EvaluateRequest(**request))
    assert (refused.value.code, refused.value.field) == (CODE.CODE_INVALID_ARGUMENT, field)


def test_a_wrong_figure_is_found(cell):
    """The check can fail: a figure that was changed by hand is named."""
    until(lambda: cell.postgres.query("SELECT count(*) FROM tracking.figure WHERE by = 1") != [["0"]], "figures are folded")
    cell.postgres.query("UPDATE tracking.figure SET counts[1] = counts[1] + 1 WHERE by = 1")
    try:
        answer = cell.call("operator", "Evaluation/VerifyFigures", E.VerifyFiguresRequest(district=D))
        assert [d.figure for d in answer.differences if d.key == "" and d.month == MONTH] == ["opened"]
    finally:
        cell.postgres.query("UPDATE tracking.figure SET counts[1] = counts[1] - 1 WHERE by = 1")
    verified(cell)


def test_cases_from_before_are_counted_at_the_start(cell):
    before = figures(cell)
    cell.stop_service("tracking")
    cell.postgres.query("TRUNCATE tracking.figure, tracking.figure_delta")
    cell.start_service("tracking")
    cell.wait_ready("tracking")
    assert figures(cell) == before
    verified(cell)
