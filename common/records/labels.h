// What the contract's descriptors cannot say of kinds, fields and enum values: Chinese labels and marks (labels.c).
// Inside common/records only; everybody else reads struct wg_kind.
#pragma once

#include <protobuf-c/protobuf-c.h>

enum { // marks
  WG_MARK_REQUIRED = 1,
  WG_MARK_PERSONAL = 2,
  WG_MARK_DATE = 4,
  WG_MARK_TIME = 8,
  WG_MARK_WKT = 16,
  WG_MARK_LINES = 32, // line breaks allowed, longer
};

struct wg_field_label {
  const char *field, *label;
  unsigned marks;
  const char *references; // kinds, separated by blanks
  const char *choices;    // of a text: "grid=网格 street=街道", separated by blanks
  double least, most;     // of a number; 0, 0: 0 to 1,000,000
};
struct wg_kind_label {
  const ProtobufCMessageDescriptor *type;
  const char *label;
  const struct wg_field_label *fields;
  size_t field_count;
};
struct wg_enum_label {
  const ProtobufCEnumDescriptor *type;
  const char *const *labels; // of the values 1, 2, 3 … (0 is UNSPECIFIED)
  size_t count;
};

extern const struct wg_kind_label wg_kind_labels[]; // in the order of rank
extern const size_t wg_kind_label_count;
extern const struct wg_enum_label wg_enum_labels[];
extern const size_t wg_enum_label_count;
