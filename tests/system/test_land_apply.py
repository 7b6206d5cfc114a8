"""`wangge land apply`: a file of writes goes line by line, ids have names, a file that was cut short is applied again."""
import json

import pytest

from harness.cell import VILLAGE, Cell
from harness.command import complaint, wangge
from harness.land import get, make_village


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("land",))
    try:
        made.start()
        make_village(made)
        yield made
    finally:
        made.stop()


def line(call, by="village", keep=None, **request):
    request.setdefault("write", {"village": VILLAGE, "person": "演示会计"})
    return json.dumps({"call": call, "as": by, "request": request, **({"keep": keep} if keep else {})}, ensure_ascii=False)


def party(party_id, name):
    return line("Land/PutParty", id=party_id, party={"kind": "household", "name": name})


def write(folder, *lines, name="writes.jsonl"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def size(cell):
    return cell.postgres.query(f"SELECT size FROM land.village_head WHERE village = '{VILLAGE}'")


def test_names_stand_for_ids_and_the_file_is_applied_once(cell, tmp_path):
    lines = [party("h-1", "演示户1"), line("LandYard/PutYardPlot", id="plot", plot={"name": "@@小菜园", "household": "h-1", "use": "fruit",
                                                                                  "area_dm2": 9000}),
             line("LandYard/ReportBreach", by="patrol", keep={"one": "rule_breach"},
                  breach={"kind": "dump", "plot": "plot", "text": "门前堆放", "photos": ["ab" * 32]}),
             line("LandYard/AdvanceBreach", by="township", id="@one", event="verify", write={"village": VILLAGE, "person": "演示镇干部"})]
    path = write(tmp_path, *lines)
    assert wangge(cell, "land", "apply", path) == "4 entries written, 0 were there\n"
    assert get(cell, "yard_plot", "plot").yard_plot.name == "@小菜园"
    listed = json.loads(wangge(cell, "land", "list", "rule_breach", "--village", VILLAGE, "--json").splitlines()[0])
    assert listed["record"]["ruleBreach"]["verifiedBy"] == "演示镇干部"
    before = size(cell)
    path.write_text(path.read_text("utf-8") + party("h-2", "演示户2") + "\n", "utf-8")
    assert json.loads(wangge(cell, "land", "apply", path, "--json")) == {"written": 1, "repeated": 4}
    assert size(cell) != before


@pytest.mark.parametrize("bad, said", [
    (line("LandYard/PutYardPlot", id="p", plot={"name": "n", "household": "@nobody", "use": "fruit", "area_dm2": 900}), 'no line before has kept "nobody"'),
    (line("LandYard/YardFigures", village=VILLAGE), "must be a writing call"),
    (line("Intake/Push"), "must be a writing call"),
    (line("Land/PutParty", id="h-9", party={"kind": "household", "surname": "x"}), "surname"),
    (line("Land/PutParty", by="nobody", id="h-9"), 'no key of "nobody"'),
    (line("Land/PutParty", id="h-9", party={"kind": "household", "name": "演示户9"}, keep={"n": "notice"}), 'the kind of "n"'),
    (line("LandYard/PutYardPlot", id="p", plot={"name": "n", "household": "none", "use": "fruit", "area_dm2": 900}), "party.unknown"),
    ('{"call":"Land/PutParty","request":{}}', "must be an object (request.write)"),
    ("[]", "must be an object"), ("{", ":2: ")])
def test_the_first_line_that_is_not_taken_ends_it_and_is_named(cell, tmp_path, bad, said):
    path = write(tmp_path, party("h-3", "演示户3"), bad, party("h-4", "演示户4"), name=f"{tmp_path.name}.jsonl")
    told = complaint(cell, "land", "apply", path, code=1)
    assert f"{path}:2: " in told and said in told, told
    assert get(cell, "party", "h-3") and not cell.postgres.query("SELECT id FROM land.record WHERE id = 'h-4'")


def test_names_are_kept_for_the_next_file(cell, tmp_path):
    names = tmp_path / "names.json"
    first = write(tmp_path, party("h-5", "演示户5"), line("LandYard/PutYardPlot", id="plot-5", plot={"name": "小菜园", "household": "h-5", "use": "fruit",
                                                                                         "area_dm2": 9000}),
          line("LandYard/ReportBreach", keep={"five": "rule_breach"}, breach={"kind": "dump", "plot": "plot-5", "text": "堆放", "photos": ["ab" * 32]}),
                  name="first.jsonl")
    next_ = write(tmp_path, line("LandYard/AdvanceBreach", by="township", id="@five", event="verify", write={"village": VILLAGE, "person": "演示镇干部"}),
                  name="next.jsonl")
    assert 'kept "five"' in complaint(cell, "land", "apply", next_, "--names", names, code=1)
    wangge(cell, "land", "apply", first, "--names", names)
    assert list(json.loads(names.read_text())) == ["five"]
    assert wangge(cell, "land", "apply", next_, "--names", names) == "1 entries written, 0 were there\n"
    names.write_text("[]")
    assert "names" in complaint(cell, "land", "apply", next_, "--names", names, code=2)


def test_a_file_that_is_not_there(cell, tmp_path):
    assert "none.jsonl" in complaint(cell, "land", "apply", tmp_path / "none.jsonl", code=2)
