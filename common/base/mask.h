// How a person is shown to those who may not see who it is. Pure.
#pragma once

#include "common/base/arena.h"

// wg_mask_name: the first character and two stars whatever the length ("张**"); "" stays "".
char *wg_mask_name(const char *name, struct wg_arena *arena);
// wg_mask_phone: "138****5678". Separators and China's country code are dropped first. Fewer than 11 digits show
// the last two at most, fewer than 7 none: with the district known, more would tell a short landline number.
char *wg_mask_phone(const char *phone, struct wg_arena *arena);
// wg_mask_person: a text with a person's name starred wherever it stands, "**" for each; `text` itself when it does not
// stand there. Only what can be the name of a natural person is looked for: two to four ideographs, more with a middle
// dot between them (阿依努尔·买买提), or two Latin letters and more, which must stand as words. Names of firms and
// words that stand for anybody (市民, 业主, 匿名 …) are left.
const char *wg_mask_person(const char *text, const char *name, struct wg_arena *arena);
// wg_mask_text: a text as it may be handed on: telephone and identity numbers in it starred, everything else as it was;
// `text` itself when there is nothing to star. Never longer than `text`. What counts:
//   mobile     11 digits 1[3-9]…, also with +86, 0086 or 0 in front         138****5678
//   landline   area code and 7 or 8 digits; without it only behind a word such as 电话     0634-*******
//   identity   18 characters with a right check digit (a wrong one only behind 身份证), or 15 with a date of birth: all
//   starred
// Digits may be ASCII, full width or Chinese (一三八…, 幺, 〇), with single or double spaces, hyphens, dots or brackets
// between them where people put them. Left alone are numbers that stand in a longer row of digits, amounts (…元), what
// is named a number of something else (单号, 编号, 户号 …), grid codes and the short service numbers.
const char *wg_mask_text(const char *text, struct wg_arena *arena);
