// Any bytes as principals file: refused with a message or accepted, and then every principal is found again.
#include "common/bus/principals_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int fd = -1;
  char path[64];
  if (fd < 0) fd = memfd_create("principals", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  struct wg_principal_table *table;
  struct wg_error error = {0};
  if (wg_principal_table_read(path, &table, &error) != WG_OK) {
    if (!error.message[0]) abort();
    return 0;
  }
  for (size_t i = 0; i < table->count; i++) {
    const struct wg_principal *principal = &table->list[i];
    if (wg_map_get(table->by_name, principal->name) != principal) abort();
    if (wg_map_get(table->by_key, principal->key) != principal) abort();
    if (!principal->roles || !(principal->roles & WG_ROLE_DEPARTMENT) != !principal->department[0]) abort();
  }
  wg_principal_table_free(table);
  return 0;
}
