// Names of messages and enum values.
#include "common/wire/types.h"
#include "common/base/map.h"
#include "common/wire/wire.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct wg_map *types_by_name;
static pthread_once_t types_once = PTHREAD_ONCE_INIT;

static void types_index(void) {
  types_by_name = wg_map_create();
  for (const ProtobufCMessageDescriptor *const *type = wg_message_types; *type != NULL; type++)
    wg_map_put(types_by_name, (*type)->name, (void *)(uintptr_t)*type);
}

const ProtobufCMessageDescriptor *wg_message_type(const char *name) {
  pthread_once(&types_once, types_index);
  return name == NULL ? NULL : wg_map_get(types_by_name, name);
}

// prefix_size gives how many bytes of `name` are the enum's own name: 11 for OrderKind and "ORDER_KIND_HELP".
static size_t prefix_size(const ProtobufCEnumDescriptor *type, const char *name) {
  size_t at = 0;
  for (const char *c = type->short_name; *c != '\0'; c++) {
    if (c != type->short_name && isupper((unsigned char)*c) && name[at++] != '_') return 0;
    if (name[at++] != (char)toupper((unsigned char)*c)) return 0;
  }
  return name[at] == '_' ? at + 1 : 0;
}

const char *wg_enum_name(const ProtobufCEnumDescriptor *type, int value, char buffer[32]) {
  const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);
  if (known == NULL) {
    snprintf(buffer, 32, "unknown_%d", value);
    return buffer;
  }
  snprintf(buffer, 32, "%s", known->name + prefix_size(type, known->name));
  for (char *c = buffer; *c != '\0'; c++)
    *c = (char)tolower((unsigned char)*c);
  return buffer;
}

int wg_enum_value(const ProtobufCEnumDescriptor *type, const char *name) {
  if (name == NULL) return -1;
  for (unsigned i = 0; i < type->n_values; i++) {
    const ProtobufCEnumValue *value = &type->values[i];
    if (strcasecmp(name, value->name) == 0 || strcasecmp(name, value->name + prefix_size(type, value->name)) == 0)
      return value->value;
  }
  return -1;
}
