// See put.h.
#include "services/registry/put.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"
#include "services/registry/check_report.h"
#include "services/registry/geometry.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static registry_check *const CHECKS[] = {
    registry_check_references,
    registry_check_parents,
    registry_check_circles,
    registry_check_referred,
};

// A record of the request with its place in it, to be brought into the order of the book.
struct wanted {
  Wangge__V1__Record *record;
  const struct wg_kind *kind;
  int32_t row;
};

static int compare_wanted(const void *left, const void *right) {
  const struct wanted *a = left, *b = right;
  int order = strcmp(a->record->district, b->record->district);
  if (order == 0) order = (a->record->body_case > b->record->body_case) - (a->record->body_case < b->record->body_case);
  if (order == 0) order = strcmp(a->record->code, b->record->code);
  return order ? order : (a->row > b->row) - (a->row < b->row);
}

static bool same_place(const struct wanted *a, const struct wanted *b) {
  return strcmp(a->record->district, b->record->district) == 0 && a->record->body_case == b->record->body_case &&
         strcmp(a->record->code, b->record->code) == 0;
}

// check_key checks what the book relies on; of a record to be deleted nothing else matters.
static bool check_key(const Wangge__V1__Record *record, struct wg_findings *findings) {
  if (!wg_record_check(record, findings) && !record->deleted) return false;
  return wg_kind_of(record) && wg_all_digits(record->district, 6) && *record->code;
}

// sort_out checks each record alone and gives those that are right in the order of the book.
static size_t sort_out(const struct registry_put *put, struct wanted *wanted, struct wg_arena *arena,
                       struct wg_findings *findings) {
  size_t count = 0;
  struct wg_findings unheard; // a record to be deleted has no body worth a word
  for (size_t i = 0; i < put->count; i++) {
    Wangge__V1__Record *record = put->records[i];
    findings->row = (int32_t)i;
    wg_findings_start(&unheard, arena);
    if (check_key(record, record->deleted ? &unheard : findings))
      wanted[count++] = (struct wanted){record, wg_kind_of(record), (int32_t)i};
    else if (record->deleted)
      wg_finding_add(findings, WANGGE__V1__SEVERITY__SEVERITY_ERROR, record, "record.key", "code",
                     "要删除的记录须写明区划（6位数字）、类别和编码");
  }
  qsort(wanted, count, sizeof *wanted, compare_wanted);
  for (size_t i = 1; i < count; i++) {
    if (!same_place(&wanted[i], &wanted[i - 1])) continue;
    findings->row = wanted[i].row;
    wg_finding_add(findings, WANGGE__V1__SEVERITY__SEVERITY_ERROR, wanted[i].record, "record.twice", "code",
                   "编码“%s”在同一批中出现两次（另一处是第%d条，从0数起）；只留一条", wanted[i].record->code,
                   wanted[i - 1].row);
  }
  return count;
}

static bool same_body(const Wangge__V1__Record *a, const Wangge__V1__Record *b, struct wg_arena *arena) {
  return wg_bytes_equal(wg_pack(wg_record_body(a), arena), wg_pack(wg_record_body(b), arena));
}

static wg_status check_version(const struct registry_put *put, const struct wanted *wanted,
                               const Wangge__V1__Record *before, struct wg_error *error) {
  const int64_t expected = put->expected ? put->expected[wanted->row] : -1;
  const int64_t in_force = before ? before->version : 0;
  if (expected == -1 || expected == in_force) return WG_OK;
  char field[64];
  snprintf(field, sizeof field, "expected_versions[%d]", wanted->row);
  if (!in_force)
    return wg_fail(error, WG_ABORTED, field,
                   "there is no %s %s in force, version %" PRId64 " was expected; read it again", wanted->kind->name,
                   wanted->record->code, expected);
  return wg_fail(error, WG_ABORTED, field,
                 "version %" PRId64 " of %s %s is in force, not %" PRId64 "; read it again and decide anew", in_force,
                 wanted->kind->name, wanted->record->code, expected);
}

// next_version makes the record as it will be.
static Wangge__V1__Record *next_version(const struct registry_put *put, const struct wanted *wanted,
                                        const struct wg_book_entry *entry, struct wg_arena *arena) {
  Wangge__V1__Record *record = wg_arena_alloc(arena, sizeof *record);
  *record = *wanted->record;
  if (record->deleted) { // the body is the last: a copy, since the one in the book goes when this comes into it
    assert(entry);       // only what is in force is deleted
    const size_t size = wangge__v1__record__get_packed_size(entry->record);
    uint8_t *packed = wg_arena_alloc(arena, size);
    wangge__v1__record__pack(entry->record, packed);
    record = wangge__v1__record__unpack(wg_arena_protobuf(arena), size, packed);
    assert(record && "a record of the book can be packed and read");
    record->deleted = true;
  }
  record->version = entry ? registry_record(entry)->version + 1 : 1;
  record->changed_by = wg_arena_strdup(arena, put->caller);
  record->reason = wg_arena_strdup(arena, put->reason);
  record->changed_at = put->now;
  return record;
}

static wg_status decide_one(const struct wg_book *book, struct wg_book *draft, const struct registry_put *put,
                            const struct wanted *wanted, struct wg_arena *arena, struct registry_outcome *outcome,
                            struct wg_error *error) {
  const Wangge__V1__Record *record = wanted->record;
  const struct wg_book_entry *entry = wg_book_entry(book, record->district, (int)record->body_case, record->code);
  const Wangge__V1__Record *before = entry && !registry_record(entry)->deleted ? entry->record : NULL;
  if (record->deleted ? !before : before && same_body(before, record, arena)) {
    outcome->unchanged++;
    if (entry && entry->seq > outcome->newest) outcome->newest = entry->seq;
    return WG_OK;
  }
  const wg_status status = check_version(put, wanted, before, error);
  if (status != WG_OK) return status;
  struct registry_change *change = &outcome->changes.change[outcome->changes.count++];
  *change = (struct registry_change){
      .kind = wanted->kind,
      .record = next_version(put, wanted, entry, arena),
      .before = before,
      .row = wanted->row,
  };
  outcome->created += (size_t)(!record->deleted && !before);
  outcome->changed += (size_t)(!record->deleted && before);
  outcome->deleted += (size_t)(record->deleted != 0);
  wg_book_set(draft, change->record, 0);
  return WG_OK;
}

static void check_all(const struct registry_put *put, struct registry_outcome *outcome) {
  for (size_t i = 0; i < outcome->changes.count; i++) {
    struct registry_change *change = &outcome->changes.change[i];
    if (change->record->deleted) continue;
    outcome->findings.row = change->row;
    registry_geometry_read(put->geometry, change, outcome->changes.arena, &outcome->findings);
  }
  for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++)
    CHECKS[i](&outcome->changes, &outcome->findings);
  const int32_t today = (int32_t)((put->now + WG_SHANGHAI_OFFSET_US) / WG_DAY_US);
  registry_check_touched(&outcome->changes, today, &outcome->findings);
}

wg_status registry_put_decide(const struct wg_book *book, struct wg_book *draft, const struct registry_put *put,
                              struct wg_arena *arena, struct registry_outcome *outcome, struct wg_error *error) {
  *outcome = (struct registry_outcome){.changes = {.before = book, .after = draft, .arena = arena}};
  wg_findings_start(&outcome->findings, arena);
  struct wanted *wanted = wg_arena_alloc(arena, (put->count + 1) * sizeof *wanted);
  const size_t count = sort_out(put, wanted, arena, &outcome->findings);
  outcome->changes.change = wg_arena_alloc(arena, (count + 1) * sizeof *outcome->changes.change);
  for (size_t i = 0; i < count; i++) {
    const wg_status status = decide_one(book, draft, put, &wanted[i], arena, outcome, error);
    if (status != WG_OK) return status;
  }
  check_all(put, outcome);
  if (outcome->findings.errors) {
    outcome->created = outcome->changed = outcome->unchanged = outcome->deleted = 0;
    outcome->changes.count = 0;
  }
  return WG_OK;
}
