"""Where a village's parcels lie: two rows of fields along a farm road, outside the settlement and inside the village, as
polygons that share their vertices (EPSG:4490, longitude first).

Everything is made on a plane in metres around the middle of the block: at a few hundred metres it is the ellipsoid's area to
within a square decimetre of a parcel.
"""
import csv
import math
import re
from dataclasses import dataclass

import shares

A, F = 6378137.0, 1 / 298.257222101  # CGCS2000
ROAD_M, MARGIN_M, FROM_HOUSES_M, SEARCH_M = 5.0, 40.0, 120.0, 60.0
DECIMALS = 8


@dataclass
class Field:
    """A parcel to be: id, area and what it is; `ring` when it lies."""
    id: str
    area_m2: float
    name: str
    code: str       # GB/T 21010-2017
    idle: str = ""
    holder: str = "村集体"
    ring: list = None
    east: str = ""  # ids of the neighbours in the row, "" at its ends
    west: str = ""
    row: int = 0    # 0 north of the road, 1 south of it


def metres_of_degree(lat):
    sine, square = math.sin(math.radians(lat)), F * (2 - F)
    width = 1 - square * sine * sine
    north = A * (1 - square) / width ** 1.5
    return math.radians(A / math.sqrt(width) * math.cos(math.radians(lat))), math.radians(north)


def ring_of(wkt):
    numbers = [float(text) for text in re.findall(r"-?\d+\.?\d*", wkt)]
    return list(zip(numbers[::2], numbers[1::2]))


def inside(point, ring):
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def houses():
    """Village -> positions of its buildings."""
    found = {}
    with open(shares.REFERENCE / "building.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["district"] == shares.DISTRICT:
                found.setdefault(row["grid"][:12], []).append((float(row["lon"]), float(row["lat"])))
    return found


class Block:
    """The fields of one village on the plane."""

    def __init__(self, random_, fields):
        self.fields, self.rows = fields, ([], [])
        for one in sorted(fields, key=lambda one: -one.area_m2):  # the larger ones first, each into the shorter row
            row = min((0, 1), key=lambda n: sum(other.area_m2 for other in self.rows[n]))
            self.rows[row].append(one)
        self.build(random_)

    def build(self, random_):
        self.edges, self.height = ([0.0], [0.0]), [0.0, 0.0]
        self.lean = ([0.0], [0.0])
        for n, row in enumerate(self.rows):
            whole = sum(one.area_m2 for one in row)
            self.height[n] = min(110.0, max(45.0, math.sqrt(whole / 2)))
            random_.shuffle(row)
            for one in row:
                self.edges[n].append(self.edges[n][-1] + one.area_m2 / self.height[n])
                self.lean[n].append(random_.uniform(-4, 4))
            self.lean[n][-1] = 0.0
            for west, one, east in zip([None, *row], row, [*row[1:], None]):
                one.row, one.west, one.east = n, west.id if west else "", east.id if east else ""
        self.length = max(self.edges[0][-1], self.edges[1][-1])

    def corner(self, n, cut, far):
        """A corner of a row: at the road, or at its far edge. Cuts lean, so that fields are no rectangles and keep their area."""
        sign = 1 if n == 0 else -1
        x = self.edges[n][cut] + (self.lean[n][cut] if far else -self.lean[n][cut]) / 2
        return x - self.length / 2, sign * (ROAD_M / 2 + (self.height[n] if far else 0))

    def rings(self):
        """(field, corners) of all fields and, with None, of the road, counter-clockwise."""
        for n, row in enumerate(self.rows):
            for cut, one in enumerate(row):
                ring = [self.corner(n, cut, False), self.corner(n, cut + 1, False), self.corner(n, cut + 1, True),
                        self.corner(n, cut, True)]
                yield one, ring if n == 0 else ring[::-1]
        south, north = ([self.corner(n, cut, False) for cut in range(len(self.rows[n]) + 1)] for n in (1, 0))
        for edge, y in ((south, -ROAD_M / 2), (north, ROAD_M / 2)):
            if edge[-1][0] < self.length / 2 - 1e-6:
                edge.append((self.length / 2, y))
        yield None, south + north[::-1]

    def hull(self):
        half, north, south = self.length / 2, ROAD_M / 2 + self.height[0], ROAD_M / 2 + self.height[1]
        return half, north, south


def turned(point, turn):
    x, y = point
    return x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)


class Ground:
    def __init__(self, boundary, buildings):
        self.ring = ring_of(boundary)
        self.middle = [sum(point[n] for point in buildings) / len(buildings) for n in (0, 1)]
        self.scale = metres_of_degree(self.middle[1])
        self.plane = [self.to_plane(point) for point in self.ring]
        self.houses = [self.to_plane(point) for point in buildings]

    def to_plane(self, point):
        return tuple((point[n] - self.middle[n]) * self.scale[n] for n in (0, 1))

    def fits(self, block, at, turn):
        half, north, south = block.hull()
        half, north, south = half + MARGIN_M, north + MARGIN_M, south + MARGIN_M
        count = max(2, int(half / 20))
        edge = [(x, y) for x in (-half, half) for y in (-south, 0, north)]
        edge += [(half * k / count, y) for k in range(-count, count + 1) for y in (-south, north)]
        if any(math.hypot(x - at[0], y - at[1]) < FROM_HOUSES_M + math.hypot(half, (north + south) / 2) for x, y in self.houses):
            return False
        return all(inside((at[0] + x, at[1] + y), self.plane) for x, y in (turned(point, turn) for point in edge))

    def place(self, random_, block):
        """The nearest place to the settlement where the block fits; lays its fields there. Gives the road's ring."""
        xs, ys = ([point[n] for point in self.plane] for n in (0, 1))
        spots = [(x, y) for x in range(int(min(xs)), int(max(xs)), int(SEARCH_M))
                 for y in range(int(min(ys)), int(max(ys)), int(SEARCH_M))]
        spots.sort(key=lambda spot: math.hypot(*spot))
        for turn in (math.radians(random_.uniform(-7, 7)), 0.0):
            for spot in spots:
                if inside(spot, self.plane) and self.fits(block, spot, turn):
                    return self.lay(block, spot, turn)
        raise ValueError("the fields do not fit into the village")

    def lay(self, block, at, turn):
        lat = self.middle[1] + at[1] / self.scale[1]
        scale, middle = metres_of_degree(lat), (self.middle[0] + at[0] / self.scale[0], lat)
        road = None
        for one, corners in block.rings():
            ring = []
            for corner in corners:
                x, y = turned(corner, turn)
                ring.append((round(middle[0] + x / scale[0], DECIMALS), round(middle[1] + y / scale[1], DECIMALS)))
            if one:
                one.ring = ring
            else:
                road = ring
        return road


def wkt(ring):
    return "POLYGON((" + ", ".join(f"{lon:.{DECIMALS}f} {lat:.{DECIMALS}f}" for lon, lat in [*ring, ring[0]]) + "))"
