#include "tests/unit/stage_test.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_INSTANCES = 8 };
#define PROBE_PROGRAM "wangge-probe"

struct stage_test stage_test;
static pid_t running[MOST_INSTANCES];

static void nap(void) {
  nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static const char *path_of(const char *name) {
  static char path[2][160];
  static int at;
  at = !at;
  snprintf(path[at], sizeof path[at], "%s/%s", stage_test.folder, name);
  return path[at];
}

void stage_test_write(const char *name, const char *text) {
  FILE *file = fopen(path_of("new"), "w");
  assert_non_null(file);
  fputs(text, file);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(rename(path_of("new"), path_of(name)), 0);
}

void stage_test_principals(const char *more) {
  char text[1024];
  snprintf(text, sizeof text, "[hotline]\nkey = %s\nroles = source\n[watcher]\nkey = %s\nroles = operator\n%s",
           stage_test.hotline.public_z85, stage_test.watcher.public_z85, more);
  stage_test_write("principals.ini", text);
}

static void write_config(const char *name) {
  char text[2048], file[32];
  snprintf(text, sizeof text,
           "[probe]\nlisten = ipc://%s/%s\nhttp = 127.0.0.1:0\ndatabase = host=%s dbname=postgres user=wangge_probe\n"
           "owner_database = %s\nkey = service.key\nprincipals = principals.ini\ngreeting = greeting\nreaders = 1\n",
           stage_test.folder, name, postgres_directory(), postgres_dsn());
  snprintf(file, sizeof file, "%s.ini", name);
  stage_test_write(file, text);
}

// --- processes ---
bool stage_test_is_probe(char **argv) {
  return strcmp(argv[0], PROBE_PROGRAM) == 0;
}

static pid_t launch(const char *name, const char *option) {
  char config[32], log[32];
  snprintf(config, sizeof config, "%s.ini", name);
  snprintf(log, sizeof log, "%s.log", name);
  fflush(NULL);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int fd = open(path_of(log), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || dup2(fd, 2) < 0) _exit(126);
  char *arguments[] = {(char *)(uintptr_t)PROBE_PROGRAM, (char *)(uintptr_t) "--config",
                       (char *)(uintptr_t)path_of(config), (char *)(uintptr_t)option, NULL};
  execv("/proc/self/exe", arguments); // afresh: no threads or sockets of ours, and leaks are looked for at its end
  _exit(127);
}

static int reap(pid_t pid) {
  int state = 0;
  const int64_t until = wg_monotonic_us() + STAGE_PATIENCE_MS * 1000;
  while (waitpid(pid, &state, WNOHANG) == 0) {
    if (wg_monotonic_us() > until) fail_msg("process %d does not end; %s/*.log", (int)pid, stage_test.folder);
    nap();
  }
  for (size_t i = 0; i < MOST_INSTANCES; i++) {
    if (running[i] == pid) running[i] = 0;
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

int stage_run(const char *option) {
  write_config("tool");
  return reap(launch("tool", option));
}

void stage_start(struct instance *instance, const char *name) {
  snprintf(instance->name, sizeof instance->name, "%s", name);
  write_config(name);
  instance->pid = launch(name, NULL);
  assert_true(instance->pid > 0);
  size_t at = 0;
  while (running[at])
    assert_true(++at < MOST_INSTANCES);
  running[at] = instance->pid;
}

void stage_signal(const struct instance *instance, int signal) {
  assert_true(instance->pid > 0);
  assert_int_equal(kill(instance->pid, signal), 0);
}

int stage_wait(struct instance *instance) {
  const int code = reap(instance->pid);
  instance->pid = 0;
  return code;
}

bool stage_log_says(const char *name, const char *text) {
  char file[32];
  snprintf(file, sizeof file, "%s.log", name);
  FILE *log = fopen(path_of(file), "r");
  if (!log) return false;
  char line[2048];
  bool found = false;
  while (!found && fgets(line, sizeof line, log))
    found = strstr(line, text) != NULL;
  fclose(log);
  return found;
}

void stage_log_await(const char *name, const char *text) {
  const int64_t until = wg_monotonic_us() + STAGE_PATIENCE_MS * 1000;
  while (!stage_log_says(name, text)) {
    if (wg_monotonic_us() > until) fail_msg("%s/%s.log does not say \"%s\"", stage_test.folder, name, text);
    nap();
  }
}

// --- set-up ---
int stage_test_setup(void **state) {
  (void)state;
  struct wg_error error = {0};
  strcpy(stage_test.folder, "/tmp/wangge-stage-XXXXXX");
  assert_non_null(mkdtemp(stage_test.folder));
  stage_test.context = zmq_ctx_new();
  if (wg_key_generate(path_of("service.key"), &stage_test.service, &error)) fail_msg("%s", error.message);
  struct wg_key *keys[] = {&stage_test.hotline, &stage_test.watcher, &stage_test.stranger};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    assert_int_equal(zmq_curve_keypair(keys[i]->public_z85, keys[i]->secret_z85), 0);
  stage_test_principals("");
  stage_test_write("greeting", "1");
  postgres_execute("CREATE ROLE wangge_probe LOGIN; CREATE SCHEMA probe");
  if (stage_run("--migrate") != 0) fail_msg("--migrate fails; %s/tool.log", stage_test.folder);
  postgres_execute(PROBE_TABLE);
  return 0;
}

int stage_test_clean(void **state) {
  (void)state;
  for (size_t i = 0; i < MOST_INSTANCES; i++) {
    if (running[i] && kill(running[i], SIGKILL) == 0) reap(running[i]);
  }
  stage_test_principals("");
  stage_test_write("greeting", "1");
  postgres_execute("TRUNCATE probe.kept");
  return 0;
}

int stage_test_teardown(void **state) {
  stage_test_clean(state);
  zmq_ctx_term(stage_test.context);
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", stage_test.folder);
  return system(command);
}

// --- calls ---
void *stage_connect(const struct instance *instance, const struct wg_key *key) {
  void *socket = NULL;
  struct wg_error error = {0};
  char endpoint[128];
  snprintf(endpoint, sizeof endpoint, "ipc://%s/%s", stage_test.folder, instance->name);
  if (wg_bus_dealer(stage_test.context, key, endpoint, stage_test.service.public_z85, &socket, &error))
    fail_msg("%s", error.message);
  return socket;
}

void stage_close(void *socket) {
  const int linger = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  zmq_close(socket);
}

static bool wait_for(void *socket, short events, int wait_ms) {
  zmq_pollitem_t item = {.socket = socket, .events = events};
  return zmq_poll(&item, 1, wait_ms) > 0;
}

bool stage_send(void *socket, uint64_t id, const char *method, const ProtobufCMessage *request, int timeout_ms,
                int wait_ms) {
  static struct wg_arena *arena;
  if (!arena) arena = wg_arena_create(4096);
  wg_arena_reset(arena);
  Wangge__V1__Call call = WANGGE__V1__CALL__INIT;
  call.id = id;
  call.method = (char *)(uintptr_t)method;
  call.timeout_ms = timeout_ms;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_CALL;
  envelope.call = &call;
  const struct wg_bytes head = wg_pack(&envelope.base, arena);
  struct wg_bytes body = wg_pack(request, arena);
  if (!body.data) body.data = (const uint8_t *)"";
  return wait_for(socket, ZMQ_POLLOUT, wait_ms) && wg_dealer_send(socket, head, body) == WG_SENT;
}

void stage_put(void *socket, uint64_t id, const char *request_id, const char *note, int timeout_ms) {
  Wangge__V1__ProgressRequest request = WANGGE__V1__PROGRESS_REQUEST__INIT;
  request.order_id = (int64_t)id;
  request.request_id = (char *)(uintptr_t)request_id;
  request.note = (char *)(uintptr_t)note;
  if (!stage_send(socket, id, "wangge.v1.Probe/Put", &request.base, timeout_ms, STAGE_PATIENCE_MS))
    fail_msg("a call could not be sent; %s/*.log", stage_test.folder);
}

bool stage_receive(void *socket, struct answer *answer, int wait_ms) {
  struct wg_incoming incoming;
  if (!wait_for(socket, ZMQ_POLLIN, wait_ms) || !wg_dealer_receive(socket, &incoming)) return false;
  struct wg_arena *arena = wg_arena_create(4096);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  const struct wg_bytes head = {zmq_msg_data(&incoming.envelope), zmq_msg_size(&incoming.envelope)};
  if (wg_unpack(&wangge__v1__envelope__descriptor, head, arena, &message, &error)) fail_msg("%s", error.message);
  const Wangge__V1__Envelope *envelope = (const Wangge__V1__Envelope *)message;
  assert_int_equal(envelope->kind_case, WANGGE__V1__ENVELOPE__KIND_REPLY);
  *answer = (struct answer){.id = envelope->reply->id};
  if (wg_status_read(envelope->reply->status, &answer->error) == WG_OK) {
    assert_int_equal(incoming.frames, 2);
    const struct wg_bytes body = {zmq_msg_data(&incoming.body), zmq_msg_size(&incoming.body)};
    if (wg_unpack(&wangge__v1__case_response__descriptor, body, arena, &message, &error)) fail_msg("%s", error.message);
    answer->order_id = ((const Wangge__V1__CaseResponse *)message)->case_->order_id;
  }
  wg_incoming_close(&incoming);
  wg_arena_destroy(arena);
  return true;
}

static struct answer await(void *socket, uint64_t id) {
  struct answer answer = {0};
  do {
    if (!stage_receive(socket, &answer, STAGE_PATIENCE_MS)) fail_msg("no answer; %s/*.log", stage_test.folder);
  } while (answer.id != id); // of a call given up before
  return answer;
}

static uint64_t next_id(void) {
  static uint64_t id = UINT64_C(1) << 40; // beyond those that tests choose
  return ++id;
}

struct answer stage_call(void *socket, const char *request_id, const char *note) {
  const uint64_t id = next_id();
  stage_put(socket, id, request_id, note, 0);
  return await(socket, id);
}

struct answer stage_get(void *socket, int timeout_ms) {
  const uint64_t id = next_id();
  Wangge__V1__GetCaseRequest request = WANGGE__V1__GET_CASE_REQUEST__INIT;
  if (!stage_send(socket, id, "wangge.v1.Probe/Get", &request.base, timeout_ms, STAGE_PATIENCE_MS))
    fail_msg("a call could not be sent; %s/*.log", stage_test.folder);
  return await(socket, id);
}

void stage_until_writing(void *socket) {
  const int64_t until = wg_monotonic_us() + STAGE_PATIENCE_MS * 1000;
  for (;;) {
    const struct answer answer = stage_call(socket, "until-writing", "x");
    if (answer.error.code == WG_OK) return;
    if (answer.error.code != WG_UNAVAILABLE || wg_monotonic_us() > until)
      fail_msg("%s: %s", wg_status_name(answer.error.code), answer.error.message);
    nap();
  }
}

int64_t stage_count(const char *sql) {
  struct wg_error error = {0};
  struct wg_db *db = postgres_connect("probe");
  const struct wg_statement statement = {"count", sql, 0};
  PGresult *result = NULL;
  if (wg_db_run(db, &statement, NULL, &result, &error)) fail_msg("%s: %s", sql, error.message);
  const int64_t count = wg_get_i64(result, 0, 0);
  PQclear(result);
  wg_db_close(db);
  return count;
}
