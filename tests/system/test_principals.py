"""Principals told in the registry: brought into the principals file they have their rights, revoked they have none."""
import json

import pytest

from harness import proto, records
from harness.cell import Cell
from harness.client import CallError, NoAnswer
from harness.command import complaint, wangge
from harness.orders import order
from harness.wait import until

D = "370117"
NET = [
    records.record("district", D, name="钢城区", min_lon="117.62", max_lon="118.00", min_lat="35.98", max_lat="36.28"),
    records.record("street", "370117001", name="艾山街道"), records.record("community", "370117001001", name="钢都社区", kind="residential"),
    records.record("grid", "370117001001001", name="第一网格", kind="basic", households="400"),
    records.record("station", "S01", name="一站", grids="370117001001001"),
    records.record("category", "test/城乡建设/供水", scheme="test", path="城乡建设/供水", department_duty="true"),
]


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("registry", "intake"))
    made.settings = {"intake": {"registry": made.endpoint("registry")}}
    try:
        made.create()
        made.start_service("registry")
        made.wait_ready("registry")
        assert records.put(made, NET).written
        made.start_service("intake")
        made.wait_ready("intake")
        yield made
    finally:
        made.stop()


def keeper(cell, key="station-s01", **fields):
    return records.record("principal", "station-s01", **{
        "key": cell.key(key)[0].decode(), "roles": "source", "channel": "station_walk_in", "origins": "S01", **fields})


def bring(cell, *options, code=0):
    return wangge(cell, "registry", "principals", cell.folder / "principals.ini", "--district", D, *options, code=code)


def pushes(cell, key):
    """What intake says to this key: "" when it takes the order, or why not; None: it does not even answer."""
    client = cell.connect("station-s01", "intake", key=cell.key(key))
    try:
        request = proto.intake.PushRequest(source="station-s01", orders=[order(channel=0)])
        return client.call("wangge.v1.Intake/Push", request, 1, "").results[0].error.message
    except (CallError, NoAnswer):
        return None
    finally:
        client.close()


def test_what_the_registry_tells_is_in_force_within_seconds_and_revoked_it_is_not(cell):
    before = (cell.folder / "principals.ini").read_text()
    assert pushes(cell, "station-s01") is None, "nobody knows it yet"
    assert records.put(cell, [keeper(cell)]).written
    assert "added    station-s01" in bring(cell, "--dry-run") and (cell.folder / "principals.ini").read_text() == before
    assert json.loads(bring(cell, "--json").splitlines()[-1]) == {"added": 1, "changed": 0, "removed": 0, "written": True}
    after = (cell.folder / "principals.ini").read_text()
    assert after.startswith(before) and "origins = S01" in after and f"districts = {D}" in after
    until(lambda: pushes(cell, "station-s01") == "", "the keeper pushes")
    assert "0 added, 0 changed, 0 removed" in bring(cell)
    # Rotation: for a while both keys, then the new one alone.
    old = cell.key("station-s01")[0].decode()
    assert records.put(cell, [keeper(cell, "station-s01.new", previous_keys=old)]).written
    assert "changed  station-s01" in bring(cell)
    until(lambda: pushes(cell, "station-s01.new") == "", "the new key pushes")
    assert pushes(cell, "station-s01") == ""
    assert records.put(cell, [keeper(cell, "station-s01.new")]).written
    bring(cell)
    until(lambda: pushes(cell, "station-s01") is None, "the old key is nobody's")
    assert pushes(cell, "station-s01.new") == ""
    # Revoked, and what others have is as it was.
    assert records.put(cell, [keeper(cell, "station-s01.new", revoked="true")], reason="驿站撤销").written
    assert "removed  station-s01" in bring(cell)
    until(lambda: pushes(cell, "station-s01.new") is None, "a revoked key is nobody's")
    assert (cell.folder / "principals.ini").read_text().strip() == before.strip()


def test_what_is_wrong_changes_nothing(cell, tmp_path):
    def errors(*made):
        answer = records.put(cell, list(made))
        assert not answer.written
        return [finding.code for finding in answer.findings]
    assert errors(keeper(cell, roles="source|service")) == ["principal.roles_service"]
    assert errors(keeper(cell, origins="S99")) == ["principal.origins_reference"]
    assert errors(keeper(cell, channel="hotline_12345")) == ["principal.origins_channel"]
    # A name that somebody has who is not from the registry, a key that somebody has: told, and the file stays.
    before = (cell.folder / "principals.ini").read_text()
    for name in ("intake", "operator"):
        assert records.put(cell, [records.record("principal", name, key=cell.key("station-s01")[0].decode(), roles="operator")]).written
        assert "not from the registry" in complaint(cell, "registry", "principals", cell.folder / "principals.ini", "--district", D, code=1)
        assert records.put(cell, [records.record("principal", name, deleted=True)]).written
        assert "0 removed" in bring(cell), "nor is it taken out with the record"
    assert records.put(cell, [keeper(cell, "hotline-12345")]).written
    assert "same key" in complaint(cell, "registry", "principals", cell.folder / "principals.ini", "--district", D, code=1)
    assert (cell.folder / "principals.ini").read_text() == before
    broken = tmp_path / "principals.ini"
    broken.write_text("[a]\nroles = source\n")
    complaint(cell, "registry", "principals", broken, "--district", D, code=2)
    complaint(cell, "registry", "principals", broken, code=2)
    assert broken.read_text() == "[a]\nroles = source\n"
