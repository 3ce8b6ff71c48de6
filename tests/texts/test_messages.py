"""Every message of an error has its Korean: read from the code, not from runs of it.

English stands in the code, and ``texts.retelling`` finds the finished sentence again.  So each
``…Error(…)`` is read from the syntax tree, its fields are filled with stand-ins, and what is told
of it in Korean must hold no English sentence.  What a message is put together of (local names,
tables of words, other functions, the arguments of a function that raises) is followed as far as
the code tells.

Those of one package: ``python tests/texts/test_messages.py data``
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

import glassnet
from glassnet import errors, texts
from glassnet.runs.spelling import in_options
from glassnet.texts.retelling import retold

SOURCE = Path(glassnet.__file__).parent
# A package whose messages are not all told yet, and how many are missing: only ever smaller.
NOT_WHOLE: dict[str, int] = {}

SENTENCE = re.compile(
    r"[a-z]{2,} [a-z]{2,} [a-z]{2,}"
    r"|\b(the|is|are|was|with|for|from|which|what|how|that|not|has|have|must|expected)\b"
)
# Commands, what is quoted, options, calls and installations stay as they are.
CODE = re.compile(
    r"glassnet [a-z]+ [^가-힣]*|'[^']*'|\"[^\"]*\"|`[^`]*`|--[a-z-]+"
    r"|[\w.]*\w\((?:[^()]|\([^()]*\))*\)|[\w.]*\w\[[^\]]*\]|pip install [^가-힣]*"
)
# The errors that become a line for the user: those of glassnet, the system's, Click's.
TOLD = {
    *(name for name, thing in vars(errors).items() if isinstance(thing, type)),
    *("OSError", "FileNotFoundError", "FileExistsError", "IsADirectoryError", "MemoryError"),
    *("NotADirectoryError", "PermissionError", "UsageError", "BadParameter", "Failure", "Refusal"),
    *("RefusedError", "NowhereError", "TooLargeError", "FormulaError", "WeightsAloneError"),
}
STAND_IN, NUMBER = "Q7", "7"
MANY = 40  # alternatives of one message that are tried

Function = ast.FunctionDef | ast.AsyncFunctionDef


class File:
    """One file of the source, with what its names stand for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.within: dict[ast.AST, Function | None] = {}
        self._note(self.tree, None)
        self.constants = assignments(self.tree.body)

    def _note(self, node: ast.AST, function: Function | None) -> None:
        self.within[node] = function
        inner = node if isinstance(node, Function) else function
        for child in ast.iter_child_nodes(node):
            self._note(child, inner)

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


def assignments(body: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """What each name is set to, by plain assignments anywhere inside."""
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for node in itertools.chain.from_iterable(map(ast.walk, body)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found[target.id].append(node.value)
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    for one, value in zip(target.elts, node.value.elts, strict=False):
                        if isinstance(one, ast.Name):
                            found[one.id].append(value)
    return found


@cache
def files() -> list[File]:
    return [File(path) for path in sorted(SOURCE.rglob("*.py"))]


@cache
def functions() -> dict[str, list[tuple[File, Function]]]:
    """All functions and methods of the source by their name."""
    found: dict[str, list[tuple[File, Function]]] = defaultdict(list)
    for file in files():
        for node in ast.walk(file.tree):
            if isinstance(node, Function):
                found[node.name].append((file, node))
    return found


def called(call: ast.Call) -> str:
    """The last part of what is called: ``UsageError`` of ``click.UsageError(…)``."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


class Reader:
    """The texts that an expression can be, each field a stand-in."""

    def __init__(self, file: File, at: ast.AST, depth: int = 0) -> None:
        self.file, self.depth = file, depth
        function = file.within.get(at)
        self.local = assignments([function]) if function is not None else {}
        self.parameters: dict[str, list[ast.expr]] = {}
        if function is not None:
            said = function.args
            self.parameters = {one.arg: [] for one in (*said.args, *said.kwonlyargs)}
            for one, value in zip(said.args[::-1], said.defaults[::-1], strict=False):
                self.parameters[one.arg] = [value]
            for loop in ast.walk(function):
                if isinstance(loop, ast.For | ast.comprehension):
                    names = [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)]
                    self.parameters |= {name: [] for name in names}

    def read(self, node: ast.expr) -> list[str]:
        way = getattr(self, f"_{type(node).__name__.lower()}", None)
        found = way(node) if way is not None else []
        return list(dict.fromkeys(found))[:MANY] or [STAND_IN]

    def _constant(self, node: ast.Constant) -> list[str]:
        return [node.value] if isinstance(node.value, str) else [NUMBER]

    def _joinedstr(self, node: ast.JoinedStr) -> list[str]:
        return self._together([self.read(part) for part in node.values])

    def _formattedvalue(self, node: ast.FormattedValue) -> list[str]:
        if node.format_spec is not None:
            return [NUMBER]
        found = self.read(node.value)
        return [f"'{text}'" for text in found] if node.conversion == ord("r") else found

    def _binop(self, node: ast.BinOp) -> list[str]:
        if not isinstance(node.op, ast.Add):
            return [NUMBER]
        return self._together([self.read(node.left), self.read(node.right)])

    def _ifexp(self, node: ast.IfExp) -> list[str]:
        return [*self.read(node.body), *self.read(node.orelse)]

    def _boolop(self, node: ast.BoolOp) -> list[str]:
        return [text for value in node.values for text in self.read(value)]

    def _name(self, node: ast.Name) -> list[str]:
        for names in (self.local, self.parameters, self.file.constants):
            if node.id in names:
                return self._all(self.file, names[node.id])
        return []

    def _subscript(self, node: ast.Subscript) -> list[str]:
        name = getattr(node.value, "id", "")
        tables = [] if name in self.parameters else self.file.constants.get(name, [])
        return self._all(
            self.file, [v for t in tables if isinstance(t, ast.Dict) for v in t.values]
        )

    def _call(self, node: ast.Call) -> list[str]:
        if called(node) == "len":
            return [NUMBER]
        if called(node) == "join":
            return [f"{STAND_IN}, {STAND_IN}"]
        if called(node) in ("str", "repr", "tuple", "list", "sorted", "type", "get"):
            return [STAND_IN]
        places = functions().get(called(node), [])
        own = [place for place in places if place[0] is self.file] or places
        if len(own) != 1 or self.depth > 2:
            return [STAND_IN]
        file, function = own[0]
        back = [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value]
        return self._all(file, back)

    def _all(self, file: File, values: list[ast.expr]) -> list[str]:
        if self.depth > 4:
            return [STAND_IN]
        found = []
        for value in values:
            found += Reader(file, value, self.depth + 1).read(value)
        return found

    def _together(self, parts: list[list[str]]) -> list[str]:
        """Each alternative of each part once, beside the first ones of the others."""
        first = "".join(part[0] for part in parts)
        found = [first]
        for i, part in enumerate(parts):
            before = "".join(p[0] for p in parts[:i])
            after = first[len(before) + len(part[0]) :]
            found += [before + text + after for text in part[1:]]
        return found


@cache
def carriers() -> dict[str, set[int]]:
    """Functions whose argument becomes part of an error's message: name → places of arguments."""
    found: dict[str, set[int]] = defaultdict(set)
    for file in files():
        for call in file.calls():
            function = file.within[call]
            if called(call) not in TOLD or not call.args or function is None:
                continue
            names = [argument.arg for argument in function.args.args]
            method = names[:1] in (["self"], ["cls"])
            said = {n.id for n in ast.walk(call.args[0]) if isinstance(n, ast.Name)}
            found[function.name] |= {
                i - method for i, name in enumerate(names) if name in said and i >= method
            }
    return {name: places for name, places in found.items() if not name.startswith("__")}


def by_key(call: ast.Call) -> bool:
    """Whether the catalogues have it by a key, for the page of the lab."""
    return called(call) == "RefusedError" and (
        len(call.args) > 1 or any(word.arg == "key" for word in call.keywords)
    )


def messages(file: File) -> Iterator[tuple[int, str]]:
    """The line and the text of each message, and of each argument that becomes part of one."""
    for call in file.calls():
        given: list[ast.expr] = []
        if called(call) in TOLD and not by_key(call):
            given = [*call.args[:1], *(word.value for word in call.keywords if not word.arg)]
        elif called(call) in carriers():
            given = [call.args[i] for i in carriers()[called(call)] if i < len(call.args)]
        for node in given:
            if not isinstance(node, ast.Call) or called(node) not in ("tr", "text", "retold"):
                for text in Reader(file, node).read(node):
                    yield call.lineno, text


def left(text: str) -> str:
    """What is English in the Korean of a message; "" for nothing."""
    if text in texts.part("said", "ko"):  # of a report
        return ""
    prose = CODE.sub("", text.replace(STAND_IN, ""))
    text = re.sub(rf"^{STAND_IN} (?=[A-Z])", f"{STAND_IN}. ", text)  # another's sentence
    if " " not in text.strip() or (
        not SENTENCE.search(prose) and not re.search(r"[a-z]{3,} [a-z]{3,}", prose)
    ):
        return ""
    asked = [in_options(text.replace(STAND_IN, other)) for other in (STAND_IN, NUMBER)]
    tried = [retold(text, "ko") for text in asked]
    english = [told for told in tried if SENTENCE.search(CODE.sub("", told))
               or not re.search("[가-힣]", told)]  # fmt: skip
    return english[0] if len(english) == len(tried) else ""


def packages() -> list[str]:
    return sorted({package(file) for file in files()})


def package(file: File) -> str:
    return file.path.relative_to(SOURCE).parts[0].removesuffix(".py")


@cache
def untold(name: str) -> dict[str, str]:
    """Messages without their Korean: the English → place and what is told of it."""
    found = {}
    for file in files():
        if package(file) == name:
            for line, text in messages(file):
                english = left(text)
                if english:
                    found[text] = f"{file.path.relative_to(SOURCE)}:{line}: {english}"
    return found


@pytest.mark.parametrize("name", packages())
def test_every_message_has_its_korean(name: str) -> None:
    missing = untold(name)
    assert len(missing) <= NOT_WHOLE.get(name, 0), "\n".join(missing.values())


if __name__ == "__main__":
    for text, place in untold(sys.argv[1]).items():
        print(f"{place.split(': ')[0]}\n    {text}\n    {place.partition(': ')[2]}")
