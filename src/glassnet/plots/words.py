"""The words inside pictures, in the language of a reader.

    with language("ko"):
        decision_boundary(model, x, y)

English is what stands in the code; the other languages are in :mod:`glassnet.texts`, under
"plots".  A phrase that is not there stays English, as do all where no font has the letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from glassnet import texts
from glassnet.plots import style

_spoken = texts.PICTURES


@contextmanager
def language(name: str) -> Iterator[None]:
    """Pictures that are drawn inside say their words in this language: "en" or "ko"."""
    before = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """The language of now: "en" or "ko"; English where no font has the letters."""
    chosen = _spoken.get()
    return "en" if chosen == "ko" and not style.has_korean() else chosen


def percents() -> Callable[[float, Any], str]:
    """What writes the ticks of an axis of shares, in the language of now."""
    sign = texts.percent("")
    return lambda share, place: f"{100 * share:.3g}{sign}"


def say(text: str, **values: Any) -> str:
    """``text`` in the language of now, with the values in their places.

    >>> with language("en"):
    ...     say("epoch {n:.0f}", n=3)
    'epoch 3'
    """
    return texts.filled(texts.part("plots", spoken()).get(text, text), **values)
