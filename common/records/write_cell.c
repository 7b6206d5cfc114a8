// Value -> text form.

#include "common/records/cell.h"

#include "common/wire/wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void escaped(struct wg_buffer *out, const char *text, const char *special) {
  for (; *text != 0; text++) {
    if (*text == '\\' || strchr(special, *text) != NULL) wg_buffer_text(out, "\\");
    wg_buffer_append(out, text, 1);
  }
}

static const char *label_of(const struct wg_column *column, const char *value, bool labels) {
  for (size_t i = 0; labels && i < column->value_count; i++)
    if (strcmp(column->values[i], value) == 0) return column->value_labels[i];
  return value;
}

// real writes the shortest form that reads back as the same number.
static void real(struct wg_buffer *out, double value) {
  size_t before = out->size;
  wg_buffer_printf(out, "%.15g", value);
  if (strtod(wg_buffer_cstr(out) + before, NULL) == value) return;
  out->size = before;
  wg_buffer_printf(out, "%.17g", value);
}

static void steps(struct wg_buffer *out, Wangge__V1__ListStep *const *step, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i > 0) wg_buffer_text(out, "|");
    wg_buffer_printf(out, "%d;", step[i]->n);
    escaped(out, step[i]->title, "|;");
    wg_buffer_text(out, ";");
    escaped(out, step[i]->who, "|;");
    wg_buffer_printf(out, ";%d", step[i]->days);
    bool condition = step[i]->condition[0] != 0;
    if (step[i]->n_next > 0 || condition) wg_buffer_text(out, ";");
    for (size_t next = 0; next < step[i]->n_next; next++)
      wg_buffer_printf(out, "%s%d", next > 0 ? "," : "", step[i]->next[next]);
    if (!condition) continue;
    wg_buffer_text(out, ";");
    escaped(out, step[i]->condition, "|;");
  }
}

static void single(const struct wg_column *column, const void *at, bool labels, struct wg_buffer *out) {
  char name[32];
  switch (column->type) {
  case WG_COLUMN_TEXT:
  case WG_COLUMN_DATE:
  case WG_COLUMN_TIME:
  case WG_COLUMN_WKT:
    if (*(char *const *)at != NULL) wg_buffer_text(out, label_of(column, *(char *const *)at, labels));
    break;
  case WG_COLUMN_INT:
    if (*(const int32_t *)at != 0 || column->required) wg_buffer_printf(out, "%" PRId32, *(const int32_t *)at);
    break;
  case WG_COLUMN_DOUBLE:
    if (*(const double *)at != 0) real(out, *(const double *)at);
    break;
  case WG_COLUMN_BOOL:
    if (labels) wg_buffer_text(out, *(const protobuf_c_boolean *)at ? "是" : "否");
    else wg_buffer_text(out, *(const protobuf_c_boolean *)at ? "true" : "false");
    break;
  case WG_COLUMN_ENUM:
    if (*(const int *)at == 0) break;
    wg_enum_name(column->descriptor->descriptor, *(const int *)at, name);
    wg_buffer_text(out, label_of(column, name, labels));
    break;
  case WG_COLUMN_STEPS:
    abort(); // repeated
  }
}

void wg_record_cell(const Wangge__V1__Record *record, const struct wg_column *column, bool labels,
                    struct wg_buffer *out) {
  if (column->descriptor == NULL) {
    wg_buffer_text(out, strcmp(column->field, "code") == 0 ? record->code : record->district);
    return;
  }
  const char *body = (const char *)wg_record_body(record);
  if (body == NULL) return;
  const void *at = body + column->descriptor->offset;
  if (!column->repeated) {
    single(column, at, labels, out);
    return;
  }
  size_t count = *(const size_t *)(const void *)(body + column->descriptor->quantifier_offset);
  if (column->type == WG_COLUMN_STEPS) {
    steps(out, *(Wangge__V1__ListStep * *const *)at, count);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    if (i > 0) wg_buffer_text(out, "|");
    escaped(out, label_of(column, (*(char **const *)at)[i], labels), "|");
  }
}
