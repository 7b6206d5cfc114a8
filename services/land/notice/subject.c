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

// What of a neighbour of a parcel is signing: whether, by whom and when. That a neighbour could not be found or
// disputes is posted (land.md §2.6, 5: "signed or posted as unsigned"), and so is who the neighbours are.
static bool is_signing(const uint8_t *at, const ProtobufCFieldDescriptor *field) {
  static const char *const members[] = {"signer", "signed_on", "doc"};
  for (size_t i = 0; i < sizeof members / sizeof *members; i++)
    if (strcmp(field->name, members[i]) == 0) return true;
  if (strcmp(field->name, "verdict") != 0) return false;
  return *at != WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MISSING &&
         *at != WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_DISPUTED;
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

// kept_neighbour appends a neighbour (its message behind its length) without its members of signing.
static size_t kept_neighbour(const uint8_t *at, uint8_t *out) {
  uint8_t *begin = out;
  const uint64_t size = varint(&at);
  const uint8_t *end = at + size;
  uint8_t *body = out + 5, *used = body; // room for the length of what stays, at most 5 bytes
  while (at < end) {
    const uint8_t *from = at;
    const uint64_t tag = varint(&at);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&wangge__v1__neighbour__descriptor, (unsigned)(tag >> 3));
    const bool leave = field && is_signing(at, field);
    skip_value(&at, (unsigned)(tag & 7));
    if (leave) continue;
    memcpy(used, from, (size_t)(at - from));
    used += at - from;
  }
  const size_t left = (size_t)(used - body);
  size_t rest = left;
  for (; rest > 0x7f; rest >>= 7)
    *out++ = (uint8_t)(rest | 0x80);
  *out++ = (uint8_t)rest;
  memmove(out, body, left);
  return (size_t)(out - begin) + left;
}

// content gives the packed body without its members of progress and of signing: whoever has the bytes of an entry only
// leaves fields out, and of a neighbour writes the length of what is left.
static struct wg_bytes content(const struct land_write *write, int kind, const ProtobufCMessage *body) {
  const size_t size = protobuf_c_message_get_packed_size(body);
  uint8_t *packed = wg_arena_alloc(write->arena, size + 1), *kept = wg_arena_alloc(write->arena, size + 8);
  protobuf_c_message_pack(body, packed);
  size_t used = 0;
  for (const uint8_t *at = packed, *from = at; at < packed + size; from = at) {
    const uint64_t tag = varint(&at);
    skip_value(&at, (unsigned)(tag & 7));
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(body->descriptor, (unsigned)(tag >> 3));
    if (field && is_progress(kind, field->name)) continue;
    if (field && field->descriptor == &wangge__v1__neighbour__descriptor) {
      const uint8_t *value = from;
      varint(&value);
      memcpy(kept + used, from, (size_t)(value - from));
      used += (size_t)(value - from);
      used += kept_neighbour(value, kept + used);
      continue;
    }
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
  wg_sha256(parts, sizeof parts / sizeof *parts, out);
  return true;
}
