// See land_parcels.h.
#include "ops/cli/land_parcels.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static wg_status read_pipe(int end, struct wg_buffer *text, struct wg_error *error) {
  for (;;) {
    if (text->size > CLI_PARCEL_BYTES)
      return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "file.too_large: unpacked it has more than %d MiB",
                     CLI_PARCEL_BYTES >> 20);
    ssize_t size = read(end, wg_buffer_reserve(text, 65536), 65536);
    if (size == 0) return WG_OK;
    if (size > 0) text->size += (size_t)size;
    else if (errno != EINTR) return wg_fail(error, WG_INTERNAL, NULL, "reading from ogr2ogr: %s", strerror(errno));
  }
}

// start runs ogr2ogr; its standard output goes to `out`, or nowhere of ours when that is -1.
static wg_status start(char *const *arguments, int out, int other_end, pid_t *child, struct wg_error *error) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (out >= 0) {
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, out);
    posix_spawn_file_actions_addclose(&actions, other_end);
  }
  int failed = posix_spawnp(child, arguments[0], &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (!failed) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                 "formats other than GeoJSON and CSV need ogr2ogr, which is not installed (Debian: gdal-bin)");
}

static bool ended_well(pid_t child) {
  int exited = 0;
  while (waitpid(child, &exited, 0) < 0 && errno == EINTR)
    continue;
  return WIFEXITED(exited) && WEXITSTATUS(exited) == 0;
}

// The text of a shapefile that does not say its encoding (no .cpg) comes as it is, to be told by what it looks like.
static bool says_no_encoding(const char *path) {
  char beside[4096];
  const size_t size = strlen(path);
  if (size < 4 || size >= sizeof beside || strcasecmp(path + size - 4, ".shp") != 0) return false;
  snprintf(beside, sizeof beside, "%.*s.cpg", (int)(size - 4), path);
  return access(beside, F_OK) != 0;
}

wg_status cli_ogr_read(const char *path, struct wg_buffer *text, struct wg_error *error) {
  const bool raw = says_no_encoding(path);
  char *const arguments[] = {
      "ogr2ogr",          "-f",        "CSV", "-lco", "GEOMETRY=AS_WKT", "/vsistdout/", (char *)(uintptr_t)path,
      raw ? "-oo" : NULL, "ENCODING=", NULL};
  int ends[2];
  pid_t child;
  if (access(path, R_OK) != 0) return wg_fail(error, WG_NOT_FOUND, path, "cannot be opened: %s", strerror(errno));
  if (pipe(ends) != 0) return wg_fail(error, WG_INTERNAL, NULL, "pipe: %s", strerror(errno));
  wg_status status = start(arguments, ends[1], ends[0], &child, error);
  close(ends[1]);
  if (status != WG_OK) {
    close(ends[0]);
    return status;
  }
  status = read_pipe(ends[0], text, error);
  close(ends[0]); // what it still writes fails
  if (!ended_well(child) && status == WG_OK)
    return wg_fail(error, WG_INVALID_ARGUMENT, path, "ogr2ogr cannot read it as parcels");
  return status;
}

// Texts that look like days stay texts.
wg_status cli_ogr_package(const char *geojson, const char *path, struct wg_error *error) {
  char *const arguments[] = {"ogr2ogr",
                             "-f",
                             "GPKG",
                             "-oo",
                             "DATE_AS_STRING=YES",
                             "-a_srs",
                             "EPSG:4490",
                             "-nln",
                             "parcels",
                             "-nlt",
                             "POLYGON",
                             (char *)(uintptr_t)path,
                             (char *)(uintptr_t)geojson,
                             NULL};
  pid_t child;
  const wg_status status = start(arguments, -1, -1, &child, error);
  if (status != WG_OK || ended_well(child)) return status;
  return wg_fail(error, WG_DATA_LOSS, path, "ogr2ogr cannot write it");
}
