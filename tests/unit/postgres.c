// A guardian process starts the server, waits for the end of the test program at a pipe (which ends even when the
// program is killed), stops the server and removes the directory.

#include "tests/unit/postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char directory[64];
static char dsn[160];
static char binaries[256];
static int guard_pipe = -1;
static pid_t guardian;

static void find_binaries(void) {
  FILE *pipe = popen("pg_config --bindir", "r");
  if (!pipe || !fgets(binaries, sizeof binaries, pipe)) fail_msg("pg_config --bindir says nothing");
  pclose(pipe);
  binaries[strcspn(binaries, "\n")] = 0;
}

static void make_directory(void) {
  strcpy(directory, "/tmp/wangge-pg-XXXXXX");
  if (!mkdtemp(directory)) fail_msg("mkdtemp: %m");
  if (geteuid() != 0) return;
  struct passwd *user = getpwnam("postgres");
  if (!user) fail_msg("root needs a user `postgres` to run the server as");
  else if (chown(directory, user->pw_uid, user->pw_gid) != 0) fail_msg("chown: %m");
}

// execute replaces the process by a program of the server, unprivileged, its output in `log`.
static _Noreturn void execute(const char *program, char *const *arguments) {
  char path[400], log[96], *line[32];
  snprintf(path, sizeof path, "%s/%s", binaries, program);
  snprintf(log, sizeof log, "%s/log", directory);
  int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || chdir(directory) != 0) _exit(126);
  int count = 0;
  if (geteuid() == 0) {
    char *drop[] = {"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"};
    for (size_t i = 0; i < sizeof drop / sizeof *drop; i++)
      line[count++] = drop[i];
  }
  line[count++] = path;
  while (*arguments && count < 31)
    line[count++] = *arguments++;
  line[count] = NULL;
  execvp(line[0], line);
  _exit(127);
}

static pid_t launch(const char *program, char *const *arguments) {
  pid_t child = fork();
  if (child == 0) execute(program, arguments);
  return child;
}

static int remove_entry(const char *path, const struct stat *state, int type, struct FTW *walk) {
  (void)state, (void)type, (void)walk;
  return remove(path);
}

static bool initialise(char *data) {
  char *arguments[] = {"-D",        data, "-U",   "postgres",         "-A",
                       "trust",     "-E", "UTF8", "--locale=C.UTF-8", "--lc-collate=C",
                       "--no-sync", NULL};
  pid_t child = launch("initdb", arguments);
  int state = 0;
  return child > 0 && waitpid(child, &state, 0) == child && state == 0;
}

enum { START = 's', CRASH = 'c' }; // what the test program writes into the pipe

static void end_server(pid_t server) {
  kill(server, SIGQUIT);
  waitpid(server, NULL, 0);
}

// Runs in a process of its own: nothing here may use the test program's means.
static _Noreturn void guard(int pipe_end) {
  setsid();
  char data[96];
  snprintf(data, sizeof data, "%s/data", directory);
  char *arguments[] = {"-D", data,
                       "-k", directory,
                       "-c", "listen_addresses=",
                       "-c", "fsync=off",
                       "-c", "shared_buffers=32MB",
                       "-c", "max_connections=40",
                       NULL};
  if (!initialise(data)) _exit(1);
  pid_t server = 0; // 0: does not run
  char order = START;
  do {
    if (order == START && !server && (server = launch("postgres", arguments)) <= 0) _exit(1);
    if (order == CRASH && server) {
      end_server(server);
      server = 0;
    }
  } while (read(pipe_end, &order, 1) > 0);
  if (server) end_server(server);
  nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  _exit(0);
}

static void stop(void) {
  close(guard_pipe);
  waitpid(guardian, NULL, 0);
}

static void wait_until_ready(void) {
  for (int attempt = 0; attempt < 1500; attempt++) {
    if (PQping(dsn) == PQPING_OK) return;
    if (waitpid(guardian, NULL, WNOHANG) == guardian) break;
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  }
  fail_msg("the private PostgreSQL does not start; its words are in %s/log", directory);
}

static void start(void) {
  find_binaries();
  make_directory();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail_msg("pipe: %m");
  fflush(NULL);
  guardian = fork();
  if (guardian < 0) fail_msg("fork: %m");
  if (guardian == 0) {
    close(ends[1]);
    guard(ends[0]);
  }
  close(ends[0]);
  guard_pipe = ends[1];
  snprintf(dsn, sizeof dsn, "host=%s user=postgres dbname=postgres", directory);
  atexit(stop);
  wait_until_ready();
}

static void tell_guardian(char order) {
  if (write(guard_pipe, &order, 1) != 1) fail_msg("the guardian of the server is gone: %m");
}

void postgres_crash(void) {
  tell_guardian(CRASH);
  for (int attempt = 0; attempt < 1500; attempt++) {
    if (PQping(dsn) == PQPING_NO_RESPONSE) return;
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  }
  fail_msg("the private PostgreSQL does not end; its words are in %s/log", directory);
}

void postgres_restart(void) {
  tell_guardian(START);
  wait_until_ready();
}

const char *postgres_dsn(void) {
  if (!*dsn) start();
  return dsn;
}

const char *postgres_directory(void) {
  postgres_dsn();
  return directory;
}

struct wg_db *postgres_connect(const char *schema) {
  struct wg_db *db;
  struct wg_error error = {0};
  struct wg_db_options options = {postgres_dsn(), schema, "test", 0, false};
  if (wg_db_connect(&options, &db, &error)) fail_msg("connect: %s", error.message);
  return db;
}

void postgres_execute(const char *sql) {
  struct wg_error error = {0};
  struct wg_db *db = postgres_connect(NULL);
  wg_status status = wg_db_exec(db, sql, &error);
  wg_db_close(db);
  if (status) fail_msg("%s: %s", sql, error.message);
}

wg_status postgres_pump(struct wg_db *db, struct wg_error *error) {
  for (;;) {
    size_t waiting;
    wg_status status = wg_db_pump(db, &waiting, error);
    if (status || waiting == 0) return status;
    struct pollfd fd = {wg_db_socket(db), POLLIN, 0};
    if (wg_db_wants_write(db)) fd.events |= POLLOUT;
    if (poll(&fd, 1, 20000) <= 0) fail_msg("the server has not answered for 20 s, %zu waiting", waiting);
  }
}
