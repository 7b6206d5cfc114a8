// Photos and papers that a change of an entry names: intake keeps them for the entry before the change is accepted, and
// whoever may see the entry gets tickets for them.
#pragma once

#include "services/tracking/lists/answer.h"

#include "common/stage/stage.h"

// Of Lists/Change (wg_method). INVALID_ARGUMENT ("photos[0].sha256"): who makes the change has not brought it, or its
// bytes are of another type or size; UNAVAILABLE: intake does not answer.
bool lists_files_asks(const void *service, const ProtobufCMessage *request);
wg_status lists_files_ask(const struct wg_read_call *call, struct wg_error *error);

// lists_files_tickets writes into every attachment of an entry the ticket that intake was given with it.
void lists_files_tickets(const uint8_t secret[LISTS_SECRET_BYTES], Wangge__V1__ListEntry *entry);
