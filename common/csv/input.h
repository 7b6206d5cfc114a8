// A file as UTF-8 text in constant memory: BOM dropped, GB18030 recognised and converted, line numbers kept.
//
// UTF-8 or GB18030 is decided by the first 64 KiB that hold anything but ASCII: mostly well-formed UTF-8 sequences make
// it UTF-8 (broken ones are then found line by line), else it is GB18030. A byte that GB18030 does not have becomes
// 0xff, which makes its line invalid UTF-8 and so reported.
#pragma once

#include "common/base/bytes.h"
#include "common/base/status.h"

struct wg_input {
  struct wg_buffer text; // decoded; the unread part begins at `at`
  size_t at;
  uint64_t line;                    // number of the line that begins at `at`, from 1
  bool ended;                       // nothing more will be added to `text`
  uint64_t bytes_read, bytes_total; // total 0: unknown (a pipe)
  // inside
  int fd;
  const uint8_t *memory;
  size_t memory_left;
  enum { WG_INPUT_UNDECIDED, WG_INPUT_UTF8, WG_INPUT_GB18030 } encoding;
  void *converter;
  uint8_t held[8]; // bytes of a character cut by the end of a chunk
  size_t held_size;
  bool begun;
  struct wg_error error; // reading failed: code != 0, and the input has ended
};

wg_status wg_input_open(struct wg_input *input, const char *path, struct wg_error *error); // "-": stdin
void wg_input_memory(struct wg_input *input, struct wg_bytes bytes);                       // the bytes must stay
void wg_input_close(struct wg_input *input);
// wg_input_more drops what was consumed and adds decoded text; false: the end (or input->error).
bool wg_input_more(struct wg_input *input);
// wg_input_line gives the next line without its end, NUL-terminated and valid until the next call, and its number.
enum wg_line { WG_LINE, WG_LINE_BROKEN, WG_LINE_END };
enum wg_line wg_input_line(struct wg_input *input, size_t most, char **line, uint64_t *number, struct wg_error *error);
