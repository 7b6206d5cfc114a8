"""The registry: what is put stands, whole or not at all; who may see what; its stream is the book."""
import signal
import threading

import pytest

from harness import proto
from harness.cell import Cell
from harness.client import CallError
from harness.follower import Ended
from harness.proto import CODE
from harness.wait import until

G = proto.registry
D, OTHER = "370211", "370117"
AREA = D + "001"
ERROR = G.SEVERITY_ERROR


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("registry",))
    made.principals["registrar-there"] = {"roles": "registrar", "districts": OTHER}
    made.principals["operator-there"] = {"roles": "operator", "districts": OTHER}
    try:
        yield made.start()
    finally:
        made.stop()


def record(kind, code, district=D, /, deleted=False, **fields):
    made = G.Record(district=district, code=code, deleted=deleted)
    body = getattr(made, kind)
    body.SetInParent()
    for name, value in fields.items():
        if isinstance(value, (list, tuple)):
            getattr(body, name).extend(value)
        else:
            setattr(body, name, value)
    return made


def gone(kind, code, district=D):
    return record(kind, code, district, deleted=True)


def area(district=D):
    """A district, a street, a community."""
    return [record("net_district", district, district, name="测试区"),
            record("street", district + "001", district, name="测试街道"),
            record("community", district + "001001", district, name="测试社区", kind=G.COMMUNITY_KIND_RESIDENTIAL)]


def grid(number, district=D, **fields):
    values = {"name": f"第{number}网格(基础)", "kind": G.GRID_KIND_BASIC, "households": 350} | fields
    return record("grid", f"{district}001001{number:03d}", district, **values)


def put(cell, records, reason="测试", by="registrar", **fields):
    return cell.call(by, "Registry/Put", G.PutRequest(records=records, reason=reason, **fields))


def written(answer):
    assert answer.written, [f.message for f in answer.findings]
    return answer


def get(cell, kind, code, by="operator", district=D, **fields):
    return cell.call(by, "Registry/Get", G.GetRecordRequest(district=district, kind=kind, code=code, **fields)).record


def listed(cell, kind, by="operator", district=D, **fields):
    records, token = [], ""
    while True:
        answer = cell.call(by, "Registry/List", G.ListRecordsRequest(district=district, kind=kind, page_token=token, **fields))
        records += answer.records
        token = answer.next_page_token
        if not token:
            return records


def refused(code, field, call, /, *arguments, **options):
    with pytest.raises(CallError) as caught:
        call(*arguments, **options)
    assert (caught.value.code, caught.value.field) == (code, field), caught.value
    return caught.value


def errors(answer):
    assert not answer.written
    return {(f.code, f.row) for f in answer.findings if f.severity == ERROR}


def test_kinds_tell_what_a_file_may_hold(cell):
    kinds = {kind.name: kind for kind in cell.call("water", "Registry/Kinds", G.KindsRequest()).kinds}
    bodies = {field.message_type.name for field in G.Record.DESCRIPTOR.oneofs_by_name["body"].fields}
    assert len(kinds) == len(bodies)
    assert kinds["grid"].label == "网格"
    columns = {column.field: column for column in kinds["building"].columns}
    assert list(columns)[:2] == ["code", "district"]
    assert list(columns["grid"].references) == ["grid"]


def test_put_get_history(cell):
    answer = written(put(cell, area() + [grid(1)]))
    assert answer.created + answer.unchanged == 4
    code = AREA + "001001"
    first = get(cell, "grid", code)
    assert (first.version, first.changed_by, first.reason) == (1, "registrar", "测试")
    changed = written(put(cell, [grid(1, households=400)], reason="户数核实"))
    assert (changed.changed, changed.created) == (1, 0)
    again = written(put(cell, [grid(1, households=400)], reason="再来一次"))
    assert (again.unchanged, again.changed, again.seq) == (1, 0, changed.seq)
    assert get(cell, "grid", code).version == 2
    assert get(cell, "grid", code, version=1).grid.households == 350
    refused(CODE.CODE_NOT_FOUND, "version", get, cell, "grid", code, version=3)
    refused(CODE.CODE_NOT_FOUND, "code", get, cell, "grid", AREA + "001999")
    history = cell.call("operator", "Registry/History", G.HistoryRequest(district=D, kind="grid", code=code, limit=1))
    assert [(r.version, r.reason) for r in history.records] == [(2, "户数核实")]
    rest = cell.call("operator", "Registry/History", G.HistoryRequest(district=D, kind="grid", code=code, limit=1,
                                                                      page_token=history.next_page_token))
    assert [r.version for r in rest.records] == [1]


def test_deleting_keeps_the_history_and_versions_go_on(cell):
    written(put(cell, area() + [grid(2)]))
    code = AREA + "001002"
    assert written(put(cell, [gone("grid", code)], reason="撤并")).deleted == 1
    assert written(put(cell, [gone("grid", code)], reason="再删")).unchanged == 1
    shown = get(cell, "grid", code)
    assert shown.deleted and shown.grid.name == "第2网格(基础)"
    assert code not in [r.code for r in listed(cell, "grid")]
    assert code in [r.code for r in listed(cell, "grid", deleted=True)]
    written(put(cell, [grid(2)], reason="恢复"))
    assert get(cell, "grid", code).version == 3


def test_errors_write_nothing(cell):
    before = cell.postgres.query("SELECT count(*) FROM registry.record_version")
    orphan = record("building", "b-orphan", grid=AREA + "001777", name="楼")
    answer = put(cell, area() + [grid(3), orphan, record("street", D + "002")])
    assert errors(answer) == {("building.grid_reference", 4), ("street.name_required", 5)}
    assert "网格" in next(f.message for f in answer.findings if f.row == 4)
    assert errors(put(cell, [record("grid", D + "009001001", name="无社区", kind=G.GRID_KIND_BASIC, households=350)])) == {
        ("grid.code_parent", 0)}
    assert errors(put(cell, [grid(4), grid(4)])) == {("record.twice", 1)}
    assert cell.postgres.query("SELECT count(*) FROM registry.record_version") == before


def test_what_others_refer_to_is_not_deleted(cell):
    written(put(cell, area() + [grid(5), record("building", "b5", grid=AREA + "001005", name="五号楼")]))
    answer = put(cell, [gone("grid", AREA + "001005")])
    assert errors(answer) == {("grid.code_referred", 0)}
    assert "b5" in answer.findings[0].message
    assert errors(put(cell, [gone("community", AREA + "001")])) == {("community.code_referred", 0)}
    assert written(put(cell, [gone("building", "b5"), gone("grid", AREA + "001005")])).deleted == 2


def test_parents_do_not_run_in_a_circle(cell):
    one, two, three = (record("department", f"d{n}", name=f"部门{n}", parent=f"d{n % 3 + 1}") for n in (1, 2, 3))
    assert {code for code, _ in errors(put(cell, [one, two, three]))} == {"department.parent_circle"}
    one.department.parent = ""
    written(put(cell, [one, two, three]))
    one.department.parent = "d2"
    assert errors(put(cell, [one])) == {("department.parent_circle", 0)}


def test_boundaries_are_shapes_and_stand_in_the_database(cell):
    square = "POLYGON ((117.0 36.0, 117.1 36.0, 117.1 36.1, 117.0 36.1, 117.0 36.0))"
    bow = "POLYGON ((117.0 36.0, 117.1 36.1, 117.1 36.0, 117.0 36.1, 117.0 36.0))"
    written(put(cell, area() + [grid(6, boundary=square)]))
    rows = cell.postgres.query("SELECT postgis.st_area(geom)::numeric(8, 4), postgis.st_srid(geom) FROM registry.record "
                               f"WHERE kind = 'grid' AND code = '{AREA}001006'")
    assert rows == [["0.0100", "4490"]]
    answer = put(cell, [grid(6, boundary=bow)])
    assert errors(answer) == {("grid.boundary_invalid", 0)}
    at = answer.findings[0].position
    assert abs(at.lon - 117.05) < 1e-6 and abs(at.lat - 36.05) < 1e-6


def test_expected_versions(cell):
    written(put(cell, area() + [grid(7)], expected_versions=[-1, -1, -1, 0]))
    refused(CODE.CODE_ABORTED, "expected_versions[0]", put, cell, [grid(7, households=301)], expected_versions=[0])
    refused(CODE.CODE_ABORTED, "expected_versions[0]", put, cell, [grid(7, households=301)], expected_versions=[5])
    refused(CODE.CODE_INVALID_ARGUMENT, "expected_versions", put, cell, [grid(7)], expected_versions=[1, 2])
    written(put(cell, [grid(7, households=301)], expected_versions=[1]))
    assert written(put(cell, [grid(7, households=301)], expected_versions=[1])).unchanged == 1  # may be sent again


def test_of_those_who_expect_the_same_version_one_wins(cell):
    written(put(cell, area() + [grid(8)]))
    outcomes = []

    def edit(households):
        with cell.connect("registrar", "registry") as client:
            request = G.PutRequest(records=[grid(8, households=households)], reason="赛跑", expected_versions=[1])
            outcomes.append(client.outcome("wangge.v1.Registry/Put", request)[0])

    threads = [threading.Thread(target=edit, args=(400 + n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [CODE.CODE_OK] + [CODE.CODE_ABORTED] * 11
    assert get(cell, "grid", AREA + "001008").version == 2


def test_dry_run_says_what_would_be_and_does_nothing(cell):
    written(put(cell, area()))
    answer = put(cell, [grid(9), grid(10, households=10)], dry_run=True)
    assert (answer.written, answer.created) == (False, 2)
    assert [f.code for f in answer.findings] == ["grid.households_range"]
    refused(CODE.CODE_NOT_FOUND, "code", get, cell, "grid", AREA + "001009")


def test_requests_that_cannot_be(cell):
    refused(CODE.CODE_INVALID_ARGUMENT, "reason", put, cell, [grid(1)], reason="")
    refused(CODE.CODE_INVALID_ARGUMENT, "reason", put, cell, [grid(1)], reason="因" * 400)
    refused(CODE.CODE_INVALID_ARGUMENT, "records", put, cell, [])
    refused(CODE.CODE_INVALID_ARGUMENT, "records", put, cell, [grid(1)] * 1001)
    refused(CODE.CODE_INVALID_ARGUMENT, "records[0].district", put, cell, [record("grid", "x", "37021", name="x")])
    refused(CODE.CODE_INVALID_ARGUMENT, "import_id", put, cell, [grid(1)], part=2)
    refused(CODE.CODE_INVALID_ARGUMENT, "part", put, cell, [grid(1)], import_id="i")
    refused(CODE.CODE_INVALID_ARGUMENT, "records[1].district", put, cell, [grid(1), grid(1, OTHER)], import_id="i", part=1)
    refused(CODE.CODE_INVALID_ARGUMENT, "kind", listed, cell, "galaxy")
    refused(CODE.CODE_INVALID_ARGUMENT, "field", listed, cell, "grid", field="colour", value="x")
    refused(CODE.CODE_INVALID_ARGUMENT, "limit", listed, cell, "grid", limit=1001)
    refused(CODE.CODE_INVALID_ARGUMENT, "page_token", cell.call, "operator", "Registry/List",
            G.ListRecordsRequest(district=D, kind="grid", page_token="0123456789abcdef.370211"))
    assert {code for code, _ in errors(put(cell, [G.Record(district=D, code="nothing")]))} == {"record.body"}


def test_list_pages_by_prefix_and_by_field(cell):
    written(put(cell, area() + [grid(20)]))
    written(put(cell, [record("building", f"l{n:03d}", grid=AREA + "001020", name=f"{n}号楼", estate="东区" if n % 3 else "西区",
                              aliases=[f"别名{n}"]) for n in range(120)]))
    codes = [f"l{n:03d}" for n in range(120)]
    assert [r.code for r in listed(cell, "building", code_prefix="l", limit=50)] == codes
    assert [r.code for r in listed(cell, "building", code_prefix="l01")] == codes[10:20]
    assert [r.code for r in listed(cell, "building", code_prefix="l", field="estate", value="西区", limit=7)] == codes[::3]
    assert [r.code for r in listed(cell, "building", field="aliases", value="别名77")] == ["l077"]
    assert [r.code for r in listed(cell, "grid", field="kind", value="dedicated")] == []
    assert AREA + "001020" in [r.code for r in listed(cell, "grid", field="kind", value="basic", code_prefix=AREA)]


def test_personal_data_are_masked_and_whole_views_recorded(cell):
    written(put(cell, [record("person", "p1", name="欧阳小明", phone="13812345678", party_member=True)]))
    for by in ("operator", "registrar", "water", "hotline-12345", "gateway"):
        shown = get(cell, "person", "p1", by)
        assert (shown.person.name, shown.person.phone, shown.person.party_member) == ("欧**", "138****5678", True), by
    assert [r.person.name for r in listed(cell, "person", by="registrar")] == ["欧**"]
    history = cell.call("registrar", "Registry/History", G.HistoryRequest(district=D, kind="person", code="p1"))
    assert history.records[0].person.phone == "138****5678"
    refused(CODE.CODE_PERMISSION_DENIED, "reason", get, cell, "person", "p1", "operator", reason="想看")
    refused(CODE.CODE_INVALID_ARGUMENT, "field", listed, cell, "person", by="registrar", field="phone", value="13812345678")
    assert cell.postgres.query("SELECT count(*) FROM registry.personal_access") == [["0"]]
    assert get(cell, "person", "p1", "registrar", reason="核对电话").person.phone == "13812345678"
    rows = cell.postgres.query("SELECT district, kind, code, version, viewed_by, reason FROM registry.personal_access")
    assert rows == [[D, "person", "p1", "1", "registrar", "核对电话"]]
    assert cell.postgres.query("SELECT name FROM registry.record WHERE kind = 'person'") == [[""]]
    log = cell.log("registry")
    assert "欧阳" not in log and "13812345678" not in log


def test_districts_are_apart(cell):
    written(put(cell, area()))
    refused(CODE.CODE_PERMISSION_DENIED, "records[0].district", put, cell, [grid(1)], by="registrar-there")
    refused(CODE.CODE_PERMISSION_DENIED, "district", get, cell, "street", AREA, "operator-there")
    refused(CODE.CODE_PERMISSION_DENIED, "district", listed, cell, "street", by="operator-there")
    refused(CODE.CODE_PERMISSION_DENIED, "district", cell.call, "operator-there", "Registry/History",
            G.HistoryRequest(district=D, kind="street", code=AREA))
    written(put(cell, area(OTHER), by="registrar-there"))
    assert [r.code for r in listed(cell, "street", by="operator-there", district=OTHER)] == [OTHER + "001"]
    # The same code in another district is another record, and no reference crosses.
    there = record("building", "cross", OTHER, grid=AREA + "001001", name="楼")
    assert errors(put(cell, [there], by="registrar-there")) == {("building.grid_reference", 0)}


def test_the_role_cannot_rewrite_history(cell):
    for statement in ("UPDATE registry.record_version SET reason = 'x'", "DELETE FROM registry.record_version",
                      "DELETE FROM registry.record", "UPDATE registry.personal_access SET reason = 'x'",
                      "CREATE TABLE registry.mine (n int)", "CREATE TABLE postgis.mine (n int)"):
        with pytest.raises(Exception) as caught:
            cell.postgres.query(statement, role="wangge_registry")
        assert "permission denied" in caught.value.stderr, statement


# method, request, roles that may call it (the comments of proto/ are the rule)
ROLES = {"source": "hotline-12345", "department": "water", "dispatcher": "dispatcher", "operator": "operator",
         "service": "gateway", "registrar": "registrar"}
ANY = set(ROLES)
CALLS = [
    ("Kinds", G.KindsRequest(), ANY),
    ("Put", G.PutRequest(records=[gone("grid", "nobody")], reason="r"), {"registrar"}),
    ("Get", G.GetRecordRequest(district=D, kind="grid", code="nobody"), ANY),
    ("List", G.ListRecordsRequest(district=D, kind="grid"), ANY),
    ("History", G.HistoryRequest(district=D, kind="grid", code="nobody"), {"registrar", "operator", "dispatcher"}),
]


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("method,request_,may", CALLS, ids=[call[0] for call in CALLS])
def test_each_call_by_each_role(cell, method, request_, may, role):
    status = cell.client(ROLES[role], "registry").status(f"wangge.v1.Registry/{method}", request_)
    if role in may:
        assert status.code in (CODE.CODE_OK, CODE.CODE_NOT_FOUND), f"{role} may call {method}: {status}"
    else:
        assert status.code == CODE.CODE_PERMISSION_DENIED, f"{role} must not call {method}: {status}"


def send_part(cell, import_id, part, records, last=False, **fields):
    return put(cell, records, import_id=import_id, part=part, last_part=last, **fields)


def test_an_import_in_parts_is_one_put(cell):
    written(put(cell, area()))
    parts = [[grid(100 + 10 * part + n) for n in range(10)] for part in range(3)]
    for number in (2, 1, 2):  # in any order, and again
        assert not send_part(cell, "parts", number, parts[number - 1]).written
    assert AREA + "001100" not in [r.code for r in listed(cell, "grid")]
    last = written(send_part(cell, "parts", 3, parts[2], last=True))
    assert last.created == 30
    assert send_part(cell, "parts", 3, parts[2], last=True) == last  # the answer was lost: asked again
    refused(CODE.CODE_FAILED_PRECONDITION, "import_id", send_part, cell, "parts", 2, parts[0])


def test_an_import_with_an_error_or_a_gap_writes_nothing(cell):
    written(put(cell, area()))
    send_part(cell, "gap", 1, [grid(200), grid(201)])
    refused(CODE.CODE_FAILED_PRECONDITION, "part", send_part, cell, "gap", 3, [grid(202)], last=True)
    send_part(cell, "bad", 1, [grid(200), grid(201)])
    orphan = record("building", "b-bad", grid=AREA + "001888", name="楼")
    assert errors(send_part(cell, "bad", 2, [grid(203), orphan], last=True)) != set()
    assert not [r for r in listed(cell, "grid") if r.code >= AREA + "001200" and r.code < AREA + "001300"]
    # Part 1 with another content begins it anew.
    send_part(cell, "bad", 1, [grid(210)])
    dry = send_part(cell, "bad", 2, [grid(211)], last=True, dry_run=True)
    assert (dry.written, dry.created) == (False, 2)
    assert written(send_part(cell, "bad", 2, [grid(211)], last=True)).created == 2
    assert len([r for r in listed(cell, "grid") if AREA + "001200" <= r.code < AREA + "001300"]) == 2


def test_imports_are_the_callers_own(cell):
    written(put(cell, area()))
    send_part(cell, "mine", 1, [grid(300)])
    cell.principals["registrar-2"] = {"roles": "registrar"}
    cell.write_principals()

    def known():
        with cell.connect("registrar-2", "registry") as client:
            return client.status("wangge.v1.Ops/Info", proto.ops.InfoRequest(), 5).code == CODE.CODE_OK

    until(known, "the new registrar is known")
    refused(CODE.CODE_FAILED_PRECONDITION, "part", put, cell, [grid(301)], by="registrar-2", import_id="mine", part=2,
            last_part=True)


def test_killed_in_the_middle_of_an_import(cell):
    """Parts that were answered are kept, nothing is in force before the last, and then everything is."""
    written(put(cell, area()))
    for part in (1, 2, 3):
        send_part(cell, "killed", part, [grid(400 + 10 * part + n) for n in range(10)])
    cell.kill("registry", signal.SIGKILL)
    cell.start_service("registry")
    cell.wait_ready("registry")
    assert not [r for r in listed(cell, "grid") if AREA + "001400" <= r.code < AREA + "001500"]
    request = G.PutRequest(records=[grid(440 + n) for n in range(10)], reason="测试", import_id="killed", part=4, last_part=True)
    client = cell.connect("registrar", "registry")
    client.start_call("wangge.v1.Registry/Put", request.SerializeToString())
    cell.kill("registry", signal.SIGKILL)  # before, while or after it commits
    client.close()
    cell.start_service("registry")
    cell.wait_ready("registry")
    standing = [r for r in listed(cell, "grid") if AREA + "001400" <= r.code < AREA + "001500"]
    assert len(standing) in (0, 40)
    answer = cell.call_when_there("registrar", "Registry/Put", request)
    assert answer.written and answer.created == 40
    assert len([r for r in listed(cell, "grid") if AREA + "001400" <= r.code < AREA + "001500"]) == 40


def snapshot(cell, follower):
    """What a reader from the start knows when it has read everything."""
    known, seen = {}, 0
    head = next(s.head for s in cell.queues("registry").streams if s.stream == "registry.changes")
    while seen < head:
        delivered = follower.next()
        seen, changed = delivered.number, delivered.message.record
        key = (changed.district, delivered.event.topic, changed.code)
        if key not in known or known[key].version <= changed.version:
            known[key] = changed
    return known


def test_the_stream_from_the_start_is_the_book(cell):
    written(put(cell, area() + [grid(500)]))
    written(put(cell, [grid(500, households=444)]))
    with cell.follow("gateway", "registry.changes", start=proto.stream.START_EARLIEST) as follower:
        known = snapshot(cell, follower)
    rows = cell.postgres.query("SELECT district, kind, code, version, deleted FROM registry.record")
    assert {(d, k, c): (int(v), gone_ == "t") for d, k, c, v, gone_ in rows} == {
        key: (r.version, r.deleted) for key, r in known.items()}
    assert known[D, "grid", AREA + "001500"].grid.households == 444


def test_the_stream_is_for_services_only(cell):
    for name in ("operator", "dispatcher", "registrar", "water", "hotline-12345"):
        with pytest.raises((CallError, Ended)) as caught:
            cell.follow(name, "registry.changes", start=proto.stream.START_EARLIEST).close()
        assert "PERMISSION_DENIED" in str(caught.value), name


def test_carried_forward_before_partitions_are_dropped(cell):
    """With small partitions the oldest go when they are old enough, and a reader from the start misses nothing."""
    def partitions():
        return [int(row[0]) for row in cell.postgres.query(
            "SELECT first_seq FROM registry.log_partition WHERE stream = 'registry.changes' ORDER BY 1")]

    written(put(cell, area() + [grid(600)]))
    cell.stop_service("registry")
    head = int(cell.postgres.query("SELECT seq FROM registry.head WHERE stream = 'registry.changes' AND topic = ''")[0][0])
    # The owner makes what is there into one small partition, as if it had been written long ago, and those to come smaller.
    cell.postgres.query(f"""
        BEGIN;
        UPDATE registry.log_stream SET partition_events = 50 WHERE name = 'registry.changes';
        SET search_path = registry;
        ALTER TABLE segment_registry_changes DETACH PARTITION segment_registry_changes_1;
        ALTER TABLE topic_index_registry_changes DETACH PARTITION topic_index_registry_changes_1;
        DROP TABLE segment_registry_changes_100001, topic_index_registry_changes_100001;
        DROP TABLE IF EXISTS segment_registry_changes_200001, topic_index_registry_changes_200001;
        ALTER TABLE segment_registry_changes ATTACH PARTITION segment_registry_changes_1 FOR VALUES FROM (1) TO ({head + 1});
        ALTER TABLE topic_index_registry_changes ATTACH PARTITION topic_index_registry_changes_1
          FOR VALUES FROM (1) TO ({head + 1});
        DELETE FROM log_partition WHERE stream = 'registry.changes';
        INSERT INTO log_partition VALUES ('registry.changes', 1, {head + 1});
        UPDATE segment SET at = at - interval '31 days' WHERE stream = 'registry.changes';
        COMMIT;""", role="postgres")
    cell.start_service("registry")
    cell.wait_ready("registry")
    before = cell.postgres.query("SELECT district, kind, code, version, deleted FROM registry.record ORDER BY 1, 2, 3")
    # One record is edited on and on; all others were last changed in the first partition.
    for n in range(60):
        written(put(cell, [grid(600, households=300 + n)]))
    until(lambda: cell.metric("registry", "wangge_registry_carried_total") >= len(before) - 1, "all records are carried")
    assert cell.postgres.query("SELECT registry.log_partitions_drop('registry.changes')") != [["0"]]
    assert partitions()[0] > 1
    with cell.follow("gateway", "registry.changes", start=proto.stream.START_EARLIEST) as follower:
        known = snapshot(cell, follower)
    after = cell.postgres.query("SELECT district, kind, code, version, deleted FROM registry.record ORDER BY 1, 2, 3")
    assert {(d, k, c): (int(v), g == "t") for d, k, c, v, g in after} == {key: (r.version, r.deleted) for key, r in known.items()}
    assert [row for row in after if row[2] != AREA + "001600"] == [row for row in before if row[2] != AREA + "001600"]


def test_all_of_it_is_there_after_a_restart(cell):
    written(put(cell, area() + [grid(700)]))
    cell.restart("registry")
    assert written(put(cell, area() + [grid(700)])).unchanged == 4
    assert errors(put(cell, [gone("community", AREA + "001")])) == {("community.code_referred", 0)}
    assert cell.metric("registry", "wangge_registry_records", kind="grid") == len(listed(cell, "grid", limit=1000))
