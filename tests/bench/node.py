"""A private RabbitMQ node: loopback only, free ports, its own folders, epmd and cookie; durable as Debian ships it."""
import grp
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from harness.process import end_with_parent, free_port

BIN = pathlib.Path("/usr/lib/rabbitmq/bin")


class Node:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wangge-rabbitmq-"))
        self.port, self.epmd_port, self.dist_port = free_port(), free_port(), free_port()
        self.user = "rabbitmq" if os.geteuid() == 0 else None  # Debian's user; its scripts refuse others than it and root
        self.processes = []

    def _environment(self):
        path = f"{BIN}:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "HOME": str(self.folder), "LANG": "C.UTF-8", "HOSTNAME": "localhost",
                "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
                "RABBITMQ_NODENAME": f"bench{self.port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
                "RABBITMQ_NODE_PORT": str(self.port), "RABBITMQ_DIST_PORT": str(self.dist_port),
                "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
                "RABBITMQ_LOGS": str(self.folder / "log/node.log"), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
                "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}"}

    def _start(self, *command):
        log = open(self.folder / "start.log", "ab")
        switch = {}
        if self.user:
            user = pwd.getpwnam(self.user)
            switch = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": os.getgrouplist(self.user, user.pw_gid)}
        process = subprocess.Popen([str(part) for part in command], env=self._environment(), cwd=self.folder, stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                                   preexec_fn=end_with_parent(signal.SIGTERM), **switch)
        log.close()
        self.processes.append(process)
        return process

    def start(self):
        (self.folder / "rabbitmq.conf").write_text("listeners.tcp.default = %d\nloopback_users.guest = true\n" % self.port)
        (self.folder / "enabled_plugins").write_text("[].\n")
        for name in ("mnesia", "log"):
            (self.folder / name).mkdir()
        if self.user:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, self.user, grp.getgrgid(pwd.getpwnam(self.user).pw_gid).gr_name)
        epmd = shutil.which("epmd") or "/usr/bin/epmd"
        self._start(epmd, "-port", self.epmd_port, "-address", "127.0.0.1")
        self.server = self._start(self._server_script())
        self._wait()
        return self

    @staticmethod
    def _server_script():
        found = sorted(pathlib.Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
        if not found:
            raise RuntimeError("rabbitmq-server is not installed")
        return found[-1]

    def _wait(self, limit=120):
        end = time.monotonic() + limit
        marker = "Server startup complete"
        log = self.folder / "log/node.log"
        while not (log.exists() and marker in log.read_text("utf-8", "replace")):
            if self.server.poll() is not None or time.monotonic() > end:
                text = (self.folder / "start.log").read_text("utf-8", "replace")
                raise RuntimeError(f"RabbitMQ did not start\n{text[-3000:]}")
            time.sleep(0.1)

    def roots(self):
        return {"rabbitmq": self.server.pid}

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)  # the group is this process's own session
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()
