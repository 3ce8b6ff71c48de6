"""A training step for a paper: LaTeX, with amsmath."""

from __future__ import annotations

import re

from glassnet.explain.data import LayerStep, Quantity
from glassnet.explain.equations import derive
from glassnet.explain.trace import StepTrace
from glassnet.explain.views import grids
from glassnet.texts import PICTURES, in_formula, word
from glassnet.texts.retelling import sentence

WIDTH = 70  # letters of a line of formulas
LINES = 3  # formulas with numbers for each array
PACKAGES = {"ko": "\\usepackage{kotex}\n"}  # for the letters of a language

_SPECIAL = str.maketrans({
    "_": r"\_", "&": r"\&", "%": r"\%", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}",
    "∂": r"$\partial$", "·": r"$\cdot$", "ᵀ": r"$^\top$", "η": r"$\eta$",
    "−": "-", "γ": r"$\gamma$", "β": r"$\beta$", "ε": r"$\epsilon$", "×": r"$\times$",
})  # fmt: skip


def render(e: StepTrace, lines: int = LINES, document: bool = False) -> str:
    """The step as sections of formulas; with ``document`` a file that compiles by itself."""
    n = word("one sample") if e.samples == 1 else word("{n} samples", n=e.samples)
    head = word("One training step of {model}", model=e.model)
    parts = [rf"\section*{{{words(head)} ({n})}}"]
    parts += [rf"\textbf{{{words(sentence(note))}}}\par" for note in e.notes]
    parts.append(rf"\subsection*{{{word('Forward')}}}")
    for step in e.layers:
        parts += _layer(e, step, ("forward",), lines)
    parts.append(rf"\subsection*{{{words(word('Loss: {name}', name=e.loss.display_name))}}}")
    parts.append(rf"\[ {in_formula(e.loss.latex)} \]")
    for name in ("l", "L", "gradient", "chain"):
        if name in e.loss.quantities:
            parts += _quantity(e, "loss", e.loss.quantities[name], lines)
    parts.append(rf"\subsection*{{{word('Backward')}}}")
    for step in reversed(e.layers):
        parts += _layer(e, step, ("backward",), lines)
    update = word("Update {n} by {name}", n=e.optimizer.step, name=e.optimizer.name)
    parts.append(rf"\subsection*{{{words(update)}}}")
    for step in e.layers:
        for name in step.parameters:
            parts.append(rf"\paragraph{{{words(step.name)}}}")
            parts += _quantity(e, step.name, step.quantities[f"{name}_new"], 1)
    body = "\n".join(parts) + "\n"
    if not document:
        return body
    return (
        f"\\documentclass{{article}}\n{PACKAGES.get(PICTURES.get(), '')}"
        "\\usepackage{amsmath}\n\\usepackage[margin=2cm]{geometry}\n"
        "\\allowdisplaybreaks\n\\begin{document}\n" + body + "\\end{document}\n"
    )


def words(text: str) -> str:
    """Text in which nothing is a command."""
    return text.translate(_SPECIAL)


def broken(code: str) -> list[str]:
    r"""A long sum in lines that fit on a page, each but the first beginning with its sign.

    >>> broken(r"1 + 2"), len(broken(" + ".join([r"0.1234 \cdot 0.5678"] * 8)))
    (['1 + 2'], 2)
    """
    terms, depth = [""], 0
    for part in re.split(r"( [+=-] )", code):
        if part in (" + ", " - ", " = ") and depth == 0:
            terms.append(part[1:])
            continue
        terms[-1] += part
        depth += sum(part.count(sign) for sign in "({") - sum(part.count(sign) for sign in ")}")
    lines = terms[:1]
    for term in terms[1:]:
        if _width(f"{lines[-1]} {term}") > WIDTH:
            lines.append(term)
        else:
            lines[-1] += f" {term}"
    return lines


def _width(code: str) -> int:
    """About how many letters wide it is set."""
    seen = re.sub(r"\\[a-zA-Z]+", "xx", code)
    return len(re.sub(r"[{}^_\\ ]", "", seen))


def _layer(e: StepTrace, step: LayerStep, wanted: tuple[str, ...], lines: int) -> list[str]:
    parts = [rf"\paragraph{{{words(step.name)}: {words(step.describes)}}}"]
    for q in step.quantities.values():
        if q.part in wanted and q.name != "x":
            parts += _quantity(e, step.name, q, lines)
    return parts


def _quantity(e: StepTrace, layer: str, q: Quantity, lines: int) -> list[str]:
    """The formula of the array, then the first of its numbers."""
    parts = []
    if q.part != "update":
        parts.append(rf"\[ {in_formula(q.latex)} \]")
    rows = []
    pictures = []
    for i, index in enumerate(q.places(lines)):
        made = derive(e, layer, q.name, index)
        pictures += grids.as_latex(made.grids) if i == 0 else []
        code = in_formula(made.equation.latex_with_numbers)
        for row in code.replace("\n", r" \\ ").split(r" \\ "):
            left, _, right = row.partition(" = ")
            first, *rest = broken(right)
            rows += [rf"{left} &= {first}", *(rf"&\quad {each}" for each in rest)]
    if q.value.size > lines:
        whole = r" \times ".join(map(str, q.shape))
        more = word("and so on, {n:,} numbers", n=q.value.size)
        rows.append(rf"& \quad\text{{{more} }} ({whole})")
    if rows:
        joined = " \\\\\n".join(rows)
        parts.append("\\begin{align*}\n" + joined + "\n\\end{align*}")
    parts += [rf"\[ {in_formula(picture)} \]" for picture in pictures]
    return parts
