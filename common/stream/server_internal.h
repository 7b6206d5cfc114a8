// Inside of the stream server.
//
//   server.c     opening, acknowledging, closing; leases and rights
//   feed.c       what a subscription gets next: from memory, else by a reader
//   consumer.c   durable consumers and dead letters: what is kept of them, and how it comes into the database
//   status.c     what operators see
#pragma once

#include "common/stream/segment_cache.h"
#include "common/stream/server.h"

// Newest segments of one stream in memory; a ring in order of numbers.
struct wg_ring {
  struct wg_segment **segments;
  size_t capacity, start, count; // capacity is a power of two
  size_t bytes, bytes_most;
};

// Counts of the last ten seconds.
struct wg_rate {
  uint64_t total;
  uint64_t samples[11]; // `total` once a second
  unsigned at, filled;
};

// A dead letter on its way into the database, or a change of one.
struct wg_parking {
  struct wg_parking *next;
  uint64_t number;
  char *reason;
  struct wg_bytes event; // packed Event; malloc'ed
  enum { WG_PARK_NEW, WG_PARK_AGAIN, WG_PARK_DIGESTED } kind;
  int64_t parked_id; // AGAIN, DIGESTED
  bool ready;        // NEW: the event has been found
  bool storing;      // in the batch under way
};

// A dead letter to be delivered again.
struct wg_letter {
  struct wg_letter *next;
  int64_t parked_id;
  uint64_t number;
  struct wg_bytes event; // malloc'ed
  bool sent, decided;
};

// A durable consumer: a row of table consumer.
struct wg_durable {
  struct wg_durable *next;
  size_t stream;      // index
  char *name, *topic; // topic "": the whole stream
  char principal[65];
  uint64_t acked, stored; // in memory; in the database
  bool row;               // stands in the database
  bool begun;             // `acked` has been decided: by its row or by its first opening
  bool storing;
  uint64_t storing_value;
  int64_t acked_at;
  struct wg_subscription *subscription; // NULL: not connected
  struct wg_parking *parkings;
  struct wg_letter *letters;
  bool letters_wanted, letters_reading;
  uint64_t parked;   // waiting in the database, as far as known
  int64_t oldest_at; // commit time of the oldest event not acknowledged when last looked up; 0: unknown
  struct wg_rate out;
  struct wg_metric *lag_metric, *connected_metric, *parked_metric;
};

// A Data message sent and not acknowledged.
struct wg_flight {
  uint64_t last;
  size_t bytes;
};

struct wg_subscription {
  struct wg_subscription *next, *bucket_next;
  struct wg_peer peer;
  uint64_t id;
  char user[65];
  size_t stream; // index
  char *topic;   // NULL: the whole stream
  uint32_t topic_id;
  struct wg_durable *durable; // NULL: not durable
  uint32_t credit;
  int64_t lease_us;
  uint64_t sent, acked;      // numbers as the consumer counts
  uint64_t scanned;          // topic: number of the stream up to which memory was looked through; 0: unknown
  size_t in_flight;          // bytes
  struct wg_flight *flights; // ring
  size_t flights_capacity, flights_start, flights_count;
  uint64_t *parked; // parked behind `acked`, ascending
  size_t parked_count, parked_capacity;
  int64_t alive_at; // of the lease; monotonic, as probed_at is
  int64_t probed_at;
  bool opened;      // Opened has been sent
  bool reading;     // a reader works for it, or it waits for one
  bool closing;     // gone while a reader worked; freed when it ends
  bool blocked;     // the peer's queue is full
  bool has_pending; // a Data that found the queue full
  zmq_msg_t pending;
  uint64_t pending_first, pending_last;
  int64_t opening_now;
  Wangge__V1__Start start;
  uint64_t start_after;
  int64_t start_time;
};

enum { WG_SUBSCRIPTION_BUCKETS = 1024 };

// What only the database knows of a stream; looked up now and then.
struct wg_stream_facts {
  uint64_t earliest;
  int32_t partitions;
};

struct wg_stream_server {
  struct wg_stream_host host;
  struct wg_log *log;
  struct wg_principals *principals;
  const struct wg_stream_spec *streams;
  size_t stream_count;
  struct wg_ring *rings;         // by stream
  struct wg_segment_cache *old;  // what readers loaded for those who lag
  struct wg_rate *in;            // by stream
  uint64_t *body_bytes;          // by stream
  struct wg_stream_facts *facts; // by stream
  struct wg_durable *durables;
  struct wg_subscription *subscriptions;
  struct wg_subscription *buckets[WG_SUBSCRIPTION_BUCKETS];
  size_t subscription_count;
  size_t reads;                              // under way
  struct feed_read *waiting, **waiting_tail; // reads that wait for their turn, first come first served
  struct wg_metrics *metrics;                // where gauges are registered; NULL before
  bool facts_reading;
  int64_t facts_at;
  int64_t stored_at; // when positions were stored last
  int64_t second_at, rights_at;
  bool loaded;
};

// ring and rate (feed.c, status.c)
void wg_ring_add(struct wg_ring *ring, struct wg_segment *segment);
void wg_ring_clear(struct wg_ring *ring);
void wg_rate_sample(struct wg_rate *rate);
double wg_rate_value(const struct wg_rate *rate);

// status.c: looks up what only the database knows, every few seconds
void wg_facts_tick(struct wg_stream_server *server, int64_t now);

// server.c
void wg_subscription_end(struct wg_stream_server *server, struct wg_subscription *subscription, wg_status code,
                         const char *message);
bool wg_server_send(struct wg_stream_server *server, struct wg_subscription *subscription,
                    const Wangge__V1__Envelope *envelope);
void wg_subscription_free(struct wg_stream_server *server, struct wg_subscription *subscription);

// feed.c
void wg_feed(struct wg_stream_server *server, struct wg_subscription *subscription);
void wg_feed_begin(struct wg_stream_server *server, struct wg_subscription *subscription); // finds where it starts
void wg_feed_forget_waiting(struct wg_stream_server *server);
uint64_t wg_feed_head(const struct wg_stream_server *server, const struct wg_subscription *subscription);
// wg_feed_find gives the record of a number from memory; false: not there.
bool wg_feed_find(const struct wg_stream_server *server, const struct wg_subscription *subscription, uint64_t number,
                  struct wg_bytes *record);
enum wg_sent wg_feed_send(struct wg_stream_server *server, struct wg_subscription *subscription, uint64_t first,
                          uint64_t last, bool redriven, zmq_msg_t *body);

// consumer.c
struct wg_durable *wg_durable_of(const struct wg_stream_server *server, size_t stream, const char *name,
                                 const char *topic);
// wg_durable_count counts the durable consumers of a principal; NULL: of all.
size_t wg_durable_count(const struct wg_stream_server *server, const char *principal);
struct wg_durable *wg_durable_add(struct wg_stream_server *server, size_t stream, const char *name, const char *topic);
void wg_durable_free(struct wg_durable *durable);
void wg_durable_park(struct wg_stream_server *server, struct wg_subscription *subscription, uint64_t number,
                     const char *reason);
void wg_durable_letters(struct wg_stream_server *server, struct wg_durable *durable); // deliver, load when wanted
struct wg_letter *wg_durable_letter(struct wg_durable *durable, uint64_t number);
void wg_durable_decide(struct wg_stream_server *server, struct wg_durable *durable, struct wg_letter *letter,
                       bool digested, const char *reason);
void wg_durable_disconnected(struct wg_durable *durable);
