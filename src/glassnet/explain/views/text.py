"""A training step for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from glassnet._core.formula import number_text
from glassnet._core.terminal import without_colours
from glassnet.explain.checking import verdict_at
from glassnet.explain.data import LayerStep, Quantity
from glassnet.explain.equations import derive
from glassnet.explain.trace import StepTrace
from glassnet.explain.views import grids
from glassnet.explain.views.planes import planes_of
from glassnet.texts import in_formula, word
from glassnet.texts.retelling import sentence

LINES = 4  # formulas with numbers for each array
ROWS, COLUMNS = 8, 10  # a larger array is cut
WIDTH = 110

_MARKS = {"ok": ("✓", "green"), "kink": ("∧", "yellow"), "off": ("✗", "bold red")}


def as_text(trace: StepTrace, lines: int = LINES, width: int = WIDTH) -> str:
    """Without colours."""
    return without_colours(render(trace, lines), width)


def show(trace: StepTrace, lines: int = LINES) -> None:
    """On the terminal; into a pipe or a file without colours and trailing spaces."""
    console = Console()
    if console.is_terminal:
        console.print(render(trace, lines))
    else:
        print(as_text(trace, lines))


def render(e: StepTrace, lines: int = LINES) -> RenderableType:
    """Forward, loss, backward, update, check."""
    n = "1 sample" if e.samples == 1 else word("{n} samples", n=e.samples)
    head = word(
        "One training step of {model}: {n}, {dtype}", model=e.model, n=word(n), dtype=e.dtype
    )
    parts: list[RenderableType] = [Text(head, style="bold")]
    parts += [Text(f"! {sentence(note)}", style="bold red") for note in e.notes]
    parts.append(_title(word("Forward")))
    for step in e.layers:
        parts.append(_heading(step))
        parts += _arrays(e, step, ("forward", "kept"), lines)
    parts.append(_title(word("Loss: {name}", name=e.loss.display_name)))
    parts.append(Padding(Text(in_formula(e.loss.formula), style="cyan"), (0, 0, 0, 2)))
    for name in ("p", "t", "l", "L", "gradient", "chain", "difference"):
        if name in e.loss.quantities:
            parts += _array(e, "loss", e.loss.quantities[name], lines)
    parts.append(_title(word("Backward")))
    for step in reversed(e.layers):
        parts.append(_heading(step))
        parts += _arrays(e, step, ("backward",), lines)
    parts.append(_title(word("Update {n} by {name}", n=e.optimizer.step, name=e.optimizer.name)))
    rate = word("learning rate {rate}", rate=number_text(e.optimizer.learning_rate))
    parts.append(Padding(Text(f"{e.optimizer.formula}\n{rate}", style="cyan"), (0, 0, 0, 2)))
    for step in e.layers:
        for name in step.parameters:
            parts.append(_heading(step))
            for key in (name, f"{name}_change", f"{name}_new"):
                parts += _array(e, step.name, step.quantities[key], 1)
    if e.checks:
        parts += [_title(word("Check: the gradient beside (L(w + h) − L(w − h)) / 2h")), _checks(e)]
    return Group(*parts)


def _title(words: str) -> Text:
    return Text(f"\n{words}", style="bold underline")


def _heading(step: LayerStep) -> Text:
    text = Text("  " * (step.name.count("/")), style="bold")
    text.append(step.name)
    text.append(f"  {step.describes}", style="dim")
    for note in step.notes:
        text.append(f"  ({word(note)})", style="yellow")
    return text


def _arrays(
    e: StepTrace, step: LayerStep, parts: tuple[str, ...], lines: int
) -> Iterator[RenderableType]:
    for q in step.quantities.values():
        if q.part in parts:
            yield from _array(e, step.name, q, lines)


def _array(e: StepTrace, layer: str, q: Quantity, lines: int) -> Iterator[RenderableType]:
    """What it is, its numbers, and how the first of them were made."""
    head = Text("  ")
    head.append(q.symbol, style="bold cyan")
    head.append(f"  {in_formula(word(q.meaning))}, {q.shape_text}", style="dim")
    yield head
    if q.shape:
        yield Padding(Text(numbers(q)), (0, 0, 0, 6))
    if q.part in ("parameter", "kept") or q.name in ("x", "t"):
        return
    if not q.name.endswith("_new"):  # a formula for each line, all alike
        yield Padding(Text(in_formula(q.formula), style="cyan"), (0, 0, 0, 6))
    for i, index in enumerate(q.places(lines)):
        made = derive(e, layer, q.name, index)
        line = Text(in_formula(made.equation.with_numbers))
        if q.numerical is not None and np.isfinite(q.numerical[index]):
            verdict = verdict_at(e, layer, q, index)
            mark, style = _MARKS[verdict]
            found = number_text(float(q.numerical[index]))
            line.append(f"   {mark} " + word("{n} by differences", n=found), style=style)
        yield Padding(line, (0, 0, 0, 8))
        if i == 0 and (drawn := grids.as_text(made.grids)):  # how the others are made is alike
            yield Padding(Text(in_formula("\n".join(drawn)), style="dim"), (0, 0, 0, 10))
    if q.value.size > max(lines, 0) and lines:
        yield Padding(
            Text(word("… {n:,} more", n=q.value.size - lines)
                 + f": explanation.value({layer!r}, {q.name!r}, …)", style="dim"), (0, 0, 0, 8),
        )  # fmt: skip


def _checks(e: StepTrace) -> Table:
    table = Table(box=None, padding=(0, 1))
    for column in ("parameter", "checked", "worst at", "backward", "differences", "apart", ""):
        words = column in ("parameter", "")
        justify: Literal["left", "right"] = "left" if words else "right"
        table.add_column(
            word(column) if column else "", justify=justify, no_wrap=not words, overflow="fold"
        )
    for check in e.checks:
        mark, style = _MARKS[check.verdict]
        wrong = word("{off} of {checked} are wrong", off=check.off, checked=check.checked)
        said = {"ok": mark, "kink": f"{mark} {word('a corner of the loss')}",
                "off": f"{mark} {wrong}"}  # fmt: skip
        cells = (
            check.parameter, word("{n:,} of {all:,}", n=check.checked, all=check.size),
            str(list(check.worst)),
            f"{check.backward:.6g}", f"{check.numerical:.6g}", f"{check.error:.1e}",
        )  # fmt: skip
        # as Text, so that a name with brackets is not read as markup
        table.add_row(*map(Text, cells), Text(said[check.verdict], style=style))
    return table


def numbers(q: Quantity) -> str:
    """The numbers of an array in columns; of a large one a part, and what it is cut from."""
    flat, lines, cut = q.value.ravel(), [], False
    for plane in planes_of(q, ROWS, COLUMNS):
        cut = cut or plane.cut
        lines += [in_formula(plane.title)] if plane.title else []
        written = [[number_text(float(x)) for x in row] for row in flat[plane.places]]
        width = max((len(x) for row in written for x in row), default=1)
        lines += ["  ".join(x.rjust(width) for x in row) for row in written]
    if not cut:
        return "\n".join(lines)
    all_of = "×".join(map(str, q.shape))
    cut_to = "×".join(map(str, plane.places.shape))
    least, most, mean = (number_text(float(f(flat))) for f in (np.min, np.max, np.mean))
    about = word("from {least} to {most}, mean {mean}", least=least, most=most, mean=mean)
    of = word("of {all}", all=all_of) if plane.title else word(
        "the first {some} of {all}", some=cut_to, all=all_of
    )  # fmt: skip
    return "\n".join([*lines, f"… {of}; {about}"])
