"""What ops/bench measures. Each part is a function of Options that adds its figures to a Table."""
import json
import pathlib
import tempfile

import machine
from bed import REFERENCE, SERVICES, Bed, wait_caught_up
from changes import changes, timers
from ledger import OTHER_VILLAGE, VILLAGE, fill_ledger, make_village, proof_ms
from lists import lists
from node import Node
from replica import imports, replica

LATENCY_RATE = 2000
FEED = pathlib.Path(__file__).resolve().parents[2] / "ops/demo/feed"


class Options:
    def __init__(self, build, runs, orders):
        self.build, self.runs, self.given_orders = build, runs, orders
        self.batches = {}  # orders per commit of each service, as saturation found them

    def orders(self, usual):
        return self.given_orders or usual

    def each_run(self):
        return range(1, self.runs + 1)


def _bare_command(bed, orders, run, batches):
    command = [bed.program("bench-bare"), "--dsn", f"host={bed.postgres.folder} dbname=wangge", "--spread",
               bed.spread_file, "--orders", orders, "--run", run]
    for service, size in batches.items():
        command += [f"--batch-{service}", size]
    return command


def _wangge_bench(bed, *options):
    return json.loads(machine.run([bed.build / "ops/cli/wangge", "bench", "--config", bed.client_ini, "--json", *options]))


def saturation(options, table):
    """Closed loop: as fast as two sources get answers; 40 departments and a follower of tracking.cases take everything."""
    orders = options.orders(100_000)
    with Bed(options.build) as bed:
        bed.start()
        for _ in options.each_run():
            bed.settle()
            with machine.Watch(bed.roots()) as watch:
                seen = _wangge_bench(bed, "--count", orders, "--warmup", 0, "--seconds", 3600)
            if not seen["verified"]["exactly_once"]:
                raise RuntimeError(f"saturation: not everything arrived once: {seen['verified']}")
            table.add("saturation", "acknowledged", "orders/s", seen["accepted_per_second"], watch, seen["accepted"])
            table.add("saturation", "at department and in tracking", "orders/s",
                      seen["accepted"] / seen["all_arrived_seconds"])
        options.batches = bed.orders_per_commit()
    for service, size in options.batches.items():
        table.add("saturation", f"orders per commit, {service}", "orders", size)


def intake(options, table):
    """Intake alone, nobody behind it: durable and acknowledged."""
    orders = options.orders(100_000)
    with Bed(options.build) as bed:
        bed.create()
        bed.start_service("intake")
        bed.wait_ready("intake")
        for run in options.each_run():
            bed.settle()
            with machine.Watch(bed.roots()) as watch:
                seen = json.loads(machine.run([bed.program("bench-load"), "push", "--config", bed.client_ini, "--spread",
                                               bed.spread_file, "--orders", orders, "--run", run]))
            table.add("intake", "acknowledged, intake alone", "orders/s", orders / seen["seconds"], watch, orders)


def latency(options, table):
    """Open loop at a fixed rate, from the intended time of each order to its department."""
    with Bed(options.build) as bed:
        bed.start()
        for _ in options.each_run():
            bed.settle()
            with machine.Watch(bed.roots()) as watch:
                seen = _wangge_bench(bed, "--rate", LATENCY_RATE, "--seconds", 15, "--warmup", 3)
            for name in ("p50", "p99"):
                table.add("latency", f"push -> department at {LATENCY_RATE}/s, {name}", "ms",
                          seen["department"][f"{name}_ms"], *([watch, seen["accepted"]] if name == "p50" else []))
            table.add("latency", f"push -> acknowledged at {LATENCY_RATE}/s, p99", "ms", seen["acknowledged"]["p99_ms"])


def bare(options, table):
    """The limit: the same rows in batches of the same size, three connections, nothing else."""
    orders = options.orders(100_000)
    batches = {service: max(1, size) for service, size in options.batches.items()} or dict.fromkeys(SERVICES, 500)
    sizes = "/".join(str(batches[service]) for service in SERVICES)
    with Bed(options.build) as bed:
        bed.create()
        for run in options.each_run():
            bed.settle()
            with machine.Watch(bed.roots()) as watch:
                seen = json.loads(machine.run(_bare_command(bed, orders, run, batches)))
            table.add("bare", f"three libpq connections, batches of {sizes}", "orders/s", orders / seen["seconds"], watch,
                      orders)


def rabbitmq(options, table):
    """What a user would otherwise build: one hop, and a chain of three with consumers that write the same rows."""
    orders = options.orders(100_000)
    with Bed(options.build) as bed, Node() as node:
        bed.create()
        for name, more in (("one quorum hop, confirmed", ["--hop"]), ("chain of three hops, in tracking", [])):
            for run in options.each_run():
                bed.settle()
                command = [bed.program("bench-rabbitmq"), "--port", node.port, "--dsn",
                           f"host={bed.postgres.folder} dbname=wangge", "--spread", bed.spread_file, "--orders", orders,
                           "--run", run, *more]
                with machine.Watch(bed.roots() | node.roots()) as watch:
                    seen = json.loads(machine.run(command))
                taken = seen["confirmed_seconds"] if more else seen["seconds"]
                table.add("rabbitmq", name, "orders/s", orders / taken, watch, orders)


def backlog(options, table):
    """No department is there while orders come; then services restart and departments return."""
    orders = options.orders(200_000)
    with Bed(options.build) as bed:
        bed.start()
        machine.run([bed.program("bench-load"), "push", "--config", bed.client_ini, "--spread", bed.spread_file, "--orders",
                     orders, "--run", 1])
        wait_caught_up(bed, orders)
        for service in SERVICES:
            table.add("backlog", f"peak resident, {service}, {orders:,} orders", "MiB",
                      machine.peak_mib(bed.processes[service].pid))
        for service in SERVICES:
            bed.stop_service(service)
        for service in SERVICES:
            table.add("backlog", f"start to ready, {service}", "ms", bed.start_timed(service))
        first, others = bed.departments[0], bed.departments[1:]
        held = dict(bed.postgres.query("SELECT topic, max(first_n + cardinality(seqs) - 1) FROM "
                                       "routing.topic_index WHERE stream = 'routing.dispatch' GROUP BY topic"))
        for name, departments in (("one department returns", [first]), (f"{len(others)} departments return", others)):
            waiting = sum(int(held.get(department, 0)) for department in departments)
            seen = json.loads(machine.run([bed.program("bench-load"), "follow", "--config", bed.client_ini, "--departments",
                                           ",".join(departments), "--orders", waiting]))
            table.add("backlog", f"catch-up, {name}", "orders/s", waiting / seen["seconds"])
        for service in SERVICES:
            table.add("backlog", f"peak resident, {service}, after the catch-up", "MiB",
                      machine.peak_mib(bed.processes[service].pid))


def ready(options, table):
    """Cold start of each service on an empty database."""
    with Bed(options.build) as bed:
        bed.create()
        for _ in options.each_run():
            for service in SERVICES:
                table.add("ready", f"start to ready, {service}", "ms", bed.start_timed(service))
            for service in SERVICES:
                bed.stop_service(service)


def place(options, table):
    """CPU of finding the place of an order: 102 grids, 5,000 names, 160 characters; one thread, nothing around it."""
    for _ in options.each_run():
        seen = json.loads(machine.run([options.build / "tests/bench/bench-place", "--orders", options.orders(200_000)]))
        table.add("place", "whole decision", "µs", seen["ns_per_order"] / 1000)
        table.add("place", "of it: point in polygon, when there is a position", "µs", seen["ns_per_point"] / 1000)


def rules(options, table):
    """CPU of finding the rule of an order among 2,000; one thread, nothing around it."""
    for _ in options.each_run():
        seen = json.loads(machine.run([options.build / "tests/bench/bench-rules", "--orders", options.orders(1_000_000)]))
        table.add("rules", "finding the rule", "µs", seen["match_ns"] / 1000)
        table.add("rules", "with its evidence", "µs", seen["evidence_ns"] / 1000)
        table.add("rules", "all 2,000 in one category, by words of the address", "µs", seen["worst_ns"] / 1000)
        table.add("rules", "building and checking a catalogue", "ms", seen["build_ms"])


def ledger(options, table):
    """The land ledger: entries committed by the service, verification, proofs of a million entries from the database."""
    entries = options.orders(20_000)
    for _ in options.each_run():
        seen = json.loads(machine.run([options.build / "tests/bench/bench-ledger"]))
        table.add("ledger", "entries with their tree, in memory", "/s", seen["append_per_s"])
        table.add("ledger", "verifying an export of a million", "/s", seen["verify_per_s"])
    with Bed(options.build, services=("land",)) as bed:
        bed.create()
        bed.start_timed("land")
        make_village(bed)
        for run in options.each_run():
            bed.settle()
            with machine.Watch(bed.roots()) as watch:
                seen = json.loads(machine.run([bed.program("bench-land"), "--config", bed.client_ini, "--village", VILLAGE,
                                               "--principal", "village", "--entries", entries, "--run", run]))
            table.add("ledger", "entries committed, each an answer", "/s", entries / seen["seconds"], watch, entries)
        fill_ledger(bed, OTHER_VILLAGE, 1_000_000)
        for _ in options.each_run():
            table.add("ledger", "proof of one of a million entries", "ms", proof_ms(bed, OTHER_VILLAGE, 1_000_000))


def decide(options, table):
    """CPU of the whole decision on a new order with the demo district's reference data and 2,000 rules; one thread."""
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/text.model"
        machine.run([options.build / "ops/cli/wangge", "train", "--labels", "-", "--out", model],
                    input="".join(feed.read_text("utf-8") for feed in sorted(FEED.glob("*.jsonl"))))
        for _ in options.each_run():
            alone, merging = machine.run([options.build / "tests/bench/bench-decide", "--orders", options.orders(100_000),
                                          "--reference", REFERENCE, "--model", model]).splitlines()
            seen = json.loads(alone) | json.loads(merging)
            table.add("decide", "place, rules and evidence", "µs", seen["ns_per_order"] / 1000)
            table.add("decide", "the same with a suggested category", "µs", seen["ns_without_category"] / 1000)
            table.add("decide", f"comparing, {seen['problems']:,} open", "µs", seen["comparing_ns_per_order"] / 1000)
            table.add("decide", "comparing, and what is suggested of it", "µs", seen["merging_ns_per_order"] / 1000)
            table.add("decide", "place, rules and comparing, category given", "µs", seen["given_ns_per_order"] / 1000)
            table.add("decide", "place, category, rules and comparing", "µs", seen["whole_ns_per_order"] / 1000)


def profile(options, table):
    """Where the processors' time goes at saturation, as perf sees it (one run)."""
    with Bed(options.build) as bed:
        bed.start()
        groups = {service: machine.threads(bed.processes[service].pid) for service in SERVICES}
        for pid, role in bed.postgres.query("SELECT pid, usename FROM pg_stat_activity WHERE usename LIKE 'wangge_%'"):
            groups.setdefault(f"postgres for {role}", []).append(int(pid))
        record = bed.folder / "perf.data"
        with machine.recording(record):
            _wangge_bench(bed, "--count", options.orders(100_000), "--warmup", 0, "--seconds", 3600)
        table.profiles = machine.shares(record, groups)


PARTS = {part.__name__: part for part in (saturation, intake, latency, bare, rabbitmq, backlog, ready, place, rules, decide, ledger, replica, imports, changes)}
ON_DEMAND = {"profile": profile, "lists": lists, "timers": timers}
