// From bytes to points. The usual text goes through a table, one look-up a character; a text with a character that
// depends on its neighbours (combining marks, Hangul) goes through utf8proc whole. Both give the same points.
#include "services/routing/text/normalise.h"

#include "common/base/text.h"
#include "services/routing/text/work.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { NUMBER_DIGITS = 7, IDENTITY_DIGITS = 17 }; // masked from here on; an identity number may end with an x

struct routing_text_work *routing_text_work_create(void) {
  return wg_zalloc(sizeof(struct routing_text_work));
}

void routing_text_work_destroy(struct routing_text_work *work) {
  if (work == NULL) return;
  free(work->points);
  free(work->cell);
  free(work->mark);
  free(work->found);
  free(work);
}

void *routing_work_room(void *memory, size_t *room, size_t count, size_t element) {
  if (count <= *room) return memory;
  free(memory);
  *room = count + count / 2 + 256;
  return wg_alloc(*room * element);
}

// --- the points of one text, as they come ---
struct writer {
  uint32_t *points;
  uint32_t count, digits; // digits: of the number that is being written
  const struct routing_cells *cells;
};

static void end_number(struct writer *writer) {
  if (writer->digits >= NUMBER_DIGITS) {
    writer->count -= writer->digits;
    if (writer->count > 0 && writer->points[writer->count - 1] != ROUTING_TEXT_BREAK)
      writer->points[writer->count++] = ROUTING_TEXT_BREAK; // no more than the digits that went
  }
  writer->digits = 0;
}

static inline void keep(struct writer *writer, uint32_t point) {
  if ((point >= '0' && point <= '9') || (point == 'x' && writer->digits == IDENTITY_DIGITS)) writer->digits++;
  else if (writer->digits > 0) end_number(writer);
  writer->points[writer->count++] = point;
}

static void write_mapped(struct writer *writer, const struct routing_mapped *mapped) {
  if (mapped->what == ROUTING_POINT_DROP) end_number(writer);
  for (uint32_t i = 0; i < mapped->count; i++)
    keep(writer, mapped->to[i]);
}

// write_cell takes what the table says of a character; false: the text needs full normalisation.
static inline bool write_cell(struct writer *writer, uint32_t cell) {
  if (cell < ROUTING_CELL_POOL && cell > 1) keep(writer, cell);
  else if (cell == 0) end_number(writer);
  else if (cell == ROUTING_CELL_SLOW) return false;
  else if (cell != 1)
    for (uint32_t i = 0; i < (cell >> 24 & 0x7f); i++)
      keep(writer, writer->cells->pool[(cell & 0xffffff) + i]);
  return true;
}

// write_ideographs takes all that follow each other and gives where they end.
static const uint8_t *write_ideographs(struct writer *writer, const uint8_t *at, const uint8_t *end) {
  uint32_t point = wg_utf8_ideograph(at, (size_t)(end - at));
  if (point == 0) return at;
  end_number(writer);
  uint32_t *to = writer->points + writer->count;
  for (; point != 0; point = wg_utf8_ideograph(at, (size_t)(end - at))) {
    *to++ = point;
    at += 3;
  }
  writer->count = (uint32_t)(to - writer->points);
  return at;
}

enum reading { READ, NEEDS_THE_LONG_WAY, NOT_UTF8 };

static enum reading write_fast(struct writer *writer, struct wg_bytes text) {
  if (text.size == 0) return READ;
  const uint8_t *at = text.data, *end = at + text.size;
  while ((at = write_ideographs(writer, at, end)) < end) {
    const size_t step = *at - 1u < 0x7f ? 1 : wg_utf8_step(at, (size_t)(end - at));
    if (step == 0) return NOT_UTF8;
    const uint32_t point = wg_utf8_point(at, step);
    at += step;
    if (point < 0x10000) {
      if (!write_cell(writer, writer->cells->cell[point])) return NEEDS_THE_LONG_WAY;
      continue;
    }
    const struct routing_mapped mapped = routing_point_map(point);
    if (mapped.what == ROUTING_POINT_SLOW) return NEEDS_THE_LONG_WAY;
    write_mapped(writer, &mapped);
  }
  return READ;
}

// --- the long way ---
static wg_status full_points(struct wg_bytes text, struct wg_arena *arena, utf8proc_int32_t **points, size_t *count,
                             const char *field, struct wg_error *error) {
  const utf8proc_option_t options = UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE | UTF8PROC_STABLE;
  const size_t room = text.size * 20; // no character grows more than 18-fold
  *points = wg_arena_alloc(arena, (room + 1) * sizeof **points);
  utf8proc_ssize_t made =
      utf8proc_decompose(text.data, (utf8proc_ssize_t)text.size, *points, (utf8proc_ssize_t)room, options);
  if (made >= 0 && (size_t)made <= room) made = utf8proc_normalize_utf32(*points, made, options);
  if (made < 0 || (size_t)made > room)
    return wg_fail(error, WG_INTERNAL, field, "cannot be normalised: %s",
                   utf8proc_errmsg(made < 0 ? made : UTF8PROC_ERROR_OVERFLOW));
  *count = (size_t)made;
  return WG_OK;
}

static wg_status write_slowly(struct writer *writer, struct routing_text_work *work, struct wg_bytes text,
                              const char *field, struct wg_error *error) {
  struct wg_arena *own = wg_arena_create(4096);
  utf8proc_int32_t *points = NULL;
  size_t count = 0;
  const wg_status status = full_points(text, own, &points, &count, field, error);
  if (status == WG_OK) {
    const uint32_t title = writer->count;
    uint32_t *larger = wg_alloc((title + count + 2 + ROUTING_TEXT_BYTES) * sizeof *larger);
    if (title > 0) memcpy(larger, work->points, title * sizeof *larger);
    free(work->points);
    work->points = writer->points = larger;
    work->points_room = title + count + 2 + ROUTING_TEXT_BYTES;
    for (size_t i = 0; i < count; i++) {
      const uint32_t point = (uint32_t)points[i];
      if (routing_point_stays(point)) keep(writer, point);
      else if (routing_point_map(point).what != ROUTING_POINT_JOIN) end_number(writer);
    }
  }
  wg_arena_destroy(own);
  return status;
}

static wg_status write_text(struct writer *writer, struct routing_text_work *work, struct wg_bytes text,
                            const char *field, struct wg_error *error) {
  const uint32_t began = writer->count;
  writer->digits = 0;
  const enum reading reading = write_fast(writer, text);
  if (reading == NOT_UTF8 || (reading == NEEDS_THE_LONG_WAY && !wg_utf8_valid(text)))
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "is not UTF-8 without NUL");
  if (reading == NEEDS_THE_LONG_WAY) {
    writer->count = began;
    writer->digits = 0;
    const wg_status status = write_slowly(writer, work, text, field, error);
    if (status != WG_OK) return status;
  }
  end_number(writer);
  return WG_OK;
}

// --- the whole ---
// hash_of tells texts apart in memory; stored nowhere. Who makes two texts of one hash says the same twice, no more.
static uint64_t hash_of(const uint32_t *points, uint32_t count) {
  uint64_t hash = count;
  for (uint32_t i = 0; i < count; i += 2) {
    const uint64_t second = i + 1 < count ? points[i + 1] : 0;
    hash = (hash ^ points[i] ^ second << 32) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 32;
  }
  return hash != 0 || count == 0 ? hash : 1;
}

wg_status routing_text_normalise(struct wg_bytes title, struct wg_bytes body, struct routing_text_work *work,
                                 struct wg_arena *arena, struct routing_text *text, struct wg_error *error) {
  wg_status status;
  if (title.size > ROUTING_TEXT_BYTES || body.size > ROUTING_TEXT_BYTES - title.size)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "text", "title and text have more than %d bytes", ROUTING_TEXT_BYTES);
  work->points = routing_work_room(work->points, &work->points_room, title.size + body.size + 2, sizeof *work->points);
  struct writer writer = {.points = work->points, .cells = routing_point_cells()};
  if ((status = write_text(&writer, work, title, "title", error)) != WG_OK) return status;
  if (writer.count > 0 && writer.points[writer.count - 1] != ROUTING_TEXT_BREAK)
    writer.points[writer.count++] = ROUTING_TEXT_BREAK;
  uint32_t title_end = writer.count;
  if ((status = write_text(&writer, work, body, "text", error)) != WG_OK) return status;
  const uint32_t count = routing_phrases_cut(writer.points, writer.count, &title_end);
  uint32_t *points = wg_arena_alloc(arena, count * sizeof *points);
  if (count > 0) memcpy(points, writer.points, count * sizeof *points);
  *text = (struct routing_text){points, count, title_end, hash_of(points, count)};
  return WG_OK;
}

char *routing_text_utf8(const uint32_t *points, size_t count, struct wg_arena *arena) {
  char *text = wg_arena_alloc(arena, count * 4 + 1), *at = text;
  for (size_t i = 0; i < count; i++)
    at += utf8proc_encode_char(points[i] == ROUTING_TEXT_BREAK ? ' ' : (utf8proc_int32_t)points[i],
                               (utf8proc_uint8_t *)at);
  *at = '\0';
  return text;
}

// --- names ---
// name_at gives the points of the longest name that stands at `at`; 0: none does.
static uint32_t name_at(const struct routing_text *text, uint32_t at, const struct routing_text *names, size_t count) {
  uint32_t longest = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t size = names[i].count;
    while (size > 0 && names[i].points[size - 1] == ROUTING_TEXT_BREAK) // behind a title
      size--;
    if (size > longest && size <= text->count - at && names[i].points[0] == text->points[at] &&
        memcmp(names[i].points, text->points + at, size * sizeof *text->points) == 0)
      longest = size;
  }
  return longest;
}

struct routing_text routing_text_cut(const struct routing_text *text, const struct routing_text *names, size_t count,
                                     struct wg_arena *arena) {
  uint32_t *points = wg_arena_alloc(arena, text->count * sizeof *points), kept = 0, title = 0;
  uint64_t first = 0; // a bit for the first point of each name: hardly any position has one
  for (size_t i = 0; i < count; i++)
    if (names[i].count > 0) first |= UINT64_C(1) << names[i].points[0] % 64;
  for (uint32_t at = 0; at < text->count;) {
    const bool maybe = first >> text->points[at] % 64 & 1;
    const uint32_t size = maybe ? name_at(text, at, names, count) : 0, next = at + (size ? size : 1);
    points[kept++] = size ? ROUTING_TEXT_BREAK : text->points[at];
    if (at < text->title) title = kept;
    at = next;
  }
  return (struct routing_text){points, kept, title, text->hash};
}
