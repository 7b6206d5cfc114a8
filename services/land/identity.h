// Numbers that identify people and companies, by their check digits. Pure.
#pragma once

#include <stdbool.h>

// land_resident_id_valid: 18 characters, a date of birth that exists, check character of GB 11643-1999 (ISO 7064
// MOD 11-2; a small x is accepted).
bool land_resident_id_valid(const char *text);
// land_credit_code_valid: 18 characters without I, O, S, V, Z, check character of GB 32100-2015 (MOD 31).
bool land_credit_code_valid(const char *text);
// land_phone_valid: a mobile number of 11 digits that begins with 1, or a landline with area code: 0 and 10 to 11
// digits with or without a dash.
bool land_phone_valid(const char *text);
