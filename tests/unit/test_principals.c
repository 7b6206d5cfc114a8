// The principals file is read whole or not at all; every error names its line. Key files keep their secret.
#include "common/base/clock.h"
#include "common/bus/bus.h"
#include "tests/unit/unit.h"

#include "wangge/v1/common.pb-c.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// Public keys made for this test; their secrets were never kept.
static char key_a[41], key_b[41], key_c[41];
static char folder[64], file[128];

static int make_folder(void **state) {
  (void)state;
  char secret[41];
  strcpy(folder, "/tmp/wangge-principals-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  snprintf(file, sizeof file, "%s/principals.ini", folder);
  zmq_curve_keypair(key_a, secret);
  zmq_curve_keypair(key_b, secret);
  zmq_curve_keypair(key_c, secret);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  unlink(file);
  return rmdir(folder);
}

// put writes the file; @A, @B and @C stand for the keys.
static void put_as_it_is(const char *text, size_t size) {
  int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, size), size);
  close(fd);
}

static void put(const char *text) {
  char whole[16384];
  size_t size = 0;
  for (const char *c = text; *c; c++) {
    const char *key = c[0] != '@' ? NULL : c[1] == 'A' ? key_a : c[1] == 'B' ? key_b : c[1] == 'C' ? key_c : NULL;
    if (!key) {
      whole[size++] = *c;
      continue;
    }
    memcpy(whole + size, key, 40);
    size += 40;
    c++;
  }
  put_as_it_is(whole, size);
}

static struct wg_principals *open_file(const char *text) {
  struct wg_principals *principals;
  struct wg_error error;
  put(text);
  if (wg_principals_open(file, &principals, &error)) fail_msg("%s", error.message);
  return principals;
}

static const char good[] =
    "# who may talk\n"
    "[hotline-12345]\nkey = @A\nroles = source\ndistricts = 211224, 210211\nchannel = hotline_12345\n"
    "\n[water]\nkey = @B\nroles = department , source\ndepartment = water\n"
    "[desk.1]\nkey = @C\nroles = dispatcher,operator,service\n";

static void a_good_file_says_who_is_who(void **state) {
  (void)state;
  struct wg_principal p;
  struct wg_principals *principals = open_file(good);
  assert_int_equal(wg_principals_version(principals), 1);
  assert_true(wg_principals_by_name(principals, "hotline-12345", &p));
  assert_int_equal(p.roles, WG_ROLE_SOURCE);
  assert_string_equal(p.key, key_a);
  assert_int_equal(p.districts, 2);
  assert_string_equal(p.district[1], "210211");
  assert_int_equal(p.default_channel, WANGGE__V1__CHANNEL__CHANNEL_HOTLINE_12345);
  assert_true(wg_principals_by_key(principals, key_b, &p));
  assert_string_equal(p.name, "water");
  assert_string_equal(p.department, "water");
  assert_int_equal(p.roles, WG_ROLE_DEPARTMENT | WG_ROLE_SOURCE);
  assert_int_equal(p.districts, 0);
  assert_true(wg_principals_by_name(principals, "desk.1", &p));
  assert_int_equal(p.roles, WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR | WG_ROLE_SERVICE);
  assert_false(wg_principals_by_name(principals, "", &p));
  assert_false(wg_principals_by_name(principals, "Water", &p));
  assert_false(wg_principals_by_key(principals, "", &p));
  wg_principals_close(principals);
}

// What is wrong, in which line, and a word that must be in the message.
static const struct {
  const char *text, *line, *word;
} bad[] = {
    {"[a]\nkey = @A\nroles = source\n[a]\nkey = @B\nroles = source\n", ":4: ", "already"},
    {"[a]\nkey = @A\nroles = source\n[b]\nkey = @B\nroles = source\n[a]\nkey = @C\n", ":7: ", "already"},
    {"[a]\nkey = @A\nroles = source\n[b]\nkey = @A\nroles = source\n", ":5: ", "same key"},
    {"[a]\nkey = @A\nroles = source\nkey = @B\n", ":4: ", "key"},
    {"[a]\nkey = @A\nroles = source\nroles = source\n", ":4: ", "roles"},
    {"[a]\nkey = @A\nroles = source\ndistricts = 210211\ndistricts = 210212\n", ":5: ", "districts"},
    {"[a]\nkey = @A\nroles = sauce\n", ":3: ", "dispatcher"},
    {"[a]\nkey = @A\nroles = source,\n", ":3: ", "role"},
    {"[a]\nkey = @A\nroles = source, source\n", ":3: ", "twice"},
    {"[a]\nroles = source\n", ":2: ", "no key"},
    {"[a]\nkey = @A\n[b]\nkey = @B\nroles = source\n", ":2: ", "no roles"},
    {"[a]\nkey = @A\nroles = department\n", ":2: ", "department = "},
    {"[a]\nkey = @A\nroles = source\ndepartment = water\n", ":2: ", "not role department"},
    {"[a]\nkey = @A\nroles = department\ndepartment = Water Works\n", ":4: ", "department"},
    {"[a]\nkey = @A\nroles = operator\nchannel = patrol_visit\n", ":2: ", "not role source"},
    {"[a]\nkey = @A\nroles = source\nchannel = telex\n", ":4: ", "telex"},
    {"[a]\nkey = @A\nroles = source\nchannel = unspecified\n", ":4: ", "channel"},
    {"[a]\nkey = @A\nroles = source\ndistricts = 21021\n", ":4: ", "six digits"},
    {"[a]\nkey = @A\nroles = source\ndistricts = 210211,\n", ":4: ", "six digits"},
    {"[a]\nkey = @A\nroles = source\ncolour = red\n", ":4: ", "known are key"},
    {"[a]\nkey = @A\nroles = source\norigins = S01\n", ":2: ", "station_walk_in"},
    {"[a]\nkey = @A\nroles = source\nchannel = hotline_12345\norigins = S01\n", ":2: ", "wechat_group"},
    {"[a]\nkey = @A\nroles = operator\norigins = S01\n", ":2: ", "station_walk_in"},
    {"[a]\nkey = @A\nroles = source\nchannel = wechat_group\norigins = S01,\n", ":5: ", "1 to 32 bytes"},
    {"[a]\nkey = @A\nroles = source\nchannel = wechat_group\norigins = S23456789012345678901234567890123\n",
     ":5: ", "1 to 32 bytes"},
    {"[a]\nkey = @A\nroles = source\nchannel = wechat_group\norigins = 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n",
     ":5: ", "16"},
    {"[a]\nkey = @A\nprevious_keys = short\nroles = source\n", ":3: ", "Z85"},
    {"[a]\nkey = @A\nprevious_keys = @A\nroles = source\n", ":2: ", "previous key of [a] is a key of [a]"},
    {"[a]\nkey = @A\nprevious_keys = @B\nroles = source\n[b]\nkey = @B\nroles = source\n", ":2: ", "key of [b]"},
    {"[a]\nkey = @A\nprevious_keys = @B, @C, @B\nroles = source\n", ":3: ", "more than 2"},
    {"[a]\nkey = tooshort\nroles = source\n", ":2: ", "Z85"},
    {"[a]\nkey = ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\nroles = source\n", ":2: ", "Z85"},
    {"[a]\nkey = ########################################\nroles = source\n", ":2: ", "Z85"},
    {"[Big Name]\nkey = @A\nroles = source\n", ":2: ", "Big Name"},
    {"[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\nkey = @A\nroles = source\n", ":1: ", "49"},
    {"key = @A\nroles = source\n", ":1: ", ""},
};

static void a_key_that_is_being_replaced_is_still_its_principals(void **state) {
  (void)state;
  struct wg_principal p;
  struct wg_incoming incoming = {.user = "water"};
  struct wg_principals *principals =
      open_file("[water]\nkey = @A\nprevious_keys = @B\nroles = department\ndepartment = water\n");
  assert_true(wg_principals_by_key(principals, key_a, &p));
  assert_true(wg_principals_by_key(principals, key_b, &p));
  assert_string_equal(p.name, "water");
  memcpy(incoming.key, key_b, sizeof incoming.key);
  assert_true(wg_principals_by_peer(principals, &incoming, &p));
  memcpy(incoming.key, key_c, sizeof incoming.key);
  assert_false(wg_principals_by_peer(principals, &incoming, &p));
  struct wg_error error;
  put("[water]\nkey = @A\nroles = department\ndepartment = water\n"); // the rotation has ended
  assert_int_equal(wg_principals_reload(principals, &error), WG_OK);
  memcpy(incoming.key, key_b, sizeof incoming.key);
  assert_false(wg_principals_by_peer(principals, &incoming, &p));
  assert_false(wg_principals_by_key(principals, key_b, &p));
  wg_principals_close(principals);
}

static void a_source_may_be_for_certain_stations(void **state) {
  (void)state;
  struct wg_principal p;
  struct wg_principals *principals = open_file(
      "[keeper]\nkey = @A\nroles = source\nchannel = station_walk_in\norigins = S01 , 驿站2\n[any]\nkey = @B\nroles = "
      "source\nchannel = station_walk_in\n");
  assert_true(wg_principals_by_name(principals, "keeper", &p));
  assert_int_equal(p.origins, 2);
  assert_string_equal(p.origin[0], "S01");
  assert_string_equal(p.origin[1], "驿站2");
  assert_true(wg_principals_by_name(principals, "any", &p));
  assert_int_equal(p.origins, 0);
  wg_principals_close(principals);
}

static void every_error_names_its_line(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct wg_principals *principals = NULL;
    struct wg_error error = {0};
    put(bad[i].text);
    wg_status status = wg_principals_open(file, &principals, &error);
    if (status == WG_OK) fail_msg("accepted: %s", bad[i].text);
    if (!strstr(error.message, bad[i].line) || !strstr(error.message, bad[i].word))
      fail_msg("%s\nfor:\n%swanted: %s, \"%s\"", error.message, bad[i].text, bad[i].line, bad[i].word);
    assert_int_equal(error.code, status);
    assert_null(principals);
  }
}

static void too_many_districts_and_no_file_are_errors(void **state) {
  (void)state;
  struct wg_principals *principals = NULL;
  struct wg_error error;
  char text[512] = "[a]\nkey = @A\nroles = source\ndistricts = 210000";
  for (int i = 1; i <= 32; i++)
    sprintf(text + strlen(text), ",%06d", 210000 + i);
  put(text);
  assert_int_equal(wg_principals_open(file, &principals, &error), WG_INVALID_ARGUMENT);
  assert_non_null(strstr(error.message, "32"));
  put("");
  assert_int_not_equal(wg_principals_open(file, &principals, &error), WG_OK);
  unlink(file);
  assert_int_not_equal(wg_principals_open(file, &principals, &error), WG_OK);
  assert_null(principals);
}

static void a_reload_with_an_error_keeps_the_old(void **state) {
  (void)state;
  struct wg_principal p;
  struct wg_error error;
  struct wg_principals *principals = open_file(good);
  put("[water]\nkey = @B\nroles = operator\n[broken]\nroles = source\n");
  assert_int_equal(wg_principals_reload(principals, &error), WG_INVALID_ARGUMENT);
  assert_int_equal(wg_principals_failures(principals), 1);
  assert_int_equal(wg_principals_version(principals), 1);
  assert_true(wg_principals_by_name(principals, "water", &p));
  assert_int_equal(p.roles, WG_ROLE_DEPARTMENT | WG_ROLE_SOURCE);
  unlink(file);
  assert_int_not_equal(wg_principals_reload(principals, &error), WG_OK);
  assert_true(wg_principals_by_name(principals, "hotline-12345", &p));

  put("[water]\nkey = @C\nroles = operator\n");
  assert_int_equal(wg_principals_reload(principals, &error), WG_OK);
  assert_int_equal(wg_principals_version(principals), 2);
  assert_false(wg_principals_by_name(principals, "hotline-12345", &p));
  assert_false(wg_principals_by_key(principals, key_a, &p));
  assert_false(wg_principals_by_key(principals, key_b, &p));
  assert_true(wg_principals_by_key(principals, key_c, &p));
  assert_int_equal(p.roles, WG_ROLE_OPERATOR);
  wg_principals_close(principals);
}

static bool refreshes(struct wg_principals *principals, int seconds) {
  const int64_t until_us = wg_monotonic_us() + seconds * WG_SECOND_US;
  while (wg_monotonic_us() < until_us) {
    if (wg_principals_refresh(principals)) return true;
    usleep(50000);
  }
  return false;
}

static void a_changed_file_is_noticed_once(void **state) {
  (void)state;
  struct wg_principal p;
  struct wg_principals *principals = open_file(good);
  put("[only]\nkey = @A\nroles = operator\n");
  assert_true(refreshes(principals, 60));
  assert_true(wg_principals_by_name(principals, "only", &p));
  put("[only]\nkey = @A\n");
  assert_false(refreshes(principals, 2));
  assert_int_equal(wg_principals_failures(principals), 1); // tried once, not every second
  assert_true(wg_principals_by_name(principals, "only", &p));
  wg_principals_close(principals);
}

static atomic_bool stop;
static void *look_up(void *principals) {
  struct wg_principal p;
  while (!atomic_load(&stop))
    if (!wg_principals_by_name(principals, "water", &p) || strcmp(p.department, "water")) return principals;
  return NULL;
}

static void lookups_go_on_while_the_file_is_reloaded(void **state) {
  (void)state;
  struct wg_error error;
  struct wg_principals *principals = open_file(good);
  pthread_t threads[2];
  void *wrong[2];
  atomic_store(&stop, false);
  for (int i = 0; i < 2; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, look_up, principals), 0);
  for (int i = 0; i < 200; i++)
    assert_int_equal(wg_principals_reload(principals, &error), WG_OK);
  atomic_store(&stop, true);
  for (int i = 0; i < 2; i++)
    pthread_join(threads[i], &wrong[i]);
  assert_null(wrong[0]);
  assert_null(wrong[1]);
  wg_principals_close(principals);
}

static void roles_have_names(void **state) {
  (void)state;
  for (unsigned bit = 1; bit <= WG_ROLE_SERVICE; bit <<= 1) {
    unsigned role = 0;
    assert_true(wg_role_parse(wg_role_name(bit), &role));
    assert_int_equal(role, bit);
  }
  unsigned role = 0;
  assert_false(wg_role_parse("SOURCE", &role));
  assert_false(wg_role_parse("", &role));
}

static void a_key_file_is_made_once_and_read_back(void **state) {
  (void)state;
  struct wg_key made, read, again;
  struct wg_error error;
  struct stat info;
  unlink(file);
  assert_int_equal(wg_key_generate(file, &made, &error), WG_OK);
  assert_int_equal(stat(file, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
  assert_int_equal(wg_key_read(file, &read, &error), WG_OK);
  assert_memory_equal(&made, &read, sizeof made);
  assert_int_equal(wg_key_generate(file, &again, &error), WG_ALREADY_EXISTS);
  assert_int_equal(wg_key_read(file, &again, &error), WG_OK);
  assert_memory_equal(&made, &again, sizeof made);
  wg_key_wipe(&made);
  for (size_t i = 0; i < sizeof made; i++)
    assert_int_equal(((char *)&made)[i], 0);
  unlink(file); // and nothing else is left in the folder: remove_folder would fail
}

static void a_key_file_that_is_not_safe_or_not_right_is_refused(void **state) {
  (void)state;
  struct wg_key key, other;
  struct wg_error error;
  char text[256];
  unlink(file);
  assert_int_equal(wg_key_read(file, &key, &error), WG_NOT_FOUND);
  assert_int_equal(wg_key_generate(file, &key, &error), WG_OK);
  int open_modes[] = {0640, 0604, 0660, 0644};
  for (size_t i = 0; i < 4; i++) {
    chmod(file, (mode_t)open_modes[i]);
    assert_int_equal(wg_key_read(file, &other, &error), WG_PERMISSION_DENIED);
    assert_null(strstr(error.message, key.secret_z85));
  }
  assert_int_equal(wg_key_read(folder, &other, &error), WG_FAILED_PRECONDITION);
  chmod(file, 0600);
  const char *forms[] = {"public = %1$s\n",
                         "secret = %2$s\n",
                         "public = %2$s\nsecret = %2$s\n",
                         "public = %1$s\nsecret = %2$s\nsecret = %2$s\n",
                         "public = %1$s\nsecret = short\n",
                         "public = %1$s\nsecret %2$s\n",
                         "public = %1$s\nsecret = %2$s\nmore = %1$s\n",
                         "\n"};
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof text, forms[i], key.public_z85, key.secret_z85);
#pragma GCC diagnostic pop
    put_as_it_is(text, strlen(text)); // a key may have an @A in it
    assert_int_equal(wg_key_read(file, &other, &error), WG_INVALID_ARGUMENT);
    assert_null(strstr(error.message, key.secret_z85));
  }
  snprintf(text, sizeof text, "; mine\r\n\r\n secret=%s \r\npublic   =   %s", key.secret_z85, key.public_z85);
  put_as_it_is(text, strlen(text)); // a key may have an @A in it
  assert_int_equal(wg_key_read(file, &other, &error), WG_OK);
  assert_memory_equal(&key, &other, sizeof key);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
static int remove_empty_folder(void **state) {
  (void)state;
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(a_good_file_says_who_is_who),
      IN_FOLDER(every_error_names_its_line),
      cmocka_unit_test_setup_teardown(too_many_districts_and_no_file_are_errors, make_folder, remove_empty_folder),
      IN_FOLDER(a_reload_with_an_error_keeps_the_old),
      IN_FOLDER(a_changed_file_is_noticed_once),
      IN_FOLDER(lookups_go_on_while_the_file_is_reloaded),
      IN_FOLDER(a_key_that_is_being_replaced_is_still_its_principals),
      IN_FOLDER(a_source_may_be_for_certain_stations),
      cmocka_unit_test(roles_have_names),
      cmocka_unit_test_setup_teardown(a_key_file_is_made_once_and_read_back, make_folder, remove_empty_folder),
      IN_FOLDER(a_key_file_that_is_not_safe_or_not_right_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
