"""Stations with their four assets and duty rosters; partner units, deputy members, agreements; cards and groups."""
import datetime
import math

ASSETS = (("一张办公桌", "驻站网格员办公桌"), ("一个洽谈室", "协商议事洽谈室"), ("一个便民柜", "便民柜(应急药箱、工具箱)"),
          ("一张网格图", "驿站辐射网格图"))
ROSTER_DAYS = 14
THREE_UNITS = 3  # communities with three partner units; the others have two
UNITS = (("机关", "{}税务所"), ("学校", "{}中心小学"), ("企业", "示例{}物流有限公司"), ("医院", "{}卫生服务站"),
         ("国有企业", "示例钢铁{}分厂"), ("两新组织", "{}快递驿站联合支部"), ("事业单位", "{}文化馆分馆"), ("企业", "示例{}商贸有限公司"))
ITEMS = ("开放会议室供居民议事", "每季度组织一次义诊", "提供周末错时停车位", "结对帮扶困难家庭", "参加社区环境整治日", "为老年居民讲授智能手机课程",
         "捐建社区图书角", "组织消防演练", "为双报到党员安排服务时间")
CARD_COMMUNITIES = ("钢都社区", "新兴社区", "汶河社区")
WELCOME_HOURS = "08:30-17:30"


class Linkages:
    def __init__(self, net, people):
        self.net, self.people, self.random = net, people, net.random
        self.units = {}  # community code -> partner units

    # --- 联单位 ---
    def partner_units(self):
        communities = self.net.communities
        three = {community.code for community in self.random.sample(communities, THREE_UNITS)}
        number = 0
        for n, community in enumerate(communities):
            for kind, name in [UNITS[(n * 2 + i) % len(UNITS)] for i in range(3 if community.code in three else 2)]:
                number += 1
                code = f"U{number:03d}"
                grid = community.grids[number % len(community.grids)]
                self.units.setdefault(community.code, []).append(code)
                self.net.add("partner_unit", code, name=name.format(community.short), community=community.code, kind=kind,
                             address=f"{self.net.layout['name']}{dict(self.net.streets)[community.street]}{grid.road}"
                                     f"{self.random.randint(1, 200)}号")
        return self.units

    def deputies_and_agreements(self):
        day, number = self.net.day, 0
        for community in self.net.communities:
            for unit in self.units[community.code]:
                number += 1
                person = self.people.person(party_member=True, unit=unit)
                since = self.people.since(community)
                self.people.post(person, "deputy_member", community.code, since)
                first = max(datetime.date(day.year, 1, 1), community.founded_on)
                signed = first + datetime.timedelta(days=self.random.randint(0, min(50, (day - first).days)))
                self.net.add("agreement", f"A{day.year}-{number:03d}", unit=unit, community=community.code,
                             signed_on=str(signed), ends_on=f"{day.year + 1}-12-31")
                for n, text in enumerate(self.random.sample(ITEMS, self.random.randint(2, 4)), 1):
                    self.agreement_item(f"A{day.year}-{number:03d}", n, text, signed)

    def agreement_item(self, agreement, n, text, signed):
        due = signed + datetime.timedelta(days=self.random.randint(60, 340))
        done = due <= self.net.day
        at = due - datetime.timedelta(days=self.random.randint(1, 30)) if done else None
        self.net.add("agreement_item", f"{agreement}-{n}", agreement=agreement, text=text, due_on=str(due),
                     done_on=str(at) if done else None, evidence="活动照片与签到表已归档" if done else None)

    # --- 民悦驿站 ---
    def stations(self):
        """Five grids are served by stations of three and two; two communities of four side by side share one."""
        waiting = None
        number = 0
        for community in self.net.communities:
            grids = list(community.grids)
            if len(grids) == 5:
                parts = [grids[:3], grids[3:]]
            elif waiting is None:
                waiting = community
                continue
            else:
                parts = self.shared(waiting, community)
                waiting = None
            for n, part in enumerate(parts):
                number += 1
                self.station(f"S{number:02d}", part, n)

    def shared(self, first, second):
        """3 + 3 + 2 grids of two communities; the middle station takes the nearest of both."""
        def from_second(grid):
            return math.dist(grid.block.middle, second.block.middle)
        bridge = min(first.grids, key=from_second)
        near = sorted(second.grids, key=lambda grid: math.dist(grid.block.middle, bridge.block.middle))
        return [[grid for grid in first.grids if grid is not bridge], [bridge, *near[:2]], near[2:]]

    def station(self, code, grids, n):
        home = grids[0]
        lon, lat = self.net.lattice.at(home.block.x0 + (home.block.x1 - home.block.x0) * 0.5,
                                       home.block.y0 + (home.block.y1 - home.block.y0) * 0.12)
        day = self.net.day
        self.net.add("station", code, name=f"{grids[-1].community.short}第{'一二三'[n]}民悦驿站",
                     grids=[grid.code for grid in grids],
                     address=f"{self.net.layout['name']}{dict(self.net.streets)[home.street]}{home.road}{home.estates[0]}东门",
                     lon=lon, lat=lat, phone=self.net.names.phone(), opening_hours=WELCOME_HOURS)
        checked = day - datetime.timedelta(days=self.random.randint(1, 25))
        for i, (kind, name) in enumerate(ASSETS, 1):
            expires = day + datetime.timedelta(days=self.random.randint(60, 500)) if "药箱" in name else None
            self.net.add("station_asset", f"{code}-{i}", station=code, kind=kind, name=name, quantity=1,
                         expires_on=str(expires) if expires else None, checked_on=str(checked))
        staff = [self.people.workers[grid.code] for grid in grids]
        self.people.post(staff[0], "station_staff", code, self.people.since(home.community))
        for ahead in range(ROSTER_DAYS):
            on = day + datetime.timedelta(days=ahead)
            self.net.add("station_turn", f"{code}-{on}", station=code, person=staff[ahead % len(staff)], on=str(on),
                         **{"from": "08:30", "to": "17:30"})

    # --- 联群众 ---
    def cards_and_groups(self):
        """Every grid has its group; cards hang in the first buildings of some communities, or wherever doors are known."""
        for grid in self.net.grids:
            self.net.add("message_group", f"group-{grid.code}", name=f"幸福网格·{grid.estates[0]}", grid=grid.code,
                         manager=self.people.workers[grid.code], members=round(grid.households * self.random.uniform(0.6, 0.9)))
        turn = 0
        members = {grid.code: [*self.people.part_time[grid.code], self.people.heads[grid.code][0]]
                   for grid in self.net.grids}
        for household in self.net.book.of("household", self.net.code):
            turn += 1
            hands = members[household["building"][:15]]
            given = self.net.day - datetime.timedelta(days=self.random.randint(30, 300))
            self.net.add("contact_card", f"card-{household['code']}", person=hands[turn % len(hands)],
                         household=household["code"], given_on=str(given))

    def carded_buildings(self):
        return [grid.buildings[0] for grid in self.net.grids if grid.community.name in CARD_COMMUNITIES]
