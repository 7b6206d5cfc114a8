"""The command and the registry: what is imported is there, what is exported comes back the same, nothing by halves."""
import csv
import json
import os
import subprocess

import pytest

from harness.cell import ROOT, Cell

DISTRICT = ("--district", "370117")
FILES = {
    "district.csv": "code,district,name,min_lon,max_lon,min_lat,max_lat\n370117,370117,钢城区,117.6,118.1,35.9,36.3\n",
    "street.csv": "code,district,name\n370117001,370117,艾山街道\n",
    "community.csv": "code,district,name,kind\n370117001001,370117,钢都社区,residential\n",
    "grid.csv": "编码,区划代码,名称,类型,户数\n" + "".join(
        f"370117001001{n:03},370117,第{n}网格,基础网格,{320 + n}\n" for n in range(1, 6)),
    "person.csv": "code,district,name,phone\nP1,370117,示例·张三,10012345678\n",
}


@pytest.fixture(scope="module")
def registry():
    made = Cell(services=("registry",))
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def wangge(registry, tmp_path):
    def run(*arguments, code=0):
        done = subprocess.run([registry.build.resolve() / "ops/cli/wangge", *map(str, arguments), "--config",
                               registry.folder / "client.ini"], capture_output=True, text=True, cwd=tmp_path, timeout=120)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout
    return run


@pytest.fixture
def one_shot(registry):
    """The import container's script with the built command."""
    def run(folder, code=0, **environment):
        path = f"{registry.build.resolve() / 'ops/cli'}:/usr/bin:/bin"
        done = subprocess.run([ROOT / "ops/docker/import", folder], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PATH": path, "WANGGE_CONFIG": str(registry.folder / "client.ini"), **environment})
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout
    return run


def write_folder(folder):
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


# First of all: the registry is empty.
def test_the_one_shot_import_fills_an_empty_registry_and_leaves_a_full_one_alone(wangge, one_shot, tmp_path):
    folder = write_folder(tmp_path / "demo")
    assert "新增 9" in one_shot(folder)
    wangge("registry", "put", "street", "370117001", "name=里辛街道", *DISTRICT, "--reason", "更名")
    assert "新增" not in one_shot(folder)
    assert "里辛街道" in wangge("registry", "get", "street", "370117001", *DISTRICT)
    one_shot(folder, code=2, WANGGE_CONFIG=str(tmp_path / "none.ini"))


@pytest.fixture
def filled(wangge, tmp_path):
    folder = write_folder(tmp_path / "reference")
    wangge("registry", "import", folder, "--reason", "初次建库")
    return folder


def test_a_folder_with_a_file_of_no_kind_is_not_imported(wangge, tmp_path):
    folder = write_folder(tmp_path / "misspelt")
    (folder / "grid.csv").rename(folder / "grids.csv")
    (folder / "street.csv").write_text("code,district,name\n370117009,370117,不该有\n", "utf-8")
    told = wangge("registry", "import", folder, "--reason", "试", code=1)
    assert "grids.csv" in told and "没有写入" in told
    assert "370117009" not in wangge("registry", "list", "street", *DISTRICT)


def summary(text):
    return json.loads(text.splitlines()[-1])


def test_a_folder_is_imported_once_and_again_changes_nothing(wangge, filled):
    again = summary(wangge("registry", "import", filled, "--reason", "再来一次", "--json"))
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 9)
    assert "第3网格" in wangge("registry", "list", "grid", *DISTRICT)
    assert "艾山街道" in wangge("registry", "get", "street", "370117001", *DISTRICT)


def test_one_bad_reference_and_nothing_is_written(wangge, filled, tmp_path):
    (tmp_path / "building.csv").write_text(
        "code,district,grid,name\nB1,370117,370117001001001,一号楼\nB2,370117,370117001001999,二号楼\n", "utf-8")
    lines = [json.loads(line) for line in wangge("registry", "import", tmp_path / "building.csv", "--reason", "试", "--json",
                                                 code=1).splitlines()]
    assert lines[-1]["written"] is False and lines[-1]["errors"] >= 1
    assert lines[0]["line"] == 3 and lines[0]["file"].endswith("building.csv") and lines[0]["record"] == "B2"
    assert "没有" in wangge("registry", "list", "building", *DISTRICT)


GRID = "code,district,name,kind,households\n"
SHAPED = "code,district,name,kind,households,boundary\n"
NET = "370117001001"
# What is wrong, the file's kind, its content, and what the report must say. Each is imported beside a street that is
# right, which must not be there afterwards.
WRONG_FILES = [
    ("a grid code of 14 digits", "grid", GRID + f"{NET}01,370117,短码,basic,320\n", ("code", "15")),
    ("letters in a grid code", "grid", GRID + f"{NET}00A,370117,错码,basic,320\n", ("code",)),
    ("a grid of another district", "grid", GRID + "370118001001001,370117,外区,basic,320\n", ("code", "370117")),
    ("a grid whose community is not there", "grid", GRID + "370117001999001,370117,无社区,basic,320\n", ("370117001999",)),
    ("an unknown kind of grid", "grid", GRID + f"{NET}077,370117,错类,特大网格,320\n", ("kind", "基础网格")),
    ("households that are no number", "grid", GRID + f"{NET}077,370117,错数,basic,三百\n", ("households",)),
    ("a boundary with its axes swapped", "grid", SHAPED + f'{NET}077,370117,颠倒,basic,320,"POLYGON((36.1 117.8, 36.1 117.81, '
     '36.11 117.81, 36.1 117.8))"\n', ("boundary", "颠倒")),
    ("a boundary that crosses itself", "grid", SHAPED + f'{NET}077,370117,自交,basic,320,"POLYGON((117.8 36.1, 117.81 36.11, '
     '117.81 36.1, 117.8 36.11, 117.8 36.1))"\n', ("boundary", "自相交")),
    ("a boundary that is not closed", "grid", SHAPED + f'{NET}077,370117,未闭,basic,320,"POLYGON((117.8 36.1, 117.81 36.1, '
     '117.81 36.11))"\n', ("boundary",)),
    ("a code twice", "grid", GRID + f"{NET}077,370117,甲,basic,320\n{NET}077,370117,乙,basic,330\n", ("77", "2")),
    ("a wrong header", "grid", f"code,district,title,kind\n{NET}077,370117,错头,basic\n", ("title", "name")),
    ("no header", "grid", f"{NET}077,370117,无头,basic,320\n", (NET,)),
    ("an empty file", "grid", "", ("grid.csv",)),
    ("a row of too many columns", "grid", GRID + f"{NET}077,370117,多列,basic,320,1,2,3\n", ("2",)),
    ("bytes that are neither UTF-8 nor GB18030", "grid", (GRID + f"{NET}077,370117,").encode() + b"\xff\xfe\xff,basic,320\n",
     ("grid.csv",)),
    ("a party organisation that is its own grandparent", "party_org",
     "code,district,name,kind,parent,area\nPA,370117,甲支部,branch,PB,370117001001\nPB,370117,乙支部,branch,PA,370117001001\n", ("parent",)),
    ("an unknown department in a rule", "dispatch_rule",
     "code,district,rank,category_prefix,lead\nR9,370117,10,城乡建设,no-such-bureau\n", ("lead", "no-such-bureau")),
    ("a worker's post in a grid that is not there", "posting",
     f"code,district,person,role,area,from\nT9,370117,P1,grid_worker,{NET}999,2026-01-01\n", ("area", f"{NET}999")),
    ("an agreement that ends before it begins", "agreement",
     "code,district,unit,community,signed_on,ends_on\nA9,370117,U9,370117001001,2026-12-31,2026-01-01\n", ("ends_on",)),
]


@pytest.mark.parametrize("kind, content, words", [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in WRONG_FILES])
def test_a_folder_with_one_bad_file_is_not_imported_by_halves(wangge, filled, tmp_path, kind, content, words):
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "street.csv").write_text("code,district,name\n370117008,370117,不该有\n", "utf-8")
    (folder / f"{kind}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    told = wangge("registry", "import", folder, "--reason", "试", code=1)
    assert "没有写入" in told and all(word in told for word in words), told
    assert "370117008" not in wangge("registry", "list", "street", *DISTRICT)
    assert f"{NET}077" not in wangge("registry", "list", "grid", *DISTRICT)


def test_what_is_odd_but_right_is_imported(wangge, filled, tmp_path):
    """GB18030 from a spreadsheet, empty rows and columns, wide digits in a name, and a household count worth a warning."""
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "grid.csv").write_bytes(
        f"编码,区划代码,名称,类型,户数,\n,,,,,\n{NET}078,370117,第７８网格㐀,基础网格,620,\n\n,,,,,\n".encode("gb18030"))
    told = wangge("registry", "import", folder, "--reason", "表格")
    assert "households" in told and "620" in told
    assert "第７８网格㐀" in wangge("registry", "get", "grid", f"{NET}078", *DISTRICT)
    wangge("registry", "put", "grid", f"{NET}078", "--delete", *DISTRICT, "--reason", "试毕")


def test_a_formula_leaves_as_text_and_comes_back_as_it_was(wangge, filled, tmp_path):
    name = '=HYPERLINK("http://example.invalid")'
    wangge("registry", "put", "street", "370117007", f"name={name}", *DISTRICT, "--reason", "试")
    wangge("registry", "export", "street", tmp_path / "street.csv", *DISTRICT)
    with open(tmp_path / "street.csv", encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    back = summary(wangge("registry", "import", tmp_path / "street.csv", "--reason", "恢复", "--json"))
    assert back["created"] == back["changed"] == 0
    assert json.loads(wangge("registry", "get", "street", "370117007", *DISTRICT, "--json"))["street"]["name"] == name
    wangge("registry", "put", "street", "370117007", "--delete", *DISTRICT, "--reason", "试毕")


def test_a_dry_run_writes_nothing(wangge, filled, tmp_path):
    (tmp_path / "street.csv").write_text("code,district,name\n370117002,370117,里辛街道\n", "utf-8")
    assert "没有写入" in wangge("registry", "import", tmp_path / "street.csv", "--reason", "试", "--dry-run")
    wangge("registry", "get", "street", "370117002", *DISTRICT, code=1)


def test_an_import_of_many_parts_is_one(wangge, filled, tmp_path):
    rows = "".join(f"路{n},370117,第{n}路,道路\n" for n in range(2500))
    (tmp_path / "place.csv").write_text("code,district,name,kind\n" + rows, "utf-8")
    assert summary(wangge("registry", "import", tmp_path / "place.csv", "--reason", "地名", "--json"))["created"] == 2500
    wangge("registry", "export", "place", tmp_path / "out.csv", *DISTRICT)
    with open(tmp_path / "out.csv", encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 2500


def test_what_is_exported_is_imported_as_the_same(wangge, filled, tmp_path):
    wangge("registry", "export", "all", tmp_path / "backup", *DISTRICT, "--reason", "备份")
    back = summary(wangge("registry", "import", tmp_path / "backup", "--reason", "恢复", "--json"))
    assert back["created"] == back["changed"] == 0 and back["unchanged"] >= 9


def test_masked_people_cannot_be_imported_back(wangge, filled, tmp_path):
    wangge("registry", "export", "person", tmp_path / "person.csv", *DISTRICT)
    assert "张三" not in (tmp_path / "person.csv").read_text("utf-8")
    told = wangge("registry", "import", tmp_path / "person.csv", "--reason", "试", code=1)
    assert "person.name_masked" in told
    assert "10012345678" in wangge("registry", "get", "person", "P1", *DISTRICT, "--reason", "核对电话")


def test_put_changes_one_field_and_history_tells_which(wangge, filled):
    wangge("registry", "put", "grid", "370117001001002", "户数=400", *DISTRICT, "--reason", "入户核实")
    history = wangge("registry", "history", "grid", "370117001001002", *DISTRICT)
    assert "户数" in history and "入户核实" in history
    wangge("registry", "put", "grid", "370117001001002", "kind=小网格", *DISTRICT, "--reason", "试", code=1)
    wangge("registry", "put", "grid", "370117001001002", "nothing=1", *DISTRICT, "--reason", "试", code=2)
    wangge("registry", "put", "person", "P1", "phone=10087654321", *DISTRICT, "--reason", "换号")
    person = json.loads(wangge("registry", "get", "person", "P1", *DISTRICT, "--reason", "核对", "--json"))
    assert person["person"] == {"name": "示例·张三", "phone": "10087654321"}
