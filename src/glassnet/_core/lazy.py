"""Names that are loaded when they are first asked for.

A package's public names stand once, in the ``__init__.pyi`` beside its ``__init__.py``, where
type checkers and editors read them; :func:`attach` reads the same lines when the first name is
asked for.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any


def attach(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package; ``__all__`` is found by the first.

    >>> getter, names = attach("glassnet.plots")
    >>> getter("save").__module__
    'glassnet.plots.style'
    """
    table: dict[str, tuple[str, str | None]] = {}

    def places() -> dict[str, tuple[str, str | None]]:
        if not table:
            table.update(read_stub(package))
        return table

    def names() -> list[str]:
        own = [name for name in ("__version__",) if name in vars(sys.modules[package])]
        return sorted([*places(), *own])

    def getter(name: str) -> Any:
        if name == "__all__":
            return names()
        if name.startswith("__") or name not in places():  # Python asks for __path__ and such
            from glassnet._core.habits import missing  # an error's: not to be waited for

            raise missing(package, name, () if name.startswith("__") else names())
        module, attribute = places()[name]
        loaded = importlib.import_module(module)
        value = loaded if attribute is None else getattr(loaded, attribute)
        setattr(sys.modules[package], name, value)
        return value

    return getter, names


def read_stub(package: str) -> dict[str, tuple[str, str | None]]:
    """name → (module, name in it), or (module, None) for a module, as the stub imports them."""
    import _ast  # what ast is made of, without ast's own code

    module = sys.modules[package]
    stub = str(module.__file__).removesuffix(".py") + ".pyi"
    loader: Any = module.__loader__  # reads from a wheel in a zip file, too
    tree: Any = compile(loader.get_data(stub), stub, "exec", _ast.PyCF_ONLY_AST)
    return {
        alias.asname or alias.name: (
            (f"{package}.{alias.name}", None)
            if node.module == package
            else (str(node.module), alias.name)
        )
        for node in tree.body
        if isinstance(node, _ast.ImportFrom)
        for alias in node.names
    }
