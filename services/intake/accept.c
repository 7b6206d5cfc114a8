// See accept.h.
#include "services/intake/accept.h"

#include "common/base/mask.h"
#include "common/base/sha256.h"
#include "services/intake/validate.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

// --- content ---

// What is hashed: numbers as eight bytes, the lowest first; texts behind their length.
static void add_number(struct wg_buffer *content, int64_t number) {
  uint8_t bytes[8];
  for (unsigned i = 0; i < 8; i++)
    bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
  wg_buffer_append(content, bytes, sizeof bytes);
}

static void add_text(struct wg_buffer *content, const char *text) {
  size_t size = strlen(text);
  add_number(content, (int64_t)size);
  wg_buffer_append(content, text, size);
}

static void add_degrees(struct wg_buffer *content, double degrees) {
  int64_t bits;
  double value = degrees == 0 ? 0 : degrees; // -0 and 0 are the same place
  memcpy(&bits, &value, sizeof bits);
  add_number(content, bits);
}

void intake_content_hash(const Wangge__V1__NewOrder *order, uint8_t hash[INTAKE_HASH_BYTES]) {
  static_assert(INTAKE_HASH_BYTES == WG_SHA256_BYTES, "SHA-256");
  struct wg_buffer content = {0};
  add_number(&content, (int64_t)order->channel);
  add_number(&content, (int64_t)order->kind);
  add_number(&content, (int64_t)intake_urgency(order));
  add_text(&content, order->category);
  add_text(&content, order->title);
  add_text(&content, order->text);
  add_text(&content, order->address);
  add_number(&content, order->position != NULL);
  if (order->position != NULL) {
    add_degrees(&content, order->position->lon);
    add_degrees(&content, order->position->lat);
  }
  add_text(&content, order->grid_code);
  add_number(&content, order->occurred_at);
  add_number(&content, order->confidential);
  add_number(&content, (int64_t)order->n_attachments);
  for (size_t i = 0; i < order->n_attachments; i++) {
    const Wangge__V1__Attachment *attachment = order->attachments[i];
    add_text(&content, attachment->sha256);
    add_text(&content, attachment->name);
    add_text(&content, attachment->media_type);
    add_number(&content, attachment->size_bytes);
  }
  if (order->answer != NULL) { // an order without one hashes as before there were any
    add_text(&content, order->answer->text);
    add_text(&content, order->answer->knowledge_item);
  }
  // Nor has one without these another hash: they came later and are told apart by their numbers in the contract.
  if (order->origin[0] != '\0') {
    add_number(&content, 17);
    add_text(&content, order->origin);
  }
  if (order->parcel_ownership[0] != '\0') {
    add_number(&content, 18);
    add_text(&content, order->parcel_ownership);
  }
  wg_sha256(&(struct wg_bytes){content.data, content.size}, 1, hash);
  wg_buffer_free(&content);
}

Wangge__V1__Urgency intake_urgency(const Wangge__V1__NewOrder *order) {
  bool given = order->urgency != WANGGE__V1__URGENCY__URGENCY_UNSPECIFIED;
  return given ? order->urgency : WANGGE__V1__URGENCY__URGENCY_NORMAL;
}

bool intake_has_reporter(const Wangge__V1__NewOrder *order) {
  return order->reporter != NULL && (order->reporter->name[0] != '\0' || order->reporter->phone[0] != '\0');
}

static bool same_as_known(const struct intake_entry *entry) {
  if (memcmp(entry->hash, entry->known_hash, INTAKE_HASH_BYTES) != 0) return false;
  if (!intake_has_reporter(entry->order)) return entry->known_reporter == INTAKE_REPORTER_NONE;
  return entry->known_reporter == INTAKE_REPORTER_ERASED ||
         (entry->known_reporter == INTAKE_REPORTER_KEPT && entry->known_same_reporter);
}

static bool same_as_earlier(const struct intake_entry *entry, const struct intake_entry *earlier) {
  if (memcmp(entry->hash, earlier->hash, INTAKE_HASH_BYTES) != 0) return false;
  const bool has = intake_has_reporter(entry->order);
  if (has != intake_has_reporter(earlier->order)) return false;
  return !has || (strcmp(entry->order->reporter->name, earlier->order->reporter->name) == 0 &&
                  strcmp(entry->order->reporter->phone, earlier->order->reporter->phone) == 0);
}

// --- keys of one batch ---

// Open addressing over the accepted entries; at most half full.
struct key_table {
  struct intake_entry **slots;
  size_t mask;
  const uint8_t *seed;
};

static uint64_t hash_key(const struct intake_entry *entry, const uint8_t *seed) {
  static_assert(crypto_shorthash_BYTES == sizeof(uint64_t) && crypto_shorthash_KEYBYTES == 16, "SipHash-2-4");
  // Most keys of a batch differ in the external id; what is equal besides is told by the comparison.
  const char *id = entry->order->external_id;
  uint64_t hash;
  crypto_shorthash((unsigned char *)&hash, (const unsigned char *)id, strlen(id), seed);
  return hash;
}

static bool same_key(const struct intake_entry *a, const struct intake_entry *b) {
  return strcmp(a->order->external_id, b->order->external_id) == 0 &&
         strcmp(a->order->district, b->order->district) == 0 && strcmp(a->source, b->source) == 0;
}

static struct key_table key_table_create(size_t count, const uint8_t *seed, struct wg_arena *arena) {
  size_t capacity = 16;
  while (capacity < 2 * count)
    capacity *= 2;
  return (struct key_table){wg_arena_zalloc(arena, capacity * sizeof(struct intake_entry *)), capacity - 1, seed};
}

// key_table_slot finds the slot that holds the entry's key, or the empty one where it belongs.
static struct intake_entry **key_table_slot(const struct key_table *table, const struct intake_entry *entry) {
  size_t at = (size_t)hash_key(entry, table->seed) & table->mask;
  while (table->slots[at] != NULL && !same_key(table->slots[at], entry))
    at = (at + 1) & table->mask;
  return &table->slots[at];
}

// --- decisions ---

static void reject_conflict(struct intake_entry *entry) {
  entry->outcome = WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_REJECTED;
  char path[40];
  snprintf(path, sizeof path, "orders[%zu].external_id", entry->index);
  wg_fail(&entry->error, WG_ALREADY_EXISTS, path,
          "external_id \"%s\" was pushed before with other content: use a new id, or Supplement the first order",
          entry->order->external_id);
}

static void decide_repeat(struct intake_entry *entry, bool same, int64_t order_id) {
  if (!same) {
    reject_conflict(entry);
    return;
  }
  entry->outcome = WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_DUPLICATE;
  entry->order_id = order_id;
}

void intake_accept(struct intake_entry **entries, size_t count, int64_t *next_id, const uint8_t seed[16],
                   struct wg_arena *arena) {
  struct key_table table = key_table_create(count, seed, arena);
  for (size_t i = 0; i < count; i++) {
    struct intake_entry *entry = entries[i];
    entry->order_id = 0;
    if (entry->error.code != WG_OK) {
      entry->outcome = WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_REJECTED;
      continue;
    }
    if (entry->known) {
      decide_repeat(entry, same_as_known(entry), entry->known_id);
      continue;
    }
    struct intake_entry **slot = key_table_slot(&table, entry);
    if (*slot != NULL) {
      decide_repeat(entry, same_as_earlier(entry, *slot), (*slot)->order_id);
      continue;
    }
    *slot = entry;
    entry->outcome = WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_ACCEPTED;
    entry->order_id = (*next_id)++;
  }
}

static wg_status check_subject(const struct intake_subject *subject, const struct wg_principal *caller,
                               struct wg_error *error) {
  if (subject->found && intake_may_see(caller, subject->district, subject->source)) return WG_OK;
  return wg_fail(error, WG_NOT_FOUND, "order_id", "no order %lld that this caller may know of",
                 (long long)subject->order_id);
}

// add_note: a supplement or a text for handlers. Both have one row of keys.
static wg_status add_note(struct intake_subject *subject, const struct intake_note *given, const char *field,
                          struct wg_arena *arena, bool *fresh, struct wg_error *error) {
  for (const struct intake_note *note = subject->notes; note != NULL; note = note->next) {
    if (strcmp(note->supplement_id, given->supplement_id) != 0) continue;
    if (strcmp(note->text, given->text) == 0 && note->for_handlers == given->for_handlers) return WG_OK;
    return wg_fail(error, WG_ALREADY_EXISTS, field, "this order has a supplement \"%s\" with other text: use a new id",
                   given->supplement_id);
  }
  if (subject->withdrawn) {
    return wg_fail(error, WG_FAILED_PRECONDITION, "order_id", "order %lld is withdrawn: push a new order instead",
                   (long long)subject->order_id);
  }
  if (subject->supplements >= (int64_t)INTAKE_SUPPLEMENTS) {
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "order_id", "order %lld has %u supplements, more are not kept",
                   (long long)subject->order_id, INTAKE_SUPPLEMENTS);
  }
  struct intake_note *note = wg_arena_alloc(arena, sizeof *note);
  *note = *given;
  note->next = subject->notes;
  subject->notes = note;
  subject->supplements++;
  *fresh = true;
  return WG_OK;
}

wg_status intake_supplement(struct intake_subject *subject, const struct wg_principal *caller,
                            const Wangge__V1__SupplementRequest *request, struct wg_arena *arena, bool *fresh,
                            struct wg_error *error) {
  *fresh = false;
  wg_status status = check_subject(subject, caller, error);
  if (status != WG_OK) return status;
  const struct intake_note given = {.supplement_id = request->supplement_id, .text = request->text};
  return add_note(subject, &given, "supplement_id", arena, fresh, error);
}

wg_status intake_rewrite(struct intake_subject *subject, const struct wg_principal *caller,
                         const Wangge__V1__RewriteRequest *request, bool named, struct wg_arena *arena, bool *fresh,
                         struct wg_error *error) {
  *fresh = false;
  wg_status status = check_subject(subject, caller, error);
  if (status != WG_OK) return status;
  if (!subject->held) {
    return wg_fail(error, WG_FAILED_PRECONDITION, "order_id",
                   "order %lld is neither confidential nor a REPORT: its handlers have its text; Supplement adds to it",
                   (long long)subject->order_id);
  }
  if (named)
    return wg_fail(error, WG_INVALID_ARGUMENT, "text", "names the reporter: handlers may not learn who said it");
  if (wg_mask_text(request->text, arena) != request->text) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "text",
                   "holds a telephone or identity number: handlers may not learn who said it");
  }
  const struct intake_note given = {.supplement_id = request->rewrite_id, .text = request->text, .for_handlers = true};
  return add_note(subject, &given, "rewrite_id", arena, fresh, error);
}

wg_status intake_withdraw(struct intake_subject *subject, const struct wg_principal *caller, bool *fresh,
                          struct wg_error *error) {
  *fresh = false;
  wg_status status = check_subject(subject, caller, error);
  if (status != WG_OK) return status;
  *fresh = !subject->withdrawn;
  subject->withdrawn = true;
  return WG_OK;
}

wg_status intake_erase(struct intake_subject *subject, const struct wg_principal *caller, struct wg_error *error) {
  return check_subject(subject, caller, error);
}
