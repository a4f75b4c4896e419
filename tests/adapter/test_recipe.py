"""Recipes in plain values, functions by name, and objects that a function makes in place."""

import functools
from collections import OrderedDict

import numpy as np
import pytest
from labels import label

from fusion import EventRecorder, Network, NeuronGroup, built
from fusion.adapter import registry
from fusion.adapter.base import GroupSpec
from fusion.adapter.recipe import Built, check_plain, importable, made
from fusion.errors import InvalidValue, RecipeFailed, SimulatorMissing, UnknownName
from fusion.testing.toy import ToyAdapter, ToyNeurons, cells

NOISE = {"noise_rate": 1000.0, "noise_weight": 2000.0}


def noisy(n, rate=1000.0):
    """A population of toy neurons."""
    return ToyNeurons(n, noise_rate=rate, noise_weight=2000.0)


def by_recipe(n):
    return cells(n, **NOISE)


def with_more(n):
    return ToyNeurons(n), "monitor", "generator"


def broken(n):
    return ToyNeurons(n, capacity=3.0)


def forgetful(n):
    ToyNeurons(n)


@functools.wraps(noisy)
def wrapped(*arguments, **options):
    return noisy(*arguments, **options)


class Home:
    def method(self):
        pass


class TestPlainValues:
    @pytest.mark.parametrize(
        "value",
        [
            None,
            True,
            3,
            2.5,
            1j,
            "text",
            b"bytes",
            np.float32(3.0),
            np.arange(3),
            np.array([True]),
            [1, (2.0, "x")],
            {"a": {"b": [None]}},
            noisy,
            Home,
        ],
        ids=label,
    )
    def test_these_mean_the_same_everywhere(self, value):
        check_plain(value, "a value", "")

    @pytest.mark.parametrize(
        "value",
        [
            object(),
            np.array([None]),
            np.array(["text"]),
            np.zeros(2).view(type("Quantity", (np.ndarray,), {})),
            functools.partial(noisy, 3),
            {1, 2},
            open,
        ],
        ids=label,
    )
    def test_these_do_not(self, value):
        with pytest.raises(InvalidValue, match=r"x= .*which no other process can be given. Go round.") as raised:
            check_plain(value, "x=", "Go round.")
        assert raised.value.value is value

    def test_the_place_of_what_cannot_travel_is_told(self):
        with pytest.raises(InvalidValue, match=r"x=\['a'\]\[1\] is <object"):
            check_plain(OrderedDict(a=[1, object()]), "x=", "")

    def test_keys_are_strings(self):
        with pytest.raises(InvalidValue, match=r"x=\['a'\] has the key 3; .*strings only. Go round"):
            check_plain({"a": {3: 1}}, "x=", "Go round.")


class TestImportable:
    def test_functions_and_classes_of_a_module_have_a_name(self):
        assert importable(noisy) == f"{__name__}:noisy"
        assert importable(Home.method) == f"{__name__}:Home.method"
        assert importable(ToyNeurons) == "fusion.testing.toy_simulator:ToyNeurons"

    def test_a_lambda_has_none(self):
        with pytest.raises(InvalidValue, match=r"a lambda has no name\. Define it at the top of a module"):
            importable(lambda: None)

    def test_what_is_defined_inside_has_none(self):
        def inner():
            pass

        with pytest.raises(InvalidValue, match="inner' is defined inside a function"):
            importable(inner)

    def test_the_script_that_was_started_is_not_there_in_another_process(self, monkeypatch):
        monkeypatch.setattr(noisy, "__module__", "__main__")
        with pytest.raises(InvalidValue, match="'noisy' is defined in the script that was started"):
            importable(noisy)

    def test_a_name_that_leads_elsewhere_is_refused(self, monkeypatch):
        with pytest.raises(InvalidValue, match="noisy is something else"):
            importable(wrapped)
        monkeypatch.setattr(noisy, "__module__", "no_such_module")
        with pytest.raises(InvalidValue, match=r"no_such_module\.noisy is something else"):
            importable(noisy)


class TestBuilt:
    def test_its_repr_is_the_call_that_makes_it(self):
        text = "built(noisy, adapter='toy', n=3, rate=2.0)"
        assert repr(built(noisy, "toy", n=3, rate=2.0)) == repr(eval(text)) == text

    def test_it_can_be_described(self):
        recipe = built(noisy, adapter="toy", n=3)
        assert recipe.described() == {"function": noisy, "adapter": "toy", "arguments": {"n": 3}}
        again = Built.from_description(recipe.described())
        assert (again.function, again.adapter, again.arguments) == (noisy, "toy", {"n": 3})
        assert recipe.with_names({"n": 4}) is recipe

    def test_arguments_that_cannot_travel_are_refused_when_they_have_to(self):
        recipe = built(noisy, adapter="toy", n=object())
        with pytest.raises(InvalidValue, match=r"n= of built\(noisy, .*let the function make the rest"):
            recipe.described()

    @pytest.mark.parametrize("function", [ToyNeurons, ToyNeurons(2), functools.partial(noisy, 2), "noisy"], ids=label)
    def test_what_is_no_function_is_refused(self, function):
        with pytest.raises(
            InvalidValue, match="needs a function that makes an object; an object that is made is given"
        ):
            built(function, adapter="toy")

    def test_arguments_are_checked_at_the_line(self):
        with pytest.raises(InvalidValue, match=r"noisy\(n, rate=1000.0\) cannot .* missing a required argument: 'n'"):
            built(noisy, adapter="toy")
        with pytest.raises(InvalidValue, match="unexpected keyword argument 'size'"):
            built(noisy, adapter="toy", n=3, size=4)
        assert built(wrapped, adapter="toy", anything=3).arguments == {"anything": 3}

    def test_what_is_none_is_left_alone(self):
        spec, source = GroupSpec("cells"), ToyNeurons(2)
        assert made(source, spec) == (source, spec)

    def test_further_objects_go_with_the_group_and_names_are_those_of_the_function(self):
        spec = GroupSpec("cells", {"tau": 3.0, "n": 4}, also=("given",))
        source, told = made(built(with_more, adapter="toy", n=2), spec)
        assert source.n == 2
        assert (told.name, told.also) == ("cells", ("monitor", "generator", "given"))
        assert (told.namespace["n"], told.namespace["NOISE"]) == (2, NOISE)
        assert "tau" not in told.namespace

    def test_an_error_in_the_function_is_told_with_its_name_and_line(self):
        line = broken.__code__.co_firstlineno + 1
        message = (
            rf"{__name__}\.broken\(\), which builds 'cells', raised TypeError at .*test_recipe\.py:{line}: .*capacity"
        )
        with pytest.raises(RecipeFailed, match=message) as raised:
            made(built(broken, adapter="toy", n=2), GroupSpec("cells"))
        assert raised.value.function == f"{__name__}.broken"
        assert isinstance(raised.value.__cause__, TypeError)

    def test_a_function_that_returns_nothing_is_told_what_to_return(self):
        with pytest.raises(RecipeFailed, match=r"forgetful\(\), which builds 'cells', returned nothing. Return the"):
            made(built(forgetful, adapter="toy", n=2), GroupSpec("cells"))


class TestInANetwork:
    def spikes(self, source):
        with Network(dt=0.1, seed=3) as net:
            NeuronGroup(net, source, tag="cells", behaviour={9: EventRecorder("spike")})
            net.run(50.0)
            fired = net["spike.t", 0].tolist(), net["spike.i", 0].tolist()
        assert fired[0]
        return fired

    @pytest.mark.usefixtures("toy")
    def test_objects_recipes_and_functions_give_the_same_spikes(self):
        def nested(n):
            return noisy(n)

        objects = self.spikes(noisy(5))
        recipes = (
            cells(5, **NOISE),
            type(cells(1)).from_description(cells(5, **NOISE).described()),
            built(noisy, adapter="toy", n=5),
            Built.from_description(built(noisy, adapter="toy", n=5).described()),
            built(by_recipe, adapter="toy", n=5),
            built(nested, adapter="toy", n=5),
            built(lambda: noisy(5), adapter="toy"),
        )
        for recipe in recipes:
            assert self.spikes(recipe) == objects, recipe

    @pytest.mark.usefixtures("toy")
    def test_a_function_is_called_for_each_group(self):
        recipe = built(noisy, adapter="toy", n=2)
        with Network(dt=0.1, seed=1) as net:
            assert [NeuronGroup(net, recipe).size, NeuronGroup(net, recipe).size] == [2, 2]

    @pytest.mark.usefixtures("toy")
    def test_an_error_in_it_leaves_the_network_as_it_was(self):
        with Network(dt=0.1, seed=1) as net:
            with pytest.raises(RecipeFailed, match="broken"):
                NeuronGroup(net, built(broken, adapter="toy", n=2), tag="cells")
            assert net.groups == []
            NeuronGroup(net, built(noisy, adapter="toy", n=2), tag="cells")
            net.run(1.0)


class TestAdapterOfARecipe:
    def test_it_is_found_by_its_name(self, toy):
        assert registry.adapter_for(built(noisy, adapter="toy", n=2)) is toy
        assert registry.adapter_for(cells(2)) is toy
        assert ToyAdapter.serves(cells(2))

    def test_an_unknown_name_is_answered_with_those_that_there_are(self, toy):
        with pytest.raises(UnknownName, match=r"No adapter is named 'nets'. Did you mean 'nest'\?.*brian2.*toy"):
            registry.adapter_for(built(noisy, adapter="nets", n=2))

    def test_a_simulator_that_is_not_installed_names_the_extra(self, monkeypatch):
        monkeypatch.setattr(registry, "installed", dict)
        with pytest.raises(SimulatorMissing, match=r"fusion-sim\[nest\]"):
            registry.adapter_for(built(noisy, adapter="nest", n=2))

    def test_a_toy_describes_its_numbers_only(self):
        assert repr(cells(3, tau_m=5.0)) == "cells(3, tau_m=5.0)"
        with pytest.raises(InvalidValue, match=r"tau_m= of cells\(3, .*Give a number; fusion.built"):
            cells(3, tau_m=object()).described()
