// What of a record is posted, and its hash. See notice.h.
#include "services/land/notice/notice.h"

#include "services/land/ledger/hash.h"
#include "services/land/notice/notices.h"

#include <assert.h>
#include <string.h>

#define DOMAIN "LANDSUBJECT1"

// Members that say how far a record has come and nothing of what it is, besides `state` and `progress`, which every
// kind may have. A topic whose records carry more of them adds a row. A flag of a parcel keeps it from being confirmed
// until somebody explains it, posted or not.
enum { PROGRESS_MEMBERS = 4 };
static const struct {
  int kind;
  const char *member[PROGRESS_MEMBERS];
} PROGRESS[] = {
    {LAND_KIND(PARCEL), {"flags"}},
    {LAND_KIND(LAND_WORK), {"begun_on", "done_on", "reporter", "note"}},
    {LAND_KIND(DECISION), {"approval", "approved_on"}},
    {LAND_KIND(CONTRACT), {"deposit_paid_fen", "reminded_days", "renewed_by", "suspended_reason"}},
};

static bool is_progress(int kind, const char *member) {
  if (strcmp(member, "state") == 0 || strcmp(member, "progress") == 0) return true;
  for (size_t i = 0; i < sizeof PROGRESS / sizeof *PROGRESS; i++) {
    for (int n = 0; n < PROGRESS_MEMBERS && PROGRESS[i].kind == kind && PROGRESS[i].member[n]; n++) {
      if (strcmp(PROGRESS[i].member[n], member) == 0) return true;
    }
  }
  return false;
}

// varint reads a number of at most 64 bits of the wire format; the bytes are of protobuf-c itself.
static uint64_t varint(const uint8_t **at) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const uint8_t byte = *(*at)++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) break;
  }
  return value;
}

static void skip_value(const uint8_t **at, unsigned wire_type) {
  enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };
  assert(wire_type == VARINT || wire_type == FIXED64 || wire_type == BYTES || wire_type == FIXED32);
  if (wire_type == VARINT) varint(at);
  else if (wire_type == FIXED64) *at += 8;
  else if (wire_type == FIXED32) *at += 4;
  else {
    const uint64_t size = varint(at);
    *at += size;
  }
}

// content gives the packed body without its members of progress: whoever has the bytes of an entry only leaves fields
// out, and need not encode anything anew.
static struct wg_bytes content(const struct land_write *write, int kind, const ProtobufCMessage *body) {
  const size_t size = protobuf_c_message_get_packed_size(body);
  uint8_t *packed = wg_arena_alloc(write->arena, size + 1), *kept = wg_arena_alloc(write->arena, size + 1);
  protobuf_c_message_pack(body, packed);
  size_t used = 0;
  for (const uint8_t *at = packed, *from = at; at < packed + size; from = at) {
    const uint64_t tag = varint(&at);
    skip_value(&at, (unsigned)(tag & 7));
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(body->descriptor, (unsigned)(tag >> 3));
    if (field && is_progress(kind, field->name)) continue;
    memcpy(kept + used, from, (size_t)(at - from));
    used += (size_t)(at - from);
  }
  return (struct wg_bytes){kept, used};
}

struct wg_bytes land_hash_length(uint32_t length, uint8_t bytes[4]) {
  for (int i = 0; i < 4; i++)
    bytes[i] = (uint8_t)(length >> (24 - 8 * i));
  return (struct wg_bytes){bytes, 4};
}

bool land_subject_postable(int kind) {
  return land_kind_name(kind) && kind != LAND_KIND(NOTICE) && kind != LAND_KIND(OBJECTION);
}

bool land_subject_sha256(const struct land_write *write, int kind, const char *id, uint8_t out[LAND_SUBJECT_BYTES]) {
  const Wangge__V1__LandRecord *record = land_subject_postable(kind) ? land_get(write, kind, id) : NULL;
  const ProtobufCMessage *body = record ? land_body(record) : NULL;
  if (!body) return false;
  const struct wg_bytes name = wg_bytes_of(land_kind_name(kind)), code = wg_bytes_of(id);
  const struct wg_bytes kept = content(write, kind, body);
  uint8_t length[3][4];
  const struct wg_bytes parts[] = {
      wg_bytes_of(DOMAIN),
      wg_bytes_of(write->write->village),
      land_hash_length((uint32_t)name.size, length[0]),
      name,
      land_hash_length((uint32_t)code.size, length[1]),
      code,
      land_hash_length((uint32_t)kept.size, length[2]),
      kept,
  };
  land_sha256(parts, sizeof parts / sizeof *parts, out);
  return true;
}
