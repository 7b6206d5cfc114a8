"""Bed: a private cell of the release build with forty departments, and a database that really writes to the disk."""
import csv
import shutil
import time

from harness.cell import ROOT, SERVICES, Cell
from harness.postgres import Postgres

REFERENCE = ROOT / "ops/demo/reference"
BUILD = ROOT / "build/release"
WAL_FILES = 20
SOURCES = ("hotline-12345", "patrol", "station", "questionnaire")


def spread(departments=40):
    """(category, department): Gangcheng's categories of the third level, dealt to forty of its departments in turn."""
    rows = csv.DictReader((REFERENCE / "category.csv").open(encoding="utf-8"))
    paths = [row["path"] for row in rows if row["district"] == "370117" and row["path"].count("/") == 2]
    rows = csv.DictReader((REFERENCE / "department.csv").open(encoding="utf-8"))
    codes = [row["code"] for row in rows if row["district"] == "370117"][:departments]
    return [(path, codes[n % len(codes)]) for n, path in enumerate(paths)]


def rules(pairs):
    """The dispatch catalogue that says so."""
    return "code,district,rank,category_prefix,lead\n" + "".join(
        f"B{n:04},370117,{n},{category},{department}\n" for n, (category, department) in enumerate(pairs, 1))


class DurablePostgres(Postgres):
    """With the settings that operation has: fsync on, full-page writes on, room for checkpoints."""

    SETTINGS = ""


class Bed(Cell):
    def __init__(self, build=BUILD, **more):
        reference = {"intake": {"reference": REFERENCE},
                     "routing": {},
                     "tracking": {"reference": REFERENCE, "clocks": REFERENCE / "clocks.ini"}}
        super().__init__(build, reference, **more)
        self.spread = spread()
        catalogue = self.folder / "reference"
        catalogue.mkdir()
        for kind in ("department", "category", "calendar_day", "calendar_year", "district", "street", "community", "grid",
                     "building", "place", "station"):
            shutil.copy(REFERENCE / f"{kind}.csv", catalogue)
        (catalogue / "dispatch_rule.csv").write_text(rules(self.spread), "utf-8")
        self.settings["routing"]["reference"] = catalogue
        self.postgres = DurablePostgres(self.folder / "pg")
        self.departments = sorted({department for _, department in self.spread})
        self.principals.update({name: {"roles": "source"} for name in SOURCES})
        self.principals.update({name: {"roles": "department", "department": name} for name in self.departments})
        self.spread_file = self.folder / "spread.tsv"
        self.spread_file.write_text("".join(f"{c}\t{d}\n" for c, d in self.spread), "utf-8")
        self.client_ini = self.folder / "client.ini"
        self.settled = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def program(self, name):
        return self.build / "tests/bench" / name

    def roots(self):
        """Processes whose CPU time counts, by name."""
        return {"postgres": self.postgres.process.pid} | {name: p.pid for name, p in self.processes.items()}

    def settle(self):
        """A checkpoint before each run, so that every run begins with an empty WAL and no dirty pages. Before the first, as many
        files of WAL are made as a cluster keeps that has run for a while (min_wal_size): a young one makes each when it is
        needed, and everybody waits until its 16 MiB are on the disk."""
        if not self.settled:
            self.postgres.query("SELECT pg_logical_emit_message(false, '', ''); SELECT pg_switch_wal();" * WAL_FILES)
            self.settled = True
        self.postgres.query("CHECKPOINT")

    def start_timed(self, service):
        """Milliseconds from the start of the process to /readyz."""
        began = time.monotonic()
        self.start_service(service)
        while True:
            try:
                if self.http(service, "/readyz")[0] == 200:
                    return (time.monotonic() - began) * 1000
            except OSError:
                pass
            if time.monotonic() - began > 120 or self.processes[service].poll() is not None:
                raise RuntimeError(f"{service} does not become ready\n{self.log(service)[-3000:]}")
            time.sleep(0.002)

    def orders_per_commit(self):
        """How many orders a batch of each service held on average, of what is in the log."""
        streams = {"intake": "intake.orders", "routing": "routing.dispatch", "tracking": "tracking.cases"}
        sql = "SELECT coalesce(round(avg(n)), 0) FROM {}.segment WHERE stream = '{}'"
        return {s: int(self.postgres.query(sql.format(s, stream))[0][0]) for s, stream in streams.items()}


def wait_caught_up(bed, orders, limit=600):
    """Until tracking has a case for every order."""
    end = time.monotonic() + limit
    sql = "SELECT coalesce(max(seq), 0) FROM tracking.head WHERE stream = 'tracking.cases' AND topic = ''"
    while int(bed.postgres.query(sql)[0][0]) < orders:
        if time.monotonic() > end:
            raise RuntimeError(f"tracking has not {orders} cases after {limit} s")
        time.sleep(0.2)


__all__ = ["BUILD", "SERVICES", "Bed", "wait_caught_up"]
