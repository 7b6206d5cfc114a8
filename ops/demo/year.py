"""The demo district's year: which orders come when, and what becomes of each, as steps in the order of time. The same
number of solved orders gives the same year. Texts and places are those of ops/demo/orders.py, persons are invented.

    from year import steps
    steps(860)          # what the district solved in the year it is described in
"""
import collections
import datetime
import itertools
import json
import math
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import orders  # noqa: E402

DISTRICT, YEAR = "370117", 2026
BEGIN = datetime.datetime(YEAR, 1, 5, 8, 0, tzinfo=orders.SHANGHAI)
END = datetime.datetime(YEAR, 12, 31, 18, 0, tzinfo=orders.SHANGHAI)
CLOSED_BY = 35  # days before the end in which nothing new comes that has to be closed within the year
SOLVED = 860

# How the solved ones came to it, and what there is beside each hundred of them: per hundred solved, at least one.
WAYS = {"listed": 8, "reworked": 4, "extended": 4, "returned": 3, "late": 6}  # the rest: at once
BESIDE = {"direct": 4, "explained": 3, "unsolved": 2, "partly": 1.5, "unreachable": 2, "withdrawn": 1, "void": 0.4,
          "beyond": 0.8, "held": 0.6, "open": 2}
CONTENT = ["VERY_SATISFIED"] * 5 + ["SATISFIED"] * 7 + ["BASICALLY_SATISFIED"] * 3
HOURS = {"URGENCY_NORMAL": (20, 90), "URGENCY_URGENT": (5, 20), "URGENCY_EXTRA_URGENT": (0.8, 1.5)}  # until it is handled
LISTED_TOGETHER = 4  # orders of a problem of the list

Step = collections.namedtuple("Step", "at act key values")
hours = datetime.timedelta(hours=1)


class Story:
    """What happens to one order, one step behind the other."""

    def __init__(self, random_, order, began, urgency):
        self.random, self.order, self.at, self.urgency = random_, order, began, urgency
        self.steps = []

    def then(self, after, act, **values):
        self.at += after * hours
        self.steps.append(Step(self.at, act, self.order["externalId"], values))
        return self

    def signed(self):
        return self.then(0.3 if self.urgency == "URGENCY_EXTRA_URGENT" else self.random.uniform(0.5, 1.8), "sign")

    def fed_back(self, after, **feedback):
        return self.then(0.2, "contact").then(after, "resolve", **feedback)

    def handled(self, **feedback):
        return self.fed_back(self.random.uniform(*HOURS[self.urgency]), **feedback)

    def approved(self, **more):
        return self.then(self.random.uniform(2, 9), "review", **more)

    def asked(self, solved, satisfaction, **more):
        return self.then(self.random.uniform(3, 14), "follow_up", solved=solved, satisfaction=satisfaction, **more)

    def confirmed(self):
        return self.asked("SOLVED", self.random.choice(CONTENT))


def _solved(story, way):
    story.signed()
    if way == "reworked":
        story.handled().approved().asked("UNSOLVED", "DISSATISFIED", merit="MERITED", note="只修了一半")
        story.fed_back(story.random.uniform(5, 30))
    elif way == "extended":
        story.then(20, "extend").then(3, "decide_extension").fed_back(story.random.uniform(130, 200))
    elif way == "returned":
        story.then(4, "return").then(3, "accept_return").then(1, "assign").signed().handled()
    elif way == "late":
        story.fed_back(story.random.uniform(340, 480))  # behind five working days, whatever holidays lie between
    else:
        story.handled()
    story.approved().confirmed()


def _beside(story, outcome):
    if outcome == "direct":
        story.order["answer"] = {"text": "您好，可就近到社区便民服务窗口办理，材料清单见公示栏。", "knowledgeItem": "K-2026-01"}
        return story.then(20, "rate")
    if outcome == "withdrawn":
        return story.signed().then(6, "withdraw")
    if outcome == "void":
        return story.then(2, "ask_void").then(2, "decide_void")
    story.signed()
    if outcome == "open":
        return story
    if outcome == "held":
        return story.then(20, "suspend").then(5, "decide_suspension")
    if outcome == "unreachable":
        story.handled().approved()
        return story.then(4, "nobody").then(20, "nobody").then(6, "nobody")
    if outcome == "beyond":
        story.handled(resolution="EXPLAINED", beyond_duty="OUT_OF_SCOPE", beyond_duty_basis="权力清单之外")
        return story.approved(beyond_duty="APPROVED").asked("EXPLAINED", "BASICALLY_SATISFIED")
    if outcome == "explained":
        return story.handled(resolution="EXPLAINED").approved().asked("EXPLAINED", "SATISFIED")
    answer = {"unsolved": "UNSOLVED", "partly": "PARTLY"}[outcome]
    story.handled(resolution=answer, unresolved_reason="涉及多个产权单位")
    return story.approved().asked(answer, "DISSATISFIED", merit="UNMERITED", note="已当面说明，分期实施")


def _listed(number, stories):
    """Orders that a problem of the list solves together: a person verifies it, then each resident is still asked."""
    at = max(story.at for story in stories)
    code, more = f"y-{YEAR}-{number:03}", {"orders": [story.order["externalId"] for story in stories]}
    first = stories[0].order
    texts = {"title": first["title"], "area": first["gridCode"], "n": number}
    for after, act in ((3, "problem_put"), (2, "problem_assign"), (2, "problem_begin"), (20, "problem_report"), (20, "problem_verify")):
        at += after * hours
        yield Step(at, act, code, {**more, **texts})
    for story in stories:
        story.at = at
        story.approved().confirmed()


class _Year:
    def __init__(self, seed):
        self.random, self.net, self.numbers = random.Random(seed), orders.Net(), itertools.count(1)

    def order(self, at):
        """An order of the district that belongs to a place with a grid."""
        source = self.random.choices(list(orders.SOURCES), [108, 59, 25, 8])[0]
        while True:
            made = orders.any_order(self.random, self.net, next(self.numbers), source)
            if made["district"] == DISTRICT and made["category"]:
                break
        made |= {"externalId": f"{orders.SOURCES[source]}Y{YEAR}{next(self.numbers):05d}", "occurredAt": str(int(at.timestamp()) * 1_000_000)}
        made["gridCode"] = made.get("gridCode") or self.random.choice(self.net.estates[DISTRICT])["grid"]
        for key in ("confidential", "attachments", "position"):
            made.pop(key, None)
        return source, made

    def story(self, part, whole, late=False, unhurried=False):
        """The part-th of so many that are spread over the year; `late`: over its last days, and not closed in it;
        `unhurried`: due in days, not hours."""
        begin, days = (END - datetime.timedelta(days=12), 10) if late else (BEGIN, (END - BEGIN).days - CLOSED_BY)
        at = begin + datetime.timedelta(days=days * part // whole, minutes=self.random.randint(0, 600))
        source, made = self.order(at)
        if unhurried:
            made["urgency"] = "URGENCY_NORMAL"
        story = Story(self.random, made, at, made["urgency"])
        story.steps.append(Step(at, "ask", made["externalId"], {"source": source, "order": made}))
        return story


def counts(solved):
    """How many orders go each way to their solution, and how many there are beside them of each outcome."""
    each = {way: max(1, round(solved * share / 100)) for way, share in WAYS.items()}
    each["at once"] = solved - sum(each.values())
    if each["at once"] < 0:
        raise ValueError(f"{solved} solved orders are too few for all ways: {len(WAYS)} or more are")
    return each, {outcome: max(1, math.ceil(solved * share / 100)) for outcome, share in BESIDE.items()}


def steps(solved=SOLVED, seed=370117):
    """All steps of a year in which so many orders are solved by the residents' word, in the order of time."""
    year, (ways, beside) = _Year(seed), counts(solved)
    found, together = [], []
    dealt = [way for way, count in ways.items() for _ in range(count)]
    year.random.shuffle(dealt)
    for n, way in enumerate(dealt):
        story = year.story(n, len(dealt), unhurried=way in ("extended", "returned"))
        found.append(story)
        if way == "listed":
            together.append(story.signed())
        else:
            _solved(story, way)
    for outcome, count in beside.items():
        for n in range(count):
            story = year.story(n, count, late=outcome in ("open", "held"), unhurried=outcome == "held")
            if outcome == "direct":
                story.order["kind"] = "ORDER_KIND_CONSULTATION"
            _beside(story, outcome)
            found.append(story)
    lists = []
    for number, first in enumerate(range(0, len(together), LISTED_TOGETHER), 1):
        lists += _listed(number, together[first:first + LISTED_TOGETHER])
    made = [step for story in found for step in story.steps] + lists + list(_entries())
    return sorted(made, key=lambda step: step.at)  # stable: what belongs together keeps its order


def _day(text, hour=9):
    return datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time(hour), orders.SHANGHAI)


# When what ops/demo/lists.jsonl says happened that tells no day itself.
_BEGINS = {"pledgeDraft": "01-12", "pledgePromise": "01-20", "reviewOpen": "12-15", "problemPut": "02-02", "questionnaireDraft": "11-16"}


def _entries():
    """Pledges, meetings, problems and the questionnaire of ops/demo/lists.jsonl, each change on its day."""
    days = {}
    for line in (HERE / "lists.jsonl").read_text("utf-8").splitlines():
        change = json.loads(line)
        action, body = next((key, value) for key, value in change.items() if isinstance(value, dict))
        said = body.get("done_on") or body.get("held_on") or body.get("finished_on")
        if action == "meetingPlan":
            said = str(datetime.date.fromisoformat(body["planned_on"]) - datetime.timedelta(days=6))
        if action == "pledgeDraft" and body["year"] != YEAR:
            said = f"{YEAR}-12-20"
        if action == "pledgeAmend":
            said = f"{YEAR}-09-01"
        if action in _BEGINS and not said:
            said = f"{YEAR}-{_BEGINS[action]}"
        before = days.get(change["code"], f"{YEAR}-01-06")
        days[change["code"]] = max(before, said or before)
        yield Step(_day(days[change["code"]]), "change", change["code"], {"change": line})
    yield Step(_day(f"{YEAR}-11-20"), "answers", "2027-needs", {"count": 40})
