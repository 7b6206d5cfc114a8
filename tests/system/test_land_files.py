"""Papers and photos that records of a village's land name: intake keeps them before the write is accepted, past the grace period, and
gives them to those who keep that village's land and to nobody else."""
import pytest

from harness import proto
from harness.cell import ROOT, VILLAGE, Cell
from harness.client import CallError
from harness.clock import Clock
from harness.files import bring, get_kept
from harness.land import do, get, make_village, party, write
from harness.proto import CODE
from harness.year import picture

N, B, Y = proto.land_notice, proto.land_notice_records, proto.land_yard
YR = proto.land_yard_records
LAND = VILLAGE[:6]
SERVICES = ("intake", "land")


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    made = Cell(services=SERVICES)
    made.clock = Clock(tmp_path_factory.mktemp("clock") / "now", "2026-03-02 09:00")
    made.principals["land"] = {"roles": "service, source", "channel": "land"}
    made.principals["other-village"] = {"roles": "village", "areas": f"{int(VILLAGE) + 1}"}
    made.settings = {name: {"clock": made.clock.path, "reference": ROOT / "ops/demo/reference"} for name in SERVICES}
    made.settings["land"]["intake"] = made.endpoint("intake")
    try:
        made.start()
        make_village(made)
        party(made, "h-1", "演示户1")
        do(made, "LandYard/PutYardPlot", Y.PutYardPlotRequest(write=write(), id="plot-1", plot=YR.YardPlot(
            name="小菜园", household="h-1", use=YR.PLOT_USE_VEGETABLES, area_dm2=6000)))
        yield made
    finally:
        made.stop()


def paper(cell, seed, by="village"):
    return bring(cell, seed, by=by, district=LAND).sha256


def report(key=None, photos=()):
    return Y.ReportBreachRequest(write=write(key=key, person="网格员甲"), breach=YR.RuleBreach(
        kind=YR.BREACH_KIND_DUMP, text="门前堆放", plot="plot-1", photos=photos))


def draft(docs):
    return N.DraftNoticeRequest(write=write(), kind=B.NOTICE_KIND_SURVEY, title="名单公示", text="名单如下。", places=["村委会"],
                                subjects=[N.NoticeSubjectRef(kind="party", id="h-1")], days=9, docs=docs)


def refused(cell, method, request, by="village"):
    with pytest.raises(CallError) as caught:
        cell.call(by, method, request)
    return caught.value


def test_files_of_records_outlive_the_grace_period(cell):
    files = {name: paper(cell, name) for name in ("breach", "notice", "nobody's")}
    do(cell, "LandYard/ReportBreach", report(photos=[files["breach"]]))
    do(cell, "LandNotice/Draft", draft([files["notice"]]))
    unnamed = files["nobody's"]
    cell.clock.set("2026-03-05 10:00")
    cell.clock.until(lambda: cell.postgres.query(f"SELECT count(*) FROM intake.blob WHERE sha256 = '{unnamed}'") == [["0"]],
                     "what no record names is forgotten")
    for name in ("breach", "notice"):
        assert get_kept(cell, "village", "village", VILLAGE, files[name], district=LAND) == picture(name)


def test_what_was_not_brought_is_refused_by_its_field_and_nothing_is_written(cell):
    there = paper(cell, "there")
    before = cell.postgres.query("SELECT count(*) FROM land.ledger_entry")
    error = refused(cell, "LandYard/ReportBreach", report(photos=[there, "ab" * 32]))
    assert (error.code, error.field) == (CODE.CODE_INVALID_ARGUMENT, "breach.photos[1]") and "wangge attach put" in error.message
    assert refused(cell, "LandNotice/Draft", draft(["cd" * 32])).field == "docs[0]"
    assert refused(cell, "LandNotice/Draft", draft([paper(cell, "the town's", by="township")])).field == "docs[0]", "another brought it"
    assert cell.postgres.query("SELECT count(*) FROM land.ledger_entry") == before
    # what is no hash is told as ever
    assert refused(cell, "LandYard/ReportBreach", report(photos=["x"])).field == "breach.photos"


def test_while_intake_is_down_records_without_files_go_on(cell):
    photo = paper(cell, "down")
    cell.stop_service("intake")
    try:
        party(cell, "h-2", "演示户2")
        error = refused(cell, "LandYard/ReportBreach", report("down-1", [photo]))
        assert (error.code, error.field) == (CODE.CODE_UNAVAILABLE, "breach.photos[0]")
    finally:
        cell.start_service("intake")
        cell.wait_ready("intake")
    first = cell.call_when_there("village", "LandYard/ReportBreach", report("down-1", [photo]))
    again = cell.call("village", "LandYard/ReportBreach", report("down-1", [photo]))
    assert first.entry_seq == again.entry_seq >= 0, "said twice it is once"
    assert list(get(cell, "rule_breach", first.records[0].id).rule_breach.photos) == [photo]


def test_only_who_keeps_that_villages_land_gets_its_papers(cell):
    """A signed contract holds names and numbers that the records seal."""
    photo = paper(cell, "whose")
    do(cell, "LandYard/ReportBreach", report(photos=[photo]))
    for by in ("village", "township", "registrar"):
        assert get_kept(cell, by, "village", VILLAGE, photo, district=LAND) == picture("whose")
    for by in ("other-village", "dispatcher", "operator", "water", "hotline-12345", "gateway"):
        with pytest.raises(CallError) as caught:
            get_kept(cell, by, "village", VILLAGE, photo, district=LAND)
        assert caught.value.code == CODE.CODE_NOT_FOUND, by
    with pytest.raises(CallError):
        get_kept(cell, "other-village", "village", str(int(VILLAGE) + 1), photo, district=LAND)
