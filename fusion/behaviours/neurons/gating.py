"""`SynapticGating` and `ConductanceCurrent`: synapses whose channels open and close as the source's voltage says."""

from __future__ import annotations

import numpy as np

from fusion.behaviours.neurons.currents import check_before_model
from fusion.behaviours.neurons.model import prepare, typed
from fusion.behaviours.parameters import check_variables
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup


class SynapticGating(Behaviour):
    r"""The share of open channels of the synapses that a neuron makes, from its voltage.

    .. math:: \dot s = \alpha F(v) (1 - s) - \beta s, \qquad F(v) = \frac{1}{1 + e^{-(v - \theta) / \sigma}}

    The steps are exact for a voltage that is constant within them; it is that at the end of the step, so attach this to
    the source, under a key larger than the model's. The parameters are those of the paper for GABA-A. A link carries
    the share: ``SynapseGroup(net, source, target, signal="gate", weight=nS, into="conductance")``.

    Reads ``voltage`` (n,) mV, ``gate``. Writes ``gate`` (n,), 0 to 1.

    Raises
    ------
    Unsupported
        If the owner is no native neuron group.
    InvalidValue
        If `opening`, `closing` or `width` is not positive.
    UnknownVariable
        If the neurons have no ``voltage``.

    References
    ----------
    Wang, Buzsáki (1996), *J. Neurosci.* 16, 6402-6413, eqs. 3 and 4.
    """

    opening: float = 12.0  #: alpha, 1/ms
    closing: float = 0.1  #: beta, 1/ms
    threshold: float = 0.0  #: theta, mV
    width: float = 2.0  #: sigma, mV

    reads = ("voltage", "gate")
    writes = ("gate",)

    def initialize(self, owner: NeuronGroup) -> None:
        prepare(self, owner, ("opening", "closing", "width"))
        owner.set("gate", owner.vector())
        self._dt = typed(owner.network.dt, owner)

    def verify(self, owner: NeuronGroup) -> None:
        check_variables(owner, "voltage")

    def iteration(self, owner: NeuronGroup) -> None:
        """Open where the voltage is high, close everywhere."""
        # 1 / (1 + exp(-x)), which overflows nowhere in this form.
        released = 0.5 + 0.5 * np.tanh((owner.voltage - self.threshold) / (2.0 * self.width))
        opening = released * self.opening
        rate = opening + self.closing
        gate = owner.gate
        gate += (opening / rate - gate) * -np.expm1(-rate * self._dt)


class ConductanceCurrent(Behaviour):
    r"""The current that a conductance lets pass.

    .. math:: I = g \, (E - v)

    g is what links have brought to the variable `input`, and counts for one iteration; the voltage is that of the
    beginning of the step: first order in dt. Several kinds of synapses are several such behaviours with different
    `input`.

    Reads the variable `input` (n,) nS, ``voltage`` mV. Reads and writes ``current`` (n,) pA.

    Raises
    ------
    Unsupported
        If the owner is no native neuron group.
    InvalidValue
        If the model has a smaller key.
    """

    reversal: float = -75.0  #: E, mV
    input: str = "conductance"  #: variable of the conductance

    def initialize(self, owner: NeuronGroup) -> None:
        prepare(self, owner, ())
        owner.open_input(self.input)
        owner.open_input("current")
        self.reads = (self.input, "current", "voltage")  # type: ignore[misc]  # the name is the user's
        self.writes = ("current",)  # type: ignore[misc]

    def verify(self, owner: NeuronGroup) -> None:
        check_before_model(self, owner)

    def iteration(self, owner: NeuronGroup) -> None:
        """Act over the step."""
        current = owner.current
        current += owner.read(self.input) * (self.reversal - owner.voltage)
