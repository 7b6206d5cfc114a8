// Files of parcels that other programs write and read.
#pragma once

#include "common/base/bytes.h"
#include "common/base/status.h"

enum { CLI_PARCEL_BYTES = 256 << 20 }; // most of a file of parcels, unpacked

// cli_ogr_read gives any file that GDAL reads as CSV with the geometry as WKT, in its own coordinates.
// FAILED_PRECONDITION: ogr2ogr is not installed (Debian: gdal-bin); INVALID_ARGUMENT: it cannot read the file;
// RESOURCE_EXHAUSTED: it unpacks to more than CLI_PARCEL_BYTES.
wg_status cli_ogr_read(const char *path, struct wg_buffer *text, struct wg_error *error);
// cli_ogr_package makes a GeoPackage with the layer `parcels`, EPSG:4490, of a GeoJSON file. FAILED_PRECONDITION as
// above; DATA_LOSS: it cannot be written.
wg_status cli_ogr_package(const char *geojson, const char *path, struct wg_error *error);
