// wangge land notice|objection: notices to the public, the sheets on the wall, and what people object.
#include "ops/cli/land.h"

#include "ops/cli/output.h"

#include "wangge/v1/land_notice.pb-c.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TYPE(name) &wangge__v1__##name##__descriptor

static const struct cli_land_write WRITES[] = {
    {"land notice draft",
     "LandNotice/Draft",
     TYPE(draft_notice_request),
     "village",
     {"0:noticeId", "kind", "title", "text", "subjects*=subjects kind id", "days", "places+=places", "docs+=docs"}},
    {"land notice post", "LandNotice/Post", TYPE(post_notice_request), "village", {"0:noticeId", "places+=places"}},
    {"land notice photo",
     "LandNotice/Photograph",
     TYPE(photograph_notice_request),
     "village",
     {"0:noticeId", "photos*=photos sha256 place"}},
    {"land notice take-down", "LandNotice/TakeDown", TYPE(take_down_notice_request), "village", {"0:noticeId"}},
    {"land notice withdraw", "LandNotice/Withdraw", TYPE(withdraw_notice_request), "village", {"0:noticeId"}},
    {"land objection file",
     "LandNotice/Object",
     TYPE(file_objection_request),
     "village",
     {"0:noticeId", "channel", "text", "name", "party=partyId", "anonymous?", "phone", "subject-kind=subjectKind",
      "subject-id=subjectId", "docs+=docs"}},
    {"land objection accept",
     "LandNotice/Admit",
     TYPE(admit_objection_request),
     "village",
     {"0:objectionId", "!admissible", "reply"}},
    {"land objection dismiss",
     "LandNotice/Admit",
     TYPE(admit_objection_request),
     "village",
     {"0:objectionId", "reply"}},
    {"land objection uphold",
     "LandNotice/Decide",
     TYPE(decide_objection_request),
     "village",
     {"0:objectionId", "!upheld", "reply", "docs+=docs"}},
    {"land objection reject",
     "LandNotice/Decide",
     TYPE(decide_objection_request),
     "village",
     {"0:objectionId", "reply", "docs+=docs"}},
    {"land objection withdraw",
     "LandNotice/WithdrawObjection",
     TYPE(withdraw_objection_request),
     "village",
     {"0:objectionId"}},
    {"land objection appeal",
     "LandNotice/Appeal",
     TYPE(appeal_objection_request),
     "village",
     {"0:objectionId", "text"}},
    {0},
};

static int run_write(struct cli *cli) {
  return cli_land_do(cli, WRITES);
}

// --- the sheet ---
static bool ends_with(const char *text, const char *ending) {
  const size_t size = strlen(text), tail = strlen(ending);
  return size >= tail && strcmp(text + size - tail, ending) == 0;
}

static wg_status write_sheet(const char *path, ProtobufCBinaryData sheet, struct wg_error *error) {
  FILE *file = fopen(path, "wbe");
  if (file == NULL) return wg_fail(error, WG_INVALID_ARGUMENT, "out", "cannot write %s: %s", path, strerror(errno));
  const bool whole = fwrite(sheet.data, 1, sheet.len, file) == sheet.len;
  if (fclose(file) == 0 && whole) return WG_OK;
  wg_fail(error, WG_INTERNAL, "out", "cannot write %s: %s", path, strerror(errno));
  remove(path);
  return error->code;
}

static wg_status make_request(struct cli *cli, Wangge__V1__SheetRequest *request, struct wg_error *error) {
  const char *path = cli_text(&cli->parsed, "out"), *village = cli_land_village(cli, error);
  if (village == NULL) return error->code;
  if (path != NULL && ends_with(path, ".pdf")) request->format = WANGGE__V1__SHEET_FORMAT__SHEET_FORMAT_PDF;
  else if (path != NULL && ends_with(path, ".html")) request->format = WANGGE__V1__SHEET_FORMAT__SHEET_FORMAT_HTML;
  else return wg_fail(error, WG_INVALID_ARGUMENT, "out", "--out FILE.pdf or FILE.html is required");
  request->village = (char *)(uintptr_t)village;
  request->notice_id = (char *)(uintptr_t)cli->parsed.argument[0];
  return WG_OK;
}

static int run_sheet(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__SheetRequest request = WANGGE__V1__SHEET_REQUEST__INIT;
  if (make_request(cli, &request, &error) != WG_OK) return cli_usage(cli, &error);
  int code = CLI_DONE;
  cli_as(cli, "village");
  const Wangge__V1__SheetResponse *response = (Wangge__V1__SheetResponse *)cli_ask(
      cli, CLI_LAND, "wangge.v1.LandNotice/Sheet", &request.base, TYPE(sheet_response), &code);
  if (response == NULL) return code;
  const char *path = cli_text(&cli->parsed, "out");
  if (write_sheet(path, response->sheet, &error) != WG_OK) return cli_complain(cli, &error);
  if (response->missing_characters > 0)
    fprintf(stderr, "wangge: %d characters are in no font where land runs and are boxes on the sheet\n",
            (int)response->missing_characters);
  if (cli->json)
    cli_print_json(json_pack("{s:s,s:I,s:s,s:i}", "file", path, "bytes", (json_int_t)response->sheet.len, "mediaType",
                             response->media_type, "missingCharacters", (int)response->missing_characters));
  else printf("%s: %zu bytes\n", path, response->sheet.len);
  return CLI_DONE;
}

// --- tables ---
static const struct cli_option draft_options[] = {
    {"kind", "NAME", "survey, plan, result or change"},
    {"title", "TEXT", "one line"},
    {"text", "TEXT", "what people are told; line feeds separate paragraphs"},
    {"subjects", "LIST", "what it is about: KIND:ID,KIND:ID"},
    {"days", "N", "how long; else what policy says for the kind"},
    {"places", "LIST", "where it will hang, separated by commas"},
    {"docs", "LIST", "SHA-256 of maps and lists beside it"},
    CLI_LAND_WRITE};
static const struct cli_option post_options[] = {{"places", "LIST", "where it hangs; else as drafted"}, CLI_LAND_WRITE};
static const struct cli_option photo_options[] = {
    {"photos", "LIST", "SHA256:PLACE,… (with --file also the day they were taken)"}, CLI_LAND_WRITE};
static const struct cli_option write_options[] = {CLI_LAND_WRITE};
static const struct cli_option sheet_options[] = {
    CLI_LAND_VILLAGE, {"out", "FILE", "FILE.pdf or FILE.html; required"}, {0}};
static const struct cli_option file_options[] = {{"channel", "NAME", "visit, letter, phone, box or online"},
                                                 {"text", "TEXT", "what is objected"},
                                                 {"name", "NAME", "who objects"},
                                                 {"party", "ID", "who objects, when it is a party of the ledger"},
                                                 {"anonymous", NULL, "gives no name"},
                                                 {"phone", "NUMBER", "sealed"},
                                                 {"subject-kind", "KIND", "one subject of the notice, with"},
                                                 {"subject-id", "ID", "its id; else the notice as a whole"},
                                                 {"docs", "LIST", "SHA-256 of documents"},
                                                 CLI_LAND_WRITE};
static const struct cli_option reply_options[] = {{"reply", "TEXT", "what is answered"}, CLI_LAND_WRITE};
static const struct cli_option decide_options[] = {
    {"reply", "TEXT", "what is answered"}, {"docs", "LIST", "SHA-256 of documents"}, CLI_LAND_WRITE};
static const struct cli_option appeal_options[] = {{"text", "TEXT", "why"}, CLI_LAND_WRITE};

const struct cli_command cli_land_notice[] = {
    {"land notice draft", "[ID]", 0, 1, "draft a notice to the public, or change a draft (公示)", draft_options,
     "  wangge land notice draft --village 131102101201 --kind survey --title '闲散地块调查结果' \\\n"
     "    --subjects parcel:P-1,parcel:P-2 --places 村委会公告栏,小学门口\n",
     run_write},
    {"land notice post", "ID", 1, 1, "put it up: its content is fixed from here on (张榜)", post_options,
     "  wangge land notice post notice-12 --village 131102101201\n", run_write},
    {"land notice photo", "ID", 1, 1, "file photos of the sheet where it hangs", photo_options,
     "  wangge land notice photo notice-12 --village 131102101201 --photos \"$(sha256sum wall.jpg | cut "
     "-c1-64):小学门口\"\n"
     "  wangge land notice photo notice-12 --village 131102101201 --file photos.json\n",
     run_write},
    {"land notice take-down", "ID", 1, 1, "note that it was taken down; before its end it is void then", write_options,
     "  wangge land notice take-down notice-12 --village 131102101201\n", run_write},
    {"land notice withdraw", "ID", 1, 1, "make a draft or a posted notice void", write_options,
     "  wangge land notice withdraw notice-12 --village 131102101201 --reason '面积有误，重新公示'\n", run_write},
    {"land notice sheet", "ID", 1, 1, "the sheet for the wall, with codes that prove what the ledger was",
     sheet_options,
     "  wangge land notice sheet notice-12 --village 131102101201 --out notice-12.pdf\n"
     "  wangge land list notice --village 131102101201 --state posted\n",
     run_sheet},
    {"land objection file", "NOTICE", 1, 1, "file an objection for anybody (异议)", file_options,
     "  wangge land objection file notice-12 --village 131102101201 --channel visit --name '演示人' \\\n"
     "    --subject-kind parcel --subject-id P-1 --text '东边界量到我家地里了'\n"
     "  wangge land objection file notice-12 --village 131102101201 --channel box --anonymous --text '名单不全'\n",
     run_write},
    {"land objection accept", "ID", 1, 1, "admit it for decision (受理)", reply_options,
     "  wangge land objection accept notice-12-objection-15 --village 131102101201\n", run_write},
    {"land objection dismiss", "ID", 1, 1, "say why it is inadmissible (不予受理)", reply_options,
     "  wangge land objection dismiss notice-12-objection-15 --village 131102101201 --reply '不属于公示内容'\n",
     run_write},
    {"land objection uphold", "ID", 1, 1, "it is right (异议成立)", decide_options,
     "  wangge land objection uphold notice-12-objection-15 --village 131102101201 --person '演示主任' \\\n"
     "    --reply '经实地测量，边界应西移'\n",
     run_write},
    {"land objection reject", "ID", 1, 1, "it is not (异议不成立)", decide_options,
     "  wangge land objection reject notice-12-objection-15 --village 131102101201 --person '演示主任' \\\n"
     "    --reply '经实地测量，边界无误'\n",
     run_write},
    {"land objection withdraw", "ID", 1, 1, "who objected no longer does", write_options,
     "  wangge land objection withdraw notice-12-objection-15 --village 131102101201 --reason '本人书面撤回'\n",
     run_write},
    {"land objection appeal", "ID", 1, 1, "take the decision to the township (申请复核)", appeal_options,
     "  wangge land objection appeal notice-12-objection-15 --village 131102101201 --text '没有到地里看'\n", run_write},
    {0},
};
