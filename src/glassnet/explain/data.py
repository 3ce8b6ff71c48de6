"""The parts of an explained training step: quantities, layers, loss, checks, single values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from itertools import islice
from typing import Any

import numpy as np

from glassnet._core import notebook
from glassnet._core.derivation import NOTHING, Grids
from glassnet._core.formula import Index
from glassnet._core.types import Array
from glassnet.explain.views import grids
from glassnet.layers import Layer
from glassnet.layers.equations import Link
from glassnet.texts import word

# how HTML shows a verdict: a sign, and the class of its colour
MARKS = {"ok": ("✓", "good"), "kink": ("∧", "kink"), "off": ("✗", "bad")}


@dataclass(frozen=True, eq=False)
class Quantity:
    """One array of the step.

    Attributes:
        name: as ``explanation.value`` knows it: "z", "dW" …
        symbol, latex_symbol: as formulas write it.
        part: "forward", "backward", "parameter", "update" or "kept".
        meaning: what it is, in a few words.
        value: read-only.
        formula, latex: how the whole array is computed.
        numerical: the central difference of the loss for each element, where the quantity is
            a derivative; NaN where it was not computed; None if it has none.
        axes: what its axes are called, for images and series: "sample", "row" …; else empty.
    """

    name: str
    symbol: str
    latex_symbol: str
    part: str
    meaning: str
    value: Array
    formula: str
    latex: str
    numerical: Array | None = None
    axes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def shape_text(self) -> str:
        """``1×4×4×2 (sample, row, column, filter)``"""
        sizes = "×".join(map(str, self.shape)) or word("a number")
        return f"{sizes} ({', '.join(map(word, self.axes))})" if self.axes else sizes

    def places(self, count: int) -> list[Index]:
        """Where the numbers stand that are shown with their formulas.

        The first; of images and kernels those with the largest |number|, for the corners of
        an image are mostly empty.
        """
        if self.value.ndim < 3:
            return list(islice(np.ndindex(self.shape), count))
        size = np.nan_to_num(np.abs(self.value.ravel().astype(np.float64)), nan=np.inf)
        chosen = sorted(np.argsort(-size, kind="stable")[:count].tolist())
        return [tuple(int(k) for k in np.unravel_index(i, self.shape)) for i in chosen]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; NaN of ``numerical`` is None."""
        return {
            "name": self.name,
            "symbol": self.symbol,
            "part": self.part,
            "meaning": self.meaning,
            "shape": list(self.shape),
            "axes": list(self.axes),
            "value": self.value.tolist(),
            "formula": self.formula,
            "latex": self.latex,
            "numerical": None if self.numerical is None else _without_nan(self.numerical),
        }


@dataclass(frozen=True, eq=False)
class LayerStep:
    """What one layer did.

    Attributes:
        name: unique; inside a block ``block/dense``.
        kind: of the layer: "dense", "dropout" …
        title: as error messages call it.
        describes: the layer in a few words.
        inside: the name of the block it lies in, or None.
        activation: the name of its function, or None.
        quantities: by name.
        notes: what is special in this step.
        layer: the layer (of a copy of the model), for its functions and settings.
    """

    name: str
    kind: str
    title: str
    describes: str
    inside: str | None
    activation: str | None
    quantities: Mapping[str, Quantity]
    notes: tuple[str, ...]
    layer: Layer = field(repr=False)

    def __getitem__(self, name: str) -> Array:
        return self.quantities[name].value

    def __contains__(self, name: str) -> bool:
        return name in self.quantities

    @property
    def parameters(self) -> list[str]:
        """The names of its own parameters: "W", "b" …"""
        return [name for name, q in self.quantities.items() if q.part == "parameter"]


@dataclass(frozen=True, eq=False)
class LossStep:
    """What the loss said.

    Attributes:
        name: the loss that was asked for.
        display_name: the one that was computed.
        fused: whether it contains the last activation and reads logits.
        value: L over the batch, penalties included.
        penalty: what the regularizers add.
        quantities: predictions ``p``, targets ``t``, losses by sample ``l``, the gradient
            ``gradient``; if fused also the long way: ``dp``, ``jacobian``, ``chain`` and the
            ``difference`` of the two ways.
    """

    name: str
    display_name: str
    fused: bool
    formula: str
    latex: str
    gradient_formula: str
    value: float
    penalty: float
    sample_weight: tuple[float, ...] | None
    quantities: Mapping[str, Quantity]
    config: Mapping[str, Any]

    def __getitem__(self, name: str) -> Array:
        return self.quantities[name].value

    def __contains__(self, name: str) -> bool:
        return name in self.quantities


@dataclass(frozen=True)
class OptimizerStep:
    """How the update was made."""

    name: str
    step: int
    learning_rate: float
    formula: str
    settings: Mapping[str, Any]
    clipped: bool


@dataclass(frozen=True)
class Check:
    """A parameter's gradient beside the differences.

    ``verdict``: "ok"; "kink": the loss has a corner there, and the gradient is the slope
    of one of its sides; "off": they do not agree.
    """

    parameter: str
    size: int
    checked: int
    verdict: str
    worst: tuple[int, ...]
    backward: float
    numerical: float
    error: float
    off: int

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "worst": list(self.worst)}


@dataclass(frozen=True)
class Value:
    """One number of the step.

    Attributes:
        layer, quantity, index: where it is.
        value: the number.
        name: its symbol, ``w₁₂``.
        shape: of the array that it belongs to.
        meaning: what it is, in words.
        formula, with_numbers: how it was made, line by line.
        latex, latex_with_numbers: the same in LaTeX.
        numerical: the central difference, for derivatives of the loss.
        verdict: "ok", "kink" or "off" where there is a numerical one.
        chain: the factors of the chain rule from the loss to here, for derivatives.
        inputs: the numbers that it was made of: (layer, quantity, index) each; of a sum of
            more than 512 terms those of the largest.
        grids: the same numbers as they lie: a window, its kernel and their products.
        axes: what the axes of the array are called, for images and series.
    """

    layer: str
    quantity: str
    index: tuple[int, ...]
    value: float
    name: str
    shape: tuple[int, ...]
    meaning: str
    formula: str
    with_numbers: str
    latex: str
    latex_with_numbers: str
    numerical: float | None = None
    verdict: str | None = None
    chain: tuple[Link, ...] = ()
    inputs: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    notes: tuple[str, ...] = ()
    grids: Grids = NOTHING
    axes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """``sample 1, row 2, column 3, filter 1``, counted from 1; empty without names of axes."""
        return ", ".join(f"{axis} {i + 1}" for axis, i in zip(self.axes, self.index))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            **{k: getattr(self, k) for k in (
                "layer", "quantity", "value", "name", "meaning", "formula", "with_numbers",
                "latex", "latex_with_numbers", "numerical", "verdict",
            )},
            "index": list(self.index),
            "shape": list(self.shape),
            "chain": [link.to_dict() for link in self.chain],
            "inputs": [[layer, name, list(index)] for layer, name, index in self.inputs],
            "where": self.where,
            "grids": self.grids.to_dict(),
            "notes": list(self.notes),
        }  # fmt: skip

    def __str__(self) -> str:
        where = f" ({self.where})" if self.axes else ""
        lines = [f"{self.layer}: {self.name}, {self.meaning}{where}"]
        for text in (self.formula, self.with_numbers):
            lines += [f"  {line}" for line in text.split("\n")]
        lines += [f"    {line}" for line in grids.as_text(self.grids)]
        if self.numerical is not None:
            lines.append(f"  by differences: {self.numerical:.6g} ({self.verdict})")
        lines += [
            f"  {c.layer}: {c.symbol} = {c.so_far_text}   by {c.local_symbol}" for c in self.chain
        ]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        parts = [
            f"<h3>{escape(self.layer)}: {escape(self.name)} "
            f'<span class="faint">{escape(self.meaning)}'
            f"{escape(f' ({self.where})' if self.axes else '')}</span></h3>",
            f"<p><code>{escape(self.formula)}</code></p>",
            f"<p><code>{escape(self.with_numbers)}</code></p>",
            grids.as_html(self.grids),
        ]
        if self.verdict is not None and self.numerical is not None:
            sign, style = MARKS[self.verdict]
            number = f"{self.numerical:.6g}"
            parts.append(f'<p class="{style}">{sign} {number} by differences</p>')
        if self.chain:
            rows = [(c.layer, c.symbol, c.so_far_text, c.local_symbol) for c in self.chain]
            head = ("chain rule", "derivative", "so far", "by the factor")
            parts.append(notebook.table(head, rows, words=(0, 1, 2, 3)))
        parts += [f"<p>{escape(note)}</p>" for note in self.notes]
        return notebook.block("".join(parts), grids.STYLE)


def _without_nan(array: Array) -> Any:
    """As lists, None where a number is NaN."""
    return np.where(np.isnan(array), np.array(None), array.astype(object)).tolist()
