"""Evidence of a feedback: an order has it in intake's store, or the feedback is refused and nothing is lost."""
import hashlib

import pytest

from harness import loop, proto
from harness.cell import pushing_cell
from harness.client import CallError
from harness.orders import DISTRICT, order
from harness.proto import CODE
from harness.year import picture

I, R, T = proto.intake, proto.routing, proto.tracking


@pytest.fixture(scope="module")
def cell():
    with pushing_cell() as made:
        yield made


def handled(cell, **fields):
    """An order that water handles and whose resident was reached."""
    order_id = cell.push_accepted([order(**fields)])[0]
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    cell.call("water", "Routing/Accept", R.AcceptRequest(order_id=order_id))
    cell.wait_case(order_id, T.CASE_STATE_HANDLING)
    cell.call("water", "Tracking/Contact", loop.contact(order_id))
    return order_id


def brought(cell, seed, order_id=0, principal="water"):
    data = picture(seed)
    hashed = hashlib.sha256(data).hexdigest()
    cell.call(principal, "Intake/PutAttachment", I.PutAttachmentRequest(
        district=DISTRICT, order_id=order_id, sha256=hashed, media_type="image/png", size_bytes=len(data), data=data))
    return hashed


def refused(cell, request):
    with pytest.raises(CallError) as caught:
        cell.call("water", "Tracking/Resolve", request)
    assert cell.case(request.order_id).case.state == T.CASE_STATE_HANDLING, "nothing was done"
    return caught.value


def test_what_nobody_brought_is_refused_by_name(cell):
    order_id = handled(cell)
    there = brought(cell, "there", order_id)
    error = refused(cell, loop.resolve(order_id, evidence=[there, "ab" * 32]))
    assert (error.code, error.field) == (CODE.CODE_INVALID_ARGUMENT, "evidence") and "ab" * 32 in error.message
    assert there not in error.message
    case = cell.call("water", "Tracking/Resolve", loop.resolve(order_id, evidence=[there])).case
    assert case.state == T.CASE_STATE_REVIEW and list(case.feedback.evidence) == [there]


def test_what_belongs_to_another_order_or_to_none_is_refused(cell):
    order_id, other = handled(cell), handled(cell)
    for hashed in (brought(cell, "of another", other), brought(cell, "of none")):
        assert refused(cell, loop.resolve(order_id, evidence=[hashed])).field == "evidence"


def test_what_the_order_names_is_evidence_once_its_bytes_are_there(cell):
    data = picture("named")
    named = proto.common.Attachment(sha256=hashlib.sha256(data).hexdigest(), name="a.png", media_type="image/png", size_bytes=len(data))
    order_id = handled(cell, attachments=[named])
    assert refused(cell, loop.resolve(order_id, evidence=[named.sha256])).code == CODE.CODE_INVALID_ARGUMENT, "only its name is there"
    brought(cell, "named", principal="hotline-12345")
    cell.call("water", "Tracking/Resolve", loop.resolve(order_id, evidence=[named.sha256]))


def test_a_half_upload_is_no_evidence(cell):
    order_id, data = handled(cell), picture("half")
    hashed = hashlib.sha256(data).hexdigest()
    cell.call("water", "Intake/PutAttachment", I.PutAttachmentRequest(
        district=DISTRICT, order_id=order_id, sha256=hashed, media_type="image/png", size_bytes=len(data), data=data[:40]))
    assert refused(cell, loop.resolve(order_id, evidence=[hashed])).field == "evidence"


def test_wrong_hashes_are_told_without_asking(cell):
    order_id = handled(cell)
    for wrong in (["x"], ["0" * 63], ["ab" * 32] * 2):
        error = refused(cell, loop.resolve(order_id, evidence=wrong))
        assert (error.code, error.field) == (CODE.CODE_INVALID_ARGUMENT, "evidence")


def test_while_intake_is_away_a_feedback_without_evidence_goes_on(cell):
    order_id, plain = handled(cell), handled(cell)
    hashed = brought(cell, "while away", order_id)
    request = loop.resolve(order_id, evidence=[hashed])
    cell.stop_service("intake")
    try:
        cell.call("water", "Tracking/Resolve", loop.resolve(plain))
        error = refused(cell, request)
        assert (error.code, error.field) == (CODE.CODE_UNAVAILABLE, "evidence")
    finally:
        cell.start_service("intake")
        cell.wait_ready("intake")
    case = cell.call_when_there("water", "Tracking/Resolve", request).case
    assert case.state == T.CASE_STATE_REVIEW
    again = cell.call("water", "Tracking/Resolve", request).case
    assert again == case, "said twice it is once"


def test_who_asks_which_bytes_an_order_lacks_must_ask_well(cell):
    for field, request in (("order_id", {"order_id": 0, "sha256": ["0" * 64]}), ("sha256", {"order_id": 1}),
                           ("sha256", {"order_id": 1, "sha256": ["0" * 64] * 21}), ("sha256", {"order_id": 1, "sha256": ["g" * 64]})):
        with pytest.raises(CallError) as caught:
            cell.call("gateway", "Intake/LackingAttachments", I.LackingAttachmentsRequest(**request))
        assert (caught.value.code, caught.value.field) == (CODE.CODE_INVALID_ARGUMENT, field)
