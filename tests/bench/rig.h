// What the programs of tests/bench share: options, endings, orders to send, and the rows the three services write.
//
// Every program prints one JSON object on stdout and ends with 0, or says what went wrong on stderr and ends with 1.
#pragma once

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/db/db.h"

#include "wangge/v1/intake.pb-c.h"

// --- options: "--name value" pairs ---
const char *rig_text(int argc, char **argv, const char *name, const char *fallback); // NULL fallback: required
int64_t rig_number(int argc, char **argv, const char *name, int64_t fallback);
bool rig_flag(int argc, char **argv, const char *name); // "--name" alone
// rig_die prints and ends the process.
void rig_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void rig_must(wg_status status, const char *doing, const struct wg_error *error); // dies unless OK

// --- orders ---
// The orders of `wangge bench` (ops/cli/bench_text.c), a few thousand of them again and again.
struct rig_sample {
  size_t department;          // index
  Wangge__V1__NewOrder order; // external_id is the caller's to fill
  const char *evidence;       // why the rules chose the department
  struct wg_bytes received;   // packed OrderReceived, as routing keeps it
  struct wg_bytes event[3];   // an EventBatch of one event of each stream; joined they are one batch
};

struct rig_samples {
  struct rig_sample *items;
  size_t count;
  const char **departments;
  size_t department_count;
};

// rig_samples reads "category<TAB>department" lines, at most 256 departments.
struct rig_samples *rig_samples(const char *path);
static inline const struct rig_sample *rig_sample(const struct rig_samples *samples, int64_t n) {
  return &samples->items[(size_t)n % samples->count];
}
void rig_external_id(char buffer[32], int64_t run, int64_t n);

// --- rows ---
// What one service writes for orders: its own rows, and with `log` also the rows of its stream (segment, topic_index,
// head), its counter and its position. Everything is one transaction of one pipeline, as in the services.
enum rig_stage { RIG_INTAKE, RIG_ROUTING, RIG_TRACKING, RIG_STAGES };
extern const char *const RIG_STAGE_NAMES[RIG_STAGES];

struct rig_row {
  int64_t order_id;
  const struct rig_sample *sample;
  char external_id[32]; // intake
};

struct rig_writer;
// rig_writer_open connects as the service's role; `dsn` lacks the user. *next is the number behind the newest order.
struct rig_writer *rig_writer_open(const char *dsn, enum rig_stage stage, bool log, const struct rig_samples *samples,
                                   int64_t *next);
void rig_writer_write(struct rig_writer *writer, const struct rig_row *rows, size_t count); // durable on return
void rig_writer_close(struct rig_writer *writer);
