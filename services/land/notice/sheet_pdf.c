// The sheet as PDF, by Pango and Cairo: they break Chinese lines as they should be broken, take a character that one
// font lacks from another, and embed what they used. fonts-noto-cjk has every character of the 通用规范汉字表, also the
// rare ones of people's names that lie outside Unicode's first plane.
//
// The same bytes for the same sheet: the only date in the file is that of the posting, and letters are set without
// regard to a screen.
#include "services/land/notice/sheet.h"

#include "common/base/clock.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 595.28 // A4, points
#define HEIGHT 841.89
#define MARGIN 48.0
#define BOTTOM (HEIGHT - MARGIN - 16) // below it stands the foot
#define FAMILY "Noto Sans CJK SC, Noto Sans CJK, sans-serif"

enum { CELLS = 5 };
struct page {
  const struct land_sheet *sheet;
  struct wg_arena *arena;
  cairo_t *cairo;
  PangoContext *context;
  PangoLayout *layout, *cell[CELLS]; // for all texts and all rows: making one costs more than setting it
  double y;                          // where the next text begins
  int number, missing;
};

// --- texts ---
static void set_text(struct page *page, PangoLayout *layout, const char *text, double width, PangoAlignment alignment) {
  pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(layout, alignment);
  pango_layout_set_text(layout, text, -1);
  page->missing += pango_layout_get_unknown_glyphs_count(layout);
}

static void set_font(PangoLayout *layout, double points, bool bold) {
  PangoFontDescription *font = pango_font_description_from_string(FAMILY);
  pango_font_description_set_size(font, (gint)(points * PANGO_SCALE));
  if (bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(layout, font);
  pango_font_description_free(font);
}

static double text_height(PangoLayout *layout) {
  int width, height;
  pango_layout_get_size(layout, &width, &height);
  return (double)height / PANGO_SCALE;
}

// --- pages ---
// put_foot names the notice and its hash on every page, so that none can be exchanged alone.
static void put_foot(struct page *page) {
  struct land_sheet_fact const *fact = land_sheet_facts(page->sheet, page->arena);
  const char *hash = "";
  for (; fact->label; fact++) {
    if (strcmp(fact->label, "内容哈希") == 0) hash = fact->value;
  }
  set_font(page->layout, 8, false);
  set_text(page, page->layout,
           wg_arena_printf(page->arena, "%s  %s  第 %d 页", page->sheet->notice_id, hash, page->number),
           WIDTH - 2 * MARGIN, PANGO_ALIGN_CENTER);
  cairo_move_to(page->cairo, MARGIN, HEIGHT - MARGIN);
  pango_cairo_show_layout(page->cairo, page->layout);
}

static void next_page(struct page *page) {
  put_foot(page);
  cairo_show_page(page->cairo);
  page->number++;
  page->y = MARGIN;
}

// put_paragraph sets a text of any length, line by line over as many pages as it takes.
static void put_paragraph(struct page *page, const char *text, double points, bool bold, PangoAlignment alignment) {
  set_font(page->layout, points, bold);
  set_text(page, page->layout, text, WIDTH - 2 * MARGIN, alignment);
  PangoLayout *set = pango_layout_copy(page->layout); // the foot of a page takes the other one
  PangoLayoutIter *line = pango_layout_get_iter(set);
  do {
    PangoRectangle box;
    pango_layout_iter_get_line_extents(line, NULL, &box);
    const double height = (double)box.height / PANGO_SCALE;
    if (page->y + height > BOTTOM) next_page(page);
    const double baseline = (double)(pango_layout_iter_get_baseline(line) - box.y) / PANGO_SCALE;
    cairo_move_to(page->cairo, MARGIN + (double)box.x / PANGO_SCALE, page->y + baseline);
    pango_cairo_show_layout_line(page->cairo, pango_layout_iter_get_line_readonly(line));
    page->y += height * 1.15;
  } while (pango_layout_iter_next_line(line));
  pango_layout_iter_free(line);
  g_object_unref(set);
  page->y += points * 0.5;
}

// --- tables ---
struct cell {
  const char *text;
  double width;
};

// put_row sets cells side by side, as high as the highest; a row stays on one page.
static void put_row(struct page *page, const struct cell *cells, size_t count) {
  const double pad = 3;
  double height = 0, x = MARGIN;
  for (size_t i = 0; i < count; i++) {
    set_text(page, page->cell[i], cells[i].text, cells[i].width - 2 * pad, PANGO_ALIGN_LEFT);
    const double own = text_height(page->cell[i]) + 2 * pad;
    if (own > height) height = own;
  }
  if (page->y + height > BOTTOM) next_page(page);
  for (size_t i = 0; i < count; i++) {
    cairo_rectangle(page->cairo, x, page->y, cells[i].width, height);
    cairo_move_to(page->cairo, x + pad, page->y + pad);
    pango_cairo_show_layout(page->cairo, page->cell[i]);
    x += cells[i].width;
  }
  cairo_stroke(page->cairo);
  page->y += height;
}

static void set_cells(struct page *page, double points, bool bold) {
  for (int i = 0; i < CELLS; i++)
    set_font(page->cell[i], points, bold);
}

static void put_facts(struct page *page) {
  set_cells(page, 10.5, false);
  for (const struct land_sheet_fact *fact = land_sheet_facts(page->sheet, page->arena); fact->label; fact++) {
    const struct cell cells[] = {{fact->label, 70}, {fact->value, WIDTH - 2 * MARGIN - 70}};
    put_row(page, cells, 2);
  }
  page->y += 8;
}

static void put_subjects(struct page *page) {
  enum { NUMBER = 40, KIND = 56, ID = 118, HASH = 106 };
  const double label = WIDTH - 2 * MARGIN - NUMBER - KIND - ID - HASH;
  const struct cell head[] = {
      {"序号", NUMBER}, {"种类", KIND}, {"编号", ID}, {"名称及内容", label}, {"内容哈希", HASH}};
  set_cells(page, 9.5, true);
  put_row(page, head, CELLS);
  set_cells(page, 9.5, false);
  const Wangge__V1__Notice *notice = page->sheet->notice;
  for (size_t i = 0; i < notice->n_subjects; i++) {
    const Wangge__V1__NoticeSubject *subject = notice->subjects[i];
    char hash[17], number[24];
    snprintf(number, sizeof number, "%zu", i + 1);
    const char *text =
        *subject->summary ? wg_arena_printf(page->arena, "%s\n%s", subject->label, subject->summary) : subject->label;
    const struct cell cells[] = {{number, NUMBER},
                                 {land_sheet_kind(subject->kind), KIND},
                                 {subject->id, ID},
                                 {text, label},
                                 {land_sheet_short(subject, hash), HASH}};
    put_row(page, cells, CELLS);
  }
  page->y += 10;
}

// --- codes ---
static void put_code(struct page *page, const char *text, const char *caption, double x) {
  const double side = 125;
  const struct land_qr qr = land_qr_make(text, page->arena);
  const double module = side / (qr.width + 8);
  for (int at = 0; at < qr.width * qr.width; at++) {
    if (!qr.black[at]) continue;
    const int row = at / qr.width, column = at % qr.width;
    cairo_rectangle(page->cairo, x + (column + 4) * module, page->y + (row + 4) * module, module, module);
  }
  cairo_fill(page->cairo); // all modules are one path: no hairlines between them
  set_font(page->layout, 9, false);
  set_text(page, page->layout, caption, side, PANGO_ALIGN_CENTER);
  cairo_move_to(page->cairo, x, page->y + side);
  pango_cairo_show_layout(page->cairo, page->layout);
}

static void put_codes(struct page *page) {
  const double height = 145;
  if (page->y + height > BOTTOM) next_page(page);
  put_code(page, land_sheet_checkpoint(page->sheet, page->arena), "台账", MARGIN);
  put_code(page, land_sheet_notice(page->sheet, page->arena), "公示内容", MARGIN + 180);
  page->y += height;
  put_paragraph(page, LAND_SHEET_VERIFY, 9, false, PANGO_ALIGN_LEFT);
}

// --- the document ---
static void put_all(struct page *page) {
  const Wangge__V1__Notice *notice = page->sheet->notice;
  const char *mark = land_sheet_mark(page->sheet);
  if (mark) put_paragraph(page, mark, 22, true, PANGO_ALIGN_CENTER);
  put_paragraph(page, land_sheet_title(page->sheet, page->arena), 24, true, PANGO_ALIGN_CENTER);
  put_paragraph(page, notice->title, 15, true, PANGO_ALIGN_CENTER);
  if (*notice->text) put_paragraph(page, notice->text, 12, false, PANGO_ALIGN_LEFT);
  put_facts(page);
  put_subjects(page);
  put_paragraph(page, LAND_SHEET_OBJECT, 10.5, false, PANGO_ALIGN_LEFT);
  if (land_sheet_posted(page->sheet)) put_codes(page);
  put_foot(page);
}

// RFC 3339 of the posting; a draft has no time, so that it too comes out the same twice.
static void describe(cairo_surface_t *surface, const struct land_sheet *sheet, struct wg_arena *arena) {
  char made[40];
  wg_rfc3339_format(sheet->notice->posted_at, made);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
                                 wg_arena_printf(arena, "%s %s", land_sheet_title(sheet, arena), sheet->notice_id));
}

static void set_drawing(struct page *page) {
  cairo_font_options_t *options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(page->context, options);
  pango_cairo_context_set_resolution(page->context, 72); // a point is a point
  pango_context_set_language(page->context, pango_language_from_string("zh-cn"));
  cairo_font_options_destroy(options);
  cairo_set_line_width(page->cairo, 0.6);
}

static cairo_status_t take(void *context, const unsigned char *data, unsigned size) {
  wg_buffer_append(context, data, size);
  return CAIRO_STATUS_SUCCESS;
}

wg_status land_sheet_pdf(const struct land_sheet *sheet, struct wg_arena *arena, struct wg_buffer *out, int *missing,
                         struct wg_error *error) {
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(take, out, WIDTH, HEIGHT);
  describe(surface, sheet, arena);
  struct page page = {.sheet = sheet, .arena = arena, .cairo = cairo_create(surface), .y = MARGIN, .number = 1};
  page.context = pango_cairo_create_context(page.cairo);
  page.layout = pango_layout_new(page.context);
  for (int i = 0; i < CELLS; i++)
    page.cell[i] = pango_layout_new(page.context);
  set_drawing(&page);
  set_font(page.layout, 10, false);
  set_text(&page, page.layout, "公示", WIDTH, PANGO_ALIGN_LEFT);
  const bool chinese = page.missing == 0;
  page.missing = 0;
  if (chinese) put_all(&page);
  *missing = page.missing;
  g_object_unref(page.layout);
  for (int i = 0; i < CELLS; i++)
    g_object_unref(page.cell[i]);
  g_object_unref(page.context);
  cairo_destroy(page.cairo);
  cairo_surface_finish(surface);
  const cairo_status_t status = cairo_surface_status(surface);
  cairo_surface_destroy(surface);
  if (!chinese)
    return wg_fail(error, WG_FAILED_PRECONDITION, "format",
                   "no font for Chinese is installed where land runs: install fonts-noto-cjk, or ask for html");
  if (status != CAIRO_STATUS_SUCCESS)
    return wg_fail(error, WG_INTERNAL, NULL, "the PDF could not be made: %s", cairo_status_to_string(status));
  return WG_OK;
}

#ifdef __SANITIZE_ADDRESS__
// Memory of the libraries, none of it ours: fontconfig keeps what it read for as long as the process lives, and
// Debian's cairo 1.16 loses 768 bytes for each font it embeds.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libfontconfig.so\nleak:libcairo.so\nleak:libpango\n";
}
#endif
