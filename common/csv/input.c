// Reading files in the encodings that are met.

#include "common/csv/input.h"

#include "common/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (64u * 1024)

static void begin(struct wg_input *input) {
  *input = (struct wg_input){.fd = -1, .line = 1};
  wg_buffer_reserve(&input->text, CHUNK); // so that `text.data` is never NULL
}

wg_status wg_input_open(struct wg_input *input, const char *path, struct wg_error *error) {
  begin(input);
  input->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
  struct stat stat;
  if (input->fd < 0 || fstat(input->fd, &stat) != 0)
    return wg_fail(error, WG_NOT_FOUND, NULL, "cannot open %s: %s", path, strerror(errno));
  if (S_ISDIR(stat.st_mode)) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s is a folder", path);
  if (S_ISREG(stat.st_mode)) input->bytes_total = (uint64_t)stat.st_size;
  return WG_OK;
}

void wg_input_memory(struct wg_input *input, struct wg_bytes bytes) {
  begin(input);
  input->memory = bytes.data;
  input->memory_left = bytes.size;
  input->bytes_total = bytes.size;
}

void wg_input_close(struct wg_input *input) {
  if (input->fd >= 0) close(input->fd);
  if (input->converter != NULL) iconv_close(input->converter);
  wg_buffer_free(&input->text);
}

static size_t read_raw(struct wg_input *input, uint8_t *raw, size_t size) {
  if (input->memory != NULL || input->fd < 0) {
    size_t taken = input->memory_left < size ? input->memory_left : size;
    if (taken == 0 || input->memory == NULL) return 0;
    memcpy(raw, input->memory, taken);
    input->memory += taken;
    input->memory_left -= taken;
    return taken;
  }
  size_t filled = 0; // a full chunk, so that the encoding is judged by enough text
  while (filled < size) {
    ssize_t got = read(input->fd, raw + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) wg_fail(&input->error, WG_DATA_LOSS, NULL, "reading failed: %s", strerror(errno));
    if (got <= 0) break;
    filled += (size_t)got;
  }
  return filled;
}

static bool is_ascii(const uint8_t *raw, size_t size) {
  size_t i = 0;
  for (uint64_t word; i + sizeof word <= size; i += sizeof word) {
    memcpy(&word, raw + i, sizeof word);
    if (word & UINT64_C(0x8080808080808080)) return false;
  }
  for (; i < size; i++)
    if (raw[i] >= 0x80) return false;
  return true;
}

// looks_utf8 weighs well-formed multi-byte sequences against bytes that are none. Two-byte sequences from U+0100 on
// count against UTF-8: Chinese text hardly has them, while short GB18030 words are well-formed so (停水 reads as U+0363
// U+02EE).
static bool looks_utf8(const uint8_t *raw, size_t size) {
  size_t good = 0, bad = 0, i = 0;
  while (i < size) {
    if (raw[i] < 0x80) {
      i++;
      continue;
    }
    size_t length = raw[i] >= 0xf0 ? 4 : raw[i] >= 0xe0 ? 3 : 2;
    if (i + length > size) break; // cut by the end of the chunk
    bool valid = wg_utf8_valid((struct wg_bytes){raw + i, length});
    if (valid && (length > 2 || raw[i] < 0xc4)) good++;
    else bad++;
    i += valid ? length : 1;
  }
  return bad == 0 || good >= 4 * bad;
}

// convert appends GB18030 bytes as UTF-8 and keeps a character that is cut at the end for the next chunk.
static void convert(struct wg_input *input, uint8_t *raw, size_t size, bool last) {
  char *from = (char *)raw;
  size_t left = size;
  while (left > 0) {
    size_t room = left * 2 + 16, out_left = room;
    char *to = (char *)wg_buffer_reserve(&input->text, room);
    size_t result = iconv(input->converter, &from, &left, &to, &out_left);
    input->text.size += room - out_left;
    if (result != (size_t)-1 || errno == E2BIG) continue;
    if (errno == EINVAL && !last && left < sizeof input->held) {
      memcpy(input->held, from, left);
      input->held_size = left;
      return;
    }
    wg_buffer_append(&input->text, "\xff", 1);
    iconv(input->converter, NULL, NULL, NULL, NULL);
    from++;
    left--;
  }
}

static bool decide(struct wg_input *input, uint8_t **raw, size_t *size) {
  if (!input->begun) {
    input->begun = true;
    if (*size >= 3 && memcmp(*raw, "\xef\xbb\xbf", 3) == 0) {
      *raw += 3;
      *size -= 3;
      input->encoding = WG_INPUT_UTF8;
    } else if (*size >= 2 && (memcmp(*raw, "\xff\xfe", 2) == 0 || memcmp(*raw, "\xfe\xff", 2) == 0)) {
      wg_fail(&input->error, WG_INVALID_ARGUMENT, NULL, "the file is UTF-16: save it as UTF-8 or GB18030");
      return false;
    }
  }
  if (input->encoding != WG_INPUT_UNDECIDED || is_ascii(*raw, *size)) return true;
  if (looks_utf8(*raw, *size)) {
    input->encoding = WG_INPUT_UTF8;
    return true;
  }
  input->converter = iconv_open("UTF-8", "GB18030");
  if (input->converter == (void *)-1) {
    input->converter = NULL;
    wg_fail(&input->error, WG_FAILED_PRECONDITION, NULL, "the file looks like GB18030, which iconv here does not know");
    return false;
  }
  input->encoding = WG_INPUT_GB18030;
  return true;
}

bool wg_input_more(struct wg_input *input) {
  if (input->at > 0) {
    memmove(input->text.data, input->text.data + input->at, input->text.size - input->at);
    input->text.size -= input->at;
    input->at = 0;
  }
  if (input->ended) return false;
  uint8_t *space = wg_alloc(sizeof input->held + CHUNK), *raw = space;
  memcpy(raw, input->held, input->held_size);
  size_t got = read_raw(input, raw + input->held_size, CHUNK), size = input->held_size + got;
  input->held_size = 0;
  input->bytes_read += got;
  if (input->error.code != WG_OK || !decide(input, &raw, &size)) size = 0;
  if (input->encoding == WG_INPUT_GB18030) convert(input, raw, size, got == 0);
  else wg_buffer_append(&input->text, raw, size);
  input->ended = got == 0 || input->error.code != WG_OK;
  free(space);
  return !input->ended;
}

// skip_line drops everything up to and with the next line break.
static void skip_line(struct wg_input *input) {
  for (;;) {
    uint8_t *start = input->text.data + input->at;
    uint8_t *end = input->text.size > input->at ? memchr(start, '\n', input->text.size - input->at) : NULL;
    if (end != NULL) {
      input->at += (size_t)(end - start) + 1;
      input->line++;
      return;
    }
    input->at = input->text.size;
    if (input->ended) return;
    wg_input_more(input);
  }
}

enum wg_line wg_input_line(struct wg_input *input, size_t most, char **line, uint64_t *number, struct wg_error *error) {
  *number = input->line;
  size_t searched = 0;
  for (;;) {
    size_t left = input->text.size - input->at;
    uint8_t *end = left > searched ? memchr(input->text.data + input->at + searched, '\n', left - searched) : NULL;
    size_t length = end != NULL ? (size_t)(end - input->text.data) - input->at : left;
    if (length > most) {
      skip_line(input);
      wg_fail(error, WG_INVALID_ARGUMENT, NULL, "the line is longer than %zu bytes", most);
      return WG_LINE_BROKEN;
    }
    if (end == NULL && !input->ended) {
      searched = left;
      wg_input_more(input);
      continue;
    }
    if (end == NULL && left == 0) return WG_LINE_END;
    size_t next = input->at + length + (end != NULL);
    if (end == NULL) wg_buffer_reserve(&input->text, 1); // room for the NUL
    uint8_t *start = input->text.data + input->at;
    if (length > 0 && start[length - 1] == '\r') length--;
    start[length] = 0;
    input->at = next;
    input->line++;
    *line = (char *)start;
    if (wg_utf8_valid((struct wg_bytes){start, length})) return WG_LINE;
    wg_fail(error, WG_INVALID_ARGUMENT, NULL, "the line is not valid UTF-8 or holds a NUL");
    return WG_LINE_BROKEN;
  }
}
