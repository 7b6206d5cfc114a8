"""The folder being made: rows by kind, with the columns that proto/wangge/v1/registry.proto gives the kind."""
import csv
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "proto/wangge/v1/registry.proto"
CODE_BYTES = 64


def columns():
    """Kind -> its columns: code, district, then the fields of its message in their order."""
    text = re.sub(r"//[^\n]*", "", CONTRACT.read_text("utf-8"))
    messages = dict(re.findall(r"^message (\w+) \{\n(.*?)^\}", text, re.M | re.S))
    kinds = re.findall(r"^    (\w+) \w+ = \d+;", messages["Record"], re.M)
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower():
            ["code", "district"] + re.findall(r"(\w+) = \d+;", messages[kind]) for kind in kinds}


def escaped(text, marks):
    return re.sub(f"([{re.escape(marks)}])", r"\\\1", text)


def step_text(step):
    parts = [str(step["n"]), *(escaped(step[key], "\\|;") for key in ("title", "who")), str(step["days"]),
             ",".join(str(n) for n in step["next"]), escaped(step["condition"], "\\|;")]
    return ";".join(parts).rstrip(";")


def text_of(value):
    """A value in the text form of common/records/records.h: nothing for what is unset, | between several."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}"
    if isinstance(value, list):
        return "|".join(step_text(item) if isinstance(item, dict) else escaped(item, "\\|") for item in value)
    return str(value)


class Book:
    def __init__(self):
        self.columns = columns()
        self.rows = {}

    def add(self, kind, district, code, /, **fields):
        """Adds a record; the names of its fields must be the contract's, its code new."""
        unknown = set(fields) - set(self.columns[kind])
        if unknown:
            raise ValueError(f"{kind}: no field {sorted(unknown)}")
        if not code or len(code.encode()) > CODE_BYTES:
            raise ValueError(f"{kind} {code}: a code has 1 to {CODE_BYTES} bytes")
        rows = self.rows.setdefault(kind, {})
        if (district, code) in rows:
            raise ValueError(f"{kind} {code} of {district}: there are two")
        rows[district, code] = {"code": code, "district": district, **fields}
        return rows[district, code]

    def of(self, kind, district):
        """The district's records of a kind, in the order they were added."""
        return [row for (where, _), row in self.rows.get(kind, {}).items() if where == district]

    def write(self, folder):
        """Writes <kind>.csv for every kind that has records, sorted by district and code."""
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for kind, rows in self.rows.items():
            with open(folder / f"{kind}.csv", "w", encoding="utf-8", newline="") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(self.columns[kind])
                for key in sorted(rows):
                    out.writerow([text_of(rows[key].get(column)) for column in self.columns[kind]])
