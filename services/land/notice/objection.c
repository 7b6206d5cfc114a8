// Objections to notices: anybody files one, nobody deletes one, and who filed it does not decide it.
#include "common/base/text.h"
#include "services/land/base.h"
#include "services/land/identity.h"
#include "services/land/notice/notices.h"

#include <string.h>

enum { LINE = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, NAME_BYTES = 128, PHONE_BYTES = 64 };
#define WARNING WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING

// --- filing ---
static wg_status check_filing(const Wangge__V1__FileObjectionRequest *request, struct wg_error *error) {
  if (request->channel <= 0 || request->channel > WANGGE__V1__OBJECTION_CHANNEL__OBJECTION_CHANNEL_ONLINE)
    return wg_fail(error, WG_INVALID_ARGUMENT, "channel", "must be visit, letter, phone, box or online");
  wg_status status =
      wg_text_check(request->text, OBJECTION_TEXT_BYTES, WG_TEXT_REQUIRED | WG_TEXT_PLAIN, "text", error);
  if (status == WG_OK) status = wg_text_check(request->name, NAME_BYTES, LINE, "name", error);
  if (status == WG_OK) status = wg_text_check(request->phone, PHONE_BYTES, LINE, "phone", error);
  if (status == WG_OK) status = land_check_files(request->docs, request->n_docs, OBJECTION_DOCS, "docs", error);
  if (status == WG_OK && *request->phone && !land_phone_valid(request->phone))
    return wg_fail(error, WG_INVALID_ARGUMENT, "phone",
                   "must be 11 digits of a mobile, or a landline with its area code");
  return status;
}

static void check_filer(struct land_write *write, const Wangge__V1__FileObjectionRequest *request) {
  const bool named = *request->name || *request->party_id;
  if (request->anonymous == named)
    land_refuse(write, (struct land_what){
                           .code = "objection.filer",
                           .status = WG_INVALID_ARGUMENT,
                           .pointer = "/name",
                           .zh = "请写明姓名或权利人编号；不愿具名的，请标明匿名并不要填写姓名",
                           .en = "give a name or a party, or mark it anonymous and give neither",
                       });
  if (*request->party_id && !land_get(write, LAND_KIND(PARTY), request->party_id))
    land_unknown(write, "/party_id", LAND_KIND(PARTY), request->party_id);
}

static void check_subject(struct land_write *write, const Wangge__V1__FileObjectionRequest *request,
                          const Wangge__V1__Notice *notice) {
  if (!*request->subject_kind && !*request->subject_id) return;
  if (land_notice_has(notice, request->subject_kind, request->subject_id)) return;
  land_refuse(write,
              (struct land_what){
                  .code = "objection.subject",
                  .status = WG_INVALID_ARGUMENT,
                  .pointer = "/subject_id",
                  .zh = land_text(write, "公示内容里没有%s “%s”", request->subject_kind, request->subject_id),
                  .en = land_text(write, "the notice is not about %s \"%s\"; leave both empty for the whole of it",
                                  request->subject_kind, request->subject_id),
              });
}

static void keep_as_late(struct land_write *write, Wangge__V1__Objection *objection, const char *id,
                         const char *ends_on) {
  objection->late = true;
  objection->state = OBJECTION_STATE(INADMISSIBLE);
  objection->reply = land_text(write, "公示期已于%s届满，逾期提出，记录在案，不予受理", ends_on);
  objection->decided_on = land_day_text(write->arena, write->today);
  land_find(write,
            (struct land_what){
                .code = "objection.late",
                .severity = WARNING,
                .zh = land_text(write, "公示期已于%s届满：已记录，不予受理", ends_on),
                .en = land_text(write, "the period ended on %s: it is recorded as late and not admitted", ends_on),
                .kind = LAND_KIND(OBJECTION),
                .id = id,
            });
}

wg_status land_file_objection(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__FileObjectionRequest *request = (const void *)write->request;
  const wg_status status = check_filing(request, error);
  if (status != WG_OK) return status;
  const Wangge__V1__Notice *notice = LAND_GET(write, NOTICE, notice, request->notice_id);
  if (!notice) return land_unknown(write, "/notice_id", LAND_KIND(NOTICE), request->notice_id);
  if (land_notice_move(write, request->notice_id, notice, "object") < 0) return WG_OK;
  check_filer(write, request);
  check_subject(write, request, notice);
  if (write->refused) return WG_OK;

  const char *id = land_new_id(write, land_text(write, "%s-objection", request->notice_id));
  Wangge__V1__Objection *objection = land_make(write, LAND_KIND(OBJECTION), id);
  objection->state = OBJECTION_STATE(FILED);
  objection->notice_id = request->notice_id;
  objection->subject_kind = request->subject_kind;
  objection->subject_id = request->subject_id;
  objection->anonymous = request->anonymous;
  objection->channel = request->channel;
  objection->party_id = request->party_id;
  objection->name = request->name;
  if (*request->phone) objection->phone_commit = land_seal_value(write, "phone", request->phone);
  objection->text = request->text;
  objection->docs = request->docs;
  objection->n_docs = request->n_docs;
  objection->filed_at = write->now;
  objection->recorded_by = write->write->person;
  if (write->today > land_day(notice->ends_on)) keep_as_late(write, objection, id, notice->ends_on);
  return WG_OK;
}

// --- deciding ---
static wg_status check_reply(const char *reply, struct wg_error *error) {
  return wg_text_check(reply, OBJECTION_TEXT_BYTES, WG_TEXT_REQUIRED | WG_TEXT_PLAIN, "reply", error);
}

// has_part: whether a person filed the objection or entered it for somebody.
static bool has_part(const struct land_write *write, const Wangge__V1__Objection *objection, const char *person) {
  if (strcmp(objection->recorded_by, person) == 0 || strcmp(objection->name, person) == 0) return true;
  if (strcmp(objection->party_id, person) == 0 && *person) return true;
  const Wangge__V1__LandParty *party = land_member_party(land_last(write, LAND_KIND(PARTY), objection->party_id));
  return party && strcmp(party->name, person) == 0;
}

static void refuse_decider(struct land_write *write, const char *zh, const char *en) {
  land_refuse(write, (struct land_what){.code = "objection.decider", .pointer = "/write/person", .zh = zh, .en = en});
}

// check_decider: invariant 14, and that an appeal goes to the township.
static void check_decider(struct land_write *write, const Wangge__V1__Objection *objection) {
  const char *person = write->write->person;
  if (has_part(write, objection, person))
    refuse_decider(write, land_text(write, "“%s”提出或登记了这项异议，不能由其决定", person),
                   land_text(write, "\"%s\" filed or entered this objection and cannot decide it", person));
  if (objection->state != OBJECTION_STATE(APPEALED)) return;
  if (strcmp(objection->decider, person) == 0 || strcmp(objection->handler, person) == 0)
    refuse_decider(
        write, land_text(write, "“%s”已经处理过这项异议，复核须由他人决定", person),
        land_text(write, "\"%s\" dealt with this objection before: another person decides the appeal", person));
  if (!(write->caller->roles & (WG_ROLE_TOWNSHIP | WG_ROLE_REGISTRAR)))
    refuse_decider(write, "复核由乡镇决定", "an appeal is decided by the township");
}

static char *appeal_limit(const struct land_write *write) {
  return land_day_text(write->arena, write->today + (int32_t)land_policy(write, "objection.appeal_days"));
}

wg_status land_admit_objection(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__AdmitObjectionRequest *request = (const void *)write->request;
  const wg_status status = request->admissible && !*request->reply ? WG_OK : check_reply(request->reply, error);
  if (status != WG_OK) return status;
  const char *id = request->objection_id;
  const Wangge__V1__Objection *filed = LAND_GET(write, OBJECTION, objection, id);
  if (!filed) return land_unknown(write, "/objection_id", LAND_KIND(OBJECTION), id);
  const int to = land_objection_move(write, id, filed, request->admissible ? "accept" : "dismiss");
  if (to < 0) return WG_OK;
  // To dismiss is to decide.
  if (!request->admissible) check_decider(write, filed);
  if (write->refused) return WG_OK;
  Wangge__V1__Objection *objection = land_change(write, LAND_KIND(OBJECTION), id);
  objection->state = (Wangge__V1__ObjectionState)to;
  objection->handler = write->write->person;
  objection->reply = request->reply;
  if (!request->admissible) {
    objection->decided_on = land_day_text(write->arena, write->today);
    objection->appeal_by = appeal_limit(write);
  }
  land_notice_settle(write, objection->notice_id);
  return WG_OK;
}

wg_status land_decide_objection(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__DecideObjectionRequest *request = (const void *)write->request;
  wg_status status = check_reply(request->reply, error);
  if (status == WG_OK) status = land_check_files(request->docs, request->n_docs, OBJECTION_DOCS, "docs", error);
  if (status != WG_OK) return status;
  const char *id = request->objection_id;
  const Wangge__V1__Objection *open = LAND_GET(write, OBJECTION, objection, id);
  if (!open) return land_unknown(write, "/objection_id", LAND_KIND(OBJECTION), id);
  const int to = land_objection_move(write, id, open, request->upheld ? "uphold" : "reject");
  if (to >= 0) check_decider(write, open);
  if (write->refused) return WG_OK;
  const bool appealed = open->state == OBJECTION_STATE(APPEALED);
  Wangge__V1__Objection *objection = land_change(write, LAND_KIND(OBJECTION), id);
  objection->state = (Wangge__V1__ObjectionState)to;
  objection->reply = request->reply;
  objection->reply_docs = request->docs;
  objection->n_reply_docs = request->n_docs;
  objection->decided_on = land_day_text(write->arena, write->today);
  if (appealed) objection->appeal_decider = write->write->person;
  else objection->decider = write->write->person;
  // A decision can be appealed once, by whom it went against.
  objection->appeal_by = appealed || request->upheld ? land_day_text(write->arena, LAND_NO_DAY) : appeal_limit(write);
  land_notice_settle(write, objection->notice_id);
  return WG_OK;
}

// --- what who objects does later ---
wg_status land_withdraw_objection(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__WithdrawObjectionRequest *request = (const void *)write->request;
  if (!*write->write->reason)
    return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must say how it was withdrawn, and why");
  const char *id = request->objection_id;
  const Wangge__V1__Objection *open = LAND_GET(write, OBJECTION, objection, id);
  if (!open) return land_unknown(write, "/objection_id", LAND_KIND(OBJECTION), id);
  const int to = land_objection_move(write, id, open, "withdraw");
  if (to < 0) return WG_OK;
  Wangge__V1__Objection *objection = land_change(write, LAND_KIND(OBJECTION), id);
  objection->state = (Wangge__V1__ObjectionState)to;
  objection->decided_on = land_day_text(write->arena, write->today);
  objection->appeal_by = land_day_text(write->arena, LAND_NO_DAY);
  land_notice_settle(write, objection->notice_id);
  return WG_OK;
}

wg_status land_appeal_objection(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__AppealObjectionRequest *request = (const void *)write->request;
  const wg_status status =
      wg_text_check(request->text, OBJECTION_TEXT_BYTES, WG_TEXT_REQUIRED | WG_TEXT_PLAIN, "text", error);
  if (status != WG_OK) return status;
  const char *id = request->objection_id;
  const Wangge__V1__Objection *closed = LAND_GET(write, OBJECTION, objection, id);
  if (!closed) return land_unknown(write, "/objection_id", LAND_KIND(OBJECTION), id);
  const int to = land_objection_move(write, id, closed, "appeal");
  if (to < 0) return WG_OK;
  const int32_t limit = land_day(closed->appeal_by);
  if (limit == LAND_NO_DAY || write->today > limit)
    return land_refuse(
        write, (struct land_what){
                   .code = "objection.appeal_late",
                   .pointer = "/objection_id",
                   .zh = limit == LAND_NO_DAY ? "这项异议不能申请复核"
                                              : land_text(write, "申请复核的期限到%s为止", closed->appeal_by),
                   .en = limit == LAND_NO_DAY ? "this objection cannot be appealed"
                                              : land_text(write, "it could be appealed until %s", closed->appeal_by),
                   .kind = LAND_KIND(OBJECTION),
                   .id = id,
               });
  Wangge__V1__Objection *objection = land_change(write, LAND_KIND(OBJECTION), id);
  objection->state = (Wangge__V1__ObjectionState)to;
  objection->appeal_text = request->text;
  objection->appeal_by = land_day_text(write->arena, LAND_NO_DAY);
  land_notice_settle(write, objection->notice_id);
  return WG_OK;
}
