"""Files of records with the command alone: what it says of kinds, of files with faults, and what its forms hold."""
import json
import os
import subprocess
import zipfile

import pytest

from harness.cell import BUILD

GRIDS = "编码,名称,类型,户数\n370117001001001,第一网格,基础网格,350\n"


@pytest.fixture
def wangge(tmp_path):
    """Runs the command without any configuration: no service is asked."""
    def run(*arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
        return subprocess.run([BUILD.resolve() / "ops/cli/wangge", *map(str, arguments)], capture_output=True, cwd=tmp_path, text=True,
                              env=environment | {"LC_ALL": "C.UTF-8"}, timeout=60)
    return run


def test_kinds_are_told_for_people_and_programs(wangge):
    shown = wangge("registry", "kinds", "网格")
    assert shown.returncode == 0 and "basic（基础网格）" in shown.stdout
    kinds = json.loads(wangge("registry", "kinds", "--json").stdout)["kinds"]
    names = [kind["name"] for kind in kinds]
    assert names.index("grid") < names.index("building") < names.index("household")
    assert [column["field"] for column in kinds[names.index("grid")]["columns"]][:3] == ["code", "district", "name"]
    assert wangge("registry", "kinds", "gird").returncode == 2


def test_a_file_with_errors_is_told_by_line_and_asks_no_service(wangge, tmp_path):
    (tmp_path / "grid.csv").write_text(GRIDS + "370117001001002,第二网格,小网格,三百\n\n370117001001001,又一个,专属网格,\n", "utf-8")
    done = wangge("registry", "import", "grid.csv", "--district", "370117", "--reason", "试")
    assert done.returncode == 1, done.stderr
    assert "grid.csv:3" in done.stdout and "grid.csv:5" in done.stdout and "没有写入" in done.stdout
    lines = [json.loads(line) for line in
             wangge("registry", "import", "grid.csv", "--district", "370117", "--reason", "试", "--json").stdout.splitlines()]
    found = [(line["line"], line["code"]) for line in lines[:-1]]
    assert found == [(3, "grid.kind_value"), (3, "grid.households_number"), (5, "file.code_twice")]
    assert lines[-1]["errors"] == 3 and lines[-1]["written"] is False


def test_a_wrong_header_names_the_columns_that_exist(wangge, tmp_path):
    (tmp_path / "grids.csv").write_text("编号,名称\n1,一\n", "gb18030")
    done = wangge("registry", "import", "grid", "grids.csv", "--district", "370117", "--reason", "试")
    assert done.returncode == 1
    assert "编号" in done.stdout and "households" in done.stdout and "缺少必填的列" in done.stdout


def test_usage_is_checked_before_anything_is_asked(wangge, tmp_path):
    (tmp_path / "grid.csv").write_text(GRIDS, "utf-8")
    wrong = [("registry", "import", "grid.csv", "--district", "370117"), ("registry", "import", "missing.csv", "--reason", "x"),
             ("registry", "import", "grid.csv", "--district", "37011", "--reason", "x"),
             ("registry", "export", "grid", "x.csv"), ("registry", "get", "grid", "1"), ("check", "net"),
             ("registry", "list", "grid", "--district", "370117", "--field", "name"),
             ("registry", "put", "grid", "1", "--district", "370117")]
    for arguments in wrong:
        assert wangge(*arguments).returncode == 2, arguments
    assert not (tmp_path / "x.csv").exists()


def test_a_form_has_the_columns_and_what_may_be_chosen(wangge, tmp_path):
    assert wangge("registry", "export", "grid", "网格.xlsx", "--template").returncode == 0
    with zipfile.ZipFile(tmp_path / "网格.xlsx") as book:
        notes = book.read("xl/comments1.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        text = sheet + "".join(book.read(name).decode() for name in book.namelist() if "sharedStrings" in name)
    for word in ("编码", "户数", "基础网格", "dataValidation"):
        assert word in text
    assert "households：整数" in notes and "取值：基础网格、专属网格" in notes
    assert "<f>" not in sheet
    assert wangge("registry", "export", "grid", "grid.csv", "--template", "--labels").returncode == 0
    assert (tmp_path / "grid.csv").read_bytes().startswith("\ufeff编码,区划代码,名称".encode())
    assert wangge("registry", "export", "grid", "/nonexistent/grid.csv", "--template").returncode == 1


def test_every_kind_has_a_form_of_either_format(wangge, tmp_path):
    for kind in json.loads(wangge("registry", "kinds", "--json").stdout)["kinds"]:
        name, labels = kind["name"], [column["label"] for column in kind["columns"]]
        assert wangge("registry", "export", name, f"{name}.xlsx", "--template").returncode == 0, name
        with zipfile.ZipFile(tmp_path / f"{name}.xlsx") as book:
            assert book.read("xl/comments1.xml").decode().count("<comment ") == len(labels), name
            assert book.testzip() is None
    assert wangge("registry", "export", "all", "forms", "--template", "--labels").returncode == 0
    assert len(list((tmp_path / "forms").glob("*.csv"))) == len(list(tmp_path.glob("*.xlsx")))


def test_a_spreadsheet_is_not_read_and_it_is_said_what_to_do(wangge, tmp_path):
    assert wangge("registry", "export", "grid", "grid.xlsx", "--template").returncode == 0
    done = wangge("registry", "import", "grid", "grid.xlsx", "--district", "370117", "--reason", "试")
    assert done.returncode == 2 and "save it as CSV" in done.stderr


def test_every_command_has_help_with_examples(wangge):
    for name in ("kinds", "get", "list", "history", "put", "import", "export", "check", "happen", "duties", "lists", "flowchart"):
        shown = wangge("registry", name, "--help")
        assert shown.returncode == 0 and "examples:" in shown.stdout and "wangge " in shown.stdout, name
