"""Lines of equal height."""

from __future__ import annotations

import numpy as np

from glassnet.lab.rooms.descent import contours

AXIS = np.linspace(-2, 2, 41)
X, Y = np.meshgrid(AXIS, AXIS)


def test_the_line_of_a_bowl_is_a_circle() -> None:
    (pieces,) = contours.lines(AXIS, AXIS, X**2 + Y**2, np.array([2.25]))
    ends = pieces.reshape(-1, 2)
    np.testing.assert_allclose(np.hypot(*ends.T), 1.5, atol=3e-3)
    length = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]).sum()
    assert abs(length - 2 * np.pi * 1.5) < 0.03


def test_the_pieces_join_to_closed_lines() -> None:
    (pieces,) = contours.lines(AXIS, AXIS, X**2 + Y**2, np.array([2.3]))  # through no corner
    _, count = np.unique(pieces.reshape(-1, 2).round(9), axis=0, return_counts=True)
    assert (count == 2).all()


def test_a_saddle_in_one_cell_has_two_pieces_that_do_not_cross() -> None:
    z = np.array([[1.0, -1.0], [-1.0, 1.0]])
    for level in (-0.5, 0.5):
        (pieces,) = contours.lines(np.array([0.0, 1]), np.array([0.0, 1]), z, np.array([level]))
        assert len(pieces) == 2
        # the mean, 0, is above -0.5: the high corners are joined, the low ones cut off
        middles = np.array([pieces[:, [0, 2]].mean(axis=1), pieces[:, [1, 3]].mean(axis=1)]).T
        corners = [[1, 0], [0, 1]] if level < 0 else [[0, 0], [1, 1]]
        for corner in corners:
            assert min(np.hypot(*(middles - corner).T)) < 0.5


def test_where_there_is_no_height_there_is_no_line() -> None:
    z = X**2 + Y**2
    z[:, :20] = np.nan
    (pieces,) = contours.lines(AXIS, AXIS, z, np.array([2.25]))
    assert len(pieces) and pieces[:, [0, 2]].min() >= AXIS[20] - 1e-12


def test_levels_lie_between_the_lowest_and_the_highest() -> None:
    levels = contours.levels(X**2 + Y**2)
    assert 0 < levels[0] < levels[-1] < 8 and len(levels) == 14
    rings = np.diff(np.sqrt(levels[:9]))  # as far as the circles fit into the square
    np.testing.assert_allclose(rings, rings.mean(), rtol=0.2)
    assert contours.levels(np.ones((3, 3))).size == 0
    assert contours.levels(np.full((3, 3), np.nan)).size == 0
