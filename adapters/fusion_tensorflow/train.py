"""`Train`: online training of a Keras group, as a behaviour; `fit`: training on a recorded run."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.core.behaviour import Behaviour
from fusion.core.foreign import note_write
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue, OffGrid, UnknownVariable, Unsupported
from fusion_tensorflow.adapter import Adapter
from fusion_tensorflow.failures import told_as

if TYPE_CHECKING:
    from fusion_tensorflow.groups import Memory
    from fusion_tensorflow.trainer import Trainer


class Train(Behaviour):
    """Changes the weights of a Keras group while the network runs.

    At each update the group's model is run again, with ``training=True``, over its last `window` inputs from the state
    that it had before them; the loss compares its last output with the target of this tick, and the gradient goes back
    through all these steps: truncated backpropagation through time, BPTT(h) with h = `window`. It ends at the
    border of the group: inputs, target and the first state are data. The running state is not touched.

    Parameters
    ----------
    target : str
        "tag.variable" of any group, as long as the output, or one class index where the loss is sparse.
    optimizer : str or keras.optimizers.Optimizer
    loss : str, keras.losses.Loss or callable(y_true, y_pred)
        Called with shapes (1, n_target) and (1, n_out); its mean and the losses of the model itself are added up.
    window : int
        Steps of the layer; 1 is enough for a layer without state. The first update waits until so many were taken.
    every : float, ms
        Time between updates, a multiple of the group's own ``every``; None is at each step of the layer.

    Attributes
    ----------
    losses : array of float
        The loss before each update.

    References
    ----------
    Williams & Peng (1990), *An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories*, Neural Computation 2.
    """

    target: str
    optimizer: Any = "adam"
    loss: Any = "mse"
    window: int = 1

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if isinstance(self.window, bool) or not isinstance(self.window, int | np.integer) or self.window < 1:
            raise InvalidValue(f"window={self.window!r}: give a positive whole number of steps.", window=self.window)
        self._tag, _, self._variable = str(self.target).rpartition(".")
        if not (self._tag and self._variable):
            raise InvalidValue(f"target={self.target!r}: write 'tag.variable', as 'teacher.rate'.", target=self.target)
        self.losses = array("d")

    def initialize(self, neurons: Any) -> None:
        self._adapter = keras_adapter(neurons, "Train")
        if self.every is not None and neurons.network.clock.ticks(self.every, "every") % self._adapter.every:
            own = neurons.network.clock.ms(self._adapter.every)
            raise OffGrid(f"Train has every={self.every:g} ms, but {neurons.tag!r} takes a step each {own:g} ms only.")
        self.writes = (f"{neurons.tag}.weights",)  # type: ignore[misc]  # known here only, as what it reads
        self._memory: Memory = self._adapter.group.remember(self.window)
        self._trainer: Trainer | None = None

    def verify(self, neurons: Any) -> None:
        if self._trainer is None:
            self._teacher = self._find_teacher(neurons)
            self.reads = (f"{self._teacher.tag}.{self._variable}",)  # type: ignore[misc]
            with told_as(f"{self!r} cannot train {neurons.tag!r}"):
                self._trainer = self._build()

    def iteration(self, neurons: Any) -> None:
        if self._trainer is None or neurons.iteration % self._adapter.every or len(self._memory) < self.window:
            return
        note_write(neurons, "weights")
        loss = self._trainer.update(self._memory, self._read_target())
        if not math.isfinite(loss):
            raise InvalidValue(
                f"The loss is {loss}: the training of {neurons.tag!r} has diverged, or its target is no number. Lower "
                "the learning rate, as optimizer=keras.optimizers.Adam(1e-4), or look at the target.",
                loss=loss,
            )
        self.losses.append(loss)

    def _find_teacher(self, neurons: Any) -> NeuronGroup:
        teacher = neurons.network[self._tag, 0]
        if not isinstance(teacher, NeuronGroup):
            raise InvalidValue(f"target={self.target!r}: {teacher!r} is no neuron group.", target=self.target)
        if not teacher.variable(self._variable):
            raise UnknownVariable("variable", self._variable, teacher.variable_names(), self._tag)
        return teacher

    def _build(self) -> Trainer:
        from fusion_tensorflow.trainer import Trainer

        stepper, n_target = self._adapter.group.stepper, len(self._read_target())
        return Trainer(stepper, self.optimizer, self.loss, self.window, n_target)

    def _read_target(self) -> NDArray[np.float64]:
        return np.asarray(self._teacher.read(self._variable), dtype=float).ravel()


def fit(neurons: Any, inputs: ArrayLike, targets: ArrayLike, **options: Any) -> Any:
    """Train the model of a group on a recorded run, by ``keras.Model.fit``; the next step sees the new weights.

    Parameters
    ----------
    neurons : the group of a ``keras.Model`` that was compiled with an optimizer and a loss
    inputs : (n, n_in), as a recorder of ``input`` gives them
    targets : (n, ...)
    options : of ``keras.Model.fit``, as epochs=10

    Returns
    -------
    The ``keras.callbacks.History``.

    Raises
    ------
    Unsupported
        If the group is no Keras model.
    SimulatorFailed
        If Keras refuses the data, or the model is not compiled.
    """
    import keras

    adapter = keras_adapter(neurons, "fit")
    model = adapter.source
    if not isinstance(model, keras.Model):
        raise Unsupported(f"{model!r} of {neurons.tag!r} is no model. Wrap keras.Sequential([...]) in its place.")
    shape = adapter.group.stepper.model.shape[1:]
    with told_as(f"{neurons.tag!r} cannot be fitted"):
        return model.fit(np.reshape(inputs, (-1, *shape)), np.asarray(targets), **{"verbose": 0, **options})


def keras_adapter(neurons: Any, what: str) -> Adapter:
    """The adapter of a Keras group; `Unsupported` if it is none."""
    adapter = vars(neurons).get("adapter")
    if not isinstance(adapter, Adapter):
        raise Unsupported(
            f"{what} is for groups of Keras models in this process; {neurons.tag!r} is none.", group=neurons
        )
    return adapter
