// wangge attach put|get: evidence and other attachments of orders, photos and papers of other records.
#include "ops/cli/cli.h"
#include "ops/cli/output.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

#include "wangge/v1/intake.pb-c.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PIECE_BYTES = 1 << 20, MOST_BYTES = 64 << 20, HASH_BYTES = 32 };

static const char *media_type(const char *path) {
  static const char *const types[][2] = {
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".png", "image/png"},
      {".gif", "image/gif"},
      {".webp", "image/webp"},
      {".mp4", "video/mp4"},
      {".m4a", "audio/mp4"},
      {".amr", "audio/amr"},
      {".pdf", "application/pdf"},
      {".wav", "audio/wav"},
      {".mp3", "audio/mpeg"},
      {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}};
  const char *ending = strrchr(path, '.');
  for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++) {
    if (strcasecmp(ending, types[i][0]) == 0) return types[i][1];
  }
  return NULL;
}

static char *word(struct cli *cli, const char *option) {
  const char *text = cli_text(&cli->parsed, option);
  return (char *)(uintptr_t)(text != NULL ? text : protobuf_c_empty_string);
}

// --- put ---

static wg_status read_all(const char *path, uint8_t **bytes, size_t *size, struct wg_error *error) {
  FILE *file = fopen(path, "rbe");
  if (file == NULL) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "cannot read %s: %s", path, strerror(errno));
  *bytes = wg_zalloc(MOST_BYTES + 1);
  *size = fread(*bytes, 1, MOST_BYTES + 1, file);
  const bool broken = ferror(file) != 0;
  fclose(file);
  if (broken) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "cannot read %s", path);
  if (*size > 0 && *size <= MOST_BYTES) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s is empty or larger than 64 MiB", path);
}

// send_all asks how much is there, sends the rest, and begins again once when what is there does not fit.
static wg_status send_all(struct cli *cli, Wangge__V1__PutAttachmentRequest *put, uint8_t *bytes,
                          Wangge__V1__PutAttachmentResponse **answer, struct wg_error *error) {
  for (bool asked = false;; asked = true) {
    ProtobufCMessage *message = NULL;
    const wg_status status = cli_call(cli, 0, "wangge.v1.Intake/PutAttachment", &put->base,
                                      &wangge__v1__put_attachment_response__descriptor, &message, error);
    if (status != WG_OK) return status;
    *answer = (Wangge__V1__PutAttachmentResponse *)message;
    if ((*answer)->complete || cli_stopped) return WG_OK;
    const bool whole = (*answer)->received >= put->size_bytes;
    put->offset = whole || (!asked && (*answer)->received > put->size_bytes) ? 0 : (*answer)->received;
    const int64_t left = put->size_bytes - put->offset;
    put->data = (ProtobufCBinaryData){(size_t)(left < PIECE_BYTES ? left : PIECE_BYTES), bytes + put->offset};
  }
}

static int put_one(struct cli *cli, const char *path, int64_t order_id) {
  struct wg_error error = {0};
  Wangge__V1__PutAttachmentRequest put = WANGGE__V1__PUT_ATTACHMENT_REQUEST__INIT;
  put.district = word(cli, "district");
  put.order_id = order_id;
  const char *type = cli_text(&cli->parsed, "type");
  put.media_type = (char *)(uintptr_t)(type != NULL ? type : media_type(path));
  if (put.media_type == NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, NULL, "%s: its ending tells no type that may be evidence; give --type", path);
    return cli_usage(cli, &error);
  }
  uint8_t *bytes = NULL;
  size_t size = 0;
  if (read_all(path, &bytes, &size, &error) != WG_OK) {
    free(bytes);
    return cli_usage(cli, &error);
  }
  uint8_t hash[HASH_BYTES];
  char hex[2 * HASH_BYTES + 1];
  crypto_hash_sha256(hash, bytes, size);
  put.sha256 = sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
  put.size_bytes = (int64_t)size;
  Wangge__V1__PutAttachmentResponse *answer = NULL;
  const wg_status status = send_all(cli, &put, bytes, &answer, &error);
  free(bytes);
  if (status != WG_OK) return cli_complain(cli, &error);
  if (!answer->complete) return CLI_REFUSED; // interrupted
  if (cli->json) printf("{\"sha256\":\"%s\",\"media_type\":\"%s\",\"size_bytes\":%zu}\n", hex, put.media_type, size);
  else printf("%s  %s, %zu bytes\n", hex, put.media_type, size);
  return CLI_DONE;
}

// run_put ends with the first that is not taken; what came before it is there, and putting it again is safe.
static int run_put(struct cli *cli) {
  struct wg_error error = {0};
  int64_t order_id = 0;
  if (cli_number(&cli->parsed, "order", 1, INT64_MAX, &order_id, &error) != WG_OK) return cli_usage(cli, &error);
  int code = CLI_DONE;
  for (int i = 0; i < cli->parsed.arguments && code == CLI_DONE; i++)
    code = put_one(cli, cli->parsed.argument[i], order_id);
  return code;
}

// --- get ---

static wg_status receive_all(struct cli *cli, Wangge__V1__GetAttachmentRequest *get, FILE *file,
                             struct wg_error *error) {
  for (;;) {
    ProtobufCMessage *message = NULL;
    const wg_status status = cli_call(cli, 0, "wangge.v1.Intake/GetAttachment", &get->base,
                                      &wangge__v1__get_attachment_response__descriptor, &message, error);
    if (status != WG_OK) return status;
    const ProtobufCBinaryData data = ((Wangge__V1__GetAttachmentResponse *)message)->data;
    if (data.len == 0) return WG_OK;
    if (fwrite(data.data, 1, data.len, file) != data.len)
      return wg_fail(error, WG_INTERNAL, NULL, "cannot write: %s", strerror(errno));
    get->offset += (int64_t)data.len;
  }
}

// read_record takes KIND:ID, "pledge:2026-01".
static wg_status read_record(struct cli *cli, const char *text, Wangge__V1__KeptRecord *record,
                             struct wg_error *error) {
  const char *colon = strchr(text, ':');
  const int kind = colon == NULL ? -1
                                 : wg_enum_value(&wangge__v1__kept_kind__descriptor,
                                                 wg_arena_printf(cli->arena, "%.*s", (int)(colon - text), text));
  if (kind <= 0 || colon[1] == '\0')
    return wg_fail(error, WG_INVALID_ARGUMENT, "record", "must be pledge:CODE, problem:CODE or village:CODE");
  record->kind = (Wangge__V1__KeptKind)kind;
  record->id = (char *)(uintptr_t)(colon + 1);
  record->district = word(cli, "district");
  return WG_OK;
}

// read_wanted says of what the attachment is: the number of an order before the hash, or --record.
static wg_status read_wanted(struct cli *cli, Wangge__V1__GetAttachmentRequest *get, Wangge__V1__KeptRecord *record,
                             struct wg_error *error) {
  const char *text = cli_text(&cli->parsed, "record");
  const bool order = cli->parsed.arguments == 2;
  get->sha256 = (char *)(uintptr_t)cli->parsed.argument[order ? 1 : 0];
  if (order == (text != NULL) || (order && !wg_parse_i64(cli->parsed.argument[0], &get->order_id)))
    return wg_fail(error, WG_INVALID_ARGUMENT, "ORDER",
                   "either the number of an order or --record is wanted, besides the SHA-256");
  if (order) return WG_OK;
  get->record = record;
  return read_record(cli, text, record, error);
}

static int run_get(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__GetAttachmentRequest get = WANGGE__V1__GET_ATTACHMENT_REQUEST__INIT;
  Wangge__V1__KeptRecord record = WANGGE__V1__KEPT_RECORD__INIT;
  const char *path = cli_text(&cli->parsed, "out"), *ticket = cli_text(&cli->parsed, "ticket");
  if (path == NULL) wg_fail(&error, WG_INVALID_ARGUMENT, "out", "--out FILE is wanted");
  if (path == NULL || read_wanted(cli, &get, &record, &error) != WG_OK) return cli_usage(cli, &error);
  if (ticket != NULL) get.ticket = strtoull(ticket, NULL, 10);
  get.reveal_reason = word(cli, "reveal");
  get.acting_person = word(cli, "person");
  FILE *file = fopen(path, "wbe");
  if (file == NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "out", "cannot write %s: %s", path, strerror(errno));
    return cli_usage(cli, &error);
  }
  wg_status status = receive_all(cli, &get, file, &error);
  if (fclose(file) != 0 && status == WG_OK)
    status = wg_fail(&error, WG_INTERNAL, NULL, "cannot write %s: %s", path, strerror(errno));
  if (status == WG_OK) return CLI_DONE;
  remove(path);
  return cli_complain(cli, &error);
}

static const struct cli_option put_options[] = {
    {"order", "ORDER", "evidence of this order; else of one that is about to be pushed, or of another record"},
    {"district", "CODE", "district of the order or record; required"},
    {"type", "TYPE", "media type; else by the file's ending"},
    {0}};
static const struct cli_option get_options[] = {
    {"out", "FILE", "where to; required"},
    {"record", "KIND:ID", "of this record instead of an order: pledge:CODE, problem:CODE, village:CODE"},
    {"district", "CODE", "district of the record"},
    {"ticket", "NUMBER", "of the attachment in the department's stream, or in the record"},
    {"reveal", "REASON", "for an order whose text is held back (dispatchers; the view is recorded)"},
    {"person", "ID", "staff number of the person who looks"},
    {0}};

const struct cli_command cli_attach[] = {
    {"attach put", "FILE…", 1, CLI_ARGUMENTS_MOST, "bring photos, recordings or documents to the attachment store",
     put_options,
     "  wangge attach put repaired.jpg --order 17 --district 370117 --as water\n"
     "  wangge attach put before.jpg --district 370117 --as hotline-12345\n"
     "  wangge attach put verified.jpg --district 370117 --as registrar   (then name it in a pledge or listed "
     "problem)\n",
     run_put},
    {"attach get", "[ORDER] SHA256", 1, 2, "fetch an attachment of an order or of another record", get_options,
     "  wangge attach get 17 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --out before.jpg\n"
     "  wangge attach get 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --record problem:p-2026-01 "
     "--district 370117 --out verified.jpg\n",
     run_get},
    {0},
};
