// See land_parcels.h.
#include "ops/cli/land_parcels.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static wg_status read_pipe(int end, struct wg_buffer *text, struct wg_error *error) {
  for (;;) {
    ssize_t size = read(end, wg_buffer_reserve(text, 65536), 65536);
    if (size == 0) return WG_OK;
    if (size > 0) text->size += (size_t)size;
    else if (errno != EINTR) return wg_fail(error, WG_INTERNAL, NULL, "reading from ogr2ogr: %s", strerror(errno));
  }
}

wg_status cli_ogr_read(const char *path, struct wg_buffer *text, struct wg_error *error) {
  char *const arguments[] = {"ogr2ogr", "-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "/vsistdout/", (char *)(uintptr_t)path,
                             NULL};
  int ends[2], exited = 0;
  pid_t child;
  posix_spawn_file_actions_t actions;
  if (access(path, R_OK) != 0) return wg_fail(error, WG_NOT_FOUND, path, "cannot be opened: %s", strerror(errno));
  if (pipe(ends) != 0) return wg_fail(error, WG_INTERNAL, NULL, "pipe: %s", strerror(errno));
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  int failed = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed) {
    close(ends[0]);
    return wg_fail(
        error, WG_FAILED_PRECONDITION, path,
        "is neither .geojson nor .csv; other formats need ogr2ogr, which is not installed (Debian: gdal-bin)");
  }
  wg_status status = read_pipe(ends[0], text, error);
  close(ends[0]);
  while (waitpid(child, &exited, 0) < 0 && errno == EINTR)
    continue;
  if (status == WG_OK && (!WIFEXITED(exited) || WEXITSTATUS(exited) != 0))
    return wg_fail(error, WG_INVALID_ARGUMENT, path, "ogr2ogr cannot read it as parcels");
  return status;
}
