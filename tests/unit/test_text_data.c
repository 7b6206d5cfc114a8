// The text engine on real complaints: categories by cross-validation, and known problems found again among thousands of
// messages in the order they came. Skips when the data is not there: $WANGGE_DATA, else ../shared/data beside the tree.
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "common/base/map.h"
#include "common/csv/csv.h"
#include "services/routing/text/similar.h"
#include "services/routing/text/train.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/place_harvest.h"
#include "tests/unit/text_fixture.h"

enum { MESSAGES = 5000, GOLD = 400 };

struct message {
  const char *id, *user, *title, *body, *label;
  int64_t at;
  struct routing_text text;
  struct routing_vector vector;
  struct routing_packed packed;
  const char *place; // "" unknown
  int cluster;       // of the gold file; -1: none
  int problem;       // it was put to
};

struct data {
  struct wg_arena *arena;
  struct routing_text_work *work;
  char folder[512];
  struct message message[MESSAGES];
  size_t count;
  struct harvested places; // of known problems only
};

// --- reading ---
static const char *data_path(struct data *data, const char *name) {
  return wg_arena_printf(data->arena, "%s/%s", data->folder, name);
}

static int open_data(void **state) {
  struct data *data = wg_zalloc(sizeof *data);
  const char *folder = getenv("WANGGE_DATA");
  snprintf(data->folder, sizeof data->folder, "%s", folder ? folder : WANGGE_SHARE "/../shared/data");
  data->arena = wg_arena_create(1 << 20);
  data->work = routing_text_work_create();
  *state = data;
  return 0;
}

static int close_data(void **state) {
  struct data *data = *state;
  harvest_close(&data->places);
  routing_text_work_destroy(data->work);
  wg_arena_destroy(data->arena);
  free(data);
  return 0;
}

static void need(struct data *data, const char *name) {
  if (access(data_path(data, name), R_OK) == 0) return;
  print_message("skipped: %s is not there\n", data_path(data, name));
  skip();
}

static int column_of(const struct wg_csv *csv, const char *name) {
  for (int i = 0; i < csv->count; i++)
    if (strcmp(csv->field[i], name) == 0) return i;
  return -1;
}

// read_messages appends a file's records; label "" when the file has none.
static void read_messages(struct data *data, const char *name) {
  static struct wg_input input;
  struct wg_csv csv;
  struct wg_error error = {0};
  assert_int_equal(wg_input_open(&input, data_path(data, name), &error), WG_OK);
  wg_csv_start(&csv, &input);
  assert_int_equal(wg_csv_next(&csv, &error), WG_CSV_RECORD);
  const int id = column_of(&csv, "留言编号"), user = column_of(&csv, "留言用户"), title = column_of(&csv, "留言主题"),
            at = column_of(&csv, "留言时间"), body = column_of(&csv, "留言详情"), label = column_of(&csv, "一级标签");
  assert_true(id >= 0 && user >= 0 && title >= 0 && at >= 0 && body >= 0);
  while (wg_csv_next(&csv, &error) == WG_CSV_RECORD) {
    assert_true(data->count < MESSAGES);
    struct message *message = &data->message[data->count++];
    message->id = wg_arena_strdup(data->arena, csv.field[id]);
    message->user = wg_arena_strdup(data->arena, csv.field[user]);
    message->title = wg_arena_strdup(data->arena, csv.field[title]);
    message->body = wg_arena_strdup(data->arena, csv.field[body]);
    message->label = label >= 0 ? wg_arena_strdup(data->arena, csv.field[label]) : "";
    assert_true(wg_civil_parse(csv.field[at], &message->at));
  }
  wg_csv_stop(&csv);
  wg_input_close(&input);
}

static void add_all(struct data *data, struct routing_trainer *trainer) {
  struct wg_error error = {0};
  for (size_t i = 0; i < data->count; i++)
    assert_int_equal(routing_trainer_add(trainer, wg_bytes_of(data->message[i].title),
                                         wg_bytes_of(data->message[i].body), data->message[i].label, &error),
                     WG_OK);
  data->count = 0;
}

// --- categories ---
static void categories_are_right_four_times_of_five(void **state) {
  struct data *data = *state;
  need(data, "labelled.csv");
  need(data, "messages.csv");
  struct routing_trainer *trainer = routing_trainer_create();
  read_messages(data, "labelled.csv");
  add_all(data, trainer);
  read_messages(data, "messages.csv"); // for the document frequencies
  add_all(data, trainer);
  double accuracy = 0, macro = 0, gap = 0;
  enum { SEEDS = 3 };
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    struct routing_model *model = NULL;
    struct routing_validation validation;
    struct wg_error error = {0};
    assert_int_equal(routing_train(trainer, 10, seed, &model, &validation, &error), WG_OK);
    print_message("cross-validation, seed %d: %u texts, %u categories: accuracy %.3f, macro F1 %.3f, confidence %.3f, "
                  "off by %.3f\n",
                  (int)seed, validation.labelled, validation.categories, validation.accuracy, validation.macro_f1,
                  validation.confidence, validation.calibration_error);
    accuracy += validation.accuracy / SEEDS;
    macro += validation.macro_f1 / SEEDS;
    gap += fabs(validation.confidence - validation.accuracy) / SEEDS;
    routing_validation_free(&validation);
    routing_model_close(model);
  }
  routing_trainer_destroy(trainer);
  assert_true(accuracy >= 0.80);
  assert_true(macro >= 0.77);
  assert_true(gap <= 0.06); // confidence means what it says
}

// --- merging ---
static void find_places(struct data *data) {
  struct harvest_text texts[MESSAGES];
  for (size_t i = 0; i < data->count; i++)
    texts[i] = (struct harvest_text){data->message[i].title, data->message[i].body};
  data->places = harvest_build(texts, data->count, 0, 0, data->arena);
  for (size_t i = 0; i < data->count; i++) {
    struct message *message = &data->message[i];
    const struct routing_place_query query = {.district = "", .title = message->title, .text = message->body};
    struct routing_place place;
    routing_place_decide(data->places.net, data->places.gazetteer, &query, data->arena, &place);
    message->place = place.place_id;
  }
}

static void read_gold(struct data *data) {
  struct wg_map *clusters = wg_map_create(), *ids = wg_map_create();
  FILE *file = fopen(data_path(data, "similar-dev.tsv"), "r");
  assert_non_null(file);
  char line[1024];
  for (int row = 0; fgets(line, sizeof line, file); row++) {
    char *cluster = strchr(line, '\t'), *end = cluster ? strchr(cluster + 1, '\t') : NULL;
    if (row == 0 || end == NULL) continue;
    *cluster++ = *end = '\0';
    if (!wg_map_get(clusters, cluster)) wg_map_put(clusters, cluster, (void *)(wg_map_count(clusters) + 1)); // NOLINT
    wg_map_put(ids, line, wg_map_get(clusters, cluster));
  }
  fclose(file);
  for (size_t i = 0; i < data->count; i++)
    data->message[i].cluster = (int)(intptr_t)wg_map_get(ids, data->message[i].id) - 1;
  wg_map_destroy(clusters);
  wg_map_destroy(ids);
}

static int by_time(const void *a, const void *b) {
  const struct message *left = a, *right = b;
  if (left->at != right->at) return left->at < right->at ? -1 : 1;
  return strcmp(left->id, right->id);
}

// take_names_out makes the vector of what is said but for the names of the place, as routing does.
static void take_names_out(struct data *data, const struct routing_model *model, struct message *message) {
  size_t count;
  const struct routing_text *names = routing_gazetteer_texts(data->places.gazetteer, message->place, &count);
  const struct routing_text said = routing_text_cut(&message->text, names, count, data->arena);
  routing_vector_make(&said, model->idf, data->work, data->arena, &message->vector);
}

static void vectorise(struct data *data) {
  struct routing_trainer *trainer = routing_trainer_create();
  struct routing_model *model = NULL;
  struct routing_validation validation;
  struct wg_error error = {0};
  const size_t count = data->count;
  add_all(data, trainer);
  data->count = count;
  assert_int_equal(routing_train(trainer, 10, 1, &model, &validation, &error), WG_OK);
  for (size_t i = 0; i < data->count; i++) {
    struct message *message = &data->message[i];
    assert_int_equal(routing_text_normalise(wg_bytes_of(message->title), wg_bytes_of(message->body), data->work,
                                            data->arena, &message->text, &error),
                     WG_OK);
    take_names_out(data, model, message);
    assert_int_equal(routing_packed_open(routing_vector_pack(&message->vector, data->arena), &message->packed, &error),
                     WG_OK);
  }
  routing_validation_free(&validation);
  routing_model_close(model);
  routing_trainer_destroy(trainer);
}

struct figures {
  double right, said, true_pairs;
};

static void print_figures(const char *what, const struct figures *figures) {
  const double precision = figures->right / fmax(figures->said, 1), recall = figures->right / figures->true_pairs;
  print_message("%-58s precision %.3f recall %.3f F1 %.3f\n", what, precision, recall,
                2 * precision * recall / fmax(precision + recall, 1e-9));
}

static double f1_of(const struct figures *figures) {
  return 2 * figures->right / (figures->said + figures->true_pairs);
}

enum candidates { ALL, PLACED, END_TO_END };

// pairs_of compares every message of a known problem with all others: by text alone (ALL); of those whose place is
// known with those of the same (PLACED); the same, but pairs that are missed because a place is not known count as
// missed (END_TO_END).
static struct figures pairs_of(const struct data *data, struct wg_arena *arena, float threshold, bool quantised,
                               enum candidates which) {
  struct figures figures = {.true_pairs = 0};
  for (size_t i = 0; i < data->count; i++) {
    const struct message *one = &data->message[i];
    if (one->cluster < 0 || (which == PLACED && !*one->place)) continue;
    const struct routing_probe *probe = quantised ? routing_probe_make(&one->vector, arena) : NULL;
    for (size_t k = 0; k < data->count; k++) {
      const struct message *other = &data->message[k];
      if (k == i || (other->cluster >= 0 && k < i)) continue;
      const bool same_place = *one->place && strcmp(one->place, other->place) == 0;
      if (which == PLACED && !same_place) continue;
      const bool same = one->cluster == other->cluster;
      figures.true_pairs += same;
      if (which == END_TO_END && !same_place) continue;
      const float cosine =
          quantised ? routing_probe_cosine(probe, &other->packed) : routing_vector_cosine(&one->vector, &other->vector);
      figures.said += cosine >= threshold;
      figures.right += cosine >= threshold && same;
    }
    wg_arena_reset(arena);
  }
  return figures;
}

// tell_missed prints why pairs are missed end to end, and which messages miss most.
static void tell_missed(const struct data *data, struct wg_arena *arena, float threshold) {
  enum { TOLD = 5 };
  size_t unknown = 0, elsewhere = 0, unlike = 0, missed[MESSAGES] = {0};
  for (size_t i = 0; i < data->count; i++) {
    const struct message *one = &data->message[i];
    if (one->cluster < 0) continue;
    const struct routing_probe *probe = routing_probe_make(&one->vector, arena);
    for (size_t k = i + 1; k < data->count; k++) {
      const struct message *other = &data->message[k];
      const bool known = *one->place && *other->place, same_place = known && strcmp(one->place, other->place) == 0;
      if (one->cluster != other->cluster) continue;
      if (same_place && routing_probe_cosine(probe, &other->packed) >= threshold) continue;
      unknown += !known, elsewhere += known && !same_place, unlike += same_place;
      missed[i]++, missed[k]++;
    }
    wg_arena_reset(arena);
  }
  print_message("missed at %.2f: %zu pairs of unknown place, %zu of different places, %zu not alike enough; most by\n",
                (double)threshold, unknown, elsewhere, unlike);
  for (int told = 0; told < TOLD; told++) {
    size_t most = 0;
    for (size_t i = 1; i < data->count; i++)
      if (missed[i] > missed[most]) most = i;
    print_message("  %s (%zu pairs) %s\n", data->message[most].id, missed[most], data->message[most].title);
    missed[most] = 0;
  }
}

// merge puts the messages of known places to problems in the order they come: each to the best problem that reaches a
// level, or to one of its own. As if a person followed every suggestion. Candidates come by place: a message without
// one has none.
static void merge(struct data *data, struct wg_arena *arena, enum routing_similar_level least) {
  static struct routing_similar_problem problem[MESSAGES];
  memset(problem, 0, sizeof problem);
  static struct routing_similar_member *members[MESSAGES];
  int problems = 0;
  for (size_t i = 0; i < data->count; i++) {
    struct message *message = &data->message[i];
    message->problem = -1 - (int)i;
    if (!*message->place) continue;
    struct routing_similar_order order = {.text = &message->text,
                                          .probe = routing_probe_make(&message->vector, arena),
                                          .where = {.place_id = message->place},
                                          .person = strtoull(message->user + 1, NULL, 10),
                                          .at = message->at};
    enum { BEST = 3 };
    struct routing_similar best[BEST] = {{0}}, all[BEST] = {{0}};
    const size_t some = routing_similar_rank(&order, problem, (size_t)problems, &ROUTING_SIMILAR_DEFAULTS, best, BEST);
    assert_int_equal(some, text_fixture_rank(&order, problem, (size_t)problems, &ROUTING_SIMILAR_DEFAULTS, all, BEST));
    for (size_t k = 0; k < some; k++)
      assert_true(text_fixture_same(&best[k], &all[k]));
    const bool found = some > 0 && best[0].level >= least;
    message->problem = found ? (int)best[0].problem : problems;
    if (!found) problem[problems++] = (struct routing_similar_problem){.where = order.where};
    struct routing_similar_problem *to = &problem[message->problem];
    members[message->problem] = wg_realloc(members[message->problem], (to->count + 1) * sizeof **members);
    members[message->problem][to->count++] =
        (struct routing_similar_member){message->packed, order.person, message->text.hash};
    to->members = members[message->problem];
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): an order's place_id is a text, never NULL
    if (!*to->where.place_id) to->where.place_id = message->place;
    to->last = message->at;
    wg_arena_reset(arena);
  }
  for (int i = 0; i < problems; i++)
    free(members[i]);
  memset(members, 0, sizeof members);
}

// bcubed_merged: precision, recall and F of the problem that each message of a known problem is in; one without a place
// is alone.
static double bcubed_merged(const struct data *data, const char *what) {
  double precision = 0, recall = 0, count = 0;
  for (size_t i = 0; i < data->count; i++) {
    const struct message *one = &data->message[i];
    double together = 0, right = 0, all = 0;
    if (one->cluster < 0) continue;
    for (size_t k = 0; k < data->count; k++) {
      const struct message *other = &data->message[k];
      const bool same = other->cluster == one->cluster;
      together += other->problem == one->problem;
      right += other->problem == one->problem && same;
      all += same;
    }
    precision += right / together;
    recall += right / all;
    count++;
  }
  precision /= count;
  recall /= count;
  const double f = 2 * precision * recall / (precision + recall);
  print_message("%-58s precision %.3f recall %.3f F  %.3f (B-cubed)\n", what, precision, recall, f);
  return f;
}

static const struct message *by_id(const struct data *data, const char *id) {
  for (size_t i = 0; i < data->count; i++)
    if (strcmp(data->message[i].id, id) == 0) return &data->message[i];
  fail_msg("message %s is not in the data", id);
  return NULL;
}

static void check_doubles(const struct data *data) {
  static const char *const DOUBLES[][2] = {{"360111", "262477"}, {"360105", "233931"}, {"360112", "255719"}};
  for (size_t i = 0; i < 3; i++) {
    const struct message *a = by_id(data, DOUBLES[i][0]), *b = by_id(data, DOUBLES[i][1]);
    print_message("%s and %s: cosine %.2f, problems %d and %d\n", a->id, b->id,
                  (double)routing_vector_cosine(&a->vector, &b->vector), a->problem, b->problem);
    assert_int_not_equal(a->problem, b->problem);
  }
}

static void known_problems_are_found_and_different_places_never_merged(void **state) {
  struct data *data = *state;
  need(data, "messages.csv");
  need(data, "similar-dev.tsv");
  struct wg_arena *arena = wg_arena_create(1 << 20);
  read_messages(data, "messages.csv");
  qsort(data->message, data->count, sizeof *data->message, by_time);
  read_gold(data);
  find_places(data);
  vectorise(data);
  static const char *const HOW[] = {"text alone", "same place", "end to end"};
  const float thresholds[] = {ROUTING_SIMILAR_DEFAULTS.suggest, 0.10f, ROUTING_SIMILAR_DEFAULTS.strong};
  for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++)
    for (int how = ALL; how <= END_TO_END; how++) {
      const struct figures figures = pairs_of(data, arena, thresholds[i], true, (enum candidates)how);
      print_figures(wg_arena_printf(data->arena, "pairs at %.2f, %s", (double)thresholds[i], HOW[how]), &figures);
    }
  const struct figures exact = pairs_of(data, arena, ROUTING_SIMILAR_DEFAULTS.suggest, false, END_TO_END);
  print_figures("the same with vectors that are not packed", &exact);
  const struct figures suggested = pairs_of(data, arena, ROUTING_SIMILAR_DEFAULTS.suggest, true, PLACED);
  const struct figures whole = pairs_of(data, arena, ROUTING_SIMILAR_DEFAULTS.suggest, true, END_TO_END);
  tell_missed(data, arena, ROUTING_SIMILAR_DEFAULTS.suggest);
  merge(data, arena, ROUTING_AUTOMATIC);
  bcubed_merged(data, "in time order, automatic only");
  check_doubles(data);
  merge(data, arena, ROUTING_STRONG);
  bcubed_merged(data, "in time order, strong suggestions followed");
  check_doubles(data);
  merge(data, arena, ROUTING_SUGGEST);
  const double f = bcubed_merged(data, "in time order, all suggestions followed");
  check_doubles(data);
  wg_arena_destroy(arena);
  assert_true(f1_of(&suggested) >= 0.94);
  assert_true(f1_of(&whole) >= 0.89);
  assert_true(f >= 0.90);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(categories_are_right_four_times_of_five, open_data, close_data),
      cmocka_unit_test_setup_teardown(known_problems_are_found_and_different_places_never_merged, open_data,
                                      close_data),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
