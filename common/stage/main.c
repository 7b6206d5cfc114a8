// main() of every service: options, settings, start in order, loop, stop in reverse order.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/db/migrate.h"
#include "common/stage/loop.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef WANGGE_SHARE
#error "WANGGE_SHARE: the folder that holds common/ and services/ with their schemas"
#endif

#define SETTING(field, type, otherwise, low, high, text)                                                               \
  { #field, type, offsetof(struct wg_stage_settings, field), otherwise, low, high, text }

static const struct wg_setting COMMON[] = {
    SETTING(listen, WG_SETTING_TEXT, NULL, 0, 0, "ZeroMQ endpoint for calls and streams, e.g. tcp://127.0.0.1:7101"),
    SETTING(http, WG_SETTING_TEXT, NULL, 0, 0, "HTTP address for metrics and health, e.g. 127.0.0.1:7201"),
    SETTING(database, WG_SETTING_TEXT, NULL, 0, 0, "libpq connection string of the service's role; no password in it"),
    SETTING(owner_database, WG_SETTING_TEXT, "", 0, 0, "connection string of the owner role; only --migrate uses it"),
    SETTING(key, WG_SETTING_PATH, NULL, 0, 0, "this service's key file, mode 0600"),
    SETTING(principals, WG_SETTING_PATH, NULL, 0, 0, "principals file: who may do what, by public key"),
    SETTING(share, WG_SETTING_PATH, WANGGE_SHARE, 0, 0, "folder that holds the schema files"),
    SETTING(log_level, WG_SETTING_TEXT, "info", 0, 0, "least level written to stderr: debug, info, warn, error"),
    SETTING(clock, WG_SETTING_PATH, "", 0, 0,
            "file with a simulated time, 8 bytes: UTC microseconds, little-endian; for tests and replays; empty: the "
            "real one"),
    SETTING(readers, WG_SETTING_INT, "2", 1, 64, "threads for reading calls, each with a connection of its own"),
    SETTING(cache_mb, WG_SETTING_INT, "8", 1, 1024,
            "events kept in memory, half the newest for live consumers, half of those that lagging ones read, MiB"),
    SETTING(gather_us, WG_SETTING_INT, "3000", 0, 100000,
            "calls that come quickly are collected for so long before they are written, microseconds; one that comes "
            "now and then never waits; 0: none does"),
};
enum { COMMON_COUNT = sizeof COMMON / sizeof *COMMON };
// Of services that are built on records; one of the two is to be set.
static const struct wg_setting REFERENCE[] = {
    SETTING(registry, WG_SETTING_TEXT, "", 0, 0, "ZeroMQ endpoint of the registry, whose records are followed; or"),
    SETTING(reference, WG_SETTING_PATH, "", 0, 0, "folder of the reference data, a file <kind>.csv for each kind"),
};
enum { REFERENCE_COUNT = sizeof REFERENCE / sizeof *REFERENCE };

// settings_table joins the common settings, where reference data come from, one endpoint for each upstream, and the
// service's own, which lie behind the common struct.
static struct wg_setting *settings_table(const struct wg_service *service) {
  size_t own = 0;
  while (service->settings && service->settings[own].key)
    own++;
  const size_t most = COMMON_COUNT + REFERENCE_COUNT + service->follow_count + own + 1;
  struct wg_setting *table = wg_zalloc(sizeof *table * most);
  memcpy(table, COMMON, sizeof COMMON);
  struct wg_setting *next = table + COMMON_COUNT;
  for (size_t i = 0; service->record_kinds && i < REFERENCE_COUNT; i++)
    *next++ = REFERENCE[i];
  for (size_t i = 0; i < service->follow_count; i++)
    *next++ = (struct wg_setting){.key = service->follows[i].service,
                                  .kind = WG_SETTING_TEXT,
                                  .offset = offsetof(struct wg_stage_settings, endpoints) + i * sizeof(char *),
                                  .fallback = service->follows[i].optional ? "" : NULL,
                                  .help = service->follows[i].optional
                                              ? "ZeroMQ endpoint of that service; empty: it is not followed"
                                              : "ZeroMQ endpoint of that service"};
  for (size_t i = 0; i < own; i++) {
    *next = service->settings[i];
    next->offset += sizeof(struct wg_stage_settings);
    next++;
  }
  return table;
}

struct options {
  const char *config;
  bool migrate, check;
};

static void usage(const struct wg_service *service, FILE *out) {
  fprintf(out,
          "Usage: wangge-%s --config FILE [--migrate | --check]\n\n"
          "  --config FILE  settings (INI); section [%s], on top of [common]\n"
          "  --migrate      bring the schema up to date as the owner role, then exit\n"
          "  --check        read settings, keys and reference data, report what is wrong, then exit:\n"
          "                 0 when the service can run as it is meant to, 1 when something has to be mended\n"
          "                 (also rules that are broken or name an unknown department)\n"
          "  --settings     list every setting with its default\n"
          "  --version, --help\n\n"
          "Signals: TERM or INT finish the batch under way and stop; HUP reads principals and reference data again.\n\n"
          "Examples:\n"
          "  wangge-%s --config /etc/wangge/wangge.ini --migrate\n"
          "  wangge-%s --config /etc/wangge/wangge.ini\n",
          service->name, service->name, service->name, service->name);
}

// parse_options gives -1 to go on, else the exit code.
static int parse_options(const struct wg_service *service, const struct wg_setting *table, int argc, char **argv,
                         struct options *options) {
  static const struct option LONG[] = {{"config", required_argument, NULL, 'c'},
                                       {"migrate", no_argument, NULL, 'm'},
                                       {"check", no_argument, NULL, 'k'},
                                       {"settings", no_argument, NULL, 's'},
                                       {"version", no_argument, NULL, 'v'},
                                       {"help", no_argument, NULL, 'h'},
                                       {0}};
  for (int option; (option = getopt_long(argc, argv, "c:h", LONG, NULL)) != -1;) {
    switch (option) {
    case 'c':
      options->config = optarg;
      break;
    case 'm':
      options->migrate = true;
      break;
    case 'k':
      options->check = true;
      break;
    case 's':
      wg_config_help(service->name, table);
      return 0;
    case 'v':
      printf("wangge-%s %s\n", service->name, WANGGE_VERSION);
      return 0;
    case 'h':
      usage(service, stdout);
      return 0;
    default:
      usage(service, stderr);
      return 2;
    }
  }
  if (optind == argc) return -1;
  fprintf(stderr, "wangge-%s: unexpected argument %s\n", service->name, argv[optind]);
  return 2;
}

static wg_status migrate(const struct wg_stage *stage, struct wg_error *error) {
  if (!*stage->settings->owner_database)
    return wg_fail(error, WG_INVALID_ARGUMENT, "owner_database", "--migrate needs this setting");
  const struct wg_db_options options = {
      .dsn = stage->settings->owner_database, .schema = stage->service->name, .application_name = "wangge-migrate"};
  struct wg_db *db = NULL;
  wg_status status = wg_db_connect(&options, &db, error);
  if (status != WG_OK) return status;
  struct wg_arena *arena = wg_arena_create(4096);
  const char *folders[16] = {NULL};
  size_t count = 0;
  folders[count++] = wg_arena_printf(arena, "%s/common/stream/schema", stage->settings->share);
  folders[count++] = wg_arena_printf(arena, "%s/common/stage/schema", stage->settings->share);
  for (const char *const *own = stage->service->schema_folders; own && *own && count < 15; own++)
    folders[count++] = wg_arena_printf(arena, "%s/%s", stage->settings->share, *own);
  int applied = 0;
  status = wg_migrate(db, stage->service->name, wg_arena_printf(arena, "wangge_%s", stage->service->name), folders,
                      &applied, error);
  if (status == WG_OK) wg_log(WG_LOG_INFO, "schema is up to date", wg_field_int("applied", applied));
  wg_arena_destroy(arena);
  wg_db_close(db);
  return status;
}

static void make_metrics(struct wg_stage *stage) {
  struct wg_metrics *m = stage->metrics;
  wg_set(wg_gauge(m, "wangge_build_info", "version=\"" WANGGE_VERSION "\"", "Version of the running program"), 1);
  stage->db_up = wg_gauge(m, "wangge_db_up", NULL, "1 while the writing connection stands");
  stage->db_reconnects = wg_counter(m, "wangge_db_reconnects_total", NULL, "Writing connections lost");
  stage->writer_metric = wg_gauge(m, "wangge_writer", NULL, "1 when this instance writes, 0 when it stands by");
  stage->batch_seconds = wg_histogram(m, "wangge_batch_seconds", NULL, "From begin to commit of a batch");
  stage->batches = wg_counter(m, "wangge_batches_total", NULL, "Batches committed");
  stage->batch_items = wg_counter(m, "wangge_batch_items_total", NULL, "Calls and events committed");
  stage->batch_failures = wg_counter(m, "wangge_batch_failures_total", NULL, "Batches that failed and were run again");
  stage->replies_dropped =
      wg_counter(m, "wangge_replies_dropped_total", NULL, "Answers dropped because the caller does not read them");
  stage->slow_callers_metric =
      wg_gauge(m, "wangge_slow_callers", NULL, "Callers whose answers wait because they do not read fast enough");
  stage->malformed = wg_counter(m, "wangge_malformed_messages_total", NULL, "Messages that are not of the contract");
  stage->queued_calls = wg_gauge(m, "wangge_queued_calls", NULL, "Writing calls that wait for a batch");
  stage->denied = wg_counter(m, "wangge_calls_denied_total", NULL, "Calls refused for the caller's key or role");
  stage->refused_handshakes =
      wg_gauge(m, "wangge_handshakes_refused", NULL, "Connections refused for an unknown key since start");
}

static enum wg_log_level log_level(const char *name) {
  static const char *const NAMES[] = {"debug", "info", "warn", "error"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(name, NAMES[i]) == 0) return (enum wg_log_level)i;
  }
  return WG_LOG_INFO;
}

static void wake(void *context) {
  (void)context; // the loop looks for dirty positions in every round
}

// give_secret derives the service's own secret from its key; the key itself stays here.
static void give_secret(struct wg_stage *stage, const struct wg_key *key) {
  static const char PURPOSE[] = "wangge service secret 1";
  uint8_t secret[32];
  crypto_generichash(secret, sizeof secret, (const uint8_t *)PURPOSE, sizeof PURPOSE - 1,
                     (const uint8_t *)key->secret_z85, strlen(key->secret_z85));
  stage->service->secret(stage->service_state, secret);
  sodium_memzero(secret, sizeof secret);
}

static wg_status start_service(struct wg_stage *stage, struct wg_error *error) {
  stage->metrics = wg_metrics_create(stage->service->name);
  stage->health = wg_health_create();
  make_metrics(stage);
  struct wg_key key;
  wg_status status = wg_key_read(stage->settings->key, &key, error);
  if (status == WG_OK) status = wg_principals_open(stage->settings->principals, &stage->principals, error);
  if (status == WG_OK)
    status = stage->service->start(stage->service_settings, stage->metrics, &stage->service_state, error);
  if (status == WG_OK) wg_stage_notice(stage);
  if (status == WG_OK && stage->service->secret) give_secret(stage, &key);
  if (status == WG_OK) status = wg_reference_start(stage, error);
  if (status == WG_OK) status = wg_bus_start(&stage->bus, &key, stage->principals, error);
  explicit_bzero(&key, sizeof key);
  return status;
}

static wg_status open_sockets(struct wg_stage *stage, struct wg_error *error) {
  const struct wg_service *service = stage->service;
  wg_status status = wg_bus_router(&stage->bus, stage->settings->listen, &stage->router, error);
  if (status == WG_OK)
    status = wg_http_start(stage->settings->http, stage->metrics, stage->health, &stage->http, error);
  if (status == WG_OK) status = wg_readers_start(stage, error);
  if (status != WG_OK) return status;
  stage->log = wg_log_create(service->streams, service->stream_count);
  const struct wg_stream_host host = {stage, stage->router, wg_readers_stream_read, wake};
  stage->server = wg_stream_server_create(host, stage->log, stage->principals, service->streams, service->stream_count,
                                          (size_t)stage->settings->cache_mb << 20);
  stage->batch.arena = wg_arena_create(1 << 20);
  stage->batch.log = stage->log;
  stage->envelope_arena = wg_arena_create(16384);
  stage->calls_tail = &stage->calls_head;
  wg_gather_init(&stage->gather, stage->settings->gather_us);
  return wg_follow_start(stage, error);
}

static void stop_service(struct wg_stage *stage) {
  if (stage->server) {
    wg_calls_fail_all(stage, WG_UNAVAILABLE, "the service is stopping; send the call again");
    wg_stream_server_stop(stage->server);
  }
  wg_readers_stop(stage);
  wg_replies_stop(stage);
  wg_follow_stop(stage);
  if (stage->server) wg_stream_server_destroy(stage->server);
  if (stage->log) wg_log_destroy(stage->log);
  wg_db_close(stage->db);
  wg_http_stop(stage->http);
  if (stage->router) zmq_close(stage->router);
  if (stage->bus.context) wg_bus_stop(&stage->bus);
  if (stage->service_state) stage->service->stop(stage->service_state);
  wg_reference_stop(stage);
  if (stage->principals) wg_principals_close(stage->principals);
  wg_arena_destroy(stage->batch.arena);
  wg_arena_destroy(stage->envelope_arena);
  free(stage->batch.items);
  free(stage->batch_calls);
  free(stage->batch_redrives);
  if (stage->health) wg_health_destroy(stage->health);
  if (stage->metrics) wg_metrics_destroy(stage->metrics);
}

// simulate takes the time from a file when the setting says so.
static wg_status simulate(struct wg_stage *stage, struct wg_error *error) {
  const char *path = stage->settings->clock;
  if (!*path) return WG_OK;
  if (!wg_clock_simulate(path))
    return wg_fail(error, WG_INVALID_ARGUMENT, "clock", "%s: %s; 8 bytes are wanted", path, strerror(errno));
  stage->started_at = wg_now_us();
  wg_log(WG_LOG_WARN, "the clock is simulated: every time of this service comes from a file",
         wg_field_text("file", path));
  return WG_OK;
}

static wg_status run(struct wg_stage *stage, const struct options *options, struct wg_error *error) {
  if (options->migrate) return migrate(stage, error);
  wg_status status = simulate(stage, error);
  if (status == WG_OK) status = wg_loop_signals(stage, error);
  if (status == WG_OK) status = start_service(stage, error);
  if (status == WG_OK && options->check && stage->service->check)
    status = stage->service->check(stage->service_state, error);
  if (status != WG_OK || options->check) return status;
  status = open_sockets(stage, error);
  const struct wg_identity identity = {stage->settings->key, stage->principals};
  if (status == WG_OK && stage->service->connect)
    status = stage->service->connect(stage->service_state, &identity, error);
  if (status != WG_OK) return status;
  wg_log(WG_LOG_INFO, "started", wg_field_text("listen", stage->settings->listen),
         wg_field_text("http", stage->settings->http), wg_field_text("version", WANGGE_VERSION));
  return wg_loop_run(stage, error);
}

int wg_stage_main(const struct wg_service *service, int argc, char **argv) {
  struct wg_setting *table = settings_table(service);
  struct options options = {0};
  const int code = parse_options(service, table, argc, argv, &options);
  if (code >= 0) {
    free(table);
    return code;
  }
  // Batches are made by the loop, messages freed by ZeroMQ's threads: with an arena for each thread every one of them
  // keeps its own high-water mark.
  mallopt(M_ARENA_MAX, 1);
  wg_log_init(service->name, WG_LOG_INFO);
  struct wg_stage *stage = wg_zalloc(sizeof *stage);
  stage->service = service;
  stage->started_at = wg_now_us();
  stage->settings = wg_zalloc(sizeof *stage->settings + service->settings_size);
  stage->service_settings = stage->settings + 1;
  stage->signal_fd = -1;
  struct wg_error error = {0};
  wg_status status = wg_config_load(options.config, service->name, table, stage->settings, &error);
  if (status == WG_OK) {
    wg_log_init(service->name, log_level(stage->settings->log_level));
    status = run(stage, &options, &error);
    stop_service(stage);
  }
  if (status != WG_OK)
    wg_log(WG_LOG_ERROR, "ended", wg_field_text("code", wg_status_name(status)), wg_field_text("field", error.field),
           wg_field_text("error", error.message));
  else if (!options.migrate && !options.check) wg_log0(WG_LOG_INFO, "stopped");
  if (stage->signal_fd >= 0) close(stage->signal_fd);
  wg_config_free(table, stage->settings);
  free(stage->settings);
  free(stage);
  free(table);
  return status == WG_OK ? 0 : 1;
}
