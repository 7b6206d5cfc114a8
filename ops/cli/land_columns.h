// A parcel as columns: what a file of parcels has beside the geometry. The first columns are those that `wangge land
// import` reads (rows_input.h), so that what was exported can be imported; the others are what the ledger computed or
// what others wrote, for whoever reads the file.
#pragma once

#include "common/base/bytes.h"

#include "wangge/v1/land.pb-c.h"

enum cli_land_form { CLI_LAND_TEXT, CLI_LAND_NUMBER, CLI_LAND_TRUTH };
struct cli_land_column {
  const char *name;
  enum cli_land_form form;
  const char *path; // member of the record, "parcel.land_class.code"; NULL: what the sheet declares of `side`
  int side;         // NeighbourSide
  int digits;       // decimals: the member is in tenths or hundredths
};
extern const struct cli_land_column cli_land_columns[]; // ended by name == NULL

// cli_land_cell appends the value as plain text: areas and lengths in metres, truths 1 and 0, lists as JSON; nothing
// when it is not known.
void cli_land_cell(const struct cli_land_column *column, const Wangge__V1__LandRecord *parcel, struct wg_buffer *out);
