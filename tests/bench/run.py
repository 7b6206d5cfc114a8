"""Runs the parts of ops/bench, prints one table and writes JSON. Started by ops/bench, which builds first."""
import argparse
import datetime
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(pathlib.Path(__file__).resolve().parent)]

import machine  # noqa: E402
import parts  # noqa: E402


class Table:
    def __init__(self):
        self.rows, self.foreign, self.stolen, self.profiles = {}, [], [], {}

    def add(self, part, name, unit, value, watch=None, orders=0):
        row = self.rows.setdefault((part, name), {"part": part, "name": name, "unit": unit, "runs": [], "cpu": []})
        row["runs"].append(round(value, 3))
        if watch:
            row["cpu"].append({key: round(us, 1) for key, us in watch.per_order(orders).items()})
            self.foreign.append(watch.foreign)
            self.stolen.append(watch.stolen)
        print(f"{part}: {name}: {value:,.1f} {unit}" + (f" ({watch.foreign:.0%} foreign load)" if watch else ""),
              file=sys.stderr, flush=True)

    def figures(self):
        for row in self.rows.values():
            figure = row | {"median": statistics.median(row["runs"])}
            names = row["cpu"][0] if row["cpu"] else ()
            figure["cpu_us_per_order"] = {key: statistics.median(run[key] for run in row["cpu"]) for key in names}
            yield figure

    def load(self):
        """(median, most) of the foreign load of the measured runs."""
        return (statistics.median(self.foreign), max(self.foreign)) if self.foreign else (0.0, 0.0)

    def print(self, described):
        print(f"{'WHAT':<58} {'MEDIAN':>10} {'UNIT':<9} {'LEAST':>10} {'MOST':>10}  CPU µs/order")
        for figure in self.figures():
            cpu = figure["cpu_us_per_order"]
            detail = ", ".join(f"{name} {us:.0f}" for name, us in cpu.items() if name != "all")
            print(f"{figure['part'] + ': ' + figure['name']:<58} {figure['median']:>10,.1f} {figure['unit']:<9} "
                  f"{min(figure['runs']):>10,.1f} {max(figure['runs']):>10,.1f}  "
                  + (f"{cpu['all']:.0f} ({detail})" if cpu else ""))
        for name, (share, functions) in sorted(self.profiles.items(), key=lambda item: -item[1][0]):
            print(f"\nprofile: {name} used {share:.1%} of all processor time, of that")
            for part, library, function in functions:
                print(f"  {part:6.1%}  {function}  ({library})")
        middle, most = self.load()
        print(f"\nmachine: {described['cpu']}, {described['cores']} cores, {described['memory_gib']} GiB, Linux "
              f"{described['kernel']}; foreign load while measuring: median {middle:.0%}, most {most:.0%} of all cores; "
              f"stolen by the hypervisor: most {max(self.stolen, default=0):.0%}")
        if most > 0.05:
            print("warning: others used the processors meanwhile; rates are too low and latencies too high")


def revision():
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def main():
    known = [*parts.PARTS, *parts.ON_DEMAND]
    parser = argparse.ArgumentParser(prog="ops/bench", description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--only", default=",".join(parts.PARTS), help=f"parts by comma, of {', '.join(known)}")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--orders", type=int, default=0, help="orders in a run (usual: 100,000; backlog 200,000)")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    if arguments.runs < 1 or arguments.orders < 0 or not set(chosen) <= set(known):
        parser.error(f"--runs and --orders are positive; parts are {', '.join(known)}")
    options, table, described = parts.Options(arguments.build, arguments.runs, arguments.orders), Table(), machine.describe()
    for name in known:
        if name in chosen:
            (parts.PARTS | parts.ON_DEMAND)[name](options, table)
    table.print(described)
    if arguments.json:
        middle, most = table.load()
        result = {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "revision": revision(),
                  "machine": described, "foreign_load": {"median": middle, "most": most},
                  "figures": list(table.figures()), "profiles": table.profiles}
        arguments.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


main()
