// Who this client is, where the services are, and calls to them.

#include "ops/cli/cli.h"

#include "common/config/config.h"
#include "common/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const cli_services[CLI_SERVICES] = {"intake", "routing", "tracking", "registry", "land"};

static const struct wg_setting service_settings[] = {
    {"intake", WG_SETTING_TEXT, offsetof(struct cli, endpoint[0]), "", 0, 0, "endpoint of intake"},
    {"routing", WG_SETTING_TEXT, offsetof(struct cli, endpoint[1]), "", 0, 0, "endpoint of routing"},
    {"tracking", WG_SETTING_TEXT, offsetof(struct cli, endpoint[2]), "", 0, 0, "endpoint of tracking"},
    {"registry", WG_SETTING_TEXT, offsetof(struct cli, endpoint[CLI_REGISTRY]), "", 0, 0, "endpoint of registry"},
    {"land", WG_SETTING_TEXT, offsetof(struct cli, endpoint[CLI_LAND]), "", 0, 0, "endpoint of land"},
    {0},
};
static const struct wg_setting key_settings[] = {
    {"intake", WG_SETTING_KEY, offsetof(struct cli, key[0]), "", 0, 0, "public key of intake"},
    {"routing", WG_SETTING_KEY, offsetof(struct cli, key[1]), "", 0, 0, "public key of routing"},
    {"tracking", WG_SETTING_KEY, offsetof(struct cli, key[2]), "", 0, 0, "public key of tracking"},
    {"registry", WG_SETTING_KEY, offsetof(struct cli, key[CLI_REGISTRY]), "", 0, 0, "public key of registry"},
    {"land", WG_SETTING_KEY, offsetof(struct cli, key[CLI_LAND]), "", 0, 0, "public key of land"},
    {0},
};
static const struct wg_setting client_settings[] = {
    {"key_dir", WG_SETTING_PATH, offsetof(struct cli, key_dir), "keys", 0, 0, "folder of key files NAME.key"},
    {"as", WG_SETTING_TEXT, offsetof(struct cli, as), "operator", 0, 0, "principal when a command says no other"},
    {0},
};

static const char *config_path(const char *given) {
  if (given != NULL) return given;
  const char *path = getenv("WANGGE_CONFIG");
  if (path != NULL && path[0] != 0) return path;
  return access("var/client.ini", R_OK) == 0 ? "var/client.ini" : NULL;
}

wg_status cli_config(struct cli *cli, const char *given, struct wg_error *error) {
  const char *path = config_path(given);
  if (wg_config_load(path, "services", service_settings, cli, error) != WG_OK) return error->code;
  if (wg_config_load(path, "keys", key_settings, cli, error) != WG_OK) return error->code;
  return wg_config_load(path, "client", client_settings, cli, error);
}

int cli_service(const char *name) {
  for (int i = 0; i < CLI_SERVICES; i++)
    if (strcmp(cli_services[i], name) == 0) return i;
  return -1;
}

bool cli_has(const struct cli *cli, int service) {
  return (service != CLI_REGISTRY && service != CLI_LAND) || cli->endpoint[service][0] != 0;
}

void cli_as(struct cli *cli, const char *fallback) {
  const char *as = cli_text(&cli->parsed, "as");
  cli->principal = as != NULL ? as : fallback != NULL ? fallback : cli->as;
}

wangge_client *cli_open(struct cli *cli, int service, const char *principal, struct wg_error *error) {
  if (cli->endpoint[service][0] == 0 || cli->key[service][0] == 0) {
    wg_fail(error, WG_FAILED_PRECONDITION, NULL,
            "no endpoint or key of %s is known: name a client.ini with --config or WANGGE_CONFIG",
            cli_services[service]);
    return NULL;
  }
  char path[4096];
  if (snprintf(path, sizeof path, "%s/%s.key", cli->key_dir, principal) >= (int)sizeof path) {
    wg_fail(error, WG_INVALID_ARGUMENT, "key_dir", "the path of the key file is too long");
    return NULL;
  }
  if (access(path, F_OK) != 0) {
    wg_fail(error, WG_FAILED_PRECONDITION, NULL, "no key of \"%s\" here: %s does not exist", principal, path);
    return NULL;
  }
  struct wangge_options options = {
      .key_file = path,
      .endpoint = cli->endpoint[service],
      .server_key = cli->key[service],
      .timeout_ms = cli->timeout_ms,
  };
  wangge_client *client = wangge_open(&options);
  if (client == NULL) wg_fail(error, WG_FAILED_PRECONDITION, NULL, "%s", wangge_open_error());
  return client;
}

wg_status cli_call(struct cli *cli, int service, const char *method, const ProtobufCMessage *request,
                   const ProtobufCMessageDescriptor *type, ProtobufCMessage **response, struct wg_error *error) {
  if (cli->client[service] == NULL) cli->client[service] = cli_open(cli, service, cli->principal, error);
  wangge_client *client = cli->client[service];
  if (client == NULL) return error->code;
  struct wg_bytes packed = wg_pack(request, cli->arena);
  const void *body;
  size_t size;
  int code = wangge_call(client, method, packed.data, packed.size, &body, &size);
  if (code != WG_OK) return wg_fail(error, (wg_status)code, wangge_error_field(client), "%s", wangge_error(client));
  if (wg_unpack(type, (struct wg_bytes){body, size}, cli->arena, response, error) == WG_OK) return WG_OK;
  error->code = WG_INTERNAL; // the fault is the service's, not the caller's
  return error->code;
}

ProtobufCMessage *cli_ask(struct cli *cli, int service, const char *method, const ProtobufCMessage *request,
                          const ProtobufCMessageDescriptor *type, int *code) {
  ProtobufCMessage *response = NULL;
  struct wg_error error = {0};
  if (cli_call(cli, service, method, request, type, &response, &error) == WG_OK) return response;
  *code = cli_complain(cli, &error);
  return NULL;
}

void cli_close(struct cli *cli) {
  for (int i = 0; i < CLI_SERVICES; i++)
    wangge_close(cli->client[i]);
  wg_config_free(service_settings, cli);
  wg_config_free(key_settings, cli);
  wg_config_free(client_settings, cli);
  wg_arena_destroy(cli->arena);
}
