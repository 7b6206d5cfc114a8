"""Duties: what templates and events make becomes an order of intake, exactly once, whoever is down in between."""
import json
import os
import shutil
import subprocess

import pytest

from harness import proto, records
from harness.cell import REFERENCE, Cell
from harness.client import CallError
from harness.clock import Clock
from harness.proto import CODE

G = proto.registry
D, COMMUNITY = "370117", "370117001001"
GRIDS = [f"{COMMUNITY}00{n}" for n in (1, 2, 3)]
PENDING, PUSHED, REFUSED = G.DUTY_STATE_PENDING, G.DUTY_STATE_PUSHED, G.DUTY_STATE_REFUSED


def template(code, **fields):
    return records.record("duty_template", code, **{"name": "巡查", "level": "grid", "category": "test/其他",
                                                    "title": "{area}巡查", "text": "查看{record}", **fields})


NET = [
    records.record("district", D, name="钢城区"), records.record("street", "370117001", name="艾山街道"),
    records.record("community", COMMUNITY, name="亲和社区", kind="residential"),
    *(records.record("grid", code, name=f"第{code[-1]}网格", kind="basic", households="400") for code in GRIDS),
    records.record("building", "B1", grid=GRIDS[1], name="亲和家园1号楼", households="24"),
    records.record("household", "H1", building="B1", door="1单元101"),
    records.record("category", "test/其他", scheme="test", path="其他"),
    records.record("category", "test/别处", scheme="test", path="别处"),  # intake does not know it
]
TEMPLATES = [
    template("patrol", trigger="days", every="1", starts_on="2026-01-01", role="grid_worker"),
    template("visit", trigger="event", event="hardship", title="{area}特殊困难必访"),
    template("foreign", trigger="event", event="hardship", category="test/别处"),
]


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("registry", "intake", "routing"))
    made.principals["registry"] = {"roles": "service, source", "channel": "patrol_visit"}
    made.clock = Clock(made.folder / "now")
    made.settings = {name: {"clock": made.clock.path} for name in made.services}
    made.settings["registry"]["intake"] = made.endpoint("intake")
    try:
        made.create()
        made.start_service("registry")
        made.wait_ready("registry")
        assert records.put(made, NET + TEMPLATES).written
        yield made
    finally:
        made.stop()


def duties(cell, state=0, limit=2):
    found, token = {}, ""
    while True:
        answer = cell.call_when_there("operator", "Registry/Duties", G.DutiesRequest(
            district=D, state=state, limit=limit, page_token=token))
        for one in answer.duties:
            assert one.duty_id not in found, "shown twice"
            found[one.duty_id] = one
        token = answer.next_page_token
        if not token:
            return found


def happen(cell, event_id="E1", code="H1", kind="household", event="hardship", by="hotline-12345", **fields):
    return list(cell.call_when_there(by, "Registry/Happen", G.HappenRequest(
        district=D, event_id=event_id, event=event, kind=kind, code=code, **fields)).duties)


def orders(cell):
    answer = cell.call_when_there("operator", "Intake/List", proto.intake.ListOrdersRequest(
        district=D, source="registry", limit=1000))
    return list(answer.orders)


def again(cell):
    """As after a power cut: nothing of what it knew is left."""
    cell.kill("registry")
    cell.start_service("registry")
    cell.wait_ready("registry")


def wangge(cell, *arguments, code=0):
    done = subprocess.run([cell.build.resolve() / "ops/cli/wangge", *arguments, "--district", D, "--config",
                           cell.folder / "client.ini"], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == code, done
    return done.stdout


def test_they_wait_while_intake_is_down(cell):
    first = happen(cell)
    assert sorted(first) == [f"foreign/{GRIDS[1]}/hotline-12345/E1", f"visit/{GRIDS[1]}/hotline-12345/E1"]
    again(cell)
    assert happen(cell) == first
    told = wangge(cell, "registry", "happen", "hardship", "grid", GRIDS[2], "--event-id", "E1", "--json")
    assert len(json.loads(told)["duties"]) == 2
    cell.clock.until(lambda: len(duties(cell)) >= 7, "the patrols of today are made")
    cell.clock.until(lambda: cell.metric("registry", "wangge_registry_duties_pending") >= 7, "the metric tells")
    assert set(duties(cell)) == set(duties(cell, PENDING))
    assert not duties(cell, PUSHED)


def test_what_cannot_happen(cell):
    for code, fields in ((CODE.CODE_NOT_FOUND, {"code": "H9"}), (CODE.CODE_INVALID_ARGUMENT, {"event_id": ""}),
                         (CODE.CODE_INVALID_ARGUMENT, {"event_id": "x" * 129}),
                         (CODE.CODE_INVALID_ARGUMENT, {"kind": "grids"}), (CODE.CODE_INVALID_ARGUMENT, {"event": ""}),
                         (CODE.CODE_INVALID_ARGUMENT, {"happened_at": 4102444800000000}),
                         (CODE.CODE_ALREADY_EXISTS, {"event": "dispute"}), (CODE.CODE_PERMISSION_DENIED, {"by": "water"})):
        with pytest.raises(CallError) as caught:
            happen(cell, **{"event_id": "E1" if code == CODE.CODE_ALREADY_EXISTS else "E2", **fields})
        assert caught.value.code == code, (fields, caught.value)


def test_they_become_orders_once(cell):
    cell.start_service("intake")
    cell.clock.until(lambda: orders(cell), "the first order is there", 120)
    again(cell)  # before or after it has stored what intake answered
    cell.start_service("routing")
    cell.clock.until(lambda: not duties(cell, PENDING), "nothing is pending", 120)
    pushed, refused = duties(cell, PUSHED), duties(cell, REFUSED)
    assert set(pushed) | set(refused) == set(duties(cell))
    assert {one.template for one in refused.values()} == {"foreign"}
    assert all("category" in one.message and not one.order_id for one in refused.values())
    kept = {order.external_id: order for order in orders(cell)}
    assert len(kept) == len(orders(cell))
    assert {name: order.order_id for name, order in kept.items()} == {n: d.order_id for n, d in pushed.items()}
    visit = kept[f"visit/{GRIDS[1]}/hotline-12345/E1"]
    assert (visit.grid_code, visit.category, visit.title) == (GRIDS[1], "其他", "亲和社区第2网格特殊困难必访")
    assert visit.channel == proto.common.CHANNEL_PATROL_VISIT
    for order in kept.values():
        cell.clock.until(lambda: assigned(cell, order.order_id), "routing has it", 120)
    assert "别处" in wangge(cell, "registry", "duties", "--state", "refused")


def assigned(cell, order_id):
    try:
        return cell.assignment(order_id)
    except CallError as error:
        assert error.code in (CODE.CODE_NOT_FOUND, CODE.CODE_UNAVAILABLE), error
        return None


def test_what_cannot_be_pushed_again(cell):
    refused = next(iter(duties(cell, REFUSED)))
    for code, fields in ((CODE.CODE_INVALID_ARGUMENT, {"duty_ids": []}), (CODE.CODE_INVALID_ARGUMENT, {"reason": ""}),
                         (CODE.CODE_INVALID_ARGUMENT, {"duty_ids": ["x"] * 1001}), (CODE.CODE_INVALID_ARGUMENT, {"district": "37"})):
        with pytest.raises(CallError) as caught:
            cell.call("operator", "Registry/RedriveDuties", G.RedriveDutiesRequest(
                **{"district": D, "duty_ids": [refused], "reason": "r", **fields}))
        assert caught.value.code == code and caught.value.field == next(iter(fields)), (fields, caught.value)
    pushed = next(iter(duties(cell, PUSHED)))
    answer = wangge(cell, "registry", "duties", "redrive", pushed, "--reason", "试", "--json", code=1)
    assert json.loads(answer) == {"changed": 0, "asked": 1}
    assert wangge(cell, "registry", "duties", "redrive", "--reason", "试", code=2) == ""


def test_refused_ones_are_pushed_again_on_demand(cell):
    """Intake refuses them until it knows the category; then the same order is taken."""
    refused = set(duties(cell, REFUSED))
    told = json.loads(wangge(cell, "registry", "duties", "redrive", *refused, "--reason", "试一次", "--json"))
    assert told == {"changed": len(refused), "asked": len(refused)}
    cell.clock.until(lambda: not duties(cell, PENDING), "intake has answered", 120)
    again = duties(cell, REFUSED)
    assert set(again) == refused
    assert all(one.redriven_by == "operator" and one.redriven_reason == "试一次" and "category" in one.message
               for one in again.values())
    know_category(cell, "别处")
    assert "将再次推送" in wangge(cell, "registry", "duties", "redrive", "--all", "--reason", "类目已补")
    cell.clock.until(lambda: refused <= set(duties(cell, PUSHED)), "they are orders", 120)
    assert refused <= {order.external_id for order in orders(cell)}
    assert not duties(cell, REFUSED)
    wangge(cell, "registry", "duties", "redrive", "--all", "--reason", "没有了")


def know_category(cell, path):
    """Intake's folder gets one category more, and intake reads it."""
    reference = cell.folder / "reference"
    if not reference.exists():
        shutil.copytree(REFERENCE, reference)
    with (reference / "category.csv").open("a", encoding="utf-8") as file:
        file.write(f"test/{path},{D},test,{path},\n")
    cell.settings.setdefault("intake", {})["reference"] = reference
    cell.write_settings()
    cell.restart("intake")


def test_nothing_comes_twice_afterwards(cell):
    before = set(duties(cell))
    made = happen(cell, "E3", GRIDS[0], "grid")
    again(cell)
    cell.clock.until(lambda: not duties(cell, PENDING), "nothing is pending", 120)
    assert {name for name in set(duties(cell)) - before if not name.startswith("patrol/")} == set(made)
    names = [order.external_id for order in orders(cell)]
    assert len(names) == len(set(names)) and set(names) == set(duties(cell, PUSHED))


def may_push(cell):
    try:
        cell.push([], source="registry")
    except CallError as error:
        return error.code != CODE.CODE_PERMISSION_DENIED
    return True


def test_a_registry_that_may_not_push_works_on(cell):
    assert may_push(cell)
    cell.principals["registry"] = {"roles": "service"}
    cell.write_principals()
    cell.clock.until(lambda: not may_push(cell), "intake has read the principals")
    made = cell.clock.until(lambda: happen(cell, "E4", GRIDS[0], "grid"), "an event is taken")
    cell.clock.until(lambda: cell.metric("registry", "wangge_registry_duty_push_failures_total") > 0, "intake refuses the push", 60)
    assert set(made) <= set(duties(cell, PENDING))
    cell.principals["registry"] = {"roles": "service, source", "channel": "patrol_visit"}
    cell.write_principals()
    cell.clock.until(lambda: not duties(cell, PENDING), "nothing is pending", 120)
