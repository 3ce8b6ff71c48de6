"""Formulas written twice: with symbols, and with the numbers put in; as text and as LaTeX."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

DIGITS = 4  # significant digits of a number in a formula
TERMS = 8  # a longer sum is cut to its largest terms

_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Symbol:
    """One letter with its indices."""

    text: str
    latex: str


Index = tuple[int, ...]
Place = tuple[str, str, Index]  # where a number stands: layer, quantity, index


@dataclass(frozen=True)
class Factor:
    """A symbol and its number; ``place`` is where the number stands, if it is one of the step."""

    symbol: Symbol
    value: float
    place: Place | None = None


Term = tuple[Factor, ...]  # a product


class Equation(NamedTuple):
    """``formula`` with symbols, ``with_numbers`` the same with the numbers put in."""

    formula: str
    with_numbers: str
    latex: str
    latex_with_numbers: str


def number_text(x: float, digits: int = DIGITS) -> str:
    """A number for people: four significant digits, 0 without a sign.

    >>> number_text(-0.00712345), number_text(-0.0), number_text(1e-9)
    ('-0.007123', '0', '1e-09')
    """
    text = f"{x:.{digits}g}"
    return "0" if text == "-0" else text


def factor_text(x: float, digits: int = DIGITS) -> str:
    """The number as a factor: in parentheses if it is negative."""
    text = number_text(x, digits)
    return f"({text})" if text.startswith("-") else text


def number_latex(x: float, digits: int = DIGITS) -> str:
    r"""The number in LaTeX.

    >>> number_latex(1.5e-9)
    '1.5 \\cdot 10^{-9}'
    """
    if not math.isfinite(x):
        return rf"\mathrm{{{x}}}"
    mantissa, e, exponent = number_text(x, digits).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


def factor_latex(x: float, digits: int) -> str:
    text = number_latex(x, digits)
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
    return partial(Symbol("L", "L"), of)


def partial(of: Symbol, by: Symbol) -> Symbol:
    """∂(of)/∂(by)."""
    code = rf"\frac{{\partial {of.latex}}}{{\partial {by.latex}}}"
    return Symbol(f"∂{of.text}/∂{by.text}", code)


def primed(of: Symbol) -> Symbol:
    """The symbol with a prime: after the update."""
    return Symbol(of.text + "′", of.latex + "'")


def equality(left: Symbol, right: Symbol | None, value: float, digits: int = DIGITS) -> Equation:
    """left = right = value, or only left = value."""
    middle = "" if right is None else f" = {right.text}"
    code = "" if right is None else f" = {right.latex}"
    return Equation(
        f"{left.text}{middle}" if right else left.text,
        f"{left.text} = {number_text(value, digits)}",
        f"{left.latex}{code}" if right else left.latex,
        f"{left.latex} = {number_latex(value, digits)}",
    )


def stated(symbol: Symbol, formula: str, latex: str, value: float, digits: int) -> Equation:
    """The formula of a whole array, and the number alone."""
    return equality(symbol, None, value, digits)._replace(formula=formula, latex=latex)


def together(*equations: Equation) -> Equation:
    """One below the other."""
    return Equation(*("\n".join(lines) for lines in zip(*equations)))


def but_here(e: Equation, right: float, value: float, size: float, digits: int) -> Equation:
    """The equation, and beside its own result the number that a mistake made of it.

    ``size``: of its terms; float32 rounds a sum by that.
    """
    if not abs(right - value) > 1e-4 * max(size, abs(right), abs(value)) + 1e-12:
        return e
    here, code = number_text(value, digits), number_latex(value, digits)
    return e._replace(
        with_numbers=f"{e.with_numbers}, but here {here}",
        latex_with_numbers=rf"{e.latex_with_numbers},\text{{ but here }} {code}",
    )


def largest_first(numbers: Sequence[float]) -> list[int]:
    """The places of the numbers, the largest |number| first; of equal ones the first."""
    return sorted(range(len(numbers)), key=lambda i: (-abs(numbers[i]), i))


def sum_of_products(
    left: Symbol,
    terms: Sequence[Term],
    value: float,
    digits: int = DIGITS,
    terms_shown: int = TERMS,
    scale: Factor | None = None,
    products: Sequence[float] | None = None,
) -> Equation:
    """left = a·b + c·d + … = value.

    Of a sum with more than ``terms_shown`` terms the largest are written, in their order,
    and how many are left out and what they come to.  ``scale`` stands before the sum.
    ``products`` are those of the terms, where somebody has them: then only the terms that are
    written are asked for.
    """
    if products is None:
        products = [math.prod(factor.value for factor in term) for term in terms]
    kept = list(range(len(terms)))
    rest: float | None = None
    if len(terms) > terms_shown:
        by_size = largest_first(products)[: terms_shown - 2]
        kept = sorted(i for i in by_size if products[i] or i == by_size[0])  # 0·w says nothing
        chosen = set(kept)
        rest = total(p for i, p in enumerate(products) if i not in chosen)
    left_out = len(terms) - len(kept)
    text, numbers, code, code_numbers = [], [], [], []
    for i in kept:
        text.append("·".join(f.symbol.text for f in terms[i]))
        numbers.append("·".join(factor_text(f.value, digits) for f in terms[i]))
        code.append(r" \cdot ".join(f.symbol.latex for f in terms[i]))
        code_numbers.append(r" \cdot ".join(factor_latex(f.value, digits) for f in terms[i]))
    if rest is not None:
        text.append(f"… ({left_out} smaller terms)")
        numbers.append(f"… ({left_out} smaller terms: {number_text(rest, digits)})")
        code.append(rf"\dots\ (\text{{{left_out} smaller terms}})")
        words = rf"\text{{{left_out} smaller terms: }} {number_latex(rest, digits)}"
        code_numbers.append(rf"\dots\ ({words})")
    joined = [" + ".join(parts) or "0" for parts in (text, numbers, code, code_numbers)]
    if scale is not None:
        signs = (scale.symbol.text, factor_text(scale.value, digits))
        codes = (scale.symbol.latex, factor_latex(scale.value, digits))
        joined = [
            f"{signs[0]}·({joined[0]})", f"{signs[1]}·({joined[1]})",
            rf"{codes[0]} \left({joined[2]}\right)", rf"{codes[1]} \left({joined[3]}\right)",
        ]  # fmt: skip
    right = total(products) * (1.0 if scale is None else scale.value)
    size = total(abs(p) for p in products)
    off = abs(right - value) > 1e-4 * max(size, abs(value)) + 1e-12  # more than float32 rounds
    result = right if off else value
    written, code_written = number_text(result, digits), number_latex(result, digits)
    alone = len(terms) == 1 and len(terms[0]) == 1 and scale is None
    if alone or not terms:  # 0.5, not 0.5 = 0.5
        joined[1], joined[3] = "", ""
    middle = [f"{part} = " if part else "" for part in joined]
    made = Equation(
        f"{left.text} = {joined[0]}",
        f"{left.text} = {middle[1]}{written}",
        f"{left.latex} = {joined[2]}",
        f"{left.latex} = {middle[3]}{code_written}",
    )
    return but_here(made, result, value, size, digits)


def filled(
    left: Symbol, pattern: str, code: str, factors: Mapping[str, Factor], value: float,
    digits: int = DIGITS,
) -> Equation:  # fmt: skip
    """left = a pattern such as ``"({p} - {t}) / {n}"``, filled with symbols and with numbers.

    ``code`` is the same pattern in LaTeX, with ``<p>`` for ``{p}``.
    """
    text = pattern.format_map({k: f.symbol.text for k, f in factors.items()})
    numbers = pattern.format_map({k: factor_text(f.value, digits) for k, f in factors.items()})
    latex = latex_numbers = code
    for k, f in factors.items():
        latex = latex.replace(f"<{k}>", f.symbol.latex)
        latex_numbers = latex_numbers.replace(f"<{k}>", factor_latex(f.value, digits))
    return Equation(
        f"{left.text} = {text}",
        f"{left.text} = {numbers} = {number_text(value, digits)}",
        f"{left.latex} = {latex}",
        f"{left.latex} = {latex_numbers} = {number_latex(value, digits)}",
    )
