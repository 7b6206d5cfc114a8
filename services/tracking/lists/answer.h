// Anonymous answers to questionnaires: tokens and what an answer may be. Pure.
//
// A token is computed from the service's secret, the questionnaire, the request that asked for it and its place in
// that request; it is never stored. Of a token there is a keyed hash, which goes when it is used. So that the same
// answer can come again after a lost reply there is a hash of the answer with the caller's request_id, keyed by secret
// and token together: without that request_id nobody, not even who issued the tokens, can try out which answer it was.
// Counts and texts lie in tables of their own, without token, time or order, and share no row's transaction with a
// token.
#pragma once

#include "services/tracking/lists/change.h"

enum { LISTS_SECRET_BYTES = 32, LISTS_HASH_BYTES = 32, LISTS_TOKEN_CHARS = 26, LISTS_TOKENS_A_CALL = 1000 };

void lists_token(const uint8_t secret[LISTS_SECRET_BYTES], const Wangge__V1__IssueTokensRequest *request,
                 const char *caller, int n, char token[LISTS_TOKEN_CHARS + 1]);
void lists_token_hash(const uint8_t secret[LISTS_SECRET_BYTES], const char *district, const char *code,
                      const char *token, uint8_t hash[LISTS_HASH_BYTES]);
void lists_answer_hash(const uint8_t secret[LISTS_SECRET_BYTES], const char *token, struct wg_bytes answer,
                       uint8_t hash[LISTS_HASH_BYTES]);

// lists_answer_check: every question is there once at most, required ones are answered, choices are possible, texts
// are plain and short enough. INVALID_ARGUMENT names what is not.
wg_status lists_answer_check(const Wangge__V1__Questionnaire *questionnaire, const Wangge__V1__AnswerRequest *request,
                             struct wg_error *error);
// lists_answers_open: FAILED_PRECONDITION unless the questionnaire is open and its time is not over.
wg_status lists_answers_open(const Wangge__V1__ListEntry *entry, int64_t now, struct wg_error *error);
// How many counts a question has: its options, the values of a scale, yes and no; 0 for texts.
size_t lists_question_choices(const Wangge__V1__Question *question);
