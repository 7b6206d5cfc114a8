// Arena: memory of one batch or one request, freed whole.
//
// Not thread-safe; one owner. Allocations are 16-byte aligned. Plugged into protobuf-c as its allocator, so that
// messages unpacked into an arena need no free of their own.
#pragma once

#include "common/base/bytes.h"

#include <protobuf-c/protobuf-c.h>

struct wg_arena;

// wg_arena_create makes an arena whose blocks have `block_size` bytes (larger requests get a block of their own).
struct wg_arena *wg_arena_create(size_t block_size);
void wg_arena_destroy(struct wg_arena *arena); // NULL is allowed
// wg_arena_reset forgets all allocations; keeps one block and gives the rest back.
void wg_arena_reset(struct wg_arena *arena);
// wg_arena_limit makes allocations beyond `limit` bytes in all fail (return NULL) until the next reset; 0: no limit.
// Only protobuf-c's allocator sees NULL (it fails the unpack); wg_arena_alloc itself ignores the limit.
void wg_arena_limit(struct wg_arena *arena, size_t limit);
size_t wg_arena_used(const struct wg_arena *arena);

void *wg_arena_alloc(struct wg_arena *arena, size_t size);          // not cleared
void *wg_arena_zalloc(struct wg_arena *arena, size_t size);         // cleared
char *wg_arena_text(struct wg_arena *arena, struct wg_bytes bytes); // NUL-terminated copy
char *wg_arena_strdup(struct wg_arena *arena, const char *text);
char *wg_arena_printf(struct wg_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

// wg_arena_protobuf gives the allocator for protobuf-c's unpack; owned by the arena.
ProtobufCAllocator *wg_arena_protobuf(struct wg_arena *arena);
