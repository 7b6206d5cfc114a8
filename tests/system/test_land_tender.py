"""From a decision to a contract and its rents, with real days by a simulated clock: nothing skips a gate, time acts by itself,
and the ranking is computed again from the export."""
import base64
import hashlib

import pytest

from harness import proto
from harness.cell import VILLAGE, Cell
from harness.clock import Clock
from harness.command import complaint, wangge
from harness.land import L, do, get, make_village, party, refused, write
from harness.land_ledger import Ledger, text
from harness.wait import until

N, B = proto.land_notice, proto.land_notice_records
S, SR = proto.land_survey, proto.land_survey_records
T, R = proto.land_tender, proto.land_tender_records
PAPER = "ab" * 32
TENDER, CONTRACT = "LandTender/", "LandContract/"


def field(number):
    """A field of 100 m by 100 m, the numbers from west to east."""
    west, east = 115.681 + 0.00114 * number, 115.681 + 0.00114 * (number + 1)
    return f"POLYGON(({west:.5f} 37.74, {east:.5f} 37.74, {east:.5f} 37.7409, {west:.5f} 37.7409, {west:.5f} 37.74))"


def survey(cell, fields, task="task-1"):
    """Parcels {id: WKT}, measured."""
    do(cell, "LandSurvey/PutSurveyTask", S.PutSurveyTaskRequest(write=write(), id=task, task=SR.SurveyTask(
        method=SR.SURVEY_METHOD_RTK, source_epsg=4490, datum=SR.DATUM_CGCS2000, accuracy_cm=5, surveyor="测量员", surveyed_on="2026-11-30")))
    do(cell, "LandSurvey/ImportParcels", S.ImportParcelsRequest(write=write(), survey_task=task, parcels=[
        S.ParcelInput(id=name, geometry=wkt, name=name, land_class=SR.LandClass(standard="GB/T 21010-2017", code="0102"))
        for name, wkt in fields.items()]))


def move(event, names):
    return S.MoveParcelsRequest(write=write(), event=event, parcel_ids=names)


def sign_all(cell, name, but=()):
    """Every neighbour of a parcel signs, or is noted as missing."""
    sides = {n.side: n.kind for n in get(cell, "parcel", name).parcel.neighbours if n.kind in (SR.NEIGHBOUR_KIND_PARCEL, SR.NEIGHBOUR_KIND_UNKNOWN)}
    for side, kind in sides.items():
        if (name, side) in but:
            continue
        said = ({"verdict": SR.NEIGHBOUR_VERDICT_MATCH, "signer": "邻户", "signed_on": "2026-12-01"} if kind == SR.NEIGHBOUR_KIND_PARCEL
                else {"verdict": SR.NEIGHBOUR_VERDICT_MISSING, "note": "村集体空地，无人"})
        do(cell, "LandSurvey/SignNeighbour", S.SignNeighbourRequest(write=write(), parcel_id=name, side=side, **said))


def confirm(cell, names):
    """The way of parcels to CONFIRMED; no gate of it can be skipped. One neighbour signs while the notice hangs."""
    names = list(names)
    move_to = lambda event: do(cell, "LandSurvey/MoveParcels", move(event, names))
    assert "neighbour.unsigned" in refused(cell, "LandSurvey/MoveParcels", move(S.PARCEL_EVENT_SIGN, names))
    late = (names[1], SR.NEIGHBOUR_SIDE_EAST)
    for name in names:
        sign_all(cell, name, but=(late,))
    found = refused(cell, "LandSurvey/MoveParcels", move(S.PARCEL_EVENT_SIGN, names))
    assert set(found) == {"neighbour.unsigned"} and found["neighbour.unsigned"].pointer == "/parcel_ids/1"
    assert "parcel.state" in refused(cell, "LandSurvey/MoveParcels", move(S.PARCEL_EVENT_CONFIRM, names))
    notice = post(cell, B.NOTICE_KIND_SURVEY, "parcel", *names)
    sign_all(cell, names[1])
    assert get(cell, "notice", notice).notice.state == B.NOTICE_STATE_POSTED, "signing is no change of what is posted"
    move_to(S.PARCEL_EVENT_SIGN)
    move_to(S.PARCEL_EVENT_POST)
    early = refused(cell, "LandSurvey/MoveParcels", move(S.PARCEL_EVENT_CONFIRM, names))
    assert early["parcel.notice"].earliest == "2026-12-09", early  # 7 days from Tuesday 1 December, and the next
    cell.clock.set("2026-12-09 00:01")
    wait(cell, "notice", notice, B.NOTICE_STATE_ENDED_CLEAR)
    move_to(S.PARCEL_EVENT_CONFIRM)
    assert {get(cell, "parcel", name).parcel.state for name in names} == {SR.PARCEL_STATE_CONFIRMED}


def another_shape_voids_the_notice(cell):
    """A parcel beside a posted one is measured anew: its neighbours are others, so the notice is void."""
    boxes = {"v1": "POLYGON((115.685 37.735, 115.686 37.735, 115.686 37.736, 115.685 37.736, 115.685 37.735))"}
    survey_again = lambda box: do(cell, "LandSurvey/PutParcel", S.PutParcelRequest(write=write(), survey_task="task-2", parcel=S.ParcelInput(
        id="v2", geometry=box, land_class=SR.LandClass(standard="GB/T 21010-2017", code="0102"))))
    survey(cell, boxes, "task-2")
    notice = post(cell, B.NOTICE_KIND_SURVEY, "parcel", "v1")
    survey_again("POLYGON((115.686 37.735, 115.687 37.735, 115.687 37.736, 115.686 37.736, 115.686 37.735))")
    assert get(cell, "notice", notice).notice.state == B.NOTICE_STATE_VOID


def hold(parcel, holder, first, last):
    return T.PutHoldingRequest(write=write(), holding=R.Holding(parcel_id=parcel, party_id=holder, method=110, document=PAPER,
                                                                **{"from": first, "to": last}))


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    clock = Clock(tmp_path_factory.mktemp("clock") / "now", "2026-12-01 09:00")
    made = Cell(services=("land",), settings={"land": {"clock": clock.path}})
    made.clock = clock
    try:
        made.start()
        make_village(made)
        member = {"member": True, "member_from": "1998-01-01", "member_evidence": "二轮承包合同"}
        for name, words in {"zhao": "赵演示户", "qian": "钱演示户", "sun": "孙演示户"}.items():
            party(made, name, words, **member)
        party(made, "company", "演示合作社", kind=L.PARTY_KIND_COMPANY)
        fields = {f"f{n}": field(n) for n in range(1, 6)}
        survey(made, fields)
        assert "tender.lot_parcel" in refused(made, TENDER + "DraftTender", draft_request())  # surveyed is not confirmed
        for row in (("f2", "zhao", "2000-01-01", "2029-12-31"), ("f1", "qian", "2000-01-01", "2029-12-31"),
                    ("f3", "sun", "2000-01-01", "2026-11-30")):
            do(made, TENDER + "PutHolding", hold(*row))
        assert "holding.twice" in refused(made, TENDER + "PutHolding", hold("f2", "sun", "2020-01-01", "2025-12-31"))
        confirm(made, fields)
        another_shape_voids_the_notice(made)
        assert "holding.parcel" in refused(made, TENDER + "PutHolding", hold("f5", "sun", "2020-01-01", "2025-12-31"))
        yield made
    finally:
        made.stop()


def lot(parcel="f3", **fields):
    fields = {"from": "2027-03-15", "to": "2030-03-14", **fields}
    return R.Lot(id="lot-1", parcel_id=parcel, uses=[B.LAND_USE_CROPS], reserve_fen_per_mu=50000, every_months=12, pay_within_days=10,
                 deposit_fen=100000, **fields)


def draft_request(parcel="f3", opens="2027-02-01", closes="2027-02-10", **fields):
    return T.DraftTenderRequest(write=write(), tender=R.Tender(title="三号地块承包", lots=[lot(parcel, **fields)], round=1,
                                                               opens_on=opens, closes_on=closes))


def decide(cell, tender_id, day, in_favour=22):
    step = {"day": day, "minutes": PAPER}
    reply = do(cell, TENDER + "ProposeDecision", T.ProposeDecisionRequest(
        write=write(), step=R.DecisionStep(kind=R.DECISION_STEP_KIND_PROPOSE, **step),
        decision=R.LandDecision(kind=R.DECISION_KIND_PLAN, body=R.DECISION_BODY_REPRESENTATIVES, title="承包方案", subject_kind="tender",
                                subject_id=tender_id)))
    decision_id = reply.records[0].id
    vote = R.Vote(eligible=30, present=26, in_favour=in_favour, against=1)
    for kind in (R.DECISION_STEP_KIND_DISCUSS, R.DECISION_STEP_KIND_REVIEW, R.DECISION_STEP_KIND_RESOLVE):
        reply = do(cell, TENDER + "RecordStep",
                   T.RecordStepRequest(write=write(), decision_id=decision_id, step=R.DecisionStep(kind=kind, vote=vote, **step)))
    return reply, decision_id


def post(cell, kind, subject_kind, *subjects):
    request = N.DraftNoticeRequest(write=write(), kind=kind, title="公示", text="如下。", places=["村委会公告栏"],
                                   subjects=[N.NoticeSubjectRef(kind=subject_kind, id=s) for s in subjects])
    notice_id = do(cell, "LandNotice/Draft", request).records[0].id
    do(cell, "LandNotice/Post", N.PostNoticeRequest(write=write(), notice_id=notice_id))
    return notice_id


def wait(cell, kind, record_id, state):
    until(lambda: getattr(get(cell, kind, record_id), kind).state == state, f"{kind} {record_id} comes to state {state}")


def sign(tender_id, **fields):
    fields = {"holder": "zhao", "signed_on": "2027-02-22", **fields}
    return T.SignContractRequest(write=write(), tender_id=tender_id, lot_id="lot-1", documents=[PAPER], **fields)


@pytest.fixture(scope="module")
def way(cell):
    """The whole way to a contract; every gate is tried before it is open. Gives what was made."""
    cell.clock.set("2027-01-04 09:00")
    made = do(cell, TENDER + "DraftTender", draft_request()).records[0]
    tender_id = made.id
    assert made.tender.lots[0].area_dm2 == get(cell, "parcel", "f3").parcel.area_adopted_dm2
    missing = refused(cell, CONTRACT + "SignContract", sign(tender_id, signed_on="2027-01-04"))
    assert {"contract.decision", "contract.plan_notice", "contract.tender", "contract.result_notice", "contract.award"} <= set(missing)
    assert missing["contract.plan_notice"].earliest == "2027-01-20"  # 15 days from Monday 4 January, and the next
    assert missing["contract.result_notice"].earliest == missing["contract.award"].earliest == "2027-02-19"

    failed, _ = decide(cell, tender_id, "2027-01-04", in_favour=19)
    assert failed.findings[0].code == "decision.not_passed"
    wait(cell, "tender", tender_id, R.TENDER_STATE_DRAFT)
    decide(cell, tender_id, "2027-01-04", in_favour=20)
    wait(cell, "tender", tender_id, R.TENDER_STATE_DECIDED)

    assert "tender.state" in refused(cell, TENDER + "OpenTender", T.OpenTenderRequest(write=write(), tender_id=tender_id))
    plan = post(cell, B.NOTICE_KIND_PLAN, "tender", tender_id)
    do(cell, TENDER + "PostPlan", T.PostPlanRequest(write=write(), tender_id=tender_id, notice_id=plan))
    early = refused(cell, TENDER + "OpenTender", T.OpenTenderRequest(write=write(), tender_id=tender_id))
    assert early["tender.plan_notice"].earliest == "2027-01-20" and early["tender.opens_on"].earliest == "2027-02-01"
    assert "tender.state" in refused(cell, TENDER + "Apply", application(tender_id, "zhao", 60000))

    cell.clock.set("2027-01-20 00:01")
    wait(cell, "notice", plan, B.NOTICE_STATE_ENDED_CLEAR)
    cell.clock.set("2027-02-01 00:01")
    wait(cell, "tender", tender_id, R.TENDER_STATE_OPEN)
    filed = {name: do(cell, TENDER + "Apply", application(tender_id, name, offer)).records[0].id
             for name, offer in (("zhao", 60000), ("qian", 90000), ("company", 99900))}
    early = refused(cell, TENDER + "CloseTender", T.CloseTenderRequest(write=write(), tender_id=tender_id))
    assert early["tender.closes_on"].earliest == "2027-02-11"

    cell.clock.set("2027-02-11 00:01")
    wait(cell, "tender", tender_id, R.TENDER_STATE_CLOSED)
    late = do(cell, TENDER + "Apply", application(tender_id, "sun", 70000))
    assert late.findings[0].code == "application.late"
    for name in ("zhao", "qian"):
        assert "application.nonce" in refused(cell, TENDER + "RevealNonce",
                                              T.RevealNonceRequest(write=write(), application_id=filed[name], nonce=bytes(32)))
        do(cell, TENDER + "RevealNonce", T.RevealNonceRequest(write=write(), application_id=filed[name], nonce=nonce(name)))
    unasked = refused(cell, TENDER + "RankTender", T.RankTenderRequest(write=write(), tender_id=tender_id))
    assert unasked["tender.invitation"].id == "sun"  # held it last
    do(cell, TENDER + "RecordInvitation", T.RecordInvitationRequest(write=write(), invitation=R.Invitation(
        tender_id=tender_id, lot_id="lot-1", party_id="sun", answer=R.INVITATION_ANSWER_DECLINED, asked_on="2027-02-01", document=PAPER)))
    do(cell, TENDER + "RankTender", T.RankTenderRequest(write=write(), tender_id=tender_id))

    assert "tender.state" in refused(cell, TENDER + "Award", T.AwardRequest(write=write(), tender_id=tender_id, lot_id="lot-1"))
    assert "tender.notice" in refused(cell, TENDER + "PostResult", T.PostResultRequest(write=write(), tender_id=tender_id, notice_id=plan))
    result = post(cell, B.NOTICE_KIND_RESULT, "ranking", f"{tender_id}.lot-1")
    do(cell, TENDER + "PostResult", T.PostResultRequest(write=write(), tender_id=tender_id, notice_id=result))
    early = refused(cell, TENDER + "Award", T.AwardRequest(write=write(), tender_id=tender_id, lot_id="lot-1"))
    assert early["tender.result_notice"].earliest == "2027-02-19"
    cell.clock.set("2027-02-19 00:01")
    wait(cell, "notice", result, B.NOTICE_STATE_ENDED_CLEAR)
    assert "contract.award" in refused(cell, CONTRACT + "SignContract", sign(tender_id, signed_on="2027-02-19"))
    do(cell, TENDER + "Award", T.AwardRequest(write=write(), tender_id=tender_id, lot_id="lot-1"))
    wait(cell, "tender", tender_id, R.TENDER_STATE_AWARDED)

    cell.clock.set("2027-02-22 09:00")
    for wrong, code in (({"holder": "qian"}, "contract.award"), ({"signed_on": "2027-02-18"}, "contract.signed_on"),
                        ({"signed_on": "2027-02-23"}, "contract.signed_on"), ({"from": "2027-02-01"}, "contract.term"),
                        ({"to": "2057-03-15"}, "contract.term"), ({"use": B.LAND_USE_CAMP}, "contract.use")):
        assert code in refused(cell, CONTRACT + "SignContract", sign(tender_id, **wrong)), wrong
    signed = do(cell, CONTRACT + "SignContract", sign(tender_id))
    contract_id = next(r.id for r in signed.records if r.WhichOneof("body") == "contract")
    return {"tender": tender_id, "contract": contract_id, "applications": filed}


def nonce(name):
    return hashlib.sha256(name.encode()).digest()


def application(tender_id, name, offer):
    return T.ApplyRequest(write=write(), application=R.Application(
        tender_id=tender_id, lot_id="lot-1", party_id=name, use=B.LAND_USE_CROPS, offer_fen_per_mu=offer, document=PAPER,
        nonce_sha256=hashlib.sha256(nonce(name)).digest()))


def test_the_ranking_is_explained(cell, way):
    rows = get(cell, "ranking", f"{way['tender']}.lot-1").ranking.rows
    assert [(r.party_id, r.rank) for r in rows] == [("zhao", 1), ("qian", 2), ("company", 0)]
    assert rows[0].near == 0 and 990 <= rows[0].shared_dm <= 1005
    assert 99_000 <= rows[1].distance_mm <= 102_000 and rows[1].near == 1 + rows[1].distance_mm // 50_000
    assert list(rows[2].refused) == ["member"]


def exported(cell):
    """The village's ledger as an export, from the tables."""
    ledger = Ledger(VILLAGE)
    rows = cell.postgres.query("SELECT seq, (extract(epoch FROM at) * 1000000)::bigint, kind, actor, encode(prev_hash, 'hex'), "
                               "encode(payload_sha256, 'hex'), encode(leaf_hash, 'hex'), encode(payload, 'hex') FROM land.ledger_entry "
                               f"WHERE village = '{VILLAGE}' ORDER BY seq")
    for seq, at, kind, actor, *hashes in rows:
        values = dict(zip(("prev_hash", "payload_sha256", "leaf_hash", "payload"), (text(bytes.fromhex(h)) for h in hashes)))
        ledger.entries.append({"village": VILLAGE, "seq": int(seq), "at": int(at), "kind": kind, "actor": actor, **values})
    return ledger


def forge(ledger, kind, change):
    """Changes the payload of the first entry of a kind and makes all that follows fit again, as the table's owner can."""
    entry = next(e for e in ledger.entries if e["kind"] == kind)
    payload = L.LandEntry.FromString(base64.b64decode(entry["payload"]))
    change(next(r for r in payload.records if r.WhichOneof("body") == "ranking").ranking)
    entry["payload"] = text(payload.SerializeToString())
    ledger.rewrite(entry["seq"])
    return ledger


def test_whoever_has_the_export_computes_the_ranking_again(cell, way, tmp_path):
    path = exported(cell).write(tmp_path / "true.jsonl")
    told = wangge(cell, "land", "tender", "verify", path)
    assert f"ranking of {way['tender']}.lot-1" in told and "0 differ" in told
    assert get(cell, "ranking", f"{way['tender']}.lot-1").ranking.result_sha256.hex() in told

    def first_loses(ranking):
        ranking.rows[0].rank, ranking.rows[1].rank = 2, 1

    path = forge(exported(cell), "rank_tender", first_loses).write(tmp_path / "forged.jsonl")
    assert "rows[0].rank is not as computed" in wangge(cell, "land", "tender", "verify", path, code=1)
    assert wangge(cell, "land", "verify", "tree", path)  # hashes alone do not show it

    ledger = exported(cell)
    ledger.entries[3]["actor"] = "somebody else"
    assert "leaf_hash" in complaint(cell, "land", "tender", "verify", ledger.write(tmp_path / "edited.jsonl"), code=1)
    ledger = exported(cell)
    ledger.entries.pop()
    ledger.says = (len(ledger.entries) + 1, bytes(32))
    assert "root" in complaint(cell, "land", "tender", "verify", ledger.write(tmp_path / "cut.jsonl"), code=1)


def test_the_command_shows_the_ranking_and_the_rents(cell, way):
    told = wangge(cell, "land", "tender", "ranking", way["tender"], "lot-1", "--village", VILLAGE)
    assert "相邻 100." in told and "非本集体成员" in told and "600.00" in told
    told = wangge(cell, "land", "contract", "dues", "--village", VILLAGE, "--contract", way["contract"])
    assert told.count("待缴") == 3 and "2027-03-25" in told
    told = complaint(cell, "land", "contract", "sign", way["tender"], "lot-1", "--village", VILLAGE, "--holder", "zhao", "--signed-on",
                     "2027-02-22", "--documents", PAPER, code=1)
    assert "contract.twice" in told and way["contract"] in told
    assert "step.kind" in complaint(cell, "land", "decision", "step", "decision-1", "--village", VILLAGE, "--day", "2027-01-05", code=1)


def test_the_contract_has_its_rents(cell, way):
    contract = get(cell, "contract", way["contract"]).contract
    area = get(cell, "parcel", "f3").parcel.area_adopted_dm2
    assert contract.rent_fen == (60000 * area * 3 + 100_000) // 200_000 and contract.total_fen == 3 * contract.rent_fen
    dues = [get(cell, "payment_due", f"{way['contract']}.{n:03}").payment_due for n in (1, 2, 3)]
    assert [d.due_on for d in dues] == ["2027-03-25", "2028-03-25", "2029-03-25"]
    assert sum(d.fen for d in dues) == contract.total_fen


def test_land_is_let_once(cell, way):
    again = refused(cell, TENDER + "DraftTender", draft_request(opens="2027-03-01", closes="2027-03-10"))
    assert again["tender.lot_parcel"].id == way["contract"] and again["tender.lot_parcel"].suggestion == "2030-03-15"
    twice = refused(cell, CONTRACT + "SignContract", sign(way["tender"]))
    assert twice["contract.twice"].id == way["contract"] and "contract.overlap" in twice


BAD_DRAFTS = [
    ({"from": "2027-03-15", "to": "2027-03-15"}, "tender.lot_term"),
    ({"to": "2057-03-15"}, "tender.lot_term"),
    ({"parcel": "f9"}, "tender.lot_parcel"),
    ({"parcel": "f2"}, "tender.lot_parcel"),
    ({"parcel": "f4", "closes": "2027-01-31"}, "tender.days"),
    ({"parcel": "f4", "opens": "2027-01-01"}, "tender.days"),
    ({"parcel": "f4", "area_dm2": 1}, "tender.lot_area"),
]


@pytest.mark.parametrize("fields,code", BAD_DRAFTS, ids=[f"{i}-{code}" for i, (_, code) in enumerate(BAD_DRAFTS)])
def test_a_bad_draft_names_the_field_and_writes_nothing(cell, way, fields, code):
    del way
    findings = refused(cell, TENDER + "DraftTender", draft_request(**fields))
    assert code in findings, findings
    found = findings[code]
    assert found.pointer.startswith("/tender/") and found.message_zh and found.message_en


def test_rents_become_overdue_by_time_and_are_paid(cell, way):
    contract_id = way["contract"]
    cell.clock.set("2027-03-15 00:01")
    wait(cell, "contract", contract_id, R.CONTRACT_STATE_ACTIVE)
    cell.clock.set("2027-03-26 00:01")
    wait(cell, "contract", contract_id, R.CONTRACT_STATE_IN_ARREARS)
    wait(cell, "payment_due", f"{contract_id}.001", R.DUE_STATE_OVERDUE)
    rent = get(cell, "contract", contract_id).contract.rent_fen

    def pay(fen, receipt, **fields):
        return T.PayRequest(write=write(), payment=R.Payment(contract_id=contract_id, receipt_no=receipt, day="2027-03-26", payer="赵演示户",
                                                             channel=R.PAYMENT_CHANNEL_BANK, fen=fen, **fields))

    assert "payment.amount" in refused(cell, CONTRACT + "Pay", pay(-1, "2027-001"))
    do(cell, CONTRACT + "Pay", pay(rent - 1, "2027-001"))
    wait(cell, "contract", contract_id, R.CONTRACT_STATE_IN_ARREARS)
    assert "payment.receipt" in refused(cell, CONTRACT + "Pay", pay(1, "2027-001"))
    do(cell, CONTRACT + "Pay", pay(1, "2027-002"))
    wait(cell, "contract", contract_id, R.CONTRACT_STATE_ACTIVE)


def test_an_objection_stops_the_next_contract(cell, way):
    """Another tender: an objection against its result is upheld, so nothing rests on it any more."""
    del way
    cell.clock.set("2027-04-05 09:00")
    tender_id = do(cell, TENDER + "DraftTender", draft_request("f4", "2027-05-03", "2027-05-10", **{"from": "2027-07-01", "to": "2028-06-30"})
                   ).records[0].id
    decide(cell, tender_id, "2027-04-05")
    plan = post(cell, B.NOTICE_KIND_PLAN, "tender", tender_id)
    do(cell, TENDER + "PostPlan", T.PostPlanRequest(write=write(), tender_id=tender_id, notice_id=plan))
    filed = do(cell, "LandNotice/Object", N.FileObjectionRequest(write=write(), notice_id=plan, text="面积不对", name="孙演示户",
                                                                 channel=B.OBJECTION_CHANNEL_VISIT)).records[0].id
    cell.clock.set("2027-05-03 09:00")
    wait(cell, "notice", plan, B.NOTICE_STATE_ENDED_OPEN)
    assert "tender.plan_notice" in refused(cell, TENDER + "OpenTender", T.OpenTenderRequest(write=write(), tender_id=tender_id))
    missing = refused(cell, CONTRACT + "SignContract", sign(tender_id, signed_on="2027-05-03"))
    assert missing["contract.objection"].id == filed
    wait(cell, "tender", tender_id, R.TENDER_STATE_PLAN_POSTED)
    do(cell, TENDER + "CancelTender", T.CancelTenderRequest(write=write(reason="方案有误"), tender_id=tender_id))


def test_reminders_and_the_end_come_by_themselves(cell, way):
    contract_id = way["contract"]
    rent = get(cell, "contract", contract_id).contract.rent_fen
    do(cell, CONTRACT + "Pay", T.PayRequest(write=write(), payment=R.Payment(
        contract_id=contract_id, receipt_no="2027-003", day="2027-05-03", payer="赵演示户", channel=R.PAYMENT_CHANNEL_BANK, fen=2 * rent)))
    for day, days in (("2029-09-15", 180), ("2029-12-14", 90), ("2030-02-12", 30), ("2030-03-07", 7)):
        cell.clock.set(f"{day} 00:01")
        until(lambda days=days: get(cell, "contract", contract_id).contract.reminded_days == days, f"reminded {days} days before the end")
    wait(cell, "contract", contract_id, R.CONTRACT_STATE_EXPIRING)
    cell.clock.set("2030-03-15 00:01")
    wait(cell, "contract", contract_id, R.CONTRACT_STATE_EXPIRED)
