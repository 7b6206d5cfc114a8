// Who may talk to us: the principals file's present version, replaced whole while others read.
//
// Readers take a read lock for the length of one look-up and copy what they found, so that no one ever holds a pointer
// into a version that is replaced.
#include "common/bus/principals_file.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// What tells one state of the file from another. Editors that replace the file change the inode, those that write in
// place the time or the size.
struct file_stamp {
  struct timespec mtime;
  off_t size;
  ino_t inode;
};

struct wg_principals {
  char *path;
  pthread_rwlock_t lock; // of `table`
  struct wg_principal_table *table;
  pthread_mutex_t reading; // one reload at a time; guards the two below
  struct file_stamp stamp;
  int64_t looked_us;
  _Atomic uint64_t version, failures;
};

static struct file_stamp stamp_of(const char *path) {
  struct stat info;
  if (stat(path, &info)) return (struct file_stamp){0};
  return (struct file_stamp){.mtime = info.st_mtim, .size = info.st_size, .inode = info.st_ino};
}

static bool same_stamp(const struct file_stamp *a, const struct file_stamp *b) {
  return a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec && a->size == b->size &&
         a->inode == b->inode;
}

// read_file puts the file's content into force. The stamp is taken before reading: a change meanwhile is seen later.
static wg_status read_file(struct wg_principals *principals, struct wg_error *error) {
  struct wg_principal_table *fresh;
  principals->stamp = stamp_of(principals->path);
  wg_status status = wg_principal_table_read(principals->path, &fresh, error);
  if (status != WG_OK) {
    atomic_fetch_add(&principals->failures, 1);
    return status;
  }
  pthread_rwlock_wrlock(&principals->lock);
  struct wg_principal_table *old = principals->table;
  principals->table = fresh;
  pthread_rwlock_unlock(&principals->lock);
  wg_principal_table_free(old);
  atomic_fetch_add(&principals->version, 1);
  return WG_OK;
}

wg_status wg_principals_open(const char *path, struct wg_principals **principals, struct wg_error *error) {
  struct wg_principals *made = wg_zalloc(sizeof *made);
  made->path = wg_strdup(path);
  pthread_rwlock_init(&made->lock, NULL);
  pthread_mutex_init(&made->reading, NULL);
  made->looked_us = wg_monotonic_us();
  wg_status status = read_file(made, error);
  if (status != WG_OK) {
    wg_principals_close(made);
    return status;
  }
  *principals = made;
  return WG_OK;
}

void wg_principals_close(struct wg_principals *principals) {
  if (!principals) return;
  wg_principal_table_free(principals->table);
  pthread_rwlock_destroy(&principals->lock);
  pthread_mutex_destroy(&principals->reading);
  free(principals->path);
  free(principals);
}

wg_status wg_principals_reload(struct wg_principals *principals, struct wg_error *error) {
  pthread_mutex_lock(&principals->reading);
  wg_status status = read_file(principals, error);
  pthread_mutex_unlock(&principals->reading);
  return status;
}

bool wg_principals_refresh(struct wg_principals *principals) {
  struct wg_error error;
  wg_status status = WG_OK;
  bool changed = false;
  int64_t now = wg_monotonic_us();
  pthread_mutex_lock(&principals->reading);
  if (now - principals->looked_us >= WG_SECOND_US) {
    principals->looked_us = now;
    struct file_stamp stamp = stamp_of(principals->path);
    changed = !same_stamp(&stamp, &principals->stamp);
    if (changed) status = read_file(principals, &error);
  }
  pthread_mutex_unlock(&principals->reading);
  if (!changed) return false;
  if (status != WG_OK) {
    wg_log(WG_LOG_ERROR, "principals file refused, the old one stays in force", wg_field_text("file", principals->path),
           wg_field_text("reason", error.message));
    return false;
  }
  wg_log(WG_LOG_INFO, "principals file read again", wg_field_text("file", principals->path));
  return true;
}

uint64_t wg_principals_version(const struct wg_principals *principals) {
  return atomic_load(&principals->version);
}

uint64_t wg_principals_failures(const struct wg_principals *principals) {
  return atomic_load(&principals->failures);
}

bool wg_principal_may_area(const struct wg_principal *principal, const char *village) {
  for (int i = 0; i < principal->areas; i++) {
    if (strncmp(village, principal->area[i], strlen(principal->area[i])) == 0) return true;
  }
  return principal->areas == 0;
}

bool wg_principals_by_name(struct wg_principals *principals, const char *name, struct wg_principal *copy) {
  pthread_rwlock_rdlock(&principals->lock);
  const struct wg_principal *found = wg_map_get(principals->table->by_name, name);
  if (found) *copy = *found;
  pthread_rwlock_unlock(&principals->lock);
  return found != NULL;
}

bool wg_principals_by_key(struct wg_principals *principals, const char *key_z85, struct wg_principal *copy) {
  pthread_rwlock_rdlock(&principals->lock);
  const struct wg_principal *found = wg_map_get(principals->table->by_key, key_z85);
  if (found) *copy = *found;
  pthread_rwlock_unlock(&principals->lock);
  return found != NULL;
}

bool wg_principals_by_peer(struct wg_principals *principals, const struct wg_incoming *incoming,
                           struct wg_principal *copy) {
  if (!incoming->user[0]) return false;
  struct wg_principal found;
  if (!wg_principals_by_name(principals, incoming->user, &found)) return false;
  bool its_own = strcmp(found.key, incoming->key) == 0;
  for (int i = 0; i < found.previous_keys && !its_own; i++)
    its_own = strcmp(found.previous_key[i], incoming->key) == 0;
  if (its_own) *copy = found;
  return its_own;
}
