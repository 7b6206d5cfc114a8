"""Replays messages that were answered long ago through a cell with a simulated clock: each is pushed, dispatched, signed and
answered at its real time, so that evaluation shows how the answers would have stood against today's clocks."""
import collections
import csv
import datetime
import pathlib
import struct

from . import loop, proto
from .cell import SERVICES, Cell
from .postgres import ROOT

I, R, T, E = proto.intake, proto.routing, proto.tracking, proto.evaluation
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
DISTRICT, DEPARTMENT = "370117", "housing"
Message = collections.namedtuple("Message", "number title text asked_at answer answered_at")


def read(path, limit=0):
    """Messages with an answer, in order of their time; `limit` takes evenly spread ones."""
    def at(text):
        return datetime.datetime.strptime(text.replace("/", "-"), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    messages = []
    for row in rows:
        try:
            message = Message(row["留言编号"], row["留言主题"].strip(), row["留言详情"].strip(), at(row["留言时间"].strip()),
                              row["答复意见"].strip(), at(row["答复时间"].strip()))
        except ValueError:
            continue
        if message.answered_at >= message.asked_at:
            messages.append(message)
    messages.sort(key=lambda message: message.asked_at)
    return messages[::max(1, len(messages) // limit)][:limit] if limit else messages


class Replay:
    """`with Replay(messages) as replay: replay.run(); replay.row()`."""

    def __init__(self, messages, progress=lambda done, all_: None):
        self.messages, self.progress, self.order_ids = messages, progress, {}

    def __enter__(self):
        self.clock = None
        self.cell = Cell()
        self.clock = self.cell.folder / "now"
        self.set(self.messages[0].asked_at)
        reference = ROOT / "tests/harness/reference"
        self.cell.settings = {service: {"clock": self.clock, "reference": reference} for service in SERVICES}
        self.cell.start()
        return self

    def __exit__(self, *_):
        self.cell.stop()

    def set(self, at):
        new = not self.clock.exists()
        with open(self.clock, "wb" if new else "r+b") as file:
            file.write(struct.pack("<q", int(at.timestamp() * 1_000_000)))

    def ask(self, message):
        """Pushed, found on the desk or with a department, signed by a department."""
        order = I.NewOrder(external_id=message.number, district=DISTRICT, title=message.title[:60], text=message.text or message.title,
                           kind=proto.common.ORDER_KIND_HELP, occurred_at=int(message.asked_at.timestamp() * 1_000_000))
        order_id = self.cell.push_accepted([order])[0]
        self.cell.wait_case(order_id, T.CASE_STATE_TRIAGE)
        self.cell.call("dispatcher", "Routing/Assign", R.AssignRequest(order_id=order_id, department=DEPARTMENT, reason="留言"))
        self.cell.call(DEPARTMENT, "Routing/Accept", R.AcceptRequest(order_id=order_id))
        self.cell.wait_case(order_id, T.CASE_STATE_HANDLING)
        self.order_ids[message.number] = order_id

    def answer(self, message):
        order_id = self.order_ids[message.number]
        self.cell.call(DEPARTMENT, "Tracking/Contact", loop.contact(order_id))
        text = message.answer.replace("<", "〈").replace(">", "〉").encode()[:8000].decode("utf-8", "ignore") or "已答复"
        self.cell.call(DEPARTMENT, "Tracking/Resolve", loop.resolve(order_id, result="见公开答复", public_reply=text))

    def run(self):
        steps = [(message.asked_at, 0, self.ask, message) for message in self.messages]
        steps += [(message.answered_at, 1, self.answer, message) for message in self.messages]
        steps.sort(key=lambda step: step[:2])
        for done, (at, _, act, message) in enumerate(steps):
            self.set(at)
            act(message)
            self.progress(done + 1, len(steps))

    def row(self):
        first, last = self.messages[0].asked_at, self.messages[-1].asked_at
        request = E.EvaluateRequest(district=DISTRICT, from_month=f"{first:%Y-%m}", to_month=f"{last:%Y-%m}")
        row, = self.cell.call("operator", "Evaluation/Evaluate", request).rows
        return row


def share(row, days):
    """Share of the answered that were answered within so many civil days."""
    answered = sum(bucket.orders for bucket in row.days)
    return sum(bucket.orders for bucket in row.days if 0 < bucket.up_to <= days) / answered if answered else None


def exact(messages):
    """Delays in civil days, sorted."""
    return sorted((message.answered_at - message.asked_at).total_seconds() / 86400 for message in messages)


def example():
    return pathlib.Path(ROOT / "../shared/data/replies.csv")
