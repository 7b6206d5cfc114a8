#include "common/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16 };

struct block {
  struct block *next;
  size_t size, used;
  _Alignas(ALIGN) uint8_t data[];
};

// `head` is the block that is filled now and the one that survives a reset. Large requests get a block of their own
// behind it, so that the head's free room is not lost to them.
struct wg_arena {
  struct block *head;
  size_t block_size, used, limit;
  ProtobufCAllocator protobuf;
};

static struct block *block_create(size_t size) {
  if (size > SIZE_MAX / 2) size = SIZE_MAX / 2; // fails in wg_alloc, loudly
  struct block *block = wg_alloc(sizeof *block + size);
  *block = (struct block){.size = size};
  return block;
}

static void *protobuf_alloc(void *data, size_t size) {
  struct wg_arena *arena = data;
  if (arena->limit != 0 && (arena->used > arena->limit || size > arena->limit - arena->used)) return NULL;
  return wg_arena_alloc(arena, size);
}

static void protobuf_free(void *data, void *memory) {
  (void)data, (void)memory; // freed with the arena
}

struct wg_arena *wg_arena_create(size_t block_size) {
  struct wg_arena *arena = wg_zalloc(sizeof *arena);
  arena->block_size = block_size < 256 ? 256 : block_size;
  arena->protobuf = (ProtobufCAllocator){protobuf_alloc, protobuf_free, arena};
  return arena;
}

static void blocks_free(struct block *block) {
  while (block != NULL) {
    struct block *next = block->next;
    free(block);
    block = next;
  }
}

void wg_arena_destroy(struct wg_arena *arena) {
  if (arena == NULL) return;
  blocks_free(arena->head);
  free(arena);
}

void wg_arena_reset(struct wg_arena *arena) {
  if (arena->head != NULL && arena->head->size > arena->block_size) {
    blocks_free(arena->head); // the first request was a large one: such a block is not worth keeping
    arena->head = NULL;
  } else if (arena->head != NULL) {
    blocks_free(arena->head->next);
    arena->head->next = NULL;
    arena->head->used = 0;
  }
  arena->used = 0;
  arena->limit = 0;
}

void wg_arena_limit(struct wg_arena *arena, size_t limit) {
  arena->limit = limit;
}

size_t wg_arena_used(const struct wg_arena *arena) {
  return arena->used;
}

// head_with_room gives the block to fill when it has room for `size`, after making one if needed.
static struct block *head_with_room(struct wg_arena *arena, size_t size) {
  struct block *head = arena->head;
  if (head != NULL && size <= head->size - head->used) return head;
  if (size > arena->block_size / 2 && head != NULL) {
    struct block *large = block_create(size);
    large->next = head->next;
    head->next = large;
    return large;
  }
  struct block *fresh = block_create(size > arena->block_size ? size : arena->block_size);
  fresh->next = head;
  arena->head = fresh;
  return fresh;
}

void *wg_arena_alloc(struct wg_arena *arena, size_t size) {
  size_t rounded = size > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
  if (rounded == 0) rounded = ALIGN;
  struct block *block = head_with_room(arena, rounded);
  void *memory = block->data + block->used;
  block->used += rounded;
  arena->used += rounded;
  return memory;
}

void *wg_arena_zalloc(struct wg_arena *arena, size_t size) {
  return memset(wg_arena_alloc(arena, size), 0, size);
}

char *wg_arena_text(struct wg_arena *arena, struct wg_bytes bytes) {
  char *text = wg_arena_alloc(arena, bytes.size + 1);
  if (bytes.size > 0) memcpy(text, bytes.data, bytes.size);
  text[bytes.size] = '\0';
  return text;
}

char *wg_arena_strdup(struct wg_arena *arena, const char *text) {
  return wg_arena_text(arena, wg_bytes_of(text));
}

char *wg_arena_printf(struct wg_arena *arena, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  char usual[512]; // most texts fit: then they are printed once
  int length = vsnprintf(usual, sizeof usual, format, arguments);
  if (length < 0) abort(); // a format that cannot be printed is a bug of the caller
  char *text = wg_arena_alloc(arena, (size_t)length + 1);
  if ((size_t)length < sizeof usual) memcpy(text, usual, (size_t)length + 1);
  else vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  va_end(arguments);
  return text;
}

ProtobufCAllocator *wg_arena_protobuf(struct wg_arena *arena) {
  return &arena->protobuf;
}
