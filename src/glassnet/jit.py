"""How glassnet compiles its loops.

A kernel is a formula in a Python loop; Numba turns it into vector instructions.
With ``NUMBA_DISABLE_JIT=1`` in the environment the same loops run as plain Python,
slowly, for a debugger.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

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


def kernel(function: F) -> F:
    """Compile ``function`` on its first call for each combination of argument types.

    The machine code is kept in a cache folder between runs.  Where no such folder can be
    written (a container, a shared installation), it is compiled anew in each process.
    """
    try:
        return cast(F, numba.njit(cache=True, **OPTIONS)(function))
    except RuntimeError as error:  # numba: "cannot cache function …: no locator available"
        if "locator" not in str(error):
            raise
        return cast(F, numba.njit(**OPTIONS)(function))
