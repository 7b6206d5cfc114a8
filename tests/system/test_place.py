"""Where an order is, found from what came with it, with the demo district's own reference data and feed; and what that
and the category its text suggests do to the routing."""
import collections
import csv
import json
import pathlib
import subprocess

import pytest
from google.protobuf import json_format
from shapely import wkt
from shapely.geometry import Point

from harness import proto
from harness.cell import BUILD, Cell
from harness.orders import order
from harness.wait import until

R = proto.routing
DEMO = pathlib.Path(__file__).resolve().parents[2] / "ops/demo"
FEED = {path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in sorted((DEMO / "feed").glob("*.jsonl"))}
LABELLED = "留言编号,留言用户,留言主题,留言时间,留言详情,一级标签".split(",")
SURE = 0.3  # the model of so few texts is modest


def grid_led():
    """An order of the feed, with code and position, that the catalogue gives to its grid whatever else it is."""
    with open(DEMO / "reference/dispatch_rule.csv", encoding="utf-8", newline="") as file:
        rules = list(csv.DictReader(file))
    for one in FEED["hotline-12345"]:
        fitting = [rule for rule in rules if rule["district"] == one["district"]
                   and f"{one['category']}/".startswith(rule["category_prefix"] + "/")]
        if one.get("gridCode") and one.get("position") and fitting and fitting[0]["lead"] == "grid":
            return one
    raise AssertionError("no order of the feed is led by its grid")


LED = grid_led()


def train(folder):
    """A model from the feed's own orders: their categories are known."""
    texts = [(one["category"], one["title"], one["text"]) for orders in FEED.values() for one in orders if one.get("category")]
    often = collections.Counter(category for category, _, _ in texts)
    with open(folder / "labelled.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LABELLED)
        for n, (category, title, text) in enumerate(texts):
            if often[category] > 2:
                writer.writerow([f"L{n}", "某", title, "2025/3/1 8:00:00", text, category])
    done = subprocess.run([BUILD / "ops/cli/wangge", "train", "--labels", folder / "labelled.csv", "--out",
                           folder / "text.model", "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "text.model"


@pytest.fixture(scope="module")
def demo_cell():
    made = Cell(services=("intake", "routing"))
    made.principals.update({name: {"roles": "source"} for name in FEED})
    made.principals["led-grid"] = {"roles": "department", "department": LED["gridCode"]}
    reference = {"reference": DEMO / "reference"}
    made.settings = {"intake": dict(reference),
                     "routing": {**reference, "model": train(made.folder), "category_confidence": SURE}}
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def grids():
    with open(DEMO / "reference/grid.csv", encoding="utf-8", newline="") as file:
        return {row["code"]: wkt.loads(row["boundary"]) for row in csv.DictReader(file)}


def routed(cell, order_id):
    def found():
        try:
            return cell.assignment(order_id).assignment
        except Exception:  # not there yet
            return None
    return until(found, f"order {order_id} is decided")


def push(cell, given, source, suffix="", **changes):
    """Pushes orders of the feed, changed; gives their assignments."""
    made = []
    for one in given:
        message = json_format.ParseDict({**one, "externalId": one["externalId"] + suffix}, proto.intake.NewOrder())
        for name in changes.get("without", ()):
            message.ClearField(name)
        made.append(message)
    return [routed(cell, order_id) for order_id in cell.push_accepted(made, source)]


@pytest.fixture(scope="module")
def fed(demo_cell):
    """(order of the feed, its assignment), as it came."""
    return [pair for source, given in FEED.items() for pair in zip(given, push(demo_cell, given, source))]


def test_the_reference_data_is_understood(demo_cell):
    assert demo_cell.metric("routing", "wangge_routing_grids") == 102 + 47
    assert demo_cell.metric("routing", "wangge_routing_places") > 2500
    for of in ("records", "net"):
        assert demo_cell.metric("routing", "wangge_routing_place_findings", of=of) == 0


def test_every_order_of_the_feed_gets_its_place(fed, grids):
    hows = collections.Counter()
    for given, assignment in fed:
        place = assignment.place
        hows[place.how] += 1
        if given.get("gridCode"):
            assert (place.how, place.grid_code) == ("grid_code", given["gridCode"]), given
        elif given.get("position"):
            at = Point(given["position"]["lon"], given["position"]["lat"])
            assert grids[place.grid_code].buffer(1e-6).contains(at), given
        assert place.grid_code[:6] in ("", given["district"])
        assert place.evidence and 0 <= place.confidence <= 1
        assert place.grid_code.startswith(place.community) and place.community.startswith(place.street)
    located = sum(bool(assignment.place.grid_code) for _, assignment in fed)
    assert located >= 0.97 * len(fed), hows
    assert set(hows) >= {"grid_code", "position", "address"}


def test_less_than_was_given_leads_to_the_same_grid(demo_cell):
    """The position alone always, the address alone mostly and, where it is not enough, never to a wrong grid."""
    sure = [one for orders in FEED.values() for one in orders if one.get("gridCode") and one.get("position")]
    for one, assignment in zip(sure, push(demo_cell, sure, "patrol", "-p", without=["grid_code"])):
        assert (assignment.place.how, assignment.place.grid_code) == ("position", one["gridCode"]), one
    named = [one for orders in FEED.values() for one in orders if one.get("gridCode")]
    right = 0
    wrong = []
    for one, assignment in zip(named, push(demo_cell, named, "patrol", "-a", without=["grid_code", "position"])):
        if assignment.place.grid_code == one["gridCode"]:
            right += 1
        elif assignment.place.grid_code:
            wrong.append((one["address"], one["gridCode"], assignment.place.grid_code, assignment.place.evidence))
    assert right >= 0.9 * len(named), right
    assert not wrong, wrong[:5]


def test_an_order_that_the_grid_leads_goes_to_the_grid_that_was_found(demo_cell, fed):
    by_position = push(demo_cell, [LED], "patrol", "-f", without=["grid_code", "address"])[0]
    silent = {**LED, "title": "请协调", "text": "请来人协调。"}
    nowhere = push(demo_cell, [silent], "patrol", "-n", without=["grid_code", "address", "position"])[0]
    assert by_position.department == by_position.place.grid_code == LED["gridCode"]
    assert nowhere.state == R.ASSIGNMENT_STATE_DESK and "网格" in nowhere.evidence
    assert list(nowhere.place.flags) == ["no_place"]
    with demo_cell.follow("led-grid", "routing.dispatch", topic=LED["gridCode"],
                          start=proto.stream.START_EARLIEST) as follower:
        follower.find(lambda d: d.event.type == "wangge.v1.OrderDispatched"
              and d.message.assignment.order_id == by_position.order_id
              and d.message.assignment.place == by_position.place, "the grid is told, and why it is its order")


def test_odd_grid_codes_are_flagged_and_the_order_is_routed_all_the_same(demo_cell):
    cases = {"370117001001999": ["grid_unknown"], "": []}
    for code, flags in cases.items():
        one = order(grid_code=code, category="城乡建设/供水供气/停水", address="", title="停水", text="停水了，没有通知。")
        one.ClearField("position")
        assignment = routed(demo_cell, demo_cell.push_accepted([one])[0])
        assert list(assignment.place.flags) == [*flags, "no_place"], code
        assert assignment.place.how == "none" and not assignment.place.grid_code
        assert assignment.state == R.ASSIGNMENT_STATE_DISPATCHED and assignment.department


def test_a_suggestion_routes_only_what_came_without_category(demo_cell):
    texts = dict(title="小区停水", text="小区从昨天早上开始停水，没有接到通知，家里有老人和孩子，请问什么时候恢复？")
    ids = demo_cell.push_accepted([order(category=category, **texts)
                                   for category in ("", "城乡建设", "环境保护/噪声/施工噪声")])
    none, coarse, given = (routed(demo_cell, order_id) for order_id in ids)
    assert none.suggested_category == coarse.suggested_category == "城乡建设/供水供气/停水"
    assert none.category == "" and none.suggested_confidence >= SURE
    assert none.state == R.ASSIGNMENT_STATE_DISPATCHED and "城乡建设/供水供气/停水" in none.evidence
    assert coarse.category == "城乡建设" and "建议" not in coarse.evidence
    assert given.suggested_category == "" and given.category == "环境保护/噪声/施工噪声"
    assert given.department != none.department
    explained = demo_cell.call("operator", "Routing/Explain", R.ExplainRequest(order_id=ids[0]))
    assert (explained.lead, explained.rule_id) == (none.department, explained.decided_rule)
    assert explained.place == none.place


def test_the_command_shows_place_and_suggestion(demo_cell):
    order_id = demo_cell.push_accepted([order(category="", title="小区停水", text="从昨天早上开始停水，没有接到通知，什么时候恢复？",
                                              address="钢城区艾山街道金鼎嘉园8号楼")])[0]
    routed(demo_cell, order_id)
    shown = subprocess.run([BUILD / "ops/cli/wangge", "show", str(order_id)], capture_output=True, text=True,
                           env={"WANGGE_CONFIG": str(demo_cell.folder / "client.ini"), "LC_ALL": "C.UTF-8"})
    assert "金鼎嘉园" in shown.stdout and "(by position" in shown.stdout, shown.stdout + shown.stderr
    assert "suggested     城乡建设/供水供气/停水" in shown.stdout
