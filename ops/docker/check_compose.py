"""check_compose.py RESULT: what docker-compose.yml promises, read from its resolved form."""
import configparser
import pathlib
import subprocess
import sys

import yaml

SHARE = "/usr/local/share/wangge"
ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ("registry", "intake", "routing", "tracking", "land")
SECRET_WORDS = ("PASSWORD", "SECRET", "KEY", "TOKEN")


def volumes(service):
    """[(source, target, read only)]"""
    for entry in service.get("volumes", []):
        if isinstance(entry, dict):
            yield entry["source"], entry["target"], entry.get("read_only", False)
        else:
            source, target, *mode = entry.split(":")
            yield source, target, "ro" in mode


def settings(services):
    """The settings' ports are those of the containers, and every service takes its reference data from the registry."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(ROOT / "ops/docker/wangge.ini", "utf-8")
    yield "wangge.ini: a section for each service", set(ini.sections()) == {"common", *SERVICES}
    for name in SERVICES:
        section = ini[name]
        port = section["listen"].rpartition(":")[2]
        yield f"{name}: its port is published", [f"127.0.0.1:{port}:{port}/tcp"] == [str(p) for p in services[name]["ports"]]
        yield f"{name}: its health is asked for", section["http"].rpartition(":")[2] == services[name]["healthcheck"]["test"][-1]
        for other in set(section) & set(SERVICES):
            yield f"{name}: finds {other}", section[other] == ini[other]["listen"].replace("0.0.0.0", other)
        if name != "registry":
            yield f"{name}: follows the registry", "registry" in section and "reference" not in section


def checks(services):
    """Yields (what, holds)."""
    for name, service in services.items():
        yield f"{name}: not privileged", not service.get("privileged")
        yield f"{name}: no new privileges", "no-new-privileges:true" in service.get("security_opt", [])
        for variable, value in (service.get("environment") or {}).items():
            if any(word in variable for word in SECRET_WORDS):
                yield f"{name}: {variable} is the path of a file", variable.endswith("_FILE") and value.startswith("/secrets/")
        for port in service.get("ports", []):
            text = port if isinstance(port, str) else str(port)
            yield f"{name}: published on the loopback unless told otherwise: {text}", text.startswith("127.0.0.1:")
        if name != "postgres":
            yield f"{name}: read-only root", service.get("read_only") is True
            yield f"{name}: no capabilities", service.get("cap_drop") == ["ALL"]
        if name != "prepare":
            yield f"{name}: not root", str(service.get("user", "")) not in ("0", "root")
            allowed = {"postgres": {"secrets-postgres"}, "migrate": {"secrets-owner"}, "cli": {"secrets-clients"},
                       "import": {"secrets-clients"}}
            allowed = allowed.get(name, {f"secrets-{name}"})
            secrets = {source: read_only for source, _, read_only in volumes(service) if source.startswith("secrets-")}
            yield f"{name}: sees its own secrets only", set(secrets) <= allowed
            yield f"{name}: cannot change them", all(secrets.values())
    for name in (*SERVICES, "postgres", "prometheus"):
        yield f"{name}: health check", bool(services[name].get("healthcheck", {}).get("test"))
        yield f"{name}: comes back by itself", services[name].get("restart") == "unless-stopped"
    for name in SERVICES:
        yield f"{name}: waits for the migration only", list(services[name]["depends_on"]) == ["migrate"]
        yield f"{name}: memory is bounded", bool(services[name].get("mem_limit"))
        yield f"{name}: started by its own command", services[name]["command"][0] == f"wangge-{name}"
    condition = services["migrate"]["depends_on"]["postgres"]["condition"]
    yield "migrate: waits until the database answers", condition == "service_healthy"
    yield "migrate: runs once", "restart" not in services["migrate"]
    yield "import: runs once", "restart" not in services["import"]
    condition = services["import"]["depends_on"]["registry"]["condition"]
    yield "import: waits until the registry answers", condition == "service_healthy"
    yield "import: of the demo districts", services["import"]["command"][1] == f"{SHARE}/ops/demo/reference"
    yield "postgres: publishes no port", not services["postgres"].get("ports")
    yield "postgres: durable", not any("fsync=off" in str(part) for part in services["postgres"]["command"])
    for source, _, _ in (v for service in services.values() for v in volumes(service)):
        if source.startswith(("/", ".")):
            yield f"{source} is in the tree", (ROOT / source).exists()
    yield from settings(services)
    dockerfile = (ROOT / "ops/docker/Dockerfile").read_text("utf-8")
    yield "Dockerfile: two stages", dockerfile.count("\nFROM ") == 2
    yield "Dockerfile: does not run as root", "\nUSER wangge" in dockerfile
    for line in dockerfile.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                yield f"Dockerfile: {source} is in the tree", (ROOT / source).exists()


def main():
    out = subprocess.run(["docker-compose", "-f", str(ROOT / "docker-compose.yml"), "config"], capture_output=True, text=True,
                         check=True, env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})
    document = yaml.safe_load(out.stdout)
    passed = failed = 0
    for what, holds in checks(document["services"]):
        passed += bool(holds)
        failed += not holds
        if not holds:
            print(f"not so: {what}")
    internal = document["networks"]["database"].get("internal")
    passed, failed = passed + bool(internal), failed + (not internal)
    if not internal:
        print("not so: the network of the database is internal")
    pathlib.Path(sys.argv[1]).write_text(f"{passed} {failed} 0\n")
    return failed != 0


sys.exit(main())
