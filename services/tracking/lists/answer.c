#include "services/tracking/lists/answer.h"

#include "common/base/text.h"
#include "services/tracking/lists/check.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define QUESTION(name) WANGGE__V1__QUESTION_KIND__QUESTION_KIND_##name

// --- tokens ---
// Parts are hashed with their NUL, so that no two lists of parts look alike.
static void hash_parts(const uint8_t secret[LISTS_SECRET_BYTES], const char *const *parts, uint8_t *hash) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, secret, LISTS_SECRET_BYTES, LISTS_HASH_BYTES);
  for (; *parts; parts++)
    crypto_generichash_update(&state, (const uint8_t *)*parts, strlen(*parts) + 1);
  crypto_generichash_final(&state, hash, LISTS_HASH_BYTES);
}

void lists_token(const uint8_t secret[LISTS_SECRET_BYTES], const Wangge__V1__IssueTokensRequest *request,
                 const char *caller, int n, char token[LISTS_TOKEN_CHARS + 1]) {
  static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz234567";
  char place[16];
  snprintf(place, sizeof place, "%d", n);
  const char *const parts[] = {"token", request->district, request->code, caller, request->request_id, place, NULL};
  uint8_t hash[LISTS_HASH_BYTES];
  hash_parts(secret, parts, hash);
  for (int i = 0; i < LISTS_TOKEN_CHARS; i++) // 130 bits
    token[i] = LETTERS[hash[i] & 31];
  token[LISTS_TOKEN_CHARS] = '\0';
}

void lists_token_hash(const uint8_t secret[LISTS_SECRET_BYTES], const char *district, const char *code,
                      const char *token, uint8_t hash[LISTS_HASH_BYTES]) {
  const char *const parts[] = {"issued", district, code, token, NULL};
  hash_parts(secret, parts, hash);
}

void lists_answer_hash(const uint8_t secret[LISTS_SECRET_BYTES], const char *token, struct wg_bytes answer,
                       uint8_t hash[LISTS_HASH_BYTES]) {
  const char *const parts[] = {"answer", token, NULL};
  uint8_t key[LISTS_HASH_BYTES];
  hash_parts(secret, parts, key);
  crypto_generichash(hash, LISTS_HASH_BYTES, answer.data, answer.size, key, sizeof key);
  sodium_memzero(key, sizeof key);
}

// --- answers ---
size_t lists_question_choices(const Wangge__V1__Question *question) {
  switch (question->kind) {
  case QUESTION(SCALE):
    return LISTS_SCALE;
  case QUESTION(YES_NO):
    return 2;
  default:
    return question->n_options;
  }
}

static bool is_answered(const Wangge__V1__GivenAnswer *given) {
  return given->n_choices || *given->text;
}

static wg_status check_choices(const Wangge__V1__Question *question, const Wangge__V1__GivenAnswer *given,
                               struct wg_error *error) {
  const size_t possible = lists_question_choices(question);
  const size_t most = question->kind == QUESTION(MULTIPLE) ? possible : possible ? 1 : 0;
  if (given->n_choices > most)
    return wg_fail(error, WG_INVALID_ARGUMENT, "choices", "%zu choices: at most %zu", given->n_choices, most);
  uint64_t seen = 0;
  for (size_t i = 0; i < given->n_choices; i++) {
    const int32_t choice = given->choices[i];
    if (choice < 1 || (size_t)choice > possible)
      return wg_fail(error, WG_INVALID_ARGUMENT, "choices", "must be 1 to %zu", possible);
    if (seen & UINT64_C(1) << choice)
      return wg_fail(error, WG_INVALID_ARGUMENT, "choices", "%d is there twice", (int)choice);
    seen |= UINT64_C(1) << choice;
  }
  return WG_OK;
}

static wg_status check_given(const Wangge__V1__Question *question, const Wangge__V1__GivenAnswer *given,
                             struct wg_error *error) {
  if (question->kind == QUESTION(TEXT)) {
    if (given->n_choices) return wg_fail(error, WG_INVALID_ARGUMENT, "choices", "a text is asked for");
    return lists_check_text(given->text, LISTS_ANSWER_BYTES, 0, "text", error);
  }
  if (*given->text) return wg_fail(error, WG_INVALID_ARGUMENT, "text", "a choice is asked for");
  return check_choices(question, given, error);
}

wg_status lists_answer_check(const Wangge__V1__Questionnaire *questionnaire, const Wangge__V1__AnswerRequest *request,
                             struct wg_error *error) {
  bool answered[LISTS_QUESTIONS + 1] = {false}, seen[LISTS_QUESTIONS + 1] = {false};
  bool any = false;
  for (size_t i = 0; i < request->n_answers; i++) {
    const Wangge__V1__GivenAnswer *given = request->answers[i];
    wg_status status = WG_OK;
    if (given->n < 1 || (size_t)given->n > questionnaire->n_questions)
      status = wg_fail(error, WG_INVALID_ARGUMENT, "n", "there are questions 1 to %zu", questionnaire->n_questions);
    else if (seen[given->n])
      status = wg_fail(error, WG_INVALID_ARGUMENT, "n", "question %d is answered twice", (int)given->n);
    else status = check_given(questionnaire->questions[given->n - 1], given, error);
    if (status != WG_OK) return lists_path("answers", i, error);
    seen[given->n] = true;
    answered[given->n] = is_answered(given);
    any |= is_answered(given);
  }
  if (!any) return wg_fail(error, WG_INVALID_ARGUMENT, "answers", "nothing is answered");
  for (size_t i = 0; i < questionnaire->n_questions; i++) {
    if (questionnaire->questions[i]->required && !answered[i + 1])
      return wg_fail(error, WG_INVALID_ARGUMENT, "answers", "question %zu must be answered", i + 1);
  }
  return WG_OK;
}

wg_status lists_answers_open(const Wangge__V1__ListEntry *entry, int64_t now, struct wg_error *error) {
  if (entry->state != WANGGE__V1__ENTRY_STATE__ENTRY_STATE_OPEN)
    return wg_fail(error, WG_FAILED_PRECONDITION, "code", "the questionnaire is not open");
  if (now >= entry->questionnaire->closes_at)
    return wg_fail(error, WG_FAILED_PRECONDITION, "code", "the questionnaire's time is over");
  return WG_OK;
}
