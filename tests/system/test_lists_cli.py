"""The commands of the lists: the demo's lists are taken as they stand, tables, CSV and JSON show them, wrong input is told by
line and field, and help has examples."""
import csv
import json
import os
import subprocess
import time

import pytest

from harness.cell import ROOT, pushing_cell

DEMO = ROOT / "ops/demo/lists.jsonl"
SCENE = ROOT / "ops/demo/scene.png"


@pytest.fixture(scope="module")
def cell():
    with pushing_cell() as made:
        yield made


@pytest.fixture(scope="module")
def wangge(cell):
    def run(*arguments, code=0):
        done = subprocess.run([cell.build / "ops/cli/wangge", *map(str, arguments)], capture_output=True, text=True,
                              env={**os.environ, "WANGGE_CONFIG": str(cell.folder / "client.ini")})
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if code == 0 else done.stderr
    return run


@pytest.fixture(scope="module")
def demo(cell, wangge):
    """The demo's lists, applied twice: the second time changes nothing."""
    path = cell.folder / "lists.jsonl"
    path.write_text(DEMO.read_text().replace("@CLOSES_AT@", str(int((time.time() + 3600) * 1e6))))
    lines = len(path.read_text().splitlines())
    wangge("attach", "put", SCENE, "--district", "370117", "--as", "registrar")
    for _ in range(2):
        assert wangge("lists", "apply", path) == f"applied {lines} changes\n"


def test_the_demo_is_what_its_program_writes():
    done = subprocess.run(["/usr/bin/python3", ROOT / "ops/demo/lists.py"], capture_output=True, text=True, check=True)
    assert done.stdout == DEMO.read_text()


def test_every_list_is_filled(wangge, demo):
    pledges = [json.loads(line) for line in wangge("pledge", "list", "--json").splitlines()]
    assert len(pledges) == 10
    assert {p["state"] for p in pledges} >= {f"ENTRY_STATE_{s}" for s in ("DRAFT", "PROMISED", "FULFILLED", "REVIEWING", "REVIEWED")}
    assert {s["source"] for p in pledges for s in p["pledge"]["text"].get("sources", [])} == {
        f"PLEDGE_SOURCE_{s}" for s in ("PATROL", "FOLLOW_UP", "THEME_DAY", "QUESTIONNAIRE", "VISIT")}
    meetings = {json.loads(line)["code"]: json.loads(line) for line in wangge("meeting", "list", "--json").splitlines()}
    assert [t.get("adopted", False) for t in meetings["2026-11-hy"]["meeting"]["topics"]] == [True, True, False]
    assert "府" not in wangge("questionnaire", "list") and "2027-needs" in wangge("questionnaire", "list")
    problems = wangge("problem-list", "list")
    assert all(word in problems for word in ("listed", "assigned", "in_progress", "solved", "垃圾点外溢"))
    figures = json.loads(wangge("pledge", "figures", "--year", "2026", "--json"))
    assert (figures["promised"], figures["fulfilled"], figures["late"], figures["unfulfilled"], figures["open"]) == (8, 4, 1, 1, 3)
    assert figures["reviewed"] == 3
    text = wangge("pledge", "figures", "--year", "2026")
    assert "50.0 % (4 of 8)" in text and "party_members" in text
    assert "none (of 0)" in wangge("pledge", "figures", "--year", "2020")


def test_csv_opens_in_a_spreadsheet(wangge, demo, cell):
    wangge("meeting", "plan", "formula", "--area", "370117001", "--year", "2026", "--title", "=1+1, \"x\"", "--planned-on",
           "2026-12-01", "--host", "h")
    path = cell.folder / "meetings.csv"
    assert "4 rows" in wangge("meeting", "list", "--out", path, "--as", "dispatcher")
    head, *lines = path.read_text("utf-8-sig").splitlines()
    assert "dispatcher" in head
    rows = list(csv.DictReader(lines))
    assert [r["TITLE"] for r in rows if r["CODE"] == "formula"] == ["'=1+1, \"x\""], "nothing is a formula"
    row = next(r for r in rows if r["CODE"] == "2026-11-hy")
    assert (row["TOPICS"], row["ADOPTED"], row["ORDERS"], row["HELD"]) == ("3", "2", "1", "2026-11-10")
    assert "3 rows" in wangge("pledge", "list", "--state", "promised", "--out", cell.folder / "pledges.xlsx")
    assert "--json goes to" in wangge("pledge", "list", "--json", "--out", path, code=2)


def test_a_questionnaire_is_answered(wangge, demo):
    tokens = wangge("questionnaire", "tokens", "2027-needs", "--count", 2, "--request-id", "t").split()
    assert tokens == wangge("questionnaire", "tokens", "2027-needs", "--count", 2, "--request-id", "t").split()
    answer = ("questionnaire", "answer", "2027-needs", tokens[0], "--as", "gateway")
    own = ("--request-id", "0123456789abcdef")
    for _ in range(2):
        assert wangge(*answer, *own, "1=2", "2=1,3", "5=2条路都要灯") == "counted\n"
    assert "was used" in wangge(*answer, *own, "1=1", code=1) and "was used" in wangge(*answer, "1=2", "2=1,3", "5=2条路都要灯", code=1)
    assert "wanted is QUESTION" in wangge(*answer, "x", code=2)
    shown = wangge("questionnaire", "results", "2027-needs", "--as", "registrar")
    assert "1 answers to 2 tokens" in shown and "2条路都要灯" in shown


def test_history_and_versions(wangge, demo):
    history = wangge("pledge", "history", "2026-06", "--as", "water")
    assert "pledge_amend" in history and "一处选点消防条件不足" in history and "pledge_draft" not in history
    first = json.loads(wangge("pledge", "show", "2026-06", "--version", 2, "--json"))["entry"]["pledge"]
    now = json.loads(wangge("pledge", "show", "2026-06"))["entry"]["pledge"]
    assert first["text"]["promise"] == "开办3处助餐点" and now["text"]["promise"].startswith("开办2处") and now["promiseVersion"] == 2


def test_the_photo_of_a_listed_problem_is_fetched_by_its_record(wangge, demo, cell, tmp_path):
    shown = json.loads(wangge("problem-list", "show", "p-2026-01", "--json", "--as", "water"))["entry"]
    photo = shown["problem"]["verification"]["photos"][0]
    get, out = ("attach", "get", photo["sha256"], "--district", "370117", "--record"), tmp_path / "seen.png"
    wangge(*get, "problem:p-2026-01", "--ticket", photo["ticket"], "--out", out, "--as", "water")
    assert out.read_bytes() == SCENE.read_bytes()
    assert "NOT_FOUND" in wangge(*get, "problem:p-2026-01", "--out", out, "--as", "water", code=1) and not out.exists()
    for record in ("p-2026-01", "problem:", "street:1", ":x"):
        assert "pledge:CODE" in wangge(*get, record, "--out", out, code=2)
    assert "either" in wangge("attach", "get", photo["sha256"], "--out", out, code=2)
    assert "either" in wangge("attach", "get", 1, photo["sha256"], "--record", "problem:p-2026-01", "--out", out, code=2)


def test_what_is_wrong_is_told(wangge, demo, cell):
    assert "possible: review_vote" in wangge("pledge", "finish", "2026-03", "--result", "r", code=1)
    assert "NOT_FOUND" in wangge("pledge", "promise", "nothing", code=1)
    assert "PERMISSION_DENIED" in wangge("pledge", "promise", "2027-01", "--as", "water", code=1)
    assert "reason is required" in wangge("pledge", "withdraw", "2027-01", code=1)
    assert "approve must be" in wangge("pledge", "vote", "2026-03", "--group", "residents", "--approve", "many", code=2)
    bad = cell.folder / "bad.json"
    for text, told in (("{", "bad.json:1"), ("[]", "no object"), ('{"promised": 1}', "no such field")):
        bad.write_text(text)
        assert told in wangge("pledge", "draft", "bad", "--file", bad, code=2)
    assert "No such file" in wangge("pledge", "draft", "bad", "--file", cell.folder / "none.json", code=2)
    lines = cell.folder / "bad.jsonl"
    lines.write_text('{"district":"370117","code":"x-1","meetingCancel":{},"reason":"r"}\n')
    assert "bad.jsonl:1" in wangge("lists", "apply", lines, code=1)


@pytest.mark.parametrize("command", ["pledge amend", "meeting vote", "questionnaire tokens", "lists apply", "pledge list"])
def test_help_has_examples(wangge, command):
    text = wangge(*command.split(), "--help")
    assert f"wangge {command}" in text.split("examples:")[1]
