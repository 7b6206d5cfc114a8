"""A source that pushes without pause and repeats what was not answered, and departments that write down what they get."""
import threading

from . import proto
from .cell import SERVICES
from .client import CallError, NoAnswer
from .follower import Ended
from .orders import HOUSING, TRAFFIC, WATER, order
from .proto import CODE
from .wait import until

DEPARTMENTS = {"water": WATER, "housing": HOUSING, "traffic": TRAFFIC}
PUSH = "wangge.v1.Intake/Push"


class _Thread(threading.Thread):
    """Keeps the exception that ended it, for the test to raise."""

    def __init__(self):
        super().__init__(daemon=True)
        self.stopping = threading.Event()
        self.failure = None

    def run(self):
        try:
            self.work()
        except Exception as error:
            self.failure = error

    def finish(self, limit=120):
        self.stopping.set()
        self.join(limit)
        assert not self.is_alive(), f"{type(self).__name__} did not end within {limit} s"
        if self.failure:
            raise self.failure


class Pusher(_Thread):
    """Pushes batches one after the other. `ids` holds external id -> order id of everything that was answered."""

    def __init__(self, cell, name="load", batch=40, pause=0.02):
        super().__init__()
        self.cell, self.label, self.batch, self.pause = cell, name, batch, pause
        self.ids, self.repeats = {}, 0

    def work(self):
        client = self.cell.connect("hotline-12345", "intake")
        categories = list(DEPARTMENTS.values())
        number = 0
        try:
            while not self.stopping.is_set():
                orders = [order(f"{self.label}-{number + n}", category=categories[(number + n) % 3]) for n in range(self.batch)]
                number += self.batch
                self.push(client, proto.intake.PushRequest(source="hotline-12345", orders=orders))
                self.stopping.wait(self.pause)
        finally:
            client.close()

    def push(self, client, request):
        """Until it is answered: the same orders again, as a source does. Not answering for three minutes is a failure."""
        for _ in range(90):
            try:
                results = client.call(PUSH, request, limit=2).results
                break
            except NoAnswer:
                self.repeats += 1
            except CallError as error:
                if error.code not in (CODE.CODE_UNAVAILABLE, CODE.CODE_DEADLINE_EXCEEDED, CODE.CODE_INTERNAL):
                    raise
                self.repeats += 1
                threading.Event().wait(0.2)
        else:
            raise AssertionError("intake did not answer a push within three minutes")
        for sent, result in zip(request.orders, results):
            assert result.outcome in (proto.intake.PUSH_OUTCOME_ACCEPTED, proto.intake.PUSH_OUTCOME_DUPLICATE), str(result)
            self.ids[sent.external_id] = result.order_id


class Department(_Thread):
    """Follows a department's topic durably. `got` holds (topic number, order id) in the order they came, each once."""

    def __init__(self, cell, name):
        super().__init__()
        self.cell, self.department, self.got = cell, name, []

    def work(self):
        with self.cell.follow(self.department, "routing.dispatch", "books", self.department, lease_ms=60_000) as follower:
            while not self.stopping.is_set():
                try:
                    delivered = follower.next(limit=0.5)
                except TimeoutError:
                    continue
                except Ended as ended:
                    if ended.code not in (CODE.CODE_DEADLINE_EXCEEDED, CODE.CODE_ABORTED, CODE.CODE_UNAVAILABLE):
                        raise
                    follower.open()
                    continue
                if delivered.event.type == "wangge.v1.OrderDispatched":
                    self.got.append((delivered.number, delivered.message.order.order_id))
                follower.ack()


def verify(cell, pushers, departments):
    """What must hold after any fault: every answered order is once in intake, routing and tracking, and was delivered
    once to its department, by gapless numbers, in order. Returns how many orders that were."""
    ids = {}
    for pusher in pushers:
        ids.update(pusher.ids)
    assert len(set(ids.values())) == len(ids), "two orders got one id"
    expected = sorted(ids.values())
    def arrived():
        assert not [d for d in departments if d.failure], [d.failure for d in departments]
        return {i for d in departments for _, i in d.got} >= set(expected)
    until(arrived, "every order reached its department", 180)
    for department in departments:
        department.finish()
        numbers = [number for number, _ in department.got]
        assert numbers == list(range(1, len(numbers) + 1)), f"{department.department}: numbers have gaps or repeats"
        order_ids = [order_id for _, order_id in department.got]
        assert order_ids == sorted(order_ids) and len(set(order_ids)) == len(order_ids), f"{department.department}: order"
        extra = set(order_ids) - set(expected)
        # An order whose push was never answered may exist; it is the pusher's last batch at most.
        assert len(extra) <= sum(p.batch for p in pushers), f"{department.department}: {len(extra)} unknown orders"
    for order_id in (expected[0], expected[len(expected) // 2], expected[-1]):
        cell.wait_case(order_id, proto.tracking.CASE_STATE_DISPATCHED)
    until(lambda: tracked(cell, expected) == len(expected), "every order has one case", 180)
    return len(expected)


def tracked(cell, expected):
    """How many of these orders tracking lists, each once."""
    seen, token = [], ""
    while True:
        page = cell.call("operator", "Tracking/List", proto.tracking.ListCasesRequest(limit=1000, page_token=token))
        seen += [case.order_id for case in page.cases]
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == len(set(seen)), "an order has two cases"
    return len(set(seen) & set(expected))


def under_load(cell):
    """Two sources and every department at work; gives (pushers, departments)."""
    pushers = [Pusher(cell, f"load{n}") for n in range(2)]
    departments = [Department(cell, name) for name in DEPARTMENTS]
    for thread in (*departments, *pushers):
        thread.start()
    until(lambda: all(p.ids for p in pushers), "the load runs")
    return pushers, departments


def finish(cell, pushers, departments):
    """Ends the load when all is ready again and verifies; gives the number of orders."""
    for service in SERVICES:
        cell.wait_ready(service)
    for pusher in pushers:
        pusher.finish(240)
    return verify(cell, pushers, departments)
