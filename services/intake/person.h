// Who reported, as a number that says nothing of the person (OrderReceived.reporter_ref).
#pragma once

#include "wangge/v1/intake.pb-c.h"

// intake_person: a hash under `key` of district and telephone number (its digits, without the country's 86), else of
// district and name. The same person of one district has one number, of two districts two. 0: no reporter, a
// confidential order, or nothing to tell people apart by.
uint64_t intake_person(const Wangge__V1__NewOrder *order, const uint8_t key[32]);
