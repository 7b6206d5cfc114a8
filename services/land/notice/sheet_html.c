// The sheet as HTML: one document without scripts, printed on A4 by any browser. Every text from outside is escaped.
#include "common/base/text.h"
#include "services/land/notice/sheet.h"

#include <string.h>

static const char HEAD[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<style>\n"
    "@page { size: A4; margin: 18mm 16mm }\n"
    "body { font-family: \"Noto Sans CJK SC\", \"Source Han Sans SC\", \"Microsoft YaHei\", sans-serif; line-height: "
    "1.6;\n"
    "  max-width: 178mm; margin: 0 auto; color: #000; background: #fff }\n"
    "h1 { text-align: center; font-size: 24pt; margin: 0 0 4mm } h2 { text-align: center; font-size: 15pt; margin: 0 "
    "}\n"
    ".mark { text-align: center; font-size: 20pt; border: 1mm solid #000; padding: 2mm }\n"
    "table { border-collapse: collapse; width: 100%; margin: 4mm 0 } tr { break-inside: avoid }\n"
    "th, td { border: 0.2mm solid #555; padding: 1mm 2mm; text-align: left; vertical-align: top;\n"
    "  overflow-wrap: anywhere }\n"
    ".facts th { white-space: nowrap; width: 1% } code { font-size: 9pt }\n"
    ".text { white-space: pre-line; text-align: justify } .codes { display: flex; gap: 12mm; break-inside: avoid }\n"
    "figure { margin: 0; text-align: center } figure svg { width: 40mm; height: 40mm } .note { font-size: 9pt }\n"
    "</style>\n";

static void put(struct wg_buffer *out, const char *text) {
  wg_markup_append(out, wg_bytes_of(text));
}

static void put_element(struct wg_buffer *out, const char *open, const char *text, const char *close) {
  wg_buffer_text(out, open);
  put(out, text);
  wg_buffer_text(out, close);
}

// A code is one path; its runs of black modules are as wide as they are.
static void put_code(struct wg_buffer *out, const char *text, const char *caption, struct wg_arena *arena) {
  const struct land_qr qr = land_qr_make(text, arena);
  wg_buffer_printf(out, "<figure><svg viewBox=\"-4 -4 %d %d\" role=\"img\"><path d=\"", qr.width + 8, qr.width + 8);
  for (int y = 0; y < qr.width; y++) {
    const uint8_t *row = qr.black + y * qr.width;
    for (int x = 0, end; x < qr.width; x = end) {
      for (end = x + 1; end < qr.width && row[end] == row[x];)
        end++;
      if (row[x]) wg_buffer_printf(out, "M%d %dh%dv1h-%dz", x, y, end - x, end - x);
    }
  }
  wg_buffer_text(out, "\"/></svg><figcaption>");
  put(out, caption);
  wg_buffer_text(out, "</figcaption></figure>\n");
}

static void put_facts(struct wg_buffer *out, const struct land_sheet *sheet, struct wg_arena *arena) {
  wg_buffer_text(out, "<table class=\"facts\">\n");
  for (const struct land_sheet_fact *fact = land_sheet_facts(sheet, arena); fact->label; fact++) {
    put_element(out, "<tr><th>", fact->label, "</th><td>");
    put_element(out, "", fact->value, "</td></tr>\n");
  }
  wg_buffer_text(out, "</table>\n");
}

static void put_subjects(struct wg_buffer *out, const Wangge__V1__Notice *notice) {
  wg_buffer_text(
      out,
      "<table>\n<thead><tr><th>序号</th><th>种类</th><th>编号</th><th>名称及内容</th><th>内容哈希</th></tr></thead>\n"
      "<tbody>\n");
  for (size_t i = 0; i < notice->n_subjects; i++) {
    const Wangge__V1__NoticeSubject *subject = notice->subjects[i];
    char hash[17];
    wg_buffer_printf(out, "<tr><td>%zu", i + 1);
    put_element(out, "</td><td>", land_sheet_kind(subject->kind), "</td><td>");
    put_element(out, "", subject->id, "</td><td>");
    put_element(out, "", subject->label, *subject->summary ? "<div class=\"text\">" : "");
    put_element(out, "", subject->summary, *subject->summary ? "</div></td><td><code>" : "</td><td><code>");
    put_element(out, "", land_sheet_short(subject, hash), "</code></td></tr>\n");
  }
  wg_buffer_text(out, "</tbody></table>\n");
}

void land_sheet_html(const struct land_sheet *sheet, struct wg_arena *arena, struct wg_buffer *out) {
  const Wangge__V1__Notice *notice = sheet->notice;
  const char *title = land_sheet_title(sheet, arena), *mark = land_sheet_mark(sheet);
  wg_buffer_text(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n");
  wg_buffer_text(out, HEAD);
  put_element(out, "<title>", wg_arena_printf(arena, "%s %s", title, sheet->notice_id), "</title>\n</head>\n<body>\n");
  if (mark) put_element(out, "<p class=\"mark\">", mark, "</p>\n");
  put_element(out, "<h1>", title, "</h1>\n");
  put_element(out, "<h2>", notice->title, "</h2>\n");
  if (*notice->text) put_element(out, "<p class=\"text\">", notice->text, "</p>\n");
  put_facts(out, sheet, arena);
  put_subjects(out, notice);
  put_element(out, "<p>", LAND_SHEET_OBJECT, "</p>\n");
  if (land_sheet_posted(sheet)) {
    wg_buffer_text(out, "<div class=\"codes\">\n");
    put_code(out, land_sheet_checkpoint(sheet, arena), "台账", arena);
    put_code(out, land_sheet_notice(sheet, arena), "公示内容", arena);
    wg_buffer_text(out, "</div>\n");
    put_element(out, "<p class=\"note\">", LAND_SHEET_VERIFY, "</p>\n");
  }
  wg_buffer_text(out, "</body>\n</html>\n");
}
