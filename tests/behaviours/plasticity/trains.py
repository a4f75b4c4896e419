"""What the tests of all rules share: spike trains by a table, and a synapse group between them."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import sparse

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup

DT = 0.5  # ms
FORMS = {"fortran": partial(np.array, order="F"), "C": np.array, "csc": sparse.csc_array}  # each makes a copy


class Trains(Behaviour):
    """Fires as a table (iterations, neurons) says."""

    table: object

    def iteration(self, neurons):
        neurons.spike = self.table[neurons.iteration - 1]


def trains(n_iterations, n, seed, rate=0.08):
    """Random spikes (iterations, neurons)."""
    return np.random.default_rng(seed).random((n_iterations, n)) < rate


def connected(initial, pre, post, same=False, dt=DT):
    """A synapse group with W = `initial` between neurons that fire as `pre` and `post` (iterations, neurons) say."""
    net = Network(dt=dt)
    source = NeuronGroup(net, size=pre.shape[1], tag="source", behaviour={1: Trains(table=pre)})
    target = source if same else NeuronGroup(net, size=post.shape[1], tag="target", behaviour={1: Trains(table=post)})
    synapses = SynapseGroup(net, source, target, tag="plastic")
    synapses.W = initial
    return synapses


def simulate(rule, initial, pre, post, same=False):
    """The weights that a rule leaves, as a dense array."""
    synapses = connected(initial, pre, post, same)
    synapses.add_behaviour(2, rule)
    synapses.network.simulate(len(pre))
    assert synapses.W is initial
    return dense(synapses.W)


def dense(matrix):
    """A dense array of whatever a matrix is."""
    return matrix.toarray() if sparse.issparse(matrix) else np.asarray(matrix)
