"""A slow, dead or hostile subscriber slows nobody else, and costs a bounded amount of memory."""
import time

import zmq

from harness import proto
from harness.client import CallError, Client
from harness.load import DEPARTMENTS, Department, Pusher, verify
from harness.orders import HOUSING, WATER, orders
from harness.proto import CODE
from harness.wait import until

MIB = 1 << 20


def resident(cell, service):
    with open(f"/proc/{cell.processes[service].pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def deaf_subscriber(cell, name, consumer):
    """Opens with the most credit and then never reads nor acknowledges."""
    client = Client(cell.context, cell.endpoint("routing"), cell.keys["routing"][0], cell.key(name))
    client.socket.setsockopt(zmq.RCVHWM, 1)
    request = proto.stream.Open(id=1, stream="routing.dispatch", consumer=consumer, topic=name, has_topic=True,
                                credit_bytes=16 * MIB, lease_ms=600_000)
    client.send(proto.stream.Envelope(open=request))
    return client


def test_deaf_subscribers_cost_little_and_slow_nobody(own_cell):
    cell = own_cell
    deaf = [deaf_subscriber(cell, "water", f"deaf{n}") for n in range(8)]
    pushers = [Pusher(cell, f"load{n}", batch=200, pause=0) for n in range(2)]
    departments = [Department(cell, name) for name in DEPARTMENTS]
    for thread in (*departments, *pushers):
        thread.start()
    until(lambda: sum(len(p.ids) for p in pushers) > 2000, "the load runs")
    before = resident(cell, "routing")
    start = sum(len(p.ids) for p in pushers)
    until(lambda: sum(len(p.ids) for p in pushers) > start + 8000, "8,000 more orders", 180)
    grown = resident(cell, "routing") - before
    for pusher in pushers:
        pusher.finish(240)
    verify(cell, pushers, departments)
    for client in deaf:
        client.close()
    assert grown < 48 * MIB, f"routing grew by {grown / MIB:.0f} MiB"


def test_flood_of_opens_is_survived(own_cell):
    """One key opens thousands of subscriptions and is held to its limit; the others go on."""
    cell = own_cell
    ids = cell.push_accepted(orders(50, category=HOUSING))
    with cell.connect("water", "routing") as hostile:
        for number in range(1, 3001):
            hostile.send(proto.stream.Envelope(open=proto.stream.Open(id=number, stream="routing.dispatch", topic="water",
                                                                      has_topic=True, start=proto.stream.START_EARLIEST)))
        with cell.follow("housing", "routing.dispatch", "calm", "housing") as follower:
            assert {d.message.order.order_id for d in follower.take(50)} == set(ids)
    cell.call("operator", "Ops/Info", proto.ops.InfoRequest(), "routing")


def test_flood_of_calls_is_answered_or_refused(own_cell):
    """A caller that sends without reading does not keep others from being answered."""
    cell = own_cell
    with cell.connect("operator", "tracking") as hostile:
        body = proto.tracking.ListCasesRequest(limit=1000).SerializeToString()
        end = time.monotonic() + 3
        while time.monotonic() < end:
            try:
                hostile.socket.setsockopt(zmq.SNDTIMEO, 50)
                hostile.start_call("wangge.v1.Tracking/List", body)
            except zmq.Again:
                break
        cell.call("dispatcher", "Ops/Info", proto.ops.InfoRequest(), "tracking")
        until(lambda: answered(cell), "a dispatcher who tries again is answered beside the flood")


def answered(cell):
    """False: refused because too many wait, which says to try again."""
    try:
        return cell.call("dispatcher", "Tracking/List", proto.tracking.ListCasesRequest()) is not None
    except CallError as error:
        assert error.code == CODE.CODE_RESOURCE_EXHAUSTED, error
        return False
