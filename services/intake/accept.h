// What becomes of each order of a batch: new, pushed before, or a key taken by other content. And what becomes of
// supplements, withdrawals and erasures. Pure: the rows the decisions need were loaded before.
//
// Content is compared by a SHA-256 over everything pushed except the reporter, and by the reporter itself. So the
// hash that stays when a reporter is erased tells nothing of the reporter (a phone number could be guessed back from a
// hash), and a repeat that comes after the erasure is still a duplicate.
#pragma once

#include "common/bus/bus.h"

#include "wangge/v1/intake.pb-c.h"

#define INTAKE_HASH_BYTES 32u
#define INTAKE_SUPPLEMENTS 200u // most of one order: with the largest texts its Get still fits a message

enum intake_reporter_state {
  INTAKE_REPORTER_NONE, // pushed without one
  INTAKE_REPORTER_KEPT,
  INTAKE_REPORTER_ERASED, // pushed with one that has been erased since
};

// One order on its way through a batch. Texts belong to the request or to the batch's arena.
struct intake_entry {
  const Wangge__V1__NewOrder *order;
  size_t index; // its place in its push, for error paths
  const char *source;
  int channel;                      // the order's, or the principal's default
  const char *origin, *origin_area; // who handed it over and where that is; "": nobody
  uint8_t hash[INTAKE_HASH_BYTES];
  struct wg_error error; // code != 0: rejected
  // The order stored under the same key, if there is one.
  bool known;
  int64_t known_id;
  uint8_t known_hash[INTAKE_HASH_BYTES];
  enum intake_reporter_state known_reporter;
  bool known_same_reporter; // KEPT: it is the one of this push
  // Decision.
  Wangge__V1__PushOutcome outcome;
  int64_t order_id;
};

// intake_has_reporter: a reporter without name and phone is none.
bool intake_has_reporter(const Wangge__V1__NewOrder *order);
// intake_urgency: UNSPECIFIED is read as NORMAL.
Wangge__V1__Urgency intake_urgency(const Wangge__V1__NewOrder *order);
// intake_content_hash packs every field in a fixed order with lengths in front and hashes it. Urgency UNSPECIFIED
// counts as NORMAL, because the contract reads it so; the channel is taken as pushed, because its default is
// configuration.
void intake_content_hash(const Wangge__V1__NewOrder *order, uint8_t hash[INTAKE_HASH_BYTES]);

// intake_accept decides `count` entries in order; those with an error are rejected. New ones get ids from *next_id up.
// Keys twice in the batch meet here: the first is new, the others are compared with it. `seed` (16 bytes, secret) keeps
// chosen keys from colliding in the table.
void intake_accept(struct intake_entry **entries, size_t count, int64_t *next_id, const uint8_t seed[16],
                   struct wg_arena *arena);

// An order that supplements, withdrawals and erasures of a batch speak of: loaded once, changed by each decision.
struct intake_subject {
  int64_t order_id;
  bool found;
  const char *district, *source;
  bool withdrawn, held; // held: see disclose.h
  int64_t supplements;
  const struct intake_note *notes; // newest first
};
struct intake_note {
  const char *supplement_id, *text;
  bool for_handlers;
  const struct intake_note *next;
};

// Each answers WG_OK and whether there is anything to write (*fresh), or the error of the call.
wg_status intake_supplement(struct intake_subject *subject, const struct wg_principal *caller,
                            const Wangge__V1__SupplementRequest *request, struct wg_arena *arena, bool *fresh,
                            struct wg_error *error);
// `named`: the text holds the reporter's name.
wg_status intake_rewrite(struct intake_subject *subject, const struct wg_principal *caller,
                         const Wangge__V1__RewriteRequest *request, bool named, struct wg_arena *arena, bool *fresh,
                         struct wg_error *error);
wg_status intake_withdraw(struct intake_subject *subject, const struct wg_principal *caller, bool *fresh,
                          struct wg_error *error);
wg_status intake_erase(struct intake_subject *subject, const struct wg_principal *caller, struct wg_error *error);
