"""Bad input: refused with the field's name, and nothing else of the batch is lost. No byte from outside ends a service."""
import errno
import time

import pytest

from harness import loop, proto
from harness.client import NoAnswer
from harness.orders import NOBODY, WATER, now_us, order, orders
from harness.proto import CODE
from harness.wait import until

I = proto.intake
PUSH = "wangge.v1.Intake/Push"
BAD = CODE.CODE_INVALID_ARGUMENT
YEAR_1999 = 946_684_800_000_000 - 9 * 3600 * 1_000_000  # 1999-12-31 in Shanghai


def raw_order(good, **raw_fields):
    """A serialized NewOrder with text fields replaced by raw bytes, which protobuf's Python would not let out."""
    message = I.NewOrder()
    message.CopyFrom(good)
    data = b""
    for name, value in raw_fields.items():
        message.ClearField(name)
        number = I.NewOrder.DESCRIPTOR.fields_by_name[name].number
        data += length_delimited(number, value)
    return message.SerializeToString() + data


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def length_delimited(number, value):
    return varint(number << 3 | 2) + varint(len(value)) + value


def raw_push(*serialized, source=b"hotline-12345"):
    return length_delimited(1, source) + b"".join(length_delimited(2, one) for one in serialized)


def push_raw(cell, body):
    client = cell.client("hotline-12345", "intake")
    status, answer = client.reply(client.start_call(PUSH, body))
    return status, I.PushResponse.FromString(answer)


def attachment(**fields):
    values = {"sha256": "ab" * 32, "name": "现场.jpg", "media_type": "image/jpeg", "size_bytes": 1000}
    return [proto.common.Attachment(**(values | fields))]


# what is wrong, the fields that replace those of a good order, the field that the answer must name
WRONG = [
    ("empty external id", {"external_id": ""}, "external_id"),
    ("long external id", {"external_id": "x" * 65}, "external_id"),
    ("control character in external id", {"external_id": "a\x01b"}, "external_id"),
    ("line feed in external id", {"external_id": "a\nb"}, "external_id"),
    ("no district", {"district": ""}, "district"),
    ("unknown district", {"district": "999999"}, "district"),
    ("short district", {"district": "37011"}, "district"),
    ("no kind", {"kind": 0}, "kind"),
    ("kind below the contract's values", {"kind": -1}, "kind"),
    ("unknown category", {"category": "没有/这个"}, "category"),
    ("part of a category name", {"category": WATER[:-1]}, "category"),
    ("long title", {"title": "长" * 101}, "title"),
    ("control character in title", {"title": "a\x07b"}, "title"),
    ("no text", {"text": ""}, "text"),
    ("long text", {"text": "长" * 10_923}, "text"),
    ("control character in text", {"text": "前\x1b[31m后"}, "text"),
    ("carriage return in text", {"text": "第一行\r\n第二行"}, "text"),
    ("long address", {"address": "长" * 171}, "address"),
    ("control character in address", {"address": "a\x07b"}, "address"),
    ("position outside the district", {"position": proto.common.Position(lon=116.39, lat=39.9)}, "position"),
    ("lon and lat swapped", {"position": proto.common.Position(lon=36.06, lat=117.81)}, "position"),
    ("position not a number", {"position": proto.common.Position(lon=float("nan"), lat=36.06)}, "position"),
    ("position infinite", {"position": proto.common.Position(lon=117.81, lat=float("inf"))}, "position"),
    ("short grid code", {"grid_code": "37011700100100"}, "grid_code"),
    ("letters in grid code", {"grid_code": "37011700100100x"}, "grid_code"),
    ("grid code of another district", {"grid_code": "370116001001001"}, "grid_code"),
    ("long reporter name", {"reporter": I.Reporter(name="名" * 22)}, "reporter.name"),
    ("letters in phone", {"reporter": I.Reporter(phone="call me")}, "reporter.phone"),
    ("long phone", {"reporter": I.Reporter(phone="1" * 33)}, "reporter.phone"),
    ("no time", {"occurred_at": 0}, "occurred_at"),
    ("time before 2000", {"occurred_at": YEAR_1999}, "occurred_at"),
    ("negative time", {"occurred_at": -(1 << 63)}, "occurred_at"),
    ("time in the future", {"occurred_at": "future"}, "occurred_at"),
    ("time in seconds instead of microseconds", {"occurred_at": 1_700_000_000}, "occurred_at"),
    ("far future", {"occurred_at": (1 << 63) - 1}, "occurred_at"),
    ("a station that nobody has registered", {"channel": proto.common.CHANNEL_STATION_WALK_IN, "origin": "S99"}, "origin"),
    ("a station of a hotline", {"origin": "S01"}, "origin"),
    ("ownership of land in other words", {"parcel_ownership": "国有"}, "parcel_ownership"),
    ("21 attachments", {"attachments": attachment() * 21}, "attachments"),
    ("attachment without a hash", {"attachments": attachment(sha256="")}, "attachments[0].sha256"),
    ("attachment with capitals in the hash", {"attachments": attachment(sha256="AB" * 32)}, "attachments[0].sha256"),
    ("attachment with a long name", {"attachments": attachment(name="x" * 256)}, "attachments[0].name"),
    ("attachment with a negative size", {"attachments": attachment(size_bytes=-1)}, "attachments[0].size_bytes"),
]


@pytest.mark.parametrize("what,fields,field", WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_order_is_named_and_its_neighbours_are_kept(cell, what, fields, field):
    fields = {k: now_us() + 3600 * 1_000_000 if v == "future" else v for k, v in fields.items()}
    results = cell.push([order(), order(**fields), order()])
    assert [r.outcome for r in results] == [I.PUSH_OUTCOME_ACCEPTED, I.PUSH_OUTCOME_REJECTED, I.PUSH_OUTCOME_ACCEPTED], what
    error = results[1].error
    assert error.code == BAD and error.message, what
    assert error.field.removeprefix("orders[1].").startswith(field), f"{what}: names {error.field!r} instead of {field}"
    assert results[1].order_id == 0


# Text that must come through unharmed, byte for byte.
HARMLESS = ["'; DROP TABLE intake.\"order\"; --", "$1 $$ %s %n {0} \\x00 \\u0000", "<script>alert(1)</script>", "\"引号\" 'quotes' `tick`",
            "tab\tand\nline feed", "𠮷野家 👍🏽 é", "\u202eright to left", "{a,b}", "NULL", "\\."]


@pytest.mark.parametrize("field", ["external_id", "title", "text", "address"])
def test_sql_and_markup_come_through_unharmed(cell, field):
    texts = [t for t in HARMLESS if field != "external_id" or not set("\t\n") & set(t)]
    texts = [t + str(time.time_ns()) if field == "external_id" else t for t in texts]
    pushed = [order(**{field: text}) for text in texts]
    for order_id, text in zip(cell.push_accepted(pushed), texts):
        answer = cell.call("hotline-12345", "Intake/Get", I.GetOrderRequest(order_id=order_id))
        assert getattr(answer.order, field) == text
        cell.wait_case(order_id, proto.tracking.CASE_STATE_DISPATCHED)


@pytest.mark.parametrize("field", ["external_id", "district", "category", "title", "text", "address", "grid_code"])
@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", "中".encode()[:2], "投诉".encode("gb18030"), "前\0后".encode()],
                         ids=["bytes", "overlong NUL", "surrogate", "cut off", "GB18030", "NUL"])
def test_invalid_utf8_and_nul_are_refused_in_every_text(cell, field, raw):
    status, answer = push_raw(cell, raw_push(order().SerializeToString(), raw_order(order(), **{field: raw})))
    if status.code == CODE.CODE_OK:
        assert answer.results[0].outcome == I.PUSH_OUTCOME_ACCEPTED
        assert answer.results[1].outcome == I.PUSH_OUTCOME_REJECTED and field in answer.results[1].error.field
    else:  # or the whole request as not decodable; then the field is named too
        assert status.code == BAD and field in status.field


def test_limits_themselves_are_allowed(cell):
    cell.push_accepted([
        order("x" * 55 + str(time.time_ns())[-9:]), order(title="长" * 100), order(text="长" * 10_922 + "ab"), order(address="长" * 170 + "ab"),
        order(text="a"), order(category=""), order(attachments=attachment() * 20), order(grid_code="370117001001001"),
        order(occurred_at=now_us() + 4 * 60 * 1_000_000), order(occurred_at=946_684_800_000_000),
        order(reporter=I.Reporter(name="名" * 21, phone="+86 138-0000-0000")),
    ])


def test_a_thousand_and_one_is_too_many(cell):
    status = cell.client("hotline-12345", "intake").status(PUSH, I.PushRequest(source="hotline-12345", orders=orders(1001)))
    assert status.code == BAD and status.field == "orders" and "1,000" in status.message.replace("1000", "1,000")


def test_no_order_at_all(cell):
    status = cell.client("hotline-12345", "intake").status(PUSH, I.PushRequest(source="hotline-12345"))
    assert status.code == BAD and status.field == "orders"


def test_unknown_fields_are_kept_out_of_the_way(cell):
    """A newer client may send fields that this service does not know."""
    extra = length_delimited(1000, b"from the future")
    status, answer = push_raw(cell, raw_push(order().SerializeToString() + extra))
    assert status.code == CODE.CODE_OK and answer.results[0].outcome == I.PUSH_OUTCOME_ACCEPTED


BODIES = {
    "garbage": bytes(range(256)) * 4,
    "truncated": I.PushRequest(source="hotline-12345", orders=[order("cut")]).SerializeToString()[:-7],
    "length beyond the end": b"\x12\xff\xff\xff\xff\x07",
    "varint without end": b"\xff" * 40,
    "groups": b"\x13" * 1000,
    "bomb of empty orders": b"\x12\x00" * (1 << 20),
    "bomb of empty attachments": raw_push(raw_order(order("bomb")) + length_delimited(14, b"") * 500_000),

}


def nested(depth):
    body = b""
    for _ in range(depth):
        body = length_delimited(10, body)
    return raw_push(body)


BODIES["nested"] = nested(20_000)


@pytest.mark.parametrize("name", BODIES)
def test_undecodable_bodies_are_refused_and_harm_nobody(cell, name):
    status, answer = push_raw(cell, BODIES[name])
    refused = status.code in (BAD, CODE.CODE_RESOURCE_EXHAUSTED)
    if name == "nested":  # unknown to the schema below the position: an order that is refused would do as well
        refused = refused or all(r.outcome == I.PUSH_OUTCOME_REJECTED for r in answer.results)
    assert refused and (status.code == CODE.CODE_OK or status.message), f"{name}: {status}"
    cell.push_accepted([order()])


@pytest.mark.parametrize("service", ["intake", "routing", "tracking"])
@pytest.mark.parametrize("frames", [
    [b"\xff" * 300], [b""], [b"", b""], [b"a", b"b", b"c"], [b"x"] * 50,
    [proto.stream.Envelope(call=proto.stream.Call(id=0, method="wangge.v1.Ops/Info")).SerializeToString(), b""],
    [proto.stream.Envelope(reply=proto.stream.Reply(id=1)).SerializeToString(), b""],
    [proto.stream.Envelope(ack=proto.stream.Ack(id=77, upto=5)).SerializeToString()],
    [proto.stream.Envelope(ack=proto.stream.Ack(id=77, upto=5)).SerializeToString(), b"body that should not be"],
    [proto.stream.Envelope(park=proto.stream.Park(id=77, number=5, reason="r")).SerializeToString()],
    [proto.stream.Envelope(close=proto.stream.Close(id=77)).SerializeToString()],
    [proto.stream.Envelope().SerializeToString(), b"body"],
], ids=["garbage", "empty", "two empty", "three frames", "fifty frames", "call id 0", "a reply from a client", "ack of nothing",
        "ack with a body", "park of nothing", "close of nothing", "no kind"])
def test_malformed_messages_do_not_disturb_the_next_call(cell, service, frames):
    with cell.connect("operator", service) as client:
        client.send_raw(*frames)
        client.call("wangge.v1.Ops/Info", proto.ops.InfoRequest())


@pytest.mark.parametrize("method", ["", "x", "wangge.v1.Intake/Nothing", "wangge.v1.Nothing/Push", "wangge.v1.Intake/Push/",
                                    "x" * 500, "wangge.v1.Routing/Accept"])
def test_unknown_methods_are_unimplemented(cell, method):
    status = cell.client("operator", "intake").status(method, b"")
    assert status.code in (CODE.CODE_UNIMPLEMENTED, BAD)


def test_method_that_is_not_utf8(cell):
    with cell.connect("operator", "intake") as client:
        call = length_delimited(1, b"\x08\x01" + length_delimited(2, b"\xff\xfe\0"))
        client.send_raw(call, b"")
        client.call("wangge.v1.Ops/Info", proto.ops.InfoRequest())


def test_oversized_message_costs_only_its_own_connection(cell):
    with cell.connect("hotline-12345", "intake") as big, cell.connect("hotline-12345", "intake") as other:
        big.send_raw(proto.stream.Envelope(call=proto.stream.Call(id=1, method=PUSH)).SerializeToString(), b"x" * (9 << 20))
        with pytest.raises(NoAnswer):
            big.reply(1, limit=2)
        request = I.PushRequest(source="hotline-12345", orders=[order()])
        assert other.call(PUSH, request).results[0].outcome == I.PUSH_OUTCOME_ACCEPTED


def test_raw_bytes_on_the_port(cell):
    import socket
    for garbage in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 10_000, b"\xff" + b"\0" * 8 + b"\x7f", b"\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL" + b"\0" * 64):
        for service in ("intake", "routing", "tracking"):
            with socket.create_connection(("127.0.0.1", cell.ports[service]), timeout=20) as connection:
                connection.sendall(garbage)
    cell.push_accepted([order(category=NOBODY)])


@pytest.mark.parametrize("request_bytes", [b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
                                           b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", b"\xff" * 1000, b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_http_port_takes_only_what_it_knows(cell, request_bytes):
    import socket
    with socket.create_connection(("127.0.0.1", cell.http_ports["intake"]), timeout=20) as connection:
        answer = b""
        try:  # a server that has seen enough may close while the rest is still being sent
            connection.sendall(request_bytes)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(4096)
        except OSError as error:
            assert error.errno in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN), error
    assert not answer.startswith(b"HTTP/1.1 200")
    assert cell.http("intake", "/livez")[0] == 200


def test_bad_arguments_of_the_other_services(cell, water_order):
    R, T = proto.routing, proto.tracking
    long = "长" * 342  # 1,026 bytes
    for principal, method, request, field in [
            ("water", "Routing/RequestReturn", R.ReturnRequest(order_id=water_order, reason=long), "reason"),
            ("water", "Routing/RequestReturn", R.ReturnRequest(order_id=water_order, reason="a\0b"), "reason"),
            ("water", "Routing/RequestReturn", R.ReturnRequest(order_id=water_order, reason="r", reason_code=99), "reason_code"),
            ("water", "Routing/RequestReturn", R.ReturnRequest(order_id=water_order, reason="r", reason_code=1, basis=long), "basis"),
            ("water", "Routing/RequestReturn", R.ReturnRequest(order_id=water_order, reason="r", reason_code=1, basis="b",
                                                               proposed_department="nobody"), "proposed_department"),
            ("water", "Routing/Accept", R.AcceptRequest(order_id=water_order, acting_person="9" * 65), "acting_person"),
            ("dispatcher", "Routing/ReviewReturn", R.ReviewReturnRequest(order_id=water_order, reason="r"), "outcome"),
            ("dispatcher", "Routing/ReviewReturn", R.ReviewReturnRequest(order_id=water_order, reason="r", outcome=3), "outcome"),
            ("dispatcher", "Routing/Adjudicate", R.AdjudicateRequest(order_id=water_order, lead="water"), "basis"),
            ("dispatcher", "Routing/Adjudicate", R.AdjudicateRequest(order_id=water_order, basis="b"), "lead"),
            ("dispatcher", "Routing/Assign", R.AssignRequest(order_id=water_order, department="water", reason="r",
                                                             assists=["a"] * 17), "assists"),
            ("water", "Routing/TransferDown", R.TransferDownRequest(order_id=water_order, to_department="street", reason="r",
                                                                    due_at=-1), "due_at"),
            ("dispatcher", "Routing/Desk", R.DeskRequest(limit=201), "limit"),
            ("dispatcher", "Routing/Desk", R.DeskRequest(kind=99), "kind"),
            ("operator", "Routing/Precedents", R.PrecedentsRequest(place="37"), "place"),
            ("operator", "Routing/Precedents", R.PrecedentsRequest(page_token="garbage"), "page_token"),
            ("operator", "Routing/List", R.ListAssignmentsRequest(role=2), "department"),
            ("dispatcher", "Routing/Transfer", R.TransferRequest(order_id=water_order, to_department="nobody", reason="r"), "to_department"),
            ("dispatcher", "Routing/Transfer", R.TransferRequest(order_id=water_order, to_department="water", reason="r"), "to_department"),
            ("dispatcher", "Routing/Transfer", R.TransferRequest(order_id=water_order, to_department="housing"), "reason"),
            ("operator", "Routing/List", R.ListAssignmentsRequest(limit=1001), "limit"),
            ("operator", "Routing/List", R.ListAssignmentsRequest(page_token="garbage"), "page_token"),
            ("water", "Tracking/Progress", T.ProgressRequest(order_id=water_order, note="n"), "request_id"),
            ("water", "Tracking/Progress", T.ProgressRequest(order_id=water_order, request_id="p"), "note"),
            ("water", "Tracking/Progress", T.ProgressRequest(order_id=water_order, request_id="p", note="x" * 8193), "note"),
            ("water", "Tracking/Progress", loop.progress(water_order, acting_person="x" * 65), "acting_person"),
            ("water", "Tracking/Contact", loop.contact(water_order, channel=0), "channel"),
            ("water", "Tracking/Contact", loop.contact(water_order, channel=99), "channel"),
            ("water", "Tracking/Contact", loop.contact(water_order, at=-1), "at"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, request_id=""), "request_id"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, result=""), "result"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, result="x" * 8193), "result"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, substantiated=0), "substantiated"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, resolution=0), "resolution"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, resolution=9), "resolution"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, public_reply=""), "public_reply"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, public_reply="<b>好</b>"), "public_reply"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, public_reply="好</p>"), "public_reply"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, public_reply="<!--"), "public_reply"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, resolution=T.RESOLUTION_PARTLY), "unresolved_reason"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, unresolved_reason="?"), "unresolved_reason"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, beyond_duty=1), "beyond_duty_basis"),
            ("water", "Tracking/Resolve", loop.resolve(water_order, beyond_duty_basis="b"), "beyond_duty_basis"),
            ("dispatcher", "Tracking/Review", loop.review(water_order, decision=0), "decision"),
            ("dispatcher", "Tracking/Review", loop.review(water_order, decision=T.DECISION_REJECTED), "reason"),
            ("dispatcher", "Tracking/FollowUp", loop.follow_up(water_order, solved=0), "solved"),
            ("dispatcher", "Tracking/FollowUp", loop.follow_up(water_order, satisfaction=0), "satisfaction"),
            ("dispatcher", "Tracking/FollowUp", loop.follow_up(water_order, satisfaction=7), "satisfaction"),
            ("dispatcher", "Tracking/FollowUp", loop.nobody_reached(water_order, solved=1), "solved"),
            ("dispatcher", "Tracking/FollowUp", loop.follow_up(water_order, merit=T.MERIT_UNMERITED), "note"),
            ("dispatcher", "Tracking/Reopen", loop.reopen(water_order, reason=""), "reason"),
            ("operator", "Tracking/List", T.ListCasesRequest(limit=-1), "limit"),
            ("operator", "Tracking/List", T.ListCasesRequest(page_token="garbage"), "page_token"),
            ("operator", "Intake/List", I.ListOrdersRequest(page_token="garbage"), "page_token"),
            ("hotline-12345", "Intake/Withdraw", I.WithdrawRequest(order_id=water_order), "reason"),
            ("hotline-12345", "Intake/Supplement", I.SupplementRequest(order_id=water_order, text="t"), "supplement_id"),
            ("hotline-12345", "Intake/Supplement", I.SupplementRequest(order_id=water_order, supplement_id="s"), "text")]:
        service = method.partition("/")[0].lower()
        status = cell.client(principal, service).status(f"wangge.v1.{method}", request)
        assert (status.code, status.field) == (BAD, field), f"{method} {request}: {status}"


def test_after_all_this_every_service_is_the_same_process(cell):
    for service in ("intake", "routing", "tracking"):
        assert cell.processes[service].poll() is None, f"{service} ended"
        until(lambda: cell.http(service, "/readyz")[0] == 200, f"{service} is ready")
