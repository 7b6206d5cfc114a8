// How an import is cut into calls of Registry.Put.

#include "ops/cli/registry.h"

size_t cli_part_end(const struct wg_record_set *set, size_t first) {
  size_t end = first, bytes = 0;
  while (end < set->count && end - first < CLI_PART_RECORDS) {
    bytes += protobuf_c_message_get_packed_size(&set->record[end]->base) + 8;
    if (bytes > CLI_PART_BYTES && end > first) break;
    end++;
  }
  return end;
}
