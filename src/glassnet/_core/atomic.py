"""Whole numbers that threads share: one step of a processor reads, adds and writes them.

Between such a step and the next, whatever a thread wrote before is seen by who reads it there
(sequential consistency, the strictest order).  Without compiled code there is one thread, and the
plain functions do.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from typing import Any

import numba
import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils

from glassnet._core.jit import intrinsic, kernel
from glassnet._core.tile import I32, I64
from glassnet._core.types import Array

ORDER = "seq_cst"


def plain_add(numbers: Array, i: int, n: int) -> int:
    """numbers[i] ← numbers[i] + n; returns what it was."""
    before = numbers[i]
    numbers[i] += n
    return int(before)


def plain_load(numbers: Array, i: int) -> int:
    """numbers[i]"""
    return int(numbers[i])


def plain_store(numbers: Array, i: int, n: int) -> None:
    """numbers[i] ← n"""
    numbers[i] = n


def plain_pause() -> None:
    """Tell the processor that this thread only waits: the other thread of its core goes faster."""


def plain_give_way(function: int) -> None:
    """Let another thread have this core for now, if one waits for it."""


def _place(context: Any, b: Any, kind: Any, array: Any, i: Any) -> Any:
    data = context.make_array(kind)(context, b, value=array).data
    return b.gep(data, [i])


@intrinsic
def compiled_add(typing: Any, numbers: Any, i: Any, n: Any) -> Any:
    """:func:`plain_add`"""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        place = _place(context, b, signature.args[0], args[0], args[1])
        return b.atomic_rmw("add", place, args[2], ORDER)

    return types.intp(numbers, types.intp, types.intp), codegen


@intrinsic
def compiled_load(typing: Any, numbers: Any, i: Any) -> Any:
    """:func:`plain_load`"""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return b.load_atomic(_place(context, b, signature.args[0], args[0], args[1]), ORDER, 8)

    return types.intp(numbers, types.intp), codegen


@intrinsic
def compiled_store(typing: Any, numbers: Any, i: Any, n: Any) -> Any:
    """:func:`plain_store`"""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        place = _place(context, b, signature.args[0], args[0], args[1])
        b.store_atomic(args[2], place, ORDER, 8)
        return context.get_dummy_value()

    return types.void(numbers, types.intp, types.intp), codegen


@intrinsic
def compiled_pause(typing: Any) -> Any:
    """:func:`plain_pause`"""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        machine = binding.get_process_triple()
        if machine.startswith(("x86_64", "i686", "amd64")):
            kind, name, values = ir.FunctionType(ir.VoidType(), []), "llvm.x86.sse2.pause", []
        elif machine.startswith(("aarch64", "arm64")):
            kind = ir.FunctionType(ir.VoidType(), [I32])
            name, values = "llvm.aarch64.hint", [ir.Constant(I32, 1)]
        else:
            return context.get_dummy_value()
        b.call(cgutils.get_or_insert_function(b.module, kind, name), values)
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def compiled_give_way(typing: Any, function: Any) -> Any:
    """:func:`plain_give_way`; function: the address that :func:`way_giver` knows."""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), []).as_pointer()
        with b.if_then(b.icmp_signed("!=", args[0], ir.Constant(I64, 0))):
            b.call(b.inttoptr(args[0], kind), [])
        return context.get_dummy_value()

    return types.void(types.intp), codegen


@intrinsic
def pointer(typing: Any, address: Any) -> Any:
    """An address as what ``numba.carray`` takes."""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return b.inttoptr(args[0], context.get_value_type(signature.return_type))

    return types.voidptr(types.intp), codegen


def plain_numbers_at(address: int, count: int, like: Array) -> Array:
    """The ``count`` numbers of like's type that begin at an address of the memory."""
    room = (ctypes.c_byte * (int(count) * like.itemsize)).from_address(int(address))
    numbers: Array = np.frombuffer(room, like.dtype)  # type: ignore[call-overload]
    return numbers


@kernel
def compiled_numbers_at(address: int, count: int, like: Array) -> Array:
    """:func:`plain_numbers_at`"""
    numbers: Array = numba.carray(pointer(address), (count,), like.dtype)
    return numbers


@functools.cache
def way_giver() -> int:
    """The address of the function of the system that lets another thread go first; 0: none."""
    try:
        on_windows = sys.platform == "win32"
        library = ctypes.CDLL("kernel32" if on_windows else None)
        function = library.SwitchToThread if on_windows else library.sched_yield
    except (OSError, AttributeError):
        return 0
    return ctypes.cast(function, ctypes.c_void_p).value or 0


PLAIN = bool(numba.config.DISABLE_JIT)
add = plain_add if PLAIN else compiled_add
load = plain_load if PLAIN else compiled_load
store = plain_store if PLAIN else compiled_store
pause = plain_pause if PLAIN else compiled_pause
give_way = plain_give_way if PLAIN else compiled_give_way
numbers_at = plain_numbers_at if PLAIN else compiled_numbers_at


@kernel
def unowned(numbers: Array, behind: int) -> Array:
    """A flat array, and ``behind`` more numbers, that others keep alive: nobody counts its users.

    Threads that count them all write to one place in memory.
    """
    return numbers_at(numbers.ctypes.data, numbers.size + behind, numbers)
