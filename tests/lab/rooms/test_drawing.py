"""What a drawing becomes: in the form of the data, wherever and however large it was drawn."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.lab.rooms.digits.drawing import FORMS, Stroke, fit, inked, picture

HERE = Path(__file__).parent
SPEC = importlib.util.spec_from_file_location("handwritten", HERE / "handwritten.py")
assert SPEC is not None and SPEC.loader is not None
handwritten: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(handwritten)


def line(*points: tuple[float, float], width: float = 0.1, erases: bool = False) -> Stroke:
    return Stroke(np.array(points, float), width, erases)


def test_a_line_covers_what_lies_within_half_its_width() -> None:
    ink = inked([line((0.25, 0.5), (0.75, 0.5), width=0.25)], 8, fine=1)
    assert ink[3:5, 2:6].min() == 1  # rows 3 and 4 lie within 0.375 … 0.625
    assert ink[:2].max() == 0 and ink[6:].max() == 0 and ink[:, :1].max() == 0
    assert 0 < ink[3, 1] < 1  # the round end


def test_a_point_is_a_round_blot() -> None:
    ink = inked([line((0.5, 0.5), width=0.4)], 40)
    assert ink.sum() / 1600 == pytest.approx(np.pi * 0.2**2, rel=0.02)
    np.testing.assert_allclose(ink, ink.T)


def test_the_rubber_takes_away_and_what_comes_later_stays() -> None:
    drawn, rubbed = line((0.1, 0.5), (0.9, 0.5)), line((0.5, 0.1), (0.5, 0.9), erases=True)
    ink = inked([drawn, rubbed], 20)
    assert ink[10, 4] == 1 and ink[10, 10] == 0
    assert inked([rubbed, drawn], 20)[10, 10] == 1


@pytest.mark.parametrize("name", FORMS)
def test_nothing_drawn_is_an_empty_picture(name: str) -> None:
    form = FORMS[name]
    assert not picture([], form).any()
    assert not picture([line((0, 0), (1, 1), erases=True)], form).any()
    gone = [line((0.5, 0.5), (0.6, 0.5)), line((0.4, 0.5), (0.7, 0.5), width=0.3, erases=True)]
    assert fit(gone, form) is None


def test_mnist_pictures_have_their_ink_in_20_pixels_and_their_mass_in_the_middle() -> None:
    for digit in range(10):
        small = picture(handwritten.draw(digit, place=(0.3, 0.6), size=0.4), FORMS["mnist"])
        place = np.arange(28) + 0.5
        x, y = small.sum(axis=0) @ place / small.sum(), small.sum(axis=1) @ place / small.sum()
        assert abs(x - 14) < 0.3 and abs(y - 14) < 0.3
        high = np.flatnonzero((small > 0.3).any(axis=1))
        wide = np.flatnonzero((small > 0.3).any(axis=0))
        assert max(np.ptp(high), np.ptp(wide)) + 1 == pytest.approx(20, abs=1.01)


def test_8x8_pictures_are_filled_from_top_to_bottom() -> None:
    for digit in range(10):
        small = picture(handwritten.draw(digit), FORMS["digits"])
        assert small[0].max() > 0.3 and small[-1].max() > 0.3
        assert small[:, 0].max() < 0.3 and small[:, -1].max() < 0.3


@pytest.mark.parametrize("name", FORMS)
def test_where_and_how_large_it_is_drawn_does_not_matter(name: str) -> None:
    one = picture(handwritten.draw(5, size=0.3, place=(0.25, 0.3), width=0.04), FORMS[name])
    other = picture(handwritten.draw(5, size=0.7, place=(0.55, 0.5), width=0.0933), FORMS[name])
    assert np.abs(one - other).mean() < 0.02


@pytest.mark.parametrize("name", FORMS)
def test_points_blots_and_straight_lines_have_a_picture(name: str) -> None:
    shapes = [
        [line((0.5, 0.5))], [line((0, 0))], [line((0.2, 0.5), (0.8, 0.5))],
        [line((0.5, 0.1), (0.5, 0.9))], [line((0, 0), (1, 1)), line((0, 1), (1, 0))],
        [line((0.5, 0.5), (0.5, 0.5), width=0.004)], [line((0.5, 0.5), width=0.4)],
    ]  # fmt: skip
    for shape in shapes:
        small = picture(shape, FORMS[name])
        assert small.shape == (FORMS[name].side,) * 2
        assert np.isfinite(small).all() and small.max() > 0.05 and small.min() >= 0


def test_on_a_test_picture_the_strokes_stay_where_they_are() -> None:
    ground = np.zeros((28, 28))
    ground[20, 3] = 1
    small = picture([line((0.5, 0.1), (0.5, 0.2))], FORMS["mnist"], ground)
    assert small[20, 3] == 1 and small[4, 13] > 0.9 and small[14].max() == 0
    assert not picture([], FORMS["mnist"], ground)[19].any()
    rubbed = picture([line((0, 0.73), (1, 0.73), erases=True)], FORMS["mnist"], ground)
    assert rubbed[20, 3] == 0
