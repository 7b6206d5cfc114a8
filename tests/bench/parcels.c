// bench-parcels FILE [TILES]: import and full check of real parcels, as the service decides it: validity, areas,
// overlaps against all, slivers, neighbours. FILE is GeoJSON of parcels anywhere (the French open cadastre: 4,241 of a
// commune); they are moved to Taocheng by an affine map of their coordinates, which keeps what touches what. TILES: so
// many copies beside each other, each as one import into the village that has the ones before it in one book; 1.
//
// Prints for each number of parcels the seconds of decision (`decide`) and of packing the entry (`pack`), and the
// bytes. With a release build.
#include "common/base/clock.h"
#include "common/wire/wire.h"
#include "services/land/base.h"
#include "services/land/survey/actions.h"
#include "services/land/survey/measure.h"
#include "services/land/survey/rows.h"
#include "services/land/topic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VILLAGE "131102100201"
static const char BOUNDARY[] = "POLYGON ((115 37,117 37,117 39,115 39,115 37))";
static const struct wg_principal CALLER = {.name = "bench", .roles = WG_ROLE_VILLAGE};

static char *own(const char *text) {
  return (char *)(uintptr_t)text;
}

static struct wg_bytes read_file(const char *path) {
  static struct wg_buffer text;
  FILE *file = fopen(path, "rb");
  size_t size;
  if (!file) exit((perror(path), 2));
  while ((size = fread(wg_buffer_reserve(&text, 1 << 20), 1, 1 << 20, file)) > 0)
    text.size += size;
  fclose(file);
  return (struct wg_bytes){text.data, text.size};
}

// move_to takes a shape from where the file has it to Taocheng, `tile` copies north of it.
static const char *move_to(const char *wkt, struct land_point origin, size_t tile, struct wg_arena *arena) {
  struct land_outline *outline = land_outline_parse(wkt, arena);
  if (!outline) return "";
  const size_t row = tile / 5;
  double squeeze = cos(origin.y * M_PI / 180) / cos(37.5 * M_PI / 180); // as wide as it was
  for (size_t r = 0; r < outline->count; r++)
    for (size_t i = 0; i < outline->ring[r].count; i++) {
      struct land_point *point = &outline->ring[r].point[i];
      point->x = 115.6 + (point->x - origin.x) * squeeze + 0.06 * (double)(tile % 5);
      point->y = 37.5 + (point->y - origin.y) + 0.05 * (double)row;
    }
  return land_outline_write(outline, arena);
}

static struct land_write *decide(const struct wg_book *book, struct wg_arena *arena, ProtobufCMessage *request) {
  struct wg_error error = {0};
  static Wangge__V1__LandWrite given = WANGGE__V1__LAND_WRITE__INIT;
  given.village = own(VILLAGE);
  struct land_write *write = wg_arena_zalloc(arena, sizeof *write);
  *write = (struct land_write){.action = land_action_find(request->descriptor),
                               .caller = &CALLER,
                               .request = request,
                               .write = &given,
                               .book = wg_book_draft(book, arena),
                               .arena = arena};
  if (write->action->decide(write, &error) == WG_OK) return write;
  fprintf(stderr, "%s: %s\n", error.field, error.message);
  exit(1);
}

static void set_up(struct wg_book *book, struct wg_arena *arena) {
  Wangge__V1__PutVillageRequest village = WANGGE__V1__PUT_VILLAGE_REQUEST__INIT;
  Wangge__V1__VillageInfo info = WANGGE__V1__VILLAGE_INFO__INIT;
  Wangge__V1__PutSurveyTaskRequest put = WANGGE__V1__PUT_SURVEY_TASK_REQUEST__INIT;
  Wangge__V1__SurveyTask task = WANGGE__V1__SURVEY_TASK__INIT;
  Wangge__V1__PutPolicyRequest most = WANGGE__V1__PUT_POLICY_REQUEST__INIT;
  Wangge__V1__LandPolicy policy = WANGGE__V1__LAND_POLICY__INIT;
  info.name = own("村");
  info.boundary = own(BOUNDARY);
  info.plane_epsg = 4527;
  village.village = &info;
  wg_book_apply(book, decide(book, arena, &village.base)->book);
  task.method = WANGGE__V1__SURVEY_METHOD__SURVEY_METHOD_RTK;
  task.source_epsg = 4490;
  task.datum = WANGGE__V1__DATUM__DATUM_CGCS2000;
  task.surveyor = own("s");
  task.surveyed_on = own("2026-03-01");
  put.id = own("t");
  put.task = &task;
  wg_book_apply(book, decide(book, arena, &put.base)->book);
  policy.value = 100000;
  policy.source = own("bench");
  most.name = own("import.parcels_most");
  most.policy = &policy;
  wg_book_apply(book, decide(book, arena, &most.base)->book);
}

static Wangge__V1__ParcelInput *input_of(const struct land_row *row, struct land_point origin, size_t tile,
                                         struct wg_arena *arena) {
  Wangge__V1__ParcelInput *input = wg_arena_alloc(arena, sizeof *input);
  wangge__v1__parcel_input__init(input);
  input->id = wg_arena_printf(arena, "%s-%zu", row->id, tile);
  input->geometry = own(move_to(row->wkt, origin, tile, arena));
  input->hole_reason = own("扣除");
  input->area_surveyed_dm2 = 100 * strtoll(land_row_get(row, (const char *const[]){"contenance", NULL}), NULL, 10);
  input->land_class = wg_arena_alloc(arena, sizeof *input->land_class);
  wangge__v1__land_class__init(input->land_class);
  input->land_class->standard = own("GB/T 21010-2017");
  input->land_class->code = own("0103");
  return input;
}

// drop_faulty leaves out what the ledger refuses (of the cadastre four: three below 1 m², one with a spike).
static size_t drop_faulty(const struct land_write *write, Wangge__V1__ParcelInput **inputs, size_t count) {
  for (size_t i = 0; i < write->finding_count; i++)
    if (write->findings[i]->severity == WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR) {
      size_t row = strtoul(write->findings[i]->pointer + strlen("/parcels/"), NULL, 10);
      if (row < count) inputs[row] = NULL;
    }
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (inputs[i]) inputs[kept++] = inputs[i];
  return kept;
}

static void measure(const struct land_rows *rows, struct land_point origin, size_t tiles) {
  struct wg_arena *arena = wg_arena_create(8 << 20);
  struct wg_book *book = wg_book_create(&LAND_BOOK);
  Wangge__V1__ImportParcelsRequest request = WANGGE__V1__IMPORT_PARCELS_REQUEST__INIT;
  set_up(book, arena);
  request.survey_task = own("t");
  request.parcels = wg_arena_alloc(arena, rows->count * tiles * sizeof *request.parcels);
  for (size_t tile = 0; tile < tiles; tile++)
    for (size_t i = 0; i < rows->count; i++)
      request.parcels[request.n_parcels++] = input_of(&rows->row[i], origin, tile, arena);
  request.check_only = true;
  struct land_write *first = decide(book, arena, &request.base);
  request.n_parcels = drop_faulty(first, request.parcels, request.n_parcels);
  request.check_only = false;
  clock_t work = clock();
  int64_t began = wg_monotonic_us();
  struct land_write *write = decide(book, arena, &request.base);
  int64_t decided = wg_monotonic_us();
  double worked = (double)(clock() - work) / CLOCKS_PER_SEC;
  if (write->refused) {
    fprintf(stderr, "refused: %s %s\n", write->findings[0]->code, write->findings[0]->message_en);
    exit(1);
  }
  size_t bytes = 0;
  for (size_t i = 0; i < write->changed_count; i++)
    bytes += wg_pack(&write->changed[i]->base, arena).size;
  int64_t packed = wg_monotonic_us();
  double seconds = (double)(decided - began) / 1e6, count = (double)write->changed_count;
  printf("%7zu parcels  decide %6.2f s, of the processor %6.2f s  pack %5.2f s  %5.1f MB  "
         "%.2f us of the processor per parcel and log2(n)\n",
         write->changed_count, seconds, worked, (double)(packed - decided) / 1e6, (double)bytes / 1e6,
         worked * 1e6 / count / log2(count));
  fflush(stdout);
  wg_book_destroy(book);
  wg_arena_destroy(arena);
}

// 1, 3, 6, 12 … copies, and at last as many as were asked for.
static size_t next_count(size_t count, size_t tiles) {
  const size_t next = count * (count < 3 && tiles > 3 ? 3 : 2);
  return next < tiles ? next : tiles;
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: bench-parcels FILE [TILES]\n");
    return 2;
  }
  size_t tiles = argc == 3 ? strtoul(argv[2], NULL, 10) : 1;
  struct wg_arena *arena = wg_arena_create(8 << 20);
  struct land_faults faults = {.arena = arena};
  int64_t began = wg_monotonic_us();
  struct land_rows rows = land_rows_geojson(read_file(argv[1]), arena, &faults);
  printf("%7zu rows read in %.2f s\n", rows.count, (double)(wg_monotonic_us() - began) / 1e6);
  if (rows.count == 0 || faults.error) return 1;
  struct land_outline *first = land_outline_parse(rows.row[0].wkt, arena);
  for (size_t count = 1, last = 0; first && last < tiles; last = count, count = next_count(count, tiles))
    measure(&rows, first->ring[0].point[0], count);
  wg_arena_destroy(arena);
  return 0;
}
