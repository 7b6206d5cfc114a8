// See parts.h: days, checks, findings, lists.
#include "services/land/tender/parts.h"

#include "common/base/text.h"
#include "services/land/tender/term.h"

#include <string.h>

wg_status tender_check_day(const char *text, const char *field, int32_t *day, struct wg_error *error) {
  if (land_day_read(text, day) && *day < wg_day_number(LAND_TERM_LAST_YEAR + 1, 1, 1)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be a civil day that exists, YYYY-MM-DD, up to %d",
                 LAND_TERM_LAST_YEAR);
}

wg_status tender_check_document(const char *text, bool required, const char *field, struct wg_error *error) {
  if (!*text && !required) return WG_OK;
  return wg_hash_check(text, field, error);
}

wg_status tender_check_documents(char *const *documents, size_t count, bool required, const char *field,
                                 struct wg_error *error) {
  if (count > TENDER_DOCUMENTS_MOST || (required && !count))
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be %d to %d documents", required, TENDER_DOCUMENTS_MOST);
  for (size_t i = 0; i < count; i++) {
    const wg_status status = wg_hash_check(documents[i], field, error);
    if (status != WG_OK) return status;
  }
  return WG_OK;
}

wg_status tender_check_line(const char *text, bool required, const char *field, struct wg_error *error) {
  return wg_text_check(text, TENDER_LINE_BYTES, WG_TEXT_ONE_LINE | WG_TEXT_PLAIN | (required ? WG_TEXT_REQUIRED : 0),
                       field, error);
}

wg_status tender_check_reason(const struct land_write *write, struct wg_error *error) {
  if (*write->write->reason) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must say why");
}

wg_status tender_refuse(struct land_write *write, const char *code, const char *pointer, int32_t earliest,
                        const char *zh, const char *en) {
  return land_refuse(write,
                     (struct land_what){.code = code, .pointer = pointer, .earliest = earliest, .zh = zh, .en = en});
}

wg_status tender_wrong(struct land_write *write, const char *code, const char *pointer, const char *zh,
                       const char *en) {
  return land_refuse(
      write, (struct land_what){.code = code, .status = WG_INVALID_ARGUMENT, .pointer = pointer, .zh = zh, .en = en});
}

void tender_warn(struct land_write *write, const char *code, const char *pointer, const char *zh, const char *en) {
  land_find(write, (struct land_what){.code = code,
                                      .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING,
                                      .pointer = pointer,
                                      .zh = zh,
                                      .en = en});
}

char *tender_copy(const struct land_write *write, const char *text) {
  return wg_arena_strdup(write->arena, text);
}

ProtobufCBinaryData tender_bytes(const struct land_write *write, const void *data, size_t size) {
  if (!size) return (ProtobufCBinaryData){0, NULL};
  uint8_t *copy = wg_arena_alloc(write->arena, size);
  memcpy(copy, data, size);
  return (ProtobufCBinaryData){size, copy};
}

void tender_push(const struct land_write *write, void ***items, size_t *count, void *item) {
  void **more = wg_arena_alloc(write->arena, (*count + 1) * sizeof(void *));
  if (*count) memcpy(more, *items, *count * sizeof(void *));
  more[(*count)++] = item;
  *items = more;
}

const Wangge__V1__Lot *tender_lot(const Wangge__V1__Tender *tender, const char *lot_id) {
  for (size_t i = 0; i < tender->n_lots; i++) {
    if (strcmp(tender->lots[i]->id, lot_id) == 0) return tender->lots[i];
  }
  return NULL;
}

const char *tender_ranking_id(const struct land_write *write, const char *tender_id, const char *lot_id) {
  return land_text(write, "%s.%s", tender_id, lot_id);
}
