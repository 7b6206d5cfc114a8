#!/usr/bin/env python3
"""Makes the demo feed: 214 invented orders of Gangcheng and Taocheng, the same ones each time.

    ops/demo/orders.py [FOLDER]     writes FOLDER/SOURCE.jsonl (default: ops/demo/feed)

A line is a wangge.v1.NewOrder in proto3 JSON. Addresses, grid codes and positions are those of buildings of the demo
district (ops/demo/district.py, ops/demo/reference). Persons, estates and numbers are invented: surnames are followed by
某, telephone numbers begin with 100, which no operator gives out.
"""
import csv
import datetime
import itertools
import json
import pathlib
import random
import re
import sys

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
FIRST_DAY = datetime.datetime(2025, 3, 1, 8, 0, tzinfo=SHANGHAI)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"

REFERENCE = pathlib.Path(__file__).parent / "reference"

# Estates that residents speak of most; orders of the country come from the villages.
ESTATES = {
    "370117": ["铁流花园", "汶水人家", "艾山新苑", "双泉小区", "金鼎嘉园", "府前丽都", "亲和家园", "力源二区"],
    "131102": ["桃源小区", "滏阳花苑", "衡湖新城", "和平里", "胜利家园", "榕花苑"],
}

COUNTRY = {"370117": "370117", "131102": "131102101"}  # of which villages' grids the codes begin so

# category, kind, urgency, title, text. {p} a place, {d} days, {n} a small number.
DEMANDS = [
    ("城乡建设/市政设施/道路破损", "COMPLAINT", "NORMAL", "{p}门口路面坑洼", "{p}门口的柏油路有{n}处深坑，下雨天积水看不清，已有电动车摔倒，希望尽快修补。"),
    ("城乡建设/市政设施/井盖缺失", "REPORT", "EXTRA_URGENT", "{p}旁井盖缺失", "{p}东侧人行道上有一个污水井没有井盖，旁边就是学校，天黑后很危险，请马上派人处理。"),
    ("城乡建设/市政设施/路灯不亮", "HELP", "NORMAL", "{p}路灯连续{d}天不亮", "{p}到公交站这一段有{n}盏路灯不亮，已经{d}天了，老人晚上出门不方便。"),
    ("城乡建设/供水供气/停水", "HELP", "URGENT", "{p}停水", "{p}从昨天早上开始停水，没有接到通知，家里有老人和孩子，请问什么时候恢复？"),
    ("城乡建设/供水供气/水压不足", "COMPLAINT", "NORMAL", "{p}高层水压不足", "{p}{n}号楼六层以上早晚高峰水压很小，热水器打不着火，已反映{n}次没有解决。"),
    ("城乡建设/供热/室温不达标", "COMPLAINT", "URGENT", "{p}室内温度不到16度", "{p}{n}号楼供暖后室温一直只有15度左右，测温员来过一次，之后没有下文，希望调整管网。"),
    ("城乡建设/物业管理/电梯故障", "COMPLAINT", "URGENT", "{p}电梯经常停运", "{p}{n}单元电梯一个月内停运{n}次，上周还困过人，物业说等配件，请督促尽快维修。"),
    ("城乡建设/物业管理/小区保洁", "SUGGESTION", "NORMAL", "建议{p}增加垃圾桶", "{p}只有两处垃圾投放点，早上总是堆满，建议在北门增设一处并每天清运两次。"),
    ("城乡建设/市容环卫/垃圾清运", "COMPLAINT", "NORMAL", "{p}垃圾{d}天没有清运", "{p}村口的垃圾箱已经{d}天没有清运，气味很大，希望恢复每天清运。"),
    ("城乡建设/规划与违建/违章搭建", "REPORT", "NORMAL", "{p}有人在楼顶加盖", "{p}{n}号楼顶层住户正在楼顶加盖彩钢房，堵了排烟道，请城管部门到现场核实。"),
    ("环境保护/大气/油烟扰民", "COMPLAINT", "NORMAL", "{p}楼下烧烤店油烟大", "{p}一楼烧烤店没有装油烟净化器，每天营业到凌晨，楼上住户不敢开窗。"),
    ("环境保护/噪声/施工噪声", "COMPLAINT", "NORMAL", "{p}附近工地夜间施工", "{p}南侧工地连续{d}天夜间十二点以后还在浇筑，影响休息，请核查夜间施工手续。"),
    ("环境保护/噪声/广场舞噪声", "COMPLAINT", "NORMAL", "{p}广场舞音量过大", "{p}中心广场每晚七点到九点半音响声音很大，孩子没法写作业，希望控制音量。"),
    ("环境保护/水体/污水直排", "REPORT", "URGENT", "{p}河边有污水直排", "{p}西侧河边有一根管子往河里排黑水，气味刺鼻，已经{d}天，请环保部门取样。"),
    ("交通运输/公共交通/公交线路", "SUGGESTION", "NORMAL", "建议公交车增加{p}站", "{p}住户已有{n}百多户，最近的公交站要走二十分钟，建议早晚高峰延伸线路。"),
    ("交通运输/道路交通/信号灯", "REPORT", "URGENT", "{p}路口信号灯不亮", "{p}东路口信号灯从今天早上起全部不亮，车流很乱，请交警部门派人维修。"),
    ("交通运输/停车管理/停车位不足", "COMPLAINT", "NORMAL", "{p}周边停车难", "{p}门口两侧停满了车，消防车进不来，希望划出临时停车位并管住乱停。"),
    ("交通运输/农村公路/路面损坏", "HELP", "NORMAL", "{p}进村路被大车压坏", "{p}进村的水泥路被运料大车压坏了{n}百多米，收庄稼的车过不去，请求修路。"),
    ("教育文体/义务教育/入学咨询", "CONSULTATION", "NORMAL", "咨询{p}孩子上小学", "孩子今年六岁，户口在{p}，房子是租的，请问报名需要哪些材料，什么时候开始？"),
    ("教育文体/文化体育/健身器材", "HELP", "NORMAL", "{p}健身器材损坏", "{p}广场的漫步机断了一根轴，有孩子在上面玩，容易受伤，请维修或拆除。"),
    ("教育文体/校外培训/退费纠纷", "COMPLAINT", "NORMAL", "{p}培训班停课不退费", "在{p}门口一家培训班交了{n}千元，停课{d}天联系不上负责人，请协助退费。"),
    ("劳动和社会保障/劳动权益/拖欠工资", "COMPLAINT", "URGENT", "{p}工地拖欠工资", "我们{n}个人在{p}附近工地干活，还有两个月工资没有发，包工头一直推，请帮助协调。"),
    ("劳动和社会保障/社会保险/养老保险", "CONSULTATION", "NORMAL", "咨询居民养老保险补缴", "我是{p}居民，今年五十八岁，养老保险断缴{n}年，请问可以补缴吗，到哪里办理？"),
    ("商贸旅游/消费维权/预付卡退款", "COMPLAINT", "NORMAL", "{p}理发店关门卡里有余额", "{p}门口理发店突然关门，卡里还有{n}百元，电话打不通，请市场监管部门协助。"),
    ("商贸旅游/市场监管/食品安全", "REPORT", "URGENT", "{p}小超市卖过期食品", "在{p}门口小超市买的牛奶已经过期{d}天，店家不承认，保留了小票和照片。"),
    ("卫生计生/公共卫生/疫苗接种", "CONSULTATION", "NORMAL", "咨询{p}儿童疫苗接种时间", "请问{p}所属卫生服务中心每周哪几天可以给孩子打疫苗，需要提前预约吗？"),
    ("卫生计生/公共卫生/病媒防制", "HELP", "NORMAL", "{p}老鼠多请求消杀", "{p}地下室和垃圾点附近老鼠很多，希望组织一次统一消杀。"),
    ("农村农业/土地承包/闲置土地", "REPORT", "NORMAL", "{p}村边地块闲置", "{p}村北有{n}亩地荒了两年，草有一人高，冬天怕着火，建议村里统一流转。"),
    ("农村农业/宅基地/闲置宅院", "SUGGESTION", "NORMAL", "建议盘活{p}闲置宅院", "{p}有{n}处老宅院多年没人住，院墙快倒了，建议村里整修后当邻里互助点。"),
    ("农村农业/农业生产/灌溉用水", "HELP", "URGENT", "{p}机井坏了浇不上地", "{p}的机井水泵坏了{d}天，{n}十亩小麦等着浇返青水，请水利部门帮忙修。"),
    ("民政/养老服务/助餐服务", "SUGGESTION", "NORMAL", "希望{p}开办老年食堂", "{p}七十岁以上老人有{n}十多位，子女多在外地，希望驿站能开办助餐点。"),
    ("民政/社会救助/临时救助", "HELP", "URGENT", "{p}邻居家生活困难", "{p}一位独居老人摔伤住院，家里没有收入，邻居帮着凑了钱，请问能否申请临时救助？"),
    ("政法/社会治安/消防通道", "REPORT", "URGENT", "{p}消防通道被占", "{p}{n}号楼前消防通道长期停车，还堆了纸箱，请消防部门检查。"),
    ("政法/矛盾调解/邻里纠纷", "HELP", "NORMAL", "{p}楼上漏水协商不成", "{p}楼上卫生间漏水，泡坏了我家的吊顶，协商{n}次没有结果，希望网格员帮忙调解。"),
    ("党务政务/意见建议/表扬感谢", "PRAISE", "NORMAL", "表扬{p}网格员", "{p}网格员冒雨帮我们清理下水口，一直忙到晚上，居民都很感谢，特此表扬。"),
    ("", "HELP", "NORMAL", "{p}晾衣杆问题", "{p}公共区域的晾衣杆坏了{n}根，不知道该找谁，请帮忙转给管这件事的部门。"),
]

# What several residents want at once (几个人反映同一件事): place, category, kind, urgency, then source, title and text of each.
STORIES = [
    ("亲和家园6号楼", "城乡建设/物业管理/充电设施", "HELP", "NORMAL", [
        ("hotline-12345", "亲和家园电动车充电难", "亲和家园没有电动车充电的地方，大家从楼上拉线下来充电很危险，能否加几个充电桩？"),
        ("station", "亲和家园希望加装电动车充电桩", "亲和家园电动车多，充电难，只能从家里飞线，能不能在车棚边加几个充电桩？"),
        ("questionnaire", "建议亲和家园增设充电桩", "亲和家园电动车充电难，建议在小区里增加充电桩，别再拉线充电。"),
    ]),
    ("汶河小区15号楼", "城乡建设/物业管理/加装电梯", "HELP", "NORMAL", [
        ("patrol", "汶河社区15号楼希望加装电梯", "汶河社区15号楼老人多，年龄大了上下楼不方便，住户盼着加装电梯，走访时有八户同意。"),
        ("hotline-12345", "咨询汶河社区15号楼加装电梯", "家住汶河社区15号楼，父母上下楼不方便，想加装电梯，请问要哪些住户同意，怎么申请？"),
        ("hotline-12345", "汶河社区15号楼加装电梯进度", "汶河社区15号楼申请加装电梯后没有消息，请问什么时候可以施工？"),
    ]),
    ("新兴文化广场", "教育文体/文化体育/文化场馆", "SUGGESTION", "NORMAL", [
        ("questionnaire", "新兴社区广场缺一个小舞台", "新兴社区广场还缺一个小舞台，居民排练节目没有地方，建议建一个。"),
        ("hotline-12345", "建议在新兴社区广场建小舞台", "新兴社区广场晚上文艺队没有台子，希望社区建一个小舞台。"),
    ]),
]

# The same wish or nuisance in many places (多处同类诉求): category, kind, urgency, then place, source, title and text of each.
ECHOES = [
    ("城乡建设/物业管理/充电设施", "HELP", "NORMAL", [
        ("力源二区3号楼", "hotline-12345", "力源二区没有电动车充电桩", "力源二区一直没有电动车充电桩，居民从窗户飞线充电，很不安全，盼望加装充电桩。"),
        ("双泉小区5号楼", "patrol", "双泉小区电动车充电难", "走访双泉小区，居民反映电动车没有地方充电，楼道里飞线充电多，希望安装充电桩。"),
        ("金鼎嘉园2号楼", "hotline-12345", "金鼎嘉园盼装充电桩", "金鼎嘉园电动车越来越多，车棚里没有充电桩，只能飞线充电，请帮忙协调安装。"),
        ("艾山新苑4号楼", "hotline-12345", "艾山新苑电动车充电不方便", "艾山新苑没有充电桩，电动车要推到外面充电，希望小区里加装几处充电桩。"),
        ("府前丽都1号楼", "station", "府前丽都希望增设充电桩", "府前丽都的住户来驿站反映电动车充电难，飞线充电危险，希望增设充电桩。"),
    ]),
    ("城乡建设/市政设施/路灯不亮", "HELP", "NORMAL", [
        ("汶水人家2号楼", "hotline-12345", "汶水人家门前路灯不亮", "汶水人家门前的路灯不亮有一周了，晚上出门看不清路，请维修路灯。"),
        ("铁流花园6号楼", "patrol", "铁流花园西侧路灯不亮", "巡查发现铁流花园西侧三盏路灯不亮，晚上看不清路，请维修路灯。"),
        ("力源二区1号楼", "hotline-12345", "力源二区院内路灯不亮", "力源二区院内路灯不亮，老人晚上出门看不清路，希望尽快维修路灯。"),
    ]),
    ("环境保护/噪声/施工噪声", "COMPLAINT", "NORMAL", [
        ("双泉小区2号楼", "hotline-12345", "双泉小区旁工地半夜施工", "双泉小区旁的工地半夜还在打桩，吵得孩子睡不着，请核查夜间施工手续。"),
        ("汶水人家5号楼", "hotline-12345", "汶水人家北侧工地夜间施工", "汶水人家北侧工地夜间打桩，吵得老人睡不着，请核查夜间施工手续。"),
    ]),
]

# One person says the same twice (重复来电): place, category, kind, urgency, title, text.
REPEATED = [
    ("铁流花园9号楼", "城乡建设/供水供气/停水", "HELP", "URGENT", "铁流花园9号楼停水", "铁流花园9号楼从早上起停水，物业说不清原因，请问什么时候恢复供水？"),
    ("汶水人家3号楼", "城乡建设/物业管理/电梯故障", "COMPLAINT", "URGENT", "汶水人家3号楼电梯又停了", "汶水人家3号楼电梯这周停了两次，今天又困住人，请督促物业尽快检修。"),
]

# Source -> prefix of its numbers. Villages mostly come through patrols.
SOURCES = {"hotline-12345": "RX", "patrol": "XC", "station": "YZ", "questionnaire": "WJ"}
ORDERS = {"hotline-12345": 108, "patrol": 59, "station": 25, "questionnaire": 8}


def read(kind):
    with open(REFERENCE / f"{kind}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Net:
    """The buildings and squares of the demo district that orders are about."""

    def __init__(self):
        self.districts = {row["code"]: row["name"] for row in read("district")}
        self.streets = {row["code"]: row["name"] for row in read("street")}
        buildings = read("building")
        self.estates = {code: [row for row in buildings if row["district"] == code and row["estate"] in names]
                        for code, names in ESTATES.items()}
        self.villages = {code: [row for row in buildings if row["grid"].startswith(town) and row["estate"].endswith("村")]
                         for code, town in COUNTRY.items()}
        self.known = {row["name"]: row for row in buildings if row["district"] == "370117"}
        for row in read("place"):
            if row["kind"] == "square":
                street = self.districts[row["district"]] + self.streets[row["grids"][:9]]
                self.known[row["name"]] = {**row, "grid": row["grids"], "address": street + row["aliases"].split("|")[0]}

    def address(self, building):
        """As people say it: district, street, estate and building, without the road."""
        return self.districts[building["district"]] + self.streets[building["grid"][:9]] + building["name"]


def reporter(random_):
    """A fictional person: surname and 某; a telephone number of a range that no operator gives out."""
    return {
        "name": random_.choice(SURNAMES) + random_.choice(["某", "某某"]),
        "phone": "100" + "".join(random_.choice("0123456789") for _ in range(8)),
    }


def moment(random_):
    return FIRST_DAY + datetime.timedelta(minutes=random_.randint(0, 90 * 24 * 60))


def new_order(random_, number, source, place, at, **said):
    """An order about a place; half of them come with a position, half with the grid's code."""
    made = {"externalId": f"{SOURCES[source]}{at:%Y%m%d}{number:05d}", "district": place["district"], **said,
            "occurredAt": str(int(at.timestamp()) * 1_000_000)}
    if random_.random() < 0.7:
        made["position"] = {"lon": float(place["lon"]), "lat": float(place["lat"])}
    if random_.random() < 0.6:
        made["gridCode"] = place["grid"]
    if source != "questionnaire" or random_.random() < 0.4:
        made["reporter"] = reporter(random_)
    if said["kind"] == "ORDER_KIND_REPORT" and random_.random() < 0.3:
        made["confidential"] = True
    if source == "patrol" and random_.random() < 0.5:
        made["attachments"] = [{
            "sha256": "".join(random_.choice("0123456789abcdef") for _ in range(64)),
            "name": "现场照片.jpg", "mediaType": "image/jpeg", "sizeBytes": str(random_.randint(80_000, 900_000)),
        }]
    return made


def in_words(text):
    """3十亩 is written 三十亩."""
    return re.sub(r"(?<!\d)\d(?=[十百千])", lambda digit: "〇一二三四五六七八九"[int(digit[0])], text)


def any_order(random_, net, number, source):
    district = "370117" if random_.random() < 0.6 else "131102"
    category, kind, urgency, title, text = random_.choice(DEMANDS)
    rural = category.startswith("农村农业") or "村" in text
    place = random_.choice((net.villages if rural else net.estates)[district])
    digits = "".join(c for c in place["name"].removeprefix(place["estate"]) if c.isdigit())
    words = {"p": place["estate"], "d": random_.randint(2, 9), "n": random_.randint(2, 9)}
    address = net.address(place)
    if rural:
        address = address[:address.index(place["estate"]) + len(place["estate"])]
    text = in_words(text.replace("{n}号楼", f"{digits}号楼").format(**words))
    return new_order(random_, number, source, place, moment(random_), kind=f"ORDER_KIND_{kind}",
                     urgency=f"URGENCY_{urgency}", category=category, title=title.format(**words), text=text, address=address)


def story_orders(random_, net, number):
    """(source, order) of every resident of every story, a good day apart."""
    for name, category, kind, urgency, voices in STORIES:
        place, at = net.known[name], moment(random_)
        address = net.address(place) if "estate" in place else place["address"]
        for source, title, text in voices:
            yield source, new_order(random_, next(number), source, place, at, kind=f"ORDER_KIND_{kind}",
                                    urgency=f"URGENCY_{urgency}", category=category, title=title, text=text, address=address)
            at += datetime.timedelta(hours=31)


def later_orders(random_, net, number):
    """(source, order) of echoes and of what was said twice, in the days after all others."""
    at = FIRST_DAY + datetime.timedelta(days=91)
    for category, kind, urgency, voices in ECHOES:
        for name, source, title, text in voices:
            place = net.known[name]
            at += datetime.timedelta(hours=5)
            yield source, new_order(random_, next(number), source, place, at, kind=f"ORDER_KIND_{kind}",
                                    urgency=f"URGENCY_{urgency}", category=category, title=title, text=text,
                                    address=net.address(place))
    for name, category, kind, urgency, title, text in REPEATED:
        place, person = net.known[name], reporter(random_)
        for _ in range(2):
            at += datetime.timedelta(hours=7)
            made = new_order(random_, next(number), "hotline-12345", place, at, kind=f"ORDER_KIND_{kind}",
                             urgency=f"URGENCY_{urgency}", category=category, title=title, text=text,
                             address=net.address(place))
            yield "hotline-12345", {**made, "reporter": person}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "feed")
    folder.mkdir(parents=True, exist_ok=True)
    random_ = random.Random(370117)
    net, number = Net(), itertools.count(1)
    lines = {source: [] for source in SOURCES}
    for source, made in story_orders(random_, net, number):
        lines[source].append(made)
    for source, count in ORDERS.items():
        while len(lines[source]) < count:
            lines[source].append(any_order(random_, net, next(number), source))
    for source, made in later_orders(random_, net, number):
        lines[source].append(made)
    for source, orders in lines.items():
        orders.sort(key=lambda made: int(made["occurredAt"]))
        with open(folder / f"{source}.jsonl", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(made, ensure_ascii=False) + "\n" for made in orders)


if __name__ == "__main__":
    main()
