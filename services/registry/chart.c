// See chart.h.
#include "services/registry/chart.h"

#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MOST = REGISTRY_CHART_STEPS,
  BOX_WIDTH = 220,
  BOX_HEIGHT = 76,
  DIAMOND_HEIGHT = 72,
  COLUMN = 260, // from one box to the next
  GAP = 56,     // between layers, for the ways
  MARGIN = 24,
  HEADING = 44,
  LANE = 14,           // from one way at the side to the next
  TITLE_UNITS = 26,    // a Chinese character is two units wide
  DETAIL_UNITS = 32,   // of who and days: smaller letters
  QUESTION_UNITS = 24, // the diamond narrows
  HEADING_UNITS = 2 * 2 * 60,
};
static const char FONTS[] =
    "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','SimSun',sans-serif";

struct layout {
  const Wangge__V1__ListItem *item;
  int count, layers, lanes_left, lanes_right;
  int layer[MOST], x[MOST], y[MOST]; // middle of the box's upper edge
  int row_bottom[MOST], in_layer[MOST];
  bool follows[MOST][MOST], back[MOST][MOST];
};

// --- text ---
// put_text appends XML text, at most `units` wide: what is cut ends with an ellipsis. What XML may not hold is a blank.
static void put_text(struct wg_buffer *out, const char *text, int units) {
  const size_t size = strlen(text);
  for (size_t at = 0, step; at < size; at += step) {
    const uint8_t *here = (const uint8_t *)text + at;
    const size_t length = wg_utf8_step(here, size - at);
    step = length ? length : 1;
    units -= length > 1 ? 2 : 1;
    const bool last = at + step == size;
    if (units < (last ? 0 : 2)) {
      wg_buffer_text(out, "…");
      return;
    }
    wg_markup_append(out, *here == '\n' ? wg_bytes_of(" ") : (struct wg_bytes){here, step});
  }
}

static void label(struct wg_buffer *out, int x, int y, const char *class, const char *text, int units) {
  wg_buffer_printf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
  put_text(out, text, units);
  wg_buffer_text(out, "</text>\n");
}

// --- layout ---
static int find_step(const struct layout *layout, int32_t n) {
  for (int i = 0; i < layout->count; i++) {
    if (layout->item->steps[i]->n == n) return i;
  }
  return -1;
}

static void find_ways(struct layout *layout) {
  for (int i = 0; i < layout->count; i++) {
    const Wangge__V1__ListStep *step = layout->item->steps[i];
    if (!step->n_next && i + 1 < layout->count) layout->follows[i][i + 1] = true;
    for (size_t k = 0; k < step->n_next; k++) {
      const int to = find_step(layout, step->next[k]);
      if (to >= 0) layout->follows[i][to] = true;
    }
  }
}

// mark_back goes along the ways from a step; a way to a step it has come by leads back.
static void mark_back(struct layout *layout, int from, char *state) {
  state[from] = 1; // on the way here
  for (int to = 0; to < layout->count; to++) {
    if (!layout->follows[from][to]) continue;
    if (state[to] == 1) layout->back[from][to] = true;
    else if (state[to] == 0) mark_back(layout, to, state);
  }
  state[from] = 2;
}

static void set_layers(struct layout *layout) {
  char state[MOST] = {0};
  for (int i = 0; i < layout->count; i++) {
    if (state[i] == 0) mark_back(layout, i, state);
  }
  // Without the ways back there is no circle: this comes to rest.
  for (bool more = true; more;) {
    more = false;
    for (int i = 0; i < layout->count; i++) {
      for (int k = 0; k < layout->count; k++) {
        if (!layout->follows[i][k] || layout->back[i][k] || layout->layer[k] > layout->layer[i]) continue;
        layout->layer[k] = layout->layer[i] + 1;
        more = true;
      }
    }
  }
}

static bool asks(const struct layout *layout, int i) {
  return *layout->item->steps[i]->condition != 0;
}

static bool at_side(const struct layout *layout, int from, int to) {
  return layout->back[from][to] || layout->layer[to] != layout->layer[from] + 1;
}

static void set_places(struct layout *layout, int *width, int *height) {
  int widest = 0, left = 0, right = 0;
  for (int i = 0; i < layout->count; i++) {
    const int in = ++layout->in_layer[layout->layer[i]];
    if (in > widest) widest = in;
    if (layout->layer[i] >= layout->layers) layout->layers = layout->layer[i] + 1;
    for (int k = 0; k < layout->count; k++) {
      if (!layout->follows[i][k] || !at_side(layout, i, k)) continue;
      if (layout->back[i][k]) right++;
      else left++;
    }
  }
  const int origin = MARGIN + left * LANE;
  *width = origin + widest * COLUMN + right * LANE + MARGIN;
  int y = MARGIN + HEADING;
  for (int layer = 0; layer < layout->layers; layer++) {
    bool question = false;
    int nth = 0;
    for (int i = 0; i < layout->count; i++) {
      if (layout->layer[i] != layer) continue;
      layout->y[i] = y;
      layout->x[i] = origin + (widest - layout->in_layer[layer]) * COLUMN / 2 + nth++ * COLUMN + COLUMN / 2;
      question |= asks(layout, i);
    }
    layout->row_bottom[layer] = y + BOX_HEIGHT + (question ? DIAMOND_HEIGHT : 0);
    y = layout->row_bottom[layer] + GAP;
  }
  *height = y - GAP + MARGIN;
  layout->lanes_left = origin;
  layout->lanes_right = origin + widest * COLUMN;
}

// --- drawing ---
static int bottom(const struct layout *layout, int i) {
  return layout->y[i] + BOX_HEIGHT + (asks(layout, i) ? DIAMOND_HEIGHT : 0);
}

static void draw_step(struct wg_buffer *out, const struct layout *layout, int i) {
  const Wangge__V1__ListStep *step = layout->item->steps[i];
  const int x = layout->x[i], y = layout->y[i];
  bool ends = true;
  for (int k = 0; k < layout->count; k++)
    ends = ends && !layout->follows[i][k];
  wg_buffer_printf(out, "<g class=\"step\" id=\"step-%d\"><title>", step->n);
  put_text(out, step->title, 4096);
  wg_buffer_printf(out, "</title>\n<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>\n", x - BOX_WIDTH / 2,
                   y, BOX_WIDTH, BOX_HEIGHT, i == 0 || ends ? BOX_HEIGHT / 2 : 4);
  char number[32], days[48];
  snprintf(number, sizeof number, "%d", step->n);
  label(out, x, y + 18, "number", number, TITLE_UNITS);
  label(out, x, y + 40, "title", step->title, TITLE_UNITS);
  if (step->days > 0) snprintf(days, sizeof days, "%d个工作日", step->days);
  else snprintf(days, sizeof days, "即时");
  // The days are never cut: who gives way.
  const int room = DETAIL_UNITS - 2 - 2 * (int)(strlen(days) / 3 + 1);
  wg_buffer_printf(out, "<text class=\"detail\" x=\"%d\" y=\"%d\">", x, y + 61);
  put_text(out, step->who, room);
  wg_buffer_printf(out, "%s%s", *step->who ? " · " : "", days);
  wg_buffer_text(out, "</text>\n");
  if (asks(layout, i)) {
    const int top = y + BOX_HEIGHT, middle = top + DIAMOND_HEIGHT / 2;
    wg_buffer_printf(out, "<path class=\"question\" d=\"M%d %dL%d %dL%d %dL%d %dZ\"/>\n", x, top, x + BOX_WIDTH / 2,
                     middle, x, top + DIAMOND_HEIGHT, x - BOX_WIDTH / 2, middle);
    label(out, x, middle + 5, "detail", step->condition, QUESTION_UNITS);
  }
  wg_buffer_text(out, "</g>\n");
}

// draw_way: down to the space between the layers, across, and into the next box from above.
static void draw_way(struct wg_buffer *out, const struct layout *layout, int from, int to, int *left, int *right) {
  const int x = layout->x[from], y = bottom(layout, from), into_x = layout->x[to], into_y = layout->y[to];
  const bool back = layout->back[from][to];
  wg_buffer_printf(out, "<path class=\"%s\" marker-end=\"url(#arrow)\" d=\"M%d %d", back ? "way back" : "way", x, y);
  if (!at_side(layout, from, to)) {
    // Where a row has boxes with and without a question, the way first goes down past the diamonds.
    wg_buffer_printf(out, "V%dH%dV%d\"/>\n", into_y - GAP / 2, into_x, into_y);
    return;
  }
  const int lane = back ? layout->lanes_right + LANE * ++*right : layout->lanes_left - LANE * ++*left;
  wg_buffer_printf(out, "V%dH%dV%dH%dV%d\"/>\n", layout->row_bottom[layout->layer[from]] + GAP / 4, lane,
                   into_y - GAP / 4, into_x, into_y);
}

static void draw_heading(struct wg_buffer *out, const Wangge__V1__ListItem *item, int width, int height) {
  wg_buffer_printf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\" "
                   "viewBox=\"0 0 %d %d\" font-family=\"%s\">\n<title>",
                   width, height, width, height, FONTS);
  put_text(out, item->name, 4096);
  wg_buffer_text(
      out,
      "流程图</title>\n"
      "<style>rect,.question{fill:#fff;stroke:#b3261e;stroke-width:1.5}.question{fill:#fdf3e7}"
      ".way{fill:none;stroke:#444;stroke-width:1.5}.back{stroke-dasharray:6 4}text{text-anchor:middle;fill:#222}"
      ".heading{font-size:18px;font-weight:bold}.title{font-size:15px}.detail{font-size:12px;fill:#555}"
      ".number{font-size:11px;fill:#888}</style>\n"
      "<defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" "
      "orient=\"auto\"><path d=\"M0 0L10 5L0 10Z\" fill=\"#444\"/></marker></defs>\n"
      "<rect width=\"100%\" height=\"100%\" style=\"stroke:none\"/>\n");
  const int units = width / 9 < HEADING_UNITS ? width / 9 : HEADING_UNITS;
  label(out, width / 2, MARGIN + 16, "heading", item->name, units);
}

wg_status registry_chart(const Wangge__V1__ListItem *item, struct wg_buffer *svg, struct wg_error *error) {
  if (!item->n_steps) return wg_fail(error, WG_FAILED_PRECONDITION, "code", "the item has no steps to draw");
  if (item->n_steps > MOST)
    return wg_fail(error, WG_FAILED_PRECONDITION, "code", "the item has %zu steps: at most %d can be drawn",
                   item->n_steps, MOST);
  struct layout *layout = wg_zalloc(sizeof *layout);
  layout->item = item;
  layout->count = (int)item->n_steps;
  int width = 0, height = 0, left = 0, right = 0;
  find_ways(layout);
  set_layers(layout);
  set_places(layout, &width, &height);
  draw_heading(svg, item, width, height);
  for (int from = 0; from < layout->count; from++) {
    for (int to = 0; to < layout->count; to++) {
      if (layout->follows[from][to]) draw_way(svg, layout, from, to, &left, &right);
    }
  }
  for (int i = 0; i < layout->count; i++)
    draw_step(svg, layout, i);
  wg_buffer_text(svg, "</svg>\n");
  free(layout);
  return WG_OK;
}
