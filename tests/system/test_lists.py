"""The reference lists as anybody may see them: only what is disclosed, for an area and those above it; flow charts."""
import json
import os
import subprocess
import xml.etree.ElementTree

import pytest

from harness import proto, records
from harness.cell import Cell
from harness.client import CallError
from harness.proto import CODE

G = proto.registry
D, STREET, COMMUNITY, GRID = "370117", "370117001", "370117001001", "370117001001001"
SVG = "{http://www.w3.org/2000/svg}"


def item(code, area, name="盖章", **fields):
    steps = fields.pop("steps", ())
    made = records.record("list_item", code, area=area, name=name, **{
        "list": "micro_power", "basis": "办法", "who": "社区", "contact": "1", "disclosure": "disclosed",
        "disclosed_on": "2026-01-15", **fields})
    for n, (title, condition, following) in enumerate(steps, 1):
        made.list_item.steps.add(n=n, title=title, who="窗口", days=1, condition=condition, next=following)
    return made


STEPS = (("受理", "", ()), ("审核", "材料齐全？", (3, 4)), ("补正", "", (2,)), ("办<结>", "", ()))


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("registry",))
    made.principals["registrar-there"] = {"roles": "registrar", "districts": "370211"}
    try:
        made.start()
        answer = records.put(made, [
            records.record("district", D, name="钢城区"), records.record("street", STREET, name="艾山街道"),
            records.record("community", COMMUNITY, name="亲和社区", kind="residential"),
            records.record("community", "370117001002", name="友谊社区", kind="residential"),
            item("A", D, steps=STEPS), item("B", STREET, steps=STEPS), item("C", COMMUNITY, steps=STEPS),
            item("E", "370117001002", steps=STEPS), item("F", COMMUNITY, steps=STEPS, disclosure="draft"),
            item("G", COMMUNITY, steps=STEPS, disclosure="withdrawn"), item("S", D, list="service"),
            item("T", D, list="duty")])
        assert answer.written, answer
        yield made
    finally:
        made.stop()


def public(cell, by="water", **fields):
    found, token = [], ""
    while True:
        answer = cell.call(by, "Registry/PublicLists", G.PublicListsRequest(district=D, page_token=token, **fields))
        found += [one.code for one in answer.items]
        token = answer.next_page_token
        if not token:
            return found


def chart(cell, code, by="water"):
    return cell.call(by, "Registry/FlowChart", G.FlowChartRequest(district=D, code=code)).svg


def refused(code, call, *arguments, **options):
    with pytest.raises(CallError) as caught:
        call(*arguments, **options)
    assert caught.value.code == code, caught.value


def test_only_what_is_disclosed_for_the_area_and_those_above(cell):
    assert public(cell) == ["A", "B", "C", "E", "S", "T"]
    assert public(cell, area=GRID) == ["A", "B", "C", "S", "T"]
    assert public(cell, area=STREET, list=G.REFERENCE_LIST_MICRO_POWER) == ["A", "B"]
    assert public(cell, list=G.REFERENCE_LIST_SERVICE) == ["S"]
    assert public(cell, limit=1) == ["A", "B", "C", "E", "S", "T"]
    assert public(cell, by="registrar-there") == ["A", "B", "C", "E", "S", "T"]


def test_a_page_tells_nothing_of_who_changed_it_and_keeps_to_its_list(cell):
    page = cell.call("water", "Registry/PublicLists", G.PublicListsRequest(district=D, limit=2))
    assert all(not one.changed_by and not one.reason for one in page.items)
    request = G.PublicListsRequest(district=D, limit=2, area=STREET, page_token=page.next_page_token)
    refused(CODE.CODE_INVALID_ARGUMENT, cell.call, "water", "Registry/PublicLists", request)


@pytest.mark.parametrize("fields", ({"area": "370211"}, {"area": "3701170"}, {"limit": -1}, {"limit": 1001}, {"list": 4}))
def test_what_cannot_be_asked(cell, fields):
    refused(CODE.CODE_INVALID_ARGUMENT, public, cell, **fields)


def test_a_chart_of_what_is_disclosed_for_all_else_for_the_registrar(cell):
    tree = xml.etree.ElementTree.fromstring(chart(cell, "C"))
    titles = [one.findtext(f"{SVG}title") for one in tree.iter(f"{SVG}g")]
    assert titles == ["受理", "审核", "补正", "办<结>"]
    for code in "F", "G", "nothing":
        refused(CODE.CODE_NOT_FOUND, chart, cell, code)
        refused(CODE.CODE_NOT_FOUND, chart, cell, code, by="registrar-there")
    assert chart(cell, "F", by="registrar").startswith("<svg ")
    refused(CODE.CODE_FAILED_PRECONDITION, chart, cell, "S")


def test_the_command(cell, tmp_path):
    def wangge(*arguments):
        return subprocess.run([cell.build.resolve() / "ops/cli/wangge", *arguments, "--config", cell.folder / "client.ini"],
                              capture_output=True, text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"})
    listed = wangge("registry", "lists", "--district", D, "--area", COMMUNITY, "--list", "micro_power", "--json")
    assert [json.loads(line)["code"] for line in listed.stdout.splitlines()] == ["A", "B", "C"], listed
    path = tmp_path / "chart.svg"
    assert wangge("registry", "flowchart", "C", str(path), "--district", D).returncode == 0
    assert path.read_text() == chart(cell, "C")
    assert wangge("registry", "flowchart", "nothing", "--district", D).returncode != 0
