// One connection to intake for calls whose answer is waited for, shared by the reader threads of a service: what a
// service has to know of intake's attachments before it accepts a record (wg_method.ask).
#pragma once

#include "common/base/arena.h"
#include "common/stage/stage.h"

#include "wangge/v1/intake.pb-c.h"

struct wg_intake;
// endpoint of intake; identity as the stage gave it. The connection is made when it is first needed.
struct wg_intake *wg_intake_create(const char *endpoint, const struct wg_identity *identity);
void wg_intake_close(struct wg_intake *intake); // NULL is allowed; behind the last reader thread

// wg_intake_call: the answer, of type `answers`, lives in the arena. UNAVAILABLE (field NULL): intake does not answer,
// or refuses the call as a whole; the message says why and that nothing was done.
wg_status wg_intake_call(struct wg_intake *intake, const char *method, const ProtobufCMessage *request,
                         const ProtobufCMessageDescriptor *answers, struct wg_arena *arena, ProtobufCMessage **answer,
                         struct wg_error *error);

// Files that a record names, and where it names each: "photos[0]".
struct wg_kept_files {
  Wangge__V1__Attachment **file;
  char **path;
  size_t count;
};
void wg_kept_files_add(struct wg_kept_files *files, Wangge__V1__Attachment *file, const char *path,
                       struct wg_arena *arena);
// wg_intake_keep makes intake keep them for a record that `by` is about to make (Intake/KeepAttachments).
// INVALID_ARGUMENT names the first that cannot be kept by its path and, when `parts`, the part of it that is wrong
// ("photos[0].media_type"); UNAVAILABLE as wg_intake_call, with the first path.
wg_status wg_intake_keep(struct wg_intake *intake, const Wangge__V1__KeptRecord *record, const char *by,
                         const struct wg_kept_files *files, bool parts, struct wg_arena *arena, struct wg_error *error);
