"""Intake's own promises through the running service: calls in flight together, repeats, reporters, lists, the demo feed."""
import csv
import json
import pathlib
import time

import pytest
from google.protobuf import json_format

from harness import proto
from harness.client import CallError
from harness.orders import order, orders
from harness.proto import CODE

I = proto.intake
PUSH = "wangge.v1.Intake/Push"
ACCEPTED, DUPLICATE, REJECTED = I.PUSH_OUTCOME_ACCEPTED, I.PUSH_OUTCOME_DUPLICATE, I.PUSH_OUTCOME_REJECTED
DEMO = pathlib.Path(__file__).resolve().parents[2] / "ops/demo"


def refusal(cell, principal, method, request):
    with pytest.raises(CallError) as refused:
        cell.call(principal, method, request)
    return refused.value.code


def in_flight(client, requests):
    """Sends all at once and then reads the answers: they meet in one batch of the loop or in several."""
    calls = [client.start_call(PUSH, request.SerializeToString()) for request in requests]
    answers = []
    for call in calls:
        status, body = client.reply(call)
        assert status.code == CODE.CODE_OK, status
        answers.append(I.PushResponse.FromString(body).results)
    return answers


def test_the_same_push_many_times_in_flight_is_one_order(cell):
    pushed = orders(20)
    before = int(cell.postgres.query("SELECT last_order_id FROM intake.counter")[0][0])
    answers = in_flight(cell.client("hotline-12345", "intake"), [I.PushRequest(source="hotline-12345", orders=pushed)] * 40)
    assert [r.outcome for r in answers[0]] == [ACCEPTED] * 20
    ids = [r.order_id for r in answers[0]]
    for results in answers[1:]:
        assert [(r.outcome, r.order_id) for r in results] == [(DUPLICATE, i) for i in ids]
    assert ids == list(range(before + 1, before + 21)), "ids have no gaps and follow the order of the push"


def test_one_of_two_contents_in_flight_wins(cell):
    key = order().external_id
    contents = [I.PushRequest(source="hotline-12345", orders=[order(key, text=f"内容{n}")]) for n in range(10)]
    answers = [results[0] for results in in_flight(cell.client("hotline-12345", "intake"), contents)]
    assert [a.outcome for a in answers].count(ACCEPTED) == 1
    for answer in answers[1:]:
        assert answer.outcome == REJECTED and answer.error.code == CODE.CODE_ALREADY_EXISTS
        assert answer.error.field == "orders[0].external_id"


def test_a_key_is_of_its_district_and_source(cell):
    key = order().external_id
    first = cell.push_accepted([order(key)])[0]
    second = cell.push_accepted([order(key)], source="patrol")[0]
    assert first != second


def test_nobody_withdraws_or_supplements_anothers_order(cell):
    order_id = cell.push_accepted([order()])[0]
    for method, request in (("Withdraw", I.WithdrawRequest(order_id=order_id, reason="不用了")),
                            ("Supplement", I.SupplementRequest(order_id=order_id, supplement_id="1", text="补充"))):
        assert refusal(cell, "patrol", f"Intake/{method}", request) == CODE.CODE_NOT_FOUND
    cell.wait_case(order_id, proto.tracking.CASE_STATE_DISPATCHED)
    assert [step.kind for step in cell.case(order_id).steps] == ["opened", "dispatched"], "nothing happened to it"


def test_supplement_and_withdraw_repeat_safely(cell):
    order_id = cell.push_accepted([order()])[0]
    one = I.SupplementRequest(order_id=order_id, supplement_id="1", text="还是没有水")
    follower = cell.follow("tracking", "intake.orders", start=proto.stream.START_LATEST)
    for _ in range(3):
        cell.call("hotline-12345", "Intake/Supplement", one)
    assert refusal(cell, "hotline-12345", "Intake/Supplement",
                   I.SupplementRequest(order_id=order_id, supplement_id="1", text="别的")) == CODE.CODE_ALREADY_EXISTS
    for reason in ("已解决", "再说一次"):
        cell.call("dispatcher", "Intake/Withdraw", I.WithdrawRequest(order_id=order_id, reason=reason))
    assert refusal(cell, "hotline-12345", "Intake/Supplement",
                   I.SupplementRequest(order_id=order_id, supplement_id="2", text="x")) == CODE.CODE_FAILED_PRECONDITION
    cell.call("hotline-12345", "Intake/Supplement", one)  # the first answer again, withdrawn or not
    marker = cell.push_accepted([order()])[0]
    events = []
    while not events or events[-1].DESCRIPTOR.name != "OrderReceived":
        events.append(follower.next().message)
    follower.close()
    assert [e.DESCRIPTOR.name for e in events] == ["OrderSupplemented", "OrderWithdrawn", "OrderReceived"]
    assert (events[0].by, events[1].by, events[1].reason, events[2].order.order_id) == ("hotline-12345", "dispatcher", "已解决", marker)
    answer = cell.call("hotline-12345", "Intake/Get", I.GetOrderRequest(order_id=order_id))
    assert [s.text for s in answer.supplements] == ["还是没有水"] and answer.withdraw_reason == "已解决"


def test_an_erased_reporter_is_gone_and_the_push_still_known(cell):
    pushed = order(reporter=I.Reporter(name="张某", phone="10012345678"))
    order_id = cell.push_accepted([pushed])[0]
    reveal = I.GetOrderRequest(order_id=order_id, reveal_reason="回访")
    assert cell.call("dispatcher", "Intake/Get", reveal).reporter.name == "张某"
    erase = I.EraseReporterRequest(order_id=order_id, reason="本人要求")
    for _ in range(2):
        cell.call("dispatcher", "Intake/EraseReporter", erase)
    answer = cell.call("dispatcher", "Intake/Get", reveal)
    assert not answer.HasField("reporter") and not answer.order.has_reporter
    assert cell.push([pushed])[0].outcome == DUPLICATE
    views = cell.postgres.query(f"SELECT who, reason FROM intake.pii_access WHERE order_id = {order_id}")
    assert [tuple(row) for row in views] == [("dispatcher", "回访")]
    dump = cell.postgres.query(f"SELECT count(*) FROM intake.reporter WHERE order_id = {order_id}")
    assert int(dump[0][0]) == 0


def test_a_confidential_reporter_is_shown_to_nobody(cell):
    order_id = cell.push_accepted([order(confidential=True, reporter=I.Reporter(name="李某", phone="10012345678"))])[0]
    for principal in ("hotline-12345", "operator", "dispatcher"):
        answer = cell.call(principal, "Intake/Get", I.GetOrderRequest(order_id=order_id))
        assert (answer.reporter.name, answer.reporter.phone) == ("", "")
    assert refusal(cell, "dispatcher", "Intake/Get",
                   I.GetOrderRequest(order_id=order_id, reveal_reason="回访")) == CODE.CODE_PERMISSION_DENIED


def test_events_hold_nothing_of_the_reporter(cell):
    follower = cell.follow("tracking", "intake.orders", start=proto.stream.START_LATEST)
    cell.push_accepted([order(reporter=I.Reporter(name="独一无二某", phone="10098765432"))])
    delivered = follower.next()
    follower.close()
    assert delivered.message.order.has_reporter
    assert "独一无二某".encode() not in delivered.event.payload and b"10098765432" not in delivered.event.payload


def test_a_page_token_is_good_for_its_list_only(cell):
    cell.push_accepted(orders(5))
    request = I.ListOrdersRequest(limit=2)
    page = cell.call("operator", "Intake/List", request)
    assert len(page.orders) == 2 and page.next_page_token
    request.page_token = page.next_page_token
    following = cell.call("operator", "Intake/List", request)
    assert following.orders[0].order_id == page.orders[1].order_id - 1
    assert refusal(cell, "dispatcher", "Intake/List", request) == CODE.CODE_INVALID_ARGUMENT
    request.source = "patrol"
    assert refusal(cell, "operator", "Intake/List", request) == CODE.CODE_INVALID_ARGUMENT


def test_a_list_ends_at_its_times(cell):
    cell.push_accepted(orders(3))
    time.sleep(0.01)
    middle = cell.push_accepted(orders(3))
    time.sleep(0.01)
    cell.push_accepted(orders(3))
    got = [cell.call("operator", "Intake/Get", I.GetOrderRequest(order_id=i)).order for i in middle]
    listed = cell.call("operator", "Intake/List", I.ListOrdersRequest(
        limit=1000, **{"from": got[0].received_at, "to": got[-1].received_at + 1})).orders
    assert [o.order_id for o in listed] == middle[::-1]


def test_the_demo_feed_fits_its_reference_data():
    """Every demo order has a category of the demo's tree and lies in the demo's districts."""
    def rows(kind):
        return csv.DictReader((DEMO / f"reference/{kind}.csv").open(encoding="utf-8"))

    boxes = {row["code"]: [float(row[edge]) for edge in ("min_lon", "max_lon", "min_lat", "max_lat")]
             for row in rows("district")}
    paths = {(row["district"], row["path"]) for row in rows("category")}
    keys, lines = set(), 0
    for file in sorted((DEMO / "feed").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            made = json_format.ParseDict(json.loads(line), I.NewOrder())
            lines += 1
            keys.add((made.district, file.stem, made.external_id))
            min_lon, max_lon, min_lat, max_lat = boxes[made.district]
            assert not made.category or (made.district, made.category) in paths, line
            if made.HasField("position"):
                assert min_lon < made.position.lon < max_lon, line
                assert min_lat < made.position.lat < max_lat, line
    assert len(keys) == lines >= 200, "a key of its own for each"
    first_levels = {path for district, path in paths if district == "370117" and "/" not in path}
    assert {"城乡建设", "环境保护", "交通运输", "教育文体", "劳动和社会保障", "商贸旅游", "卫生计生"} <= first_levels
