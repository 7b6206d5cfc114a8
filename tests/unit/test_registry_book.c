// The book against a model that is too simple to be wrong: what a draft says holds, what is thrown away leaves nothing,
// whatever the order of changes.
#include "tests/unit/unit.h"

#include "services/registry/book.h"

#include <stdlib.h>

enum { CODES = 60, LAYERS = 3, GRID = WANGGE__V1__RECORD__BODY_GRID, PLACE = WANGGE__V1__RECORD__BODY_PLACE };
#define DISTRICT "370211"

// What a layer says of a code: 0 nothing, below 0 deleted, else the version.
struct model {
  int version[LAYERS][CODES];
};

static struct wg_arena *arena;

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(4096);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static Wangge__V1__Record *grid(const char *code, int64_t version, bool deleted) {
  Wangge__V1__Record *record = wg_arena_alloc(arena, sizeof *record);
  wangge__v1__record__init(record);
  record->district = wg_arena_strdup(arena, DISTRICT);
  record->code = wg_arena_strdup(arena, code);
  record->version = version;
  record->deleted = deleted;
  record->reason = wg_arena_strdup(arena, "测试");
  record->body_case = WANGGE__V1__RECORD__BODY_GRID;
  record->grid = wg_arena_alloc(arena, sizeof *record->grid);
  wangge__v1__grid__init(record->grid);
  record->grid->name = wg_arena_printf(arena, "第%s网格", code);
  record->grid->n_aliases = 2;
  record->grid->aliases = wg_arena_alloc(arena, 2 * sizeof(char *));
  record->grid->aliases[0] = wg_arena_strdup(arena, "");
  record->grid->aliases[1] = wg_arena_strdup(arena, "八网格");
  return record;
}

static void name_code(int i, char code[8]) {
  snprintf(code, 8, "%d%03d", i % 3, i); // so that prefixes "0", "1", "2" have every third code
}

static int model_version(const struct model *model, int layers, int i) {
  for (int layer = layers - 1; layer >= 0; layer--) {
    if (model->version[layer][i]) return model->version[layer][i];
  }
  return 0;
}

static void compare(const struct wg_book *book, const struct model *model, int layers) {
  size_t live = 0;
  for (int i = 0; i < CODES; i++) {
    char code[8];
    name_code(i, code);
    const int version = model_version(model, layers, i);
    const Wangge__V1__Record *record = wg_book_get(book, DISTRICT, GRID, code);
    const struct wg_book_entry *entry = wg_book_entry(book, DISTRICT, GRID, code);
    assert_int_equal(record != NULL, version > 0);
    assert_int_equal(entry != NULL, version != 0);
    if (entry) assert_int_equal(registry_record(entry)->version, abs(version));
    if (entry) assert_int_equal(entry->seq, abs(version) + 7);
    live += version > 0;
  }
  assert_int_equal(wg_book_count(book, DISTRICT, GRID), live);
  size_t walked = 0;
  for (const char *const *prefix = (const char *const[]){"0", "1", "2", NULL}; *prefix; prefix++) {
    char last[8] = "";
    struct wg_book_walk walk = wg_book_walk(book, DISTRICT, GRID, *prefix);
    for (const Wangge__V1__Record *record; (record = wg_book_next(&walk)); walked++) {
      assert_true(strcmp(record->code, last) > 0);
      assert_true(strncmp(record->code, *prefix, 1) == 0);
      snprintf(last, sizeof last, "%s", record->code);
    }
  }
  assert_int_equal(walked, live);
}

static void change(struct wg_book *draft, struct model *model, int layer, int *version) {
  char code[8];
  const int i = rand() % CODES;
  name_code(i, code);
  const bool gone = rand() % 4 == 0;
  ++*version;
  model->version[layer][i] = gone ? -*version : *version;
  wg_book_set(draft, grid(code, *version, gone), (uint64_t)*version + 7);
}

static void fold(struct model *model, int layer) {
  for (int i = 0; i < CODES; i++) {
    if (model->version[layer][i]) model->version[layer - 1][i] = model->version[layer][i];
    model->version[layer][i] = 0;
  }
}

static void agrees_with_a_model_over_many_batches(void **state) {
  (void)state;
  srand(20261127);
  struct wg_book *base = wg_book_create(&REGISTRY_BOOK);
  struct model model = {0};
  int version = 0;
  for (int batch = 0; batch < 300; batch++) {
    struct wg_book *over = wg_book_draft(base, arena);
    for (int put = 0; put < 3; put++) {
      struct wg_book *draft = wg_book_draft(over, arena);
      const int changes = rand() % (batch % 10 == 0 ? 40 : 4);
      for (int i = 0; i < changes; i++)
        change(draft, &model, 2, &version);
      compare(draft, &model, 3);
      if (rand() % 3) {
        wg_book_take(over, draft);
        fold(&model, 2);
      }
      memset(model.version[2], 0, sizeof model.version[2]);
      compare(over, &model, 2);
    }
    if (rand() % 3) {
      wg_book_apply(base, over);
      fold(&model, 1);
    }
    memset(model.version[1], 0, sizeof model.version[1]);
    wg_arena_reset(arena); // what was thrown away, and what was copied, is gone
    compare(base, &model, 1);
  }
  wg_book_destroy(base);
}

static void keeps_the_whole_body_and_forgets_who_changed_it(void **state) {
  (void)state;
  struct wg_book *base = wg_book_create(&REGISTRY_BOOK);
  wg_book_add(base, grid("002", 1, false), 5);
  wg_book_add(base, grid("001", 1, false), 4);
  wg_arena_reset(arena);
  const Wangge__V1__Record *record = wg_book_get(base, DISTRICT, GRID, "001");
  assert_string_equal(record->grid->name, "第001网格");
  assert_int_equal(record->grid->n_aliases, 2);
  assert_string_equal(record->grid->aliases[0], "");
  assert_string_equal(record->grid->aliases[1], "八网格");
  assert_string_equal(record->reason, "");
  wg_book_destroy(base);
}

static void districts_and_kinds_are_apart(void **state) {
  (void)state;
  struct wg_book *base = wg_book_create(&REGISTRY_BOOK);
  wg_book_add(base, grid("001", 1, false), 4);
  Wangge__V1__Record *elsewhere = grid("001", 3, false);
  elsewhere->district = wg_arena_strdup(arena, "370100");
  wg_book_add(base, elsewhere, 9);
  assert_int_equal(((const Wangge__V1__Record *)wg_book_get(base, "370100", GRID, "001"))->version, 3);
  assert_int_equal(((const Wangge__V1__Record *)wg_book_get(base, DISTRICT, GRID, "001"))->version, 1);
  assert_null(wg_book_get(base, DISTRICT, PLACE, "001"));
  assert_null(wg_book_get(base, "370200", GRID, "001"));
  size_t count = 0;
  struct wg_book *draft = wg_book_draft(base, arena);
  Wangge__V1__Record *third = grid("001", 1, false);
  third->district = wg_arena_strdup(arena, "370211");
  wg_book_set(draft, third, 1);
  const char **districts = wg_book_scopes(draft, arena, &count);
  assert_int_equal(count, 2);
  assert_string_equal(districts[0], "370100");
  assert_string_equal(districts[1], DISTRICT);
  wg_book_destroy(base);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(agrees_with_a_model_over_many_batches, set_up, tear_down),
      cmocka_unit_test_setup_teardown(keeps_the_whole_body_and_forgets_who_changed_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(districts_and_kinds_are_apart, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
