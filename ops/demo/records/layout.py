"""What the two districts consist of. Streets and villages are named as they are; communities, estates and roads are
invented, but for those by which residents' wishes are known (钢都社区 亲和家园, 新兴社区 力源二区, 汶河社区).

The villages of the country that are named are those of the report on the land of villages; the others are called 示例….

A community: name, number of grids, whether it is older than the three years in which most were founded, estates that it
must have, by grid. The second and third community of a street with communities of four grids lie side by side and share
a station.
"""

GANGCHENG = {
    "code": "370117", "short": "gangcheng", "name": "钢城区",
    "box": (117.62, 118.00, 35.98, 36.28),  # as the district is searched in, a little wider than it is
    "centre": (117.815, 36.062), "tile": (117.700, 117.930, 36.000, 36.140),
    "cells": (66, 60), "step": (0.00068, 0.00056),
    "staffed": True,
    "streets": [
        ("001", "艾山街道", [
            ("钢都社区", 5, True, {0: ["亲和家园"], 1: ["铁流花园"]}),
            ("铁山社区", 4, False, {0: ["艾山新苑"]}),
            ("双泉社区", 4, False, {1: ["双泉小区"]}),
            ("府前社区", 5, False, {0: ["府前丽都"], 3: ["阳光花园"]}),
            ("金鼎社区", 5, False, {0: ["金鼎嘉园"]}),
            ("杏山社区", 5, False, {4: ["杏山村"]}),
        ]),
        ("002", "里辛街道", [
            ("里辛社区", 5, True, {}),
            ("锦川社区", 5, False, {2: ["阳光花园"]}),
            ("石桥社区", 5, False, {3: ["石桥村"]}),
        ]),
        ("003", "汶源街道", [
            ("汶河社区", 5, True, {0: ["汶河小区"], 1: ["汶水人家"]}),
            ("汶水社区", 4, False, {}),
            ("清源社区", 4, False, {}),
            ("新兴社区", 5, False, {0: ["力源一区"], 1: ["力源二区"]}),
            ("和顺社区", 5, False, {}),
            ("文苑社区", 5, False, {}),
            ("丽景社区", 5, False, {}),
        ]),
        ("004", "颜庄街道", [
            ("颜庄社区", 5, True, {0: ["和平里"]}),
            ("澜亭社区", 4, False, {}),
            ("柳沟社区", 4, False, {2: ["柳沟村"]}),
        ]),
        ("005", "辛庄街道", [
            ("辛庄社区", 5, True, {}),
            ("泉子社区", 4, False, {1: ["泉子村"]}),
            ("青石社区", 4, False, {3: ["青石岭村"]}),
        ]),
    ],
    "roads": ["钢城大街", "艾山路", "双泉路", "汶河大道", "新兴路", "金鼎路", "里辛路", "颜庄路", "文苑路", "铁流路",
              "桃源路", "康宁路", "友谊大街", "永兴路", "青石路", "和顺路"],
}

TAOCHENG = {
    "code": "131102", "short": "taocheng", "name": "桃城区",
    "box": (115.38, 115.92, 37.58, 37.92),
    "centre": (115.680, 37.735), "tile": (115.500, 115.840, 37.640, 37.840),
    "cells": (44, 36), "step": (0.00080, 0.00066),
    "staffed": False,
    "streets": [
        ("001", "河西街道", [("桃源社区", 3, True, {0: ["桃源小区"]}), ("滏阳社区", 3, True, {0: ["滏阳花苑"]})]),
        ("002", "河东街道", [("衡湖社区", 3, True, {1: ["衡湖新城"]}), ("前进社区", 3, True, {})]),
        ("003", "路北街道", [("和平社区", 3, True, {0: ["和平里"]}), ("永安社区", 3, True, {})]),
        ("004", "中华大街街道", [("胜利社区", 3, True, {2: ["胜利家园"]}), ("榕花社区", 3, True, {0: ["榕花苑"]})]),
        ("101", "赵家圈镇", [(name, 1, True, {0: [name]}) for name in
                             ("前桃村", "后桃村", "柳林村", "枣园村", "河沿村", "前王村", "贡圈村")]),
    ],
    # Towns of villages to the east of them, up to a longitude, rows of one height from the eighth column on.
    "country": {"columns": 12, "reach": (115.905, 8), "streets": [
        ("100", "郑家河沿镇", [(name, 1, True, {0: [name]}) for name in
                          ("种家庄村", "绳头村", "示例一村", "示例二村", "示例三村", "示例四村")]),
        ("102", "邓庄镇", [(name, 1, True, {0: [name]}) for name in
                        ("邓庄村", "武家庄村", "示例五村", "示例六村", "示例七村")]),
        ("200", "何家庄乡", [(name, 1, True, {0: [name]}) for name in
                         ("乔北村", "示例八村", "示例九村", "示例十村", "示例十一村")]),
    ]},
    "roads": ["中华大街", "和平路", "胜利路", "滏阳路", "榕花大街", "永安路", "桃源街", "赵圈路"],
}

DISTRICTS = [GANGCHENG, TAOCHENG]
