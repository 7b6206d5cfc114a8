// The registry's book (common/records/book.h): every current record of the cell, scope = district, kinds = the field
// numbers of Record.body (WANGGE__V1__RECORD__BODY_GRID). Who changed a record, when and why is the database's to know.
// The service's book is the loop thread's.
#pragma once

#include "common/records/book.h"

#include "wangge/v1/registry.pb-c.h"

extern const struct wg_book_type REGISTRY_BOOK;

// An entry's record; its seq is the newest change in registry.changes.
static inline const Wangge__V1__Record *registry_record(const struct wg_book_entry *entry) {
  return entry->record;
}
