// LandNotice/Sheet, in a reader thread: the notice as it is stored, set as HTML or PDF.
#include "services/land/read.h"
#include "common/base/text.h"
#include "services/land/notice/sheet.h"
#include "services/land/topic.h"

#include <string.h>

enum { ID_BYTES = 64 };

wg_status land_check_sheet(const struct wg_principal *caller, const ProtobufCMessage *message, struct wg_error *error) {
  const Wangge__V1__SheetRequest *request = (const Wangge__V1__SheetRequest *)message;
  wg_status status = land_check_village(caller, request->village, error);
  if (status == WG_OK && strlen(request->village) != 12)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "village", "must be the 12 digits of a village");
  if (status == WG_OK)
    status = wg_text_check(request->notice_id, ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "notice_id", error);
  if (status == WG_OK && request->format != WANGGE__V1__SHEET_FORMAT__SHEET_FORMAT_HTML &&
      request->format != WANGGE__V1__SHEET_FORMAT__SHEET_FORMAT_PDF)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "format", "must be html or pdf");
  return status;
}

static wg_status read_notice(struct wg_read_call *call, const Wangge__V1__SheetRequest *request,
                             struct land_sheet *sheet, struct wg_error *error) {
  Wangge__V1__GetLandRequest get = WANGGE__V1__GET_LAND_REQUEST__INIT;
  get.village = request->village;
  get.kind = (char *)(uintptr_t)land_kind_name(LAND_KIND(NOTICE));
  get.id = request->notice_id;
  struct wg_read_call inner = *call;
  inner.request = &get.base;
  ProtobufCMessage *answer = NULL;
  const wg_status status = land_read_get(&inner, &answer, error);
  if (status != WG_OK) return status;
  const Wangge__V1__LandRecord *record = ((Wangge__V1__GetLandResponse *)answer)->record;
  *sheet = (struct land_sheet){record->village, record->id, record->notice};
  return WG_OK;
}

wg_status land_read_sheet(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__SheetRequest *request = (const Wangge__V1__SheetRequest *)call->request;
  const bool pdf = request->format == WANGGE__V1__SHEET_FORMAT__SHEET_FORMAT_PDF;
  struct land_sheet sheet;
  wg_status status = read_notice(call, request, &sheet, error);
  if (status != WG_OK) return status;
  struct wg_buffer bytes = {0};
  int missing = 0;
  if (pdf) status = land_sheet_pdf(&sheet, call->arena, &bytes, &missing, error);
  else land_sheet_html(&sheet, call->arena, &bytes);
  if (status == WG_OK && bytes.size > LAND_SHEET_BYTES)
    status = wg_fail(error, WG_RESOURCE_EXHAUSTED, "format", "the sheet has %zu bytes, more than an answer can hold",
                     bytes.size);
  Wangge__V1__SheetResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__sheet_response__init(response);
  if (status == WG_OK) {
    response->sheet = (ProtobufCBinaryData){bytes.size, wg_arena_alloc(call->arena, bytes.size)};
    memcpy(response->sheet.data, bytes.data, bytes.size);
    response->media_type = wg_arena_strdup(call->arena, pdf ? "application/pdf" : "text/html; charset=utf-8");
    response->file_name = wg_arena_printf(call->arena, "%s.%s", sheet.notice_id, pdf ? "pdf" : "html");
    response->missing_characters = missing;
    *reply = &response->base;
  }
  wg_buffer_free(&bytes);
  return status;
}
