"""A formula in a text comes from the kind that it is of: {formula}`sigmoid.backward`.

    {formula}`sigmoid`            an activation or a loss; with .backward its derivative
    {formula}`relu.backward(x)`   the same with x in the place of z; (a=h): h in the place of a
    {formula}`sgd.momentum`       the lines of an optimizer's update; behind the dot the variant
    {formula}`dense.dW`           an array of a layer, as ``glassnet explain`` calls it

In a line of text it becomes a part of the line, alone in a paragraph a line of its own.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, NamedTuple

from glassnet._core.registry import lookup

ROLE = re.compile(r"\{formula\}`([^`\n]+)`")
ALONE = re.compile(rf"^{ROLE.pattern}$", re.MULTILINE)
NAME = re.compile(r"(\w+)(?:\.(\w+))?(?:\(((?:\w=)?\w(?:, *\w=\w)*)\))?")
RAISED = {"x": "ˣ", "y": "ʸ", "z": "ᶻ"}  # letters as exponents


class Formula(NamedTuple):
    """A formula for a terminal, and for a page; ``latex`` is empty where a kind has none."""

    text: str
    latex: str


def formula(name: str) -> Formula:
    """The formula of that name.

    >>> formula("sigmoid.backward").text, formula("sigmoid(x)").text
    ("σ'(z) = y·(1 − y)", 'σ(x) = 1 / (1 + e⁻ˣ)')

    Raises:
        ValueError: it is none.
        UnknownNameError: there is no such kind; says the closest one.
    """
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{{formula}}`{name}`: not KIND, KIND.PART or KIND.PART(letter)")
    made = _of_kind(found[1], found[2] or "")
    for pair in re.findall(r"\w(?:=\w)?", found[3] or ""):
        old, _, new = pair.rpartition("=")
        made = _with_letter(made, old or "z", new)
    return made


def _of_kind(name: str, part: str) -> Formula:
    from glassnet import activations, losses, optimizers
    from glassnet.layers.catalog import LAYERS

    if name in LAYERS:
        return _of_layer(LAYERS[name], part)
    if name in optimizers.OPTIMIZERS:
        return _of_optimizer(optimizers.get(name), part)
    formulas: dict[str, Any] = {**activations.ACTIVATIONS, **losses.LOSSES}
    kind = lookup("kind", {**formulas, **LAYERS, **optimizers.OPTIMIZERS}, name)
    if part not in ("", "backward"):
        raise ValueError(f"{{formula}}`{name}.{part}`: only {name} and {name}.backward are there")
    if not part:
        return Formula(kind.formula, kind.latex)
    if name in activations.ACTIVATIONS:
        return Formula(kind.derivative_formula, kind.derivative_latex)
    return Formula(kind.gradient_formula, kind.gradient_latex)


def _of_optimizer(optimizer: Any, variant: str) -> Formula:
    lines = optimizer.formulas[variant or optimizer.variant].strip().split("\n")
    return Formula("\n".join(line.strip() for line in lines), "")


class _Unrecorded:
    """A layer of which no step was recorded."""

    name = "layer"

    def __init__(self, layer: Any) -> None:
        self.layer = layer

    def __contains__(self, name: str) -> bool:
        return False

    def __getitem__(self, name: str) -> Any:
        import numpy as np

        return np.zeros((1, 1))


def _of_layer(kind: Any, part: str) -> Formula:
    from glassnet.layers.equations import equations_of

    needed = [
        p for p in inspect.signature(kind.__init__).parameters.values() if p.default is p.empty
    ]
    layer = kind(*[1 for p in needed[1:] if p.kind is p.POSITIONAL_OR_KEYWORD])
    equations = equations_of(_Unrecorded(layer))
    if part.startswith("d") and part[1:] in equations.gradients:
        text, latex = equations.gradients[part[1:]]
        return Formula(text.partition(", over ")[0], latex)
    described = equations.describe()
    if part not in described:
        parts = [*described, *(f"d{name}" for name in equations.gradients)]
        raise ValueError(f"{{formula}}`{layer.kind}.{part}`: its parts are {', '.join(parts)}")
    return Formula(described[part].formula, described[part].latex)


def _with_letter(made: Formula, old: str, new: str) -> Formula:
    alone = rf"(?<![\\A-Za-z]){old}(?![A-Za-z])"
    text = re.sub(alone, new, made.text)
    for raised in RAISED.get(old, ""):
        text = text.replace(raised, RAISED[new])
    return Formula(text, re.sub(alone, new, made.latex))


# ---- in a text --------------------------------------------------------------------------------


def for_terminal(text: str) -> str:
    """The text with each formula in plain letters."""
    text = ALONE.sub(lambda found: _indented(formula(found[1]).text), text)
    return ROLE.sub(lambda found: f"`{formula(found[1]).text}`", text)


def for_pages(text: str) -> str:
    """The text with each formula in LaTeX, as MyST writes it; the site and the lab read that."""
    return _in_latex(text, "```{{math}}\n{}\n```", "{{math}}`{}`")


def for_notebooks(text: str) -> str:
    """The text with each formula in LaTeX between dollars."""
    return _in_latex(text, "$$\n{}\n$$", "${}$")


def _in_latex(text: str, block: str, inline: str) -> str:
    def alone(found: re.Match[str]) -> str:
        made = formula(found[1])
        return block.format(made.latex) if made.latex else _indented(made.text)

    def within(found: re.Match[str]) -> str:
        made = formula(found[1])
        return inline.format(made.latex) if made.latex else f"`{made.text}`"

    return ROLE.sub(within, ALONE.sub(alone, text))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))
