// See facts.h.
#include "services/tracking/facts.h"

#include <inttypes.h>

static char *text_at(const PGresult *result, int row, int column, struct wg_arena *arena) {
  return wg_arena_strdup(arena, wg_get_text(result, row, column));
}

static wg_status unreadable(const char *what, int64_t order_id, struct wg_error *error) {
  return wg_fail(error, WG_DATA_LOSS, NULL, "the %s of order %" PRId64 " cannot be read", what, order_id);
}

// read_facts begins a case with what is packed; the columns come on top.
static bool read_facts(struct wg_bytes bytes, struct wg_arena *arena, struct tracking_case *subject) {
  if (!bytes.size) return true;
  Wangge__V1__CaseFacts *facts = wangge__v1__case_facts__unpack(wg_arena_protobuf(arena), bytes.size, bytes.data);
  if (!facts) return false;
  subject->facts = *facts;
  subject->facts.case_ = NULL;
  if (facts->case_) subject->row = *facts->case_;
  return true;
}

wg_status tracking_row_read(const PGresult *result, int row, struct wg_arena *arena, struct tracking_case *subject,
                            struct wg_error *error) {
  const int64_t order_id = wg_get_i64(result, row, 0);
  tracking_case_init(subject, order_id);
  if (!read_facts(wg_get_bytea(result, row, 24), arena, subject)) return unreadable("facts", order_id, error);
  Wangge__V1__Case *c = &subject->row;
  c->order_id = order_id;
  c->district = text_at(result, row, 1, arena);
  c->source = text_at(result, row, 2, arena);
  c->state = (Wangge__V1__CaseState)wg_get_i16(result, row, 3);
  c->department = text_at(result, row, 4, arena);
  c->urgency = (Wangge__V1__Urgency)wg_get_i16(result, row, 5);
  c->category = text_at(result, row, 6, arena);
  c->title = text_at(result, row, 7, arena);
  c->opened_at = wg_get_time(result, row, 8);
  c->dispatched_at = wg_get_time(result, row, 9);
  c->due_at = wg_get_time(result, row, 10);
  c->due_rule = text_at(result, row, 11, arena);
  c->resolved_at = wg_get_time(result, row, 12);
  c->result = text_at(result, row, 13, arena);
  c->channel = (Wangge__V1__Channel)wg_get_i16(result, row, 14);
  c->kind = (Wangge__V1__OrderKind)wg_get_i16(result, row, 15);
  c->grid_code = text_at(result, row, 16, arena);
  c->round = wg_get_i16(result, row, 17);
  c->problem_id = wg_is_null(result, row, 18) ? 0 : wg_get_i64(result, row, 18);
  subject->steps = wg_get_i32(result, row, 19);
  subject->provisional_from = wg_get_time(result, row, 20);
  subject->next_at = wg_get_time(result, row, TRACKING_NEXT_AT);
  subject->routed_to = text_at(result, row, 22, arena);
  subject->routed_at = wg_get_time(result, row, 23);
  if (*subject->routed_to) {
    c->first_department = (char *)(uintptr_t)subject->routed_to;
    c->first_dispatched_at = subject->routed_at;
  }
  subject->exists = subject->stored = true;
  return WG_OK;
}

// without_columns is a case with the fields that are columns left empty.
static Wangge__V1__Case without_columns(const struct tracking_case *subject) {
  Wangge__V1__Case rest = subject->row;
  char *const empty = (char *)(uintptr_t) "";
  rest.order_id = rest.problem_id = 0;
  rest.district = rest.source = rest.department = rest.category = rest.title = empty;
  rest.due_rule = rest.result = rest.grid_code = empty;
  rest.state = WANGGE__V1__CASE_STATE__CASE_STATE_UNSPECIFIED;
  rest.urgency = WANGGE__V1__URGENCY__URGENCY_UNSPECIFIED;
  rest.channel = WANGGE__V1__CHANNEL__CHANNEL_UNSPECIFIED;
  rest.kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_UNSPECIFIED;
  rest.opened_at = rest.dispatched_at = rest.due_at = rest.resolved_at = 0;
  rest.round = 0;
  if (*subject->routed_to) {
    rest.first_department = empty;
    rest.first_dispatched_at = 0;
  }
  return rest;
}

struct wg_bytes tracking_facts_pack(const struct tracking_case *subject, struct wg_arena *arena) {
  Wangge__V1__Case rest = without_columns(subject);
  Wangge__V1__CaseFacts facts = subject->facts;
  facts.case_ = wangge__v1__case__get_packed_size(&rest) ? &rest : NULL;
  const size_t size = wangge__v1__case_facts__get_packed_size(&facts);
  uint8_t *data = size ? wg_arena_alloc(arena, size) : NULL;
  if (size) wangge__v1__case_facts__pack(&facts, data);
  return (struct wg_bytes){data, size};
}

// --- steps ---
Wangge__V1__CaseStep tracking_step_message(const struct tracking_step *step, int32_t n) {
  Wangge__V1__CaseStep message = WANGGE__V1__CASE_STEP__INIT;
  message.n = n;
  message.at = step->at;
  message.kind = (char *)(uintptr_t)step->kind;
  message.department = (char *)(uintptr_t)step->department;
  message.by = (char *)(uintptr_t)step->by;
  message.note = (char *)(uintptr_t)step->note;
  message.state = step->state;
  message.due_at = step->due_at;
  message.detail_case = step->detail;
  message.contact = (Wangge__V1__ContactTry *)(uintptr_t)step->part; // whichever it is: one pointer of a union
  return message;
}

struct wg_bytes tracking_detail_pack(const struct tracking_step *step, struct wg_arena *arena) {
  const struct tracking_step rest = {.kind = "",
                                     .department = "",
                                     .by = "",
                                     .note = "",
                                     .state = step->state,
                                     .due_at = step->due_at,
                                     .detail = step->detail,
                                     .part = step->part};
  const Wangge__V1__CaseStep message = tracking_step_message(&rest, 0);
  const size_t size = wangge__v1__case_step__get_packed_size(&message);
  uint8_t *data = size ? wg_arena_alloc(arena, size) : NULL;
  if (size) wangge__v1__case_step__pack(&message, data);
  return (struct wg_bytes){data, size};
}

wg_status tracking_detail_read(struct wg_bytes detail, struct wg_arena *arena, Wangge__V1__CaseStep **step,
                               struct wg_error *error) {
  *step = wangge__v1__case_step__unpack(wg_arena_protobuf(arena), detail.size,
                                        detail.data ? detail.data : (const uint8_t *)"");
  return *step ? WG_OK : wg_fail(error, WG_DATA_LOSS, NULL, "a step of the case cannot be read");
}
