"""A toy simulator that must know arrivals some ticks ahead, as NEST must."""

from __future__ import annotations

import dataclasses

import pytest

from fusion.adapter import registry
from fusion.testing.toy import ToyAdapter, ToyNeurons


@pytest.fixture
def noticing(monkeypatch):
    """``noticing("name", notice=1)``: a class of neurons served by an adapter of its own that needs such notice."""

    def make(name="noticing", notice=1):
        neurons = type(name, (ToyNeurons,), {})

        class Adapter(ToyAdapter):
            capabilities = dataclasses.replace(ToyAdapter.capabilities, notice=notice)

            @classmethod
            def serves(cls, source):
                return type(source) is neurons

        Adapter.name = name
        # Before the toy itself, which would serve them as well.
        monkeypatch.setattr(registry, "_registered", {name: Adapter, **registry._registered})
        return neurons

    return make
