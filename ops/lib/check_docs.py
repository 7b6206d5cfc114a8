"""check_docs.py RESULT WANGGE: every relative link and every ops/… command in the documents points at something.

Looks at *.md in the whole tree (not below build or var). A link may have an anchor; the anchor must be a heading.
Commands are the first words of lines in fenced blocks; `wangge WORD…` must be a command that the help of WANGGE names,
which the caller has built from this tree: another build's would know other commands.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIP = {"build", "var", ".git", "node_modules"}


def documents():
    return [p for p in sorted(ROOT.rglob("*.md")) if not SKIP & set(p.relative_to(ROOT).parts)]


def slug(heading):
    text = re.sub(r"[`*_]", "", heading.strip().lower())
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text))


def anchors(path):
    return {slug(m.group(1)) for m in re.finditer(r"^#+\s+(.*)$", path.read_text("utf-8"), re.M)}


def check_links(path, text):
    for match in re.finditer(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        target = match.group(1)
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists():
            yield f"link to {target}: no such file"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"link to {target}: no such heading"


def commands_of(program):
    """The lines of its help that name a command each: the name, padded, then what it does."""
    out = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=20, check=True).stdout
    lines = [line[2:] for line in out.partition("commands:\n")[2].partition("\n\n")[0].splitlines()]
    if not lines:
        raise RuntimeError(f"{program} --help names no commands")
    return lines


def is_command(first, second, lines):
    """A command of one word has arguments behind it, one of two words needs both."""
    return any(line.startswith(first + "  ") or line.startswith(f"{first} {second} ") for line in lines)


def check_commands(text, lines):
    for block in re.finditer(r"^```[^\n]*\n(.*?)^```", text, re.M | re.S):
        for line in block.group(1).splitlines():
            line = re.sub(r"^\s*[$#]\s+", "", line.strip())
            program = line.split()[0] if line.split() else ""
            if re.match(r"(ops|tests|\.ci)/[\w./-]+$", program) and not (ROOT / program).exists():
                yield f"command {program}: no such file"
            match = re.match(r"(?:ops/)?wangge\s+([a-z-]+)(?:\s+([a-z-]+))?(?=\s|$)", line)
            if match and not is_command(*match.groups(), lines):
                yield f"command {match.group(0)}: not in wangge --help"


def main():
    lines = commands_of(sys.argv[2])
    passed = failed = 0
    for path in documents():
        text = path.read_text("utf-8")
        faults = [*check_links(path, text), *check_commands(text, lines)]
        for fault in faults:
            print(f"{path.relative_to(ROOT)}: {fault}")
        failed += len(faults)
        passed += not faults
    pathlib.Path(sys.argv[1]).write_text(f"{passed} {failed} {0 if passed + failed else 1}\n")
    return failed != 0


sys.exit(main())
