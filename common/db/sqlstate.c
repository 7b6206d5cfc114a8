// SQLSTATE → status, and what of the server's words may be passed on.
//
// Classes: https://www.postgresql.org/docs/15/errcodes-appendix.html
// The server's DETAIL line quotes values of rows ("Key (phone)=(…) already exists"), so it never leaves this file, and
// neither does the message of class 22 (data exceptions), which quotes the value itself.

#include "common/db/internal.h"

static bool of_class(const char *sqlstate, const char *prefix) {
  return strncmp(sqlstate, prefix, strlen(prefix)) == 0;
}

// True where the server or the session is the trouble and not what was asked: another attempt on a new connection can
// succeed. Full disks and exhausted memory belong here: no order is to blame for them.
static bool means_lost(const char *sqlstate) {
  if (strcmp(sqlstate, "08P01") == 0) return false; // protocol violation: parameters of the wrong shape, our fault
  return of_class(sqlstate, "08") || of_class(sqlstate, "53") || of_class(sqlstate, "57P") ||
         of_class(sqlstate, "58") || strcmp(sqlstate, "25P03") == 0; // idle in transaction: session ended
}

wg_status wg_sqlstate_status(const char *sqlstate, bool *lost) {
  *lost = !sqlstate || !*sqlstate || means_lost(sqlstate);
  if (*lost) return WG_UNAVAILABLE;
  if (strcmp(sqlstate, "57014") == 0) return WG_DEADLINE_EXCEEDED; // query_canceled: statement_timeout
  if (strcmp(sqlstate, "23505") == 0) return WG_ALREADY_EXISTS;
  if (of_class(sqlstate, "23")) return WG_FAILED_PRECONDITION;
  if (of_class(sqlstate, "40")) return WG_ABORTED;
  if (strcmp(sqlstate, "55P03") == 0) return WG_ABORTED; // lock_not_available: lock_timeout
  return WG_INTERNAL;
}

// libpq's own messages end with a line feed and may have several lines.
static void one_line(const char *text, char *out, size_t size) {
  size_t length = 0;
  for (; *text && length + 1 < size; text++) {
    bool space = *text == '\n' || *text == '\t' || *text == '\r' || *text == ' ';
    if (space && (length == 0 || out[length - 1] == ' ')) continue;
    out[length++] = space ? ' ' : *text;
  }
  while (length > 0 && out[length - 1] == ' ')
    length--;
  out[length] = 0;
}

wg_status wg_db_fail_lost(struct wg_db *db, const char *doing, struct wg_error *error) {
  char reason[300];
  one_line(PQerrorMessage(db->connection), reason, sizeof reason);
  db->lost = true;
  return wg_fail(error, WG_UNAVAILABLE, NULL, "database connection lost (%s): %s", doing,
                 *reason ? reason : "closed by the server");
}

static wg_status fail_with(struct wg_db *db, const PGresult *result, const char *name, struct wg_error *error) {
  const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (!sqlstate) return wg_db_fail_lost(db, name, error);
  bool lost;
  wg_status status = wg_sqlstate_status(sqlstate, &lost);
  if (lost) db->lost = true;

  const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
  if (constraint)
    return wg_fail(error, status, NULL, "statement %s violates constraint %s (SQLSTATE %s)", name, constraint,
                   sqlstate);
  const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (of_class(sqlstate, "22") || !primary) primary = "a value does not fit";
  char reason[300];
  one_line(primary, reason, sizeof reason);
  return wg_fail(error, status, NULL, "statement %s: %s (SQLSTATE %s)", name, reason, sqlstate);
}

wg_status wg_db_check(struct wg_db *db, const PGresult *result, const char *name, const char *sql,
                      struct wg_error *error) {
  switch (PQresultStatus(result)) {
  case PGRES_TUPLES_OK:
  case PGRES_EMPTY_QUERY:
    return WG_OK;
  case PGRES_COMMAND_OK:
    // COMMIT in a transaction that has failed is answered "ROLLBACK" and no error.
    if (strncasecmp(sql, "COMMIT", 6) == 0 && strcmp(PQcmdStatus((PGresult *)(uintptr_t)result), "COMMIT") != 0)
      return wg_fail(error, WG_ABORTED, NULL, "statement %s: the transaction had failed and was rolled back", name);
    return WG_OK;
  case PGRES_COPY_IN:
  case PGRES_COPY_OUT:
  case PGRES_COPY_BOTH:
    db->lost = true; // the session waits for a copy that never comes
    return wg_fail(error, WG_INTERNAL, NULL, "statement %s: COPY is not possible here", name);
  default:
    return fail_with(db, result, name, error);
  }
}
