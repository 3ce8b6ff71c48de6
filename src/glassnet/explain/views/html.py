"""A training step for a notebook: one piece of HTML that needs nothing else.

Light and dark follow the page; without a script: what is long is folded away.
"""

from __future__ import annotations

from html import escape

import numpy as np

from glassnet._core import notebook
from glassnet._core.formula import number_text
from glassnet.explain.checking import verdict_at
from glassnet.explain.data import MARKS, LayerStep, Quantity
from glassnet.explain.equations import derive
from glassnet.explain.trace import StepTrace
from glassnet.explain.views import grids
from glassnet.explain.views.planes import Plane, planes_of
from glassnet.texts import in_formula, word
from glassnet.texts.retelling import sentence

LINES = 6  # formulas with numbers for each array
ROWS, COLUMNS = 12, 12  # a larger array is cut
HOVERED = 60  # elements of an array that tell their formula when pointed at

STYLE = """
.gn-step h3{margin:1em 0 .3em;border-bottom:1px solid var(--line)}
.gn-step summary{cursor:pointer;font-weight:600}
.gn-step details{margin:.3em 0 .3em .2em}
.gn-step .q{margin:.4em 0 .6em 1.2em}
.gn-step ol{margin:.2em 0 .2em 1.2em;padding:0;list-style:none;font:13px ui-monospace,
"DejaVu Sans Mono",monospace;white-space:pre-wrap}
.gn-step th:first-child,.gn-step td.name{text-align:left}
"""


def render(e: StepTrace) -> str:
    """The whole step."""
    n = word("1 sample") if e.samples == 1 else word("{n} samples", n=e.samples)
    head = word("One training step of {model}: {n}, {dtype}", model=e.model, n=n, dtype=e.dtype)
    parts = [f"<h3>{escape(head)}</h3>"]
    parts += [f'<p class="bad">{escape(sentence(note))}</p>' for note in e.notes]
    parts.append(f"<h3>{word('Forward')}</h3>")
    parts += [_layer(e, step, ("forward", "kept")) for step in e.layers]
    loss = word("Loss: {name}", name=e.loss.display_name)
    parts.append(f"<h3>{escape(loss)} = {number_text(e.loss.value)}</h3>")
    parts.append(f"<p><code>{escape(in_formula(e.loss.formula))}</code></p>")
    parts += [_quantity(e, "loss", q) for q in e.loss.quantities.values() if q.value.ndim < 3]
    parts.append(f"<h3>{word('Backward')}</h3>")
    parts += [_layer(e, step, ("backward",)) for step in reversed(e.layers)]
    rule = escape(e.optimizer.formula)
    update = word("Update {n} by {name}", n=e.optimizer.step, name=e.optimizer.name)
    parts.append(f"<h3>{escape(update)}</h3>")
    parts.append(f"<p><code>{rule}</code></p>")
    parts += [_layer(e, step, ("parameter", "update")) for step in e.layers if step.parameters]
    if e.checks:
        check = word("Check: the gradient beside (L(w + h) − L(w − h)) / 2h")
        parts += [f"<h3>{check}</h3>", _checks(e)]
    return notebook.block("".join(parts), STYLE + grids.STYLE, "gn-step")


def _layer(e: StepTrace, step: LayerStep, wanted: tuple[str, ...]) -> str:
    inner = "".join(
        _quantity(e, step.name, q) for q in step.quantities.values() if q.part in wanted
    )
    if not inner:
        return ""
    notes = "".join(f" ({escape(note)})" for note in step.notes)
    small = sum(q.value.size for q in step.quantities.values()) <= 400
    return (
        f"<details{' open' if small else ''}><summary>{escape(step.name)} "
        f'<span class="faint">{escape(step.describes)}{notes}</span></summary>{inner}</details>'
    )


def _quantity(e: StepTrace, layer: str, q: Quantity) -> str:
    parts = [
        f'<div class="q"><code><b>{escape(q.symbol)}</b></code> '
        f'<span class="faint">{escape(in_formula(word(q.meaning)))}, {escape(q.shape_text)}</span>'
    ]
    planes = planes_of(q, ROWS, COLUMNS) if q.shape else []
    lines = 1 if q.part == "update" else LINES
    hovered = [flat for plane in planes for flat in plane.places.ravel().tolist()][:HOVERED]
    places = [_unravel(flat, q.shape) for flat in hovered] + q.places(lines)
    made = {place: derive(e, layer, q.name, place) for place in dict.fromkeys(places)}
    told = {place: in_formula(one.equation.with_numbers) for place, one in made.items()}
    parts += [_table(e, layer, q, plane, told) for plane in planes]
    if any(plane.cut for plane in planes):
        parts.append(_cut(q, planes[-1]))
    before = q.part == "update" and q.formula == q.symbol  # the optimizer's memory as it was
    if q.part not in ("parameter", "kept") and q.name not in ("x", "t") and not before:
        parts.append(f"<code>{escape(in_formula(q.formula))}</code><ol>")
        shown = q.places(lines)
        parts += [_line(e, layer, q, place, told[place]) for place in shown]
        if q.value.size > lines:
            parts.append(
                f'<li class="faint">{word("… {n:,} more", n=q.value.size - lines)}: '
                f"{escape(f'explanation.value({layer!r}, {q.name!r}, …)')}</li>"
            )
        parts.append("</ol>")
        if q.shape and made[shown[0]].grids.lines:  # how the others are made is alike
            parts.append(f"<code>{escape(in_formula(made[shown[0]].symbol.text))}</code>")
            parts.append(in_formula(grids.as_html(made[shown[0]].grids)))
    return "".join(parts) + "</div>"


def _unravel(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape))


def _line(e: StepTrace, layer: str, q: Quantity, place: tuple[int, ...], numbers: str) -> str:
    mark = ""
    if q.numerical is not None and np.isfinite(q.numerical[place]):
        sign, style = MARKS[verdict_at(e, layer, q, place)]
        found = word("{n} by differences", n=number_text(float(q.numerical[place])))
        mark = f' <span class="{style}">{sign} {found}</span>'
    return f"<li>{escape(numbers)}{mark}</li>"


def _table(
    e: StepTrace, layer: str, q: Quantity, plane: Plane, told: dict[tuple[int, ...], str]
) -> str:
    """The numbers in columns; each tells its formula when pointed at."""
    cells = []
    for row in plane.places.tolist():
        cells.append("<tr>")
        for flat in row:
            place = _unravel(flat, q.shape)
            title = f' title="{escape(told[place], quote=True)}"' if place in told else ""
            style = ""
            if q.numerical is not None and np.isfinite(q.numerical[place]) and place in told:
                verdict = verdict_at(e, layer, q, place)
                style = ' class="bad"' if verdict == "off" else ""
            cells.append(f"<td{title}{style}>{number_text(float(q.value[place]))}</td>")
        cells.append("</tr>")
    title = f'<div class="faint">{escape(in_formula(plane.title))}</div>' if plane.title else ""
    return f"{title}<table>{''.join(cells)}</table>"


def _cut(q: Quantity, plane: Plane) -> str:
    """What the numbers are a part of."""
    some, whole = ("×".join(map(str, shape)) for shape in (plane.places.shape, q.shape))
    of = (
        word("of {all}", all=whole)
        if plane.title
        else word("the first {some} of {all}", some=some, all=whole)
    )
    low, high = number_text(float(q.value.min())), number_text(float(q.value.max()))
    span = word("from {least} to {most}", least=low, most=high)
    return f'<div class="faint">{of}; {span}</div>'


def _checks(e: StepTrace) -> str:
    head = ("parameter", "checked", "worst at", "backward", "differences", "apart")
    titles = [*map(word, head), ""]
    rows = ["<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in titles) + "</tr>"]
    for check in e.checks:
        sign, style = MARKS[check.verdict]
        wrong = word("{off} of {checked} are wrong", off=check.off, checked=check.checked)
        words = {"ok": sign, "kink": f"{sign} {word('a corner of the loss')}",
                 "off": f"{sign} {wrong}"}  # fmt: skip
        cells = [
            f'<td class="name">{escape(check.parameter)}</td>',
            *(f"<td>{escape(str(cell))}</td>" for cell in (
                word("{n:,} of {all:,}", n=check.checked, all=check.size), list(check.worst),
                f"{check.backward:.6g}", f"{check.numerical:.6g}", f"{check.error:.1e}",
            )),
            f'<td class="{style}">{words[check.verdict]}</td>',
        ]  # fmt: skip
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


def page(e: StepTrace) -> str:
    """A whole HTML file."""
    return notebook.page(word("One training step of {model}", model=e.model), render(e))
