#include "common/base/bytes.h"
#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wg_bytes wg_bytes_of(const char *text) {
  if (text == NULL) return (struct wg_bytes){0};
  return (struct wg_bytes){(const uint8_t *)text, strlen(text)};
}

bool wg_bytes_equal(struct wg_bytes a, struct wg_bytes b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

// out_of_memory writes its line without allocating anything, then ends the process.
static _Noreturn void out_of_memory(void) {
  static const char line[] = "{\"level\":\"error\",\"msg\":\"out of memory\"}\n";
  if (write(STDERR_FILENO, line, sizeof line - 1) < 0) abort();
  abort();
}

void *wg_alloc(size_t size) {
  void *memory = malloc(size == 0 ? 1 : size);
  if (memory == NULL) out_of_memory();
  return memory;
}

void *wg_zalloc(size_t size) {
  void *memory = calloc(1, size == 0 ? 1 : size);
  if (memory == NULL) out_of_memory();
  return memory;
}

void *wg_realloc(void *memory, size_t size) {
  void *moved = realloc(memory, size == 0 ? 1 : size);
  if (moved == NULL) out_of_memory();
  return moved;
}

char *wg_strdup(const char *text) {
  size_t size = strlen(text) + 1;
  return memcpy(wg_alloc(size), text, size);
}

uint8_t *wg_buffer_reserve(struct wg_buffer *buffer, size_t size) {
  if (size > SIZE_MAX / 4 || buffer->size > SIZE_MAX / 4) out_of_memory();
  size_t needed = buffer->size + size;
  if (needed > buffer->capacity || buffer->data == NULL) {
    size_t capacity = buffer->capacity < 128 ? 256 : buffer->capacity * 2;
    if (capacity < needed) capacity = needed;
    buffer->data = wg_realloc(buffer->data, capacity);
    buffer->capacity = capacity;
  }
  return buffer->data + buffer->size;
}

void wg_buffer_append(struct wg_buffer *buffer, const void *data, size_t size) {
  if (size == 0) return;
  memcpy(wg_buffer_reserve(buffer, size), data, size);
  buffer->size += size;
}

void wg_buffer_text(struct wg_buffer *buffer, const char *text) {
  wg_buffer_append(buffer, text, strlen(text));
}

void wg_buffer_printf(struct wg_buffer *buffer, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  size_t room = buffer->capacity - buffer->size;
  int length = vsnprintf(room > 0 ? (char *)buffer->data + buffer->size : NULL, room, format, arguments);
  if (length < 0) abort(); // a format that cannot be printed is a bug of the caller
  if ((size_t)length >= room) {
    char *out = (char *)wg_buffer_reserve(buffer, (size_t)length + 1);
    vsnprintf(out, (size_t)length + 1, format, again);
  }
  buffer->size += (size_t)length;
  va_end(again);
  va_end(arguments);
}

const char *wg_buffer_cstr(struct wg_buffer *buffer) {
  *wg_buffer_reserve(buffer, 1) = '\0';
  return (const char *)buffer->data;
}

void wg_buffer_clear(struct wg_buffer *buffer) {
  buffer->size = 0;
}

void wg_buffer_free(struct wg_buffer *buffer) {
  free(buffer->data);
  *buffer = (struct wg_buffer){0};
}

static void quote_control(struct wg_buffer *buffer, uint8_t c) {
  static const char named[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
  if (named[c] != '\0') wg_buffer_append(buffer, (const char[]){'\\', named[c]}, 2);
  else wg_buffer_printf(buffer, "\\u%04x", c);
}

void wg_json_quote(struct wg_buffer *buffer, struct wg_bytes text) {
  wg_buffer_append(buffer, "\"", 1);
  size_t plain = 0; // [plain, at) needs no escape and is not appended yet
  for (size_t at = 0; at < text.size;) {
    uint8_t c = text.data[at];
    size_t step = c == '\0' ? 1 : wg_utf8_step(text.data + at, text.size - at);
    if (step != 0 && c >= 0x20 && c != '"' && c != '\\') {
      at += step;
      continue;
    }
    wg_buffer_append(buffer, text.data + plain, at - plain);
    if (step == 0) wg_buffer_text(buffer, "\xEF\xBF\xBD");
    else if (c < 0x20) quote_control(buffer, c);
    else wg_buffer_append(buffer, (const char[]){'\\', (char)c}, 2);
    plain = ++at;
  }
  if (plain < text.size) wg_buffer_append(buffer, text.data + plain, text.size - plain);
  wg_buffer_append(buffer, "\"", 1);
}
