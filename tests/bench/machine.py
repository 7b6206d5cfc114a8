"""What machine this is, who used its processors, and how much memory a process has taken."""
import os
import pathlib
import re
import signal
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


def describe():
    lines = pathlib.Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(memory, 1), "kernel": os.uname().release}


def _stat(pid):
    """Fields of /proc/PID/stat behind the name; None when the process is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def family(pids):
    """These processes and everything that descends from them."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat(entry)
            if fields:
                parents.setdefault(int(fields[1]), []).append(int(entry))
    found, waiting = set(), list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += parents.get(pid, [])
    return found


def _used(pid):
    """CPU seconds of a process and of its children that have ended."""
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0


class Watch:
    """CPU time between start and stop: of the processes below `roots`, of this process's ended children (the load
    generator), of the whole machine. `foreign` is what nobody of ours used, as a share of all cores."""

    def __init__(self, roots):
        self.roots = dict(roots)  # name -> pid

    def _take(self):
        own = {name: sum(map(_used, family([pid]))) for name, pid in self.roots.items()}
        times = os.times()
        own["bench"] = times.user + times.system + times.children_user + times.children_system
        machine = list(map(int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
        return own, [value / TICKS for value in machine]

    def __enter__(self):
        self.own, self.machine = self._take()
        return self

    def __exit__(self, *_):
        own, machine = self._take()
        self.seconds = {name: own[name] - self.own[name] for name in own}
        passed = [after - before for after, before in zip(machine, self.machine)]
        idle, stolen, whole = passed[3] + passed[4], passed[7], sum(passed)
        busy = whole - idle - stolen
        self.foreign = max(0.0, busy - sum(self.seconds.values())) / whole if whole else 0.0
        self.stolen = stolen / whole if whole else 0.0

    def per_order(self, orders):
        """CPU µs per order, by name and in all."""
        parts = {name: seconds * 1e6 / orders for name, seconds in self.seconds.items()}
        return parts | {"all": sum(parts.values())}


def peak_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no VmHWM")


def run(command, **options):
    """Runs a load program and gives its standard output; its words when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


class recording:
    """perf records the whole machine meanwhile (the backends of PostgreSQL come and go)."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.process = subprocess.Popen(["perf", "record", "-q", "-a", "-F", "499", "-o", str(self.path)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        words = self.process.communicate(timeout=120)[1]
        if not pathlib.Path(self.path).exists():
            raise RuntimeError(f"perf recorded nothing: {words.decode('utf-8', 'replace')[-1000:]}")


def threads(pid):
    return [int(name) for name in os.listdir(f"/proc/{pid}/task")]


def shares(path, groups, most=12):
    """Who used the recorded time, and for what. `groups`: name -> thread ids. Gives name -> (share of all, [(share of
    the group's time, library, function)], the biggest first)."""
    text = run(["perf", "report", "-i", path, "--stdio", "--no-children", "-F", "overhead,sample,pid,dso,symbol", "-t", "\t"])
    owner = {thread: name for name, members in groups.items() for thread in members}
    samples, whole = {name: {} for name in groups}, 0
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 5 or not cells[0].endswith("%") or cells[2].startswith("0:"):
            continue
        whole += int(cells[1])
        group = samples.get(owner.get(int(cells[2].partition(":")[0])))
        if group is not None:
            # Functions of stripped libraries have no name: they count as one.
            function = re.sub(r"^\[.\] ", "", cells[4])
            key = (cells[3], "(without a name)" if function.startswith("0x") else function)
            group[key] = group.get(key, 0) + int(cells[1])
    found = {}
    for name, group in samples.items():
        own = sum(group.values())
        top = sorted(group.items(), key=lambda item: -item[1])[:most]
        found[name] = (own / max(whole, 1), [(count / max(own, 1), *key) for key, count in top])
    return found
