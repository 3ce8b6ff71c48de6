"""Networks of images and series as source code: their answers, by running and compiling them."""

import re
import runpy
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, interop, layers
from glassnet.interop.source.c import share

FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]


def in_python(model, x, folder):
    interop.to_python(model, folder / "net.py")
    predict = runpy.run_path(str(folder / "net.py"))["predict"]
    return np.array([predict(sample) for sample in x.tolist()])


def in_c(model, x, folder, *options):
    """Compiled without a warning, and run; once for all samples, so that nothing may be left."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc here")
    interop.to_c(model, folder / "net.c")
    out = str(folder / "net")
    command = ["gcc", *FLAGS, *(options or ["-O2"]), str(folder / "net.c"), "-o", out, "-lm"]
    subprocess.run(command, check=True)
    text = " ".join(map(repr, np.asarray(x, float).reshape(-1).tolist()))
    done = subprocess.run([out], input=text.encode(), capture_output=True, check=True)
    return np.array([[float(v) for v in row.split()] for row in done.stdout.splitlines()])


def built(stack, shape, nets, dtype="float64"):
    model = Sequential(stack, seed=0, dtype=dtype)
    model.build(shape)
    return nets.unsettle(model)


def check(model, nets, folder, n=3):
    x = nets.rows_for(model, n)
    expected = model.predict(x).reshape(n, -1)
    close = 1e-13 if model.dtype == np.float64 else 3e-5
    np.testing.assert_allclose(in_python(model, x, folder), expected, rtol=close, atol=close)
    printed = max(close, 1e-8)  # it prints nine digits
    np.testing.assert_allclose(in_c(model, x, folder), expected, rtol=printed, atol=printed)


L = layers
EACH = {
    "plain": ([L.Conv2D(3, (2, 3))], (5, 6, 2)),
    "same, even kernel, strides": ([L.Conv2D(3, (2, 4), (2, 3), "same", activation="tanh")],
                                   (5, 8, 2)),
    "strides, something is left over": ([L.Conv2D(2, 3, (3, 2))], (7, 8, 1)),
    "strides larger than the kernel": ([L.Conv2D(2, 1, (3, 2))], (7, 8, 2)),
    "dilation": ([L.Conv2D(3, (3, 2), 1, "same", (2, 3))], (6, 7, 2)),
    "dilation, nothing around": ([L.Conv2D(3, (3, 2), 2, "valid", (2, 3))], (8, 7, 2)),
    "groups": ([L.Conv2D(6, 3, groups=2, activation="relu")], (5, 5, 4)),
    "depthwise": ([L.Conv2D(6, 3, 2, "same", groups=3)], (5, 5, 3)),
    "without a bias": ([L.Conv2D(3, 2, use_bias=False)], (4, 4, 2)),
    "a kernel as large as the image": ([L.Conv2D(2, (4, 3))], (4, 3, 2)),
    "largest": ([L.MaxPooling2D((2, 3), (3, 2))], (8, 7, 2)),
    "largest, same": ([L.MaxPooling2D(3, 2, "same")], (6, 5, 2)),
    "mean": ([L.AveragePooling2D((2, 3), (1, 2))], (5, 7, 2)),
    "mean, same": ([L.AveragePooling2D((3, 2), 2, "same")], (6, 5, 2)),
    "mean of all": ([L.GlobalAveragePooling2D()], (4, 3, 2)),
    "largest of all": ([L.GlobalMaxPooling2D()], (4, 3, 2)),
    "zeros around": ([L.ZeroPadding2D(((1, 2), (3, 0))), L.Conv2D(2, 2)], (3, 4, 2)),
    "repeated": ([L.UpSampling2D((2, 3))], (3, 2, 2)),
    "normalised by channel": ([L.BatchNormalization()], (3, 2, 4)),
    "normalised by place": ([L.LayerNormalization()], (3, 2, 4)),
    "softmax over channels": ([L.Conv2D(3, 2, activation="softmax")], (3, 4, 2)),
    "log_softmax over channels": ([L.Activation("log_softmax")], (2, 3, 4)),
    "elu of a map": ([L.Activation("elu")], (2, 3, 2)),
    "channels that are dropped": ([L.SpatialDropout2D(0.5), L.Conv2D(2, 2)], (3, 3, 2)),
    "images that are changed in training": (
        [*L.augment("shift=1,rotation=9,zoom=0.1,flip,contrast=0.1,brightness=0.1,noise=0.1",
                    (4, 4, 3)), L.Conv2D(2, 2)], (4, 4, 3)),
    "a block": ([L.Residual([L.Conv2D(2, 3, padding="same", activation="relu"),
                             L.BatchNormalization(), L.Conv2D(2, 3, padding="same")]),
                 L.Activation("relu"), L.Conv2D(1, 2)], (4, 4, 2)),
    "a block that could change its input": (
        [L.Conv2D(2, 1), L.Residual([L.Activation("relu"), L.Conv2D(2, 1)])], (3, 3, 2)),
    "blocks in a block": (
        [L.Residual([L.Residual([L.Activation("tanh")]), L.Activation("relu"),
                     L.Residual([L.SpatialDropout2D(0.1)])])], (3, 3, 2)),
    "shapes": ([L.Reshape((4, 3, 2)), L.Conv2D(3, 2), L.Flatten(), L.Dense(2)], (2, 12)),
    "a series": ([L.Conv1D(3, 3, 2, "same", activation="relu"), L.MaxPooling1D(2),
                  L.Conv1D(4, 2, dilation_rate=2, groups=1), L.SpatialDropout1D(0.2),
                  L.AveragePooling1D(2, 1, "same"), L.BatchNormalization()], (15, 2)),
    "all of a series, the mean": ([L.GlobalAveragePooling1D()], (5, 3)),
    "all of a series, the largest": ([L.GlobalMaxPooling1D()], (5, 3)),
}  # fmt: skip


@pytest.mark.parametrize("case", EACH)
def test_every_layer_of_images(nets, tmp_path, case):
    stack, shape = EACH[case]
    model = Sequential.from_config(Sequential([*stack], seed=0, dtype="float64").get_config())
    model.build(shape)
    check(nets.unsettle(model), nets, tmp_path)


def lenet(nets, dtype="float32"):
    stack = [
        L.Conv2D(4, 5, padding="same", activation="relu"), L.MaxPooling2D(),
        L.Residual([L.Conv2D(4, 3, padding="same", activation="relu"), L.BatchNormalization()]),
        L.Conv2D(6, 3, activation="relu"), L.AveragePooling2D(), L.Flatten(),
        L.Dense(8, "relu"), L.Dropout(0.5), L.Dense(3, "softmax"),
    ]  # fmt: skip
    model = built(stack, (12, 12, 1), nets, dtype)
    model.classes = ["a", "b", "c"]
    return model


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_whole_network_in_both(nets, tmp_path, dtype):
    model = lenet(nets, dtype)
    model.classes = None
    check(model, nets, tmp_path, 5)


def test_the_labels_of_images_in_python(nets, tmp_path):
    model = lenet(nets)
    x = nets.rows_for(model, 20)
    interop.to_python(model, tmp_path / "net.py")
    classify = runpy.run_path(str(tmp_path / "net.py"))["classify"]
    assert [classify(sample) for sample in x.tolist()] == model.predict_classes(x).tolist()


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc here")
def test_the_labels_of_images_in_c(nets, tmp_path):
    model = lenet(nets)
    x = nets.rows_for(model, 20)
    expected = model.predict_classes(x).tolist()
    interop.to_c(model, tmp_path / "net.c")
    subprocess.run(["gcc", *FLAGS, str(tmp_path / "net.c"), "-o", str(tmp_path / "net"), "-lm"],
                   check=True)  # fmt: skip
    text = " ".join(map(str, x.reshape(-1).tolist()))
    done = subprocess.run([str(tmp_path / "net")], input=text, capture_output=True, text=True)
    assert [line.split()[-1] for line in done.stdout.splitlines()] == expected


@settings(max_examples=40)
@given(drawn=st.data())
def test_any_network_of_images_in_python(nets, folder, drawn):
    model = drawn.draw(nets.image_networks())
    x = nets.rows_for(model, 2)
    found = in_python(model, x, folder)
    np.testing.assert_allclose(found, model.predict(x), rtol=2e-5, atol=2e-5)


@settings(max_examples=10)
@given(drawn=st.data())
def test_any_network_of_images_in_c(nets, folder, drawn):
    model = drawn.draw(nets.image_networks())
    x = nets.rows_for(model, 2)
    np.testing.assert_allclose(in_c(model, x, folder), model.predict(x), rtol=2e-5, atol=2e-5)


def sanitizer_is_there(folder):
    (folder / "empty.c").write_text("int main(void) { return 0; }\n")
    options = ["-fsanitize=address,undefined", "-o", str(folder / "empty")]
    made = subprocess.run(["gcc", str(folder / "empty.c"), *options], capture_output=True)
    return not made.returncode and not subprocess.run([str(folder / "empty")]).returncode


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc here")
def test_no_place_outside_is_read_or_written(nets, tmp_path):
    """All layers in one network, checked while it runs for addresses and undefined behaviour."""
    if not sanitizer_is_there(tmp_path):
        pytest.skip("gcc has no sanitizers here")
    stack = [
        L.Rescaling(0.5), L.ZeroPadding2D(((1, 2), (0, 1))), L.Conv2D(4, (2, 3), 2, "same"),
        L.Conv2D(4, 2, 1, "same", 2, groups=2, activation="softmax"), L.UpSampling2D(2),
        L.MaxPooling2D(3, 2, "same"), L.Residual([L.Activation("relu"), L.LayerNormalization()]),
        L.AveragePooling2D(2, 1, "same"), L.BatchNormalization(), L.Reshape((-1, 4)),
        L.Conv1D(3, 3, 2, "same"), L.MaxPooling1D(2), L.GlobalAveragePooling1D(), L.Dense(2),
    ]  # fmt: skip
    model = built(stack, (7, 6, 2), nets)
    x = nets.rows_for(model, 3)
    options = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    found = in_c(model, x, tmp_path, *options)
    np.testing.assert_allclose(found, model.predict(x), rtol=1e-8, atol=1e-8)


def test_not_a_number_stays_to_be_seen(nets, tmp_path):
    x = np.ones((1, 4, 4, 1))
    x[0, 1, 2, 0] = np.nan
    for layer in (L.MaxPooling2D(), L.GlobalMaxPooling2D(), L.MaxPooling2D(3, 2, "same")):
        model = built([layer, L.Flatten()], (4, 4, 1), nets)
        expected = model.forward(x)
        assert np.isnan(expected).any()
        np.testing.assert_array_equal(in_python(model, x, tmp_path), expected)
        np.testing.assert_array_equal(in_c(model, x, tmp_path), expected)


def test_the_c_program_says_what_memory_it_takes(nets, tmp_path):
    model = lenet(nets)
    interop.to_c(model, tmp_path / "net.c")
    text = (tmp_path / "net.c").read_text()
    assert "malloc" not in text
    heading = text[: text.index("*/")]
    assert "12x12x1-12x12x4-6x6x4-4x4x6-8-3, in C99" in heading
    assert "An image: 12 rows of 12 pixels, row by row; 1 channel for each pixel." in heading
    arrays = dict(re.findall(r"static real (h\d+)\[(\d+)\]", text))
    assert arrays == {"h1": "576", "h2": "144", "h3": "144"}  # the largest map, and the block's
    assert f"{4 * (576 + 144 + 144):,} bytes between the layers" in heading
    assert "(h1: 576, h2: 144, h3: 144 numbers)" in heading
    weights = 4 * (model.parameters.values.size + model.parameters.state.size)
    assert f"{weights:,} bytes of weights" in heading
    deep = built([L.Dense(50, "relu") for _ in range(10)], (50,), nets)
    interop.to_c(deep, tmp_path / "deep.c")
    text = (tmp_path / "deep.c").read_text()
    assert re.findall(r"static real (h\d+)\[(\d+)\]", text) == [("h1", "50"), ("h2", "50")]


@given(st.lists(st.tuples(st.integers(1, 9), st.lists(st.integers(0, 20), max_size=3)), max_size=9))
def test_shared_arrays_never_overwrite_what_is_still_needed(made):
    """Steps that write a new array each, from any of those before, replayed."""
    steps, sizes = [], {}
    for size, reads in made:
        name = f"h{len(steps) + 1}"
        known = [f"h{1 + at % len(steps)}" for at in reads] if steps else []
        steps.append(f"f({', '.join([*known, name])});")
        sizes[name] = size
    shared_steps, shared = share(steps, sizes)
    held = {}
    for at, (step, shared_step) in enumerate(zip(steps, shared_steps)):
        names, places = (re.findall(r"h\d+", text) for text in (step, shared_step))
        for name, place in zip(names[:-1], places[:-1]):
            assert held[place] == name
        assert places[-1] not in places[:-1]
        held[places[-1]] = names[-1]
        assert shared[places[-1]] >= sizes[names[-1]], at
    assert sum(shared.values()) <= sum(sizes.values())
