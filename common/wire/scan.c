// One pass over the bytes, recursing where the type has a submessage: the depth is that of the types, never that of the
// input. Each thing protobuf-c would allocate is added up, and the sum must stay within what the size of the input
// allows. Nothing is remembered for error messages: the path of a fault is worked out when there is one.
#include "common/wire/scan.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <stdio.h>
#include <string.h>

// The deepest type of the contract has 5 levels. A type that contained itself would be stopped here.
enum { DEPTH_MAX = 16 };
// protobuf-c keeps the first 16 fields of a message on its stack, then 40 bytes a field in slabs that double.
enum { FIELDS_ON_STACK = 16, SLAB_BYTES = 80 };
enum { UNKNOWN_BYTES = sizeof(ProtobufCMessageUnknownField) + 16 };
// Fields of one message that fit the mask of those seen.
enum { FIELDS_MAX = 64 };

enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5 };

struct scan {
  size_t memory, memory_max;
  size_t elements;
  struct wg_error *error;
};

// One message being scanned; `level` links lead to the top for the path of a fault.
struct level {
  const struct level *parent;
  const ProtobufCMessageDescriptor *type;
  const uint8_t *begin, *end;
  const uint8_t *field_at;               // where the field in hand begins
  const ProtobufCFieldDescriptor *field; // NULL: unknown, or not read yet
  uint64_t seen;                         // bit i: fields[i] has come
  size_t count;                          // fields so far
  int depth;
};

static size_t round16(size_t size) {
  return (size + 15) & ~(size_t)15;
}

// read_varint gives the bytes taken, 0 when the varint does not end before `end` or within `most` bytes.
static inline size_t read_varint(const uint8_t *at, const uint8_t *end, size_t most, uint64_t *value) {
  if (at < end && *at < 0x80) {
    *value = *at;
    return 1;
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < most && at + i < end; i++) {
    sum |= (uint64_t)(at[i] & 0x7F) << (7 * i);
    if (at[i] < 0x80) {
      *value = sum;
      return i + 1;
    }
  }
  return 0;
}

// element_index counts how often the field in hand came before in its message. Only for faults: what lies before the
// field has been checked, so that its lengths can be trusted.
static size_t element_index(const struct level *level) {
  size_t index = 0;
  for (const uint8_t *at = level->begin; at < level->field_at;) {
    uint64_t key = 0, length = 0;
    at += read_varint(at, level->end, 5, &key);
    index += key >> 3 == level->field->id;
    switch (key & 7) {
    case VARINT:
      at += read_varint(at, level->end, 10, &length);
      break;
    case LENGTH:
      at += read_varint(at, level->end, 5, &length);
      at += length;
      break;
    default:
      at += (key & 7) == FIXED64 ? 8 : 4;
    }
  }
  return index;
}

// path_of writes "orders[3].text" and gives its length.
static size_t path_of(const struct level *level, char *path, size_t room) {
  size_t used = level->parent == NULL ? 0 : path_of(level->parent, path, room);
  if (level->field == NULL || used >= room) return used;
  int more = snprintf(path + used, room - used, "%s%s", used > 0 ? "." : "", level->field->name);
  used += (size_t)more;
  if (level->field->label != PROTOBUF_C_LABEL_REPEATED || used >= room) return used;
  more = snprintf(path + used, room - used, "[%zu]", element_index(level));
  return used + (size_t)more;
}

static wg_status fault(const struct scan *scan, const struct level *level, const char *what) {
  char path[sizeof scan->error->field] = "";
  path_of(level, path, sizeof path);
  return wg_fail(scan->error, WG_INVALID_ARGUMENT, path, "%s%s%s: %s", level->type->name,
                 path[0] != '\0' ? ", field " : "", path, what);
}

// spend adds what protobuf-c will allocate, and counts `elements`.
static wg_status spend(struct scan *scan, const struct level *level, size_t memory, size_t elements) {
  scan->memory += memory;
  scan->elements += elements;
  if (scan->memory > scan->memory_max) return fault(scan, level, "the message would need too much memory for its size");
  if (scan->elements > WG_WIRE_MAX_ELEMENTS) return fault(scan, level, "the message has too many elements");
  return WG_OK;
}

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type, uint32_t id) {
  // Fields are sorted by number, and nearly always numbered 1, 2, 3 …
  if (id - 1 < type->n_fields && type->fields[id - 1].id == id) return &type->fields[id - 1];
  for (unsigned i = 0; i < type->n_fields; i++)
    if (type->fields[i].id == id) return &type->fields[i];
  return NULL;
}

// note_singular refuses a field that comes twice and a second member of a oneof. Encoders write neither; protobuf-c
// would merge repeated submessages at quadratic cost, and readers could differ on which of two values counts.
static wg_status note_singular(struct scan *scan, struct level *level) {
  const ProtobufCFieldDescriptor *fields = level->type->fields, *field = level->field;
  uint64_t bit = UINT64_C(1) << (field - fields);
  if (level->seen & bit) return fault(scan, level, "it comes twice");
  if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
    for (unsigned i = 0; i < level->type->n_fields; i++)
      if ((level->seen >> i & 1) && (fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
          fields[i].quantifier_offset == field->quantifier_offset)
        return fault(scan, level, "another member of the same oneof came before");
  level->seen |= bit;
  return WG_OK;
}

static int wire_type_of(ProtobufCType type) {
  switch (type) {
  case PROTOBUF_C_TYPE_FIXED32:
  case PROTOBUF_C_TYPE_SFIXED32:
  case PROTOBUF_C_TYPE_FLOAT:
    return FIXED32;
  case PROTOBUF_C_TYPE_FIXED64:
  case PROTOBUF_C_TYPE_SFIXED64:
  case PROTOBUF_C_TYPE_DOUBLE:
    return FIXED64;
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_BYTES:
  case PROTOBUF_C_TYPE_MESSAGE:
    return LENGTH;
  default:
    return VARINT;
  }
}

static wg_status scan_packed(struct scan *scan, struct level *level, struct wg_bytes body) {
  int wire_type = wire_type_of(level->field->type);
  size_t count = 0;
  if (wire_type != VARINT) {
    size_t width = wire_type == FIXED64 ? 8 : 4;
    if (body.size % width != 0) return fault(scan, level, "its packed values do not fill whole numbers");
    count = body.size / width;
  } else {
    uint64_t value;
    for (size_t at = 0, step; at < body.size; at += step, count++) {
      step = read_varint(body.data + at, body.data + body.size, 10, &value);
      if (step == 0) return fault(scan, level, "a packed number does not end");
    }
  }
  return spend(scan, level, count * 8 + 16, count);
}

static wg_status scan_message(struct scan *scan, const struct level *parent, const ProtobufCMessageDescriptor *type,
                              struct wg_bytes bytes);

static wg_status scan_length_field(struct scan *scan, struct level *level, struct wg_bytes body) {
  const ProtobufCFieldDescriptor *field = level->field;
  bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
  size_t pointers = repeated ? 16 : 0;
  switch (field->type) {
  case PROTOBUF_C_TYPE_STRING:
    if (!wg_utf8_valid(body))
      return fault(scan, level,
                   memchr(body.data, 0, body.size) != NULL ? "text must not contain NUL" : "text must be UTF-8");
    return spend(scan, level, round16(body.size + 1) + pointers, repeated);
  case PROTOBUF_C_TYPE_BYTES:
    return spend(scan, level, round16(body.size) + 16 + pointers, repeated);
  case PROTOBUF_C_TYPE_MESSAGE:
    return scan_message(scan, level, field->descriptor, body);
  default:
    if (!repeated) return fault(scan, level, "its wire type is not that of the contract");
    return scan_packed(scan, level, body);
  }
}

// scan_value checks one value behind its key and moves *at past it.
static wg_status scan_value(struct scan *scan, struct level *level, unsigned wire_type, const uint8_t **at) {
  size_t left = (size_t)(level->end - *at);
  uint64_t value;
  size_t size;
  if (wire_type == LENGTH) {
    size = read_varint(*at, level->end, 5, &value);
    if (size == 0 || value > left - size) return fault(scan, level, "its length runs past the end");
    struct wg_bytes body = {*at + size, (size_t)value};
    *at += size + body.size;
    if (level->field != NULL) return scan_length_field(scan, level, body);
    return spend(scan, level, UNKNOWN_BYTES + round16(size + body.size), 1);
  }
  if (wire_type == VARINT) size = read_varint(*at, level->end, 10, &value);
  else if (wire_type == FIXED64 || wire_type == FIXED32) size = wire_type == FIXED64 ? 8 : 4;
  else return fault(scan, level, "its wire type is not one of proto3");
  if (size == 0 || size > left) return fault(scan, level, "its value is cut off");
  *at += size;
  if (level->field == NULL) return spend(scan, level, UNKNOWN_BYTES + 16, 1);
  if ((int)wire_type != wire_type_of(level->field->type))
    return fault(scan, level, "its wire type is not that of the contract");
  return level->field->label == PROTOBUF_C_LABEL_REPEATED ? spend(scan, level, 16, 1) : WG_OK;
}

static wg_status scan_field(struct scan *scan, struct level *level, const uint8_t **at) {
  uint64_t key;
  level->field = NULL;
  level->field_at = *at;
  size_t size = read_varint(*at, level->end, 5, &key);
  if (size == 0) return fault(scan, level, "a field's key is cut off");
  if (key > UINT32_MAX || key >> 3 == 0) return fault(scan, level, "a field's number is out of range");
  *at += size;
  level->field = find_field(level->type, (uint32_t)(key >> 3));
  if (level->field != NULL && level->field->label != PROTOBUF_C_LABEL_REPEATED) {
    wg_status status = note_singular(scan, level);
    if (status != WG_OK) return status;
  }
  if (++level->count > FIELDS_ON_STACK) {
    wg_status status = spend(scan, level, SLAB_BYTES, 0);
    if (status != WG_OK) return status;
  }
  return scan_value(scan, level, (unsigned)(key & 7), at);
}

static wg_status scan_message(struct scan *scan, const struct level *parent, const ProtobufCMessageDescriptor *type,
                              struct wg_bytes bytes) {
  struct level level = {
      .parent = parent,
      .type = type,
      .begin = bytes.data,
      .end = bytes.data + bytes.size,
      .depth = parent == NULL ? 1 : parent->depth + 1,
  };
  if (level.depth > DEPTH_MAX || type->n_fields > FIELDS_MAX)
    return wg_fail(scan->error, WG_INTERNAL, NULL, "message type %s is too deep or too wide for the scan", type->name);
  // The structure, a pointer to it, and protobuf-c's bitmap of required fields where it has one.
  wg_status status = spend(scan, parent == NULL ? &level : parent, round16(type->sizeof_message) + 16, 1);
  for (const uint8_t *at = bytes.data; status == WG_OK && at < level.end;)
    status = scan_field(scan, &level, &at);
  return status;
}

wg_status wg_scan(const ProtobufCMessageDescriptor *type, struct wg_bytes bytes, size_t *memory,
                  struct wg_error *error) {
  if (bytes.size > WG_WIRE_MAX_BYTES)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "a message of %zu bytes; at most %u are allowed", bytes.size,
                   WG_WIRE_MAX_BYTES);
  static const uint8_t nothing;
  if (bytes.data == NULL) bytes.data = &nothing;
  struct scan scan = {.memory_max = WG_WIRE_FREE_MEMORY + bytes.size * WG_WIRE_EXPANSION, .error = error};
  wg_status status = scan_message(&scan, NULL, type, bytes);
  // Slabs and arrays are allocated whole.
  *memory = scan.memory + SLAB_BYTES * FIELDS_ON_STACK;
  return status;
}
