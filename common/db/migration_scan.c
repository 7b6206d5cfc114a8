// Looking for statements that would break the one transaction of a migration.
//
// Lexical rules: https://www.postgresql.org/docs/15/sql-syntax-lexical.html. Only what hides text from the parser is
// known here: comments (nested), '…', E'…' with backslashes, "…", $tag$…$tag$.

#include "common/db/migration_file.h"

#include <string.h>
#include <strings.h>

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

static const char *skip_line_comment(const char *at) {
  return at + strcspn(at, "\n");
}

static const char *skip_block_comment(const char *at) {
  int depth = 0;
  while (*at) {
    if (at[0] == '/' && at[1] == '*') {
      depth++;
      at += 2;
    } else if (at[0] == '*' && at[1] == '/') {
      at += 2;
      if (--depth == 0) return at;
    } else at++;
  }
  return at;
}

// A doubled quote inside needs no rule of its own: it ends one string and starts the next.
static const char *skip_quoted(const char *at, bool backslashes) {
  char quote = *at++;
  while (*at && *at != quote) {
    if (backslashes && *at == '\\' && at[1]) at++;
    at++;
  }
  return *at ? at + 1 : at;
}

// skip_dollar skips $tag$…$tag$; a dollar sign that opens none (a parameter) is skipped alone.
static const char *skip_dollar(const char *at) {
  size_t length = 1;
  if (!(at[1] >= '0' && at[1] <= '9'))
    while (is_word(at[length]))
      length++;
  if (at[length] != '$') return at + 1;
  length++;
  for (const char *end = at + length; *end; end++)
    if (strncmp(end, at, length) == 0) return end + length;
  return at + strlen(at);
}

static const char *control_word(const char *word, size_t length) {
  static const char *const words[] = {"BEGIN", "COMMIT",    "ROLLBACK", "END",    "ABORT",
                                      "START", "SAVEPOINT", "RELEASE",  "PREPARE"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i]) == length && strncasecmp(words[i], word, length) == 0) return words[i];
  return NULL;
}

const char *wg_migration_control(const char *sql) {
  bool first = true; // the next word starts a statement
  for (const char *at = sql; *at;) {
    if (at[0] == '-' && at[1] == '-') at = skip_line_comment(at);
    else if (at[0] == '/' && at[1] == '*') at = skip_block_comment(at);
    else if (*at == '\'' || *at == '"') {
      at = skip_quoted(at, false);
      first = false;
    } else if (*at == '$') {
      at = skip_dollar(at);
      first = false;
    } else if (is_word(*at)) {
      size_t length = 1;
      while (is_word(at[length]) || at[length] == '$')
        length++;
      const char *control = first ? control_word(at, length) : NULL;
      if (control) return control;
      bool escapes = length == 1 && (*at == 'e' || *at == 'E') && at[1] == '\'';
      at = escapes ? skip_quoted(at + 1, true) : at + length;
      first = false;
    } else {
      if (*at == ';') first = true;
      // Brackets and the like cannot start a statement that ends a transaction, but they do not hide one either.
      at++;
    }
  }
  return NULL;
}
