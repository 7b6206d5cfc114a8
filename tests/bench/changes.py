"""Changes of cases: how many calls of the closed loop are durable in a second, and what time alone does to a million."""
import datetime
import statistics
import struct
import time

import cases
import machine
import zmq
from bed import Bed
from harness import loop, proto
from harness.proto import CODE
from harness.wait import until

T, S = proto.tracking, proto.stream
WINDOW = 32  # calls of one connection that are not answered
DESKS = 20  # connections that review, and as many others that follow up
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
CONTACT = 1 << 1  # of services/tracking/timers.h: nobody has to be reached any more
EPOCH = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)  # a Monday

# Cases that departments handle, as they stand when they were signed; dispatched at `at`, some at once, others over months.
OPEN = """
INSERT INTO tracking.cases (district, order_id, source, state, department, urgency, category, title, opened_at, routed_to,
  routed_by, routed_why, routed_at, dispatched_at, due_at, due_rule, result, steps, channel, kind, grid_code, round, next_at, facts,
  department_key, grid_key, category_key)
SELECT '{district}', n, 'hotline-12345', 3, d, 1, c, '府前丽都' || n % 30 + 1 || '号楼停水两天无人处理', at, d, 'rule',
  'R' || n % 999 || ' ' || c, at, at, at + interval '7 days', 'resolve: 5 working days from the dispatch, calendar 370117/2026-1', '',
  3, 1, 2, g, 1, {next_at}, {facts}, dk.key, gk.key, ck.key
FROM (SELECT n, ({departments})[n % {departments_count} + 1] AS d, ({categories})[n % {categories_count} + 1] AS c,
  ({grids})[n % {grids_count} + 1] AS g, {at} AS at FROM generate_series({first}::bigint, {last}) n OFFSET 0) made
JOIN tracking.case_key dk ON dk.by = 1 AND dk.name = d
JOIN tracking.case_key gk ON gk.by = 2 AND gk.name = g
JOIN tracking.case_key ck ON ck.by = 3 AND ck.name = c
"""


def fill(postgres, first, last, at, next_at, told=0):
    """Cases `first` to `last`; `at` (dispatch) and `next_at` are SQL over n and at; `told`: bits of clocks that have told."""
    facts = f"decode('{T.CaseFacts(fired=told).SerializeToString().hex()}', 'hex')" if told else "NULL"
    cases.make_keys(postgres)
    names = {"departments": cases.DEPARTMENTS, "categories": cases.CATEGORIES, "grids": cases.GRIDS}
    for begin in range(first, last + 1, cases.PART):
        postgres.query(OPEN.format(
            district=cases.DISTRICT, first=begin, last=min(begin + cases.PART - 1, last), at=at, next_at=next_at, facts=facts,
            **{name: cases._array(codes) for name, codes in names.items()},
            **{f"{name}_count": len(codes) for name, codes in names.items()}))
    postgres.query(f"INSERT INTO tracking.figure VALUES ('{cases.DISTRICT}', 1, 0, '', '{{}}') ON CONFLICT DO NOTHING")
    cases.make_zones(postgres)
    postgres.query("VACUUM ANALYZE tracking.cases")


class Callers:
    """Connections that each keep WINDOW calls on their way; requests are packed before the clock starts."""

    def __init__(self, bed, names):
        self.clients = {name: bed.connect(name, "tracking") for name in names}

    def close(self):
        for client in self.clients.values():
            client.close()

    def call_all(self, method, waiting):
        """`waiting`: name -> packed requests. Seconds until all are answered; every answer must be OK."""
        frames = {name: iter([(S.Envelope(call=S.Call(id=n, method=f"wangge.v1.Tracking/{method}")).SerializeToString(), body)
                              for n, body in enumerate(bodies, 1)]) for name, bodies in waiting.items()}
        poller, left, names = zmq.Poller(), sum(map(len, waiting.values())), {}
        began = time.monotonic()
        for name, calls in frames.items():
            socket = self.clients[name].socket
            poller.register(socket, zmq.POLLIN)
            names[socket] = name
            for call in _some(calls, WINDOW):
                socket.send_multipart(call)
        while left:
            ready = poller.poll(60_000)
            if not ready:
                raise RuntimeError(f"{left} calls of {method} are not answered")
            for socket, _ in ready:
                left -= self._take(socket, frames[names[socket]])
        return time.monotonic() - began

    @staticmethod
    def _take(socket, calls):
        count = 0
        while socket.poll(0):
            reply = S.Envelope.FromString(socket.recv_multipart()[0]).reply
            if reply.status.code != CODE.CODE_OK:
                raise RuntimeError(f"refused: {reply.status}")
            count += 1
            for call in _some(calls, 1):
                socket.send_multipart(call)
        return count


def _some(calls, count):
    for _, call in zip(range(count), calls):
        yield call


def _by_department(orders, pack):
    waiting = {name: [] for name in cases.DEPARTMENTS}
    for n in orders:
        waiting[cases.DEPARTMENTS[n % len(cases.DEPARTMENTS)]].append(pack(n).SerializeToString())
    return waiting


def changes(options, table):
    """The loop of every case: contact, progress, resolve by forty departments, then review, then follow-up."""
    count = options.orders(20_000)
    with Bed(options.build) as bed:
        bed.create()
        names = [f"desk-{n}" for n in range(2 * DESKS)]
        bed.principals |= {name: {"roles": "dispatcher, source"} for name in names}
        for name in names:
            bed.key(name)
        bed.write_principals()
        fill(bed.postgres, 1, count * options.runs, "now() - interval '1 hour' + (n % 3000) * interval '1 second'", "now() + interval '4 days'")
        for service in ("intake", "routing", "tracking"):
            bed.start_service(service)
            bed.wait_ready(service)
        callers = Callers(bed, [*cases.DEPARTMENTS, *names])
        for run in options.each_run():
            orders = range((run - 1) * count + 1, run * count + 1)
            steps = [(method, _by_department(orders, pack)) for method, pack in (
                ("Contact", loop.contact), ("Progress", loop.progress), ("Resolve", loop.resolve))]
            for method, pack in (("Review", loop.review), ("FollowUp", loop.follow_up)):
                # reviewers and those who follow up are other persons
                desks = names[:DESKS] if method == "Review" else names[DESKS:]
                steps.append((method, {desk: [pack(n).SerializeToString() for n in orders if n % DESKS == i] for i, desk in enumerate(desks)}))
            bed.settle()
            with machine.Watch(bed.roots()) as watch:
                took = [callers.call_all(method, waiting) for method, waiting in steps]
            for (method, _), seconds in zip(steps, took):
                table.add("changes", f"{method} by {len(_)} connections", "/s", count / seconds)
            table.add("changes", "changes of cases, each durable and answered", "/s", count * len(steps) / sum(took), watch, count * len(steps))
        callers.close()
        _evaluate(options, table, bed)
        closed = int(bed.postgres.query("SELECT count(*) FROM tracking.cases WHERE state = 10")[0][0])
        if closed != count * options.runs:
            raise RuntimeError(f"{closed} of {count * options.runs} cases are closed")
        table.add("changes", "changes per commit", "changes", _per_commit(bed))


def _evaluate(options, table, bed):
    """A year's figures of the whole district and of every department and category, as a caller sees them."""
    year = datetime.datetime.now(SHANGHAI).year
    for by in ("ALL", "DEPARTMENT", "CATEGORY"):
        request = proto.evaluation.EvaluateRequest(district=cases.DISTRICT, by=f"FIGURE_DIMENSION_{by}", from_month=f"{year}-01",
                                                   to_month=f"{year}-12")
        for _ in options.each_run():
            took = []
            for _ in range(20):
                began = time.monotonic()
                bed.call("operator", "Evaluation/Evaluate", request)
                took.append((time.monotonic() - began) * 1000)
            table.add("changes", f"evaluation of a year by {by.lower()}, median of 20", "ms", statistics.median(took))


def _per_commit(bed):
    return float(bed.postgres.query("SELECT avg(n) FROM tracking.segment WHERE stream = 'tracking.cases'")[0][0])


def timers(options, table):
    """A million open cases: nothing due, then 100,000 whose residents nobody has reached within a day of the same minute."""
    count, due, idle = options.orders(1_000_000), 100_000, 60
    with Bed(options.build) as bed:
        clock = bed.folder / "now"

        def move(at):
            with open(clock, "r+b" if clock.exists() else "wb") as file:
                file.write(struct.pack("<q", int(at.timestamp() * 1_000_000)))
        move(EPOCH)
        bed.settings["tracking"]["clock"] = clock
        bed.create()
        for service in ("intake", "routing", "tracking"):
            bed.start_service(service)
            bed.wait_ready(service)
        until(lambda: bed.postgres.query("SELECT count(*) FROM tracking.clocks_applied") == [["1"]], "the clocks are known", limit=60)
        bed.stop_service("tracking")
        fill(bed.postgres, 1, count, f"'{EPOCH}'::timestamptz - (n % 1000) * interval '1 minute'", "'2026-03-06 00:00+08'", CONTACT)
        waves = options.runs
        for wave in range(waves):
            begin = count + wave * due
            at = EPOCH + datetime.timedelta(hours=1 + wave)
            fill(bed.postgres, begin + 1, begin + due, f"'{at}'::timestamptz", "at + interval '24 hours'")
        bed.start_service("tracking")
        bed.wait_ready("tracking")
        # Words of titles come first; they are not what is measured.
        last = (count + waves * due + 1) // 8192 - 1
        until(lambda: bed.postgres.query("SELECT coalesce(max(chunk), -1) FROM tracking.case_gram WHERE bucket = -1") == [[str(last)]],
              "grams of all full chunks are written", limit=1800)
        for wave in range(waves):
            bed.settle()
            with machine.Watch(bed.roots()) as watch:
                time.sleep(idle)
            used = watch.seconds["tracking"] + watch.seconds["postgres"]
            table.add("timers", f"nothing due of {count:,} open: tracking and PostgreSQL", "% core", used / idle * 100, watch, 1)
            before = bed.metric("tracking", "wangge_tracking_fired_total")
            with machine.Watch(bed.roots()) as watch:
                began = time.monotonic()
                move(EPOCH + datetime.timedelta(hours=25 + wave, minutes=1))
                until(lambda: bed.metric("tracking", "wangge_tracking_fired_total") - before >= due, "all have told", limit=600)
                took = time.monotonic() - began
            told = int(bed.metric("tracking", "wangge_tracking_fired_total") - before)
            if told != due:
                raise RuntimeError(f"{told} instead of {due} clocks have told")
            table.add("timers", f"{due:,} due at the same minute, until all are told", "s", took, watch, due)
