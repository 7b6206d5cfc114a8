// A private PostgreSQL for one test program.
//
// Lives in a directory of its own under /tmp, listens on a unix socket in it, starts at the first call (about two
// seconds) and is stopped and removed when the program ends, however it ends. As root it runs as user `postgres`. What
// cannot be started fails the test; it is never skipped.
#pragma once

#include "common/db/db.h"

// postgres_dsn starts the server if need be and gives the DSN of its superuser; owned by the helper.
const char *postgres_dsn(void);
const char *postgres_directory(void); // of the socket: the `host` of a DSN
// postgres_connect connects with search_path `schema` (NULL: public); fails the test if it cannot.
struct wg_db *postgres_connect(const char *schema);
// postgres_execute runs SQL text as superuser on a connection of its own; fails the test on an error.
void postgres_execute(const char *sql);
// postgres_pump pumps until nothing is waiting (polling the socket, at most 20 s) and returns the pump's status.
wg_status postgres_pump(struct wg_db *db, struct wg_error *error);
// postgres_crash kills the server as a power cut would (SIGQUIT: no shutdown checkpoint) and waits until it is gone;
// postgres_restart starts it again on the same data and waits until it answers.
void postgres_crash(void);
void postgres_restart(void);
