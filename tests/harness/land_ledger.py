"""A village's land ledger made by the book in Python: entries, tree, proofs, checkpoints. Recursion as in RFC 6962, for
comparing; nothing here is fast, and nothing comes from the programs under test."""
import base64
import hashlib
import json
import struct

PREFIX = "wangge-land/"


def text(data):
    return base64.b64encode(data).decode()


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", root_of(leaves[:left]), root_of(leaves[left:]))


def inclusion_path(index, leaves):
    if len(leaves) == 1:
        return []
    left = 1 << (len(leaves) - 1).bit_length() - 1
    if index < left:
        return [*inclusion_path(index, leaves[:left]), root_of(leaves[left:])]
    return [*inclusion_path(index - left, leaves[left:]), root_of(leaves[:left])]


def consistency_path(older, leaves, whole=True):
    if older == len(leaves):
        return [] if whole else [root_of(leaves)]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    if older <= left:
        return [*consistency_path(older, leaves[:left], whole), root_of(leaves[left:])]
    return [*consistency_path(older - left, leaves[left:], False), root_of(leaves[:left])]


def leaf_hash(entry):
    kind, actor = entry["kind"].encode(), entry["actor"].encode()
    return sha256(b"\x00LAND1", entry["village"].encode(), struct.pack(">Qq", entry["seq"], entry["at"]),
                  struct.pack(">I", len(kind)), kind, struct.pack(">I", len(actor)), actor,
                  base64.b64decode(entry["prev_hash"]), base64.b64decode(entry["payload_sha256"]))


class Ledger:
    def __init__(self, village="131102001001", entries=0):
        self.village, self.entries, self.says = village, [], None  # says: (size, root) of the header; None: what is true
        for n in range(entries):
            self.append(f"地块 {n}".encode(), at=1_764_300_000_000_000 + 1000 * n)

    def append(self, payload, kind="put_party", actor="会计 \"甲\"", at=1_764_400_000_000_000):
        last = self.entries[-1]["leaf_hash"] if self.entries else text(bytes(32))
        self.entries.append({"village": self.village, "seq": len(self.entries), "at": at, "kind": kind, "actor": actor,
                             "prev_hash": last, "payload_sha256": text(sha256(payload)), "leaf_hash": "",
                             "payload": text(payload)})
        self.entries[-1]["leaf_hash"] = text(leaf_hash(self.entries[-1]))

    def rewrite(self, start):
        """Makes everything from an entry on follow again, as whoever owns the table can."""
        for seq in range(start, len(self.entries)):
            entry = self.entries[seq]
            entry["seq"], entry["prev_hash"] = seq, self.entries[seq - 1]["leaf_hash"] if seq else text(bytes(32))
            entry["payload_sha256"] = text(sha256(base64.b64decode(entry["payload"])))
            entry["leaf_hash"] = text(leaf_hash(entry))

    def leaves(self, size=None):
        return [base64.b64decode(entry["leaf_hash"]) for entry in self.entries[:size]]

    def header(self):
        size, root = self.says or (len(self.entries), root_of(self.leaves()))
        return {"ledger": "LAND1", "village": self.village, "size": size, "root": text(root)}

    def write(self, path):
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [self.header(), *self.entries]), "utf-8")
        return path

    def sheet(self, size=None):
        size = len(self.entries) if size is None else size
        return f"{PREFIX}{self.village}\n{size}\n{text(root_of(self.leaves(size)))}\n"

    def inclusion(self, seq, size):
        return {"proof": "inclusion", "village": self.village, "size": size, "entry": self.entries[seq],
                "path": [text(value) for value in inclusion_path(seq, self.leaves(size))]}

    def consistency(self, older, newer):
        return {"proof": "consistency", "village": self.village, "from": older, "size": newer,
                "path": [text(value) for value in consistency_path(older, self.leaves(newer))]}
