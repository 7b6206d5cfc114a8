#include "tests/unit/survey_calls.h"

#include "services/land/survey/geo.h"

static const struct wg_principal CALLER = {.name = "taocun", .roles = WG_ROLE_VILLAGE};

void survey_calls_open(struct survey_calls *calls) {
  *calls = (struct survey_calls){wg_arena_create(1 << 20), wg_book_create(&LAND_BOOK), 0};
}

void survey_calls_close(struct survey_calls *calls) {
  wg_book_destroy(calls->book);
  wg_arena_destroy(calls->arena);
}

static Wangge__V1__LandWrite **write_field(ProtobufCMessage *request) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(request->descriptor, 1);
  return (Wangge__V1__LandWrite **)(void *)((char *)request + field->offset);
}

struct land_write *survey_call(struct survey_calls *calls, ProtobufCMessage *request, struct wg_error *error) {
  Wangge__V1__LandWrite **given = write_field(request);
  if (!*given) {
    *given = wg_arena_alloc(calls->arena, sizeof **given);
    wangge__v1__land_write__init(*given);
    (*given)->person = wg_arena_strdup(calls->arena, "测试");
    (*given)->reason = wg_arena_strdup(calls->arena, "测试原因");
  }
  (*given)->village = wg_arena_strdup(calls->arena, SURVEY_VILLAGE);
  struct land_write *write = wg_arena_zalloc(calls->arena, sizeof *write);
  *write = (struct land_write){.action = land_action_find(request->descriptor),
                               .caller = &CALLER,
                               .request = request,
                               .write = *given,
                               .book = wg_book_draft(calls->book, calls->arena),
                               .arena = calls->arena,
                               .now = INT64_C(1790000000) * 1000000,
                               .today = 20717,
                               .next_seq = calls->seq};
  assert_non_null(write->action);
  struct wg_error unexpected = {0};
  wg_status status = write->action->decide(write, error ? error : &unexpected);
  if (!error && status != WG_OK) fail_msg("%s: %s %s", write->action->name, unexpected.field, unexpected.message);
  if (status == WG_OK && !write->refused) {
    wg_book_apply(calls->book, write->book);
    calls->seq++;
  }
  return write;
}

void survey_village(struct survey_calls *calls, const char *boundary) {
  Wangge__V1__PutVillageRequest request = WANGGE__V1__PUT_VILLAGE_REQUEST__INIT;
  Wangge__V1__VillageInfo info = WANGGE__V1__VILLAGE_INFO__INIT;
  info.name = (char *)(uintptr_t) "前桃村";
  info.boundary = (char *)(uintptr_t)boundary;
  info.plane_epsg = 4527;
  request.village = &info;
  assert_false(survey_call(calls, &request.base, NULL)->refused);
}

void survey_task(struct survey_calls *calls, const char *id, int epsg, Wangge__V1__Datum datum) {
  Wangge__V1__PutSurveyTaskRequest request = WANGGE__V1__PUT_SURVEY_TASK_REQUEST__INIT;
  Wangge__V1__SurveyTask task = WANGGE__V1__SURVEY_TASK__INIT;
  task.method = WANGGE__V1__SURVEY_METHOD__SURVEY_METHOD_RTK;
  task.source_epsg = epsg;
  task.datum = datum;
  task.surveyor = (char *)(uintptr_t) "量地员";
  task.surveyed_on = (char *)(uintptr_t) "2026-03-01";
  request.id = (char *)(uintptr_t)id;
  request.task = &task;
  assert_false(survey_call(calls, &request.base, NULL)->refused);
}

Wangge__V1__ParcelInput *survey_input(struct survey_calls *calls, const char *id, const char *wkt) {
  Wangge__V1__ParcelInput *input = wg_arena_alloc(calls->arena, sizeof *input);
  wangge__v1__parcel_input__init(input);
  input->id = wg_arena_strdup(calls->arena, id);
  input->geometry = wg_arena_strdup(calls->arena, wkt);
  input->land_class = wg_arena_alloc(calls->arena, sizeof *input->land_class);
  wangge__v1__land_class__init(input->land_class);
  input->land_class->standard = (char *)(uintptr_t) "GB/T 21010-2017";
  input->land_class->code = (char *)(uintptr_t) "0103";
  return input;
}

char *survey_rectangle(struct survey_calls *calls, double x, double y, double width, double height) {
  struct land_plane *plane;
  struct wg_error error;
  assert_int_equal(land_plane(4527, &plane, &error), WG_OK);
  struct land_point corner[] = {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}, {x, y}};
  for (size_t i = 0; i < 5; i++) {
    corner[i].x += 39385413;
    corner[i].y += 4179435;
  }
  assert_true(land_plane_to_degrees(plane, corner, 5));
  struct land_ring ring = {corner, 5};
  return land_outline_write(&(struct land_outline){&ring, 1}, calls->arena);
}

char *survey_square(struct survey_calls *calls, double x, double y, double size) {
  return survey_rectangle(calls, x, y, size, size);
}

struct land_write *survey_import(struct survey_calls *calls, const char *task, Wangge__V1__ParcelInput **rows,
                                 size_t count) {
  Wangge__V1__ImportParcelsRequest request = WANGGE__V1__IMPORT_PARCELS_REQUEST__INIT;
  request.survey_task = (char *)(uintptr_t)task;
  request.parcels = rows;
  request.n_parcels = count;
  return survey_call(calls, &request.base, NULL);
}

const Wangge__V1__LandFinding *survey_finding(const struct land_write *write, const char *code) {
  for (size_t i = 0; i < write->finding_count; i++)
    if (strcmp(write->findings[i]->code, code) == 0) return write->findings[i];
  return NULL;
}

const Wangge__V1__Parcel *survey_parcel(const struct survey_calls *calls, const char *id) {
  const Wangge__V1__LandRecord *record = wg_book_get(calls->book, SURVEY_VILLAGE, LAND_KIND(PARCEL), id);
  return record ? record->parcel : NULL;
}
