"""References by the name that a reader imports, not by the file in which it is written.

``glassnet.layers.dense.layer.Dense`` is ``glassnet.layers.Dense``. What belongs to Python, NumPy
or another library stays text: the site asks no other site. What belongs to glassnet and is public
nowhere is a warning, which ends the build: nobody could look it up.
"""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from typing import Any, TypeVar

from docutils import nodes

import glassnet
from reference import public_modules

# Words of docstrings that are not references: napoleon takes every word of a type for one.
OTHERS = [
    "numpy",
    "np",
    "collections",
    "typing",
    "pathlib",
    "os",
    "abc",
    "sklearn",
    "matplotlib",
    "pandas",
    "scipy",
    "pyarrow",
    "threading",
    "datetime",
    "types",
    "dataclasses",
    "enum",
]
# Types that only a checker evaluates; those of the second line are settings, not classes.
UNQUALIFIED = [
    "Array",
    "ArrayLike",
    "DTypeLike",
    "Path",
    "Axes",
    "Figure",
    "DataFrame",
    "T",
    "Draw",
    "Function",
    "Optimizer",
    "Missing",
    "Task",
    "Unknown",
    "Scaling",
]


@cache
def public_names() -> dict[int, str]:
    """id of each public object → the name under which the reference has it."""
    found = {}
    for module, holder in {"": glassnet, **public_modules()}.items():
        for name in getattr(holder, "__all__", ()):  # check has a name for each lesson
            one = getattr(holder, name)
            if inspect.isclass(one) or inspect.isroutine(one):
                found.setdefault(id(one), ".".join(filter(None, ["glassnet", module, name])))
    return found


def resolved(target: str) -> Any:
    """The object of a dotted name; None if there is none."""
    parts = target.split(".")
    for end in range(len(parts), 0, -1):
        try:
            one: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        try:
            for name in parts[end:]:
                one = getattr(one, name)
        except AttributeError:
            return None
        return one
    return None


def by_public_name(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """What Sphinx did not find: under its public name, or as text if it is not ours."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    if target.split(".")[0] in OTHERS:
        return contnode
    if target in UNQUALIFIED:
        return contnode
    if target.startswith("glassnet."):
        one = resolved(target)
        if isinstance(one, TypeVar):
            return contnode
        name = public_names().get(id(one))
    else:  # of an annotation that only type checkers evaluate
        alike = [n for n in public_names().values() if n.rpartition(".")[2] == target]
        name = alike[0] if len(alike) == 1 else None
    if name is None:
        return None
    text = nodes.literal("", name.rpartition(".")[2]) if contnode.astext() == target else contnode
    return env.domains["py"].resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], name, node, text
    )


def public_bases(app: Any, name: str, obj: Any, options: Any, bases: list[Any]) -> None:
    """For a base class that is not public: those that it has itself."""
    for base in bases[:]:
        if (
            getattr(base, "__module__", "").startswith("glassnet")
            and id(base) not in public_names()
        ):
            bases[bases.index(base) : bases.index(base) + 1] = [
                one for one in base.__mro__[1:] if id(one) in public_names()
            ][:1]
    if not bases:
        bases.append(object)


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-bases", public_bases)
    app.connect("missing-reference", by_public_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
