// What becomes of orders that land pushed (orders.h): it comes back through tracking.notices.
//
//   tracking.notices --(those whose source is land)--> order_news, with the position in the stream
//   tick: order_news joined with land_order, whose villages are loaded --> the topic's write, its entry --> row deleted
//
// Notices hold no names and no words, and say of every order who pushed it: what is not land's costs a comparison. A
// notice may come before intake's answer to the push was kept (land was killed between); it waits. The record keeps the
// step it knows, so that notices that come again change nothing.
#pragma once

#include "services/land/land.h"

enum { LAND_NEWS_OPEN = 1, LAND_NEWS_CLOSED, LAND_NEWS_VOID, LAND_NEWS_REOPENED }; // stored numbers

struct land_news {
  const char *district, *village, *external_id;
  int64_t order_id;
  int32_t step;
  int kind;
  bool taken; // by this batch: acted on, or of no effect
};
struct land_news_list {
  struct wg_arena *arena;
  struct land_news *pending; // by villages' orders and steps
  size_t count;
};

// With a tick: the first that wait and whose village is known.
wg_status land_news_load(struct wg_batch *batch, struct land_news_list **list, struct wg_error *error);
// Writes what events of this batch say, takes away what was taken.
wg_status land_news_store(struct wg_batch *batch, const struct land_news_list *list, struct wg_error *error);
