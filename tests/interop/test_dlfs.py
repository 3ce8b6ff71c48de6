"""The book's convolutional networks: recognised from their weights, and the book's own answers."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import interop
from glassnet.errors import FileFormatError, UnknownNameError
from glassnet.interop.dlfs import FORMS, find_paddings

SIMPLE, DEEP = FORMS
PADDINGS = (1, 1, 1, 2, 1, 1)  # of the book's deep network


def convolve(x, W, b, padding):
    """As the book: channels first, z[f, p, q] = Σ x[c, p + i, q + j]·W[f, c, i, j] + b[f]."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, W.shape[2:], axis=(2, 3))
    return np.einsum("ncpqij,fcij->nfpq", windows, W) + b[:, None, None]


def pool(x):
    n, channels, rows, columns = x.shape
    x = x[:, :, : rows // 2 * 2, : columns // 2 * 2]
    return x.reshape(n, channels, rows // 2, 2, columns // 2, 2).max(axis=(3, 5))


def answers(weights, x, paddings, block, rate=0.0):
    """The book's forward for images (n, channels, rows, columns); its dropout scales here."""
    for n, padding in enumerate(paddings, start=1):
        x = np.maximum(convolve(x, weights[f"W{n}"], weights[f"b{n}"], padding), 0)
        x = pool(x) if n % block == 0 else x
    n = len(paddings) + 1
    h = np.maximum(x.reshape(len(x), -1) @ weights[f"W{n}"] + weights[f"b{n}"], 0) * (1 - rate)
    z = (h @ weights[f"W{n + 1}"] + weights[f"b{n + 1}"]) * (1 - rate)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def weights_of(*shapes, dtype="float64", seed=0):
    """W and b for each shape: (filters, channels, rows, columns) or (inputs, units)."""
    rng = np.random.default_rng(seed)
    found = {}
    for n, shape in enumerate(shapes, start=1):
        outputs = shape[0] if len(shape) == 4 else shape[1]
        scale = np.sqrt(2 * outputs / np.prod(shape))
        found[f"W{n}"] = (rng.normal(size=shape) * scale).astype(dtype)
        found[f"b{n}"] = rng.normal(size=outputs).astype(dtype)
    return found


def simple(filters=2, size=5, inputs=288, **settings):
    return weights_of((filters, 1, size, size), (inputs, 4), (4, 3), **settings)


def deep(filters=(2, 2, 3, 3, 4, 4), inputs=64, channels=1, **settings):
    kernels = [(n, before, 3, 3) for n, before in zip(filters, (channels, *filters))]
    return weights_of(*kernels, (inputs, 5), (5, 3), **settings)


@pytest.fixture
def saved(tmp_path):
    def saved(weights, protocol=4):
        path = tmp_path / "params.pkl"
        path.write_bytes(pickle.dumps(weights, protocol))
        return path

    return saved


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_the_simple_network(saved, protocol):
    weights = simple()
    model = interop.from_dlfs(saved(weights, protocol))
    assert [layer.kind for layer in model.layers] == [
        "conv2d", "max_pooling2d", "flatten", "dense", "dense"
    ]  # fmt: skip
    assert (model.input_shape, model.dtype) == ((28, 28, 1), np.float64)
    x = np.random.default_rng(1).normal(size=(3, 1, 28, 28))
    found = model.predict(np.moveaxis(x, 1, -1))
    np.testing.assert_allclose(found, answers(weights, x, (0,), 1), atol=1e-12)


def test_the_deep_network_with_its_dropout(saved):
    weights = deep()
    model, notes = interop.import_model(saved(weights))
    assert notes == {}
    kinds = [layer.kind for layer in model.layers]
    assert kinds == ["conv2d", "conv2d", "max_pooling2d",
                     "conv2d", "zero_padding2d", "conv2d", "max_pooling2d",
                     "conv2d", "conv2d", "max_pooling2d", "flatten",
                     "dense", "dropout", "dense", "dropout", "activation"]  # fmt: skip
    x = np.random.default_rng(1).normal(size=(2, 1, 28, 28))
    found = model.predict(np.moveaxis(x, 1, -1))
    np.testing.assert_allclose(found, answers(weights, x, PADDINGS, 2, 0.5), atol=1e-12)
    unscaled = answers(weights, x, PADDINGS, 2)
    assert np.abs(found - unscaled).max() > 1e-3  # the book's dropout scales its answers


def test_float32_stays_float32(saved):
    weights = deep(dtype="float32")
    model = interop.from_dlfs(saved(weights))
    assert model.dtype == np.float32
    x = np.random.default_rng(1).normal(size=(2, 1, 28, 28)).astype("float32")
    expected = answers(weights, x, PADDINGS, 2, 0.5)
    np.testing.assert_allclose(model.predict(np.moveaxis(x, 1, -1)), expected, atol=1e-5)


def test_it_trains_on(saved):
    model = interop.from_dlfs(saved(deep()))
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.parameters.values.copy()
    model.fit(np.zeros((4, 28, 28, 1)), np.array([0, 1, 2, 0]), epochs=1, verbose=0)
    assert (model.parameters.values != before).any()


@pytest.mark.parametrize(
    ("form", "sizes", "channels", "side", "inputs", "paddings"),
    [
        (SIMPLE, [5], 30, 28, 4320, (0,)),  # the book's
        (SIMPLE, [5], 30, 28, 30 * 14 * 14, (2,)),  # padded to keep its size
        (SIMPLE, [4], 2, 28, 2 * 12 * 12, (0,)),  # 25 rows: the last is left over
        (SIMPLE, [7], 8, 32, 8 * 13 * 13, (0,)),
        (DEEP, [3] * 6, 64, 28, 1024, PADDINGS),  # the book's
        (DEEP, [3] * 6, 64, 32, 1024, (1, 1, 1, 1, 1, 1)),
        (DEEP, [3] * 6, 64, 28, 576, (1, 1, 1, 1, 1, 1)),  # 7 rows: one is left over
        (DEEP, [3] * 6, 64, 28, 1025, None),
        (DEEP, [3] * 6, 64, 4, 64, PADDINGS),
        (SIMPLE, [30_000], 1, 28, 4, None),  # larger than any image, and no time is lost
        (SIMPLE, [29], 1, 28, 1, (1,)),
        (SIMPLE, [28], 1, 28, 1, (1,)),
    ],
)
def test_paddings_from_the_sizes(form, sizes, channels, side, inputs, paddings):
    kernels = [np.broadcast_to(np.float32(0), (channels, 1, size, size)) for size in sizes]
    assert find_paddings(form, kernels, side, inputs) == paddings


@given(st.integers(3, 40), st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_the_paddings_that_are_found_fit(side, paddings):
    """Whatever the network was padded with: what is found gives as many numbers."""

    def pixels(paddings):
        size = side
        for n, padding in enumerate(paddings, start=1):
            size += 2 * padding - 2
            size = size if n % 2 else size // 2
            if size < 1:
                return 0
        return size * size

    inputs = pixels(paddings)
    kernels = [np.zeros((1, 1, 3, 3))] * 6
    found = find_paddings(DEEP, kernels, side, inputs)
    if inputs:
        assert pixels(found) == inputs


def test_colour_and_other_sizes(saved):
    path = saved(deep(channels=3))
    assert interop.from_dlfs(path).input_shape == (32, 32, 3)
    small = saved(simple(inputs=2 * 4))
    with pytest.raises(FileFormatError, match=r"W1 \(2, 1, 5, 5\), W2 \(8, 4\), W3 \(4, 3\): no "
                       r"padding .* the 8 inputs of W2 out of images \(28, 28, 1\).*SimpleConvNet.*"
                       r"from_dlfs\(path, input_shape="):  # fmt: skip
        interop.from_dlfs(small)
    weights = simple(inputs=2 * 4)
    model = interop.from_dlfs(small, "tanh", "linear", input_shape=(8, 8, 1))
    assert [layer.activation.name for layer in model.layers if layer.weights()] == [
        "tanh", "tanh", "linear"
    ]  # fmt: skip
    x = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    h = pool(np.tanh(convolve(x, weights["W1"], weights["b1"], 0))).reshape(2, -1)
    z = np.tanh(h @ weights["W2"] + weights["b2"]) @ weights["W3"] + weights["b3"]
    np.testing.assert_allclose(model.predict(np.moveaxis(x, 1, -1)), z, atol=1e-12)
    for wrong in ((8, 8), (8, 9, 1), (8, 8, 3)):
        with pytest.raises(FileFormatError, match=r"input_shape is .*reads images"):
            interop.from_dlfs(small, input_shape=wrong)
    with pytest.raises(FileFormatError, match="did you mean 'relu'"):
        interop.from_dlfs(small, "rely", input_shape=(8, 8, 1))


def test_no_network_of_the_book(saved):
    one = (2, 1, 3, 3)
    for weights, says in [
        (weights_of(one, (2, 2, 3, 3), (98, 4), (4, 3)),
         r"W1 \(2, 1, 3, 3\), W2 \(2, 2, 3, 3\), W3 \(98, 4\), W4 \(4, 3\): 2 convolutions, "
         r"and 2 dense layers\. The book's networks are SimpleConvNet \(1 and 2\) and "
         r"DeepConvNet \(6 and 2\).*load_dlfs_network reads: each kernel as"),
        (weights_of(one, (338, 3)), "1 convolution, and 1 dense layer"),
        (weights_of(one), "1 convolution, and 0 dense layers"),
        (weights_of((2, 1, 3, 5), (288, 4), (4, 3)), "kernels that are not square"),
        (weights_of((4, 6), one, (338, 3)), "W2 is an array of shape .* not 2-D floats"),
        (weights_of(one, (2, 3, 3, 3), (98, 4), (4, 3)), "or the 2 channels before them"),
        (weights_of(one, (339, 4), (4, 3)), "or the 2 channels before them"),
        (weights_of(one, (338, 4), (5, 3)), "or the 4 units before them"),
        (simple() | {"b1": np.zeros(1)}, "W1 .* and b1 .* do not fit each other"),
        (simple() | {"W1": np.zeros((0, 1, 5, 5)), "b1": np.zeros(0)}, r"params\.pkl: "),
        (simple() | {"W1": np.full((2, 1, 5, 5), np.inf)}, "W1 is not finite"),
    ]:  # fmt: skip
        with pytest.raises(FileFormatError, match=says):
            interop.from_dlfs(saved(weights))


def test_names_of_activations_are_checked(saved):
    with pytest.raises((UnknownNameError, FileFormatError), match="did you mean 'softmax'"):
        interop.from_dlfs(saved(simple()), None, "softmx")
