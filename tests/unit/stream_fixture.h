// A private log for tests of streams: schema `post` with its service's role, the writing connection in pipeline mode, a
// reader's connection, and two streams: "post.plain" without topics, "post.letters" with.
#pragma once

#include "common/stream/log.h"
#include "tests/unit/postgres.h"

struct stream_fixture {
  struct wg_log *log;
  struct wg_db *writer, *reader;
  struct wg_arena *arena;
};

extern const struct wg_stream_spec STREAM_SPECS[2];
#define PLAIN "post.plain"
#define LETTERS "post.letters"

// stream_fixture_open makes the schema anew; a partition holds `partition_events` numbers.
void stream_fixture_open(struct stream_fixture *fixture, int partition_events);
void stream_fixture_close(struct stream_fixture *fixture);
struct wg_db *stream_fixture_connect(bool read_only); // as the service's role
// stream_append adds one event whose payload is an Order with this id and text.
uint64_t stream_append(struct stream_fixture *fixture, const char *stream, const char *topic, int64_t id,
                       const char *text);
// stream_commit_with ends the batch; `store` (may be NULL) queues more into its transaction.
wg_status stream_commit_with(struct stream_fixture *fixture,
                             wg_status (*store)(void *context, struct wg_db *db, struct wg_arena *arena,
                                                struct wg_error *error),
                             void *context, struct wg_error *error);
// stream_commit ends the batch and gives the segments to `publish` (NULL: nobody). Fails the test on an error.
void stream_commit(struct stream_fixture *fixture, void (*publish)(void *, struct wg_segment *), void *context);
int64_t stream_number(const char *sql); // the one number a query of the superuser gives, in schema `post`
// The status of a statement run as the service's role.
wg_status stream_try(const char *sql);
