"""Positions move as geometry says, and what is near is connected as a search through all pairs finds."""

import tracemalloc

import brian2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fusion import Network, NeuronGroup, SynapseGroup, fixed_probability
from fusion.behaviours import Positions, box, circle, gaussian, grid, ring
from fusion.errors import InvalidValue, ShapeMismatch
from fusion.testing.toy import cells

SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 3))


@given(SHAPES, st.floats(0.1, 10.0))
def test_a_grid_is_centred_and_counts_x_first(shape, spacing):
    points = grid(*shape, spacing=spacing).points
    np.testing.assert_allclose(points.mean(axis=0), 0.0, atol=1e-9)
    for i, point in enumerate(points):
        at = i % shape[0], i // shape[0] % shape[1], i // (shape[0] * shape[1])
        np.testing.assert_allclose(point - points[0], np.array(at) * spacing, atol=1e-9)


def test_positions_move_scale_and_turn():
    start = Positions(np.array([[1.0, 2.0, 3.0]]))
    np.testing.assert_allclose(start.moved(x=1.0, z=-1.0).points, [[2.0, 2.0, 2.0]])
    np.testing.assert_allclose(start.scaled(y=0.5).points, [[1.0, 1.0, 3.0]])
    for axis, wanted in (("x", [1, -3, 2]), ("y", [3, 2, -1]), ("z", [-2, 1, 3])):
        np.testing.assert_allclose(start.rotated(90, axis).points, [wanted], atol=1e-12)
        np.testing.assert_allclose(start.rotated(30, axis).rotated(-30, axis).points, start.points)
    assert start.points.tolist() == [[1.0, 2.0, 3.0]]


def test_jitter_stays_in_the_plane_and_comes_again_with_its_seed():
    flat = grid(30, 30)
    moved = flat.jittered(0.1, seed=1)
    assert (moved.points[:, 2] == 0).all()
    assert np.std(moved.points[:, :2] - flat.points[:, :2]) == pytest.approx(0.1, rel=0.05)
    np.testing.assert_array_equal(moved.points, flat.jittered(0.1, seed=1).points)


def test_groups_of_any_simulator_have_a_place(toy):
    with Network(dt=0.1) as net:
        for group in (NeuronGroup(net, size=6, tag="native"), NeuronGroup(net, cells(6), tag="foreign")):
            assert grid(3, 2).place(group) is group
            assert group.x.tolist() == [-1, 0, 1, -1, 0, 1]
            assert group.y.tolist() == [-0.5] * 3 + [0.5] * 3
            assert group.subgroup([4]).y.tolist() == [0.5]


def test_variables_of_a_simulator_are_not_taken_for_positions():
    with Network(dt=0.1) as net:
        own = brian2.NeuronGroup(2, "dx/dt = -x/(10*ms) : 1", method="exact", name="own_x", namespace={"ms": brian2.ms})
        group = NeuronGroup(net, own, tag="own")
        with pytest.raises(InvalidValue, match=r"x of 'own' belong to brian2.*rename"):
            grid(2).place(group)
        assert group.x.tolist() == [0.0, 0.0]


def link(connect, source=None, target=None, seed=1):
    """The pairs (target, source) that a rule connects; within a grid of 9 by 7 unless groups are given."""
    net = Network(dt=1.0, seed=seed)
    here = (source or grid(9, 7)).place(NeuronGroup(net, size=len(source or grid(9, 7)), tag="here"))
    there = here if target is None else target.place(NeuronGroup(net, size=len(target), tag="there"))
    synapses = SynapseGroup(net, here, there, connect=connect, weight=1.0, into="input")
    return np.stack([synapses.post, synapses.pre], axis=1)


def searched(near, source, target):
    """The same, by looking at all pairs: ``near(steps along the axes)``."""
    steps = source.points[None] - target.points[:, None]
    return {tuple(pair) for pair in np.argwhere(near(steps))}


def distance(steps):
    return np.linalg.norm(steps, axis=-1)


RULES = {
    "circle": (circle(2.0), lambda steps: distance(steps) <= 2.0 + 1e-9),
    "ring": (ring(1.0, 2.5), lambda steps: (distance(steps) <= 2.5 + 1e-9) & (distance(steps) > 1.0 + 1e-9)),
    "ring from 0": (ring(0.0, 1.5), lambda steps: (distance(steps) <= 1.5) & (distance(steps) > 1e-9)),
    "box": (box(1.0, 2.0), lambda steps: (np.abs(steps) <= [1 + 1e-9, 2 + 1e-9, 2 + 1e-9]).all(axis=-1)),
    "row": (box(3.0, 0.0), lambda steps: (np.abs(steps) <= [3 + 1e-9, 1e-9, 1e-9]).all(axis=-1)),
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("places", ["one grid", "two grids", "anywhere", "in space"])
def test_what_is_near_is_connected(name, places):
    rule, near = RULES[name]
    rng = np.random.default_rng(2)
    source, target = {
        "one grid": (grid(9, 7), None),
        "two grids": (grid(9, 7), grid(4, 5, spacing=2.0).moved(x=0.5)),
        "anywhere": (
            Positions(rng.uniform(-4, 4, (60, 3)) * [1, 1, 0]),
            Positions(rng.uniform(-4, 4, (50, 3)) * [1, 1, 0]),
        ),
        "in space": (grid(5, 4, 3), grid(3, 3, 3)),
    }[places]
    found = link(rule, source, target)
    assert len(found) == len({tuple(pair) for pair in found})
    assert {tuple(pair) for pair in found} == searched(near, source, target or source)


def test_autapses_may_be_left_out():
    pairs = link(circle(1.0, autapses=False))
    assert len(pairs)
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert len(link(circle(1.0))) == len(pairs) + 63


def test_a_part_of_a_group_is_where_its_neurons_are():
    net = Network(dt=1.0, seed=1)
    here = grid(4, 4).place(NeuronGroup(net, size=16, tag="here"))
    synapses = SynapseGroup(net, here.subgroup([5, 0]), here, connect=circle(0.5), weight=1.0, into="input")
    assert set(zip(synapses.post.tolist(), synapses.pre.tolist(), strict=True)) == {(5, 0), (0, 1)}


def test_with_a_gaussian_the_near_are_connected_more_often():
    """Counts of synapses by distance are binomial: all within four standard deviations."""
    sheet = grid(40, 40)
    pairs = link(gaussian(3.0, 0.6), sheet)
    at = distance(sheet.points[pairs[:, 1]] - sheet.points[pairs[:, 0]])
    every = distance(sheet.points[None] - sheet.points[:, None]).ravel()
    for d in np.unique(np.round(every[every < 9.0], 9)):
        n, p = int(np.sum(np.abs(every - d) < 1e-6)), 0.6 * np.exp(-(d**2) / 18)
        found = int(np.sum(np.abs(at - d) < 1e-6))
        assert abs(found - n * p) < 4 * stats.binom.std(n, p) + 1
    assert at.max() <= 12.0 + 1e-9
    np.testing.assert_array_equal(link(gaussian(3.0, 0.6), sheet, seed=1), pairs)
    assert len(link(gaussian(3.0, 0.6), sheet, seed=2)) != len(pairs)


def test_a_large_sheet_is_connected_in_memory_that_grows_with_its_synapses():
    """90 000 neurons; a byte for every pair would take 8 GB, and 200 bytes for each of 7 million synapses 1.4."""
    tracemalloc.start()
    pairs = link(circle(5.0), grid(300, 300))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    inside = 81  # of the points of a grid, those within 5 of one
    assert most < 200 * len(pairs)
    assert 0.95 * inside * 90_000 < len(pairs) < inside * 90_000


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: grid(0, 3), "at least 1"),
        (lambda: grid(2.5), "whole numbers"),
        (lambda: grid(3, spacing=0.0), "spacing"),
        (lambda: grid(3).rotated(90, "w"), "axis='w'"),
        (lambda: grid(3).jittered(-1.0), "sigma"),
        (lambda: Positions(np.full((2, 3), np.nan)), "not finite"),
        (lambda: circle(0.0), "radius is 0"),
        (lambda: ring(2.0, 2.0), "outer radius is larger"),
        (lambda: box(-1.0), "must not be negative"),
        (lambda: box("3"), "must not be negative"),
        (lambda: circle("3"), "radius is '3'"),
        (lambda: gaussian(-1.0), "sigma"),
        (lambda: gaussian(1.0, 1.5), "between 0 and 1"),
    ],
)
def test_wrong_values_are_told(make, says):
    with pytest.raises(InvalidValue, match=says):
        make()


def test_wrong_shapes_are_told():
    with pytest.raises(ShapeMismatch, match=r"\(n, 3\)"):
        Positions(np.zeros((3, 2)))
    with pytest.raises(ShapeMismatch, match="it has 5 neurons"):
        grid(2, 2).place(NeuronGroup(Network(), size=5, tag="five"))


def test_groups_without_a_place_are_told_how_to_get_one():
    net = Network()
    here = NeuronGroup(net, size=4, tag="here")
    with pytest.raises(InvalidValue, match=r"'here' has no positions.*grid\(10, 10\)\.place\(group\)"):
        SynapseGroup(net, here, here, connect=circle(1.0), weight=1.0)
    SynapseGroup(net, here, here, connect=fixed_probability(0.5), weight=1.0)
