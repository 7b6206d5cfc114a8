"""Photos that a record names stay: intake keeps them for the record before it is accepted, however long ago they were brought
and whoever was down; what no record names goes; and only those who may see the record get them."""
import hashlib
import threading

import pytest

from harness import proto
from harness.cell import pushing_cell
from harness.client import CallError
from harness.clock import Clock
from harness.files import bring
from harness.files import get_kept as get
from harness.lists import L, change, entry, pledge_text
from harness.orders import DISTRICT
from harness.proto import CODE
from harness.wait import until
from harness.year import picture

I = proto.intake
NOTHING = L.NoDetails()
PROBLEM = {"area": "370117001001001", "year": 2026, "title": "楼道堆物", "nature": "乱"}


@pytest.fixture(scope="module")
def cell():
    with pushing_cell() as made:
        yield made


def refused(what, *args, **fields):
    with pytest.raises(CallError) as caught:
        what(*args, **fields)
    return caught.value


def promised(cell, code):
    change(cell, code, pledge_draft=pledge_text())
    change(cell, code, pledge_promise=NOTHING)


def reported(cell, code, **report):
    change(cell, code, problem_put=L.ProblemText(**PROBLEM))
    change(cell, code, problem_assign=L.ProblemAssignment(owner="urban", measures="清理", due_on="2026-12-10"))
    change(cell, code, problem_begin=NOTHING)
    return change(cell, code, acting_person="0017", problem_report=L.ProblemReport(result="已清理", **report))


def kept(cell, code):
    return sorted(row[0] for row in cell.postgres.query(f"SELECT sha256 FROM intake.kept WHERE record = '{code}'"))


def test_photos_of_every_record_outlive_the_grace_period_and_others_do_not(tmp_path):
    clock = Clock(tmp_path / "now", "2026-11-02 09:00")
    with pushing_cell(clock) as cell:
        photos = {name: bring(cell, name) for name in ("update", "milestone", "finish", "report", "verify", "nobody's")}
        promised(cell, "kept")
        change(cell, "kept", pledge_update=L.PledgeUpdate(text="开工", attachments=[photos["update"]]))
        for n in (1, 2):
            change(cell, "kept", pledge_milestone=L.PledgeMilestoneReport(n=n, done_on="2026-04-28", evidence=[photos["milestone"]]))
        change(cell, "kept", pledge_finish=L.PledgeFinish(fulfilled=True, finished_on="2026-04-28", result="已投用", evidence=[photos["finish"]]))
        reported(cell, "kept-p", evidence=[photos["report"]])
        change(cell, "kept-p", acting_person="0042", problem_verify=L.ProblemVerification(solved=True, photos=[photos["verify"]]))
        clock.set("2026-11-05 10:00")  # the 72 hours are over
        nobodys = photos["nobody's"].sha256
        clock.until(lambda: cell.postgres.query(f"SELECT count(*) FROM intake.blob WHERE sha256 = '{nobodys}'") == [["0"]],
                    "what nobody names is forgotten")
        for code, kind, names in (("kept", "pledge", ("update", "milestone", "finish")), ("kept-p", "problem", ("report", "verify"))):
            assert kept(cell, code) == sorted(photos[name].sha256 for name in names)
            for name in names:
                assert get(cell, "operator", kind, code, photos[name].sha256) == picture(name), name


def test_what_nobody_brought_is_refused_by_field_and_fix(cell):
    promised(cell, "unknown")
    there, missing = bring(cell, "there"), proto.common.Attachment(sha256="ab" * 32, name="x.png", media_type="image/png")
    error = refused(change, cell, "unknown", pledge_update=L.PledgeUpdate(text="t", attachments=[there, missing]))
    assert (error.code, error.field) == (CODE.CODE_INVALID_ARGUMENT, "attachments[1].sha256")
    assert "ab" * 32 in error.message and "wangge attach put" in error.message
    assert entry(cell, "pledge", "unknown").entry.version == 2 and kept(cell, "unknown") == [], "all or none"
    assert cell.postgres.query(f"SELECT count(*) FROM intake.upload WHERE sha256 = '{there.sha256}' AND touched_at = 'infinity'") == [["0"]]
    data = picture("half")
    half = proto.common.Attachment(sha256=hashlib.sha256(data).hexdigest(), media_type="image/png")
    cell.call("registrar", "Intake/PutAttachment", I.PutAttachmentRequest(
        district=DISTRICT, sha256=half.sha256, media_type="image/png", size_bytes=len(data), data=data[:20]))
    assert refused(change, cell, "unknown", pledge_update=L.PledgeUpdate(text="t", attachments=[half])).field == "attachments[0].sha256"
    change(cell, "unknown", pledge_update=L.PledgeUpdate(text="t", attachments=[there, there]))  # one picture, named twice
    assert kept(cell, "unknown") == [there.sha256]


def test_another_type_or_size_than_that_of_the_bytes_is_refused(cell):
    reported(cell, "lies")
    photo = bring(cell, "lies")
    for field, value in (("media_type", "image/jpeg"), ("size_bytes", 17)):
        lie = proto.common.Attachment()
        lie.CopyFrom(photo)
        setattr(lie, field, value)
        error = refused(change, cell, "lies", acting_person="0042", problem_verify=L.ProblemVerification(solved=True, photos=[lie]))
        assert (error.code, error.field) == (CODE.CODE_INVALID_ARGUMENT, f"photos[0].{field}")
    paper = b"%PDF-1.7\n%%EOF"
    cell.call("registrar", "Intake/PutAttachment", I.PutAttachmentRequest(
        district=DISTRICT, sha256=hashlib.sha256(paper).hexdigest(), media_type="application/pdf", size_bytes=len(paper), data=paper))
    disguised = proto.common.Attachment(sha256=hashlib.sha256(paper).hexdigest(), media_type="image/png", name="现场.png")
    error = refused(change, cell, "lies", acting_person="0042", problem_verify=L.ProblemVerification(solved=True, photos=[disguised]))
    assert error.field == "photos[0].media_type" and "application/pdf" in error.message
    assert kept(cell, "lies") == [] and entry(cell, "problem", "lies").entry.state == L.ENTRY_STATE_VERIFY


def test_knowing_a_hash_is_not_having_the_bytes(cell):
    """Else a photo of a confidential order could be disclosed by whoever has seen its hash."""
    promised(cell, "thief")
    others = bring(cell, "another's", by="hotline-12345")
    error = refused(change, cell, "thief", pledge_update=L.PledgeUpdate(text="t", attachments=[others]))
    assert error.field == "attachments[0].sha256" and kept(cell, "thief") == []
    bring(cell, "another's")
    change(cell, "thief", pledge_update=L.PledgeUpdate(text="t", attachments=[others]))
    # what the record has its other writers may name again
    change(cell, "thief", by="dispatcher", pledge_update=L.PledgeUpdate(text="t2", attachments=[others]))


def test_while_intake_is_down_nothing_is_accepted_that_names_a_file(cell):
    promised(cell, "down")
    photo = bring(cell, "down")
    request = dict(request_id="down-1", pledge_update=L.PledgeUpdate(text="t", attachments=[photo]))
    cell.stop_service("intake")
    try:
        error = refused(cell.call, "registrar", "Lists/Change", L.ChangeEntryRequest(district=DISTRICT, code="down", **request))
        assert (error.code, error.field) == (CODE.CODE_UNAVAILABLE, "attachments[0]") and "try again" in error.message
        assert entry(cell, "pledge", "down").entry.version == 2
        change(cell, "down", pledge_update=L.PledgeUpdate(text="无照片"))
    finally:
        cell.start_service("intake")
        cell.wait_ready("intake")
    first = change(cell, "down", **request)
    assert change(cell, "down", **request) == first and first.version == 4, "said twice it is once"
    assert get(cell, "operator", "pledge", "down", photo.sha256) == picture("down")


def test_a_refused_change_leaves_a_file_too_many_and_never_one_too_few(cell):
    promised(cell, "late")
    photo = bring(cell, "late")
    error = refused(change, cell, "late", pledge_milestone=L.PledgeMilestoneReport(n=9, evidence=[photo]))
    assert error.field == "n" and kept(cell, "late") == [photo.sha256]
    cell.kill("tracking")
    cell.start_service("tracking")
    cell.wait_ready("tracking")
    change(cell, "late", pledge_milestone=L.PledgeMilestoneReport(n=1, evidence=[photo]))
    assert kept(cell, "late") == [photo.sha256]


def test_whoever_may_see_the_record_gets_its_files_and_nobody_else(cell):
    change(cell, "seen", pledge_draft=pledge_text())
    change(cell, "seen", pledge_promise=NOTHING)
    photo = bring(cell, "seen")
    change(cell, "seen", pledge_update=L.PledgeUpdate(text="t", attachments=[photo]))
    shown = {by: entry(cell, "pledge", "seen", by=by).entry.pledge.updates[0].attachments[0].ticket for by in ("water", "gateway", "village")}
    listed = cell.call("water", "Lists/Entries", L.EntriesRequest(district=DISTRICT, kind=L.LIST_KIND_PLEDGE)).entries
    ticket = next(e for e in listed if e.code == "seen").pledge.updates[0].attachments[0].ticket
    assert set(shown.values()) == {ticket} and ticket
    for by in ("registrar", "dispatcher", "operator"):
        assert get(cell, by, "pledge", "seen", photo.sha256) == picture("seen")
    for by in shown:
        assert get(cell, by, "pledge", "seen", photo.sha256, ticket) == picture("seen")
        for wrong in (0, ticket ^ 1):
            assert refused(get, cell, by, "pledge", "seen", photo.sha256, wrong).code == CODE.CODE_NOT_FOUND
        for kind, code in (("problem", "seen"), ("pledge", "unknown"), ("village", "seen")):
            assert refused(get, cell, by, kind, code, photo.sha256, ticket).code == CODE.CODE_NOT_FOUND
    values = dict(cell.principals["chief"])
    cell.principals["chief"] = values | {"districts": "370118"}
    cell.write_principals()
    try:
        until(lambda: cell.client("chief", "intake").status("wangge.v1.Intake/GetAttachment", I.GetAttachmentRequest(
            sha256=photo.sha256, ticket=ticket, record=I.KeptRecord(district=DISTRICT, kind=I.KEPT_KIND_PLEDGE, id="seen"))).code
            == CODE.CODE_NOT_FOUND, "another district's ticket opens nothing")
    finally:
        cell.principals["chief"] = values
        cell.write_principals()


@pytest.mark.parametrize("field,values", [
    ("record", {"record": None}), ("record.district", {"district": "3701"}), ("record.district", {"district": "999999"}),
    ("record.kind", {"kind": 0}), ("record.kind", {"kind": 99}), ("record.id", {"id": ""}), ("record.id", {"id": "a\nb"}),
    ("record.id", {"id": "x" * 65}), ("by", {"by": ""}), ("files", {"files": []}), ("files", {"files": ["0" * 64] * 1001}),
    ("files.sha256", {"files": ["0" * 63]}), ("files.sha256", {"files": ["AB" * 32]})])
def test_a_wrong_request_to_keep_is_refused_by_its_field(cell, field, values):
    record = I.KeptRecord(**({"district": DISTRICT, "kind": I.KEPT_KIND_PLEDGE, "id": "wrong"} |
                             {k: v for k, v in values.items() if k in ("district", "kind", "id")}))
    request = I.KeepAttachmentsRequest(record=None if "record" in values else record, by=values.get("by", "registrar"),
                                       files=[proto.common.Attachment(sha256=h) for h in values.get("files", ["0" * 64])])
    with pytest.raises(CallError) as caught:
        cell.call("gateway", "Intake/KeepAttachments", request)
    assert (caught.value.code, caught.value.field) == (CODE.CODE_INVALID_ARGUMENT, field)


def test_keeping_and_forgetting_at_once_loses_nothing():
    """Bytes beyond their time are kept while the sweep runs over and over: each is either kept and there, or refused."""
    with pushing_cell() as cell:
        promised(cell, "race")
        cell.settings["intake"] = {"attachment_grace_hours": "0"}
        cell.restart("intake")
        cell.wait_ready("intake")
        taken, stop = [], threading.Event()

        def sweep():
            """What the service does about once a minute, without a pause."""
            while not stop.is_set():
                cell.postgres.query(
                    "DELETE FROM intake.upload d USING (SELECT u.district, u.upload_id FROM intake.upload u WHERE u.touched_at < now() - "
                    "interval '20 ms' AND NOT EXISTS (SELECT FROM intake.kept k WHERE k.district = u.district AND k.sha256 = u.sha256) "
                    "ORDER BY u.touched_at LIMIT 1000) o WHERE d.district = o.district AND d.upload_id = o.upload_id AND d.touched_at < "
                    "now() - interval '20 ms'")

        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        try:
            for n in range(200):
                photo = bring(cell, f"race {n}")
                try:
                    change(cell, "race", pledge_update=L.PledgeUpdate(text=f"{n}", attachments=[photo]))
                except CallError as error:
                    assert error.field == "attachments[0].sha256", error
                else:
                    taken.append(n)
        finally:
            stop.set()
            sweeper.join()
        assert taken, "some were in time"
        for n in taken:
            data = picture(f"race {n}")
            assert get(cell, "operator", "pledge", "race", hashlib.sha256(data).hexdigest()) == data
