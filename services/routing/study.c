// See study.h.
#include "services/routing/study.h"

#include "common/base/text.h"

#include <string.h>

enum { GRID_DIGITS = 15, PLACE_NAMES = 48 };

static const char *or_empty(const char *text) {
  return text ? text : "";
}

// --- place ---
static struct routing_place_query query_of(const Wangge__V1__Order *order) {
  struct routing_place_query query = {.district = order->district,
                                      .grid_code = order->grid_code,
                                      .address = order->address,
                                      .title = order->title,
                                      .text = order->text,
                                      .has_position = order->position != NULL};
  if (order->position) {
    query.lon = order->position->lon;
    query.lat = order->position->lat;
  }
  return query;
}

// believable: nothing is there to hold the given code against, and it does not contradict what was found.
static bool believable(const struct routing_place *place, const Wangge__V1__Order *order,
                       const struct routing_places *places) {
  const char *code = or_empty(order->grid_code);
  if (!wg_all_digits(code, GRID_DIGITS) || strncmp(code, order->district, 6) != 0) return false;
  if (!places) return true;
  if (*place->grid_code ||
      (routing_net_count(places->net, ROUTING_LEVEL_GRID) && !(place->flags & ROUTING_DISTRICT_UNKNOWN)))
    return false;
  const char *smallest = *place->community ? place->community : place->street;
  return strncmp(code, smallest, strlen(smallest)) == 0;
}

static void believe(struct routing_place *place, const Wangge__V1__Order *order, struct wg_arena *arena) {
  place->how = ROUTING_HOW_GRID_CODE;
  place->grid_code = wg_arena_strdup(arena, order->grid_code);
  place->community = wg_arena_printf(arena, "%.12s", order->grid_code);
  place->street = wg_arena_printf(arena, "%.9s", order->grid_code);
  place->district = wg_arena_strdup(arena, order->district);
  place->flags = (place->flags | ROUTING_GRID_UNKNOWN) & ~(unsigned)(ROUTING_NO_GRID | ROUTING_NO_PLACE);
  place->confidence = 0.5;
  place->evidence = wg_arena_printf(arena, "没有网格资料可核对，采用来件的网格编码 %s", order->grid_code);
}

// from_origin: when the order itself says nothing below the district, it is taken to be about where it was handed over:
// the grid of the message group, or what the grids of the station have in common. Intake has seen to it that the area
// is of the order's district.
static void from_origin(struct routing_place *place, const Wangge__V1__Order *order, struct wg_arena *arena) {
  const char *area = or_empty(order->origin_area);
  const size_t size = strlen(area);
  if (size < 9 || *place->street || *place->place_id) return;
  place->how = ROUTING_HOW_ORIGIN;
  place->grid_code = size == GRID_DIGITS ? wg_arena_strdup(arena, area) : "";
  place->community = size >= 12 ? wg_arena_printf(arena, "%.12s", area) : "";
  place->street = wg_arena_printf(arena, "%.9s", area);
  place->district = wg_arena_strdup(arena, order->district);
  place->name = "";
  place->flags &= ~(unsigned)(ROUTING_NO_PLACE | ROUTING_NO_GRID);
  if (size != GRID_DIGITS) place->flags |= ROUTING_NO_GRID;
  place->confidence = 0.3;
  place->evidence =
      wg_arena_printf(arena, "工单本身没有说明地点，按移交它的%s的范围%s",
                      order->channel == WANGGE__V1__CHANNEL__CHANNEL_WECHAT_GROUP ? "微信群" : "驿站", area);
}

const struct routing_place *routing_study_place(const Wangge__V1__Order *order, const struct routing_rulebook *book) {
  struct routing_place *place = wg_arena_alloc(book->arena, sizeof *place);
  if (book->places) {
    const struct routing_place_query query = query_of(order);
    routing_place_decide(book->places->net, book->places->gazetteer, &query, book->arena, place);
  } else {
    *place = (struct routing_place){.grid_code = "",
                                    .community = "",
                                    .street = "",
                                    .district = "",
                                    .place_id = "",
                                    .name = "",
                                    .evidence = "没有网格和地点资料",
                                    .flags = ROUTING_NO_PLACE};
  }
  if (believable(place, order, book->places)) believe(place, order, book->arena);
  from_origin(place, order, book->arena);
  return place;
}

static const char *area_of(const struct routing_place *place) {
  if (*place->grid_code) return place->grid_code;
  if (*place->community) return place->community;
  return *place->street ? place->street : place->district;
}

// The code of a place stands in its id behind the district and the kind.
static const char *place_code(const char *place_id) {
  const char *slash = strchr(place_id, '/');
  slash = slash ? strchr(slash + 1, '/') : NULL;
  return slash ? slash + 1 : place_id;
}

// take_places: what a rule says of an estate holds for its buildings too.
static void take_places(struct routing_rule_input *input, const char *place_id,
                        const struct routing_gazetteer *gazetteer) {
  while (*place_id && input->place_count < ROUTING_RULE_PLACES) {
    input->places[input->place_count++] = place_code(place_id);
    const struct routing_entry *entry = gazetteer ? routing_gazetteer_get(gazetteer, place_id) : NULL;
    place_id = entry ? or_empty(entry->parent) : "";
  }
}

// --- category ---
// names_of gives the names of a place and of what it lies in.
static size_t names_of(const char *place_id, const struct routing_gazetteer *gazetteer,
                       struct routing_text names[PLACE_NAMES]) {
  size_t count = 0;
  while (gazetteer && *place_id && count < PLACE_NAMES) {
    size_t own;
    const struct routing_text *texts = routing_gazetteer_texts(gazetteer, place_id, &own);
    for (size_t i = 0; i < own && count < PLACE_NAMES; i++)
      names[count++] = texts[i];
    const struct routing_entry *entry = routing_gazetteer_get(gazetteer, place_id);
    place_id = entry ? or_empty(entry->parent) : "";
  }
  return count;
}

bool routing_said_of(const Wangge__V1__Order *order, const char *place_id, const struct routing_gazetteer *gazetteer,
                     const struct routing_model *model, struct routing_text_work *work, struct wg_arena *arena,
                     struct routing_said *said) {
  struct wg_error unreadable = {0}; // intake lets no such text through
  struct routing_text names[PLACE_NAMES];
  if (routing_text_normalise(wg_bytes_of(or_empty(order->title)), wg_bytes_of(or_empty(order->text)), work, arena,
                             &said->text, &unreadable) != WG_OK)
    return false;
  const size_t count = names_of(place_id, gazetteer, names);
  if (count) said->text = routing_text_cut(&said->text, names, count, arena);
  routing_vector_make(&said->text, model->idf, work, arena, &said->vector);
  return true;
}

const struct routing_said *routing_study_said(struct routing_assignment *subject, struct routing_rulebook *book) {
  if (subject->said || !book->model || !subject->order) return subject->said;
  struct routing_said *said = wg_arena_alloc(book->arena, sizeof *said);
  if (!routing_said_of(subject->order, or_empty(subject->found.place_id), book->places ? book->places->gazetteer : NULL,
                       book->model, book->text_work, book->arena, said))
    return NULL;
  subject->said = said;
  return said;
}

static bool begins_path(const char *path, const char *coarse) {
  const size_t size = strlen(coarse);
  return strncmp(path, coarse, size) == 0 && path[size] == '/';
}

// may_be_finer: the model has a category below the given one. Its paths are in byte order.
static bool may_be_finer(const struct routing_categories *categories, const char *given) {
  uint32_t low = 0, high = categories->count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (strcmp(categories->path[middle], given) <= 0) low = middle + 1;
    else high = middle;
  }
  // Paths that begin with the given one follow each other; "/" is not the first character that may come next.
  const size_t size = strlen(given);
  for (; low < categories->count && strncmp(categories->path[low], given, size) == 0; low++) {
    if (categories->path[low][size] == '/') return true;
  }
  return false;
}

static void suggest(struct routing_assignment *subject, struct routing_rulebook *book) {
  const struct routing_categories *categories = book->model ? book->model->categories : NULL;
  const char *given = subject->category;
  if (!categories || !categories->count || (*given && !may_be_finer(categories, given))) return;
  const struct routing_said *said = routing_study_said(subject, book);
  struct routing_suggestion best;
  if (!said || !routing_category_suggest(categories, book->model->idf, &said->vector, &best, 1)) return;
  if (*given && !begins_path(best.category, given)) return;
  subject->found.suggested_category = wg_arena_strdup(book->arena, best.category);
  subject->found.suggested_confidence = best.confidence;
}

// --- both ---
void routing_study(struct routing_assignment *subject, struct routing_rulebook *book,
                   struct routing_rule_input *input) {
  const struct routing_place *place = subject->place ? subject->place : routing_study_place(subject->order, book);
  subject->place = place;
  subject->found = (struct routing_found){.area = wg_arena_strdup(book->arena, area_of(place)),
                                          .place_id = wg_arena_strdup(book->arena, place->place_id),
                                          .place_name = wg_arena_strdup(book->arena, place->name),
                                          .place_evidence = place->evidence,
                                          .place_how = place->how,
                                          .place_confidence = (float)place->confidence,
                                          .place_flags = place->flags,
                                          .suggested_category = "",
                                          .compared = book->model != NULL};
  suggest(subject, book);
  *input = routing_found_input(subject->order, &subject->found, book->places ? book->places->gazetteer : NULL,
                               book->category_confidence);
}

const char *routing_study_evidence(const struct routing_assignment *subject, const struct routing_rule_input *input,
                                   const char *evidence, struct wg_arena *arena) {
  if (*subject->category || !*input->category) return evidence;
  return wg_arena_printf(arena, "来件没有分类，按文字建议的“%s”（可信度 %.2f）派单：%s", input->category,
                         (double)subject->found.suggested_confidence, evidence);
}

// --- of what was stored ---
struct routing_rule_input routing_found_input(const Wangge__V1__Order *order, const struct routing_found *found,
                                              const struct routing_gazetteer *gazetteer, double category_confidence) {
  struct routing_rule_input input = routing_rule_input_make(order, NULL);
  // Of an order from before places were decided nothing is known but what came with it.
  if (found->place_how != ROUTING_HOW_NONE || found->place_flags) input.area = found->area;
  if (!*or_empty(order->category) && *found->suggested_category &&
      (double)found->suggested_confidence >= category_confidence)
    input.category = found->suggested_category;
  take_places(&input, found->place_id, gazetteer);
  return input;
}

const char *routing_found_area(const struct routing_assignment *subject) {
  if (subject->found.place_how != ROUTING_HOW_NONE || subject->found.place_flags) return subject->found.area;
  return subject->order ? or_empty(subject->order->grid_code) : "";
}

static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

Wangge__V1__PlaceDecision *routing_found_message(const struct routing_found *found, const char *district,
                                                 struct wg_arena *arena) {
  Wangge__V1__PlaceDecision *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__place_decision__init(message);
  const size_t size = strlen(found->area);
  message->how = text(routing_how_name(found->place_how));
  message->district = text(district);
  if (size >= 9) message->street = size == 9 ? text(found->area) : wg_arena_printf(arena, "%.9s", found->area);
  if (size >= 12) message->community = size == 12 ? text(found->area) : wg_arena_printf(arena, "%.12s", found->area);
  if (size == GRID_DIGITS) message->grid_code = text(found->area);
  message->place_id = text(found->place_id);
  message->name = text(found->place_name);
  message->confidence = (double)found->place_confidence;
  message->evidence = text(found->place_evidence);
  message->flags = wg_arena_alloc(arena, ROUTING_PLACE_FLAGS * sizeof *message->flags);
  for (int i = 0; i < ROUTING_PLACE_FLAGS; i++) {
    if (found->place_flags & 1u << i)
      message->flags[message->n_flags++] = text(routing_place_flag_name((enum routing_place_flag)(1 << i)));
  }
  return message;
}
