"""Entries of the lists for tests: pledges, meetings and questionnaires that are right as they are."""
import itertools

from . import proto

L = proto.lists
DISTRICT = "370117"
_ids = itertools.count(1)


def change(cell, code, by="registrar", request_id=None, district=DISTRICT, **fields):
    """One change of an entry; gives the entry after it."""
    request = L.ChangeEntryRequest(district=district, code=code, request_id=request_id or f"test-{next(_ids)}", **fields)
    return cell.call_when_there(by, "Lists/Change", request).entry


def pledge_text(**fields):
    values = {"area": "370117001", "year": 2026, "title": "府前丽都加装电梯", "promise": "年底前加装3部电梯",
              "owner": "housing", "due_on": "2026-10-31",
              "sources": [{"source": "follow_up", "reference": "orders 17, 23"}],
              "milestones": [{"n": 1, "title": "完成设计", "due_on": "2026-04-30"},
                             {"n": 2, "title": "投入使用", "due_on": "2026-10-31"}]}
    values.update(fields)
    sources = [L.SourceReference(source=f"PLEDGE_SOURCE_{s['source'].upper()}", reference=s["reference"])
               for s in values.pop("sources")]
    return L.PledgeText(sources=sources, milestones=[L.Milestone(**m) for m in values.pop("milestones")], **values)


def votes(group, approve=0, reject=0, abstain=0):
    return L.Votes(group=f"VOTER_GROUP_{group.upper()}", approve=approve, reject=reject, abstain=abstain)


def meeting_text(**fields):
    return L.MeetingText(**{"area": "370117001001", "year": 2026, "title": "11月主题党日+阳光议事", "planned_on": "2026-11-10",
                            "place": "亲和社区议事厅", "host": "亲和社区党委"} | fields)


def entry(cell, kind, code, by="registrar", version=0):
    return cell.call_when_there(by, "Lists/Entry", L.EntryRequest(
        district=DISTRICT, kind=f"LIST_KIND_{kind.upper()}", code=code, version=version))
