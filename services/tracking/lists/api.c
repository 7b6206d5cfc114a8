// What is checked before a writing call of service Lists may enter a batch.
#include "common/base/text.h"
#include "services/tracking/lists/answer.h"
#include "services/tracking/lists/check.h"
#include "services/tracking/lists/read.h"
#include "services/tracking/tracking.h"

#include <string.h>

enum { REQUEST_ID_BYTES = 64, ANSWER_ID_LEAST = 16 };

static wg_status check_district(const struct wg_principal *caller, const char *district, struct wg_error *error) {
  if (tracking_may_district(caller, district)) return WG_OK;
  return wg_fail(error, WG_PERMISSION_DENIED, "district", "this key is not for district %s", district);
}

wg_status lists_check_change(const struct wg_principal *caller, const ProtobufCMessage *message,
                             struct wg_error *error) {
  const Wangge__V1__ChangeEntryRequest *request = (const void *)message;
  wg_status status = lists_check(request, error);
  if (status == WG_OK) status = check_district(caller, request->district, error);
  if (status == WG_OK && request->action_case == WANGGE__V1__CHANGE_ENTRY_REQUEST__ACTION_TOPIC_PLEDGE)
    status = lists_check_code(request->topic_pledge->code, "topic_pledge.code", error);
  return status;
}

wg_status lists_check_tokens(const struct wg_principal *caller, const ProtobufCMessage *message,
                             struct wg_error *error) {
  const Wangge__V1__IssueTokensRequest *request = (const void *)message;
  wg_status status = lists_check_key(request->district, request->code, error);
  if (status == WG_OK) status = check_district(caller, request->district, error);
  if (status == WG_OK)
    status =
        wg_text_check(request->request_id, REQUEST_ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "request_id", error);
  if (status == WG_OK && (request->count < 1 || request->count > LISTS_TOKENS_A_CALL))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "count", "must be 1 to %d", LISTS_TOKENS_A_CALL);
  return status;
}

wg_status lists_check_answer(const struct wg_principal *caller, const ProtobufCMessage *message,
                             struct wg_error *error) {
  const Wangge__V1__AnswerRequest *request = (const void *)message;
  wg_status status = lists_check_key(request->district, request->code, error);
  if (status == WG_OK) status = check_district(caller, request->district, error);
  if (status == WG_OK && strlen(request->token) != LISTS_TOKEN_CHARS)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "token", "must have %d characters", LISTS_TOKEN_CHARS);
  if (status == WG_OK && *request->request_id && strlen(request->request_id) < ANSWER_ID_LEAST)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "request_id", "must have %d characters at least, chosen at random",
                     ANSWER_ID_LEAST);
  if (status == WG_OK)
    status = wg_text_check(request->request_id, REQUEST_ID_BYTES, WG_TEXT_ONE_LINE, "request_id", error);
  if (status == WG_OK && request->n_answers > LISTS_QUESTIONS)
    status =
        wg_fail(error, WG_INVALID_ARGUMENT, "answers", "%zu answers: at most %d", request->n_answers, LISTS_QUESTIONS);
  return status;
}
