// Any bytes as areas, places and orders: what is refused is refused with a message, and whatever was accepted decides
// within the promises of place.h. Lines of tab-separated fields:
//   A code name boundary         an area; its level by the size of its code
//   D code name boundary         a dedicated grid
//   P id kind name code parent   a place; kind is a digit
//   Q district grid_code lon lat address text   an order
// All areas are taken before all places, those before all orders.
#include "common/base/text.h"
#include "services/routing/place/place.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS = 7 };

static void expect(bool truth) {
  if (!truth) abort();
}

// The next line of `kind`, cut into fields in place; false at the end.
static bool next_line(char **at, const char *kinds, char *fields[FIELDS]) {
  static char nothing[] = "";
  while (**at) {
    char *line = *at;
    *at += strcspn(line, "\n");
    if (**at) *(*at)++ = '\0';
    if (!*line || !strchr(kinds, *line)) continue;
    for (int i = 0; i < FIELDS; i++)
      fields[i] = line ? strsep(&line, "\t") : nothing;
    return true;
  }
  return false;
}

static struct routing_net *make_net(char *text) {
  struct routing_net_builder *builder = routing_net_builder_create();
  char *fields[FIELDS];
  while (next_line(&text, "AD", fields)) {
    const size_t digits = strlen(fields[1]);
    struct wg_error error = {0};
    const struct routing_area area = {.code = fields[1],
                                      .name = fields[2],
                                      .boundary = fields[3],
                                      .level = digits > 12  ? ROUTING_LEVEL_GRID
                                               : digits > 9 ? ROUTING_LEVEL_COMMUNITY
                                               : digits > 6 ? ROUTING_LEVEL_STREET
                                                            : ROUTING_LEVEL_DISTRICT,
                                      .kind = fields[0][0] == 'D' ? ROUTING_GRID_DEDICATED : ROUTING_GRID_BASIC};
    if (routing_net_add(builder, &area, &error) != WG_OK) expect(*error.message && *error.field);
  }
  return routing_net_seal(builder);
}

static struct routing_gazetteer *make_gazetteer(const struct routing_net *net, char *text) {
  struct routing_gazetteer_builder *builder = routing_gazetteer_builder_create(net);
  char *fields[FIELDS];
  while (next_line(&text, "P", fields)) {
    struct wg_error error = {0};
    const char *alias = fields[6];
    const struct routing_entry entry = {.place_id = fields[1],
                                        .kind = (enum routing_place_kind)(atoi(fields[2]) & 15),
                                        .name = fields[3],
                                        .code = fields[4],
                                        .parent = fields[5],
                                        .aliases = &alias,
                                        .alias_count = *alias ? 1 : 0};
    if (routing_gazetteer_add(builder, &entry, &error) != WG_OK) expect(*error.message && *error.field);
  }
  return routing_gazetteer_seal(builder);
}

static void check_hits(const struct routing_gazetteer *gazetteer, const char *text) {
  static uint32_t codes[1 << 16];
  struct routing_hit hits[ROUTING_HITS];
  const size_t count = routing_fold(wg_bytes_of(text), codes, 1 << 16);
  const size_t found = routing_gazetteer_find(gazetteer, codes, count, hits, ROUTING_HITS);
  for (size_t i = 0; i < found; i++) {
    size_t owners;
    routing_gazetteer_owners(gazetteer, hits[i].name, &owners);
    expect(owners > 0 && hits[i].size >= 2 && hits[i].start + hits[i].size <= count);
    expect(i == 0 || hits[i - 1].start + hits[i - 1].size <= hits[i].start);
  }
}

static void check_place(const struct routing_place_query *query, const struct routing_place *place) {
  expect(place->confidence >= 0 && place->confidence <= 1);
  expect((place->how == ROUTING_HOW_NONE) == ((place->flags & ROUTING_NO_PLACE) != 0));
  expect(place->candidate_count <= ROUTING_CANDIDATES);
  expect(*place->evidence && wg_utf8_valid(wg_bytes_of(place->evidence)));
  const char *codes[] = {place->grid_code, place->community, place->street, place->district};
  for (size_t i = 0; i < 4; i++)
    expect(!*codes[i] || !*query->district || strncmp(codes[i], query->district, 6) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *copies[3];
  for (int i = 0; i < 3; i++) {
    copies[i] = malloc(size + 1);
    if (size) memcpy(copies[i], data, size);
    copies[i][size] = '\0';
  }
  struct wg_arena *arena = wg_arena_create(4096);
  struct routing_net *net = make_net(copies[0]);
  struct routing_gazetteer *gazetteer = make_gazetteer(net, copies[1]);
  char *text = copies[2], *fields[FIELDS];
  while (next_line(&text, "Q", fields)) {
    const struct routing_place_query query = {.district = fields[1],
                                              .grid_code = fields[2],
                                              .address = fields[5],
                                              .text = fields[6],
                                              .has_position = *fields[3] != '\0',
                                              .lon = atof(fields[3]),
                                              .lat = atof(fields[4])};
    struct routing_place place;
    routing_place_decide(net, gazetteer, &query, arena, &place);
    check_place(&query, &place);
    check_hits(gazetteer, fields[6]);
  }
  routing_gazetteer_close(gazetteer);
  routing_net_close(net);
  wg_arena_destroy(arena);
  for (int i = 0; i < 3; i++)
    free(copies[i]);
  return 0;
}
