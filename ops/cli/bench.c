// wangge bench: drives the whole pipeline and measures push → acknowledged, → department and → tracking.
//
// Followers first, so that nothing is missed; then the sources for warm-up and measurement; then everything accepted
// must arrive, exactly once by number, or the run counts as failed.

#include "ops/cli/bench.h"
#include "ops/cli/output.h"

#include "common/base/clock.h"
#include "wangge/v1/ops.pb-c.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void bench_fail(struct bench *bench, const struct wg_error *error) {
  pthread_mutex_lock(&bench->lock);
  if (bench->error.code == WG_OK) bench->error = *error;
  pthread_mutex_unlock(&bench->lock);
  atomic_store(&bench->failed, true);
}

bool bench_measured(const struct bench *bench, int64_t now) {
  return now >= bench->measure_from && now < bench->measure_to;
}

// --- phases ---

static void sleep_ms(long ms) {
  struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&pause, NULL);
}

static bool interrupted(const struct bench *bench) {
  return cli_stopped || atomic_load(&bench->failed);
}

static bool wait_followers(struct bench *bench) {
  while (atomic_load(&bench->followers_ready) < (int)bench->followers + 1) {
    if (interrupted(bench)) return false;
    sleep_ms(5);
  }
  return true;
}

static void drive(struct bench *bench) {
  while (!interrupted(bench) && wg_monotonic_us() < bench->measure_to) {
    sleep_ms(20);
    uint64_t accepted = atomic_load(&bench->accepted);
    double seconds = (double)(wg_monotonic_us() - bench->begin) / 1e6;
    cli_progress("bench", accepted, 0, seconds > 0 ? (double)accepted / seconds : 0);
    if (bench->count > 0 && accepted + atomic_load(&bench->rejected) >= (uint64_t)bench->count) break;
  }
  int64_t now = wg_monotonic_us();
  if (now < bench->measure_to) bench->measure_to = now; // ended by --count: the window ends here
  atomic_store(&bench->stop_sending, true);
}

// drain waits for what was accepted; gives up when nothing has arrived for --drain seconds.
static void drain(struct bench *bench) {
  int64_t since = wg_monotonic_us();
  while (!interrupted(bench)) {
    uint64_t accepted = atomic_load(&bench->accepted), department = atomic_load(&bench->department_seen),
             tracked = atomic_load(&bench->case_seen);
    if (department >= accepted && tracked >= accepted) break;
    int64_t last = atomic_load(&bench->last_seen), now = wg_monotonic_us();
    if (now - (last > since ? last : since) > bench->drain * WG_SECOND_US) break;
    cli_progress("bench, waiting for arrivals", department < tracked ? department : tracked, accepted, 0);
    sleep_ms(20);
  }
  sleep_ms(300); // what would arrive twice
}

struct threads {
  pthread_t source[BENCH_SOURCES], follower[BENCH_FOLLOWERS + 1];
  struct bench_source sources[BENCH_SOURCES];
  struct bench_follower followers[BENCH_FOLLOWERS + 1];
  int source_count, follower_count;
};

static wg_status start(pthread_t *thread, void *(*body)(void *), void *argument, struct wg_error *error) {
  int code = pthread_create(thread, NULL, body, argument);
  return code == 0 ? WG_OK : wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "no thread: %s", strerror(code));
}

static void run_threads(struct bench *bench) {
  static struct threads threads;
  struct wg_error error = {0};
  for (int i = 0; i <= bench->followers; i++) {
    threads.followers[i] = (struct bench_follower){bench, i};
    if (start(&threads.follower[i], bench_follower_run, &threads.followers[i], &error) != WG_OK) break;
    threads.follower_count++;
  }
  if (error.code != WG_OK) bench_fail(bench, &error);
  bool ready = wait_followers(bench);
  bench->begin = wg_monotonic_us() + 200000; // sources connect meanwhile
  bench->measure_from = bench->begin + bench->warmup * WG_SECOND_US;
  bench->measure_to = bench->measure_from + bench->seconds * WG_SECOND_US;
  for (int i = 0; ready && i < bench->source_count; i++) {
    threads.sources[i] = (struct bench_source){bench, i};
    if (start(&threads.source[i], bench_source_run, &threads.sources[i], &error) != WG_OK) break;
    threads.source_count++;
  }
  if (error.code != WG_OK) bench_fail(bench, &error);
  if (ready) drive(bench);
  for (int i = 0; i < threads.source_count; i++)
    pthread_join(threads.source[i], NULL);
  if (ready) drain(bench);
  atomic_store(&bench->stop_following, true);
  for (int i = 0; i < threads.follower_count; i++)
    pthread_join(threads.follower[i], NULL);
}

// forget removes the durable consumers of the run, so that retention waits for nobody.
static void forget_one(struct bench *bench, int service, const char *stream, const char *topic) {
  struct wg_error error = {0};
  Wangge__V1__ConsumerRemoveRequest request = WANGGE__V1__CONSUMER_REMOVE_REQUEST__INIT;
  request.stream = (char *)(uintptr_t)stream;
  request.consumer = (char *)(uintptr_t) "bench";
  request.reason = (char *)(uintptr_t) "bench run is over";
  if (topic != NULL) {
    request.topic = (char *)(uintptr_t)topic;
    request.has_topic = true;
  }
  ProtobufCMessage *message = NULL;
  if (cli_call(bench->cli, service, "wangge.v1.Ops/ConsumerRemove", &request.base,
               &wangge__v1__consumer_remove_response__descriptor, &message, &error) != WG_OK &&
      error.code != WG_NOT_FOUND)
    cli_complain(bench->cli, &error);
}

static void forget(struct bench *bench) {
  for (int i = 0; i < bench->department_count; i++)
    forget_one(bench, 1, "routing.dispatch", bench->departments[i]);
  forget_one(bench, 2, "tracking.cases", NULL);
}

// --- report ---

struct verdict {
  uint64_t sent, department_missing, department_twice, case_missing, case_twice;
};

static struct verdict verify(const struct bench *bench) {
  struct verdict verdict = {.sent = atomic_load(&bench->next)};
  for (uint64_t i = 0; i < verdict.sent; i++) {
    bool accepted = bench->outcome[i] == BENCH_ACCEPTED;
    verdict.department_missing += accepted && bench->department[i] == 0;
    verdict.case_missing += accepted && bench->cases[i] == 0;
    verdict.department_twice += bench->department[i] > 1;
    verdict.case_twice += bench->cases[i] > 1;
  }
  return verdict;
}

static json_t *times_json(const struct bench_times *times) {
  return json_pack("{s:I,s:f,s:f,s:f,s:f,s:f,s:f,s:f}", "count", (json_int_t)times->count, "mean_ms",
                   times->count > 0 ? times->sum / (double)times->count / 1e3 : 0.0, "p50_ms",
                   bench_time_at(times, 0.5) / 1e3, "p90_ms", bench_time_at(times, 0.9) / 1e3, "p99_ms",
                   bench_time_at(times, 0.99) / 1e3, "p999_ms", bench_time_at(times, 0.999) / 1e3, "p9999_ms",
                   bench_time_at(times, 0.9999) / 1e3, "max_ms", (double)times->most / 1e3);
}

static void times_row(struct cli_table *table, const char *name, double rate, const struct bench_times *times) {
  static const double parts[] = {0.5, 0.9, 0.99, 0.999};
  cli_table_cell(table, "%s", name);
  cli_table_cell(table, "%.0f", rate);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    cli_table_cell(table, "%.2f", bench_time_at(times, parts[i]) / 1e3);
  cli_table_cell(table, "%.2f", (double)times->most / 1e3);
}

static void print_table(const struct bench *bench, const struct verdict *verdict, double seconds) {
  static const char *const headings[] = {"WAY",     ">ORDERS/s", ">p50 ms", ">p90 ms",
                                         ">p99 ms", ">p99.9 ms", ">max ms", NULL};
  char a[32], b[32];
  if (bench->rate > 0) printf("open loop, %lld orders/s, ", (long long)bench->rate);
  else printf("closed loop, window %lld x %lld orders, ", (long long)bench->window, (long long)bench->batch);
  printf("%d sources, %d departments, %.1f s measured\n", bench->source_count, bench->department_count, seconds);
  struct cli_table *table = cli_table_create(headings);
  times_row(table, "push -> acknowledged", (double)bench->accepted_measured / seconds, &bench->acknowledged);
  times_row(table, "push -> department", (double)bench->department_measured / seconds, &bench->to_department);
  times_row(table, "push -> tracking", (double)bench->case_measured / seconds, &bench->to_case);
  cli_table_print(table, stdout);
  cli_table_free(table);
  printf("sent %s, accepted %s, rejected %llu, unknown %llu\n", cli_count(verdict->sent, a),
         cli_count(bench->accepted, b), (unsigned long long)bench->rejected, (unsigned long long)bench->unknown);
  printf("department: %llu missing, %llu twice; tracking: %llu missing, %llu twice\n",
         (unsigned long long)verdict->department_missing, (unsigned long long)verdict->department_twice,
         (unsigned long long)verdict->case_missing, (unsigned long long)verdict->case_twice);
}

static int report(struct bench *bench) {
  struct verdict verdict = verify(bench);
  double seconds = (double)(bench->measure_to - bench->measure_from) / 1e6;
  if (seconds <= 0) seconds = 1e-6;
  bool exact = verdict.department_missing + verdict.department_twice + verdict.case_missing + verdict.case_twice == 0;
  cli_progress_clear();
  if (bench->cli->json) {
    json_t *object = json_pack(
        "{s:s,s:I,s:I,s:I,s:i,s:i,s:f,s:I,s:I,s:I,s:I,s:f,s:f,s:f}", "run", bench->run, "rate_wanted",
        (json_int_t)bench->rate, "batch", (json_int_t)bench->batch, "window", (json_int_t)bench->window, "sources",
        bench->source_count, "departments", bench->department_count, "seconds", seconds, "sent",
        (json_int_t)verdict.sent, "accepted", (json_int_t)bench->accepted, "rejected", (json_int_t)bench->rejected,
        "unknown", (json_int_t)bench->unknown, "accepted_per_second", (double)bench->accepted_measured / seconds,
        "department_per_second", (double)bench->department_measured / seconds, "tracking_per_second",
        (double)bench->case_measured / seconds);
    int64_t last = atomic_load(&bench->last_seen); // everything accepted has arrived, or nothing more came
    json_object_set_new(object, "all_arrived_seconds", json_real((double)(last - bench->begin) / 1e6));
    json_object_set_new(object, "acknowledged", times_json(&bench->acknowledged));
    json_object_set_new(object, "department", times_json(&bench->to_department));
    json_object_set_new(object, "tracking", times_json(&bench->to_case));
    json_object_set_new(object, "verified",
                        json_pack("{s:b,s:I,s:I,s:I,s:I}", "exactly_once", (int)exact, "department_missing",
                                  (json_int_t)verdict.department_missing, "department_twice",
                                  (json_int_t)verdict.department_twice, "tracking_missing",
                                  (json_int_t)verdict.case_missing, "tracking_twice", (json_int_t)verdict.case_twice));
    cli_print_json(object);
  } else {
    print_table(bench, &verdict, seconds);
  }
  if (bench->error.code != WG_OK) return cli_complain(bench->cli, &bench->error);
  if (bench->accepted == 0 || bench->rejected > 0 || !exact || cli_stopped) return CLI_REFUSED;
  return CLI_DONE;
}

// --- options ---

static wg_status parse_sources(struct bench *bench, int64_t count, struct wg_error *error) {
  const char *list = cli_text(&bench->cli->parsed, "as-sources");
  char *names = wg_arena_strdup(bench->cli->arena, list != NULL ? list : "hotline-12345,patrol,station,questionnaire");
  const char *name[BENCH_SOURCES];
  int names_count = 0;
  char *rest = NULL;
  for (char *one = strtok_r(names, ",", &rest); one != NULL && names_count < BENCH_SOURCES;
       one = strtok_r(NULL, ",", &rest))
    name[names_count++] = one;
  if (names_count == 0) return wg_fail(error, WG_INVALID_ARGUMENT, "as-sources", "--as-sources names no source");
  for (int i = 0; i < count; i++)
    bench->sources[bench->source_count++] = name[i % names_count];
  return WG_OK;
}

static wg_status parse(struct bench *bench, int64_t *departments, struct wg_error *error) {
  const struct cli_parsed *parsed = &bench->cli->parsed;
  int64_t sources = 2;
  const struct {
    const char *name;
    int64_t least, most, *value;
  } numbers[] = {
      {"seconds", 1, 86400, &bench->seconds},
      {"warmup", 0, 3600, &bench->warmup},
      {"rate", 1, 1000000, &bench->rate},
      {"batch", 1, BENCH_BATCH, &bench->batch},
      {"window", 1, BENCH_WINDOW, &bench->window},
      {"count", 1, (int64_t)BENCH_ORDERS, &bench->count},
      {"drain", 1, 3600, &bench->drain},
      {"text-bytes", 30, 32000, &bench->text_bytes},
      {"followers", 1, BENCH_FOLLOWERS, &bench->followers},
      {"departments", 1, BENCH_DEPARTMENTS, departments},
      {"sources", 1, BENCH_SOURCES, &sources},
  };
  bench->window = cli_given(parsed, "rate") ? 64 : 4;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (cli_number(parsed, numbers[i].name, numbers[i].least, numbers[i].most, numbers[i].value, error) != WG_OK)
      return error->code;
  if (bench->count > 0 && !cli_given(parsed, "seconds")) bench->seconds = 86400;
  if (bench->count > 0 && !cli_given(parsed, "warmup")) bench->warmup = 0;
  bench->district = cli_given(parsed, "district") ? cli_text(parsed, "district") : "370117";
  return parse_sources(bench, sources, error);
}

static void *reserve(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static int run_bench(struct cli *cli) {
  static struct bench bench = {.seconds = 10,
                               .warmup = 2,
                               .batch = 250,
                               .drain = 60,
                               .text_bytes = 600,
                               .followers = 1,
                               .lock = PTHREAD_MUTEX_INITIALIZER};
  struct wg_error error = {0};
  int64_t departments = 40;
  bench.cli = cli;
  if (parse(&bench, &departments, &error) != WG_OK) return cli_usage(cli, &error);
  snprintf(bench.run, sizeof bench.run, "%llx", (unsigned long long)wg_now_us());
  bench.intended = reserve(BENCH_ORDERS * sizeof *bench.intended);
  bench.outcome = reserve(BENCH_ORDERS);
  bench.department = reserve(BENCH_ORDERS);
  bench.cases = reserve(BENCH_ORDERS);
  if (bench.intended == NULL || bench.outcome == NULL || bench.department == NULL || bench.cases == NULL) {
    wg_fail(&error, WG_RESOURCE_EXHAUSTED, NULL, "no address space for the tables of the run");
    return cli_complain(cli, &error);
  }
  if (bench_choose(&bench, departments, &error) != WG_OK) return cli_complain(cli, &error);
  run_threads(&bench);
  if (!cli_given(&cli->parsed, "keep-consumers")) forget(&bench);
  return report(&bench);
}

static const struct cli_option options[] = {
    {"rate", "N", "open loop: N orders a second, latency from the intended time (default: as fast as possible)"},
    {"seconds", "N", "measured time (10)"},
    {"warmup", "N", "seconds before it that do not count (2)"},
    {"count", "N", "stop after about N orders"},
    {"sources", "N", "sources that push at the same time (2)"},
    {"as-sources", "NAMES", "their principals, by comma (hotline-12345,patrol,station,questionnaire)"},
    {"batch", "N", "orders in a push, closed loop (250)"},
    {"window", "N", "pushes in flight of each source (4; open loop 64)"},
    {"departments", "N", "departments that follow (40)"},
    {"followers", "N", "threads that share them (1)"},
    {"categories", "FILE", "category paths, one a line (default: those of the routing rules)"},
    {"district", "CODE", "district of the orders (370117)"},
    {"text-bytes", "N", "size of an order's text (600)"},
    {"drain", "SECONDS", "longest silence while waiting for the last arrivals (60)"},
    {"tracking-as", "NAME", "principal that follows tracking.cases (gateway)"},
    {"keep-consumers", NULL, "leave the durable consumers \"bench\" behind"},
    {0},
};

const struct cli_command cli_bench[] = {
    {"bench", "", 0, 0, "load generator: throughput, latency, and whether everything arrived once", options,
     "  wangge bench                               # saturation, closed loop\n"
     "  wangge bench --rate 2000 --seconds 30      # latency at a fixed rate\n"
     "  wangge bench --count 1000000 --json\n",
     run_bench},
    {0},
};
