// Bytes from outside: everything real passes unchanged, everything hostile is refused before memory is spent.
#include "common/wire/scan.h"
#include "common/wire/types.h"
#include "common/wire/walk.h"
#include "common/wire/wire.h"
#include "tests/unit/unit.h"

#include "wangge/v1/intake.pb-c.h"
#include "wangge/v1/ops.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

#include <stdlib.h>

#define BYTES(literal) ((struct wg_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})
#define PUSH (&wangge__v1__push_request__descriptor)

// push_request makes a full request of `count` orders in the arena.
static struct wg_bytes push_request(struct wg_arena *arena, size_t count) {
  Wangge__V1__PushRequest request = WANGGE__V1__PUSH_REQUEST__INIT;
  request.source = (char[]){"hotline-12345"};
  request.n_orders = count;
  request.orders = wg_arena_alloc(arena, count * sizeof *request.orders);
  for (size_t i = 0; i < count; i++) {
    Wangge__V1__NewOrder *order = request.orders[i] = wg_arena_alloc(arena, sizeof *order);
    wangge__v1__new_order__init(order);
    order->external_id = wg_arena_printf(arena, "ZG%06zu", i);
    order->district = wg_arena_strdup(arena, "370117");
    order->kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP;
    order->text = wg_arena_strdup(arena, "小区西门路灯三天不亮，老人夜里出行不便。🏠");
    order->occurred_at = INT64_C(1551324305000000);
    order->position = wg_arena_alloc(arena, sizeof *order->position);
    wangge__v1__position__init(order->position);
    order->position->lon = 117.67;
    order->position->lat = 36.06;
    order->n_attachments = 2;
    order->attachments = wg_arena_alloc(arena, 2 * sizeof *order->attachments);
    for (size_t n = 0; n < 2; n++) {
      order->attachments[n] = wg_arena_alloc(arena, sizeof *order->attachments[n]);
      wangge__v1__attachment__init(order->attachments[n]);
      order->attachments[n]->name = wg_arena_strdup(arena, "路灯.jpg");
    }
  }
  return wg_pack(&request.base, arena);
}

// --- walk ---
static wg_status write_down(void *context, const char *path, const ProtobufCFieldDescriptor *field, void *value,
                            struct wg_error *error) {
  const bool text = field->type == PROTOBUF_C_TYPE_STRING;
  if (text && strcmp(value, "stop") == 0) return wg_fail(error, WG_OUT_OF_RANGE, path, "stopped");
  struct wg_buffer *buffer = context;
  wg_buffer_printf(buffer, "%s%s%s\n", path, text ? "=" : "", text ? (const char *)value : "");
  return WG_OK;
}

static void every_text_and_message_is_visited_where_it_is(void **state) {
  (void)state;
  Wangge__V1__Attachment one = WANGGE__V1__ATTACHMENT__INIT, two = WANGGE__V1__ATTACHMENT__INIT;
  one.name = (char[]){"a.png"};
  two.sha256 = (char[]){"ff"};
  Wangge__V1__NewOrder order = WANGGE__V1__NEW_ORDER__INIT;
  order.attachments = (Wangge__V1__Attachment *[]){&one, &two};
  order.n_attachments = 2;
  order.text = (char[]){"t"};
  Wangge__V1__PushRequest push = WANGGE__V1__PUSH_REQUEST__INIT;
  push.orders = (Wangge__V1__NewOrder *[]){&order};
  push.n_orders = 1;
  struct wg_buffer seen = {0};
  struct wg_error error = {0};
  assert_int_equal(wg_walk(&push.base, write_down, &seen, &error), WG_OK);
  assert_string_equal(wg_buffer_cstr(&seen), "orders[0]\norders[0].text=t\norders[0].attachments[0]\n"
                                             "orders[0].attachments[0].name=a.png\norders[0].attachments[1]\n"
                                             "orders[0].attachments[1].sha256=ff\n");
  two.sha256 = (char[]){"stop"};
  assert_int_equal(wg_walk(&push.base, write_down, &seen, &error), WG_OUT_OF_RANGE);
  assert_string_equal(error.field, "orders[0].attachments[1].sha256");
  wg_buffer_free(&seen);
}

static void a_real_message_comes_back_as_it_was(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  struct wg_bytes bytes = push_request(arena, 1000);
  ProtobufCMessage *message = NULL;
  struct wg_error error = {0};
  assert_int_equal(wg_unpack(PUSH, bytes, arena, &message, &error), WG_OK);
  const Wangge__V1__PushRequest *request = (const Wangge__V1__PushRequest *)message;
  assert_int_equal(request->n_orders, 1000);
  assert_string_equal(request->orders[999]->external_id, "ZG000999");
  assert_int_equal(request->orders[7]->n_attachments, 2);
  struct wg_bytes again = wg_pack(message, arena);
  assert_true(wg_bytes_equal(bytes, again));
  struct wg_buffer buffer = {0};
  wg_buffer_text(&buffer, "before");
  wg_pack_append(message, &buffer);
  assert_int_equal(buffer.size, 6 + bytes.size);
  wg_buffer_free(&buffer);
  wg_arena_destroy(arena);
}

static void an_empty_message_is_a_message(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  struct wg_error error = {0};
  for (const ProtobufCMessageDescriptor *const *type = wg_message_types; *type != NULL; type++) {
    ProtobufCMessage *message = NULL;
    assert_int_equal(wg_unpack(*type, (struct wg_bytes){0}, arena, &message, &error), WG_OK);
    assert_ptr_equal(message->descriptor, *type);
  }
  wg_arena_destroy(arena);
}

// A cut at any byte must be refused or be a shorter message, and every copy ends where its memory ends, so that a
// sanitizer sees a read behind it.
static void a_message_cut_at_any_byte_never_reads_on(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  struct wg_bytes bytes = push_request(arena, 3);
  size_t accepted = 0;
  for (size_t size = 0; size < bytes.size; size++) {
    struct wg_arena *own = wg_arena_create(4096);
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    memcpy(copy, bytes.data, size);
    ProtobufCMessage *message = NULL;
    struct wg_error error = {0};
    wg_status status = wg_unpack(PUSH, (struct wg_bytes){copy, size}, own, &message, &error);
    if (status == WG_OK) accepted++;
    else assert_int_equal(status, WG_INVALID_ARGUMENT);
    free(copy);
    wg_arena_destroy(own);
  }
  assert_int_equal(accepted, 4); // nothing, the source, and one or two whole orders behind it
  wg_arena_destroy(arena);
}

static const struct {
  const char *what;
  const ProtobufCMessageDescriptor *type;
  struct wg_bytes bytes;
  const char *field;
  const char *message; // a part of it
} hostile[] = {
    {"key cut off", PUSH, BYTES("\x80"), "", "key is cut off"},
    {"key of six bytes", PUSH, BYTES("\x8A\x80\x80\x80\x80\x00"), "", "key is cut off"},
    {"key above 32 bits", PUSH, BYTES("\xFA\xFF\xFF\xFF\x1F\x00"), "", "number is out of range"},
    {"field number 0", PUSH, BYTES("\x02\x00"), "", "number is out of range"},
    {"group begin", PUSH, BYTES("\x0B\x0C"), "source", "not one of proto3"},
    {"group end, unknown field", PUSH, BYTES("\x7C"), "", "not one of proto3"},
    {"wire type 6", PUSH, BYTES("\x7E\x00"), "", "not one of proto3"},
    {"wire type 7", PUSH, BYTES("\x7F\x00"), "", "not one of proto3"},
    {"length past the end", PUSH,
     BYTES("\x0A\x05"
           "abcd"),
     "source", "runs past the end"},
    {"length of 2^32-1", PUSH,
     BYTES("\x0A\xFF\xFF\xFF\xFF\x0F"
           "abcd"),
     "source", "runs past the end"},
    {"length of 2^35-1", PUSH,
     BYTES("\x0A\xFF\xFF\xFF\xFF\x7F"
           "abcd"),
     "source", "runs past the end"},
    {"length of ten bytes", PUSH,
     BYTES("\x0A\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"
           "a"),
     "source", "runs past"},
    {"length missing", PUSH, BYTES("\x0A"), "source", "runs past the end"},
    {"unknown length past the end", PUSH,
     BYTES("\x7A\x05"
           "abcd"),
     "", "runs past the end"},
    {"submessage past its parent", PUSH,
     BYTES("\x12\x04\x0A\x05"
           "ab"
           "cdefg"),
     "orders[0].external_id", "runs past"},
    {"varint of eleven bytes", &wangge__v1__ping__descriptor, BYTES("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
     "id", "cut off"},
    {"varint cut off", &wangge__v1__ping__descriptor, BYTES("\x08\x80"), "id", "cut off"},
    {"fixed64 cut off", &wangge__v1__position__descriptor, BYTES("\x09\0\0\0\0\0\0\0"), "lon", "cut off"},
    {"fixed32 cut off, unknown", &wangge__v1__position__descriptor, BYTES("\x7D\0\0\0"), "", "cut off"},
    {"double as varint", &wangge__v1__position__descriptor, BYTES("\x08\x01"), "lon", "not that of the contract"},
    {"text as varint", PUSH, BYTES("\x08\x01"), "source", "not that of the contract"},
    {"number as bytes", &wangge__v1__ping__descriptor, BYTES("\x0A\x01\x01"), "id", "not that of the contract"},
    {"submessage as varint", PUSH, BYTES("\x10\x01"), "orders[0]", "not that of the contract"},
    {"NUL in text", PUSH,
     BYTES("\x0A\x03"
           "a\0b"),
     "source", "must not contain NUL"},
    {"overlong text", PUSH, BYTES("\x0A\x02\xC0\xAF"), "source", "must be UTF-8"},
    {"surrogate in text", PUSH, BYTES("\x0A\x03\xED\xA0\x80"), "source", "must be UTF-8"},
    {"GBK text", PUSH, BYTES("\x0A\x04\xCD\xF8\xB8\xF1"), "source", "must be UTF-8"},
    {"character cut by its field's end", PUSH, BYTES("\x0A\x02\xE7\xBD\x12\x00"), "source", "must be UTF-8"},
    {"bad text deep inside", PUSH, BYTES("\x12\x00\x12\x02\x52\x00\x12\x00\x12\x03\x42\x01\xFF"), "orders[3].text",
     "must be UTF-8"},
    {"bad text in an attachment", PUSH, BYTES("\x12\x07\x72\x00\x72\x03\x12\x01\xFF"), "orders[0].attachments[1].name",
     "must be UTF-8"},
    {"source twice", PUSH,
     BYTES("\x0A\x01"
           "a\x0A\x01"
           "b"),
     "source", "comes twice"},
    {"submessage twice", &wangge__v1__order_received__descriptor, BYTES("\x0A\x00\x0A\x00"), "order", "comes twice"},
    {"two members of a oneof", &wangge__v1__envelope__descriptor, BYTES("\x0A\x00\x12\x00"), "reply", "same oneof"},
    {"packed number that does not end", &wangge__v1__parked_change_request__descriptor, BYTES("\x0A\x02\x01\x80"),
     "parked_ids[0]", "does not end"},
};

static void hostile_bytes_are_refused_with_their_place(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
    struct wg_arena *arena = wg_arena_create(4096);
    struct wg_error error = {0};
    ProtobufCMessage *message = NULL;
    wg_status status = wg_unpack(hostile[i].type, hostile[i].bytes, arena, &message, &error);
    if (status != WG_INVALID_ARGUMENT) fail_msg("%s: status %d", hostile[i].what, (int)status);
    if (strcmp(error.field, hostile[i].field) != 0) fail_msg("%s: field \"%s\"", hostile[i].what, error.field);
    if (strstr(error.message, hostile[i].message) == NULL) fail_msg("%s: %s", hostile[i].what, error.message);
    assert_int_equal(wg_arena_used(arena), 0);
    wg_arena_destroy(arena);
  }
}

// A piece of bytes repeated until it fills 1 MiB.
static const struct {
  const char *what;
  const ProtobufCMessageDescriptor *type;
  struct wg_bytes piece;
} bombs[] = {
    {"empty submessages", PUSH, BYTES("\x12\x00")},
    {"nested empty submessages", PUSH, BYTES("\x12\x02\x52\x00")},
    {"empty attachments in orders", PUSH, BYTES("\x12\x08\x72\x00\x72\x00\x72\x00\x72\x00")},
    {"empty events", &wangge__v1__event_batch__descriptor, BYTES("\x0A\x00")},
    {"empty unknown fields", PUSH, BYTES("\x7A\x00")},
    {"unknown numbers", PUSH, BYTES("\x78\x00")},
    {"single repeated numbers", &wangge__v1__parked_change_request__descriptor, BYTES("\x08\x01")},
};

static void a_bomb_is_refused_before_memory_is_spent(void **state) {
  (void)state;
  size_t size = 1 << 20;
  uint8_t *bytes = malloc(size);
  for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; i++) {
    size_t step = bombs[i].piece.size, whole = size / step * step;
    for (size_t at = 0; at < whole; at += step)
      memcpy(bytes + at, bombs[i].piece.data, step);
    struct wg_arena *arena = wg_arena_create(4096);
    struct wg_error error = {0};
    ProtobufCMessage *message = NULL;
    wg_status status = wg_unpack(bombs[i].type, (struct wg_bytes){bytes, whole}, arena, &message, &error);
    if (status != WG_INVALID_ARGUMENT) fail_msg("%s: status %d", bombs[i].what, (int)status);
    assert_int_equal(wg_arena_used(arena), 0);
    wg_arena_destroy(arena);
  }
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  struct wg_bytes large = {bytes, WG_WIRE_MAX_BYTES + 1};
  assert_int_equal(wg_unpack(PUSH, large, NULL, &message, &error), WG_INVALID_ARGUMENT);
  free(bytes);
}

// Submessage in submessage to a depth of 20,000: behind the declared depth they are unknown bytes and stay closed.
static void nesting_ends_with_the_declared_types(void **state) {
  (void)state;
  struct wg_buffer nest = {0};
  for (int depth = 0; depth < 20000; depth++) {
    struct wg_buffer outer = {0};
    uint8_t head[4] = {0x12, (uint8_t)(0x80 | (nest.size & 0x7F)), (uint8_t)(0x80 | (nest.size >> 7 & 0x7F)),
                       (uint8_t)(nest.size >> 14)};
    wg_buffer_append(&outer, head, 4);
    wg_buffer_append(&outer, nest.data, nest.size);
    wg_buffer_free(&nest);
    nest = outer;
  }
  struct wg_arena *arena = wg_arena_create(4096);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  wg_status status = wg_unpack(PUSH, (struct wg_bytes){nest.data, nest.size}, arena, &message, &error);
  assert_int_equal(status, WG_INVALID_ARGUMENT); // orders[0].district is not text
  assert_string_equal(error.field, "orders[0].district");
  wg_buffer_free(&nest);
  wg_arena_destroy(arena);
}

static void the_estimate_covers_what_unpacking_takes(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096), *own = wg_arena_create(4096);
  for (size_t count = 0; count < 200; count++) {
    struct wg_bytes bytes = push_request(arena, count);
    struct wg_error error = {0};
    ProtobufCMessage *message = NULL;
    size_t memory = 0;
    assert_int_equal(wg_scan(PUSH, bytes, &memory, &error), WG_OK);
    assert_int_equal(wg_unpack(PUSH, bytes, own, &message, &error), WG_OK);
    assert_true(wg_arena_used(own) <= memory);
    wg_arena_reset(own);
  }
  wg_arena_destroy(own);
  wg_arena_destroy(arena);
}

static void what_is_unknown_is_kept(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  // orders[0].kind = 99, and fields 30 (text) and 31 (number) of the future.
  struct wg_bytes bytes = BYTES("\x12\x02\x20\x63\xF2\x01\x02hi\xF8\x01\x07");
  assert_int_equal(wg_unpack(PUSH, bytes, arena, &message, &error), WG_OK);
  assert_int_equal(((const Wangge__V1__PushRequest *)message)->orders[0]->kind, 99);
  struct wg_bytes again = wg_pack(message, arena);
  assert_true(wg_bytes_equal(bytes, again));
  wg_arena_destroy(arena);
}

static void an_arena_that_may_take_no_more_fails_the_unpack(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096), *own = wg_arena_create(4096);
  struct wg_bytes bytes = push_request(arena, 8);
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  size_t memory = 0;
  assert_int_equal(wg_scan(PUSH, bytes, &memory, &error), WG_OK);
  size_t failed = 0;
  for (size_t limit = 16; limit < memory; limit += 16) {
    wg_arena_limit(own, limit);
    wg_status status = wg_unpack(PUSH, bytes, own, &message, &error);
    if (status != WG_OK) assert_int_equal(status, WG_RESOURCE_EXHAUSTED);
    failed += status != WG_OK;
    wg_arena_reset(own);
  }
  assert_true(failed > 100);
  wg_arena_destroy(own);
  wg_arena_destroy(arena);
}

static void a_status_travels(void **state) {
  (void)state;
  struct wg_arena *arena = wg_arena_create(4096);
  struct wg_error error = {0}, back = {0};
  wg_fail(&error, WG_NOT_FOUND, "order_id", "no order %d, 没有", 7);
  Wangge__V1__Status *status = wg_status_message(&error, arena);
  assert_int_equal(wg_status_read(status, &back), WG_NOT_FOUND);
  assert_string_equal(back.message, "no order 7, 没有");
  assert_string_equal(back.field, "order_id");
  assert_int_equal(wg_status_read(NULL, &back), WG_OK);
  assert_int_equal(back.code, WG_NOT_FOUND); // untouched
  status->code = (Wangge__V1__Code)77;
  assert_int_equal(wg_status_read(status, &back), WG_UNKNOWN);
  status->code = WANGGE__V1__CODE__CODE_OK;
  assert_int_equal(wg_status_read(status, &back), WG_OK);
  wg_arena_destroy(arena);
}

static void every_name_leads_to_its_type(void **state) {
  (void)state;
  size_t count = 0;
  for (const ProtobufCMessageDescriptor *const *type = wg_message_types; *type != NULL; type++, count++) {
    assert_ptr_equal(wg_message_type((*type)->name), *type);
    for (unsigned i = 0; i < (*type)->n_fields; i++) {
      const ProtobufCFieldDescriptor *field = &(*type)->fields[i];
      if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        const ProtobufCMessageDescriptor *inner = field->descriptor;
        assert_ptr_equal(wg_message_type(inner->name), inner);
      }
    }
  }
  assert_true(count > 60);
  assert_ptr_equal(wg_message_type("wangge.v1.CaseChanged"), &wangge__v1__case_changed__descriptor);
  assert_null(wg_message_type("wangge.v1.Nothing"));
  assert_null(wg_message_type(""));
  assert_null(wg_message_type(NULL));
}

static void an_enum_value_has_a_short_name(void **state) {
  (void)state;
  char name[32];
  const ProtobufCEnumDescriptor *channel = &wangge__v1__channel__descriptor,
                                *kind = &wangge__v1__order_kind__descriptor;
  assert_string_equal(wg_enum_name(channel, 1, name), "hotline_12345");
  assert_string_equal(wg_enum_name(kind, 2, name), "help");
  assert_string_equal(wg_enum_name(kind, 0, name), "unspecified");
  assert_string_equal(wg_enum_name(kind, 99, name), "unknown_99");
  assert_string_equal(wg_enum_name(kind, INT32_MIN, name), "unknown_-2147483648");
  assert_string_equal(wg_enum_name(&wangge__v1__code__descriptor, 9, name), "failed_precondition");
  assert_int_equal(wg_enum_value(channel, "hotline_12345"), 1);
  assert_int_equal(wg_enum_value(channel, "CHANNEL_Hotline_12345"), 1);
  assert_int_equal(wg_enum_value(kind, "Order_Kind_HELP"), 2);
  assert_int_equal(wg_enum_value(kind, "_help"), -1);
  assert_int_equal(wg_enum_value(kind, ""), -1);
  assert_int_equal(wg_enum_value(kind, NULL), -1);
  const ProtobufCEnumDescriptor *enums[] = {channel, kind, &wangge__v1__code__descriptor,
                                            &wangge__v1__case_state__descriptor, &wangge__v1__parked_state__descriptor};
  for (size_t i = 0; i < sizeof enums / sizeof enums[0]; i++)
    for (unsigned v = 0; v < enums[i]->n_values; v++)
      assert_int_equal(wg_enum_value(enums[i], wg_enum_name(enums[i], enums[i]->values[v].value, name)),
                       enums[i]->values[v].value);
}

static void a_message_reads_as_json(void **state) {
  (void)state;
  Wangge__V1__Event event = WANGGE__V1__EVENT__INIT;
  event.seq = UINT64_MAX;
  event.at = -1;
  event.type = (char[]){"网格 \"x\"\n"};
  event.payload = (ProtobufCBinaryData){4, (uint8_t[]){0xFF, 0x00, 0xFE, 0x01}};
  Wangge__V1__EventBatch batch = WANGGE__V1__EVENT_BATCH__INIT;
  batch.n_events = 1;
  batch.events = (Wangge__V1__Event *[]){&event};
  struct wg_buffer json = {0};
  wg_json_message(&json, &batch.base);
  assert_string_equal(wg_buffer_cstr(&json), "{\"events\":[{\"seq\":\"18446744073709551615\",\"at\":\"-1\","
                                             "\"type\":\"网格 \\\"x\\\"\\n\",\"payload\":\"/wD+AQ==\"}]}");
  wg_buffer_clear(&json);

  Wangge__V1__Position position = WANGGE__V1__POSITION__INIT;
  position.lon = 117.67;
  position.lat = 1.0 / 3;
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.channel = WANGGE__V1__CHANNEL__CHANNEL_HOTLINE_12345;
  order.kind = (Wangge__V1__OrderKind)99;
  order.position = &position;
  order.has_reporter = 1;
  wg_json_message(&json, &order.base);
  assert_string_equal(wg_buffer_cstr(&json), "{\"channel\":\"CHANNEL_HOTLINE_12345\",\"kind\":99,\"position\":"
                                             "{\"lon\":117.67,\"lat\":0.33333333333333331},\"hasReporter\":true}");
  wg_buffer_clear(&json);

  Wangge__V1__Ping ping = WANGGE__V1__PING__INIT;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_PING;
  envelope.ping = &ping;
  wg_json_message(&json, &envelope.base);
  assert_string_equal(wg_buffer_cstr(&json), "{\"ping\":{}}");
  wg_buffer_clear(&json);

  int64_t ids[] = {1, INT64_MIN};
  Wangge__V1__ParkedChangeRequest change = WANGGE__V1__PARKED_CHANGE_REQUEST__INIT;
  change.n_parked_ids = 2;
  change.parked_ids = ids;
  wg_json_message(&json, &change.base);
  assert_string_equal(wg_buffer_cstr(&json), "{\"parkedIds\":[\"1\",\"-9223372036854775808\"]}");
  wg_buffer_free(&json);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_text_and_message_is_visited_where_it_is),
      cmocka_unit_test(a_real_message_comes_back_as_it_was),
      cmocka_unit_test(an_empty_message_is_a_message),
      cmocka_unit_test(a_message_cut_at_any_byte_never_reads_on),
      cmocka_unit_test(hostile_bytes_are_refused_with_their_place),
      cmocka_unit_test(a_bomb_is_refused_before_memory_is_spent),
      cmocka_unit_test(nesting_ends_with_the_declared_types),
      cmocka_unit_test(the_estimate_covers_what_unpacking_takes),
      cmocka_unit_test(what_is_unknown_is_kept),
      cmocka_unit_test(an_arena_that_may_take_no_more_fails_the_unpack),
      cmocka_unit_test(a_status_travels),
      cmocka_unit_test(every_name_leads_to_its_type),
      cmocka_unit_test(an_enum_value_has_a_short_name),
      cmocka_unit_test(a_message_reads_as_json),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
