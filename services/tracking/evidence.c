// See evidence.h.
#include "services/tracking/evidence.h"

#include "common/orders/intake.h"
#include "services/tracking/tracking.h"

#include <stdio.h>

bool tracking_evidence_asks(const void *service, const ProtobufCMessage *request) {
  const struct tracking *tracking = service;
  return tracking->asks && ((const Wangge__V1__ResolveRequest *)request)->n_evidence > 0;
}

wg_status tracking_evidence_ask(const struct wg_read_call *call, struct wg_error *error) {
  const struct tracking *tracking = call->service;
  const Wangge__V1__ResolveRequest *resolve = (const Wangge__V1__ResolveRequest *)call->request;
  Wangge__V1__LackingAttachmentsRequest request = WANGGE__V1__LACKING_ATTACHMENTS_REQUEST__INIT;
  request.order_id = resolve->order_id;
  request.sha256 = resolve->evidence;
  request.n_sha256 = resolve->n_evidence;
  ProtobufCMessage *response = NULL;
  const wg_status status =
      wg_intake_call(tracking->asks, "wangge.v1.Intake/LackingAttachments", &request.base,
                     &wangge__v1__lacking_attachments_response__descriptor, call->arena, &response, error);
  if (status == WG_UNAVAILABLE) snprintf(error->field, sizeof error->field, "evidence");
  if (status != WG_OK) return status;
  const Wangge__V1__LackingAttachmentsResponse *lacking = (const Wangge__V1__LackingAttachmentsResponse *)response;
  if (!lacking->n_sha256) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "evidence",
                 "the order has no attachment %s: bring it first (wangge attach put --order %lld)", lacking->sha256[0],
                 (long long)resolve->order_id);
}
