"""The command `wangge` of a cell's build, as a person would call it."""
import os
import subprocess


def wangge(cell, *arguments, code=0):
    """Its standard output; the exit code must be `code`. Complaints are in standard error, which `complaint` gives."""
    return _run(cell, arguments, code).stdout


def complaint(cell, *arguments, code):
    return _run(cell, arguments, code).stderr


def _run(cell, arguments, code):
    done = subprocess.run([cell.build.resolve() / "ops/cli/wangge", *map(str, arguments), "--config", cell.folder / "client.ini"],
                          capture_output=True, text=True, timeout=120, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == code, done
    return done
