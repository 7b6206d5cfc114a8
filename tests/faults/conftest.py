"""Fixtures of the fault tests; cells come from tests/conftest.py."""
import os

import pytest

SOAK = bool(os.environ.get("WANGGE_SOAK"))


@pytest.fixture
def seconds():
    """How long faults go on under load: short in every run, long with ops/test --soak."""
    return 60 if SOAK else 12
