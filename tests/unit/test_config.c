// Settings: what an operator writes arrives as written, and what is wrong is named with its file, line and key.
#include "common/config/config.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

struct target {
  char *listen, *key, *peer;
  int64_t readers;
  bool quiet;
};

static const struct wg_setting settings[] = {
    {"listen", WG_SETTING_TEXT, offsetof(struct target, listen), NULL, 0, 0, "endpoint"},
    {"key-file", WG_SETTING_PATH, offsetof(struct target, key), "keys/own.key", 0, 0, "key file"},
    {"peer", WG_SETTING_KEY, offsetof(struct target, peer), "", 0, 0, "public key"},
    {"readers", WG_SETTING_INT, offsetof(struct target, readers), "2", 1, 64, "threads"},
    {"quiet", WG_SETTING_BOOL, offsetof(struct target, quiet), "no", 0, 0, "say less"},
    {0},
};

static char folder[64];
static char file[128];

static int folder_make(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/wangge-config-XXXXXX");
  if (mkdtemp(folder) == NULL) return -1;
  snprintf(file, sizeof file, "%s/wangge.ini", folder);
  return 0;
}

static int folder_remove(void **state) {
  (void)state;
  unlink(file);
  return rmdir(folder);
}

static void write_file(const char *text, size_t size) {
  FILE *out = fopen(file, "w");
  assert_non_null(out);
  assert_int_equal(fwrite(text, 1, size, out), size);
  assert_int_equal(fclose(out), 0);
}

static wg_status load(const char *text, struct target *target, struct wg_error *error) {
  write_file(text, strlen(text));
  *target = (struct target){0};
  return wg_config_load(file, "intake", settings, target, error);
}

static void a_key_is_taken_as_it_stands(void **state) {
  (void)state;
  struct target target;
  struct wg_error error = {0};
  assert_int_equal(load("[intake]\nlisten = x\npeer = dq^c(u${%)g0WB8%HN<?YMn@kqmehv#D^f]O]}\n", &target, &error),
                   WG_OK);
  assert_string_equal(target.peer, "dq^c(u${%)g0WB8%HN<?YMn@kqmehv#D^f]O]}");
  wg_config_free(settings, &target);
  assert_null(target.peer);
}

static void a_file_fills_the_struct(void **state) {
  (void)state;
  struct target target;
  struct wg_error error = {0};
  char expected[256];
  setenv("TEST_HOST", "127.0.0.1", 1);
  assert_int_equal(load("\xEF\xBB\xBF# 设置\n[common]\nreaders = 7\nquiet = YES\n\n"
                        "[intake] ; ours\r\nlisten = tcp://${TEST_HOST}:7101 ; where\r\n  readers=8\n"
                        "key-file = own.key\n[routing]\r\n\r\nanything = goes\r",
                        &target, &error),
                   WG_OK);
  assert_string_equal(target.listen, "tcp://127.0.0.1:7101");
  assert_int_equal(target.readers, 8);
  assert_true(target.quiet);
  snprintf(expected, sizeof expected, "%s/own.key", folder);
  assert_string_equal(target.key, expected);
  wg_config_free(settings, &target);
  assert_null(target.listen);

  // The order of the sections does not matter.
  assert_int_equal(load("[intake]\nreaders = 8\nlisten = a\n[common]\nreaders = 7\n", &target, &error), WG_OK);
  assert_int_equal(target.readers, 8);
  wg_config_free(settings, &target);
}

static void absence_gives_the_fallback(void **state) {
  (void)state;
  struct target target;
  struct wg_error error = {0};
  char expected[256];
  assert_int_equal(load("[intake]\nlisten = x", &target, &error), WG_OK);
  assert_int_equal(target.readers, 2);
  assert_false(target.quiet);
  snprintf(expected, sizeof expected, "%s/keys/own.key", folder);
  assert_string_equal(target.key, expected);
  wg_config_free(settings, &target);
}

static void the_environment_overrides(void **state) {
  (void)state;
  struct target target;
  struct wg_error error = {0};
  setenv("WANGGE_COMMON_READERS", "5", 1);
  setenv("WANGGE_COMMON_LISTEN", "common", 1);
  setenv("WANGGE_INTAKE_LISTEN", "own ${NOT_EXPANDED}", 1);
  setenv("WANGGE_INTAKE_KEY_FILE", "here.key", 1);
  assert_int_equal(load("[intake]\nlisten = file\nreaders = 3\nkey-file = there.key\n", &target, &error), WG_OK);
  assert_string_equal(target.listen, "own ${NOT_EXPANDED}");
  assert_int_equal(target.readers, 5);
  assert_string_equal(target.key, "here.key");
  wg_config_free(settings, &target);
  assert_int_equal(wg_config_load(NULL, "intake", settings, &target, &error), WG_OK);
  assert_string_equal(target.listen, "own ${NOT_EXPANDED}");
  wg_config_free(settings, &target);
  setenv("WANGGE_INTAKE_READERS", "65", 1);
  assert_int_equal(load("[intake]\nlisten = file\n", &target, &error), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "environment variable WANGGE_INTAKE_READERS: readers is \"65\""));
  assert_null(target.listen);
  unsetenv("WANGGE_COMMON_READERS");
  unsetenv("WANGGE_COMMON_LISTEN");
  unsetenv("WANGGE_INTAKE_LISTEN");
  unsetenv("WANGGE_INTAKE_KEY_FILE");
  unsetenv("WANGGE_INTAKE_READERS");
}

static const struct {
  const char *text;
  const char *field;
  const char *message; // a part; begins at the line number
} wrong[] = {
    {"[intake]\nlisten = a\nlistne = b\n", "listne", ":3: [intake] has no setting \"listne\""},
    {"[common]\nlistne = b\n[intake]\nlisten = a\n", "listne", ":2: [intake] has no setting \"listne\"; [common]"},
    {"[intake]\nlisten = a\n\nlisten = b\n", "listen", ":4: listen of [intake] was given in line 2 already"},
    {"[intake]\nlisten = a\n[common]\n[intake]\nreaders = 3\n", "", ":4: section [intake] was given in line 1"},
    {"listen = a\n", "listen", ":1: listen stands before the first [section]"},
    {"[intake]\nlisten = a\nreaders = 0\n", "readers", ":3: readers is \"0\", must be a whole number from 1 to 64"},
    {"[intake]\nlisten = a\nreaders = 65\n", "readers", ":3: readers is \"65\""},
    {"[intake]\nlisten = a\nreaders = 4x\n", "readers", ":3: readers is \"4x\""},
    {"[intake]\nlisten = a\nreaders = 99999999999999999999\n", "readers", ":3: readers is"},
    {"[intake]\nlisten = a\nreaders =\n", "readers", ":3: readers is \"\""},
    {"[intake]\nlisten = a\nquiet = maybe\n", "quiet", ":3: quiet is \"maybe\", must be yes or no"},
    {"[intake]\nlisten = ${TEST_MISSING}\n", "listen", ":2: listen names the environment variable ${TEST_MISSING}"},
    {"[intake]\nlisten = ${TEST_HOST\n", "listen", ":2: listen names the environment variable"},
    {"[intake]\nreaders = 3\n", "listen", ": [intake] needs listen (endpoint)"},
    {"[intake]\nlisten =\n", "listen", ": [intake] needs listen (endpoint)"},
    {"[intake]\nlisten = a\nwhat is this\n", "", ":3: expected \"key = value\""},
    {"[intake]\nlisten : a\n", "", ":2: expected \"key = value\""},
    {"[intake]\n= a\n", "", ":2: expected \"key = value\""},
    {"[intake\nlisten = a\n", "", ":1: the section's name needs a closing ]"},
    {"[intake] listen = a\n", "", ":1: nothing but a comment may follow [intake]"},
    {"[]\nlisten = a\n", "", ":1: a section's name has 1 to 49 bytes"},
    {"[intake]\nlisten = \xFF\n", "", ":2: the line is not UTF-8"},
    {"[intake]\nlisten = a\x01\n", "", ":2: the line is not UTF-8 or has control characters"},
};

static void what_is_wrong_is_named_with_file_line_and_key(void **state) {
  (void)state;
  unsetenv("TEST_MISSING");
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct target target;
    struct wg_error error = {0};
    wg_status status = load(wrong[i].text, &target, &error);
    if (status != WG_INVALID_ARGUMENT && status != WG_ALREADY_EXISTS)
      fail_msg("%zu: accepted or odd status %d: %s", i, (int)status, error.message);
    if (strncmp(error.message, file, strlen(file)) != 0) fail_msg("%zu: no file: %s", i, error.message);
    const char *rest = error.message + strlen(file);
    if (strncmp(rest, wrong[i].message, strlen(wrong[i].message)) != 0) fail_msg("%zu: %s", i, rest);
    assert_string_equal(error.field, wrong[i].field);
    assert_null(target.listen);
    assert_null(target.key);
  }
}

static wg_status count_row(void *context, int line, const char *section, const char *key, const char *value,
                           struct wg_error *error) {
  (void)line, (void)section, (void)key, (void)value, (void)error;
  ++*(size_t *)context;
  return WG_OK;
}

static wg_status refuse_row(void *context, int line, const char *section, const char *key, const char *value,
                            struct wg_error *error) {
  (void)line, (void)section, (void)value;
  ++*(size_t *)context;
  return wg_fail(error, WG_OUT_OF_RANGE, key, "no such %s", key);
}

static void the_reader_stops_at_the_first_refusal(void **state) {
  (void)state;
  size_t rows = 0;
  struct wg_error error = {0};
  char expected[256];
  const char *text = "[a]\nx = 1\ny = 2\n";
  write_file(text, strlen(text));
  assert_int_equal(wg_ini_read(file, refuse_row, &rows, &error), WG_OUT_OF_RANGE);
  assert_int_equal(rows, 1);
  snprintf(expected, sizeof expected, "%s:2: no such x", file);
  assert_string_equal(error.message, expected);
  assert_string_equal(error.field, "x");
  assert_int_equal(wg_ini_read("/nonexistent/wangge.ini", count_row, &rows, &error), WG_NOT_FOUND);
  assert_int_equal(wg_ini_read(folder, count_row, &rows, &error), WG_UNAVAILABLE);
}

static void long_lines_are_whole_or_refused(void **state) {
  (void)state;
  static char text[8192];
  size_t rows = 0;
  struct wg_error error = {0};
  const size_t head = (size_t)snprintf(text, sizeof text, "[a]\nx = ");
  memset(text + head, 'v', 4000);
  text[head + 4000] = '\n';
  write_file(text, head + 4001);
  assert_int_equal(wg_ini_read(file, count_row, &rows, &error), WG_OK);
  assert_int_equal(rows, 1);
  memset(text + head, 'v', 4200);
  write_file(text, head + 4200);
  assert_int_equal(wg_ini_read(file, count_row, &rows, &error), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, ":2: the line is longer than 4096 bytes"));
  assert_int_equal(rows, 1);
  write_file("[a]\nx = 1\0y = 2\n", 16);
  assert_int_equal(wg_ini_read(file, count_row, &rows, &error), WG_INVALID_ARGUMENT);
  memset(text, 'n', 60);
  memcpy(text + 50, " = 1\n", 5);
  write_file(text, 55);
  assert_int_equal(wg_ini_read(file, count_row, &rows, &error), WG_INVALID_ARGUMENT);
  memcpy(text + 49, " = 1\n", 5);
  write_file(text, 54);
  assert_int_equal(wg_ini_read(file, count_row, &rows, &error), WG_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_fills_the_struct),
      cmocka_unit_test(a_key_is_taken_as_it_stands),
      cmocka_unit_test(absence_gives_the_fallback),
      cmocka_unit_test(the_environment_overrides),
      cmocka_unit_test(what_is_wrong_is_named_with_file_line_and_key),
      cmocka_unit_test(the_reader_stops_at_the_first_refusal),
      cmocka_unit_test(long_lines_are_whole_or_refused),
  };
  return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
