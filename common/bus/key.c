// Key files. Secrets pass through buffers that are wiped, and never through a log or an error message.
#include "common/bus/principals_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_KEY_FILE 1024

void wg_key_wipe(struct wg_key *key) {
  sodium_memzero(key, sizeof *key);
}

// open_private opens a regular file that nobody else may read or write.
static int open_private(const char *path, struct wg_error *error) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat info;
  if (fd < 0) {
    wg_status code = errno == ENOENT ? WG_NOT_FOUND : WG_FAILED_PRECONDITION;
    wg_fail(error, code, "key", "cannot open key file %s: %s", path, strerror(errno));
    return -1;
  }
  if (fstat(fd, &info)) {
    wg_fail(error, WG_FAILED_PRECONDITION, "key", "cannot look at key file %s: %s", path, strerror(errno));
  } else if (!S_ISREG(info.st_mode)) {
    wg_fail(error, WG_FAILED_PRECONDITION, "key", "key file %s is not a regular file", path);
  } else if (info.st_mode & 077) {
    wg_fail(error, WG_PERMISSION_DENIED, "key",
            "key file %s has mode %04o, so that others may get at the secret; use chmod 600", path,
            (unsigned)(info.st_mode & 07777));
  } else {
    return fd;
  }
  close(fd);
  return -1;
}

// take_line understands one line of the file; false: it is none.
static bool take_line(char *line, struct wg_key *key) {
  while (isspace((unsigned char)*line))
    line++;
  size_t size = strlen(line);
  while (size > 0 && isspace((unsigned char)line[size - 1]))
    line[--size] = 0;
  if (!*line || *line == ';' || *line == '#') return true;
  char *value = strchr(line, '=');
  if (!value) return false;
  for (char *end = value; end > line && isblank((unsigned char)end[-1]); end--)
    end[-1] = 0;
  *value++ = 0;
  while (isblank((unsigned char)*value))
    value++;
  char *target = !strcmp(line, "public") ? key->public_z85 : !strcmp(line, "secret") ? key->secret_z85 : NULL;
  if (!target || target[0] || !wg_key_text_valid(value)) return false;
  memcpy(target, value, sizeof key->public_z85);
  return true;
}

static wg_status parse_key_file(const char *path, char *text, struct wg_key *key, struct wg_error *error) {
  int number = 0;
  for (char *line; (line = strsep(&text, "\n"));) {
    number++;
    if (!take_line(line, key))
      return wg_fail(
          error, WG_INVALID_ARGUMENT, "key",
          "line %d of key file %s is neither \"public = KEY\" nor \"secret = KEY\" with 40 characters of Z85", number,
          path);
  }
  if (!key->public_z85[0] || !key->secret_z85[0])
    return wg_fail(error, WG_INVALID_ARGUMENT, "key", "key file %s lacks its %s line", path,
                   key->public_z85[0] ? "secret" : "public");
  char derived[41];
  if (zmq_curve_public(derived, key->secret_z85) || strcmp(derived, key->public_z85))
    return wg_fail(error, WG_INVALID_ARGUMENT, "key", "public and secret in key file %s do not belong together", path);
  return WG_OK;
}

wg_status wg_key_read(const char *path, struct wg_key *key, struct wg_error *error) {
  char text[MAX_KEY_FILE + 1];
  int fd = open_private(path, error);
  if (fd < 0) return error->code;
  size_t size = 0;
  ssize_t got = 1;
  while (size < sizeof text && (got = read(fd, text + size, sizeof text - size)) > 0)
    size += (size_t)got;
  int failure = errno;
  close(fd);
  struct wg_key fresh = {0};
  wg_status status;
  if (got < 0) {
    status = wg_fail(error, WG_FAILED_PRECONDITION, "key", "cannot read key file %s: %s", path, strerror(failure));
  } else if (size > MAX_KEY_FILE || memchr(text, 0, size)) {
    status = wg_fail(error, WG_INVALID_ARGUMENT, "key", "%s is not a key file", path);
  } else {
    text[size] = 0;
    status = parse_key_file(path, text, &fresh, error);
  }
  if (status == WG_OK) *key = fresh;
  sodium_memzero(text, sizeof text);
  wg_key_wipe(&fresh);
  return status;
}

static bool write_all(int fd, const char *data, size_t size) {
  while (size > 0) {
    ssize_t put = write(fd, data, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    data += put;
    size -= (size_t)put;
  }
  return true;
}

// place_file writes a file whole or not at all: under another name first, then linked, which never overwrites.
static wg_status place_file(const char *path, const char *text, size_t size, struct wg_error *error) {
  char *temporary = NULL;
  if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "key", "no memory for a file name");
  int fd = mkostemp(temporary, O_CLOEXEC); // mode 0600
  if (fd < 0) {
    wg_fail(error, WG_FAILED_PRECONDITION, "key", "cannot write key file %s: %s", path, strerror(errno));
    free(temporary);
    return error->code;
  }
  wg_status status = WG_OK;
  if (!write_all(fd, text, size) || fsync(fd))
    status = wg_fail(error, WG_FAILED_PRECONDITION, "key", "cannot write key file %s: %s", path, strerror(errno));
  else if (link(temporary, path))
    status = errno == EEXIST
                 ? wg_fail(error, WG_ALREADY_EXISTS, "key", "key file %s exists already and stays as it is", path)
                 : wg_fail(error, WG_FAILED_PRECONDITION, "key", "cannot write key file %s: %s", path, strerror(errno));
  close(fd);
  unlink(temporary);
  free(temporary);
  return status;
}

wg_status wg_key_generate(const char *path, struct wg_key *key, struct wg_error *error) {
  struct wg_key fresh = {0};
  char text[256];
  if (zmq_curve_keypair(fresh.public_z85, fresh.secret_z85))
    return wg_fail(error, WG_INTERNAL, "key", "libzmq cannot make CURVE keys: %s", zmq_strerror(zmq_errno()));
  int size = snprintf(text, sizeof text, "public = %s\nsecret = %s\n", fresh.public_z85, fresh.secret_z85);
  wg_status status = place_file(path, text, (size_t)size, error);
  if (status == WG_OK) *key = fresh;
  sodium_memzero(text, sizeof text);
  wg_key_wipe(&fresh);
  return status;
}
