// How a place's name is written otherwise (地名异写). Made once, when the gazetteer is sealed; asking costs the same.
//
// Sure forms say the same name: "丽景花园(二期)" 丽景花园二期 丽景花园2期 丽景花园II期, "钢城区第一中学" 钢城区一中,
// 悦园·和苑 悦园和苑 悦园.和苑, 麗景花園.
// Loose forms leave something out that another place may have, or write one ending like another:
//
//   tail      魅力之城小区 → 魅力之城; 3 characters stay, behind 花园, 家园, 公寓 … 4
//   phase     丽景花园二期, 丽景花园东区 → 丽景花园, where no other phase follows
//   prefix    钢城区艾山新苑 → 艾山新苑, of the areas it lies in; 万科魅力之城 → 魅力之城, of who builds everywhere.
//             Facilities have no such form: 村便民市场 without its village is any
//   part      悦澜园和澜苑 → 悦澜园, 和澜苑: two names of estates in one
//   company   某某建材有限责任公司 → 某某建材
//   homophone 滨河苑 → 滨河院 (yuàn): no estate is called 院
//
// Only estates have these, but for companies. What is left must still name something: 国际广场 is any. A loose form
// never competes with a name that is written so (gazetteer_seal.c), counts less (place_names.c), and does not stand
// before a word that makes it another name: 魅力之城 is not found in 魅力之城小学.
//
// Two more have none, because they would merge different places. Typing errors: estates of one town differ in one
// character (阳光嘉园, 阳光家园) as often as a resident mistypes one. The first two characters with 小区 (丽景小区 for
// 丽景花园): on real messages it found places in the wrong district more often than in the right one.
#pragma once

#include "services/routing/place/gazetteer.h"

enum routing_form { // flags
  ROUTING_FORM_LOOSE = 1 << 0,
  ROUTING_FORM_PHASE = 1 << 1, // its phase was left out: another one must not follow
};
enum { ROUTING_VARIANTS = 24 };
struct routing_variant {
  uint32_t codes[ROUTING_NAME_SIZE];
  uint32_t size;
  unsigned form;
};
struct routing_named_area { // that a name may begin with, folded
  uint32_t codes[ROUTING_NAME_SIZE];
  uint32_t size;
};

// routing_variants gives the other forms of a folded name, the name itself not among them.
size_t routing_variants(const uint32_t *codes, size_t size, enum routing_place_kind kind,
                        const struct routing_named_area *areas, size_t area_count,
                        struct routing_variant out[ROUTING_VARIANTS]);
// routing_name_tells: some character of it is none of a word that any place may be called by (人民医院, 安置小区 do not
// tell).
bool routing_name_tells(const uint32_t *codes, size_t size);
// routing_variant_stands: a loose form may stand before codes[0]; `codes` begins behind it in a text.
bool routing_variant_stands(unsigned form, const uint32_t *codes, size_t count);
// routing_traditional writes the traditional form of a name; false: it is the same.
bool routing_traditional(const uint32_t *codes, size_t size, uint32_t *out);
