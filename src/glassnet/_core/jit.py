"""How glassnet compiles its loops.

A kernel is a formula in a Python loop; Numba turns it into vector instructions.
With ``NUMBA_DISABLE_JIT=1`` in the environment the same loops run as plain Python,
slowly, for a debugger.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import glob
import hashlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numba.extending
from numba.core import event
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.runtime import rtsys

from glassnet._core.interrupt import heard_at_last

F = TypeVar("F", bound=Callable[..., Any])

# error_model="numpy": otherwise every division carries a check for zero, and the loop is
# not vectorised (Adam on 101,770 parameters: 176 -> 42 µs).  The flags let sums be
# reordered and products be fused; never nnan or ninf: a NaN must stay visible.
# no_cfunc_wrapper: nobody calls a kernel by its address, from C.
OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc", "nsz", "arcp"},
    "nogil": True,
    "no_cfunc_wrapper": True,
}


class Compilations(event.TimingListener):  # type: ignore[misc]  # Numba has no types
    """How long loops are compiled that the cache has not: ``duration``, where ``done``."""

    def __init__(self, begins: Callable[[], None]) -> None:
        super().__init__()
        self._begins: Callable[[], None] | None = begins

    def on_start(self, started: Any) -> None:
        if self._begins is not None:
            begins, self._begins = self._begins, None
            begins()
        super().on_start(started)


@contextlib.contextmanager
def compilations(begins: Callable[[], None]) -> Iterator[Compilations]:
    """Watch what is compiled meanwhile; ``begins`` is called before the first loop."""
    with event.install_listener("numba:compile", Compilations(begins)) as watched:
        yield watched


def formula(function: F) -> F:
    """Compile a formula of one number, to stand in the loops of kernels.

    Without ``reassoc``: a sum of a large and a small part stays as it is written.
    """
    flags = OPTIONS["fastmath"] - {"reassoc"}
    return cast(F, numba.njit(**(OPTIONS | {"fastmath": flags}))(function))


class KernelFiles(IndexDataCacheFile):  # type: ignore[misc]  # Numba has no types
    """One file for each loop and combination of types, named by what it was compiled from.

    Numba counts its files and keeps in an index which file is whose. Two processes that compile
    two combinations of types of one loop at once both read the index, both take the next number,
    and the entry of one ends at the machine code of the other: wrong numbers, without a word.
    A name that follows from the source and the types needs no index, and each file also holds
    its key.
    """

    def save(self, key: Any, data: Any) -> None:
        self._save_data(self._name(key), (key, data))
        self._drop(keep=f"{self._base}.{self._stamp}.")

    def load(self, key: Any) -> Any:
        try:
            kept, data = self._load_data(self._name(key))
        except FileNotFoundError:
            return None
        return data if kept == key else None

    def flush(self) -> None:
        self._drop()

    @property
    def _base(self) -> str:
        return cast(str, self._index_name).removesuffix(".nbi")

    @property
    def _stamp(self) -> str:
        return _digest(self._version, self._source_stamp)

    def _name(self, key: Any) -> str:
        return f"{self._base}.{self._stamp}.{_digest(key)}.nbc"

    def _drop(self, keep: str | None = None) -> None:
        """Take away what older sources left; ``keep``: how the names of the others begin."""
        for file in Path(self._cache_path).glob(glob.escape(self._base) + ".*"):
            if (keep is None or not file.name.startswith(keep)) and ".tmp." not in file.name:
                with contextlib.suppress(OSError):
                    file.unlink()


class KernelCache(FunctionCache):  # type: ignore[misc]  # Numba has no types
    """Numba's cache; where the disk is full or a file is damaged, the loop is compiled again."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        place = self._impl.locator
        self._cache_file: Any = KernelFiles(
            place.get_cache_path(), self._impl.filename_base, place.get_source_stamp()
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            # Numba's own would first load what compiling needs (0.7 s); machine code that is
            # there needs its memory functions alone.
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)
        except Exception:  # whatever reading a damaged pickle may raise
            return None  # the file is written again when the loop is compiled

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        """Numba's key, and the sources of the formulas that stand in the loop."""
        return (*super()._index_key(sig, codegen), *_sources(self._py_func))


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _sources(function: Callable[..., Any]) -> list[str]:
    """A digest of each file from which a formula comes into ``function``.

    Numba looks at the file of the loop alone: a changed formula would not be compiled.
    """
    files = set()
    waiting, known = [function], {function}
    while waiting:
        each = waiting.pop()
        code, names = each.__code__.co_names, each.__globals__
        modules = [names, *(vars(names[n]) for n in code if inspect.ismodule(names.get(n)))]
        for called in (getattr(m.get(n), "py_func", None) for m in modules for n in code):
            if called is not None and called not in known:
                known.add(called)
                waiting.append(called)
                files.add(inspect.getfile(called))
    return [_contents(file) for file in sorted(files - {inspect.getfile(function)})]


@functools.cache
def _contents(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]


@contextlib.contextmanager
def without_garbage() -> Iterator[None]:
    """Do not look for garbage: what is made inside is kept, or let go of by its count.

    Of the processor time in which a loop is compiled it would take an eighth.
    """
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.enable()


def kernel(function: F) -> F:
    """Compile ``function`` on its first call for each combination of argument types.

    The machine code is kept in a cache folder between runs.  Where no such folder can be
    written (a container, a shared installation), each process compiles it.
    """
    compiled = numba.njit(**OPTIONS)(function)
    if compiled is not function:  # it is with NUMBA_DISABLE_JIT
        compiled.compile = without_garbage()(heard_at_last()(compiled.compile))
        try:
            compiled._cache = KernelCache(function)
        except RuntimeError as error:  # numba: "cannot cache function …: no locator available"
            if "locator" not in str(error):
                raise
    return cast(F, compiled)


def intrinsic(function: Callable[..., Any]) -> Any:
    """A function that writes the instructions of LLVM itself: (typing, types …) → what writes."""
    return numba.extending.intrinsic(function)
