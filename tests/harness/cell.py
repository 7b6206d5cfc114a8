"""Cell: a private PostgreSQL and services of one build, with keys, ports and folders of their own."""
import contextlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import zmq

from . import proto
from .client import CallError, Client
from .follower import Follower
from .postgres import Postgres
from .process import end_with_parent, free_port
from .proto import CODE
from .wait import LIMIT, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WANGGE_TEST_BUILD", ROOT / "build/gcc"))
REFERENCE = pathlib.Path(__file__).resolve().parent / "reference"
GRID = "370117001001001"  # a grid, which is a unit of its own
VILLAGE = "131102101201"  # a village of the demo's net
SERVICES = ("intake", "routing", "tracking")
ALL = ("registry", *SERVICES, "land")
SERVED_BY = {  # services of proto/ that a process of another name serves
    "lists": "tracking", "evaluation": "tracking",
    "landledger": "land",
    "landsurvey": "land",
    "landnotice": "land", "landworks": "land",
    "landtender": "land", "landcontract": "land",
    "landyard": "land", "landhomestead": "land",
}
# What the sanitizers print into a service's log.
SANITIZER = re.compile(r"ERROR: (Address|Leak|Undefined\w*)Sanitizer|runtime error:|Assertion .* failed")


def process_of(method):
    """The process that serves "Intake/Push" or "Lists/Change"."""
    name = method.partition("/")[0].lower()
    return SERVED_BY.get(name, name)


def demo_principals():
    """One principal of each kind, two dispatchers, three departments, a street, a community and a grid."""
    principals = {name: {"roles": "service"} for name in (*ALL, "gateway")}
    principals.update({"operator": {"roles": "operator"}, "dispatcher": {"roles": "dispatcher"},
                       "registrar": {"roles": "registrar"}})
    principals.update({name: {"roles": "source"} for name in ("hotline-12345", "patrol")})
    principals["chief"] = {"roles": "dispatcher"}
    principals.update({name: {"roles": "department", "department": name}
                       for name in ("water", "housing", "traffic", "street", "community")})
    principals["grid"] = {"roles": "department", "department": GRID}
    principals["village"] = {"roles": "village", "areas": VILLAGE}
    principals["township"] = {"roles": "township", "areas": VILLAGE[:9]}
    return principals


class Cell:
    def __init__(self, build=BUILD, settings=None, services=SERVICES):
        """`services`: those that are migrated and started; registry and land are of them only when they are named."""
        self.services = tuple(services)
        self.build = pathlib.Path(build)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wangge-cell-"))
        self.folder.chmod(0o755)  # PostgreSQL runs as another user when the tests run as root
        self.postgres = Postgres(self.folder / "pg")
        self.context = zmq.Context()
        self.ports = {name: free_port() for name in ALL}
        self.http_ports = {name: free_port() for name in ALL}
        self.keys, self.principals = {}, demo_principals()
        self.processes, self.clients, self.settings = {}, {}, settings or {}
        self.trouble = []

    # --- life ---
    def create(self):
        """Everything but the services: database, schemas, keys, settings."""
        (self.folder / "keys").mkdir(mode=0o700)
        for name in self.principals:
            self.key(name)
        self.write_principals()
        self.write_settings()
        self.postgres.create(self.services, self._migrate_all)
        self.postgres.start()
        return self

    def _migrate_all(self):
        self.postgres.make_roles()
        for service in self.services:
            self.migrate(service)

    def start(self):
        self.create()
        for service in self.services:
            self.start_service(service)
        for service in self.services:
            self.wait_ready(service)
        return self

    def stop(self):
        """Stops all and removes the folder; fails if a service ended badly or a sanitizer had something to say."""
        for client in self.clients.values():
            client.close()
        self.clients.clear()
        for service in reversed(self.services):
            self.stop_service(service)
        for service in self.services:
            match = SANITIZER.search(self.log(service))
            if match:
                self.trouble.append(f"{service}: {self.log(service)[max(0, match.start() - 500):][:6000]}")
        self.postgres.stop(signal.SIGQUIT)
        self.context.destroy(0)
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not self.trouble, "\n".join(self.trouble)

    def log(self, service):
        path = self.folder / f"{service}.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    # --- principals and settings ---
    def key(self, name):
        """(public, secret) of a principal; made and written when it is new."""
        if name not in self.keys:
            public, secret = zmq.curve_keypair()
            while b"${" in public:  # would be read as a variable of the environment in a settings file
                public, secret = zmq.curve_keypair()
            self.keys[name] = (public, secret)
            path = self.folder / "keys" / f"{name}.key"
            path.touch(mode=0o600)
            path.write_text(f"public = {public.decode()}\nsecret = {secret.decode()}\n")
        return self.keys[name]

    def write_principals(self):
        """Replaces the principals file at once; the services notice within a second or two."""
        text = ""
        for name, values in self.principals.items():
            text += f"[{name}]\nkey = {self.key(name)[0].decode()}\n"
            text += "".join(f"{key} = {value}\n" for key, value in values.items()) + "\n"
        fresh = self.folder / "principals.ini.new"
        fresh.write_text(text)
        fresh.replace(self.folder / "principals.ini")

    def write_settings(self):
        lines = ["[common]", f"principals = {self.folder / 'principals.ini'}", f"share = {ROOT}"]
        reference = {
            "intake": {"reference": "."},
            "routing": {"reference": "."},
            "tracking": {"reference": ".", "clocks": "clocks.ini"},
            "land": {"reference": ROOT / "ops/demo/reference"},  # villages
        }
        upstream = {"routing": ("intake", "tracking"), "tracking": ("routing",)}
        for service in self.services:
            values = {
                "listen": self.endpoint(service),
                "http": f"127.0.0.1:{self.http_ports[service]}",
                "database": self.postgres.dsn(f"wangge_{service}"),
                "owner_database": self.postgres.dsn("wangge_owner"),
                "key": self.folder / "keys" / f"{service}.key",
            }
            values.update({key: REFERENCE / name for key, name in reference.get(service, {}).items()})
            values.update({name: self.endpoint(name) for name in upstream.get(service, ())})
            own = self.settings.get(service, {})
            if "registry" in own:  # instead of the folder
                values.pop("reference", None)
            values.update(own)
            lines += ["", f"[{service}]", *(f"{key} = {value}" for key, value in values.items())]
        (self.folder / "wangge.ini").write_text("\n".join(lines) + "\n")
        client = ["[services]", *(f"{s} = {self.endpoint(s)}" for s in self.services), "[keys]",
                  *(f"{s} = {self.key(s)[0].decode()}" for s in self.services),
                  "[client]", f"key_dir = {self.folder / 'keys'}", "as = operator"]
        (self.folder / "client.ini").write_text("\n".join(client) + "\n")

    def endpoint(self, service):
        return f"tcp://127.0.0.1:{self.ports[service]}"

    # --- services ---
    def binary(self, service):
        return self.build / "services" / service / f"wangge-{service}"

    def _environment(self):
        keep = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
        return keep | {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1",
                       "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99", "LC_ALL": "C.UTF-8"}

    def migrate(self, service):
        done = subprocess.run([self.binary(service), "--config", self.folder / "wangge.ini", "--migrate"],
                              capture_output=True, text=True, env=self._environment())
        assert done.returncode == 0, f"{service} --migrate: {done.returncode}\n{done.stdout}{done.stderr}"

    def start_service(self, service, name=None, settings=None):
        """Starts it (again). `name` and `settings` start a second instance beside the first."""
        name = name or service
        log = open(self.folder / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(
            [self.binary(service), "--config", settings or self.folder / "wangge.ini"], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, env=self._environment(), cwd="/", preexec_fn=end_with_parent(signal.SIGKILL))
        log.close()

    def second_instance(self, service):
        """A second instance with the same settings but ports of its own; gives its name for kill, log, wait_ready."""
        name = f"{service}-2"
        self.ports[name], self.http_ports[name] = free_port(), free_port()
        text = (self.folder / "wangge.ini").read_text()
        text = text.replace(f"listen = {self.endpoint(service)}", f"listen = {self.endpoint(name)}")
        text = text.replace(f"http = 127.0.0.1:{self.http_ports[service]}", f"http = 127.0.0.1:{self.http_ports[name]}")
        path = self.folder / f"{name}.ini"
        path.write_text(text)
        self.start_service(service, name, path)
        return name

    def kill(self, name, how=signal.SIGKILL):
        process = self.processes.pop(name)
        process.send_signal(how)
        return process.wait(60)

    def stop_service(self, name):
        """Ends it with TERM; an exit code other than 0 is trouble that stop() tells."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            code = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            code = "none within 60 s of TERM"
        if code != 0:
            self.trouble.append(f"{name} ended with code {code}\n{self.log(name)[-3000:]}")

    def restart(self, service):
        self.stop_service(service)
        self.start_service(service)
        self.wait_ready(service)

    def http(self, name, path):
        """(status, text) of a GET to the service's HTTP port."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_ports[name], timeout=20)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8")
        finally:
            connection.close()

    def wait_http(self, name, path, status, limit=LIMIT):
        def check():
            process = self.processes[name]
            assert process.poll() is None, f"{name} ended with code {process.returncode}\n{self.log(name)[-3000:]}"
            return self.http(name, path)[0] == status
        until(check, f"{name} answers {path} with {status}", limit)

    def wait_ready(self, name, limit=120):
        self.wait_http(name, "/readyz", 200, limit)

    def metric(self, service, name, **labels):
        """Sum of the series of a metric that have these labels."""
        total, found = 0.0, False
        for line in self.http(service, "/metrics")[1].splitlines():
            match = re.match(r"(\w+)(?:\{(.*)\})? (\S+)$", line)
            if match and match[1] == name and all(f'{key}="{value}"' in (match[2] or "") for key, value in labels.items()):
                total, found = total + float(match[3]), True
        assert found, f"{service} has no metric {name} {labels}"
        return total

    # --- talking ---
    def connect(self, principal, service, key=None):
        """A new connection of its own; close it yourself or let the cell's end do it."""
        return Client(self.context, self.endpoint(service), self.keys[service][0], key or self.key(principal))

    def client(self, principal, service):
        """The shared connection of a principal to a service."""
        if (principal, service) not in self.clients:
            self.clients[principal, service] = self.connect(principal, service)
        return self.clients[principal, service]

    def call(self, principal, method, request, service=None, limit=LIMIT, traceparent=""):
        """Calls "Intake/Push" as a principal. `service` says who is asked when the method is of Ops."""
        service = service or process_of(method)
        return self.client(principal, service).call(f"wangge.v1.{method}", request, limit, traceparent)

    def call_when_there(self, principal, method, request, service=None, limit=LIMIT):
        """As call, again while the answer is UNAVAILABLE."""
        def attempt():
            try:
                return self.call(principal, method, request, service, limit)
            except CallError as error:
                if error.code != CODE.CODE_UNAVAILABLE:
                    return error
                raise
        value = until(attempt, f"{method} is answered", limit)
        if isinstance(value, CallError):
            raise value
        return value

    def push(self, orders, source="hotline-12345"):
        """Pushes as that source; gives the results."""
        request = proto.intake.PushRequest(source=source, orders=orders)
        return list(self.call(source, "Intake/Push", request).results)

    def push_accepted(self, orders, source="hotline-12345"):
        """Pushes and gives the order ids; everything must be accepted."""
        results = self.push(orders, source)
        for order, result in zip(orders, results):
            assert result.outcome == proto.intake.PUSH_OUTCOME_ACCEPTED, f"{order.external_id}: {result}"
        assert len(results) == len(orders)
        return [result.order_id for result in results]

    def follow(self, principal, stream, consumer="", topic=None, **options):
        """A subscription on a connection of its own."""
        service = {"intake.orders": "intake", "routing.dispatch": "routing", "tracking.cases": "tracking",
                   "tracking.lists": "tracking", "tracking.notices": "tracking", "tracking.verdicts": "tracking",
                   "registry.changes": "registry", "land.entries": "land"}[stream]
        client = self.connect(principal, service)
        try:
            return Follower(client, stream, consumer, topic, **options)
        except BaseException:
            client.close()
            raise

    def case(self, order_id, principal="operator"):
        return self.call(principal, "Tracking/Get", proto.tracking.GetCaseRequest(order_id=order_id))

    def assignment(self, order_id, principal="operator"):
        return self.call(principal, "Routing/Get", proto.routing.GetAssignmentRequest(order_id=order_id))

    def wait_case(self, order_id, state):
        """Waits until tracking's case is in that state and gives the answer of Get."""
        def check():
            answer = self.case(order_id)
            return answer if answer.case.state == state else None
        return until(check, f"case {order_id} is {proto.tracking.CaseState.Name(state)}")

    def queues(self, service):
        return self.call("operator", "Ops/Queues", proto.ops.QueuesRequest(), service)


@contextlib.contextmanager
def pushing_cell(clock=None):
    """A cell whose tracking pushes what meetings resolved to intake, as orders, and asks it for files; `clock`: of all services."""
    made = Cell()
    made.principals["tracking"] = {"roles": "service, source", "channel": "theme_day"}
    made.settings = {service: {"clock": clock.path} if clock else {} for service in SERVICES}
    made.settings["tracking"]["intake"] = made.endpoint("intake")
    try:
        yield made.start()
    finally:
        made.stop()
