"""Departments, categories, dispatch rules and calendars: the tables of ops/demo/tables, for each district.

A table's column `district` says for which district a row is; empty: for both. The order of dispatch_rule.csv is the
order in which the rules decide.
"""
import csv
import datetime
import pathlib

TABLES = pathlib.Path(__file__).resolve().parents[1] / "tables"
NOTICE = "国务院办公厅关于{}年部分节假日安排的通知"


def table(name, district):
    with open(TABLES / f"{name}.csv", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("district") in (None, "", district)]


def fields(row, *skip):
    """What a row says, without empty fields."""
    return {key: value for key, value in row.items() if value and key not in (*skip, "district")}


def departments(net):
    for row in table("department", net.code):
        net.add("department", row["code"], **fields(row, "code"))


def categories(net):
    """Every leaf, and every level above: a department's duty if all that is below it is one."""
    scheme, levels = net.layout["short"], {}
    for row in table("category", net.code):
        path = row["path"].split("/")
        for n in range(1, len(path) + 1):
            level = levels.setdefault("/".join(path[:n]), {"duty": True, "samples": []})
            level["duty"] &= row["department_duty"] == "true"
        level["samples"] = row["samples"].split("|") if row["samples"] else []
    for path, level in levels.items():
        net.add("category", f"{scheme}/{path}", scheme=scheme, path=path, department_duty=level["duty"],
                samples=level["samples"])


def rules(net):
    """Ranks leave room for rules between; assists are separated by | in the table."""
    for n, row in enumerate(table("dispatch_rule", net.code), 1):
        lists = {"assists": row["assists"].split("|")} if row["assists"] else {}
        net.add("dispatch_rule", f"R{n * 10:04d}", rank=n * 10, **{**fields(row), **lists})


def working_days(year, days):
    first = datetime.date(year, 1, 1)
    every = [first + datetime.timedelta(days=n) for n in range(366)]
    return sum(days.get(day, "WORK" if day.weekday() < 5 else "REST") == "WORK" for day in every if day.year == year)


def calendar(net):
    kinds = {}
    for row in table("calendar_day", net.code):
        day = datetime.date.fromisoformat(row["date"])
        kinds[day] = row["kind"]
        net.add("calendar_day", row["date"], kind=row["kind"], reason=row["reason"], notice=NOTICE.format(day.year))
    for year in sorted({day.year for day in kinds}):
        net.add("calendar_year", str(year), notice=NOTICE.format(year), working_days=working_days(year, kinds))


# What residents are told about matters that come again and again: code, title, categories, text.
RESPONSES = [
    ("sr-heating", "供暖温度", "城乡建设/供热", "您好，您反映的供暖问题已收悉。供热单位已上门测温并调节，如室温仍不达标，请再次拨打12345，我们将继续跟进。"),
    ("sr-parking", "停车位不足", "交通运输/停车管理", "您好，您反映的停车问题已收悉。社区已核实车位使用情况，错时共享车位的办法在社区公告栏公示，感谢您的理解。"),
    ("sr-thanks", "意见建议", "", "您好，您的意见建议已收悉并转相关单位研究，感谢您对社区工作的关心和支持。")]


def responses(net):
    for code, title, prefix, text in RESPONSES:
        net.add("standard_response", code, title=title, category_prefix=prefix, text=text)


def build(net):
    departments(net)
    categories(net)
    rules(net)
    responses(net)
    calendar(net)
