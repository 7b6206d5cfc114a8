"""The writes of one village, season by season, as lines for `wangge land apply`. A season is a list of lines that can be
written on one day; what has to pass between two of them is time: notices, tenders, harvests.

Names that a line keeps begin with the village's code, because one file of names serves all villages.
"""
import base64
import datetime
import hashlib
import json
import re

import ground
import shares
from ground import Field

STANDARD = "GB/T 21010-2017"
SEASONS = ("survey", "plans", "works", "ranking", "contracts", "harvest")
# Days before the last one, on which a season is written.
DAYS_BEFORE = dict(zip(SEASONS, (330, 300, 270, 258, 240, 40)))
WASTE = (("1201", "temp_occupied", "村边空地"), ("1206", "edge_corner", "边角地"), ("1204", "abandoned", "撂荒地"))  # class, idle, name
KEEPER, TOWN, SURVEYOR = "演示村会计", "演示镇干部", "演示测绘队"
STREETS = ("演示东街", "演示中街", "演示西街")
HASH = re.compile("[0-9a-f]{64}")
CRITERIA = (("整洁", 600), ("绿化", 400))


class Village:
    def __init__(self, share, random_, day, buildings):
        self.share, self.random, self.day = share, random_, day
        self.code, self.name = share.code, share.name
        self.lines = {season: [] for season in SEASONS}
        self.made = {}  # papers by their hashes
        self.papers = {season: set() for season in SEASONS}  # (who names it, hash)
        self.season = SEASONS[0]
        self.holders = [f"h-{n}" for n in range(1, 7)]
        self.buildings = buildings

    # --- lines ---
    def on(self, season, more=0):
        """A civil day: that of the season, or some days later."""
        return str(self.day - datetime.timedelta(days=DAYS_BEFORE[season] - more))

    def paper(self, *what):
        """The SHA-256 of a paper: a PDF that says what it would be."""
        data = f"%PDF-1.4\n% 演示 {' '.join((self.code, *map(str, what)))}\n%%EOF\n".encode()
        hashed = hashlib.sha256(data).hexdigest()
        self.made[hashed] = data
        return hashed

    def say(self, call, by="village", keep=None, reason="", **request):
        person = {"village": KEEPER, "township": TOWN, "registrar": "演示登记员", "patrol": "演示网格员"}[by]
        write = {"village": self.code, "person": person, **({"reason": reason} if reason else {})}
        for hashed in set(HASH.findall(json.dumps(request))) & self.made.keys():
            self.papers[self.season].add((by, hashed))
        self.lines[self.season].append({"call": call, "as": by, "request": {"write": write, **request},
                                        **({"keep": {self.mark(name): kind for name, kind in keep.items()}} if keep else {})})

    def mark(self, name):
        return f"{self.code}-{name}"

    def at(self, name, rest=""):
        return f"@{self.mark(name)}{rest}"

    # --- the year ---
    def make(self):
        self.fields = self.make_fields()
        self.open()
        self.measure()
        self.plan()
        self.work()
        self.let()
        self.keep_yards()
        self.use_homesteads()
        return self.lines

    def open(self):
        village = {"name": self.name, "boundary": self.share.boundary, "planeEpsg": 4527}
        self.say("Land/PutVillage", by="registrar", reason="建账", village=village)
        self.say("Land/PutParty", id="collective", party={"kind": "collective", "name": f"{self.name}股份经济合作社(演示)"})
        self.say("Land/PutVillage", by="registrar", reason="登记发包方", village={**village, "collective": "collective"})
        for holder in self.holders:
            self.say("Land/PutParty", id=holder, party={
                "kind": "household", "name": self.household(holder), "member": True, "memberFrom": "1998-01-01",
                "memberEvidence": "二轮承包合同"})

    @staticmethod
    def household(holder):
        return f"演示户{holder[2:]}"

    # --- parcels ---
    def waste(self, n, accepted_dm2, word):
        """A parcel of idle land, a little larger than what is worked of it."""
        code, idle, kind = self.random.choice(WASTE)
        area = accepted_dm2 / 100 * self.random.uniform(1.004, 1.02) + 1
        return Field(f"P-{n}", area, f"{word}{kind}", code, idle)

    def make_fields(self):
        share, fields = self.share, []
        self.worked, self.reclaimed, self.places, self.let_field = {}, {}, [], None  # parcel -> area dm²
        if share.name == "乔北村":
            return self.qiaobei_fields()
        parts = 1 if share.name in shares.LET else round(share.reclaimed_dm2 / 500_000) or 1
        areas = shares.split(self.random, share.reclaimed_dm2, parts, 100) if share.reclaimed_dm2 else []
        rest = share.levelled_dm2 - share.reclaimed_dm2
        for n, (area, kind) in enumerate([*((a, "reclaim") for a in areas), *([(rest, "level")] if rest else [])], 1):
            one = self.waste(n, area, "村东" if n % 2 else "村西")
            fields.append(one)
            self.worked[one.id] = area
            if kind == "reclaim":
                self.reclaimed[one.id] = area
        for use in share.sites:
            one = Field(f"P-{len(fields) + 1}", self.random.uniform(2500, 6000), "村口空地" if use == "farm_market" else "村南养殖用地",
                        "1201" if use == "farm_market" else "1202", "facility")
            fields.append(one)
            self.places.append((use, one))
        if self.name in shares.LET:
            self.let_field = next(iter(self.reclaimed), next(iter(self.worked)))
            for holder in ("h-1", "h-2"):
                fields.append(Field(f"P-{len(fields) + 1}", self.random.uniform(3000, 5000), f"{self.household(holder)}承包地", "0102",
                                    holder=self.household(holder)))
        return fields

    def qiaobei_fields(self):
        market, camp = 7_000_00, 3_000_00  # dm²: a hectare that was levelled
        fields = [Field("P-1", market / 100 + 35, "村北闲散地", "1201", "temp_occupied"), Field("P-2", camp / 100 + 18, "河边闲散地", "1201", "edge_corner")]
        self.worked = {"P-1": market, "P-2": camp}
        self.places = list(zip(("farm_market", "camp"), fields))
        return fields

    def measure(self):
        """Survey of all parcels, neighbours' signatures, the notice (调查结果公示)."""
        block = ground.Block(self.random, self.fields)
        road = ground.Ground(self.share.boundary, self.buildings).place(self.random, block)
        self.say("LandSurvey/PutSurveyTask", id="survey", task={
            "method": "rtk", "sourceEpsg": 4490, "datum": "cgcs2000", "accuracyCm": 5, "surveyor": SURVEYOR,
            "surveyedOn": self.on("survey", -4), "fileName": f"{self.code}.csv", "fileSha256": self.paper("survey")})
        parcels = [self.parcel(one) for one in self.fields]
        parcels.append({"id": "P-road", "geometry": ground.wkt(road), "name": "田间路", "ownership": 30,
                        "landClass": {"standard": STANDARD, "code": "1006"}, "declaredEast": "沟", "declaredWest": "沟"})
        self.say("LandSurvey/ImportParcels", surveyTask="survey", parcels=parcels)
        by_id = {one.id: one for one in self.fields}
        for one in self.fields:
            for side, neighbour in (("east", one.east), ("west", one.west)):
                if neighbour:
                    self.say("LandSurvey/SignNeighbour", parcelId=one.id, side=side, verdict="match",
                             signer=by_id[neighbour].holder, signedOn=self.on("survey", -2), doc=self.paper("四至", one.id))
        for side in ("north", "south"):
            self.say("LandSurvey/SignNeighbour", parcelId="P-road", side=side, verdict="match", signer="村集体",
                     signedOn=self.on("survey", -2), doc=self.paper("四至", "P-road"))
        if self.let_field:
            for one in self.fields:
                if one.code == "0102":
                    holder = f"h-{one.holder.removeprefix('演示户')}"
                    self.say("LandTender/PutHolding", holding={"parcelId": one.id, "partyId": holder, "method": 110, "from": "2000-01-01",
                                                               "to": "2029-12-31", "document": self.paper("承包", one.id)})
        ids = [parcel["id"] for parcel in parcels]
        self.ids = ids
        self.say("LandSurvey/MoveParcels", event="sign", parcelIds=ids)
        self.notice("survey", "survey", "闲散地块调查结果公示", [("parcel", one) for one in ids])
        self.say("LandSurvey/MoveParcels", event="post", parcelIds=ids)

    def parcel(self, one):
        toward, away = ("South", "North") if one.row == 0 else ("North", "South")
        declared = {f"declared{toward}": "路", f"declared{away}": "沟"}
        for side in ("east", "west"):
            if not getattr(one, side):
                declared[f"declared{side.title()}"] = "渠"
        return {"id": one.id, "geometry": ground.wkt(one.ring), "name": one.name, "landClass": {"standard": STANDARD, "code": one.code},
                "ownership": 30, "areaSurveyedDm2": self.measured_dm2(one), "holder": one.holder, **declared,
                **({"idleKind": one.idle} if one.idle else {})}

    @staticmethod
    def measured_dm2(one):
        return round(one.area_m2 * 100)

    def notice(self, name, kind, title, subjects):
        self.say("LandNotice/Draft", keep={name: "notice"}, kind=kind, title=f"{self.name}{title}", text="公示期内有异议的，请向村委会或镇政府提出。",
                 places=["村委会公告栏", "村口"], subjects=[{"kind": subject, "id": id_} for subject, id_ in subjects])
        self.say("LandNotice/Post", noticeId=self.at(name))

    # --- decisions and plans ---
    def decide(self, name, title, by_day, **decision):
        """四议: proposed, discussed, reviewed, resolved, on days up to this one."""
        step = lambda kind, back, **more: {"kind": kind, "day": str(datetime.date.fromisoformat(by_day) - datetime.timedelta(days=back)),
                                           "minutes": self.paper(title, kind), "place": "村委会会议室", **more}
        vote = {"eligible": 33, "present": 30, "inFavour": 28, "against": 1, "abstained": 1}
        self.say("LandTender/ProposeDecision", keep={name: "decision"}, step=step("propose", 6),
                 decision={"body": "representatives", "title": title, **decision})
        for kind, back, more in (("discuss", 5, {}), ("review", 3, {"vote": vote}), ("resolve", 0, {"vote": vote})):
            self.say("LandTender/RecordStep", decisionId=self.at(name), step=step(kind, back, **more))

    def plan(self):
        self.season = "plans"
        self.say("LandSurvey/MoveParcels", event="confirm", parcelIds=self.ids)
        self.decide("bans", "三不村规民约", self.on("plans"), kind="other")
        self.say("LandYard/PutVillageRule", id="three-bans", rule={
            "name": "三不公约", "text": "不私搭乱建，不乱堆乱放，不私自转让。", "decision": self.at("bans"), "adoptedOn": self.on("plans"),
            "state": "active"})
        self.begin_work("level", "土地平整", self.worked)
        for use, one in self.places:
            self.say("LandWorks/ProposeSite", keep={f"site-{one.id}": "site_plan"}, site={
                "use": use, "name": {"farm_market": "农贸市场", "breeding": "养殖小区", "camp": "露营基地"}[use], "parcelId": one.id,
                "areaDm2": self.worked.get(one.id, int(one.area_m2 * 90)), "operator": f"{self.name}股份经济合作社(演示)"})
            self.say("LandWorks/AdmitSite", by="township", siteId=self.at(f"site-{one.id}"), admitted=True,
                     docs=[self.paper("备案", use)], documentNo="演示备案〔2026〕1号")
        if not self.places:  # proposed, and not admitted: it does not count
            one = max(self.fields, key=lambda field: field.area_m2)
            if one.code == "1201":
                self.say("LandWorks/ProposeSite", site={"use": "farm_market", "name": "拟建集市", "parcelId": one.id, "areaDm2": 100_000})

    def begin_work(self, kind, name, lines):
        if not lines:
            return
        self.say("LandWorks/PlanWork", keep={kind: "land_work"}, work={
            "kind": kind, "name": name, "costFen": sum(lines.values()) // 10, "contractor": "演示施工队",
            "lines": [{"parcelId": id_, "plannedAreaDm2": area} for id_, area in lines.items()]})
        self.say("LandWorks/MoveWork", by="township", workId=self.at(kind), move="approve")
        self.say("LandWorks/MoveWork", workId=self.at(kind), move="begin")

    def accept_work(self, kind, lines):
        if not lines:
            return
        self.say("LandWorks/MoveWork", workId=self.at(kind), move="finish")
        self.say("LandWorks/AcceptWork", by="township", workId=self.at(kind), accepted=True, actualCostFen=sum(lines.values()) // 11,
                 lines=[{"parcelId": id_, "acceptedAreaDm2": area} for id_, area in lines.items()], docs=[self.paper("验收", kind)],
                 photos=[self.paper("现场", kind)])

    def work(self):
        self.season = "works"
        self.accept_work("level", self.worked)
        for _, one in self.places:
            self.say("LandWorks/MoveSite", siteId=self.at(f"site-{one.id}"))
        self.begin_work("reclaim", "复垦复耕", self.reclaimed)
        self.season = "contracts"
        self.accept_work("reclaim", self.reclaimed)
        if not self.reclaimed:  # planned, and not done: it does not count
            self.say("LandWorks/PlanWork", work={"kind": "refarm", "name": "明年复耕", "lines": [
                {"parcelId": id_, "plannedAreaDm2": area} for id_, area in self.worked.items()]})

    # --- from decision to contract ---
    def let(self):
        if not self.let_field:
            return
        self.season = "plans"
        lot = {"id": "lot-1", "parcelId": self.let_field, "uses": ["crops"], "from": self.on("contracts", 30),
               "to": str(self.day + datetime.timedelta(days=3 * 365)), "reserveFenPerMu": 40_000, "everyMonths": 12,
               "payWithinDays": 30, "depositFen": 100_000}
        self.say("LandTender/DraftTender", keep={"tender": "tender"}, tender={
            "title": "闲散地块承包", "round": 1, "opensOn": self.on("works"), "closesOn": self.on("works", 9), "lots": [lot]})
        self.decide("plan", "闲散地块承包方案", self.on("plans"), kind="plan", subjectKind="tender", subjectId=self.at("tender"))
        self.notice("plan-notice", "plan", "闲散地块承包方案公示", [("tender", self.at("tender"))])
        self.say("LandTender/PostPlan", tenderId=self.at("tender"), noticeId=self.at("plan-notice"))
        self.season = "works"
        self.offers = {"h-1": 52_000, "h-4": 60_000}
        for holder, offer in self.offers.items():
            self.say("LandTender/Apply", keep={f"application-{holder}": "application"}, application={
                "tenderId": self.at("tender"), "lotId": "lot-1", "partyId": holder, "use": "crops", "offerFenPerMu": offer,
                "document": self.paper("申请", holder), "nonceSha256": base64.b64encode(hashlib.sha256(self.nonce(holder)).digest()).decode()})
        for holder, answer in (("h-1", "applied"), ("h-2", "declined")):
            self.say("LandTender/RecordInvitation", invitation={
                "tenderId": self.at("tender"), "lotId": "lot-1", "partyId": holder, "answer": answer, "askedOn": self.on("works"),
                "document": self.paper("邀约", holder)})
        self.season = "ranking"
        for holder in self.offers:
            self.say("LandTender/RevealNonce", applicationId=self.at(f"application-{holder}"),
                     nonce=base64.b64encode(self.nonce(holder)).decode())
        self.say("LandTender/RankTender", tenderId=self.at("tender"))
        self.notice("result-notice", "result", "闲散地块承包结果公示", [("ranking", self.at("tender", ".lot-1"))])
        self.say("LandTender/PostResult", tenderId=self.at("tender"), noticeId=self.at("result-notice"))
        self.season = "contracts"
        self.say("LandTender/Award", tenderId=self.at("tender"), lotId="lot-1")
        self.say("LandContract/SignContract", keep={"contract": "contract"}, tenderId=self.at("tender"), lotId="lot-1", holder="h-1",
                 signedOn=self.on("contracts"), documents=[self.paper("合同")], breachClause="逾期两季不交租金的，村集体可以解除合同。")
        area_dm2 = next(self.measured_dm2(one) for one in self.fields if one.id == self.let_field)
        rent = (self.offers["h-1"] * area_dm2 * 3 + 100_000) // 200_000  # of a year, paid before it begins
        for n, (fen, deposit) in enumerate(((100_000, True), (rent, False)), 1):
            self.say("LandContract/Pay", payment={
                "contractId": self.at("contract"), "receiptNo": f"演示-{n:03d}", "day": self.on("contracts"), "payer": self.household("h-1"),
                "channel": "bank", "fen": fen, "deposit": deposit})

    def nonce(self, holder):
        return hashlib.sha256(f"{self.code} {holder} nonce".encode()).digest()

    # --- yards ---
    def keep_yards(self):
        self.season, share = "harvest", self.share
        self.harvest()
        if share.trees:
            for n, (species, count, alive) in enumerate((("国槐", share.trees * 6 // 10, share.trees * 58 // 100),
                                                         ("法桐", share.trees - share.trees * 6 // 10, share.trees * 38 // 100)), 1):
                self.plant(n, species, count, alive, True)
        elif self.random.random() < 0.3:
            self.plant(1, "海棠", 60, 60, False)  # nobody has looked at them yet: they do not count
        if share.saving_fen:
            self.keep_clean()
        elif self.random.random() < 0.5:  # an account that nobody has checked does not count
            self.say("LandYard/PutCleaningCost", id="cost-year", cost={"name": "全年", "budgetFen": 3_000_000, "actualFen": 2_200_000})
        if self.name in shares.FENCES:
            self.say("LandYard/PutBulkPurchase", id="fences", purchase={
                "name": "景观栅栏", "unit": "米", "unitPriceFen": 3500, "quotes": [self.paper("报价", n) for n in range(3)],
                "boughtOn": self.on("harvest", -60), "shares": [{"household": holder, "quantity": self.random.randint(18, 45)} for holder in self.holders]})

    def plant(self, n, species, count, alive, accepted):
        self.say("LandYard/PutPlanting", id=f"trees-{n}", planting={
            "name": species, "use": "ornamental", "count": count, "alive": alive, "plantedOn": self.on("contracts", -10), "funder": "村集体",
            **({"accepted": True, "acceptedOn": self.on("harvest"), "photos": [self.paper("苗木", n)]} if accepted else {})})

    def keep_clean(self):
        actual = self.random.randint(150, 320) * 10_000
        self.say("LandYard/PutCleaningCost", id="cost-year", cost={
            "name": "全年", "budgetFen": actual + self.share.saving_fen, "actualFen": actual, "accepted": True, "evidence": "村务账簿(演示)"})
        for holder in self.holders[:2]:
            self.say("LandYard/PutResponsibility", id=f"zone-{holder}", responsibility={
                "name": f"{self.household(holder)}门前", "household": holder, "duty": "门前三包：包卫生、包绿化、包秩序", "from": self.on("plans")})
        for n, street in enumerate(STREETS, 1):
            scores = [{"scorer": f"演示评委{k}", "criterion": c, "score": self.random.randint(75, 98)} for k in (1, 2, 3) for c in (0, 1)]
            self.say("LandYard/PutStreetEvaluation", id=f"street-{n}", evaluation={
                "name": street, "round": "autumn", "criteria": [{"name": name, "weightPermille": weight} for name, weight in CRITERIA],
                "scores": scores})
        self.say("LandYard/CloseRound", round="autumn")
        self.say("LandYard/PutYardPlot", id="plot-1", plot={"name": "小菜园", "household": "h-3", "use": "vegetables", "areaDm2": 6000})
        self.say("LandYard/ReportBreach", by="patrol", keep={"breach": "rule_breach"}, breach={
            "kind": "dump", "plot": "plot-1", "rule": "three-bans", "text": "街边堆放柴草", "photos": [self.paper("堆放")]})
        for event, more in (("verify", {}), ("notify", {"deadline": self.on("harvest", 5)}), ("fix", {"photos": [self.paper("清理")]})):
            self.say("LandYard/AdvanceBreach", id=self.at("breach"), event=event, **more)

    def outcome(self, name, subject_kind, subject, accept=True, **figures):
        self.say("LandWorks/ReportOutcome", keep={name: "outcome"}, outcome={
            "subjectKind": subject_kind, "subjectId": subject, "from": self.on("contracts"), "to": self.on("harvest", -5), **figures})
        if accept:
            self.say("LandWorks/AcceptOutcome", by="township", outcomeId=self.at(name), accepted=True, docs=[self.paper("成效", name)])

    def harvest(self):
        if self.name == "前王村":
            self.outcome("onions", "contract", self.at("contract"), crop="大葱", kg=5_300)
            self.outcome("aubergines", "contract", self.at("contract"), crop="茄子", kg=4_500)
        elif self.name == "乔北村":
            self.outcome("market", "site_plan", self.at("site-P-1"), crop="农贸市场", incomeFen=11_000_000, jobs=22)
            self.outcome("camp", "site_plan", self.at("site-P-2"), crop="露营基地", incomeFen=4_000_000, jobs=8)
        elif self.places:  # reported, and accepted by nobody yet: it does not count
            self.outcome("site", "site_plan", self.at(f"site-{self.places[0][1].id}"), accept=False, crop="摊位费", incomeFen=200_000, jobs=1)

    # --- homesteads ---
    def homestead(self, n, holder, **house):
        self.say("LandHomestead/PutHomestead", id=f"home-{n}", homestead={
            "name": f"闲置宅院{n}号", "holder": holder, "areaDm2": self.random.randint(180, 260) * 100, "certificate": f"演示证{n:03d}",
            "idleSince": "2021-03-01"})
        self.say("LandHomestead/PutHouse", id=f"house-{n}", house={"name": "正房", "homestead": f"home-{n}", "rooms": 5, "grade": "a", **house})

    def agree(self, n, mode, operator, **more):
        self.say("LandHomestead/SignAgreement", agreement={
            "homestead": f"home-{n}", "mode": mode, "operator": operator, "from": self.on("harvest", 1),
            "to": str(self.day + datetime.timedelta(days=9 * 365)), "document": self.paper("协议", n), **more})

    def use_homesteads(self):
        self.season = "harvest"
        if self.share.homestays:
            self.open_homestays()
        if self.name in shares.BEDS:
            self.grow_for_others()

    def open_homestays(self):
        for n in range(1, self.share.homestays + 2):
            holder = self.holders[n % len(self.holders)]
            self.homestead(n, holder, wish="民宿")
            modes = (("self", holder, {}), ("coop", "collective", {"splitN": 6, "splitD": 10}), ("entrust", "collective", {"splitN": 7, "splitD": 10}))
            mode, operator, more = modes[n % 3]
            self.agree(n, mode, operator, **more)
            self.say("LandHomestead/PutHomestay", id=f"stay-{n}", homestay={
                "name": f"演示民宿{n}号", "homestead": f"home-{n}", "licence": f"演示许可{n:04d}", "openedOn": self.on("harvest", -30),
                "rooms": self.random.randint(3, 5), "accepted": n <= self.share.homestays})

    def grow_for_others(self):
        self.say("Land/PutParty", id="guest", party={"kind": "person", "name": "演示游客"})
        for n, (mode, operator, more) in enumerate((("lease", "collective", {"rentFenPerYear": 240_000}), ("coop", "collective", {"splitN": 5, "splitD": 10})), 1):
            self.homestead(n, self.holders[n], wish="大棚蔬菜")
            self.agree(n, mode, operator, **more)
            self.say("LandHomestead/PutGardenBed", id=f"bed-{n}", bed={
                "name": f"{n}号畦", "homestead": f"home-{n}", "tenant": "guest", "season": "autumn", "areaDm2": 2000, "priceFen": 30_000})
        for n, (kind, text) in enumerate((("plant", "种黄瓜"), ("pick", "摘西红柿10斤"), ("mail", "寄黄瓜10斤")), 1):
            name = f"service-{n}"
            self.say("LandHomestead/PlaceService", keep={name: "service_order"}, order={"kind": kind, "bed": "bed-1", "text": text, "quantity": 10, "priceFen": 6000})
            steps = [("pay", {"receipt": f"演示收{n:03d}"}), ("schedule", {"day": self.on("harvest", 2)}), ("do", {"photos": [self.paper(name)]})]
            steps += [("ship", {"trackingNumber": f"YS{n:08d}"})] if kind == "mail" else []
            for event, more in (*steps, ("close", {})):
                self.say("LandHomestead/AdvanceService", id=self.at(name), event=event, **more)
