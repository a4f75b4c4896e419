"""``examples/two_kernels.py``: where its halves live does not change a spike. The run in full is in ``test_all.py``."""

from __future__ import annotations

import nest

from fusion.host import InProcess, Process


def spikes(module, hosts):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    with module.build(hosts) as net:
        net.run(60.0)
        return {group.tag: (group["spike.t", 0].tolist(), group["spike.i", 0].tolist()) for group in net.groups}


def test_a_half_in_this_process_fires_what_it_fires_in_a_child(example):
    module = example("two_kernels")
    fired = spikes(module, (Process(), Process()))
    assert all(len(times) > 100 for times, _ in fired.values())
    assert spikes(module, (InProcess(), Process())) == fired
