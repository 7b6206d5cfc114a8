// What a topic of the ledger consists of; topics.c lists them all. A topic is a folder with its own rpcs, pure decide
// functions and, where time acts, timers.
#pragma once

#include "services/land/action.h"

#include <stdio.h>

struct land_shape { // what of a kind lies on the map
  int kind;
  // wkb: its geometry as WKB, longitude first, in the arena; no data: it has none.
  struct wg_bytes (*wkb)(const Wangge__V1__LandRecord *record, struct wg_arena *arena);
};

struct land_news; // news.h

struct land_topic {
  const struct wg_method *methods;   // ended by name == NULL
  const struct land_action *actions; // ended by name == NULL
  const struct land_timer *timers;   // ended by kind == 0; NULL: none
  const struct land_shape *shapes;   // ended by kind == 0; NULL: none
  const struct land_states *states;  // ended by kind == 0; NULL: none
  // after every write of any topic that was not refused: what follows from the records it changed (write->changed),
  // e.g. notices whose subject is another now. May change more records, may refuse. NULL: nothing.
  wg_status (*after)(struct land_write *write, struct wg_error *error);
  // what became of an order that a write of this topic pushed (entry kind "order"); changes nothing when the order is
  // not its own, or says nothing new. NULL: it pushes none.
  wg_status (*news)(struct land_write *write, const struct land_news *news, struct wg_error *error);
};

extern const struct land_topic *const LAND_TOPICS[];                                   // ended by NULL
const struct land_action *land_action_find(const ProtobufCMessageDescriptor *request); // NULL: none
const struct land_timer *land_timer_find(int kind);
const struct land_shape *land_shape_find(int kind);
// All methods of all topics, ended by name == NULL; made once.
const struct wg_method *land_methods(void);

// land_print_states prints the tables of all kinds, Markdown: docs/land-states.md is what it prints.
void land_print_states(FILE *out);

// land_write_of gives the LandWrite of a writing request; NULL: it was not given.
const Wangge__V1__LandWrite *land_write_of(const ProtobufCMessage *request);
// Checks for `check` of methods. land_check_write: what LandWrite says, and that the village is the caller's.
// land_check_village: may this caller see this village, or all villages that begin so?
wg_status land_check_write(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error);
wg_status land_check_village(const struct wg_principal *caller, const char *village, struct wg_error *error);
// A writing method: LAND_METHOD_WRITE("LandYard/PutPlanting", put_planting, LAND_KEEPERS).
#define LAND_METHOD_WRITE(NAME, REQUEST, ROLES)                                                                        \
  {                                                                                                                    \
    .name = "wangge.v1." NAME, .request = &wangge__v1__##REQUEST##_request__descriptor,                                \
    .response = &wangge__v1__land_reply__descriptor, .kind = WG_METHOD_WRITE, .roles = (ROLES),                        \
    .check = land_check_write                                                                                          \
  }
// Roles that keep a village's land.
#define LAND_KEEPERS (WG_ROLE_VILLAGE | WG_ROLE_REGISTRAR)

extern const struct land_topic LAND_BASE_TOPIC;   // villages, policy, parties (base.c)
extern const struct land_topic LAND_SURVEY_TOPIC; // parcels (survey/topic.c)
extern const struct land_topic LAND_NOTICE_TOPIC; // notices and objections (notice/)
extern const struct land_topic LAND_WORKS_TOPIC;  // works, sites, rules of use, outcomes, figures (works/)
extern const struct land_topic LAND_TENDER_TOPIC; // decisions, tenders, contracts, rents (tender/)
