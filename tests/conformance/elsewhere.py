"""Cases of simulators that other processes run, on whatever host: what needs the user's own objects is out of reach."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest
from conformance import nest_recipes, saboteurs
from conformance.needs import ADOPTED_SYNAPSES, IN_NETWORKS, STAND_INS

from fusion.adapter.recipe import built
from fusion.testing.toy_case import ToyRecipeCase

OBJECTS = "the user's own objects and the simulator's are in two processes"
NEEDS_OBJECTS = dict.fromkeys((*STAND_INS, *ADOPTED_SYNAPSES, "test_an_object_is_taken_once"), OBJECTS)
UNSUPPORTED_IN_NETWORKS = dict.fromkeys(IN_NETWORKS, OBJECTS)
BUILT = {"test_an_adapter_serves_its_own_objects_only": "what built() gives is served by the adapter that it names"}
TOY_UNSUPPORTED = NEEDS_OBJECTS | {
    "test_a_slower_clock_steps_at_its_own_ticks_only": "it advances with the network, in each iteration",
}
NEST_UNSUPPORTED = NEEDS_OBJECTS | nest_recipes.UNSUPPORTED


class OnHost:
    """Derive from it before the suite, where there is a fixture `host`: the case is on that host."""

    @pytest.fixture(autouse=True)
    def _on_host(self, host, monkeypatch):
        monkeypatch.setattr(self.case, "host", host)


class OnThisMachine(OnHost):
    """And the workers see the files of this machine."""

    @pytest.fixture(autouse=True)
    def _with_files(self, tmp_path, monkeypatch):
        monkeypatch.setattr(self.case, "folder", tmp_path)


class ToyElsewhere(ToyRecipeCase):
    """The toy of workers that see a `folder` of this machine."""

    folder = Path()

    def quiet(self, n):
        return built(saboteurs.toy, adapter="toy", n=n, fuse=f"{self.folder}/{uuid4().hex}")

    def wrong_dt(self):
        return built(saboteurs.toy_with, adapter="toy", n=2, dt=2 * self.dt)

    def sabotage(self, source):
        Path(source.arguments["fuse"]).touch()


class NestElsewhere(nest_recipes.NestRecipeCase):
    """NEST in workers that see a `folder` of this machine, and are processes of it."""

    folder = Path()

    def quiet(self, n):
        return self._built(saboteurs.nest_quiet, n, told=f"{self.folder}/{uuid4().hex}")

    def noisy(self, n):
        return self._built(saboteurs.nest_noisy, n, dt=self.dt)

    def wrong_dt(self):
        return self._built(saboteurs.nest_wrong_dt, 2, dt=self.dt)

    def _built(self, function, n, **more):
        return built(function, adapter="nest", n=n, model=self.model, params=self.parameters(), **more)

    def sabotage(self, source):
        os.kill(int(Path(source.arguments["told"]).read_text(encoding="utf-8")), saboteurs.BREAK)
