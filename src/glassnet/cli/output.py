"""Printing: tables on standard output, what goes on beside it on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from glassnet import texts


def emit_json(value: Any) -> None:
    """One JSON object, and nothing else, on standard output."""
    from glassnet._core.strict_json import to_json

    click.echo(to_json(value, indent=2))


def emit_bytes(content: bytes) -> None:
    """All of it on standard output: where that has no buffer, a write may take only a part."""
    rest = memoryview(content)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.flush()


def say(line: str) -> None:
    """A line for the person who waits."""
    click.echo(line, err=True)


def table(
    rows: Iterable[Sequence[object]],
    header: Sequence[str] = (),
    title: str | None = None,
    right: Sequence[int] = (),
) -> None:
    """A table; ``right``: columns whose numbers stand below each other."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    drawn = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD if header else None,
        show_header=bool(header), pad_edge=False, padding=(0, 2, 0, 0),
    )  # fmt: skip
    cells = [[str(cell) for cell in row] for row in rows]
    for i in range(max((len(row) for row in cells), default=len(header))):
        name = header[i] if i < len(header) else ""
        drawn.add_column(name, justify="right" if i in right else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*row)
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 110
    with console.capture() as captured:
        console.print(drawn)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def percent(share: float | None) -> str:
    """0.9749 → 97.49 %"""
    return "–" if share is None else texts.percent(f"{100 * share:.2f}")


def seconds(value: float) -> str:
    """A time as people say it."""
    if value < 60:
        return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"
