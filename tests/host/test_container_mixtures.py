"""One network, one of its populations in a container: the same bits as in process."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from host.rings import assert_same, nest_cells

from fusion.host import Container, InProcess, Process
from fusion.host.container import IMAGE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nest") is None, reason="there is no NEST here to compare with"),
]


def test_a_network_does_the_same_with_one_of_its_populations_in_a_container(works_or_skip):
    works_or_skip("docker", "image", "inspect", IMAGE)
    mixed = [InProcess(), Process(), Container()]
    assert_same((nest_cells, "V_m", 60.0), [None] * 3, mixed, mixed[1:] + mixed[:1])
