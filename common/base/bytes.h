// Views of memory that somebody else owns, and a growing buffer.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wg_bytes {
  const uint8_t *data;
  size_t size;
};

struct wg_bytes wg_bytes_of(const char *text); // NULL counts as empty
bool wg_bytes_equal(struct wg_bytes a, struct wg_bytes b);

// A buffer that grows by doubling; memory comes from malloc and allocation failure ends the process (the
// supervisor restarts it; nothing acknowledged can be lost). Zero-initialise, free with wg_buffer_free.
struct wg_buffer {
  uint8_t *data;
  size_t size;
  size_t capacity;
};

void wg_buffer_append(struct wg_buffer *buffer, const void *data, size_t size);
void wg_buffer_text(struct wg_buffer *buffer, const char *text);
void wg_buffer_printf(struct wg_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint8_t *wg_buffer_reserve(struct wg_buffer *buffer, size_t size); // room for `size` more behind `size`
const char *wg_buffer_cstr(struct wg_buffer *buffer);              // NUL-terminated view, valid until the next change
void wg_buffer_clear(struct wg_buffer *buffer);                    // keeps the memory
void wg_buffer_free(struct wg_buffer *buffer);
// wg_json_quote appends `text` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD.
void wg_json_quote(struct wg_buffer *buffer, struct wg_bytes text);

// malloc family that ends the process with a log line instead of returning NULL.
void *wg_alloc(size_t size);
void *wg_zalloc(size_t size);
void *wg_realloc(void *memory, size_t size);
char *wg_strdup(const char *text);
