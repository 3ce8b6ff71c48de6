"""The room of convolution: kernels by hand, their windows and sums, and what the frames hold."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d

from glassnet import networks
from glassnet.errors import ConfigError
from glassnet.lab import frames
from glassnet.lab.fields import FIELDS, ROOMS, defaults
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.rooms.convolution import kernel, pictures
from glassnet.lab.server.questions import answer, frame
from glassnet.lab.session.state import Session

SECTIONS = ROOMS["convolution"].sections
LINE = [[60, False, [40, 40, 200, 40]]]


def ask(session: Session, what: str, **args: Any) -> Any:
    return session.engine.submit(
        lambda: answer(session, "convolution", what, Args(args))
    ).result(60)  # fmt: skip


def drawn(session: Session, *want: str) -> dict[str, Any]:
    packed = session.engine.submit(lambda: frame(session, want or SECTIONS)).result(60)
    found = frames.unpack(packed)
    found["status"] = dict(zip(frames.STATUS, found["status"], strict=True))
    return found


def one_map(session: Session, layer: str = "convolution") -> Any:
    found = ask(session, "scene")
    about = next(one for one in found["layers"] if one["name"] == layer)
    size = int(np.prod(about["shape"]))
    return drawn(session)["numbers"][about["first"] :][:size].reshape(about["shape"][1:])


# ---- by hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", kernel.PRESETS)
def test_a_kernel_by_hand_gives_what_scipy_says(
    open_session: Callable[..., Session], name: str
) -> None:
    session = open_session("conv_picture=4&conv_side=12&conv_bias=0.5")
    session.set("conv_kernel", kernel.PRESETS[name])
    expected = correlate2d(pictures.shape("house", 12), kernel.PRESETS[name], "valid") + 0.5
    np.testing.assert_allclose(one_map(session), expected, atol=1e-5)
    session.set("conv_padding", "same")
    same = correlate2d(pictures.shape("house", 12), kernel.PRESETS[name], "same") + 0.5
    np.testing.assert_allclose(one_map(session), same, atol=1e-5)
    assert ask(session, "scene")["kernel"]["name"] == name


@pytest.mark.parametrize(
    ("n", "k", "s", "padding", "zeros", "count"),
    [(10, 3, 1, "valid", 0, 8), (10, 3, 2, "valid", 0, 4), (10, 3, 1, "same", 2, 10),
     (10, 3, 2, "same", 1, 5), (7, 1, 3, "same", 0, 3), (5, 7, 1, "valid", 0, 1)],
)  # fmt: skip
def test_the_size_is_what_the_formula_says(
    open_session: Callable[..., Session],
    n: int, k: int, s: int, padding: str, zeros: int, count: int,
) -> None:  # fmt: skip
    session = open_session(f"conv_side={n}&conv_stride={s}&conv_padding={padding}")
    session.set("conv_kernel", kernel.preset("mean", k))
    size = ask(session, "scene")["sizes"][0]
    k = min(k, n)  # a kernel larger than the picture is cut
    assert (size["before"] + size["after"], size["count"]) == (zeros, count)
    assert (n + zeros - k) // s + 1 == count
    assert size["with_numbers"].endswith(f"= {count}")
    assert one_map(session).shape == (count, count)


def test_one_number_is_the_sum_of_its_products(open_session: Callable[..., Session]) -> None:
    session = open_session("conv_padding=same&conv_kernel=1,2,3;4,5,6;7,8,9&conv_bias=-1")
    session.set("conv_picture", 8)  # left half paper, right half ink
    found = ask(session, "unit", layer="convolution", unit=4)  # the first row, column 5 of 10
    assert found["at"] == [0, 4, 0]
    channel = found["channels"][0]
    assert found["padding"] == [[0, 0], [0, 1], [0, 2]]
    assert channel["window"] == [[0, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert channel["products"] == [[0, 0, 0], [0, 0, 6], [0, 0, 9]]
    assert channel["sum"] == 15 and found["z"] == 14
    assert found["sum"].startswith("0·1 + ") and found["sum"].endswith("1·9 + (-1) = 14")
    assert found["fields"] == [{"layer": "", "box": [0, 3, 2, 6], "channels": None}]


def test_pooling_names_its_winner_and_where_it_came_from(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("conv_relu=1&conv_pooling=max&conv_picture=8&conv_padding=same")
    relu, pooled = one_map(session, "relu"), one_map(session, "pooling")
    at = (2, 2)
    found = ask(session, "unit", layer="pooling", unit=2 * pooled.shape[1] + 2)
    window = relu[4:6, 4:6]
    assert found["value"] == pooled[at] == window.max()
    row, column = np.unravel_index(window.argmax(), (2, 2))
    assert found["winner"] == [row, column]
    assert found["winners"] == [{"layer": "relu", "places": [[4 + row, 4 + column, 0]]}]
    assert found["fields"][0]["box"] == [3, 3, 7, 7]  # through a kernel of 3×3
    assert found["lines"][0].startswith("y₃₃₁ = max(")


def test_a_frame_says_the_same_in_bytes(open_session: Callable[..., Session]) -> None:
    found = drawn(open_session("conv_pooling=average"))
    sizes = [64, 16]
    for numbers, shades, scale in zip(
        np.split(found["numbers"], [64]), np.split(found["maps"].astype(float), [64]),
        found["map_scales"], strict=True,
    ):  # fmt: skip
        assert len(numbers) == sizes.pop(0)
        np.testing.assert_allclose((shades - 128) / 127 * scale, numbers, atol=scale / 200)
    assert found["picture"].shape == (10, 10) and found["picture"].max() == 255
    assert found["status"]["playing"] == 0 and np.isnan(found["status"]["loss"])


def test_the_playground_has_its_own_frame(open_session: Callable[..., Session]) -> None:
    session = open_session("")
    assert set(drawn(session, "map")) == {"status", "map"}
    assert set(drawn(session, "picture")) == {"status", "picture"}


def test_lines_are_drawn_over_the_picture_while_they_grow(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("conv_source=blank")
    assert drawn(session)["picture"].max() == 0
    ask(session, "sketch", strokes=LINE)
    assert drawn(session)["picture"].max() == 255
    session.set("conv_bias", 1.0)  # whatever is set: the fields say what is drawn
    assert drawn(session)["picture"].max() == 0
    session.set("conv_drawing", LINE)
    assert drawn(session)["picture"].max() == 255
    with pytest.raises(RefusedError):
        ask(session, "sketch", strokes=[["no", "line", 0]])


def test_a_digit_of_the_data_comes_with_its_size(open_session: Callable[..., Session]) -> None:
    scene = ask(open_session("conv_source=digits&conv_picture=5"), "scene")
    assert scene["side"] == 8 and scene["picture"]["truth"] in range(10)
    assert len(base64.b64decode(scene["ground"])) == 64


# ---- the field of the kernel ---------------------------------------------------------------------


def test_a_kernel_grows_and_shrinks_around_its_middle() -> None:
    assert kernel.resized(((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0)), 1) == ((5.0,),)
    large = kernel.resized(((5.0,),), 3)
    assert large == ((0, 0, 0), (0, 5, 0), (0, 0, 0))
    assert kernel.preset("mean", 2) == ((0.25, 0.25), (0.25, 0.25))
    assert len(kernel.preset("edges", 5)) == 5 and kernel.name_of(kernel.preset("edges", 5))


@pytest.mark.parametrize(
    "value",
    [[], [[1, 2], [3]], [[1] * 8] * 8, [["a"]], [[float("nan")]], [[1e9]], 3, [[True]], "1;2"],
)
def test_what_is_no_kernel_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError):
        FIELDS["conv_kernel"].check(value)


@pytest.mark.parametrize("text", ["", "1,2;3", "a", "nan", "1,,2;1,1,1;1,1,1", "1e999"])
def test_an_address_with_a_broken_kernel_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        FIELDS["conv_kernel"].from_text(text)


# ---- the network ---------------------------------------------------------------------------------

NETWORK = "conv_view=network&conv_source=digits&conv_picture=3"


def layer(scene: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in scene["layers"] if one["name"] == name)
    return found


def maps_of(session: Session, name: str) -> Any:
    """The numbers of a layer as (rows, columns, channels)."""
    about = layer(ask(session, "scene"), name)
    size = int(np.prod(about["shape"]))
    numbers = drawn(session)["numbers"][about["first"] :][:size].reshape(about["shape"])
    return np.moveaxis(numbers, 0, -1)


def test_the_network_learns_and_is_drawn_layer_by_layer(
    open_session: Callable[..., Session],
) -> None:
    session = open_session(NETWORK)
    scene = ask(session, "scene")
    assert [one["shape"] for one in scene["layers"]] == [
        [6, 8, 8], [6, 4, 4], [16, 4, 4], [16, 2, 2], [120], [84], [10]
    ]  # fmt: skip
    assert not ask(session, "progress")["knows"]
    ask(session, "batch")
    trainer = session.room_state["conv_network"].trainer
    session.engine.submit(trainer.one_epoch).result(100)
    found = ask(session, "progress")
    assert found["knows"] and found["measured"]["test_accuracy"] > 0.85
    frame_ = drawn(session)
    assert frame_["status"]["epoch"] == 1 and frame_["status"]["version"] == scene["version"]
    answer_ = frame_["numbers"][-10:]
    assert answer_.sum() == pytest.approx(1, abs=1e-5)
    assert answer_.argmax() == scene["picture"]["truth"]
    assert frame_["kernels"].shape == (6, 5, 5)
    ask(session, "reset")
    assert drawn(session)["status"]["version"] != scene["version"]
    assert not ask(session, "progress")["knows"]


def test_a_unit_is_traced_back_through_every_layer(open_session: Callable[..., Session]) -> None:
    session = open_session(NETWORK)
    pooled, maps = maps_of(session, "max_pooling2d"), maps_of(session, "conv2d")
    row, column, channel = 1, 3, 5
    unit = (row * 4 + column) * 16 + channel
    found = ask(session, "unit", layer="conv2d_1", unit=unit)
    assert found["at"] == [row, column, channel]
    W, b = (getattr(session.room_state["conv_network"].model.layers[4], name) for name in "Wb")
    around = np.pad(pooled, ((2, 2), (2, 2), (0, 0)))[row : row + 5, column : column + 5]
    z = float((around * W[..., channel]).sum() + b[channel])
    assert found["z"] == pytest.approx(z, abs=1e-5)
    assert sum(one["sum"] for one in found["channels"]) + found["bias"] == pytest.approx(
        z, abs=1e-5
    )
    assert len(found["channels"]) == 6 and [1, 1] not in found["padding"]
    # 5×5 around it, twice as much before the pooling, two more on each side in the picture
    boxes = {one["layer"]: one["box"] for one in found["fields"]}
    assert boxes == {"": [0, 0, 8, 8], "conv2d": [0, 2, 8, 8], "max_pooling2d": [0, 1, 4, 4]}
    (won,) = found["winners"]
    assert won["layer"] == "conv2d" and len(won["places"]) == 4 * 3 * 6
    for r, c, k in won["places"]:
        assert maps[r, c, k] == pooled[r // 2, c // 2, k]


def test_a_dense_unit_sees_all_and_says_its_sum(open_session: Callable[..., Session]) -> None:
    found = ask(open_session(NETWORK), "unit", layer="dense_2", unit=4)
    assert found["at"] == [4] and "channels" not in found
    assert found["lines"][0].startswith("z₅ = ") and len(found["lines"]) == 2
    assert found["fields"][0]["box"] == [0, 0, 8, 8]


def test_a_learned_kernel_is_slid_by_hand(open_session: Callable[..., Session]) -> None:
    session = open_session(NETWORK)
    learned = maps_of(session, "conv2d")[..., 2]
    rows = ask(session, "kernel", filter=2)["rows"]
    session.set("conv_kernel", rows)
    session.set("conv_padding", "same")
    session.set("conv_relu", True)
    session.set("conv_view", "hand")
    assert ask(session, "scene")["learned"] == 6
    np.testing.assert_allclose(one_map(session, "relu"), learned, atol=1e-5)  # its bias is 0 yet


def test_playing_goes_on_between_frames_and_pauses(open_session: Callable[..., Session]) -> None:
    session = open_session(NETWORK + "&conv_pace=free")
    assert ask(session, "play")["training"]
    steps = drawn(session)["status"]["steps"]
    for _ in range(200):
        status = drawn(session)["status"]
        if status["steps"] > steps:
            break
    assert status["steps"] > steps and status["playing"] == 1
    assert not ask(session, "pause")["training"]
    assert drawn(session)["status"]["playing"] == 0


def test_a_run_without_a_convolution_is_refused_and_the_room_keeps_its_own(
    open_session: Callable[..., Session], tmp_path: Path
) -> None:
    model = networks.mlp((8, 8), image_max=16)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.save(tmp_path / "mlp.npz")
    session = open_session(NETWORK)
    session.run = str(tmp_path / "mlp.npz")
    session.set("conv_run", "mlp.npz")
    with pytest.raises(RefusedError, match="no convolution"):
        ask(session, "scene")
    assert session.values["conv_run"] == "" and ask(session, "scene")["layers"]
    cnn = networks.cnn((8, 8), image_max=16)
    cnn.compile("adam", "sparse_categorical_crossentropy")
    cnn.save(tmp_path / "cnn.npz")
    session.run = str(tmp_path / "cnn.npz")
    session.set("conv_run", "cnn.npz")
    names = [one["name"] for one in ask(session, "scene")["layers"]]
    assert names == ["conv2d", "max_pooling2d", "conv2d_1", "max_pooling2d_1", "dense"]
    assert not ask(session, "progress")["can"]  # what it learned from is not known


# ---- one step back -------------------------------------------------------------------------------


def test_the_gradient_of_a_kernel_number_is_the_sum_over_its_places(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("conv_view=back&conv_side=8&conv_picture=4&conv_target=blur")
    x = pictures.shape("house", 8)
    ours, goal = np.array(session.values["conv_kernel"]), kernel.PRESETS["blur"]
    difference = correlate2d(x, ours, "valid") - correlate2d(x, goal, "valid")
    dz = 2 * difference / difference.size  # L is the mean of the squares
    expected = correlate2d(x, dz, "valid")
    found = ask(session, "back")
    np.testing.assert_allclose(found["gradient"], expected, rtol=1e-5)
    assert found["loss"]["value"] == pytest.approx((difference**2).mean())
    assert found["bias_gradient"] == pytest.approx(dz.sum(), rel=1e-5)
    for weight in (0, 5, 9):  # the last is the bias
        session.set("conv_weight", weight)
        found = ask(session, "back")
        value = found["value"]
        exact = dz.sum() if weight == 9 else expected.ravel()[weight]
        assert value["value"] == pytest.approx(exact) == pytest.approx(found["sum"])
        assert value["verdict"] == "ok"
        assert value["numerical"] == pytest.approx(exact, rel=1e-6)
        assert found["new"] == pytest.approx(found["before"] - 0.1 * exact)
    session.set("conv_weight", 5)
    found = ask(session, "back")
    assert found["at"] == [1, 2, 0, 0] and found["rows"] == [1, 2, 3, 4, 5, 6]
    np.testing.assert_allclose(found["dz"]["numbers"], dz.ravel(), rtol=1e-4, atol=1e-12)


def test_step_by_step_the_kernel_becomes_the_other(open_session: Callable[..., Session]) -> None:
    session = open_session("conv_view=back&conv_back_rate=0.2")
    losses = [ask(session, "learn")["loss"] for _ in range(30)]
    assert losses == sorted(losses, reverse=True) and losses[-1] < 0.5 * losses[0]
    session.set("conv_back_rate", 10.0)
    with pytest.raises(RefusedError, match="too large"):
        for _ in range(20):
            ask(session, "learn")


def test_one_step_back_through_the_network(open_session: Callable[..., Session]) -> None:
    session = open_session(NETWORK.replace("network", "back") + "&conv_back_of=network")
    session.set("conv_layer", "conv2d_1")
    session.set("conv_weight", ((2 * 5 + 1) * 6 + 4) * 16 + 7)  # row 3, column 2, channel 5
    found = ask(session, "back")
    assert found["layers"] == ["conv2d", "conv2d_1"] and found["at"] == [2, 1, 4, 7]
    assert found["rows"] == [0, 1, 2, 3] and found["columns"] == [-1, 0, 1, 2]
    assert found["value"]["verdict"] == "ok"
    assert found["sum"] == pytest.approx(found["value"]["value"], abs=1e-12)
    session.set("conv_source", "blank")
    with pytest.raises(RefusedError, match="choose a digit"):
        ask(session, "back")


def test_the_gradient_of_a_strided_padded_kernel_agrees_with_the_differences(
    open_session: Callable[..., Session],
) -> None:
    session = open_session(
        "conv_view=back&conv_stride=2&conv_padding=same&conv_relu=1&conv_pooling=max&conv_side=9"
    )
    for weight in range(10):
        session.set("conv_weight", weight)
        assert ask(session, "back")["value"]["verdict"] in ("ok", "kink")


def test_what_compiles_ahead_of_time_needs_the_fields_only() -> None:
    for what in ("ready", "ready_back"):
        session: Any = SimpleNamespace(values=defaults())
        assert answer(session, "convolution", what, Args({})) == {}
