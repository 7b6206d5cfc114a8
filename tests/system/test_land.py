"""The land ledger's base: villages, policy, parties; one entry for every write; nothing of a write that is refused; sealed values."""
import hashlib
import signal

import pytest

from harness import proto
from harness.cell import VILLAGE, Cell
from harness.client import CallError
from harness.land import L, do, get, make_village, party, refused, write
from harness.proto import CODE
from harness.wait import until

OTHER = "131102101202"
ID_NUMBER = "13110219800101123X"


def check_character(seventeen):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(c) * w for c, w in zip(seventeen, weights)) % 11]


ID_NUMBER = "13110219800101123" + check_character("13110219800101123")


@pytest.fixture(scope="module")
def cell():
    made = Cell(services=("land",))
    try:
        made.start()
        make_village(made)
        make_village(made, OTHER, "后桃村")
        yield made
    finally:
        made.stop()


def failed(code, field, call, *args, **kwargs):
    with pytest.raises(CallError) as caught:
        call(*args, **kwargs)
    assert (caught.value.code, caught.value.field) == (code, field), caught.value
    return caught.value


def head(cell, village=VILLAGE):
    return int(cell.postgres.query(f"SELECT size FROM land.village_head WHERE village = '{village}'")[0][0])


def test_every_write_makes_one_entry_in_the_same_transaction(cell):
    before = head(cell)
    reply = party(cell, "h-1", "张三户", phone="13800001234")
    assert reply.entry_seq == before and reply.count == 1 and head(cell) == before + 1
    record = get(cell, "party", "h-1")
    assert (record.version, record.party.name, record.ended) == (1, "张三户", False)
    stored = cell.postgres.query(f"SELECT kind, encode(payload_sha256, 'hex'), encode(payload, 'hex'), encode(leaf_hash, 'hex') "
                                 f"FROM land.ledger_entry WHERE village = '{VILLAGE}' AND seq = {reply.entry_seq}")
    assert stored[0][0] == "put_party"
    assert hashlib.sha256(bytes.fromhex(stored[0][2])).hexdigest() == stored[0][1]
    assert bytes.fromhex(stored[0][3]) == reply.leaf_hash
    entry = L.LandEntry.FromString(bytes.fromhex(stored[0][2]))
    assert entry.person == "王测试" and [r.id for r in entry.records] == ["h-1"]


def test_a_change_is_a_new_version_and_the_old_one_stays(cell):
    party(cell, "h-2", "李四户")
    party(cell, "h-2", "李四家")
    assert get(cell, "party", "h-2").party.name == "李四家"
    assert get(cell, "party", "h-2", version=1).party.name == "李四户"
    history = cell.call("village", "Land/LandHistory", L.LandHistoryRequest(village=VILLAGE, kind="party", id="h-2"))
    assert [e.entry.records[0].party.name for e in history.entries] == ["李四家", "李四户"]
    failed(CODE.CODE_NOT_FOUND, "version", get, cell, "party", "h-2", version=9)


def test_the_same_submission_again_gives_the_first_answer(cell):
    request = L.PutPartyRequest(write=write(key="device-1"), id="h-3", party=L.LandParty(kind=L.PARTY_KIND_HOUSEHOLD, name="王五户"))
    first = do(cell, "Land/PutParty", request)
    again = do(cell, "Land/PutParty", request)
    assert again.repeated_call and not first.repeated_call
    assert (again.entry_seq, again.leaf_hash) == (first.entry_seq, first.leaf_hash)
    request.party.name = "别人"
    failed(CODE.CODE_ALREADY_EXISTS, "write.idempotency_key", cell.call, "village", "Land/PutParty", request)
    assert get(cell, "party", "h-3").party.name == "王五户"
    # Another caller's key is not this one's, but the village's keys are one namespace: no second write slips through.
    failed(CODE.CODE_ALREADY_EXISTS, "write.idempotency_key", cell.call, "registrar", "Land/PutParty", request)


def test_two_writers_of_one_version_cannot_both_win(cell):
    party(cell, "h-4", "赵六户")
    request = L.PutPartyRequest(write=write(seen=[L.SeenVersion(kind="party", id="h-4", version=1)]), id="h-4",
                                party=L.LandParty(kind=L.PARTY_KIND_HOUSEHOLD, name="赵六家"))
    do(cell, "Land/PutParty", request)
    request.write.idempotency_key = "another"
    failed(CODE.CODE_ABORTED, "write.seen[0]", cell.call, "village", "Land/PutParty", request)


@pytest.mark.parametrize("fields, code", [
    ({"id_number": ID_NUMBER[:-1] + ("0" if ID_NUMBER[-1] != "0" else "1"), "id_type": L.ID_TYPE_RESIDENT}, "party.id_number"),
    ({"id_number": "13110219801301123X", "id_type": L.ID_TYPE_RESIDENT}, "party.id_number"),
    ({"id_number": "91130000MA0000000A", "id_type": L.ID_TYPE_CREDIT_CODE}, "party.id_number"),
    ({"id_number": ID_NUMBER}, "party.id_type"),
    ({"phone": "12345"}, "party.phone"),
    ({"household": "nobody"}, "party.unknown"),
])
def test_what_is_refused_writes_nothing_and_repeats_no_number(cell, fields, code):
    before = head(cell)
    own = {key: fields[key] for key in ("id_number", "phone") if key in fields}
    rest = {key: value for key, value in fields.items() if key not in own}
    request = L.PutPartyRequest(write=write(), id="bad", party=L.LandParty(kind=L.PARTY_KIND_PERSON, name="某人", **rest), **own)
    findings = refused(cell, "Land/PutParty", request)
    assert code in findings and findings[code].message_zh and findings[code].message_en and findings[code].pointer
    assert not any(value in str(findings[code]) for value in own.values())
    assert head(cell) == before
    failed(CODE.CODE_NOT_FOUND, "id", get, cell, "party", "bad")


@pytest.mark.parametrize("change, field", [
    ({"village": "13110210120"}, "write.village"),
    ({"village": "abcdefghijkl"}, "write.village"),
    ({"person": ""}, "write.person"),
    ({"person": "<b>王</b>"}, "write.person"),
    ({"idempotency_key": ""}, "write.idempotency_key"),
    ({"idempotency_key": "k" * 65}, "write.idempotency_key"),
    ({"reason": "r" * 1025}, "write.reason"),
])
def test_a_write_says_where_who_and_has_a_key(cell, change, field):
    begins = write()
    for name, value in change.items():
        setattr(begins, name, value)
    request = L.PutPartyRequest(write=begins, id="x", party=L.LandParty(kind=L.PARTY_KIND_PERSON, name="某人"))
    failed(CODE.CODE_INVALID_ARGUMENT, field, cell.call, "village", "Land/PutParty", request)


def test_a_village_is_its_committees_and_a_ledger_begins_with_the_village(cell):
    request = L.PutPartyRequest(write=write(OTHER), id="x", party=L.LandParty(kind=L.PARTY_KIND_PERSON, name="某人"))
    failed(CODE.CODE_PERMISSION_DENIED, "write.village", cell.call, "village", "Land/PutParty", request)
    failed(CODE.CODE_PERMISSION_DENIED, "village", get, cell, "party", "x", village=OTHER)
    request.write.village = "131102101203"
    failed(CODE.CODE_NOT_FOUND, "write.village", cell.call, "registrar", "Land/PutParty", request)
    with pytest.raises(CallError) as caught:
        make_village(cell, "131102999999")
    assert (caught.value.code, caught.value.field) == (CODE.CODE_NOT_FOUND, "write.village")
    assert cell.postgres.query("SELECT count(*) FROM land.village_head WHERE village = '131102999999'") == [["0"]]


def test_numbers_are_sealed_shown_on_record_and_erased_for_good(cell):
    party(cell, "p-1", "钱七", L.PARTY_KIND_PERSON, id_type=L.ID_TYPE_RESIDENT, id_number=ID_NUMBER, phone="13900005678")
    commit = get(cell, "party", "p-1").party.id_commit
    salt, value = cell.postgres.query(f"SELECT encode(salt, 'hex'), value FROM land.sealed WHERE commit = '\\x{commit.hex()}'")[0]
    assert value == ID_NUMBER and hashlib.sha256(bytes.fromhex(salt) + value.encode()).digest() == commit
    everything = cell.postgres.query("SELECT count(*) FROM land.ledger_entry WHERE position(convert_to('%s', 'UTF8') IN payload) > 0" % ID_NUMBER)
    assert everything == [["0"]], "the number must not stand in the ledger"
    request = L.RevealSealedRequest(village=VILLAGE, commit=commit, reason="核对合同当事人")
    assert cell.call("village", "Land/RevealSealed", request).value == ID_NUMBER
    seen = cell.postgres.query(f"SELECT viewed_by, reason FROM land.sealed_access WHERE commit = '\\x{commit.hex()}'")
    assert seen == [["village", "核对合同当事人"]]
    request.reason = ""
    failed(CODE.CODE_INVALID_ARGUMENT, "reason", cell.call, "village", "Land/RevealSealed", request)
    do(cell, "Land/EraseSealed", L.EraseSealedRequest(write=write(reason="本人申请"), commit=commit), "registrar")
    request.reason = "再看"
    failed(CODE.CODE_NOT_FOUND, "commit", cell.call, "village", "Land/RevealSealed", request)
    assert cell.postgres.query(f"SELECT count(*) FROM land.sealed WHERE value = '{ID_NUMBER}'") == [["0"]]
    assert get(cell, "party", "p-1").party.id_commit == commit, "the ledger keeps the commitment"
    failed(CODE.CODE_NOT_FOUND, "commit", cell.call, "registrar", "Land/EraseSealed",
           L.EraseSealedRequest(write=write(reason="再次"), commit=commit))


def test_policy_is_the_villages_own_and_bounded(cell):
    put = lambda **fields: L.PutPolicyRequest(write=write(), **fields)
    do(cell, "Land/PutPolicy", put(name="notice.plan_days", policy=L.LandPolicy(value=20, source="村民会议决议")), "registrar")
    assert get(cell, "policy", "notice.plan_days").policy.value == 20
    failed(CODE.CODE_INVALID_ARGUMENT, "policy.value", cell.call, "registrar", "Land/PutPolicy",
           put(name="notice.plan_days", policy=L.LandPolicy(value=0, source="s")))
    failed(CODE.CODE_INVALID_ARGUMENT, "name", cell.call, "registrar", "Land/PutPolicy",
           put(name="no.such", policy=L.LandPolicy(value=1, source="s")))
    failed(CODE.CODE_INVALID_ARGUMENT, "policy.source", cell.call, "registrar", "Land/PutPolicy",
           put(name="notice.plan_days", policy=L.LandPolicy(value=15)))


def test_a_list_goes_page_by_page_over_villages(cell):
    for n in range(7):
        party(cell, f"l-{n}", f"第{n}户")
        make = L.PutPartyRequest(write=write(OTHER), id=f"l-{n}", party=L.LandParty(kind=L.PARTY_KIND_HOUSEHOLD, name=f"后{n}户"))
        do(cell, "Land/PutParty", make, "registrar")
    seen, token = [], ""
    while True:
        page = cell.call("township", "Land/ListLand",
                         L.ListLandRequest(village=VILLAGE[:9], kind="party", limit=5, page_token=token))
        assert len(page.records) <= 5
        seen += [(r.record.village, r.record.id) for r in page.records]
        token = page.next_page_token
        if not token:
            break
    assert seen == sorted(set(seen)) and {(v, f"l-{n}") for v in (VILLAGE, OTHER) for n in range(7)} <= set(seen)
    failed(CODE.CODE_INVALID_ARGUMENT, "page_token", cell.call, "township", "Land/ListLand",
           L.ListLandRequest(village=VILLAGE[:9], kind="party", page_token="?"))


def test_the_services_role_can_add_to_the_ledger_and_nothing_else(cell):
    for table in ("ledger_entry", "ledger_tile", "record_version"):
        for verb in (f"UPDATE land.{table} SET village = village", f"DELETE FROM land.{table}", f"TRUNCATE land.{table}",
                     f"ALTER TABLE land.{table} ADD COLUMN x int", f"DROP TABLE land.{table}"):
            with pytest.raises(Exception):
                cell.postgres.query(verb, role="wangge_land")
    assert head(cell) > 0


def test_what_a_crash_cuts_off_was_written_once_or_not_at_all(cell):
    """kill -9 in the middle of pushes: every answer that was given holds, sent again nothing doubles, the chain is whole."""
    client = cell.connect("village", "land")
    requests = [L.PutPartyRequest(write=write(key=f"crash-{n}"), id=f"c-{n}",
                                  party=L.LandParty(kind=L.PARTY_KIND_HOUSEHOLD, name=f"户{n}")) for n in range(40)]
    before = head(cell)
    for request in requests:
        client.start_call("wangge.v1.Land/PutParty", request.SerializeToString())
    until(lambda: head(cell) > before, "some were written")
    cell.kill("land", signal.SIGKILL)
    client.close()
    cell.start_service("land")
    cell.wait_ready("land")
    replies = [cell.call_when_there("village", "Land/PutParty", request) for request in requests]
    assert len({reply.entry_seq for reply in replies}) == 40 and not any(reply.refused for reply in replies)
    rows = cell.postgres.query(f"SELECT seq, encode(prev_hash, 'hex'), encode(leaf_hash, 'hex') FROM land.ledger_entry "
                               f"WHERE village = '{VILLAGE}' ORDER BY seq")
    assert [int(row[0]) for row in rows] == list(range(len(rows))) and head(cell) == len(rows)
    assert all(row[1] == before[2] for before, row in zip(rows, rows[1:]))


def test_entries_are_published_in_order(cell):
    follower = cell.follow("operator", "land.entries", topic=VILLAGE)
    try:
        events = follower.take(head(cell))
        appended = [proto.unpack(event.event) for event in events]
        assert [event.seq for event in appended] == list(range(len(appended)))
        assert appended[0].entry.kind == "put_village"
    finally:
        follower.close()
