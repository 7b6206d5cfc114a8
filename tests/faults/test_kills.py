"""Killed at any moment, under load, nothing that was answered is lost, doubled or out of order."""
import random
import signal
import time

import pytest

from harness.cell import SERVICES
from harness.load import finish, under_load
from harness.wait import until


@pytest.mark.parametrize("seed", [1])
def test_services_killed_at_random(own_cell, seconds, seed):
    cell, chance = own_cell, random.Random(seed)
    pushers, departments = under_load(cell)
    end = time.monotonic() + seconds
    kills = 0
    while time.monotonic() < end:
        service = chance.choice(SERVICES)
        time.sleep(chance.uniform(0.1, 1.5))  # the moment of the kill is what is tried here
        cell.kill(service)
        kills += 1
        cell.start_service(service)
        if chance.random() < 0.7:
            cell.wait_http(service, "/livez", 200)
    count = finish(cell, pushers, departments)
    print(f"{kills} kills, {count} orders, {sum(p.repeats for p in pushers)} pushes repeated")
    assert kills >= 3 and count > 100


def test_all_killed_together(own_cell):
    cell = own_cell
    pushers, departments = under_load(cell)
    for _ in range(2):
        before = sum(len(p.ids) for p in pushers)
        until(lambda: sum(len(p.ids) for p in pushers) > before + 200, "orders flow")
        for service in SERVICES:
            cell.kill(service)
        for service in SERVICES:
            cell.start_service(service)
    assert finish(cell, pushers, departments) > 400


def test_stopped_politely_under_load(own_cell):
    cell = own_cell
    pushers, departments = under_load(cell)
    for service in SERVICES:
        before = sum(len(p.ids) for p in pushers)
        until(lambda: sum(len(p.ids) for p in pushers) > before + 100, "orders flow")
        cell.restart(service)
    finish(cell, pushers, departments)


def test_hung_service_holds_up_nobody_for_good(own_cell):
    """SIGSTOP is worse than a kill: the peer is there and says nothing."""
    cell = own_cell
    pushers, departments = under_load(cell)
    for service in ("tracking", "routing", "intake"):
        cell.processes[service].send_signal(signal.SIGSTOP)
        time.sleep(8)  # longer than heartbeats (6 s), so that peers have given it up
        cell.processes[service].send_signal(signal.SIGCONT)
        before = sum(len(p.ids) for p in pushers)
        until(lambda: sum(len(p.ids) for p in pushers) > before, f"orders flow after {service} hung")
    finish(cell, pushers, departments)


def test_hot_standby_takes_over_under_load(own_cell):
    """A second tracking beside the first: when the first is killed the work goes on, and the first comes back as standby."""
    cell = own_cell
    second = cell.second_instance("tracking")
    cell.wait_http(second, "/livez", 200)
    pushers, departments = under_load(cell)
    cell.kill("tracking")
    cell.wait_ready(second)
    cell.start_service("tracking")
    cell.wait_http("tracking", "/livez", 200)
    cell.kill(second)
    cell.wait_ready("tracking")
    finish(cell, pushers, departments)
