"""`brief`: a value as people read it in a table."""

from __future__ import annotations

import numpy as np


def brief(value: object, digits: int = 6, longest: int = 60) -> str:
    """A value in a few letters: of numbers in an array mean, standard deviation and shape, of several arrays how many.

    digits : of a single number
    longest : letters that are shown of anything else, which stands as Python writes it
    """
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "biuf":
        finite = value[np.isfinite(value)]
        return f"{_spread(finite) if finite.size else 'no number'}  {value.shape}"
    if isinstance(value, tuple | list) and value and all(isinstance(one, np.ndarray) for one in value):
        return f"{len(value)} arrays, {sum(one.size for one in value)} numbers"
    plain = value.item() if isinstance(value, np.generic | np.ndarray) and not value.ndim else value
    text = f"{plain:.{digits}g}" if isinstance(plain, float) else repr(plain)
    return text if len(text) <= longest else f"{text[:longest]}..."


def _spread(values: np.ndarray) -> str:
    return f"{values.mean():.4g} ± {values.std():.2g}"
