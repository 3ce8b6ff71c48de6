"""Bars that show how far a training is: on a terminal, and in a notebook."""

from __future__ import annotations

import sys
from html import escape
from typing import Any, Protocol


class Bar(Protocol):
    """What shows the progress.

    Attributes:
        pause: the least seconds between two drawings.
    """

    pause: float

    def draw(self, title: str, done: float, total: float, numbers: str) -> None:
        """Show this instead of what was shown before."""

    def close(self) -> None:
        """Nothing more will be drawn; the last drawing stays."""


def bar_for_here() -> Bar:
    """The bar that this place can show."""
    return NotebookBar() if in_notebook() else TerminalBar()


def in_notebook() -> bool:
    """Whether the code runs in the kernel of a notebook: Jupyter, VS Code, Colab."""
    module = sys.modules.get("IPython")
    shell: Any = None if module is None else module.get_ipython()
    # Colab's shell is a subclass
    return any(cls.__name__ == "ZMQInteractiveShell" for cls in type(shell).__mro__)


class TerminalBar:
    """A line of rich, on standard error."""

    pause = 0.1  # a drawing costs as much as many small steps

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[numbers]}", markup=False),
            console=Console(stderr=True, force_jupyter=False),
            transient=False,
            auto_refresh=False,
        )
        self._task = self._bar.add_task("", total=None, numbers="")
        self._bar.start()

    def draw(self, title: str, done: float, total: float, numbers: str) -> None:
        self._bar.update(
            self._task, description=title, completed=done, total=total, numbers=numbers
        )
        self._bar.refresh()

    def close(self) -> None:
        self._bar.stop()


class NotebookBar:
    """One output of the cell, which is replaced each time; it needs no widgets.

    What is kept in the notebook's file is the last drawing, as HTML and as text.
    """

    pause = 0.2  # each drawing is a message to the browser

    def __init__(self) -> None:
        self._shown: Any = None

    def draw(self, title: str, done: float, total: float, numbers: str) -> None:
        bundle = {
            "text/plain": f"{title}  {numbers}",
            "text/html": (
                '<div style="font-variant-numeric:tabular-nums;white-space:pre-wrap">'
                f"{escape(title)}  "
                f'<progress value="{done:.6g}" max="{total:.6g}" '
                f'style="width:16em;vertical-align:middle"></progress>  {escape(numbers)}</div>'
            ),
        }
        if self._shown is None:
            display: Any = sys.modules["IPython"].display
            self._shown = display.display(bundle, raw=True, display_id=True)
        else:
            self._shown.update(bundle, raw=True)

    def close(self) -> None:
        self._shown = None
