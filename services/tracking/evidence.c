// See evidence.h. One connection for all reader threads: feedbacks with evidence are a few a second.
#include "services/tracking/evidence.h"

#include "services/tracking/tracking.h"

#include "common/client/wangge.h"
#include "common/wire/wire.h"

#include "wangge/v1/intake.pb-c.h"

#include <pthread.h>
#include <stdlib.h>

enum { CALL_MS = 5000 };

struct evidence {
  char *endpoint;
  const struct wg_identity *identity;
  pthread_mutex_t mutex;
  wangge_client *client; // under the mutex; NULL: not made yet, or lost
};

struct evidence *evidence_create(const char *endpoint, const struct wg_identity *identity) {
  struct evidence *evidence = wg_zalloc(sizeof *evidence);
  evidence->endpoint = wg_strdup(endpoint);
  evidence->identity = identity;
  pthread_mutex_init(&evidence->mutex, NULL);
  return evidence;
}

void evidence_close(struct evidence *evidence) {
  if (!evidence) return;
  wangge_close(evidence->client);
  pthread_mutex_destroy(&evidence->mutex);
  free(evidence->endpoint);
  free(evidence);
}

bool tracking_evidence_asks(const void *service, const ProtobufCMessage *request) {
  const struct tracking *tracking = service;
  return tracking->evidence && ((const Wangge__V1__ResolveRequest *)request)->n_evidence > 0;
}

static wg_status unavailable(const char *why, struct wg_error *error) {
  return wg_fail(error, WG_UNAVAILABLE, "evidence",
                 "intake cannot be asked whether the order has it (%.200s); nothing was done, try again later", why);
}

static wg_status open_client(struct evidence *evidence, struct wg_error *error) {
  if (evidence->client) return WG_OK;
  struct wg_principal intake;
  if (!wg_principals_by_name(evidence->identity->principals, "intake", &intake))
    return unavailable("the principals file has no intake", error);
  evidence->client = wangge_open(&(struct wangge_options){.key_file = evidence->identity->key_file,
                                                          .endpoint = evidence->endpoint,
                                                          .server_key = intake.key,
                                                          .timeout_ms = CALL_MS});
  return evidence->client ? WG_OK : unavailable(wangge_open_error(), error);
}

// ask_intake calls; what it gives lives in the arena.
static wg_status ask_intake(struct evidence *evidence, struct wg_bytes request, struct wg_arena *arena,
                            ProtobufCMessage **response, struct wg_error *error) {
  const wg_status status = open_client(evidence, error);
  if (status != WG_OK) return status;
  const void *body;
  size_t size;
  if (wangge_call(evidence->client, "wangge.v1.Intake/LackingAttachments", request.data, request.size, &body, &size) !=
      WG_OK) {
    unavailable(wangge_error(evidence->client), error);
    wangge_close(evidence->client); // with the keys as they are by then it is opened anew
    evidence->client = NULL;
    return WG_UNAVAILABLE;
  }
  return wg_unpack(&wangge__v1__lacking_attachments_response__descriptor, (struct wg_bytes){body, size}, arena,
                   response, error);
}

wg_status tracking_evidence_ask(const struct wg_read_call *call, struct wg_error *error) {
  const struct tracking *tracking = call->service;
  const Wangge__V1__ResolveRequest *resolve = (const Wangge__V1__ResolveRequest *)call->request;
  Wangge__V1__LackingAttachmentsRequest request = WANGGE__V1__LACKING_ATTACHMENTS_REQUEST__INIT;
  request.order_id = resolve->order_id;
  request.sha256 = resolve->evidence;
  request.n_sha256 = resolve->n_evidence;
  ProtobufCMessage *response = NULL;
  pthread_mutex_lock(&tracking->evidence->mutex);
  const wg_status status =
      ask_intake(tracking->evidence, wg_pack(&request.base, call->arena), call->arena, &response, error);
  pthread_mutex_unlock(&tracking->evidence->mutex);
  if (status != WG_OK) return status;
  const Wangge__V1__LackingAttachmentsResponse *lacking = (const Wangge__V1__LackingAttachmentsResponse *)response;
  if (!lacking->n_sha256) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "evidence",
                 "the order has no attachment %s: bring it first (wangge attach put --order %lld)", lacking->sha256[0],
                 (long long)resolve->order_id);
}
