"""The land ledger of ops/bench: a village, a ledger of a million entries in the database, proofs from it."""
import random
import statistics
import time

import machine
from harness.cell import VILLAGE
from harness.land import make_village
from harness.proto import land_ledger

__all__ = ["OTHER_VILLAGE", "VILLAGE", "fill_ledger", "make_village", "proof_ms"]
OTHER_VILLAGE = "131102101202"
PROOFS = 200


def fill_ledger(bed, village, entries):
    """A ledger that the service did not write, as rows; it only proves from them."""
    folder = bed.folder / "ledger"
    folder.mkdir()
    machine.run([bed.program("bench-ledger"), "--tables", folder, "--village", village, "--entries", entries, "--payload", 100])
    for table in ("ledger_entry", "ledger_tile", "village_head"):
        bed.postgres.query(f"\\copy land.{table} FROM '{folder / table}.csv' (FORMAT csv)")
        (folder / f"{table}.csv").unlink()
    bed.postgres.query("VACUUM ANALYZE land.ledger_entry")
    bed.settle()


def proof_ms(bed, village, entries):
    """Median of proofs of entries all over the ledger, as a caller sees them."""
    rng, took = random.Random(5), []
    for _ in range(PROOFS):
        request = land_ledger.ProveEntryRequest(village=village, seq=rng.randrange(entries))
        began = time.monotonic()
        answer = bed.call("registrar", "LandLedger/ProveEntry", request)
        took.append((time.monotonic() - began) * 1000)
        assert answer.size == entries and len(answer.path) <= 20
    return statistics.median(took)
