"""Duty templates (例会、巡查、走访、清点、到期) and the three reference lists with their procedures."""

# code, name, trigger, its terms, level, category, title, text, channel, role
DUTIES = [
    ("patrol-week", "巡查走访", "weekly", {"every": 1, "on": 1}, "grid", "民政/社区服务/网格服务", "{area}本周巡查走访",
     "巡查网格内安全隐患、环境卫生、矛盾纠纷，走访住户，当日能解决的当日解决，其余上报。", "patrol_visit", "grid_worker"),
    ("meeting-week", "工作例会", "weekly", {"every": 1, "on": 5}, "community", "民政/社区服务/网格服务", "{area}网格工作例会",
     "各网格汇报本周诉求、巡查、走访情况，研究需要社区和共建单位解决的问题。", "patrol_visit", "community_worker"),
    ("report-month", "信息采集报送", "monthly", {"every": 1, "on": 25}, "grid", "民政/社区服务/网格服务", "{area}本月信息采集报送",
     "核对楼院、住户变化，更新网格底册，报送街道。", "patrol_visit", "grid_worker"),
    ("theme-month", "主题党日+阳光议事", "monthly", {"every": 1, "on": 10}, "community", "党务政务/意见建议/工作建议",
     "{area}本月主题党日和阳光议事", "确定议题，请党员和居民代表到场，形成决议并公开。", "theme_day", "party_secretary"),
    ("visit-quarter", "入户走访", "monthly", {"every": 3, "on": 15}, "grid", "民政/社区服务/网格服务", "{area}本季入户走访",
     "对独居老人、困难家庭逐户走访，其余住户按计划走访，记录需求。", "patrol_visit", "part_time_worker"),
    ("assets-month", "驿站四个一清点", "monthly", {"every": 1, "on": 1}, "station", "民政/社区服务/驿站服务", "{area}四个一清点",
     "清点办公桌、洽谈室、便民柜、网格图；药箱过期的更换，网格图与现行网格一致。", "station_walk_in", "station_staff"),
    ("list-year", "为民办实事清单评议", "monthly", {"every": 12, "on": 15, "starts_on": "{year}-12-01"}, "community",
     "党务政务/意见建议/工作建议", "{area}为民办实事清单年终评议", "逐项公布完成情况，由党员群众评议。", "theme_day", "party_secretary"),
    # 四必访 and 四到户: when it happens, a visit at the grid concerned.
    ("visit-dispute", "矛盾纠纷必访", "event", {"event": "dispute"}, "grid", "政法/矛盾调解/邻里纠纷", "{area}矛盾纠纷必访",
     "24小时内到场了解情况、劝解，必要时请司法所调解。", "patrol_visit", "grid_worker"),
    ("visit-family", "婚丧嫁娶必访", "event", {"event": "wedding_funeral"}, "grid", "民政/社区服务/网格服务", "{area}婚丧嫁娶必访",
     "上门问候，宣传移风易俗，提供力所能及的帮助。", "patrol_visit", "grid_worker"),
    ("visit-emergency", "突发事件必访", "event", {"event": "emergency"}, "grid", "城乡建设/安全生产/安全隐患", "{area}突发事件必访",
     "第一时间到场，核实人员安全，报告社区和有关部门。", "patrol_visit", "grid_head"),
    ("visit-hardship", "特殊困难必访", "event", {"event": "hardship"}, "grid", "民政/社会救助/临时救助", "{area}特殊困难必访",
     "上门了解困难，告知救助政策，协助申请。", "patrol_visit", "grid_worker"),
    ("notify-policy", "政策宣传到户", "event", {"event": "policy"}, "grid", "民政/社区服务/网格服务", "{area}政策宣传到户",
     "把新政策送到涉及的住户，收集疑问。", "contact_card", "part_time_worker"),
    ("notify-opinion", "意见征求到户", "event", {"event": "consultation"}, "grid", "党务政务/意见建议/工作建议", "{area}意见征求到户",
     "就议题征求住户意见，汇总报社区。", "contact_card", "part_time_worker"),
    ("notify-decision", "决议传达到户", "event", {"event": "decision"}, "grid", "民政/社区服务/网格服务", "{area}决议传达到户",
     "把议事决议传达到涉及的住户。", "contact_card", "part_time_worker"),
    ("notify-activity", "活动通知到户", "event", {"event": "activity"}, "grid", "民政/社区服务/志愿服务", "{area}活动通知到户",
     "把社区活动通知到住户。", "contact_card", "part_time_worker"),
    ("expiry-agreement", "共建协议到期", "expiry", {"event": "agreement.ends_on", "before_days": 60}, "community",
     "党务政务/意见建议/工作建议", "共建协议{record}将到期", "与共建单位商定续签或终止，评估履约情况。", "patrol_visit", "community_worker"),
    ("expiry-item", "共建事项到期", "expiry", {"event": "agreement_item.due_on", "before_days": 14}, "community",
     "党务政务/意见建议/工作建议", "共建事项{record}将到期", "督促完成并留存印证材料。", "patrol_visit", "community_worker"),
    ("expiry-asset", "驿站物品到期", "expiry", {"event": "station_asset.expires_on", "before_days": 30}, "station",
     "民政/社区服务/驿站服务", "{area}物品{record}将到期", "更换将到期的药品。", "station_walk_in", "station_staff"),
]

# code, name, basis, who, text, steps; a step: title, who, working days, condition, steps that may follow
POWERS = [
    ("seal", "社区公章使用", "社区小微权力清单", "社区居民委员会", "居民和单位申请使用社区公章。", [
        ("提出申请", "居民", 0), ("材料是否齐全、属实", "网格员", 1, "材料齐全且属实？", (3, 5)), ("社区负责人审批", "社区主任", 1),
        ("盖章并登记", "社区工作者", 0, "", (6,)), ("一次性告知补正", "网格员", 0, "", (1,)), ("归档公示", "社区工作者", 1)]),
    ("relief", "临时救助初审", "社会救助暂行办法", "社区居民委员会", "对困难家庭的临时救助申请进行调查和初审。", [
        ("受理申请", "网格员", 0), ("入户调查", "网格员和网格长", 3), ("民主评议", "居民代表", 2, "评议通过？", (4, 6)),
        ("公示", "社区居民委员会", 3), ("报街道审核", "社区居民委员会", 1, "", (7,)), ("书面答复并说明理由", "网格员", 1, "", (7,)),
        ("归档", "社区工作者", 0)]),
    ("low-income", "低保对象初核", "社会救助暂行办法", "社区居民委员会", "协助街道对低保申请家庭进行核查。", [
        ("接收街道委托", "社区工作者", 0), ("入户核查", "网格员", 5), ("评议公示", "居民代表", 7), ("上报结果", "社区主任", 1)]),
    ("public-money", "社区党组织服务群众经费使用", "社区党组织服务群众专项经费管理规定", "社区党组织", "经费项目由居民提出、议事决定。", [
        ("征集项目", "网格党组织", 10), ("社区党组织研究", "社区党组织", 3), ("居民代表会议决议", "居民代表", 5, "决议通过？", (4, 1)),
        ("公示", "社区党组织", 3), ("实施验收", "项目小组", 0), ("公开支出", "社区党组织", 5)]),
    ("works", "社区小型工程发包", "社区小微权力清单", "社区居民委员会", "社区自有资金的小型维修工程。", [
        ("立项论证", "社区居民委员会", 5), ("议事会决议", "居民议事会", 3), ("公开比选", "监督委员会到场", 7), ("签订合同", "社区主任", 2),
        ("验收公示", "监督委员会", 5)]),
    ("certificate", "居民相关证明出具", "不应由基层群众性自治组织出具的证明事项清单之外的事项", "社区居民委员会",
     "依法应由社区出具的证明。", [
         ("提出申请", "居民", 0), ("是否属于可出具的事项", "社区工作者", 0, "属于可出具事项？", (3, 4)), ("核实后出具", "社区工作者", 1, "", (5,)),
         ("告知办理部门", "社区工作者", 0, "", (5,)), ("登记", "社区工作者", 0)]),
]
DUTY_ITEMS = [
    ("party", "加强党的建设", "网格党组织", "组织党员学习，联系网格内党员，开展“我是党员·我在社区”行动。"),
    ("collect", "基础信息采集", "专职网格员", "采集楼院、住户、单位的基础信息，变化后及时更新。"),
    ("opinion", "社情民意收集", "网格长、网格员", "通过走访、议事、问卷、微信群收集诉求并登记。"),
    ("safety", "安全隐患排查", "专职网格员", "巡查消防通道、飞线充电、危房、井盖等隐患，当日上报。"),
    ("mediate", "矛盾纠纷化解", "网格长", "邻里、物业纠纷就近调解，调解不成报司法所。"),
    ("culture", "文明创建", "兼职网格员", "组织志愿服务、移风易俗宣传和环境整治。"),
    ("care", "特殊人群关爱", "专职网格员", "对独居老人、困难家庭定期走访，记录需求。"),
    ("agency", "代办服务", "驿站值班网格员", "为行动不便的居民代办事项，进度告知本人。"),
]
SERVICES = [
    ("agency", "公共服务代办", "代办", "社保认证、医保缴费、高龄补贴申请等由网格员代办。"),
    ("property", "物业服务上门", "物业上门", "水电小修、楼道照明、门禁故障由物业上门处理。"),
    ("small", "小微服务到家", "小微服务到家", "理发、磨刀、配钥匙、家电小修由服务商上门。"),
    ("medicine", "应急药箱和工具箱借用", "驿站", "在民悦驿站登记后借用。"),
    ("rest", "新就业群体休息", "驿站", "快递员、外卖员可在驿站休息、饮水、充电。"),
    ("room", "协商议事场所", "驿站", "预约洽谈室，用于邻里协商和调解。"),
    ("meal", "助餐登记", "代办", "为老年居民登记就餐和送餐需求。"),
    ("clinic", "健康义诊", "小微服务到家", "共建单位定期到小区义诊。"),
]


def steps_of(rows):
    steps = []
    for n, row in enumerate(rows, 1):
        title, who, days, condition, after = (*row, "", ())[:5]
        steps.append({"n": n, "title": title, "who": who, "days": days, "next": after, "condition": condition})
    return steps


def simple_steps(who):
    return steps_of([("提出需求", "居民", 0), ("登记并确认", who, 1), ("提供服务", who, 3), ("回访", "网格员", 2)])


def duties(net):
    for code, name, trigger, terms, level, category, title, text, channel, role in DUTIES:
        terms = {key: value.format(year=net.day.year) if isinstance(value, str) else value for key, value in terms.items()}
        if trigger in ("weekly", "monthly"):
            terms.setdefault("starts_on", f"{net.day.year}-01-01")
        net.add("duty_template", code, name=name, trigger=trigger, level=level, category=f"{net.layout['short']}/{category}", title=title, text=text,
                channel=channel, role=role, **terms)


def lists(net):
    """Everything disclosed at the beginning of the year but the newest power, which is still a draft."""
    disclosed = {"disclosure": "disclosed", "disclosed_on": f"{net.day.year}-01-15"}
    for n, (code, name, basis, who, text, steps) in enumerate(POWERS):
        state = disclosed if n + 1 < len(POWERS) else {"disclosure": "draft"}
        net.add("list_item", f"power-{code}", list="micro_power", area=net.code, name=name, basis=basis, who=who, text=text,
                steps=steps_of(steps), **state)
    for code, name, who, text in DUTY_ITEMS:
        net.add("list_item", f"duty-{code}", list="duty", area=net.code, name=name, basis="网格及网格员职责清单", who=who,
                text=text, steps=steps_of([("列入月计划", who, 0), ("履行并留痕", who, 20), ("社区检查", "社区党组织", 5)]), **disclosed)
    streets = [street for street, _ in net.streets]
    station = {street: next(row for row in net.book.of("station", net.code) if row["grids"][0].startswith(street))
               for street in streets}
    for code, name, mode, text in SERVICES:
        for street in streets:
            place = station[street]
            net.add("list_item", f"service-{code}-{street}", list="service", area=street, name=f"{name}({mode})",
                    basis="网格服务清单", who="民悦驿站和物业服务人", text=text, contact=f"{place['name']} {place['phone']}",
                    steps=simple_steps(place["name"]), **disclosed)
