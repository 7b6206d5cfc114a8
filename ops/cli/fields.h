// Requests made of a command line: options and arguments become fields of a JSON object, which is then read by its
// descriptor, so that options and files are looked at alike.
#pragma once

#include "ops/cli/cli.h"

#include <jansson.h>

// A field of the object: "option" or "option=path" (an option's text), "option?" or "option?=path" (a switch: true when
// given), "0:path" (an argument by number), "option+=path" (an option whose text is a list, "a,b": an array of texts),
// "option*=path first second" (a list of pairs, "a:b,c:d": an array of objects with these members), "!path" (true
// always: what the command itself says).
// A path "a.b" lies in an object "a".
//
// cli_fields: option --file (an object, or nothing without it) and over it what `fields` (ended by NULL) say. NULL with
// the error filled: the file cannot be read. The object is the caller's.
json_t *cli_fields(struct cli *cli, const char *const *fields, struct wg_error *error);
// cli_request_id: option `option`, else one that no other run will have; `n` tells several of one run apart.
const char *cli_request_id(struct cli *cli, const char *option, int n);
