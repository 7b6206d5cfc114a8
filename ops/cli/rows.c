// See rows.h.
#include "ops/cli/rows.h"

#include "ops/cli/sheet.h"

#include "common/base/clock.h"

#include <assert.h>

enum { PAGE = 200 };

static void *member(const ProtobufCMessage *message, const char *name) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
  assert(field && "a listing's messages have it");
  return (char *)(uintptr_t)message + field->offset;
}

static size_t give_rows(const struct cli *cli, const struct cli_listing *all, const ProtobufCMessage *page) {
  const ProtobufCFieldDescriptor *rows = &page->descriptor->fields[0];
  assert(rows->label == PROTOBUF_C_LABEL_REPEATED && rows->type == PROTOBUF_C_TYPE_MESSAGE);
  const size_t count = *(const size_t *)(const void *)((const char *)page + rows->quantifier_offset);
  ProtobufCMessage *const *row = *(ProtobufCMessage *const *const *)(const void *)((const char *)page + rows->offset);
  for (size_t i = 0; i < count; i++) {
    if (cli->json) cli_print_message(row[i]);
    else all->row(all->context, row[i]);
  }
  return count;
}

int cli_list_rows(struct cli *cli, const struct cli_listing *all, int64_t left) {
  struct wg_error error = {0};
  char **token = member(all->request, "page_token");
  const int64_t wanted = left, began = wg_monotonic_us();
  do {
    ProtobufCMessage *page = NULL;
    *(int32_t *)member(all->request, "limit") = (int32_t)(left < PAGE ? left : PAGE);
    if (cli_call(cli, all->service, all->method, all->request, all->response, &page, &error) != WG_OK)
      return cli_complain(cli, &error);
    left -= (int64_t)give_rows(cli, all, page);
    *token = *(char **)member(page, "next_page_token");
    // A page may be short or empty although there are more: looking goes on.
    const double seconds = (double)(wg_monotonic_us() - began) / WG_SECOND_US;
    if (!cli->json)
      cli_progress("looking for more, found", (uint64_t)(wanted - left), 0, (double)(wanted - left) / seconds);
  } while (left > 0 && **token != 0 && !cli_stopped);
  cli_progress_clear();
  return CLI_DONE;
}

wg_status cli_check_out(const struct cli *cli, struct wg_error *error) {
  if (!cli->json || cli_text(&cli->parsed, "out") == NULL) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "out", "--json goes to standard output; --out writes CSV or .xlsx");
}

int cli_give_table(const struct cli *cli, struct cli_table *table) {
  struct wg_error error = {0};
  const char *path = cli_text(&cli->parsed, "out"), *who = cli->principal != NULL ? cli->principal : cli->as;
  if (path == NULL) {
    cli_table_print(table, stdout);
    return CLI_DONE;
  }
  if (cli_sheet_write(table, path, who, wg_now_us(), &error) != WG_OK) return cli_complain(cli, &error);
  printf("%zu rows in %s, marked as exported by %s\n", cli_table_rows(table), path, who);
  return CLI_DONE;
}
