"""`Images`: pictures, given or read from files, whole or in patches."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.inputs.presentation import Order, Presentation
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue, ShapeMismatch

LUMA = np.array([0.299, 0.587, 0.114])
"""What red, green and blue count for in grey: ITU-R BT.601."""
ENDINGS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".pgm", ".ppm", ".tif", ".tiff", ".webp"})


class Images(Presentation):
    """Adds one picture after the other to a variable, a pixel for each neuron, for `duration` each.

    Pixel (row, column) is that of neuron ``row * columns + column``, which is how `grid` counts. A picture that is
    larger than the group is shown in patches: each time a part at a random place. Grey is 0 to 1; whole numbers are
    divided by the largest of their type, colours weighed as the eye does, transparency is left out.

    ``shown`` is the number of the picture that is shown in this iteration, -1 in a pause, and ``corner`` the (row,
    column) where its patch begins. To set rates, let `PoissonSpikes` read the variable: ``into="light"`` here,
    ``PoissonSpikes(variable="light")`` there.

    Reads and writes the variable `into` (n,), which is zero when an iteration begins.

    Parameters
    ----------
    images : (images, rows, columns) or with 3 or 4 colours behind, a list of such pictures, files, or a folder of them
        Files are read by Pillow (``fusion-sim[images]``); those of a folder in the order of their names.
    shape : (rows, columns)
        Of what is shown. Unless given, that of the grid on which the neurons stand, or else of the pictures.
    duration, pause, amplitude, order, into
        As of `Patterns`.

    Raises
    ------
    InvalidValue
        If there is no picture, or one is none.
    ShapeMismatch
        If `shape` has not one pixel for each neuron, or a picture is smaller.
    ImportError
        If there are files and Pillow is not installed.
    OffGrid, UnknownName, Unsupported
        As `Patterns`.

    References
    ----------
    Olshausen, Field (1996), *Nature* 381, 607-609, for patches.
    """

    images: object
    shape: tuple[int, int] | None = None

    corner = (0, 0)

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        given = self.images
        if isinstance(given, str | Path) and Path(given).is_dir():
            given = sorted(path for path in Path(given).iterdir() if path.suffix.lower() in ENDINGS)
        elif isinstance(given, str | Path) or not isinstance(given, Iterable):
            raise InvalidValue(f"images is {given!r}; give pictures, files, or a folder.", parameter="images")
        self._pictures = [grey(one) for one in given]
        if not self._pictures:
            raise InvalidValue(f"There is no picture in {self.images!r}.", parameter="images")

    def rows(self, owner: NeuronGroup) -> NDArray[np.floating]:
        """The pictures, flat; of larger ones what is shown next."""
        self._order = Order(self.order, len(self._pictures))
        self._shape = self._pictures[0].shape if self.shape is None else tuple(self.shape)
        if self.shape is None and owner.variable("x") and owner.variable("y"):
            self._shape = len(np.unique(owner.y)), len(np.unique(owner.x))
        if len(self._shape) != 2 or self._shape[0] * self._shape[1] != owner.size:
            raise ShapeMismatch("A picture", self._shape, f"{owner.tag!r} has {owner.size} neurons; give shape=")
        for picture in self._pictures:
            if picture.shape[0] < self._shape[0] or picture.shape[1] < self._shape[1]:
                raise ShapeMismatch("A picture", picture.shape, f"{self._shape} is shown, and it must not be smaller")
        return np.zeros((len(self._pictures), owner.size), owner.network.dtype)

    def next(self, owner: NeuronGroup) -> int:
        """The picture whose turn it is, or a part of it."""
        number = self._order.next(owner.generator)
        picture, (height, width) = self._pictures[number], self._shape
        free = picture.shape[0] - height + 1, picture.shape[1] - width + 1
        # Nothing is drawn for a picture that is shown whole.
        row, column = (int(owner.generator.integers(n)) if n > 1 else 0 for n in free)
        self.corner = row, column
        self._rows[number] = picture[row : row + height, column : column + width].ravel()
        return number


def grey(picture: Any) -> NDArray[np.float64]:
    """A picture (rows, columns), with or without colours, or the file of one, as shades of grey.

    Raises
    ------
    InvalidValue
        If it is none.
    ImportError
        If it is a file and Pillow is not installed.
    """
    values = _read(Path(picture)) if isinstance(picture, str | Path) else np.asarray(picture)
    if values.dtype.kind not in "biuf" or values.ndim not in (2, 3) or values.shape[2:] not in ((), (3,), (4,)):
        raise InvalidValue(f"{values.dtype} {values.shape} is no picture; give (rows, columns), or colours behind.")
    if not values.size or not np.isfinite(values).all():
        raise InvalidValue(f"A picture {values.shape} is empty, or holds what is no number.")
    scale = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1
    scaled = values / scale
    return scaled if scaled.ndim == 2 else scaled[..., :3] @ LUMA


def _read(path: Path) -> NDArray[Any]:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise ImportError("Files of pictures need Pillow: pip install 'fusion-sim[images]'.") from error
    try:
        with Image.open(path) as image:
            # A palette or black and white has no shades of its own.
            return np.asarray(image.convert("RGB") if image.mode in ("P", "1", "CMYK", "LA", "PA") else image)
    except (OSError, UnidentifiedImageError) as error:
        raise InvalidValue(f"{path} holds no picture that can be read: {error}.", path=path) from error
