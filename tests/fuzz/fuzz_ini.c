// Bytes as an INI file: refused with file and line, or read as rows without a key twice; and as settings of a service.
#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct target {
  char *listen, *key;
  int64_t readers;
  bool quiet;
};

static const struct wg_setting settings[] = {
    {"listen", WG_SETTING_TEXT, offsetof(struct target, listen), NULL, 0, 0, "endpoint"},
    {"key", WG_SETTING_PATH, offsetof(struct target, key), "own.key", 0, 0, "key file"},
    {"readers", WG_SETTING_INT, offsetof(struct target, readers), "2", 1, 64, "threads"},
    {"quiet", WG_SETTING_BOOL, offsetof(struct target, quiet), "no", 0, 0, "say less"},
    {0},
};

static void expect(bool truth) {
  if (!truth) abort();
}

static wg_status row(void *context, int line, const char *section, const char *key, const char *value,
                     struct wg_error *error) {
  int *last_line = context;
  (void)error;
  expect(line > *last_line);
  expect(key[0] != '\0' && strlen(key) <= 49 && strlen(section) <= 49);
  expect(wg_utf8_valid(wg_bytes_of(section)) && wg_utf8_valid(wg_bytes_of(value)));
  *last_line = line;
  return WG_OK;
}

static void check_refusal(wg_status status, const struct wg_error *error, const char *path) {
  expect(status == WG_INVALID_ARGUMENT || status == WG_ALREADY_EXISTS);
  expect(strncmp(error->message, path, strlen(path)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[64];
  int file = memfd_create("ini", MFD_CLOEXEC);
  expect(file >= 0 && write(file, data, size) == (ssize_t)size);
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  struct wg_error error = {0};
  int last_line = 0;
  wg_status status = wg_ini_read(path, row, &last_line, &error);
  if (status != WG_OK) check_refusal(status, &error, path);
  struct target target = {0};
  wg_status loaded = wg_config_load(path, "intake", settings, &target, &error);
  if (loaded != WG_OK) check_refusal(loaded, &error, path);
  else expect(status == WG_OK && target.listen[0] != '\0' && target.readers >= 1 && target.readers <= 64);
  wg_config_free(settings, &target);
  close(file);
  return 0;
}
