"""Calls of the closed loop of tracking, with what each requires filled in. Each call has a request_id of its own."""
import itertools

from . import proto

T = proto.tracking
_numbers = itertools.count(1)


def _fill(request, order_id, more):
    values = {"order_id": order_id, "request_id": f"t{next(_numbers)}"}
    values.update(more)
    return request(**values)


def progress(order_id, note="已派人", **more):
    return _fill(T.ProgressRequest, order_id, {"note": note, **more})


def contact(order_id, reached=True, **more):
    return _fill(T.ContactRequest, order_id, {"reached": reached, "channel": T.CONTACT_CHANNEL_PHONE, **more})


def resolve(order_id, result="管道已修复", **more):
    return _fill(T.ResolveRequest, order_id, {
        "result": result, "public_reply": f"您好，{result}。", "substantiated": T.SUBSTANTIATED_YES,
        "resolution": T.RESOLUTION_SOLVED, **more})


def review(order_id, decision=T.DECISION_APPROVED, **more):
    return _fill(T.ReviewRequest, order_id, {"decision": decision, **more})


def follow_up(order_id, solved=T.RESOLUTION_SOLVED, satisfaction=T.SATISFACTION_SATISFIED, **more):
    return _fill(T.FollowUpRequest, order_id, {"reached": True, "solved": solved, "satisfaction": satisfaction, **more})


def nobody_reached(order_id, **more):
    return _fill(T.FollowUpRequest, order_id, {"reached": False, **more})


def rate(order_id, satisfaction=T.SATISFACTION_SATISFIED, **more):
    return _fill(T.RateRequest, order_id, {"satisfaction": satisfaction, **more})


def reopen(order_id, reason="又停水了", **more):
    return _fill(T.ReopenRequest, order_id, {"reason": reason, **more})


def extend(order_id, working_days=3, **more):
    return _fill(T.ExtendRequest, order_id,
                 {"working_days": working_days, "reason": "需购置配件", "resident_told": True, **more})


def suspend(order_id, **more):
    return _fill(T.SuspendRequest, order_id, {
        "kind": T.HOLD_KIND_FUNDS, "plan": "列入下季度计划", "public_explanation": "待资金落实后实施。", **more})


def decide(order_id, decision=T.DECISION_APPROVED, **more):
    return _fill(T.DecideRequest, order_id, {"decision": decision, **more})


def resume(order_id, reason="资金已到位", **more):
    return _fill(T.ResumeRequest, order_id, {"reason": reason, **more})


def urge(order_id, note="居民再次来电", **more):
    return _fill(T.UrgeRequest, order_id, {"note": note, **more})


def supervise(order_id, level=1, **more):
    return _fill(T.SuperviseRequest, order_id, {"level": level, "reason": "多次催办未果", "working_days": 2, **more})


def void(order_id, **more):
    return _fill(T.VoidRequest, order_id, {"kind": T.VOID_KIND_TEST, "reason": "测试工单", **more})
