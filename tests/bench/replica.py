"""Reference data on their way: from the registry into every service, and from a service's own replica at its start."""
import json
import time

import machine
from bed import REFERENCE, Bed
from harness.cell import ALL, SERVICES
from harness.records import KINDS, put, read, record

EDITS = 1000
IMPORTED = 60_000
# In this order nothing is put before what it refers to.
ORDER = ("district", "street", "community", "grid", "building", "place", "department", "category", "dispatch_rule",
         "calendar_year", "calendar_day")


class FollowingBed(Bed):
    """A bed with a registry, which the services follow."""

    def __init__(self, build):
        super().__init__(build, services=ALL)
        for service in SERVICES:
            self.settings[service].pop("reference", None)
            self.settings[service]["registry"] = self.endpoint("registry")


def _loaded(bed, service):
    """(records, milliseconds) of the newest load of the replica, as the service's log tells."""
    lines = [json.loads(line) for line in bed.log(service).splitlines() if '"replica loaded"' in line]
    return lines[-1]["records"], lines[-1]["took_us"] / 1000


def _in_force(bed, service, seq):
    return (bed.metric(service, "wangge_follow_position", stream="registry.changes") >= seq
            and bed.metric(service, "wangge_replica_lag") == 0)


def _wait_in_force(bed, seq, limit=60):
    end = time.monotonic() + limit
    while not all(_in_force(bed, service, seq) for service in SERVICES):
        if time.monotonic() > end:
            raise RuntimeError(f"change {seq} is not in force everywhere after {limit} s")
        time.sleep(0.005)


def _categories(run, count):
    return [record("category", f"gangcheng/意见建议/第{n}类", scheme="gangcheng", path=f"意见建议/第{n}类",
                   scheme_code=f"{run}") for n in range(count)]


def replica(options, table):
    """The demo's districts put into an empty registry; services that fill, start again, and follow 1,000 edits."""
    records = read(REFERENCE, [kind for kind in ORDER if kind in KINDS])
    with FollowingBed(options.build) as bed:
        bed.create()
        bed.start_service("registry")
        bed.wait_ready("registry")
        began = time.monotonic()
        put(bed, records)
        table.add("replica", f"the demo's {len(records)} records put", "records/s", len(records) / (time.monotonic() - began))
        for service in SERVICES:
            table.add("replica", f"first start to ready, {service}", "ms", bed.start_timed(service))
        for _ in options.each_run():
            for service in SERVICES:
                bed.restart(service)
                count, milliseconds = _loaded(bed, service)
                table.add("replica", f"replica of {count} records loaded, {service}", "ms", milliseconds)
        for run in options.each_run():
            bed.settle()
            began = time.monotonic()
            _wait_in_force(bed, put(bed, _categories(run, EDITS)).seq)
            table.add("replica", f"{EDITS} edits, from Put to in force everywhere", "ms", (time.monotonic() - began) * 1000)


def imports(options, table):
    """An import of 60,000 records in parts of 1,000, into a registry that has just started: what it takes at most."""
    for run in options.each_run():
        with FollowingBed(options.build) as bed:
            bed.create()
            bed.start_service("registry")
            bed.wait_ready("registry")
            put(bed, read(REFERENCE, ["district", "category"]))
            idle = machine.peak_mib(bed.processes["registry"].pid)
            began = time.monotonic()
            put(bed, _categories(run, IMPORTED))
            table.add("imports", f"{IMPORTED:,} records in one import", "records/s", IMPORTED / (time.monotonic() - began))
            peak = machine.peak_mib(bed.processes["registry"].pid)
            table.add("imports", "peak resident beyond that of a started registry", "MiB", peak - idle)
