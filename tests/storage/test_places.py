"""Where recordings lie in the file, whatever groups are called."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder
from fusion.storage import Run


class Counts(Behaviour):
    def iteration(self, neurons):
        neurons.v = np.arange(2) + neurons.iteration
        neurons.spike = neurons.v == 3


@pytest.mark.parametrize("tag", [".", "..", "a.b", "a/b", "/", "a\nb", "a\0b", "\udc80", "測 x", "x" * 300])
def test_a_group_of_any_name_is_kept(tag, tmp_path):
    net = Network(dt=1.0, seed=1)
    for name in (tag, "_"):  # the second would lie where the first does
        recorders = {2: Recorder("v", "v/2"), 3: EventRecorder("spike", "v > 4")}
        NeuronGroup(net, size=2, tag=name, behaviour={1: Counts(), **recorders})
    net.keep(tmp_path / "run")
    net.simulate(5)
    run = Run(tmp_path / "run")
    assert run[tag, 0].tag == tag
    for text in ("v", "v/2", "spike", "v > 4"):
        for k in range(2):
            np.testing.assert_array_equal(run[text, k], net[text, k])
