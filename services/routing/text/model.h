// A model file: one snapshot of document frequencies and, unless it was trained without labels, the categories'
// weights. Made by `wangge train`; loaded at start and on reload; never changed.
//
//   8 bytes "WGTEXT\r\n", u32 format (1), u32 rules (ROUTING_TEXT_RULES), u64 bytes of the rest, SHA-256 of the rest,
//   then the sections of idf.h and category.h. All numbers little-endian.
//
// Nothing is allocated before size, hash and counts have been checked. A file that says more than ROUTING_MODEL_BYTES
// is refused.
#pragma once

#include "services/routing/text/category.h"
#include "services/routing/text/idf.h"

#define ROUTING_MODEL_BYTES ((size_t)256 << 20)

struct routing_model {
  struct routing_idf *idf;
  struct routing_categories *categories;
};

// routing_model_open: NOT_FOUND: no such file; INVALID_ARGUMENT: not a model, damaged or cut short;
// FAILED_PRECONDITION: made under other normalisation rules, train again; RESOURCE_EXHAUSTED: too large.
wg_status routing_model_open(const char *path, struct routing_model **model, struct wg_error *error);
wg_status routing_model_read(struct wg_bytes bytes, struct routing_model **model, struct wg_error *error);
void routing_model_close(struct routing_model *model); // NULL is allowed
void routing_model_write(const struct routing_model *model, struct wg_buffer *buffer);
// routing_model_save writes beside the path and renames, so that whoever reads sees the old file or the new one.
wg_status routing_model_save(const struct routing_model *model, const char *path, struct wg_error *error);
