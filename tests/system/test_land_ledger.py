"""The land ledger against those who have the database: every way to change what was written is caught by the command that
says so, with the village, the entry and the member; who has only the service's role cannot change anything at all."""
import hashlib
import json
import subprocess
import sys

import pytest

from harness import proto
from harness.cell import ROOT, VILLAGE, Cell
from harness.client import CallError
from harness.command import complaint, wangge
from harness.land import L, do, make_village, party, write
from harness.land_ledger import Ledger, root_of, sha256
from harness.proto import CODE
from harness.wait import until

LL = proto.land_ledger
ENTRIES = 30
TABLES = ("village_head", "ledger_entry", "ledger_tile", "record", "record_version", "checkpoint", "submission", "sealed")
OTHER = "131102101202"


@pytest.fixture(scope="module")
def made():
    cell = Cell(services=("land",))
    try:
        cell.start()
        make_village(cell)
        for n in range(ENTRIES - 2):
            party(cell, f"h-{n % 20}", f"户主{n}", phone="13800001234" if n % 3 else "")
        do(cell, "Land/PutPolicy", L.PutPolicyRequest(write=write(reason="村民代表会议"), name="vote.share_n",
                                                      policy=L.LandPolicy(value=2, source="村规民约")), by="registrar")
        cell.postgres.query("CREATE SCHEMA kept; " + "; ".join(f"CREATE TABLE kept.{t} AS TABLE land.{t}" for t in TABLES))
        yield cell
    finally:
        cell.stop()


def put_back(cell, tables="kept"):
    """What is in the tables is what was kept, as a restore from a backup does it."""
    cell.postgres.query("SET session_replication_role = replica; "
                        + "".join(f"TRUNCATE land.{t}; INSERT INTO land.{t} SELECT * FROM {tables}.{t}; " for t in TABLES))


@pytest.fixture
def cell(made):
    """A cell whose tables a test may spoil."""
    yield made
    put_back(made)


@pytest.fixture
def keep(cell, tmp_path):
    """keep(text) gives a file that holds it."""
    def write_file(text):
        path = tmp_path / f"kept-{len(list(tmp_path.iterdir()))}"
        path.write_text(text, "utf-8")
        return path
    return write_file


def verify(cell, *words, code=0):
    return json.loads(wangge(cell, "land", "verify", *words, "--json", code=code))


def caught(cell, *words, seq, field):
    found = verify(cell, *words, code=1)
    assert (found["verdict"], found["village"], found["seq"], found["field"]) == ("tampered", VILLAGE, seq, field), found
    return found


def export(cell, tmp_path, village=VILLAGE):
    path = tmp_path / "ledger.jsonl"
    wangge(cell, "land", "export-ledger", "--village", village, "--out", path)
    return path


def alone(*words):
    """The stand-alone verifier: exit code and what it found."""
    done = subprocess.run([sys.executable, "-I", ROOT / "ops/land-verify", *map(str, words), "--json"], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def sql(cell, text, role="postgres"):
    return cell.postgres.query(text, role=role)


def of_village(table="ledger_entry"):
    return f"land.{table} WHERE village = '{VILLAGE}'"


# --- what is true ---

def test_a_ledger_is_what_others_compute_of_it(cell, tmp_path, keep):
    path = export(cell, tmp_path)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    ours = Ledger(VILLAGE)  # computed by the book
    ours.entries = lines[1:]
    assert len(lines) == ENTRIES + 1 and lines[0] == ours.header()
    note, key = keep(wangge(cell, "land", "head", "--village", VILLAGE)), keep(wangge(cell, "land", "key", "--village", VILLAGE))
    assert note.read_text("utf-8").startswith(ours.sheet())
    for command in ("chain", "tree"):
        assert verify(cell, command, path)["entries"] == ENTRIES
    assert verify(cell, "projection", "--village", VILLAGE)["entries"] == ENTRIES
    assert verify(cell, "checkpoint", note, "--export", path, "--key", key)["sheets"] == 1
    code, found = alone("export", path, "--checkpoint", note, "--key", key)
    assert code == 0 and found["entries"] == ENTRIES and found["sheets"] == 1


def test_no_number_of_a_person_stands_in_an_export(cell, tmp_path):
    import base64
    for line in export(cell, tmp_path).read_text("utf-8").splitlines()[1:]:
        assert b"13800001234" not in base64.b64decode(json.loads(line)["payload"])


def test_proofs_of_every_entry_and_size(cell, tmp_path, keep):
    path = export(cell, tmp_path)
    ours = Ledger(VILLAGE)
    ours.entries = [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]
    for seq, size in ((0, 1), (0, ENTRIES), (7, 8), (7, 21), (ENTRIES - 1, ENTRIES)):
        proof, sheet = keep(wangge(cell, "land", "proof", seq, "--village", VILLAGE, "--size", size)), keep(ours.sheet(size))
        assert json.loads(proof.read_text("utf-8"))["path"] == ours.inclusion(seq, size)["path"]
        verify(cell, "inclusion", proof, "--checkpoint", sheet)
        assert alone("inclusion", proof, "--checkpoint", sheet)[0] == 0
    for older, newer in ((1, 2), (8, ENTRIES), (13, 27)):
        proof = keep(wangge(cell, "land", "proof", "--village", VILLAGE, "--from", older, "--size", newer))
        sheets = keep(ours.sheet(older)), keep(ours.sheet(newer))
        verify(cell, "checkpoint", *sheets, "--proof", proof)
        assert alone("consistency", *sheets, "--proof", proof)[0] == 0
        assert wangge(cell, "land", "head", "--village", VILLAGE, "--size", older).startswith(ours.sheet(older))
    newest = keep(wangge(cell, "land", "proof", 3, "--village", VILLAGE))  # of now: its checkpoint comes with it, signed
    note, key = keep(json.loads(newest.read_text("utf-8"))["checkpoint"]), keep(wangge(cell, "land", "key", "--village", VILLAGE))
    verify(cell, "inclusion", newest, "--checkpoint", note, "--key", key)


@pytest.mark.parametrize("method, request_, code, field", [
    ("ProveEntry", LL.ProveEntryRequest(village=VILLAGE, seq=ENTRIES), CODE.CODE_OUT_OF_RANGE, "seq"),
    ("ProveEntry", LL.ProveEntryRequest(village=VILLAGE, seq=3, size=3), CODE.CODE_OUT_OF_RANGE, "seq"),
    ("ProveEntry", LL.ProveEntryRequest(village=VILLAGE, seq=0, size=ENTRIES + 1), CODE.CODE_OUT_OF_RANGE, "size"),
    ("ProveEntry", LL.ProveEntryRequest(village=VILLAGE, seq=-1), CODE.CODE_INVALID_ARGUMENT, "seq"),
    ("ProveGrowth", LL.ProveGrowthRequest(village=VILLAGE), CODE.CODE_OUT_OF_RANGE, "from"),
    ("ProveGrowth", LL.ProveGrowthRequest(village=VILLAGE, **{"from": 5}, to=4), CODE.CODE_OUT_OF_RANGE, "from"),
    ("ProveGrowth", LL.ProveGrowthRequest(village=VILLAGE, **{"from": 5}, to=ENTRIES + 1), CODE.CODE_OUT_OF_RANGE, "to"),
    ("LedgerHead", LL.LedgerHeadRequest(village="13110210120"), CODE.CODE_INVALID_ARGUMENT, "village"),
    ("LedgerHead", LL.LedgerHeadRequest(village="x" * 12), CODE.CODE_INVALID_ARGUMENT, "village"),
    ("LedgerHead", LL.LedgerHeadRequest(village=OTHER), CODE.CODE_PERMISSION_DENIED, "village"),
    ("LedgerHead", LL.LedgerHeadRequest(village=VILLAGE, size=ENTRIES + 1), CODE.CODE_OUT_OF_RANGE, "size"),
    ("LedgerHead", LL.LedgerHeadRequest(village=VILLAGE, size=-1), CODE.CODE_INVALID_ARGUMENT, "size"),
    ("LedgerEntries", LL.LedgerEntriesRequest(village=VILLAGE, to=-1), CODE.CODE_INVALID_ARGUMENT, "to"),
    ("ListCheckpoints", LL.ListCheckpointsRequest(village="1311021"), CODE.CODE_INVALID_ARGUMENT, "village"),
    ("ListCheckpoints", LL.ListCheckpointsRequest(village=VILLAGE, limit=1001), CODE.CODE_INVALID_ARGUMENT, "limit"),
    ("ListCheckpoints", LL.ListCheckpointsRequest(village=VILLAGE, page_token="x"), CODE.CODE_INVALID_ARGUMENT, "page_token"),
])
def test_what_is_not_there_is_refused_by_name(cell, method, request_, code, field):
    with pytest.raises(CallError) as refused:
        cell.call("village", f"LandLedger/{method}", request_)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_village_without_a_ledger_has_none(cell):
    with pytest.raises(CallError) as refused:
        cell.call("registrar", "LandLedger/LedgerHead", LL.LedgerHeadRequest(village=OTHER))
    assert (refused.value.code, refused.value.field) == (CODE.CODE_NOT_FOUND, "village")
    assert "has no ledger" in complaint(cell, "land", "export-ledger", "--village", OTHER, "--as", "registrar", code=1)
    assert "has no ledger" in complaint(cell, "land", "verify", "projection", "--village", OTHER, "--as", "registrar", code=2)


def test_entries_come_in_pages(cell):
    got, start = [], 0
    while page := list(cell.call("village", "LandLedger/LedgerEntries", LL.LedgerEntriesRequest(village=VILLAGE, **{"from": start}, limit=7)).entries):
        assert len(page) <= 7
        got += page
        start = got[-1].seq + 1
    assert [entry.seq for entry in got] == list(range(ENTRIES))
    some = cell.call("village", "LandLedger/LedgerEntries", LL.LedgerEntriesRequest(village=VILLAGE, **{"from": 4}, to=6)).entries
    assert [entry.seq for entry in some] == [4, 5]


# --- checkpoints ---

def test_checkpoints_are_made_daily_and_on_demand(cell):
    """Of the village, then of the district as a tree over its villages."""
    def kept(village, by="registrar"):
        return list(cell.call(by, "LandLedger/ListCheckpoints", LL.ListCheckpointsRequest(village=village)).checkpoints)
    cell.restart("land")  # it looks what is due
    district = until(lambda: kept("131102"), "the district's checkpoint of the day")[0]
    daily = kept(VILLAGE)[-1]
    assert district.origin.startswith("wangge-land/131102/20") and district.size == 1
    leaf = sha256(b"\x00" + VILLAGE.encode() + daily.size.to_bytes(8, "big") + daily.root)
    assert district.root == root_of([leaf])
    now = cell.call("township", "LandLedger/MakeCheckpoint", LL.MakeCheckpointRequest(village=VILLAGE))
    again = cell.call("village", "LandLedger/MakeCheckpoint", LL.MakeCheckpointRequest(village=VILLAGE))
    assert now == again and now.size == ENTRIES and now.note.startswith(f"wangge-land/{VILLAGE}\n{ENTRIES}\n")
    pages, token = [], ""
    while True:
        page = cell.call("village", "LandLedger/ListCheckpoints", LL.ListCheckpointsRequest(village=VILLAGE, limit=1, page_token=token))
        pages += page.checkpoints
        token = page.next_page_token
        if not token:
            break
    assert pages == kept(VILLAGE) and [c.made_at for c in pages] == sorted((c.made_at for c in pages), reverse=True)


def test_a_checkpoint_of_a_rewritten_ledger_is_not_replaced(cell):
    cell.call("village", "LandLedger/MakeCheckpoint", LL.MakeCheckpointRequest(village=VILLAGE))
    sql(cell, f"UPDATE land.checkpoint SET root = sha256('x') WHERE village = '{VILLAGE}' AND size = {ENTRIES}")
    with pytest.raises(CallError) as refused:
        cell.call("village", "LandLedger/MakeCheckpoint", LL.MakeCheckpointRequest(village=VILLAGE))
    assert refused.value.code == CODE.CODE_DATA_LOSS


# --- the service's role ---

@pytest.mark.parametrize("table", ["ledger_entry", "ledger_tile", "record_version", "checkpoint"])
@pytest.mark.parametrize("statement", [
    "UPDATE land.{t} SET village = village", "DELETE FROM land.{t}", "TRUNCATE land.{t}", "DROP TABLE land.{t}",
    "ALTER TABLE land.{t} ADD COLUMN x int", "ALTER TABLE land.{t} OWNER TO wangge_land",
    "CREATE RULE r AS ON UPDATE TO land.{t} DO INSTEAD NOTHING",
    "CREATE TRIGGER t BEFORE INSERT ON land.{t} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "MERGE INTO land.{t} a USING land.{t} b ON a.village = b.village WHEN MATCHED THEN DELETE",
    "INSERT INTO land.{t} SELECT * FROM land.{t} ON CONFLICT ON CONSTRAINT {t}_pkey DO UPDATE SET village = excluded.village",
    "SELECT * FROM land.{t} FOR UPDATE", "SET ROLE wangge_owner", "SET session_replication_role = replica",
    "CREATE TABLE land.mine (x int)",
])
def test_the_service_s_role_can_add_and_nothing_else(made, table, statement):
    before = sql(made, f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM land.{table} t")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        sql(made, statement.format(t=table), role="wangge_land")
    assert "ermission denied" in refused.value.stderr or "must be owner" in refused.value.stderr, refused.value.stderr
    assert sql(made, f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM land.{table} t") == before


def test_there_are_no_triggers_and_no_other_grants(made):
    assert sql(made, "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid "
               "WHERE relnamespace = 'land'::regnamespace AND NOT tgisinternal") == []
    sql(made, "GRANT UPDATE, DELETE ON land.ledger_entry TO wangge_land", role="wangge_land")  # a warning, and nothing comes of it
    granted = sql(made, "SELECT DISTINCT grantee, privilege_type FROM information_schema.role_table_grants WHERE table_schema = 'land' "
                  "AND table_name IN ('ledger_entry', 'ledger_tile', 'record_version', 'checkpoint') AND grantee <> 'wangge_owner' "
                  "ORDER BY 1, 2")
    assert granted == [["wangge_land", "INSERT"], ["wangge_land", "SELECT"]]


# --- land.md §4.3: attack, and what catches it ---

def test_an_edited_payload_is_caught_by_chain_and_tree(cell, tmp_path):
    sql(cell, f"UPDATE {of_village()} AND seq = 11".replace("WHERE", "SET payload = set_byte(payload, 20, get_byte(payload, 20) # 1) WHERE"))
    path = export(cell, tmp_path)
    for command in ("chain", "tree"):
        caught(cell, command, path, seq=11, field="payload")
    code, found = alone("export", path)
    assert (code, found["seq"], found["field"]) == (1, 11, "payload")
    caught(cell, "projection", "--village", VILLAGE, seq=11, field="payload")


@pytest.mark.parametrize("column, value, field", [
    ("kind", "'put_policy'", "leaf_hash"), ("actor", "'somebody'", "leaf_hash"), ("at", "at + interval '1 microsecond'", "leaf_hash"),
    ("prev_hash", "sha256('x')", "prev_hash"), ("payload_sha256", "sha256('x')", "payload"), ("leaf_hash", "sha256('x')", "leaf_hash"),
])
def test_an_edited_column_is_caught(cell, tmp_path, column, value, field):
    sql(cell, f"UPDATE land.ledger_entry SET {column} = {value} WHERE village = '{VILLAGE}' AND seq = 9")
    path = export(cell, tmp_path)
    caught(cell, "chain", path, seq=9, field=field)
    code, found = alone("export", path)
    assert (code, found["seq"], found["field"]) == (1, 9, field)


def test_a_deleted_entry_is_caught(cell, tmp_path):
    sql(cell, f"DELETE FROM {of_village()} AND seq = 12")
    path = export(cell, tmp_path)
    for command in ("chain", "tree"):
        caught(cell, command, path, seq=12, field="seq")
    assert alone("export", path)[1]["seq"] == 12
    caught(cell, "projection", "--village", VILLAGE, seq=12, field="seq")
    with pytest.raises(CallError) as refused:  # and what cannot be proved is not
        cell.call("village", "LandLedger/ProveEntry", LL.ProveEntryRequest(village=VILLAGE, seq=12))
    assert refused.value.code == CODE.CODE_DATA_LOSS


def test_swapped_entries_are_caught(cell, tmp_path):
    for old, new in ((5, 1000), (6, 5), (1000, 6)):
        sql(cell, f"UPDATE land.ledger_entry SET seq = {new} WHERE village = '{VILLAGE}' AND seq = {old}")
    caught(cell, "chain", export(cell, tmp_path), seq=5, field="prev_hash")


@pytest.mark.parametrize("change, field", [
    ("SET name = '别人'", "name"), ("SET ended = true", "ended"), ("SET version = version + 1", "version"),
    ("SET state = 'confirmed'", "state"), ("SET due_on = '2030-01-01'", "due_on"),
    ("SET attributes = attributes || '{\"name\": \"别人\"}'", "attributes"),
    ("SET geom = postgis.st_geomfromtext('POINT(115.7 37.7)', 4490)", "geom"),
    ("SET body = set_byte(body, 30, get_byte(body, 30) # 1)", "body"), ("SET entry_seq = entry_seq - 1", "entry_seq"),
])
def test_an_edited_row_of_the_projection_is_caught(cell, tmp_path, change, field):
    entry = int(sql(cell, f"SELECT entry_seq FROM {of_village('record')} AND kind = 'party' AND id = 'h-5'")[0][0])
    sql(cell, f"UPDATE land.record {change} WHERE village = '{VILLAGE}' AND kind = 'party' AND id = 'h-5'")
    found = caught(cell, "projection", "--village", VILLAGE, seq=entry, field=f"record.{field}")
    assert "party h-5" in found["message"]
    verify(cell, "tree", export(cell, tmp_path))  # the entries are what they were


def test_an_added_or_deleted_row_of_the_projection_is_caught(cell):
    entry = int(sql(cell, f"SELECT entry_seq FROM {of_village('record')} AND kind = 'party' AND id = 'h-5'")[0][0])
    sql(cell, f"DELETE FROM {of_village('record')} AND kind = 'party' AND id = 'h-5'")
    assert "h-5" in caught(cell, "projection", "--village", VILLAGE, seq=entry, field="record.id")["message"]
    put_back(cell)
    sql(cell, f"INSERT INTO land.record SELECT district, village, kind, 'ghost', version, entry_seq, ended, state, name, due_on, geom, "
        f"attributes, body FROM {of_village('record')} AND kind = 'party' AND id = 'h-5'")
    assert "ghost" in caught(cell, "projection", "--village", VILLAGE, seq=entry, field="record.id")["message"]


def test_a_row_that_names_an_entry_that_never_was_is_caught(cell):
    entry = int(sql(cell, f"SELECT entry_seq FROM {of_village('record')} AND kind = 'party' AND id = 'h-5'")[0][0])
    sql(cell, f"UPDATE land.record SET entry_seq = 1000000 WHERE village = '{VILLAGE}' AND id = 'h-5'")
    caught(cell, "projection", "--village", VILLAGE, seq=entry, field="record.entry_seq")


def cut(cell, size):
    """The tail is cut with everything that knows of it: rows, tiles, versions and the head."""
    peaks, ours = peaks_of(cell, size)
    sql(cell, f"DELETE FROM {of_village()} AND seq >= {size}; DELETE FROM {of_village('record_version')} AND entry_seq >= {size}; "
        f"DELETE FROM land.checkpoint WHERE size > {size}; "
        f"UPDATE land.village_head SET size = {size}, last_hash = '\\x{ours[size - 1].hex()}', peaks = '\\x{peaks.hex()}' "
        f"WHERE village = '{VILLAGE}'")


def peaks_of(cell, size, leaves=None):
    leaves = leaves or [bytes.fromhex(row[0]) for row in sql(cell, f"SELECT encode(leaf_hash, 'hex') FROM {of_village()} ORDER BY seq")]
    peaks, start = b"", 0
    for bit in range(size.bit_length() - 1, -1, -1):
        if size >> bit & 1:
            peaks += root_of(leaves[start:start + (1 << bit)])
            start += 1 << bit
    return peaks, leaves


def test_a_cut_tail_is_caught_by_an_older_checkpoint(cell, tmp_path, keep):
    note = keep(wangge(cell, "land", "checkpoint", "--village", VILLAGE, "--as", "village"))
    cut(cell, ENTRIES - 6)
    path = export(cell, tmp_path)
    verify(cell, "tree", path)  # in itself it is whole
    found = caught(cell, "checkpoint", note, "--export", path, seq=ENTRIES - 6, field="size")
    assert "the tail was cut" in found["message"]
    assert alone("export", path, "--checkpoint", note)[1]["field"] == "size"


def rewrite(cell, start):
    """Another owner in entry `start`, and everything behind it hashed anew, as the owner of the database can."""
    rows = sql(cell, "SELECT seq, (extract(epoch FROM at) * 1000000)::bigint, kind, actor, encode(payload, 'hex') "
               f"FROM {of_village()} ORDER BY seq")
    ours, statements = Ledger(VILLAGE), []
    for seq, at, kind, actor, payload in rows:
        content = bytes.fromhex(payload)
        if int(seq) == start:
            entry = L.LandEntry.FromString(content)
            entry.records[0].party.name = "冒名者"
            content = entry.SerializeToString()
        ours.append(content, kind, actor, int(at))
        digest = hashlib.sha256(content).hexdigest()
        leaf, prev = ours.leaves()[-1].hex(), (ours.leaves()[-2] if len(ours.entries) > 1 else bytes(32)).hex()
        statements.append(f"UPDATE {of_village()} AND seq = {seq}".replace(
            "WHERE", f"SET payload = '\\x{content.hex()}', payload_sha256 = '\\x{digest}', prev_hash = '\\x{prev}', "
            f"leaf_hash = '\\x{leaf}' WHERE"))
    peaks, leaves = peaks_of(cell, len(rows), ours.leaves())
    sql(cell, "; ".join(statements) + f"; UPDATE land.village_head SET last_hash = '\\x{leaves[-1].hex()}', "
        f"peaks = '\\x{peaks.hex()}' WHERE village = '{VILLAGE}'")


def test_a_rewritten_history_is_caught_by_an_older_checkpoint(cell, tmp_path, keep):
    ours = Ledger(VILLAGE)
    ours.entries = [json.loads(line) for line in export(cell, tmp_path).read_text("utf-8").splitlines()[1:]]
    sheets = keep(ours.sheet(10)), keep(ours.sheet(ENTRIES))
    rewrite(cell, 15)
    path = export(cell, tmp_path)
    verify(cell, "tree", path)  # in itself it is whole
    found = caught(cell, "checkpoint", *sheets, "--export", path, seq=10, field="root")
    assert f"from entry 10 to {ENTRIES - 1}" in found["message"]
    assert alone("export", path, "--checkpoint", sheets[0], "--checkpoint", sheets[1])[1]["seq"] == 10
    caught(cell, "projection", "--village", VILLAGE, seq=15, field="record.body")  # whoever forgets the table


def test_two_histories_are_caught_by_comparing_two_sheets(cell, keep):
    """The village was shown one history, the township another."""
    shown = keep(wangge(cell, "land", "head", "--village", VILLAGE))
    rewrite(cell, 15)
    other = keep(wangge(cell, "land", "head", "--village", VILLAGE))
    caught(cell, "checkpoint", shown, other, seq=-1, field="root")
    assert alone("consistency", shown, other)[0] == 1
    smaller = Ledger(VILLAGE)
    smaller.entries = [json.loads(line) for line in wangge(cell, "land", "export-ledger", "--village", VILLAGE).splitlines()[1:]]
    proof = keep(wangge(cell, "land", "proof", "--village", VILLAGE, "--from", 20))
    verify(cell, "checkpoint", keep(smaller.sheet(20)), other, "--proof", proof)
    caught(cell, "checkpoint", keep(smaller.sheet(20)), shown, "--proof", proof, seq=-1, field="root")


def test_an_edited_tile_makes_proofs_fail_and_nothing_true(cell, keep):
    """Proofs from stored hashes that were changed do not hold; the sheet is what counts."""
    sheet = keep(wangge(cell, "land", "head", "--village", VILLAGE))
    sql(cell, f"UPDATE {of_village()} AND seq = 2".replace("WHERE", "SET leaf_hash = sha256('x') WHERE"))
    proof = keep(wangge(cell, "land", "proof", 3, "--village", VILLAGE, "--size", ENTRIES))
    caught(cell, "inclusion", proof, "--checkpoint", sheet, seq=3, field="path")


# --- restore from a backup ---

def test_a_restore_from_a_backup_is_named_and_never_computed_away(cell, tmp_path, keep):
    size = ENTRIES + 4
    for n in range(4):
        party(cell, f"late-{n}", f"新户{n}")
    late = keep(wangge(cell, "land", "head", "--village", VILLAGE))
    cell.stop_service("land")
    put_back(cell)  # the backup of before
    cell.start_service("land")
    cell.wait_ready("land")
    assert verify(cell, "tree", export(cell, tmp_path))["entries"] == ENTRIES
    caught(cell, "checkpoint", late, "--export", tmp_path / "ledger.jsonl", seq=ENTRIES, field="size")

    options = ("--evidence", "张榜 2026-11-20", "--reason", "磁盘损坏", "--person", "王五")
    refused = complaint(cell, "land", "record-restore", "--village", VILLAGE, "--lost-to", ENTRIES - 1, *options, code=1)
    assert f"第 {ENTRIES - 1} 条仍在账本中" in refused
    assert f"entry {ENTRIES}" in wangge(cell, "land", "record-restore", "--village", VILLAGE, "--lost-to", size - 1, *options)
    lost = cell.call("village", "Land/GetLand", L.GetLandRequest(village=VILLAGE, kind="restore", id=f"restore-{ENTRIES}")).record.restore
    assert (lost.lost_from, lost.lost_to, lost.evidence) == (ENTRIES, size - 1, "张榜 2026-11-20")
    for n in range(6):
        party(cell, f"later-{n}", f"后户{n}")
    path = export(cell, tmp_path)
    verify(cell, "tree", path)
    verify(cell, "projection", "--village", VILLAGE)
    found = caught(cell, "checkpoint", late, "--export", path, seq=0, field="root")  # still shown, and explained
    assert f"entry {ENTRIES} says that entries from {ENTRIES} on were lost" in found["message"]
    cell.stop_service("land")
    put_back(cell)
    cell.start_service("land")
    cell.wait_ready("land")


def test_reading_while_others_write(cell, tmp_path):
    """A check of the projection is right while writes go on; what it says is of a ledger that grew meanwhile."""
    import threading
    stop, failures = threading.Event(), []
    client = cell.connect("village", "land")

    def keep_writing():
        n = 0
        try:
            while not stop.is_set():
                n += 1
                request = L.PutPartyRequest(write=write(key=f"busy-{n}"), id=f"busy-{n % 5}",
                                            party=L.LandParty(kind=L.PARTY_KIND_HOUSEHOLD, name=f"忙户{n}"))
                client.call("wangge.v1.Land/PutParty", request)
        except Exception as error:  # noqa: BLE001  shown by the test
            failures.append(error)
    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for _ in range(3):
            verify(cell, "projection", "--village", VILLAGE)
            verify(cell, "tree", export(cell, tmp_path))
    finally:
        stop.set()
        writer.join()
        client.close()
    assert not failures
    cell.stop_service("land")
    put_back(cell)
    cell.start_service("land")
    cell.wait_ready("land")
