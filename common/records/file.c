// A CSV file of records of one kind.

#include "common/csv/write.h"
#include "common/records/cell.h"

#include "common/base/map.h"
#include "common/csv/csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct file {
  struct wg_reading *reading;
  const struct wg_kind *kind;
  const char *name;
  struct wg_csv csv;
  const struct wg_column *column[WG_CSV_FIELDS]; // of the header; NULL: a column without a name, empty throughout
  int columns;
  bool failed[WG_CSV_FIELDS]; // cells of this row that could not be read
};

void wg_reading_start(struct wg_reading *reading, struct wg_arena *arena, const char *district) {
  *reading = (struct wg_reading){.arena = arena, .district = district, .seen = wg_map_create()};
  wg_findings_start(&reading->findings, arena);
}

void wg_reading_stop(struct wg_reading *reading) {
  wg_map_destroy(reading->seen);
  reading->seen = NULL;
}

// --- findings about the file ---

// told adds an error at the record being read; all arguments after `field` are of the message.
#define told(file, code, field, ...)                                                                                   \
  told_of(file, wg_finding_add(&(file)->reading->findings, WG_RECORD_ERROR, NULL, code, field, __VA_ARGS__))

static void told_of(const struct file *file, Wangge__V1__Finding *finding) {
  finding->kind = (char *)(uintptr_t)file->kind->name;
}

static void tell_broken(struct file *file) {
  static const char *const words[] = {
      [WG_CSV_NOT_CLOSED] = "引号没有配对：有开头没有结尾",
      [WG_CSV_QUOTE_INSIDE] = "没有用引号括起的单元格中有引号",
      [WG_CSV_RETURN_ALONE] = "单独的回车符",
      [WG_CSV_TEXT_BEHIND] = "结尾引号之后还有文字",
      [WG_CSV_TOO_MANY] = "单元格超过 256 个",
      [WG_CSV_TOO_LARGE] = "这一行超过 256 KiB；也许有引号没有配对",
      [WG_CSV_NOT_TEXT] = "有乱码（既不是 UTF-8 也不是 GB18030）或空字符",
  };
  told(file, "file.row_broken", "", "第 %llu 行无法读取：%s；请修改后重试", (unsigned long long)file->csv.line,
       words[file->csv.problem]);
}

// --- the header ---

static const char *columns_of(const struct wg_kind *kind, struct wg_arena *arena) {
  struct wg_buffer out = {0};
  for (size_t i = 0; i < kind->column_count; i++)
    wg_buffer_printf(&out, "%s%s", i > 0 ? "、" : "", kind->columns[i].field);
  const char *text = wg_arena_strdup(arena, wg_buffer_cstr(&out));
  wg_buffer_free(&out);
  return text;
}

static int find_column(const struct file *file, const struct wg_column *column) {
  for (int i = 0; i < file->columns; i++)
    if (file->column[i] == column) return i;
  return -1;
}

static void header_cell(struct file *file, char *name) {
  wg_trim(&name);
  const struct wg_column *column = wg_kind_column(file->kind, name);
  if (column == NULL && name[0] != 0)
    told(file, "file.header_unknown", "", "表头“%.60s”不是%s的字段；可用：%s（或它们的中文名）", name,
         file->kind->label, columns_of(file->kind, file->reading->arena));
  if (column != NULL && find_column(file, column) >= 0)
    told(file, "file.header_twice", column->field, "表头 %s（%s）出现两次；请只留一列", column->field, column->label);
  file->column[file->columns++] = column;
}

static bool read_header(struct file *file) {
  struct wg_error error = {0};
  size_t errors = file->reading->findings.errors;
  enum wg_csv_result result = wg_csv_next(&file->csv, &error);
  file->reading->findings.row = (int32_t)file->csv.line;
  if (result == WG_CSV_BROKEN) tell_broken(file);
  if (file->csv.input->error.code != WG_OK) return false;
  if (result == WG_CSV_END) told(file, "file.empty", "", "文件是空的；第一行应为表头");
  if (result != WG_CSV_RECORD) return false;
  for (int i = 0; i < file->csv.count; i++)
    header_cell(file, file->csv.field[i]);
  for (size_t i = 0; i < file->kind->column_count; i++) {
    const struct wg_column *column = &file->kind->columns[i];
    if (!column->required || find_column(file, column) >= 0) continue;
    if (strcmp(column->field, "district") == 0 && file->reading->district != NULL) continue;
    told(file, "file.header_missing", column->field, "缺少必填的列 %s（%s）；请在表头中加上", column->field,
         column->label);
  }
  return file->reading->findings.errors == errors;
}

// --- rows ---

static bool is_empty(const struct file *file) {
  for (int i = 0; i < file->csv.count; i++) {
    char *cell = file->csv.field[i];
    wg_trim(&cell);
    if (cell[0] != 0) return false;
  }
  return true;
}

static void read_cell(struct file *file, Wangge__V1__Record *record, int i) {
  char *cell = file->csv.field[i];
  const struct wg_column *column = file->column[i];
  wg_trim(&cell);
  if (column == NULL) {
    if (cell[0] != 0) told(file, "file.row_fields", "", "第 %d 列没有表头，却有内容；请补上表头或清空", i + 1);
    return;
  }
  if (strcmp(column->field, "district") == 0 && cell[0] == 0) return; // the reading's
  const char *text = wg_unguarded(cell);
  file->failed[i] = !wg_record_set_cell(record, column, text, file->reading->arena, &file->reading->findings);
}

static bool has_failed(const struct file *file, const char *field) {
  for (int i = 0; i < file->columns; i++)
    if (file->failed[i] && strcmp(file->column[i]->field, field) == 0) return true;
  return false;
}

// check tells what else is wrong with the row, but nothing more of the cells that could not even be read: they are not
// "empty".
static void check(struct file *file, const Wangge__V1__Record *record) {
  struct wg_findings *findings = &file->reading->findings;
  size_t before = findings->count, kept = before;
  wg_record_check(record, findings);
  for (size_t i = before; i < findings->count; i++) {
    Wangge__V1__Finding *one = findings->finding[i];
    if (has_failed(file, one->field)) {
      if (one->severity == WG_RECORD_ERROR) findings->errors--;
      else findings->warnings--;
    } else {
      findings->finding[kept++] = one;
    }
  }
  findings->count = kept;
}

static bool seen_before(struct file *file, const Wangge__V1__Record *record) {
  struct wg_reading *reading = file->reading;
  if (record->code[0] == 0) return false;
  const char *key = wg_arena_printf(reading->arena, "%s\t%s\t%s", file->kind->name, record->district, record->code);
  const struct wg_record_origin *first = wg_map_get(reading->seen, key);
  if (first != NULL) {
    Wangge__V1__Finding *finding =
        wg_finding_add(&reading->findings, WG_RECORD_ERROR, record, "file.code_twice", "code",
                       "编码“%s”重复，与 %s 第 %u 行相同；请删除其中一行", record->code, first->file, first->line);
    finding->kind = (char *)(uintptr_t)file->kind->name;
    return true;
  }
  struct wg_record_origin *origin = wg_arena_alloc(reading->arena, sizeof *origin);
  *origin = (struct wg_record_origin){file->name, (uint32_t)file->csv.line};
  wg_map_put(reading->seen, key, origin);
  return false;
}

static void keep(struct file *file, Wangge__V1__Record *record) {
  struct wg_record_set *set = &file->reading->set;
  if (set->count == set->room) {
    size_t room = set->room == 0 ? 64 : set->room * 2;
    Wangge__V1__Record **records = wg_arena_alloc(file->reading->arena, room * sizeof(Wangge__V1__Record *));
    struct wg_record_origin *origins = wg_arena_alloc(file->reading->arena, room * sizeof *origins);
    if (set->count > 0) {
      memcpy(records, set->record, set->count * sizeof(Wangge__V1__Record *));
      memcpy(origins, set->origin, set->count * sizeof *origins);
    }
    set->record = records;
    set->origin = origins;
    set->room = room;
  }
  set->origin[set->count] = (struct wg_record_origin){file->name, (uint32_t)file->csv.line};
  set->record[set->count++] = record;
}

static void read_row(struct file *file) {
  struct wg_reading *reading = file->reading;
  size_t errors = reading->findings.errors;
  if (file->csv.count != file->columns) {
    told(file, "file.row_fields", "", "这一行有 %d 个单元格，表头有 %d 个；请补齐或检查逗号和引号", file->csv.count,
         file->columns);
    return;
  }
  Wangge__V1__Record *record =
      wg_record_create(file->kind, reading->district != NULL ? reading->district : "", "", reading->arena);
  int code = find_column(file, &file->kind->columns[0]);
  memset(file->failed, 0, sizeof file->failed);
  read_cell(file, record, code); // first, so that every finding can name the record
  for (int i = 0; i < file->columns; i++)
    if (i != code) read_cell(file, record, i);
  check(file, record);
  if (!seen_before(file, record) && reading->findings.errors == errors) keep(file, record);
}

static void read_rows(struct file *file) {
  int rows = 0;
  for (;;) {
    struct wg_error error = {0};
    enum wg_csv_result result = wg_csv_next(&file->csv, &error);
    file->reading->findings.row = (int32_t)file->csv.line;
    if (result == WG_CSV_END) return;
    if (result == WG_CSV_RECORD && is_empty(file)) continue;
    if (++rows > WG_RECORDS_FILE_ROWS) {
      told(file, "file.row_limit", "", "超过 %d 行；请分成几个文件", WG_RECORDS_FILE_ROWS);
      return;
    }
    if (result == WG_CSV_BROKEN) tell_broken(file);
    else read_row(file);
  }
}

static wg_status read_input(struct wg_reading *reading, const char *name, const struct wg_kind *kind,
                            struct wg_input *input, struct wg_error *error) {
  struct file *file = wg_zalloc(sizeof *file);
  file->reading = reading;
  file->kind = kind;
  file->name = wg_arena_strdup(reading->arena, name);
  wg_csv_start(&file->csv, input);
  if (read_header(file)) read_rows(file);
  if (input->error.code == WG_INVALID_ARGUMENT) {
    told(file, "file.encoding", "", "文件是 UTF-16 编码；请另存为 UTF-8 或 GB18030（GBK）的 CSV");
    input->error.code = WG_OK;
  }
  wg_csv_stop(&file->csv);
  free(file);
  reading->findings.row = 0;
  if (input->error.code == WG_OK) return WG_OK;
  return wg_fail(error, input->error.code, NULL, "%s: %s", name, input->error.message);
}

// kind_by_name: FOLDER/grid.csv holds grids.
static const struct wg_kind *kind_by_name(const char *path, struct wg_arena *arena) {
  const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path, *dot = strrchr(base, '.');
  size_t size = dot != NULL ? (size_t)(dot - base) : strlen(base);
  return wg_kind_find(wg_arena_printf(arena, "%.*s", (int)size, base));
}

static bool is_spreadsheet(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot != NULL && (strcasecmp(dot, ".xlsx") == 0 || strcasecmp(dot, ".xls") == 0);
}

static wg_status choose_kind(const char *path, struct wg_arena *arena, const struct wg_kind **kind,
                             struct wg_error *error) {
  if (is_spreadsheet(path))
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s is a spreadsheet, which is not read: save it as CSV first",
                   path);
  if (*kind == NULL) *kind = kind_by_name(path, arena);
  if (*kind != NULL) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "kind", "%s is not named after a kind of record, as grid.csv is", path);
}

wg_status wg_records_read_file(struct wg_reading *reading, const char *path, const struct wg_kind *kind,
                               struct wg_error *error) {
  struct wg_input input;
  if (choose_kind(path, reading->arena, &kind, error) != WG_OK) return error->code;
  wg_status status = wg_input_open(&input, path, error);
  if (status == WG_OK) status = read_input(reading, path, kind, &input, error);
  wg_input_close(&input);
  return status;
}

wg_status wg_records_read_bytes(struct wg_reading *reading, const char *name, struct wg_bytes bytes,
                                const struct wg_kind *kind, struct wg_error *error) {
  struct wg_input input;
  if (choose_kind(name, reading->arena, &kind, error) != WG_OK) return error->code;
  wg_input_memory(&input, bytes);
  wg_status status = read_input(reading, name, kind, &input, error);
  wg_input_close(&input);
  return status;
}
