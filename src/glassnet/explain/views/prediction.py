"""An explained prediction for a notebook: a picture for an image, bars for a table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from glassnet._core import notebook
from glassnet._core.formula import number_text
from glassnet.texts import word

if TYPE_CHECKING:  # importing it takes a third of a second
    from matplotlib.figure import Figure

STYLE = """
.gn-answer i{display:inline-block;height:.8em;background:var(--one)}
.gn-answer i.against{background:var(--two)}
.gn-answer td.bar{text-align:left;width:8em}
"""


def picture(headline: str, figure: Figure) -> str:
    """An image with what spoke for and against the prediction."""
    from glassnet.plots import showing

    png = io.BytesIO()
    figure.savefig(png, format="png")
    showing.withdraw(figure)
    return notebook.block(notebook.picture(png.getvalue(), headline), STYLE, "gn-answer")


def bars(headline: str, rows: Sequence[tuple[Any, ...]], inputs: int) -> str:
    """The inputs that mattered most; blue spoke for what is explained, orange against it."""
    widest = max((abs(row[-1]) for row in rows), default=0.0)
    head = (f"<th>{word(column)}</th>" for column in ("value", "gradient", "gradient × input"))
    lines = [
        f'<tr><th class="l">{word("input")}</th>{"".join(head)}'
        f'<th colspan="2">{word("occlusion")}</th></tr>'
    ]
    for name, *values in rows:
        taken = values[-1]
        share = 7.5 * abs(taken) / widest if widest > 0 else 0.0
        side = ' class="against"' if taken < 0 else ""
        cells = "".join(f"<td>{number_text(value)}</td>" for value in values)
        lines.append(
            f'<tr><td class="l">{escape(name)}</td>{cells}'
            f'<td class="bar"><i{side} style="width:{share:.2f}em"></i></td></tr>'
        )
    cut = ""
    if len(rows) < inputs:
        most = word("the {n} that mattered most of {all:,}", n=len(rows), all=inputs)
        cut = f'<p class="faint">{most}</p>'
    inner = f"<h3>{escape(headline)}</h3><table>{''.join(lines)}</table>{cut}"
    return notebook.block(inner, STYLE, "gn-answer")
