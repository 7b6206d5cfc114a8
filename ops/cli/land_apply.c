// wangge land apply: many writes of the ledger from a file, one a line, in order.
//
//   {"call":"LandWorks/PlanWork","as":"village","request":{"write":{"village":"131102101203","person":"演示会计"},
//    "work":{…}},"keep":{"level":"land_work"}}
//   {"call":"LandWorks/MoveWork","as":"township","request":{"write":{…},"workId":"@level","move":"approve"}}
//
// `call` and `request` are those of proto/wangge/v1/land*.proto. `as` is who calls; without it the principal of this
// run. `keep` gives names to what the ledger numbers by itself: name -> kind, the id of the first record of this kind
// in the answer. A text "@name" further down is that id, "@name.lot-1" the id with the rest behind it, "@@" one "@".
//
// With --names FILE the names are those that files before have kept there, too, and are written there at the end.
//
// A line without an idempotency key has "<file>:<line>", so that a file that was cut short is applied again from its
// beginning: what was written is answered as before, and names are known again.
#include "ops/cli/land.h"

#include "common/wire/wire.h"
#include "ops/cli/output.h"

#include "wangge/v1/land_ledger.pb-c.h"
#include "wangge/v1/land_notice.pb-c.h"
#include "wangge/v1/land_survey.pb-c.h"
#include "wangge/v1/land_tender.pb-c.h"
#include "wangge/v1/land_yard.pb-c.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 16 << 20, CALLERS = 16, NAME_BYTES = 64 };

struct caller {
  const char *name;
  wangge_client *client;
};
struct apply {
  struct cli *cli;
  struct wg_arena *run;    // of the run; the cli's is that of one line
  const char *path, *file; // file: the path's last part
  int line;
  struct caller callers[CALLERS];
  size_t caller_count;
  json_t *kept; // name -> id
  int written, repeated;
};

// --- which call ---
static const ProtobufCServiceDescriptor *const SERVICES[] = {
    &wangge__v1__land__descriptor,        &wangge__v1__land_survey__descriptor,
    &wangge__v1__land_notice__descriptor, &wangge__v1__land_works__descriptor,
    &wangge__v1__land_tender__descriptor, &wangge__v1__land_contract__descriptor,
    &wangge__v1__land_yard__descriptor,   &wangge__v1__land_homestead__descriptor,
    &wangge__v1__land_ledger__descriptor,
};

// request_of gives the request of a writing call, "LandWorks/PlanWork"; NULL: there is none.
static const ProtobufCMessageDescriptor *request_of(const char *call) {
  const char *slash = strchr(call, '/');
  for (size_t i = 0; slash != NULL && i < sizeof SERVICES / sizeof *SERVICES; i++) {
    const char *name = SERVICES[i]->short_name;
    if (strlen(name) != (size_t)(slash - call) || strncmp(call, name, strlen(name)) != 0) continue;
    const ProtobufCMethodDescriptor *method = protobuf_c_service_descriptor_get_method_by_name(SERVICES[i], slash + 1);
    const bool writes = method != NULL && method->output == &wangge__v1__land_reply__descriptor;
    return writes ? method->input : NULL;
  }
  return NULL;
}

// --- names ---
// resolve gives the text that stands for one with "@"; NULL with the error filled: no line before has kept the name.
static const char *resolve(const struct apply *apply, const char *text, struct wg_error *error) {
  if (text[1] == '@') return text + 1;
  char name[NAME_BYTES];
  const size_t length = strcspn(text + 1, ".");
  snprintf(name, sizeof name, "%.*s", (int)length, text + 1);
  const char *id = length < sizeof name ? json_string_value(json_object_get(apply->kept, name)) : NULL;
  if (id != NULL) return wg_arena_printf(apply->cli->arena, "%s%s", id, text + 1 + length);
  wg_fail(error, WG_INVALID_ARGUMENT, "request", "no line before has kept \"%s\"", name);
  return NULL;
}

// fill puts ids for names, everywhere in a value; the new value is the caller's, NULL: error.
static json_t *fill(const struct apply *apply, json_t *value, struct wg_error *error) {
  if (json_is_string(value) && json_string_value(value)[0] == '@') {
    const char *text = resolve(apply, json_string_value(value), error);
    return text != NULL ? json_string(text) : NULL;
  }
  if (!json_is_array(value) && !json_is_object(value)) return json_incref(value);
  json_t *made = json_is_array(value) ? json_array() : json_object(), *inner;
  if (json_is_array(value)) {
    size_t i;
    json_array_foreach(value, i, inner) {
      if (error->code == WG_OK) json_array_append_new(made, fill(apply, inner, error));
    }
  } else {
    const char *key;
    json_object_foreach(value, key, inner) {
      if (error->code == WG_OK) json_object_set_new(made, key, fill(apply, inner, error));
    }
  }
  if (error->code == WG_OK) return made;
  json_decref(made);
  return NULL;
}

static wg_status keep(struct apply *apply, json_t *names, const Wangge__V1__LandReply *reply, struct wg_error *error) {
  const char *name;
  json_t *kind;
  json_object_foreach(names, name, kind) {
    const ProtobufCFieldDescriptor *field =
        json_is_string(kind) ? protobuf_c_message_descriptor_get_field_by_name(&wangge__v1__land_record__descriptor,
                                                                               json_string_value(kind))
                             : NULL;
    const char *id = NULL;
    for (size_t i = 0; field != NULL && i < reply->n_records && id == NULL; i++) {
      if ((uint32_t)reply->records[i]->body_case == field->id) id = reply->records[i]->id;
    }
    if (id == NULL)
      return wg_fail(error, WG_INVALID_ARGUMENT, "keep", "the answer has no record of the kind of \"%s\"", name);
    json_object_set_new(apply->kept, name, json_string(id));
  }
  return WG_OK;
}

// --- one line ---
// call_as makes the run's client that of this principal.
static wg_status call_as(struct apply *apply, const char *name, struct wg_error *error) {
  struct cli *cli = apply->cli;
  size_t i = 0;
  while (i < apply->caller_count && strcmp(apply->callers[i].name, name) != 0)
    i++;
  if (i == CALLERS) return wg_fail(error, WG_INVALID_ARGUMENT, "as", "more than %d principals in one file", CALLERS);
  if (i == apply->caller_count) {
    wangge_client *client = cli_open(cli, CLI_LAND, name, error);
    if (client == NULL) return error->code;
    apply->callers[apply->caller_count++] = (struct caller){wg_arena_strdup(apply->run, name), client};
  }
  cli->principal = apply->callers[i].name;
  cli->client[CLI_LAND] = apply->callers[i].client;
  return WG_OK;
}

// complete puts into a request's `write` what the line leaves out.
static wg_status complete(const struct apply *apply, json_t *request, struct wg_error *error) {
  json_t *write = json_object_get(request, "write");
  if (!json_is_object(write)) return wg_fail(error, WG_INVALID_ARGUMENT, "request.write", "must be an object");
  if (json_object_get(write, "idempotencyKey") == NULL && json_object_get(write, "idempotency_key") == NULL)
    json_object_set_new(write, "idempotencyKey",
                        json_string(wg_arena_printf(apply->cli->arena, "%.48s:%d", apply->file, apply->line)));
  if (json_object_get(write, "person") == NULL)
    json_object_set_new(write, "person", json_string(apply->cli->principal));
  return WG_OK;
}

static int refuse(const struct apply *apply, const struct wg_error *error) {
  fprintf(stderr, "%s:%d: ", apply->path, apply->line);
  return cli_complain(apply->cli, error);
}

// send asks and notes what was answered. Returns the exit code.
static int send(struct apply *apply, const char *call, const ProtobufCMessage *request, json_t *names) {
  struct wg_error error = {0};
  int code = CLI_DONE;
  const Wangge__V1__LandReply *reply =
      (Wangge__V1__LandReply *)cli_ask(apply->cli, CLI_LAND, wg_arena_printf(apply->cli->arena, "wangge.v1.%s", call),
                                       request, &wangge__v1__land_reply__descriptor, &code);
  if (reply == NULL || reply->refused) {
    fprintf(stderr, "%s:%d: not taken\n", apply->path, apply->line);
    if (reply != NULL) cli_land_findings(stderr, reply->findings, reply->n_findings);
    return reply != NULL ? CLI_REFUSED : code;
  }
  apply->repeated += reply->repeated_call;
  apply->written += !reply->repeated_call && reply->entry_seq >= 0;
  return keep(apply, names, reply, &error) == WG_OK ? CLI_DONE : refuse(apply, &error);
}

// apply_object takes one line that was read.
static int apply_object(struct apply *apply, json_t *object) {
  struct wg_error error = {0};
  const char *call = json_string_value(json_object_get(object, "call"));
  const char *as = json_string_value(json_object_get(object, "as"));
  const ProtobufCMessageDescriptor *type = call != NULL ? request_of(call) : NULL;
  ProtobufCMessage *message = NULL;
  if (type == NULL)
    wg_fail(&error, WG_INVALID_ARGUMENT, "call", "must be a writing call of the ledger, e.g. LandWorks/PlanWork");
  if (error.code == WG_OK && as == NULL) cli_as(apply->cli, NULL);
  if (error.code == WG_OK) call_as(apply, as != NULL ? as : apply->cli->principal, &error);
  json_t *request = error.code == WG_OK ? fill(apply, json_object_get(object, "request"), &error) : NULL;
  if (error.code == WG_OK && !json_is_object(request))
    wg_fail(&error, WG_INVALID_ARGUMENT, "request", "must be an object");
  if (error.code == WG_OK) complete(apply, request, &error);
  if (error.code == WG_OK) wg_json_read(type, request, apply->cli->arena, &message, &error);
  json_decref(request);
  if (message == NULL) return refuse(apply, &error);
  return send(apply, call, message, json_object_get(object, "keep"));
}

static int apply_line(struct apply *apply, const char *text) {
  struct wg_error error = {0};
  json_error_t fault;
  json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
  if (json_is_object(object)) {
    const int code = apply_object(apply, object);
    json_decref(object);
    return code;
  }
  wg_fail(&error, WG_INVALID_ARGUMENT, "FILE", "%s", object == NULL ? fault.text : "must be an object");
  json_decref(object);
  return refuse(apply, &error);
}

// --- the file ---
static int apply_lines(struct apply *apply, FILE *file) {
  char *text = NULL;
  size_t room = 0;
  int code = CLI_DONE;
  for (ssize_t size; code == CLI_DONE && !cli_stopped && (size = getline(&text, &room, file)) >= 0;) {
    apply->line++;
    if (size <= 1) continue;
    if (size > LINE_BYTES) {
      struct wg_error error = {0};
      wg_fail(&error, WG_INVALID_ARGUMENT, "FILE", "the line is longer than %d bytes", LINE_BYTES);
      code = refuse(apply, &error);
      break;
    }
    code = apply_line(apply, text);
    wg_arena_reset(apply->cli->arena);
  }
  free(text);
  return code == CLI_DONE && cli_stopped ? CLI_REFUSED : code;
}

// read_names gives the names that are kept in a file: none when it is not there yet. NULL: error.
static json_t *read_names(const char *path, struct wg_error *error) {
  json_error_t fault;
  if (path == NULL || access(path, F_OK) != 0) return json_object();
  json_t *names = json_load_file(path, JSON_REJECT_DUPLICATES, &fault);
  if (json_is_object(names)) return names;
  wg_fail(error, WG_INVALID_ARGUMENT, "names", "%s: %s", path, names == NULL ? fault.text : "no object");
  json_decref(names);
  return NULL;
}

// write_names replaces the file at once, so that one that is stopped here leaves the names of before.
static wg_status write_names(const struct apply *apply, const char *path, struct wg_error *error) {
  const char *fresh = wg_arena_printf(apply->run, "%s.new", path);
  if (json_dump_file(apply->kept, fresh, JSON_SORT_KEYS | JSON_INDENT(1)) == 0 && rename(fresh, path) == 0)
    return WG_OK;
  return wg_fail(error, WG_INTERNAL, "names", "%s cannot be written: %s", path, strerror(errno));
}

static int run_apply(struct cli *cli) {
  struct wg_error error = {0};
  const char *names = cli_text(&cli->parsed, "names");
  json_t *kept = read_names(names, &error);
  if (kept == NULL) return cli_usage(cli, &error);
  const char *path = cli->parsed.argument[0], *slash = strrchr(path, '/');
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "FILE", "%s: %s", path, strerror(errno));
    json_decref(kept);
    return cli_usage(cli, &error);
  }
  struct apply apply = {
      .cli = cli, .run = cli->arena, .path = path, .file = slash != NULL ? slash + 1 : path, .kept = kept};
  cli->arena = wg_arena_create(64 * 1024);
  int code = apply_lines(&apply, file);
  fclose(file);
  if (names != NULL && write_names(&apply, names, &error) != WG_OK) code = cli_complain(cli, &error);
  wg_arena_destroy(cli->arena);
  cli->arena = apply.run;
  json_decref(kept);
  cli->client[CLI_LAND] = NULL;
  for (size_t i = 0; i < apply.caller_count; i++)
    wangge_close(apply.callers[i].client);
  if (cli->json) cli_print_json(json_pack("{s:i,s:i}", "written", apply.written, "repeated", apply.repeated));
  else printf("%d entries written, %d were there\n", apply.written, apply.repeated);
  return code;
}

static const struct cli_option apply_options[] = {
    {"names", "FILE", "names that earlier files have kept; those of this one are added"}, {0}};

const struct cli_command cli_land_apply[] = {
    {"land apply", "FILE.jsonl", 1, 1, "many writes, one call a line; again writes nothing twice", apply_options,
     "  wangge land apply writes.jsonl\n"
     "  writes.jsonl: {\"call\":\"LandWorks/MoveWork\",\"as\":\"township\",\"request\":{\"workId\":\"work-20\",\n"
     "    \"move\":\"approve\",\"write\":{\"village\":\"131102101201\",\"person\":\"演示镇长\"}}}\n",
     run_apply},
    {0},
};
