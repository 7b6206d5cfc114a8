// Check, and the findings as metrics: reports over the records as the database has them, in reader threads, so that the
// loop never waits for one. All SQL of the surveys is here.
#include "services/registry/registry.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"
#include "services/registry/check_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  PAGE_ROWS = 2000, // of one query
  FINDINGS_LOOKED = 100000,
  FINDINGS_TOLD = 4000, // of one answer, errors first; a message has room for them
  KINDS_LOOKED = 128    // kinds of all reports, with repeats
};

// Primary key; keyset pages bound the memory.
static const struct wg_statement READ = {
    "registry_survey",
    "SELECT code, body FROM record WHERE district = $1 AND kind = $2 AND code > $3 AND NOT deleted "
    "ORDER BY code LIMIT $4",
    4};
// Primary key, one step for each district.
static const struct wg_statement DISTRICTS = {
    "registry_survey_districts",
    "WITH RECURSIVE each AS (SELECT min(district) AS district FROM record UNION ALL "
    "SELECT (SELECT min(r.district) FROM record r WHERE r.district > each.district) FROM each "
    "WHERE each.district IS NOT NULL) SELECT district FROM each WHERE district IS NOT NULL",
    0};
// Index record_seq.
static const struct wg_statement NEWEST = {"registry_survey_newest", "SELECT coalesce(max(seq), 0) FROM record", 0};

// --- records of a district ---
static wg_status read_page(struct wg_db *db, const char *district, const char *kind, struct wg_arena *arena,
                           struct wg_book *book, char **after, int *rows, struct wg_error *error) {
  struct wg_params *params = wg_params(arena, 4);
  wg_param_text(params, district);
  wg_param_text(params, kind);
  wg_param_text(params, *after);
  wg_param_i64(params, PAGE_ROWS);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &READ, params, &result, error);
  if (status != WG_OK) return status;
  *rows = PQntuples(result);
  for (int row = 0; row < *rows && status == WG_OK; row++) {
    ProtobufCMessage *message = NULL;
    status = wg_unpack(&wangge__v1__record__descriptor, wg_get_bytea(result, row, 1), arena, &message, error);
    if (status == WG_OK) wg_book_add(book, (const Wangge__V1__Record *)message, 0);
  }
  if (*rows) {
    free(*after);
    *after = wg_strdup(wg_get_text(result, *rows - 1, 0));
  }
  PQclear(result);
  return status;
}

static wg_status read_kind(struct wg_db *db, const char *district, const char *kind, struct wg_book *book,
                           struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(1 << 18);
  char *after = wg_strdup("");
  wg_status status = WG_OK;
  for (int rows = PAGE_ROWS; rows == PAGE_ROWS && status == WG_OK;) {
    wg_arena_reset(arena);
    status = read_page(db, district, kind, arena, book, &after, &rows, error);
  }
  free(after);
  wg_arena_destroy(arena);
  return status;
}

static bool runs(const struct registry_report *report, const struct registry_report *only) {
  return !only || report == only;
}

// kinds_of gives the kinds that a report, or all, look at, each once; ended by NULL.
static void kinds_of(const struct registry_report *only, const struct wg_kind *kinds[KINDS_LOOKED]) {
  size_t count = 0, all = 0;
  const struct wg_kind *kind = wg_kinds(&all);
  for (size_t i = 0; i < all; i++) {
    bool wanted = false;
    for (const struct registry_report *report = REGISTRY_REPORTS; report->name; report++) {
      for (const int *body = report->kinds; *body && runs(report, only); body++)
        wanted |= *body == (int)kind[i].body_case;
    }
    if (wanted && count + 1 < KINDS_LOOKED) kinds[count++] = &kind[i];
  }
  kinds[count] = NULL;
}

// read_book reads, in one snapshot, what the report looks at; NULL: all reports.
static wg_status read_book(struct wg_db *db, const char *district, const struct registry_report *only,
                           struct wg_book *book, struct wg_error *error) {
  const struct wg_kind *kinds[KINDS_LOOKED];
  kinds_of(only, kinds);
  wg_status status = wg_db_exec(db, "BEGIN ISOLATION LEVEL REPEATABLE READ", error);
  if (status != WG_OK) return status;
  for (const struct wg_kind **kind = kinds; *kind && status == WG_OK; kind++)
    status = read_kind(db, district, (*kind)->name, book, error);
  struct wg_error ignored_nothing_was_written = {0};
  if (!wg_db_lost(db)) wg_db_exec(db, "ROLLBACK", &ignored_nothing_was_written);
  return status;
}

static int32_t day_of(int64_t now) {
  return (int32_t)((now + WG_SHANGHAI_OFFSET_US) / WG_DAY_US);
}

// --- Check ---
// errors_first keeps the order otherwise.
static void errors_first(const struct wg_findings *findings, Wangge__V1__Finding **told) {
  size_t count = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < findings->count; i++) {
      const bool error = findings->finding[i]->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR;
      if (error == (pass == 0)) told[count++] = findings->finding[i];
    }
  }
}

static void tell_findings(struct wg_findings *findings, Wangge__V1__CheckResponse *response) {
  const size_t all = findings->count + findings->untold;
  if (all > FINDINGS_TOLD) {
    Wangge__V1__Finding **told = wg_arena_alloc(findings->arena, findings->count * sizeof *told);
    errors_first(findings, told);
    findings->finding = told;
    findings->count = findings->room = FINDINGS_TOLD;
    findings->most = FINDINGS_TOLD + 1;
    const bool errors = findings->errors > FINDINGS_TOLD;
    wg_finding_add(findings, errors ? WANGGE__V1__SEVERITY__SEVERITY_ERROR : WANGGE__V1__SEVERITY__SEVERITY_WARNING,
                   NULL, "check.untold", "", "共查出%zu项，只列出前%d项（错误在先）；请改正后再查", all, FINDINGS_TOLD);
  }
  response->findings = findings->finding;
  response->n_findings = findings->count;
}

static void tell_counts(const struct wg_book *book, const char *district, const struct registry_report *only,
                        struct wg_arena *arena, Wangge__V1__CheckResponse *response) {
  const struct wg_kind *kinds[KINDS_LOOKED];
  kinds_of(only, kinds);
  response->counts = wg_arena_alloc(arena, KINDS_LOOKED * sizeof *response->counts);
  for (const struct wg_kind **kind = kinds; *kind; kind++) {
    Wangge__V1__Count *count = wg_arena_alloc(arena, sizeof *count);
    wangge__v1__count__init(count);
    count->kind = (char *)(uintptr_t)(*kind)->name;
    count->records = (int64_t)wg_book_count(book, district, (int)(*kind)->body_case);
    response->counts[response->n_counts++] = count;
  }
}

wg_status registry_survey_check(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__CheckRequest *request = (const Wangge__V1__CheckRequest *)call->request;
  const struct registry_report *only = registry_report_find(request->report); // NULL: empty, so all
  struct wg_book *book = wg_book_create(&REGISTRY_BOOK);
  const wg_status status = read_book(call->db, request->district, only, book, error);
  if (status == WG_OK) {
    struct wg_findings findings;
    wg_findings_start(&findings, call->arena);
    findings.most = FINDINGS_LOOKED;
    for (const struct registry_report *report = REGISTRY_REPORTS; report->name; report++) {
      if (runs(report, only)) registry_report_run(report, book, request->district, day_of(call->now), &findings);
    }
    Wangge__V1__CheckResponse *response = wg_arena_alloc(call->arena, sizeof *response);
    wangge__v1__check_response__init(response);
    tell_findings(&findings, response);
    tell_counts(book, request->district, only, call->arena, response);
    *reply = &response->base;
  }
  wg_book_destroy(book);
  return status;
}

// --- metrics ---
void registry_survey_metrics(struct registry *registry, struct wg_metrics *metrics) {
  for (size_t i = 0; i < REGISTRY_REPORT_COUNT; i++) {
    char labels[96];
    for (int warning = 0; warning < 2; warning++) {
      snprintf(labels, sizeof labels, "report=\"%s\",severity=\"%s\"", REGISTRY_REPORTS[i].name,
               warning ? "warning" : "error");
      registry->findings[i][warning] =
          wg_gauge(metrics, "wangge_registry_findings", labels, "What the reports find in all districts (统查)");
    }
  }
  registry->provisional = wg_gauge(metrics, "wangge_registry_calendar_provisional", NULL,
                                   "Years of districts that are needed and have no holiday notice");
  registry->survey_seconds =
      wg_gauge(metrics, "wangge_registry_survey_seconds", NULL, "How long the reports took last");
  registry->surveyed_at =
      wg_gauge(metrics, "wangge_registry_survey_timestamp_seconds", NULL, "When the reports were last run");
}

struct tally {
  size_t findings[REGISTRY_REPORT_COUNT][2], provisional;
};

static void count_findings(struct tally *tally, size_t report, const struct wg_findings *findings) {
  tally->findings[report][0] += findings->errors;
  tally->findings[report][1] += findings->warnings;
  for (size_t i = 0; i < findings->count; i++)
    tally->provisional += strcmp(findings->finding[i]->code, "calendar_year.provisional") == 0;
}

static wg_status survey_district(struct wg_db *db, const char *district, int64_t now, struct tally *tally,
                                 struct wg_error *error) {
  struct wg_book *book = wg_book_create(&REGISTRY_BOOK);
  const wg_status status = read_book(db, district, NULL, book, error);
  struct wg_arena *arena = wg_arena_create(1 << 18);
  for (size_t i = 0; status == WG_OK && i < REGISTRY_REPORT_COUNT; i++) {
    struct wg_findings findings;
    wg_arena_reset(arena);
    wg_findings_start(&findings, arena);
    registry_report_run(&REGISTRY_REPORTS[i], book, district, day_of(now), &findings);
    count_findings(tally, i, &findings);
  }
  wg_arena_destroy(arena);
  wg_book_destroy(book);
  return status;
}

static wg_status survey_all(struct wg_db *db, int64_t now, struct tally *tally, struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(4096);
  PGresult *result = NULL;
  wg_status status = wg_db_run(db, &DISTRICTS, wg_params(arena, 0), &result, error);
  for (int row = 0; status == WG_OK && row < PQntuples(result); row++)
    status = survey_district(db, wg_get_text(result, row, 0), now, tally, error);
  PQclear(result);
  wg_arena_destroy(arena);
  return status;
}

static wg_status newest(struct wg_db *db, int64_t *seq, struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(1024);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &NEWEST, wg_params(arena, 0), &result, error);
  if (status == WG_OK) *seq = wg_get_i64(result, 0, 0);
  PQclear(result);
  wg_arena_destroy(arena);
  return status;
}

wg_status registry_survey_refresh(void *service, struct wg_db *db, int64_t now, struct wg_error *error) {
  struct registry *registry = service;
  int64_t seq = 0;
  wg_status status = newest(db, &seq, error);
  const int64_t began = wg_monotonic_us();
  const bool same = registry->surveyed_day == day_of(now) && registry->surveyed_seq == seq;
  if (status != WG_OK || same) return status;
  struct tally tally = {0};
  status = survey_all(db, now, &tally, error);
  if (status != WG_OK) return status;
  for (size_t i = 0; i < REGISTRY_REPORT_COUNT; i++) {
    for (int warning = 0; warning < 2; warning++)
      wg_set(registry->findings[i][warning], (double)tally.findings[i][warning]);
  }
  wg_set(registry->provisional, (double)tally.provisional);
  wg_set(registry->survey_seconds, (double)(wg_monotonic_us() - began) / WG_SECOND_US);
  wg_set(registry->surveyed_at, (double)now / WG_SECOND_US);
  registry->surveyed_day = day_of(now);
  registry->surveyed_seq = seq;
  return WG_OK;
}
