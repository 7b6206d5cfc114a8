// Legs of an order, and who somebody is to it: what decide.c, returns.c and units.c share.
#pragma once

#include "services/routing/decide.h"

// --- legs ---
// routing_lead makes a leg of what the assignment says of its lead; it is not one of subject->legs. NULL: no lead.
struct routing_leg *routing_lead(const struct routing_assignment *subject, struct wg_arena *arena);
// routing_leg_of finds the unit's assisting or child leg that has not ended, or NULL.
struct routing_leg *routing_leg_of(const struct routing_assignment *subject, const char *unit);
bool routing_leg_active(const struct routing_leg *leg);
// routing_lead_open gives the order to a lead; the assignment has none. `by` "rule": `reason` is not kept.
void routing_lead_open(struct routing_assignment *subject, const char *unit, const char *by, const char *reason,
                       struct routing_rulebook *book, struct routing_step *step);
// routing_lead_end turns the present lead into an ended leg; the assignment has none then.
void routing_lead_end(struct routing_assignment *subject, Wangge__V1__LegState state, struct routing_rulebook *book,
                      struct routing_step *step);
struct routing_leg *routing_leg_open(struct routing_assignment *subject, Wangge__V1__LegRole role, int32_t parent,
                                     const char *unit, const char *by, const char *reason,
                                     struct routing_rulebook *book, struct routing_step *step);
// routing_leg_end ends it and every leg handed down from it.
void routing_leg_end(struct routing_assignment *subject, struct routing_leg *leg, Wangge__V1__LegState state,
                     struct routing_rulebook *book, struct routing_step *step);
// routing_children_end ends all that was handed down from leg n.
void routing_children_end(struct routing_assignment *subject, int32_t n, Wangge__V1__LegState state,
                          struct routing_rulebook *book, struct routing_step *step);
// routing_legs_end ends all legs but those of these units; the lead is not among them.
void routing_legs_end(struct routing_assignment *subject, char *const *keep, size_t keep_count,
                      Wangge__V1__LegState state, struct routing_rulebook *book, struct routing_step *step);

// --- units ---
bool routing_is_grid(const char *unit); // 15 digits
// routing_unit_check refuses an unknown department, and a grid that is of another district or not in the net;
// INVALID_ARGUMENT names `field`.
wg_status routing_unit_check(const struct routing_assignment *subject, const char *unit, const char *field,
                             const struct routing_rulebook *book, struct wg_error *error);
// routing_handler_check also holds the hard rule: a department's duty goes to no grid for handling.
wg_status routing_handler_check(const struct routing_assignment *subject, const char *unit, const char *field,
                                const struct routing_rulebook *book, struct wg_error *error);
// routing_assists_check: each is known, none twice, none the lead.
wg_status routing_assists_check(const struct routing_assignment *subject, const char *lead, char *const *assists,
                                size_t count, const struct routing_rulebook *book, struct wg_error *error);
// routing_level_of gives the unit's level (routing_level); 0: the order's district does not have it.
int routing_level_of(const struct routing_assignment *subject, const char *unit, const struct routing_rulebook *book);

// --- who ---
// routing_parts gives what the caller is to the order (routing_part).
unsigned routing_parts(const struct routing_assignment *subject, const struct wg_principal *caller);
wg_status routing_must_know(const struct routing_assignment *subject, const struct wg_principal *caller,
                            struct wg_error *error);
// routing_must_be_possible asks the table; FAILED_PRECONDITION lists what is possible.
wg_status routing_must_be_possible(const struct routing_assignment *subject, enum routing_event event, unsigned parts,
                                   struct wg_error *error);
wg_status routing_refuse(const struct routing_assignment *subject, enum routing_event event, struct wg_error *error);
// routing_must_differ: the caller must be another principal, and another person when both are known.
wg_status routing_must_differ(const struct wg_principal *caller, const char *person, const char *by,
                              const char *by_person, const char *what, struct wg_error *error);
// routing_repeats: the newest step is this very call.
bool routing_repeats(const struct routing_assignment *subject, const char *kind, const struct wg_principal *caller,
                     const char *department, const char *reason);

// --- steps ---
// routing_go moves along the table; a transition that is not in it is a fault of the program and ends it.
void routing_go(struct routing_assignment *subject, enum routing_event event, Wangge__V1__AssignmentState to);
void routing_take(struct routing_assignment *subject, const struct routing_step *step);
// routing_cite gives the reason with the precedents that fit, for the evidence; `unit` is who is to lead.
const char *routing_cite(const struct routing_assignment *subject, const char *reason, const char *unit,
                         const struct routing_rulebook *book);
