"""Verification of the land ledger from files: `wangge land verify` and the stand-alone ops/land-verify, which share no line,
say the same of the same files, and both what is true."""
import base64
import copy
import importlib.machinery
import importlib.util
import json
import os
import random
import subprocess
import sys

import pytest

from harness.cell import BUILD, ROOT
from harness.land_ledger import Ledger, text

ALONE = ROOT / "ops/land-verify"
TESTS = {"PATH": "/usr/bin:/bin"}


def run(command):
    done = subprocess.run([*map(str, command), "--json"], capture_output=True, text=True, env=os.environ | TESTS)
    if done.returncode == 2 and not done.stdout:  # the command's own way of saying that a file is none
        return done.returncode, {"verdict": "unchecked", "message": done.stderr}
    return done.returncode, json.loads(done.stdout)


def wangge(*words):
    return run([BUILD / "ops/cli/wangge", "land", "verify", *words])


def alone(*words):
    return run([sys.executable, "-I", ALONE, *words])


def agree(first, second):
    """The same verdict, village, entry and member; the member of what cannot be read is not compared."""
    names = ("verdict",) if first[0] == 2 else ("verdict", "village", "seq", "field")
    assert first[0] == second[0] and [first[1][n] for n in names] == [second[1][n] for n in names], (first, second)
    return first


def export(path, *sheets, key=()):
    """Both on an export, with the sheets if there are any."""
    mine = wangge("checkpoint", *sheets, "--export", path, *key) if sheets else wangge("tree", path)
    return agree(mine, alone("export", path, *(word for sheet in sheets for word in ("--checkpoint", sheet)), *key))


def inclusion(proof, sheet, key=()):
    return agree(wangge("inclusion", proof, "--checkpoint", sheet, *key), alone("inclusion", proof, "--checkpoint", sheet, *key))


def consistency(older, newer, proof=None):
    more = ("--proof", proof) if proof else ()
    return agree(wangge("checkpoint", older, newer, *more), alone("consistency", older, newer, *more))


@pytest.fixture
def ledger():
    return Ledger(entries=70)


@pytest.fixture
def file(tmp_path):
    """Writes a text or an object to a file of its own."""
    def write(content):
        path = tmp_path / f"f{len(list(tmp_path.iterdir()))}"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path
    return write


def test_a_true_ledger(ledger, tmp_path, file):
    path = ledger.write(tmp_path / "ledger.jsonl")
    assert export(path)[0] == 0
    code, found = export(path, *(file(ledger.sheet(size)) for size in (0, 1, 33, 64, 70)))
    assert code == 0 and (found["villages"], found["entries"], found["sheets"]) == (1, 70, 5)


def test_every_member_of_an_entry_counts(ledger, tmp_path):
    """The first bad entry and member, whatever is changed in whichever entry."""
    rng = random.Random(7)
    other = {"village": "131102001002", "seq": 99, "at": 1, "kind": "put_policy", "actor": "x", "prev_hash": text(bytes(32)),
             "payload_sha256": text(bytes(range(32))), "leaf_hash": text(bytes(32)), "payload": text(b"other")}
    told = {"kind": "leaf_hash", "actor": "leaf_hash", "payload_sha256": "payload"}
    for member, value in other.items():
        spoiled, seq = copy.deepcopy(ledger), rng.randrange(1, 70)
        spoiled.entries[seq][member] = value
        code, found = export(spoiled.write(tmp_path / "spoiled"))
        assert (code, found["seq"], found["field"]) == (1, seq, told.get(member, member)), member


def test_random_damage_is_judged_alike(ledger, tmp_path):
    """Anything may stand in a file: both verifiers find the same, and never that a changed ledger is intact."""
    rng, lines = random.Random(20261128), ledger.write(tmp_path / "ledger.jsonl").read_text("utf-8").splitlines()
    for _ in range(40):
        spoiled, n = list(lines), rng.randrange(len(lines))
        match rng.randrange(5):
            case 0:
                del spoiled[n]
            case 1:
                spoiled.insert(n, spoiled[rng.randrange(len(lines))])
            case 2:
                spoiled[n], spoiled[n - 1] = spoiled[n - 1], spoiled[n]
            case 3:  # a digit or letter within one line
                places = [k for k, c in enumerate(spoiled[n]) if c.isascii() and c.isalnum()]
                k = rng.choice(places)
                spoiled[n] = spoiled[n][:k] + ("A" if spoiled[n][k] != "A" else "B") + spoiled[n][k + 1:]
            case 4:
                spoiled = spoiled[:n] + [spoiled[n][:rng.randrange(len(spoiled[n]))]]
        path = tmp_path / "spoiled.jsonl"
        path.write_text("\n".join(spoiled) + "\n", "utf-8")
        code, found = export(path)
        assert code in (1, 2) or spoiled == lines, found


def test_a_cut_tail_is_found_by_an_older_sheet(ledger, tmp_path, file):
    sheet = file(ledger.sheet())
    del ledger.entries[60:]
    path = ledger.write(tmp_path / "ledger.jsonl")
    assert export(path)[0] == 0  # nothing in it says so
    code, found = export(path, sheet)
    assert (code, found["seq"], found["field"]) == (1, 60, "size") and "tail was cut" in found["message"]
    ledger.says = (70, bytes(32))  # cut, but its own words left alone
    code, found = export(ledger.write(path))
    assert (code, found["seq"], found["field"]) == (1, 60, "size")


def test_a_rewritten_history_is_found_and_bracketed(ledger, tmp_path, file):
    sheets = [file(ledger.sheet(size)) for size in (20, 40, 70)]
    ledger.entries[45]["payload"] = text(b"another owner")
    ledger.rewrite(45)
    path = ledger.write(tmp_path / "ledger.jsonl")
    assert export(path)[0] == 0
    code, found = export(path, *sheets)
    assert (code, found["seq"], found["field"]) == (1, 40, "root")
    assert export(path, *sheets[:2])[0] == 0


def test_a_fork_is_found_by_comparing_two_sheets(ledger, file):
    other = copy.deepcopy(ledger)
    del other.entries[50:]
    for n in range(30):
        other.append(b"fork %d" % n)
    older, newer = file(ledger.sheet(70)), file(other.sheet(80))
    for proof in (ledger.consistency(35, 70), other.consistency(70, 80)):
        assert consistency(older, newer, file(proof | {"from": 70, "size": 80}))[0] == 1
    assert consistency(older, file(other.sheet(70)))[0] == 1
    assert consistency(older, newer)[0] == 2  # nobody proves anything
    assert consistency(file(ledger.sheet(50)), newer, file(other.consistency(50, 80)))[0] == 0  # before they part


def test_proofs_of_other_makers_hold(ledger, file):
    for size in (1, 2, 3, 31, 32, 33, 70):
        sheet = file(ledger.sheet(size))
        for seq in {0, size // 2, size - 1}:
            assert inclusion(file(ledger.inclusion(seq, size)), sheet)[0] == 0
        for older in {1, size // 2 or 1, size - 1 or 1}:
            if older < size:
                assert consistency(file(ledger.sheet(older)), sheet, file(ledger.consistency(older, size)))[0] == 0


def test_a_false_inclusion_is_found(ledger, file):
    proof, sheet = ledger.inclusion(41, 70), file(ledger.sheet(70))
    for member, value in (("payload", text(b"mine")), ("actor", "me"), ("at", 5)):
        spoiled = copy.deepcopy(proof)
        spoiled["entry"][member] = value
        code, found = inclusion(file(spoiled), sheet)
        assert (code, found["seq"], found["field"]) == (1, 41, "payload" if member == "payload" else "leaf_hash")
    for path in ([], proof["path"][:-1], [*proof["path"], text(bytes(32))], proof["path"][::-1]):
        code, found = inclusion(file(proof | {"path": path}), sheet)
        assert (code, found["field"]) == (1, "path")
    assert inclusion(file(proof), file(ledger.sheet(69)))[0] == 2  # a sheet of another size
    assert inclusion(file(proof | {"size": "many"}), sheet)[0] == 2


def test_what_is_no_ledger_cannot_be_checked(ledger, tmp_path, file):
    for content in ("", "\n", "hello\n", "[]\n", json.dumps(ledger.entries[0]) + "\n"):
        assert export(file(content))[0] == 2
    path = ledger.write(tmp_path / "ledger.jsonl")
    assert wangge("chain", tmp_path / "missing")[0] == alone("export", tmp_path / "missing")[0] == 2
    other = Ledger("131102001002", entries=3)
    assert export(path, file(other.sheet()))[0] == 2  # its ledger is not in the file
    assert export(path, file("a\nb\nc\n"))[0] == 2
    assert wangge("inclusion", file(ledger.inclusion(1, 70)))[0] == 2  # no root from outside: nothing is proved


# --- signatures: RFC 8032 in the stand-alone verifier, libsodium in the command ---

def module():
    loader = importlib.machinery.SourceFileLoader("land_verify", str(ALONE))
    found = importlib.util.module_from_spec(importlib.util.spec_from_loader("land_verify", loader))
    sys.dont_write_bytecode, kept = True, sys.dont_write_bytecode
    loader.exec_module(found)
    sys.dont_write_bytecode = kept
    return found


class Signer:
    """Signs with the curve of the stand-alone verifier, whose arithmetic RFC 8032's own vectors check below."""

    def __init__(self, name, seed):
        import hashlib
        self.land, self.name, digest = module(), name, hashlib.sha512(seed).digest()
        self.number = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix, self.hash = digest[32:], lambda *parts: int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")
        self.public = self.packed(self.land.times(self.number, self.land.BASE))
        self.key_id = hashlib.sha256(name.encode() + b"\n\x01" + self.public).digest()[:4]

    @staticmethod
    def packed(point):
        return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")

    def sign(self, data):
        r = self.hash(self.prefix, data) % self.land.ORDER
        begin = self.packed(self.land.times(r, self.land.BASE))
        s = (r + self.hash(begin, self.public, data) * self.number) % self.land.ORDER
        return begin + s.to_bytes(32, "little")

    def note(self, sheet):
        return f"{sheet}\n— {self.name} {text(self.key_id + self.sign(sheet.encode()))}\n"

    def key(self):
        return f"{self.name}+{self.key_id.hex()}+{text(bytes([1]) + self.public)}\n"


def test_the_curve_is_that_of_rfc_8032():
    """Section 7.1, tests 1 and 3."""
    for seed, public, data, signature in (
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ):
        signer = Signer("x", bytes.fromhex(seed))
        assert signer.public.hex() == public and signer.sign(bytes.fromhex(data)).hex() == signature
        assert signer.land.signed(signer.public, bytes.fromhex(data), bytes.fromhex(signature))
        assert not signer.land.signed(signer.public, bytes.fromhex(data) + b"x", bytes.fromhex(signature))


def test_signed_sheets(ledger, tmp_path, file):
    signer, other = Signer("wangge-land/131102", bytes(32)), Signer("wangge-land/131102", bytes([1] * 32))
    path, key = ledger.write(tmp_path / "ledger.jsonl"), ("--key", file(signer.key()))
    note = signer.note(ledger.sheet(50))
    assert export(path, file(note), key=key)[0] == 0
    assert export(path, file(note.replace("\n", "\r\n")))[0] == 0  # copied on another system; without the key it is three lines
    assert inclusion(file(ledger.inclusion(3, 50)), file(note), key)[0] == 0
    changed = note.replace("\n50\n", "\n51\n")
    code, found = export(path, file(changed), key=key)
    assert (code, found["field"]) == (1, "signature")
    assert export(path, file(other.note(ledger.sheet(50))), key=key)[0] == 1
    assert export(path, file(note), key=("--key", file("nonsense")))[0] == 2
    assert wangge("checkpoint", file(ledger.sheet(50)), "--export", path, *key)[0] == 2  # not signed at all
    forged = base64.b64encode(signer.key_id + bytes(64)).decode()
    assert export(path, file(f"{ledger.sheet(50)}\n— {signer.name} {forged}\n"), key=key)[0] == 1
