"""People of the net: 2+1+N+X on every grid, three posts with twenty grades, trainings, the chain of party organisations.

In Gangcheng the 378 community workers are, on every grid, two grid heads and the dedicated worker, and one more on 72 of
the 102 grids: which of them the published figure counts is not known, this is the demo's reading.
"""
import datetime

SECOND_WORKER_GRIDS = 72
PART_TIME = (2, 3)            # of a grid; the second number on PART_TIME_MORE grids
PART_TIME_MORE = 6
POSTS = (("专职岗", 6), ("副职岗", 7), ("正职岗", 7))  # from the lowest
BASIS = "2+1+N+X 配备；各数字对应的角色为本演示区的设定，可按本地文件修改"


class People:
    def __init__(self, net):
        self.net, self.random, self.names = net, net.random, net.names
        self.persons = 0
        self.workers, self.heads, self.part_time, self.staff = {}, {}, {}, {}  # by grid code
        self.trained = []

    def person(self, surname=None, **fields):
        self.persons += 1
        code = f"P{self.persons:04d}"
        self.net.add("person", code, name=self.names.person(surname), phone=self.names.phone(),
                     **{"party_member": False, "dual_registered": False, **fields})
        return code

    def post(self, person, role, area, since):
        self.net.add("posting", f"{person}-{role}", person=person, role=role, area=area, **{"from": str(since)})

    def since(self, community):
        """A day after the community was founded, in the last three years."""
        first = max(community.founded_on, self.net.day - datetime.timedelta(days=3 * 365))
        return first + datetime.timedelta(days=self.random.randint(0, max(0, (self.net.day - first).days - 30)))

    # --- communities and grids ---
    def build(self, units_of):
        """units_of: community code -> codes of its partner units, from which the part-time workers come."""
        self.grades()
        self.rules()
        grids = self.net.grids
        if not self.net.layout["staffed"]:
            for grid in grids:
                self.workers[grid.code] = self.person(party_member=True)
                self.post(self.workers[grid.code], "grid_worker", grid.code, self.since(grid.community))
            return
        more = {grid.code for grid in self.random.sample(grids, PART_TIME_MORE)}
        second = {grid.code for grid in self.random.sample(grids, SECOND_WORKER_GRIDS)}
        for grid in grids:
            self.staff_grid(grid, grid.code in second, PART_TIME[grid.code in more], units_of)
        self.trainings()

    def staff_grid(self, grid, second, part_time, units_of):
        leads = grid is grid.community.grids[0]
        secretary = "贾" if "力源二区" in grid.estates else None  # the demo's story has a secretary of this name
        heads = [self.worker(grid, "grid_head", surname, member, grade) for surname, member, grade in (
            (secretary, True, self.grade("正职岗" if leads else "副职岗")),
            (None, self.random.random() < 0.6, self.grade("副职岗" if leads else "专职岗")))]
        self.post(heads[0], "party_secretary", grid.code, self.since(grid.community))
        worker = self.worker(grid, "grid_worker", None, self.random.random() < 0.5, self.grade("专职岗"))
        self.heads[grid.code], self.workers[grid.code] = heads, worker
        self.staff[grid.code] = [*heads, worker]
        if second:
            self.staff[grid.code].append(self.worker(grid, None, None, False, self.grade("专职岗")))
        self.part_time[grid.code] = []
        for _ in range(part_time):
            person = self.person(party_member=True, dual_registered=True,
                                 unit=self.random.choice(units_of[grid.community.code]))
            self.post(person, "part_time_worker", grid.code, self.since(grid.community))
            self.part_time[grid.code].append(person)
        volunteer = self.person(party_member=self.random.random() < 0.2)
        self.post(volunteer, "social_force", grid.code, self.since(grid.community))
        self.trained += [*self.staff[grid.code], *self.part_time[grid.code]]

    def worker(self, grid, role, surname, member, grade):
        """A community worker, posted to the grid; with a role also in that role."""
        person = self.person(surname, party_member=member, grade=grade)
        since = self.since(grid.community)
        self.post(person, "community_worker", grid.code, since)
        if role:
            self.post(person, role, grid.code, since)
        return person

    # --- tables ---
    def grades(self):
        grade = 0
        self.by_post = {}
        for post, count in POSTS:
            for n in range(1, count + 1):
                grade += 1
                self.by_post.setdefault(post, []).append(f"grade-{grade:02d}")
                self.net.add("post_grade", f"grade-{grade:02d}", post=post, grade=grade,
                             name=f"{post}{'一二三四五六七'[n - 1]}档")

    def grade(self, post):
        return self.random.choice(self.by_post[post])

    def rules(self):
        least = [("grid_worker", "grid", 1, 1, False)]
        if self.net.layout["staffed"]:
            least += [("grid_head", "grid", 2, 2, False), ("part_time_worker", "grid", 1, 0, True),
                      ("social_force", "grid", 0, 0, False), ("community_worker", "grid", 1, 0, False),
                      ("party_secretary", "grid", 1, 1, False), ("station_staff", "station", 1, 0, False),
                      ("deputy_member", "community", 2, 0, False)]
        for role, level, low, high, dual in least:
            self.net.add("staffing_rule", f"{level}-{role}", role=role, level=level, required_min=low,
                         required_max=high, must_be_dual_registered=dual, basis=BASIS)

    def trainings(self):
        """This year's training of the district in three classes, so that everybody is in one; then the streets' own."""
        day, first = self.net.day, datetime.date(self.net.day.year, 1, 1)
        for n in range(3):
            held = max(first, day - datetime.timedelta(days=25 - 4 * n))
            self.net.add("training", f"T{day.year}-district-{n + 1}", topic=f"{day.year}年网格员全覆盖培训(区级第{n + 1}期)",
                         held_on=str(held), hours=16, people=sorted(self.trained[n::3]))
        for street, name in self.net.streets:
            people = [p for grid in self.net.grids if grid.street == street for p in self.staff[grid.code]]
            self.net.add("training", f"T{day.year}-{street}", topic=f"{name}党校网格业务培训", hours=4, people=sorted(people),
                         held_on=str(max(first, day - datetime.timedelta(days=10))))

    # --- party organisations: district, street, community, grid with its courtyards ---
    def party(self):
        net, titles = self.net, dict(self.net.streets)
        net.add("party_org", f"party-{net.code}", name=f"中共{net.layout['name']}委员会", kind="committee", area=net.code)
        for street, name in net.streets:
            net.add("party_org", f"party-{street}", name=f"中共{name}工作委员会", kind="committee",
                    parent=f"party-{net.code}", area=street)
        for community in net.communities:
            kind = "general_branch" if community.village or len(community.grids) < 5 else "committee"
            net.add("party_org", f"party-{community.code}", kind=kind, parent=f"party-{community.street}",
                    name=f"中共{titles[community.street]}{community.name}{'总支部委员会' if kind != 'committee' else '委员会'}",
                    area=community.code)
            for n, grid in enumerate(community.grids):
                kind = "group" if n % 4 == 3 else "branch"
                net.add("party_org", f"party-{grid.code}", kind=kind, parent=f"party-{community.code}", area=grid.code,
                        name=f"{community.name}{grid.estates[0]}网格{'党小组' if kind == 'group' else '党支部'}",
                        buildings=grid.buildings)
