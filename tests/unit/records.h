// Records of the registry for tests, from text as it stands in <kind>.csv or from a folder. What cannot be read fails
// the test. Apart from common/records/records.h, whose names db.h has too.
#pragma once

#include "common/base/arena.h"

#include "wangge/v1/registry.pb-c.h"

struct records {
  struct wg_arena *arena;
  Wangge__V1__Record **record;
  size_t count;
};

struct records *records_create(void);
void records_destroy(struct records *records);
// records_add reads rows of a kind; the first line is the header.
void records_add(struct records *records, const char *kind, const char *csv);
void records_add_file(struct records *records, const char *kind, const char *path);
// What the builders take.
#define RECORDS(records) ((const Wangge__V1__Record *const *)(records)->record), (records)->count
