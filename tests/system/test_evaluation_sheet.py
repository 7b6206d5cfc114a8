"""Figures of evaluation as files: every dimension and month, equal to what the call says, marked, with numbers that add up."""
import csv
import datetime
import json
import xml.etree.ElementTree as xml
import zipfile

import pytest

from harness import proto
from harness.cell import ROOT, Cell
from harness.command import complaint, wangge
from harness.orders import order

D = "370117"
MONTH = f"{datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))):%Y-%m}"
DIMENSIONS = ("all", "department", "street", "community", "grid", "channel", "category")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RATES = [f.name for f in proto.evaluation.EvaluationRow.DESCRIPTOR.fields
         if f.message_type and f.message_type.name == "Rate"]
FIGURES = [f.name for f in proto.evaluation.Figures.DESCRIPTOR.fields]
JSON = {f.name: f.json_name for m in (proto.evaluation.Figures, proto.evaluation.EvaluationRow) for f in m.DESCRIPTOR.fields}


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
def counted(cell):
    """Orders of several channels and grids, all opened in tracking."""
    ids = cell.push_accepted([order(f"sheet-{n}", channel=1 + n % 3, category="城乡建设/供水供气/停水",
                                    grid_code=f"37011700100100{1 + n % 4}") for n in range(12)])
    for order_id in ids:
        cell.wait_case(order_id, proto.tracking.CASE_STATE_DISPATCHED)
    return ids


def asked(by, *more):
    return "evaluation", "--district", D, "--by", by, "--from", MONTH, *more


def from_csv(path):
    lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    return lines[0][0], lines[1], [dict(zip(lines[1], line)) for line in lines[2:]]


def from_xlsx(path):
    """(mark, headings, rows) with numbers as floats, as a spreadsheet has them."""
    with zipfile.ZipFile(path) as book:
        strings = ["".join(t.text or "" for t in item.iter(f"{SHEET}t"))
                   for item in xml.fromstring(book.read("xl/sharedStrings.xml"))]
        rows = [[strings[int(c.findtext(f"{SHEET}v"))] if c.get("t") == "s" else float(c.findtext(f"{SHEET}v"))
                 for c in row] for row in xml.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{SHEET}row")]
    return rows[0][0], rows[1], [dict(zip(rows[1], row)) for row in rows[2:]]


@pytest.mark.parametrize("by", DIMENSIONS)
def test_a_file_says_what_the_call_says(cell, counted, tmp_path, by):
    said = [json.loads(line) for line in wangge(cell, *asked(by, "--json")).splitlines()]
    assert said
    path = tmp_path / f"{by}.csv"
    assert f"{len(said)} rows in {path}, marked as exported by operator" in wangge(cell, *asked(by, "--out", path))
    mark, headings, rows = from_csv(path)
    assert mark.startswith("导出：operator ") and len(set(headings)) == len(headings)
    assert [row["key"] for row in rows] == [row.get("key", "") for row in said]
    for row, want in zip(rows, said):
        assert {name: int(row[name]) for name in FIGURES} == {
            name: int(want.get("figures", {}).get(JSON[name], 0)) for name in FIGURES}
        for name in RATES:
            rate = want.get(JSON[name], {})
            assert (int(row[f"{name} part"]), int(row[f"{name} whole"])) == (int(rate.get("part", 0)), int(rate.get("whole", 0)))
            assert row[f"{name} %"] == (f"{100 * rate['value']:.2f}" if int(rate.get("whole", 0)) else "")


def test_a_spreadsheet_can_add_up(cell, counted, tmp_path):
    path = tmp_path / "categories.xlsx"
    wangge(cell, *asked("channel", "--per-month", "--out", path, "--as", "dispatcher"))
    mark, _, rows = from_xlsx(path)
    assert mark.startswith("导出：dispatcher ")
    whole = json.loads(wangge(cell, *asked("all", "--json")))["figures"]
    assert sum(row["opened"] for row in rows) == int(whole["opened"]) >= len(counted)
    assert {row["month"] for row in rows} == {MONTH} and {row["name"] for row in rows} >= {"12345热线"}
    with zipfile.ZipFile(path) as book:
        strings = tmp_path / "strings.xml"
        strings.write_bytes(book.read("xl/sharedStrings.xml"))
    assert "which is dispatcher" in wangge(cell, "watermark", strings, "--who", "dispatcher")


def test_a_department_exports_its_own_row_only(cell, counted, tmp_path):
    path = tmp_path / "water.csv"
    wangge(cell, *asked("department", "--out", path, "--as", "water"))
    mark, _, rows = from_csv(path)
    assert mark.startswith("导出：water ") and [row["key"] for row in rows] == ["water"]
    other = tmp_path / "grids.csv"
    assert complaint(cell, *asked("grid", "--out", other, "--as", "water"), code=1)
    assert not other.exists()


def test_what_cannot_be_written_is_said(cell, tmp_path):
    assert "--out writes CSV or .xlsx" in complaint(cell, *asked("all", "--json", "--out", tmp_path / "x.csv"), code=2)
    assert "cannot write" in complaint(cell, *asked("all", "--out", tmp_path / "no/such/x.xlsx"), code=1)
