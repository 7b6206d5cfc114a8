"""The list of cases at millions of them: pages of any combination of filters, by deadline or with words."""
import random
import time

import cases
import machine
from bed import Bed
from harness import proto
from harness.client import CallError
from harness.proto import CODE
from harness.wait import until

T = proto.tracking
PAGES = 200
CALLS_MOST = 20  # for one page with words; a word and filters that hardly go together need more
STATES = (0, T.CASE_STATE_DISPATCHED, T.CASE_STATE_HANDLING, T.CASE_STATE_REVIEW, T.CASE_STATE_HELD, T.CASE_STATE_FOLLOW_UP,
          T.CASE_STATE_CLOSED, T.CASE_STATE_ARCHIVED)
DAY_US = 24 * 3600 * 1_000_000
BEGAN_US = 1_638_288_000 * 1_000_000  # 2021-12-01 in Shanghai


def _filters(chance):
    """Any combination: each filter is there or not."""
    some = {"district": cases.DISTRICT, "state": chance.choice(STATES)}
    if chance.random() < 0.5:
        some["department"] = chance.choice(cases.DEPARTMENTS)
    if chance.random() < 0.5:
        some["grid"] = chance.choice(cases.GRIDS)[:chance.choice((9, 12, 15))]
    if chance.random() < 0.5:
        some["category"] = "/".join(chance.choice(cases.CATEGORIES).split("/")[:chance.choice((1, 2, 3))])
    if chance.random() < 0.5:
        some["due_from"] = BEGAN_US + chance.randrange(cases.YEARS * 365) * DAY_US
        some["due_before"] = some["due_from"] + chance.choice((1, 7, 31, 365)) * DAY_US
    return some


def _words(chance):
    place, matter = chance.choice(cases.PLACES), chance.choice(cases.CATEGORIES).rpartition("/")[2]
    return chance.choice((place, matter, f"{place} {matter}", f"{place}{chance.randrange(1, 31)}号楼", matter[:2], "不存在的词"))


def _ask(client, chance, words):
    """(ms of the first call, ms and calls until the page is full, all is seen or it is enough, whether it was refused as too much,
    whether the first call gave a short page although more follows)."""
    request = T.ListCasesRequest(**_filters(chance), limit=50)
    if words:
        request.text = _words(chance)
    began, first, rows, calls, short = time.monotonic(), None, 0, 0, False
    while True:
        try:
            page = client.call("wangge.v1.Tracking/List", request)
        except CallError as error:
            if error.code != CODE.CODE_DEADLINE_EXCEEDED:
                raise
            return first or (time.monotonic() - began) * 1000, (time.monotonic() - began) * 1000, calls + 1, True, short
        calls += 1
        rows += len(page.cases)
        if calls == 1:
            first, short = (time.monotonic() - began) * 1000, rows < 50 and bool(page.next_page_token)
        if rows >= 50 or not page.next_page_token or calls == CALLS_MOST:
            return first, (time.monotonic() - began) * 1000, calls, False, short
        request.page_token, request.limit = page.next_page_token, 50 - rows


def _share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def lists(options, table):
    """Only when asked for: --orders says how many cases (10,000,000)."""
    count = options.orders(10_000_000)
    with Bed(options.build) as bed:
        bed.create()
        began = time.monotonic()
        cases.fill(bed.postgres, count)
        table.add("lists", f"{count:,} cases made by SQL", "s", time.monotonic() - began)
        began = time.monotonic()
        for service in ("intake", "routing", "tracking"):
            bed.start_service(service)
            bed.wait_ready(service)
        last = (count + 1) // 8192 - 1
        until(lambda: bed.postgres.query("SELECT coalesce(max(chunk), -1) FROM tracking.case_gram WHERE bucket = -1") == [[str(last)]],
              "grams of all full chunks are written", limit=3600)
        table.add("lists", "grams of all titles written by the service", "s", time.monotonic() - began)
        for name, size in bed.postgres.query(
                "SELECT relname, pg_relation_size(oid) / 1048576.0 FROM pg_class WHERE relname IN ('cases_queue', "
                "'cases_grid', 'cases_category', 'case_gram', 'cases') AND relnamespace = 'tracking'::regnamespace"):
            table.add("lists", f"size of {name}", "MiB", float(size))
        client = bed.client("dispatcher", "tracking")
        for words in (False, True):
            what = "with words" if words else "by deadline, any filters"
            chance = random.Random(17)
            for _ in range(50):
                _ask(client, chance, words)  # the connection's statements and the cache
            for _ in options.each_run():
                with machine.Watch(bed.roots()) as watch:
                    seen = [_ask(client, chance, words) for _ in range(PAGES)]
                table.add("lists", f"page of 50 {what}, p50", "ms", _share([one[0] for one in seen], 0.5), watch, PAGES)
                for name, part in (("p95", 0.95), ("p99", 0.99), ("most", 1)):
                    table.add("lists", f"page of 50 {what}, {name}", "ms", _share([one[0] for one in seen], part))
                table.add("lists", f"refused as too much, {what}", "pages", sum(one[3] for one in seen))
                table.add("lists", f"short although more follows, {what}", "%", sum(one[4] for one in seen) * 100 / PAGES)
                for name, part in (("p50", 0.5), ("p99", 0.99)):
                    table.add("lists", f"until full, all seen or {CALLS_MOST} calls, {what}, {name}", "ms", _share([one[1] for one in seen], part))
                table.add("lists", f"calls for that, {what}, most", "calls", max(one[2] for one in seen))
