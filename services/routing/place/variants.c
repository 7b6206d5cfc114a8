// See variants.h. Each rule takes the forms that are there and adds its own.
#include "services/routing/place/variants.h"

#include "services/routing/place/number.h"

#include <string.h>
#include <uchar.h>

enum { LEAST = 3, LEAST_BARE = 4 }; // characters that stay: behind 小区; behind what may be part of the name

struct forms {
  struct routing_variant *list; // the first is the name itself
  size_t count;
};

static size_t length(const char32_t *text) {
  size_t size = 0;
  while (text[size])
    size++;
  return size;
}

static bool begins(const uint32_t *codes, size_t size, const char32_t *with) {
  size_t at = 0;
  while (with[at] && at < size && (codes[at] & ROUTING_FOLD_CODE) == with[at])
    at++;
  return !with[at];
}

static bool ends(const uint32_t *codes, size_t size, const char32_t *with) {
  const size_t tail = length(with);
  return tail <= size && begins(codes + size - tail, tail, with);
}

// in_list gives the length of the longest word of the list that the codes begin with, 0: none.
static size_t in_list(const uint32_t *codes, size_t size, const char32_t *const *list) {
  size_t longest = 0;
  for (size_t i = 0; list[i]; i++)
    if (length(list[i]) > longest && begins(codes, size, list[i])) longest = length(list[i]);
  return longest;
}

// --- what names nothing alone ---
static const char32_t *const GENERIC[] = {
    U"人民", U"中心", U"第一",   U"第二", U"第三",   U"第四", U"第五", U"实验", U"附属",   U"职业",   U"技术",
    U"中医", U"妇幼", U"保健",   U"儿童", U"国际",   U"城市", U"中央", U"时代", U"世纪",   U"阳光",   U"幸福",
    U"和谐", U"安置", U"医院",   U"学校", U"学院",   U"大学", U"中学", U"小学", U"幼儿园", U"广场",   U"公园",
    U"市场", U"大厦", U"商场",   U"超市", U"酒店",   U"银行", U"小区", U"社区", U"花园",   U"家园",   U"新村",
    U"公寓", U"新城", U"公馆",   U"华府", U"农贸",   U"购物", U"客运", U"汽车", U"火车",   U"高铁",   U"车站",
    U"站",   U"街道", U"办事处", U"政府", U"派出所", U"大道", U"路",   U"街",   U"村",     U"镇",     U"一期",
    U"二期", U"三期", U"东区",   U"西区", U"南区",   U"北区", U"职工", U"宿舍", U"家属院", U"生活区", U"老",
    U"新",   U"东",   U"西",     U"南",   U"北",     U"大",   U"小",   U"商贸", U"商业",   U"批发",   U"体育",
    U"文化", U"工业", U"科技",   U"创业", U"产业",   U"园区", U"园",   U"城",   U"苑",     U"里",     U"湾",
    U"有限", U"公司", NULL};

bool routing_name_tells(const uint32_t *codes, size_t size) {
  for (size_t at = 0; at < size;) {
    const size_t word = in_list(codes + at, size - at, GENERIC);
    if (!word) return true;
    at += word;
  }
  return false;
}

static const char32_t *const NUMERALS[][3] = {
    {U"一", U"1", U"i"},  {U"二", U"2", U"ii"},  {U"三", U"3", U"iii"},  {U"四", U"4", U"iv"}, {U"五", U"5", U"v"},
    {U"六", U"6", U"vi"}, {U"七", U"7", U"vii"}, {U"八", U"8", U"viii"}, {U"九", U"9", U"ix"}, {U"十", U"10", U"x"}};

static bool numeral_or_letter(uint32_t code) {
  if ((code >= '0' && code <= '9') || (code >= 'a' && code <= 'z')) return true;
  for (size_t i = 0; i < sizeof NUMERALS / sizeof *NUMERALS; i++)
    if (NUMERALS[i][0][0] == code) return true;
  return false;
}

// A house number or a phase alone is of any estate.
static bool is_number(const uint32_t *codes, size_t size) {
  struct routing_number number;
  uint64_t phase;
  return (routing_number_read(codes, size, &number) && number.size == size) ||
         routing_phase_read(codes, size, &phase) == size;
}

// --- the list of forms ---
static void add(struct forms *forms, const uint32_t *codes, size_t size, unsigned form) {
  if (size < 2 || size > ROUTING_NAME_SIZE || forms->count == ROUTING_VARIANTS) return;
  if (forms->count && is_number(codes, size)) return;
  if ((form & ROUTING_FORM_LOOSE) && (size < LEAST || numeral_or_letter(codes[0]) || !routing_name_tells(codes, size)))
    return;
  for (size_t i = 0; i < forms->count; i++)
    if (forms->list[i].size == size && memcmp(forms->list[i].codes, codes, size * sizeof *codes) == 0) return;
  struct routing_variant *made = &forms->list[forms->count++];
  memcpy(made->codes, codes, size * sizeof *codes);
  made->size = (uint32_t)size;
  made->form = form;
}

// put adds head, middle and tail as one name.
static void put(struct forms *forms, const struct routing_variant *of, size_t head, const char32_t *middle,
                size_t tail_at, unsigned form) {
  uint32_t codes[ROUTING_NAME_SIZE * 2];
  size_t size = head;
  memcpy(codes, of->codes, head * sizeof *codes);
  while (*middle && size < ROUTING_NAME_SIZE)
    codes[size++] = *middle++;
  const size_t tail = of->size - tail_at;
  memcpy(codes + size, of->codes + tail_at, tail * sizeof *codes);
  add(forms, codes, size + tail, of->form | form);
}

// --- brackets ---
static void open_brackets(struct forms *forms, const struct routing_variant *of) {
  static const char32_t *const formerly[] = {U"原名", U"又名", U"俗称", U"旧称", U"曾用名", U"原", U"旧", NULL};
  size_t open = 0, close;
  while (open < of->size && of->codes[open] != '(')
    open++;
  for (close = open; close < of->size && of->codes[close] != ')';)
    close++;
  if (open == 0 || close >= of->size) return;
  const size_t inside = close - open - 1;
  uint64_t phase;
  const uint32_t *said = of->codes + open + 1;
  const size_t note = in_list(said, inside, formerly);
  if (note) add(forms, said + note, inside - note, of->form);
  else if (routing_phase_read(said, inside, &phase) == inside) { // 花园(二期), 花园二期
    uint32_t codes[ROUTING_NAME_SIZE];
    memcpy(codes, of->codes, open * sizeof *codes);
    memcpy(codes + open, said, inside * sizeof *codes);
    memcpy(codes + open + inside, of->codes + close + 1, (of->size - close - 1) * sizeof *codes);
    add(forms, codes, of->size - 2, of->form);
    return;
  }
  put(forms, of, open, U"", close + 1, note ? 0 : ROUTING_FORM_LOOSE);
}

// --- numerals ---
static const char32_t *const COUNTED[] = {U"期", U"区", U"号", U"村", U"组", U"里", U"院", U"路",
                                          U"街", U"巷", U"队", U"中", U"小", U"栋", U"厂", NULL};

static void write_numerals(struct forms *forms, const struct routing_variant *of) {
  for (size_t at = 1; at < of->size; at++) {
    if (numeral_or_letter(of->codes[at - 1])) continue; // 二十一期 stays as it is
    for (size_t n = 0; n < sizeof NUMERALS / sizeof *NUMERALS; n++)
      for (size_t style = 0; style < 3; style++) {
        const size_t size = length(NUMERALS[n][style]), behind = at + size;
        if (!begins(of->codes + at, of->size - at, NUMERALS[n][style])) continue;
        if (behind == of->size || numeral_or_letter(of->codes[behind])) continue;
        if (!in_list(of->codes + behind, of->size - behind, COUNTED)) continue;
        const bool phase = of->codes[behind] == U'期' || of->codes[behind] == U'区';
        for (size_t other = 0; other < (phase ? 3 : 2); other++)
          if (other != style) put(forms, of, at, NUMERALS[n][other], behind, 0);
      }
  }
}

// --- schools ---
static void shorten_school(struct forms *forms, const struct routing_variant *of) {
  static const struct {
    const char32_t *tail, *shorter;
  } schools[] = {{U"中学", U"中"}, {U"小学", U"小"}, {U"幼儿园", U"幼"}};
  for (size_t i = 0; i < sizeof schools / sizeof *schools; i++) {
    const size_t tail = length(schools[i].tail);
    if (!ends(of->codes, of->size, schools[i].tail)) continue;
    for (size_t at = 2; at + 1 < of->size - tail; at++) // 第 and a numeral, with something before them
      if (of->codes[at] == U'第' && at + 2 == of->size - tail && numeral_or_letter(of->codes[at + 1])) {
        struct routing_variant made = *of;
        made.codes[at] = of->codes[at + 1];
        made.codes[at + 1] = schools[i].shorter[0];
        add(forms, made.codes, at + 2, of->form);
      }
  }
}

// --- estates ---
static const char32_t *const BARE[] = {U"花园", U"家园", U"新村", U"公寓", U"山庄", U"花苑", NULL};
static const char32_t *const PLAIN[] = {U"住宅小区", U"生活小区", U"小区", U"社区", NULL};

static void drop_tail(struct forms *forms, const struct routing_variant *of, enum routing_place_kind kind) {
  if (kind == ROUTING_PLACE_SITE) {
    static const char32_t *const companies[] = {U"有限责任公司", U"股份有限公司", U"集团有限公司", U"有限公司", NULL};
    for (size_t i = 0; companies[i]; i++)
      if (ends(of->codes, of->size, companies[i]) && of->size >= LEAST_BARE + length(companies[i])) {
        add(forms, of->codes, of->size - length(companies[i]), of->form | ROUTING_FORM_LOOSE);
        return;
      }
  }
  if (kind != ROUTING_PLACE_ESTATE) return;
  for (size_t i = 0; PLAIN[i]; i++)
    if (ends(of->codes, of->size, PLAIN[i]) && of->size >= LEAST + length(PLAIN[i])) {
      add(forms, of->codes, of->size - length(PLAIN[i]), of->form | ROUTING_FORM_LOOSE);
      return;
    }
  for (size_t i = 0; BARE[i]; i++)
    if (ends(of->codes, of->size, BARE[i]) && of->size >= LEAST_BARE + length(BARE[i]))
      add(forms, of->codes, of->size - length(BARE[i]), of->form | ROUTING_FORM_LOOSE);
}

static void drop_phase(struct forms *forms, const struct routing_variant *of) {
  uint64_t phase;
  for (size_t at = LEAST; at < of->size; at++)
    if (!numeral_or_letter(of->codes[at - 1]) &&
        routing_phase_read(of->codes + at, of->size - at, &phase) == of->size - at)
      add(forms, of->codes, at, of->form | ROUTING_FORM_LOOSE | ROUTING_FORM_PHASE);
}

// An estate's name that ends here: 伊景园 in 伊景园滨河苑.
static bool estate_ends(uint32_t code) {
  static const char32_t last[] = U"园苑城府湾轩庭郡庄墅";
  for (size_t i = 0; last[i]; i++)
    if (last[i] == code) return true;
  return false;
}

static void take_apart(struct forms *forms, const struct routing_variant *of) {
  if (of->size < 2 * LEAST || !estate_ends(of->codes[of->size - 1])) return;
  for (size_t at = LEAST; at + LEAST <= of->size; at++) {
    if (!estate_ends(of->codes[at - 1]) || estate_ends(of->codes[at])) continue;
    if (in_list(of->codes + at - 1, of->size - at + 1, GENERIC) > 1) continue; // 城市 is one word
    put(forms, of, at, U".", at, 0);
    put(forms, of, at, U"-", at, 0);
    add(forms, of->codes, at, of->form | ROUTING_FORM_LOOSE);
    add(forms, of->codes + at, of->size - at, of->form | ROUTING_FORM_LOOSE);
  }
}

static void drop_separators(struct forms *forms, const struct routing_variant *of) {
  for (size_t at = 1; at + 1 < of->size; at++)
    if ((of->codes[at] == '-' || of->codes[at] == '.' || of->codes[at] == 0x2014) && of->codes[at - 1] > 0x3000 &&
        of->codes[at + 1] > 0x3000)
      put(forms, of, at, U"", at + 1, 0);
}

static void write_homophone(struct forms *forms, const struct routing_variant *of) {
  if (of->size >= LEAST && of->codes[of->size - 1] == U'苑')
    put(forms, of, of->size - 1, U"院", of->size, ROUTING_FORM_LOOSE);
}

// --- prefixes ---
static void drop_area(struct forms *forms, const struct routing_variant *of, const struct routing_named_area *areas,
                      size_t area_count) {
  for (size_t i = 0; i < area_count; i++) {
    const struct routing_named_area *area = &areas[i];
    if (area->size < of->size && memcmp(area->codes, of->codes, area->size * sizeof *area->codes) == 0)
      add(forms, of->codes + area->size, of->size - area->size, of->form | ROUTING_FORM_LOOSE);
  }
}

static void drop_brand(struct forms *forms, const struct routing_variant *of) {
  static const char32_t *const brands[] = {U"万科", U"恒大",   U"碧桂园", U"保利",   U"绿地", U"中海", U"华润", U"龙湖",
                                           U"金地", U"招商",   U"融创",   U"世茂",   U"绿城", U"富力", U"万达", U"中建",
                                           U"中铁", U"中粮",   U"金科",   U"鲁能",   U"鲁商", U"银丰", U"首创", U"新城",
                                           U"五矿", U"雅居乐", U"旭辉",   U"阳光城", NULL};
  const size_t brand = in_list(of->codes, of->size, brands);
  if (brand && of->size >= brand + LEAST_BARE)
    add(forms, of->codes + brand, of->size - brand, of->form | ROUTING_FORM_LOOSE);
}

// --- all ---
size_t routing_variants(const uint32_t *codes, size_t size, enum routing_place_kind kind,
                        const struct routing_named_area *areas, size_t area_count,
                        struct routing_variant out[ROUTING_VARIANTS]) {
  struct forms forms = {out, 0};
  const bool estate = kind == ROUTING_PLACE_ESTATE;
  add(&forms, codes, size, 0);
  for (size_t i = 0; i < forms.count; i++) { // forms that are added are looked at, too
    const struct routing_variant of = forms.list[i];
    open_brackets(&forms, &of);
    drop_separators(&forms, &of);
    write_numerals(&forms, &of);
    shorten_school(&forms, &of);
    if (estate) take_apart(&forms, &of);
    if (of.form & ROUTING_FORM_LOOSE) continue; // one thing is left out, no more
    drop_tail(&forms, &of, kind);
    if (!estate) continue;
    drop_area(&forms, &of, areas, area_count);
    drop_phase(&forms, &of);
    drop_brand(&forms, &of);
    write_homophone(&forms, &of);
  }
  for (size_t i = 0, made = forms.count; i < made && kind != ROUTING_PLACE_BUILDING; i++) {
    uint32_t other[ROUTING_NAME_SIZE];
    if (routing_traditional(forms.list[i].codes, forms.list[i].size, other))
      add(&forms, other, forms.list[i].size, forms.list[i].form);
  }
  if (forms.count) memmove(out, out + 1, --forms.count * sizeof *out);
  return forms.count;
}

bool routing_variant_stands(unsigned form, const uint32_t *codes, size_t count) {
  static const char32_t *const others[] = {
      U"路",   U"街",   U"大道", U"小学", U"中学", U"学校", U"学院", U"大学", U"幼儿园", U"医院", U"公园", U"广场",
      U"市场", U"大厦", U"商场", U"超市", U"酒店", U"宾馆", U"银行", U"花园", U"家园",   U"新村", U"公寓", U"新城",
      U"山庄", U"公馆", U"华府", U"国际", U"社区", U"街道", U"村",   U"镇",   U"桥",     U"公司", U"集团", U"工业园",
      U"名苑", U"雅苑", U"花苑", U"嘉园", U"苑",   U"湖",   U"山",   U"河",   U"站",     U"地铁", NULL};
  if (!(form & ROUTING_FORM_LOOSE) || count == 0) return true;
  if (in_list(codes, count, others)) return false;
  uint64_t phase;
  return !(form & ROUTING_FORM_PHASE) || !routing_phase_read(codes, count, &phase);
}
