// The file around snapshot and categories: size, hash, rules, then the sections. See model.h.
#include "services/routing/text/model.h"

#include "services/routing/text/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORMAT = 1, HASH_AT = 24, HEAD = HASH_AT + crypto_hash_sha256_BYTES };
static const uint8_t MAGIC[8] = {'W', 'G', 'T', 'E', 'X', 'T', '\r', '\n'};

void routing_model_close(struct routing_model *model) {
  if (model == NULL) return;
  routing_categories_free(model->categories);
  routing_idf_free(model->idf);
  free(model);
}

// --- reading ---
static wg_status check_head(struct wg_bytes bytes, struct wg_error *error) {
  if (bytes.size > ROUTING_MODEL_BYTES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "a model has at most %zu bytes", ROUTING_MODEL_BYTES);
  if (bytes.size < HEAD || memcmp(bytes.data, MAGIC, sizeof MAGIC) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "is no model of texts; make one with `wangge train`");
  if (routing_get_u32(bytes.data + 8) != FORMAT)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "has format %u, this program reads %d; train it again",
                   routing_get_u32(bytes.data + 8), FORMAT);
  if (routing_get_u32(bytes.data + 12) != ROUTING_TEXT_RULES)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "was made by normalisation rules %u, these are %d; train again",
                   routing_get_u32(bytes.data + 12), ROUTING_TEXT_RULES);
  if (routing_get_u64(bytes.data + 16) != bytes.size - HEAD)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "has %zu bytes behind its head and says %llu: cut short or grown",
                   bytes.size - HEAD, (unsigned long long)routing_get_u64(bytes.data + 16));
  uint8_t hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, bytes.data + HEAD, bytes.size - HEAD);
  if (memcmp(hash, bytes.data + HASH_AT, sizeof hash) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "is damaged: its SHA-256 does not fit");
  return WG_OK;
}

wg_status routing_model_read(struct wg_bytes bytes, struct routing_model **model, struct wg_error *error) {
  wg_status status = check_head(bytes, error);
  if (status != WG_OK) return status;
  struct wg_bytes rest = {bytes.data + HEAD, bytes.size - HEAD};
  struct routing_model *read = wg_zalloc(sizeof *read);
  status = routing_idf_read(&rest, &read->idf, error);
  if (status == WG_OK) status = routing_categories_read(&rest, read->idf, &read->categories, error);
  if (status == WG_OK && rest.size > 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, NULL, "has %zu bytes too many", rest.size);
  if (status != WG_OK) routing_model_close(read);
  else *model = read;
  return status;
}

static wg_status read_file(int file, const char *path, struct wg_buffer *buffer, struct wg_error *error) {
  struct stat found;
  if (fstat(file, &found) != 0) return wg_fail(error, WG_UNAVAILABLE, NULL, "%s: %s", path, strerror(errno));
  if (!S_ISREG(found.st_mode)) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s: is not a file", path);
  if ((uint64_t)found.st_size > ROUTING_MODEL_BYTES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "%s: a model has at most %zu bytes", path, ROUTING_MODEL_BYTES);
  const size_t size = (size_t)found.st_size;
  uint8_t *data = wg_buffer_reserve(buffer, size + 1);
  while (buffer->size < size) {
    const ssize_t count = read(file, data + buffer->size, size - buffer->size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return wg_fail(error, WG_UNAVAILABLE, NULL, "%s: %s", path, strerror(errno));
    if (count == 0) break; // shorter than it was: the head's check says so
    buffer->size += (size_t)count;
  }
  return WG_OK;
}

wg_status routing_model_open(const char *path, struct routing_model **model, struct wg_error *error) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return wg_fail(error, errno == ENOENT ? WG_NOT_FOUND : WG_UNAVAILABLE, NULL, "%s: %s", path, strerror(errno));
  struct wg_buffer buffer = {0};
  wg_status status = read_file(file, path, &buffer, error);
  close(file);
  struct wg_error inside = {0};
  if (status == WG_OK) {
    status = routing_model_read((struct wg_bytes){buffer.data, buffer.size}, model, &inside);
    if (status != WG_OK) wg_fail(error, status, inside.field, "%s: %s", path, inside.message);
  }
  wg_buffer_free(&buffer);
  return status;
}

// --- writing ---
void routing_model_write(const struct routing_model *model, struct wg_buffer *buffer) {
  const size_t begin = buffer->size;
  wg_buffer_append(buffer, MAGIC, sizeof MAGIC);
  const uint8_t zeros[HEAD - sizeof MAGIC] = {0};
  wg_buffer_append(buffer, zeros, sizeof zeros);
  routing_idf_write(model->idf, buffer);
  routing_categories_write(model->categories, model->idf, buffer);
  uint8_t *head = buffer->data + begin;
  const size_t size = buffer->size - begin - HEAD;
  routing_put_u32(head + 8, FORMAT);
  routing_put_u32(head + 12, ROUTING_TEXT_RULES);
  routing_put_u64(head + 16, size);
  crypto_hash_sha256(head + HASH_AT, head + HEAD, size);
}

static bool write_all(int file, const struct wg_buffer *buffer) {
  for (size_t at = 0; at < buffer->size;) {
    const ssize_t count = write(file, buffer->data + at, buffer->size - at);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) at += (size_t)count;
  }
  return fsync(file) == 0;
}

wg_status routing_model_save(const struct routing_model *model, const char *path, struct wg_error *error) {
  struct wg_buffer buffer = {0}, beside = {0};
  routing_model_write(model, &buffer);
  wg_buffer_printf(&beside, "%s.new", path);
  wg_status status = WG_OK;
  if (buffer.size > ROUTING_MODEL_BYTES)
    status = wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "the model has %zu bytes, at most %zu can be loaded",
                     buffer.size, ROUTING_MODEL_BYTES);
  const int file = status == WG_OK ? open(wg_buffer_cstr(&beside), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
  const bool written = file >= 0 && write_all(file, &buffer);
  if (file >= 0 && close(file) == 0 && written && rename(wg_buffer_cstr(&beside), path) == 0) goto done;
  if (status == WG_OK) status = wg_fail(error, WG_UNAVAILABLE, "out", "%s: %s", path, strerror(errno));
  if (file >= 0) unlink(wg_buffer_cstr(&beside));
done:
  wg_buffer_free(&buffer);
  wg_buffer_free(&beside);
  return status;
}
