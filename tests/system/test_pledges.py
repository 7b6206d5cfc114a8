"""Pledges and meetings: what is promised stays as it was promised, votes are never more than may vote, a closed vote is
final, what is not disclosed is not shown, and what a meeting decides becomes an order or a pledge."""
import pytest

from harness import proto
from harness.cell import pushing_cell
from harness.client import CallError
from harness.lists import DISTRICT, L, change, entry, meeting_text, pledge_text, votes
from harness.proto import CODE
from harness.wait import until

NOTHING = L.NoDetails()


def refused(code, field, cell, *args, **fields):
    with pytest.raises(CallError) as caught:
        change(cell, *args, **fields)
    assert caught.value.code == code and caught.value.field == field, caught.value
    return caught.value.message


def promised(cell, code, **fields):
    change(cell, code, pledge_draft=pledge_text(**fields))
    return change(cell, code, pledge_promise=NOTHING)


def finished(cell, code):
    promised(cell, code)
    for n, day in ((1, "2026-04-29"), (2, "2026-11-01")):
        change(cell, code, pledge_milestone=L.PledgeMilestoneReport(n=n, done_on=day))
    return change(cell, code, pledge_finish=L.PledgeFinish(fulfilled=True, finished_on="2026-11-01", result="3部电梯已投入使用"))


def figures(cell, year, by="water", area=""):
    return cell.call_when_there(by, "Lists/PledgeFigures", L.PledgeFiguresRequest(district=DISTRICT, year=year, area=area))


def test_a_pledge_goes_its_way(cell):
    before = figures(cell, 2026)
    done = finished(cell, "way")
    assert done.state == L.ENTRY_STATE_FULFILLED and done.disclosed and done.pledge.promise_version == 1
    assert change(cell, "way", review_open=L.ReviewOpening(party_members=10, residents=100)).state == L.ENTRY_STATE_REVIEWING
    change(cell, "way", review_vote=votes("party_members", 9, 1))
    change(cell, "way", review_vote=votes("residents", 50, 2))
    last = change(cell, "way", review_vote=votes("residents", 40, 0, 8))
    assert [(v.eligible, v.approve, v.reject, v.abstain) for v in last.pledge.review] == [(10, 9, 1, 0), (100, 90, 2, 8)]
    assert change(cell, "way", review_close=NOTHING).state == L.ENTRY_STATE_REVIEWED
    after = figures(cell, 2026)
    assert (after.promised - before.promised, after.fulfilled - before.fulfilled) == (1, 1)
    assert after.late - before.late == 1 and after.milestones_late - before.milestones_late == 1
    assert after.reviewed == before.reviewed + 1
    assert figures(cell, 1999 + 2).promised == 0


def test_votes_never_exceed_the_eligible_and_a_closed_vote_is_final(cell):
    finished(cell, "votes")
    change(cell, "votes", review_open=L.ReviewOpening(residents=3))
    refused(CODE.CODE_FAILED_PRECONDITION, "action", cell, "votes", review_close=NOTHING)
    change(cell, "votes", review_vote=votes("residents", 2))
    refused(CODE.CODE_FAILED_PRECONDITION, "approve", cell, "votes", review_vote=votes("residents", 1, 1))
    refused(CODE.CODE_FAILED_PRECONDITION, "approve", cell, "votes", review_vote=votes("residents", 2**31 - 1, 2**31 - 1))
    refused(CODE.CODE_INVALID_ARGUMENT, "approve", cell, "votes", review_vote=votes("residents", -1))
    refused(CODE.CODE_INVALID_ARGUMENT, "approve", cell, "votes", review_vote=votes("residents"))
    refused(CODE.CODE_INVALID_ARGUMENT, "group", cell, "votes", review_vote=votes("party_members", 1))
    change(cell, "votes", review_vote=votes("residents", 1))
    change(cell, "votes", review_close=NOTHING)
    for again in ({"review_vote": votes("residents", 1)}, {"review_close": NOTHING}, {"review_open": L.ReviewOpening(residents=9)}):
        message = refused(CODE.CODE_FAILED_PRECONDITION, "action", cell, "votes", **again)
        assert "reviewed" in message and "nothing" in message


def test_what_was_promised_stays(cell):
    first = promised(cell, "stays")
    message = refused(CODE.CODE_FAILED_PRECONDITION, "action", cell, "stays", pledge_draft=pledge_text(promise="别的"))
    assert "pledge_amend" in message and "pledge_draft" not in message
    refused(CODE.CODE_INVALID_ARGUMENT, "reason", cell, "stays", pledge_amend=pledge_text())
    refused(CODE.CODE_FAILED_PRECONDITION, "sources", cell, "stays", reason="r",
            pledge_amend=pledge_text(sources=[{"source": "visit", "reference": "x"}]))
    change(cell, "stays", pledge_milestone=L.PledgeMilestoneReport(n=1, done_on="2026-04-30"))
    refused(CODE.CODE_FAILED_PRECONDITION, "milestones", cell, "stays", reason="r",
            pledge_amend=pledge_text(milestones=[{"n": 1, "title": "另一件事", "due_on": "2026-04-30"}]))
    new = change(cell, "stays", reason="电梯厂家延期", pledge_amend=pledge_text(promise="年底前加装2部电梯", due_on="2026-12-20"))
    assert new.pledge.promise_version == 2 and new.pledge.first_due_on == "2026-10-31"
    assert new.pledge.text.milestones[0].done_on == "2026-04-30", "what was reported stays with its milestone"
    assert entry(cell, "pledge", "stays", version=first.version).entry.pledge.text.promise == "年底前加装3部电梯"
    history = cell.call("water", "Lists/EntryHistory", L.EntryHistoryRequest(
        district=DISTRICT, kind=L.LIST_KIND_PLEDGE, code="stays")).changes
    assert [c.action for c in history] == ["pledge_amend", "pledge_milestone", "pledge_promise"], "drafts are not for everybody"
    assert history[0].reason == "电梯厂家延期" and history[0].by == "registrar" and history[0].at > 0
    own = cell.call("dispatcher", "Lists/EntryHistory", L.EntryHistoryRequest(
        district=DISTRICT, kind=L.LIST_KIND_PLEDGE, code="stays", before=4, limit=2)).changes
    assert [c.version for c in own] == [3, 2]


@pytest.mark.parametrize("field,fields", [
    ("area", {"area": "370118001"}), ("area", {"area": "3701170"}), ("year", {"year": 99}), ("title", {"title": ""}),
    ("title", {"title": "a\nb"}), ("promise", {"promise": ""}), ("promise", {"promise": "见<a href=x>此</a>"}),
    ("promise", {"promise": "长" * 3000}), ("owner", {"owner": ""}), ("due_on", {"due_on": "2026-02-30"}),
    ("due_on", {"due_on": "2027-01-01"}), ("sources[0].reference", {"sources": [{"source": "visit", "reference": ""}]}),
    ("sources[0].source", {"sources": [{"source": "unspecified", "reference": "x"}]}),
    ("milestones[0].n", {"milestones": [{"n": 2, "title": "x", "due_on": "2026-01-01"}]}),
    ("milestones[0].due_on", {"milestones": [{"n": 1, "title": "x", "due_on": "soon"}]}),
    ("milestones[0].done_on", {"milestones": [{"n": 1, "title": "x", "due_on": "2026-01-01", "done_on": "2026-01-01"}]}),
    ("sources", {"sources": [{"source": "visit", "reference": "x"}] * 101}),
])
def test_a_wrong_draft_is_refused_by_its_field(cell, field, fields):
    refused(CODE.CODE_INVALID_ARGUMENT, field, cell, "wrong", pledge_draft=pledge_text(**fields))
    with pytest.raises(CallError) as caught:
        entry(cell, "pledge", "wrong")
    assert caught.value.code == CODE.CODE_NOT_FOUND, "nothing of it is kept"


def test_what_is_missing_or_too_early_is_refused(cell):
    refused(CODE.CODE_NOT_FOUND, "code", cell, "nobody", pledge_promise=NOTHING)
    refused(CODE.CODE_INVALID_ARGUMENT, "code", cell, "A B", pledge_promise=NOTHING)
    refused(CODE.CODE_INVALID_ARGUMENT, "action", cell, "nobody")
    refused(CODE.CODE_INVALID_ARGUMENT, "district", cell, "nobody", district="37011", pledge_promise=NOTHING)
    change(cell, "early", pledge_draft=pledge_text(sources=[]))
    refused(CODE.CODE_FAILED_PRECONDITION, "sources", cell, "early", pledge_promise=NOTHING)
    change(cell, "early", pledge_draft=pledge_text(milestones=[]))
    refused(CODE.CODE_FAILED_PRECONDITION, "milestones", cell, "early", pledge_promise=NOTHING)
    refused(CODE.CODE_FAILED_PRECONDITION, "action", cell, "early", review_open=L.ReviewOpening(residents=1))
    change(cell, "early", pledge_draft=pledge_text())
    change(cell, "early", pledge_promise=NOTHING)
    refused(CODE.CODE_INVALID_ARGUMENT, "n", cell, "early", pledge_milestone=L.PledgeMilestoneReport(n=3))
    refused(CODE.CODE_INVALID_ARGUMENT, "done_on", cell, "early", pledge_milestone=L.PledgeMilestoneReport(n=1, done_on="2099-01-01"))
    refused(CODE.CODE_INVALID_ARGUMENT, "attachments[0].sha256", cell, "early",
            pledge_update=L.PledgeUpdate(text="t", attachments=[proto.common.Attachment(sha256="AB")]))
    refused(CODE.CODE_FAILED_PRECONDITION, "fulfilled", cell, "early",
            pledge_finish=L.PledgeFinish(fulfilled=True, finished_on="2026-11-01", result="r"))
    refused(CODE.CODE_INVALID_ARGUMENT, "reason", cell, "early", pledge_withdraw=NOTHING)
    change(cell, "early", reason="改由上级实施", pledge_withdraw=NOTHING)
    refused(CODE.CODE_FAILED_PRECONDITION, "action", cell, "early", pledge_update=L.PledgeUpdate(text="t"))


def test_the_same_request_again_answers_the_same(cell):
    first = change(cell, "again", request_id="once", pledge_draft=pledge_text())
    change(cell, "again", pledge_promise=NOTHING)
    assert change(cell, "again", request_id="once", pledge_draft=pledge_text()) == first
    assert entry(cell, "pledge", "again").entry.version == 2
    refused(CODE.CODE_ALREADY_EXISTS, "request_id", cell, "again", request_id="once", pledge_draft=pledge_text(title="别的"))
    change(cell, "again-2", by="dispatcher", request_id="once", pledge_draft=pledge_text())  # each caller has its own
    cell.restart("tracking")
    assert change(cell, "again", request_id="once", pledge_draft=pledge_text()) == first
    refused(CODE.CODE_ABORTED, "expected_version", cell, "again", expected_version=1, pledge_update=L.PledgeUpdate(text="t"))
    change(cell, "again", expected_version=2, pledge_update=L.PledgeUpdate(
        text="已完成设计", sources=[L.SourceReference(source=L.PLEDGE_SOURCE_PATROL, reference="order 99")]))
    text = entry(cell, "pledge", "again").entry.pledge.text
    assert [s.reference for s in text.sources] == ["orders 17, 23", "order 99"]


def test_drafts_are_not_for_everybody_and_pages_miss_nothing(cell):
    for n in range(5):
        change(cell, f"page-{n}", pledge_draft=pledge_text(year=2031, due_on="2031-12-01"))
    change(cell, "page-3", pledge_promise=NOTHING)
    with pytest.raises(CallError) as caught:
        entry(cell, "pledge", "page-1", by="water")
    assert caught.value.code == CODE.CODE_NOT_FOUND
    for by, wanted in (("operator", [f"page-{n}" for n in range(5)]), ("water", ["page-3"]), ("gateway", ["page-3"])):
        seen, token = [], ""
        while True:
            answer = cell.call(by, "Lists/Entries", L.EntriesRequest(
                district=DISTRICT, kind=L.LIST_KIND_PLEDGE, year=2031, limit=2, page_token=token))
            seen += [e.code for e in answer.entries]
            token = answer.next_page_token
            if not token:
                break
        assert seen == wanted, by
    drafts = cell.call("operator", "Lists/Entries", L.EntriesRequest(
        district=DISTRICT, kind=L.LIST_KIND_PLEDGE, year=2031, state=L.ENTRY_STATE_DRAFT, area="370117001")).entries
    assert len(drafts) == 4
    status = cell.client("operator", "tracking").status("wangge.v1.Lists/Entries", L.EntriesRequest(
        district=DISTRICT, kind=L.LIST_KIND_PLEDGE, page_token="No Code"))
    assert status.code == CODE.CODE_INVALID_ARGUMENT and status.field == "page_token"


def test_another_districts_lists_are_nobodys_business(cell):
    values = dict(cell.principals["chief"])
    cell.principals["chief"] = values | {"districts": "370118"}
    cell.write_principals()
    try:
        until(lambda: cell.client("chief", "tracking").status("wangge.v1.Lists/Entries", L.EntriesRequest(
            district=DISTRICT, kind=L.LIST_KIND_PLEDGE)).code == CODE.CODE_NOT_FOUND, "chief is of another district")
        refused(CODE.CODE_PERMISSION_DENIED, "district", cell, "foreign", by="chief", pledge_draft=pledge_text())
    finally:
        cell.principals["chief"] = values
        cell.write_principals()


def held(cell, code, topics=1, members=5, residents=20):
    change(cell, code, meeting_plan=meeting_text())
    for n in range(topics):
        change(cell, code, meeting_topic=L.TopicText(title=f"议题{n + 1}", text="小区缺充电桩"))
    return change(cell, code, meeting_hold=L.MeetingHolding(held_on="2026-11-10", party_members=members, residents=residents))


def disclosed(cell, code):
    held(cell, code, topics=2)
    change(cell, code, topic_vote=L.TopicVotes(n=1, votes=votes("residents", 15, 5)))
    change(cell, code, topic_vote=L.TopicVotes(n=2, votes=votes("residents", 3, 12, 5)))
    for n in (1, 2):
        change(cell, code, topic_resolve=L.TopicResolution(n=n, resolution="公示7天"))
    return change(cell, code, meeting_disclose=NOTHING)


def test_a_meeting_decides_and_a_resolved_topic_is_final(cell):
    refused(CODE.CODE_NOT_FOUND, "code", cell, "m-1", meeting_topic=L.TopicText(title="t"))
    held(cell, "m-1")
    refused(CODE.CODE_INVALID_ARGUMENT, "n", cell, "m-1", topic_vote=L.TopicVotes(n=2, votes=votes("residents", 1)))
    refused(CODE.CODE_FAILED_PRECONDITION, "n", cell, "m-1", topic_resolve=L.TopicResolution(n=1, resolution="r"))
    change(cell, "m-1", topic_position=L.TopicPosition(n=1, text="担心占用停车位"))
    change(cell, "m-1", topic_vote=L.TopicVotes(n=1, votes=votes("party_members", 5)))
    refused(CODE.CODE_FAILED_PRECONDITION, "approve", cell, "m-1", topic_vote=L.TopicVotes(n=1, votes=votes("party_members", 1)))
    change(cell, "m-1", topic_vote=L.TopicVotes(n=1, votes=votes("residents", 3, 8)))
    refused(CODE.CODE_FAILED_PRECONDITION, "action", cell, "m-1", meeting_disclose=NOTHING)
    topic = change(cell, "m-1", topic_resolve=L.TopicResolution(n=1, resolution="再议")).meeting.topics[0]
    assert topic.resolved and not topic.adopted, "8 approve, 8 reject: not adopted"
    for again in ({"topic_vote": L.TopicVotes(n=1, votes=votes("residents", 1))},
                  {"topic_resolve": L.TopicResolution(n=1, resolution="通过")},
                  {"topic_position": L.TopicPosition(n=1, text="x")}):
        refused(CODE.CODE_FAILED_PRECONDITION, "n", cell, "m-1", **again)
    with pytest.raises(CallError):
        entry(cell, "meeting", "m-1", by="water")
    refused(CODE.CODE_FAILED_PRECONDITION, "action", cell, "m-1", topic_task=L.TopicTask(n=1, title="t", text="t"))
    change(cell, "m-1", meeting_disclose=NOTHING)
    assert entry(cell, "meeting", "m-1", by="water").entry.meeting.topics[0].resolution == "再议"
    refused(CODE.CODE_FAILED_PRECONDITION, "n", cell, "m-1", topic_task=L.TopicTask(n=1, title="t", text="t"))


def test_a_topic_becomes_a_pledge(cell):
    disclosed(cell, "m-2")
    topic = L.TopicPledge(n=1, code="from-m-2", text=pledge_text(sources=[]))
    after = change(cell, "m-2", request_id="m-2-pledge", topic_pledge=topic)
    assert after.meeting.topics[0].pledge == "from-m-2"
    assert change(cell, "m-2", request_id="m-2-pledge", topic_pledge=topic) == after
    pledge = entry(cell, "pledge", "from-m-2").entry
    assert pledge.version == 1 and pledge.state == L.ENTRY_STATE_DRAFT
    assert [(s.source, s.reference) for s in pledge.pledge.text.sources] == [(L.PLEDGE_SOURCE_THEME_DAY, "meeting m-2 1")]
    refused(CODE.CODE_FAILED_PRECONDITION, "n", cell, "m-2", topic_pledge=L.TopicPledge(n=1, code="other", text=pledge_text()))
    disclosed(cell, "m-3")
    refused(CODE.CODE_ALREADY_EXISTS, "code", cell, "m-3", topic_pledge=L.TopicPledge(n=1, code="from-m-2", text=pledge_text()))
    refused(CODE.CODE_INVALID_ARGUMENT, "title", cell, "m-3", topic_pledge=L.TopicPledge(n=1, code="new", text=pledge_text(title="")))
    with pytest.raises(CallError):
        entry(cell, "pledge", "new")


def test_changes_are_told_in_the_stream(cell):
    with cell.follow("gateway", "tracking.lists", "test-lists", DISTRICT) as follower:
        change(cell, "told", acting_person="0017", pledge_draft=pledge_text())
        told = proto.unpack(follower.find(lambda d: proto.unpack(d.event).entry.code == "told", "the draft is told").event)
    assert (told.change.action, told.change.person, told.change.by) == ("pledge_draft", "0017", "registrar")
    assert told.entry.pledge.text.owner == "housing"


@pytest.fixture(scope="module")
def pushing():
    with pushing_cell() as made:
        yield made


def test_a_topic_becomes_an_order_once_whoever_is_down(pushing):
    cell = pushing
    cell.stop_service("intake")
    disclosed(cell, "m-4")
    task = L.TopicTask(n=1, title="增设充电桩", text="阳光议事会通过：在东门北侧增设充电桩", address="亲和家园东门")
    change(cell, "m-4", request_id="m-4-task", topic_task=task)
    change(cell, "m-4", request_id="m-4-task", topic_task=task)
    wrong = L.TopicTask(n=1, title="t", text="t", category="没有/这个/类别")
    change(cell, "m-4", topic_task=wrong)
    orders = entry(cell, "meeting", "m-4").orders
    assert [(o.topic, o.order_id) for o in orders] == [(1, 0), (1, 0)]
    cell.kill("tracking")
    cell.start_service("intake")
    cell.start_service("tracking")
    for service in ("intake", "tracking"):
        cell.wait_ready(service)

    def settled():
        found = entry(cell, "meeting", "m-4").orders
        return found if all(o.order_id or o.refused for o in found) else None
    taken, other = sorted(until(settled, "intake has answered", 90), key=lambda o: not o.order_id)
    assert "category" in other.refused
    order = cell.call("operator", "Intake/Get", proto.intake.GetOrderRequest(order_id=taken.order_id)).order
    assert (order.source, order.external_id, order.channel) == ("tracking", taken.external_id, proto.common.CHANNEL_THEME_DAY)
    mine = [o for o in cell.call("operator", "Intake/List", proto.intake.ListOrdersRequest(limit=1000)).orders if o.source == "tracking"]
    assert len(mine) == 1, "pushed once"
    assert cell.metric("tracking", "wangge_tracking_list_changes_total") >= 0
