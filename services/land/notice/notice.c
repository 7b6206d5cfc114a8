// Drafting, posting and ending a notice by people. What time and other records do to it is in standing.c.
#include "common/base/text.h"
#include "common/calendar/calendar.h"
#include "services/land/base.h"
#include "services/land/notice/notices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN };

// --- drafting ---
static wg_status check_places(char *const *places, size_t count, struct wg_error *error) {
  if (count > NOTICE_PLACES) return wg_fail(error, WG_INVALID_ARGUMENT, "places", "must be at most %d", NOTICE_PLACES);
  for (size_t i = 0; i < count; i++) {
    char field[32];
    snprintf(field, sizeof field, "places[%zu]", i);
    if (wg_text_check(places[i], NOTICE_PLACE_BYTES, WG_TEXT_REQUIRED | LINE, field, error) != WG_OK)
      return error->code;
  }
  return WG_OK;
}

static wg_status check_draft(const Wangge__V1__DraftNoticeRequest *request, struct wg_error *error) {
  if (request->kind <= 0 || request->kind > WANGGE__V1__NOTICE_KIND__NOTICE_KIND_CHANGE)
    return wg_fail(error, WG_INVALID_ARGUMENT, "kind", "must be survey, plan, result or change");
  if (request->days < 0 || request->days > NOTICE_DAYS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "days", "must be 0 (as policy says) to %d", NOTICE_DAYS_MOST);
  if (request->n_subjects < 1 || request->n_subjects > NOTICE_SUBJECTS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "subjects", "must have 1 to %d", NOTICE_SUBJECTS);
  wg_status status = wg_text_check(request->title, NOTICE_TITLE_BYTES, WG_TEXT_REQUIRED | LINE, "title", error);
  if (status == WG_OK) status = wg_text_check(request->text, NOTICE_TEXT_BYTES, WG_TEXT_PLAIN, "text", error);
  if (status == WG_OK) status = check_places(request->places, request->n_places, error);
  if (status == WG_OK) status = land_check_files(request->docs, request->n_docs, NOTICE_DOCS, "docs", error);
  return status;
}

static int subject_order(const void *left, const void *right) {
  const Wangge__V1__NoticeSubject *a = *(Wangge__V1__NoticeSubject *const *)left,
                                  *b = *(Wangge__V1__NoticeSubject *const *)right;
  const int order = strcmp(a->kind, b->kind);
  return order ? order : strcmp(a->id, b->id);
}

static void refuse_subject(struct land_write *write, const char *pointer, const char *zh, const char *en) {
  land_refuse(write, (struct land_what){.code = "notice.subject", .pointer = pointer, .zh = zh, .en = en});
}

// subjects_of gives what the notice is to be about, in order; refuses what is not there, cannot be posted or is there
// twice.
static Wangge__V1__NoticeSubject **subjects_of(struct land_write *write,
                                               const Wangge__V1__DraftNoticeRequest *request) {
  Wangge__V1__NoticeSubject **subjects = wg_arena_alloc(write->arena, request->n_subjects * sizeof *subjects);
  for (size_t i = 0; i < request->n_subjects; i++) {
    const Wangge__V1__NoticeSubjectRef *ref = request->subjects[i];
    const char *pointer = land_text(write, "/subjects/%zu", i);
    const int kind = land_kind_find(ref->kind);
    if (!land_subject_postable(kind))
      refuse_subject(write, pointer, land_text(write, "“%s”不是可以公示的种类", ref->kind),
                     land_text(write, "records of kind \"%s\" are not posted", ref->kind));
    else if (!land_get(write, kind, ref->id))
      refuse_subject(write, pointer, land_text(write, "本村没有编号为“%s”的%s", ref->id, ref->kind),
                     land_text(write, "this village has no %s \"%s\" in force", ref->kind, ref->id));
    subjects[i] = wg_arena_alloc(write->arena, sizeof **subjects);
    wangge__v1__notice_subject__init(subjects[i]);
    subjects[i]->kind = ref->kind;
    subjects[i]->id = ref->id;
  }
  qsort(subjects, request->n_subjects, sizeof *subjects, subject_order);
  for (size_t i = 1; i < request->n_subjects; i++) {
    if (subject_order(&subjects[i - 1], &subjects[i]) != 0) continue;
    refuse_subject(write, "/subjects", land_text(write, "%s “%s”重复", subjects[i]->kind, subjects[i]->id),
                   land_text(write, "%s \"%s\" is there twice", subjects[i]->kind, subjects[i]->id));
  }
  return subjects;
}

static void refuse_days(struct land_write *write, int days, int least) {
  land_refuse(write, (struct land_what){
                         .code = "notice.days",
                         .pointer = "/days",
                         .zh = land_text(write, "公示%d天太短，至少%d天", days, least),
                         .en = land_text(write, "%d days are too few, it must stand for at least %d", days, least),
                         .suggestion = land_text(write, "%d", least),
                     });
}

wg_status land_draft_notice(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__DraftNoticeRequest *request = (const void *)write->request;
  const wg_status status = check_draft(request, error);
  if (status != WG_OK) return status;
  const char *id = request->notice_id;
  if (*id) {
    const Wangge__V1__Notice *notice = LAND_GET(write, NOTICE, notice, id);
    if (!notice) return land_unknown(write, "/notice_id", LAND_KIND(NOTICE), id);
    if (land_notice_move(write, id, notice, "draft") < 0) return WG_OK;
  }
  const int least = land_notice_days(write, (int)request->kind), days = request->days ? request->days : least;
  if (days < least) refuse_days(write, days, least);
  Wangge__V1__NoticeSubject **subjects = subjects_of(write, request);
  if (write->refused) return WG_OK;

  Wangge__V1__Notice *notice = *id ? land_change(write, LAND_KIND(NOTICE), id)
                                   : land_make(write, LAND_KIND(NOTICE), land_new_id(write, "notice"));
  notice->state = NOTICE_STATE(DRAFT);
  notice->kind = request->kind;
  notice->title = request->title;
  notice->text = request->text;
  notice->subjects = subjects;
  notice->n_subjects = request->n_subjects;
  notice->days = days;
  notice->places = request->places;
  notice->n_places = request->n_places;
  notice->docs = request->docs;
  notice->n_docs = request->n_docs;
  return WG_OK;
}

// --- posting ---
// fix_subjects takes down what each subject is now.
static void fix_subjects(struct land_write *write, Wangge__V1__Notice *notice) {
  for (size_t i = 0; i < notice->n_subjects; i++) {
    Wangge__V1__NoticeSubject *subject = notice->subjects[i];
    const int kind = land_kind_find(subject->kind);
    uint8_t *hash = wg_arena_alloc(write->arena, LAND_SUBJECT_BYTES);
    if (!land_subject_sha256(write, kind, subject->id, hash)) {
      refuse_subject(write, "/notice_id", land_text(write, "%s “%s”已失效", subject->kind, subject->id),
                     land_text(write, "%s \"%s\" is no longer in force: change the draft", subject->kind, subject->id));
      continue;
    }
    const Wangge__V1__LandRecord *record = land_get(write, kind, subject->id);
    const char *name = land_name(record);
    subject->version = record->version;
    subject->sha256 = (ProtobufCBinaryData){LAND_SUBJECT_BYTES, hash};
    subject->label = wg_arena_strdup(write->arena, *name ? name : subject->id);
    subject->summary = land_subject_summary(write, record);
  }
}

static ProtobufCBinaryData hash_copy(const struct land_write *write, const uint8_t hash[LAND_SUBJECT_BYTES]) {
  uint8_t *copy = wg_arena_alloc(write->arena, LAND_SUBJECT_BYTES);
  memcpy(copy, hash, LAND_SUBJECT_BYTES);
  return (ProtobufCBinaryData){LAND_SUBJECT_BYTES, copy};
}

static void warn_calendar(struct land_write *write, int32_t last) {
  int year, month, day;
  wg_day_civil(last, &year, &month, &day);
  if (wg_calendar_has_year(write->calendar, year)) return;
  land_find(write,
            (struct land_what){
                .code = "notice.calendar",
                .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_NOTE,
                .zh = land_text(write, "%d年的放假安排尚未录入，期满日可能顺延", year),
                .en = land_text(write, "the days off of %d are not known yet: the end may move to a later day", year),
                .rule = "民法典 203",
            });
}

wg_status land_post_notice(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PostNoticeRequest *request = (const void *)write->request;
  const wg_status status = check_places(request->places, request->n_places, error);
  if (status != WG_OK) return status;
  const char *id = request->notice_id;
  const Wangge__V1__Notice *draft = LAND_GET(write, NOTICE, notice, id);
  if (!draft) return land_unknown(write, "/notice_id", LAND_KIND(NOTICE), id);
  if (land_notice_move(write, id, draft, "post") < 0) return WG_OK;
  const int least = land_notice_days(write, (int)draft->kind);
  if (draft->days < least) refuse_days(write, draft->days, least);
  if (!request->n_places && !draft->n_places)
    land_refuse(write, (struct land_what){.code = "notice.places",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/places",
                                          .zh = "没有写明张贴地点",
                                          .en = "say where it is put up, at least one place"});

  Wangge__V1__Notice *notice = land_change(write, LAND_KIND(NOTICE), id);
  fix_subjects(write, notice);
  if (write->refused) return WG_OK;
  const int32_t last = land_period_end(write->calendar, write->today, notice->days);
  warn_calendar(write, last);
  const Wangge__V1__VillageInfo *village = LAND_GET(write, VILLAGE_INFO, village_info, LAND_VILLAGE_ID);
  notice->state = NOTICE_STATE(POSTED);
  if (village) notice->village_name = village->name;
  if (request->n_places) {
    notice->places = request->places;
    notice->n_places = request->n_places;
  }
  uint8_t content[LAND_SUBJECT_BYTES];
  land_notice_content(write->write->village, notice, content);
  notice->content_sha256 = hash_copy(write, content);
  notice->posted_at = write->now;
  notice->posted_on = land_day_text(write->arena, write->today);
  notice->ends_on = land_day_text(write->arena, last);
  notice->tree_size = write->next_seq;
  notice->tree_root = hash_copy(write, write->root);
  land_due(write, LAND_KIND(NOTICE), id, last + 1);
  return WG_OK;
}

// --- photos ---
static bool is_place(const Wangge__V1__Notice *notice, const char *place) {
  for (size_t i = 0; i < notice->n_places; i++) {
    if (strcmp(notice->places[i], place) == 0) return true;
  }
  return false;
}

static wg_status check_photos(const struct land_write *write, const Wangge__V1__PhotographNoticeRequest *request,
                              struct wg_error *error) {
  if (request->n_photos < 1 || request->n_photos > NOTICE_PHOTOS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "photos", "must be 1 to %d", NOTICE_PHOTOS);
  for (size_t i = 0; i < request->n_photos; i++) {
    char field[48];
    snprintf(field, sizeof field, "photos[%zu].sha256", i);
    if (wg_hash_check(request->photos[i]->sha256, field, error) != WG_OK) return error->code;
    int32_t day;
    snprintf(field, sizeof field, "photos[%zu].taken_on", i);
    const char *taken_on = request->photos[i]->taken_on;
    if (*taken_on && (!land_day_read(taken_on, &day) || day > write->today))
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be a civil day, YYYY-MM-DD, not in the future");
  }
  return WG_OK;
}

wg_status land_photograph_notice(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PhotographNoticeRequest *request = (const void *)write->request;
  const wg_status status = check_photos(write, request, error);
  if (status != WG_OK) return status;
  const char *id = request->notice_id;
  const Wangge__V1__Notice *posted = LAND_GET(write, NOTICE, notice, id);
  if (!posted) return land_unknown(write, "/notice_id", LAND_KIND(NOTICE), id);
  if (land_notice_move(write, id, posted, "photograph") < 0) return WG_OK;
  for (size_t i = 0; i < request->n_photos; i++) {
    if (is_place(posted, request->photos[i]->place)) continue;
    land_refuse(write, (struct land_what){
                           .code = "notice.place",
                           .status = WG_INVALID_ARGUMENT,
                           .pointer = land_text(write, "/photos/%zu/place", i),
                           .zh = land_text(write, "“%s”不是张贴地点", request->photos[i]->place),
                           .en = land_text(write, "it was not put up at \"%s\"", request->photos[i]->place),
                           .suggestion = posted->n_places ? posted->places[0] : NULL,
                       });
  }
  if (write->refused) return WG_OK;
  Wangge__V1__Notice *notice = land_change(write, LAND_KIND(NOTICE), id);
  Wangge__V1__NoticePhoto **photos =
      wg_arena_alloc(write->arena, (notice->n_photos + request->n_photos) * sizeof *photos);
  if (notice->n_photos) memcpy(photos, notice->photos, notice->n_photos * sizeof *photos);
  memcpy(photos + notice->n_photos, request->photos, request->n_photos * sizeof *photos);
  for (size_t i = notice->n_photos; i < notice->n_photos + request->n_photos; i++) {
    if (!*photos[i]->taken_on) photos[i]->taken_on = land_day_text(write->arena, write->today);
  }
  notice->photos = photos;
  notice->n_photos += request->n_photos;
  return WG_OK;
}

// --- ending by hand ---
wg_status land_take_down_notice(struct land_write *write, struct wg_error *error) {
  (void)error;
  const Wangge__V1__TakeDownNoticeRequest *request = (const void *)write->request;
  const char *id = request->notice_id;
  const Wangge__V1__Notice *posted = LAND_GET(write, NOTICE, notice, id);
  if (!posted) return land_unknown(write, "/notice_id", LAND_KIND(NOTICE), id);
  const int to = land_notice_move(write, id, posted, "take_down");
  if (to < 0) return WG_OK;
  const int32_t last = land_day(posted->ends_on);
  Wangge__V1__Notice *notice = land_change(write, LAND_KIND(NOTICE), id);
  notice->taken_down_on = land_day_text(write->arena, write->today);
  if (posted->state != NOTICE_STATE(POSTED) || write->today > last) return WG_OK; // over: time ends it
  notice->state = (Wangge__V1__NoticeState)to;
  notice->void_reason = "期满前被揭下 (taken down before the end)";
  land_due(write, LAND_KIND(NOTICE), id, LAND_NO_DAY);
  land_find(write,
            (struct land_what){
                .code = "notice.void",
                .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING,
                .zh = land_text(write, "公示要到%s期满，提前揭下即作废，须重新公示", posted->ends_on),
                .en = land_text(write, "its period ends on %s: taken down before, it is void and has to be posted anew",
                                posted->ends_on),
                .kind = LAND_KIND(NOTICE),
                .id = id,
            });
  return WG_OK;
}

wg_status land_withdraw_notice(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__WithdrawNoticeRequest *request = (const void *)write->request;
  if (!*write->write->reason)
    return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must say why it is withdrawn");
  const char *id = request->notice_id;
  const Wangge__V1__Notice *posted = LAND_GET(write, NOTICE, notice, id);
  if (!posted) return land_unknown(write, "/notice_id", LAND_KIND(NOTICE), id);
  const int to = land_notice_move(write, id, posted, "withdraw");
  if (to < 0) return WG_OK;
  Wangge__V1__Notice *notice = land_change(write, LAND_KIND(NOTICE), id);
  notice->state = (Wangge__V1__NoticeState)to;
  notice->void_reason = write->write->reason;
  land_due(write, LAND_KIND(NOTICE), id, LAND_NO_DAY);
  return WG_OK;
}
