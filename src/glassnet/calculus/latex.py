"""A formula's tree as LaTeX, in the subset that matplotlib's mathtext and KaTeX both read."""

from __future__ import annotations

import ast
from collections.abc import Mapping

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4  # how tightly a piece of LaTeX holds together

_GREEK = {"pi": r"\pi", "e": "e"}
_NAMED = {
    "log": r"\ln",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
    "minimum": r"\min",
    "maximum": r"\max",
    **{f: rf"\{f}" for f in ("sin", "cos", "tan", "arcsin", "arccos", "arctan")},
    **{f: rf"\{f}" for f in ("sinh", "cosh", "tanh")},
}
_FENCES = {
    "abs": (r"\left|", r"\right|"),
    "floor": (r"\left\lfloor ", r"\right\rfloor"),
    "ceil": (r"\left\lceil ", r"\right\rceil"),
    "sqrt": (r"\sqrt{", "}"),
    "cbrt": (r"\sqrt[3]{", "}"),
}


def to_latex(tree: ast.expr, names: Mapping[str, str]) -> str:
    r"""LaTeX of a checked formula; ``names``: how each variable is written.

    >>> print(to_latex(ast.parse("x**2/20 + 2*x", mode="eval").body, {"x": "x"}))
    \frac{x^{2}}{20} + 2 x
    """
    return _latex(tree, names)[0]


def _latex(node: ast.expr, names: Mapping[str, str]) -> tuple[str, int]:
    match node:
        case ast.Constant(value=int() | float() as value):
            return _number(value)
        case ast.Name(id=name):
            return names.get(name) or _GREEK[name], ATOM
        case ast.UnaryOp(op=op, operand=operand):
            sign = "-" if isinstance(op, ast.USub) else "+"
            return sign + _wrapped(operand, names, PRODUCT, signed=False), PRODUCT
        case ast.BinOp(left=left, op=op, right=right):
            return _operation(op, left, right, names)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            inside = ", ".join(_latex(a, names)[0] for a in arguments)
            if name == "exp":
                return f"e^{{{inside}}}", POWER
            if name in _FENCES:
                return inside.join(_FENCES[name]), ATOM
            function = _NAMED.get(name, rf"\operatorname{{{name}}}")
            return f"{function}{_brackets(inside)}", POWER
    raise AssertionError(node)  # a checked tree holds nothing else


def _operation(
    op: ast.operator, left: ast.expr, right: ast.expr, names: Mapping[str, str]
) -> tuple[str, int]:
    match op:
        case ast.Add():
            return f"{_latex(left, names)[0]} + {_wrapped(right, names, SUM, signed=False)}", SUM
        case ast.Sub():
            first = _latex(left, names)[0]
            return f"{first} - {_wrapped(right, names, PRODUCT, signed=False)}", SUM
        case ast.Div():
            return rf"\frac{{{_latex(left, names)[0]}}}{{{_latex(right, names)[0]}}}", PRODUCT
        case ast.Pow():
            base = _wrapped(left, names, ATOM, signed=False)
            return f"{base}^{{{_latex(right, names)[0]}}}", POWER
    first = _wrapped(left, names, PRODUCT)
    second = _wrapped(right, names, PRODUCT, signed=False)
    # 2 x, but 2 · 3; and x (y) would look like a function of y.
    tight = second[0].isdigit() or second.startswith(r"\left(")
    return f"{first} {chr(92) + 'cdot ' if tight else ''}{second}", PRODUCT


def _wrapped(node: ast.expr, names: Mapping[str, str], least: int, signed: bool = True) -> str:
    """LaTeX of ``node``, in brackets if it holds less tightly than ``least``."""
    text, holds = _latex(node, names)
    if holds < least or (not signed and isinstance(node, ast.UnaryOp)):
        return _brackets(text)
    return text


def _brackets(text: str) -> str:
    return rf"\left({text}\right)"


def _number(value: float) -> tuple[str, int]:
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa, ATOM
    power = f"10^{{{int(exponent)}}}"
    if mantissa in ("1", "1.0"):
        return power, POWER
    return rf"{mantissa} \cdot {power}", PRODUCT
