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
