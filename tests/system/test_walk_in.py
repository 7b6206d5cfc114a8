"""Walk-ins at a station (驿站来访) and what a message group hands over: who may, what place it gets, what the resident sees."""
import json
import shutil

import pytest

from harness import loop, proto
from harness.cell import REFERENCE, Cell
from harness.command import complaint, wangge
from harness.orders import HOUSING, WATER, order
from harness.proto import CODE

C, I, R, T = proto.common, proto.intake, proto.routing, proto.tracking
D, COMMUNITY, GRID, ACROSS = "370117", "370117001001", "370117001001001", "370117001002001"
FILES = {
    "street.csv": "code,district,name\n370117001,370117,艾山街道\n",
    "community.csv": f"code,district,name,kind\n{COMMUNITY},370117,钢都社区,residential\n"
                     f"{ACROSS[:12]},370117,汶河社区,residential\n",
    "grid.csv": "code,district,name,kind,households\n" + "".join(
        f"{code},370117,第{code[-1]}网格,basic,400\n" for code in (GRID, f"{COMMUNITY}002", ACROSS)),
    "building.csv": f"code,district,grid,name,estate,address,households\nB1,370117,{ACROSS},汶水人家3号楼,汶水人家,,40\n",
    "station.csv": f"code,district,name,grids\nS01,370117,一站,{GRID}|{COMMUNITY}002\nS02,370117,二站,{ACROSS}\n",
    "message_group.csv": f"code,district,name,grid,members\nG01,370117,幸福网格群,{GRID},300\n",
}


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    folder.chmod(0o755)
    shutil.copytree(REFERENCE, folder, dirs_exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    with (folder / "district.csv").open("a", encoding="utf-8") as file:
        file.write("131102,131102,桃城区,115.38,115.92,37.58,37.92\n")
    made = Cell(settings={name: {"reference": folder} for name in ("intake", "routing", "tracking")})
    walk_in = {"roles": "source", "channel": "station_walk_in"}
    made.principals |= {
        "station-s01": walk_in | {"districts": D, "origins": "S01"},
        "station-s02": walk_in | {"districts": D, "origins": "S02"},
        "stations": walk_in,  # the centre, which hands over for all of them
        "group-g01": {"roles": "source", "channel": "wechat_group", "origins": "G01"}}
    try:
        yield made.start()
    finally:
        made.stop()


def said(**fields):
    """What a resident says who comes in: neither a position nor an address but what is given here."""
    return order(**{"channel": 0, "position": None, "address": "", "title": "停水", "text": "家里停水了",
                    "reporter": I.Reporter(name="示例·张女士", phone="10000000001")} | fields)


def handed_over(cell, source, **fields):
    order_id, = cell.push_accepted([said(**fields)], source)
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    return order_id


def refused(cell, source, **fields):
    result, = cell.push([said(**fields)], source)
    assert result.outcome == I.PUSH_OUTCOME_REJECTED and not result.order_id
    return CODE.Name(result.error.code), result.error.field, result.error.message


def test_a_resident_walks_in_and_hears_of_the_result(cell):
    order_id = handed_over(cell, "station-s01")
    got = cell.call("station-s01", "Intake/Get", I.GetOrderRequest(order_id=order_id)).order
    assert (got.channel, got.origin, got.origin_area) == (C.CHANNEL_STATION_WALK_IN, "S01", COMMUNITY)
    place = cell.assignment(order_id).assignment.place
    assert (place.how, place.community, place.grid_code, list(place.flags)) == ("origin", COMMUNITY, "", ["no_grid"])
    assert "驿站" in place.evidence
    for person, principal, method, request in (
            ("1", "water", "Tracking/Contact", loop.contact(order_id)), ("1", "water", "Tracking/Resolve", loop.resolve(order_id)),
            ("2", "dispatcher", "Tracking/Review", loop.review(order_id)),
            ("3", "dispatcher", "Tracking/FollowUp", loop.follow_up(order_id))):
        if method.endswith("Contact"):
            cell.call("water", "Routing/Accept", R.AcceptRequest(order_id=order_id))
            cell.wait_case(order_id, T.CASE_STATE_HANDLING)
        request.acting_person = person
        cell.call(principal, method, request)
    # The keeper shows the resident at the desk, and the resident's own notice says the same.
    case = cell.case(order_id, "station-s01").case
    assert case.state == T.CASE_STATE_CLOSED and case.feedback.public_reply == "您好，管道已修复。"
    with cell.follow("operator", "tracking.notices", start=proto.stream.START_EARLIEST) as follower:
        told = follower.find(lambda got: got.message.order_id == order_id and got.message.text == case.feedback.public_reply,
                             "the resident is told the result").message
    assert told.audience == T.CASE_NOTICE_AUDIENCE_RESIDENT


def test_a_station_of_one_grid_gives_that_grid(cell):
    place = cell.assignment(handed_over(cell, "station-s02")).assignment.place
    assert (place.how, place.grid_code, list(place.flags)) == ("origin", ACROSS, [])


@pytest.mark.parametrize("fields, how", [
    ({"grid_code": f"{COMMUNITY}002"}, "grid_code"), ({"address": "汶水人家3号楼"}, "address"), ({"text": "汶水人家3号楼停水了"}, "text")])
def test_what_the_resident_says_of_the_place_goes_before_where_it_was_said(cell, fields, how):
    place = cell.assignment(handed_over(cell, "station-s01", **fields)).assignment.place
    assert place.how == how and place.grid_code == (ACROSS if how != "grid_code" else f"{COMMUNITY}002")


def test_a_group_hands_over_once(cell):
    message = said(external_id="message-88213", text="群里说停水了")
    order_id, = cell.push_accepted([message], "group-g01")
    assert cell.push([message], "group-g01")[0].outcome == I.PUSH_OUTCOME_DUPLICATE
    cell.wait_case(order_id, T.CASE_STATE_DISPATCHED)
    got = cell.call("operator", "Intake/Get", I.GetOrderRequest(order_id=order_id)).order
    assert (got.channel, got.origin, got.origin_area) == (C.CHANNEL_WECHAT_GROUP, "G01", GRID)
    assert cell.assignment(order_id).assignment.place.grid_code == GRID
    listed = cell.call("operator", "Intake/List", I.ListOrdersRequest(district=D, source="group-g01")).orders
    assert [one.origin for one in listed] == ["G01"]


def test_only_who_keeps_the_station_hands_over_for_it(cell):
    for fields in ({"origin": "S02"}, {"origin": "S99"}, {"origin": "G01"}):  # foreign, unknown, no station
        code, field, message = refused(cell, "station-s01", **fields)
        assert (code, field) == ("CODE_PERMISSION_DENIED", "orders[0].origin") and "hands over for S01" in message
    assert refused(cell, "station-s01", channel=C.CHANNEL_HOTLINE_12345)[:2] == ("CODE_PERMISSION_DENIED", "orders[0].channel")
    assert refused(cell, "station-s01", district="131102")[:2] == ("CODE_PERMISSION_DENIED", "orders[0].district")
    # Who keeps no station names none, whatever channel it claims.
    code, field, message = refused(cell, "hotline-12345", origin="S01", channel=C.CHANNEL_PATROL_VISIT)
    assert (code, field) == ("CODE_INVALID_ARGUMENT", "orders[0].origin") and "STATION_WALK_IN" in message
    # A keeper sees what came through the own station, nothing of another's.
    order_id = handed_over(cell, "station-s01")
    with pytest.raises(Exception, match="no such order"):
        cell.call("station-s02", "Intake/Get", I.GetOrderRequest(order_id=order_id))


def test_a_centre_names_any_registered_station_of_the_district(cell):
    got = [cell.call("stations", "Intake/Get", I.GetOrderRequest(order_id=handed_over(cell, "stations", origin=code))).order.origin
           for code in ("S01", "S02", "")]
    assert got == ["S01", "S02", ""]
    code, field, message = refused(cell, "stations", origin="S99")
    assert (code, field) == ("CODE_INVALID_ARGUMENT", "orders[0].origin") and 'no station "S99"' in message
    assert "131102 has no station" in refused(cell, "stations", origin="S01", district="131102", category="")[2]


def test_neighbours_of_a_refused_walk_in_are_kept(cell):
    results = cell.push([said(), said(origin="S02"), said()], "station-s01")
    assert [one.outcome for one in results] == [I.PUSH_OUTCOME_ACCEPTED, I.PUSH_OUTCOME_REJECTED, I.PUSH_OUTCOME_ACCEPTED]


def test_of_what_is_confidential_departments_do_not_learn_who_handed_it_over(cell):
    order_id = handed_over(cell, "group-g01", confidential=True)
    assert cell.call("group-g01", "Intake/Get", I.GetOrderRequest(order_id=order_id)).order.origin == "G01"
    for principal in ("operator", "dispatcher"):
        assert not cell.call(principal, "Intake/Get", I.GetOrderRequest(order_id=order_id)).order.origin
    with cell.follow("operator", "routing.dispatch", start=proto.stream.START_EARLIEST) as follower:
        told = follower.find(lambda got: got.event.type.endswith("OrderDispatched") and got.message.order.order_id == order_id,
                             "the department is told").message
    assert told.order.text_held and not told.order.origin


def test_the_command_registers_for_the_keeper(cell):
    common = ("register", "--source", "station-s01", "--district", D, "--kind", "求助", "--text", "3号楼停水", "--category", HOUSING)
    made = json.loads(wangge(cell, *common, "--id", "visit-1", "--name", "示例·李", "--phone", "10000000002", "--json"))
    assert made["external_id"] == "visit-1" and not made["duplicate"]
    assert f"order {made['order_id']} (hand-" not in wangge(cell, *common)  # without a number each is an order of its own
    assert "origin" in complaint(cell, *common, "--origin", "S02", code=1)
    assert "--text is required" in complaint(cell, *common[:7], code=2)
    assert "kind" in complaint(cell, *common[:5], "--kind", "抱怨", "--text", "x", code=2)
    cell.wait_case(made["order_id"], T.CASE_STATE_DISPATCHED)
    shown = wangge(cell, "show", made["order_id"], "--as", "station-s01")
    assert f"S01, {COMMUNITY}" in shown and "按移交它的驿站的范围" in shown
