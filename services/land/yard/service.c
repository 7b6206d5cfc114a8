// Remote services for tenants of beds (云种菜): placed, paid, scheduled, done with a photo, sent with a tracking
// number.
#include "services/land/yard/yard.h"

#include "common/base/text.h"

#include <string.h>

#define STATE(NAME) WANGGE__V1__SERVICE_STATE__SERVICE_STATE_##NAME
enum { PHOTOS_MOST = 20, NUMBER_BYTES = 64, QUANTITY_MOST = 10000 };
#define PRICE_MOST INT64_C(100000000) // a million yuan

static const struct land_move MOVES[] = {
    {"pay", STATE(PLACED), STATE(PAID)},
    {"cancel", STATE(PLACED), STATE(CANCELLED)},
    {"schedule", STATE(PAID), STATE(SCHEDULED)},
    {"refund", STATE(PAID), STATE(REFUNDED)},
    {"do", STATE(SCHEDULED), STATE(DONE)},
    {"refund", STATE(SCHEDULED), STATE(REFUNDED)},
    {"schedule", STATE(SCHEDULED), STATE(SCHEDULED)},
    {"ship", STATE(DONE), STATE(SHIPPED)},
    {"close", STATE(DONE), STATE(CLOSED)},
    {"close", STATE(SHIPPED), STATE(CLOSED)},
};

static const struct land_spec SPECS[] = {
    {"kind", LAND_SPEC_CHOICE, true, 0, 0, 0},
    {"bed", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(GARDEN_BED)},
    {"text", LAND_SPEC_LONG, true, 0, 512, 0},
    {"quantity", LAND_SPEC_NUMBER, true, 1, QUANTITY_MOST, 0},
    {"price_fen", LAND_SPEC_NUMBER, true, 0, PRICE_MOST, 0},
    {NULL},
};

wg_status yard_place_service(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PlaceServiceRequest *request = (const void *)write->request;
  const Wangge__V1__ServiceOrder *given = request->order;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "order", "must be given");
  if (land_spec_check(write, &given->base, SPECS, "order", error) != WG_OK || write->refused) return error->code;
  if (!*LAND_GET(write, GARDEN_BED, garden_bed, given->bed)->tenant)
    return land_refuse(write, (struct land_what){.code = "service_order.tenant",
                                                 .pointer = "/order/bed",
                                                 .zh = "该菜地没有认领人",
                                                 .en = "nobody is tenant of this bed"});
  Wangge__V1__ServiceOrder *order = land_make(write, LAND_KIND(SERVICE_ORDER), land_new_id(write, "service"));
  order->state = STATE(PLACED);
  order->kind = given->kind;
  order->bed = given->bed;
  order->text = given->text;
  order->quantity = given->quantity;
  order->price_fen = given->price_fen;
  order->placed_on = land_day_text(write->arena, write->today);
  return WG_OK;
}

static wg_status check_shape(const Wangge__V1__AdvanceServiceRequest *request, struct wg_error *error) {
  const int line = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN;
  if (wg_token_check(request->id, NUMBER_BYTES, "id", error) != WG_OK ||
      wg_text_check(request->tracking_number, NUMBER_BYTES, line, "tracking_number", error) != WG_OK ||
      wg_text_check(request->receipt, NUMBER_BYTES, line, "receipt", error) != WG_OK)
    return error->code;
  int32_t day;
  if (*request->day && (!land_day_read(request->day, &day)))
    return wg_fail(error, WG_INVALID_ARGUMENT, "day", "must be a civil day, YYYY-MM-DD");
  if (request->n_photos > PHOTOS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "photos", "must be at most %d", PHOTOS_MOST);
  for (size_t i = 0; i < request->n_photos; i++) {
    if (wg_hash_check(request->photos[i], "photos", error) != WG_OK) return error->code;
  }
  return WG_OK;
}

// What each event must bring.
static const struct {
  const char *event, *code, *pointer, *zh, *en;
} NEEDS[] = {
    {"pay", "service_order.receipt", "/receipt", "付款需要收据号", "a payment needs its receipt number"},
    {"refund", "service_order.receipt", "/receipt", "退款需要单据号", "a refund needs its receipt number"},
    {"schedule", "service_order.day", "/day", "排期需要日期", "a schedule needs its day"},
    {"do", "service_order.photo", "/photos", "完成服务需要照片", "work that is done needs a photo"},
    {"ship", "service_order.tracking_number", "/tracking_number", "寄出需要快递单号",
     "what is sent needs its tracking number"},
};

static bool brings(const Wangge__V1__AdvanceServiceRequest *request, const char *pointer) {
  if (strcmp(pointer, "/receipt") == 0) return *request->receipt;
  if (strcmp(pointer, "/day") == 0) return *request->day;
  if (strcmp(pointer, "/photos") == 0) return request->n_photos > 0;
  return *request->tracking_number;
}

wg_status yard_advance_service(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__AdvanceServiceRequest *request = (const void *)write->request;
  if (check_shape(request, error) != WG_OK) return error->code;
  const Wangge__V1__ServiceOrder *stands = LAND_GET(write, SERVICE_ORDER, service_order, request->id);
  if (!stands) return land_unknown(write, "/id", LAND_KIND(SERVICE_ORDER), request->id);
  const int state = land_move_to(write, LAND_KIND(SERVICE_ORDER), request->id, (int)stands->state, MOVES,
                                 sizeof MOVES / sizeof *MOVES, request->event, "/event");
  if (state < 0) return WG_OK;
  for (size_t i = 0; i < sizeof NEEDS / sizeof *NEEDS; i++) {
    if (strcmp(NEEDS[i].event, request->event) == 0 && !brings(request, NEEDS[i].pointer))
      return land_refuse(
          write,
          (struct land_what){.code = NEEDS[i].code, .pointer = NEEDS[i].pointer, .zh = NEEDS[i].zh, .en = NEEDS[i].en});
  }
  Wangge__V1__ServiceOrder *order = land_change(write, LAND_KIND(SERVICE_ORDER), request->id);
  order->state = (Wangge__V1__ServiceState)state;
  if (*request->receipt) order->receipt = request->receipt;
  if (state == STATE(SCHEDULED)) order->scheduled_on = request->day;
  if (state == STATE(SHIPPED)) order->tracking_number = request->tracking_number;
  if (state != STATE(DONE)) return WG_OK;
  order->done_on = land_day_text(write->arena, write->today);
  order->photos = request->photos;
  order->n_photos = request->n_photos;
  return WG_OK;
}
