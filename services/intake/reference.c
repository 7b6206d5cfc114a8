// Reads the two reference files. See reference.h for their formats.
#include "services/intake/reference.h"

#include "common/base/text.h"
#include "common/config/config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "一级分类,二级分类,三级分类"
#define LEVELS 3
#define CATEGORY_MAX_BYTES 300u

// Limits of a position in China, as in wangge.v1.Position.
#define CHINA_MIN_LON 73.0
#define CHINA_MAX_LON 136.0
#define CHINA_MIN_LAT 3.0
#define CHINA_MAX_LAT 54.0

// list_append adds `item` to a list for messages, or "…" once when there is no room.
static void list_append(char *list, size_t capacity, const char *item) {
  size_t used = strlen(list);
  const char *more = ", …";
  if (used + strlen(item) + strlen(", ") + strlen(more) < capacity) {
    snprintf(list + used, capacity - used, "%s%s", used ? ", " : "", item);
  } else if (used >= strlen(more) && strcmp(list + used - strlen("…"), "…") != 0) {
    snprintf(list + used, capacity - used, "%s", more);
  }
}

// --- districts ---

struct district_reader {
  const char *path;
  struct intake_reference *reference;
};

static struct intake_district *district_of(struct intake_reference *reference, const char *code) {
  for (size_t i = 0; i < reference->district_count; i++) {
    if (strcmp(reference->districts[i].code, code) == 0) return &reference->districts[i];
  }
  size_t count = reference->district_count + 1;
  reference->districts = wg_realloc(reference->districts, count * sizeof *reference->districts);
  struct intake_district *district = &reference->districts[count - 1];
  *district = (struct intake_district){.min_lon = NAN, .max_lon = NAN, .min_lat = NAN, .max_lat = NAN};
  memcpy(district->code, code, 6);
  reference->district_count = count;
  return district;
}

static wg_status read_degrees(double *target, const char *value, double least, double most, const char *where,
                              struct wg_error *error) {
  char *end = NULL;
  errno = 0;
  double degrees = strtod(value, &end);
  if (errno != 0 || end == value || *end != '\0' || !isfinite(degrees)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s: \"%s\" is not a number of degrees", where, value);
  }
  if (degrees < least || degrees > most) {
    return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s: %s is outside %.0f to %.0f degrees", where, value, least,
                   most);
  }
  *target = degrees;
  return WG_OK;
}

static wg_status district_row(void *context, int line, const char *section, const char *key, const char *value,
                              struct wg_error *error) {
  struct district_reader *reader = context;
  char where[96];
  snprintf(where, sizeof where, "districts line %d", line);
  if (!wg_all_digits(section, 6)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s line %d: section [%s] is not a 6-digit district code",
                   reader->path, line, section);
  }
  struct intake_district *district = district_of(reader->reference, section);
  if (strcmp(key, "name") == 0) {
    if (value[0] == '\0' || strlen(value) >= sizeof district->name) {
      return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s line %d: name must have 1 to %zu bytes", reader->path, line,
                     sizeof district->name - 1);
    }
    snprintf(district->name, sizeof district->name, "%s", value);
    return WG_OK;
  }
  if (strcmp(key, "min_lon") == 0) {
    return read_degrees(&district->min_lon, value, CHINA_MIN_LON, CHINA_MAX_LON, where, error);
  }
  if (strcmp(key, "max_lon") == 0) {
    return read_degrees(&district->max_lon, value, CHINA_MIN_LON, CHINA_MAX_LON, where, error);
  }
  if (strcmp(key, "min_lat") == 0) {
    return read_degrees(&district->min_lat, value, CHINA_MIN_LAT, CHINA_MAX_LAT, where, error);
  }
  if (strcmp(key, "max_lat") == 0) {
    return read_degrees(&district->max_lat, value, CHINA_MIN_LAT, CHINA_MAX_LAT, where, error);
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, where,
                 "%s line %d: unknown key \"%s\"; known are name, min_lon, max_lon, min_lat, max_lat", reader->path,
                 line, key);
}

static wg_status read_districts(const char *path, struct intake_reference *reference, struct wg_error *error) {
  struct district_reader reader = {.path = path, .reference = reference};
  wg_status status = wg_ini_read(path, district_row, &reader, error);
  if (status != WG_OK) return status;
  if (reference->district_count == 0) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "districts", "%s: no district; at least one section is needed", path);
  }
  for (size_t i = 0; i < reference->district_count; i++) {
    const struct intake_district *district = &reference->districts[i];
    // NaN marks a missing key and fails both comparisons.
    bool complete = district->min_lon < district->max_lon && district->min_lat < district->max_lat;
    if (district->name[0] == '\0' || !complete) {
      return wg_fail(error, WG_INVALID_ARGUMENT, "districts",
                     "%s: [%s] needs a name, min_lon below max_lon and min_lat below max_lat", path, district->code);
    }
    char item[80];
    snprintf(item, sizeof item, "%s %s", district->code, district->name);
    list_append(reference->served, sizeof reference->served, item);
  }
  return WG_OK;
}

// --- categories ---

// Keys of the map are copies; its values only need to be non-NULL.
static char known_category;

static wg_status category_line(struct intake_reference *reference, const char *path, int line, char *text,
                               struct wg_error *error) {
  char where[96];
  snprintf(where, sizeof where, "categories line %d", line);
  wg_status status = wg_text_check(text, 4 * CATEGORY_MAX_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, where, error);
  if (status != WG_OK) return status;
  if (strpbrk(text, "\"/") != NULL) {
    return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s line %d: a level may hold neither a quote nor a slash", path,
                   line);
  }
  char joined[CATEGORY_MAX_BYTES + 1] = "";
  size_t used = 0;
  bool fresh = false, ended = false;
  int level = 0;
  char *rest = text;
  for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ","), level++) {
    if (level == LEVELS) {
      return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s line %d: more than %d levels", path, line, LEVELS);
    }
    if (name[0] == '\0') {
      ended = true;
      continue;
    }
    if (ended) {
      return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s line %d: a level below an empty one", path, line);
    }
    if (used + strlen(name) + 1 > CATEGORY_MAX_BYTES) {
      return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s line %d: the path is over %u bytes", path, line,
                     CATEGORY_MAX_BYTES);
    }
    used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%s", level ? "/" : "", name);
    if (wg_map_get(reference->categories, joined) != NULL) continue;
    wg_map_put(reference->categories, joined, &known_category);
    fresh = true;
    if (level == 0) list_append(reference->first_levels, sizeof reference->first_levels, name);
  }
  if (!fresh) {
    return wg_fail(error, WG_INVALID_ARGUMENT, where, "%s line %d: %s", path, line,
                   used ? "this category stands in an earlier line already" : "the first level is empty");
  }
  return WG_OK;
}

static wg_status read_categories(const char *path, struct intake_reference *reference, struct wg_error *error) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return wg_fail(error, WG_NOT_FOUND, "categories", "%s: %s", path, strerror(errno));
  reference->categories = wg_map_create();
  char *text = NULL;
  size_t capacity = 0;
  wg_status status = WG_OK;
  int line = 0;
  for (ssize_t size; status == WG_OK && (size = getline(&text, &capacity, file)) >= 0;) {
    line++;
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
      text[--size] = '\0';
    char *start = line == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
    if (strlen(start) != (size_t)(text + size - start)) {
      status = wg_fail(error, WG_INVALID_ARGUMENT, "categories", "%s line %d: NUL byte", path, line);
    } else if (line == 1) {
      if (strcmp(start, HEADER) != 0) {
        status = wg_fail(error, WG_INVALID_ARGUMENT, "categories", "%s: the first line must be \"%s\"", path, HEADER);
      }
    } else if (start[0] != '\0') {
      status = category_line(reference, path, line, start, error);
    }
  }
  if (status == WG_OK && ferror(file)) {
    status = wg_fail(error, WG_INTERNAL, "categories", "%s: %s", path, strerror(errno));
  }
  free(text);
  fclose(file);
  if (status == WG_OK && wg_map_count(reference->categories) == 0) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "categories", "%s: no category; at least one line is needed", path);
  }
  return status;
}

wg_status intake_reference_open(const char *districts_path, const char *categories_path,
                                struct intake_reference **reference, struct wg_error *error) {
  *reference = wg_zalloc(sizeof **reference);
  wg_status status = read_districts(districts_path, *reference, error);
  if (status == WG_OK) status = read_categories(categories_path, *reference, error);
  if (status == WG_OK) return WG_OK;
  intake_reference_close(*reference);
  *reference = NULL;
  return status;
}

void intake_reference_close(struct intake_reference *reference) {
  if (reference == NULL) return;
  if (reference->categories != NULL) wg_map_destroy(reference->categories);
  free(reference->districts);
  free(reference);
}

const struct intake_district *intake_district_find(const struct intake_reference *reference, const char *code) {
  for (size_t i = 0; i < reference->district_count; i++) {
    if (strcmp(reference->districts[i].code, code) == 0) return &reference->districts[i];
  }
  return NULL;
}

bool intake_category_known(const struct intake_reference *reference, const char *path) {
  return wg_map_get(reference->categories, path) != NULL;
}

bool intake_district_contains(const struct intake_district *district, double lon, double lat) {
  return lon >= district->min_lon && lon <= district->max_lon && lat >= district->min_lat && lat <= district->max_lat;
}
