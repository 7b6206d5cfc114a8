#include "services/land/survey/land_class.h"

#include "common/base/text.h"

#include <ctype.h>
#include <string.h>

#define SURVEY_STANDARD "TD/T 1055-2019"
#define BASE_STANDARD "GB/T 21010-2017"
#define OLD_STANDARD "GB/T 21010-2007"

const struct land_class_list *land_class_list_find(const char *standard) {
  for (const struct land_class_list *list = LAND_CLASS_LISTS; list->standard; list++)
    if (strcmp(list->standard, standard) == 0) return list;
  return NULL;
}

static const struct land_class *find_in(const struct land_class_list *list, const char *code, size_t size) {
  for (size_t i = 0; list && i < list->count; i++)
    if (strlen(list->classes[i].code) == size && memcmp(list->classes[i].code, code, size) == 0)
      return &list->classes[i];
  return NULL;
}

static size_t digits(const char *text) { // at the beginning
  return strspn(text, "0123456789");
}

const struct land_class *land_class_find(const char *standard, const char *code) {
  size_t size = strlen(code);
  const struct land_class *found = find_in(land_class_list_find(standard), code, size);
  if (found || strcmp(standard, SURVEY_STANDARD) != 0) return found;
  const struct land_class_list *base = land_class_list_find(BASE_STANDARD);
  if ((size == 2 || size == 4) && wg_all_digits(code, size)) return find_in(base, code, size);
  return size == 5 && digits(code) == 4 && isupper((unsigned char)code[4]) ? find_in(base, code, 4) : NULL;
}

// --- names ---
// Files shorten names: "零售商业" for "零售商业用地", "乔木林" for "乔木林地".
static size_t stem(const char *name) {
  size_t size = strlen(name);
  static const char *const ends[] = {"用地", "地"};
  for (size_t i = 0; i < 2; i++) {
    size_t end = strlen(ends[i]);
    if (size > end + 3 && strcmp(name + size - end, ends[i]) == 0) return size - end;
  }
  return size;
}

static bool same_name(const char *a, const char *b) {
  size_t size = stem(a);
  return size == stem(b) && memcmp(a, b, size) == 0;
}

// find_named: the class of a name, one of the second level rather than of the first.
static const struct land_class *find_named(const struct land_class_list *list, const char *name) {
  const struct land_class *found = NULL;
  for (size_t i = 0; i < list->count; i++)
    if (same_name(list->classes[i].zh, name) && (!found || strlen(found->code) < 4)) found = &list->classes[i];
  return found;
}

// --- GB/T 21010-2007 ---
static const struct {
  const char *old, *now; // several of now with a blank between: ask
} OLD_CODES[] = {
    {"011", "0101"},      {"012", "0102"},
    {"013", "0103"},      {"021", "0201"},
    {"022", "0202"},      {"072", "0702"},
    {"104", "1006"},      {"114", "1104"},
    {"117", "1107"},      {"121", "1201"},
    {"122", "1202"},      {"123", "1203"},
    {"023", "0203 0204"}, {"031", "0301 0302 0303 0304"},
    {"032", "0305 0306"}, {"101", "1001 1002"},
    {"103", "1004 1005"}, {"127", "1206 1207"},
};

static bool check_old(const char *code, const char *name, struct wg_arena *arena, struct land_faults *faults) {
  if (strlen(code) != 3 || !wg_all_digits(code, 3)) return false;
  const char *now = NULL;
  for (size_t i = 0; i < sizeof OLD_CODES / sizeof *OLD_CODES; i++)
    if (strcmp(OLD_CODES[i].old, code) == 0) now = OLD_CODES[i].now;
  if (!now) return false;
  bool several = strchr(now, ' ') != NULL;
  const struct land_class *proposed = several ? NULL : land_class_find(BASE_STANDARD, now);
  // Some software has 012 and 013 the other way round: the name decides whether the code can be trusted.
  if (proposed && *name && !same_name(proposed->zh, name)) several = true;
  struct land_fault *fault = land_fault(
      faults, several ? "class.old_ambiguous" : "class.old_code", "/land_class/code",
      several ? wg_arena_printf(arena, "%s是GB/T 21010-2007的三位旧码，与现行的%s对应不明确，请按实地选定。", code, now)
              : wg_arena_printf(arena, "%s是GB/T 21010-2007的三位旧码，现行编码应为%s%s。", code, now, proposed->zh),
      several ? wg_arena_printf(arena, "%s is an old code of 2007; it may be %s today: choose.", code, now)
              : wg_arena_printf(arena, "%s is an old code of 2007; today it is %s.", code, now));
  fault->suggestion = now;
  fault->rule = OLD_STANDARD;
  return true;
}

// --- the check ---
// lists_with names the standards that have a code, with what it means there.
static const char *lists_with(const char *code, struct wg_arena *arena) {
  const char *text = "";
  for (const struct land_class_list *list = LAND_CLASS_LISTS; list->standard; list++) {
    const struct land_class *found = find_in(list, code, strlen(code));
    if (found) text = wg_arena_printf(arena, "%s%s%s: %s", text, *text ? "; " : "", list->standard, found->zh);
  }
  return text;
}

static bool digit_differs_once(const char *a, const char *b) {
  size_t differences = 0, size = strlen(a);
  if (size != strlen(b)) return false;
  for (size_t i = 0; i < size; i++)
    if (a[i] != b[i]) differences++;
  if (differences == 2) // two neighbours exchanged
    for (size_t i = 0; i + 1 < size; i++)
      if (a[i] == b[i + 1] && a[i + 1] == b[i] && a[i] != a[i + 1]) return true;
  return differences == 1;
}

static const char *nearest_codes(const struct land_class_list *list, const char *code, struct wg_arena *arena) {
  const char *text = "";
  size_t found = 0;
  for (size_t i = 0; i < list->count && found < 5; i++) {
    if (!digit_differs_once(code, list->classes[i].code)) continue;
    text = wg_arena_printf(arena, "%s%s%s%s", text, *text ? " " : "", list->classes[i].code, list->classes[i].zh);
    found++;
  }
  return text;
}

static void refuse_standard(const char *standard, const char *code, struct wg_arena *arena,
                            struct land_faults *faults) {
  const char *lists = lists_with(code, arena);
  struct land_fault *fault = land_fault(
      faults, "class.standard", "/land_class/standard",
      *standard
          ? wg_arena_printf(arena, "不认识地类标准“%s”；应为GB/T 21010-2017、TD/T 1055-2019或MNR-2023。", standard)
          : wg_arena_printf(arena, "地类编码%s没有注明标准，同一编码在各标准中含义不同（%s）。", code,
                            *lists ? lists : "各标准均无此码"),
      *standard ? "Unknown standard of land classes; use GB/T 21010-2017, TD/T 1055-2019 or MNR-2023."
                : "A class code means nothing without its standard; say which list it is of.");
  fault->suggestion = lists;
}

static void refuse_code(const struct land_class_list *list, const char *code, const char *name, struct wg_arena *arena,
                        struct land_faults *faults) {
  const struct land_class_list *base = land_class_list_find(BASE_STANDARD);
  const struct land_class *named = *name ? find_named(list, name) : NULL;
  struct land_fault *fault = land_fault(faults, "class.code", "/land_class/code",
                                        wg_arena_printf(arena, "%s没有地类编码“%s”。", list->standard, code),
                                        wg_arena_printf(arena, "%s has no class \"%s\".", list->standard, code));
  fault->suggestion =
      named ? named->code : nearest_codes(strcmp(list->standard, SURVEY_STANDARD) == 0 ? base : list, code, arena);
  fault->rule = list->standard;
}

static void refuse_name(const struct land_class_list *list, const struct land_class *found, const char *name,
                        struct wg_arena *arena, struct land_faults *faults) {
  for (const struct land_class_list *other = LAND_CLASS_LISTS; other->standard; other++) {
    const struct land_class *there = other == list ? NULL : find_in(other, found->code, strlen(found->code));
    if (!there || !same_name(there->zh, name)) continue;
    struct land_fault *fault = land_fault(faults, "class.other_standard", "/land_class/standard",
                                          wg_arena_printf(arena, "%s在%s中是“%s”；名称“%s”与%s相符。", found->code,
                                                          list->standard, found->zh, name, other->standard),
                                          wg_arena_printf(arena, "%s is \"%s\" in %s; the name given fits %s.",
                                                          found->code, found->zh, list->standard, other->standard));
    fault->suggestion = other->standard;
    return;
  }
  const struct land_class *named = find_named(list, name);
  struct land_fault *fault = land_fault(
      faults, "class.name", "/land_class/name",
      wg_arena_printf(arena, "%s在%s中是“%s”，不是“%s”。", found->code, list->standard, found->zh, name),
      wg_arena_printf(arena, "%s is \"%s\" in %s, not \"%s\".", found->code, found->zh, list->standard, name));
  fault->suggestion = named ? wg_arena_printf(arena, "%s%s", named->code, named->zh) : "";
}

const struct land_class *land_class_check(const char *standard, const char *code, const char *name,
                                          struct wg_arena *arena, struct land_faults *faults) {
  if (!*code) {
    land_fault(faults, "class.missing", "/land_class/code", "缺少地类编码。", "The land class is missing.");
    return NULL;
  }
  if (check_old(code, name, arena, faults)) return NULL;
  const struct land_class_list *list = land_class_list_find(standard);
  if (!list) {
    refuse_standard(standard, code, arena, faults);
    return NULL;
  }
  const struct land_class *found = land_class_find(standard, code);
  if (!found) refuse_code(list, code, name, arena, faults);
  else if (*name && !same_name(found->zh, name)) refuse_name(list, found, name, arena, faults);
  else return found;
  return NULL;
}

enum land_feature land_class_feature(const char *standard, const char *code) {
  static const struct {
    const char *prefix;
    enum land_feature feature;
    bool of_2023;
  } features[] = {
      {"1001", LAND_FEATURE_ROAD, false}, {"1003", LAND_FEATURE_ROAD, false},  {"1004", LAND_FEATURE_ROAD, false},
      {"1006", LAND_FEATURE_ROAD, false}, {"1107", LAND_FEATURE_DITCH, false}, {"1101", LAND_FEATURE_RIVER, false},
      {"0601", LAND_FEATURE_ROAD, true},  {"1201", LAND_FEATURE_ROAD, true},   {"1202", LAND_FEATURE_ROAD, true},
      {"1207", LAND_FEATURE_ROAD, true},  {"1705", LAND_FEATURE_DITCH, true},  {"1701", LAND_FEATURE_RIVER, true},
  };
  bool of_2023 = strcmp(standard, "MNR-2023") == 0;
  for (size_t i = 0; i < sizeof features / sizeof *features; i++)
    if (features[i].of_2023 == of_2023 && strncmp(code, features[i].prefix, 4) == 0) return features[i].feature;
  return LAND_FEATURE_PARCEL;
}

// --- codes of parcels ---
bool land_dk_code_valid(const char *code) {
  return strlen(code) == 19 && wg_all_digits(code, 19);
}

static bool unit_valid(const char *unit) { // 定着物: F, L, Q and 8 characters, or W and 8 zeros
  if (unit[0] == 'W') return strcmp(unit + 1, "00000000") == 0;
  if (!strchr("FLQ", unit[0])) return false;
  for (int i = 1; i < 9; i++)
    if (!isdigit((unsigned char)unit[i]) && !isupper((unsigned char)unit[i])) return false;
  return true;
}

bool land_bdc_code_valid(const char *code) {
  return strlen(code) == 28 && digits(code) == 12 && strchr("GJZ", code[12]) && isupper((unsigned char)code[13]) &&
         digits(code + 14) == 5 && unit_valid(code + 19);
}

bool land_ownership_valid(int ownership) {
  return ownership == 10 || (ownership >= 30 && ownership <= 34);
}
