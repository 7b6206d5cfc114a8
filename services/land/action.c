// See action.h.
#include "services/land/action.h"

#include "common/wire/wire.h"
#include "services/land/ledger/hash.h"
#include "services/land/policy.h"
#include "services/land/topic.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// --- reading ---
static const struct wg_book_entry *entry_of(const struct land_write *write, int kind, const char *id) {
  return wg_book_entry(write->book, write->write->village, kind, id);
}

const Wangge__V1__LandRecord *land_get(const struct land_write *write, int kind, const char *id) {
  return wg_book_get(write->book, write->write->village, kind, id);
}

const Wangge__V1__LandRecord *land_last(const struct land_write *write, int kind, const char *id) {
  const struct wg_book_entry *entry = entry_of(write, kind, id);
  return entry ? entry->record : NULL;
}

struct wg_book_walk land_each(const struct land_write *write, int kind) {
  return wg_book_walk(write->book, write->write->village, kind, "");
}

int64_t land_policy(const struct land_write *write, const char *name) {
  const struct land_policy_value *value = land_policy_find(name);
  assert(value && "a value that policy.c lists");
  const Wangge__V1__LandRecord *own = land_get(write, LAND_KIND(POLICY), name);
  return own ? own->policy->value : value->preset;
}

// --- changing ---
// Records that this write has made or changed are marked in its draft by the number behind its entry's.
static uint64_t mark(const struct land_write *write) {
  return (uint64_t)write->next_seq + 1;
}

static Wangge__V1__LandRecord *changed_by(const struct land_write *write, int kind, const char *id) {
  const struct wg_book_entry *entry = entry_of(write, kind, id);
  if (!entry || entry->seq != mark(write)) return NULL;
  return (Wangge__V1__LandRecord *)(uintptr_t)entry->record;
}

static void note(struct land_write *write, Wangge__V1__LandRecord *record) {
  if (write->changed_count == write->changed_capacity) {
    const size_t capacity = write->changed_capacity ? write->changed_capacity * 2 : 8;
    Wangge__V1__LandRecord **changed = wg_arena_alloc(write->arena, capacity * sizeof(Wangge__V1__LandRecord *));
    if (write->changed_count) memcpy(changed, write->changed, write->changed_count * sizeof(Wangge__V1__LandRecord *));
    write->changed = changed;
    write->changed_capacity = capacity;
  }
  write->changed[write->changed_count++] = record;
  wg_book_set((struct wg_book *)(uintptr_t)write->book, record, mark(write));
}

void *land_make(struct land_write *write, int kind, const char *id) {
  const Wangge__V1__LandRecord *last = land_last(write, kind, id);
  assert(!last || last->ended);
  const ProtobufCMessageDescriptor *type = land_body_type(kind);
  ProtobufCMessage *body = wg_arena_alloc(write->arena, type->sizeof_message);
  protobuf_c_message_init(type, body);
  Wangge__V1__LandRecord *record = changed_by(write, kind, id);
  const bool known = record != NULL;
  if (!known) {
    record = wg_arena_alloc(write->arena, sizeof *record);
    wangge__v1__land_record__init(record);
    record->village = write->write->village;
    record->id = wg_arena_strdup(write->arena, id);
    record->version = last ? last->version + 1 : 1;
  }
  record->ended = false;
  land_set_body(record, kind, body);
  if (known) wg_book_set((struct wg_book *)(uintptr_t)write->book, record, mark(write));
  else note(write, record);
  return body;
}

// A copy of a record that shares nothing with it.
static Wangge__V1__LandRecord *copy(const struct land_write *write, const Wangge__V1__LandRecord *record) {
  const struct wg_bytes packed = wg_pack(&record->base, write->arena);
  ProtobufCMessage *message = protobuf_c_message_unpack(&wangge__v1__land_record__descriptor,
                                                        wg_arena_protobuf(write->arena), packed.size, packed.data);
  assert(message && "a record that was packed a moment ago");
  return (Wangge__V1__LandRecord *)message;
}

static Wangge__V1__LandRecord *change_record(struct land_write *write, int kind, const char *id) {
  Wangge__V1__LandRecord *record = changed_by(write, kind, id);
  if (record) return record;
  const Wangge__V1__LandRecord *stands = land_last(write, kind, id);
  assert(stands && "look for it first");
  record = copy(write, stands);
  record->version++;
  note(write, record);
  return record;
}

void *land_change(struct land_write *write, int kind, const char *id) {
  return (void *)(uintptr_t)land_body(change_record(write, kind, id));
}

// A record that is marked as ended must be told to the book anew, which counts tombstones.
void land_end(struct land_write *write, int kind, const char *id) {
  const Wangge__V1__LandRecord *stands = land_last(write, kind, id);
  assert(stands && "look for it first");
  if (stands->ended) return;
  Wangge__V1__LandRecord *record = copy(write, stands);
  Wangge__V1__LandRecord *mine = changed_by(write, kind, id);
  record->ended = true;
  record->due_on = (char *)(uintptr_t)protobuf_c_empty_string;
  if (!mine) {
    record->version++;
    note(write, record);
    return;
  }
  for (size_t i = 0; i < write->changed_count; i++) {
    if (write->changed[i] == mine) write->changed[i] = record;
  }
  wg_book_set((struct wg_book *)(uintptr_t)write->book, record, mark(write));
}

void land_due(struct land_write *write, int kind, const char *id, int32_t day) {
  Wangge__V1__LandRecord *record = changed_by(write, kind, id);
  assert(record && "made or changed by this write");
  record->due_on = land_day_text(write->arena, day);
}

const char *land_new_id(struct land_write *write, const char *prefix) {
  write->ids++;
  if (write->ids == 1) return land_text(write, "%s-%" PRId64, prefix, write->next_seq);
  return land_text(write, "%s-%" PRId64 "-%d", prefix, write->next_seq, write->ids);
}

void land_commit(const uint8_t salt[LAND_HASH_BYTES], const char *value, uint8_t commit[LAND_HASH_BYTES]) {
  const struct wg_bytes parts[] = {{salt, LAND_HASH_BYTES}, {(const uint8_t *)value, strlen(value)}};
  wg_sha256(parts, 2, commit);
}

ProtobufCBinaryData land_seal_value(struct land_write *write, const char *kind, const char *value) {
  struct land_seal *seal = wg_arena_zalloc(write->arena, sizeof *seal);
  seal->kind = kind;
  seal->value = value;
  randombytes_buf(seal->salt, sizeof seal->salt);
  land_commit(seal->salt, value, seal->commit);
  seal->next = write->seals;
  write->seals = seal;
  return (ProtobufCBinaryData){sizeof seal->commit, seal->commit};
}

Wangge__V1__NewOrder *land_order_push(struct land_write *write, const char *external_id) {
  struct land_order *made = wg_arena_zalloc(write->arena, sizeof *made);
  made->order = wg_arena_alloc(write->arena, sizeof *made->order);
  wangge__v1__new_order__init(made->order);
  made->order->external_id = wg_arena_strdup(write->arena, external_id);
  made->order->district = land_text(write, "%.6s", write->write->village);
  made->order->channel = WANGGE__V1__CHANNEL__CHANNEL_LAND;
  made->order->occurred_at = write->now;
  made->next = write->orders;
  write->orders = made;
  return made->order;
}

// --- findings ---
char *land_text(const struct land_write *write, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int size = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  assert(size >= 0);
  char *text = wg_arena_alloc(write->arena, (size_t)size + 1);
  vsnprintf(text, (size_t)size + 1, format, again);
  va_end(again);
  return text;
}

static char *text_or_empty(const struct land_write *write, const char *text) {
  return text && *text ? wg_arena_strdup(write->arena, text) : (char *)(uintptr_t)protobuf_c_empty_string;
}

Wangge__V1__LandFinding *land_find(struct land_write *write, struct land_what what) {
  assert(what.code && what.zh && what.en);
  Wangge__V1__LandFinding *finding = wg_arena_alloc(write->arena, sizeof *finding);
  wangge__v1__land_finding__init(finding);
  finding->code = text_or_empty(write, what.code);
  finding->severity =
      (Wangge__V1__LandSeverity)(what.severity ? what.severity : WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR);
  const bool error = finding->severity == WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR;
  if (error) finding->status = (Wangge__V1__Code)(what.status ? what.status : (int)WG_FAILED_PRECONDITION);
  finding->message_zh = text_or_empty(write, what.zh);
  finding->message_en = text_or_empty(write, what.en);
  finding->pointer = text_or_empty(write, what.pointer);
  finding->geojson = text_or_empty(write, what.geojson);
  finding->suggestion = text_or_empty(write, what.suggestion);
  finding->rule = text_or_empty(write, what.rule);
  if (what.kind) finding->kind = text_or_empty(write, land_kind_name(what.kind));
  finding->id = text_or_empty(write, what.id);
  if (what.earliest) finding->earliest = land_day_text(write->arena, what.earliest);
  write->refused |= error;
  if (write->finding_count == write->finding_capacity) {
    const size_t capacity = write->finding_capacity ? write->finding_capacity * 2 : 8;
    Wangge__V1__LandFinding **findings = wg_arena_alloc(write->arena, capacity * sizeof(Wangge__V1__LandFinding *));
    if (write->finding_count)
      memcpy(findings, write->findings, write->finding_count * sizeof(Wangge__V1__LandFinding *));
    write->findings = findings;
    write->finding_capacity = capacity;
  }
  write->findings[write->finding_count++] = finding;
  return finding;
}

wg_status land_refuse(struct land_write *write, struct land_what what) {
  what.severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR;
  land_find(write, what);
  return WG_OK;
}

wg_status land_unknown(struct land_write *write, const char *pointer, int kind, const char *id) {
  return land_refuse(write, (struct land_what){
                                .code = land_text(write, "%s.unknown", land_kind_name(kind)),
                                .status = WG_NOT_FOUND,
                                .pointer = pointer,
                                .zh = land_text(write, "本村没有编号为“%s”的%s", id, land_kind_term(kind)),
                                .en = land_text(write, "this village has no %s \"%s\"", land_kind_name(kind), id),
                                .kind = kind,
                                .id = id,
                            });
}

// --- states ---
// state_text gives the lower-case name of a value of the kind's state enum.
static const char *state_text(const struct land_write *write, int kind, int state) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(land_body_type(kind), "state");
  assert(field && field->type == PROTOBUF_C_TYPE_ENUM);
  char unknown[32];
  return wg_arena_strdup(write->arena, wg_enum_name(field->descriptor, state, unknown));
}

int land_move_to(struct land_write *write, int kind, const char *id, int state, const struct land_move *moves,
                 size_t count, const char *event, const char *pointer) {
  const char *possible = "";
  for (size_t i = 0; i < count; i++) {
    if (moves[i].from != state) continue;
    if (strcmp(moves[i].event, event) == 0) return moves[i].to;
    if (!strstr(possible, moves[i].event))
      possible = land_text(write, "%s%s%s", possible, *possible ? ", " : "", moves[i].event);
  }
  const char *name = land_kind_name(kind), *stands = state_text(write, kind, state);
  land_refuse(write, (struct land_what){
                         .code = land_text(write, "%s.state", name),
                         .pointer = pointer,
                         .zh = land_text(write, "“%s”的状态为 %s，不能进行 %s；现在可以: %s", id, stands, event,
                                         *possible ? possible : "无"),
                         .en = land_text(write, "\"%s\" is %s: %s is not possible; possible now: %s", id, stands, event,
                                         *possible ? possible : "nothing"),
                         .suggestion = possible,
                         .kind = kind,
                         .id = id,
                     });
  return -1;
}
