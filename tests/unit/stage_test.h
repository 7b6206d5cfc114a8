// Instances of the probe service in processes of their own, and a client that speaks to them frame by frame.
#pragma once

#include "tests/unit/postgres.h"
#include "tests/unit/stage_probe.h"
#include "tests/unit/unit.h"

#include "common/bus/bus.h"

#include <sys/types.h>

// How long a test waits for what must come. Only a service that hangs uses it up: a slow machine makes no test red.
enum { STAGE_PATIENCE_MS = 60000 };

struct stage_test {
  char folder[64];
  void *context;
  struct wg_key service, hotline, watcher, stranger;
};
extern struct stage_test stage_test;

struct instance {
  char name[8]; // its endpoint is ipc://<folder>/<name>
  pid_t pid;    // 0: does not run
};

// The test program is the probe too, when it is started as such: main() begins with
//   if (stage_test_is_probe(argv)) return wg_stage_main(&PROBE, argc, argv);
bool stage_test_is_probe(char **argv);
// Group set-up: database, role, schema (by --migrate), keys, principals. Tear-down kills what still runs.
int stage_test_setup(void **state);
int stage_test_teardown(void **state);
int stage_test_clean(void **state); // between tests: stops instances, empties the tables
void stage_test_write(const char *name, const char *text);
void stage_test_principals(const char *more); // hotline, watcher and what `more` says

int stage_run(const char *option); // --migrate, --check: its exit code
void stage_start(struct instance *instance, const char *name);
void stage_signal(const struct instance *instance, int signal);
int stage_wait(struct instance *instance); // exit code, or 128 + signal; fails the test after STAGE_PATIENCE_MS
bool stage_log_says(const char *name, const char *text);
void stage_log_await(const char *name, const char *text); // fails the test after STAGE_PATIENCE_MS

// --- calls ---
void *stage_connect(const struct instance *instance, const struct wg_key *key);
void stage_close(void *socket);
// Sends once the connection stands; false when the queue to the service stays full for `wait_ms`.
bool stage_send(void *socket, uint64_t id, const char *method, const ProtobufCMessage *request, int timeout_ms,
                int wait_ms);
void stage_put(void *socket, uint64_t id, const char *request_id, const char *note, int timeout_ms);
struct answer {
  uint64_t id;
  struct wg_error error; // code WG_OK: all is well
  int64_t order_id;      // of the Case in the body
};
bool stage_receive(void *socket, struct answer *answer, int wait_ms);
// stage_call puts one note and waits for its answer.
struct answer stage_call(void *socket, const char *request_id, const char *note);
struct answer stage_get(void *socket, int timeout_ms);
// stage_until_writing repeats a call until it succeeds (at most STAGE_PATIENCE_MS).
void stage_until_writing(void *socket);
int64_t stage_count(const char *sql); // first column of the first row, a bigint
