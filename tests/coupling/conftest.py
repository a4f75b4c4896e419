"""Windows beside lockstep."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Network


@pytest.fixture
def in_windows():
    """``in_windows(build, 20, 30)``: recordings of two runs in the longest windows, after a comparison with lockstep.

    ``build(net)`` fills a network and gives the expressions to compare; ``between(net)`` is called between the runs.
    """

    def outcome(build, runs, between, window):
        net = Network(dt=0.1, seed=3, window=window)
        expressions = build(net)
        for count, iterations in enumerate(runs):
            if count:
                between(net)
            net.simulate(iterations)
        return net, {expression: net[expression, 0] for expression in expressions}

    def compared(build, *runs, between=lambda net: None, window=None):
        _, lockstep = outcome(build, runs, between, 1)
        net, windows = outcome(build, runs, between, window)
        assert net.wiring.windows is not None, net.wiring.reason
        for expression, rows in lockstep.items():
            np.testing.assert_array_equal(windows[expression], rows, f"{expression} in windows, and in lockstep")
            assert np.any(rows), f"{expression} shows nothing"
        return net

    return compared
