"""The room of digits: what it answers, that it learns, and that drawings are recognised."""

from __future__ import annotations

import base64
import gzip
import importlib.util
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.errors import ConfigError, GlassnetError
from glassnet.lab import fields
from glassnet.lab.protocol import Args, ProtocolError, RefusedError
from glassnet.lab.rooms.digits import pictures, showing
from glassnet.lab.rooms.digits.drawing import picture
from glassnet.lab.rooms.digits.network import build, network_of
from glassnet.lab.server.questions import answer
from glassnet.lab.session.state import Session

HERE = Path(__file__).parent
SPEC = importlib.util.spec_from_file_location("handwritten", HERE / "handwritten.py")
assert SPEC is not None and SPEC.loader is not None
handwritten: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(handwritten)

SEVEN = [[18, False, [70, 60, 190, 60, 110, 210]]]


def ask(session: Session, what: str, **args: Any) -> Any:
    return session.engine.submit(
        lambda: answer(session, "digits", what, Args(args))
    ).result(60)  # fmt: skip


def trained(session: Session) -> dict[str, Any]:
    ask(session, "train")
    end = time.monotonic() + 60
    while (progress := ask(session, "progress"))["training"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    found: dict[str, Any] = progress
    return found


def unpacked(text: str) -> Any:
    return np.frombuffer(base64.b64decode(text), np.uint8)


@pytest.fixture
def no_mnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GLASSNET_DATA", raising=False)
    monkeypatch.setattr("glassnet.data.mnist.cache_folder", lambda: tmp_path)


# ---- drawings that are recognised ----------------------------------------------------------------


def test_most_drawings_are_recognised(open_session: Callable[..., Session]) -> None:
    session = open_session("digits_epochs=20")
    progress = trained(session)
    assert progress["epoch"] == 20 and progress["measured"]["test_accuracy"] > 0.95
    network = session.room_state["digits"]
    rng = np.random.default_rng(1)
    right = 0
    for digit in range(10):
        for way in range(9):
            small = picture(handwritten.draw(digit, way, rng), network.form)
            row = network.inputs(showing.rows_of(network, small[None]))
            right += int(network.model.predict(row).argmax() == digit)
    assert right / 90 > 0.83  # of six seeds: 0.87 to 0.93


# ---- looking -------------------------------------------------------------------------------------


def test_an_empty_paper_is_blank_and_a_drawing_is_answered(
    open_session: Callable[..., Session],
) -> None:
    session = open_session()
    assert ask(session, "look")["blank"]
    found = ask(session, "look", strokes=SEVEN)
    assert not found["blank"] and not found["knows"]
    assert sum(found["outputs"]) == pytest.approx(1, abs=1e-5)
    assert found["says"] == int(np.argmax(found["outputs"])) == found["about"]
    assert unpacked(found["picture"]).shape == unpacked(found["effect"]).shape == (64,)
    assert len(found["activations"]) == 64 and min(found["activations"]) >= 0
    session.set("drawing", SEVEN)
    assert ask(session, "look") == found


def test_while_a_line_grows_the_answer_comes_without_what_mattered(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("digits_network=convolution")
    whole = ask(session, "look", strokes=SEVEN)
    quick = ask(session, "look", strokes=SEVEN, effect=False)
    assert {
        name: value for name, value in whole.items() if name not in ("effect", "of_score", "scale")
    } == quick


def test_the_effect_is_that_of_the_library(open_session: Callable[..., Session]) -> None:
    from glassnet.explain import explain_prediction

    session = open_session("digits_about=3&digits_way=gradient")
    session.set("drawing", SEVEN)
    found = ask(session, "look")
    network = network_of(session)
    small = picture(showing.strokes_of(session.values["drawing"]), network.form)
    why = explain_prediction(network.model, showing.rows_of(network, small[None]), 3)
    assert found["about"] == 3
    assert found["scale"] == pytest.approx(np.abs(why.gradient_times_input).max())
    shown = (unpacked(found["effect"]).astype(float) - 128) / 127 * found["scale"]
    close = {"atol": found["scale"] / 127}
    np.testing.assert_allclose(shown, why.gradient_times_input.ravel(), **close)


@pytest.mark.parametrize("about", [1, 7])  # as sure as a float can be: of one, and of none
def test_what_mattered_is_seen_when_the_network_is_sure(
    open_session: Callable[..., Session], about: int
) -> None:
    session = open_session(f"digits_about={about}&digits_way=occlusion")
    model = network_of(session).model
    last = model.layers[-1]
    last.W *= 0.1
    doubtful = ask(session, "look", strokes=SEVEN)
    assert 0.01 < doubtful["outputs"][about] < 0.99 and not doubtful["of_score"]
    last.b[about] += 500.0 if about == 1 else -500.0
    sure = ask(session, "look", strokes=SEVEN)
    assert sure["outputs"][about] in (0.0, 1.0) and sure["of_score"]
    assert np.ptp(unpacked(sure["effect"])) > 100
    assert sure["scale"] > 1e-3  # the falls of a score, not those of a probability


def test_the_first_layers_weights_come_as_pictures(open_session: Callable[..., Session]) -> None:
    session = open_session("digits_units=200")
    found = ask(session, "units")
    assert found["count"] == 200
    shown = (unpacked(found["weights"]).reshape(128, 64).astype(float) - 128) / 127
    layer: Any = network_of(session).model.layers[1]
    np.testing.assert_allclose(shown * found["scale"], layer.W[:, :128].T, atol=found["scale"] / 99)


def test_a_convolutions_filters_come_with_their_maps_of_the_drawing(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("digits_network=convolution&digits_epochs=1")
    trained(session)
    found, seen = ask(session, "look", strokes=SEVEN), ask(session, "units")
    model: Any = network_of(session).model
    assert seen["filters"] and seen["shape"] == [3, 3] and seen["count"] == 16
    layer = next(one for one in model.layers if one.kind == "conv2d")
    shown = (unpacked(seen["weights"]).reshape(16, 3, 3).astype(float) - 128) / 127 * seen["scale"]
    filters = np.moveaxis(layer.W[:, :, 0], -1, 0)
    np.testing.assert_allclose(shown, filters, atol=seen["scale"] / 127)
    # Each map is the sum of the window's pixels times the filter, by hand.
    pixels = np.rint(unpacked(found["picture"]).reshape(8, 8) / 255 * 16) / 16
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(pixels, 1), (3, 3))
    sums = np.einsum("ijab,fab->fij", windows, filters) + layer.b[:, None, None]
    maps = found["maps"]
    assert maps["shape"] == [16, 8, 8] and "activations" not in found
    given = (unpacked(maps["pixels"]).reshape(16, 8, 8).astype(float) - 128) / 127 * maps["scale"]
    np.testing.assert_allclose(given, np.maximum(sums, 0), atol=maps["scale"] / 127)


def test_the_network_of_the_fields_is_dense_or_convolutional(
    open_session: Callable[..., Session],
) -> None:
    dense, convolution = "digits_units=32", "digits_network=convolution"
    for address, filters, parameters in ((dense, False, 2410), (convolution, True, 6090)):
        session = open_session(address)
        progress = ask(session, "progress")
        assert progress["filters"] is filters and progress["parameters"] == parameters
    lenet = build(255, 28, session.values)  # for MNIST's pictures
    assert lenet.name == "lenet" and lenet.parameters.size == 61_706


def test_a_test_picture_is_drawn_on(open_session: Callable[..., Session]) -> None:
    session = open_session("digits_base=5")
    plain = ask(session, "look")
    network = network_of(session)
    assert network.pictures is not None
    expected = np.rint(network.pictures.test_picture(5).ravel() * 255)
    np.testing.assert_array_equal(unpacked(plain["picture"]), expected)
    assert plain["ground"] == plain["picture"] and not plain["blank"]
    drawn = ask(session, "look", strokes=SEVEN)
    assert drawn["picture"] != plain["picture"] and drawn["ground"] == plain["ground"]
    session.set("digits_base", 9999)  # beyond the test part: plain paper
    assert ask(session, "look")["blank"]


# ---- training ------------------------------------------------------------------------------------


def test_it_trains_stops_goes_on_and_starts_anew(open_session: Callable[..., Session]) -> None:
    session = open_session("digits_units=8&digits_copies=0&digits_epochs=200")
    assert ask(session, "train")["training"]
    while ask(session, "progress")["epoch"] < 2:
        time.sleep(0.02)
    stopped = ask(session, "pause")
    assert not stopped["training"] and stopped["knows"] and stopped["epoch"] >= 2
    assert len(stopped["curves"][0]) == stopped["epoch"] + 1
    again = ask(session, "train")
    assert again["training"] and again["epoch"] == stopped["epoch"]
    fresh = ask(session, "reset")
    assert not fresh["training"] and fresh["epoch"] == 0 and not fresh["knows"]


def test_the_same_seed_gives_the_same_network(open_session: Callable[..., Session]) -> None:
    found = []
    for _ in range(2):
        session = open_session("digits_units=8&digits_epochs=2&digits_seed=3")
        trained(session)
        found.append(session.room_state["digits"].model.parameters.values)
    np.testing.assert_array_equal(*found)


def test_a_rate_far_too_large_diverges_and_the_last_good_weights_stay(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("digits_units=8&digits_copies=0&digits_epochs=3")
    good = trained(session)
    values = session.room_state["digits"].model.parameters.values.copy()
    session.room_state["digits"].trainer.model.parameters.values[0] = np.nan
    found = trained(session)
    assert found["stopped"] == "diverged" and found["epoch"] == good["epoch"]
    np.testing.assert_array_equal(session.room_state["digits"].model.parameters.values, values)


def test_the_learning_rate_is_changed_while_it_trains(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("digits_units=8&digits_epochs=200")
    ask(session, "train")
    session.engine.submit(lambda: session.set("digits_rate", 0.1)).result(60)
    assert ask(session, "progress")["training"]
    assert session.room_state["digits"].model.optimizer.current_learning_rate == pytest.approx(0.1)
    ask(session, "pause")


def test_another_size_makes_another_network_and_stops_the_old(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("digits_units=8&digits_epochs=200")
    ask(session, "train")
    session.engine.submit(lambda: session.set("digits_units", 12)).result(60)
    progress = ask(session, "progress")
    assert progress["parameters"] == 64 * 12 + 12 + 12 * 10 + 10 and not progress["training"]
    assert session.engine.training is None


def test_mistakes_are_counted_and_filtered(open_session: Callable[..., Session]) -> None:
    session = open_session("digits_units=4&digits_copies=0&digits_epochs=2")
    trained(session)
    found = ask(session, "mistakes")
    matrix = np.array(found["matrix"])
    assert matrix.sum() == found["tested"] == 359
    assert found["total"] == found["wrong"] == 359 - np.trace(matrix) > 0
    assert len(found["shown"]) == min(found["total"], showing.GALLERY)
    sure = [one["sure"] for one in found["shown"]]
    assert sure == sorted(sure, reverse=True)
    truth, said = np.unravel_index(np.argmax(matrix - np.diag(np.diag(matrix))), (10, 10))
    session.set("mistake_true", int(truth))
    session.set("mistake_said", int(said))
    few = ask(session, "mistakes")
    assert few["total"] == matrix[truth, said]
    assert {(one["true"], one["said"]) for one in few["shown"]} == {(truth, said)}


def test_copies_are_like_their_pictures() -> None:
    found = pictures.load("digits")
    x, y = pictures.with_copies(found, seed=0)
    assert x.shape == (5 * len(found.x), 64) and x.dtype == np.uint8 and x.max() <= 16
    np.testing.assert_array_equal(x[: len(found.x)], found.x)
    copies = x[len(found.x) : 2 * len(found.x)].astype(float)
    near = np.abs(copies - found.x).mean()
    far = np.abs(copies - np.roll(found.x, 1, axis=0)).mean()
    assert 0 < near < far / 2
    np.testing.assert_array_equal(y[: len(found.y)], y[len(found.y) : 2 * len(found.y)])


# ---- MNIST ---------------------------------------------------------------------------------------


def test_without_its_files_mnist_gives_way_to_the_digits(
    open_session: Callable[..., Session], no_mnist: None
) -> None:
    session = open_session("digits_data=mnist")
    progress = ask(session, "progress")
    assert progress["missing"] and not progress["mnist"] and progress["data"] == "digits"
    assert ask(session, "look")["side"] == 8


def write_idx(path: Path, array: Any) -> None:
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes()))


def test_mnist_is_taken_from_the_data_folder(
    open_session: Callable[..., Session], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    for part, n in (("train", 60), ("t10k", 20)):
        images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", np.arange(n, dtype=np.uint8) % 10)
    session = open_session()
    session.data_dir = str(tmp_path)
    session.set("digits_data", "mnist")
    session.set("digits_units", 4)
    session.set("digits_epochs", 1)
    progress = trained(session)
    assert progress["data"] == "mnist" and progress["n_train"] == 60 and not progress["missing"]
    found = ask(session, "look", strokes=SEVEN)
    assert found["side"] == 28 and len(unpacked(found["effect"])) == 784


# ---- hostile input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strokes",
    [
        [[18, False, [1]]], [[18, False, []]], [[18, False, [1, 256]]], [[18, False, [-1, 0]]],
        [[18, 0, [1, 1]]], [[0, False, [1, 1]]], [[101, False, [1, 1]]], [[18.5, False, [1, 1]]],
        [[18, False, [1.5, 1]]], [[18, False, [float("nan"), 1]]], [[18, False, "ab"]],
        [[18, False, [True, 1]]], [[18, False]], ["ab"], [None], [[18, False, [1, 1] * 1501]],
        [[18, False, [1, 1]]] * 61, [[18, False, [10**30, 1]]],
    ],
)  # fmt: skip
def test_broken_strokes_are_refused_in_words(
    strokes: Any, open_session: Callable[..., Session]
) -> None:
    with pytest.raises(RefusedError, match=r"drawing is .* but must be"):
        ask(open_session(), "look", strokes=strokes)
    with pytest.raises(ConfigError, match="drawing"):
        fields.field("drawing").check(strokes)


def test_strokes_that_are_no_list_end_the_connection(
    open_session: Callable[..., Session],
) -> None:
    for strokes in ("ab", 3, {"a": 1}, None):
        with pytest.raises(ProtocolError):
            ask(open_session(), "look", strokes=strokes)
    with pytest.raises(GlassnetError):
        ask(open_session(), "look", strokes=[0] * 100_000)


@pytest.mark.parametrize("text", ["A", "AAA", "EgAB", "EgACAQE", "!!!", "Ev__AQE", "EgAAAQE"])
def test_broken_drawings_in_an_address_are_reported(text: str) -> None:
    found, wrong = fields.from_address(f"drawing={text}")
    assert "drawing" not in found and "drawing" in wrong[0]


def test_a_drawing_survives_its_address() -> None:
    drawing = fields.field("drawing").check([[18, False, [0, 255, 7, 9]], [100, True, [5, 5]]])
    text = fields.to_address(fields.defaults() | {"drawing": drawing})
    assert fields.from_address(text) == ({"drawing": drawing}, [])
