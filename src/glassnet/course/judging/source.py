"""The learner's file: read, compiled, run; and where in it something went wrong."""

from __future__ import annotations

import ast
import inspect
import json
import linecache
import os
import re
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import CodeType
from typing import Any

from glassnet.course.lesson import CourseError

MARK = "# glassnet lesson:"
LARGEST_FILE = 64 << 20  # bytes; a notebook holds pictures
MOST_SOURCE = 200_000  # signs of code; Python needs minutes for what is much longer


# What Python says of a line that it cannot read; the learner's language may have it in its words.
COMMON = (
    "expected ':'", "invalid syntax", "unexpected indent", "expected an indented block",
    "unindent does not match any outer indentation level", "unterminated string literal",
    "inconsistent use of tabs and spaces in indentation", "'return' outside function",
    "'break' outside loop", "'(' was never closed", "'[' was never closed",
    "'{' was never closed", "unmatched ')'", "unmatched ']'", "unmatched '}'",
    "invalid syntax. Perhaps you forgot a comma?",
    "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
    "Missing parentheses in call to 'print'. Did you mean print(...)?",
)  # fmt: skip


class Said(str):
    """A message of Python: ``in_words`` says a common one in another language."""

    __slots__ = ()

    def in_words(self, language: str) -> str:
        from glassnet.texts import part

        short_ = re.sub(r" \(detected at .*\)$| after .* on line \d+$", "", self)
        known = part("said", language) if short_ in COMMON else {}
        return known.get(short_, str(self)).rstrip("?.")


class Written:
    """What a learner wrote, as pieces of source: a file is one, a notebook one for each cell.

    Args:
        path: the file.
        pieces: (name of the piece, source).
    """

    def __init__(self, path: Path, pieces: list[tuple[str, str]]) -> None:
        self.path, self.pieces = path, pieces

    @property
    def text(self) -> str:
        return "\n".join(source for _, source in self.pieces)

    def trees(self) -> list[tuple[str, ast.Module]]:
        """The pieces, parsed.

        Raises:
            CourseError: one does not parse, or has a return outside a function; says where.
        """
        found = []
        for name, source in self.pieces:
            try:
                found.append((name, ast.parse(source, name)))
                compile(source, name, "exec")
            except SyntaxError as error:
                where = f"{short(name)}:{error.lineno or 1}"
                raise CourseError("syntax", where, said=Said(error.msg or "?")) from None
            except (ValueError, RecursionError, MemoryError) as error:
                raise CourseError("syntax", short(name), said=str(error)) from None
        return found

    def names(self) -> set[str]:
        """The functions and classes that it defines at its top; empty where it does not parse."""
        try:
            trees = self.trees()
        except CourseError:
            return set()
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return {node.name for _, tree in trees for node in tree.body if isinstance(node, kinds)}

    def codes(self, wanted: Iterable[str]) -> list[CodeType]:
        """What is to be run: a whole file; of a notebook what ``wanted`` needs."""
        trees = self.trees()
        if self.path.suffix == ".ipynb":
            trees = _needed(trees, set(wanted))
        return [compile(tree, name, "exec") for name, tree in trees]


def read(path: Path) -> Written:
    """The file at ``path``.

    Raises:
        CourseError: it cannot be read, is no text, no notebook, or too large.
    """
    name = str(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise CourseError("large", name, most=MOST_SOURCE)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CourseError("no_file", name) from None
    except (OSError, ValueError):
        raise CourseError("unreadable", name) from None
    if path.suffix != ".ipynb":
        return _known(Written(path, [(name, text)]))
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError):
        raise CourseError("no_notebook", name) from None
    pieces = []
    for i, source in enumerate(sources, 1):
        if source.lstrip().startswith("%%"):
            continue
        lines = ["" if s.lstrip()[:1] in "%!" and s.strip() else s for s in source.splitlines()]
        pieces.append((f"{name} [{i}]", "\n".join(lines)))
    return _known(Written(path, pieces))


def _known(written: Written) -> Written:
    """Its lines are found again by the names of its pieces.

    Raises:
        CourseError: there are too many.
    """
    if len(written.text) > MOST_SOURCE:
        raise CourseError("large", str(written.path), most=MOST_SOURCE)
    for name, text in written.pieces:
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    return written


def _needed(trees: list[tuple[str, ast.Module]], wanted: set[str]) -> list[tuple[str, ast.Module]]:
    """Imports, and the definitions that ``wanted`` uses, directly or through others.

    So a notebook's training runs and pictures are not made again.
    """
    statements = [(name, node) for name, tree in trees for node in tree.body]
    binds = [_bound(node) for _, node in statements]
    kept: set[int] = set()
    grown = True
    while grown:
        grown = False
        for i, (_, node) in enumerate(statements):
            if i not in kept and binds[i] & wanted:
                kept.add(i)
                wanted = wanted | {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                grown = True
    imports = (ast.Import, ast.ImportFrom)
    return [
        (name, ast.Module([node], []))
        for i, (name, node) in enumerate(statements)
        if i in kept or isinstance(node, imports)
    ]


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return set()


def run(written: Written, wanted: tuple[str, ...]) -> dict[str, Any]:
    """The names of the file after it has run.

    Raises:
        CourseError: it does not parse, or stopped with an error; says where.
    """
    codes = written.codes(wanted)
    sys.path.append(str(written.path.parent))  # last: a file random.py hides nothing
    space: dict[str, Any] = {"__name__": written.path.stem, "__file__": str(written.path)}
    try:
        for code in codes:
            exec(code, space)
    except BaseException as error:
        raise explain(error) from None
    return space


def explain(error: BaseException) -> CourseError:
    """An error of the learner's code as one sentence, with the line."""
    if isinstance(error, CourseError):
        return error
    where = where_raised(error)
    if isinstance(error, KeyboardInterrupt):
        raise error
    if isinstance(error, NotImplementedError):
        return CourseError("not_written", where)
    if isinstance(error, ModuleNotFoundError):
        return CourseError("no_module", where, name=error.name or "?")
    if isinstance(error, SystemExit):
        return CourseError("leaves", where)
    if isinstance(error, EOFError):
        return CourseError("asks", where)
    if isinstance(error, RecursionError):
        return CourseError("recursion", where)
    if isinstance(error, MemoryError):
        return CourseError("memory", where)
    said = " ".join(str(error).split())[:200]
    return CourseError("raised", where, error=f"{type(error).__name__}: {said}".rstrip(": "))


def ours(filename: str) -> bool:
    """Whether a file belongs to Python, to a package or to glassnet, and not to a learner."""
    outside = filename.startswith("<") or os.sep + "site-packages" + os.sep in filename
    library = filename.startswith(str(Path(os.__file__).parent))
    return outside or library or filename.startswith(str(Path(__file__).parents[2]))


def where_raised(error: BaseException) -> str:
    """The learner's last line on the way to the error."""
    lines = [
        f"{short(frame.filename)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if not ours(frame.filename)
    ]
    return lines[-1] if lines else ""


def lines_of(thing: Any) -> str:
    """Where a function or class is written."""
    code = code_of(thing)
    if code is None or ours(code.co_filename):
        return ""
    return f"{short(code.co_filename)}:{code.co_firstlineno}"


def code_of(thing: Any) -> CodeType | None:
    """The code of a function, or of the first method of a class."""
    code = getattr(inspect.unwrap(thing) if callable(thing) else thing, "__code__", None)
    if code is None and isinstance(thing, type):
        codes = [getattr(value, "__code__", None) for value in vars(thing).values()]
        code = next((one for one in codes if one is not None), None)
    return code


def names_around(thing: Any) -> dict[str, Any]:
    """What a function, or the methods of a class, find by name: the names of their file."""
    parts = [thing, *vars(thing).values()] if isinstance(thing, type) else [thing]
    found = (getattr(part, "__globals__", None) for part in parts)
    return next((space for space in found if space is not None), {})


def short(filename: str) -> str:
    """The file's name without its folders."""
    return Path(filename).name
