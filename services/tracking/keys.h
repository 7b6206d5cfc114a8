// Numbers of departments, grids and categories, of which the indexes that lists are walked by consist (table case_key).
// A name that comes up gets its number in the batch that brings it and keeps it; numbers are unique in the cell. They
// are held in memory, a few thousand at most, so that writing a case asks the database nothing.
#pragma once

#include "common/stage/stage.h"

// What is numbered. The values stand in case_key.by.
enum case_key_by { CASE_KEY_DEPARTMENT = 1, CASE_KEY_GRID = 2, CASE_KEY_CATEGORY = 3 };

struct case_keys;
struct case_keys *case_keys_create(void);
void case_keys_destroy(struct case_keys *keys);

// case_keys_read forgets everything and reads what is stored; blocking, after every connect.
wg_status case_keys_read(struct wg_db *db, struct case_keys *keys, struct wg_error *error);
// case_keys_number gives the number of a name, a new one when it has none.
int32_t case_keys_number(struct case_keys *keys, const char *district, enum case_key_by by, const char *name);
// case_keys_store queues the writing of numbers that are new; nothing when none is.
wg_status case_keys_store(struct wg_batch *batch, const struct case_keys *keys, struct wg_error *error);
void case_keys_committed(struct case_keys *keys);
void case_keys_rolled_back(struct case_keys *keys); // new numbers are given again
