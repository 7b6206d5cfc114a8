// Orders from text: the fields of wangge.v1.NewOrder by name, from a CSV cell or a JSON line.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/intake.pb-c.h"

// cli_enum reads an enum value by its name (any case, with or without prefix) or its Chinese term; -1: unknown.
int cli_enum(const ProtobufCEnumDescriptor *type, const char *text);
// cli_enum_term gives the Chinese term of a kind, urgency or channel, or its name.
const char *cli_enum_term(const ProtobufCEnumDescriptor *type, int value, char buffer[32]);

Wangge__V1__NewOrder *cli_order_create(struct wg_arena *arena);
// cli_order_field tells whether this field exists ("external_id", "position.lon", "reporter.phone" …).
bool cli_order_field(const char *field);
// cli_order_set sets one field; an empty value leaves it unset. Text is copied, a line break CRLF as LF. Times: RFC
// 3339, civil time, or UTC microseconds; `time_format` (of strptime, Asia/Shanghai) may be NULL.
wg_status cli_order_set(Wangge__V1__NewOrder *order, struct wg_arena *arena, const char *field, const char *value,
                        const char *time_format, struct wg_error *error);
// cli_order_json reads one JSON object; names may be lower_snake or lowerCamel. Unknown fields are an error.
wg_status cli_order_json(const char *line, struct wg_arena *arena, Wangge__V1__NewOrder **order,
                         struct wg_error *error);
