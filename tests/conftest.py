"""Shared by tests/system and tests/faults: the cell fixture, and the services' logs of a failed test."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness.cell import SERVICES, Cell  # noqa: E402

_cells = []


@pytest.fixture(scope="module")
def cell():
    """A running cell, shared by the tests of a module."""
    yield from _run(Cell())


@pytest.fixture
def own_cell():
    """A running cell for one test that breaks things."""
    yield from _run(Cell())


@pytest.fixture
def still_cell():
    """Database, schemas, keys, settings; no service runs yet."""
    yield from _run(Cell(), start=False)


def _run(made, start=True):
    _cells.append(made)
    try:
        made.start() if start else made.create()
        yield made
    finally:
        _cells.remove(made)
        made.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for made in _cells:
            for name in sorted(set(SERVICES) | set(made.processes)):
                report.sections.append((f"log of {name}", "\n".join(made.log(name).splitlines()[-40:])))
