// The HTTP port answers what it should, refuses the rest, and no client can hold up another.
#include "common/obs/http.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct wg_metrics *metrics;
static struct wg_health *health;
static struct wg_http *http;

static int start(void **state) {
  (void)state;
  struct wg_error error;
  metrics = wg_metrics_create("test");
  health = wg_health_create();
  wg_count(wg_counter(metrics, "wangge_things_total", NULL, "Things."), 4);
  if (wg_http_start("127.0.0.1:0", metrics, health, &http, &error)) fail_msg("%s", error.message);
  return 0;
}

static int stop(void **state) {
  (void)state;
  wg_http_stop(http);
  wg_health_destroy(health);
  wg_metrics_destroy(metrics);
  return 0;
}

static int dial(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)wg_http_port(http))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static char answer[65536];

// ask sends one request and reads to the end; the whole answer with head.
static const char *ask(const char *request) {
  int fd = dial();
  size_t size = 0;
  assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
  struct pollfd ready = {fd, POLLIN, 0};
  while (size < sizeof answer - 1 && poll(&ready, 1, 10000) == 1) {
    ssize_t got = recv(fd, answer + size, sizeof answer - 1 - size, 0);
    if (got <= 0) break;
    size += (size_t)got;
  }
  answer[size] = 0;
  close(fd);
  return answer;
}

#define REQUEST(method, path) method " " path " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"

static void assert_answer(const char *text, const char *status, const char *header, const char *body) {
  const char *content = strstr(text, "\r\n\r\n");
  char start_line[64];
  snprintf(start_line, sizeof start_line, "HTTP/1.1 %s", status);
  if (strncmp(text, start_line, strlen(start_line)) != 0) fail_msg("wanted %s, got:\n%s", status, text);
  if (header && !strcasestr(text, header)) fail_msg("wanted header %s, got:\n%s", header, text);
  if (!content || (body && !strstr(content, body))) fail_msg("wanted body %s, got:\n%s", body ? body : "", text);
}

static void metrics_have_the_right_content_type(void **state) {
  (void)state;
  assert_answer(ask(REQUEST("GET", "/metrics")), "200", "content-type: text/plain; version=0.0.4; charset=utf-8\r\n",
                "wangge_things_total{service=\"test\"} 4\n");
  assert_answer(ask("GET /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
                    "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n"),
                "200", "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n", "# EOF\n");
}

static void head_has_no_body(void **state) {
  (void)state;
  const char *text = ask(REQUEST("HEAD", "/metrics"));
  assert_answer(text, "200", "content-type: text/plain; version=0.0.4", NULL);
  assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
}

static void other_methods_and_paths_are_refused(void **state) {
  (void)state;
  assert_answer(ask("POST /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"), "405",
                "allow: GET, HEAD\r\n", NULL);
  assert_answer(ask(REQUEST("DELETE", "/readyz")), "405", "allow: GET, HEAD\r\n", NULL);
  assert_answer(ask(REQUEST("GET", "/")), "404", NULL, "/metrics");
  assert_answer(ask(REQUEST("GET", "/metrics/")), "404", NULL, NULL);
  assert_answer(ask(REQUEST("GET", "/../etc/passwd")), "404", NULL, NULL);
  assert_null(strstr(ask("nonsense\r\n\r\n"), "200"));
}

static void livez_follows_the_loop(void **state) {
  (void)state;
  assert_answer(ask(REQUEST("GET", "/livez")), "503", NULL, NULL);
  wg_health_tick(health);
  assert_answer(ask(REQUEST("GET", "/livez")), "200", NULL, "ok");
}

static void readyz_says_which_check_fails_and_why(void **state) {
  (void)state;
  assert_answer(ask(REQUEST("GET", "/readyz")), "503", "content-type: application/json\r\n", "\"ready\":false");
  assert_answer(ask(REQUEST("GET", "/startupz")), "503", NULL, NULL);
  wg_health_set(health, "database", false, "could not \"connect\"\n");
  wg_health_set(health, "upstream", true, NULL);
  assert_false(wg_health_ready(health));
  const char *text = ask(REQUEST("GET", "/readyz"));
  assert_answer(text, "503", "content-type: application/json\r\n", NULL);
  json_t *root = json_loads(strstr(text, "\r\n\r\n"), 0, NULL), *database;
  assert_non_null(root);
  assert_true(json_is_false(json_object_get(root, "ready")));
  database = json_object_get(json_object_get(root, "checks"), "database");
  assert_string_equal(json_string_value(json_object_get(database, "detail")), "could not \"connect\"\n");
  assert_true(json_is_true(json_object_get(json_object_get(json_object_get(root, "checks"), "upstream"), "ready")));
  json_decref(root);

  wg_health_set(health, "database", true, NULL);
  assert_true(wg_health_ready(health));
  assert_answer(ask(REQUEST("GET", "/readyz")), "200", NULL,
                "{\"ready\":true,\"checks\":{\"database\":{\"ready\":true},\"upstream\":{\"ready\":true}}}");
  assert_answer(ask(REQUEST("GET", "/startupz")), "200", NULL, NULL);
  wg_health_set(health, "database", false, "gone");
  assert_answer(ask(REQUEST("GET", "/readyz")), "503", NULL, "gone");
  assert_answer(ask(REQUEST("GET", "/startupz")), "200", NULL, NULL); // it did start
}

static void slow_clients_hold_up_nobody(void **state) {
  (void)state;
  int slow[20];
  for (int i = 0; i < 20; i++) {
    slow[i] = dial();
    const char *part = i % 2 ? "GET /metr" : "GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n"; // half asks, half never reads
    assert_true(send(slow[i], part, strlen(part), MSG_NOSIGNAL) > 0);
  }
  for (int i = 0; i < 5; i++)
    assert_answer(ask(REQUEST("GET", "/metrics")), "200", NULL, "wangge_things_total");
  for (int i = 0; i < 20; i++)
    close(slow[i]);
}

static void huge_heads_are_refused(void **state) {
  (void)state;
  char *request = calloc(1, 70000);
  strcpy(request, "GET /metrics HTTP/1.1\r\nX: ");
  memset(request + strlen(request), 'a', 65000);
  int fd = dial();
  send(fd, request, strlen(request), MSG_NOSIGNAL);
  close(fd);
  free(request);
  assert_answer(ask(REQUEST("GET", "/metrics")), "200", NULL, NULL);
}

static void a_wrong_listen_address_is_an_error(void **state) {
  (void)state;
  static const char *const wrong[] = {"",      "127.0.0.1",      "127.0.0.1:",   "127.0.0.1:x",    "127.0.0.1:70000",
                                      ":7201", "localhost:7201", "127.0.0.1:-1", "127.0.0.1:72 01"};
  struct wg_http *other = NULL;
  struct wg_error error;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    if (wg_http_start(wrong[i], metrics, health, &other, &error) != WG_INVALID_ARGUMENT)
      fail_msg("accepted: %s", wrong[i]);
  char taken[32];
  snprintf(taken, sizeof taken, "127.0.0.1:%d", wg_http_port(http));
  assert_int_equal(wg_http_start(taken, metrics, health, &other, &error), WG_UNAVAILABLE);
  assert_non_null(strstr(error.message, taken));
  assert_null(other);
}

static void systemd_is_told_where_it_listens(void **state) {
  (void)state;
  unsetenv("NOTIFY_SOCKET");
  wg_notify("READY=1"); // nobody listens: nothing happens
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int size = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "wangge-notify-%d", (int)getpid());
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)size);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
  char name[sizeof address.sun_path + 1], text[64] = "";
  snprintf(name, sizeof name, "@%s", address.sun_path + 1);
  setenv("NOTIFY_SOCKET", name, 1);
  wg_notify("READY=1\nSTATUS=serving");
  unsetenv("NOTIFY_SOCKET");
  assert_true(recv(fd, text, sizeof text - 1, MSG_DONTWAIT) > 0);
  assert_string_equal(text, "READY=1\nSTATUS=serving");
  close(fd);
}

#define WITH_HTTP(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_HTTP(metrics_have_the_right_content_type),
      WITH_HTTP(head_has_no_body),
      WITH_HTTP(other_methods_and_paths_are_refused),
      WITH_HTTP(livez_follows_the_loop),
      WITH_HTTP(readyz_says_which_check_fails_and_why),
      WITH_HTTP(slow_clients_hold_up_nobody),
      WITH_HTTP(huge_heads_are_refused),
      WITH_HTTP(a_wrong_listen_address_is_an_error),
      cmocka_unit_test(systemd_is_told_where_it_listens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
