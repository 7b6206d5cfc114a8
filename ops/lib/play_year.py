"""Plays the demo district's year in the cell of a folder; the inside of ops/year.

  play_year.py VAR begin SOLVED   makes the clock, at the beginning of the year, when there is none
  play_year.py VAR on SOLVED      plays what is not played yet, and says what the year came to
"""
import collections
import configparser
import pathlib
import sys

import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from harness.cell import process_of  # noqa: E402
from harness.client import Client  # noqa: E402
from harness.proto import registry as R  # noqa: E402
from harness.year import D, L, Player, figures, plan  # noqa: E402


class RunningCell:
    """The cell that ops/up started in a folder: calls as any of its principals."""

    def __init__(self, var):
        self.var, self.context, self.clients = var, zmq.Context(), {}
        self.settings = configparser.ConfigParser(interpolation=None)
        self.settings.read(var / "client.ini", "utf-8")

    def key(self, name):
        lines = (self.var / "keys" / f"{name}.key").read_text("utf-8").splitlines()
        values = dict(line.replace(" ", "").split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        return values["public"].encode(), values["secret"].encode()

    def call(self, principal, method, request):
        service = process_of(method)
        if (principal, service) not in self.clients:
            self.clients[principal, service] = Client(self.context, self.settings["services"][service],
                                                      self.settings["keys"][service].encode(), self.key(principal))
        return self.clients[principal, service].call(f"wangge.v1.{method}", request)


def show_progress(done, all_):
    if sys.stderr.isatty() and (done % 20 == 0 or done == all_):
        print(f"\r{done}/{all_} steps", end="\n" if done == all_ else "", file=sys.stderr)


def listed(cell):
    """Entries of each list, by state."""
    for kind, name in ((L.LIST_KIND_PLEDGE, "pledges"), (L.LIST_KIND_PROBLEM, "problem list"), (L.LIST_KIND_MEETING, "meetings"),
                       (L.LIST_KIND_QUESTIONNAIRE, "questionnaires")):
        request, states = L.EntriesRequest(district=D, kind=kind, limit=200), collections.Counter()
        while True:
            page = cell.call("operator", "Lists/Entries", request)
            states.update(L.EntryState.Name(entry.state).removeprefix("ENTRY_STATE_").lower() for entry in page.entries)
            request.page_token = page.next_page_token
            if not request.page_token:
                break
        yield name, states
    for value, name in (("micro_power", "micro powers"), ("duty", "duties of the grids"), ("service", "services")):
        request = R.ListRecordsRequest(district=D, kind="list_item", field="list", value=value, limit=1000)
        yield name, collections.Counter(listed=len(cell.call("registrar", "Registry/List", request).records))


def play(var, solved):
    cell, mark = RunningCell(var), var / "state/year"
    steps = plan.steps(solved)
    size, done = map(int, mark.read_text().split()) if mark.exists() else (solved, 0)
    if size != solved:
        print(f"the year in {var} has {size} solved ones; ops/down --wipe forgets it", file=sys.stderr)
        return 1
    if done < len(steps):
        def keep(n):
            mark.with_suffix(".new").write_text(f"{solved} {n}\n")
            mark.with_suffix(".new").replace(mark)
        Player(cell, var / "clock", show_progress).play(steps, done, keep)
    row = figures(cell).figures
    print(f"{plan.YEAR}: {row.opened} orders, {row.closed} closed; {row.solved} solved by the residents' word")
    empty = []
    for name, states in listed(cell):
        print(f"{name}: {sum(states.values())} ({', '.join(f'{count} {state}' for state, count in sorted(states.items()))})")
        if not sum(states.values()):
            empty.append(name)
    if row.solved != solved or empty:
        print(f"{solved} were to be solved{', nothing in: ' + ', '.join(empty) if empty else ''}", file=sys.stderr)
        return 1
    return 0


def main(arguments):
    var, what, solved = pathlib.Path(arguments[0]), arguments[1], int(arguments[2])
    if what == "on":
        return play(var, solved)
    clock = var / "clock"
    if not clock.exists():
        Player(None, clock).set(plan.BEGIN)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
