#include "common/csv/write.h"

#include <string.h>

bool wg_needs_guard(const char *text) {
  static const char *const wide[] = {"＝", "＋", "－", "＠"};
  text += strspn(text, "'");
  if (text[0] == 0) return false;
  if (strchr("=+-@\t\r\n", text[0]) != NULL) return true;
  for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
    if (strncmp(text, wide[i], strlen(wide[i])) == 0) return true;
  return false;
}

const char *wg_unguarded(const char *text) {
  return text[0] == '\'' && wg_needs_guard(text) ? text + 1 : text;
}

// edged: blanks at an end, which readers may take away unless they are quoted.
static bool edged(const char *text) {
  static const char *const blanks[] = {" ", "\t", "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf"};
  const size_t size = strlen(text);
  for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) {
    const size_t length = strlen(blanks[i]);
    if (size >= length &&
        (memcmp(text, blanks[i], length) == 0 || memcmp(text + size - length, blanks[i], length) == 0))
      return true;
  }
  return false;
}

void wg_csv_cell(struct wg_buffer *out, const char *text, bool number) {
  const bool guard = !number && wg_needs_guard(text);
  if (text[strcspn(text, ",\"\r\n")] == 0 && !edged(text)) {
    wg_buffer_text(out, guard ? "'" : "");
    wg_buffer_text(out, text);
    return;
  }
  wg_buffer_text(out, guard ? "\"'" : "\"");
  for (const char *quote; (quote = strchr(text, '"')) != NULL; text = quote + 1) {
    wg_buffer_append(out, text, (size_t)(quote - text));
    wg_buffer_text(out, "\"\"");
  }
  wg_buffer_text(out, text);
  wg_buffer_text(out, "\"");
}
