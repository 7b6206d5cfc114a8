"""wangge train: whatever can be pushed can be learned from; what is wrong is named, and no half model is written."""
import csv
import json
import os
import subprocess

import pytest

from harness.cell import BUILD, ROOT

FEED = ROOT / "ops/demo/feed"
WATER, LIGHT = "城乡建设/供水供气/停水", "城乡建设/市政设施/路灯不亮"


def train(*arguments, stdin=""):
    done = subprocess.run([BUILD / "ops/cli/wangge", "train", "--json", *arguments], capture_output=True, text=True, input=stdin,
                          env=os.environ | {"WANGGE_PROFILES": str(ROOT / "ops/profiles")})
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, lines, done.stderr


def line(n, category, text, **more):
    return json.dumps({"externalId": f"T{n}", "title": text[:6], "text": text, "category": category, **more}, ensure_ascii=False)


def some_lines():
    return [line(1, WATER, "小区从早上停水到晚上"), line(2, WATER, "三单元又停水没有通知"),
            line(3, LIGHT, "门口路灯不亮看不清路"), line(4, LIGHT, "巷子里路灯坏了三天不亮"), line(5, "", "晾衣杆坏了")]


def test_the_demo_feed_makes_a_model(tmp_path):
    feed = "".join(path.read_text(encoding="utf-8") for path in sorted(FEED.glob("*.jsonl")))
    code, lines, _ = train("--labels", "-", "--out", tmp_path / "m", stdin=feed)
    assert code == 0 and (tmp_path / "m").exists()
    assert lines[-1]["texts"] == feed.count("\n") and 0 < lines[-1]["labelled"] <= lines[-1]["texts"]
    assert lines[-1]["accuracy"] > 0.8


def test_json_lines_and_csv_of_the_same_orders_make_the_same_model(tmp_path):
    (tmp_path / "a.jsonl").write_text("\n".join(some_lines()) + "\n", encoding="utf-8")
    (tmp_path / "own.ini").write_text("[profile]\nabout = x\n[match]\ncolumns = n,t,x,c\n[columns]\nexternal_id = n\ntitle = t\n"
                                      "text = x\ncategory = c\n", encoding="utf-8")
    with (tmp_path / "a.csv").open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["n", "t", "x", "c"])
        for text in some_lines():
            order = json.loads(text)
            writer.writerow([order["externalId"], order["title"], order["text"], order["category"]])
    for name, more in (("a.jsonl", ()), ("a.csv", ("--profile", tmp_path / "own.ini"))):
        code, lines, errors = train("--labels", tmp_path / name, "--out", tmp_path / f"{name}.model", *more)
        assert code == 0, (lines, errors)
        assert (lines[-1]["texts"], lines[-1]["labelled"]) == (5, 4)
    assert (tmp_path / "a.jsonl.model").read_bytes() == (tmp_path / "a.csv.model").read_bytes()


def test_a_broken_record_is_named_and_the_rest_is_learned(tmp_path):
    lines = some_lines()
    lines.insert(2, '{"externalId": "T9", "nosuch": 1}')
    lines.insert(0, "{")
    code, told, _ = train("--labels", "-", "--out", tmp_path / "m", stdin="\n".join(lines) + "\n\n")
    assert code == 1 and (tmp_path / "m").exists()
    assert [one["line"] for one in told[:-1]] == [1, 4] and all(one["message"] for one in told[:-1])
    assert (told[-1]["read"], told[-1]["refused"], told[-1]["texts"]) == (7, 2, 5)


@pytest.mark.parametrize("content, word", [
    ("", "no"),
    (line(1, "", "没有分类") + "\n" + line(2, "", "也没有分类") + "\n", "no order has a category"),
    (line(1, WATER, "停水一天") + "\n" + line(2, LIGHT, "路灯不亮") + "\n", "one text only"),
    ("编号,内容\n1,停水\n", "profile"),
])
def test_nothing_to_learn_from_writes_nothing(tmp_path, content, word):
    model = tmp_path / "m"
    model.write_bytes(b"the old one")
    code, lines, errors = train("--labels", "-", "--out", model, stdin=content)
    assert code == 2 and word in errors, (lines, errors)
    assert model.read_bytes() == b"the old one" and list(tmp_path.iterdir()) == [model]


def test_a_file_that_is_not_there(tmp_path):
    code, _, errors = train("--labels", tmp_path / "nosuch.jsonl", "--out", tmp_path / "m")
    assert code == 2 and "nosuch.jsonl" in errors and not (tmp_path / "m").exists()
    assert train("--out", tmp_path / "m")[0] == 2
    assert train("--labels", "-", stdin="\n".join(some_lines()))[0] == 2
