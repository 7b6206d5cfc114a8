// The ticket of an attachment (Attachment.ticket): whoever has it was given the order it belongs to.
#pragma once

#include <stdint.h>

// intake_ticket: a hash under `key` of order and bytes; never 0.
uint64_t intake_ticket(int64_t order_id, const char *sha256, const uint8_t key[32]);
