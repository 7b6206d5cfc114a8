// Whether intake's store has the evidence that a feedback names: asked in a reader thread before the call enters a
// batch, because a feedback whose photos nobody can see proves nothing.
#pragma once

#include "common/stage/stage.h"

struct evidence;
// endpoint of intake; identity as the stage gave it. The connection is made when it is first needed.
struct evidence *evidence_create(const char *endpoint, const struct wg_identity *identity);
void evidence_close(struct evidence *evidence); // NULL is allowed; behind the last reader thread

// Of Tracking/Resolve (wg_method). INVALID_ARGUMENT (field "evidence"): the order lacks one of them. UNAVAILABLE:
// intake does not answer.
bool tracking_evidence_asks(const void *service, const ProtobufCMessage *request);
wg_status tracking_evidence_ask(const struct wg_read_call *call, struct wg_error *error);
