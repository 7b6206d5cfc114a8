"""Each service started first, last, alone: none needs another to be there, and work resumes where it stood."""
import itertools

import pytest

from harness import proto
from harness.cell import SERVICES
from harness.client import Client
from harness.orders import WATER, order, orders
from harness.wait import until

T, O = proto.tracking, proto.ops


def whole_way(cell):
    order_id = cell.push_accepted([order(category=WATER)])[0]
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)


def start(cell, service):
    cell.start_service(service)
    cell.wait_http(service, "/livez", 200)


def test_every_order_of_starting(still_cell):
    cell = still_cell
    for sequence in itertools.permutations(SERVICES):
        for service in sequence:
            start(cell, service)
        for service in SERVICES:
            cell.wait_ready(service)
        whole_way(cell)
        for service in SERVICES:
            cell.stop_service(service)


@pytest.mark.parametrize("alone", SERVICES)
def test_alone_it_answers(still_cell, alone):
    cell = still_cell
    start(cell, alone)
    until(lambda: cell.call("operator", "Ops/Info", O.InfoRequest(), alone, limit=5).writer, f"{alone} is the writer")
    assert cell.call("operator", "Ops/Info", O.InfoRequest(), alone).service == alone
    if alone == "intake":
        cell.push_accepted(orders(10))
    elif alone == "routing":
        assert not cell.call("operator", "Routing/List", proto.routing.ListAssignmentsRequest()).assignments
    else:
        assert not cell.call("operator", "Tracking/List", T.ListCasesRequest()).cases
    for service in SERVICES:
        if service != alone:
            start(cell, service)
    whole_way(cell)


@pytest.mark.parametrize("missing", ["routing", "tracking"])
def test_what_came_while_one_was_away_is_not_lost(cell, missing):
    cell.stop_service(missing)
    ids = cell.push_accepted(orders(200, category=WATER))
    start(cell, missing)
    for order_id in (ids[0], ids[100], ids[-1]):
        until(lambda: cell.call_when_there("operator", "Tracking/Get", T.GetCaseRequest(order_id=order_id)).case.state
              == T.CASE_STATE_DISPATCHED, f"order {order_id} reached tracking")


@pytest.mark.parametrize("count, text, most", [(1000, "停水。", 512), (100, "停水" * 5000, 40)], ids=["items", "bytes"])
def test_a_backlog_is_taken_in_parts_that_fit_memory(cell, count, text, most):
    """What intake committed in one batch is too much for one of routing: by number, or by size."""
    head = cell.queues("routing").streams[0].head
    cell.stop_service("routing")
    ids = cell.push_accepted(orders(count, category=WATER, text=text))
    start(cell, "routing")
    cell.wait_case(ids[-1], T.CASE_STATE_DISPATCHED)
    sizes = [int(row[0]) for row in cell.postgres.query(
        f"SELECT n FROM routing.segment WHERE stream = 'routing.dispatch' AND first_seq > {head} ORDER BY first_seq")]
    assert sum(sizes) == count, "each of them is dispatched once"
    assert max(sizes) <= most, f"a batch of {max(sizes)} events was in memory at once"


def test_intake_away_the_others_answer(cell):
    cell.stop_service("intake")
    cell.call("operator", "Routing/List", proto.routing.ListAssignmentsRequest())
    cell.call("operator", "Tracking/List", T.ListCasesRequest())
    start(cell, "intake")
    cell.wait_ready("intake")
    whole_way(cell)


def test_without_a_database_it_waits_and_then_serves(still_cell):
    cell = still_cell
    cell.postgres.stop()
    for service in SERVICES:
        start(cell, service)
        assert cell.http(service, "/readyz")[0] == 503
    cell.postgres.start()
    for service in SERVICES:
        cell.wait_ready(service)
    whole_way(cell)


def test_second_instance_stands_by_and_takes_over(own_cell):
    cell = own_cell
    second = cell.second_instance("intake")
    cell.wait_http(second, "/livez", 200)
    assert cell.http(second, "/readyz")[0] == 503, "a standby is not ready"
    cell.kill("intake")
    cell.wait_ready(second)
    with Client(cell.context, cell.endpoint(second), cell.keys["intake"][0], cell.key("hotline-12345")) as source:
        request = proto.intake.PushRequest(source="hotline-12345", orders=orders(3))
        answer = source.call("wangge.v1.Intake/Push", request)
    assert [r.outcome for r in answer.results] == [proto.intake.PUSH_OUTCOME_ACCEPTED] * 3


def test_bad_settings_are_named_with_file_and_line(still_cell):
    cell = still_cell
    good = (cell.folder / "wangge.ini").read_text()
    (cell.folder / "wangge.ini").write_text(good + "\nno_such_setting = 1\n")
    cell.start_service("tracking")
    code = cell.processes.pop("tracking").wait(60)
    assert code not in (0, 99), "a setting that nobody knows is an error"
    line = len(good.splitlines()) + 2
    assert "no_such_setting" in cell.log("tracking") and str(line) in cell.log("tracking")
