// What is found out about a new order before the rules look at it: where it is (place/), and which category its text
// suggests (text/).
//
// A code that came with the order is never overridden. A suggestion is made when the order has no category, or one
// that the suggested path begins with (a coarse one); it is only shown, with one exception: an order without any
// category is routed by a suggestion whose confidence reaches the rulebook's, and its evidence says so.
//
// While the net has no grid at all, or does not have the order's district, there is nothing to hold a grid code
// against: then the one that came with the order is believed, and stays flagged.
#pragma once

#include "services/routing/decide.h"

// routing_study_place decides where an order is. Needs of the book: places and arena.
const struct routing_place *routing_study_place(const Wangge__V1__Order *order, const struct routing_rulebook *book);
// routing_study fills subject->found and subject->place of an order that has just come (a place that is there stays),
// and what the rules decide on. Texts of `input` live as long as the reference data in force, those of subject->found
// as long as the arena.
void routing_study(struct routing_assignment *subject, struct routing_rulebook *book, struct routing_rule_input *input);
// routing_study_evidence puts before a ruling's evidence that a suggestion stood in for the category.
const char *routing_study_evidence(const struct routing_assignment *subject, const struct routing_rule_input *input,
                                   const char *evidence, struct wg_arena *arena);
// routing_study_said gives what an order's title and text say, made when it is first asked for; memory of the batch's
// arena. NULL: no model is in force, or the text cannot be read.
const struct routing_said *routing_study_said(struct routing_assignment *subject, struct routing_rulebook *book);
// routing_said_of: the same of any order, but for the names of its place and of what that lies in: orders of one place
// all say them, and that makes none like another. `place_id` "" or `gazetteer` NULL: no name is left out. False: the
// text cannot be read.
bool routing_said_of(const Wangge__V1__Order *order, const char *place_id, const struct routing_gazetteer *gazetteer,
                     const struct routing_model *model, struct routing_text_work *work, struct wg_arena *arena,
                     struct routing_said *said);

// routing_found_input is what the rules decide on, for an order that came earlier, too; `found` as it was stored.
// `gazetteer` tells which estate a building belongs to; NULL: nothing does.
struct routing_rule_input routing_found_input(const Wangge__V1__Order *order, const struct routing_found *found,
                                              const struct routing_gazetteer *gazetteer, double category_confidence);
// routing_found_area gives the code of the smallest area known of an order: 15, 12, 9 or 6 digits, "" when unknown.
const char *routing_found_area(const struct routing_assignment *subject);
// routing_found_message: the texts are those of `found` and the arena.
Wangge__V1__PlaceDecision *routing_found_message(const struct routing_found *found, const char *district,
                                                 struct wg_arena *arena);
