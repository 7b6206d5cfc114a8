"""Who may do what: each call by each role, unknown keys, revoked keys, another's department, another's source."""
import pytest
import zmq

from harness import loop, proto
from harness.cell import ALL, SERVED_BY, VILLAGE, Cell, process_of
from harness.client import CallError
from harness.land import write
from harness.orders import HOUSING, order
from harness.proto import CODE
from harness.records import record
from harness.wait import until

I, R, T, L, O, G = proto.intake, proto.routing, proto.tracking, proto.lists, proto.ops, proto.registry
E, LD, LL, LN = proto.evaluation, proto.land, proto.land_ledger, proto.land_notice
LT, TR = proto.land_tender, proto.land_tender_records
D = "370117"
DENIED = CODE.CODE_PERMISSION_DENIED
NOBODY_HAS = 9_000_000_000_000  # an order id that does not exist

PRINCIPAL = {"source": "hotline-12345", "department": "water", "dispatcher": "dispatcher", "operator": "operator",
             "service": "gateway", "registrar": "registrar", "village": "village", "township": "township"}
EVERYBODY = set(PRINCIPAL)

RETURN = R.ReturnRequest(order_id=NOBODY_HAS, reason="r", reason_code=1, basis="b", proposed_department="housing")

ENTRY = {"district": D, "code": "no-such"}

# method, request, roles that may call it (the comments of proto/ are the rule)
CALLS = [
    ("Intake/Push", I.PushRequest(source="hotline-12345", orders=[order("rights-1")]), {"source"}),
    ("Intake/Supplement", I.SupplementRequest(order_id=NOBODY_HAS, supplement_id="s", text="t"), {"source", "dispatcher"}),
    ("Intake/Withdraw", I.WithdrawRequest(order_id=NOBODY_HAS, reason="r"), {"source", "dispatcher"}),
    ("Intake/Get", I.GetOrderRequest(order_id=NOBODY_HAS), {"source", "dispatcher", "operator"}),
    ("Intake/List", I.ListOrdersRequest(), {"source", "dispatcher", "operator"}),
    ("Intake/Rewrite", I.RewriteRequest(order_id=NOBODY_HAS, rewrite_id="r", text="t"), {"dispatcher"}),
    ("Intake/PiiAccesses", I.PiiAccessesRequest(), {"operator"}),
    ("Intake/PutAttachment", I.PutAttachmentRequest(district=D, sha256="0" * 64, media_type="image/png", size_bytes=9),
     {"source", "department", "dispatcher", "registrar", "village", "township"}),
    ("Intake/KeepAttachments", I.KeepAttachmentsRequest(
        record=I.KeptRecord(district=D, kind=I.KEPT_KIND_PLEDGE, id="none"), by="registrar",
        files=[proto.common.Attachment(sha256="0" * 64)]), {"service"}),
    ("Intake/LackingAttachments", I.LackingAttachmentsRequest(order_id=NOBODY_HAS, sha256=["0" * 64]), {"service"}),
    ("Intake/GetAttachment", I.GetAttachmentRequest(order_id=NOBODY_HAS, sha256="0" * 64), EVERYBODY),
    ("Intake/EraseReporter", I.EraseReporterRequest(order_id=NOBODY_HAS, reason="r"), {"dispatcher"}),
    ("Routing/Accept", R.AcceptRequest(order_id=NOBODY_HAS), {"department"}),
    ("Routing/RequestReturn", RETURN, {"department"}),
    ("Routing/Return", RETURN, {"department"}),
    ("Routing/ReviewReturn", R.ReviewReturnRequest(order_id=NOBODY_HAS, outcome=1, reason="r"), {"dispatcher"}),
    ("Routing/Escalate", R.EscalateRequest(order_id=NOBODY_HAS, reason="r"), {"dispatcher", "department"}),
    ("Routing/Adjudicate", R.AdjudicateRequest(order_id=NOBODY_HAS, lead="water", basis="b"), {"dispatcher"}),
    ("Routing/Precedents", R.PrecedentsRequest(), {"dispatcher", "operator", "department"}),
    ("Routing/Desk", R.DeskRequest(), {"dispatcher", "operator"}),
    ("Routing/TransferDown", R.TransferDownRequest(order_id=NOBODY_HAS, to_department="street", reason="r"), {"department"}),
    ("Routing/AddUnit", R.AddUnitRequest(order_id=NOBODY_HAS, department="street", reason="r"), {"dispatcher", "department"}),
    ("Routing/RemoveUnit", R.RemoveUnitRequest(order_id=NOBODY_HAS, department="street", reason="r"),
     {"dispatcher", "department"}),
    ("Routing/Transfer", R.TransferRequest(order_id=NOBODY_HAS, to_department="housing", reason="r"),
     {"dispatcher", "department"}),
    ("Routing/Assign", R.AssignRequest(order_id=NOBODY_HAS, department="housing", reason="r"), {"dispatcher"}),
    ("Routing/Get", R.GetAssignmentRequest(order_id=NOBODY_HAS), {"dispatcher", "operator", "department", "source"}),
    ("Routing/List", R.ListAssignmentsRequest(), {"dispatcher", "operator", "department"}),
    ("Routing/Merge", R.MergeRequest(order_id=NOBODY_HAS, into=NOBODY_HAS + 1, reason="r"), {"dispatcher"}),
    ("Routing/Unmerge", R.UnmergeRequest(order_id=NOBODY_HAS, reason="r"), {"dispatcher"}),
    ("Routing/DecideSuggestion", R.DecideSuggestionRequest(order_id=NOBODY_HAS, problem_id=NOBODY_HAS, reason="r"),
     {"dispatcher"}),
    ("Routing/SolveProblem", R.SolveProblemRequest(problem_id=NOBODY_HAS, reason="r"), {"dispatcher"}),
    ("Routing/Problems", R.ProblemsRequest(), {"dispatcher", "operator"}),
    ("Routing/Problem", R.ProblemRequest(problem_id=NOBODY_HAS), {"dispatcher", "operator"}),
    ("Routing/Themes", R.ThemesRequest(), {"dispatcher", "operator"}),
    ("Routing/Theme", R.ThemeRequest(theme_id=NOBODY_HAS), {"dispatcher", "operator"}),
    ("Routing/SweepThemes", R.SweepThemesRequest(), {"dispatcher"}),
    ("Routing/Suggestions", R.SuggestionsRequest(), {"dispatcher", "operator"}),
    ("Routing/Rules", R.RulesRequest(), {"dispatcher", "operator"}),
    ("Routing/Explain", R.ExplainRequest(order_id=NOBODY_HAS), {"dispatcher", "operator"}),
    ("Routing/ReplayRules", R.ReplayRulesRequest(since=1), {"dispatcher", "operator"}),
    ("Tracking/Progress", T.ProgressRequest(order_id=NOBODY_HAS, request_id="p", note="n"), {"department"}),
    ("Tracking/Contact", loop.contact(NOBODY_HAS), {"department"}),
    ("Tracking/Resolve", loop.resolve(NOBODY_HAS), {"department"}),
    ("Tracking/Review", loop.review(NOBODY_HAS), {"dispatcher"}),
    ("Tracking/FollowUp", loop.follow_up(NOBODY_HAS), {"dispatcher", "source"}),
    ("Tracking/Reopen", loop.reopen(NOBODY_HAS), {"dispatcher", "source"}),
    ("Tracking/Rate", loop.rate(NOBODY_HAS), {"dispatcher", "source"}),
    ("Tracking/Extend", loop.extend(NOBODY_HAS), {"department"}),
    ("Tracking/DecideExtension", loop.decide(NOBODY_HAS), {"dispatcher"}),
    ("Tracking/Suspend", loop.suspend(NOBODY_HAS), {"department"}),
    ("Tracking/DecideSuspension", loop.decide(NOBODY_HAS), {"dispatcher"}),
    ("Tracking/Resume", loop.resume(NOBODY_HAS), {"department", "dispatcher"}),
    ("Tracking/Urge", loop.urge(NOBODY_HAS), {"dispatcher", "source"}),
    ("Tracking/Supervise", loop.supervise(NOBODY_HAS), {"dispatcher"}),
    ("Tracking/AskVoid", loop.void(NOBODY_HAS), {"dispatcher"}),
    ("Tracking/DecideVoid", loop.decide(NOBODY_HAS), {"dispatcher"}),
    ("Tracking/Get", T.GetCaseRequest(order_id=NOBODY_HAS), {"dispatcher", "operator", "department", "source"}),
    ("Tracking/List", T.ListCasesRequest(), {"dispatcher", "operator", "department"}),
    ("Lists/Change", L.ChangeEntryRequest(**ENTRY, request_id="r", reason="r", meeting_cancel=L.NoDetails()),
     {"registrar", "dispatcher"}),
    ("Lists/IssueTokens", L.IssueTokensRequest(**ENTRY, request_id="t", count=1), {"registrar", "dispatcher"}),
    ("Lists/Answer", L.AnswerRequest(**ENTRY, token="a" * 26), EVERYBODY),
    ("Lists/Results", L.ResultsRequest(**ENTRY), EVERYBODY),
    ("Lists/Entry", L.EntryRequest(**ENTRY, kind=L.LIST_KIND_PLEDGE), EVERYBODY),
    ("Lists/Entries", L.EntriesRequest(district=D, kind=L.LIST_KIND_PLEDGE), EVERYBODY),
    ("Lists/EntryHistory", L.EntryHistoryRequest(**ENTRY, kind=L.LIST_KIND_PLEDGE), EVERYBODY),
    ("Lists/PledgeFigures", L.PledgeFiguresRequest(district=D, year=2026), EVERYBODY),
    ("Registry/Kinds", G.KindsRequest(), EVERYBODY),
    ("Registry/Put", G.PutRequest(records=[record("street", "370117999", name="s")], reason="r", dry_run=True), {"registrar"}),
    ("Registry/Get", G.GetRecordRequest(district=D, kind="grid", code="370117999999999"), EVERYBODY),
    ("Registry/List", G.ListRecordsRequest(district=D, kind="grid"), EVERYBODY),
    ("Registry/History", G.HistoryRequest(district=D, kind="grid", code="370117999999999"),
     {"registrar", "operator", "dispatcher"}),
    ("Registry/Check", G.CheckRequest(district=D), EVERYBODY),
    ("Registry/Happen", G.HappenRequest(district=D, event_id="e", event="e", kind="grid", code="370117999999999"),
     {"registrar", "source"}),
    ("Registry/Duties", G.DutiesRequest(district=D), {"registrar", "operator", "dispatcher"}),
    ("Registry/RedriveDuties", G.RedriveDutiesRequest(district=D, duty_ids=["none"], reason="r"), {"registrar", "operator"}),
    ("Registry/PublicLists", G.PublicListsRequest(district=D), EVERYBODY),
    ("Registry/FlowChart", G.FlowChartRequest(district=D, code="none"), EVERYBODY),
]
CALLS += [
    ("Evaluation/Evaluate", E.EvaluateRequest(district=D, by=E.FIGURE_DIMENSION_DEPARTMENT, from_month="2026-01"),
     {"dispatcher", "operator", "department"}),
    ("Evaluation/VerifyFigures", E.VerifyFiguresRequest(district=D), {"operator"}),
]
KEEPERS = {"village", "registrar"}  # of a village's land
RECORD = {"village": VILLAGE, "kind": "party", "id": "none"}
CALLS += [
    # Refused, so that no village has a ledger here: whoever may write to one is told that there is none.
    ("Land/PutVillage", LD.PutVillageRequest(write=write(reason="r"), village=LD.VillageInfo(
        name="村", plane_epsg=4527, collective="none")), {"registrar"}),
    ("Land/PutPolicy", LD.PutPolicyRequest(write=write(reason="r"), name="vote.share_n", policy=LD.LandPolicy(value=2, source="s")),
     {"registrar"}),
    ("Land/PutParty", LD.PutPartyRequest(write=write(reason="r"), id="h", party=LD.LandParty(kind=LD.PARTY_KIND_HOUSEHOLD, name="户"),
                                         phone="1"), KEEPERS),
    ("Land/GetLand", LD.GetLandRequest(**RECORD), EVERYBODY),
    ("Land/ListLand", LD.ListLandRequest(village=VILLAGE, kind="party"), EVERYBODY),
    ("Land/LandHistory", LD.LandHistoryRequest(**RECORD), EVERYBODY),
    ("Land/RevealSealed", LD.RevealSealedRequest(village=VILLAGE, commit=bytes(32), reason="r"), KEEPERS),
    ("Land/EraseSealed", LD.EraseSealedRequest(write=write(reason="r"), commit=bytes(32)), {"registrar"}),
]
CALLS += [
    ("LandLedger/LedgerHead", LL.LedgerHeadRequest(village=VILLAGE), EVERYBODY),
    ("LandLedger/LedgerEntries", LL.LedgerEntriesRequest(village=VILLAGE), EVERYBODY),
    ("LandLedger/ProveEntry", LL.ProveEntryRequest(village=VILLAGE), EVERYBODY),
    ("LandLedger/ProveGrowth", LL.ProveGrowthRequest(village=VILLAGE, **{"from": 1}), EVERYBODY),
    ("LandLedger/StoredRecords", LL.StoredRecordsRequest(village=VILLAGE), EVERYBODY),
    ("LandLedger/MakeCheckpoint", LL.MakeCheckpointRequest(village=VILLAGE), KEEPERS | {"township"}),
    ("LandLedger/ListCheckpoints", LL.ListCheckpointsRequest(village=VILLAGE), EVERYBODY),
    ("LandLedger/RecordRestore", LL.RecordRestoreRequest(write=write(reason="r"), evidence="e"), {"registrar"}),
]
LY = proto.land_yard
CALLS += [(f"LandYard/{name}", getattr(LY, f"{name}Request")(write=write(reason="r"), **fields), KEEPERS) for name, fields in (
    ("PutYardPlot", {"id": "none", "plot": {"name": "园", "household": "none", "use": 1, "area_dm2": 100}}),
    ("PutVillageRule", {"id": "none", "rule": {"name": "规", "text": "t", "decision": "none", "adopted_on": "2026-01-01", "state": 1}}),
    ("PutResponsibility", {"id": "none", "responsibility": {"name": "区", "household": "none", "duty": "d", "from": "2026-01-01"}}),
    ("PutPlanting", {"id": "none", "planting": {"name": "树", "use": 1, "count": 1, "alive": 1, "planted_on": "2026-01-01", "accepted": True}}),
    ("PutStreetEvaluation", {"id": "none", "evaluation": {"name": "街", "round": "r", "criteria": [{"name": "c", "weight_permille": 1000}],
                                                          "scores": [{"scorer": "s", "score": 1}]}}),
    ("CloseRound", {"round": "none"}),
    ("PutCleaningCost", {"id": "none", "cost": {"name": "2026", "accepted": True}}),
    ("PutBulkPurchase", {"id": "none", "purchase": {"name": "栏", "unit": "米", "unit_price_fen": 1, "quotes": ["a" * 64] * 2,
                                                    "bought_on": "2026-01-01", "shares": [{"household": "none", "quantity": 1}]}}),
)]
CALLS += [
    ("LandYard/ReportBreach", LY.ReportBreachRequest(write=write(), breach={"kind": 1, "plot": "none", "text": "t"}),
     KEEPERS | {"township", "source"}),
    ("LandYard/AdvanceBreach", LY.AdvanceBreachRequest(write=write(), id="none", event="fix"), {"village", "township"}),
    ("LandYard/YardFigures", LY.YardFiguresRequest(village=VILLAGE), EVERYBODY),
    ("LandHomestead/PutHomestead", LY.PutHomesteadRequest(write=write(), id="none", homestead={"name": "宅", "holder": "none", "area_dm2": 100}),
     KEEPERS),
    ("LandHomestead/PutHouse", LY.PutHouseRequest(write=write(), id="none", house={"name": "房", "homestead": "none", "rooms": 1, "grade": 1}),
     KEEPERS),
    ("LandHomestead/PutGardenBed", LY.PutGardenBedRequest(write=write(), id="none", bed={"name": "畦", "plot": "none", "season": "s", "area_dm2": 1}),
     KEEPERS),
    ("LandHomestead/PutHomestay", LY.PutHomestayRequest(write=write(), id="none", homestay={
        "name": "宿", "homestead": "none", "licence": "l", "opened_on": "2026-01-01", "rooms": 1}), KEEPERS),
    ("LandHomestead/SignAgreement", LY.SignAgreementRequest(write=write(), agreement={
        "homestead": "none", "mode": 1, "operator": "none", "from": "2026-01-01", "to": "2027-01-01", "document": "a" * 64}), KEEPERS),
    ("LandHomestead/EndAgreement", LY.EndAgreementRequest(write=write(reason="r"), id="none"), KEEPERS),
    ("LandHomestead/PlaceService", LY.PlaceServiceRequest(write=write(), order={"kind": 1, "bed": "none", "text": "t", "quantity": 1}),
     {"village", "service"}),
    ("LandHomestead/AdvanceService", LY.AdvanceServiceRequest(write=write(), id="none", event="pay"), {"village"}),
]
LS, LR = proto.land_survey, proto.land_survey_records
PARCEL = {"write": write(reason="r"), "parcel_id": "none"}
CALLS += [
    ("LandSurvey/PutSurveyTask", LS.PutSurveyTaskRequest(write=write(reason="r"), id="none", task=LR.SurveyTask(
        method=LR.SURVEY_METHOD_RTK, source_epsg=1, surveyor="s", surveyed_on="2026-03-01")), KEEPERS),
    ("LandSurvey/ImportParcels", LS.ImportParcelsRequest(write=write(reason="r"), survey_task="none",
                                                         parcels=[LS.ParcelInput(id="p")]), KEEPERS),
    ("LandSurvey/PutParcel", LS.PutParcelRequest(write=write(reason="r"), survey_task="none", parcel=LS.ParcelInput(id="p")), KEEPERS),
    ("LandSurvey/SignNeighbour", LS.SignNeighbourRequest(side=LR.NEIGHBOUR_SIDE_EAST, verdict=LR.NEIGHBOUR_VERDICT_MATCH, **PARCEL),
     KEEPERS),
    ("LandSurvey/SplitParcel", LS.SplitParcelRequest(parts=[LS.ParcelInput(), LS.ParcelInput()], **PARCEL), KEEPERS),
    ("LandSurvey/MergeParcels", LS.MergeParcelsRequest(write=write(reason="r"), parcel_ids=["a", "b"], merged=LS.ParcelInput()), KEEPERS),
    ("LandSurvey/MoveParcels", LS.MoveParcelsRequest(write=write(reason="r"), event=LS.PARCEL_EVENT_DISPUTE, parcel_ids=["none"]),
     KEEPERS | {"township"}),
    ("LandSurvey/ExplainFlag", LS.ExplainFlagRequest(code="none", **PARCEL), KEEPERS),
    ("LandSurvey/PutRights", LS.PutRightsRequest(**PARCEL), KEEPERS),
]
HEARERS = KEEPERS | {"township"}  # of objections
CALLS += [
    ("LandNotice/Draft", LN.DraftNoticeRequest(write=write(), kind=1, title="t"), KEEPERS),
    ("LandNotice/Post", LN.PostNoticeRequest(write=write(), notice_id="none"), KEEPERS),
    ("LandNotice/Photograph", LN.PhotographNoticeRequest(write=write(), notice_id="none"), KEEPERS),
    ("LandNotice/TakeDown", LN.TakeDownNoticeRequest(write=write(), notice_id="none"), KEEPERS),
    ("LandNotice/Withdraw", LN.WithdrawNoticeRequest(write=write(reason="r"), notice_id="none"), KEEPERS),
    ("LandNotice/Object", LN.FileObjectionRequest(write=write(), notice_id="none", channel=1, text="t"), HEARERS | {"source"}),
    ("LandNotice/Admit", LN.AdmitObjectionRequest(write=write(), objection_id="none", reply="r"), HEARERS),
    ("LandNotice/Decide", LN.DecideObjectionRequest(write=write(), objection_id="none", reply="r"), HEARERS),
    ("LandNotice/WithdrawObjection", LN.WithdrawObjectionRequest(write=write(reason="r"), objection_id="none"), HEARERS | {"source"}),
    ("LandNotice/Appeal", LN.AppealObjectionRequest(write=write(), objection_id="none", text="t"), HEARERS | {"source"}),
    ("LandNotice/Sheet", LN.SheetRequest(village=VILLAGE, notice_id="none", format=LN.SHEET_FORMAT_HTML), EVERYBODY),
]
APPROVERS = {"township", "registrar"}
CALLS += [
    ("LandWorks/PlanWork", LN.PlanWorkRequest(write=write()), KEEPERS),
    ("LandWorks/MoveWork", LN.MoveWorkRequest(write=write(), work_id="none", move=LN.WORK_MOVE_APPROVE), APPROVERS),
    ("LandWorks/MoveWork", LN.MoveWorkRequest(write=write(), work_id="none", move=LN.WORK_MOVE_BEGIN), KEEPERS),
    ("LandWorks/AcceptWork", LN.AcceptWorkRequest(write=write(), work_id="none", accepted=True), APPROVERS),
    ("LandWorks/ProposeSite", LN.ProposeSiteRequest(write=write()), KEEPERS),
    ("LandWorks/AdmitSite", LN.AdmitSiteRequest(write=write(), site_id="none", admitted=True), APPROVERS),
    ("LandWorks/MoveSite", LN.MoveSiteRequest(write=write(), site_id="none"), KEEPERS),
    ("LandWorks/PutUseRule", LN.PutUseRuleRequest(write=write(), id="r"), {"registrar"}),
    ("LandWorks/ReportOutcome", LN.ReportOutcomeRequest(write=write()), KEEPERS),
    ("LandWorks/AcceptOutcome", LN.AcceptOutcomeRequest(write=write(), outcome_id="none", accepted=True), APPROVERS),
    ("LandWorks/UseRules", LN.UseRulesRequest(), EVERYBODY),
    ("LandWorks/Figures", LN.LandFiguresRequest(village=VILLAGE), EVERYBODY),
]
PAPER, NONE = "ab" * 32, {"tender_id": "none", "lot_id": "none"}
STEP = TR.DecisionStep(kind=TR.DECISION_STEP_KIND_PROPOSE, day="2026-01-05", minutes=PAPER)
CALLS += [
    ("LandTender/ProposeDecision", LT.ProposeDecisionRequest(write=write(), step=STEP, decision=TR.LandDecision(
        kind=TR.DECISION_KIND_PLAN, body=TR.DECISION_BODY_MEMBERS, title="t", subject_kind="tender", subject_id="none")), KEEPERS),
    ("LandTender/RecordStep", LT.RecordStepRequest(write=write(), decision_id="none", step=STEP), KEEPERS),
    ("LandTender/ApproveDecision", LT.ApproveDecisionRequest(write=write(), decision_id="none", document=PAPER),
     {"township", "registrar"}),
    ("LandTender/DraftTender", LT.DraftTenderRequest(write=write(), tender_id="none", tender=TR.Tender(
        title="t", round=1, opens_on="2030-01-01", closes_on="2030-01-02", lots=[TR.Lot(
            id="l", parcel_id="none", uses=[1], **{"from": "2030-03-01", "to": "2031-02-28"})])), KEEPERS),
    ("LandTender/PostPlan", LT.PostPlanRequest(write=write(), tender_id="none", notice_id="none"), KEEPERS),
    ("LandTender/OpenTender", LT.OpenTenderRequest(write=write(), tender_id="none"), KEEPERS),
    ("LandTender/RecordInvitation", LT.RecordInvitationRequest(write=write(), invitation=TR.Invitation(
        **NONE, party_id="none", answer=TR.INVITATION_ANSWER_DECLINED, asked_on="2026-01-05", document=PAPER)), KEEPERS),
    ("LandTender/Apply", LT.ApplyRequest(write=write(), application=TR.Application(**NONE, party_id="none", use=1)), KEEPERS),
    ("LandTender/WithdrawApplication", LT.WithdrawApplicationRequest(write=write(), application_id="none"), KEEPERS),
    ("LandTender/CloseTender", LT.CloseTenderRequest(write=write(), tender_id="none"), KEEPERS),
    ("LandTender/RevealNonce", LT.RevealNonceRequest(write=write(), application_id="none", nonce=bytes(32)), KEEPERS),
    ("LandTender/RankTender", LT.RankTenderRequest(write=write(), tender_id="none"), KEEPERS),
    ("LandTender/CheckEdge", LT.CheckEdgeRequest(write=write(), **NONE, application_id="none", document=PAPER), KEEPERS),
    ("LandTender/PostResult", LT.PostResultRequest(write=write(), tender_id="none", notice_id="none"), KEEPERS),
    ("LandTender/Award", LT.AwardRequest(write=write(), **NONE), KEEPERS),
    ("LandTender/RefuseAward", LT.RefuseAwardRequest(write=write(reason="r"), **NONE, application_id="none", document=PAPER), KEEPERS),
    ("LandTender/CancelTender", LT.CancelTenderRequest(write=write(reason="r"), tender_id="none"), KEEPERS),
    ("LandTender/PutHolding", LT.PutHoldingRequest(write=write(), holding=TR.Holding(
        parcel_id="none", party_id="none", method=110, document=PAPER, **{"from": "2000-01-01", "to": "2030-01-01"})), KEEPERS),
]
TERM = {"from": "2026-01-01", "until": "2026-12-31"}
CALLS += [
    ("LandContract/SignContract", LT.SignContractRequest(write=write(), **NONE, holder="none", signed_on="2026-01-05",
                                                         documents=[PAPER]), KEEPERS),
    ("LandContract/Pay", LT.PayRequest(write=write(), payment=TR.Payment(
        contract_id="none", receipt_no="1", day="2026-01-05", payer="户", channel=TR.PAYMENT_CHANNEL_CASH, fen=1)), KEEPERS),
    ("LandContract/RefundPayment", LT.RefundPaymentRequest(write=write(), refund=TR.Refund(
        contract_id="none", kind=TR.REFUND_KIND_DEPOSIT, receipt_no="1", day="2026-01-05", payee="户", fen=1, document=PAPER)), KEEPERS),
    ("LandContract/TransferContract", LT.TransferContractRequest(write=write(), transfer=TR.Transfer(
        contract_id="none", kind=TR.TRANSFER_KIND_LEASE, taker="none", area_dm2=1, **TERM)), KEEPERS),
    ("LandContract/TerminateContract", LT.TerminateContractRequest(write=write(reason="r"), contract_id="none", last_day="2026-01-05",
                                                                   document=PAPER), KEEPERS),
    ("LandContract/SuspendContract", LT.SuspendContractRequest(write=write(reason="r"), contract_id="none"), KEEPERS),
    ("LandContract/ResumeContract", LT.ResumeContractRequest(write=write(reason="r"), contract_id="none"), KEEPERS),
    ("LandContract/RenewContract", LT.RenewContractRequest(write=write(), contract_id="none", decision_id="none", to="2030-01-01",
                                                           signed_on="2026-01-05", documents=[PAPER]), KEEPERS),
]
OPS_CALLS = [
    ("Ops/Info", O.InfoRequest(), EVERYBODY),
    ("Ops/Queues", O.QueuesRequest(), {"operator", "dispatcher", "service", "department"}),
    ("Ops/ParkedList", O.ParkedListRequest(), {"operator", "department"}),
    ("Ops/ParkedShow", O.ParkedShowRequest(parked_id=NOBODY_HAS), {"operator", "department"}),
    ("Ops/ParkedRedrive", O.ParkedChangeRequest(parked_ids=[NOBODY_HAS], reason="r"), {"operator"}),
    ("Ops/ParkedDrop", O.ParkedChangeRequest(parked_ids=[NOBODY_HAS], reason="r"), {"operator"}),
    ("Ops/ConsumerRemove", O.ConsumerRemoveRequest(stream="routing.dispatch", consumer="nobody", reason="r"), {"operator"}),
]
TABLE = [(process_of(method), method, request, may) for method, request, may in CALLS]
TABLE += [(service, method, request, may) for service in ALL for method, request, may in OPS_CALLS]


@pytest.fixture(scope="module")
def cell():
    """As the shared one, with the registry."""
    made = Cell(services=ALL)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_the_table_has_every_call():
    """A call added to proto/ without a line here is a red test."""
    served = {name for name in proto.METHODS if name.split(".")[2].partition("/")[0].lower() in (*ALL, *SERVED_BY, "ops")}
    assert {f"wangge.v1.{method}" for _, method, _, _ in TABLE} == served


@pytest.mark.parametrize("role", sorted(EVERYBODY))
@pytest.mark.parametrize("service,method,request_,may", TABLE, ids=[f"{s}-{m}" for s, m, _, _ in TABLE])
def test_each_call_by_each_role(cell, service, method, request_, may, role):
    if "write" in request_.DESCRIPTOR.fields_by_name:  # of the land ledger: a submission of its own
        request_.write.idempotency_key = f"{method}-{role}"[:64]
    status = cell.client(PRINCIPAL[role], service).status(f"wangge.v1.{method}", request_)
    if role in may:
        assert status.code in (CODE.CODE_OK, CODE.CODE_NOT_FOUND, CODE.CODE_FAILED_PRECONDITION), f"{role} may call {method}: {status}"
    else:
        assert status.code == DENIED, f"{role} must not call {method}: {status}"
        assert status.message


@pytest.mark.parametrize("service", ALL)
def test_unknown_key_gets_no_connection(cell, service):
    with cell.connect("nobody", service, key=zmq.curve_keypair()) as client:
        client.start_call("wangge.v1.Ops/Info", b"")
        client.wait_refused()
        assert client.receive(0) is None


@pytest.mark.parametrize("service", ALL)
def test_without_curve_nothing_is_heard(cell, service):
    socket = cell.context.socket(zmq.DEALER)
    try:
        monitor = socket.get_monitor_socket()
        socket.linger = 0
        socket.connect(cell.endpoint(service))
        socket.send_multipart([proto.stream.Envelope(call=proto.stream.Call(id=1, method="wangge.v1.Ops/Info")).SerializeToString(), b""])
        assert monitor.poll(60_000), "the connection is dropped"
        assert not socket.poll(500), "a peer without CURVE gets no answer"
    finally:
        socket.disable_monitor()
        socket.close(0)


def revoke(cell, name):
    gone = cell.principals.pop(name)
    cell.write_principals()
    return gone


# What an operator may do and a source may not: tells when a service knows the source as one again.
SOURCE_MAY_NOT = {"intake": ("Ops/Queues", O.QueuesRequest()), "routing": ("Routing/List", R.ListAssignmentsRequest()),
                  "tracking": ("Tracking/List", T.ListCasesRequest()),
                  "registry": ("Ops/Queues", O.QueuesRequest()), "land": ("Ops/Queues", O.QueuesRequest())}


def restore(cell, name, values):
    cell.principals[name] = values
    cell.write_principals()
    for service, (method, request) in SOURCE_MAY_NOT.items():
        def known_again():
            with cell.connect(name, service) as client:
                code = client.status(f"wangge.v1.{method}", request, limit=5).code
                return code == (DENIED if values["roles"] == "source" else CODE.CODE_OK)
        until(known_again, f"{name} is known again in {service} as what it was")


@pytest.mark.parametrize("service", ALL)
def test_revoked_key_stops_at_once_and_everywhere(cell, service):
    client = cell.connect("patrol", service)
    client.call("wangge.v1.Ops/Info", O.InfoRequest())
    values = revoke(cell, "patrol")
    try:
        until(lambda: client.status("wangge.v1.Ops/Info", O.InfoRequest()).code == CODE.CODE_UNAUTHENTICATED,
              "the open connection is of no more use")
        for _, method, request, _ in [row for row in TABLE if row[0] == service]:
            status = client.status(f"wangge.v1.{method}", request)
            assert status.code == CODE.CODE_UNAUTHENTICATED, f"{method} with a revoked key: {status}"
        with cell.connect("patrol", service) as again:
            again.start_call("wangge.v1.Ops/Info", b"")
            again.wait_refused()
    finally:
        client.close()
        restore(cell, "patrol", values)


def test_revoked_department_loses_its_subscription(cell):
    follower = cell.follow("traffic", "routing.dispatch", "revoked", "traffic", reopen=False)
    values = revoke(cell, "traffic")
    try:
        assert follower.ended().code in (CODE.CODE_UNAUTHENTICATED, DENIED)
    finally:
        follower.close()
        restore(cell, "traffic", values)


def test_changed_role_counts_from_then_on(cell):
    values = dict(cell.principals["patrol"])
    cell.principals["patrol"] = {"roles": "operator"}
    cell.write_principals()
    try:
        request = I.PushRequest(source="patrol", orders=[order()])
        until(lambda: cell.client("patrol", "intake").status("wangge.v1.Intake/Push", request).code == DENIED,
              "an operator does not push")
    finally:
        restore(cell, "patrol", values)
        for service in ALL:
            until(lambda: cell.client("patrol", service).status("wangge.v1.Ops/Queues", O.QueuesRequest()).code == DENIED,
                  f"patrol is no operator any more in {service}")


def test_a_broken_principals_file_changes_nothing(cell):
    path = cell.folder / "principals.ini"
    good = path.read_text()
    try:
        path.write_text(good + "\n[broken]\nkey = too short\n")
        until(lambda: "principals" in cell.log("intake"), "the service says that the file is refused")
        assert cell.push([order()])[0].outcome == I.PUSH_OUTCOME_ACCEPTED
    finally:
        path.write_text(good)


def test_source_pushes_only_as_itself(cell):
    request = I.PushRequest(source="hotline-12345", orders=[order()])
    assert cell.client("patrol", "intake").status("wangge.v1.Intake/Push", request).code == DENIED


def test_source_does_not_know_of_other_sources_orders(cell):
    order_id = cell.push_accepted([order()])[0]
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    for service, method, request in [
            ("intake", "Intake/Get", I.GetOrderRequest(order_id=order_id)),
            ("intake", "Intake/Withdraw", I.WithdrawRequest(order_id=order_id, reason="r")),
            ("intake", "Intake/Supplement", I.SupplementRequest(order_id=order_id, supplement_id="s", text="t")),
            ("routing", "Routing/Get", R.GetAssignmentRequest(order_id=order_id)),
            ("tracking", "Tracking/Get", T.GetCaseRequest(order_id=order_id)),
            ("tracking", "Tracking/FollowUp", loop.follow_up(order_id)),
            ("tracking", "Tracking/Rate", loop.rate(order_id)),
            ("tracking", "Tracking/Reopen", loop.reopen(order_id))]:
        status = cell.client("patrol", service).status(f"wangge.v1.{method}", request)
        assert status.code == CODE.CODE_NOT_FOUND, f"{method}: {status}"
    listed = cell.call("patrol", "Intake/List", I.ListOrdersRequest(limit=1000)).orders
    assert all(o.source == "patrol" for o in listed)


def test_department_does_not_know_of_other_departments_orders(cell, water_order):
    for service, method, request in [
            ("routing", "Routing/Accept", R.AcceptRequest(order_id=water_order)),
            ("routing", "Routing/RequestReturn", R.ReturnRequest(order_id=water_order, reason="r", reason_code=1, basis="b",
                                                                 proposed_department="traffic")),
            ("routing", "Routing/Escalate", R.EscalateRequest(order_id=water_order, reason="r")),
            ("routing", "Routing/TransferDown", R.TransferDownRequest(order_id=water_order, to_department="street", reason="r")),
            ("routing", "Routing/AddUnit", R.AddUnitRequest(order_id=water_order, department="street", reason="r")),
            ("routing", "Routing/RemoveUnit", R.RemoveUnitRequest(order_id=water_order, department="water", reason="r")),
            ("routing", "Routing/Transfer", R.TransferRequest(order_id=water_order, to_department="traffic", reason="r")),
            ("routing", "Routing/Get", R.GetAssignmentRequest(order_id=water_order)),
            ("tracking", "Tracking/Progress", T.ProgressRequest(order_id=water_order, request_id="p", note="n")),
            ("tracking", "Tracking/Resolve", loop.resolve(water_order)),
            ("tracking", "Tracking/Get", T.GetCaseRequest(order_id=water_order))]:
        status = cell.client("housing", service).status(f"wangge.v1.{method}", request)
        assert status.code == CODE.CODE_NOT_FOUND, f"{method}: {status}"
    for service, method, request in [("routing", "Routing/List", R.ListAssignmentsRequest(department="water")),
                                     ("tracking", "Tracking/List", T.ListCasesRequest(department="water"))]:
        code, answer = cell.client("housing", service).outcome(f"wangge.v1.{method}", request)
        assert code == DENIED or (code == CODE.CODE_OK and "water" not in str(answer)), f"{method} shows water's orders"
    cell.push_accepted([order(category=HOUSING)])
    for rows in (cell.call("housing", "Routing/List", R.ListAssignmentsRequest(limit=1000)).assignments,
                 cell.call("housing", "Tracking/List", T.ListCasesRequest(limit=1000)).cases):
        assert all(row.department == "housing" for row in rows)


# principal, stream, topic (None: the whole stream), durable name, may it be opened
OPENINGS = [
    ("water", "routing.dispatch", "water", "desk", True),
    ("water", "tracking.cases", "water", "desk", True),
    ("water", "routing.dispatch", "housing", "desk", False),
    ("water", "tracking.cases", "housing", "desk", False),
    ("water", "routing.dispatch", "", "desk", False),
    ("water", "routing.dispatch", None, "desk", False),
    ("water", "intake.orders", None, "desk", False),
    ("water", "intake.orders", "water", "desk", False),
    ("hotline-12345", "intake.orders", None, "desk", False),
    ("hotline-12345", "routing.dispatch", "water", "", False),
    ("operator", "routing.dispatch", None, "", True),
    ("operator", "routing.dispatch", "water", "", True),
    ("operator", "routing.dispatch", None, "durable", False),
    ("dispatcher", "routing.dispatch", None, "", True),
    ("dispatcher", "routing.dispatch", None, "durable", False),
    ("gateway", "intake.orders", None, "gateway", True),
    ("gateway", "routing.dispatch", None, "gateway", True),
    ("gateway", "registry.changes", None, "gateway", True),
    ("gateway", "registry.changes", "grid", "gateway", True),
    ("gateway", "tracking.lists", None, "gateway", True),
    ("dispatcher", "tracking.lists", "370117", "", True),
    ("water", "tracking.lists", "water", "", False),
    ("hotline-12345", "tracking.lists", None, "", False),
    ("gateway", "tracking.notices", None, "gateway", True),
    ("gateway", "tracking.notices", "residents-370117", "gateway", True),
    ("operator", "tracking.notices", "desk-370117", "", True),
    ("dispatcher", "tracking.notices", None, "", True),
    ("water", "tracking.notices", "water", "desk", True),
    ("water", "tracking.notices", "housing", "desk", False),
    ("water", "tracking.notices", "residents-370117", "", False),
    ("hotline-12345", "tracking.notices", "residents-370117", "", False),
    *((principal, "registry.changes", topic, "", False) for topic in (None, "grid")
      for principal in ("water", "hotline-12345", "operator", "dispatcher", "registrar")),
]


@pytest.mark.parametrize("principal,stream,topic,consumer,may", OPENINGS)
def test_who_may_open_what(cell, principal, stream, topic, consumer, may):
    if may:
        cell.follow(principal, stream, consumer, topic).close()
        return
    with pytest.raises(CallError) as refused:
        cell.follow(principal, stream, consumer, topic)
    # Rights come first; then what a stream cannot have is named.
    own_topic_of_a_stream_without = stream == "intake.orders" and topic == principal
    assert refused.value.code == (CODE.CODE_INVALID_ARGUMENT if own_topic_of_a_stream_without else DENIED), refused.value


def test_an_unknown_stream_is_not_found(cell):
    from harness.follower import Follower
    with cell.connect("gateway", "intake") as client, pytest.raises(CallError) as refused:
        Follower(client, "no.such")
    assert refused.value.code in (CODE.CODE_NOT_FOUND, CODE.CODE_INVALID_ARGUMENT)


def test_two_connections_with_one_routing_id_do_not_take_each_others_rights(cell):
    """The routing id is the client's to choose and gives no right: the second with the same id is not served as the first."""
    from harness.client import Client
    key = cell.keys["intake"][0]
    first = Client(cell.context, cell.endpoint("intake"), key, cell.key("hotline-12345"), identity=b"same")
    first.call("wangge.v1.Intake/List", I.ListOrdersRequest())
    second = Client(cell.context, cell.endpoint("intake"), key, cell.key("water"), identity=b"same")
    try:
        second.start_call("wangge.v1.Intake/List", I.ListOrdersRequest().SerializeToString())
        first.call("wangge.v1.Intake/List", I.ListOrdersRequest())
        answer = second.receive(1)
        assert answer is None or answer[0].reply.status.code == DENIED
    finally:
        first.close()
        second.close()


def test_services_database_roles_have_no_more_than_they_need(cell):
    roles = tuple(f"wangge_{service}" for service in ALL)
    rows = cell.postgres.query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'wangge%' AND "
                               "(rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)")
    assert rows == []
    for role in roles:
        own = role.removeprefix("wangge_")
        for what, sql in {
                "create in public": "has_schema_privilege('public', 'CREATE')",
                "temporary tables": "has_database_privilege('wangge', 'TEMP')",
                "schemas": "has_database_privilege('wangge', 'CREATE')",
                "create in its schema": f"has_schema_privilege('{own}', 'CREATE')"}.items():
            assert cell.postgres.query(f"SELECT {sql}", role) == [["f"]], f"{role} may create: {what}"
        for other in set(ALL) - {own}:
            assert cell.postgres.query(f"SELECT has_schema_privilege('{other}', 'USAGE')", role) == [["f"]]
