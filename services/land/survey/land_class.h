// Land classes (地类): lists of codes, each with its standard, since the same digits mean different things in different
// lists: 0702 is a rural homestead in GB/T 21010-2017 and an urban service facility in the list of 2023.
//
//   "GB/T 21010-2017"  12 first-level and 73 second-level classes; complete
//   "TD/T 1055-2019"   三调 working codes: the above, with letters behind (1104A, 0103K) and H codes (08H2)
//   "MNR-2023"         用地用海分类 (自然资发〔2023〕234号): all of the first level, of the others what villages have
//   "GB/T 21010-2007"  three digits, in old files; never stored, a code of today is proposed
#pragma once

#include "services/land/survey/fabric.h"

enum land_category {  // 三大类, GB/T 21010-2017 appendix A
  LAND_CATEGORY_NONE, // first level, or a list without categories
  LAND_CATEGORY_FARM,
  LAND_CATEGORY_CONSTRUCTION,
  LAND_CATEGORY_UNUSED,
};
struct land_class {
  const char *code, *zh, *en; // only the Chinese is official; en may be ""
  enum land_category category;
};
struct land_class_list {
  const char *standard;
  const struct land_class *classes;
  size_t count;
};
extern const struct land_class_list LAND_CLASS_LISTS[]; // ended by standard == NULL
const struct land_class_list *land_class_list_find(const char *standard);
// land_class_find: NULL when the list has no such code. Suffix letters of 三调 are those of the class without them.
const struct land_class *land_class_find(const char *standard, const char *code);

// land_class_check gives the class, or NULL and a fault at "/land_class": class.missing, class.standard (unknown or
// none; names the lists that have the code), class.code (suggestion: nearest codes), class.name (suggestion: the code
// of that name), class.other_standard (the name fits another list), class.old_code (three digits; suggestion: today's
// code), class.old_ambiguous (several of today's fit).
const struct land_class *land_class_check(const char *standard, const char *code, const char *name,
                                          struct wg_arena *arena, struct land_faults *faults);

// What a parcel of this class is to its neighbours: road, ditch, river, else a parcel.
enum land_feature land_class_feature(const char *standard, const char *code);

// Codes of parcels. land_dk_code_valid: 地块代码 of GB/T 35958: 19 digits. land_bdc_code_valid: 不动产单元代码 of GB/T
// 37346, 28 characters in 7 levels. A 宗地 code is 19 long as well and has letters at 13 and 14.
bool land_dk_code_valid(const char *code);
bool land_bdc_code_valid(const char *code);
bool land_ownership_valid(int ownership); // 所有权性质 of NY/T 2539: 10, 30 to 34
