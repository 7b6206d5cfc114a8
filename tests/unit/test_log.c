// The log: numbers without a gap whatever happens to a batch, events found again from every position, partitions that
// are made in time and never dropped while somebody needs them, and a service that cannot destroy what it wrote.
#include "tests/unit/stream_fixture.h"
#include "tests/unit/unit.h"

#include "common/stream/record.h"
#include "common/stream/segment_cache.h"
#include "wangge/v1/common.pb-c.h"
#include "wangge/v1/stream.pb-c.h"

#include <stdlib.h>

static struct stream_fixture f;

static struct wg_segment_cache *cache;

static int set_up(void **state) {
  (void)state;
  stream_fixture_open(&f, 100);
  cache = wg_segment_cache_create(2000); // a few segments: most are loaded again and again
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  stream_fixture_close(&f);
  wg_segment_cache_destroy(cache);
  return 0;
}

static void read_from(struct wg_read *read, const char *stream, const char *topic, uint64_t after, size_t max_bytes) {
  struct wg_error error = {0};
  *read = (struct wg_read){.stream = stream, .topic = topic, .cache = cache, .after = after, .max_bytes = max_bytes};
  if (wg_log_read(f.reader, read, &error)) fail_msg("read: %s", error.message);
}

// events unpacks what was read and checks that its numbers are those it claims, without a gap.
static size_t events(const struct wg_read *read, uint64_t *last_order) {
  Wangge__V1__EventBatch *batch = wangge__v1__event_batch__unpack(NULL, read->batch.size, read->batch.data);
  assert_non_null(batch);
  const size_t count = batch->n_events;
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__Event *event = batch->events[i];
    assert_int_equal(read->topic ? event->topic_seq : event->seq, read->first + i);
    if (read->topic) assert_string_equal(event->topic, read->topic);
    Wangge__V1__Order *order = wangge__v1__order__unpack(NULL, event->payload.len, event->payload.data);
    assert_non_null(order);
    if (last_order) *last_order = (uint64_t)order->order_id;
    wangge__v1__order__free_unpacked(order, NULL);
  }
  if (count) assert_int_equal(read->last, read->first + count - 1);
  wangge__v1__event_batch__free_unpacked(batch, NULL);
  return count;
}

static void an_event_is_packed_as_protobuf_packs_it(void **state) {
  (void)state;
  static const int64_t ids[] = {0, 1, 127, 128, 16383, 16384, INT64_MAX};
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
    order.order_id = ids[i]; // 0: an empty payload
    wg_log_append(f.log, LETTERS, i % 2 ? "water" : "", &order.base, i % 3 ? "00-aa-bb-01" : NULL);
  }
  stream_commit(&f, NULL, NULL);
  struct wg_read read;
  read_from(&read, LETTERS, NULL, 0, 1 << 20);
  Wangge__V1__EventBatch *batch = wangge__v1__event_batch__unpack(NULL, read.batch.size, read.batch.data);
  assert_non_null(batch);
  assert_int_equal(wangge__v1__event_batch__get_packed_size(batch), read.batch.size);
  uint8_t *again = malloc(read.batch.size);
  wangge__v1__event_batch__pack(batch, again);
  assert_memory_equal(again, read.batch.data, read.batch.size);
  assert_string_equal(batch->events[1]->type, "wangge.v1.Order");
  assert_string_equal(batch->events[1]->topic, "water");
  assert_int_equal(batch->events[3]->topic_seq, 2);
  assert_string_equal(batch->events[1]->traceparent, "00-aa-bb-01");
  struct wg_bytes rest = {read.batch.data, read.batch.size}, record;
  bool broken = false;
  for (size_t i = 0; i < batch->n_events; i++) {
    assert_true(wg_record_next(&rest, &record, &broken));
    assert_int_equal(wg_event_seq(wg_record_event(record)), batch->events[i]->seq);
  }
  free(again);
  wangge__v1__event_batch__free_unpacked(batch, NULL);
  wg_buffer_free(&read.batch);
}

// What does not begin with its number says so; nothing is read behind its end.
static void numbers_of_broken_events_are_not_guessed(void **state) {
  (void)state;
  static const uint8_t large[] = {0x08, 0xff, 0xff, 0xff, 0xff, 0x0f};
  assert_int_equal(wg_event_seq((struct wg_bytes){large, sizeof large}), UINT32_MAX);
  for (size_t cut = 0; cut < sizeof large; cut++)
    assert_int_equal(wg_event_seq((struct wg_bytes){large, cut}), 0);
  assert_int_equal(wg_event_seq((struct wg_bytes){(const uint8_t *)"\x12\x01x", 3}), 0);
}

static void numbers_have_no_gap_over_rollbacks_and_reloads(void **state) {
  (void)state;
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 3; i++)
      stream_append(&f, LETTERS, "water", i, "given up");
    wg_log_rolled_back(f.log);
    wg_log_begin(f.log, 1000 + round);
    assert_int_equal(stream_append(&f, LETTERS, "water", 1, "kept"), 2 * round + 1);
    assert_int_equal(stream_append(&f, LETTERS, "housing", 2, "kept"), 2 * round + 2);
    stream_commit(&f, NULL, NULL);
    struct wg_error error = {0};
    struct wg_log *fresh = wg_log_create(STREAM_SPECS, 2);
    struct wg_db *db = stream_fixture_connect(false);
    if (wg_log_load(fresh, db, &error)) fail_msg("%s", error.message);
    assert_int_equal(wg_log_head(fresh, LETTERS), 2 * round + 2);
    assert_int_equal(wg_log_next(fresh, LETTERS), 2 * round + 3);
    assert_int_equal(wg_log_topic_head(fresh, LETTERS, "water"), round + 1);
    assert_int_equal(wg_log_topic_head(fresh, LETTERS, "housing"), round + 1);
    wg_log_destroy(fresh);
    wg_db_close(db);
  }
  assert_int_equal(wg_log_head(f.log, PLAIN), 0);
}

static void every_position_of_stream_and_topic_goes_on_without_a_gap(void **state) {
  (void)state;
  static const char *const topics[] = {"water", "", "housing", "water", "roads"};
  char big[3000];
  memset(big, 'x', sizeof big - 1);
  big[sizeof big - 1] = 0;
  for (int i = 0; i < 60; i++) {
    stream_append(&f, LETTERS, topics[i % 5], i + 1, i % 7 ? "small" : big);
    if (i % 4 == 3) stream_commit(&f, NULL, NULL); // topics lie unevenly in segments
  }
  static const struct {
    const char *topic;
    uint64_t head;
  } cases[] = {{NULL, 60}, {"water", 24}, {"housing", 12}, {"roads", 12}, {"nobody", 0}};
  static const size_t sizes[] = {1, 700, 1 << 20};
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    for (size_t s = 0; s < 3; s++) {
      for (uint64_t after = 0; after <= cases[c].head; after++) {
        struct wg_read read;
        read_from(&read, LETTERS, cases[c].topic, after, sizes[s]);
        if (after == cases[c].head) {
          assert_int_equal(read.last, 0);
        } else {
          assert_int_equal(read.first, after + 1);
          assert_true(events(&read, NULL) > 0);
          if (sizes[s] == 1 << 20 && !cases[c].topic) assert_int_equal(read.last, cases[c].head);
        }
        wg_buffer_free(&read.batch);
      }
    }
  }
}

static void a_second_writer_is_noticed_and_nothing_of_the_batch_stays(void **state) {
  (void)state;
  stream_append(&f, LETTERS, "water", 1, "first");
  stream_commit(&f, NULL, NULL);
  static const char *const meddle[] = {"UPDATE post.head SET seq = seq + 1 WHERE topic = ''",
                                       "UPDATE post.head SET seq = seq - 2 WHERE topic = ''"};
  for (size_t i = 0; i < 2; i++) {
    struct wg_error error = {0};
    postgres_execute(meddle[i]);
    stream_append(&f, LETTERS, "water", 2, "second");
    assert_int_equal(stream_commit_with(&f, NULL, NULL, &error), WG_INTERNAL);
    assert_non_null(strstr(error.message, "two writers"));
    wg_log_rolled_back(f.log);
    wg_log_begin(f.log, 5);
    assert_int_equal(stream_number("SELECT count(*) FROM segment"), 1);
    assert_int_equal(stream_number("SELECT count(*) FROM topic_index"), 1);
  }
}

static void a_large_batch_becomes_several_segments_that_fit_a_message(void **state) {
  (void)state;
  char *text = malloc(1500001);
  memset(text, 'x', 1500000);
  text[1500000] = 0;
  for (int i = 0; i < 9; i++)
    stream_append(&f, LETTERS, "water", i + 1, text);
  stream_commit(&f, NULL, NULL);
  assert_int_equal(stream_number("SELECT count(*) FROM segment"), 3);
  assert_true(stream_number("SELECT max(octet_length(body)) FROM segment") < 8 << 20);
  assert_int_equal(stream_number("SELECT count(*) FROM segment WHERE pg_column_compression(body) <> 'lz4'"), 0);
  uint64_t after = 0;
  while (after < 9) {
    struct wg_read read;
    read_from(&read, LETTERS, "water", after, 1 << 20);
    assert_int_equal(read.first, after + 1);
    assert_true(read.batch.size <= 3 << 20);
    after = read.last;
    wg_buffer_free(&read.batch);
  }
  free(text);
}

static void partitions_are_there_before_the_numbers_are(void **state) {
  (void)state;
  int64_t id = 0;
  for (int batch = 0; batch < 23; batch++) {
    for (int i = 0; i < 70; i++)
      stream_append(&f, LETTERS, "water", ++id, "x");
    stream_commit(&f, NULL, NULL);
  }
  assert_int_equal(stream_number("SELECT count(DISTINCT tableoid) FROM segment"), 16);
  uint64_t after = 0, order = 0;
  while (after < 1610) {
    struct wg_read read;
    read_from(&read, LETTERS, NULL, after, 4096);
    assert_int_equal(read.first, after + 1);
    events(&read, &order);
    after = read.last;
    assert_int_equal(order, after);
    wg_buffer_free(&read.batch);
  }
}

static int retain(void) {
  struct wg_error error = {0};
  int dropped = -1;
  struct wg_db *db = stream_fixture_connect(false);
  if (wg_log_retain(db, STREAM_SPECS, 2, &dropped, &error)) fail_msg("retain: %s", error.message);
  wg_db_close(db);
  return dropped;
}

static void fill_three_partitions(void) {
  for (int batch = 0; batch < 10; batch++) { // "late" has one event, in the first partition
    for (int i = 0; i < 35; i++)
      stream_append(&f, LETTERS, batch == 1 && i == 0 ? "late" : "water", i + 1, "x");
    stream_commit(&f, NULL, NULL);
  }
}

static void retention_waits_for_every_durable_consumer(void **state) {
  (void)state;
  fill_three_partitions(); // 350 events; partitions of 100; segments of 35 cross their borders
  static const struct {
    const char *change;
    int dropped;
  } steps[] = {
      {"INSERT INTO post.consumer (stream, name, topic, acked, principal) VALUES ('post.letters','a','',0,'p')", 0},
      {"UPDATE post.consumer SET acked = 104", 0}, // the segment 71-105 begins in the first partition
      {"INSERT INTO post.consumer (stream, name, topic, acked, principal) VALUES ('post.letters','b','late',0,'p')", 0},
      {"UPDATE post.consumer SET acked = 105 WHERE name = 'a'", 0}, // b has not seen the only event of its topic
      {"UPDATE post.log_stream SET retention_days = 30", 0},
      {"UPDATE post.consumer SET acked = 1 WHERE name = 'b'", 0}, // the retention still holds it
      {"UPDATE post.segment SET at = now() - interval '31 days'", 1},
      {"UPDATE post.consumer SET acked = 350 WHERE name = 'a'", 2}, // b's topic has nothing in the others
      {"DELETE FROM post.consumer", 0},                             // the newest partition is never dropped
  };
  postgres_execute("UPDATE post.segment SET at = now()"); // the tests' clock begins in 1970
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    postgres_execute(steps[i].change);
    const int dropped = retain();
    if (dropped != steps[i].dropped)
      fail_msg("%s: %d dropped instead of %d", steps[i].change, dropped, steps[i].dropped);
  }
  struct wg_error error = {0};
  struct wg_find find = {.stream = LETTERS};
  assert_int_equal(wg_log_find(f.reader, &find, &error), WG_OK);
  assert_int_equal(find.earliest, 316); // the first segment that begins behind 300
  assert_int_equal(find.head, 350);
  struct wg_read read;
  read_from(&read, LETTERS, NULL, 100, 1 << 20);
  assert_int_equal(read.first, 316); // what is gone is not passed off as the next event
  wg_buffer_free(&read.batch);
  stream_append(&f, LETTERS, "water", 1, "life goes on");
  stream_commit(&f, NULL, NULL);
  // A new writer, and readers, know how far a topic has come of which no row is left.
  struct wg_log *fresh = wg_log_create(STREAM_SPECS, 2);
  struct wg_db *db = stream_fixture_connect(false);
  assert_int_equal(wg_log_load(fresh, db, &error), WG_OK);
  assert_int_equal(wg_log_topic_head(fresh, LETTERS, "late"), 1);
  assert_int_equal(wg_log_topic_head(fresh, LETTERS, "water"), 350);
  assert_int_equal(wg_log_head(fresh, LETTERS), 351);
  wg_db_close(db);
  wg_log_destroy(fresh);
  find = (struct wg_find){.stream = LETTERS, .topic = "late"};
  assert_int_equal(wg_log_find(f.reader, &find, &error), WG_OK);
  assert_int_equal(find.head, 1);
}

static void the_service_cannot_destroy_what_it_wrote(void **state) {
  (void)state;
  fill_three_partitions();
  static const char *const attempts[] = {
      "DELETE FROM segment",
      "TRUNCATE segment",
      "UPDATE segment SET n = n",
      "DROP TABLE segment",
      "DELETE FROM segment_post_letters_1",
      "SELECT count(*) FROM segment_post_letters_1",
      "DROP TABLE segment_post_letters_1",
      "ALTER TABLE segment_post_letters DETACH PARTITION segment_post_letters_1",
      "DELETE FROM topic_index",
      "TRUNCATE topic_index",
      "DELETE FROM head",
      "TRUNCATE head",
      "DELETE FROM parked",
      "UPDATE log_stream SET retention_days = 0",
      "DELETE FROM log_partition",
      "INSERT INTO log_partition VALUES ('post.letters', 1, 2)",
      "CREATE TABLE mine (id int)",
  };
  for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
    if (stream_try(attempts[i]) == WG_OK) fail_msg("the service may: %s", attempts[i]);
  }
  postgres_execute(
      "INSERT INTO post.consumer (stream, name, topic, acked, principal) VALUES ('post.letters','a','',0,'p')");
  assert_int_equal(
      stream_try("CREATE TEMP TABLE consumer (stream text, name text, topic text, acked bigint); "
                 "DO $$ BEGIN IF log_partitions_drop('post.letters') > 0 THEN RAISE 'dropped'; END IF; END $$"),
      WG_OK);
  // What it declares may lengthen the retention and never shorten it.
  assert_int_equal(stream_try("SELECT log_partitions_make('post.letters', 40)"), WG_OK);
  assert_int_equal(stream_try("SELECT log_partitions_make('post.letters', 0)"), WG_OK);
  assert_int_equal(stream_number("SELECT retention_days FROM log_stream WHERE name = 'post.letters'"), 40);
  assert_int_not_equal(stream_try("SELECT log_partitions_make('x; DROP TABLE head', 0)"), WG_OK);
  assert_int_equal(stream_number("SELECT count(*) FROM segment"), 10);
}

static void a_start_in_time_is_the_first_event_committed_then(void **state) {
  (void)state;
  for (int batch = 0; batch < 6; batch++) { // committed at 1 µs, then each a second later
    stream_append(&f, LETTERS, batch % 2 ? "water" : "housing", batch, "x");
    stream_append(&f, LETTERS, "roads", batch, "x");
    stream_commit(&f, NULL, NULL);
  }
  static const struct {
    const char *topic;
    int64_t at;
    uint64_t after, earliest, head;
  } cases[] = {
      {NULL, 0, 0, 1, 12},         {NULL, 1, 0, 1, 12},          {NULL, 2, 2, 1, 12},
      {NULL, 1000001, 2, 1, 12},   {NULL, 1000002, 4, 1, 12},    {NULL, 5000001, 10, 1, 12},
      {NULL, 6000000, 12, 1, 12},  {"water", 0, 0, 1, 3},        {"water", 1000001, 0, 1, 3},
      {"water", 1000002, 1, 1, 3}, {"water", 5000001, 2, 1, 3},  {"water", 5000002, 3, 1, 3},
      {"nobody", 0, 0, 0, 0},      {"nobody", 3000000, 0, 0, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct wg_error error = {0};
    struct wg_find find = {.stream = LETTERS, .topic = cases[i].topic, .at = cases[i].at};
    assert_int_equal(wg_log_find(f.reader, &find, &error), WG_OK);
    if (find.after != cases[i].after || find.earliest != cases[i].earliest || find.head != cases[i].head)
      fail_msg("case %zu: after %d earliest %d head %d", i, (int)find.after, (int)find.earliest, (int)find.head);
  }
}

static void drop(void *context, struct wg_segment *segment) {
  (void)context;
  assert_int_equal(segment->references, 1);
}

static void a_clock_set_back_does_not_turn_time_around(void **state) {
  (void)state;
  wg_log_rolled_back(f.log);
  static const int64_t clock[] = {5000, 4000, 6000, 1};
  for (size_t i = 0; i < 4; i++) {
    wg_log_begin(f.log, clock[i]);
    stream_append(&f, LETTERS, "water", 1, "x");
    struct wg_error error = {0};
    assert_int_equal(stream_commit_with(&f, NULL, NULL, &error), WG_OK);
    wg_log_committed(f.log, drop, NULL);
  }
  assert_int_equal(stream_number("SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY first_seq) AS before FROM "
                                 "segment) s WHERE at < before"),
                   0);
}

static void a_broken_segment_is_data_loss_and_no_crash(void **state) {
  (void)state;
  stream_append(&f, LETTERS, "water", 1, "one");
  stream_append(&f, LETTERS, "water", 2, "two");
  stream_commit(&f, NULL, NULL);
  static const char *const bodies[] = {"''",        "'\\x0a'",
                                       "'\\x0aff'", "'\\x0affffffffffffffffff01'",
                                       "'\\x1200'", "substr(body, 1, octet_length(body) - 1)"};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    char sql[200];
    snprintf(sql, sizeof sql, "UPDATE post.segment SET body = %s", bodies[i]);
    postgres_execute(sql);
    wg_segment_cache_destroy(cache); // what was read whole stays right in memory: begin without it
    cache = wg_segment_cache_create(2000);
    for (int topic = 0; topic < 2; topic++) {
      struct wg_error error = {0};
      struct wg_read read = {
          .cache = cache, .stream = LETTERS, .topic = topic ? "water" : NULL, .after = 1, .max_bytes = 1000};
      assert_int_equal(wg_log_read(f.reader, &read, &error), WG_DATA_LOSS);
      wg_buffer_free(&read.batch);
    }
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(an_event_is_packed_as_protobuf_packs_it),
      TEST(numbers_of_broken_events_are_not_guessed),
      TEST(numbers_have_no_gap_over_rollbacks_and_reloads),
      TEST(every_position_of_stream_and_topic_goes_on_without_a_gap),
      TEST(a_second_writer_is_noticed_and_nothing_of_the_batch_stays),
      TEST(a_large_batch_becomes_several_segments_that_fit_a_message),
      TEST(partitions_are_there_before_the_numbers_are),
      TEST(retention_waits_for_every_durable_consumer),
      TEST(the_service_cannot_destroy_what_it_wrote),
      TEST(a_start_in_time_is_the_first_event_committed_then),
      TEST(a_clock_set_back_does_not_turn_time_around),
      TEST(a_broken_segment_is_data_loss_and_no_crash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
