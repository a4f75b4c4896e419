import dataclasses

import numpy as np
import pytest

from fusion.adapter.base import Adapter, GroupSpec, Handle, Input, Variable
from fusion.adapter.capabilities import Capabilities
from fusion.errors import Unsupported


class Least(Adapter):
    """Does what the contract asks for at least, and that badly."""

    name = "least"
    modules = frozenset({"least"})
    capabilities = Capabilities(spikes_out=False, spikes_in=False, samples_out=False, samples_in=False)

    def open(self, clock, seed): ...
    def create(self, source, spec): ...
    def port(self, handle, name, kind, index=None): ...
    def prepare(self): ...
    def advance(self, until): ...
    def push(self, port, batch): ...
    def pull(self, port): ...
    def read(self, handle, name, index=None): ...
    def write(self, handle, name, values, index=None): ...
    def cleanup(self): ...
    def close(self): ...


def handle():
    return Handle(0, 2, True, {"v": Variable(2, "mV")}, {"current": Input(2, "pA")})


@pytest.mark.parametrize(
    "attempt",
    [
        lambda adapter: adapter.connect(object(), handle(), handle()),
        lambda adapter: adapter.stand_in(3, "elsewhere"),
        lambda adapter: adapter.snapshot(),
        lambda adapter: adapter.restore(b""),
    ],
    ids=["connect", "stand_in", "snapshot", "restore"],
)
def test_what_an_adapter_leaves_out_is_refused_in_its_name(attempt):
    with pytest.raises(Unsupported, match="least"):
        attempt(Least())


def test_an_adapter_serves_objects_of_its_modules_and_of_classes_derived_from_them():
    base = type("Group", (), {"__module__": "least.groups"})
    derived = type("Mine", (base,), {"__module__": "script"})
    assert Least.serves(base())
    assert Least.serves(derived())
    assert not Least.serves(type("Group", (), {"__module__": "leastwise"})())
    assert not Least.serves(3)


def test_seeding_is_optional():
    assert Least.seed(1) is None


def test_what_describes_a_group_cannot_be_changed():
    for fact in (handle(), GroupSpec("cells"), Least.capabilities, Variable(1, None), Input(1, None)):
        with pytest.raises(dataclasses.FrozenInstanceError):
            fact.size = 3


def test_a_handle_shows_what_it_is_and_not_its_tables():
    assert repr(handle()) == "Handle(id=0, size=2, spikes=True, default_input=None)"
    assert "array" not in repr(GroupSpec("cells", {"x": np.zeros(3)}))


def test_capabilities_promise_nothing_that_was_not_declared():
    declared = Least.capabilities
    optional = ("adopts_synapses", "stand_ins", "snapshot", "gradients", "slower_clock")
    assert [name for name in optional if getattr(declared, name)] == []
    assert (declared.notice, declared.read_lag, declared.chunk_invariant) == (0, 0, True)
    assert declared.instances_per_process is declared.groups_per_instance is None
