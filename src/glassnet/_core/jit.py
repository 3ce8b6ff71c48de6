"""How glassnet compiles its loops.

A kernel is a formula in a Python loop; Numba turns it into vector instructions.
With ``NUMBA_DISABLE_JIT=1`` in the environment the same loops run as plain Python,
slowly, for a debugger.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache

F = TypeVar("F", bound=Callable[..., Any])

# error_model="numpy": otherwise every division carries a check for zero, and the loop is
# not vectorised (Adam on 101,770 parameters: 176 -> 42 µs).  The flags let sums be
# reordered and products be fused; never nnan or ninf: a NaN must stay visible.
OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc", "nsz", "arcp"},
    "nogil": True,
}


def formula(function: F) -> F:
    """Compile a formula of one number, to stand in the loops of kernels.

    Without ``reassoc``: a sum of a large and a small part stays as it is written.
    """
    flags = OPTIONS["fastmath"] - {"reassoc"}
    return cast(F, numba.njit(**(OPTIONS | {"fastmath": flags}))(function))


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's cache folder; where the disk is full or a file is damaged, the loop is compiled anew.

    Numba writes the index of a loop before its code. If the code does not follow, the index
    would lead to whatever lies under that name, even an older version's code: so it goes.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever reading a damaged pickle may raise
            self._forget()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError:
            self._forget()

    def _forget(self) -> None:
        with contextlib.suppress(OSError):
            Path(self._cache_file._index_path).unlink()


def kernel(function: F) -> F:
    """Compile ``function`` on its first call for each combination of argument types.

    The machine code is kept in a cache folder between runs.  Where no such folder can be
    written (a container, a shared installation), it is compiled anew in each process.
    """
    compiled = numba.njit(**OPTIONS)(function)
    if compiled is not function:  # it is with NUMBA_DISABLE_JIT
        try:
            compiled._cache = KernelCache(function)
        except RuntimeError as error:  # numba: "cannot cache function …: no locator available"
            if "locator" not in str(error):
                raise
    return cast(F, compiled)
