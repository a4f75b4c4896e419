"""The adapters that this repository ships are there, and open; a missing one fails, it is never skipped."""

import pytest

from fusion.adapter import registry
from fusion.core.clock import Clock

SHIPPED = ["brian2", "nest", "tensorflow"]


def test_the_entry_points_list_every_adapter():
    assert sorted(registry.installed()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_adapter_is_there(name):
    adapter = registry.installed()[name]()
    assert adapter.name == name
    try:
        adapter.open(Clock(0.1), 1)
    finally:
        adapter.close()
