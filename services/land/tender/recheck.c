// See recheck.h.
#include "services/land/tender/recheck.h"

#include "services/land/tender/parts.h"

#include <string.h>

#define STATE(NAME) WANGGE__V1__RANKING_STATE__RANKING_STATE_##NAME

static bool same_field(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *a, const ProtobufCMessage *b);

// same gives the name of the first member in which two messages of a type differ; NULL: none. Their packed bytes would
// tell as well, but not where.
static const char *same(const ProtobufCMessage *a, const ProtobufCMessage *b) {
  for (unsigned i = 0; i < a->descriptor->n_fields; i++) {
    if (!same_field(&a->descriptor->fields[i], a, b)) return a->descriptor->fields[i].name;
  }
  return NULL;
}

static bool same_value(const ProtobufCFieldDescriptor *field, const void *a, const void *b) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_STRING:
    return strcmp(*(char *const *)a, *(char *const *)b) == 0;
  case PROTOBUF_C_TYPE_BYTES: {
    const ProtobufCBinaryData *left = a, *right = b;
    return left->len == right->len && (!left->len || memcmp(left->data, right->data, left->len) == 0);
  }
  case PROTOBUF_C_TYPE_MESSAGE: {
    const ProtobufCMessage *left = *(ProtobufCMessage *const *)a, *right = *(ProtobufCMessage *const *)b;
    return left && right ? same(left, right) == NULL : left == right;
  }
  case PROTOBUF_C_TYPE_INT64:
    return *(const int64_t *)a == *(const int64_t *)b;
  case PROTOBUF_C_TYPE_BOOL:
    return *(const protobuf_c_boolean *)a == *(const protobuf_c_boolean *)b;
  default: // of the types a ranking has: int32 and enums
    return *(const int32_t *)a == *(const int32_t *)b;
  }
}

static size_t value_size(const ProtobufCFieldDescriptor *field) {
  return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE ? sizeof(void *)
                                                                                         : sizeof(int32_t);
}

static bool same_field(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *a, const ProtobufCMessage *b) {
  const char *left = (const char *)a + field->offset, *right = (const char *)b + field->offset;
  if (field->label != PROTOBUF_C_LABEL_REPEATED) return same_value(field, left, right);
  const size_t count = *(const size_t *)((const char *)a + field->quantifier_offset);
  if (count != *(const size_t *)((const char *)b + field->quantifier_offset)) return false;
  const char *items = *(char *const *)left, *others = *(char *const *)right;
  for (size_t i = 0; i < count; i++) {
    if (!same_value(field, items + i * value_size(field), others + i * value_size(field))) return false;
  }
  return true;
}

static const char *fault_of(const struct land_write *write, const Wangge__V1__Ranking *stored,
                            const Wangge__V1__Ranking *computed) {
  const char *member = same(&stored->base, &computed->base);
  if (!member || strcmp(member, "rows") != 0 || stored->n_rows != computed->n_rows) return member;
  for (size_t i = 0; i < stored->n_rows; i++) {
    const char *inner = same(&stored->rows[i]->base, &computed->rows[i]->base);
    if (inner) return land_text(write, "rows[%zu].%s", i, inner);
  }
  return member;
}

static const Wangge__V1__Tender *tender_in(const Wangge__V1__LandEntry *entry, const char *id) {
  for (size_t i = 0; i < entry->n_records; i++) {
    if (entry->records[i]->body_case == WANGGE__V1__LAND_RECORD__BODY_TENDER && strcmp(entry->records[i]->id, id) == 0)
      return entry->records[i]->tender;
  }
  return NULL;
}

// compute gives the ranking as it should be; NULL without error: this entry does neither.
static wg_status compute(struct land_write *write, const struct tender_recheck_entry *at,
                         const Wangge__V1__LandRecord *record, Wangge__V1__Ranking **computed, struct wg_error *error) {
  const Wangge__V1__Ranking *stored = record->ranking;
  const Wangge__V1__Ranking *before = LAND_GET(write, RANKING, ranking, record->id);
  const Wangge__V1__Tender *tender = tender_in(at->entry, stored->tender_id);
  const Wangge__V1__Lot *lot = tender ? tender_lot(tender, stored->lot_id) : NULL;
  *computed = NULL;
  if (!lot || !tender->progress) return WG_OK;
  if (!before && stored->state == STATE(CLOSED)) {
    *computed = land_make(write, LAND_KIND(RANKING), record->id);
    if (tender->progress->close_root.len != sizeof at->root ||
        memcmp(tender->progress->close_root.data, at->root, sizeof at->root) != 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, "close_root", "of %s is not the root of the ledger before its closing",
                     record->id);
    return tender_lot_facts(write, stored->tender_id, tender, lot, *computed, error);
  }
  if (before && before->state == STATE(CLOSED) && stored->state == STATE(RANKED)) {
    *computed = land_change(write, LAND_KIND(RANKING), record->id);
    tender_rank(write, tender, lot, *computed);
    (*computed)->state = STATE(RANKED);
  }
  return WG_OK;
}

wg_status tender_recheck(const struct wg_book *book, const struct tender_recheck_entry *at, struct wg_arena *arena,
                         tender_rechecked_one *one, void *context, struct wg_error *error) {
  for (size_t i = 0; i < at->entry->n_records; i++) {
    const Wangge__V1__LandRecord *record = at->entry->records[i];
    if (record->body_case != WANGGE__V1__LAND_RECORD__BODY_RANKING || record->ended) continue;
    Wangge__V1__LandWrite given = WANGGE__V1__LAND_WRITE__INIT;
    given.village = (char *)(uintptr_t)at->village;
    struct land_write write = {.write = &given,
                               .book = wg_book_draft(book, arena),
                               .arena = arena,
                               .now = at->at_us,
                               .next_seq = (int64_t)at->seq};
    Wangge__V1__Ranking *computed;
    const wg_status status = compute(&write, at, record, &computed, error);
    if (status != WG_OK) return status;
    if (!computed) continue;
    struct tender_rechecked checked = {.id = record->id,
                                       .ranked = record->ranking->state == STATE(RANKED),
                                       .rows = record->ranking->n_rows,
                                       .fault = fault_of(&write, record->ranking, computed)};
    if (record->ranking->result_sha256.len == sizeof checked.result_sha256)
      memcpy(checked.result_sha256, record->ranking->result_sha256.data, sizeof checked.result_sha256);
    one(context, &checked);
  }
  return WG_OK;
}
