"""Personal data: what each party gets of it, who can read it in the database, what an erasure leaves."""
import csv
import os
import subprocess
import zipfile

import pytest

from harness import proto
from harness.client import CallError
from harness.orders import order
from harness.proto import CODE

I = proto.intake
REPORT = proto.common.ORDER_KIND_REPORT
PHONE, SPACED, CHINESE = "13812345678", "139 8765 4321", "一三七一二三四五六七八"
IDENTITY = "11010519491231002X"
PERSONAL = (PHONE, SPACED, CHINESE, IDENTITY, "独无二某")
SAID = f"我的电话{PHONE}，或者{SPACED}、{CHINESE}，身份证{IDENTITY}，三楼漏水"


def reporter():
    return I.Reporter(name="独无二某", phone=PHONE)


def refusal(cell, principal, method, request):
    with pytest.raises(CallError) as refused:
        cell.call(principal, method, request)
    return refused.value


def get(cell, principal, order_id, **fields):
    return cell.call(principal, "Intake/Get", I.GetOrderRequest(order_id=order_id, **fields))


def texts_of(answer):
    return [answer.order.title, answer.order.text, answer.order.address, *(s.text for s in answer.supplements)]


def personal_in(data):
    data = data if isinstance(data, bytes) else str(data).encode()
    return [value for value in PERSONAL if value.encode() in data]


def test_names_and_numbers_never_reach_a_department(cell):
    followers = [cell.follow(principal, stream, topic=topic, start=proto.stream.START_LATEST) for principal, stream, topic in
                 (("tracking", "intake.orders", None), ("water", "routing.dispatch", "water"),
                  ("water", "tracking.cases", "water"))]
    named = f"独无二某说：{SAID}，请联系独无二某。"
    order_id = cell.push_accepted([order(title=f"独无二某家漏水 {PHONE}", text=named, address=f"3号楼独无二某家 {PHONE}",
                                         reporter=reporter())])[0]
    cell.call("hotline-12345", "Intake/Supplement", I.SupplementRequest(order_id=order_id, supplement_id="s", text=named))
    cell.call("dispatcher", "Intake/Withdraw", I.WithdrawRequest(order_id=order_id, reason=f"独无二某本人来电{PHONE}"))
    for follower, last in zip(followers, ("OrderWithdrawn", "DispatchRevoked", "CaseChanged")):
        while True:
            event = follower.next()
            assert personal_in(event.event.payload) == [], event.message
            if event.message.DESCRIPTOR.name == last and (last != "CaseChanged" or event.message.step.kind == "withdrawn"):
                break
        follower.close()


def test_words_around_a_number_stay(cell):
    follower = cell.follow("water", "routing.dispatch", topic="water", start=proto.stream.START_LATEST)
    order_id = cell.push_accepted([order(text=SAID)])[0]
    while True:
        message = follower.next().message
        if message.DESCRIPTOR.name == "OrderDispatched" and message.order.order_id == order_id:
            break
    follower.close()
    assert message.order.text == "我的电话138****5678，或者139 **** 4321、一三七****五六七八，身份证" + "*" * 18 + "，三楼漏水"
    assert not message.order.text_held


def test_texts_are_whole_for_the_source_and_for_a_dispatcher_with_a_reason(cell):
    order_id = cell.push_accepted([order(text=SAID, reporter=reporter())])[0]
    assert get(cell, "hotline-12345", order_id).order.text == SAID
    for principal in ("dispatcher", "operator"):
        answer = get(cell, principal, order_id)
        assert answer.text_masked and personal_in(texts_of(answer)) == []
        listed = cell.call(principal, "Intake/List", I.ListOrdersRequest(limit=1)).orders[0]
        assert listed.order_id == order_id and personal_in(listed.text) == []
    whole = get(cell, "dispatcher", order_id, reveal=I.PII_FIELD_TEXT, reveal_reason="核实地址", acting_person="D-7")
    assert whole.order.text == SAID and not whole.text_masked and whole.reporter_masked
    assert refusal(cell, "operator", "Intake/Get", I.GetOrderRequest(
        order_id=order_id, reveal=I.PII_FIELD_TEXT, reveal_reason="看看")).code == CODE.CODE_PERMISSION_DENIED
    assert refusal(cell, "dispatcher", "Intake/Get",
                   I.GetOrderRequest(order_id=order_id, reveal=I.PII_FIELD_TEXT)).code == CODE.CODE_INVALID_ARGUMENT


def test_every_full_view_is_on_record(cell):
    order_id = cell.push_accepted([order(text=SAID, reporter=reporter())])[0]
    get(cell, "dispatcher", order_id)
    get(cell, "dispatcher", order_id, reveal_reason="回访", acting_person="D-7")
    get(cell, "dispatcher", order_id, reveal_reason="核实地址", reveal=I.PII_FIELD_TEXT)
    request = I.PiiAccessesRequest(order_id=order_id, limit=1)
    seen = []
    while not seen or request.page_token:
        page = cell.call("operator", "Intake/PiiAccesses", request)
        seen += page.accesses
        request.page_token = page.next_page_token
    assert [(a.who, a.acting_person, a.field, a.reason) for a in seen] == [
        ("dispatcher", "", I.PII_FIELD_TEXT, "核实地址"), ("dispatcher", "D-7", I.PII_FIELD_REPORTER, "回访")]
    assert all(a.at for a in seen)
    assert not cell.call("operator", "Intake/PiiAccesses", I.PiiAccessesRequest(order_id=order_id, who="nobody")).accesses
    for wrong in ({"limit": -1}, {"limit": 1001}, {"order_id": -1}, {"page_token": "x"}):
        error = refusal(cell, "operator", "Intake/PiiAccesses", I.PiiAccessesRequest(**wrong))
        assert error.code == CODE.CODE_INVALID_ARGUMENT


@pytest.mark.parametrize("fields", [{"confidential": True}, {"kind": REPORT}], ids=["confidential", "report"])
def test_a_held_text_reaches_nobody_until_it_is_rewritten(cell, fields):
    secret = "李某某在3号楼私拉电线"
    follower = cell.follow("water", "routing.dispatch", topic="water", start=proto.stream.START_LATEST)
    order_id = cell.push_accepted([order(title="违规用电", text=secret, reporter=reporter(), **fields,
                                         attachments=[proto.common.Attachment(sha256="0" * 64, name="我家.jpg")])])[0]
    cell.call("hotline-12345", "Intake/Supplement", I.SupplementRequest(order_id=order_id, supplement_id="s", text=secret))
    for principal in ("dispatcher", "operator"):
        answer = get(cell, principal, order_id)
        assert answer.order.text == "" and answer.order.text_held and not answer.order.attachments
        assert secret not in answer.supplements[0].text
    assert get(cell, "dispatcher", order_id, reveal=I.PII_FIELD_TEXT, reveal_reason="改写").order.text == secret

    def rewrite(text, rewrite_id="r"):
        return I.RewriteRequest(order_id=order_id, rewrite_id=rewrite_id, text=text, acting_person="D-7")
    for text in (f"有人举报，电话{PHONE}", "独无二某反映有人私拉电线", ""):
        assert refusal(cell, "dispatcher", "Intake/Rewrite", rewrite(text)).code == CODE.CODE_INVALID_ARGUMENT
    for _ in range(2):
        cell.call("dispatcher", "Intake/Rewrite", rewrite("3号楼有私拉电线现象，请核查"))
    assert refusal(cell, "dispatcher", "Intake/Rewrite", rewrite("别的")).code == CODE.CODE_ALREADY_EXISTS
    heard = []
    while "3号楼有私拉电线现象，请核查" not in [getattr(m, "text", "") for m in heard]:
        event = follower.next()
        assert secret.encode() not in event.event.payload and personal_in(event.event.payload) == []
        heard.append(event.message)
    follower.close()
    sent = next(m.order for m in heard if m.DESCRIPTOR.name == "OrderDispatched" and m.order.order_id == order_id)
    assert (sent.title, sent.text, sent.text_held, len(sent.attachments)) == ("违规用电", "", True, 0)
    assert "派单员改写" in next(m.text for m in heard if m.DESCRIPTOR.name == "DispatchSupplemented")
    supplements = get(cell, "operator", order_id).supplements
    assert [s.text for s in supplements if s.for_handlers] == ["3号楼有私拉电线现象，请核查"]
    for service in cell.services:
        assert secret not in cell.log(service) and personal_in(cell.log(service)) == []


def test_only_held_texts_are_rewritten(cell):
    order_id = cell.push_accepted([order()])[0]
    error = refusal(cell, "dispatcher", "Intake/Rewrite", I.RewriteRequest(order_id=order_id, rewrite_id="r", text="t"))
    assert error.code == CODE.CODE_FAILED_PRECONDITION


def test_an_erasure_reaches_the_texts_and_no_figure(cell):
    pushed = order(title=f"独无二某 {PHONE}", text=SAID + "，独无二某", reporter=reporter())
    order_id = cell.push_accepted([pushed])[0]
    cell.call("hotline-12345", "Intake/Supplement", I.SupplementRequest(order_id=order_id, supplement_id="s", text=SAID))
    before = cell.wait_case(order_id, proto.tracking.CASE_STATE_DISPATCHED)
    for _ in range(2):
        cell.call("dispatcher", "Intake/EraseReporter", I.EraseReporterRequest(order_id=order_id, reason="本人要求"))
    answer = get(cell, "hotline-12345", order_id)
    assert personal_in(texts_of(answer)) == [] and "三楼漏水" in answer.order.text
    assert get(cell, "dispatcher", order_id, reveal=I.PII_FIELD_TEXT, reveal_reason="看").order.text == answer.order.text
    dump = cell.postgres.query(f"SELECT o.*, s.* FROM intake.orders o JOIN intake.supplement s USING (district, order_id) "
                               f"WHERE order_id = {order_id}")
    assert len(dump) == 1 and personal_in(dump) == []
    assert cell.case(order_id).case == before.case
    assert cell.push([pushed])[0].outcome == I.PUSH_OUTCOME_DUPLICATE


def test_no_text_is_starred_without_an_erasure(cell):
    order_id = cell.push_accepted([order(text=SAID)])[0]
    cell.postgres.query(f"SELECT intake.erase_order_texts('370117', {order_id}, '', 'x', '')", role="wangge_intake")
    assert get(cell, "hotline-12345", order_id).order.text == SAID


FORBIDDEN = ["SELECT name FROM intake.reporter", "SELECT phone FROM intake.reporter", "SELECT * FROM intake.reporter",
             "UPDATE intake.reporter SET name = ''",
             "UPDATE intake.pii_access SET reason = ''", "DELETE FROM intake.pii_access", "UPDATE intake.orders SET text = ''",
             "DELETE FROM intake.reporter RETURNING name", "TRUNCATE intake.pii_access"]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_service_itself_cannot_read_a_reporter(cell, statement):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        cell.postgres.query(statement, role="wangge_intake")
    assert "permission denied" in refused.value.stderr


@pytest.mark.parametrize("role", ["wangge_routing", "wangge_tracking", "wangge_registry"])
@pytest.mark.parametrize("statement", ["SELECT name FROM intake.reporter", "SELECT who FROM intake.pii_access",
                                       "SELECT text FROM intake.orders",
                                       "SELECT * FROM intake.reporter_shown('370117', 1, 'w', '', 'r', now())",
                                       "SELECT * FROM intake.reporter_masked('370117', 1)"])
def test_other_services_cannot_read_anything_of_it(cell, role, statement):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        cell.postgres.query(statement, role=role)
    assert "permission denied" in refused.value.stderr


def test_the_database_shows_no_reporter_without_a_record(cell):
    order_id = cell.push_accepted([order(reporter=reporter())])[0]
    confidential = cell.push_accepted([order(confidential=True, reporter=reporter())])[0]
    shown = "SELECT name FROM intake.reporter_shown('370117', {}, 'somebody', '', 'why', now())"
    assert cell.postgres.query(shown.format(order_id), role="wangge_intake") == [["独无二某"]]
    assert cell.postgres.query(shown.format(confidential), role="wangge_intake") == []
    assert cell.postgres.query("SELECT order_id FROM intake.pii_access WHERE who = 'somebody'") == [[str(order_id)]]


def wangge(cell, *arguments, code=0):
    done = subprocess.run([cell.build.resolve() / "ops/cli/wangge", *map(str, arguments), "--config",
                           cell.folder / "client.ini"], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == code, done
    return done.stdout


def test_the_command_shows_reveals_and_lists(cell):
    order_id = cell.push_accepted([order(text=SAID, reporter=reporter())])[0]
    assert personal_in(wangge(cell, "show", order_id, "--as", "dispatcher")) == []
    assert PHONE in wangge(cell, "show", order_id, "--as", "dispatcher", "--reveal-text", "核实", "--person", "D-7")
    wangge(cell, "show", order_id, "--as", "dispatcher", "--reveal-text", "核实", "--reveal", "核实", code=2)
    assert "D-7" in wangge(cell, "list", "accesses", "--order", order_id)
    wangge(cell, "rewrite", order_id, "--as", "dispatcher", "--text", "漏水", "--id", "r", code=1)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_tells_whose_it_is_and_holds_no_formula(cell, tmp_path, ending):
    cell.push_accepted([order(title=title) for title in ("=HYPERLINK(\"http://x\")", "+1", "-1+1", "@SUM(A1)", f"漏水{PHONE}")])
    path = tmp_path / f"orders.{ending}"
    wangge(cell, "list", "orders", "--limit", 5, "--out", path, "--as", "operator")
    if ending == "xlsx":
        with zipfile.ZipFile(path) as book:
            path = tmp_path / "strings.xml"
            path.write_bytes(book.read("xl/sharedStrings.xml"))
            assert "operator" in book.read("docProps/core.xml").decode()
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        text = path.read_text(encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8-sig")
        assert text.startswith('"导出：operator 20')
        rows = list(csv.reader(text.splitlines()))
        assert [row[-1][:2] for row in rows[2:]] == ["漏水", "'@", "'-", "'+", "'="]
        one_row = tmp_path / "row.csv"
        one_row.write_text(rows[4][-1], encoding="utf-8")
        wangge(cell, "watermark", one_row, "--who", "operator")
    assert "导出：operator" in text and personal_in(text) == []
    assert "which is operator" in wangge(cell, "watermark", path, "--who", "operator")
    wangge(cell, "watermark", path, "--who", "dispatcher", code=1)
    (tmp_path / "plain.csv").write_text("nothing")
    wangge(cell, "watermark", tmp_path / "plain.csv", code=1)
    wangge(cell, "list", "orders", "--out", path, "--json", code=2)
