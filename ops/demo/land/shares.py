"""What each of the 21 pilot villages has: the report on Taocheng in parts, so that the sums of what is accepted are its
numbers. The villages that the report names have what it says of them; chance shares out the rest.

Areas dm², money fen.
"""
import csv
import pathlib
from dataclasses import dataclass, field

REFERENCE = pathlib.Path(__file__).resolve().parents[1] / "reference"
DISTRICT = "131102"
OTHERS = ("前桃村", "后桃村")  # villages of the demo district that are no pilot villages

LEVELLED_DM2, RECLAIMED_DM2 = 18_330_000, 13_400_000   # 18.33 ha, 13.4 ha
MARKETS, BREEDING = 11, 8                              # with Qiaobei's market and beside its camp: 20 sites
SAVING_FEN, SAVING_VILLAGES = 17_000_000, 12
TREES = 2_000
HOMESTAYS = 10
FENCES = ("贡圈村", "柳林村", "枣园村")                    # bought together
BEDS = ("邓庄村", "武家庄村")                             # greenhouses on idle homesteads
LET = ("前王村", "柳林村", "示例五村")                    # the way from decision to contract
RECLAIMING = 16                                        # villages


@dataclass
class Share:
    code: str
    name: str
    boundary: str
    levelled_dm2: int = 0
    reclaimed_dm2: int = 0           # of the levelled land
    sites: list = field(default_factory=list)  # uses
    saving_fen: int = 0
    trees: int = 0
    homestays: int = 0


def split(random_, whole, count, unit):
    """`whole` in `count` parts of about the same size, each a multiple of `unit`."""
    weights = [random_.uniform(0.6, 1.4) for _ in range(count)]
    parts = [int(whole * weight / sum(weights)) // unit * unit for weight in weights]
    parts[0] += whole - sum(parts)
    return parts


def pilot_villages():
    with open(REFERENCE / "community.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["district"] == DISTRICT and row["kind"] == "village"]
    return [Share(row["code"], row["name"], row["boundary"]) for row in rows if row["name"] not in OTHERS]


def share_out(random_):
    villages = pilot_villages()
    named = {village.name: village for village in villages}
    qianwang, qiaobei = named["前王村"], named["乔北村"]
    qianwang.levelled_dm2 = qianwang.reclaimed_dm2 = 3_400_000
    qiaobei.levelled_dm2, qiaobei.sites = 1_000_000, ["farm_market", "camp"]
    named["种家庄村"].trees = TREES
    named["绳头村"].homestays = HOMESTAYS

    rest = [village for village in villages if village not in (qianwang, qiaobei)]
    reclaiming = sorted(random_.sample(rest, RECLAIMING - 1), key=lambda village: village.code)
    for village, part in zip(reclaiming, split(random_, RECLAIMED_DM2 - qianwang.reclaimed_dm2, len(reclaiming), 10_000)):
        village.reclaimed_dm2 = village.levelled_dm2 = part
    more = LEVELLED_DM2 - sum(village.levelled_dm2 for village in villages)  # levelled and not reclaimed
    for village, part in zip(rest, split(random_, more, len(rest), 10_000)):
        village.levelled_dm2 += part
    sites = ["farm_market"] * (MARKETS - 1) + ["breeding"] * BREEDING
    random_.shuffle(sites)
    for village, use in zip(random_.sample(rest, len(sites)), sites):
        village.sites.append(use)
    saving = random_.sample(villages, SAVING_VILLAGES)
    for village, part in zip(saving, split(random_, SAVING_FEN, len(saving), 10_000)):
        village.saving_fen = part
    return villages
