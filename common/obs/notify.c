// sd_notify(3): one datagram to the socket that systemd names. Small enough to need no library.
#include "common/obs/http.h"

#include "common/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void wg_notify(const char *state) {
  const char *path = getenv("NOTIFY_SOCKET");
  if (!path || (path[0] != '/' && path[0] != '@')) return;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t size = strlen(path);
  if (size < 2 || size >= sizeof address.sun_path) return;
  memcpy(address.sun_path, path, size);
  if (path[0] == '@') address.sun_path[0] = 0; // abstract socket
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
  if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, length) < 0)
    wg_log(WG_LOG_WARN, "systemd not told", wg_field_text("reason", strerror(errno)));
  if (fd >= 0) close(fd);
}
