"""Tiling polygons: a lattice of shaken points, dense in the town and wide in the country, cut into blocks of its cells.

Every area is a block of cells and its boundary runs through all lattice points on the block's edge, so neighbours share
their vertices exactly and a union of blocks has no gap and no overlap, whatever the shaking.
"""
import math

DECIMALS = 6  # of a degree: about 0.1 m
SHAKE = 0.15  # of a cell; up to 0.25 every cell stays convex


def axis(cells, low, centre, high, step):
    """A rising function of 0..cells onto low..high; near the middle (centre) a cell is about `step` wide."""
    half = cells / 2

    def side(length):
        """k with length·sinh(k·t)/sinh(k), t = 0..1, beginning with `step` a cell."""
        slope = step * half / length
        near, far = 1e-6, 50.0
        for _ in range(80):
            k = (near + far) / 2
            near, far = (k, far) if k / math.sinh(k) > slope else (near, k)
        return lambda t: length * math.sinh(k * t) / math.sinh(k)

    down, up = side(centre - low), side(high - centre)
    return lambda at: centre + (up(at / half - 1) if at >= half else -down(1 - at / half))


class Block:
    """Cells x0..x1-1, y0..y1-1; y grows to the north."""

    def __init__(self, x0, y0, x1, y1):
        self.x0, self.y0, self.x1, self.y1 = x0, y0, x1, y1

    @property
    def middle(self):
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def cut(self, weights):
        """As many blocks as weights, in their order, areas about as the weights; neighbours in the list are near."""
        if len(weights) == 1:
            return [self]
        first = len(weights) // 2
        share = sum(weights[:first]) / sum(weights)
        if self.x1 - self.x0 >= self.y1 - self.y0:
            at = self.x0 + round((self.x1 - self.x0) * share)
            parts = Block(self.x0, self.y0, at, self.y1), Block(at, self.y0, self.x1, self.y1)
        else:
            at = self.y1 - round((self.y1 - self.y0) * share)
            parts = Block(self.x0, at, self.x1, self.y1), Block(self.x0, self.y0, self.x1, at)
        return parts[0].cut(weights[:first]) + parts[1].cut(weights[first:])

    def edge(self):
        """Lattice points on the boundary, counter-clockwise, closed."""
        south = [(x, self.y0) for x in range(self.x0, self.x1)]
        east = [(self.x1, y) for y in range(self.y0, self.y1)]
        north = [(x, self.y1) for x in range(self.x1, self.x0, -1)]
        west = [(self.x0, y) for y in range(self.y1, self.y0 - 1, -1)]
        return south + east + north + west

    def touches(self, road):
        """Does the road, a line along lattice points (fixed axis, at, from, to), run along or through the block?"""
        along_x, at, begin, end = road
        if along_x:
            return self.y0 <= at <= self.y1 and begin < self.x1 and end > self.x0
        return self.x0 <= at <= self.x1 and begin < self.y1 and end > self.y0


class Lattice:
    def __init__(self, random_, width, height, box, centre, step):
        """box: low lon, high lon, low lat, high lat; step: lon and lat of a cell in the town."""
        self.width, self.height = width, height
        self.slanted = width  # from this column on rows may fall or rise by more than they are high
        lon = axis(width, box[0], centre[0], box[1], step[0])
        lat = axis(height, box[2], centre[1], box[3], step[1])
        turn = [random_.uniform(0, 2 * math.pi) for _ in range(2)]
        self.points = {}
        for x in range(width + 1):
            for y in range(height + 1):
                # Bends fade towards the edge; only a shake of a part of a cell leads out of the box.
                calm = math.sin(math.pi * x / width) * math.sin(math.pi * y / height)
                bend_x = 1.1 * calm * math.sin(2.4 * math.pi * y / height + turn[0])
                bend_y = 1.1 * calm * math.sin(2.0 * math.pi * x / width + turn[1])
                self.points[x, y] = (round(lon(x + bend_x + random_.uniform(-SHAKE, SHAKE)), DECIMALS),
                                     round(lat(y + bend_y + random_.uniform(-SHAKE, SHAKE)), DECIMALS))

    def extend(self, random_, columns, high, even):
        """More columns to the east, as far as longitude `high`. The edge stays as it is; the next column has its rows, which
        are dense in the town, and from column `even` on all rows are as high. Gives the block that was added."""
        first, lats = self.width, [self.points[self.width, y][1] for y in range(self.height + 1)]
        low = sum(self.points[first, y][0] for y in range(self.height + 1)) / (self.height + 1)
        step = (high - low) / columns
        for x in range(1, columns + 1):
            at = min(1, (x - 1) / (even - 1))
            part = at * at * (3 - 2 * at)  # without a bend at either end
            rows = [lat + part * (lats[0] + (lats[-1] - lats[0]) * y / self.height - lat) for y, lat in enumerate(lats)]
            for y, lat in enumerate(rows):
                beside = rows[y + 1] - lat if y < self.height else lat - rows[y - 1]
                shake = [random_.uniform(-SHAKE, SHAKE) * part for _ in range(2)]
                self.points[first + x, y] = (round(low + (x + shake[0]) * step, DECIMALS),
                                             round(lat + shake[1] * beside, DECIMALS))
        self.width += columns
        return Block(first, 0, self.width, self.height)

    def whole(self):
        return Block(0, 0, self.width, self.height)

    def at(self, x, y):
        """The place of a point between lattice points: bilinear in its cell, so inside the cell."""
        column, row = min(int(x), self.width - 1), min(int(y), self.height - 1)
        s, t = x - column, y - row
        corners = [(self.points[column + i, row + j], (s if i else 1 - s) * (t if j else 1 - t))
                   for i in (0, 1) for j in (0, 1)]
        return tuple(round(sum(point[n] * weight for point, weight in corners), DECIMALS) for n in (0, 1))

    def step(self, x, y):
        """Width and height in metres of the cell there."""
        column, row = int(x), int(y)
        (west, south), (east, north) = self.points[column, row], self.points[column + 1, row + 1]
        if column >= self.slanted:
            north = self.points[column, row + 1][1]
        return (east - west) * 111_320 * math.cos(math.radians(south)), (north - south) * 110_950

    def wkt(self, block):
        return "POLYGON((" + ", ".join(f"{lon:.6f} {lat:.6f}" for lon, lat in
                                       (self.points[point] for point in block.edge())) + "))"
