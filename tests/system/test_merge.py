"""Similar orders become problems: the demo's stories that several residents told are found, people decide, a kill and a
restart in between change nothing."""
import json
import subprocess

import pytest

from harness import proto
from harness.cell import ROOT, Cell
from harness.client import CallError
from harness.orders import order
from harness.proto import CODE
from harness.wait import until

R = proto.routing
DEMO = ROOT / "ops/demo"
STORIES = {"充电": "亲和家园", "加装电梯": "汶河社区15号楼", "小舞台": "新兴"}  # what several want, and where


def feed():
    """What the sources of the demo say of one district, in order of time."""
    rows = [json.loads(line) for path in sorted((DEMO / "feed").glob("*.jsonl"))
            for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted((row for row in rows if row["district"] == "370117"), key=lambda row: int(row["occurredAt"]))


def train(cell_folder, build, rows):
    """A model of the feed's texts, made as an operator makes it."""
    table, model = cell_folder / "feed.jsonl", cell_folder / "text.model"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = subprocess.run([build.resolve() / "ops/cli/wangge", "train", "--out", model, table], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return model


@pytest.fixture(scope="module")
def told():
    made = Cell(settings={"intake": {"reference": DEMO / "reference"}, "tracking": {"reference": DEMO / "reference"},
                          "routing": {"reference": DEMO / "reference", "similar_mb": 2}})
    try:
        rows = feed()
        made.settings["routing"]["model"] = train(made.folder, made.build, rows)
        made.start()
        yield made, push(made, rows)
    finally:
        made.stop()


def push(cell, rows):
    """Pushes them one after the other; gives the rows by order id."""
    orders = []
    for row in rows:
        fields = {"external_id": row["externalId"], "title": row["title"], "text": row["text"], "category": row["category"],
                  "address": row["address"], "grid_code": row.get("gridCode", ""), "position": None,
                  "reporter": proto.intake.Reporter(**row.get("reporter", {}))}
        orders.append(order(**fields))
    ids = cell.push_accepted(orders)
    until(lambda: routed(cell, ids[-1]), "all are routed")
    return dict(zip(ids, rows))


def routed(cell, order_id):
    try:
        return cell.assignment(order_id)
    except CallError as error:
        assert error.code == CODE.CODE_NOT_FOUND, error
        return None


def suggestions(cell, **fields):
    return list(cell.call("dispatcher", "Routing/Suggestions", R.SuggestionsRequest(limit=1000, **fields)).suggestions)


def story(row):
    said = row["title"] + row["text"]
    return next((word for word, place in STORIES.items() if word in said and place in said), None)


def decide(cell, one, accept, reason="已核实"):
    return cell.call("dispatcher", "Routing/DecideSuggestion", R.DecideSuggestionRequest(
        order_id=one.order_id, problem_id=one.problem_id, accept=accept, reason=reason, acting_person="0017"))


def test_the_stories_are_found(told):
    cell, rows = told
    found = suggestions(cell, state=R.SUGGESTION_STATE_PENDING)
    assert found and all(one.evidence and one.grams and 0 < one.score <= 1 for one in found)
    for word in STORIES:
        ids = sorted(id for id, row in rows.items() if story(row) == word)
        for later in ids[1:]:
            assert any(one.order_id == later and one.problem_id in ids for one in found), (word, later)
    levels = [one.level for one in found]
    assert levels == sorted(levels, reverse=True)


def test_after_a_kill_the_same_is_suggested(told):
    cell, rows = told
    before = suggestions(cell)
    text = next(row for row in rows.values() if story(row) == "充电")
    again = dict(text, externalId="AGAIN-1", reporter={"name": "钱某", "phone": "10000000001"})
    first = next(iter(push(cell, [again])))
    from_memory = suggestions(cell, order_id=first)
    cell.kill("routing")
    cell.start_service("routing")
    cell.wait_ready("routing")
    assert suggestions(cell)[:1] and {(s.order_id, s.problem_id) for s in before} <= {
        (s.order_id, s.problem_id) for s in suggestions(cell)}
    second = next(iter(push(cell, [dict(again, externalId="AGAIN-2", reporter={"name": "孙某", "phone": "10000000002"})])))
    from_database = suggestions(cell, order_id=second)
    scores = {one.problem_id: round(one.score, 4) for one in from_database}
    for one in from_memory:
        if one.problem_id in scores:
            assert scores[one.problem_id] == round(one.score, 4)
    assert from_memory and any(one.problem_id == first for one in from_database)


def test_one_person_twice_is_merged_at_once(told):
    cell, rows = told
    text = dict(next(row for row in rows.values() if story(row) == "小舞台"), reporter={"name": "李某", "phone": "10000000003"})
    first = next(iter(push(cell, [dict(text, externalId="SAME-1")])))
    second = next(iter(push(cell, [dict(text, externalId="SAME-2")])))
    problem = cell.call("dispatcher", "Routing/Problem", R.ProblemRequest(problem_id=second))
    assert problem.problem.problem_id == first and problem.problem.members == 2
    assert [m.added_by for m in problem.members] == ["system", "system"]
    assert cell.assignment(second).assignment.order_id == second  # with a number and a way of its own
    dump = str(problem) + str(suggestions(cell)) + str(cell.assignment(second))
    assert "10000000003" not in dump and "李某" not in dump and "reporter_ref" not in dump


def test_people_decide_and_undo(told):
    cell, _ = told
    one = suggestions(cell, state=R.SUGGESTION_STATE_PENDING)[0]
    desk = cell.call("dispatcher", "Routing/Desk", R.DeskRequest(kind=R.DESK_KIND_MERGE, limit=200))
    assert any(item.assignment.order_id == one.order_id and item.suggestions for item in desk.items)
    problem = decide(cell, one, True).problem
    assert problem.members >= 2
    cell.call("dispatcher", "Routing/Unmerge", R.UnmergeRequest(order_id=one.order_id, reason="不是一件事"))
    cell.call("dispatcher", "Routing/Merge", R.MergeRequest(order_id=one.order_id, into=problem.problem_id, reason="是一件事"))
    shown = cell.call("operator", "Routing/Problem", R.ProblemRequest(problem_id=problem.problem_id))
    assert [m.n for m in shown.members if m.order_id == one.order_id] == [1, 2]
    listed = cell.call("dispatcher", "Routing/Problems", R.ProblemsRequest(min_members=2)).problems
    assert problem.problem_id in [p.problem_id for p in listed]


def test_only_a_dispatcher_merges(told):
    cell, rows = told
    ids = list(rows)
    for caller in ("operator", "hotline-12345"):
        with pytest.raises(CallError) as error:
            cell.call(caller, "Routing/Merge", R.MergeRequest(order_id=ids[1], into=ids[0], reason="x"))
        assert error.value.code == CODE.CODE_PERMISSION_DENIED
    with pytest.raises(CallError) as error:
        cell.call("dispatcher", "Routing/Merge", R.MergeRequest(order_id=ids[1], into=ids[0]))
    assert error.value.code == CODE.CODE_INVALID_ARGUMENT


def test_nothing_is_parked(told):
    cell, _ = told
    assert cell.metric("tracking", "wangge_follow_parked") == 0


def test_nothing_is_told_to_be_off(told):
    cell, _ = told
    assert cell.call("operator", "Ops/Queues", proto.ops.QueuesRequest(), service="routing").notice == ""
    assert json.loads(cell.http("routing", "/readyz")[1])["checks"]["notice"] == {"ready": True}


# --- themes ---
def swept(cell):
    """Asks for a sweep and gives the themes it found."""
    before = cell.call("dispatcher", "Routing/SweepThemes", R.SweepThemesRequest()).swept_at
    themes = lambda **fields: cell.call("operator", "Routing/Themes", R.ThemesRequest(limit=1000, **fields))
    until(lambda: themes().swept_at > before, "the sweep ends")
    return list(themes().themes)


def charging(themes):
    return [one for one in themes if "充电" in one.title]


def test_what_many_places_want_is_a_theme(told):
    cell, rows = told
    theme, = charging(swept(cell))
    assert theme.grids >= 3 and theme.orders >= 5 and not theme.ended_at and theme.grams
    assert f"{theme.grids}个网格" in theme.evidence and theme.category == "城乡建设/物业管理/充电设施"
    shown = cell.call("dispatcher", "Routing/Theme", R.ThemeRequest(theme_id=theme.theme_id))
    ids = [member.order_id for member in shown.members]
    assert ids == sorted(ids) and len(ids) == theme.orders
    assert len({member.grid_code for member in shown.members}) == theme.grids
    for member in shown.members:
        if member.order_id in rows:
            assert "充电" in rows[member.order_id]["title"] + rows[member.order_id]["text"], rows[member.order_id]
            assert cell.assignment(member.order_id).assignment.order_id == member.order_id, "a link, not a merge"


def test_a_theme_keeps_its_number_while_it_goes_on(told):
    cell, rows = told
    before, = charging(swept(cell))
    echo = next(row for row in rows.values() if "金鼎嘉园" in row["title"] and "充电" in row["title"])
    new = next(iter(push(cell, [dict(echo, externalId="ECHO-1", title="金鼎嘉园还是没有充电桩")])))
    cell.kill("routing")
    cell.start_service("routing")
    cell.wait_ready("routing")
    after, = charging(swept(cell))
    assert after.theme_id == before.theme_id and after.first_at == before.first_at < after.swept_at
    members = cell.call("dispatcher", "Routing/Theme", R.ThemeRequest(theme_id=after.theme_id)).members
    assert new in [member.order_id for member in members] and after.orders == before.orders + 1


def test_themes_are_paged(told):
    cell, _ = told
    everything = [one.theme_id for one in swept(cell)]
    paged, token = [], ""
    while True:
        page = cell.call("operator", "Routing/Themes", R.ThemesRequest(limit=1, page_token=token))
        paged += [one.theme_id for one in page.themes]
        token = page.next_page_token
        if not token:
            break
    assert paged == everything == sorted(everything, reverse=True)


@pytest.mark.parametrize("method, request_", [
    ("Themes", R.ThemesRequest(limit=-1)), ("Themes", R.ThemesRequest(limit=1001)), ("Themes", R.ThemesRequest(page_token="x")),
    ("Themes", R.ThemesRequest(page_token="-1")), ("Themes", R.ThemesRequest(district="37")),
    ("Themes", R.ThemesRequest(min_grids=-1)), ("Theme", R.ThemeRequest()), ("Theme", R.ThemeRequest(theme_id=-5)),
])
def test_bad_requests_for_themes(told, method, request_):
    cell, _ = told
    with pytest.raises(CallError) as error:
        cell.call("operator", f"Routing/{method}", request_)
    assert error.value.code == CODE.CODE_INVALID_ARGUMENT
    with pytest.raises(CallError) as error:
        cell.call("operator", "Routing/Theme", R.ThemeRequest(theme_id=10**15))
    assert error.value.code == CODE.CODE_NOT_FOUND


def test_the_command_shows_themes(told):
    cell, _ = told
    theme, = charging(swept(cell))

    def wangge(*arguments):
        return subprocess.run([cell.build.resolve() / "ops/cli/wangge", *map(str, arguments), "--config", cell.folder / "client.ini"],
                              capture_output=True, text=True)
    done = wangge("themes", "--grids", theme.grids, "--json")
    assert str(theme.theme_id) in [json.loads(line)["themeId"] for line in done.stdout.splitlines()], done.stderr
    assert theme.evidence in wangge("themes").stdout
    assert theme.title in wangge("theme", theme.theme_id).stdout
    assert wangge("theme", "x").returncode == 2 and wangge("theme", 10**15).returncode == 1
    assert wangge("themes", "--grids", "x").returncode == 2


def test_odd_texts_go_the_whole_way(told):
    """Width, emoji, invisible characters, 7,000 characters, hardly a word: decided like any, and only what says the same is one."""
    cell, rows = told
    row = next(iter(rows.values()))

    def say(name, text, person, **fields):
        made = dict(row, externalId=name, title="", text=text, address="", gridCode="", reporter={"name": "", "phone": person}, **fields)
        return next(iter(push(cell, [made])))

    def members(order_id):
        """Its problem and how many are of it; an order that stands alone is no problem yet."""
        try:
            problem = cell.call("dispatcher", "Routing/Problem", R.ProblemRequest(problem_id=order_id)).problem
        except CallError as error:
            assert error.code == CODE.CODE_NOT_FOUND, error
            return order_id, 1
        return problem.problem_id, problem.members
    wide = say("ODD-1", "铁流花园１２号楼　ＡＢ单元二次供水泵房漏水，水泵整夜响！", "10000000011")
    narrow = say("ODD-2", "铁流花园12号楼AB单元二次供水泵房漏水,水泵整夜响!", "10000000011")
    assert members(narrow) == (wide, 2), "the same words of one person, in other characters"
    long = "铁流花园2号楼东侧围墙倒塌" + "，砖块散落一地无人清理" * 636
    assert len(long) >= 7000
    first, again, other = say("ODD-3", long, "10000000012"), say("ODD-4", long, "10000000012"), say("ODD-5", long, "10000000013")
    assert members(again) == (first, 2) and members(other) == (other, 1), "another person's is suggested, not merged"
    assert any(one.problem_id == first for one in suggestions(cell, order_id=other))
    alone = [say(f"ODD-{n}", text, "10000000014") for n, text in enumerate(("😀👍🏽", "\u200b\u200d\ufeff。", "？！……", "水"), 6)]
    assert [members(one) for one in alone] == [(one, 1) for one in alone], "what says nothing is like nothing"
    for order_id in (wide, narrow, first, again, other, *alone):
        assert cell.assignment(order_id).assignment.state == R.ASSIGNMENT_STATE_DISPATCHED
    assert cell.call("hotline-12345", "Intake/Get", proto.intake.GetOrderRequest(order_id=first)).order.text == long


@pytest.mark.parametrize("setting, wrong, says", [
    ("sweep_at", value, "must be a time of day as 02:30") for value in ("24:00", "02:60", "2:30", "0230", "-1:30", "02:30:00", "nachts")
] + [("category_confidence", value, "must be a number from 0 to 1") for value in ("1.1", "-0.1", "much", "nan")])
def test_a_bad_setting_is_refused_at_start(told, setting, wrong, says):
    """The service tells what is wrong and ends before it binds or writes anything."""
    cell, _ = told
    text = (cell.folder / "wangge.ini").read_text().replace("[routing]", f"[routing]\n{setting} = {wrong}", 1)
    (cell.folder / "bad.ini").write_text(text)
    done = subprocess.run([cell.build.resolve() / "services/routing/wangge-routing", "--config", cell.folder / "bad.ini"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    assert says in done.stdout + done.stderr
