"""check_docs.py RESULT: every relative link and every ops/… command in the documents points at something.

Looks at *.md in the whole tree (not below build or var). A link may have an anchor; the anchor must be a heading.
Commands are the first words of lines in fenced blocks; `wangge WORD` must be a word that the command's help names
when the command is built.
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


def command_words():
    for folder in ("release", "gcc", "clang"):
        built = ROOT / "build" / folder / "ops/cli/wangge"
        if built.exists():
            out = subprocess.run([built, "--help"], capture_output=True, text=True, timeout=20)
            return out.stdout + out.stderr
    return None


def check_commands(text, words):
    for block in re.finditer(r"^```[^\n]*\n(.*?)^```", text, re.M | re.S):
        for line in block.group(1).splitlines():
            line = re.sub(r"^\s*[$#]\s+", "", line.strip())
            program = line.split()[0] if line.split() else ""
            if re.match(r"(ops|tests|\.ci)/[\w./-]+$", program) and not (ROOT / program).exists():
                yield f"command {program}: no such file"
            match = re.match(r"(?:ops/)?wangge\s+([a-z]+)\b", line)
            if match and words and match.group(1) not in words:
                yield f"command wangge {match.group(1)}: not in wangge --help"


def main():
    words = command_words()
    passed = failed = 0
    for path in documents():
        text = path.read_text("utf-8")
        faults = [*check_links(path, text), *check_commands(text, words)]
        for fault in faults:
            print(f"{path.relative_to(ROOT)}: {fault}")
        failed += len(faults)
        passed += not faults
    pathlib.Path(sys.argv[1]).write_text(f"{passed} {failed} {0 if passed + failed else 1}\n")
    return failed != 0


sys.exit(main())
