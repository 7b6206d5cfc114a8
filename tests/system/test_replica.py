"""Reference data of the registry: services wait for them, follow them, and go on, also from a cold start, without it."""
import json

import pytest

from harness import proto
from harness.cell import ALL, REFERENCE, SERVICES, Cell
from harness.client import CallError
from harness.orders import DISTRICT, WATER, order
from harness.proto import CODE
from harness.records import put, read, record
from harness.wait import until

I, T = proto.intake, proto.tracking
KINDS = ("district", "category", "calendar_day", "calendar_year", "department", "dispatch_rule")
NEW = "城乡建设/供水/水压低"


def start(cell, service):
    cell.start_service(service)
    cell.wait_http(service, "/livez", 200)


def check_of(cell, service):
    """(is it ready, the check of reference data) of /readyz."""
    status, text = cell.http(service, "/readyz")
    return status == 200, json.loads(text)["checks"].get("reference", {})


def detail(cell, service):
    return check_of(cell, service)[1].get("detail", "")


def whole_way(cell, **values):
    order_id = cell.push_accepted([order(**{"category": WATER, **values})])[0]
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)


def category(path, **values):
    return record("category", f"test/{path}", scheme="test", path=path, **values)


def pushed(cell, path):
    """Outcome of an order of this category."""
    return cell.push([order(category=path)])[0].outcome


@pytest.fixture
def registry_cell():
    """Settings, schemas and keys of all four services, of which three follow the registry; none runs yet."""
    made = Cell(services=ALL)
    made.settings = {service: {"registry": made.endpoint("registry")} for service in SERVICES}
    try:
        yield made.create()
    finally:
        made.stop()


@pytest.fixture
def full_cell(registry_cell):
    """All run, and the registry holds the tests' reference data."""
    cell = registry_cell
    for service in ALL:
        start(cell, service)
    cell.wait_ready("registry")
    put(cell, read(REFERENCE, KINDS))
    for service in SERVICES:
        cell.wait_ready(service)
    return cell


def test_services_that_start_before_the_registry_wait_for_it(registry_cell):
    cell = registry_cell
    for service in SERVICES:
        start(cell, service)
    for service in SERVICES:
        until(lambda: "registry not reached" in detail(cell, service), f"{service} says what it lacks")
        assert not check_of(cell, service)[0]
    with pytest.raises(CallError) as refused:
        cell.push([order(category=WATER)])
    assert refused.value.code == CODE.CODE_UNAVAILABLE
    assert "no reference data yet: registry not reached" in str(refused.value)
    start(cell, "registry")
    cell.wait_ready("registry")
    until(lambda: "the registry is empty" in detail(cell, "intake"), "intake says that the registry is empty")
    put(cell, read(REFERENCE, KINDS))
    for service in SERVICES:
        cell.wait_ready(service)
    whole_way(cell)


def test_the_first_records_in_force_are_all_of_an_import(registry_cell):
    """An import of thousands comes in pieces: no service begins with the first of them. Then more districts follow: the
    position in force tells when they are in."""
    cell = registry_cell
    for service in ALL:
        start(cell, service)
    for service in SERVICES:
        until(lambda: "the registry is empty" in detail(cell, service), f"{service} says what it lacks")
    places = [record("place", f"P{n}", name=f"第{n}号试验地点", kind="facility") for n in range(9000)]
    put(cell, read(REFERENCE, KINDS) + places)
    for service in SERVICES:
        cell.wait_ready(service)
    in_force = [json.loads(line) for line in cell.log("routing").splitlines() if '"reference data in force"' in line]
    all_of_it = sum(len(read(REFERENCE, [kind])) for kind in KINDS)
    assert in_force and in_force[0]["records"] >= len(places), (in_force, all_of_it)
    put(cell, [record("place", "P1", name="改名的试验地点", kind="facility")])
    head = lambda: cell.metric("registry", "wangge_stream_head", stream="registry.changes")
    until(lambda: head() == all_of_it + len(places) + 1, "the registry tells its newest change")
    for service in SERVICES:
        until(lambda: cell.metric(service, "wangge_replica_position") == head(), f"all is in force in {service}")
        assert cell.metric(service, "wangge_replica_lag") == 0


def test_without_the_registry_they_go_on_and_start_again(full_cell):
    cell = full_cell
    whole_way(cell)
    cell.kill("registry")
    whole_way(cell)
    for service in SERVICES:
        cell.kill(service)
        start(cell, service)
        cell.wait_ready(service)
    whole_way(cell)
    assert pushed(cell, NEW) == I.PUSH_OUTCOME_REJECTED
    start(cell, "registry")
    cell.wait_ready("registry")
    put(cell, [category(NEW)])
    until(lambda: pushed(cell, NEW) != I.PUSH_OUTCOME_REJECTED, "the registry is back and followed")


def test_a_change_comes_into_force_without_a_restart(full_cell):
    cell = full_cell
    assert pushed(cell, NEW) == I.PUSH_OUTCOME_REJECTED
    put(cell, [category(NEW)])
    until(lambda: pushed(cell, NEW) == I.PUSH_OUTCOME_ACCEPTED, "the new category is known")
    put(cell, [category(NEW, deleted=True)])
    until(lambda: pushed(cell, NEW) == I.PUSH_OUTCOME_REJECTED, "the deleted category is gone")
    cell.restart("intake")
    assert pushed(cell, NEW) == I.PUSH_OUTCOME_REJECTED
    assert pushed(cell, WATER) == I.PUSH_OUTCOME_ACCEPTED
    assert cell.metric("intake", "wangge_reference_records", kind="category") == len(read(REFERENCE, ["category"]))
    until(lambda: cell.metric("intake", "wangge_replica_lag") == 0, "everything of the registry is in")


def test_what_changed_while_a_service_was_away_is_there_when_it_returns(full_cell):
    cell = full_cell
    cell.stop_service("intake")
    put(cell, [category(f"其他/第{n}类") for n in range(300)])
    put(cell, [category("其他/第7类", deleted=True)])
    start(cell, "intake")
    cell.wait_ready("intake")
    until(lambda: pushed(cell, "其他/第299类") == I.PUSH_OUTCOME_ACCEPTED, "the newest is there")
    assert pushed(cell, "其他/第7类") == I.PUSH_OUTCOME_REJECTED


def test_a_change_that_a_service_cannot_build_on_leaves_the_old_in_force(full_cell):
    cell = full_cell
    good = next(one for one in read(REFERENCE, ["district"]) if one.code == DISTRICT)
    bad = type(good).FromString(good.SerializeToString())
    bad.net_district.name = "很长的区名" * 10  # longer than intake can show
    before = cell.metric("intake", "wangge_reference_refused_total")
    put(cell, [bad, category(NEW)])
    until(lambda: cell.metric("intake", "wangge_reference_refused_total") == before + 1, "the refusal is counted")
    until(lambda: "its name must have" in detail(cell, "intake"), "/readyz tells the refusal")
    assert check_of(cell, "intake")[0], "the old ones are in force"
    assert "reference data refused, the old stay in force" in cell.log("intake")
    assert pushed(cell, WATER) == I.PUSH_OUTCOME_ACCEPTED
    assert pushed(cell, NEW) == I.PUSH_OUTCOME_REJECTED
    put(cell, [good])
    until(lambda: pushed(cell, NEW) == I.PUSH_OUTCOME_ACCEPTED, "the mended record brings everything into force")
    assert "detail" not in check_of(cell, "intake")[1]


def test_one_of_registry_and_folder_has_to_be_set(still_cell):
    cell = still_cell
    text = (cell.folder / "wangge.ini").read_text()
    for wrong in (text.replace("reference = ", "# reference = "),
                  text.replace("reference = ", "registry = tcp://127.0.0.1:1\nreference = ")):
        (cell.folder / "wangge.ini").write_text(wrong)
        cell.start_service("intake")
        assert cell.processes.pop("intake").wait(60) == 1
        assert "set one of registry (endpoint) and reference (folder)" in cell.log("intake")
        (cell.folder / "intake.log").unlink()
