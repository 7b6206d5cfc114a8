// bench-rabbitmq: what a user would otherwise build. A source publishes orders with confirms into a durable quorum
// queue; three consumers, a thread each, take what has come (at most --batch), write the rows their service would write
// in one transaction, publish to the next queue, wait for its confirms and acknowledge.
//
//   source -> bench.orders -> [orders, reporter] -> bench.received -> [assignment] -> bench.dispatched -> [cases,
//   steps]
//
// It is kinder than a real one: no department has a queue, nobody looks for repeats, and no log can be read again.
// With --hop: one queue, a source with confirms and a consumer that only acknowledges.
//
//   bench-rabbitmq --port P --dsn "host=… dbname=wangge" --spread FILE --orders N --batch 500 --run R [--hop]
#include "tests/bench/rig.h"

#include "common/wire/wire.h"

#include "wangge/v1/routing.pb-c.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNEL = 1, WINDOW = 8192, MOST_BATCH = WINDOW };

static struct {
  int port;
  const char *dsn;
  const struct rig_samples *samples;
  int64_t orders, batch, run, start;
} bench;

// --- connection ---
static void check(amqp_rpc_reply_t reply, const char *doing) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
  rig_die("%s: RabbitMQ says %s", doing,
          reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ? amqp_error_string2(reply.library_error) : "no");
}

static amqp_connection_state_t connect_to_node(void) {
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(connection);
  if (!socket || amqp_socket_open(socket, "127.0.0.1", bench.port)) rig_die("no RabbitMQ at port %d", bench.port);
  check(amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "login");
  amqp_channel_open(connection, CHANNEL);
  check(amqp_get_rpc_reply(connection), "open a channel");
  return connection;
}

static void disconnect(amqp_connection_state_t connection) {
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
}

static void fresh_queue(const char *name) {
  amqp_connection_state_t connection = connect_to_node();
  amqp_queue_delete(connection, CHANNEL, amqp_cstring_bytes(name), 0, 0);
  check(amqp_get_rpc_reply(connection), "delete a queue");
  amqp_table_entry_t type = {.key = amqp_cstring_bytes("x-queue-type"),
                             .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("quorum")}};
  amqp_queue_declare(connection, CHANNEL, amqp_cstring_bytes(name), 0, 1, 0, 0, (amqp_table_t){1, &type});
  check(amqp_get_rpc_reply(connection), "declare a queue");
  disconnect(connection);
}

// --- publisher ---
struct publisher {
  amqp_connection_state_t connection;
  const char *queue;
  uint64_t next, lowest; // next tag to give; lowest tag that is not confirmed
  bool confirmed[2 * WINDOW];
};

static struct publisher *publisher_open(const char *queue) {
  struct publisher *publisher = wg_zalloc(sizeof *publisher);
  *publisher = (struct publisher){.connection = connect_to_node(), .queue = queue, .next = 1, .lowest = 1};
  amqp_confirm_select(publisher->connection, CHANNEL);
  check(amqp_get_rpc_reply(publisher->connection), "ask for confirms");
  return publisher;
}

static void on_confirm(struct publisher *publisher, const amqp_basic_ack_t *ack) {
  for (uint64_t tag = ack->multiple ? publisher->lowest : ack->delivery_tag; tag <= ack->delivery_tag; tag++)
    publisher->confirmed[tag % (2 * WINDOW)] = true;
  while (publisher->lowest < publisher->next && publisher->confirmed[publisher->lowest % (2 * WINDOW)])
    publisher->confirmed[publisher->lowest++ % (2 * WINDOW)] = false;
}

// wait_confirms reads what has come, and waits until at most `most` messages are unconfirmed.
static void wait_confirms(struct publisher *publisher, uint64_t most) {
  for (;;) {
    const bool wait = publisher->next - publisher->lowest > most;
    struct timeval limit = {wait ? 60 : 0, 0};
    amqp_frame_t frame;
    const int status = amqp_simple_wait_frame_noblock(publisher->connection, &frame, &limit);
    if (status == AMQP_STATUS_TIMEOUT && !wait) break;
    if (status != AMQP_STATUS_OK) rig_die("%s: no confirms: %s", publisher->queue, amqp_error_string2(status));
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
      rig_die("%s: a message was refused", publisher->queue);
    on_confirm(publisher, frame.payload.method.decoded);
  }
  amqp_maybe_release_buffers(publisher->connection);
}

static void publish(struct publisher *publisher, struct wg_bytes body) {
  const amqp_basic_properties_t persistent = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
  const int status =
      amqp_basic_publish(publisher->connection, CHANNEL, amqp_empty_bytes, amqp_cstring_bytes(publisher->queue), 0, 0,
                         &persistent, (amqp_bytes_t){body.size, (void *)(uintptr_t)body.data});
  if (status != AMQP_STATUS_OK) rig_die("%s: publish: %s", publisher->queue, amqp_error_string2(status));
  publisher->next++;
}

static void publisher_close(struct publisher *publisher) {
  disconnect(publisher->connection);
  free(publisher);
}

// --- source ---
static void *source(void *queue) {
  struct publisher *publisher = publisher_open(queue);
  struct wg_arena *arena = wg_arena_create(1 << 16);
  for (int64_t n = 0; n < bench.orders; n++) {
    Wangge__V1__NewOrder order = rig_sample(bench.samples, n)->order;
    char external_id[32];
    rig_external_id(external_id, bench.run, n);
    order.external_id = external_id;
    wg_arena_reset(arena);
    publish(publisher, wg_pack(&order.base, arena));
    if (n % 64 == 0) wait_confirms(publisher, WINDOW - 64);
  }
  wait_confirms(publisher, 0);
  double *seconds = wg_alloc(sizeof *seconds);
  *seconds = (double)(wg_monotonic_us() - bench.start) / 1e6;
  wg_arena_destroy(arena);
  publisher_close(publisher);
  return seconds;
}

// --- consumers ---
struct consumer {
  amqp_connection_state_t connection;
  const char *queue;
  uint64_t tag; // of the newest delivery
};

static void consumer_open(struct consumer *consumer, const char *queue) {
  *consumer = (struct consumer){.connection = connect_to_node(), .queue = queue};
  amqp_basic_qos(consumer->connection, CHANNEL, 0, (uint16_t)(2 * bench.batch), 0);
  check(amqp_get_rpc_reply(consumer->connection), "set the prefetch");
  amqp_basic_consume(consumer->connection, CHANNEL, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0,
                     amqp_empty_table);
  check(amqp_get_rpc_reply(consumer->connection), "consume");
}

// take gives the next message, copied into the arena; waits for it with `wait`. false: nothing is there.
static bool take(struct consumer *consumer, bool wait, struct wg_arena *arena, struct wg_bytes *body) {
  amqp_envelope_t envelope;
  struct timeval limit = {wait ? 60 : 0, 0};
  const amqp_rpc_reply_t reply = amqp_consume_message(consumer->connection, &envelope, &limit, 0);
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT && !wait)
    return false;
  check(reply, consumer->queue);
  const amqp_bytes_t bytes = envelope.message.body;
  uint8_t *copy = wg_arena_alloc(arena, bytes.len);
  memcpy(copy, bytes.bytes, bytes.len);
  *body = (struct wg_bytes){copy, bytes.len};
  consumer->tag = envelope.delivery_tag;
  amqp_destroy_envelope(&envelope);
  return true;
}

static size_t take_batch(struct consumer *consumer, struct wg_arena *arena, struct wg_bytes *bodies) {
  size_t count = 0;
  amqp_maybe_release_buffers(consumer->connection);
  while (count < (size_t)bench.batch && take(consumer, count == 0, arena, &bodies[count]))
    count++;
  return count;
}

static void acknowledge(struct consumer *consumer) {
  const int status = amqp_basic_ack(consumer->connection, CHANNEL, consumer->tag, 1);
  if (status != AMQP_STATUS_OK) rig_die("%s: ack: %s", consumer->queue, amqp_error_string2(status));
}

static void *unpack(const ProtobufCMessageDescriptor *type, struct wg_bytes body, struct wg_arena *arena) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  rig_must(wg_unpack(type, body, arena, &message, &error), "unpack", &error);
  return message;
}

static const struct rig_sample *sample_of(const char *external_id) {
  return rig_sample(bench.samples, strtoll(external_id + 8, NULL, 10));
}

// receive makes an order of what the source sent, as intake does.
static struct wg_bytes receive(struct wg_bytes body, int64_t order_id, struct wg_arena *arena,
                               const char **external_id) {
  const Wangge__V1__NewOrder *from = unpack(&wangge__v1__new_order__descriptor, body, arena);
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = order_id;
  order.district = from->district;
  order.source = (char *)(uintptr_t) "hotline-12345";
  order.external_id = from->external_id;
  order.channel = from->channel;
  order.kind = from->kind;
  order.urgency = from->urgency;
  order.category = from->category;
  order.title = from->title;
  order.text = from->text;
  order.address = from->address;
  order.position = from->position;
  order.occurred_at = from->occurred_at;
  order.received_at = wg_now_us();
  order.has_reporter = from->reporter != NULL;
  Wangge__V1__OrderReceived received = WANGGE__V1__ORDER_RECEIVED__INIT;
  received.order = &order;
  *external_id = from->external_id;
  return wg_pack(&received.base, arena);
}

// dispatch adds the assignment, as routing does.
static struct wg_bytes dispatch(struct wg_bytes body, int64_t order_id, struct wg_arena *arena,
                                const char **external_id) {
  const Wangge__V1__OrderReceived *received = unpack(&wangge__v1__order_received__descriptor, body, arena);
  const struct rig_sample *sample = sample_of(received->order->external_id);
  Wangge__V1__Assignment assignment = WANGGE__V1__ASSIGNMENT__INIT;
  assignment.order_id = order_id;
  assignment.district = received->order->district;
  assignment.source = received->order->source;
  assignment.state = WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_DISPATCHED;
  assignment.department = (char *)(uintptr_t)bench.samples->departments[sample->department];
  assignment.rule_id = (char *)(uintptr_t) "R0000";
  assignment.rule_version = (char *)(uintptr_t) "0123456789abcdef";
  assignment.evidence = (char *)(uintptr_t)sample->evidence;
  assignment.decided_by = (char *)(uintptr_t) "rule";
  assignment.hops = 1;
  assignment.decided_at = wg_now_us();
  assignment.category = received->order->category;
  Wangge__V1__OrderDispatched dispatched = WANGGE__V1__ORDER_DISPATCHED__INIT;
  dispatched.order = received->order;
  dispatched.assignment = &assignment;
  *external_id = received->order->external_id;
  return wg_pack(&dispatched.base, arena);
}

static struct wg_bytes track(struct wg_bytes body, struct wg_arena *arena, const char **external_id) {
  const Wangge__V1__OrderDispatched *dispatched = unpack(&wangge__v1__order_dispatched__descriptor, body, arena);
  *external_id = dispatched->order->external_id;
  return (struct wg_bytes){NULL, 0};
}

struct link {
  enum rig_stage stage;
  const char *from, *to; // to NULL: the last
};
static const struct link LINKS[RIG_STAGES] = {{RIG_INTAKE, "bench.orders", "bench.received"},
                                              {RIG_ROUTING, "bench.received", "bench.dispatched"},
                                              {RIG_TRACKING, "bench.dispatched", NULL}};

// digest reads one message into a row and gives what is published of it.
static struct wg_bytes digest(enum rig_stage stage, struct wg_bytes body, int64_t order_id, struct wg_arena *arena,
                              struct rig_row *row) {
  const char *external_id = "";
  const struct wg_bytes out = stage == RIG_INTAKE    ? receive(body, order_id, arena, &external_id)
                              : stage == RIG_ROUTING ? dispatch(body, order_id, arena, &external_id)
                                                     : track(body, arena, &external_id);
  row->order_id = order_id;
  row->sample = sample_of(external_id);
  snprintf(row->external_id, sizeof row->external_id, "%s", external_id);
  return out;
}

static void *consume(void *argument) {
  const struct link *link = argument;
  int64_t next = 1;
  struct rig_writer *writer = rig_writer_open(bench.dsn, link->stage, false, bench.samples, &next);
  struct publisher *publisher = link->to ? publisher_open(link->to) : NULL;
  struct consumer consumer;
  consumer_open(&consumer, link->from);
  struct wg_arena *arena = wg_arena_create(1 << 20);
  struct rig_row *rows = wg_zalloc(sizeof *rows * (size_t)bench.batch);
  struct wg_bytes *bodies = wg_zalloc(sizeof *bodies * (size_t)bench.batch);
  for (int64_t done = 0; done < bench.orders;) {
    wg_arena_reset(arena);
    const size_t count = take_batch(&consumer, arena, bodies);
    for (size_t i = 0; i < count; i++)
      bodies[i] = digest(link->stage, bodies[i], next++, arena, &rows[i]);
    rig_writer_write(writer, rows, count);
    for (size_t i = 0; i < count && publisher; i++)
      publish(publisher, bodies[i]);
    if (publisher) wait_confirms(publisher, 0);
    acknowledge(&consumer);
    done += (int64_t)count;
  }
  free(rows);
  free(bodies);
  wg_arena_destroy(arena);
  rig_writer_close(writer);
  if (publisher) publisher_close(publisher);
  disconnect(consumer.connection);
  return NULL;
}

static void *swallow(void *queue) {
  struct consumer consumer;
  consumer_open(&consumer, queue);
  struct wg_arena *arena = wg_arena_create(1 << 20);
  struct wg_bytes *bodies = wg_zalloc(sizeof *bodies * (size_t)bench.batch);
  for (int64_t done = 0; done < bench.orders;) {
    wg_arena_reset(arena);
    done += (int64_t)take_batch(&consumer, arena, bodies);
    acknowledge(&consumer);
  }
  free(bodies);
  wg_arena_destroy(arena);
  disconnect(consumer.connection);
  return NULL;
}

static pthread_t begin(void *(*work)(void *), const void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, work, (void *)(uintptr_t)argument)) rig_die("no thread");
  return thread;
}

int main(int argc, char **argv) {
  const bool hop = rig_flag(argc, argv, "--hop");
  bench.port = (int)rig_number(argc, argv, "--port", 5672);
  bench.dsn = hop ? "" : rig_text(argc, argv, "--dsn", NULL);
  bench.samples = rig_samples(rig_text(argc, argv, "--spread", NULL));
  bench.orders = rig_number(argc, argv, "--orders", 100000);
  bench.batch = rig_number(argc, argv, "--batch", 500);
  bench.run = rig_number(argc, argv, "--run", 1);
  if (bench.batch < 1 || bench.batch > MOST_BATCH) rig_die("--batch must be 1 to %d", MOST_BATCH);
  const int consumers = hop ? 1 : RIG_STAGES;
  for (int i = 0; i < consumers; i++)
    fresh_queue(hop ? "bench.hop" : LINKS[i].from);
  bench.start = wg_monotonic_us();
  pthread_t threads[RIG_STAGES];
  for (int i = 0; i < consumers; i++)
    threads[i] = hop ? begin(swallow, "bench.hop") : begin(consume, &LINKS[i]);
  const pthread_t pushing = begin(source, hop ? "bench.hop" : LINKS[0].from);
  void *confirmed;
  pthread_join(pushing, &confirmed);
  for (int i = 0; i < consumers; i++)
    pthread_join(threads[i], NULL);
  printf("{\"orders\": %lld, \"confirmed_seconds\": %.6f, \"seconds\": %.6f}\n", (long long)bench.orders,
         *(double *)confirmed, (double)(wg_monotonic_us() - bench.start) / 1e6);
  free(confirmed);
  return 0;
}
