"""The API reference has all that is public: a page for each module, and each of its names."""

import inspect
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import glassnet

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_ext"))

import reference

# Names that a page cannot hold: of type checkers alone.
NOT_SHOWN = {"glassnet.callbacks.Logs"}


def test_every_public_name_is_in_the_reference(tmp_path):
    reference.write_pages(SimpleNamespace(srcdir=tmp_path))
    pages = {file.stem: file.read_text("utf-8") for file in (tmp_path / "api").glob("*.rst")}
    modules = {"": glassnet, **reference.public_modules()}
    assert set(pages) == {"index", *(name or "glassnet" for name in modules)}
    for name, module in modules.items():
        page, title = pages[name or "glassnet"], f"glassnet.{name}".rstrip(".")
        assert f"\n   {name or 'glassnet'}\n" in pages["index"]
        for each in getattr(module, "__all__", ()):
            one, full = getattr(module, each), f"{title}.{each}"
            if inspect.isclass(one) or inspect.isroutine(one):
                # what autodoc shows: it must be there already, and say something
                assert each in vars(module) and (one.__doc__ or "").strip(), full
            elif not (inspect.ismodule(one) or each.startswith("__") or full in NOT_SHOWN):
                assert f".. py:data:: {full}\n" in page, full
                assert reference.said_of(module, each).strip(), full


def test_programs_in_docstrings_are_programs_on_the_page():
    """A single colon makes a quotation of the lines below, run together to one."""
    quoted = re.compile(r"(?<!:):\n\n(?: {4})+\S")
    found = []
    for name, module in reference.public_modules().items():
        said = {name: module}
        said |= {f"{name}.{each}": getattr(module, each) for each in getattr(module, "__all__", ())}
        found += [full for full, one in said.items() if quoted.search(inspect.getdoc(one) or "")]
    assert found == []
