"""The database crashes, is away, or commits without saying so: effects stay exactly once."""
import random
import signal
import time

import pytest

from harness.cell import SERVICES, Cell
from harness.cut import CuttingProxy
from harness.load import DEPARTMENTS, Department, Pusher, finish, under_load, verify
from harness.wait import until


def test_crash_of_the_database_under_load(own_cell, seconds):
    cell, chance = own_cell, random.Random(2)
    pushers, departments = under_load(cell)
    end = time.monotonic() + seconds
    crashes = 0
    while time.monotonic() < end or crashes < 2:
        before = sum(len(p.ids) for p in pushers)
        until(lambda: sum(len(p.ids) for p in pushers) > before + 80, "orders flow")
        cell.postgres.stop(signal.SIGQUIT)  # as pg_ctl stop -m immediate
        crashes += 1
        time.sleep(chance.uniform(0, 1.5))
        cell.postgres.start()
    finish(cell, pushers, departments)


def test_one_backend_killed_under_load(own_cell):
    """Every connection of a service is cut by the administrator; other services do not notice."""
    cell = own_cell
    pushers, departments = under_load(cell)
    for role in ("wangge_intake", "wangge_routing", "wangge_tracking") * 2:
        before = sum(len(p.ids) for p in pushers)
        until(lambda: sum(len(p.ids) for p in pushers) > before + 80, "orders flow")
        cell.postgres.query(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'")
    finish(cell, pushers, departments)


@pytest.fixture
def cut_cell():
    """A cell whose services reach PostgreSQL through proxies that can lose answers."""
    cell = Cell()
    proxies = {}
    try:
        for service in SERVICES:
            folder = cell.folder / f"cut-{service}"
            cell.settings[service] = {"database": f"host={folder} dbname=wangge user=wangge_{service}"}
        cell.create()
        for service in SERVICES:
            proxies[service] = CuttingProxy(cell.folder / f"cut-{service}", cell.postgres.folder)
            cell.start_service(service)
        for service in SERVICES:
            cell.wait_ready(service)
        yield cell, proxies
    finally:
        for proxy in proxies.values():
            proxy.close()
        cell.stop()


def test_reply_to_commit_lost(cut_cell):
    cell, proxies = cut_cell
    pushers, departments = under_load(cell)
    for turn in range(4):
        for service, proxy in proxies.items():
            before, cuts = sum(len(p.ids) for p in pushers), proxy.cuts
            proxy.armed.set()
            until(lambda: proxy.cuts > cuts, f"an answer to {service} was lost")
            until(lambda: sum(len(p.ids) for p in pushers) > before + 80, f"orders flow after {service} lost an answer")
    assert sum(proxy.cuts for proxy in proxies.values()) >= 12
    finish(cell, pushers, departments)


def test_away_for_long_is_told_and_recovered_from(own_cell):
    cell = own_cell
    cell.postgres.stop()
    for service in SERVICES:
        cell.wait_http(service, "/readyz", 503)
        assert cell.http(service, "/livez")[0] == 200, "it lives, it only cannot work"
    pusher, departments = Pusher(cell), [Department(cell, name) for name in DEPARTMENTS]
    pusher.start()
    cell.postgres.start()
    for department in departments:
        department.start()
    until(lambda: len(pusher.ids) > 200, "orders flow")
    for service in SERVICES:
        cell.wait_ready(service)
    pusher.finish(240)
    verify(cell, [pusher], departments)
