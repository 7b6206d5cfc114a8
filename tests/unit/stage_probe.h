// A service for tests of the stage: it keeps notes and can be told to fail.
//
//   wangge.v1.Probe/Put    WRITE, ProgressRequest: keeps the note once per request_id, publishes CaseChanged
//                          to probe.kept with topic "water". Some notes do something instead:
//                            fail-load, fail-decide, fail-store   that step of the batch fails
//                            poison                               its row breaks a constraint of the table
//                            refuse                               the item alone is refused: ABORTED
//                            slow                                 the batch takes half a second longer
//                            tick-again                           as slow, and a tick is due behind it
//   wangge.v1.Probe/Get    READ, GetCaseRequest: waits for the advisory lock order_id, unless 0; the answer's order_id
//                          is the number in the file "greeting", as read at start or by the last reload
//
// It has no periodic work of its own; a test that wants some sets tick_seconds and refresh_seconds in a copy. A tick is
// kept like a note, with request_id tick-<pid>-<number>. A refresh says in the log "refresh <number>", and "refresh:"
// with what must not be: twice at once, too early, able to write. With the greeting PROBE_UNLUCKY both fail.
#pragma once

#include "common/stage/stage.h"

#include "wangge/v1/tracking.pb-c.h"

#define PROBE_TABLE                                                                                                    \
  "CREATE TABLE probe.kept (request_id text PRIMARY KEY, note text NOT NULL CHECK (note <> 'poison')); "               \
  "GRANT SELECT, INSERT ON probe.kept TO wangge_probe"

#define PROBE_UNLUCKY 13

extern const struct wg_service PROBE;
