"""Valid orders to start from."""
import itertools
import time

from . import proto

DISTRICT = "370117"  # 钢城区, as in reference/district.csv
INSIDE = (117.81, 36.06)  # lon, lat inside it

# Categories of reference/category.csv and the department that reference/dispatch_rule.csv gives them; "" is the desk.
WATER, HOUSING, TRAFFIC, NOBODY = "城乡建设/供水", "城乡建设/房屋", "交通运输/道路", "其他"

_numbers = itertools.count(1)


def now_us():
    return int(time.time() * 1_000_000)


def order(external_id=None, category=WATER, **fields):
    """A complete, valid order; fields replace what it has."""
    values = {
        "external_id": f"T{time.time_ns()}-{next(_numbers)}" if external_id is None else external_id,
        "district": DISTRICT,
        "channel": proto.common.CHANNEL_HOTLINE_12345,
        "kind": proto.common.ORDER_KIND_COMPLAINT,
        "urgency": proto.common.URGENCY_NORMAL,
        "category": category,
        "title": "小区停水",
        "text": "艾山街道某小区自早上六点起停水，至今没有恢复，也没有通知。",
        "address": "钢城区艾山街道",
        "position": proto.common.Position(lon=INSIDE[0], lat=INSIDE[1]),
        "occurred_at": now_us() - 3600 * 1_000_000,
    }
    values.update(fields)
    return proto.intake.NewOrder(**values)


def orders(count, **fields):
    return [order(**fields) for _ in range(count)]
