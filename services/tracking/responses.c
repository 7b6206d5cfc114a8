// See responses.h.
#include "services/tracking/responses.h"

#include "common/base/map.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 128, REPLY_BYTES = 8192 };

struct tracking_responses {
  struct wg_map *by_code; // "district/code" -> struct response
};
struct response {
  char *category, *text;
};

// District and code are short by the registry's own limits; a longer pair is never found.
static bool key_of(char key[KEY_BYTES], const char *district, const char *code) {
  const int size = snprintf(key, KEY_BYTES, "%s/%s", district, code);
  return size > 0 && size < KEY_BYTES;
}

struct tracking_responses *tracking_responses_build(const Wangge__V1__Record *const *records, size_t count) {
  struct tracking_responses *responses = wg_zalloc(sizeof *responses);
  responses->by_code = wg_map_create();
  for (size_t i = 0; i < count; i++) {
    char key[KEY_BYTES];
    if (records[i]->body_case != WANGGE__V1__RECORD__BODY_STANDARD_RESPONSE) continue;
    if (!key_of(key, records[i]->district, records[i]->code) || wg_map_get(responses->by_code, key)) continue;
    struct response *response = wg_zalloc(sizeof *response);
    response->category = wg_strdup(records[i]->standard_response->category_prefix);
    response->text = wg_strdup(records[i]->standard_response->text);
    wg_map_put(responses->by_code, key, response);
  }
  return responses;
}

void tracking_responses_destroy(struct tracking_responses *responses) {
  if (!responses) return;
  size_t position = 0;
  const char *key;
  void *value;
  while (wg_map_next(responses->by_code, &position, &key, &value)) {
    struct response *response = value;
    free(response->category);
    free(response->text);
    free(response);
  }
  wg_map_destroy(responses->by_code);
  free(responses);
}

// is_below: a path of the category tree that is `above` or begins with it.
static bool is_below(const char *path, const char *above) {
  const size_t size = strlen(above);
  return !size || (strncmp(path, above, size) == 0 && (path[size] == '\0' || path[size] == '/'));
}

wg_status tracking_responses_reply(const struct tracking_responses *responses, const Wangge__V1__Case *row,
                                   const char *code, const char *reply, struct wg_arena *arena, const char **told,
                                   struct wg_error *error) {
  char key[KEY_BYTES];
  const bool known = responses && key_of(key, row->district, code);
  const struct response *response = known ? wg_map_get(responses->by_code, key) : NULL;
  if (!response)
    return wg_fail(error, WG_INVALID_ARGUMENT, "standard_response",
                   "district %s has no standard response \"%s\": see wangge registry list standard_response",
                   row->district, code);
  if (!is_below(row->category, response->category))
    return wg_fail(error, WG_INVALID_ARGUMENT, "standard_response", "\"%s\" is for orders of category %s, not of %s",
                   code, response->category, *row->category ? row->category : "none");
  *told = *reply ? reply : wg_arena_strdup(arena, response->text);
  struct wg_error plain = {0};
  if (wg_text_check(*told, REPLY_BYTES, WG_TEXT_REQUIRED | WG_TEXT_PLAIN, "text", &plain) == WG_OK) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "standard_response", "the text of \"%s\" may not be published: %.200s",
                 code, plain.message);
}
