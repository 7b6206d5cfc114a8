// Text as code points, folded so that what reads the same compares the same: compatibility forms (Ａ３ = A3, ㈠ =
// (一)), upper case = lower case, no accents, no spaces, no middle dots, no invisible characters. By utf8proc, once per
// character of the basic plane; a fold is a table look-up. Unlike a text made comparable
// (services/routing/text/normalise.h) it keeps punctuation, long numbers and every word: a name must not reach over a
// comma.
#pragma once

#include "common/base/bytes.h"

// Set in a code point that had space before it: "在 A市" is no "在a市" of one word.
#define ROUTING_FOLD_GAP UINT32_C(0x80000000)
#define ROUTING_FOLD_CODE UINT32_C(0x001fffff)
enum { ROUTING_FOLD_BAD = 0xfffd }; // each byte that is not UTF-8

// routing_fold writes at most `limit` code points and gives their number; what does not fit is left out. A text never
// folds to more than 6 code points per byte. Safe from any thread.
size_t routing_fold(struct wg_bytes text, uint32_t *codes, size_t limit);
