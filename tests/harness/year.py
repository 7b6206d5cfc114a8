"""Plays the demo district's year (ops/demo/year.py) through the services of a cell with a simulated clock."""
import csv
import hashlib
import json
import pathlib
import struct
import sys
import zlib

from google.protobuf import json_format

from . import proto
from .client import CallError
from .postgres import ROOT
from .proto import CODE
from .wait import LIMIT, until

sys.path.insert(0, str(ROOT / "ops/demo"))
import year as plan  # noqa: E402

I, R, T, L, E = proto.intake, proto.routing, proto.tracking, proto.lists, proto.evaluation
D = plan.DISTRICT
WORKS_FOR_NOBODY, ASKS = "urban", "D018"  # who is given what the rules leave on the desk, or what was returned; who reviews
BEFORE = {"sign": T.CASE_STATE_DISPATCHED, "resolve": T.CASE_STATE_HANDLING, "contact": T.CASE_STATE_HANDLING,
          "review": T.CASE_STATE_REVIEW, "follow_up": T.CASE_STATE_FOLLOW_UP, "nobody": T.CASE_STATE_FOLLOW_UP,
          "rate": T.CASE_STATE_ANSWERED, "extend": T.CASE_STATE_HANDLING, "suspend": T.CASE_STATE_HANDLING,
          "return": T.CASE_STATE_HANDLING, "withdraw": T.CASE_STATE_HANDLING, "ask_void": T.CASE_STATE_DISPATCHED,
          "assign": T.CASE_STATE_TRIAGE}


def picture(seed):
    """A PNG of one pixel, another one for each seed."""
    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"tEXt", b"Comment\0" + seed.encode()) +
            part(b"IDAT", zlib.compress(b"\0\x80\x80\x80")) + part(b"IEND", b""))


class Player:
    """`Player(cell, clock).play(steps)`. `cell` has call(principal, method, request); `clock` is the file of its time."""

    def __init__(self, cell, clock, progress=lambda done, all_: None):
        self.cell, self.clock, self.progress = cell, pathlib.Path(clock), progress
        self.ids, self.sources, self.departments, self.patience = {}, {}, {}, LIMIT

    def set(self, at):
        with open(self.clock, "r+b" if self.clock.exists() else "wb") as file:
            file.write(struct.pack("<q", int(at.timestamp() * 1_000_000)))

    def play(self, steps, done=0, mark=lambda done: None):
        """The first `done` were played before: only which orders they made is looked up. `mark` is told after each step; so
        of a player that was stopped one step more may have been taken, and that is taken once again."""
        for n, step in enumerate(steps, 1):
            if n > done:
                self.set(step.at)
                self.play_again(step) if done and n == done + 1 else self.take(step)
                mark(n)
            elif step.act == "ask":
                self.take(step)
            self.progress(n, len(steps))
        self.set(plan.END)

    def take(self, step):
        getattr(self, f"do_{step.act}")(step)

    def play_again(self, step):
        """What may have been taken before: nothing is waited for long, and that it is not possible any more says that it was."""
        self.patience = 5
        try:
            self.take(step)
        except CallError as error:
            if error.code != CODE.CODE_FAILED_PRECONDITION:
                raise
        self.patience = LIMIT

    # --- helpers ---
    def wait(self, step):
        """The case of the step's order, once it stands where the step finds it."""
        order_id = self.ids[step.key]

        def there():
            case = self.cell.call("operator", "Tracking/Get", T.GetCaseRequest(order_id=order_id)).case
            if step.act == "sign" and case.state == T.CASE_STATE_TRIAGE and step.key not in self.departments:
                self.departments[step.key] = WORKS_FOR_NOBODY
                self.cell.call("dispatcher", "Routing/Assign", R.AssignRequest(order_id=order_id, department=WORKS_FOR_NOBODY,
                                                                               reason="职责清单", acting_person=ASKS))
            return case if case.state == BEFORE[step.act] else None
        try:
            case = until(there, f"order {order_id} can {step.act}", self.patience, pause=0.005)
        except AssertionError:
            if self.patience == LIMIT:
                raise
            case = self.cell.call("operator", "Tracking/Get", T.GetCaseRequest(order_id=order_id)).case
        self.departments[step.key] = case.department
        return case

    def unit(self, key):
        """The unit that leads the order of this key."""
        if key not in self.departments:
            self.departments[key] = self.cell.call("operator", "Tracking/Get", T.GetCaseRequest(order_id=self.ids[key])).case.department
        return self.departments[key]

    def tell(self, step, by, method, request, **more):
        """A call of tracking about the step's order; repeating it is safe."""
        if step.act in BEFORE:
            self.wait(step)
        by = self.unit(step.key) if by == "unit" else by
        values = {"order_id": self.ids[step.key], "request_id": f"{step.act}-{int(step.at.timestamp())}", **more}
        return self.cell.call(by, f"Tracking/{method}", request(**values))

    def bring(self, data, principal, order_id=0):
        hashed = hashlib.sha256(data).hexdigest()
        self.cell.call(principal, "Intake/PutAttachment", I.PutAttachmentRequest(
            district=D, sha256=hashed, media_type="image/png", size_bytes=len(data), data=data, order_id=order_id))
        return hashed, len(data)

    def picture_of(self, key, principal):
        return self.bring(picture(key), principal, self.ids.get(key, 0))

    # --- orders ---
    def do_ask(self, step):
        source = self.sources[step.key] = step.values["source"]
        order = json_format.ParseDict(step.values["order"], I.NewOrder())
        result = self.cell.call(source, "Intake/Push", I.PushRequest(source=source, orders=[order])).results[0]
        if not result.order_id:
            raise RuntimeError(f"{step.key}: {result.error}")
        self.ids[step.key] = result.order_id

    def do_sign(self, step):
        self.cell.call(self.wait(step).department, "Routing/Accept", R.AcceptRequest(order_id=self.ids[step.key]))

    def do_withdraw(self, step):
        self.wait(step)
        self.cell.call(self.sources[step.key], "Intake/Withdraw", I.WithdrawRequest(order_id=self.ids[step.key], reason="本人撤回，已自行解决"))

    def do_return(self, step):
        unit = self.wait(step).department
        self.cell.call(unit, "Routing/RequestReturn", R.ReturnRequest(
            order_id=self.ids[step.key], reason="不属本单位职责", proposed_department=WORKS_FOR_NOBODY if unit != WORKS_FOR_NOBODY else "housing",
            reason_code=R.RETURN_REASON_NOT_OUR_DUTY, basis="职责清单第3条"))

    def do_accept_return(self, step):
        self.cell.call("dispatcher", "Routing/ReviewReturn", R.ReviewReturnRequest(
            order_id=self.ids[step.key], outcome=R.RETURN_OUTCOME_ACCEPTED, reason="同意", acting_person=ASKS))

    def do_assign(self, step):
        self.wait(step)
        self.cell.call("dispatcher", "Routing/Assign", R.AssignRequest(order_id=self.ids[step.key], department=WORKS_FOR_NOBODY,
                                                                       reason="按职责清单", acting_person=ASKS))

    def do_contact(self, step):
        self.tell(step, "unit", "Contact", T.ContactRequest, reached=True, channel=T.CONTACT_CHANNEL_PHONE)

    def do_resolve(self, step):
        self.wait(step)
        resolution = step.values.get("resolution", "SOLVED")
        more = {"unresolved_reason": step.values.get("unresolved_reason", "")}
        if "beyond_duty" in step.values:
            more |= {"beyond_duty": f"BEYOND_DUTY_{step.values['beyond_duty']}", "beyond_duty_basis": step.values["beyond_duty_basis"]}
        if resolution == "SOLVED":
            more["evidence"] = [self.picture_of(step.key, self.unit(step.key))[0]]
        self.tell(step, "unit", "Resolve", T.ResolveRequest, result="已到现场处理并向诉求人说明", public_reply="您好，您反映的问题已处理，感谢支持。",
                  substantiated=T.SUBSTANTIATED_YES, resolution=f"RESOLUTION_{resolution}", **more)

    def do_review(self, step):
        more = {"beyond_duty": f"DECISION_{step.values['beyond_duty']}"} if "beyond_duty" in step.values else {}
        self.tell(step, "dispatcher", "Review", T.ReviewRequest, decision=T.DECISION_APPROVED, acting_person=ASKS, **more)

    def do_follow_up(self, step):
        merit = {"merit": f"MERIT_{step.values['merit']}"} if "merit" in step.values else {}
        self.tell(step, self.sources[step.key], "FollowUp", T.FollowUpRequest, reached=True, note=step.values.get("note", ""),
                  solved=f"RESOLUTION_{step.values['solved']}", satisfaction=f"SATISFACTION_{step.values['satisfaction']}", **merit)

    def do_nobody(self, step):
        self.tell(step, self.sources[step.key], "FollowUp", T.FollowUpRequest, reached=False)

    def do_rate(self, step):
        self.tell(step, self.sources[step.key], "Rate", T.RateRequest, satisfaction=T.SATISFACTION_SATISFIED)

    def do_extend(self, step):
        self.tell(step, "unit", "Extend", T.ExtendRequest, working_days=8, reason="需购置配件", resident_told=True)

    def do_decide_extension(self, step):
        self.tell(step, "dispatcher", "DecideExtension", T.DecideRequest, decision=T.DECISION_APPROVED, acting_person=ASKS)

    def do_suspend(self, step):
        self.tell(step, "unit", "Suspend", T.SuspendRequest, kind=T.HOLD_KIND_FUNDS, plan="列入明年预算", public_explanation="待资金落实后实施。")

    def do_decide_suspension(self, step):
        self.tell(step, "dispatcher", "DecideSuspension", T.DecideRequest, decision=T.DECISION_APPROVED, acting_person=ASKS)

    def do_ask_void(self, step):
        self.tell(step, "dispatcher", "AskVoid", T.VoidRequest, kind=T.VOID_KIND_TEST, reason="演练工单", acting_person=ASKS)

    def do_decide_void(self, step):
        self.tell(step, "dispatcher", "DecideVoid", T.DecideRequest, decision=T.DECISION_APPROVED, acting_person="D001")

    # --- lists ---
    def change(self, step, by="registrar", **fields):
        self.cell.call(by, "Lists/Change", L.ChangeEntryRequest(district=D, code=step.key, request_id=f"{step.act}-{step.key}", **fields))

    def do_problem_put(self, step):
        ids = [self.ids[key] for key in step.values["orders"]]
        self.change(step, problem_put=L.ProblemText(area=step.values["area"], year=plan.YEAR, title=step.values["title"],
                                                    nature=("脏", "乱", "差")[step.values["n"] % 3], text="网格周期排查列入", order_ids=ids))

    def do_problem_assign(self, step):
        unit = self.unit(step.values["orders"][0])
        day = (step.at + plan.datetime.timedelta(days=20)).date()
        self.change(step, problem_assign=L.ProblemAssignment(owner=unit, measures="责任单位整治，网格每周巡查", due_on=str(day)))

    def do_problem_begin(self, step):
        self.change(step, problem_begin=L.NoDetails())

    def do_problem_report(self, step):
        self.change(step, acting_person="D007", problem_report=L.ProblemReport(result="已全面整治"))

    def do_problem_verify(self, step):
        hashed, size = self.bring(picture(step.values["orders"][0]), "registrar")
        photo = proto.common.Attachment(sha256=hashed, name="现场.png", media_type="image/png", size_bytes=size)
        self.change(step, acting_person=f"G{step.values['n']:03}", problem_verify=L.ProblemVerification(solved=True, photos=[photo]))

    def do_change(self, step):
        closes = plan.END + plan.datetime.timedelta(days=60)
        line = step.values["change"].replace("@CLOSES_AT@", str(int(closes.timestamp() * 1_000_000)))
        change = json_format.ParseDict(_named(json.loads(line)), L.ChangeEntryRequest())
        change.request_id = f"year-{zlib.crc32(line.encode()):08x}-{len(line)}"
        if change.problem_verify.photos:
            self.bring((plan.HERE / "scene.png").read_bytes(), "registrar")
        self.cell.call("registrar", "Lists/Change", change)

    def do_answers(self, step):
        tokens = self.cell.call("registrar", "Lists/IssueTokens", L.IssueTokensRequest(
            district=D, code=step.key, request_id="year", count=step.values["count"])).tokens
        for n, token in enumerate(tokens):
            given = [{"n": 1, "choices": [n % 4 + 1]}, {"n": 2, "choices": [n % 3 + 1, 4]}, {"n": 3, "choices": [n % 3 + 3]},
                     {"n": 4, "choices": [n % 2 + 1]}, {"n": 5, "text": f"建议{n + 1}"}]
            request = L.AnswerRequest(district=D, code=step.key, token=token, request_id=f"year-{step.key}-{n:08}",
                                      answers=[L.GivenAnswer(**one) for one in given])
            try:
                self.cell.call("gateway", "Lists/Answer", request)
            except CallError as error:
                if error.code != CODE.CODE_ALREADY_EXISTS:
                    raise


# Fields whose values are names of an enum without its prefix, as `wangge lists apply` takes them.
_ENUMS = {"source": "PLEDGE_SOURCE_", "group": "VOTER_GROUP_", "kind": "QUESTION_KIND_"}


def _named(value, field=""):
    if isinstance(value, dict):
        return {key: _named(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, field) for one in value]
    return _ENUMS[field] + value.upper() if field in _ENUMS and isinstance(value, str) else value


def units():
    """Codes of all units that orders of the demo district may go to: departments, streets, grids."""
    def codes(kind):
        with open(ROOT / f"ops/demo/reference/{kind}.csv", encoding="utf-8", newline="") as file:
            return {row["code"] for row in csv.DictReader(file) if row["district"] == D}
    return codes("department") | codes("community") | codes("grid")


def figures(cell):
    """Figures and rates of the whole year."""
    row, = cell.call("operator", "Evaluation/Evaluate", E.EvaluateRequest(
        district=D, from_month=f"{plan.YEAR}-01", to_month=f"{plan.YEAR}-12")).rows
    return row
