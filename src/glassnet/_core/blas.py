"""The matrix products of compiled loops, without the rest of SciPy's linear algebra.

Numba takes them from ``scipy.linalg.cython_blas``. To import it by its name imports all of
``scipy.linalg`` first: 0.1 s of processor time, and of a second ``glassnet train spiral`` a tenth.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import PathFinder

PACKAGE, NAME = "scipy.linalg", "scipy.linalg.cython_blas"


def products_alone() -> None:
    """Load the module of the products by itself, where it is not loaded yet.

    For a program of our own: ``scipy.linalg`` that is imported later finds and uses it, but does
    not have it as an attribute.
    """
    if PACKAGE in sys.modules or NAME in sys.modules:
        return
    import scipy  # loads its libraries, on Windows

    spec = PathFinder.find_spec(NAME, [f"{place}/linalg" for place in scipy.__path__])
    if spec is None or spec.loader is None:
        return  # another SciPy: by its name, then
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    try:
        spec.loader.exec_module(module)
    except ImportError:
        del sys.modules[NAME]
