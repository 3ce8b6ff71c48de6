"""The stack machine that pickles are programs for, rebuilt so that it can do no harm.

It knows the opcodes (from the table of the standard ``pickletools``) that make plain Python
values, and the few NumPy helpers by which arrays are stored, which stand here as inert names
and are acted upon by this module.  Nothing of the pickle's choosing is imported or called, and
time and memory are bounded.
"""

from __future__ import annotations

import io
import math
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


@dataclass(frozen=True)
class _Name:
    """A global that the pickle spoke of; it only stands for itself."""

    spoken: str
    kind: str


@dataclass
class _DType:
    """A dtype in the making: its code and, after BUILD, its byte order."""

    code: str
    order: str = ""

    @property
    def numpy(self) -> np.dtype[Any]:
        return np.dtype(self.order + self.code.lstrip("<>|="))


@dataclass
class _Array:
    """An array in the making: empty until BUILD brings its shape and bytes."""

    value: NDArray[Any] | None = None


_MARK = object()
_KEYS = (str, int, bytes, float, bool, type(None))


class RefusedError(Exception):
    """Something that this reader will not do."""


class Machine:
    """The stack, the memo, and one method or line for each opcode that is allowed."""

    def __init__(self, data: bytes, budget: int) -> None:
        self.data = data
        self.budget = budget  # bytes that arrays may still take
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        """The value that the program leaves behind."""
        operations = pickletools.genops(io.BytesIO(self.data))
        for count, (opcode, argument, position) in enumerate(operations):
            if count > MAX_OPERATIONS:
                raise RefusedError(f"more than {MAX_OPERATIONS} operations")
            if opcode.name == "STOP":
                return self._result()
            action = _ACTIONS.get(opcode.name)
            if action is None:
                raise RefusedError(
                    f"the pickle uses {opcode.name} at byte {position}, which can run code or "
                    f"build objects. Only arrays, dicts, lists, tuples, text and numbers are read."
                )
            action(self, argument)
        raise RefusedError("the pickle ends without STOP: it is truncated")

    # -- the stack --------------------------------------------------------------------------

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        value = self.stack.pop()
        if value is _MARK:
            raise ValueError("a mark where a value should be")
        return value

    def top(self, kind: type) -> Any:
        """The value on top, which must be of this kind."""
        if not self.stack or type(self.stack[-1]) is not kind:
            raise ValueError(f"no {kind.__name__} on the stack")
        return self.stack[-1]

    def since_mark(self) -> list[Any]:
        """The values above the last mark, taken off with it."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is _MARK:
                values = self.stack[place + 1 :]
                del self.stack[place:]
                return values
        raise ValueError("no mark on the stack")

    def protocol(self, number: int) -> None:
        if number > 5:
            raise RefusedError(f"protocol {number} is newer than this reader, which knows 0 to 5")

    # -- containers --------------------------------------------------------------------------

    def pop_or_unmark(self, _: Any) -> None:
        self.stack.pop()

    def tuple_of(self, count: int) -> None:
        values = [self.pop() for _ in range(count)][::-1]
        self.push(tuple(values))

    def extend(self, values: list[Any]) -> None:
        self.top(list).extend(values)

    def append(self, _: Any) -> None:
        value = self.pop()
        self.extend([value])

    def set_items(self, values: list[Any]) -> None:
        target = self.top(dict)
        if len(values) % 2:
            raise ValueError("a key without a value")
        for key, value in zip(values[::2], values[1::2]):
            # Hashing a tuple that holds itself twice, fifty times over, never ends; and large
            # integers can be chosen so that all hashes are alike.
            if type(key) not in _KEYS or (type(key) is int and abs(key) > 1 << 64):
                raise RefusedError(f"a dict key is {kind_of(key)}; text or a number was expected")
            target[key] = value

    def set_item(self, _: Any) -> None:
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def new_dict(self, _: Any) -> None:
        values = self.since_mark()
        self.push({})
        self.set_items(values)

    def remember(self, index: int) -> None:
        if not self.stack or self.stack[-1] is _MARK:
            raise ValueError("nothing to remember")
        self.memo[index] = self.stack[-1]

    # -- names, and the little that they can do -----------------------------------------------

    def named(self, module: Any, name: Any) -> None:
        spoken = f"{module}.{name}"
        plain = _NUMPY.sub(r"numpy.core.\2", spoken) if _NUMPY.match(spoken) else spoken
        if not isinstance(module, str) or not isinstance(name, str) or plain not in _KNOWN:
            raise RefusedError(
                f"the pickle asks for {spoken[:100]!r}. Only NumPy arrays, dicts, lists, tuples, "
                f"text and numbers are read; nothing was run."
            )
        self.push(_Name(spoken, _KNOWN[plain]))

    def stack_named(self, _: Any) -> None:
        name, module = self.pop(), self.pop()
        self.named(module, name)

    def reduce(self, _: Any) -> None:
        arguments, function = self.pop(), self.pop()
        if not isinstance(function, _Name) or not isinstance(arguments, tuple):
            raise RefusedError(f"the pickle calls {kind_of(function)}, which is not allowed")
        match function.kind, arguments:
            case "reconstruct", (_Name(kind="ndarray"), (0,), b"b" | "b"):
                self.push(_Array())
            case "dtype", (str() as code, *_):
                self.push(_DType(_checked_code(code)))
            case "scalar", (_DType() as dtype, bytes() | str() as data):
                self.push(self.array((), dtype, data, "C")[()])
            case "frombuffer", (bytes() | bytearray() as data, _DType() as dtype, shape, order):
                self.push(_Array(self.array(shape, dtype, data, order)))
            case "encode", (str() as text, "latin1" | "latin-1"):
                self.spend(len(text))
                self.push(text.encode("latin-1"))
            case "bytes", ():
                self.push(b"")
            case _:
                raise RefusedError(f"the pickle calls {function.spoken} in an unusual way")

    def build(self, _: Any) -> None:
        state = self.pop()
        match self.stack[-1] if self.stack else None, state:
            case _DType() as dtype, (3 | 4, str() as order, None, None, None, *_) if order in (
                "<",
                ">",
                "|",
                "=",
            ):
                dtype.order = order
            case _Array(value=None) as array, (
                1,
                shape,
                _DType() as dtype,
                bool() | int() as fortran,
                bytes() | bytearray() | str() as data,
            ):
                array.value = self.array(shape, dtype, data, "F" if fortran else "C")
            case target, _:
                raise RefusedError(f"the pickle sets the state of {kind_of(target)}")

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

    # -- the end -----------------------------------------------------------------------------

    def _result(self) -> Any:
        if len(self.stack) != 1:
            raise ValueError(f"{len(self.stack)} values are left at the end")
        self._left = MAX_VALUES
        return self._plain(self.pop(), 0)

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
        if isinstance(value, (_Name, _DType)) or value is _MARK:
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


def _push(machine: Machine, value: Any) -> None:
    machine.push(value)


_VALUES = (
    "INT LONG BININT BININT1 BININT2 LONG1 LONG4 FLOAT BINFLOAT "
    "STRING BINSTRING SHORT_BINSTRING UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 "
    "BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8"
)
_ACTIONS: dict[str, Callable[[Machine, Any], Any]] = {
    **dict.fromkeys(_VALUES.split(), _push),
    "PROTO": Machine.protocol,
    "FRAME": lambda m, _: None,
    "NONE": lambda m, _: m.push(None),
    "NEWTRUE": lambda m, _: m.push(True),
    "NEWFALSE": lambda m, _: m.push(False),
    "MARK": lambda m, _: m.push(_MARK),
    "POP": Machine.pop_or_unmark,
    "POP_MARK": lambda m, _: m.since_mark(),
    "DUP": lambda m, _: m.push(m.stack[-1]),
    "EMPTY_TUPLE": lambda m, _: m.push(()),
    "TUPLE": lambda m, _: m.push(tuple(m.since_mark())),
    "TUPLE1": lambda m, _: m.tuple_of(1),
    "TUPLE2": lambda m, _: m.tuple_of(2),
    "TUPLE3": lambda m, _: m.tuple_of(3),
    "EMPTY_LIST": lambda m, _: m.push([]),
    "LIST": lambda m, _: m.push(m.since_mark()),
    "APPEND": Machine.append,
    "APPENDS": lambda m, _: m.extend(m.since_mark()),
    "EMPTY_DICT": lambda m, _: m.push({}),
    "DICT": Machine.new_dict,
    "SETITEM": Machine.set_item,
    "SETITEMS": lambda m, _: m.set_items(m.since_mark()),
    "PUT": lambda m, index: m.remember(index),
    "BINPUT": lambda m, index: m.remember(index),
    "LONG_BINPUT": lambda m, index: m.remember(index),
    "MEMOIZE": lambda m, _: m.remember(len(m.memo)),
    "GET": lambda m, index: m.push(m.memo[index]),
    "BINGET": lambda m, index: m.push(m.memo[index]),
    "LONG_BINGET": lambda m, index: m.push(m.memo[index]),
    "GLOBAL": lambda m, argument: m.named(*argument.split(" ", 1)),
    "STACK_GLOBAL": Machine.stack_named,
    "REDUCE": Machine.reduce,
    "BUILD": Machine.build,
}
