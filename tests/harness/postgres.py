"""A private PostgreSQL cluster: unix socket only, the tests' user may be every role."""
import atexit
import functools
import getpass
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from .process import end_with_parent
from .wait import until

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _tools():
    for version in range(15, 20):
        folder = pathlib.Path(f"/usr/lib/postgresql/{version}/bin")
        if (folder / "initdb").exists():
            return folder
    raise RuntimeError("PostgreSQL 15 is not installed in /usr/lib/postgresql")


@functools.cache
def _template_folder():
    """Where the first data of each kind is kept until this process ends."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="wangge-templates-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class Postgres:
    # fsync off: these tests stop processes, not the machine, and the kernel keeps what was written.
    SETTINGS = "fsync = off\nshared_buffers = 64MB\nmax_wal_size = 512MB\n"

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.tools = _tools()
        self.user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        self.process = None

    def _as_user(self, *command):
        if os.geteuid() != 0:
            return [str(c) for c in command]
        group = pwd.getpwnam(self.user).pw_gid
        return ["setpriv", f"--reuid={self.user}", f"--regid={group}", "--init-groups", "--", *map(str, command)]

    def create(self, kind, fill):
        """Makes the data: fill(), with the server running, when it is the first of its kind; else a copy of the first."""
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
        first = _template_folder() / "-".join(kind)
        if first.exists():
            self._copy(first, self.data)
            self._configure()
            return
        subprocess.run(self._as_user(self.tools / "initdb", "-D", self.data, "--locale=C.UTF-8", "--encoding=UTF8",
                                     "--username=postgres", "--auth=peer", "--no-sync"),
                       check=True, stdout=subprocess.DEVNULL, cwd="/")
        self._configure()
        self.start()
        fill()
        self.stop()
        self._copy(self.data, first)

    @staticmethod
    def _copy(source, target):
        subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)

    def _configure(self):
        settings = (ROOT / "ops/postgres/postgresql.conf").read_text("utf-8")
        settings += f"\nunix_socket_directories = '{self.folder}'\n{self.SETTINGS}"
        (self.data / "postgresql.conf").write_text(settings, "utf-8")
        (self.data / "pg_hba.conf").write_text("local all all peer map=tests\n")
        users = {self.user, getpass.getuser()}
        (self.data / "pg_ident.conf").write_text(self._idents(users))

    @staticmethod
    def _idents(users):
        roles = ("postgres", "wangge_owner", "wangge_intake", "wangge_routing", "wangge_tracking",
                 "wangge_registry", "wangge_land")
        return "".join(f"tests {user} {role}\n" for user in sorted(users) for role in roles)

    def start(self):
        log = open(self.folder.parent / "postgres.log", "ab")
        self.process = subprocess.Popen(self._as_user(self.tools / "postgres", "-D", self.data), stdout=log, stderr=log,
                                        cwd="/", preexec_fn=end_with_parent(signal.SIGQUIT))
        log.close()
        until(self.answers, "PostgreSQL answers")

    def answers(self):
        return subprocess.run([self.tools / "pg_isready", "-q", "-h", self.folder, "-d", "postgres"]).returncode == 0

    def stop(self, how=signal.SIGINT):
        """SIGINT: fast, SIGQUIT: immediate (as a crash)."""
        if self.process and self.process.poll() is None:
            # setpriv replaced itself by postgres, so the pid is the postmaster's.
            self.process.send_signal(how)
            self.process.wait(60)
        self.process = None

    def dsn(self, role):
        return f"host={self.folder} dbname=wangge user={role}"

    def make_roles(self):
        subprocess.run(["psql", "-X", "-q", "-h", str(self.folder), "-U", "postgres", "-d", "postgres",
                        "-f", str(ROOT / "ops/postgres/roles.sql")], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def query(self, sql, role="postgres", database="wangge"):
        """Rows as lists of text."""
        out = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder),
                              "-U", role, "-d", database, "-c", sql], check=True, capture_output=True, text=True, cwd="/")
        return [line.split("\t") for line in out.stdout.splitlines()]
