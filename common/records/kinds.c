// The table of kinds, made once from the descriptors of the contract and the labels.

#include "common/records/labels.h"
#include "common/records/records.h"

#include "common/wire/wire.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct wg_kind *kinds;
static struct wg_arena *memory; // of the tables, as long as the process
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *lower_snake(const char *name) {
  char *out = wg_arena_zalloc(memory, 2 * strlen(name) + 1);
  size_t size = 0;
  for (const char *c = name; *c != 0; c++) {
    if (isupper((unsigned char)*c) && c != name) out[size++] = '_';
    out[size++] = (char)tolower((unsigned char)*c);
  }
  return out;
}

// split cuts words separated by blanks; the list ends with NULL.
static const char **split(const char *words, size_t *count) {
  char *text = wg_arena_strdup(memory, words), *state = NULL;
  const char **list = wg_arena_zalloc(memory, (strlen(words) / 2 + 2) * sizeof *list);
  *count = 0;
  for (char *word = strtok_r(text, " ", &state); word != NULL; word = strtok_r(NULL, " ", &state))
    list[(*count)++] = word;
  return list;
}

static void set_choices(struct wg_column *column, const char *choices) {
  const char **value = split(choices, &column->value_count);
  const char **label = wg_arena_zalloc(memory, (column->value_count + 1) * sizeof *label);
  for (size_t i = 0; i < column->value_count; i++) {
    char *equals = strchr((char *)(uintptr_t)value[i], '=');
    *equals = 0;
    label[i] = equals + 1;
  }
  column->values = value;
  column->value_labels = label;
}

static void set_enum(struct wg_column *column, const ProtobufCEnumDescriptor *type) {
  const struct wg_enum_label *labels = wg_enum_labels;
  while (labels < wg_enum_labels + wg_enum_label_count && labels->type != type)
    labels++;
  if (labels == wg_enum_labels + wg_enum_label_count || labels->count + 1 != type->n_values) abort(); // labels.c is old
  const char **value = wg_arena_zalloc(memory, type->n_values * sizeof *value);
  for (unsigned i = 1; i < type->n_values; i++) {
    char name[32];
    value[i - 1] = wg_arena_strdup(memory, wg_enum_name(type, type->values[i].value, name));
  }
  column->values = value;
  column->value_labels = labels->labels;
  column->value_count = labels->count;
}

static enum wg_column_type type_of(const ProtobufCFieldDescriptor *field, unsigned marks) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_STRING:
    if (marks & WG_MARK_DATE) return WG_COLUMN_DATE;
    if (marks & WG_MARK_TIME) return WG_COLUMN_TIME;
    return marks & WG_MARK_WKT ? WG_COLUMN_WKT : WG_COLUMN_TEXT;
  case PROTOBUF_C_TYPE_INT32:
    return WG_COLUMN_INT;
  case PROTOBUF_C_TYPE_DOUBLE:
    return WG_COLUMN_DOUBLE;
  case PROTOBUF_C_TYPE_BOOL:
    return WG_COLUMN_BOOL;
  case PROTOBUF_C_TYPE_ENUM:
    return WG_COLUMN_ENUM;
  case PROTOBUF_C_TYPE_MESSAGE:
    if (field->descriptor == &wangge__v1__list_step__descriptor) return WG_COLUMN_STEPS;
    abort();
  default:
    abort(); // a type that records have no text form for
  }
}

static const struct wg_field_label *label_of(const struct wg_kind_label *kind, const char *field) {
  for (size_t i = 0; i < kind->field_count; i++)
    if (strcmp(kind->fields[i].field, field) == 0) return &kind->fields[i];
  abort(); // labels.c lacks a field of the contract
}

static struct wg_column column_of(const struct wg_kind_label *kind, const ProtobufCFieldDescriptor *field) {
  const struct wg_field_label *label = label_of(kind, field->name);
  struct wg_column column = {
      .field = field->name,
      .label = label->label,
      .type = type_of(field, label->marks),
      .required = label->marks & WG_MARK_REQUIRED,
      .repeated = field->label == PROTOBUF_C_LABEL_REPEATED,
      .personal = label->marks & WG_MARK_PERSONAL,
      .lines = label->marks & WG_MARK_LINES,
      .least = label->least,
      .most = label->most != 0 ? label->most : 1000000,
      .max_bytes = label->marks & WG_MARK_WKT     ? WG_RECORD_WKT_BYTES
                   : label->marks & WG_MARK_LINES ? WG_RECORD_LONG_BYTES
                                                  : WG_RECORD_TEXT_BYTES,
      .descriptor = field,
  };
  size_t count;
  if (label->references != NULL) column.references = split(label->references, &count);
  if (label->choices != NULL) set_choices(&column, label->choices);
  if (column.type == WG_COLUMN_ENUM) set_enum(&column, field->descriptor);
  return column;
}

static Wangge__V1__Record__BodyCase case_of(const ProtobufCMessageDescriptor *type) {
  const ProtobufCMessageDescriptor *record = &wangge__v1__record__descriptor;
  for (unsigned i = 0; i < record->n_fields; i++)
    if (record->fields[i].descriptor == type) return (Wangge__V1__Record__BodyCase)record->fields[i].id;
  abort(); // a label for what is no kind of record
}

static struct wg_kind kind_of(const struct wg_kind_label *label, int rank) {
  size_t count = 2 + label->type->n_fields;
  struct wg_column *columns = wg_arena_zalloc(memory, count * sizeof *columns);
  columns[0] =
      (struct wg_column){.field = "code", .label = "编码", .required = true, .max_bytes = WG_RECORD_CODE_BYTES};
  columns[1] = (struct wg_column){.field = "district", .label = "区划代码", .required = true, .max_bytes = 6};
  for (unsigned i = 0; i < label->type->n_fields; i++)
    columns[2 + i] = column_of(label, &label->type->fields[i]);
  return (struct wg_kind){
      .name = lower_snake(label->type->short_name),
      .label = label->label,
      .rank = rank,
      .body_case = case_of(label->type),
      .type = label->type,
      .columns = columns,
      .column_count = count,
  };
}

static void build(void) {
  memory = wg_arena_create(64 * 1024);
  kinds = wg_arena_zalloc(memory, wg_kind_label_count * sizeof *kinds);
  for (size_t i = 0; i < wg_kind_label_count; i++)
    kinds[i] = kind_of(&wg_kind_labels[i], (int)i);
}

const struct wg_kind *wg_kinds(size_t *count) {
  pthread_once(&once, build);
  *count = wg_kind_label_count;
  return kinds;
}

const struct wg_kind *wg_kind_find(const char *name) {
  size_t count;
  const struct wg_kind *kind = wg_kinds(&count);
  for (size_t i = 0; name != NULL && i < count; i++)
    if (strcmp(kind[i].name, name) == 0 || strcmp(kind[i].label, name) == 0) return &kind[i];
  return NULL;
}

const struct wg_kind *wg_kind_of(const Wangge__V1__Record *of) {
  size_t count;
  const struct wg_kind *kind = wg_kinds(&count);
  for (size_t i = 0; i < count; i++)
    if (kind[i].body_case == of->body_case) return wg_record_body(of) != NULL ? &kind[i] : NULL;
  return NULL;
}

const struct wg_column *wg_kind_column(const struct wg_kind *kind, const char *name) {
  for (size_t i = 0; i < kind->column_count; i++)
    if (strcmp(kind->columns[i].field, name) == 0 || strcmp(kind->columns[i].label, name) == 0)
      return &kind->columns[i];
  return NULL;
}

// --- the table as a message ---

static char **texts(const char *const *list, size_t count, struct wg_arena *arena) {
  char **copy = wg_arena_alloc(arena, (count + 1) * sizeof *copy);
  for (size_t i = 0; list != NULL && i < count; i++)
    copy[i] = (char *)(uintptr_t)list[i]; // the table lives as long as the process
  return copy;
}

static Wangge__V1__Column *column_message(const struct wg_column *column, struct wg_arena *arena) {
  static const char *const types[] = {"text", "date", "time", "int", "double", "bool", "enum", "wkt", "steps"};
  Wangge__V1__Column *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__column__init(message);
  message->field = (char *)(uintptr_t)column->field;
  message->label = (char *)(uintptr_t)column->label;
  message->type = (char *)(uintptr_t)types[column->type];
  message->required = column->required;
  message->repeated = column->repeated;
  message->personal = column->personal;
  while (column->references != NULL && column->references[message->n_references] != NULL)
    message->n_references++;
  message->references = texts(column->references, message->n_references, arena);
  message->n_values = message->n_value_labels = column->value_count;
  message->values = texts(column->values, column->value_count, arena);
  message->value_labels = texts(column->value_labels, column->value_count, arena);
  return message;
}

Wangge__V1__KindsResponse *wg_kinds_message(struct wg_arena *arena) {
  size_t count;
  const struct wg_kind *kind = wg_kinds(&count);
  Wangge__V1__KindsResponse *response = wg_arena_alloc(arena, sizeof *response);
  wangge__v1__kinds_response__init(response);
  response->n_kinds = count;
  response->kinds = wg_arena_alloc(arena, count * sizeof *response->kinds);
  for (size_t i = 0; i < count; i++) {
    Wangge__V1__Kind *one = response->kinds[i] = wg_arena_alloc(arena, sizeof *one);
    wangge__v1__kind__init(one);
    one->name = (char *)(uintptr_t)kind[i].name;
    one->label = (char *)(uintptr_t)kind[i].label;
    one->n_columns = kind[i].column_count;
    one->columns = wg_arena_alloc(arena, one->n_columns * sizeof *one->columns);
    for (size_t j = 0; j < one->n_columns; j++)
      one->columns[j] = column_message(&kind[i].columns[j], arena);
  }
  return response;
}
