"""Formulas written twice: with symbols, and with the numbers put in; as text and as LaTeX."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from glassnet.activations import Activation

DIGITS = 4  # significant digits of a number in a formula
TERMS = 8  # a longer sum is cut to its largest terms

_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Symbol:
    """One letter with its indices."""

    text: str
    latex: str


@dataclass(frozen=True)
class Factor:
    """A symbol and its number."""

    symbol: Symbol
    value: float


Term = tuple[Factor, ...]  # a product


class Equation(NamedTuple):
    """``formula`` with symbols, ``with_numbers`` the same with the numbers put in."""

    formula: str
    with_numbers: str
    latex: str
    latex_with_numbers: str


def shown(x: float, digits: int = DIGITS) -> str:
    """A number for people: four significant digits, 0 without a sign.

    >>> shown(-0.00712345), shown(-0.0), shown(1e-9)
    ('-0.007123', '0', '1e-09')
    """
    text = f"{x:.{digits}g}"
    return "0" if text == "-0" else text


def in_product(x: float, digits: int = DIGITS) -> str:
    """The number as a factor: in parentheses if it is negative."""
    text = shown(x, digits)
    return f"({text})" if text.startswith("-") else text


def latex_number(x: float, digits: int = DIGITS) -> str:
    r"""The number in LaTeX.

    >>> latex_number(1.5e-9)
    '1.5 \\cdot 10^{-9}'
    """
    if not math.isfinite(x):
        return rf"\mathrm{{{x}}}"
    mantissa, e, exponent = shown(x, digits).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


def _latex_in_product(x: float, digits: int) -> str:
    text = latex_number(x, digits)
    return f"({text})" if text.startswith("-") else text


def total(numbers: Iterable[float]) -> float:
    """The sum, exactly rounded; of a network that has diverged also ∞ and NaN.

    >>> total([0.1] * 10), total([math.inf, -math.inf])
    (1.0, nan)
    """
    numbers = list(numbers)
    try:
        return math.fsum(numbers)
    except (ValueError, OverflowError):  # ∞ - ∞, or beyond the largest number
        return sum(numbers)


def indexed(
    name: str, *indices: int, sample: int | None = None, latex: str | None = None
) -> Symbol:
    """A letter with indices, which count from 1 for people; ``sample`` stands above.

    >>> indexed("w", 0, 1).text, indexed("w", 11, 1).text, indexed("x", 0, sample=1).text
    ('w₁₂', 'w₁₂,₂', 'x₁⁽²⁾')
    """
    numbers = [str(i + 1) for i in indices]
    between = "," if any(len(n) > 1 for n in numbers) else ""
    text = name + between.join(n.translate(_SUB) for n in numbers)
    code = (latex or name) + (f"_{{{','.join(numbers)}}}" if numbers else "")
    if sample is not None:
        text += "⁽" + str(sample + 1).translate(_SUP) + "⁾"
        code += f"^{{({sample + 1})}}"
    return Symbol(text, code)


def slope(of: Symbol) -> Symbol:
    """∂L/∂(of)."""
    return Symbol(f"∂L/∂{of.text}", rf"\frac{{\partial L}}{{\partial {of.latex}}}")


def new(of: Symbol) -> Symbol:
    """The symbol with a prime: after the update."""
    return Symbol(of.text + "′", of.latex + "'")


def plain(left: Symbol, right: Symbol | None, value: float, digits: int = DIGITS) -> Equation:
    """left = right = value, or only left = value."""
    middle = "" if right is None else f" = {right.text}"
    code = "" if right is None else f" = {right.latex}"
    return Equation(
        f"{left.text}{middle}" if right else left.text,
        f"{left.text} = {shown(value, digits)}",
        f"{left.latex}{code}" if right else left.latex,
        f"{left.latex} = {latex_number(value, digits)}",
    )


def but_here(e: Equation, right: float, value: float, size: float, digits: int) -> Equation:
    """The equation, and beside its own result the number that a mistake made of it.

    ``size``: of its terms; float32 rounds a sum by that.
    """
    if not abs(right - value) > 1e-4 * max(size, abs(right), abs(value)) + 1e-12:
        return e
    here, code = shown(value, digits), latex_number(value, digits)
    return e._replace(
        with_numbers=f"{e.with_numbers}, but here {here}",
        latex_with_numbers=rf"{e.latex_with_numbers},\text{{ but here }} {code}",
    )


def sum_of_products(
    left: Symbol,
    terms: Sequence[Term],
    value: float,
    digits: int = DIGITS,
    terms_shown: int = TERMS,
    scale: Factor | None = None,
) -> Equation:
    """left = a·b + c·d + … = value.

    Of a sum with more than ``terms_shown`` terms the largest are written, in their order,
    and how many are left out and what they come to.  ``scale`` stands before the sum.
    """
    products = [math.prod(factor.value for factor in term) for term in terms]
    kept = list(range(len(terms)))
    rest: float | None = None
    if len(terms) > terms_shown:
        by_size = sorted(kept, key=lambda i: (-abs(products[i]), i))
        kept = sorted(by_size[: terms_shown - 2])
        chosen = set(kept)
        rest = total(p for i, p in enumerate(products) if i not in chosen)
    left_out = len(terms) - len(kept)
    text, numbers, code, code_numbers = [], [], [], []
    for i in kept:
        text.append("·".join(f.symbol.text for f in terms[i]))
        numbers.append("·".join(in_product(f.value, digits) for f in terms[i]))
        code.append(r" \cdot ".join(f.symbol.latex for f in terms[i]))
        code_numbers.append(r" \cdot ".join(_latex_in_product(f.value, digits) for f in terms[i]))
    if rest is not None:
        text.append(f"… ({left_out} smaller terms)")
        numbers.append(f"… ({left_out} smaller terms: {shown(rest, digits)})")
        code.append(rf"\dots\ (\text{{{left_out} smaller terms}})")
        words = rf"\text{{{left_out} smaller terms: }} {latex_number(rest, digits)}"
        code_numbers.append(rf"\dots\ ({words})")
    joined = [" + ".join(parts) or "0" for parts in (text, numbers, code, code_numbers)]
    if scale is not None:
        signs = (scale.symbol.text, in_product(scale.value, digits))
        codes = (scale.symbol.latex, _latex_in_product(scale.value, digits))
        joined = [
            f"{signs[0]}·({joined[0]})", f"{signs[1]}·({joined[1]})",
            rf"{codes[0]} \left({joined[2]}\right)", rf"{codes[1]} \left({joined[3]}\right)",
        ]  # fmt: skip
    right = total(products) * (1.0 if scale is None else scale.value)
    size = total(abs(p) for p in products)
    off = abs(right - value) > 1e-4 * max(size, abs(value)) + 1e-12  # more than float32 rounds
    result = right if off else value
    written, code_written = shown(result, digits), latex_number(result, digits)
    if len(terms) == 1 and len(terms[0]) == 1 and scale is None:  # 0.5, not 0.5 = 0.5
        joined[1], joined[3] = "", ""
    middle = [f"{part} = " if part else "" for part in joined]
    made = Equation(
        f"{left.text} = {joined[0]}",
        f"{left.text} = {middle[1]}{written}",
        f"{left.latex} = {joined[2]}",
        f"{left.latex} = {middle[3]}{code_written}",
    )
    return but_here(made, result, value, size, digits)


def template(
    left: Symbol, pattern: str, code: str, factors: dict[str, Factor], value: float,
    digits: int = DIGITS,
) -> Equation:  # fmt: skip
    """left = a pattern such as ``"({p} - {t}) / {n}"``, filled with symbols and with numbers.

    ``code`` is the same pattern in LaTeX, with ``<p>`` for ``{p}``.
    """
    text = pattern.format_map({k: f.symbol.text for k, f in factors.items()})
    numbers = pattern.format_map({k: in_product(f.value, digits) for k, f in factors.items()})
    latex = latex_numbers = code
    for k, f in factors.items():
        latex = latex.replace(f"<{k}>", f.symbol.latex)
        latex_numbers = latex_numbers.replace(f"<{k}>", _latex_in_product(f.value, digits))
    return Equation(
        f"{left.text} = {text}",
        f"{left.text} = {numbers} = {shown(value, digits)}",
        f"{left.latex} = {latex}",
        f"{left.latex} = {latex_numbers} = {latex_number(value, digits)}",
    )


# ---- an activation's own formula with a number in the place of z or y -----------------------

_POWERS = (("e⁻ᶻ", "exp(−z)"), ("eᶻ", "exp(z)"), ("e⁻ʸ", "exp(−y)"))


def activation_with_numbers(
    f: Activation, formula: str, z: float, y: float, value: float, digits: int = DIGITS
) -> str:
    """The activation's formula (or derivative formula) with its numbers, and the result.

    >>> from glassnet.activations import sigmoid
    >>> activation_with_numbers(sigmoid, sigmoid.formula, 1.0, 0.73, 0.7311)
    'σ(1) = 1 / (1 + exp(−1)) = 0.7311'
    """
    first = formula.split(", with ")[0]  # definitions of helpers stay in the symbolic formula
    for power, function in _POWERS:
        first = first.replace(power, function)
    numbers = {"z": in_product(z, digits), "y": in_product(y, digits)}
    for setting, letter in f.letters.items():
        numbers[letter] = in_product(getattr(f, setting), digits)
    pattern = rf"(?<![\w'])({'|'.join(numbers)})(?![A-Za-z0-9'])"
    filled = re.sub(pattern, lambda match: numbers[match[1]], first)
    filled = re.sub(r"\((\([^()]*\))\)", r"\1", filled)  # f((-1)) → f(-1)
    filled = re.sub(r", \((-[^()]*)\)\)", r", \1)", filled)  # max(0, (-1)) → max(0, -1)
    return f"{filled} = {shown(value, digits)}"
