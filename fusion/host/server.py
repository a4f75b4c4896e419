"""`Server`: what a worker does - the verbs of an adapter's contract, asked by messages, and nothing else."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter import registry
from fusion.adapter.base import Adapter, GroupSpec, Handle, Index, Port
from fusion.adapter.makeup import makeup
from fusion.adapter.specimen import Specimen
from fusion.core.clock import Clock
from fusion.core.projection import Projection
from fusion.errors import FusionError, InvalidValue, SimulatorFailed, WireError
from fusion.host.batches import Batch
from fusion.host.channel import Channel
from fusion.host.messages import Messages, unpack
from fusion.host.values import name_of, named
from fusion.host.wire import Part

_T = TypeVar("_T")


def name_for(kind: type[Adapter]) -> str:
    """How a worker is told which adapter to serve: its name, or ``module:Class`` if no entry point announces it."""
    return kind.name if registry.installed().get(kind.name) is kind else name_of(kind)


def adapter_named(name: str) -> type[Adapter]:
    """The adapter that `name_for` named; `FusionError` if it is not here."""
    if ":" in name:
        return registry.register(named(name))
    if name not in registry.installed():
        there = ", ".join(registry.installed()) or "none"
        raise SimulatorFailed(f"No adapter named {name!r} is installed where the worker is; there are: {there}.")
    return registry.installed()[name]


class Server:
    """Serves one adapter.

    A request is [number, verb, arguments]; what comes beside it is pushed into ports first. The answer is [number,
    result, error or None, log records]; its number is None if the request could not be read. Beside it goes what has
    left all open ports, after an ``advance``, or one, after a ``pull``.

    leaves_clean : whether the process goes on to serve others, so that what was built is to be taken away
    """

    def __init__(self, adapter: str, *, leaves_clean: bool = False) -> None:
        self._name, self._leaves_clean = adapter, leaves_clean
        self._adapter: Adapter | None = None
        self._handles: _Opened[Handle] = _Opened()
        self._ports: _Opened[Port] = _Opened()
        self._outgoing: list[Port] = []
        self._pulled: list[Batch] = []
        self._log = _Collected()
        self._messages = Messages()
        self.is_done = False
        """Whether the adapter was closed, so that nothing is left to serve."""

    def serve(self, channel: Channel, patience: float = 3600.0) -> None:
        """Answer requests until the adapter is closed or the other end is gone; the adapter is closed in any case."""
        try:
            while not self.is_done:
                request = channel.receive(patience)
                if request is not None:
                    channel.send(self.handle(request))
        except ConnectionError:
            pass  # the other end has gone, and with it the reason to be here
        finally:
            self.close()

    def handle(self, request: memoryview) -> Sequence[Part]:
        """The answer to a request, in parts to be sent; raises `WireError` if it is no request."""
        try:
            message, pushes = unpack(request, may_import=True)
        except InvalidValue as error:  # it names what is not here
            return self._packed(None, None, error)
        if not (isinstance(message, list) and len(message) == 3 and message[1] in list(_VERBS)):
            raise WireError("A request is [number, verb, arguments].")
        number, verb, arguments = message
        result = failure = None
        try:
            for port, batch in pushes:
                self._open_adapter.push(self._ports[port], batch)
            result = _VERBS[verb](self, *arguments)
        except Exception as error:  # noqa: BLE001 - it is raised at the other end
            failure = _told(error)
        return self._packed(number, result, failure)

    def _packed(self, number: int | None, result: Any, failure: Exception | None) -> Sequence[Part]:
        pulled, self._pulled = self._pulled, []
        records = self._log.take()
        try:
            return self._messages.pack([number, result, failure, records], pulled)
        except FusionError as error:  # the answer itself cannot cross
            return self._messages.pack([number, None, error, records], [])

    @property
    def _open_adapter(self) -> Adapter:
        if self._adapter is None:
            raise SimulatorFailed(f"The worker's adapter {self._name!r} is not open.")
        return self._adapter

    # --- the verbs -------------------------------------------------------------------------------------------------

    def open(self, dt: float, seed: int) -> list[Any]:
        """Load and open the adapter: [tier, capabilities, makeup]."""
        if self._adapter is not None:
            raise SimulatorFailed(f"The worker's adapter {self._name!r} is open already.")
        self._log.listen()
        self._adapter = adapter = adapter_named(self._name)()
        adapter.open(Clock(dt), seed)
        return [adapter.tier, adapter.capabilities, makeup(type(adapter))]

    def create(self, recipe: Any, name: str, every: int) -> Handle:
        """Build a recipe."""
        handle = self._open_adapter.create(recipe, GroupSpec(name, every=every))
        self._handles[handle.id] = handle
        return handle

    def port(self, handle: int, name: str, kind: str, index: Index) -> list[Any]:
        """Open a port: [id, name, size]."""
        port = self._open_adapter.port(self._handles[handle], name, kind, index)
        if kind in ("spikes out", "samples out"):
            self._outgoing.append(port)
        return self._known(port)

    def carry(self, handle: int, name: str, projection: Projection) -> list[Any]:
        """Take the synapses of a link in: [id, name, size]."""
        return self._known(self._open_adapter.carry(self._handles[handle], name, projection))

    def _known(self, port: Port) -> list[Any]:
        self._ports[port.id] = port
        return [port.id, port.name, port.size]

    def unsubscribe(self, port: int) -> None:
        """Close a port for samples that go out."""
        closed = self._ports[port]
        del self._ports[port]
        self._outgoing.remove(closed)
        self._open_adapter.unsubscribe(closed)

    def reweigh(self, port: int, weights: NDArray[Any]) -> None:
        """Give a carried link other weights."""
        self._open_adapter.reweigh(self._ports[port], weights)

    def prepare(self) -> None:
        """Begin a run, with one BLAS thread, as networks run theirs."""
        from threadpoolctl import ThreadpoolController  # not needed until then

        ThreadpoolController().limit(limits=1, user_api="blas")
        self._open_adapter.prepare()

    def advance(self, until: int) -> None:
        """Compute up to and including tick `until`."""
        adapter = self._open_adapter
        adapter.advance(until)
        self._pulled = [(port.id, adapter.pull(port)) for port in self._outgoing]

    def pull(self, port: int) -> None:
        """What has left a port since the last pull or advance."""
        self._pulled = [(port, self._open_adapter.pull(self._ports[port]))]

    def read(self, handle: int, name: str, index: Index) -> NDArray[Any]:
        """A variable."""
        return self._open_adapter.read(self._handles[handle], name, index)

    def write(self, handle: int, name: str, values: ArrayLike, index: Index) -> None:
        """Set a variable."""
        self._open_adapter.write(self._handles[handle], name, values, index)

    def seconds_in(self, port: int) -> float | None:
        """What a port has cost."""
        return self._open_adapter.seconds_in(self._ports[port])

    def snapshot(self) -> NDArray[np.uint8]:
        """The state, as an array because it can be long."""
        return np.frombuffer(self._open_adapter.snapshot(), np.uint8)

    def restore(self, state: NDArray[np.uint8]) -> None:
        """Continue from a snapshot."""
        self._open_adapter.restore(state.tobytes())

    def facts(self) -> dict[str, str]:
        """What ``fusion doctor`` tells."""
        return dict(self._open_adapter.facts())

    def specimen(self, n: int) -> Specimen:
        """A population to measure."""
        return self._open_adapter.specimen(n)

    def flush(self) -> None:
        """Nothing, after the pushes that came with it."""

    def cleanup(self) -> None:
        """End of a run."""
        self._open_adapter.cleanup()

    def close(self) -> None:
        """Close the adapter; there is nothing more to serve."""
        adapter, self._adapter = self._adapter, None
        self.is_done = True
        self._log.close()
        if adapter is not None:
            if self._leaves_clean:
                adapter.clear()
            adapter.close()


_VERBS: dict[str, Callable[..., Any]] = {
    verb.__name__: verb
    for verb in (
        Server.open,
        Server.create,
        Server.port,
        Server.carry,
        Server.unsubscribe,
        Server.reweigh,
        Server.prepare,
        Server.advance,
        Server.pull,
        Server.read,
        Server.write,
        Server.seconds_in,
        Server.snapshot,
        Server.restore,
        Server.facts,
        Server.specimen,
        Server.flush,
        Server.cleanup,
        Server.close,
    )
}


class _Opened(dict[int, _T]):
    """What the other end has opened, by the numbers that it was told."""

    def __missing__(self, number: int) -> _T:
        there = ", ".join(map(str, self)) or "none"
        raise WireError(f"A request names number {number!r}, which is not open here; there are: {there}.")


def _told(error: Exception) -> Exception:
    """An error with the lines where it was raised, unless it says all itself."""
    if not isinstance(error, FusionError):
        lines = "".join(traceback.format_exception(error)).rstrip()
        error = SimulatorFailed(f"{type(error).__name__}: {error}")
        error.add_note(f"In the worker:\n{lines}")
    return error


class _Collected(logging.Handler):
    """What was logged while a request was answered; it goes to the user with the answer."""

    def __init__(self) -> None:
        super().__init__()
        self._records: list[list[Any]] = []

    def listen(self) -> None:
        logging.captureWarnings(True)
        for name in ("fusion", "py.warnings"):
            logging.getLogger(name).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append([record.name, record.levelno, record.getMessage()])

    def take(self) -> list[list[Any]]:
        records, self._records = self._records, []
        return records

    def close(self) -> None:
        logging.captureWarnings(False)
        for name in ("fusion", "py.warnings"):
            logging.getLogger(name).removeHandler(self)
        super().close()
