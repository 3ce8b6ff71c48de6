"""What the frames show is what the network computes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from glassnet.lab.frames import unpack
from glassnet.lab.rooms.playground import measure, view
from glassnet.lab.session import features
from glassnet.lab.session.plane import LARGE, SMALL, plane_of
from glassnet.lab.session.state import Session

Open = Callable[..., Session]


def frame(session: Session, *want: str) -> dict[str, np.ndarray]:
    return unpack(view.frame(session, want))


def at(session: Session, row: int, column: int, cells: int) -> np.ndarray:
    """The network's inputs at the middle of a cell, worked out from the bounds alone."""
    (x0, x1), (y0, y1) = session.plane.x, session.plane.y
    a = x0 + (x1 - x0) * (column + 0.5) / cells
    b = y1 - (y1 - y0) * (row + 0.5) / cells
    return features.apply(np.array([[a, b]]), session.values["features"])


def test_the_large_map_is_the_prediction_at_each_cell(open_session: Open) -> None:
    session = open_session("data=blobs&layers=4.tanh")
    for _ in range(5):
        session.trainer.one_epoch()
    classes, sure = frame(session, "map")["map"]
    for row, column in ((0, 0), (3, 90), (50, 50), (99, 12)):
        p = session.model.predict(at(session, row, column, LARGE))[0]
        ordered = np.sort(p)
        assert classes[row, column] == p.argmax()
        assert abs(sure[row, column] - 255 * (ordered[-1] - ordered[-2])) < 1


def test_a_unit_s_map_is_its_output_at_each_cell(open_session: Open) -> None:
    session = open_session("data=moons&layers=4.tanh,3.relu.d20.bn&features=x1,x2,x1x2")
    session.trainer.one_epoch()
    found = frame(session, "units", "scales")
    first = session.model.layers[0]
    x = at(session, 7, 20, SMALL)
    expected = [*x[0], *np.tanh(x[0] @ first.W + first.b)]
    for unit, value in enumerate(expected):
        byte = int(found["units"][unit, 7, 20])
        assert abs((byte - 128) / 127 * found["scales"][unit] - value) < 0.01 * (1 + abs(value))


def test_the_line_of_one_input_is_the_prediction(open_session: Open) -> None:
    session = open_session("data=sine&layers=4.tanh")
    line = frame(session, "line")["line"]
    x0, x1 = session.plane.x
    x = np.array([[x0 + (x1 - x0) * 10.5 / LARGE]], np.float32)
    assert line[10] == pytest.approx(session.model.predict(x)[0, 0], abs=1e-6)


def test_dead_units_are_those_that_give_nothing(open_session: Open) -> None:
    session = open_session("layers=3.relu,2.tanh")
    session.model.parameters.view("hidden1/b")[1] = -1000
    dead = frame(session, "dead")["dead"]
    assert dead[2 + 1] == 1 and dead.sum() == 1  # after two inputs


def test_a_unit_is_not_dead_that_answers_to_one_of_the_last_samples(open_session: Open) -> None:
    session = open_session("samples=450&layers=2.relu&noise=0")
    x, blocks = session.trainer.x, session.blocks
    assert len(x) > 500
    model, last = session.model, x[-1]
    W, b = model.parameters.view("hidden1/W"), model.parameters.view("hidden1/b")
    x = np.repeat(x[:1], len(x), axis=0)
    x[-1] = last
    W[:, 0] = last - x[0]  # w·x - b > 0 for the last sample, and for none before it
    b[0] = -float(W[:, 0] @ (last + x[0]) / 2)
    W[:, 1], b[1] = 0, -1
    assert measure.dead_units(model, blocks, x, 2).tolist() == [0, 0, 0, 1, 0]


def test_the_confusion_matrix_counts_every_sample(open_session: Open) -> None:
    session = open_session("data=blobs&layers=3.tanh")
    session.trainer.one_epoch()
    found = frame(session, "matrix")["matrix"]
    truth = session.samples.y_test
    guess = session.model.predict(session.trainer.x_test).argmax(axis=1)
    for i in range(3):
        for j in range(3):
            assert found[1, i, j] == np.sum((truth == i) & (guess == j))
    assert found[0].sum() == len(session.samples.x)


def test_histograms_count_every_value_and_leave_the_gradients(open_session: Open) -> None:
    session = open_session("layers=4.relu,3.tanh")
    session.trainer.one_batch()
    before = session.model.parameters.gradients.copy()
    found = frame(session, "values")
    np.testing.assert_array_equal(session.model.parameters.gradients, before)
    n = min(len(session.samples.x), measure.LOOKED_AT)
    assert found["values"][:, 0].sum(axis=1).tolist() == [4 * n, 3 * n, n]
    assert found["values"][:, 1].sum(axis=1).tolist() == [2 * 4, 4 * 3, 3]
    assert found["ranges"][1, 0] <= 1


@pytest.mark.parametrize(
    ("loss", "y", "guess", "sure"),
    [
        ("auto", [[0.9], [0.5], [0.2]], [1, 0, 0], [0.8, 0.0, 0.6]),
        ("hinge", [[3.0], [0.25], [-0.5]], [1, 1, 0], [1.0, 0.25, 0.5]),
    ],
)
def test_two_classes_are_decided_where_the_output_says(
    open_session: Open, loss: str, y: list[list[float]], guess: list[int], sure: list[float]
) -> None:
    session = open_session(f"loss={loss}")
    classes, certainty = measure.decide(session.model, np.array(y))
    assert classes.tolist() == guess
    np.testing.assert_allclose(certainty, sure)


@pytest.mark.parametrize("k", [2, 3, 20])
def test_the_two_largest_of_a_row_are_those_of_the_sorted_row(k: int) -> None:
    y = np.random.default_rng(k).normal(size=(50, k)).round(1).astype(np.float32)  # with equal ones
    best, first, second = measure.two_best(y)
    ordered = np.sort(y, axis=1)
    assert (best == y.argmax(axis=1)).all()
    assert (first == ordered[:, -1]).all() and (second == ordered[:, -2]).all()


def test_numbers_that_are_not_finite_do_not_break_a_frame(open_session: Open) -> None:
    session = open_session("data=blobs&layers=3.relu")
    session.model.parameters.values[...] = np.float32(3e38)
    found = frame(session, "units", "scales", "map", "dead", "matrix", "values")
    assert found["map"].shape == (2, LARGE, LARGE)


def test_the_plane_of_many_columns_goes_through_their_mean() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)) * [5, 3, 1, 1, 1] + [1, 2, 3, 4, 5]
    names = tuple("abcde")
    main = plane_of(x, names)
    assert main.kind == "principal"
    np.testing.assert_allclose(main.origin, x.mean(axis=0))
    np.testing.assert_allclose(main.along @ main.across, 0, atol=1e-12)
    assert abs(main.along[0]) > 0.9 and abs(main.across[1]) > 0.9
    two = plane_of(x, names, 2, 4)
    assert two.kind == "columns" and two.labels == ("b", "d")
    point = two.grid(3)[4]  # the middle cell
    np.testing.assert_allclose(point[[0, 2, 4]], x.mean(axis=0)[[0, 2, 4]], rtol=1e-6)
    np.testing.assert_allclose(two.project(x), x[:, [1, 3]])


def test_the_plane_of_two_inputs_holds_every_sample_to_one_scale() -> None:
    x = np.array([[0.0, 0.0], [4.0, 1.0]])
    found = plane_of(x, ("x1", "x2"))
    assert found.x[0] < 0 and found.x[1] > 4
    assert np.ptp(found.x) == pytest.approx(np.ptp(found.y))
    grid = found.grid(2)
    assert grid[0, 0] < grid[1, 0] and grid[0, 1] > grid[2, 1]  # rows from the top down
