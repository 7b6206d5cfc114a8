// Idle homesteads (闲置宅基地): how they are used. One agreement at a time; nobody sells one: the modes are self,
// cooperation, entrusting and lease.
#include "services/land/yard/yard.h"

#include "common/base/text.h"
#include "services/land/base.h"

#include <inttypes.h>
#include <string.h>

#define STATE(NAME) WANGGE__V1__AGREEMENT_STATE__AGREEMENT_STATE_##NAME
#define MODE(NAME) WANGGE__V1__OPERATION_MODE__OPERATION_MODE_##NAME
enum { SPLIT_MOST = 1000 };
#define RENT_MOST INT64_C(100000000000) // 1,000 million yuan

wg_status yard_homestead(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                         struct wg_error *error) {
  (void)before, (void)error;
  const Wangge__V1__Homestead *homestead = (const Wangge__V1__Homestead *)body;
  if (land_day(homestead->idle_since) != LAND_NO_DAY && land_day(homestead->idle_since) > write->today)
    land_refuse(write, (struct land_what){.code = "homestead.idle_since",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/homestead/idle_since",
                                          .zh = "闲置起始日不能在今天之后",
                                          .en = "it cannot have been idle since a day that is to come"});
  return WG_OK;
}

// A homestay takes no guests into a house that is partly or wholly dangerous.
wg_status yard_homestay(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                        struct wg_error *error) {
  (void)error;
  Wangge__V1__Homestay *homestay = (Wangge__V1__Homestay *)body;
  const Wangge__V1__Homestay *stood = (const Wangge__V1__Homestay *)before;
  homestay->accepted_on = yard_accepted_on(write, homestay->accepted, stood ? stood->accepted_on : "");
  struct wg_book_walk walk = land_each(write, LAND_KIND(HOUSE));
  int rooms = 0;
  bool any = false;
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->house->homestead, homestay->homestead) != 0) continue;
    any = true;
    if (record->house->grade == WANGGE__V1__HOUSE_GRADE__HOUSE_GRADE_C ||
        record->house->grade == WANGGE__V1__HOUSE_GRADE__HOUSE_GRADE_D)
      return land_refuse(write, (struct land_what){
                                    .code = "homestay.house_grade",
                                    .pointer = "/homestay/homestead",
                                    .zh = land_text(write, "房屋“%s”的安全等级为C或D级，不能接待客人", record->id),
                                    .en = land_text(write, "house \"%s\" is of grade C or D: no guests", record->id),
                                    .kind = LAND_KIND(HOUSE),
                                    .id = record->id,
                                    .rule = "JGJ 125",
                                });
    rooms += record->house->rooms;
  }
  if (any && homestay->rooms <= rooms) return WG_OK;
  return land_refuse(write,
                     (struct land_what){
                         .code = "homestay.rooms",
                         .pointer = "/homestay/rooms",
                         .zh = land_text(write, "该宅基地上登记的房屋共有%d间，不足%d间", rooms, homestay->rooms),
                         .en = land_text(write, "the houses on it have %d rooms, not %d", rooms, homestay->rooms),
                     });
}

wg_status yard_bed(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                   struct wg_error *error) {
  (void)write, (void)before;
  const Wangge__V1__GardenBed *bed = (const Wangge__V1__GardenBed *)body;
  if ((*bed->plot != 0) + (*bed->homestead != 0) == 1) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "bed.plot", "one of plot and homestead must say where it lies");
}

// --- agreements ---
static const struct land_spec SPECS[] = {
    {"homestead", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(HOMESTEAD)},
    {"mode", LAND_SPEC_CHOICE, true, 0, 0, 0},
    {"operator", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(PARTY)},
    {"split_n", LAND_SPEC_NUMBER, false, 0, SPLIT_MOST, 0},
    {"split_d", LAND_SPEC_NUMBER, false, 0, SPLIT_MOST, 0},
    {"rent_fen_per_year", LAND_SPEC_NUMBER, false, 0, RENT_MOST, 0},
    {"from", LAND_SPEC_DAY, true, 0, 0, 0},
    {"to", LAND_SPEC_DAY, true, 0, 0, 0},
    {"document", LAND_SPEC_HASH, true, 0, 0, 0},
    {NULL},
};

static const char *active_of(const struct land_write *write, const char *homestead) {
  struct wg_book_walk walk = land_each(write, LAND_KIND(OPERATION_AGREEMENT));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->operation_agreement->homestead, homestead) == 0 &&
        record->operation_agreement->state == STATE(ACTIVE))
      return record->id;
  }
  return NULL;
}

// last_day gives the last day of `years` from a day on: the day before its anniversary; 29 February counts as the 28th.
static int32_t last_day(int32_t from, int years) {
  int year, month, day;
  wg_day_civil(from, &year, &month, &day);
  if (month == 2 && day == 29) day = 28;
  return wg_day_number(year + years, month, day) - 1;
}

// Everything that is wrong is said at once.
static void check_terms(struct land_write *write, const Wangge__V1__OperationAgreement *given) {
  const Wangge__V1__Homestead *homestead = LAND_GET(write, HOMESTEAD, homestead, given->homestead);
  const int32_t from = land_day(given->from), to = land_day(given->to);
  const bool own = strcmp(homestead->holder, given->operator_) == 0;
  if (to <= from)
    land_refuse(write, (struct land_what){.code = "operation_agreement.term",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/agreement/to",
                                          .zh = "到期日必须在起始日之后",
                                          .en = "it must end after it begins"});
  const int years = (int)land_policy(write, "term.lease_years");
  if (given->mode == MODE(LEASE) && to > last_day(from, years))
    land_refuse(write, (struct land_what){
                           .code = "operation_agreement.lease_years",
                           .status = WG_INVALID_ARGUMENT,
                           .pointer = "/agreement/to",
                           .zh = land_text(write, "出租期限最长%d年", years),
                           .en = land_text(write, "a lease is at most %d years", years),
                           .suggestion = land_day_text(write->arena, last_day(from, years)),
                           .rule = "民法典 705",
                       });
  if (own != (given->mode == MODE(SELF)))
    land_refuse(write, (struct land_what){.code = "operation_agreement.operator",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/agreement/operator",
                                          .zh = own ? "自营以外的方式，经营者不能是使用权人本人"
                                                    : "自营的经营者必须是使用权人本人",
                                          .en = own ? "with other modes than self the operator is not the holder"
                                                    : "with mode self the operator is the holder"});
  const bool shares = given->mode == MODE(COOP) || given->mode == MODE(ENTRUST);
  if (shares && (given->split_d < 1 || given->split_n > given->split_d))
    land_refuse(write, (struct land_what){.code = "operation_agreement.split",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/agreement/split_n",
                                          .zh = "合作、委托需要写明收益分成，分子不大于分母",
                                          .en = "cooperation and entrusting name the share of the income, n of d"});
  const char *other = active_of(write, given->homestead);
  if (other)
    land_refuse(write, (struct land_what){
                           .code = "operation_agreement.double",
                           .pointer = "/agreement/homestead",
                           .zh = land_text(write, "该宅基地已有生效的协议“%s”", other),
                           .en = land_text(write, "agreement \"%s\" is in force for it", other),
                           .kind = LAND_KIND(OPERATION_AGREEMENT),
                           .id = other,
                       });
  const char *breach = yard_transferred_privately(write, given->homestead);
  if (breach)
    land_refuse(write,
                (struct land_what){
                    .code = "operation_agreement.private_transfer",
                    .pointer = "/agreement/homestead",
                    .zh = land_text(write, "该宅基地有未整改的私下流转“%s”，整改前不能签订新协议", breach),
                    .en = land_text(write, "a private transfer, \"%s\", is not put right: no new agreement", breach),
                    .kind = LAND_KIND(RULE_BREACH),
                    .id = breach,
                });
}

wg_status yard_sign_agreement(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__SignAgreementRequest *request = (const void *)write->request;
  const Wangge__V1__OperationAgreement *given = request->agreement;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "agreement", "must be given");
  if (land_spec_check(write, &given->base, SPECS, "agreement", error) != WG_OK) return error->code;
  if (!write->refused) check_terms(write, given);
  if (write->refused) return WG_OK;
  const char *id = land_new_id(write, "agreement");
  Wangge__V1__OperationAgreement *agreement = land_make(write, LAND_KIND(OPERATION_AGREEMENT), id);
  *agreement = *given;
  agreement->state = STATE(ACTIVE);
  agreement->signed_on = land_day_text(write->arena, write->today);
  agreement->ended_reason = (char *)(uintptr_t)protobuf_c_empty_string;
  land_due(write, LAND_KIND(OPERATION_AGREEMENT), id, land_day(given->to) + 1);
  return WG_OK;
}

wg_status yard_end_agreement(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__EndAgreementRequest *request = (const void *)write->request;
  if (wg_token_check(request->id, 64, "id", error) != WG_OK) return error->code;
  if (!*write->write->reason) return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "why it ends must be said");
  const Wangge__V1__OperationAgreement *stands = LAND_GET(write, OPERATION_AGREEMENT, operation_agreement, request->id);
  if (!stands) return land_unknown(write, "/id", LAND_KIND(OPERATION_AGREEMENT), request->id);
  static const struct land_move moves[] = {{"end", STATE(ACTIVE), STATE(TERMINATED)}};
  if (land_move_to(write, LAND_KIND(OPERATION_AGREEMENT), request->id, (int)stands->state, moves, 1, "end", "/id") < 0)
    return WG_OK;
  Wangge__V1__OperationAgreement *agreement = land_change(write, LAND_KIND(OPERATION_AGREEMENT), request->id);
  agreement->state = STATE(TERMINATED);
  agreement->ended_reason = write->write->reason;
  land_due(write, LAND_KIND(OPERATION_AGREEMENT), request->id, LAND_NO_DAY);
  return WG_OK;
}

wg_status yard_agreement_due(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error) {
  (void)error;
  Wangge__V1__OperationAgreement *agreement = land_change(write, LAND_KIND(OPERATION_AGREEMENT), record->id);
  if (agreement->state == STATE(ACTIVE)) agreement->state = STATE(EXPIRED);
  land_due(write, LAND_KIND(OPERATION_AGREEMENT), record->id, LAND_NO_DAY);
  return WG_OK;
}
