// Does a notice stand? What ends it, what voids it, and what others may conclude from it. See notice.h.
#include "services/land/notice/notices.h"

#include <stdlib.h>
#include <string.h>

static const Wangge__V1__NoticeSubject *subject_of(const Wangge__V1__Notice *notice, const char *kind, const char *id) {
  size_t from = 0, to = notice->n_subjects; // in order of kind and id
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    const Wangge__V1__NoticeSubject *subject = notice->subjects[middle];
    int order = strcmp(subject->kind, kind);
    if (order == 0) order = strcmp(subject->id, id);
    if (order == 0) return subject;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return NULL;
}

bool land_notice_has(const Wangge__V1__Notice *notice, const char *kind, const char *id) {
  return subject_of(notice, kind, id) != NULL;
}

static bool is_about(const Wangge__V1__Notice *notice, const uint8_t sha256[LAND_SUBJECT_BYTES]) {
  for (size_t i = 0; i < notice->n_subjects; i++) {
    const ProtobufCBinaryData hash = notice->subjects[i]->sha256;
    if (hash.len == LAND_SUBJECT_BYTES && memcmp(hash.data, sha256, LAND_SUBJECT_BYTES) == 0) return true;
  }
  return false;
}

bool land_notice_clear(const struct land_write *write, int notice_kind, const uint8_t sha256[LAND_SUBJECT_BYTES],
                       int32_t *ended_day) {
  int32_t earliest = INT32_MAX;
  struct wg_book_walk walk = land_each(write, LAND_KIND(NOTICE));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Notice *notice = record->notice;
    if (notice->state != NOTICE_STATE(ENDED_CLEAR) || (int)notice->kind != notice_kind) continue;
    const int32_t day = land_day(notice->clear_on);
    if (day < earliest && is_about(notice, sha256)) earliest = day;
  }
  if (earliest == INT32_MAX) return false;
  if (ended_day) *ended_day = earliest;
  return true;
}

int32_t land_notice_earliest(const struct land_write *write, int notice_kind,
                             const uint8_t sha256[LAND_SUBJECT_BYTES]) {
  int32_t earliest = land_period_end(write->calendar, write->today, land_notice_days(write, notice_kind)) + 1;
  struct wg_book_walk walk = land_each(write, LAND_KIND(NOTICE));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Notice *notice = record->notice;
    if (notice->state != NOTICE_STATE(POSTED) || (int)notice->kind != notice_kind) continue;
    const int32_t day = land_day(notice->ends_on) + 1;
    if (day < earliest && is_about(notice, sha256)) earliest = day;
  }
  return earliest;
}

// --- the end of the period ---
// decided: no objection to the notice is open, and none was upheld.
static bool decided(const struct land_write *write, const char *notice_id) {
  const char *prefix = land_text(write, "%s-objection-", notice_id);
  struct wg_book_walk walk = wg_book_walk(write->book, write->write->village, LAND_KIND(OBJECTION), prefix);
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    switch (record->objection->state) {
    case OBJECTION_STATE(INADMISSIBLE):
    case OBJECTION_STATE(REJECTED):
    case OBJECTION_STATE(WITHDRAWN):
      continue;
    default:
      return false;
    }
  }
  return true;
}

static void end_clear(struct land_write *write, Wangge__V1__Notice *notice) {
  notice->state = NOTICE_STATE(ENDED_CLEAR);
  const int32_t behind = land_day(notice->ends_on) + 1;
  notice->clear_on = land_day_text(write->arena, write->today > behind ? write->today : behind);
}

static void end_open(Wangge__V1__Notice *notice) {
  notice->state = NOTICE_STATE(ENDED_OPEN);
  notice->clear_on = (char *)(uintptr_t)protobuf_c_empty_string;
}

void land_notice_settle(struct land_write *write, const char *notice_id) {
  const Wangge__V1__Notice *notice = LAND_GET(write, NOTICE, notice, notice_id);
  if (!notice) return;
  const bool clear = decided(write, notice_id);
  if (clear && notice->state == NOTICE_STATE(ENDED_OPEN))
    end_clear(write, land_change(write, LAND_KIND(NOTICE), notice_id));
  else if (!clear && notice->state == NOTICE_STATE(ENDED_CLEAR))
    end_open(land_change(write, LAND_KIND(NOTICE), notice_id));
}

// land_notice_end is called on the day behind ends_on. The notice of days off may have come since the posting: then the
// period lasts as long as the law says, not as long as was thought.
wg_status land_notice_end(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error) {
  (void)error;
  Wangge__V1__Notice *notice = land_change(write, LAND_KIND(NOTICE), record->id);
  const int32_t last = land_period_end(write->calendar, land_day(notice->posted_on), notice->days);
  if (last > land_day(notice->ends_on)) notice->ends_on = land_day_text(write->arena, last);
  const int32_t end = land_day(notice->ends_on);
  if (end >= write->today) {
    land_due(write, LAND_KIND(NOTICE), record->id, end + 1);
    return WG_OK;
  }
  if (decided(write, record->id)) {
    end_clear(write, notice);
    // The day it became clear is that of the law, also when nobody looked for a while.
    notice->clear_on = land_day_text(write->arena, end + 1);
  } else {
    end_open(notice);
  }
  land_due(write, LAND_KIND(NOTICE), record->id, LAND_NO_DAY);
  return WG_OK;
}

// --- what voids it ---
struct touched {
  const char *kind, *id;
};

static int touched_order(const void *left, const void *right) {
  const struct touched *a = left, *b = right;
  const int order = strcmp(a->kind, b->kind);
  return order ? order : strcmp(a->id, b->id);
}

static struct touched *touched_of(const struct land_write *write, size_t *count) {
  struct touched *touched = wg_arena_alloc(write->arena, (write->changed_count + 1) * sizeof *touched);
  *count = 0;
  for (size_t i = 0; i < write->changed_count; i++) {
    const Wangge__V1__LandRecord *record = write->changed[i];
    if (!land_subject_postable((int)record->body_case)) continue;
    touched[(*count)++] = (struct touched){land_kind_name((int)record->body_case), record->id};
  }
  qsort(touched, *count, sizeof *touched, touched_order);
  return touched;
}

// changed_subject gives the first subject of a posted notice that is another now, or NULL.
static const Wangge__V1__NoticeSubject *changed_subject(const struct land_write *write,
                                                        const Wangge__V1__Notice *notice, const struct touched *touched,
                                                        size_t count) {
  for (size_t i = 0; i < notice->n_subjects; i++) {
    const Wangge__V1__NoticeSubject *subject = notice->subjects[i];
    const struct touched key = {subject->kind, subject->id};
    if (!bsearch(&key, touched, count, sizeof *touched, touched_order)) continue;
    uint8_t now[LAND_SUBJECT_BYTES];
    if (!land_subject_sha256(write, land_kind_find(subject->kind), subject->id, now)) return subject;
    if (subject->sha256.len != sizeof now || memcmp(subject->sha256.data, now, sizeof now) != 0) return subject;
  }
  return NULL;
}

wg_status land_notice_touch(struct land_write *write, struct wg_error *error) {
  (void)error;
  size_t count, found = 0;
  const struct touched *touched = touched_of(write, &count);
  if (count == 0) return WG_OK;
  // Nothing may be changed while walking.
  const size_t notices = wg_book_count(write->book, write->write->village, LAND_KIND(NOTICE));
  struct {
    const char *id;
    const Wangge__V1__NoticeSubject *subject;
  } *voided = wg_arena_alloc(write->arena, (notices + 1) * sizeof *voided);
  struct wg_book_walk walk = land_each(write, LAND_KIND(NOTICE));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (record->notice->state != NOTICE_STATE(POSTED)) continue;
    const Wangge__V1__NoticeSubject *subject = changed_subject(write, record->notice, touched, count);
    if (!subject) continue;
    voided[found].id = record->id;
    voided[found++].subject = subject;
  }
  for (size_t i = 0; i < found; i++) {
    const Wangge__V1__NoticeSubject *subject = voided[i].subject;
    Wangge__V1__Notice *notice = land_change(write, LAND_KIND(NOTICE), voided[i].id);
    notice->state = NOTICE_STATE(VOID);
    notice->void_reason = land_text(write, "%s %s: 内容已变更 (content changed)", subject->kind, subject->id);
    land_due(write, LAND_KIND(NOTICE), voided[i].id, LAND_NO_DAY);
    land_find(write, (struct land_what){
                         .code = "notice.void",
                         .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING,
                         .zh = land_text(write, "公示“%s”因内容变更而作废，须重新公示", voided[i].id),
                         .en = land_text(write, "notice \"%s\" is void, what it is about has changed: post it anew",
                                         voided[i].id),
                         .kind = LAND_KIND(NOTICE),
                         .id = voided[i].id,
                     });
  }
  return WG_OK;
}
