"""What the tests of the plots share: is a drawn figure tidy?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text


@pytest.fixture
def drawn_texts(monkeypatch: pytest.MonkeyPatch) -> Callable[[Figure], list[tuple[str, object]]]:
    """Draw a figure; every text that appears in it, with its box in pixels."""

    def draw(figure: Figure) -> list[tuple[str, object]]:
        seen: dict[int, tuple[str, object]] = {}
        plain = Text.draw

        def record(self: Text, renderer: object) -> None:
            if self.get_visible() and self.get_text().strip():
                seen[id(self)] = (self.get_text(), Text.get_window_extent(self, renderer))
            plain(self, renderer)

        with monkeypatch.context() as patch:
            patch.setattr(Text, "draw", record)
            figure.canvas.draw()
        return list(seen.values())

    return draw


@pytest.fixture
def texts_of() -> Callable[[Figure], set[str]]:
    """Every text of a figure, without drawing it (which takes most of a test's time)."""

    def read(figure: Figure) -> set[str]:
        return {text.get_text() for text in figure.findobj(Text)}

    return read


@pytest.fixture
def assert_tidy(drawn_texts) -> Callable[[Figure], list[str]]:
    """No text leaves the figure, none lies on another; returns the texts."""

    def check(figure: Figure) -> list[str]:
        texts = drawn_texts(figure)
        assert texts
        frame = figure.bbox
        for text, box in texts:
            assert box.x0 >= frame.x0 - 1 and box.x1 <= frame.x1 + 1, f"{text!r} leaves the side"
            assert box.y0 >= frame.y0 - 1 and box.y1 <= frame.y1 + 1, f"{text!r} leaves the top"
        for (text, box), (other, second) in combinations(texts, 2):
            wide = min(box.x1, second.x1) - max(box.x0, second.x0)
            high = min(box.y1, second.y1) - max(box.y0, second.y0)
            assert wide < 1 or high < 1, f"{text!r} lies on {other!r}"
        return [text for text, _ in texts]

    return check


@pytest.fixture
def assert_key_free() -> Callable[[Figure], None]:
    """No curve passes under the key of its axes."""

    def check(figure: Figure) -> None:
        figure.canvas.draw()
        for ax in figure.axes:
            key = ax.get_legend()
            if key is None:
                continue
            box = key.get_window_extent()
            for line in ax.lines:
                if line.get_transform() != ax.transData:
                    continue
                x, y = ax.transData.transform(line.get_xydata()).T
                with np.errstate(invalid="ignore"):
                    under = (x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1)
                inside = ax.bbox.x0 <= x, x <= ax.bbox.x1, ax.bbox.y0 <= y, y <= ax.bbox.y1
                assert not (under & np.all(inside, axis=0)).any(), f"key over {line.get_label()}"

    return check
