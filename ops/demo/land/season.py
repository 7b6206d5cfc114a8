#!/usr/bin/env python3
"""Makes a year of the land ledgers of Taocheng's 21 pilot villages, as files for `wangge land apply`. The same options give
the same bytes.

    ops/demo/land/season.py FOLDER [--seed N] [--day YYYY-MM-DD]

FOLDER gets <n>-<season>-<part>.jsonl, parts of different villages, which can be applied at the same time, and seasons.json:
for each season its day and the records that must have moved on before it: what has to pass between two seasons is time.
The last season is DAYS_BEFORE["harvest"] (village.py) before --day, the demo's today. Persons, papers and numbers of
papers are invented; what the villages have is in shares.py.
"""
import argparse
import datetime
import json
import pathlib
import random

import ground
import shares
from village import DAYS_BEFORE, SEASONS, Village

SEED = 131102
DAY = datetime.date(2026, 11, 28)
PARTS = 4
# Season -> (kind, state) of which there may be none any more when it begins: time has acted.
AWAITS = {"plans": [("notice", "posted")], "works": [("notice", "posted"), ("tender", "plan_posted")], "ranking": [("tender", "open")],
          "contracts": [("notice", "posted")], "harvest": [("contract", "signed")]}


def make(folder, seed=SEED, day=DAY):
    """Writes the files; gives what seasons.json holds."""
    houses = ground.houses()
    villages = [Village(share, random.Random(f"{seed} {share.code}"), day, houses[share.code])
                for share in shares.share_out(random.Random(seed))]
    for village in villages:
        village.make()
    folder.mkdir(parents=True, exist_ok=True)
    seasons = []
    for n, season in enumerate(SEASONS, 1):
        files = []
        for part in range(PARTS):
            name = f"{n}-{season}-{part + 1}.jsonl"
            lines = [line for village in villages[part::PARTS] for line in village.lines[season]]
            text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
            (folder / name).write_text(text, "utf-8")
            files.append(name)
        for village in villages:
            for by, hashed in village.papers[season]:
                papers = folder / "papers" / season / by
                papers.mkdir(parents=True, exist_ok=True)
                (papers / f"{hashed}.pdf").write_bytes(village.made[hashed])
        seasons.append({"season": season, "day": str(day - datetime.timedelta(days=DAYS_BEFORE[season])),
                        "awaits": AWAITS.get(season, []), "files": files})
    made = {"villages": sorted(share.code for share in shares.pilot_villages()), "seasons": seasons}
    (folder / "seasons.json").write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--day", type=datetime.date.fromisoformat, default=DAY)
    options = parser.parse_args()
    made = make(options.folder, options.seed, options.day)
    lines = sum(len((options.folder / name).read_text("utf-8").splitlines()) for season in made["seasons"] for name in season["files"])
    print(f"{len(made['villages'])} villages, {len(made['seasons'])} seasons, {lines} writes")


if __name__ == "__main__":
    main()
