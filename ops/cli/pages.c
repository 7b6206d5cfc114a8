// See pages.h.
#include "ops/cli/pages.h"

#include "ops/cli/output.h"

#include <assert.h>

enum { PAGE = 200 };

static void *member(const ProtobufCMessage *message, const char *name) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
  assert(field && "a listing's messages have it");
  return (char *)(uintptr_t)message + field->offset;
}

static size_t give_rows(const struct cli *cli, const struct cli_pages *pages, const ProtobufCMessage *page) {
  const ProtobufCFieldDescriptor *rows = &page->descriptor->fields[0];
  assert(rows->label == PROTOBUF_C_LABEL_REPEATED && rows->type == PROTOBUF_C_TYPE_MESSAGE);
  const size_t count = *(const size_t *)(const void *)((const char *)page + rows->quantifier_offset);
  ProtobufCMessage *const *row = *(ProtobufCMessage *const *const *)(const void *)((const char *)page + rows->offset);
  for (size_t i = 0; i < count; i++) {
    if (cli->json) cli_print_message(row[i]);
    else pages->row(pages->context, row[i]);
  }
  return count;
}

int cli_pages(struct cli *cli, const struct cli_pages *pages, int64_t left) {
  struct wg_error error = {0};
  char **token = member(pages->request, "page_token");
  do {
    ProtobufCMessage *page = NULL;
    *(int32_t *)member(pages->request, "limit") = (int32_t)(left < PAGE ? left : PAGE);
    if (cli_call(cli, pages->service, pages->method, pages->request, pages->response, &page, &error) != WG_OK)
      return cli_complain(cli, &error);
    left -= (int64_t)give_rows(cli, pages, page);
    *token = *(char **)member(page, "next_page_token");
  } while (left > 0 && **token != 0 && !cli_stopped);
  return CLI_DONE;
}
