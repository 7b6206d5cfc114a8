"""The rule table: what is wrong with it is said and never switched off silently; a reload that fails changes nothing."""
import signal
import subprocess

import pytest

from harness import proto
from harness.cell import REFERENCE, Cell
from harness.orders import HOUSING, NOBODY, TRAFFIC, WATER, order
from harness.wait import until

R = proto.routing
HEADER = "id,category_prefix,district,area,source,valid_from,valid_to,department,note\n"
GOOD = "T1,城乡建设/供水,,,,,,water,\nT2,城乡建设/房屋,,,,,,housing,\n"
BAD = ["B1,其他,,,,,,abolished,\n",             # line 4: unknown department
       "B2,城乡建设/供水/停水,,,,,,housing,\n",  # line 5: shadowed
       "B3,城乡建设/供热,,,,2020-01-01,2020-12-31,housing,\n",  # line 6: expired
       "B4,,37,,,,,water,\n"]                  # line 7: broken


@pytest.fixture(scope="module")
def rules_cell():
    made = Cell()
    made.settings = {"routing": {"rules": made.folder / "rules.csv"}}
    (made.folder / "rules.csv").write_text(HEADER + GOOD + "".join(BAD))
    try:
        yield made.start()
    finally:
        made.stop()


def rules(cell):
    return cell.call("operator", "Routing/Rules", R.RulesRequest())


def routed(cell, **fields):
    order_id = cell.push_accepted([order(**fields)])[0]

    def found():
        try:
            return cell.assignment(order_id).assignment
        except Exception:  # not there yet
            return None
    return until(found, f"order {order_id} is decided")


def reload(cell, text):
    path = cell.folder / "rules.csv"
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    cell.processes["routing"].send_signal(signal.SIGHUP)


def test_findings_are_shown_logged_and_counted(rules_cell):
    answer = rules(rules_cell)
    found = {finding.kind: finding for finding in answer.findings}
    assert {kind: finding.rule_id for kind, finding in found.items()} == {
        "unknown_department": "B1", "shadowed": "B2", "expired": "B3", "broken": "B4"}
    for kind, line in {"unknown_department": 4, "shadowed": 5, "expired": 6, "broken": 7}.items():
        assert f"line {line}:" in found[kind].message
        assert rules_cell.metric("routing", "wangge_routing_rule_findings", kind=kind) == 1
        assert f'"line":{line}' in rules_cell.log("routing")
    assert [rule.id for rule in answer.rules] == ["T1", "T2", "B1", "B2", "B3"], "the broken one alone is not in force"


def check(cell):
    return subprocess.run([cell.binary("routing"), "--config", cell.folder / "wangge.ini", "--check"],
                          capture_output=True, text=True)


def test_check_reports_the_same_and_fails(rules_cell):
    done = check(rules_cell)
    for line in (4, 5, 6, 7):
        assert f'"line":{line}' in done.stderr, done.stderr
    assert done.returncode == 1
    assert "1 broken lines and 1 rules of unknown departments" in done.stderr, done.stderr


@pytest.mark.parametrize("kind, lines, code", [
    ("unknown_department", BAD[0:1], 1), ("shadowed", BAD[1:2], 0), ("expired", BAD[2:3], 0), ("broken", BAD[3:4], 1)])
def test_check_fails_for_what_changes_decisions(rules_cell, kind, lines, code):
    path = rules_cell.folder / "rules.csv"  # the running service reads it again only when told to
    before = path.read_text()
    try:
        path.write_text(HEADER + GOOD + "".join(lines))
        done = check(rules_cell)
    finally:
        path.write_text(before)
    assert f'"kind":"{kind}"' in done.stderr, done.stderr
    assert done.returncode == code, done.stderr


def test_help_tells_the_exit_codes_of_check(rules_cell):
    done = subprocess.run([rules_cell.binary("routing"), "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "0 when the service can run as it is meant to, 1 when something has to be mended" in text


def test_a_rule_of_an_unknown_department_sends_to_the_desk(rules_cell):
    assignment = routed(rules_cell, category=NOBODY)
    assert assignment.state == R.ASSIGNMENT_STATE_DESK and assignment.rule_id == "B1"
    assert "abolished" in assignment.evidence


def test_reload_changes_decisions_and_a_failed_one_does_not(rules_cell):
    before = rules(rules_cell).version
    reload(rules_cell, None)
    until(lambda: rules_cell.metric("routing", "wangge_routing_reload_failures_total") == 1, "the reload is refused")
    reload(rules_cell, "no,header\n")
    until(lambda: rules_cell.metric("routing", "wangge_routing_reload_failures_total") == 2, "the reload is refused")
    assert rules(rules_cell).version == before
    assert routed(rules_cell, category=WATER).department == "water"
    reload(rules_cell, HEADER + "N1,城乡建设/供水,,,,,,traffic,\n" + GOOD)
    until(lambda: rules(rules_cell).version != before, "the new table is in force")
    assignment = routed(rules_cell, category=WATER)
    assert (assignment.department, assignment.rule_id) == ("traffic", "N1")
    assert assignment.rule_version == rules(rules_cell).version
    assert {rule.id: rule.hits for rule in rules(rules_cell).rules}["N1"] == 1


def test_the_reference_table_of_the_tests_is_sound(cell):
    answer = rules(cell)
    assert not answer.findings and len(answer.rules) >= 3, REFERENCE
    for category, department in ((WATER, "water"), (HOUSING, "housing"), (TRAFFIC, "traffic"), (NOBODY, "")):
        assert routed(cell, category=category).department == department
