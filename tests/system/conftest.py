"""Fixtures of the system tests; cells come from tests/conftest.py."""
import pytest

from harness.orders import WATER, order


@pytest.fixture
def water_order(cell):
    """The id of an order that the water department has been given and tracking knows."""
    from harness import proto

    order_id = cell.push_accepted([order(category=WATER)])[0]
    cell.wait_case(order_id, proto.tracking.CASE_STATE_DISPATCHED)
    return order_id
