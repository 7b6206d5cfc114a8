// wangge land village|party|policy|show|list|history|reveal|erase: the base of the land ledger, and what its other
// commands share.
#include "ops/cli/land.h"

#include "common/wire/wire.h"
#include "ops/cli/output.h"
#include "ops/cli/rows.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define METHOD(name) "wangge.v1." name
#define TYPE(name) &wangge__v1__##name##__descriptor

static char *own(const char *text) {
  return (char *)(uintptr_t)text; // messages are not written to
}

// --- what every command of the ledger shares ---
const char *cli_land_village(struct cli *cli, struct wg_error *error) {
  const char *village = cli_text(&cli->parsed, "village");
  if (village == NULL) wg_fail(error, WG_INVALID_ARGUMENT, "village", "--village CODE is required: 12 digits");
  return village;
}

Wangge__V1__LandWrite *cli_land_write_of(struct cli *cli, struct wg_error *error) {
  const char *village = cli_land_village(cli, error);
  if (village == NULL) return NULL;
  Wangge__V1__LandWrite *write = wg_arena_alloc(cli->arena, sizeof *write);
  wangge__v1__land_write__init(write);
  const char *person = cli_text(&cli->parsed, "person"), *reason = cli_text(&cli->parsed, "reason");
  write->village = own(village);
  write->idempotency_key = own(cli_request_id(cli, "key", 0));
  write->person = own(person != NULL ? person : cli->principal);
  if (reason != NULL) write->reason = own(reason);
  return write;
}

void cli_land_findings(FILE *out, Wangge__V1__LandFinding *const *findings, size_t count) {
  static const char *const marks[] = {"", "note", "warning", "error"};
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__LandFinding *one = findings[i];
    const int severity = (int)one->severity;
    fprintf(out, "%s %s: %s (%s)", severity > 0 && severity < 4 ? marks[severity] : "finding", one->code,
            one->message_zh, one->message_en);
    if (*one->pointer != 0) fprintf(out, " at %s", one->pointer);
    if (*one->earliest != 0) fprintf(out, "; earliest %s", one->earliest);
    if (*one->suggestion != 0) fprintf(out, "; would fit: %s", one->suggestion);
    if (*one->rule != 0) fprintf(out, " [%s]", one->rule);
    fputc('\n', out);
    if (*one->geojson != 0) fprintf(out, "  %s\n", one->geojson);
  }
}

static int print_reply(const struct cli *cli, const Wangge__V1__LandReply *reply) {
  if (cli->json) {
    cli_print_message(&reply->base);
    return reply->refused ? CLI_REFUSED : CLI_DONE;
  }
  cli_land_findings(reply->refused ? stderr : stdout, reply->findings, reply->n_findings);
  if (reply->refused) return CLI_REFUSED;
  if (reply->entry_seq < 0) {
    puts("nothing was to be changed");
    return CLI_DONE;
  }
  printf("entry %lld%s:", (long long)reply->entry_seq, reply->repeated_call ? " (written before)" : "");
  for (size_t i = 0; i < reply->n_records && i < 20; i++) {
    const Wangge__V1__LandRecord *record = reply->records[i];
    const ProtobufCFieldDescriptor *body =
        protobuf_c_message_descriptor_get_field(record->base.descriptor, (unsigned)record->body_case);
    printf("%s %s %s version %lld%s", i ? "," : "", body != NULL ? body->name : "record", record->id,
           (long long)record->version, record->ended ? " (ended)" : "");
  }
  if (reply->count > 20 || reply->n_records == 0) printf(" %lld records in all", (long long)reply->count);
  putchar('\n');
  return CLI_DONE;
}

int cli_land_send(struct cli *cli, const char *method, const ProtobufCMessage *request) {
  int code = CLI_DONE;
  const Wangge__V1__LandReply *reply =
      (Wangge__V1__LandReply *)cli_ask(cli, CLI_LAND, method, request, TYPE(land_reply), &code);
  return reply != NULL ? print_reply(cli, reply) : code;
}

int cli_land_do(struct cli *cli, const struct cli_land_write *writes) {
  const struct cli_land_write *row = writes;
  while (strcmp(row->command, cli->command->name) != 0)
    row++;
  struct wg_error error = {0};
  cli_as(cli, row->as);
  Wangge__V1__LandWrite *write = cli_land_write_of(cli, &error);
  json_t *object = write != NULL ? cli_fields(cli, row->field, &error) : NULL;
  if (object == NULL) return cli_usage(cli, &error);
  ProtobufCMessage *request = NULL;
  json_object_del(object, "write"); // of a file that was printed from a request: this run is another
  wg_json_read(row->request, object, cli->arena, &request, &error);
  json_decref(object);
  if (request == NULL) return cli_usage(cli, &error);
  const ProtobufCFieldDescriptor *first = protobuf_c_message_descriptor_get_field(row->request, 1);
  *(Wangge__V1__LandWrite **)(void *)((char *)request + first->offset) = write;
  return cli_land_send(cli, wg_arena_printf(cli->arena, "wangge.v1.%s", row->method), request);
}

void cli_land_body(const Wangge__V1__LandRecord *record) {
  struct wg_buffer line = {0};
  wg_json_message(&line, &record->base);
  json_t *object = json_loads(wg_buffer_cstr(&line), 0, NULL); // a record is of many kinds: indented it can be read
  json_dumpf(object, stdout, JSON_INDENT(2));
  putchar('\n');
  json_decref(object);
  wg_buffer_free(&line);
}

// --- writing: village, party, policy, erase ---
static const struct cli_land_write WRITES[] = {
    {"land village put",
     "Land/PutVillage",
     TYPE(put_village_request),
     "registrar",
     {"name=village.name", "boundary=village.boundary", "plane=village.planeEpsg", "collective=village.collective"}},
    {"land party put",
     "Land/PutParty",
     TYPE(put_party_request),
     "village",
     {"0:id", "kind=party.kind", "name=party.name", "id-type=party.idType", "member?=party.member",
      "member-from=party.memberFrom", "member-to=party.memberTo", "evidence=party.memberEvidence",
      "household=party.household", "phone"}},
    {"land policy put",
     "Land/PutPolicy",
     TYPE(put_policy_request),
     "registrar",
     {"0:name", "1:policy.value", "source=policy.source"}},
};

static int run_write(struct cli *cli) {
  return cli_land_do(cli, WRITES);
}

// An identity number is read from standard input: it must not stand in a list of processes.
static int run_party(struct cli *cli) {
  if (!cli_given(&cli->parsed, "id-number-stdin")) return run_write(cli);
  struct wg_error error = {0};
  static char number[128];
  if (fgets(number, sizeof number, stdin) == NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "id-number-stdin", "nothing came on standard input");
    return cli_usage(cli, &error);
  }
  number[strcspn(number, "\r\n")] = 0;
  cli_as(cli, WRITES[1].as);
  Wangge__V1__LandWrite *write = cli_land_write_of(cli, &error);
  json_t *object = write != NULL ? cli_fields(cli, WRITES[1].field, &error) : NULL;
  ProtobufCMessage *request = NULL;
  if (object != NULL) wg_json_read(WRITES[1].request, object, cli->arena, &request, &error);
  json_decref(object);
  if (request == NULL) return cli_usage(cli, &error);
  ((Wangge__V1__PutPartyRequest *)request)->write = write;
  ((Wangge__V1__PutPartyRequest *)request)->id_number = number;
  const int code = cli_land_send(cli, METHOD("Land/PutParty"), request);
  sodium_memzero(number, sizeof number);
  return code;
}

static wg_status read_commit(struct cli *cli, ProtobufCBinaryData *commit, struct wg_error *error) {
  static uint8_t bytes[32];
  size_t size = 0;
  const char *hex = cli->parsed.argument[0];
  if (sodium_hex2bin(bytes, sizeof bytes, hex, strlen(hex), NULL, &size, NULL) != 0 || size != sizeof bytes)
    return wg_fail(error, WG_INVALID_ARGUMENT, "COMMIT", "must be 64 hexadecimal digits, as `land show` prints them");
  *commit = (ProtobufCBinaryData){sizeof bytes, bytes};
  return WG_OK;
}

static int run_erase(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__EraseSealedRequest request = WANGGE__V1__ERASE_SEALED_REQUEST__INIT;
  cli_as(cli, "registrar");
  request.write = cli_land_write_of(cli, &error);
  if (request.write == NULL || read_commit(cli, &request.commit, &error) != WG_OK) return cli_usage(cli, &error);
  return cli_land_send(cli, METHOD("Land/EraseSealed"), &request.base);
}

// --- reading ---
static int run_show(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__GetLandRequest request = WANGGE__V1__GET_LAND_REQUEST__INIT;
  int code = CLI_DONE;
  request.village = own(cli_land_village(cli, &error));
  if (request.village == NULL || cli_number(&cli->parsed, "version", 1, INT64_MAX, &request.version, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.kind = own(cli->parsed.argument[0]);
  request.id = own(cli->parsed.argument[1]);
  const Wangge__V1__GetLandResponse *response = (Wangge__V1__GetLandResponse *)cli_ask(
      cli, CLI_LAND, METHOD("Land/GetLand"), &request.base, TYPE(get_land_response), &code);
  if (response == NULL) return code;
  if (cli->json) cli_print_message(&response->base);
  else cli_land_body(response->record);
  return CLI_DONE;
}

struct listing {
  struct cli *cli;
  struct cli_table *table;
};

static const ProtobufCMessage *body_of(const Wangge__V1__LandRecord *record) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field(record->base.descriptor, (unsigned)record->body_case);
  return field != NULL ? *(ProtobufCMessage *const *)(const void *)((const char *)record + field->offset) : NULL;
}

// text_of gives a field of a body that is a text or an enum; "" where the kind has none of that name.
static const char *text_of(const ProtobufCMessage *body, const char *name, char buffer[32]) {
  const ProtobufCFieldDescriptor *field =
      body != NULL ? protobuf_c_message_descriptor_get_field_by_name(body->descriptor, name) : NULL;
  if (field == NULL || field->label == PROTOBUF_C_LABEL_REPEATED) return "";
  const void *at = (const char *)body + field->offset;
  if (field->type == PROTOBUF_C_TYPE_STRING) return *(char *const *)at;
  return field->type == PROTOBUF_C_TYPE_ENUM ? wg_enum_name(field->descriptor, *(const int *)at, buffer) : "";
}

static void list_row(void *context, const ProtobufCMessage *row) {
  const struct listing *listing = context;
  const Wangge__V1__GetLandResponse *one = (const Wangge__V1__GetLandResponse *)row;
  const ProtobufCMessage *body = body_of(one->record);
  char buffer[32];
  cli_table_cell(listing->table, "%s", one->record->village);
  cli_table_cell(listing->table, "%s", one->record->id);
  cli_table_cell(listing->table, "%lld", (long long)one->record->version);
  cli_table_cell(listing->table, "%lld", (long long)one->entry_seq);
  cli_table_cell(listing->table, "%s", one->record->ended ? "ended" : text_of(body, "state", buffer));
  cli_table_cell(listing->table, "%s", one->record->due_on);
  cli_table_cell(listing->table, "%s", text_of(body, "name", buffer));
}

static int run_list(struct cli *cli) {
  static const char *const headings[] = {"VILLAGE", "ID", ">VERSION", ">ENTRY", "STATE", "DUE", "NAME", NULL};
  struct wg_error error = {0};
  Wangge__V1__ListLandRequest request = WANGGE__V1__LIST_LAND_REQUEST__INIT;
  const char *state = cli_text(&cli->parsed, "state");
  int64_t limit = 1000;
  cli_check_out(cli, &error);
  if (error.code == WG_OK) request.village = own(cli_land_village(cli, &error));
  if (error.code != WG_OK || cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.kind = own(cli->parsed.argument[0]);
  request.ended = cli_given(&cli->parsed, "ended");
  if (state != NULL) request.state = own(state);
  struct cli_table *table = cli_table_create(headings);
  int code = cli_list_rows(cli,
                           &(struct cli_listing){.service = CLI_LAND,
                                                 .method = METHOD("Land/ListLand"),
                                                 .request = &request.base,
                                                 .response = TYPE(list_land_response),
                                                 .row = list_row,
                                                 .context = &(struct listing){cli, table}},
                           limit);
  if (code == CLI_DONE && !cli->json) code = cli_give_table(cli, table);
  cli_table_free(table);
  return code;
}

static void history_row(void *context, const ProtobufCMessage *row) {
  const struct listing *listing = context;
  const Wangge__V1__EntryAppended *one = (const Wangge__V1__EntryAppended *)row;
  char at[32];
  cli_table_cell(listing->table, "%lld", (long long)one->entry->records[0]->version);
  cli_table_cell(listing->table, "%lld", (long long)one->seq);
  cli_table_cell(listing->table, "%s", cli_time(one->at, at));
  cli_table_cell(listing->table, "%s", one->entry->kind);
  cli_table_cell(listing->table, "%s", one->actor);
  cli_table_cell(listing->table, "%s", one->entry->person);
  cli_table_cell(listing->table, "%s", one->entry->reason);
}

static int run_history(struct cli *cli) {
  static const char *const headings[] = {">VERSION", ">ENTRY", "AT", "WHAT", "BY", "PERSON", "REASON", NULL};
  struct wg_error error = {0};
  Wangge__V1__LandHistoryRequest request = WANGGE__V1__LAND_HISTORY_REQUEST__INIT;
  request.village = own(cli_land_village(cli, &error));
  if (request.village == NULL) return cli_usage(cli, &error);
  request.kind = own(cli->parsed.argument[0]);
  request.id = own(cli->parsed.argument[1]);
  struct cli_table *table = cli_table_create(headings);
  const int code = cli_list_rows(cli,
                                 &(struct cli_listing){.service = CLI_LAND,
                                                       .method = METHOD("Land/LandHistory"),
                                                       .request = &request.base,
                                                       .response = TYPE(land_history_response),
                                                       .row = history_row,
                                                       .context = &(struct listing){cli, table}},
                                 INT64_MAX);
  if (code == CLI_DONE && !cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return code;
}

static int run_reveal(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__RevealSealedRequest request = WANGGE__V1__REVEAL_SEALED_REQUEST__INIT;
  const char *reason = cli_text(&cli->parsed, "reason");
  int code = CLI_DONE;
  cli_as(cli, "village");
  request.village = own(cli_land_village(cli, &error));
  if (reason == NULL) wg_fail(&error, WG_INVALID_ARGUMENT, "reason", "--reason TEXT is required; it is kept on record");
  if (error.code != WG_OK || read_commit(cli, &request.commit, &error) != WG_OK) return cli_usage(cli, &error);
  request.reason = own(reason);
  const Wangge__V1__RevealSealedResponse *response = (Wangge__V1__RevealSealedResponse *)cli_ask(
      cli, CLI_LAND, METHOD("Land/RevealSealed"), &request.base, TYPE(reveal_sealed_response), &code);
  if (response == NULL) return code;
  if (cli->json) cli_print_message(&response->base);
  else puts(response->value);
  return CLI_DONE;
}

static const struct cli_option village_options[] = {{"name", "NAME", "of the village"},
                                                    {"boundary", "WKT", "POLYGON or MULTIPOLYGON, EPSG:4490"},
                                                    {"plane", "EPSG", "plane of its survey sheets, e.g. 4527"},
                                                    {"collective", "ID", "party that issues contracts (发包方)"},
                                                    CLI_LAND_WRITE};
static const struct cli_option party_options[] = {
    {"kind", "NAME", "person, household, collective, company or government"},
    {"name", "NAME", "of the party"},
    {"household", "ID", "of a person: the household"},
    {"member", NULL, "of the collective (集体经济组织成员)"},
    {"member-from", "DAY", "since when"},
    {"member-to", "DAY", "until when"},
    {"evidence", "TEXT", "of the membership"},
    {"id-type", "NAME", "resident, credit_code or other"},
    {"id-number-stdin", NULL, "read the number from standard input; it is sealed"},
    {"phone", "NUMBER", "sealed"},
    CLI_LAND_WRITE};
static const struct cli_option policy_options[] = {{"source", "TEXT", "law or decision it comes from; required"},
                                                   CLI_LAND_WRITE};
static const struct cli_option write_options[] = {CLI_LAND_WRITE};
static const struct cli_option show_options[] = {CLI_LAND_VILLAGE, {"version", "N", "as it was; else the newest"}, {0}};
static const struct cli_option list_options[] = {CLI_LAND_VILLAGE,
                                                 {"state", "NAME", "only these"},
                                                 {"ended", NULL, "also what is no longer in force"},
                                                 {"limit", "N", "at most so many; 1000"},
                                                 {"out", "FILE", "write .csv or .xlsx, marked with who exported it"},
                                                 {0}};
static const struct cli_option history_options[] = {CLI_LAND_VILLAGE, {0}};
static const struct cli_option reveal_options[] = {CLI_LAND_VILLAGE, {"reason", "TEXT", "why; kept on record"}, {0}};

const struct cli_command cli_land[] = {
    {"land village put", "", 0, 0, "set up a village's ledger, or change its boundary (建账)", village_options,
     "  wangge land village put --village 131102101201 --name 前桃村 --plane 4527 \\\n"
     "    --boundary \"$(cat boundary.wkt)\" --reason '建账'\n",
     run_write},
    {"land party put", "ID", 1, 1, "a household, person, collective, company or office (权利人)", party_options,
     "  wangge land party put h-17 --village 131102101201 --kind household --name '演示户17' --member \\\n"
     "    --member-from 1998-01-01 --evidence '二轮承包合同'\n"
     "  wangge land party put p-17 --village 131102101201 --kind person --name '演示人' --id-type resident \\\n"
     "    --id-number-stdin < number.txt\n",
     run_party},
    {"land policy put", "NAME VALUE", 2, 2, "a value of law or custom for one village", policy_options,
     "  wangge land policy put notice.survey_days 10 --village 131102101201 --source '村民会议2026年第3号决议'\n",
     run_write},
    {"land show", "KIND ID", 2, 2, "one record, as it is or was", show_options,
     "  wangge land show party h-17 --village 131102101201\n", run_show},
    {"land list", "KIND", 1, 1, "records of a kind, in a village, a town or a district", list_options,
     "  wangge land list party --village 131102101201\n"
     "  wangge land list parcel --village 131102 --state disputed --out disputed.xlsx\n",
     run_list},
    {"land history", "KIND ID", 2, 2, "who changed it, when and why", history_options,
     "  wangge land history party h-17 --village 131102101201\n", run_history},
    {"land reveal", "COMMIT", 1, 1, "show a sealed number; the view is kept on record", reveal_options,
     "  wangge land reveal 9f86d081884c7d65… --village 131102101201 --reason '核对合同当事人'\n", run_reveal},
    {"land erase", "COMMIT", 1, 1, "remove a sealed number for good", write_options,
     "  wangge land erase 9f86d081884c7d65… --village 131102101201 --reason '本人申请'\n", run_erase},
    {0},
};
