// Options, endings, and the orders that are sent. See rig.h.
#include "tests/bench/rig.h"

#include "common/wire/wire.h"
#include "ops/cli/bench.h"

#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 4000 };

// --- options ---
void rig_die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

void rig_must(wg_status status, const char *doing, const struct wg_error *error) {
  if (status != WG_OK) rig_die("%s: %s: %s %s", doing, wg_status_name(status), error->field, error->message);
}

bool rig_flag(int argc, char **argv, const char *name) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], name) == 0) return true;
  return false;
}

const char *rig_text(int argc, char **argv, const char *name, const char *fallback) {
  for (int i = 1; i + 1 < argc; i++)
    if (strcmp(argv[i], name) == 0) return argv[i + 1];
  if (!fallback) rig_die("%s: %s is missing", argv[0], name);
  return fallback;
}

int64_t rig_number(int argc, char **argv, const char *name, int64_t fallback) {
  const char *text = rig_text(argc, argv, name, "");
  if (!text[0]) return fallback;
  char *end;
  const long long value = strtoll(text, &end, 10);
  if (*end || value < 0) rig_die("%s: %s must be a number, not \"%s\"", argv[0], name, text);
  return value;
}

// --- orders ---
static struct wg_bytes event_of(struct wg_arena *arena, const char *topic, const ProtobufCMessage *message) {
  const struct wg_bytes payload = wg_pack(message, arena);
  Wangge__V1__Event event = WANGGE__V1__EVENT__INIT, *events[] = {&event};
  event.seq = event.topic_seq = 100000;
  event.topic = (char *)(uintptr_t)topic;
  event.at = wg_now_us();
  event.type = (char *)(uintptr_t)message->descriptor->name;
  event.payload = (ProtobufCBinaryData){payload.size, (uint8_t *)(uintptr_t)payload.data};
  Wangge__V1__EventBatch batch = WANGGE__V1__EVENT_BATCH__INIT;
  batch.n_events = 1;
  batch.events = events;
  return wg_pack(&batch.base, arena);
}

// pack_events makes what the three streams say of a sample, with numbers of the usual size.
static void pack_events(struct rig_sample *sample, const char *department, struct wg_arena *arena) {
  const Wangge__V1__NewOrder *from = &sample->order;
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = 1000000;
  order.district = from->district;
  order.source = (char *)(uintptr_t) "hotline-12345";
  order.external_id = (char *)(uintptr_t) "B000000-000000000";
  order.channel = from->channel;
  order.kind = from->kind;
  order.urgency = from->urgency;
  order.category = from->category;
  order.title = from->title;
  order.text = from->text;
  order.address = from->address;
  order.position = from->position;
  order.occurred_at = from->occurred_at;
  order.received_at = wg_now_us();
  order.has_reporter = from->reporter != NULL;
  Wangge__V1__OrderReceived received = WANGGE__V1__ORDER_RECEIVED__INIT;
  received.order = &order;
  sample->received = wg_pack(&received.base, arena);
  sample->event[RIG_INTAKE] = event_of(arena, "", &received.base);

  sample->evidence = wg_arena_printf(arena, "category \"%s\" begins with \"%s\"", order.category, order.category);
  Wangge__V1__Assignment assignment = WANGGE__V1__ASSIGNMENT__INIT;
  assignment.order_id = order.order_id;
  assignment.district = order.district;
  assignment.source = order.source;
  assignment.state = WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_DISPATCHED;
  assignment.department = (char *)(uintptr_t)department;
  assignment.rule_id = (char *)(uintptr_t) "R0000";
  assignment.rule_version = (char *)(uintptr_t) "0123456789abcdef";
  assignment.evidence = (char *)(uintptr_t)sample->evidence;
  assignment.decided_by = (char *)(uintptr_t) "rule";
  assignment.hops = 1;
  assignment.decided_at = order.received_at;
  assignment.category = order.category;
  Wangge__V1__OrderDispatched dispatched = WANGGE__V1__ORDER_DISPATCHED__INIT;
  dispatched.order = &order;
  dispatched.assignment = &assignment;
  sample->event[RIG_ROUTING] = event_of(arena, department, &dispatched.base);

  Wangge__V1__Case subject = WANGGE__V1__CASE__INIT;
  subject.order_id = order.order_id;
  subject.district = order.district;
  subject.source = order.source;
  subject.state = WANGGE__V1__CASE_STATE__CASE_STATE_DISPATCHED;
  subject.department = assignment.department;
  subject.urgency = order.urgency;
  subject.category = order.category;
  subject.title = order.title;
  subject.opened_at = subject.dispatched_at = subject.due_at = order.received_at;
  subject.due_rule = (char *)(uintptr_t) "shandong: 5 working days after 2026-11-27, 2 days off skipped";
  Wangge__V1__CaseStep step = WANGGE__V1__CASE_STEP__INIT;
  step.n = 2;
  step.at = order.received_at;
  step.kind = (char *)(uintptr_t) "dispatched";
  step.department = assignment.department;
  step.by = assignment.decided_by;
  step.note = assignment.evidence;
  Wangge__V1__CaseChanged changed = WANGGE__V1__CASE_CHANGED__INIT;
  changed.case_ = &subject;
  changed.step = &step;
  sample->event[RIG_TRACKING] = event_of(arena, department, &changed.base);
}

// read_spread fills the categories of `bench` and the departments; of_category[i] is the department of category i.
static void read_spread(const char *path, struct bench *bench, struct rig_samples *samples, size_t *of_category) {
  FILE *file = fopen(path, "r");
  if (!file) rig_die("%s cannot be read", path);
  char line[1024];
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = '\0';
    char *tab = strchr(line, '\t');
    if (!tab || bench->category_count == BENCH_CATEGORIES)
      rig_die("%s: not \"category<TAB>department\", or too many lines", path);
    *tab = '\0';
    size_t i = 0;
    while (i < samples->department_count && strcmp(samples->departments[i], tab + 1) != 0)
      i++;
    if (i == BENCH_DEPARTMENTS) rig_die("%s: too many departments", path);
    if (i == samples->department_count) samples->departments[samples->department_count++] = wg_strdup(tab + 1);
    of_category[bench->category_count] = i;
    bench->categories[bench->category_count++] = wg_strdup(line);
  }
  fclose(file);
  if (!bench->category_count) rig_die("%s is empty", path);
}

static size_t department_of(const struct bench *bench, const size_t *of_category, const char *category) {
  for (int i = 0; i < bench->category_count; i++)
    if (strcmp(bench->categories[i], category) == 0) return of_category[i];
  rig_die("no department takes %s", category);
}

struct rig_samples *rig_samples(const char *path) {
  static struct bench bench = {.run = "rig", .text_bytes = 600, .district = "370117"};
  static size_t of_category[BENCH_CATEGORIES];
  struct rig_samples *samples = wg_zalloc(sizeof *samples);
  samples->departments = wg_zalloc(sizeof *samples->departments * BENCH_DEPARTMENTS);
  read_spread(path, &bench, samples, of_category);
  samples->count = SAMPLES;
  samples->items = wg_zalloc(sizeof *samples->items * samples->count);
  struct wg_arena *arena = wg_arena_create(1 << 20); // lives as long as the process, and so do the texts
  struct bench_text *text = bench_text_create(&bench);
  for (size_t i = 0; i < samples->count; i++) {
    struct rig_sample *sample = &samples->items[i];
    bench_text_order(&bench, text, i, arena, &sample->order);
    sample->department = department_of(&bench, of_category, sample->order.category);
    pack_events(sample, samples->departments[sample->department], arena);
  }
  return samples;
}

void rig_external_id(char buffer[32], int64_t run, int64_t n) {
  snprintf(buffer, 32, "B%06lld-%09lld", (long long)run, (long long)n);
}
