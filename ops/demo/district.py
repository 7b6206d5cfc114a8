#!/usr/bin/env python3
"""Makes the reference data of the demo cell: Gangcheng as it is described (22 communities, 102 grids, 40 stations, 378
community workers, …) and as much of Taocheng as the demo orders name. The same options give the same bytes.

    ops/demo/district.py [FOLDER] [--seed N] [--day YYYY-MM-DD] [--households]

FOLDER (default: ops/demo/reference) gets one <kind>.csv for every kind of record of proto/wangge/v1/registry.proto that
the demo has, in the text form of common/records/records.h: the columns code and district, then the fields of the kind.

--day is the demo's today: communities were founded before it, people trained in its year, rosters begin with it.
--households adds a record for every household; without it only the buildings with contact cards have theirs.
Persons, units, estates and numbers are invented.
"""
import argparse
import datetime
import pathlib
import random

from records import catalogue, lists
from records.book import Book
from records.layout import DISTRICTS
from records.linkages import Linkages
from records.names import Names
from records.net import Net
from records.people import People

SEED = 370117
DAY = datetime.date(2026, 11, 2)


def make_district(book, layout, seed, day, households):
    # One source of chance for each district: a change of one does not move the other.
    random_ = random.Random(f"{seed} {layout['code']}")
    net = Net(book, layout, day, random_, Names(random_, layout["code"]))
    net.build()
    people = People(net)
    linkages = Linkages(net, people)
    catalogue.build(net)
    people.build(linkages.partner_units() if layout["staffed"] else {})
    people.party()
    if not layout["staffed"]:
        return
    linkages.deputies_and_agreements()
    linkages.stations()
    net.households([code for grid in net.grids for code in grid.buildings] if households
                   else linkages.carded_buildings())
    linkages.cards_and_groups()
    lists.duties(net)
    lists.lists(net)


def make(folder, seed=SEED, day=DAY, households=False):
    book = Book()
    for layout in DISTRICTS:
        make_district(book, layout, seed, day, households)
    book.write(folder)
    return book


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).parent / "reference")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--day", type=datetime.date.fromisoformat, default=DAY)
    parser.add_argument("--households", action="store_true")
    options = parser.parse_args()
    book = make(options.folder, options.seed, options.day, options.households)
    print(", ".join(f"{kind} {len(rows)}" for kind, rows in sorted(book.rows.items())))


if __name__ == "__main__":
    main()
