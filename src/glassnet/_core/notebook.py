"""HTML for notebooks: one look for everything that shows itself there.

A piece needs nothing else, no script and no file; what comes from users is escaped. Light and
dark follow the notebook, or else the system.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

# Both palettes reach a contrast of 4.5 to 1 on white or near-black. Curves: Okabe and Ito (2008).
LIGHT = (
    "--ink:#1f2328;--faint:#57606a;--line:#d0d7de;--formula:#0550ae;--good:#116329;"
    "--kink:#7d4e00;--bad:#b3261e;--one:#0072b2;--two:#b35900"
)
DARK = (
    "--ink:#e6edf3;--faint:#9ea7b3;--line:#3d444d;--formula:#79c0ff;--good:#56d364;"
    "--kink:#e3b341;--bad:#ff7b72;--one:#56b4e9;--two:#e69f00"
)
STYLE = f"""
.gn{{{LIGHT};color:var(--ink);font:14px/1.45 system-ui,"Apple SD Gothic Neo",
"Malgun Gothic","Noto Sans KR",sans-serif;max-width:72rem}}
@media (prefers-color-scheme:dark){{.gn{{{DARK}}}}}
html[data-theme=light] .gn,body[data-jp-theme-light=true] .gn,body.vscode-light .gn{{{LIGHT}}}
html[data-theme=dark] .gn,html[theme=dark] .gn,body[data-jp-theme-light=false] .gn,
body.vscode-dark .gn{{{DARK}}}
.gn h3{{font-size:1.05em;margin:.6em 0 .3em}}
.gn p{{margin:.3em 0}}
.gn .faint{{color:var(--faint);font-weight:400}}
.gn .good{{color:var(--good)}}.gn .kink{{color:var(--kink)}}
.gn .bad{{color:var(--bad);font-weight:700}}
.gn table{{border-collapse:collapse;margin:.3em 0;font-variant-numeric:tabular-nums;width:auto}}
.gn tr,.gn tr:hover,.gn tr:nth-child(even){{background:none}}
.gn td,.gn th{{border:1px solid var(--line);padding:.1em .5em;text-align:right;background:none;
color:inherit;font-size:inherit}}
.gn td.l,.gn th.l{{text-align:left;white-space:pre-wrap}}
.gn code{{color:var(--formula);background:none;font:13px ui-monospace,"DejaVu Sans Mono",
monospace;white-space:pre-wrap}}
.gn svg{{margin:.3em 1em .3em 0}}
.gn svg text{{fill:var(--faint);font:11px system-ui,sans-serif}}
"""

POINTS = 300  # of a curve; more are not seen
WIDTH, HEIGHT = 300, 130  # of the plot, in pixels
LEFT, BELOW, ABOVE = 56, 18, 18  # the room around it


def block(inner: str, style: str = "", kind: str = "") -> str:
    """A piece of HTML with its look; ``kind`` is a second class, for ``style``."""
    return f'<div class="{f"gn {kind}".strip()}"><style>{STYLE}{style}</style>{inner}</div>'


def page(title: str, inner: str) -> str:
    """A whole HTML file."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        "<style>body{margin:1.5rem}"
        "@media (prefers-color-scheme:dark){body{background:#0d1117}}</style></head>"
        f"<body>{inner}</body></html>\n"
    )


def table(
    head: Sequence[object], rows: Iterable[Sequence[object]], words: Sequence[int] = (0,)
) -> str:
    """A table of text; ``words`` are the columns that begin at the left."""

    def line(cells: Sequence[object], tag: str) -> str:
        found = []
        for i, cell in enumerate(cells):
            side = ' class="l"' if i in words else ""
            found.append(f"<{tag}{side}>{escape(str(cell))}</{tag}>")
        return f"<tr>{''.join(found)}</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"


def picture(png: bytes, what: str) -> str:
    """A picture on white paper, also in the dark."""
    source = base64.b64encode(png).decode()
    return (
        f'<img alt="{escape(what, quote=True)}" src="data:image/png;base64,{source}" '
        'style="max-width:min(100%,44rem);background:#fff">'
    )


def curves(
    title: str, x: Sequence[float], lines: Mapping[str, Sequence[float]], x_name: str
) -> str:
    """A picture of one or two curves (SVG); a line has a gap where a number is not finite.

    The scale is logarithmic where all numbers are above 0 and the largest is a hundred times
    the smallest.
    """
    values = [v for line in lines.values() for v in line if math.isfinite(v)]
    if not values:
        return ""
    low, high = min(values), max(values)
    steep = low > 0 and high / low > 100

    def level(v: float) -> float:
        return math.log(v) if steep else v

    bottom, span = level(low), (level(high) - level(low)) or 1.0
    first, width = x[0], (x[-1] - x[0]) or 1.0

    def place(at: float, v: float) -> str:
        across = LEFT + (at - first) / width * WIDTH
        return f"{across:.1f},{ABOVE + HEIGHT - (level(v) - bottom) / span * HEIGHT:.1f}"

    right, foot = LEFT + WIDTH, ABOVE + HEIGHT
    parts = [
        f'<svg width="{right + 14}" height="{foot + BELOW}" role="img" '
        f'aria-label="{escape(title, quote=True)}">',
        f'<path d="M{LEFT} {ABOVE}V{foot}H{right}" fill="none" stroke="var(--line)"/>',
        f'<text x="{LEFT - 5}" y="{ABOVE + 4}" text-anchor="end">{high:.4g}</text>',
        f'<text x="{LEFT - 5}" y="{foot + 4}" text-anchor="end">{low:.4g}</text>',
        f'<text x="{LEFT}" y="{foot + 14}">{x_name} {x[0]:g}</text>',
        f'<text x="{right}" y="{foot + 14}" text-anchor="end">{x[-1]:g}</text>',
    ]
    step = max(1, math.ceil(len(x) / POINTS))
    at = LEFT + 6
    for i, (name, line) in enumerate(lines.items()):
        color, dashes = ("var(--one)", "") if i == 0 else ("var(--two)", ' stroke-dasharray="5 3"')
        runs: list[list[str]] = [[]]
        for j in sorted({*range(0, len(line), step), len(line) - 1}):
            if math.isfinite(line[j]):
                runs[-1].append(place(x[j], line[j]))
            elif runs[-1]:
                runs.append([])
        for run in runs:
            if len(run) == 1:
                across, down = run[0].split(",")
                parts.append(f'<circle cx="{across}" cy="{down}" r="2.5" style="fill:{color}"/>')
            elif run:
                parts.append(
                    f'<polyline points="{" ".join(run)}" fill="none" stroke="{color}" '
                    f'stroke-width="1.8"{dashes}/>'
                )
        parts.append(
            f'<text x="{at}" y="11" style="fill:{color};font-weight:600">{escape(name)}</text>'
        )
        at += 7 * len(name) + 16
    note = ", logarithmic" if steep else ""
    parts.append(f'<text x="{right}" y="11" text-anchor="end">{escape(title)}{note}</text></svg>')
    return "".join(parts)
