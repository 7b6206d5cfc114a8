"""Writes ops/demo/lists.jsonl: pledges, deliberation meetings and questionnaires of the demo district, as changes for
`wangge lists apply`. Same output each time; places are those of ops/demo/reference, everything else is invented.

    /usr/bin/python3 ops/demo/lists.py >ops/demo/lists.jsonl
"""
import hashlib
import json
import pathlib

DISTRICT = "370117"


def change(code, action, body=None, **more):
    print(json.dumps({"district": DISTRICT, "code": code, **more, action: body or {}}, ensure_ascii=False, separators=(",", ":")))


def source(kind, reference):
    return {"source": kind, "reference": reference}


def milestones(*rows):
    return [{"n": n, "title": title, "due_on": f"2026-{due}"} for n, (title, due) in enumerate(rows, 1)]


# code, area, title, promise, owner, due, sources, milestones, days they were done (None: not yet), end
PLEDGES = [
    ("2026-01", "370117001", "老旧小区加装电梯", "年底前在3个老旧小区加装6部电梯", "housing", "10-31",
     [source("follow_up", "12345回访：上下楼难12件"), source("visit", "2025年12月入户走访")],
     milestones(("居民协商签字", "03-31"), ("开工", "05-31"), ("投入使用", "10-31")), ["03-20", "05-25", "10-18"], "10-18"),
    ("2026-02", "370117001", "电动车集中充电", "新建20处电动车充电棚", "urban", "09-30",
     [source("questionnaire", "questionnaire 2026-needs"), source("patrol", "2025年冬季巡查：飞线充电31处")],
     milestones(("选址公示", "03-31"), ("完工", "09-30")), ["03-30", "10-12"], "10-12"),
    ("2026-03", "370117002", "社区广场小舞台", "在2处社区广场建小舞台并配灯光", "urban", "08-31",
     [source("theme_day", "meeting 2026-03-yz 1")], milestones(("设计", "04-30"), ("完工", "08-31")), ["04-22", "08-20"], "08-20"),
    ("2026-04", "370117001", "雨季易涝点改造", "改造5处易涝点", "water", "06-30",
     [source("follow_up", "12345回访：积水9件")], milestones(("清淤", "04-30"), ("改造", "06-30")), ["04-28", "06-29"], "06-29"),
    ("2026-05", "370117002", "背街小巷路灯", "新装和修复路灯150盏", "urban", "11-30",
     [source("patrol", "夜间巡查清单"), source("visit", "驿站来访登记")],
     milestones(("首批80盏", "06-30"), ("其余70盏", "11-30")), ["06-25", None], None),
    ("2026-06", "370117003", "为老助餐点", "开办3处助餐点", "civil", "12-15",
     [source("questionnaire", "questionnaire 2026-needs")], milestones(("选点", "05-31"), ("开业", "12-15")), ["06-10", None], None),
    ("2026-07", "370117003", "停车位共享", "错时开放单位停车位300个", "traffic", "10-31",
     [source("theme_day", "meeting 2026-03-yz 2")], milestones(("签约", "06-30"), ("开放", "10-31")), ["06-30", None], "not"),
    ("2026-08", "370117", "驿站延时服务", "40个驿站工作日延时至20时", "civil", "12-31",
     [source("visit", "新就业群体座谈")], milestones(("试点10个", "06-30"), ("全面实施", "12-31")), ["06-15", None], None),
]


def pledges():
    for code, area, title, promise, owner, due, sources, steps, done, end in PLEDGES:
        change(code, "pledgeDraft", {"area": area, "year": 2026, "title": title, "promise": promise, "owner": owner,
                                     "due_on": f"2026-{due}", "sources": sources, "milestones": steps})
        change(code, "pledgePromise")
        for n, day in enumerate(done, 1):
            if day:
                change(code, "pledgeMilestone", {"n": n, "done_on": f"2026-{day}", "note": "现场核实"})
        change(code, "pledgeUpdate", {"text": "走访中继续收集意见，进展见各节点"})
        if end == "not":
            change(code, "pledgeFinish", {"result": "只开放210个，余下转入明年"})
        elif end:
            change(code, "pledgeFinish", {"fulfilled": True, "finished_on": f"2026-{end}", "result": f"{title}已完成"})
    for n, code in enumerate(("2026-01", "2026-02", "2026-03", "2026-07")):
        change(code, "reviewOpen", {"party_members": 30, "residents": 120})
        change(code, "reviewVote", {"group": "party_members", "approve": 28 - 6 * n, "reject": n, "abstain": 1})
        change(code, "reviewVote", {"group": "residents", "approve": 110 - 20 * n, "reject": 2 + 10 * n, "abstain": 4})
        if n != 2:
            change(code, "reviewClose")
    change("2026-06", "pledgeAmend", {
        "area": "370117003", "year": 2026, "title": "为老助餐点", "promise": "开办2处助餐点，另设3处送餐点", "owner": "civil",
        "due_on": "2026-12-15", "sources": PLEDGES[5][6], "milestones": PLEDGES[5][7]}, reason="一处选点消防条件不足")
    change("2027-01", "pledgeDraft", {
        "area": "370117001", "year": 2027, "title": "小区公共维修资金一键查", "promise": "上线维修资金查询", "owner": "housing",
        "due_on": "2027-06-30", "sources": [source("theme_day", "meeting 2026-11-hy 1")], "milestones": []})


def meeting(code, area, title, host, held, topics):
    change(code, "meetingPlan", {"area": area, "year": 2026, "title": title, "planned_on": held, "place": "社区议事厅", "host": host})
    for topic, *_ in topics:
        change(code, "meetingTopic", {"title": topic})
    change(code, "meetingHold", {"held_on": held, "party_members": 15, "residents": 40})
    for n, (_, approve, reject, resolution) in enumerate(topics, 1):
        change(code, "topicPosition", {"n": n, "text": "有居民担心施工扰民，希望先公示方案"})
        change(code, "topicVote", {"n": n, "votes": {"group": "party_members", "approve": 14, "abstain": 1}})
        change(code, "topicVote", {"n": n, "votes": {"group": "residents", "approve": approve, "reject": reject}})
        change(code, "topicResolve", {"n": n, "resolution": resolution})
    change(code, "meetingDisclose")


def meetings():
    meeting("2026-03-yz", "370117002", "3月主题党日+阳光议事", "艾山街道党工委", "2026-03-10",
            [("广场建小舞台", 36, 2, "同意建设，列入为民办实事清单"), ("单位停车位共享", 30, 6, "同意协商错时开放")])
    meeting("2026-11-hy", "370117001", "11月主题党日+阳光议事", "汶源街道党工委", "2026-11-10",
            [("公开维修资金账目", 39, 0, "同意，每季度公开"), ("楼道堆物集中清理", 33, 4, "同意，本月内清理"),
             ("拆除凉亭改停车位", 8, 30, "不同意，维持现状")])
    change("2026-11-hy", "topicTask", {"n": 2, "title": "楼道堆物集中清理", "text": "阳光议事会决议：本月内清理楼道堆物",
                                       "address": "汶源街道"})
    change("2026-11-hy", "topicPledge", {"n": 1, "code": "2027-02", "text": {
        "area": "370117001", "year": 2027, "title": "维修资金账目每季公开", "promise": "每季度首月10日前公开账目",
        "owner": "housing", "due_on": "2027-12-31",
        "milestones": [{"n": 1, "title": "首次公开", "due_on": "2027-04-10"}]}})
    change("2026-12-hy", "meetingPlan", {"area": "370117001", "year": 2026, "title": "12月主题党日+阳光议事",
                                         "planned_on": "2026-12-10", "place": "社区议事厅", "host": "汶源街道党工委"})
    change("2026-12-hy", "meetingTopic", {"title": "明年为民办实事项目"})


def questionnaires():
    change("2027-needs", "questionnaireDraft", {
        "area": DISTRICT, "year": 2027, "title": "2027年为民办实事征集", "introduction": "答卷不记名，不与任何人关联。",
        "closes_at": "@CLOSES_AT@", "most_tokens": 1000, "questions": [
            {"n": 1, "kind": "single", "text": "最想办的实事", "options": ["加装电梯", "电动车充电", "停车位", "为老助餐"], "required": True},
            {"n": 2, "kind": "multiple", "text": "还希望办哪些", "options": ["路灯", "小舞台", "绿化", "体育设施"]},
            {"n": 3, "kind": "scale", "text": "对今年办成的实事满意吗"},
            {"n": 4, "kind": "yes_no", "text": "愿意参加阳光议事会吗"},
            {"n": 5, "kind": "text", "text": "还有什么建议"}]})
    change("2027-needs", "questionnaireOpen")


def problems():
    scene = (pathlib.Path(__file__).parent / "scene.png").read_bytes()  # whoever applies the lists brings it before
    photo = {"sha256": hashlib.sha256(scene).hexdigest(), "name": "现场.png", "media_type": "image/png", "size_bytes": len(scene)}
    for n, (area, title, nature, owner, due, done) in enumerate([
            ("370117001001001", "楼道长期堆物", "乱", "urban", "06-30", "solved"),
            ("370117001001002", "垃圾点外溢", "脏", "urban", "07-31", "again"),
            ("370117001001003", "绿地被占种菜", "差", "urban", "12-20", "begun"),
            ("370117002001001", "夜市占道油烟", "乱", "traffic", "12-31", "assigned"),
            ("370117002001002", "河道边倾倒垃圾", "脏", "water", "12-31", "listed")], 1):
        code = f"p-2026-{n:02}"
        change(code, "problemPut", {"area": area, "year": 2026, "title": title, "nature": nature, "text": "周期排查列入"})
        if done == "listed":
            continue
        change(code, "problemAssign", {"owner": owner, "measures": "责任单位整治，网格每周巡查", "due_on": f"2026-{due}"})
        if done == "assigned":
            continue
        change(code, "problemBegin")
        if done == "begun":
            continue
        change(code, "problemReport", {"result": "已整治"}, acting_person="D001")
        change(code, "problemVerify", {"solved": True, "photos": [photo]}, acting_person=f"G{n:03}")
        if done == "again":
            change(code, "problemRecur", reason="巡查发现再次外溢")


pledges()
meetings()
problems()
questionnaires()
