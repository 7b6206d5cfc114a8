// The HTTP port: libmicrohttpd with one thread that serves all connections, so a slow client delays nobody.
#include "common/obs/health.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  MOST_CONNECTIONS = 64,
  IDLE_SECONDS = 10, // a client that neither sends nor reads for so long is cut
  CONNECTION_MEMORY = 16 * 1024,
};

struct wg_http {
  struct MHD_Daemon *daemon;
  struct wg_metrics *metrics;
  struct wg_health *health;
  int port;
};

#define TEXT "text/plain; charset=utf-8"
#define JSON "application/json"
#define PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"
#define OPEN_METRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

// reply sends the buffer's bytes, which become libmicrohttpd's.
static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type,
                             struct wg_buffer *body) {
  struct MHD_Response *response = MHD_create_response_from_buffer(body->size, body->data, MHD_RESPMEM_MUST_FREE);
  if (!response) {
    wg_buffer_free(body);
    return MHD_NO;
  }
  enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  if (result == MHD_YES) result = MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  if (result == MHD_YES && status == MHD_HTTP_METHOD_NOT_ALLOWED)
    result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  if (result == MHD_YES) result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned status, const char *text) {
  struct wg_buffer body = {0};
  wg_buffer_text(&body, text);
  return reply(connection, status, TEXT, &body);
}

static enum MHD_Result reply_metrics(struct wg_http *http, struct MHD_Connection *connection) {
  const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
  bool open_metrics = accept && strstr(accept, "application/openmetrics-text");
  struct wg_buffer body = {0};
  wg_metrics_write(http->metrics, open_metrics, &body);
  return reply(connection, MHD_HTTP_OK, open_metrics ? OPEN_METRICS : PROMETHEUS, &body);
}

static enum MHD_Result reply_ready(struct wg_http *http, struct MHD_Connection *connection) {
  struct wg_buffer body = {0};
  bool ready = wg_health_write(http->health, &body);
  return reply(connection, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, JSON, &body);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **request) {
  (void)version, (void)upload, (void)upload_size, (void)request;
  struct wg_http *http = context;
  if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
    return reply_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only\n");
  if (!strcmp(url, "/metrics")) return reply_metrics(http, connection);
  if (!strcmp(url, "/readyz")) return reply_ready(http, connection);
  if (!strcmp(url, "/livez"))
    return wg_health_live(http->health)
               ? reply_text(connection, MHD_HTTP_OK, "ok\n")
               : reply_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "the loop has not ticked for 10 s\n");
  if (!strcmp(url, "/startupz"))
    return wg_health_started(http->health) ? reply_text(connection, MHD_HTTP_OK, "ok\n")
                                           : reply_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "not ready yet\n");
  return reply_text(connection, MHD_HTTP_NOT_FOUND, "there are /metrics, /livez, /readyz and /startupz\n");
}

// resolve reads "127.0.0.1:7201" or "[::1]:7201", NULL when it is none; no names, so that no resolver can delay a
// start.
static struct addrinfo *resolve(const char *listen, struct wg_error *error) {
  char host[64], *port, *end;
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
  struct addrinfo *address = NULL;
  if (snprintf(host, sizeof host, "%s", listen) >= (int)sizeof host || !(port = strrchr(host, ':'))) goto fail;
  *port++ = 0;
  char *start = host;
  size_t size = strlen(host);
  if (size > 1 && host[0] == '[' && host[size - 1] == ']') {
    host[size - 1] = 0;
    start++;
  }
  if (!*start || *port < '0' || *port > '9' || strtol(port, &end, 10) > 65535 || *end) goto fail;
  if (getaddrinfo(start, port, &hints, &address)) goto fail;
  return address;
fail:
  wg_fail(error, WG_INVALID_ARGUMENT, "http", "\"%.80s\" is not an address and port such as 127.0.0.1:7201", listen);
  return NULL;
}

// listen_on makes the listening socket itself, because libmicrohttpd would not say why it could not.
static int listen_on(const struct addrinfo *address, const char *listen_text, struct wg_error *error) {
  int yes = 1;
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) ||
      bind(fd, address->ai_addr, address->ai_addrlen) || listen(fd, 64)) {
    wg_fail(error, WG_UNAVAILABLE, "http", "cannot listen on %s: %s", listen_text, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
  }
  return fd;
}

static int port_of(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } address = {0};
  socklen_t size = sizeof address;
  if (getsockname(fd, &address.any, &size)) return 0;
  return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

wg_status wg_http_start(const char *listen, struct wg_metrics *metrics, struct wg_health *health, struct wg_http **http,
                        struct wg_error *error) {
  struct addrinfo *address = resolve(listen, error);
  if (!address) return error->code;
  int fd = listen_on(address, listen, error);
  freeaddrinfo(address);
  if (fd < 0) return error->code;
  struct wg_http *made = wg_zalloc(sizeof *made);
  made->metrics = metrics;
  made->health = health;
  made->port = port_of(fd);
  made->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, handle, made,
                                  MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS,
                                  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                                  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
  if (!made->daemon) {
    close(fd);
    free(made);
    return wg_fail(error, WG_INTERNAL, "http", "cannot start the HTTP server on %s: %s", listen, strerror(errno));
  }
  *http = made;
  return WG_OK;
}

int wg_http_port(const struct wg_http *http) {
  return http->port;
}

void wg_http_stop(struct wg_http *http) {
  if (!http) return;
  MHD_stop_daemon(http->daemon); // closes the listening socket too
  free(http);
}
