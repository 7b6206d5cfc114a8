// What the fields of a simple record must be, as a table, and a Put that every such kind shares. Pure.
//
// A request of a Put is {LandWrite write = 1; string id = 2; BODY = 3}. Its body is looked at field by field by the
// table; what is wrong with a value alone is INVALID_ARGUMENT and names it, what is wrong with what it refers to is a
// finding.
#pragma once

#include "services/land/action.h"

enum land_spec_type {
  LAND_SPEC_TEXT,   // one line of at most `most` bytes
  LAND_SPEC_LONG,   // may have line feeds
  LAND_SPEC_DAY,    // civil day
  LAND_SPEC_NUMBER, // int32, int64: least to most
  LAND_SPEC_CHOICE, // enum: one of its values, not UNSPECIFIED when required
  LAND_SPEC_RECORD, // id of a record in force of `kind`
  LAND_SPEC_HASHES, // repeated: SHA-256 in hexadecimal digits, least to most of them
  LAND_SPEC_HASH,   // the same, one
  LAND_SPEC_AREA,   // WKT: POLYGON or MULTIPOLYGON
};
struct land_spec {
  const char *field;
  enum land_spec_type type;
  bool required;
  int64_t least, most;
  int kind; // LAND_SPEC_RECORD
};

// land_spec_check looks at a body; `specs` is ended by field == NULL; `name` is what the body is called in the request.
// INVALID_ARGUMENT names the field; what is referred to and not there becomes a finding "<kind>.unknown".
wg_status land_spec_check(struct land_write *write, const ProtobufCMessage *body, const struct land_spec *specs,
                          const char *name, struct wg_error *error);

struct land_put {
  const ProtobufCMessageDescriptor *request;
  int kind;
  const struct land_spec *specs;
  // more: what one field alone cannot show; may change the copy that will be written. NULL: nothing.
  wg_status (*more)(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                    struct wg_error *error);
};
// land_put_body does a Put by its row: checks, then makes the record or its next version. *id: the record's.
wg_status land_put_body(struct land_write *write, const struct land_put *put, struct wg_error *error);
