// What else places are called, and their names as texts are compared. See gazetteer.h and variants.h.
#include "services/routing/place/gazetteer_internal.h"

#include "services/routing/place/variants.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

// --- texts ---

static bool told_already(const struct place_entry *place, const struct routing_text *text) {
  for (size_t i = 0; i < place->text_count; i++)
    if (place->texts[i].hash == text->hash) return true;
  return false;
}

static void add_text(struct routing_gazetteer *gazetteer, struct place_entry *place, const uint32_t *codes, size_t size,
                     struct routing_text_work *work) {
  enum { TEXTS = 24, ROOM = 8, CODE_BYTES = 4 };
  uint8_t bytes[ROUTING_NAME_SIZE * CODE_BYTES];
  size_t used = 0;
  if (place->entry.kind < ROUTING_PLACE_ESTATE || place->text_count == TEXTS) return;
  for (size_t i = 0; i < size; i++)
    used += (size_t)utf8proc_encode_char((utf8proc_int32_t)codes[i], bytes + used);
  struct routing_text text;
  struct wg_error unreadable = {0}; // a folded name is valid UTF-8
  if (routing_text_normalise((struct wg_bytes){bytes, used}, (struct wg_bytes){NULL, 0}, work, gazetteer->arena, &text,
                             &unreadable) != WG_OK ||
      told_already(place, &text))
    return;
  if (place->text_count % ROOM == 0) {
    struct routing_text *larger = wg_arena_alloc(gazetteer->arena, (place->text_count + ROOM) * sizeof *larger);
    if (place->text_count) memcpy(larger, place->texts, place->text_count * sizeof *larger);
    place->texts = larger;
  }
  place->texts[place->text_count++] = text;
}

void routing_gazetteer_take_texts(struct routing_gazetteer_builder *builder, struct routing_text_work *work) {
  for (size_t i = 0; i < builder->spelling_count; i++) {
    const struct spelling *name = &builder->spellings[i];
    add_text(builder->gazetteer, &builder->gazetteer->entries[name->entry], name->codes, name->size, work);
  }
}

// --- areas that a name may begin with ---

enum { AREAS = 2 * ROUTING_LEVEL_GRID + 2 };

static size_t add_area_name(struct routing_gazetteer_builder *builder, const char *name, size_t without,
                            struct routing_named_area *areas, size_t count) {
  const size_t size = routing_fold_name(builder, name);
  if (size < without + 2 || size > ROUTING_NAME_SIZE) return count;
  areas[count].size = (uint32_t)(size - without);
  memcpy(areas[count].codes, builder->folded, areas[count].size * sizeof *builder->folded);
  return count + 1;
}

// Longer ones first, so that 钢城区 goes before 钢城.
static size_t areas_of(struct routing_gazetteer_builder *builder, const struct place_entry *place,
                       struct routing_named_area areas[AREAS]) {
  size_t count = 0;
  for (int level = ROUTING_LEVEL_DISTRICT; level < ROUTING_LEVEL_GRID; level++) {
    const struct routing_area *area =
        place->keys[level] ? routing_net_above(builder->gazetteer->net, place->entry.code, (enum routing_level)level)
                           : NULL;
    if (!area) continue;
    count = add_area_name(builder, area->name, 0, areas, count);
    if (level == ROUTING_LEVEL_DISTRICT) count = add_area_name(builder, area->name, 1, areas, count);
  }
  return count;
}

// --- forms ---

static void add_form(struct routing_gazetteer_builder *builder, uint32_t entry, const struct routing_variant *variant) {
  if (builder->spelling_count == builder->spelling_capacity) {
    builder->spelling_capacity = builder->spelling_capacity ? builder->spelling_capacity * 2 : 256;
    builder->spellings = wg_realloc(builder->spellings, builder->spelling_capacity * sizeof *builder->spellings);
  }
  uint32_t *codes = wg_arena_alloc(builder->gazetteer->arena, variant->size * sizeof *codes);
  memcpy(codes, variant->codes, variant->size * sizeof *codes);
  builder->spellings[builder->spelling_count++] =
      (struct spelling){.codes = codes, .size = variant->size, .entry = entry, .derived = true, .form = variant->form};
}

void routing_gazetteer_derive(struct routing_gazetteer_builder *builder, struct routing_text_work *work) {
  struct routing_gazetteer *gazetteer = builder->gazetteer;
  struct routing_variant variants[ROUTING_VARIANTS];
  struct routing_named_area areas[AREAS];
  const size_t given = builder->spelling_count;
  size_t area_count = 0;
  uint32_t last = NOWHERE;
  for (size_t i = 0; i < given; i++) {
    const struct spelling name = builder->spellings[i];
    struct place_entry *place = &gazetteer->entries[name.entry];
    if (place->entry.kind < ROUTING_PLACE_ESTATE) continue;
    if (name.entry != last) area_count = areas_of(builder, place, areas), last = name.entry;
    const size_t count = routing_variants(name.codes, name.size, place->entry.kind, areas, area_count, variants);
    for (size_t v = 0; v < count; v++) {
      add_form(builder, name.entry, &variants[v]);
      add_text(gazetteer, place, variants[v].codes, variants[v].size, work);
    }
  }
}
