"""Windows, kernels and their products side by side: as text, HTML and LaTeX.

A zero of padding stands in parentheses (in HTML it is faint), and the number to look at, as the
largest of a window, in brackets (in HTML it is framed).
"""

from __future__ import annotations

from html import escape

from glassnet._core.derivation import Grid, Grids
from glassnet._core.formula import number_latex, number_text

STYLE = """
.gn .grids{display:flex;align-items:center;gap:.2em .7em;margin:.3em 0;overflow-x:auto}
.gn .grids figure{margin:0}.gn .grids figcaption{color:var(--faint);font-size:.9em}
.gn .grids td{min-width:2.6em}.gn .grids td.pad{color:var(--faint);font-style:italic}
.gn .grids td.mark{outline:2px solid var(--one);outline-offset:-2px;font-weight:700}
"""
DIGITS = 3  # significant, so that three grids stand side by side
WIDE = 94  # columns of a terminal; wider ones stand one below the other
SIGNS = {1: ("",), 3: ("", "·", "=")}  # what stands before each grid of a line


def _cell(grid: Grid, row: int, column: int) -> str:
    value = grid.rows[row][column]
    if value is None:
        return ""
    text = number_text(value, DIGITS)
    if (row, column) in grid.padding:
        return f"({text})"
    return f"[{text}]" if (row, column) in grid.marked else text


def as_text(grids: Grids) -> list[str]:
    """The lines of the grids."""
    found: list[str] = []
    for line in grids.lines:
        blocks = [_block(grid) for grid in line]
        if sum(len(block[0]) for block in blocks) + 5 * (len(blocks) - 1) > WIDE:
            for sign, block in zip(SIGNS[len(line)], blocks):
                found += [f"{sign if i == 0 else ' '} {row}" for i, row in enumerate(block)]
            found = [row.rstrip() for row in found]
            continue
        height = len(blocks[0])
        middle = 1 + (height - 1) // 2
        for i in range(height):
            parts = []
            for sign, block in zip(SIGNS[len(line)], blocks):
                if sign:
                    parts.append(f"  {sign if i == middle else ' '}  ")
                parts.append(block[i])
            found.append("".join(parts).rstrip())
    return [*found, grids.rest] if grids.rest else found


def _block(grid: Grid) -> list[str]:
    """The title and the rows, all of one width."""
    cells = [[_cell(grid, i, j) for j in range(len(row))] for i, row in enumerate(grid.rows)]
    wide = max((len(cell) for row in cells for cell in row), default=1)
    rows = ["  ".join(cell.rjust(wide) for cell in row) for row in cells]
    width = max(len(grid.title), *map(len, rows))
    return [grid.title.ljust(width), *(row.ljust(width) for row in rows)]


def as_html(grids: Grids) -> str:
    """The same as tables."""
    found = []
    for line in grids.lines:
        parts = []
        for sign, grid in zip(SIGNS[len(line)], line):
            parts += [f"<span>{sign}</span>"] if sign else []
            parts.append(_table(grid))
        found.append(f'<div class="grids">{"".join(parts)}</div>')
    rest = f'<div class="faint">{escape(grids.rest)}</div>' if grids.rest else ""
    return "".join(found) + rest


def _table(grid: Grid) -> str:
    rows = []
    for i, row in enumerate(grid.rows):
        cells = []
        for j, value in enumerate(row):
            kind = "pad" if (i, j) in grid.padding else "mark" if (i, j) in grid.marked else ""
            kind = f' class="{kind}"' if kind else ""
            title = ' title="padding"' if (i, j) in grid.padding else ""
            cells.append(
                f"<td{kind}{title}>{'' if value is None else number_text(value, DIGITS)}</td>"
            )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    caption = f"<figcaption>{escape(grid.title)}</figcaption>"
    return f"<figure>{caption}<table>{''.join(rows)}</table></figure>"


def as_latex(grids: Grids) -> list[str]:
    """Each line of grids as one formula; its words stand beneath."""
    found = []
    for line in grids.lines:
        parts = []
        for sign, grid in zip(("", r" \odot ", " = "), line):
            rows = "\\\\".join(
                " & ".join(_latex_cell(grid, i, j) for j in range(len(row)))
                for i, row in enumerate(grid.rows)
            )
            matrix = rf"\begin{{pmatrix}}{rows}\end{{pmatrix}}"
            title = grid.title.replace("∂L/∂z", r"$\partial L/\partial z$").replace(
                "×", r"$\times$"
            )
            parts.append(rf"{sign}\underset{{\text{{{title.replace('–', '--')}}}}}{{{matrix}}}")
        found.append("".join(parts))
    return found


def _latex_cell(grid: Grid, row: int, column: int) -> str:
    value = grid.rows[row][column]
    if value is None:
        return ""
    text = number_latex(value, DIGITS)
    if (row, column) in grid.padding:
        return rf"\mathit{{({text})}}"
    return rf"\boxed{{{text}}}" if (row, column) in grid.marked else text
