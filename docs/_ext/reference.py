"""The pages of the API reference: one for each public module, so that none is forgotten."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import glassnet

FOLDER = "api"


def public_modules() -> dict[str, ModuleType]:
    """Those that ``import glassnet`` shows, by name."""
    names = sorted(name for name in glassnet.__all__ if not name.startswith("_"))
    found = {name: getattr(glassnet, name) for name in names}
    return {name: one for name, one in found.items() if inspect.ismodule(one)}


def page(name: str, module: ModuleType) -> str:
    """What a module's page says to Sphinx."""
    title = f"glassnet.{name}" if name else "glassnet"
    lines = [title, "=" * len(title), "", f".. automodule:: {title}", ""]
    if not name:
        shown = [n for n in module.__all__ if not inspect.ismodule(getattr(module, n))]
        lines[-1:] = [f"   :members: {', '.join(sorted(shown))}", ""]
    for each in values(module):
        lines += [f".. py:data:: {title}.{each}", "", f"   {said_of(module, each)}", ""]
    return "\n".join(lines)


def load(module: ModuleType) -> None:
    """Have all that is loaded when first asked for, or autodoc does not see it."""
    for name in getattr(module, "__all__", ()):
        setattr(module, name, getattr(module, name))


def values(module: ModuleType) -> list[str]:
    """The public names that are no classes, functions or modules: autodoc leaves them out."""
    found = {name: getattr(module, name) for name in getattr(module, "__all__", ())}
    return [
        name
        for name, one in found.items()
        if not (inspect.isclass(one) or inspect.isroutine(one) or inspect.ismodule(one))
        and not name.startswith("__")
    ]


def said_of(module: ModuleType, name: str) -> str:
    """One line on a value: the comment at its definition, or what it is."""
    source = inspect.getsource(module)
    above = re.search(rf"((?:^# .*\n)+)^{name}\b.*=", source, re.MULTILINE)
    beside = re.search(rf"^{name}\b[^\n]*=[^\n]*  # (.*)$", source, re.MULTILINE)
    if above:
        return " ".join(line[2:] for line in above[1].splitlines())
    if beside:
        return beside[1][0].upper() + beside[1][1:]
    one = getattr(module, name)
    if isinstance(one, Mapping):
        return "What there is, by name: " + ", ".join(f"``{key}``" for key in one) + "."
    return f"``{one!r}``"


SENTENCES: dict[str, list[str]] = {}
MARKUP = re.compile(r"(``.*?``|`[^`]+`_?|>>>.*|:\w+:)|(\|)|(?<=\w)(_)(?!\w)")


def as_written(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep |w| and names_ in docstrings from being read as markup."""
    for i, line in enumerate(lines):
        lines[i] = MARKUP.sub(lambda m: m[1] or "\\" + (m[2] or m[3]), line)
    if what in ("attribute", "property"):
        SENTENCES[name] = lines[:]


def as_sentence(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Napoleon takes what stands before a colon for the type of an attribute."""
    if name in SENTENCES:
        lines[:] = SENTENCES.pop(name)


def leave_out(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """What scikit-learn writes itself, with references into its own pages, and the fields of a
    named tuple, which the class describes."""
    of_tuple = (getattr(obj, "__doc__", None) or "").startswith("Alias for field number")
    return True if of_tuple or re.fullmatch(r"set_\w+_request", name) else None


def write_pages(app: Any) -> None:
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(exist_ok=True)
    modules = {"": importlib.import_module("glassnet"), **public_modules()}
    index = ["API reference", "=============", "", ".. toctree::", "   :maxdepth: 1", ""]
    for name, module in modules.items():
        load(module)
        file = folder / f"{name or 'glassnet'}.rst"
        write_if_changed(file, page(name, module))
        index.append(f"   {file.stem}")
    write_if_changed(folder / "index.rst", "\n".join([*index, ""]))


def write_if_changed(file: Path, text: str) -> None:
    """A page that is as it was is not built again."""
    if not file.exists() or file.read_text("utf-8") != text:
        file.write_text(text, "utf-8")


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", as_written, priority=100)  # before napoleon
    app.connect("autodoc-process-docstring", as_sentence, priority=900)
    app.connect("autodoc-skip-member", leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
