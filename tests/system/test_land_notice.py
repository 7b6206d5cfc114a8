"""Public notices: posted, objected to, ended by time, voided by change; the sheet on the wall and what its codes prove."""
import base64
import hashlib
import json
import struct
import subprocess

import pytest

from harness import proto
from harness.cell import VILLAGE, Cell
from harness.client import CallError
from harness.clock import Clock
from harness.command import complaint, wangge
from harness.land import do, get, make_village, party, refused, write
from harness.proto import CODE
from harness.wait import until

L, N, B = proto.land, proto.land_notice, proto.land_notice_records
MONDAY = "2026-03-02 09:00"
PHOTO = "ab" * 32


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    clock = Clock(tmp_path_factory.mktemp("clock") / "now", MONDAY)
    made = Cell(services=("land",), settings={"land": {"clock": clock.path}})
    made.clock = clock
    try:
        made.start()
        make_village(made)
        yield made
    finally:
        made.stop()


@pytest.fixture
def household(cell, request):
    """Something to be posted, of this test alone."""
    name = f"h-{abs(hash(request.node.name)) % 10**9}"
    party(cell, name, "张三户")
    return name


def draft(cell, *subjects, kind=B.NOTICE_KIND_SURVEY, **fields):
    fields.setdefault("places", ["村委会公告栏"])
    request = N.DraftNoticeRequest(write=write(), kind=kind, title="农户信息公示", text="名单如下。",
                                   subjects=[N.NoticeSubjectRef(kind="party", id=s) for s in subjects], **fields)
    return do(cell, "LandNotice/Draft", request).records[0].id


def post(cell, *subjects, **fields):
    notice_id = draft(cell, *subjects, **fields)
    do(cell, "LandNotice/Post", N.PostNoticeRequest(write=write(), notice_id=notice_id))
    return notice_id


def file_objection(cell, notice_id, by="village", **fields):
    if not fields.get("anonymous"):
        fields.setdefault("name", "赵六")
    request = N.FileObjectionRequest(write=write(), notice_id=notice_id, channel=B.OBJECTION_CHANNEL_VISIT, text="面积不对", **fields)
    return do(cell, "LandNotice/Object", request, by)


def sheet(cell, notice_id, form, by="operator"):
    return cell.call(by, "LandNotice/Sheet", N.SheetRequest(village=VILLAGE, notice_id=notice_id, format=form))


def wait_state(cell, notice_id, state):
    until(lambda: get(cell, "notice", notice_id).notice.state == state, f"{notice_id} is {B.NoticeState.Name(state)}")


def text_of(value):
    return struct.pack(">I", len(value)) + value


# --- the flow ---
def test_a_notice_ends_by_time_and_only_then_is_clear(cell, household):
    cell.clock.set(MONDAY)
    notice_id = post(cell, household)
    posted = get(cell, "notice", notice_id)
    assert (posted.notice.posted_on, posted.notice.ends_on, posted.due_on) == ("2026-03-02", "2026-03-09", "2026-03-10")
    assert posted.notice.tree_size == int(cell.postgres.query(
        f"SELECT max(seq) FROM land.ledger_entry WHERE village = '{VILLAGE}' AND kind = 'post_notice'")[0][0])
    cell.clock.set("2026-03-09 23:59")
    party(cell, "clock-1", "过一会儿")  # a batch of that minute, behind which time would have acted
    assert get(cell, "notice", notice_id).notice.state == B.NOTICE_STATE_POSTED
    cell.clock.set("2026-03-10 00:01")
    wait_state(cell, notice_id, B.NOTICE_STATE_ENDED_CLEAR)
    ended = get(cell, "notice", notice_id)
    assert (ended.notice.clear_on, ended.due_on) == ("2026-03-10", "")
    entry = cell.call("village", "Land/LandHistory", L.LandHistoryRequest(village=VILLAGE, kind="notice", id=notice_id)).entries[0]
    assert (entry.entry.kind, entry.entry.person, entry.actor) == ("tick", "system", "land")


def test_what_is_hashed_can_be_hashed_by_anybody(cell, household):
    """From the bytes of the ledger alone, by the layout that notice.h and content.c give."""
    notice_id = post(cell, household, days=9, docs=[PHOTO])
    notice = get(cell, "notice", notice_id).notice
    body = get(cell, "party", household).party.SerializeToString()
    subject = hashlib.sha256(b"LANDSUBJECT1" + VILLAGE.encode() + text_of(b"party") + text_of(household.encode()) + text_of(body)).digest()
    assert notice.subjects[0].sha256 == subject
    content = b"LANDNOTICE1" + VILLAGE.encode() + struct.pack(">II", notice.kind, 9) + text_of(notice.title.encode())
    content += text_of(notice.text.encode()) + struct.pack(">I", 1) + text_of(PHOTO.encode()) + struct.pack(">I", 1)
    content += text_of(b"party") + text_of(household.encode()) + subject
    assert notice.content_sha256 == hashlib.sha256(content).digest()


def test_a_change_voids_it_in_the_same_entry(cell, household):
    notice_id = post(cell, household)
    reply = party(cell, household, "张三家")
    assert "notice.void" in [f.code for f in reply.findings]
    assert sorted(r.id for r in reply.records) == sorted([household, notice_id])
    assert get(cell, "notice", notice_id).notice.state == B.NOTICE_STATE_VOID
    again = refused(cell, "LandNotice/Post", N.PostNoticeRequest(write=write(), notice_id=notice_id))
    assert "notice.state" in again


def test_objections_are_anybodys_kept_and_decided_by_another(cell, household):
    cell.clock.set("2026-04-01 09:00")
    notice_id = post(cell, household)
    anonymous = file_objection(cell, notice_id, by="hotline-12345", anonymous=True, phone="13800001234").records[0]
    assert anonymous.id.startswith(notice_id + "-objection-") and anonymous.objection.name == ""
    assert len(anonymous.objection.phone_commit) == 32
    assert cell.postgres.query("SELECT count(*) FROM land.ledger_entry WHERE position(convert_to('13800001234', 'UTF8') IN payload) > 0") == [["0"]]
    named = file_objection(cell, notice_id, subject_kind="party", subject_id=household).records[0]
    cell.clock.set("2026-04-09 09:00")
    wait_state(cell, notice_id, B.NOTICE_STATE_ENDED_OPEN)
    for objection in (anonymous, named):
        do(cell, "LandNotice/Admit", N.AdmitObjectionRequest(write=write(), objection_id=objection.id, admissible=True))
        request = N.DecideObjectionRequest(write=write(), objection_id=objection.id, reply="经实地核对，面积无误")
        assert "objection.decider" in refused(cell, "LandNotice/Decide", request)  # the clerk who entered it
        request.write.CopyFrom(write(person="孙主任"))
        do(cell, "LandNotice/Decide", request)
    ended = get(cell, "notice", notice_id).notice
    assert (ended.state, ended.clear_on) == (B.NOTICE_STATE_ENDED_CLEAR, "2026-04-09")
    late = file_objection(cell, notice_id, anonymous=True)
    assert [f.code for f in late.findings] == ["objection.late"]
    assert late.records[0].objection.late and late.records[0].objection.state == B.OBJECTION_STATE_INADMISSIBLE
    appeal = N.AppealObjectionRequest(write=write(), objection_id=named.id, text="没有到地里看")
    do(cell, "LandNotice/Appeal", appeal)
    assert get(cell, "notice", notice_id).notice.state == B.NOTICE_STATE_ENDED_OPEN
    request = N.DecideObjectionRequest(write=write(person="周乡长"), objection_id=named.id, reply="复核后维持")
    assert "objection.decider" in refused(cell, "LandNotice/Decide", request)
    request.write.CopyFrom(write(person="周乡长"))
    do(cell, "LandNotice/Decide", request, by="township")
    assert get(cell, "notice", notice_id).notice.state == B.NOTICE_STATE_ENDED_CLEAR
    # Nothing in the contract deletes one; all of them are there with every version.
    listed = cell.call("operator", "Land/ListLand", L.ListLandRequest(village=VILLAGE, kind="objection", limit=1000)).records
    mine = [r.record for r in listed if r.record.objection.notice_id == notice_id]
    assert len(mine) == 3 and not any(r.ended for r in mine)


def test_photos_hang_where_the_notice_hangs(cell, household):
    notice_id = post(cell, household, places=["村委会公告栏", "小学门口"])
    today = get(cell, "notice", notice_id).notice.posted_on
    photo = B.NoticePhoto(sha256=PHOTO, place="小学门口", taken_on=today)
    do(cell, "LandNotice/Photograph", N.PhotographNoticeRequest(write=write(), notice_id=notice_id, photos=[photo]))
    photo.place = "火星"
    found = refused(cell, "LandNotice/Photograph", N.PhotographNoticeRequest(write=write(), notice_id=notice_id, photos=[photo]))
    assert found["notice.place"].pointer == "/photos/0/place"
    assert [p.place for p in get(cell, "notice", notice_id).notice.photos] == ["小学门口"]


# --- the sheet ---
def run(*command, **how):
    return subprocess.run(command, check=True, capture_output=True, timeout=120, **how).stdout


def test_the_sheet_is_read_back_from_paper(cell, household, tmp_path):
    """Text by pdftotext and codes by zbarimg from the PDF as a printer would get it."""
    notice_id = post(cell, household)
    notice = get(cell, "notice", notice_id).notice
    answer = sheet(cell, notice_id, N.SHEET_FORMAT_PDF)
    assert (answer.media_type, answer.file_name, answer.missing_characters) == ("application/pdf", f"{notice_id}.pdf", 0)
    path = tmp_path / answer.file_name
    path.write_bytes(answer.sheet)
    text = run("pdftotext", "-layout", path, "-").decode()
    root = base64.b64encode(notice.tree_root).decode()
    for expected in ("前桃村土地调查结果公示", "农户信息公示", notice_id, "张三户", notice.content_sha256.hex(), root,
                     f"至 {notice.ends_on} 24 时止", "任何人都可以"):
        assert expected in text, (expected, text)
    fonts = run("pdffonts", path).decode().splitlines()[2:]
    assert fonts and all(" yes yes yes " in line for line in fonts), fonts  # embedded, subset, with Unicode
    run("pdftoppm", "-r", "150", "-png", path, tmp_path / "page")
    codes = run("zbarimg", "-q", "--raw", *sorted(tmp_path.glob("page*.png"))).decode()
    assert f"wangge-land/{VILLAGE}\n{notice.tree_size}\n{root}\n" in codes
    assert f"wangge-notice/{VILLAGE}/{notice_id}\n{notice.content_sha256.hex()}\n" in codes


def test_a_code_from_the_wall_is_the_ledger_as_it_was(cell, household):
    """The root on the sheet is that of the entries before the posting, computed here from the stored leaf hashes."""
    notice = get(cell, "notice", post(cell, household)).notice
    leaves = [bytes.fromhex(row[0]) for row in cell.postgres.query(
        f"SELECT encode(leaf_hash, 'hex') FROM land.ledger_entry WHERE village = '{VILLAGE}' AND seq < {notice.tree_size} ORDER BY seq")]

    def root(hashes):
        if len(hashes) == 1:
            return hashes[0]
        split = 1 << (len(hashes) - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + root(hashes[:split]) + root(hashes[split:])).digest()
    assert len(leaves) == notice.tree_size and root(leaves) == notice.tree_root


@pytest.mark.parametrize("form, posted, ended", [(N.SHEET_FORMAT_HTML, "2026-05-11 09:00", "2026-05-19 09:00"),
                                                 (N.SHEET_FORMAT_PDF, "2026-05-25 09:00", "2026-06-02 09:00")])
def test_a_sheet_is_the_same_whenever_it_is_asked_for(cell, household, form, posted, ended):
    cell.clock.set(posted)
    notice_id = post(cell, household)
    first = sheet(cell, notice_id, form).sheet
    make_village(cell, name="改名村")
    file_objection(cell, notice_id)
    cell.clock.set(ended)
    wait_state(cell, notice_id, B.NOTICE_STATE_ENDED_OPEN)
    cell.restart("land")
    until(lambda: sheet(cell, notice_id, form), "land answers again")
    assert sheet(cell, notice_id, form, by="village").sheet == first
    make_village(cell)


def test_markup_does_not_reach_the_sheet(cell):
    party(cell, "h-evil", "a&b\"'")
    answer = sheet(cell, post(cell, "h-evil"), N.SHEET_FORMAT_HTML)
    page = answer.sheet.decode()
    assert "a&amp;b&quot;&#39;" in page and "a&b" not in page
    with pytest.raises(CallError) as caught:
        draft(cell, "h-evil", docs=["<b>"])
    assert caught.value.field == "docs[0]"


def test_a_draft_is_no_posting(cell, household):
    notice_id = draft(cell, household)
    page = sheet(cell, notice_id, N.SHEET_FORMAT_HTML).sheet.decode()
    assert "草稿" in page and "<svg" not in page
    with pytest.raises(CallError) as caught:
        sheet(cell, "notice-none", N.SHEET_FORMAT_HTML)
    assert caught.value.code == CODE.CODE_NOT_FOUND


# --- bad input: field or finding, and nothing is written ---
def head(cell):
    return cell.postgres.query(f"SELECT size FROM land.village_head WHERE village = '{VILLAGE}'")[0][0]


REF = N.NoticeSubjectRef(kind="party", id="h-bad")
BAD_CALLS = [
    ("Draft", {"kind": 0}, "kind"),
    ("Draft", {"kind": 9}, "kind"),
    ("Draft", {"title": ""}, "title"),
    ("Draft", {"title": "a\nb"}, "title"),
    ("Draft", {"title": "题" * 86}, "title"),
    ("Draft", {"title": "<b>公示</b>"}, "title"),
    ("Draft", {"text": "字" * 5462}, "text"),
    ("Draft", {"days": -1}, "days"),
    ("Draft", {"days": 366}, "days"),
    ("Draft", {"subjects": []}, "subjects"),
    ("Draft", {"places": [""]}, "places[0]"),
    ("Draft", {"places": ["p"] * 33}, "places"),
    ("Draft", {"docs": ["xyz"]}, "docs[0]"),
    ("Draft", {"docs": [PHOTO, PHOTO]}, "docs[1]"),
    ("Draft", {"docs": [PHOTO.upper()]}, "docs[0]"),
]
BAD_DRAFTS = [
    ({"subjects": [REF, REF]}, "notice.subject", "/subjects"),
    ({"subjects": [N.NoticeSubjectRef(kind="party", id="nobody")]}, "notice.subject", "/subjects/0"),
    ({"subjects": [REF, N.NoticeSubjectRef(kind="dragon", id="1")]}, "notice.subject", "/subjects/1"),
    ({"subjects": [N.NoticeSubjectRef(kind="notice", id="notice-1")]}, "notice.subject", "/subjects/0"),
    ({"days": 6}, "notice.days", "/days"),
    ({"notice_id": "notice-none"}, "notice.unknown", "/notice_id"),
]


def good_draft(**change):
    fields = {"kind": B.NOTICE_KIND_SURVEY, "title": "公示", "subjects": [REF], "places": ["村口"], **change}
    return N.DraftNoticeRequest(write=write(), **fields)


@pytest.mark.parametrize("method, change, field", BAD_CALLS)
def test_a_malformed_call_names_its_field(cell, method, change, field):
    party(cell, "h-bad", "张三户")
    before = head(cell)
    with pytest.raises(CallError) as caught:
        cell.call("village", f"LandNotice/{method}", good_draft(**change))
    assert (caught.value.code, caught.value.field) == (CODE.CODE_INVALID_ARGUMENT, field)
    assert head(cell) == before


@pytest.mark.parametrize("change, code, pointer", BAD_DRAFTS)
def test_a_refused_draft_says_why_in_two_languages(cell, change, code, pointer):
    party(cell, "h-bad", "张三户")
    before = head(cell)
    finding = refused(cell, "LandNotice/Draft", good_draft(**change))[code]
    assert finding.pointer == pointer and finding.message_zh and finding.message_en
    assert head(cell) == before


@pytest.mark.parametrize("method, request_of, what", [
    ("Post", lambda: N.PostNoticeRequest(write=write(), notice_id="none"), "notice.unknown"),
    ("TakeDown", lambda: N.TakeDownNoticeRequest(write=write(), notice_id="none"), "notice.unknown"),
    ("Withdraw", lambda: N.WithdrawNoticeRequest(write=write(reason="r"), notice_id="none"), "notice.unknown"),
    ("Object", lambda: N.FileObjectionRequest(write=write(), notice_id="none", channel=1, text="t", name="n"), "notice.unknown"),
    ("Admit", lambda: N.AdmitObjectionRequest(write=write(), objection_id="none", reply="r"), "objection.unknown"),
    ("Decide", lambda: N.DecideObjectionRequest(write=write(), objection_id="none", reply="r"), "objection.unknown"),
    ("Appeal", lambda: N.AppealObjectionRequest(write=write(), objection_id="none", text="t"), "objection.unknown"),
    ("WithdrawObjection", lambda: N.WithdrawObjectionRequest(write=write(reason="r"), objection_id="none"), "objection.unknown"),
])
def test_what_is_not_there_is_said_so(cell, method, request_of, what):
    assert refused(cell, f"LandNotice/{method}", request_of())[what].status == CODE.CODE_NOT_FOUND


@pytest.mark.parametrize("method, request_of, field", [
    ("Withdraw", lambda: N.WithdrawNoticeRequest(write=write(), notice_id="none"), "write.reason"),
    ("WithdrawObjection", lambda: N.WithdrawObjectionRequest(write=write(), objection_id="none"), "write.reason"),
    ("Admit", lambda: N.AdmitObjectionRequest(write=write(), objection_id="none"), "reply"),
    ("Decide", lambda: N.DecideObjectionRequest(write=write(), objection_id="none"), "reply"),
    ("Appeal", lambda: N.AppealObjectionRequest(write=write(), objection_id="none"), "text"),
    ("Sheet", lambda: N.SheetRequest(village=VILLAGE, notice_id="none"), "format"),
    ("Sheet", lambda: N.SheetRequest(village=VILLAGE[:9], notice_id="none", format=1), "village"),
])
def test_what_is_needed_is_asked_for(cell, method, request_of, field):
    with pytest.raises(CallError) as caught:
        cell.call("registrar", f"LandNotice/{method}", request_of())
    assert (caught.value.code, caught.value.field) == (CODE.CODE_INVALID_ARGUMENT, field)


# --- the command ---
def test_the_command_takes_a_notice_from_draft_to_a_decided_objection(cell, household, tmp_path):
    at = ("--village", VILLAGE, "--json")

    def do_it(*arguments, code=0):
        return json.loads(wangge(cell, "land", *arguments, *at, code=code))
    drafted = do_it("notice", "draft", "--kind", "result", "--title", "承包结果", "--text", "如下。", "--subjects",
                    f"party:{household}", "--places", "村口,小学门口")
    notice_id = drafted["records"][0]["id"]
    assert do_it("notice", "draft", notice_id, "--kind", "result", "--title", "承包结果公示", "--subjects", f"party:{household}",
                 "--places", "村口,小学门口")["records"][0]["version"] == "2"
    do_it("notice", "post", notice_id)
    do_it("notice", "photo", notice_id, "--photos", f"{PHOTO}:小学门口")
    for ending, magic in (("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>")):
        out = tmp_path / f"sheet.{ending}"
        printed = do_it("notice", "sheet", notice_id, "--out", out)
        assert out.read_bytes().startswith(magic) and printed["bytes"] == out.stat().st_size and printed["missingCharacters"] == 0
    filed = do_it("objection", "file", notice_id, "--channel", "letter", "--name", "赵六", "--text", "不公平")["records"][0]["id"]
    do_it("objection", "accept", filed)
    assert "objection.decider" in [f["code"] for f in do_it("objection", "reject", filed, "--reply", "无误", "--person", "赵六", code=1)["findings"]]
    do_it("objection", "reject", filed, "--reply", "无误", "--person", "孙主任")
    assert get(cell, "objection", filed).objection.state == B.OBJECTION_STATE_REJECTED
    do_it("objection", "appeal", filed, "--text", "再看看")
    do_it("objection", "uphold", filed, "--reply", "确有错误", "--person", "周乡长", "--as", "township")
    do_it("notice", "withdraw", notice_id, "--reason", "重新公示")
    assert get(cell, "notice", notice_id).notice.void_reason == "重新公示"
    assert "notice.state" in complaint(cell, "land", "notice", "post", notice_id, "--village", VILLAGE, code=1)
    complaint(cell, "land", "notice", "sheet", notice_id, "--village", VILLAGE, "--out", "sheet.doc", code=2)
    complaint(cell, "land", "notice", "post", notice_id, code=2)  # no village
