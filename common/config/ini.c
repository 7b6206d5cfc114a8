// inih splits and trims; what it would let pass in silence is refused before it sees the line: text that is not UTF-8,
// long lines and names (it cuts them), words behind a section's bracket, a section or a key twice.
#include "common/base/bytes.h"
#include "common/base/map.h"
#include "common/base/text.h"
#include "common/config/config.h"

#include <errno.h>
#include <ini.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// inih keeps names in 50 bytes with their NUL.
enum { LINE_MAX_BYTES = 4096, NAME_MAX_BYTES = 49 };

struct reader {
  const char *path;
  FILE *file;
  char *line;
  size_t capacity;
  int number;          // of the line in hand
  struct wg_map *seen; // "section" and "section]key"; the value is the line, as a pointer that is never followed
  char section[NAME_MAX_BYTES + 1];
  wg_ini_row row;
  void *context;
  wg_status status;
  struct wg_error *error;
};

static pthread_once_t limits_once = PTHREAD_ONCE_INIT;

static void limits_set(void) {
  ini_use_stack = false;
  ini_max_line = LINE_MAX_BYTES + 3; // its own line end and NUL
  ini_initial_alloc = LINE_MAX_BYTES + 3;
}

static wg_status bad_line(struct reader *reader, wg_status code, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// bad_line keeps the first fault, with file and line before it.
static wg_status bad_line(struct reader *reader, wg_status code, const char *field, const char *format, ...) {
  char message[sizeof reader->error->message];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  reader->status = wg_fail(reader->error, code, field, "%s:%d: %s", reader->path, reader->number, message);
  return reader->status;
}

// note_first refuses a name that came before; `key` NULL: the section itself.
static wg_status note_first(struct reader *reader, const char *section, const char *key) {
  char name[2 * NAME_MAX_BYTES + 3];
  snprintf(name, sizeof name, "%s%s%s", section, key != NULL ? "]" : "", key != NULL ? key : "");
  const intptr_t before = (intptr_t)wg_map_get(reader->seen, name);
  if (before == 0) {
    wg_map_put(reader->seen, name, (void *)(intptr_t)reader->number);
    return WG_OK;
  }
  if (key == NULL)
    return bad_line(reader, WG_ALREADY_EXISTS, NULL, "section [%s] was given in line %d already", section, (int)before);
  return bad_line(reader, WG_ALREADY_EXISTS, key, "%s of [%s] was given in line %d already", key, section, (int)before);
}

static bool blank_or_comment(const char *text) {
  text += strspn(text, " \t\r\n");
  return *text == '\0' || *text == ';' || *text == '#';
}

static wg_status check_section(struct reader *reader, const char *line) {
  const char *name = line + 1;
  size_t size = strcspn(name, "]");
  if (name[size] == '\0') return bad_line(reader, WG_INVALID_ARGUMENT, NULL, "the section's name needs a closing ]");
  if (size == 0 || size > NAME_MAX_BYTES || memchr(name, ';', size) != NULL)
    return bad_line(reader, WG_INVALID_ARGUMENT, NULL, "a section's name has 1 to %d bytes and no \";\"",
                    NAME_MAX_BYTES);
  if (!blank_or_comment(name + size + 1))
    return bad_line(reader, WG_INVALID_ARGUMENT, NULL, "nothing but a comment may follow [%.*s]", (int)size, name);
  snprintf(reader->section, sizeof reader->section, "%.*s", (int)size, name);
  return note_first(reader, reader->section, NULL);
}

static wg_status check_key(struct reader *reader, const char *line) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  size_t size = strspn(line, allowed);
  const char *behind = line + size + strspn(line + size, " \t");
  if (size == 0 || size > NAME_MAX_BYTES || *behind != '=')
    return bad_line(reader, WG_INVALID_ARGUMENT, NULL,
                    "expected \"key = value\" with a key of 1 to %d of A-Z, a-z, 0-9, \".\", \"_\" and \"-\"",
                    NAME_MAX_BYTES);
  char key[NAME_MAX_BYTES + 1];
  snprintf(key, sizeof key, "%.*s", (int)size, line);
  return note_first(reader, reader->section, key);
}

// unix_line makes LF of CRLF; gives the new size.
static size_t unix_line(char *line, size_t size) {
  const bool last = size > 0 && line[size - 1] != '\n'; // of a file that does not end with a line end
  const size_t end = last ? size : size - (size > 0);
  if (end == 0 || line[end - 1] != '\r') return size;
  memmove(line + end - 1, line + end, size - end + 1);
  return size - 1;
}

static wg_status check_line(struct reader *reader, char *line, size_t size) {
  // A last line of control characters is no text either, but tab and line end are.
  struct wg_error ignored;
  if (memchr(line, '\0', size) != NULL || wg_text_check(line, size, 0, "line", &ignored) != WG_OK)
    return bad_line(reader, WG_INVALID_ARGUMENT, NULL, "the line is not UTF-8 or has control characters");
  if (blank_or_comment(line)) return WG_OK;
  return *line == '[' ? check_section(reader, line) : check_key(reader, line);
}

// next_line is inih's reader (as fgets). It hands lines over without their leading blanks, which inih would take for
// continuations of the value before.
static char *next_line(char *out, int room, void *context) {
  struct reader *reader = context;
  if (reader->status != WG_OK) return NULL;
  errno = 0;
  ssize_t got = getline(&reader->line, &reader->capacity, reader->file);
  if (got < 0) {
    if (ferror(reader->file))
      reader->status =
          wg_fail(reader->error, WG_UNAVAILABLE, NULL, "cannot read %s: %s", reader->path, strerror(errno));
    return NULL;
  }
  reader->number++;
  char *line = reader->line;
  if (reader->number == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0) line += 3;
  line += strspn(line, " \t");
  size_t size = (size_t)(got - (line - reader->line));
  if (size > LINE_MAX_BYTES || size + 3 > (size_t)room) {
    bad_line(reader, WG_INVALID_ARGUMENT, NULL, "the line is longer than %d bytes", LINE_MAX_BYTES);
    return NULL;
  }
  size = unix_line(line, size);
  if (check_line(reader, line, size) != WG_OK) return NULL;
  memcpy(out, line, size + 1);
  return out;
}

static int take_row(void *context, const char *section, const char *key, const char *value) {
  struct reader *reader = context;
  wg_status status = reader->row(reader->context, reader->number, section, key, value, reader->error);
  if (status == WG_OK) return 1;
  reader->status = status;
  if (strstr(reader->error->message, reader->path) == NULL)
    bad_line(reader, status, reader->error->field, "%s", reader->error->message);
  return 0;
}

wg_status wg_ini_read(const char *path, wg_ini_row row, void *context, struct wg_error *error) {
  pthread_once(&limits_once, limits_set);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return wg_fail(error, errno == ENOENT ? WG_NOT_FOUND : WG_UNAVAILABLE, NULL, "cannot open %s: %s", path,
                   strerror(errno));
  struct reader reader = {.path = path, .file = file, .row = row, .context = context, .error = error};
  reader.seen = wg_map_create();
  int result = ini_parse_stream(next_line, &reader, take_row, &reader);
  if (reader.status == WG_OK && result != 0)
    reader.status =
        wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s:%d: not understood; expected \"key = value\"", path, result);
  wg_map_destroy(reader.seen);
  free(reader.line);
  fclose(file);
  return reader.status;
}
