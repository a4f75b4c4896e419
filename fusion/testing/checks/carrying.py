"""Carried links: weights that the receiver holds do what summed arrivals do."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fusion.core.batch import Spikes
from fusion.core.projection import Projection
from fusion.errors import LateInput, Unsupported
from fusion.testing.rig import MANY, Outcome, Rig, rig
from fusion.testing.suite import Suite

UNTIL, HALF = 90, 40


class CarryChecks(Suite):
    """``carry`` and ``reweigh``, where they are declared; else ``carry`` is refused."""

    def test_a_carried_link_is_the_summed_one(self) -> None:
        """Weights of both signs, a delay for each synapse; the same spikes, and the same state up to rounding."""
        self._compare(factor=1.0)

    def test_a_carried_link_takes_other_weights_between_runs(self) -> None:
        """Spikes that are on their way keep those they had."""
        self._compare(factor=0.5)

    def test_a_source_of_a_carried_link_that_is_told_too_late_is_an_error(self) -> None:
        with rig(self.case, self.case.quiet, MANY) as cells:
            if self._refuses(cells):
                return
            port = cells.adapter.carry(cells.handle, self.case.spike_input, self._projection())
            cells.start()
            cells.advance(5)
            for tick in {cells.last_late, 5, 2}:
                with pytest.raises(LateInput, match=str(tick)):
                    cells.adapter.push(port, Spikes(np.array([tick]), np.array([0]), np.ones(1), tick))

    def _refuses(self, cells: Rig) -> bool:
        if cells.adapter.capabilities.carries_links:
            return False
        with pytest.raises(Unsupported):
            cells.adapter.carry(cells.handle, self.case.spike_input, self._projection())
        return True

    def _compare(self, factor: float) -> None:
        with rig(self.case, self.case.quiet, MANY) as cells:
            if self._refuses(cells):
                return
            carried = self._carried(cells, factor)
        with rig(self.case, self.case.quiet, MANY) as cells:
            summed = self._summed(cells, factor)
        assert len(summed.ticks) > MANY, f"only {len(summed.ticks)} spikes: the kick of the case is too weak"
        np.testing.assert_array_equal(carried.ticks, summed.ticks, "ticks of spikes, carried and summed")
        np.testing.assert_array_equal(carried.indices, summed.indices, "neurons that fired, carried and summed")
        state = self.case.state
        # A simulator may add what arrives in a step in any order.
        np.testing.assert_allclose(carried.variables[state], summed.variables[state], rtol=1e-9)

    def _carried(self, cells: Rig, factor: float) -> Outcome:
        projection = self._projection()
        port = cells.adapter.carry(cells.handle, self.case.spike_input, projection)
        cells.start("spikes out")
        waiting, ends = list(self._train().items()), []
        for last in (HALF, UNTIL):
            # Pushed at the last moment, some spikes leave their sources in one run and are pushed in the next.
            while waiting and waiting[0][0] + projection.shortest <= last + cells.adapter.capabilities.notice:
                tick, sources = waiting.pop(0)
                due = tick + projection.shortest
                cells.adapter.push(port, Spikes(np.full(len(sources), due), sources, _times(sources), due))
            cells.advance(last)
            ends.append(cells.spikes())
            cells.adapter.cleanup()
            cells.adapter.reweigh(port, factor * projection.weights)
            cells.adapter.prepare()
        return _joined(ends, cells)

    def _summed(self, cells: Rig, factor: float) -> Outcome:
        projection = self._projection()
        signed = cells.handle.inputs[self.case.spike_input].signed
        rows: dict[int, list[NDArray[np.float64]]] = {}
        for tick, sources in self._train().items():
            for k in np.flatnonzero(np.isin(projection.pre, sources)):
                weight = projection.weights[k] * (1.0 if tick <= HALF else factor) * _times(projection.pre[k])
                row = rows.setdefault(tick + int(projection.delays[k]), [np.zeros(MANY), np.zeros(MANY)])
                row[int(signed and weight < 0)][projection.post[k]] += weight
        cells.start("spikes in", "spikes out")
        for tick in sorted(rows):
            hits = [channel.nonzero()[0] for channel in rows[tick]]
            values = np.concatenate([channel[hit] for channel, hit in zip(rows[tick], hits, strict=True)])
            indices = np.concatenate(hits)
            cells.adapter.push(cells.ports["spikes in"], Spikes(np.full(len(indices), tick), indices, values, tick))
        cells.advance(UNTIL)
        return _joined([cells.spikes()], cells)

    def _projection(self) -> Projection:
        """A third of all pairs; weights are eighths of a kick."""
        rng = np.random.default_rng(9)
        pre, post = np.nonzero(rng.random((MANY, MANY)) < 0.3)
        weights = self.case.kick * rng.choice([-0.125, 0.25, 0.5, 1.0], len(pre))
        return Projection(pre, post, weights, rng.choice([3, 4, 11], len(pre)), MANY)

    def _train(self) -> dict[int, NDArray[np.int64]]:
        """Sources that fire, by tick; until the last of their spikes has arrived."""
        rng = np.random.default_rng(10)
        return {tick: np.flatnonzero(rng.random(MANY) < 0.08) for tick in range(1, UNTIL - 11)}


def _times(sources: NDArray[np.int64]) -> NDArray[np.float64]:
    """How often they fire in one step: the last of them is a relay that two spikes reach."""
    return np.where(sources == MANY - 1, 2.0, 1.0)


def _joined(batches: list[Spikes], cells: Rig) -> Outcome:
    ticks, indices = (np.concatenate([getattr(batch, name) for batch in batches]) for name in ("ticks", "indices"))
    return Outcome(ticks, indices, cells.readable())
