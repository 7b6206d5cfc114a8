"""wangge list cases: any filters together, words of titles, and what is said when they cannot be."""
import csv
import json

import pytest

from harness import proto
from harness.cell import ROOT, Cell
from harness.command import complaint, wangge
from harness.orders import order

D = "370117"
WATER, LIFT = "城乡建设/供水供气/停水", "城乡建设/物业管理/电梯故障"
GRIDS = ("370117001001001", "370117001001002", "370117002001001")


@pytest.fixture(scope="module")
def cell():
    """A cell that knows the demo district's grids and departments."""
    demo = ROOT / "ops/demo/reference"
    made = Cell(settings={service: {"reference": demo} for service in ("intake", "routing", "tracking")})
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def pushed(cell):
    """Title -> order id: every category in every grid."""
    titles = {f"{place}{what}": order(f"list-{grid}-{what}", category=category, grid_code=grid, title=f"{place}{what}")
              for grid, place in zip(GRIDS, ("亲和家园", "汶河社区", "新兴社区"))
              for what, category in (("停水两天", WATER), ("3号楼WiFi信号差", WATER), ("电梯困人", LIFT))}
    ids = cell.push_accepted(list(titles.values()))
    for order_id in ids:
        cell.wait_case(order_id, proto.tracking.CASE_STATE_DISPATCHED)
    return dict(zip(titles, ids))


def listed(cell, *options):
    return [json.loads(line)["title"] for line in wangge(cell, "list", "cases", *options, "--json").splitlines()]


def test_filters_work_together(cell, pushed):
    assert len(listed(cell)) == len(pushed)
    assert sorted(listed(cell, "--grid", GRIDS[0])) == sorted(t for t in pushed if t.startswith("亲和"))
    assert len(listed(cell, "--grid", "370117001", "--category", "城乡建设/供水供气")) == 4
    assert len(listed(cell, "--grid", "370117001001", "--category", "城乡建设", "--department", "water")) == 4
    assert listed(cell, "--state", "closed", "--grid", GRIDS[0]) == []
    assert len(listed(cell, "--due-from", "2026-01-01", "--category", LIFT)) == 3
    assert listed(cell, "--due-before", "2026-01-01") == []
    assert len(listed(cell, "--limit", 4)) == 4


def test_words_are_found_newest_first(cell, pushed):
    lifts = [title for title in pushed if "电梯" in title]
    assert listed(cell, "--district", D, "--text", "电梯") == sorted(lifts, key=pushed.get, reverse=True)
    assert listed(cell, "--grid", GRIDS[1], "--text", "wifi 汶河") == ["汶河社区3号楼WiFi信号差"]
    assert listed(cell, "--district", D, "--text", "电梯", "--department", "water") == []
    assert listed(cell, "--district", D, "--text", "没有这样的") == []
    assert "电梯困人" in wangge(cell, "list", "cases", "--district", D, "--text", "困人")


def test_a_department_finds_its_own_only(cell, pushed):
    assert set(listed(cell, "--as", "water")) == {t for t in pushed if "电梯" not in t}
    assert listed(cell, "--as", "water", "--category", LIFT) == []
    assert listed(cell, "--as", "water", "--district", D, "--text", "电梯") == []
    assert len(listed(cell, "--as", "water", "--district", D, "--text", "停水")) == 3


def test_a_list_leaves_as_a_marked_file(cell, pushed, tmp_path):
    path = tmp_path / "cases.csv"
    wangge(cell, "list", "cases", "--grid", "370117001", "--out", path)
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][0].startswith("导出：operator ") and len(rows) == 2 + 6


@pytest.mark.parametrize("options,field", [
    (("--grid", "3701"), "grid"), (("--text", "电梯"), "district"), (("--district", D, "--text", "梯"), "text"),
    (("--district", "131102", "--grid", GRIDS[0]), "grid"), (("--due-from", "2026-02-01", "--due-before", "2026-01-01"), "due_before")])
def test_what_cannot_be_asked_names_the_field(cell, options, field):
    said = complaint(cell, "list", "cases", *options, "--json", code=1)
    assert json.loads(said)["error"]["field"] == field


def test_no_such_state_lists_those_there_are(cell):
    assert "follow_up" in complaint(cell, "list", "cases", "--state", "done", code=2)
