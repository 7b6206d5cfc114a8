// Whether intake's store has the evidence that a feedback names: asked in a reader thread before the call enters a
// batch, because a feedback whose photos nobody can see proves nothing. What an order has intake keeps with the order.
#pragma once

#include "common/stage/stage.h"

// Of Tracking/Resolve (wg_method). INVALID_ARGUMENT (field "evidence"): the order lacks one of them. UNAVAILABLE:
// intake does not answer.
bool tracking_evidence_asks(const void *service, const ProtobufCMessage *request);
wg_status tracking_evidence_ask(const struct wg_read_call *call, struct wg_error *error);
