"""An explained answer for a notebook: a picture for an image, bars for a table."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING

from glassnet._core import notebook
from glassnet.explain.writing import shown

if TYPE_CHECKING:
    from glassnet.explain.prediction import PredictionExplanation

STYLE = """
.gn-answer i{display:inline-block;height:.8em;background:var(--one)}
.gn-answer i.against{background:var(--two)}
.gn-answer td.bar{text-align:left;width:8em}
"""


def render(e: PredictionExplanation) -> str:
    """The answer, and what moved it."""
    inner = _bars(e) if e.image_shape is None else _picture(e)
    return notebook.block(inner, STYLE, "gn-answer")


def _picture(e: PredictionExplanation) -> str:
    png = io.BytesIO()
    e.plot().savefig(png, format="png")
    return notebook.picture(png.getvalue(), e.headline())


def _bars(e: PredictionExplanation) -> str:
    """The inputs that mattered most; blue spoke for what is explained, orange against it."""
    rows = e.top()
    widest = max((abs(row[-1]) for row in rows), default=0.0)
    lines = [
        '<tr><th class="l">input</th><th>value</th><th>gradient</th><th>gradient × input</th>'
        '<th colspan="2">occlusion</th></tr>'
    ]
    for name, *values in rows:
        taken = values[-1]
        share = 7.5 * abs(taken) / widest if widest > 0 else 0.0
        side = ' class="against"' if taken < 0 else ""
        cells = "".join(f"<td>{shown(value)}</td>" for value in values)
        lines.append(
            f'<tr><td class="l">{escape(name)}</td>{cells}'
            f'<td class="bar"><i{side} style="width:{share:.2f}em"></i></td></tr>'
        )
    cut = ""
    if len(rows) < e.x.size:
        cut = f'<p class="faint">the {len(rows)} that mattered most of {e.x.size:,}</p>'
    return f"<h3>{escape(e.headline())}</h3><table>{''.join(lines)}</table>{cut}"
