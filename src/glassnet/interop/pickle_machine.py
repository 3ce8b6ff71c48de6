"""Python's own unpickler without the opcodes and the calls that can do harm.

``pickle.Unpickler`` with a ``find_class`` would keep a pickle from calling anything, but not from
taking all memory or never ending: nine bytes make its C code allocate 16 GB for a place in the
memo or for a bytearray, and the hash of a tuple that holds itself twice, sixty times over, takes
2⁶⁰ steps.  So this is a subclass of the same class as it is written in Python, whose memo is a
dict, and which can be told opcode by opcode what it may do.  NumPy's helpers, by which arrays are
stored, are inert names here, acted upon by this module; nothing of the pickle's choosing is
imported or called.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_OPERATIONS = 1_000_000
MAX_VALUES = 1_000_000  # in the result, counted wherever they appear
MAX_DEPTH = 50

_NUMPY = re.compile(r"numpy\.(_core|core)\.(multiarray|numeric)")
# module.name, with numpy's two folders written as one -> what stands for it.
_KNOWN = {
    "numpy.core.multiarray._reconstruct": "reconstruct",
    "numpy.core.multiarray.scalar": "scalar",
    "numpy.core.numeric._frombuffer": "frombuffer",
    "numpy.ndarray": "ndarray",
    "numpy.dtype": "dtype",
    "_codecs.encode": "encode",  # how Python 3 writes bytes in protocols 0 to 2
    "__builtin__.bytes": "bytes",  # and empty ones
}
# Booleans, integers, floats, complex numbers, fixed-width text: no "O" (any object), no records.
_DTYPE = re.compile(r"[<>|=]?(\?|b1|[iu][1248]|f[248]|c8|c16|[SU][0-9]{1,6})")


# What makes plain values.  Not: sets, persistent ids, extensions, buffers, and all that makes
# objects (INST, OBJ, NEWOBJ).
_ALLOWED = (
    "INT LONG BININT BININT1 BININT2 LONG1 LONG4 FLOAT BINFLOAT NONE NEWTRUE NEWFALSE "
    "STRING BINSTRING SHORT_BINSTRING UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 "
    "BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8 PROTO FRAME STOP MARK POP POP_MARK DUP "
    "EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST LIST APPEND APPENDS "
    "EMPTY_DICT DICT SETITEM SETITEMS PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET "
    "GLOBAL STACK_GLOBAL REDUCE BUILD"
)
_NAMES = {ord(op.code): op.name for op in pickletools.opcodes}


@dataclass(frozen=True)
class _Name:
    """A global that the pickle spoke of: the name, and what is done when it is called."""

    spoken: str
    kind: str
    machine: Machine

    def __call__(self, *arguments: Any) -> Any:
        array = self.machine.array
        match self.kind, arguments:
            case "reconstruct", (_Name(kind="ndarray"), (0,), b"b" | "b"):
                return _Array(array)
            case "dtype", (str() as code, *_):
                return _DType(_checked_code(code))
            case "scalar", (_DType() as dtype, bytes() | str() as data):
                return array((), dtype, data, "C")[()]
            case "frombuffer", (bytes() | bytearray() as data, _DType() as dtype, shape, order):
                return _Array(array, array(shape, dtype, data, order))
            case "encode", (str() as text, "latin1" | "latin-1"):
                self.machine.spend(len(text))
                return text.encode("latin-1")
            case "bytes", ():
                return b""
        raise RefusedError(f"the pickle calls {self.spoken} in an unusual way")


@dataclass
class _DType:
    """A dtype in the making: its code and, after BUILD, its byte order."""

    code: str
    order: str = ""

    def build(self, state: Any) -> bool:
        match state:
            case (3 | 4, ("<" | ">" | "|" | "=") as order, None, None, None, *_):
                self.order = order
                return True
        return False

    @property
    def numpy(self) -> np.dtype[Any]:
        return np.dtype(self.order + self.code.lstrip("<>|="))


@dataclass
class _Array:
    """An array in the making: empty until BUILD brings its shape and bytes."""

    make: Callable[[Any, _DType, Any, Any], NDArray[Any]]
    value: NDArray[Any] | None = None

    def build(self, state: Any) -> bool:
        match self.value, state:
            case (
                None,
                (
                    1,
                    shape,
                    _DType() as dtype,
                    int() as fortran,
                    bytes() | bytearray() | str() as data,
                ),
            ):
                self.value = self.make(shape, dtype, data, "F" if fortran else "C")
                return True
        return False


_KEYS = (str, int, bytes, float, bool, type(None))


class RefusedError(Exception):
    """Something that this reader will not do."""


class _Handlers(dict[int, Callable[[Any], None]]):
    """opcode → what is done for it; counts how often it is asked."""

    def __init__(self, handlers: dict[int, Callable[[Any], None]]) -> None:
        super().__init__(handlers)
        self.left = MAX_OPERATIONS

    def __getitem__(self, code: int) -> Callable[[Any], None]:
        self.left -= 1
        if self.left < 0:
            raise RefusedError(f"more than {MAX_OPERATIONS} operations")
        if code in _NAMES and code not in self:
            raise RefusedError(
                f"the pickle uses {_NAMES[code]}, which can run code or build objects. Only "
                "arrays, dicts, lists, tuples, text and numbers are read."
            )
        return super().__getitem__(code)


_Unpickler: Any = pickle._Unpickler


class Machine(_Unpickler):  # type: ignore[misc]
    """Python's unpickler with bounded time and memory, for plain values and arrays.

    Attributes:
        opcodes: those that are done.
    """

    opcodes = tuple(_ALLOWED.split())

    def __init__(self, data: bytes, budget: int) -> None:
        super().__init__(io.BytesIO(data), encoding="latin-1")
        self.budget = budget  # bytes that arrays may still take
        handlers = {c: _Unpickler.dispatch[c] for c, n in _NAMES.items() if n in self.opcodes}
        for own in ("STOP", "SETITEM", "SETITEMS", "DICT", "BUILD", "BYTEARRAY8"):
            code = next(c for c, name in _NAMES.items() if name == own)
            handlers[code] = getattr(type(self), f"load_{own.lower()}")
        self.dispatch = _Handlers(handlers)

    def run(self) -> Any:
        """The value that the program leaves behind."""
        value = self.load()
        self._left = MAX_VALUES
        return self._plain(value, 0)

    # -- what goes another way than in Python's unpickler ------------------------------------

    def find_class(self, module: str, name: str) -> Any:
        spoken = f"{module}.{name}"
        plain = _NUMPY.sub(r"numpy.core.\2", spoken) if _NUMPY.match(spoken) else spoken
        if plain not in _KNOWN:
            raise RefusedError(
                f"the pickle asks for {spoken[:100]!r}. Only NumPy arrays, dicts, lists, tuples, "
                f"text and numbers are read; nothing was run."
            )
        return _Name(spoken, _KNOWN[plain], self)

    def load_stop(self) -> None:
        if len(self.stack) != 1 or self.metastack:
            raise ValueError(f"{len(self.stack)} values are left at the end")
        super().load_stop()

    def load_build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, (_DType, _Array)) or not target.build(state):
            raise RefusedError(f"the pickle sets the state of {kind_of(target)}")

    def load_bytearray8(self) -> None:
        """As bytes, which are read and not promised: a length that lies allocates nothing."""
        self.load_binbytes8()
        self.stack[-1] = bytearray(self.stack[-1])

    def load_dict(self) -> None:
        values = self.pop_mark()
        self.append({})
        self._set(values)

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set([key, value])

    def load_setitems(self) -> None:
        self._set(self.pop_mark())

    def _set(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not dict or len(values) % 2:
            raise ValueError("a key without a value, or no dict to put them into")
        for key, value in zip(values[::2], values[1::2]):
            # Hashing a tuple that holds itself twice, fifty times over, never ends; and large
            # integers can be chosen so that all hashes are alike.
            if type(key) not in _KEYS or (type(key) is int and abs(key) > 1 << 64):
                raise RefusedError(f"a dict key is {kind_of(key)}; text or a number was expected")
            target[key] = value

    # -- arrays ------------------------------------------------------------------------------

    def array(self, shape: Any, dtype: _DType, data: Any, order: Any) -> NDArray[Any]:
        """An array of its own memory, if the bytes are exactly as many as its shape says."""
        if isinstance(data, str):  # from Python 2
            data = data.encode("latin-1")
        if (
            not isinstance(shape, tuple)
            or len(shape) > 32
            or not all(type(n) is int and 0 <= n < 1 << 40 for n in shape)
            or order not in ("C", "F")
        ):
            raise RefusedError(f"an array of shape {str(shape)[:100]} and order {order!r}")
        kind = dtype.numpy
        expected = math.prod(shape) * kind.itemsize
        if expected != len(data) or kind.itemsize == 0:
            raise RefusedError(
                f"an array of shape {shape} and type {kind} takes {expected} bytes, "
                f"but {len(data)} are there"
            )
        self.spend(expected)
        array = np.frombuffer(bytearray(data), dtype=kind).reshape(shape, order=order)
        return array.astype(kind.newbyteorder("="), order="K", copy=False)

    def spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise RefusedError("its arrays together take more memory than max_bytes")

    def _plain(self, value: Any, depth: int) -> Any:
        """The value with its arrays in place, as a tree of bounded size."""
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            # Lists that hold each other twice grow to billions when they are walked.
            raise RefusedError(
                f"more than {MAX_VALUES} values, or more than {MAX_DEPTH} inside each other"
            )
        if isinstance(value, list):
            return [self._plain(v, depth + 1) for v in value]
        if isinstance(value, tuple):
            return tuple(self._plain(v, depth + 1) for v in value)
        if isinstance(value, dict):
            return {k: self._plain(v, depth + 1) for k, v in value.items()}
        if isinstance(value, _Array):
            if value.value is None:
                raise ValueError("an array without content")
            return value.value
        if isinstance(value, (_Name, _DType)):
            raise RefusedError(f"the pickle holds {kind_of(value)}, which is no array")
        return value


def _checked_code(code: str) -> str:
    if _DTYPE.fullmatch(code):
        return code
    what = "an array of Python objects" if code.strip("<>|=")[:1] == "O" else "an array"
    raise RefusedError(f"{what} of type {code[:50]!r}; numbers and text of fixed width are read")


def kind_of(value: Any) -> str:
    """What a value is, for a message."""
    if isinstance(value, _Name):
        return f"the name {value.spoken}"
    if isinstance(value, _DType):
        return "a dtype"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    return f"a value of type {type(value).__name__}"
