#include "services/land/ledger/checkpoint.h"

#include "common/base/text.h"
#include "services/land/ledger/base64.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert(LAND_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519");

static const char DASH[] = "\xE2\x80\x94 "; // "— "

// --- text ---

const char *land_checkpoint_village(const struct land_checkpoint *checkpoint) {
  size_t prefix = sizeof LAND_ORIGIN_PREFIX - 1;
  if (strncmp(checkpoint->origin, LAND_ORIGIN_PREFIX, prefix) != 0) return NULL;
  const char *village = checkpoint->origin + prefix;
  return wg_all_digits(village, LAND_VILLAGE_DIGITS) && village[LAND_VILLAGE_DIGITS] == '\0' ? village : NULL;
}

struct land_checkpoint land_checkpoint_of(const struct land_head *head) {
  struct land_checkpoint checkpoint = {.size = head->peaks.size};
  snprintf(checkpoint.origin, sizeof checkpoint.origin, LAND_ORIGIN_PREFIX "%s", head->village);
  land_peaks_root(&head->peaks, checkpoint.root);
  return checkpoint;
}

void land_checkpoint_append(const struct land_checkpoint *checkpoint, struct wg_buffer *text) {
  wg_buffer_printf(text, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size);
  land_base64_append(text, (struct wg_bytes){checkpoint->root, LAND_HASH_BYTES});
  wg_buffer_text(text, "\n");
}

// take_line cuts the next line off, without its end; false: there is none.
static bool take_line(struct wg_bytes *text, struct wg_bytes *line) {
  if (text->size == 0) return false;
  const uint8_t *end = memchr(text->data, '\n', text->size);
  line->data = text->data;
  line->size = end ? (size_t)(end - text->data) : text->size;
  size_t taken = end ? line->size + 1 : line->size;
  text->data += taken;
  text->size -= taken;
  if (line->size && line->data[line->size - 1] == '\r') line->size--; // typed on Windows
  return true;
}

static bool read_size(struct wg_bytes line, uint64_t *size) {
  if (line.size == 0 || line.size > 19 || (line.data[0] == '0' && line.size > 1)) return false;
  *size = 0;
  for (size_t i = 0; i < line.size; i++) {
    if (line.data[i] < '0' || line.data[i] > '9') return false;
    *size = *size * 10 + (uint64_t)(line.data[i] - '0');
  }
  return true;
}

// is_name: what can be told apart when it is read: valid UTF-8 of 1 to LAND_ORIGIN_BYTES bytes, no control characters.
static bool is_name(struct wg_bytes text) {
  for (size_t i = 0; i < text.size; i++)
    if (text.data[i] < ' ' || text.data[i] == 0x7f) return false;
  return text.size > 0 && text.size <= LAND_ORIGIN_BYTES && wg_utf8_valid(text);
}

wg_status land_checkpoint_read(struct wg_bytes note, struct land_checkpoint *checkpoint, struct wg_error *error) {
  struct wg_bytes line;
  if (!take_line(&note, &line) || !is_name(line))
    return wg_fail(error, WG_INVALID_ARGUMENT, "line 1",
                   "must be the origin, such as " LAND_ORIGIN_PREFIX "131102001001");
  memcpy(checkpoint->origin, line.data, line.size);
  checkpoint->origin[line.size] = '\0';
  if (!take_line(&note, &line) || !read_size(line, &checkpoint->size))
    return wg_fail(error, WG_INVALID_ARGUMENT, "line 2", "must be the number of entries, in digits");
  if (!take_line(&note, &line) || !land_base64_hash(line, checkpoint->root))
    return wg_fail(error, WG_INVALID_ARGUMENT, "line 3", "must be the root: %d characters of base64", LAND_HASH_BASE64);
  return WG_OK;
}

// --- keys and signatures ---

// C2SP signed-note: the first 4 bytes of SHA-256(name ‖ "\n" ‖ algorithm ‖ public key); Ed25519 is algorithm 1.
static const uint8_t ED25519 = 0x01;

static void key_id(struct land_key *key) {
  static const uint8_t line_break = '\n';
  uint8_t hash[LAND_HASH_BYTES];
  wg_sha256(
      (struct wg_bytes[]){
          wg_bytes_of(key->name), {&line_break, 1}, {&ED25519, 1}, {key->public_key, sizeof key->public_key}},
      4, hash);
  memcpy(key->id, hash, sizeof key->id);
}

void land_signer_make(struct land_signer *signer, const char *name, const uint8_t secret[32]) {
  static const char PURPOSE[] = "wangge land checkpoint 1";
  uint8_t seed[crypto_sign_SEEDBYTES];
  crypto_generichash(seed, sizeof seed, (const uint8_t *)PURPOSE, sizeof PURPOSE - 1, secret, 32);
  crypto_sign_seed_keypair(signer->key.public_key, signer->secret_key, seed);
  sodium_memzero(seed, sizeof seed);
  snprintf(signer->key.name, sizeof signer->key.name, "%s", name);
  key_id(&signer->key);
}

void land_key_append(const struct land_key *key, struct wg_buffer *text) {
  uint8_t typed[1 + sizeof key->public_key] = {ED25519};
  memcpy(typed + 1, key->public_key, sizeof key->public_key);
  wg_buffer_printf(text, "%s+%02x%02x%02x%02x+", key->name, key->id[0], key->id[1], key->id[2], key->id[3]);
  land_base64_append(text, (struct wg_bytes){typed, sizeof typed});
}

wg_status land_key_read(struct wg_bytes text, struct land_key *key, struct wg_error *error) {
  while (text.size && (text.data[text.size - 1] == '\n' || text.data[text.size - 1] == '\r'))
    text.size--;
  const uint8_t *name_end = memchr(text.data, '+', text.size);
  size_t name = name_end ? (size_t)(name_end - text.data) : 0, rest = name + 1 + 2 * LAND_KEY_ID_BYTES + 1;
  struct wg_buffer typed = {0};
  bool good = is_name((struct wg_bytes){text.data, name}) && text.size > rest && text.data[rest - 1] == '+' &&
              land_base64_read((struct wg_bytes){text.data + rest, text.size - rest}, &typed) &&
              typed.size == 1 + sizeof key->public_key && typed.data[0] == ED25519;
  if (good) {
    char id[2 * LAND_KEY_ID_BYTES + 1];
    memcpy(key->name, text.data, name);
    key->name[name] = '\0';
    memcpy(key->public_key, typed.data + 1, sizeof key->public_key);
    key_id(key);
    good = memcmp(sodium_bin2hex(id, sizeof id, key->id, sizeof key->id), text.data + name + 1, sizeof id - 1) == 0;
  }
  wg_buffer_free(&typed);
  return good ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, "key", "must be NAME+ID+BASE64 of an Ed25519 key, whole");
}

void land_checkpoint_sign(const struct land_checkpoint *checkpoint, const struct land_signer *signer,
                          struct wg_buffer *note) {
  uint8_t signed_by[LAND_KEY_ID_BYTES + LAND_SIGNATURE_BYTES];
  size_t from = note->size;
  land_checkpoint_append(checkpoint, note);
  memcpy(signed_by, signer->key.id, LAND_KEY_ID_BYTES);
  crypto_sign_detached(signed_by + LAND_KEY_ID_BYTES, NULL, note->data + from, note->size - from, signer->secret_key);
  wg_buffer_printf(note, "\n%s%s ", DASH, signer->key.name);
  land_base64_append(note, (struct wg_bytes){signed_by, sizeof signed_by});
  wg_buffer_text(note, "\n");
}

// names: whether a signature line is of this key; what is behind the name is the signature's base64.
static bool names(struct wg_bytes line, const struct land_key *key, struct wg_bytes *base64) {
  size_t dash = sizeof DASH - 1, name = strlen(key->name), before = dash + name + 1;
  if (line.size <= before || memcmp(line.data, DASH, dash) != 0) return false;
  if (memcmp(line.data + dash, key->name, name) != 0 || line.data[before - 1] != ' ') return false;
  *base64 = (struct wg_bytes){line.data + before, line.size - before};
  return true;
}

enum land_signature land_checkpoint_signature(struct wg_bytes note, const struct land_key *key) {
  const uint8_t *empty = memmem(note.data, note.size, "\n\n", 2);
  if (!empty) return LAND_SIGNATURE_MISSING;
  struct wg_bytes text = {note.data, (size_t)(empty - note.data) + 1}, line, base64;
  struct wg_bytes rest = {note.data + text.size + 1, note.size - text.size - 1};
  while (take_line(&rest, &line)) {
    struct wg_buffer bytes = {0};
    if (!names(line, key, &base64)) continue;
    bool good = land_base64_read(base64, &bytes) && bytes.size == LAND_KEY_ID_BYTES + LAND_SIGNATURE_BYTES &&
                memcmp(bytes.data, key->id, LAND_KEY_ID_BYTES) == 0 &&
                crypto_sign_verify_detached(bytes.data + LAND_KEY_ID_BYTES, text.data, text.size, key->public_key) == 0;
    wg_buffer_free(&bytes);
    return good ? LAND_SIGNATURE_GOOD : LAND_SIGNATURE_BAD;
  }
  return LAND_SIGNATURE_MISSING;
}

// --- district ---

void land_district_leaf(const char village[LAND_VILLAGE_DIGITS + 1], uint64_t size, const uint8_t root[LAND_HASH_BYTES],
                        uint8_t hash[LAND_HASH_BYTES]) {
  uint8_t data[LAND_VILLAGE_DIGITS + 8 + LAND_HASH_BYTES];
  memcpy(data, village, LAND_VILLAGE_DIGITS);
  for (int i = 0; i < 8; i++)
    data[LAND_VILLAGE_DIGITS + i] = (uint8_t)(size >> 8 * (7 - i));
  memcpy(data + LAND_VILLAGE_DIGITS + 8, root, LAND_HASH_BYTES);
  land_leaf_hash((struct wg_bytes){data, sizeof data}, hash);
}
