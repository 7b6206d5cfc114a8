"""Writes to the land ledger: what they begin with, a village to write in."""
import itertools

from . import proto
from .cell import VILLAGE

L = proto.land
PERSON = "王测试"
SQUARE = "POLYGON((115.68 37.73, 115.70 37.73, 115.70 37.75, 115.68 37.75, 115.68 37.73))"
_keys = itertools.count(1)


def write(village=VILLAGE, key=None, person=PERSON, reason="", seen=()):
    """LandWrite with a key of its own."""
    return L.LandWrite(village=village, idempotency_key=key or f"test-{next(_keys)}", person=person, reason=reason,
                       seen=seen)


def do(cell, method, request, by="village"):
    """A write that must not be refused; gives the LandReply."""
    reply = cell.call(by, method, request)
    assert not reply.refused, [(f.code, f.message_en) for f in reply.findings]
    return reply


def refused(cell, method, request, by="village"):
    """A write that must be refused; gives its findings by code, and nothing must have been written."""
    reply = cell.call(by, method, request)
    assert reply.refused and reply.entry_seq == -1 and not reply.records, reply
    return {finding.code: finding for finding in reply.findings}


def make_village(cell, village=VILLAGE, name="前桃村", boundary=SQUARE):
    """Sets up a village's ledger; waits until land knows the registry's communities."""
    request = L.PutVillageRequest(write=write(village, reason="建账"),
                                  village=L.VillageInfo(name=name, boundary=boundary, plane_epsg=4527))
    return cell.call_when_there("registrar", "Land/PutVillage", request)


def party(cell, party_id, name, kind=L.PARTY_KIND_HOUSEHOLD, village=VILLAGE, **fields):
    own = {key: fields.pop(key) for key in ("id_number", "phone") if key in fields}
    return do(cell, "Land/PutParty",
              L.PutPartyRequest(write=write(village), id=party_id, party=L.LandParty(kind=kind, name=name, **fields), **own))


def get(cell, kind, record_id, version=0, village=VILLAGE, by="village"):
    """The record, as it is or was."""
    request = L.GetLandRequest(village=village, kind=kind, id=record_id, version=version)
    return cell.call(by, "Land/GetLand", request).record
