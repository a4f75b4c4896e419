import importlib.metadata
import sys
from importlib.metadata import EntryPoint

import pytest

from fusion.adapter import registry
from fusion.adapter.base import Adapter
from fusion.errors import InvalidValue, SimulatorFailed, SimulatorMissing, UnknownObject
from fusion.testing.toy import ToyAdapter, ToyNeurons


@pytest.fixture
def points(monkeypatch):
    """Replace what is installed by entry points of our own: points(name="module:attribute")."""

    def replace(**values):
        announced = [EntryPoint(name, value, registry.GROUP) for name, value in values.items()]
        monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: announced)

    registry.installed.cache_clear()
    monkeypatch.setattr(registry, "_registered", {})
    replace()
    yield replace
    registry.installed.cache_clear()


class Other(ToyAdapter):
    pass


class TestInstalled:
    def test_adapters_are_those_of_the_entry_points_by_name(self, points):
        points(toy="fusion.testing.toy:ToyAdapter")
        assert registry.installed() == {"toy": ToyAdapter}
        assert registry.adapter_for(ToyNeurons(2)) is ToyAdapter

    def test_one_that_cannot_be_imported_is_named(self, points):
        points(broken="no_such_module:Adapter")
        with pytest.raises(SimulatorFailed, match=r"'broken'.*no_such_module.*uninstall"):
            registry.installed()

    def test_one_that_is_not_in_its_module_is_named(self, points):
        points(broken="fusion.testing.toy:NoSuchAdapter")
        with pytest.raises(SimulatorFailed, match="NoSuchAdapter"):
            registry.installed()

    def test_one_that_is_no_adapter_is_named(self, points):
        points(broken="fusion.testing.toy:ToyNeurons")
        with pytest.raises(InvalidValue, match=r"'broken'.*ToyNeurons.*fusion\.adapter\.base\.Adapter"):
            registry.installed()


class TestRegister:
    def test_an_adapter_without_an_entry_point_serves_its_objects(self, points):
        assert registry.register(ToyAdapter) is ToyAdapter
        assert registry.adapter_for(ToyNeurons(2)) is ToyAdapter
        assert registry.available() == {"toy": ToyAdapter}
        assert registry.installed() == {}

    def test_it_may_be_registered_again(self, points):
        registry.register(ToyAdapter)
        registry.register(ToyAdapter)
        assert registry.available() == {"toy": ToyAdapter}

    def test_two_adapters_cannot_bear_one_name(self, points):
        registry.register(ToyAdapter)
        with pytest.raises(InvalidValue, match=r"Other.*'toy'.*ToyAdapter.*another `name`"):
            registry.register(Other)

    def test_an_installed_name_cannot_be_taken(self, points):
        points(toy="fusion.testing.toy:ToyAdapter")
        with pytest.raises(InvalidValue, match="another `name`"):
            registry.register(Other)

    def test_an_incomplete_one_is_told_what_it_lacks(self, points):
        class Half(Adapter):
            modules = frozenset()

            def open(self, clock, seed):
                pass

        with pytest.raises(InvalidValue, match=r"Half.*lacks.*advance.*close.*create.*name") as raised:
            registry.register(Half)
        assert "open" not in raised.value.lacks

    def test_what_is_no_adapter_is_refused(self, points):
        with pytest.raises(InvalidValue, match="a class derived from"):
            registry.register(ToyAdapter())


class TestAdapterFor:
    def test_an_object_that_nobody_serves_is_an_error_with_what_there_is(self, points):
        registry.register(ToyAdapter)
        with pytest.raises(UnknownObject, match=r"\[1, 2\].*number of neurons.*toy") as raised:
            registry.adapter_for([1, 2])
        assert raised.value.source == [1, 2]

    @pytest.mark.parametrize(
        ("module", "extra"), [("brian2.groups", "brian2"), ("nest", "nest"), ("keras.src", "tensorflow")]
    )
    def test_an_object_of_a_simulator_whose_adapter_is_missing_names_the_extra(self, points, module, extra):
        foreign = type("Foreign", (), {"__module__": module})()
        with pytest.raises(SimulatorMissing, match=rf"fusion-sim\[{extra}\]"):
            registry.adapter_for(foreign)


def test_imported_names_only_adapters_whose_simulator_was_imported(points, monkeypatch):
    points(toy="fusion.testing.toy:ToyAdapter")
    assert list(registry.imported()) == [ToyAdapter]
    monkeypatch.setattr(ToyAdapter, "modules", frozenset({"no_such_simulator"}))
    assert "no_such_simulator" not in sys.modules
    assert list(registry.imported()) == []
