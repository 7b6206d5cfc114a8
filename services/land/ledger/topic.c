#include "services/land/ledger/topic.h"

#include "common/base/text.h"
#include "services/land/land.h"

#include <inttypes.h>
#include <string.h>

enum { EVIDENCE_BYTES = 512, CHECKPOINTS_MOST = 1000 };

// --- the entry behind a restore ---
static wg_status record_restore(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__RecordRestoreRequest *request = (const void *)write->request;
  wg_status status = wg_text_check(request->evidence, EVIDENCE_BYTES,
                                   WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, "evidence", error);
  if (status != WG_OK) return status;
  if (!*write->write->reason) return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must be given");
  if (request->lost_to < write->next_seq)
    return land_refuse(write,
                       (struct land_what){
                           .code = "restore.not_lost",
                           .pointer = "/lost_to",
                           .zh = land_text(write, "第 %" PRId64 " 条仍在账本中；丢失的从第 %" PRId64 " 条起",
                                           request->lost_to, write->next_seq),
                           .en = land_text(write, "entry %" PRId64 " is in the ledger; what is lost begins at %" PRId64,
                                           request->lost_to, write->next_seq),
                       });
  Wangge__V1__LandRestore *restore = land_make(write, LAND_KIND(RESTORE), land_new_id(write, "restore"));
  restore->lost_from = write->next_seq;
  restore->lost_to = request->lost_to;
  restore->evidence = request->evidence;
  return WG_OK;
}

static const struct land_action ACTIONS[] = {
    {"record_restore", &wangge__v1__record_restore_request__descriptor, record_restore},
    {NULL},
};

// --- checks before a reader ---
// Every reading call begins with the village.
static wg_status check_village(const struct wg_principal *caller, const ProtobufCMessage *request,
                               struct wg_error *error) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(request->descriptor, 1);
  const char *village = *(char *const *)(const void *)((const char *)request + field->offset);
  if (!wg_all_digits(village, LAND_VILLAGE_DIGITS))
    return wg_fail(error, WG_INVALID_ARGUMENT, "village", "must be the 12 digits of a village");
  return land_check_village(caller, village, error);
}

static wg_status check_from(int64_t number, const char *field, struct wg_error *error) {
  return number >= 0 ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, field, "must not be negative");
}

static wg_status check_head(const struct wg_principal *caller, const ProtobufCMessage *message,
                            struct wg_error *error) {
  const Wangge__V1__LedgerHeadRequest *request = (const void *)message;
  const wg_status status = check_village(caller, message, error);
  return status == WG_OK ? check_from(request->size, "size", error) : status;
}

static wg_status check_entries(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  const Wangge__V1__LedgerEntriesRequest *request = (const void *)message;
  wg_status status = check_village(caller, message, error);
  if (status == WG_OK) status = check_from(request->from, "from", error);
  if (status == WG_OK) status = check_from(request->to, "to", error);
  return status == WG_OK ? check_from(request->limit, "limit", error) : status;
}

static wg_status check_entry_proof(const struct wg_principal *caller, const ProtobufCMessage *message,
                                   struct wg_error *error) {
  const Wangge__V1__ProveEntryRequest *request = (const void *)message;
  wg_status status = check_village(caller, message, error);
  if (status == WG_OK) status = check_from(request->seq, "seq", error);
  return status == WG_OK ? check_from(request->size, "size", error) : status;
}

static wg_status check_growth_proof(const struct wg_principal *caller, const ProtobufCMessage *message,
                                    struct wg_error *error) {
  const Wangge__V1__ProveGrowthRequest *request = (const void *)message;
  wg_status status = check_village(caller, message, error);
  if (status == WG_OK) status = check_from(request->from, "from", error);
  return status == WG_OK ? check_from(request->to, "to", error) : status;
}

static wg_status check_stored(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  const Wangge__V1__StoredRecordsRequest *request = (const void *)message;
  const wg_status status = check_village(caller, message, error);
  return status == WG_OK ? check_from(request->limit, "limit", error) : status;
}

static wg_status check_checkpoints(const struct wg_principal *caller, const ProtobufCMessage *message,
                                   struct wg_error *error) {
  const Wangge__V1__ListCheckpointsRequest *request = (const void *)message;
  const size_t digits = strlen(request->village);
  if ((digits != LAND_VILLAGE_DIGITS && digits != LAND_DISTRICT_DIGITS) || !wg_all_digits(request->village, digits))
    return wg_fail(error, WG_INVALID_ARGUMENT, "village", "must be the 12 digits of a village or the 6 of a district");
  if (request->limit < 0 || request->limit > CHECKPOINTS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", CHECKPOINTS_MOST);
  return land_check_village(caller, request->village, error);
}

#define READ(NAME, REQUEST, RESPONSE, ROLES, CHECK, FUNCTION, WRITES)                                                  \
  {                                                                                                                    \
    .name = "wangge.v1.LandLedger/" NAME, .request = &wangge__v1__##REQUEST##__descriptor,                             \
    .response = &wangge__v1__##RESPONSE##__descriptor, .kind = WG_METHOD_READ, .roles = (ROLES),                       \
    .check = check_##CHECK, .read = land_read_##FUNCTION, .writes_audit = (WRITES)                                     \
  }
static const struct wg_method METHODS[] = {
    READ("LedgerHead", ledger_head_request, ledger_head_response, WG_ROLE_ANY, head, head, false),
    READ("LedgerEntries", ledger_entries_request, ledger_entries_response, WG_ROLE_ANY, entries, entries, false),
    READ("ProveEntry", prove_entry_request, prove_entry_response, WG_ROLE_ANY, entry_proof, entry_proof, false),
    READ("ProveGrowth", prove_growth_request, prove_growth_response, WG_ROLE_ANY, growth_proof, growth_proof, false),
    READ("StoredRecords", stored_records_request, stored_records_response, WG_ROLE_ANY, stored, stored, false),
    READ("MakeCheckpoint", make_checkpoint_request, ledger_checkpoint, LAND_KEEPERS | WG_ROLE_TOWNSHIP, village,
         make_checkpoint, true),
    READ("ListCheckpoints", list_checkpoints_request, list_checkpoints_response, WG_ROLE_ANY, checkpoints, checkpoints,
         false),
    {.name = "wangge.v1.LandLedger/RecordRestore",
     .request = &wangge__v1__record_restore_request__descriptor,
     .response = &wangge__v1__land_reply__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_REGISTRAR,
     .check = land_check_write},
    {.name = NULL},
};

const struct land_topic LAND_LEDGER_TOPIC = {.methods = METHODS, .actions = ACTIONS};
