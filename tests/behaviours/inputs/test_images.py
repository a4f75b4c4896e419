"""Pictures arrive pixel by pixel, whole or in patches, from arrays and from files."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from PIL import Image

from fusion import Network, NeuronGroup, Recorder
from fusion.behaviours import Images, grid
from fusion.errors import InvalidValue, ShapeMismatch, UnknownName


def shown(ticks, size, positions=None, seed=1, **parameters):
    """(behaviour, rows (ticks, n) of what it added, [(number, corner)]) of one picture per iteration."""
    net = Network(dt=1.0, seed=seed)
    behaviour = {1: Images(duration=1.0, **parameters), 9: Recorder("input")}
    cells = NeuronGroup(net, size=size, tag="cells", behaviour=behaviour)
    if positions is not None:
        positions.place(cells)
    images, told = net["Images", 0], []
    for _ in range(ticks):
        net.simulate(1)
        told.append((images.shown, images.corner))
    return images, net["input", 0], told


def test_pixels_arrive_in_the_order_of_a_grid():
    """A picture of 2 rows and 3 columns: neuron i is pixel (i // 3, i % 3), where `grid` puts it."""
    pictures = np.arange(12.0).reshape(2, 2, 3)
    _, rows, told = shown(4, 6, amplitude=2.0, images=pictures)
    np.testing.assert_array_equal(rows, 2.0 * pictures.reshape(2, 6)[[0, 1, 0, 1]])
    assert told == [(0, (0, 0)), (1, (0, 0))] * 2
    places = grid(3, 2).points
    for i, (x, y) in enumerate(places[:, :2] - places[0, :2]):
        assert rows[0, i] == 2.0 * pictures[0, int(y), int(x)]


def test_larger_pictures_are_shown_in_patches_at_random_places():
    """5 x 4 places for a patch: each found in 400 draws, each patch a part of the picture."""
    picture = np.random.default_rng(1).random((9, 10))
    _, rows, told = shown(400, 35, positions=grid(7, 5), images=picture[None])
    for row, (_, (top, left)) in zip(rows, told, strict=True):
        np.testing.assert_array_equal(row.reshape(5, 7), picture[top : top + 5, left : left + 7])
    assert {corner for _, corner in told} == {(top, left) for top in range(5) for left in range(4)}
    _, again, _ = shown(400, 35, shape=(5, 7), images=[picture])
    np.testing.assert_array_equal(again, rows)
    assert (shown(400, 35, seed=2, shape=(5, 7), images=[picture])[1] != rows).any()


def test_colours_and_whole_numbers_become_shades_of_grey():
    colours = np.zeros((1, 2, 2, 4), np.uint8)
    colours[0, ..., :3] = [[[255, 255, 255], [255, 0, 0]], [[0, 255, 0], [0, 0, 51]]]
    _, rows, _ = shown(1, 4, images=colours)
    np.testing.assert_allclose(rows[0], [1.0, 0.299, 0.587, 0.114 * 0.2], rtol=1e-12)
    _, rows, _ = shown(1, 2, images=np.array([[[0, 65535]]], np.uint16))
    assert rows[0].tolist() == [0.0, 1.0]
    _, rows, _ = shown(1, 2, images=np.array([[[False, True]]]))
    assert rows[0].tolist() == [0.0, 1.0]


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    shades = np.array([[0, 51], [102, 255]], np.uint8)
    Image.fromarray(shades).save(tmp_path / "b.png")
    Image.fromarray(np.stack([shades] * 3, axis=-1)).save(tmp_path / "a.bmp")
    Image.fromarray(255 - shades).convert("P").save(tmp_path / "c.GIF", "GIF")
    (tmp_path / "notes.txt").write_text("no picture")
    for images in (tmp_path, str(tmp_path), [tmp_path / "a.bmp", str(tmp_path / "b.png"), tmp_path / "c.GIF"]):
        _, rows, _ = shown(3, 4, images=images)
        np.testing.assert_allclose(rows[:2], [[0.0, 0.2, 0.4, 1.0]] * 2, rtol=1e-12)
        np.testing.assert_allclose(rows[2], [1.0, 0.8, 0.6, 0.0], rtol=0, atol=1e-12)


def test_without_pillow_arrays_are_shown_and_files_are_refused(monkeypatch, tmp_path):
    real = builtins.__import__

    def missing(name, *rest):
        if name.partition(".")[0] == "PIL":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    shown(1, 4, images=np.ones((1, 2, 2)))
    with pytest.raises(ImportError, match=r"pip install 'fusion-sim\[images\]'"):
        Images(images=[tmp_path / "a.png"])


@pytest.mark.parametrize(
    ("parameters", "error", "says"),
    [
        ({"images": 3}, InvalidValue, "give pictures, files, or a folder"),
        ({"images": "nowhere.png"}, InvalidValue, "give pictures, files, or a folder"),
        ({"images": []}, InvalidValue, "There is no picture"),
        ({"images": ["nowhere.png"]}, InvalidValue, "nowhere.png holds no picture that can be read"),
        ({"images": [np.ones(4)]}, InvalidValue, r"float64 \(4,\) is no picture"),
        ({"images": [np.ones((2, 2, 2))]}, InvalidValue, "is no picture"),
        ({"images": [np.ones((2, 2), complex)]}, InvalidValue, "is no picture"),
        ({"images": [np.full((2, 2), np.nan)]}, InvalidValue, "no number"),
        ({"images": [np.ones((2, 3))]}, ShapeMismatch, "'cells' has 4 neurons"),
        ({"images": [np.ones((2, 2)), np.ones((1, 4))]}, ShapeMismatch, "must not be smaller"),
        ({"images": [np.ones((4, 4))], "shape": (2, 3)}, ShapeMismatch, "'cells' has 4 neurons"),
        ({"images": [np.ones((2, 2))], "order": "backwards"}, UnknownName, "backwards"),
    ],
)
def test_wrong_values_are_told(parameters, error, says):
    with pytest.raises(error, match=says):
        shown(1, 4, **parameters)
