"""Plain values as bytes and arrays: what may cross to a worker, and nothing else; no pickle, no code."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from importlib import import_module
from types import BuiltinFunctionType, FunctionType
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

import fusion.errors
from fusion.adapter import registry
from fusion.adapter.base import Edge, Handle, Input, Port, Variable
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.recipe import Recipe, importable
from fusion.adapter.specimen import Specimen
from fusion.adapter.tiers import Tier
from fusion.core.clock import Clock
from fusion.core.projection import Projection
from fusion.errors import FusionError, InvalidValue, SimulatorFailed, WireError
from fusion.host.wire import Buffer

RECORDS = (Handle, Variable, Input, Edge, Port, Capabilities, Tier, Projection, Specimen)
"""Records of the contract, which cross field by field; a Clock crosses as its dt."""
_RECORDS: dict[str, type[Any]] = {record.__name__: record for record in RECORDS}
_FIELDS = {record: [field.name for field in fields(record)] for record in RECORDS} | {Clock: ["dt"]}
_RECORDS["Clock"] = Clock

ARRAY, SCALAR, TUPLE, COMPLEX, SLICE, INTEGER, RECORD, RECIPE, NAME, ERROR = range(1, 11)
"""What extension types of the header mean."""

DTYPES = tuple(np.dtype(code) for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"))
DTYPES += tuple(np.dtype(code) for code in ("c8", "c16"))
_CODES = {dtype: code for code, dtype in enumerate(DTYPES)}

_ARRAY = struct.Struct("<IBB")  # buffer, code of the dtype, dimensions; their lengths follow
_NO_BUFFER = 0xFFFFFFFF


def encode(value: Any) -> tuple[bytes, list[Buffer]]:
    """As `Encoder.encode`, once."""
    return Encoder().encode(value)


class Encoder:
    """Writes values as a header and the arrays beside it; one is kept where many are written.

    None, numbers, text, bytes, slices, arrays and scalars of NumPy (numbers and truth values), lists, tuples,
    dictionaries, the records of an adapter's contract, recipes, errors, and functions and classes by their names.

    Raises
    ------
    InvalidValue
        If anything else is in it, or a function that a worker could not import.
    """

    def __init__(self) -> None:
        self._packer = msgpack.Packer(default=self._extension, strict_types=True)
        self._buffers: list[Buffer] = []

    def encode(self, value: Any) -> tuple[bytes, list[Buffer]]:
        """The header and the buffers of a value; arrays are not copied, so they stay as they are until it is sent."""
        self._buffers = []
        return self._checked(self._packer.pack, value), self._buffers

    def _pack(self, value: Any) -> bytes:
        """A value within another."""
        return self._checked(self._pack_anew, value)

    def _pack_anew(self, value: Any) -> bytes:
        packed: bytes = msgpack.packb(value, default=self._extension, strict_types=True)
        return packed

    def _checked(self, pack: Callable[[Any], bytes], value: Any) -> bytes:
        try:
            return pack(value)
        except FusionError:
            raise
        except (ValueError, RecursionError) as error:
            raise InvalidValue(f"A value cannot be sent to a worker: {error}. Is it nested without end?") from error

    def _extension(self, value: Any) -> Any:
        for kind, write in _WRITERS:
            if isinstance(value, kind):
                return write(self, value)
        raise InvalidValue(
            f"{value!r} ({type(value).__module__}.{type(value).__qualname__}) cannot be sent to a worker, only plain "
            "values can: numbers, text, NumPy arrays, lists and dictionaries of them, recipes, and functions by name. "
            "Make the object in a function that the worker can import, and give that.",
            value=value,
        )

    def _buffer(self, array: NDArray[Any]) -> int:
        """Number of the buffer that a contiguous array becomes; none is needed for nothing."""
        if not array.size:
            return _NO_BUFFER
        self._buffers.append((array.data.cast("B"),))
        return len(self._buffers) - 1

    def array(self, array: NDArray[Any]) -> Any:
        dtype = array.dtype.newbyteorder("=")
        if dtype not in _CODES:
            raise InvalidValue(
                f"An array of {array.dtype} cannot be sent to a worker; give numbers or truth values.",
                dtype=array.dtype,
            )
        shape = struct.pack(f"<{array.ndim}Q", *array.shape)
        return _extended(
            ARRAY, _ARRAY.pack(self._buffer(np.ascontiguousarray(array, dtype)), _CODES[dtype], array.ndim) + shape
        )

    def scalar(self, scalar: np.generic) -> Any:
        if scalar.dtype not in _CODES:
            raise InvalidValue(f"{scalar!r} cannot be sent to a worker; give a number.", value=scalar)
        return _extended(SCALAR, bytes([_CODES[scalar.dtype]]) + scalar.tobytes())

    def complex(self, value: complex) -> Any:
        return _extended(COMPLEX, struct.pack("<dd", value.real, value.imag))

    def integer(self, value: int) -> Any:
        return _extended(INTEGER, str(int(value)).encode())

    def tuple(self, value: tuple[Any, ...]) -> Any:
        if hasattr(value, "_fields"):
            raise InvalidValue(f"{value!r} is a named tuple, which a worker does not know; give a plain one.")
        return _extended(TUPLE, self._pack(list(value)))

    def slice(self, value: slice) -> Any:
        return _extended(SLICE, self._pack([value.start, value.stop, value.step]))

    def mapping(self, value: Mapping[Any, Any]) -> dict[Any, Any]:
        return dict(value)

    def record(self, value: Any) -> Any:
        kind = type(value)
        return _extended(RECORD, self._pack([kind.__name__, *(getattr(value, name) for name in _FIELDS[kind])]))

    def recipe(self, value: Recipe) -> Any:
        return _extended(RECIPE, self._pack([name_of(type(value)), value.described()]))

    def name(self, value: Any) -> Any:
        return _extended(NAME, name_of(value).encode())

    def error(self, value: BaseException) -> Any:
        if not isinstance(value, FusionError):
            return _extended(ERROR, self._pack(["", f"{type(value).__name__}: {value}", {}, []]))
        known = next(base for base in type(value).__mro__ if vars(fusion.errors).get(base.__name__) is base)
        facts = {key: fact for key, fact in vars(value).items() if key != "__notes__" and _is_plain(fact)}
        notes = getattr(value, "__notes__", [])
        return _extended(ERROR, self._pack([known.__name__, str(value), facts, notes]))


def decode(header: memoryview | bytes, buffers: Sequence[memoryview], *, may_import: bool = False) -> Any:
    """The value that was encoded; arrays are views of the buffers.

    may_import : whether functions and classes may be named, which are then imported: on the side that builds only

    Raises
    ------
    WireError
        If this was not written by `encode`.
    """
    try:
        return _Decoder(buffers, may_import).unpack(header)
    except FusionError:
        raise
    except Exception as error:  # whatever garbage provokes
        raise WireError(f"A message cannot be read: {type(error).__name__}: {error}.") from error


_WRITERS: tuple[tuple[Any, Any], ...] = (
    (np.ndarray, Encoder.array),
    (np.generic, Encoder.scalar),
    (tuple, Encoder.tuple),
    (slice, Encoder.slice),
    (tuple(_FIELDS), Encoder.record),
    (Recipe, Encoder.recipe),
    (complex, Encoder.complex),
    (int, Encoder.integer),
    (BaseException, Encoder.error),
    (Mapping, Encoder.mapping),
    ((type, FunctionType, BuiltinFunctionType, np.ufunc), Encoder.name),
)
"""How values are written that msgpack does not know."""


def _extended(code: int, data: bytes) -> Any:
    """An extension of msgpack's; made without its checks, which take as long as writing an array."""
    return tuple.__new__(msgpack.ExtType, (code, data))


def _is_plain(value: Any) -> bool:
    """Whether a fact of an error can cross; one that cannot stays behind, its text is in the message."""
    try:
        encode(value)
    except InvalidValue:
        return False
    return True


class _Decoder:
    """Reads a header, with the buffers beside it."""

    def __init__(self, buffers: Sequence[memoryview], may_import: bool) -> None:
        self._buffers, self._may_import = buffers, may_import

    def unpack(self, packed: memoryview | bytes) -> Any:
        return msgpack.unpackb(packed, ext_hook=self._extension, strict_map_key=False)

    def _extension(self, code: int, data: bytes) -> Any:
        return _READERS[code](self, data)

    def _flat(self, buffer: int, dtype: np.dtype[Any], n: int) -> NDArray[Any]:
        if buffer == _NO_BUFFER:
            return np.empty(0, dtype)
        flat: NDArray[Any] = np.frombuffer(self._buffers[buffer], dtype)
        if len(flat) != n:
            raise WireError(f"An array of {n} numbers came with {len(flat)}.")
        return flat

    def array(self, data: bytes) -> NDArray[Any]:
        buffer, code, n = _ARRAY.unpack_from(data)
        shape = struct.unpack_from(f"<{n}Q", data, _ARRAY.size)
        size = 1
        for length in shape:
            size *= length
        return self._flat(buffer, DTYPES[code], size).reshape(shape)

    def scalar(self, data: bytes) -> Any:
        return np.frombuffer(data, DTYPES[data[0]], 1, 1)[0]

    def complex(self, data: bytes) -> complex:
        return complex(*struct.unpack("<dd", data))

    def integer(self, data: bytes) -> int:
        return int(data)

    def tuple(self, data: bytes) -> tuple[Any, ...]:
        return tuple(self.unpack(data))

    def slice(self, data: bytes) -> slice:
        return slice(*self.unpack(data))

    def record(self, data: bytes) -> Any:
        name, *values = self.unpack(data)
        return _RECORDS[name](*values)

    def recipe(self, data: bytes) -> Recipe:
        name, description = self.unpack(data)
        return recipe_class(name).from_description(description)

    def name(self, data: bytes) -> Any:
        if not self._may_import:
            raise WireError(f"A worker answered with {data!r}, which is no value.")
        return named(data.decode())

    def error(self, data: bytes) -> Exception:
        name, text, facts, notes = self.unpack(data)
        kind = vars(fusion.errors).get(name, SimulatorFailed)
        if not (isinstance(kind, type) and issubclass(kind, FusionError)):
            raise WireError(f"A worker answered with {name!r}, which is no error of fusion.")
        error = kind.__new__(kind)
        FusionError.__init__(error, text, **facts)
        for note in notes:
            error.add_note(note)
        return error


_READERS = {
    ARRAY: _Decoder.array,
    SCALAR: _Decoder.scalar,
    TUPLE: _Decoder.tuple,
    COMPLEX: _Decoder.complex,
    SLICE: _Decoder.slice,
    INTEGER: _Decoder.integer,
    RECORD: _Decoder.record,
    RECIPE: _Decoder.recipe,
    NAME: _Decoder.name,
    ERROR: _Decoder.error,
}


def name_of(thing: Any) -> str:
    """``module:name`` of a function or a class; `InvalidValue` if a worker could not import it by that."""
    if isinstance(thing, np.ufunc):
        return f"numpy:{thing.__name__}"
    return importable(thing)


def named(name: str) -> Any:
    """The function or class of ``module:name``; `InvalidValue` if it cannot be imported here."""
    module, _, path = name.partition(":")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidValue(
            f"{name!r} cannot be imported where the worker is: {error}. Install its module there, or put its folder on "
            "PYTHONPATH.",
            name=name,
        ) from error
    return found


def recipe_class(name: str) -> type[Recipe]:
    """A class of recipes by its ``module:name``; of fusion and of adapters that are installed only."""
    homes = {"fusion", *(adapter.__module__.partition(".")[0] for adapter in registry.available().values())}
    if name.partition(":")[0].partition(".")[0] in homes:
        found = named(name)
        if isinstance(found, type) and issubclass(found, Recipe):
            return found
    raise WireError(f"{name!r} is no recipe of an adapter that is installed here: {', '.join(registry.available())}.")
