"""The net: district, streets, communities, grids, buildings, households, and the places people name."""
import datetime
import random

from records.lattice import Lattice

HOUSES = (12, 12, 16, 18, 24, 24, 24, 30, 36)  # households of a building
LEAST_BUILDINGS = 15      # of a grid
ROAD_REACH = (0.45, 1.0)  # part of the district's width that a road runs through
SPACING_M = 62            # between buildings
ESTATE_REACH = 0.008      # degrees between the middles of two grids with one estate
OLD_YEARS = (1996, 2015)


class Grid:
    """What the other makers want to know of a grid."""

    def __init__(self, code, name, block, community, street):
        self.code, self.name, self.block, self.community, self.street = code, name, block, community, street
        self.estates, self.buildings, self.households, self.road = [], [], 0, ""


class Community:
    def __init__(self, code, name, block, street, founded_on):
        self.code, self.name, self.block, self.street, self.founded_on = code, name, block, street, founded_on
        self.grids, self.village = [], int(code[9:]) >= 200

    @property
    def short(self):
        return self.name.removesuffix("社区")


class Net:
    def __init__(self, book, layout, day, random_, names):
        self.book, self.layout, self.day, self.random, self.names = book, layout, day, random_, names
        self.code = layout["code"]
        self.lattice = Lattice(random_, *layout["cells"], layout["tile"], layout["centre"], layout["step"])
        self.town = self.lattice.whole()
        country = layout.get("country")
        # Chance of its own: the town is the same with and without.
        self.country_random = random.Random(f"{self.code} country")
        self.country = country and self.lattice.extend(self.country_random, country["columns"], *country["reach"])
        self.streets, self.communities, self.grids, self.roads = [], [], [], {}
        self.made_places, self.place_counters = {}, {}

    def add(self, kind, code, /, **fields):
        return self.book.add(kind, self.code, code, **fields)

    def build(self):
        self.divide()
        self.lay_roads()
        for community in self.communities:
            self.settle(community)
        self.name_roads()
        self.name_places(self.communities)
        if self.country:
            self.build_country()

    def build_country(self):
        """The towns of villages beside the town."""
        town_random, self.random, before = self.random, self.country_random, len(self.communities)
        self.divide_streets(self.country, self.layout["country"]["streets"])
        for community in self.communities[before:]:
            self.settle(community)
        self.name_places(self.communities[before:], before)
        self.random = town_random

    # --- areas ---
    def divide(self):
        box = self.layout["box"]
        self.add("district", self.code, name=self.layout["name"], boundary=self.lattice.wkt(self.lattice.whole()),
                 min_lon=box[0], max_lon=box[1], min_lat=box[2], max_lat=box[3])
        self.divide_streets(self.town, self.layout["streets"])

    def divide_streets(self, whole, streets):
        blocks = whole.cut([sum(c[1] for c in communities) for _, _, communities in streets])
        for (digits, name, communities), block in zip(streets, blocks):
            street = self.code + digits
            self.streets.append((street, name))
            self.add("street", street, name=name, boundary=self.lattice.wkt(block))
            for number, (community, part) in enumerate(zip(communities, block.cut([c[1] for c in communities])), 1):
                self.divide_community(street, number, community, part)

    def divide_community(self, street, number, layout, block):
        name, grids, old, estates = layout
        village = name.endswith("村")
        code = f"{street}{number + (200 if village else 0):03d}"
        if old:
            founded = datetime.date(self.random.randint(*OLD_YEARS), self.random.randint(1, 12), 1)
        else:
            founded = self.day - datetime.timedelta(days=self.random.randint(60, 3 * 365 - 30))
        community = Community(code, name, block, street, founded)
        self.communities.append(community)
        self.add("community", code, name=name, kind="village" if village else "residential",
                 boundary=self.lattice.wkt(block), founded_on=str(founded),
                 aliases=[] if village else [community.short + "居委会"])
        # Numbered from north to south, in a row from west to east.
        parts = sorted(block.cut([1] * grids), key=lambda part: (-round(part.middle[1] / 3), part.middle[0]))
        for n, part in enumerate(parts, 1):
            grid = Grid(f"{code}{n:03d}", f"第{'一二三四五'[n - 1]}网格(基础)", part, community, street)
            grid.estates = list(estates.get(n - 1, []))
            community.grids.append(grid)
            self.grids.append(grid)

    # --- roads ---
    def lay_roads(self):
        """Roads follow lines of the lattice, every second one from west to east, over a part of the district."""
        width, height = self.layout["cells"]
        names = self.layout["roads"]
        for n, name in enumerate(names):
            along_x = n % 2 == 0
            across, along = (height, width) if along_x else (width, height)
            at = round(across * (n // 2 + 1) / (len(names) / 2 + 1))
            length = round(along * self.random.uniform(*ROAD_REACH))
            begin = self.random.randint(0, along - length)
            self.roads[name] = (along_x, at, begin, begin + length)
        for grid in self.grids:
            grid.road = min(self.roads, key=lambda name: self.road_distance(self.roads[name], grid))

    @staticmethod
    def road_distance(road, grid):
        along_x, at, begin, end = road
        x, y = grid.block.middle
        across, along = (y, x) if along_x else (x, y)
        return abs(across - at) + max(0, begin - along, along - end)

    # --- estates and buildings ---
    def settle(self, community):
        """Every grid has an estate or two; now and then one estate goes on in the next grid."""
        going_on = None
        for grid, after in zip(community.grids, [*community.grids[1:], None]):
            continued = going_on
            going_on, known = None, bool(grid.estates)
            if continued:
                grid.estates.append(continued)
            elif not known:
                grid.estates.append(self.names.estate())
            if community.village:
                pass
            elif continued or (not known and self.random.random() < 0.3):
                grid.estates.append(self.names.estate())
            elif after and not after.estates and self.near(grid, after) and self.random.random() < 0.4:
                going_on = grid.estates[0]
            self.build_grid(grid)

    def near(self, one, other):
        """Could one estate reach into both grids?"""
        (west, south), (east, north) = (self.lattice.at(*grid.block.middle) for grid in (one, other))
        return abs(east - west) < ESTATE_REACH and abs(north - south) < ESTATE_REACH

    def build_grid(self, grid):
        sizes = self.sizes(grid)
        spots = self.spots(grid, len(sizes))
        share = -(-len(sizes) // len(grid.estates))
        street = dict(self.streets)[grid.street]
        house = self.random.randint(1, 120)
        for n, (size, (lon, lat)) in enumerate(zip(sizes, spots)):
            estate = grid.estates[n // share]
            before = self.made_places.setdefault(estate + grid.street, {"name": estate, "grids": [], "spots": []})
            if grid.code not in before["grids"]:
                before["grids"].append(grid.code)
            before["spots"].append((lon, lat))
            number = len(before["spots"])
            name = f"{estate}{number}排" if estate.endswith("村") else f"{estate}{number}号楼"
            code = f"{grid.code}{n + 1:03d}"
            self.add("building", code, grid=grid.code, name=name, estate=estate,
                     address=f"{self.layout['name']}{street}{grid.road}{house}号{name}", households=size, lon=lon,
                     lat=lat, aliases=self.building_aliases(grid, estate, number))
            grid.buildings.append(code)
        grid.households = sum(sizes)
        small = grid.households < 300
        self.add("grid", grid.code, name=grid.name, kind="basic", boundary=self.lattice.wkt(grid.block),
                 households=grid.households, households_reason="行政村单独成网格，户数少于300" if small else None,
                 aliases=[grid.community.short + grid.name[:4]])

    def building_aliases(self, grid, estate, number):
        """In an old community whose first estate has its name, people say 汶河社区15号楼."""
        return [f"{grid.community.name}{number}号楼"] if estate == grid.community.short + "小区" else []

    def sizes(self, grid):
        """Households of the grid's buildings: 300 to 500 together, in a village with a reason fewer."""
        whole = self.random.randint(180, 290) if grid.community.name == "贡圈村" else self.random.randint(315, 490)
        while True:
            sizes = []
            while sum(sizes) < whole:
                sizes.append(min(self.random.choice(HOUSES), whole - sum(sizes)))
            if sizes[-1] < 6:
                last = sizes.pop()
                sizes[-1] += last
            if len(sizes) >= LEAST_BUILDINGS or whole < 300:
                return sizes

    def spots(self, grid, count):
        """Rows of buildings about SPACING_M apart around the grid's middle, closer where the grid is small."""
        block = grid.block
        x, y = block.middle
        cell = self.lattice.step(x, y)
        columns = min(range(3, 9), key=lambda n: abs(n * cell[0] - -(-count // n) * cell[1]))
        rows = -(-count // columns)
        step_x = min(SPACING_M / cell[0], (block.x1 - block.x0 - 0.6) / columns)
        step_y = min(SPACING_M / cell[1], (block.y1 - block.y0 - 0.6) / rows)
        for n in range(count):
            row, column = divmod(n, columns)
            yield self.lattice.at(x + (column - (columns - 1) / 2 + self.random.uniform(-0.15, 0.15)) * step_x,
                                  y - (row - (rows - 1) / 2 + self.random.uniform(-0.15, 0.15)) * step_y)

    def households(self, buildings):
        """The doors of these buildings, two or more a floor, six floors a staircase."""
        rows = {row["code"]: row for row in self.book.of("building", self.code)}
        for building in buildings:
            size, yard = rows[building]["households"], rows[building]["name"].endswith("排")
            for n in range(size):
                staircase, floor, side = n // 12 + 1, n % 12 // 2 + 1, n % 2 + 1
                door = f"{n + 1}户" if yard else f"{staircase}单元{floor}0{side}"
                tags = [tag for tag, part in (("独居老人", 0.06), ("低保", 0.02), ("残疾人", 0.02), ("退役军人", 0.03))
                        if self.random.random() < part]
                self.add("household", f"{building}-{n + 1:03d}", building=building, door=door,
                         residents=1 if "独居老人" in tags else self.random.choice((1, 2, 2, 3, 3, 3, 4, 5)), tags=tags)

    # --- places ---
    def place(self, kind, prefix, name, **fields):
        self.place_counters[prefix] = self.place_counters.get(prefix, 0) + 1
        self.add("place", f"{prefix}-{self.place_counters[prefix]:03d}", name=name, kind=kind, **fields)

    def name_places(self, communities, first=0):
        """Estates that were made since it was last called, and what communities have; `first`: how many came before."""
        for found in self.made_places.values():
            lon, lat = (round(sum(spot[i] for spot in found["spots"]) / len(found["spots"]), 6) for i in (0, 1))
            name, aliases = found["name"], []
            if name.startswith("力源"):
                aliases = ["力源小区" + name[2:]]
            elif name.endswith("小区"):
                aliases = [name.removesuffix("小区") + "住宅区"]
            self.place("estate", "estate", name, grids=found["grids"], lon=lon, lat=lat, aliases=aliases)
        self.made_places.clear()
        for n, community in enumerate(communities, first):
            self.community_places(self.place, n, community)

    def name_roads(self):
        for name, road in self.roads.items():
            along_x, at, begin, end = road
            lon, lat = self.lattice.points[((begin + end) // 2, at) if along_x else (at, (begin + end) // 2)]
            aliases = [name.removesuffix("大街") + "街"] if name.endswith("大街") else []
            self.place("road", "road", name, lon=lon, lat=lat, aliases=aliases,
                       grids=[grid.code for grid in self.grids if grid.block.touches(road)])

    def community_places(self, place, n, community):
        def spot(grid, x, y):
            block = grid.block
            lon, lat = self.lattice.at(block.x0 + (block.x1 - block.x0) * x, block.y0 + (block.y1 - block.y0) * y)
            return {"grids": [grid.code], "community": community.code, "lon": lon, "lat": lat}

        first, last, short = community.grids[0], community.grids[-1], community.short
        place("square", "square", f"{short}文化广场", aliases=[f"{community.name}广场", f"{short}广场"],
              **spot(community.grids[len(community.grids) // 2], 0.12, 0.12))
        if n % 2 == 0:
            place("school", "school", f"{short}小学", aliases=[f"{community.name}小学"], **spot(first, 0.88, 0.12))
        if n % 3 == 0:
            place("market", "market", f"{short}便民市场", aliases=[f"{short}农贸市场"], **spot(last, 0.12, 0.88))
        if n % 4 == 1:
            place("facility", "facility", f"{short}卫生服务站", aliases=[f"{community.name}卫生站"],
                  **spot(last, 0.88, 0.88))
        if community.name == "前桃村":
            place("market", "market", "赵家圈镇大集", aliases=["赵圈大集"], **spot(last, 0.5, 0.9))
