// Records of the registry (底册): their kinds, their text form, what can be wrong with one alone, and files of them.
//
// Everything generic is driven by two tables: the descriptors of proto/wangge/v1/registry.proto, and labels.c, which
// gives each kind, field and enum value its Chinese label and marks. A new kind of record is a message and a member of
// Record.body in the .proto and one block in labels.c.
//
// A *kind* is named by its message in lower_snake ("party_org"); a *column* by its field ("households"). Every kind has
// the columns "code" and "district" first, then the fields of its message.
//
// Text form of a value, in files and on screens:
//   text    as it is; in files without blanks around it
//   date    2026-11-27               time    08:30
//   int     350                      double  117.8125 (a full stop; no exponent needed)
//   bool    true, false              (read also: 是, 否, 1, 0, yes, no)
//   enum    lower-case name, "basic" (read also: the Chinese label "基础网格" and the full name)
//   wkt     POLYGON ((117.81 36.05, …)), MULTIPOLYGON; EPSG:4490, longitude first
//   steps   steps of a procedure; each is its fields with ";" between: n;title;who;days;next;condition, and `next` has
//           "," between its numbers: 1;受理;窗口;0;2,3;材料齐全?|2;办结;窗口;1
// Repeated values (and steps) are separated by "|". In them, "\" makes the next character ordinary: \| \; \\ .
// An empty cell is the field's default (0, false, unspecified, empty text, no values).
//
// Threads: the tables are constant after the first call and may be read by all; readings and findings have one owner.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"

// --- kinds and columns ---

enum wg_column_type {
  WG_COLUMN_TEXT,
  WG_COLUMN_DATE,
  WG_COLUMN_TIME,
  WG_COLUMN_INT,
  WG_COLUMN_DOUBLE,
  WG_COLUMN_BOOL,
  WG_COLUMN_ENUM,
  WG_COLUMN_WKT,
  WG_COLUMN_STEPS,
};

struct wg_column {
  const char *field; // "households"
  const char *label; // "户数"
  enum wg_column_type type;
  bool required; // an empty text, an enum UNSPECIFIED, no repeated value or the number 0 is an error
  bool repeated;
  bool personal;                 // masked for most
  bool lines;                    // a text that may have line breaks
  const char *const *references; // kinds whose codes the values are, ended by NULL; NULL: none
  // Of an enum, and of a text that has only these values: what is allowed (without UNSPECIFIED), and Chinese names.
  const char *const *values, *const *value_labels;
  size_t value_count;
  double least, most;                         // int, double
  size_t max_bytes;                           // of one text value
  const ProtobufCFieldDescriptor *descriptor; // NULL: "code" and "district", which are the Record's
};

struct wg_kind {
  const char *name;  // "grid"
  const char *label; // "网格"
  int rank;          // kinds that others refer to have lower ones: the order in which to load them
  Wangge__V1__Record__BodyCase body_case;
  const ProtobufCMessageDescriptor *type;
  const struct wg_column *columns; // "code", "district", then the fields
  size_t column_count;
};

enum {
  WG_RECORD_CODE_BYTES = 128,  // longest code (a category's is its scheme and path)
  WG_RECORD_TEXT_BYTES = 1024, // longest text where nothing else is said
  WG_RECORD_LONG_BYTES = 8192, // longest text that may have line breaks
  WG_RECORD_WKT_BYTES = 128 * 1024,
  WG_RECORD_VALUES = 1000,      // most values of a repeated field
  WG_RECORDS_FILE_ROWS = 100000 // most records of one file
};

// wg_kinds gives all kinds, in the order of their rank.
const struct wg_kind *wg_kinds(size_t *count);
const struct wg_kind *wg_kind_find(const char *name);           // by name or Chinese label; NULL: no such kind
const struct wg_kind *wg_kind_of(const Wangge__V1__Record *of); // NULL: the record has no body
// wg_kind_column finds by field or Chinese label; NULL: no such column.
const struct wg_column *wg_kind_column(const struct wg_kind *kind, const char *name);
// wg_kinds_message describes all kinds as Registry.Kinds answers it.
Wangge__V1__KindsResponse *wg_kinds_message(struct wg_arena *arena);

// --- one record ---

// wg_record_create makes a record with an empty body in the arena; `district` and `code` are copied.
Wangge__V1__Record *wg_record_create(const struct wg_kind *kind, const char *district, const char *code,
                                     struct wg_arena *arena);
ProtobufCMessage *wg_record_body(const Wangge__V1__Record *record); // NULL: none
// wg_record_name gives what people call the record: its name, title, path, topic or text; "" when it has none of these.
// A person's name is personal data: the caller masks it.
const char *wg_record_name(const Wangge__V1__Record *record);
// wg_record_texts gives the values of a column of text, date, time or wkt: 0 or 1, or as many as a repeated one has.
// Empty texts are no values. The pointers are the record's own.
size_t wg_record_texts(const Wangge__V1__Record *record, const struct wg_column *column, char *const **values);
// wg_record_cell appends the text form; `labels`: enums, choices and bools in Chinese.
void wg_record_cell(const Wangge__V1__Record *record, const struct wg_column *column, bool labels,
                    struct wg_buffer *out);

// --- findings ---

// A list of wangge.v1.Finding in an arena. At most `most` are kept, the rest is counted in `untold`: a file with
// 100,000 bad rows is told in as many words as a person reads.
struct wg_findings {
  struct wg_arena *arena;
  Wangge__V1__Finding **finding;
  size_t count, room, most;
  size_t errors, warnings, untold; // errors and warnings count the untold too
  int32_t row;                     // goes into each finding: set it before checking a record
};
enum { WG_FINDINGS_MOST = 1000 };
void wg_findings_start(struct wg_findings *findings, struct wg_arena *arena); // most = WG_FINDINGS_MOST
// wg_finding_add adds a finding about `record` (NULL: about none) and `field` ("": about none). `code` is
// "grid.overlap", or without a dot only "overlap" when it begins with the record's kind. The message is Chinese, names
// the value and the fix. Returns the finding, whose `position`, `rule` and `kind` the caller may set; never NULL.
Wangge__V1__Finding *wg_finding_add(struct wg_findings *findings, Wangge__V1__Severity severity,
                                    const Wangge__V1__Record *record, const char *code, const char *field,
                                    const char *format, ...) __attribute__((format(printf, 6, 7)));
// wg_findings_error makes FAILED_PRECONDITION of the first error and the number of all; WG_OK when there is none.
wg_status wg_findings_error(const struct wg_findings *findings, struct wg_error *error);

// wg_record_set_cell reads the text form into the record (memory of `arena`); false: nothing was set and a finding
// tells why ("grid.kind_value", "community.founded_on_date", "grid.households_number").
bool wg_record_set_cell(Wangge__V1__Record *record, const struct wg_column *column, const char *cell,
                        struct wg_arena *arena, struct wg_findings *findings);

// wg_record_clear sets a column of the body to its default.
void wg_record_clear(Wangge__V1__Record *record, const struct wg_column *column);

// wg_record_check checks one record alone; true when it has no error. Codes of findings are KIND.FIELD_WHAT:
//   _shape     a code of another form: district 6 digits, street 9, community 12, grid 15, each beginning with the
//              record's district; calendar_day YYYY-MM-DD; calendar_year YYYY; department and principal [a-z0-9._-];
//              else printable characters without blanks, at most WG_RECORD_CODE_BYTES; also a district, phone, key
//   _required  nothing where something must be       _text     too long, not UTF-8, control characters
//   _value     not one of the allowed values         _date, _time  no such day (2026-02-30), no such time
//   _number    out of range                          _wkt      not a polygon, not closed, axes swapped
//   _masked    personal data with "*", as the registry shows them
//   _order     an end before its beginning           _pair     longitude without latitude
//   grid.households_range (warning: 基础网格 300–500 户, domain rule), category.code_path, list_item.steps_n and _next,
//   duty_template.on_range, dispatch_rule.minute_range, district.box_empty and record.body, record.district_shape
// What needs other records (references, uniqueness, the net) is the registry's to check.
bool wg_record_check(const Wangge__V1__Record *record, struct wg_findings *findings);

// --- files ---

struct wg_record_origin {
  const char *file; // as given, or FOLDER/grid.csv
  uint32_t line;    // of the record's first line, from 1
};
struct wg_record_set {
  Wangge__V1__Record **record; // in the order of the files (folder: of the kinds' rank) and of their lines
  size_t count, room;
  struct wg_record_origin *origin; // of each record; NULL: not from files
};

// A reading of one or more files. All memory is the arena's.
struct wg_reading {
  struct wg_arena *arena;
  const char *district; // of rows that name none; NULL: each row must
  struct wg_record_set set;
  struct wg_findings findings; // `row` is the line in the file; `kind` the file's kind, so FOLDER/KIND.csv
  struct wg_map *seen;         // inside: (kind, district, code) read so far
};
void wg_reading_start(struct wg_reading *reading, struct wg_arena *arena, const char *district);
void wg_reading_stop(struct wg_reading *reading); // the records stay, the arena has them

// wg_records_read_file adds the records of a CSV file (UTF-8 with or without BOM, or GB18030; LF or CRLF; quoted after
// RFC 4180). The header has the columns in any order, by field or by Chinese label; columns that are missing are empty
// for all rows, required ones must be there (except "district" when reading->district is set). Rows that cannot be read
// are findings, the rest goes on; rows with errors are not in the set. So a caller that wants all or nothing looks at
// findings.errors. Findings: file.header_unknown, file.header_missing, file.header_twice, file.empty, file.encoding,
// file.row_broken, file.row_fields, file.row_limit, file.code_twice, and those of the records. `kind` NULL: by the
// file's name, KIND.csv. Errors: NOT_FOUND, INVALID_ARGUMENT (no such kind), DATA_LOSS (reading).
wg_status wg_records_read_file(struct wg_reading *reading, const char *path, const struct wg_kind *kind,
                               struct wg_error *error);
// The same from memory; `name` stands for the path.
wg_status wg_records_read_bytes(struct wg_reading *reading, const char *name, struct wg_bytes bytes,
                                const struct wg_kind *kind, struct wg_error *error);
// wg_records_read_folder reads every KIND.csv of a folder in the order of rank; a .csv that is no kind is the
// error file.name_unknown, which names it (a misspelt kind would be missing); other files are left alone. NOT_FOUND: no
// such folder, or none of its files is a kind's.
wg_status wg_records_read_folder(struct wg_reading *reading, const char *path, struct wg_error *error);

// Writing CSV: UTF-8 with BOM (neither a spreadsheet nor our reader has to guess), LF, quoted where needed. A text that
// a spreadsheet would take for a formula (one that begins with "=", "+", "-", "@", their full-width forms, tab or a
// line break, whatever number of apostrophes before) gets an apostrophe in front, which reading takes away again.
// `labels`: header, enums and bools in Chinese.
void wg_records_write_header(struct wg_buffer *out, const struct wg_kind *kind, bool labels);
void wg_records_write_row(struct wg_buffer *out, const Wangge__V1__Record *record, bool labels);
