"""The dispatch catalogue: what is wrong with it is said and never switched off silently; a reload that fails changes
nothing; every decision can be explained, and a new catalogue tried on past orders before it comes into force."""
import datetime
import json
import os
import shutil
import signal
import subprocess

import pytest

from harness import proto
from harness.cell import BUILD, REFERENCE, Cell
from harness.client import CallError
from harness.orders import HOUSING, NOBODY, TRAFFIC, WATER, now_us, order
from harness.proto import CODE
from harness.wait import until

R = proto.routing
HEADER = "code,district,rank,category_prefix,area,valid_from,valid_to,urgency,lead,assists\n"
GOOD = ("T0,370117,1,城乡建设/供水,,,,extra_urgent,water,housing|traffic\n"
        "T1,370117,10,城乡建设/供水,,,,,water,\n"
        "T2,370117,20,城乡建设/房屋,,,,,housing,\n")
BAD = ("B1,370117,30,其他,,,,,abolished,\n"
       "B2,370117,40,城乡建设/供水/停水,,,,,housing,\n"
       "B3,370117,50,交通运输,,2020-01-01,2020-12-31,,housing,\n"
       "B4,370117,60,城乡建设/房屋,,,,,traffic,\n"
       "B5,370117,70,交通运输/道路,,,,,grid,\n"
       "B6,370117,80,没有的分类,,,,,water,\n")
EXPECTED = {"unknown_department": "B1", "shadowed": "B2", "expired": "B3", "contradictory": "B4",
            "grid_for_department_duty": "B5", "unknown_category": "B6"}
GRID = "370117001003001"


@pytest.fixture(scope="module")
def rules_cell():
    made = Cell()
    folder = made.folder / "reference"
    shutil.copytree(REFERENCE, folder)
    (folder / "dispatch_rule.csv").write_text(HEADER + GOOD + BAD, "utf-8")
    made.settings = {"routing": {"reference": folder}}
    try:
        yield made.start()
    finally:
        made.stop()


def rules(cell, **fields):
    return cell.call("operator", "Routing/Rules", R.RulesRequest(**fields))


def decided(cell, order_id):
    try:
        return cell.assignment(order_id).assignment
    except CallError as error:  # not there yet
        assert error.code == CODE.CODE_NOT_FOUND, error
        return None


def routed(cell, **fields):
    order_id = cell.push_accepted([order(**fields)])[0]
    return until(lambda: decided(cell, order_id), f"order {order_id} is decided")


def reload(cell, text):
    path = cell.folder / "reference/dispatch_rule.csv"
    path.write_text(text, "utf-8")
    cell.processes["routing"].send_signal(signal.SIGHUP)


def wangge(cell, *arguments):
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "WANGGE_CONFIG": str(cell.folder / "client.ini")}
    return subprocess.run([BUILD.resolve() / "ops/cli/wangge", *map(str, arguments)], capture_output=True, text=True,
                          encoding="utf-8", env=environment)


def proposal(cell, text):
    folder = cell.folder / "proposal"
    folder.mkdir(exist_ok=True)
    (folder / "dispatch_rule.csv").write_text(text, "utf-8")
    return folder


def test_findings_are_shown_logged_and_counted(rules_cell):
    answer = rules(rules_cell)
    found = {finding.kind: finding for finding in answer.findings}
    assert {kind: finding.rule_id for kind, finding in found.items() if finding.rule_id} == EXPECTED
    assert found["uncovered"].category == "交通运输/道路/破损"
    for kind, rule in EXPECTED.items():
        assert rule in found[kind].message
        assert rules_cell.metric("routing", "wangge_routing_rule_findings", kind=kind) == 1
        assert found[kind].message in rules_cell.log("routing")
    warnings = {kind for kind, finding in found.items() if finding.severity == proto.registry.SEVERITY_WARNING}
    assert warnings == {"expired", "uncovered"}
    assert [rule.id for rule in answer.rules] == ["T0", "T1", "T2", "B1", "B2", "B3", "B4", "B5", "B6"]
    assert list(answer.rules[0].assists) == ["housing", "traffic"]


def check(cell):
    return subprocess.run([cell.binary("routing"), "--config", cell.folder / "wangge.ini", "--check"],
                          capture_output=True, text=True)


def test_start_check_reports_the_same_and_fails(rules_cell):
    done = check(rules_cell)
    for rule in EXPECTED.values():
        assert f'"rule":"{rule}"' in done.stderr, done.stderr
    assert done.returncode == 1
    assert "0 broken rules and 1 unknown departments" in done.stderr, done.stderr


@pytest.mark.parametrize("kind", EXPECTED)
def test_start_check_fails_for_what_changes_decisions(rules_cell, kind):
    path = rules_cell.folder / "reference/dispatch_rule.csv"  # the running service reads it again only when told to
    before = path.read_text("utf-8")
    try:
        line = next(line for line in BAD.splitlines() if line.startswith(EXPECTED[kind]))
        path.write_text(HEADER + GOOD + line + "\n", "utf-8")
        done = check(rules_cell)
    finally:
        path.write_text(before, "utf-8")
    assert f'"kind":"{kind}"' in done.stderr, done.stderr
    assert done.returncode == (kind == "unknown_department"), done.stderr


def test_help_tells_the_exit_codes_of_check(rules_cell):
    done = subprocess.run([rules_cell.binary("routing"), "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "0 when the service can run as it is meant to, 1 when something has to be mended" in text


def test_a_rule_of_an_unknown_department_sends_to_the_desk(rules_cell):
    assignment = routed(rules_cell, category=NOBODY)
    assert assignment.state == R.ASSIGNMENT_STATE_DESK and assignment.rule_id == "B1"
    assert "abolished" in assignment.evidence


def test_a_departments_duty_never_goes_to_a_grid(rules_cell):
    assignment = routed(rules_cell, category=TRAFFIC, grid_code=GRID)
    assert assignment.state == R.ASSIGNMENT_STATE_DESK
    assert "B5" in assignment.evidence and "国办函〔2025〕66号" in assignment.evidence


def test_those_who_assist_are_told(rules_cell):
    assignment = routed(rules_cell, category=WATER, urgency=proto.common.URGENCY_EXTRA_URGENT)
    assert (assignment.department, assignment.rule_id) == ("water", "T0")
    assert {leg.department: leg.role for leg in assignment.legs} == {
        "water": R.LEG_ROLE_LEAD, "housing": R.LEG_ROLE_ASSIST, "traffic": R.LEG_ROLE_ASSIST}


def test_an_order_is_explained(rules_cell):
    assignment = routed(rules_cell, category=WATER)
    said = rules_cell.call("dispatcher", "Routing/Explain", R.ExplainRequest(order_id=assignment.order_id))
    assert (said.decided_rule, said.decided_lead, said.rule_id, said.lead) == ("T1", "water", "T1", "water")
    assert said.decided_version == said.version == assignment.rule_version
    assert said.department_duty
    assert [(entry.rule_id, entry.verdict, entry.condition) for entry in said.trace] == [
        ("T0", R.RULE_VERDICT_FAILS, "urgency"), ("T1", R.RULE_VERDICT_DECIDES, "")]
    assert "特急" in said.trace[0].text
    for caller, code in (("hotline-12345", CODE.CODE_PERMISSION_DENIED), ("water", CODE.CODE_PERMISSION_DENIED)):
        with pytest.raises(CallError) as refused:
            rules_cell.call(caller, "Routing/Explain", R.ExplainRequest(order_id=assignment.order_id))
        assert refused.value.code == code
    with pytest.raises(CallError) as refused:
        rules_cell.call("dispatcher", "Routing/Explain", R.ExplainRequest(order_id=10**12))
    assert refused.value.code == CODE.CODE_NOT_FOUND


def test_reload_changes_decisions_and_a_failed_one_does_not(rules_cell):
    before = rules(rules_cell).version
    refused = rules_cell.metric("routing", "wangge_reference_refused_total")
    reload(rules_cell, "no,header\n")
    until(lambda: rules_cell.metric("routing", "wangge_reference_refused_total") == refused + 1, "it is refused")
    reload(rules_cell, HEADER + "N1,370117,1,,,2026-02-30,,,water,\n")
    until(lambda: rules_cell.metric("routing", "wangge_reference_refused_total") == refused + 2, "it is refused")
    assert rules(rules_cell).version == before
    assert routed(rules_cell, category=WATER).department == "water"
    reload(rules_cell, HEADER + "N1,370117,0,城乡建设/供水,,,,,traffic,\n" + GOOD)
    until(lambda: rules(rules_cell).version != before, "the new catalogue is in force")
    assignment = routed(rules_cell, category=WATER)
    assert (assignment.department, assignment.rule_id) == ("traffic", "N1")
    assert assignment.rule_version == rules(rules_cell).version
    assert {rule.id: rule.hits for rule in rules(rules_cell).rules}["N1"] == 1


def test_the_reference_catalogue_of_the_tests_is_sound(cell):
    answer = rules(cell)
    assert [finding.kind for finding in answer.findings] == ["uncovered"], REFERENCE
    for category, department in ((WATER, "water"), (HOUSING, "housing"), (TRAFFIC, "traffic"), (NOBODY, "")):
        assert routed(cell, category=category).department == department


# --- a catalogue that is proposed ---
def test_a_new_catalogue_is_tried_on_past_orders(rules_cell):
    since = now_us()
    orders = [routed(rules_cell, category=category) for category in (WATER, WATER, HOUSING, NOBODY) for _ in range(3)]
    old = {one.order_id: one.department for one in orders}
    records = []
    for n, (category, lead) in enumerate((("城乡建设/供水", "housing"), ("", "traffic"))):
        record = proto.registry.Record(district="370117", code=f"P{n}")
        record.dispatch_rule.MergeFrom(proto.registry.DispatchRule(rank=n, category_prefix=category, lead=lead))
        records.append(record)
    changed, token, looked_at, pages = {}, "", 0, 0
    while True:
        page = rules_cell.call("operator", "Routing/ReplayRules", R.ReplayRulesRequest(
            since=since, records=records, limit=5, page_token=token))
        changed.update({one.order_id: one for one in page.changed})
        looked_at, pages, token = looked_at + page.looked_at, pages + 1, page.next_page_token
        if not token:
            break
    assert looked_at == len(orders) and pages == 3
    assert {number: one.old_lead for number, one in changed.items()} == old, "all go elsewhere"
    assert {one.new_lead for one in changed.values() if one.category == WATER} == {"housing"}
    assert {one.new_lead for one in changed.values() if one.category != WATER} == {"traffic"}
    assert routed(rules_cell, category=HOUSING).department == "housing", "nothing came into force"


def test_other_assisting_units_are_a_change(rules_cell):
    """The lead stays: whoever assists, or assists no more, is told; units that do not exist assist nobody."""
    reload(rules_cell, HEADER + GOOD)
    until(lambda: len(rules(rules_cell).rules) == 3, "three rules")
    since = now_us()
    urgent = routed(rules_cell, category=WATER, urgency=proto.common.URGENCY_EXTRA_URGENT)
    plain = routed(rules_cell, category=WATER)

    def replay(assists):
        record = proto.registry.Record(district="370117", code="P")
        record.dispatch_rule.MergeFrom(proto.registry.DispatchRule(rank=1, lead="water", assists=assists))
        page = rules_cell.call("operator", "Routing/ReplayRules", R.ReplayRulesRequest(since=since, records=[record]))
        return {one.order_id: (list(one.old_assists), list(one.new_assists)) for one in page.changed
                if one.order_id in (urgent.order_id, plain.order_id)}
    both = ["housing", "traffic"]
    assert replay([]) == {urgent.order_id: (both, [])}
    assert replay(["traffic", "housing"]) == {plain.order_id: ([], both)}, "in another order they are the same units"
    assert replay(["traffic", "nosuch"]) == {urgent.order_id: (both, ["traffic"]), plain.order_id: ([], ["traffic"])}


# --- every condition ---
CONDITIONS = "code,district,rank,category_prefix,area,place_text,channel,kind,urgency,source,valid_from,valid_to,from_minute,to_minute,parcel_ownership,lead\n"


def test_every_condition_meets_real_orders(rules_cell):
    local = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
    minute = local.hour * 60 + local.minute
    around, elsewhere = ((minute + 1440 + n) % 1440 for n in (-60, 60)), ((minute + n) % 1440 for n in (120, 180))
    given = {  # one condition each; those that end in X are never met
        "MX": {"category_prefix": TRAFFIC, "from_minute": next(elsewhere), "to_minute": next(elsewhere)},
        "M": {"category_prefix": TRAFFIC, "from_minute": next(around), "to_minute": next(around)},
        "DX": {"category_prefix": HOUSING, "valid_from": "2020-01-01", "valid_to": "2020-12-31"},
        "D": {"category_prefix": HOUSING, "valid_from": "2020-01-01", "valid_to": "2099-12-31"},
        "A": {"area": GRID[:12]}, "T": {"place_text": "集贸市场"}, "C": {"channel": "questionnaire"}, "K": {"kind": "suggestion"},
        "U": {"urgency": "urgent"}, "S": {"source": "patrol"}, "P": {"parcel_ownership": "state"},
        "P2": {"parcel_ownership": "collective"}, "REST": {}}
    names = CONDITIONS.strip().split(",")
    reload(rules_cell, CONDITIONS + "".join(",".join(str({"code": code, "district": "370117", "rank": rank, "lead": "water", **row}.get(
        name, "")) for name in names) + "\n" for rank, (code, row) in enumerate(given.items(), 1)))
    until(lambda: len(rules(rules_cell).rules) == len(given), "the catalogue with every condition")
    C = proto.common
    met = {"M": {"category": TRAFFIC}, "D": {"category": HOUSING}, "A": {"grid_code": GRID, "position": None},
           "T": {"address": "钢城区北集贸市场东门"}, "C": {"channel": C.CHANNEL_QUESTIONNAIRE}, "K": {"kind": C.ORDER_KIND_SUGGESTION},
           "U": {"urgency": C.URGENCY_URGENT}, "P": {"parcel_ownership": "state"}, "P2": {"parcel_ownership": "collective"}, "REST": {}}
    assert {code: routed(rules_cell, **{"category": NOBODY, **fields}).rule_id for code, fields in met.items()} == {code: code for code in met}
    # The source, and an order of which several conditions are met: the first rule decides, and the trace tells why not the others.
    order_id, = rules_cell.push_accepted([order(category=NOBODY, parcel_ownership="state")], "patrol")
    assert until(lambda: decided(rules_cell, order_id), "it is decided").rule_id == "S"
    trace = wangge(rules_cell, "explain", order_id).stdout
    for word in ("渠道应为网上问卷", "紧急程度应为紧急"):
        assert word in trace, trace
    lone = routed(rules_cell, category=NOBODY).order_id
    assert "地块权属应为国有，实为未知" in wangge(rules_cell, "explain", lone).stdout


# --- the command ---
def test_the_command_lists_and_checks(rules_cell):
    reload(rules_cell, HEADER + GOOD)
    until(lambda: len(rules(rules_cell).rules) == 3, "three rules")
    done = wangge(rules_cell, "rules", "list", "--district", "370117")
    assert done.returncode == 0, done.stderr
    assert "T0" in done.stdout and "特急" in done.stdout and "housing traffic" in done.stdout
    done = wangge(rules_cell, "rules", "check")
    assert done.returncode == 0 and "uncovered" in done.stdout, (done.stdout, done.stderr)
    done = wangge(rules_cell, "rules", "check", "--file", proposal(rules_cell, HEADER + GOOD + BAD), "--json")
    assert done.returncode == 1, done.stderr
    *found, summary = map(json.loads, done.stdout.splitlines())
    assert {one["kind"]: one["ruleId"] for one in found if "ruleId" in one} == EXPECTED
    assert summary["errors"] == 5 and summary["warnings"] == len(found) - 5
    assert len(rules(rules_cell).rules) == 3, "nothing came into force"


@pytest.mark.parametrize("text,said", [
    ("no,header\n", "no"), (HEADER + "N1,370117,1,,,2026-02-30,,,water,\n", "dispatch_rule.csv:2"), (HEADER, ""),
])
def test_the_command_refuses_files_that_are_wrong(rules_cell, text, said):
    done = wangge(rules_cell, "rules", "check", "--file", proposal(rules_cell, text))
    assert (done.returncode != 0) == bool(said) and said in done.stdout + done.stderr, (done.stdout, done.stderr)


def test_the_command_explains_and_replays(rules_cell):
    since = now_us()
    assignment = routed(rules_cell, category=WATER, grid_code=GRID)
    done = wangge(rules_cell, "explain", assignment.order_id)
    assert done.returncode == 0, done.stderr
    for word in (GRID, WATER, "T1", assignment.rule_version, "紧急程度应为特急", "应由职能部门办理"):
        assert word in done.stdout, done.stdout
    assert json.loads(wangge(rules_cell, "explain", assignment.order_id, "--json").stdout)["lead"] == "water"
    assert wangge(rules_cell, "explain", 10**12).returncode == 1
    assert wangge(rules_cell, "explain", "x").returncode == 2
    folder = proposal(rules_cell, HEADER + "P1,370117,1,,,,,,housing,\n")
    start = f"{since // 1_000_000}"
    assert wangge(rules_cell, "rules", "replay", "--file", folder).returncode == 2, "since when?"
    assert wangge(rules_cell, "rules", "replay", "--since", "yesterday").returncode == 2
    when = subprocess.run(["date", "-u", "-d", f"@{start}", "+%Y-%m-%dT%H:%M:%SZ"], capture_output=True, text=True).stdout.strip()
    done = wangge(rules_cell, "rules", "replay", "--since", when, "--file", folder, "--json")
    *changed, summary = map(json.loads, done.stdout.splitlines())
    mine = [one for one in changed if one["orderId"] == str(assignment.order_id)]
    assert [(one["oldLead"], one["newLead"], one["newRule"]) for one in mine] == [("water", "housing", "P1")]
    assert summary["changed"] == len(changed) and summary["version"].startswith("1-")
    done = wangge(rules_cell, "rules", "replay", "--since", when, "--file", folder)
    assert done.returncode == 0 and "water" in done.stdout and "housing" in done.stdout, done.stderr
    # The catalogue in force decides it as it did; orders of the same second may have been decided by another one.
    done = wangge(rules_cell, "rules", "replay", "--since", when, "--json")
    *changed, summary = map(json.loads, done.stdout.splitlines())
    assert str(assignment.order_id) not in [one["orderId"] for one in changed] and summary["changed"] == len(changed)
    assert "件会派给别的单位" in wangge(rules_cell, "rules", "replay", "--since", when).stdout
