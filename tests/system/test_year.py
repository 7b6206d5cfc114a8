"""The demo district's year: so many problems are solved as were to be, every list is filled, figures are those of the cases."""
import collections
import os

import pytest

from harness import proto
from harness.cell import ROOT, SERVICES, Cell
from harness.command import wangge
from harness.year import D, Player, figures, plan, units

E, L, T = proto.evaluation, proto.lists, proto.tracking
SOLVED = plan.SOLVED if os.environ.get("WANGGE_SOAK") else 30


@pytest.fixture(scope="module")
def steps():
    return plan.steps(SOLVED)


@pytest.fixture(scope="module")
def played(steps):
    """A cell behind the year; it was stopped in the middle of it and went on."""
    demo = ROOT / "ops/demo/reference"
    cell = Cell()
    cell.principals |= {code: {"roles": "department", "department": code} for code in units()}
    cell.principals |= {"station": {"roles": "source"}, "questionnaire": {"roles": "source"}}
    clock = cell.folder / "now"
    cell.settings = {service: {"reference": demo, "clock": clock} for service in SERVICES}
    cell.settings["tracking"]["clocks"] = demo / "clocks.ini"
    player, marks = Player(cell, clock), []
    player.set(plan.BEGIN)
    try:
        cell.start()
        player.play(steps[:len(steps) // 2], mark=marks.append)
        again = Player(cell, clock)  # knows nothing of the first
        again.play(steps, marks[-1] - 1)  # the last step's mark was lost: it is said twice
        yield cell
    finally:
        cell.stop()


def told(steps):
    return collections.Counter(step.act for step in steps)


def test_so_many_are_solved_by_the_residents_word(played, steps):
    row = figures(played)
    assert row.figures.solved == SOLVED
    asked = told(steps)["ask"]
    assert row.figures.opened == asked
    assert row.figures.withdrawn == told(steps)["withdraw"] and row.figures.voided == told(steps)["ask_void"]
    assert row.figures.held == told(steps)["suspend"] and row.figures.given_back == told(steps)["accept_return"]
    assert row.figures.partly_solved and row.figures.unsolved and row.figures.explained and row.figures.beyond_duty
    assert row.figures.late and row.figures.reworked and row.figures.extended
    ended = row.figures.closed + row.figures.withdrawn + row.figures.voided + row.figures.beyond_duty
    assert row.figures.opened - ended - row.figures.held == plan.counts(SOLVED)[1]["open"], "what is open at the end of the year"


def test_the_command_shows_the_same(played):
    shown = wangge(played, "evaluation", "--district", D, "--from", f"{plan.YEAR}-01", "--to", f"{plan.YEAR}-12", "--json")
    assert f'"solved":"{SOLVED}"' in shown.replace(" ", "")


def test_every_list_is_filled(played, steps):
    def states(kind):
        entries = played.call("operator", "Lists/Entries", L.EntriesRequest(district=D, kind=f"LIST_KIND_{kind}", limit=200)).entries
        return collections.Counter(L.EntryState.Name(entry.state).removeprefix("ENTRY_STATE_") for entry in entries)
    assert states("PLEDGE")["REVIEWED"] and states("PLEDGE").total() == 10
    assert states("MEETING")["DISCLOSED"] == 2
    assert states("QUESTIONNAIRE")["OPEN"] == 1
    listed = told(steps)["problem_put"]
    assert states("PROBLEM")["SOLVED"] == listed + 1 and states("PROBLEM").total() == listed + 5
    results = played.call("registrar", "Lists/Results", L.ResultsRequest(district=D, code="2027-needs"))
    assert results.answers == 40


def test_the_figures_are_those_of_the_cases(played):
    assert not played.call("operator", "Evaluation/VerifyFigures", E.VerifyFiguresRequest(district=D)).differences


@pytest.mark.parametrize("solved", (len(plan.WAYS), 100, plan.SOLVED))
def test_a_year_of_any_size_is_planned_whole(solved):
    year = plan.steps(solved)
    assert [step.at for step in year] == sorted(step.at for step in year)
    assert year[0].at >= plan.BEGIN - plan.datetime.timedelta(days=1) and year[-1].at < plan.END
    assert sum(step.act == "follow_up" and step.values["solved"] == "SOLVED" for step in year) == solved
    assert year == plan.steps(solved)


def test_too_small_a_year_is_refused():
    with pytest.raises(ValueError, match="too few"):
        plan.steps(1)
