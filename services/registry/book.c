// See book.h.
#include "services/registry/book.h"

#include <stddef.h>

const struct wg_book_type REGISTRY_BOOK = {
    .message = &wangge__v1__record__descriptor,
    .scope = offsetof(Wangge__V1__Record, district),
    .kind = offsetof(Wangge__V1__Record, body_case),
    .code = offsetof(Wangge__V1__Record, code),
    .deleted = offsetof(Wangge__V1__Record, deleted),
    .drop_text = {offsetof(Wangge__V1__Record, changed_by), offsetof(Wangge__V1__Record, reason)},
    .drop_number = {offsetof(Wangge__V1__Record, changed_at)},
};
