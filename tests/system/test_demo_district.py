"""The demo district is what is published of Gangcheng: its numbers, a net without gap or overlap, references that resolve.

Reads the committed folder; that the generator makes exactly this folder is a promise of its own.
"""
import collections
import csv
import datetime
import filecmp
import json
import pathlib
import re
import subprocess

import pytest
from shapely import wkt
from shapely.geometry import Point
from shapely.ops import unary_union

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "ops/demo/reference"
CONTRACT = (ROOT / "proto/wangge/v1/registry.proto").read_text("utf-8")
GANGCHENG, TAOCHENG = "370117", "131102"
DAY = datetime.date(2026, 11, 2)
MESSAGES = dict(re.findall(r"^message (\w+) \{\n(.*?)^\}", re.sub(r"//[^\n]*", "", CONTRACT), re.M | re.S))
KINDS = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): re.findall(r"(\w+) = \d+;", body)
         for name, body in MESSAGES.items()}
REFERENCES = {
    "building.grid": ["grid"], "household.building": ["building"], "place.grids": ["grid"], "place.community": ["community"],
    "party_org.parent": ["party_org"], "party_org.area": ["district", "street", "community", "grid"],
    "party_org.buildings": ["building"], "person.unit": ["partner_unit", "department"], "person.grade": ["post_grade"],
    "posting.person": ["person"], "posting.area": ["grid", "community", "station", "street"], "training.people": ["person"],
    "station.grids": ["grid"], "station_asset.station": ["station"], "station_turn.station": ["station"],
    "station_turn.person": ["person"], "partner_unit.community": ["community"], "agreement.unit": ["partner_unit"],
    "agreement.community": ["community"], "agreement_item.agreement": ["agreement"], "contact_card.person": ["person"],
    "contact_card.household": ["household"], "message_group.grid": ["grid"], "message_group.manager": ["person"],
    "duty_template.category": ["category"], "list_item.area": ["district", "street", "community"],
    "department.parent": ["department"], "dispatch_rule.lead": ["department"], "dispatch_rule.assists": ["department"],
}


def read(kind, district=None, folder=FOLDER):
    with open(folder / f"{kind}.csv", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if district in (None, row["district"])]


def by_code(kind, district=GANGCHENG):
    return {row["code"]: row for row in read(kind, district)}


def several(cell):
    return cell.split("|") if cell else []


def holders(role):
    """Area -> persons who hold the role there now."""
    found = collections.defaultdict(list)
    for row in read("posting", GANGCHENG):
        if row["role"] == role and not row["to"]:
            found[row["area"]].append(row["person"])
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two runs of the generator, and one with every household."""
    runs = []
    for name, options in (("first", []), ("second", []), ("whole", ["--households"])):
        runs.append(tmp_path_factory.mktemp(name))
        subprocess.run(["/usr/bin/python3", ROOT / "ops/demo/district.py", runs[-1], *options], check=True,
                       capture_output=True)
    return runs


@pytest.fixture(scope="module")
def shapes():
    return {row["code"]: wkt.loads(row["boundary"]) for kind in ("district", "street", "community", "grid")
            for row in read(kind)}


# --- the folder ---

def test_the_generator_makes_the_committed_folder_every_time(made):
    first, second, _ = made
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(path.name for path in second.iterdir())
    for other in (second, FOLDER):
        _, differ, missing = filecmp.cmpfiles(first, other, names, shallow=False)
        assert not differ and not missing, f"run ops/demo/district.py and commit: {differ + missing}"


def test_another_seed_is_another_district_of_the_same_numbers(tmp_path, made):
    subprocess.run(["/usr/bin/python3", ROOT / "ops/demo/district.py", tmp_path, "--seed", "7"], check=True,
                   capture_output=True)
    grids = read("grid", GANGCHENG, tmp_path)
    assert len(grids) == 102 and [g["boundary"] for g in grids] != [g["boundary"] for g in read("grid", GANGCHENG)]
    assert all(300 <= int(grid["households"]) <= 500 for grid in grids)
    assert len(read("station", None, tmp_path)) == 40


def test_columns_are_those_of_the_contract(made):
    for path in made[0].iterdir():
        with open(path, encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == ["code", "district", *KINDS[path.stem]]


def test_codes_are_unique_and_references_resolve():
    codes = collections.defaultdict(set)
    for path in FOLDER.glob("*.csv"):
        if path.stem in KINDS:
            for row in read(path.stem):
                assert (row["district"], row["code"]) not in codes[path.stem], f"{path.stem} {row['code']} twice"
                codes[path.stem].add((row["district"], row["code"]))
    for column, kinds in REFERENCES.items():
        kind, field = column.split(".")
        known = set().union(*(codes[k] for k in kinds)) | ({(d, "grid") for d in (GANGCHENG, TAOCHENG)}
                                                           if column == "dispatch_rule.lead" else set())
        for row in read(kind):
            for value in several(row[field]):
                assert (row["district"], value) in known, f"{column} of {row['code']}: {value}"


def test_persons_are_obviously_invented():
    for row in read("person"):
        assert row["name"].startswith("示例·") and re.fullmatch(r"100\d{8}", row["phone"]), row
    assert len({row["name"] for row in read("person", GANGCHENG)}) == len(read("person", GANGCHENG))


# --- the numbers ---

def test_twenty_two_communities_five_of_them_old():
    communities = read("community", GANGCHENG)
    assert len(communities) == 22 and {c["kind"] for c in communities} == {"residential"}
    limit = DAY.replace(year=DAY.year - 3)
    founded = [datetime.date.fromisoformat(c["founded_on"]) for c in communities]
    assert sum(day < limit for day in founded) == 5 and all(day < DAY for day in founded)
    assert {s["name"] for s in read("street", GANGCHENG)} == {"艾山街道", "里辛街道", "汶源街道", "颜庄街道", "辛庄街道"}


def test_a_hundred_and_two_grids_of_300_to_500_households():
    grids = read("grid", GANGCHENG)
    assert len(grids) == 102 and {g["kind"] for g in grids} == {"basic"}
    per_community = collections.Counter(g["code"][:12] for g in grids)
    assert collections.Counter(per_community.values()) == {5: 14, 4: 8}
    assert set(per_community) == set(by_code("community"))
    for code, count in per_community.items():
        assert [g["code"] for g in grids if g["code"].startswith(code)] == [f"{code}{n:03d}" for n in range(1, count + 1)]
    households = [int(g["households"]) for g in grids]
    assert all(300 <= n <= 500 for n in households) and 30_600 <= sum(households) <= 51_000


def test_households_of_a_grid_are_those_of_its_buildings():
    found = collections.Counter()
    for row in read("building"):
        found[row["grid"]] += int(row["households"])
    assert found == {g["code"]: int(g["households"]) for g in read("grid")}
    assert len(read("building", GANGCHENG)) >= 1500


def test_every_household_has_a_record_when_asked_for(made):
    whole = read("household", None, made[2])
    assert len(whole) == sum(int(g["households"]) for g in read("grid", GANGCHENG))
    assert len({(row["building"], row["door"]) for row in whole}) == len(whole)


def test_one_branch_or_group_for_each_grid_in_one_tree():
    orgs = by_code("party_org")
    of_grid = collections.Counter(o["area"] for o in orgs.values() if o["kind"] in ("branch", "group"))
    assert len(of_grid) == 102 and set(of_grid.values()) == {1} and set(of_grid) == set(by_code("grid"))
    for org in orgs.values():
        steps = 0
        while org["parent"]:
            org, steps = orgs[org["parent"]], steps + 1
            assert steps < 5
        assert org["area"] == GANGCHENG
    yards = [code for org in orgs.values() for code in several(org["buildings"])]
    assert sorted(yards) == sorted(by_code("building"))


def test_two_plus_one_plus_n_plus_x():
    grids, people = set(by_code("grid")), by_code("person")
    assert {area: len(who) for area, who in holders("grid_worker").items()} == dict.fromkeys(grids, 1)
    assert {area: len(who) for area, who in holders("grid_head").items()} == dict.fromkeys(grids, 2)
    assert {area: len(who) for area, who in holders("party_secretary").items()} == dict.fromkeys(grids, 1)
    part_time = holders("part_time_worker")
    assert collections.Counter(len(who) for who in part_time.values()) == {2: 96, 3: 6}
    members = [people[p] for who in part_time.values() for p in who]
    assert len(members) == 210 and all(p["dual_registered"] == p["party_member"] == "true" and p["unit"] for p in members)
    assert set(holders("social_force")) == grids


def test_378_community_workers_all_on_grids():
    posted = holders("community_worker")
    workers = [p for who in posted.values() for p in who]
    assert len(workers) == len(set(workers)) == 378 and set(posted) == set(by_code("grid"))
    for role in ("grid_worker", "grid_head"):
        for area, who in holders(role).items():
            assert set(who) <= set(posted[area])


def test_every_staffing_rule_is_kept():
    level = {"grid": set(by_code("grid")), "community": set(by_code("community")), "station": set(by_code("station"))}
    for rule in read("staffing_rule", GANGCHENG):
        found = holders(rule["role"])
        for area in level[rule["level"]]:
            count = len(found[area])
            assert int(rule["required_min"]) <= count <= (int(rule["required_max"]) or count), (rule["code"], area, count)


def test_three_posts_twenty_grades():
    grades = by_code("post_grade")
    assert sorted(int(g["grade"]) for g in grades.values()) == list(range(1, 21))
    assert len({g["post"] for g in grades.values()}) == 3
    people = by_code("person")
    assert all(people[p]["grade"] in grades for who in holders("community_worker").values() for p in who)


def test_everybody_was_trained_this_year():
    sessions = [t for t in read("training", GANGCHENG) if t["held_on"][:4] == str(DAY.year)]
    trained = {p for t in sessions for p in several(t["people"])}
    for role in ("community_worker", "grid_worker", "grid_head", "part_time_worker"):
        assert {p for who in holders(role).values() for p in who} <= trained, role


def test_forty_stations_with_the_four_ones():
    stations = by_code("station")
    served = [grid for s in stations.values() for grid in several(s["grids"])]
    assert collections.Counter(len(several(s["grids"])) for s in stations.values()) == {3: 22, 2: 18}
    assert sorted(served) == sorted(by_code("grid"))
    assets = collections.defaultdict(set)
    for row in read("station_asset", GANGCHENG):
        assets[row["station"]].add(row["kind"])
    four = {"一张办公桌", "一个洽谈室", "一个便民柜", "一张网格图"}
    assert len(read("station_asset")) == 160 and all(assets[code] == four for code in stations)
    turns = collections.Counter(row["station"] for row in read("station_turn"))
    assert set(turns) == set(stations) and len(set(turns.values())) == 1
    busy = collections.Counter((row["person"], row["on"]) for row in read("station_turn"))
    assert set(busy.values()) == {1}


def test_47_partner_units_each_with_a_deputy_member_and_an_agreement():
    units = by_code("partner_unit")
    assert collections.Counter(collections.Counter(u["community"] for u in units.values()).values()) == {2: 19, 3: 3}
    deputies, people = holders("deputy_member"), by_code("person")
    assert sum(len(who) for who in deputies.values()) == 47
    for area, who in deputies.items():
        assert {units[people[p]["unit"]]["community"] for p in who} == {area}
    agreements = by_code("agreement")
    assert {a["unit"] for a in agreements.values()} == set(units)
    items = read("agreement_item", GANGCHENG)
    assert {i["agreement"] for i in items} == set(agreements) and all(i["due_on"] for i in items)
    assert {bool(i["done_on"]) for i in items} == {True, False}


def test_cards_groups_duties_and_lists():
    people, cards = by_code("person"), read("contact_card", GANGCHENG)
    assert len({c["household"] for c in cards}) == len(cards) == len(read("household"))
    assert all(people[c["person"]]["party_member"] == "true" for c in cards)
    assert sorted(g["grid"] for g in read("message_group")) == sorted(by_code("grid"))
    events = {t["event"] for t in read("duty_template") if t["trigger"] == "event"}
    assert {"dispute", "wedding_funeral", "emergency", "hardship"} <= events and len(events) == 8
    items = read("list_item", GANGCHENG)
    assert {i["list"] for i in items} == {"micro_power", "duty", "service"}
    assert all(i["steps"] and i["basis"] for i in items)
    assert all(i["contact"] for i in items if i["list"] == "service")
    for item in items:
        numbers = [step.split(";")[0] for step in several(item["steps"])]
        assert numbers == [str(n + 1) for n in range(len(numbers))]
        assert all(n in numbers for step in several(item["steps"]) for n in (step.split(";") + [""] * 5)[4].split(",") if n)


# --- catalogue and calendar ---

def test_departments_categories_and_rules_agree():
    for district in (GANGCHENG, TAOCHENG):
        assert len(read("department", district)) >= 40
        paths = {c["path"]: c["department_duty"] == "true" for c in read("category", district)}
        leaves = {path for path in paths if path.count("/") == 2}
        assert len(leaves) > 100 and {paths[p] for p in leaves} == {True, False}
        rules = sorted(read("dispatch_rule", district), key=lambda rule: int(rule["rank"]))
        assert all(rule["category_prefix"] in paths for rule in rules if rule["category_prefix"])
        places = {row["code"] for kind in ("place", "grid", "community", "street") for row in read(kind, district)}
        for rule in rules:
            assert not rule["area"] or rule["area"] in places
            # What is a department's duty never goes to a grid for handling (国办函〔2025〕66号).
            if rule["lead"] == "grid":
                below = [p for p in leaves if f"{p}/".startswith(f"{rule['category_prefix']}/")]
                assert below and not any(paths[p] for p in below), rule["code"]
        for path in leaves:
            assert any(f"{path}/".startswith(f"{rule['category_prefix']}/") for rule in rules if rule["category_prefix"])


@pytest.mark.parametrize("start, days, due", [
    ("02-13", 1, "02-14"), ("02-13", 2, "02-24"), ("02-13", 5, "02-27"), ("02-14", 5, "02-28"), ("02-18", 1, "02-24"),
    ("04-30", 1, "05-06"), ("04-30", 5, "05-11"), ("09-18", 1, "09-20"), ("09-18", 5, "09-24"), ("09-24", 5, "10-09"),
    ("09-30", 1, "10-08"), ("09-30", 5, "10-13"), ("01-03", 1, "01-04")])
def test_working_days_of_2026(start, days, due):
    kinds = {row["code"]: row["kind"] for row in read("calendar_day", GANGCHENG)}
    day = datetime.date.fromisoformat(f"2026-{start}")
    while days:
        day += datetime.timedelta(days=1)
        days -= kinds.get(str(day), "WORK" if day.weekday() < 5 else "REST") == "WORK"
    assert str(day) == f"2026-{due}"


def test_2026_has_248_working_days():
    for district in (GANGCHENG, TAOCHENG):
        assert {row["code"]: row["working_days"] for row in read("calendar_year", district)}["2026"] == "248"
    assert len(read("calendar_day", GANGCHENG)) == len(read("calendar_day", TAOCHENG))


# --- the map ---

def test_areas_are_valid_and_tile_without_gap_or_overlap(shapes):
    for code, shape in shapes.items():
        assert shape.geom_type == "Polygon" and shape.is_valid and not shape.interiors and shape.area > 0, code
    for size, above in ((15, 12), (15, 6), (12, 9), (9, 6)):
        for code, shape in shapes.items():
            if len(code) == above:
                parts = [s for c, s in shapes.items() if len(c) == size and c.startswith(code)]
                assert unary_union(parts).equals(shape), f"{code} is not the union of its {size}-digit areas"
                assert sum(p.area for p in parts) == pytest.approx(shape.area, rel=1e-9), f"areas of {code} overlap"


def test_neighbouring_grids_share_their_vertices(shapes):
    grids = {code: shape for code, shape in shapes.items() if len(code) == 15}
    for code, shape in grids.items():
        vertices = set(shape.exterior.coords)
        for beside, other in grids.items():
            if code == beside or shape.disjoint(other):
                continue
            assert not shape.relate_pattern(other, "2********"), f"{code} overlaps {beside}"
            for vertex in other.exterior.coords:
                assert vertex in vertices or not shape.touches(Point(vertex)), f"{vertex} lies on an edge of {code}"


def test_what_has_a_position_lies_where_it_is_said_to_be(shapes):
    for row in read("building"):
        assert shapes[row["grid"]].contains(Point(float(row["lon"]), float(row["lat"]))), row["code"]
    for row in read("station"):
        assert any(shapes[g].contains(Point(float(row["lon"]), float(row["lat"]))) for g in several(row["grids"]))
    for row in read("place"):
        assert several(row["grids"]), row["code"]
        if row["kind"] not in ("road", "estate"):
            assert shapes[row["grids"]].contains(Point(float(row["lon"]), float(row["lat"]))), row["code"]
    for row in read("district"):
        west, south, east, north = shapes[row["code"]].bounds
        assert float(row["min_lon"]) < west and east < float(row["max_lon"])
        assert float(row["min_lat"]) < south and north < float(row["max_lat"])


def test_places_have_kinds_aliases_and_roads_through_several_grids():
    places = read("place", GANGCHENG)
    assert {p["kind"] for p in places} == {"estate", "road", "square", "school", "market", "facility"}
    roads = [p for p in places if p["kind"] == "road"]
    assert all(len(several(r["grids"])) > 1 for r in roads)
    names = collections.Counter(p["name"] for p in places)
    assert names["阳光花园"] == 2 and sum(bool(p["aliases"]) for p in places) > 50
    aliases = {a for row in read("building", GANGCHENG) for a in several(row["aliases"])}
    assert "汶河社区15号楼" in aliases
    for community, estate in (("钢都社区", "亲和家园"), ("新兴社区", "力源二区")):
        grids = several(next(p["grids"] for p in places if p["name"] == estate))
        assert {by_code("community")[g[:12]]["name"] for g in grids} == {community}


# --- the orders ---

def test_demo_orders_lie_in_the_net(shapes):
    buildings = {row["name"]: row for row in read("building")}
    stories = collections.Counter()
    for file in sorted((ROOT / "ops/demo/feed").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            order = json.loads(line)
            if "gridCode" in order:
                assert order["gridCode"] in shapes and order["gridCode"].startswith(order["district"]), line
            if "position" in order:
                point = Point(order["position"]["lon"], order["position"]["lat"])
                assert shapes[order["district"]].contains(point), line
                if "gridCode" in order:
                    assert shapes[order["gridCode"]].contains(point), line
            stories.update(word for word in ("充电桩", "加装电梯", "小舞台") if word in order["text"])
    assert buildings and all(stories[word] >= 2 for word in ("充电桩", "加装电梯", "小舞台")), stories
