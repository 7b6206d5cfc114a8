// See intake.h. One connection for all reader threads: records with files are a few a second.
#include "common/orders/intake.h"

#include "common/client/wangge.h"
#include "common/wire/wire.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 5000, FILES_A_CALL = 1000 };

struct wg_intake {
  char *endpoint;
  const struct wg_identity *identity;
  pthread_mutex_t mutex;
  wangge_client *client; // under the mutex; NULL: not made yet, or lost
};

struct wg_intake *wg_intake_create(const char *endpoint, const struct wg_identity *identity) {
  struct wg_intake *intake = wg_zalloc(sizeof *intake);
  intake->endpoint = wg_strdup(endpoint);
  intake->identity = identity;
  pthread_mutex_init(&intake->mutex, NULL);
  return intake;
}

void wg_intake_close(struct wg_intake *intake) {
  if (!intake) return;
  wangge_close(intake->client);
  pthread_mutex_destroy(&intake->mutex);
  free(intake->endpoint);
  free(intake);
}

static wg_status unavailable(const char *why, struct wg_error *error) {
  return wg_fail(error, WG_UNAVAILABLE, NULL,
                 "intake cannot be asked for the files (%.200s); nothing was done, try again later", why);
}

static wg_status open_client(struct wg_intake *intake, struct wg_error *error) {
  if (intake->client) return WG_OK;
  struct wg_principal server;
  if (!wg_principals_by_name(intake->identity->principals, "intake", &server))
    return unavailable("the principals file has no intake", error);
  intake->client = wangge_open(&(struct wangge_options){.key_file = intake->identity->key_file,
                                                        .endpoint = intake->endpoint,
                                                        .server_key = server.key,
                                                        .timeout_ms = CALL_MS});
  return intake->client ? WG_OK : unavailable(wangge_open_error(), error);
}

static wg_status call_locked(struct wg_intake *intake, const char *method, struct wg_bytes request,
                             struct wg_arena *arena, struct wg_bytes *answer, struct wg_error *error) {
  const wg_status status = open_client(intake, error);
  if (status != WG_OK) return status;
  const void *body;
  size_t size;
  if (wangge_call(intake->client, method, request.data, request.size, &body, &size) != WG_OK) {
    unavailable(wangge_error(intake->client), error);
    wangge_close(intake->client); // with the keys as they are by then it is opened anew
    intake->client = NULL;
    return WG_UNAVAILABLE;
  }
  uint8_t *copy = wg_arena_alloc(arena, size + 1);
  if (size) memcpy(copy, body, size);
  *answer = (struct wg_bytes){copy, size};
  return WG_OK;
}

wg_status wg_intake_call(struct wg_intake *intake, const char *method, const ProtobufCMessage *request,
                         const ProtobufCMessageDescriptor *answers, struct wg_arena *arena, ProtobufCMessage **answer,
                         struct wg_error *error) {
  const struct wg_bytes packed = wg_pack(request, arena);
  struct wg_bytes body;
  pthread_mutex_lock(&intake->mutex);
  const wg_status status = call_locked(intake, method, packed, arena, &body, error);
  pthread_mutex_unlock(&intake->mutex);
  return status == WG_OK ? wg_unpack(answers, body, arena, answer, error) : status;
}

// --- files that a record names ---
void wg_kept_files_add(struct wg_kept_files *files, Wangge__V1__Attachment *file, const char *path,
                       struct wg_arena *arena) {
  if ((files->count & (files->count - 1)) == 0) { // full at each power of two
    const size_t room = files->count ? 2 * files->count : 1;
    Wangge__V1__Attachment **file_room = wg_arena_alloc(arena, room * sizeof(*file_room));
    char **path_room = wg_arena_alloc(arena, room * sizeof(*path_room));
    if (files->count) {
      memcpy(file_room, files->file, files->count * sizeof(*file_room));
      memcpy(path_room, files->path, files->count * sizeof(*path_room));
    }
    files->file = file_room;
    files->path = path_room;
  }
  files->path[files->count] = wg_arena_strdup(arena, path);
  files->file[files->count++] = file;
}

// keep_some keeps a part of them; `at` is where the part begins.
static wg_status keep_some(struct wg_intake *intake, const Wangge__V1__KeepAttachmentsRequest *request, size_t at,
                           const struct wg_kept_files *files, bool parts, struct wg_arena *arena,
                           struct wg_error *error) {
  ProtobufCMessage *answer = NULL;
  const wg_status status = wg_intake_call(intake, "wangge.v1.Intake/KeepAttachments", &request->base,
                                          &wangge__v1__keep_attachments_response__descriptor, arena, &answer, error);
  if (status == WG_UNAVAILABLE) snprintf(error->field, sizeof error->field, "%s", files->path[at]);
  if (status != WG_OK) return status;
  const Wangge__V1__AttachmentFault *fault = ((const Wangge__V1__KeepAttachmentsResponse *)answer)->fault;
  if (!fault) return WG_OK;
  if (fault->index < 0 || (size_t)fault->index >= request->n_files)
    return wg_fail(error, WG_INTERNAL, NULL, "intake speaks of a file that it was not asked for");
  char field[sizeof error->field];
  snprintf(field, sizeof field, "%.80s%s%.20s", files->path[at + (size_t)fault->index], parts ? "." : "",
           parts ? fault->field : "");
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s", fault->message);
}

wg_status wg_intake_keep(struct wg_intake *intake, const Wangge__V1__KeptRecord *record, const char *by,
                         const struct wg_kept_files *files, bool parts, struct wg_arena *arena,
                         struct wg_error *error) {
  wg_status status = WG_OK;
  for (size_t at = 0; at < files->count && status == WG_OK; at += FILES_A_CALL) {
    const size_t left = files->count - at;
    Wangge__V1__KeepAttachmentsRequest request = WANGGE__V1__KEEP_ATTACHMENTS_REQUEST__INIT;
    request.record = (Wangge__V1__KeptRecord *)(uintptr_t)record;
    request.by = (char *)(uintptr_t)by;
    request.files = files->file + at;
    request.n_files = left < FILES_A_CALL ? left : FILES_A_CALL;
    status = keep_some(intake, &request, at, files, parts, arena, error);
  }
  return status;
}
