// The demo's districts in every report: no errors on the demo's day, and what it costs.
#include "tests/unit/registry_fixture.h"

#include <stdlib.h>
#include <time.h>

#define DAY "2026-11-02" // ops/demo/district.py

static double cpu_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void no_errors(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(1 << 20);
  struct wg_error error = {0};
  struct wg_reading reading;
  wg_reading_start(&reading, arena, NULL);
  assert_int_equal(wg_records_read_folder(&reading, WANGGE_SHARE "/ops/demo/reference", &error), WG_OK);
  struct registry_book *book = registry_book_create();
  for (size_t i = 0; i < reading.set.count; i++)
    registry_book_add(book, reading.set.record[i], i + 1);
  wg_reading_stop(&reading);
  int32_t today = 0;
  assert_true(wg_day_parse(DAY, &today));
  size_t districts = 0, errors = 0;
  const char **district = registry_book_districts(book, arena, &districts);
  assert_int_equal(districts, 2);
  for (size_t d = 0; d < districts; d++) {
    for (const struct registry_report *report = REGISTRY_REPORTS; report->name; report++) {
      struct wg_findings findings;
      wg_findings_start(&findings, arena);
      const double before = cpu_ms();
      registry_report_run(report, book, district[d], today, &findings);
      print_message("%s %-9s %zu errors, %zu warnings, %.1f ms\n", district[d], report->name, findings.errors,
                    findings.warnings, cpu_ms() - before);
      errors += findings.errors;
      for (size_t i = 0; i < findings.count && (findings.errors || i < 3); i++)
        print_message("  %s %s: %s\n", findings.finding[i]->code, findings.finding[i]->record,
                      findings.finding[i]->message);
    }
  }
  assert_int_equal(errors, 0);
  registry_book_destroy(book);
  wg_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_errors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
