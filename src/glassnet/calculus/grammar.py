"""What a formula may be made of, and how its text is cut into pieces.

The wall against hostile text is in ``formula``: only numbers, known names and arithmetic in
the tree that Python's parser gives are ever computed.  This reader stands before it for two
reasons: what a learner writes wrongly is told in a learner's words and with its place ("an
operator is missing"), where the parser says "invalid syntax", and the parser, which crashes on
some deep or odd texts, sees nothing but short arithmetic.  It reads 2x as 2*x, as people write it.
"""

from __future__ import annotations

import ast
import re

import numpy as np

from glassnet._core.habits import unknown
from glassnet.errors import ConfigError, UnknownNameError

MAX_LENGTH = 500  # characters

FUNCTIONS: dict[str, np.ufunc] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "arcsin": np.arcsin,
    "arccos": np.arccos,
    "arctan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "arcsinh": np.arcsinh,
    "arccosh": np.arccosh,
    "arctanh": np.arctanh,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "minimum": np.minimum,
    "maximum": np.maximum,
}
CONSTANTS: dict[str, float] = {"pi": np.pi, "e": np.e}
# A name as written -> the coordinate it stands for.
VARIABLES: dict[str, int] = {"x": 0, "y": 1, "x0": 0, "x1": 1}
ALLOWED = (
    "Allowed are numbers, x (or x0, x1; y means x1), "
    f"{', '.join(CONSTANTS)}, + - * / ** ( ), and {', '.join(FUNCTIONS)}."
)

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|[-+*/^(),])"
    r"|(?P<space>[ ]+)"
)
_NO_VALUE = ("", ")", ",", "+", "-", "*", "/", "**", "^")  # what may follow a value
_NEEDS_VALUE = ("", ",", "*", "/", "**", "^")  # what may only follow a value
_TIGHT = ("/", "**", "^")  # 1/2x is read in two ways: behind these no * is put
_NO_VALUE_AFTER = ("", "(", ",", "+", "-", "*", "/", "**", "^")  # no value ends in these
_INSTEAD = {
    "²": "**2", "³": "**3", "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "π": "pi",
    "[": "(", "]": ")", "{": "(", "}": ")",
}  # fmt: skip


class FormulaError(ConfigError):
    """A text that is no formula.

    Attributes:
        code: what is wrong, in a word, for who says it in another language.
        position: where, counted from 1; 0 if it is the whole text.
        values: the names and numbers in the message.
    """

    def __init__(self, text: str, code: str, position: int = 0, **values: object) -> None:
        super().__init__(text)
        self.code, self.position, self.values = code, position, values


class UnknownPartError(FormulaError, UnknownNameError):
    """A name in a formula that is neither variable, constant nor function."""


class Source:
    """The text, cut into tokens that Python's parser may see, with the way back to positions."""

    def __init__(self, text: str) -> None:
        if not text.strip():
            raise FormulaError("the formula is empty: write something such as 'x**2'.", "empty")
        if len(text) > MAX_LENGTH:
            raise FormulaError(
                f"the formula has {len(text)} characters; {MAX_LENGTH} are allowed.",
                "long", most=MAX_LENGTH,
            )  # fmt: skip
        self.text = text
        self.names: set[str] = set()
        self._python: list[str] = []  # what the parser sees: ^ became **
        self._origin: list[int] = []  # and where each of its characters stood
        self._cut(len(text) - len(text.lstrip(" ")))

    def error(self, position: int, problem: str, code: str, **values: object) -> FormulaError:
        """``problem`` with the place (counted from 1) and the list of what is allowed."""
        words = f"{self.where(position)}: {problem}. {ALLOWED}"
        return FormulaError(words, code, position + 1, **values)

    def where(self, position: int) -> str:
        """The text around a position, and its number."""
        start = max(0, position - 30)
        shown = self.text[start : position + 30]
        shown = shown if shown.isprintable() else repr(shown)[1:-1]
        before, after = "…" if start else "", "…" if position + 30 < len(self.text) else ""
        return f"formula '{before}{shown}{after}', position {position + 1}"

    def at(self, node: ast.AST) -> int:
        """Where a node begins in the text (the parser counts bytes, and all is ASCII)."""
        offset = node.col_offset if isinstance(node, ast.expr) else 0
        return self._origin[offset]

    def _cut(self, position: int) -> None:
        before, previous, number = "", "", False
        while position < len(self.text):
            found = _TOKEN.match(self.text, position)
            if found is None:
                raise self._refused(position)
            kind, token = str(found.lastgroup), found.group()
            if kind == "name":
                self._known(position, token)
            if kind != "space":
                if number and before not in _TIGHT and (kind == "name" or token == "("):
                    self._write(position, "*")  # 2x
                else:
                    self._neighbours(position, previous, token)
                before, previous, number = previous, token, kind == "number"
            self._write(position, "**" if token == "^" else token)
            position = found.end()
        self._neighbours(position, previous, "")

    def _write(self, position: int, python: str) -> None:
        self._python.append(python)
        self._origin += [position] * len(python)

    def _refused(self, position: int) -> ConfigError:
        character = self.text[position]
        name = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
        words = f"{name} is not allowed"
        if character in _INSTEAD:
            words = f"{name} is not allowed (write {_INSTEAD[character]})"
        return self.error(position, words, "sign", sign=name)

    def _known(self, position: int, name: str) -> None:
        known = [*VARIABLES, *CONSTANTS, *FUNCTIONS]
        if name not in known:
            words = f"{self.where(position)}: {unknown('name', name, known)}"
            raise UnknownPartError(words, "name", position + 1, name=name)
        self.names.add(name)

    def _neighbours(self, position: int, previous: str, token: str) -> None:
        """Between two values stands an operator, and beside an operator a value."""
        value_before = previous not in _NO_VALUE_AFTER
        if token in _NEEDS_VALUE and not value_before:
            place = repr(token) if token else "the end"
            words = f"a value is missing before {place}"
            if previous:
                words = f"a value is missing after '{previous}' before {place}"
            raise self.error(position, words, "value", after=previous, before=token)
        call = token == "(" and previous in FUNCTIONS
        if value_before and token not in _NO_VALUE and not call:
            if previous in FUNCTIONS:
                words = f"{previous} needs an argument in brackets, such as {previous}(x)"
                raise self.error(position, words, "argument", name=previous)
            words = f"an operator is missing between '{previous}' and '{token}' (2*x, not 2x)"
            raise self.error(position, words, "operator", after=previous, before=token)

    def parse(self) -> ast.expr:
        python = "".join(self._python).rstrip()
        try:
            return ast.parse(python, mode="eval").body
        except SyntaxError as error:
            offset = min(max((error.offset or 1) - 1, 0), len(self._origin) - 1)
            place = self._origin[offset]
            raise self.error(place, "brackets or numbers do not fit here", "brackets") from None
        except (ValueError, RecursionError, MemoryError, OverflowError):
            raise self.error(0, "too deeply nested", "deep") from None

    def variables(self, n_variables: int | None) -> tuple[str, ...]:
        plane = self.names & {"x1", "y"}
        if n_variables == 1 and plane:
            raise FormulaError(
                f"formula '{self.text}': one variable, x, was expected, "
                f"but it uses {' and '.join(sorted(plane))}.",
                "variables",
            )
        if n_variables == 2 or (n_variables is None and (plane or "x0" in self.names)):
            return ("x0", "x1")
        return ("x",)
