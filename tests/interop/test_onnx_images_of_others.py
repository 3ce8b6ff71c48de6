"""Image networks of other programs, channels first: what is read, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import interop
from glassnet.errors import FileFormatError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

CLOSE = {"rtol": 1e-4, "atol": 1e-5}
LUCK = np.random.default_rng(0)


def weights(*shape):
    return LUCK.normal(size=shape).astype(np.float32)


def ints(*numbers):
    return np.array(numbers, np.int64)


CONSTANTS = {
    "W": weights(4, 2, 3, 3), "W_even": weights(3, 2, 4, 2), "depth": weights(4, 1, 3, 3),
    "one": weights(2, 2, 1, 1), "b": weights(4), "b_wide": weights(4, 1, 1),
    "b_whole": weights(1, 4, 1, 1), "S": weights(4, 2, 3), "gamma": weights(2), "beta": weights(2),
    "mean": weights(2), "variance": np.abs(weights(2)), "row": weights(1, 1, 1, 5),
    "scale": np.float32(0.5), "flat": ints(0, -1), "one_row": ints(1, -1), "places": ints(2, 3),
    "last_places": ints(1, 2), "all": ints(1, 2, 3), "scales": np.float32([1, 1, 2, 3]),
    "sizes": ints(1, 2, 12, 10), "third": np.float32([1, 1, 1.5, 1]),
    "pads": ints(0, 0, 1, 2, 0, 0, 0, 1), "cut": ints(0, 0, -1, 0, 0, 0, 0, 0),
    "nan_pad": np.float32(-np.inf), "zero": np.float32(0), "to_image": ints(-1, 1, 6, 5),
    "to_two": ints(-1, 2, 6, 5), "to_places": ints(0, 2, 30), "keep": ints(0, 0, 5, 6),
    "first": ints(0), "none": ints(0), "end": ints(1), "minus": ints(-1),
}  # fmt: skip
# The dense layers behind a flattening, for each number of inputs.
CONSTANTS |= {f"D{k}": weights(k, 3) for k in (2, 4, 8, 16, 18, 24, 30, 36, 48, 60, 112, 120)}
CONSTANTS |= {f"d{k}": weights(k) for k in (24, 60)}


def file_of(onnx_files, path, nodes, shape=(2, 6, 5), **settings):
    used = {name for _, inputs, _, _ in nodes for name in inputs}
    constants = {name: CONSTANTS[name] for name in sorted(used & CONSTANTS.keys())}
    return onnx_files.make(path, nodes, shape, constants, **settings)


def chain(*steps):
    """Nodes one after the other: (operator, the constants that it takes, its settings)."""
    names = ["x", *(f"v{i}" for i in range(len(steps) - 1)), "y"]
    return [
        (op, [given, *constants], [made], settings)
        for (op, constants, settings), given, made in zip(steps, names, names[1:])
    ]


def conv(**settings):
    return ("Conv", ["W"], settings)


def pooled(op, size=(2, 2), **settings):
    return (op, [], {"kernel_shape": size, **settings})


FLAT = ("Flatten", [], {})
RELU = ("Relu", [], {})
READ = {
    # (the steps, which layers they are)
    "no padding": ([conv()], "conv2d"),
    "bias beside": ([("Conv", ["W", "b"], {}), RELU], "conv2d"),
    "bias added": ([conv(), ("Add", ["b_wide"], {}), RELU], "conv2d"),
    "bias of a whole sample": ([conv(), ("Add", ["b_whole"], {})], "conv2d"),
    "upper": ([conv(auto_pad="SAME_UPPER", strides=[2, 2])], "conv2d"),
    "lower, alike at both ends": ([conv(auto_pad="SAME_LOWER")], "conv2d"),
    "lower, uneven": (
        [("Conv", ["W_even"], {"auto_pad": "SAME_LOWER"})], "zero_padding2d conv2d",
    ),
    "valid": ([conv(auto_pad="VALID")], "conv2d"),
    "as same": ([conv(pads=[1, 1, 1, 1])], "conv2d"),
    "PyTorch's halves": ([conv(pads=[1, 1, 1, 1], strides=[2, 2])], "zero_padding2d conv2d"),
    "wide": ([conv(pads=[3, 0, 2, 1])], "zero_padding2d conv2d"),
    "padding that is not read": ([conv(pads=[0, 0, 0, 1], strides=[1, 2])], "conv2d"),
    "dilated": ([conv(dilations=[2, 1], kernel_shape=[3, 3])], "conv2d"),
    "groups": ([("Conv", ["depth"], {"group": 2})], "conv2d"),
    "a scaling before": ([("Mul", ["scale"], {}), conv()], "rescaling conv2d"),
    "max": ([pooled("MaxPool", strides=[2, 2])], "max_pooling2d"),
    "max of every place": ([pooled("MaxPool")], "max_pooling2d"),
    "max, upper": ([pooled("MaxPool", auto_pad="SAME_UPPER", strides=[4, 4])], "max_pooling2d"),
    "max, rounded up": ([pooled("MaxPool", strides=[2, 2], ceil_mode=1)], "max_pooling2d"),
    "max, rounded up for nothing": (
        [pooled("MaxPool", [2, 1], strides=[2, 1], ceil_mode=1)], "max_pooling2d",
    ),
    "max behind a ReLU": (
        [conv(), RELU, pooled("MaxPool", [3, 3], pads=[1, 1, 1, 1], strides=[2, 2])],
        "conv2d zero_padding2d max_pooling2d",
    ),
    "max behind a sigmoid, rounded up": (
        [("Sigmoid", [], {}),
         pooled("MaxPool", [3, 3], pads=[1, 1, 0, 0], strides=[2, 2], ceil_mode=1)],
        "activation zero_padding2d max_pooling2d",
    ),
    "average": ([pooled("AveragePool", strides=[2, 2])], "average_pooling2d"),
    "average, upper": (
        [pooled("AveragePool", [3, 2], auto_pad="SAME_UPPER", strides=[2, 2])],
        "average_pooling2d",
    ),
    "average, rounded up": (
        [pooled("AveragePool", strides=[2, 2], ceil_mode=1)], "average_pooling2d",
    ),
    "average that counts zeros": (
        [pooled("AveragePool", [3, 3], pads=[1, 1, 1, 1], count_include_pad=1)],
        "zero_padding2d average_pooling2d",
    ),
    "average that counts zeros at the end": (
        [pooled("AveragePool", [1, 2], auto_pad="SAME_UPPER", count_include_pad=1)],
        "zero_padding2d average_pooling2d",
    ),
    "average that does not": (
        [pooled("AveragePool", [3, 3], pads=[1, 1, 1, 1])], "average_pooling2d",
    ),
    "all, kept": ([("GlobalAveragePool", [], {})], "global_average_pooling2d reshape"),
    "all, flattened": ([("GlobalMaxPool", [], {}), FLAT], "global_max_pooling2d"),
    "all, squeezed": (
        [("GlobalAveragePool", [], {}), ("Squeeze", ["places"], {})], "global_average_pooling2d",
    ),
    "all, reshaped": (
        [conv(), ("GlobalMaxPool", [], {}), ("Reshape", ["flat"], {})],
        "conv2d global_max_pooling2d",
    ),
    "all, convolved": (
        [("GlobalAveragePool", [], {}), ("Conv", ["one"], {}), FLAT],
        "global_average_pooling2d reshape conv2d flatten",
    ),
    "mean": (
        [("ReduceMean", [], {"axes": [2, 3], "keepdims": 0})], "global_average_pooling2d",
    ),
    "mean, counted from the end": (
        [conv(), ("ReduceMean", [], {"axes": [-1, -2]}), FLAT],
        "conv2d global_average_pooling2d",
    ),
    "largest": ([("ReduceMax", [], {"axes": [2, 3], "keepdims": 0})], "global_max_pooling2d"),
    "zeros": ([("Pad", ["pads"], {}), conv()], "zero_padding2d conv2d"),
    "zeros, stated": ([("Pad", ["pads", "zero"], {"mode": "constant"})], "zero_padding2d"),
    "repeated": (
        [("Resize", ["none_", "scales"], {"mode": "nearest", "nearest_mode": "floor",
          "coordinate_transformation_mode": "asymmetric"})],
        "up_sampling2d",
    ),
    "repeated, by the middles": (
        [conv(auto_pad="SAME_UPPER"), ("Resize", ["none_", "scales"], {})], "conv2d up_sampling2d",
    ),
    "repeated, to a size": (
        [("Resize", ["none_", "none_", "sizes"], {"mode": "nearest", "nearest_mode": "floor",
          "coordinate_transformation_mode": "asymmetric"})],
        "up_sampling2d",
    ),
    "batch": (
        [("BatchNormalization", ["gamma", "beta", "mean", "variance"], {}), conv()],
        "batch_normalization conv2d",
    ),
    "softmax over channels": ([conv(), ("Softmax", [], {"axis": 1})], "conv2d"),
    "log-softmax over channels": ([("LogSoftmax", [], {"axis": -3})], "activation"),
    "leaky": ([conv(), ("LeakyRelu", [], {"alpha": 0.2})], "conv2d"),
    "dropout": ([conv(), ("Dropout", [], {}), FLAT, ("MatMul", ["D48"], {})],
                "conv2d flatten dense"),
    "dense": ([conv(), RELU, FLAT, ("Gemm", ["D48"], {})], "conv2d flatten dense"),
    "dense, a place": (
        [conv(), pooled("MaxPool", [4, 3]), FLAT, RELU, ("Gemm", ["D4"], {})],
        "conv2d max_pooling2d flatten activation dense",
    ),
    "dense behind norms": (
        [pooled("MaxPool", [2, 2], strides=[2, 1]), FLAT,
         ("BatchNormalization", ["d24"] * 3 + ["d24_"], {}), ("LayerNormalization", ["d24"], {}),
         ("Softmax", [], {}), ("MatMul", ["D24"], {})],
        "max_pooling2d flatten batch_normalization layer_normalization activation dense",
    ),
    "turned to last and back": (
        [("Transpose", [], {"perm": [0, 2, 3, 1]}), ("LayerNormalization", ["gamma"], {}),
         ("Transpose", [], {"perm": [0, 3, 1, 2]}), conv()],
        "layer_normalization conv2d",
    ),
    "turned before rows": (
        [conv(), ("Transpose", [], {"perm": [0, 2, 3, 1]}), FLAT, ("MatMul", ["D48"], {})],
        "conv2d flatten dense",
    ),
    "columns before rows": (
        [conv(), ("Transpose", [], {"perm": [0, 1, 3, 2]}), RELU,
         ("Transpose", [], {"perm": [0, 1, 3, 2]}), conv(pads=[1, 1, 1, 1], group=1)][:4],
        "conv2d",
    ),
    "reshaped to a series of places": (
        [conv(), ("Reshape", ["to_series"], {}), ("Conv", ["S4"], {})], "conv2d reshape conv1d",
    ),
    "flat and back": (
        [conv(), FLAT, ("Reshape", ["back"], {}), ("Conv", ["one4"], {})],
        "conv2d flatten reshape conv2d",
    ),
}  # fmt: skip
CONSTANTS |= {
    "none_": np.float32([]), "d24_": np.abs(weights(24)), "to_series": ints(0, 4, 12),
    "S4": weights(2, 4, 3), "back": ints(0, 4, 4, 3), "one4": weights(3, 4, 1, 1),
}  # fmt: skip


def compare(path, onnx_files, n=3):
    model = interop.from_onnx(path)
    x = np.random.default_rng(1).normal(size=(n, *model.input_shape)).astype(np.float32)
    expected = onnx_files.run(path, np.moveaxis(x, -1, 1))
    found = model.predict(x)
    if found.ndim > 2:
        found = np.moveaxis(found, -1, 1)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, **CLOSE)
    return model


@pytest.mark.parametrize("name", READ)
def test_what_is_read(onnx_files, folder, name):
    steps, kinds = READ[name]
    path = file_of(onnx_files, folder / "read.onnx", chain(*steps))
    model = compare(path, onnx_files, 1 if "size" in name else 3)
    assert model.input_shape == (6, 5, 2)  # the channels have come last
    assert [layer.kind for layer in model.layers] == kinds.split()


SERIES = {
    "no padding": [("Conv", ["S"], {})],
    "as same": [("Conv", ["S"], {"pads": [1, 1]})],
    "pooled": [("MaxPool", [], {"kernel_shape": [2], "strides": [2], "ceil_mode": 1})],
    "averaged": [("AveragePool", [], {"kernel_shape": [3], "pads": [1, 1]})],
    "all": [("GlobalAveragePool", [], {}), FLAT],
    "mean": [("Conv", ["S"], {}), ("ReduceMean", [], {"axes": [2], "keepdims": 0})],
    "as images": [("Unsqueeze", ["second"], {}), ("Conv", ["S_image"], {}),
                  ("Squeeze", ["second"], {}), RELU],
}  # fmt: skip
CONSTANTS |= {"second": ints(2), "S_image": weights(3, 2, 1, 3)}


@pytest.mark.parametrize("name", SERIES)
def test_series(onnx_files, folder, name):
    path = file_of(onnx_files, folder / "series.onnx", chain(*SERIES[name]), (2, 7))
    assert compare(path, onnx_files).input_shape == (7, 2)


# ---- as particular programs write it ---------------------------------------------------------


def test_a_file_for_one_image(onnx_files, folder):
    """CNTK's MNIST in the model zoo: a batch of 1, and a kernel for the dense layer's matrix."""
    constants = {
        "W": CONSTANTS["W"], "b": CONSTANTS["b_wide"], "K": weights(4, 4, 3, 3), "row": ints(1, 48),
        "matrix": ints(48, 3), "c": weights(1, 3),
    }  # fmt: skip
    nodes = [
        ("Reshape", ["K", "matrix"], ["D"], {}),
        ("Conv", ["x", "W"], ["z"], {"auto_pad": "VALID"}), ("Add", ["z", "b"], ["zb"], {}),
        ("Relu", ["zb"], ["r"], {}), ("Reshape", ["r", "row"], ["flat"], {}),
        ("MatMul", ["flat", "D"], ["m"], {}), ("Add", ["m", "c"], ["y"], {}),
    ]  # fmt: skip
    path = onnx_files.make(folder / "one.onnx", nodes, (2, 6, 5), constants, opset=8, batch=1)
    model = compare(path, onnx_files, n=1)
    assert [layer.kind for layer in model.layers] == ["conv2d", "flatten", "dense"]
    assert model.predict(np.ones((4, 6, 5, 2))).shape == (4, 3)  # here any number


@pytest.mark.parametrize("pieces", [True, False])
def test_a_flattening_that_asks_for_the_batch(onnx_files, folder, pieces):
    """``x.view(x.size(0), -1)`` in PyTorch, by its old exporter and by its new one."""
    constants = {"W": CONSTANTS["W"], "D": CONSTANTS["D48"], "i": np.int64(0), "rest": ints(48),
                 "axis": ints(0)}  # fmt: skip
    nodes = [
        ("Shape", ["x"], ["s"], {} if pieces else {"start": 0, "end": 1}),
        ("Conv", ["x", "W"], ["z"], {}),
        *([("Gather", ["s", "i"], ["n"], {}), ("Unsqueeze", ["n", "axis"], ["n1"], {})]
          if pieces else []),
        ("Concat", ["n1" if pieces else "s", "rest"], ["to"], {"axis": 0}),
        ("Reshape", ["z", "to"], ["r"], {"allowzero": 1}),
        ("Gemm", ["r", "D"], ["y"], {}),
    ]  # fmt: skip
    path = onnx_files.make(folder / "view.onnx", nodes, (2, 6, 5), constants)
    assert [layer.kind for layer in compare(path, onnx_files).layers] == [
        "conv2d", "flatten", "dense",
    ]  # fmt: skip


def test_a_file_whose_channels_are_last(onnx_files, folder):
    """As tf2onnx writes Keras: a Transpose in front and one before the rows."""
    nodes = chain(
        ("Transpose", [], {"perm": [0, 3, 1, 2]}), conv(pads=[1, 1, 1, 1]), RELU,
        ("Transpose", [], {"perm": [0, 2, 3, 1]}), ("Reshape", ["flat"], {}),
        ("MatMul", ["D120"], {}),
    )  # fmt: skip
    path = file_of(onnx_files, folder / "last.onnx", nodes, (6, 5, 2))
    model = interop.from_onnx(path)
    x = np.random.default_rng(1).normal(size=(3, 6, 5, 2)).astype(np.float32)
    np.testing.assert_allclose(model.predict(x), onnx_files.run(path, x), **CLOSE)


def test_one_channel_that_moves_by_a_reshape(onnx_files, folder):
    """tf2onnx turns images of one channel so; and rows may become images."""
    kernel = {"W": weights(3, 1, 3, 3), "to": CONSTANTS["to_image"], "D": weights(36, 2)}
    steps = [("Reshape", ["x", "to"], ["i"], {}), ("Conv", ["i", "W"], ["z"], {}),
             ("Flatten", ["z"], ["f"], {}), ("MatMul", ["f", "D"], ["y"], {})]  # fmt: skip
    for shape, kinds in (
        ((6, 5, 1), ["conv2d", "flatten", "dense"]),
        ((30,), ["reshape", "conv2d", "flatten", "dense"]),
        ((6, 5), ["reshape", "conv2d", "flatten", "dense"]),
    ):
        path = onnx_files.make(folder / "one.onnx", steps, shape, kernel)
        model = interop.from_onnx(path)
        assert model.input_shape == shape
        assert [layer.kind for layer in model.layers] == kinds
        x = np.random.default_rng(1).normal(size=(3, *shape)).astype(np.float32)
        np.testing.assert_allclose(model.predict(x), onnx_files.run(path, x), **CLOSE)


@pytest.mark.parametrize("before", [[], [RELU], [("Conv", ["one"], {})]])
def test_residual_blocks(onnx_files, folder, before):
    nodes = chain(*before, RELU)[:-1]
    start = nodes[-1][2][0] if nodes else "x"
    nodes += [
        ("Conv", [start, "K"], ["a"], {"pads": [1, 1, 1, 1]}), ("Relu", ["a"], ["c"], {}),
        ("Conv", ["c", "one"], ["d"], {}), ("Add", ["d", start], ["e"], {}),
        ("Relu", ["e"], ["f"], {}), ("GlobalAveragePool", ["f"], ["g"], {}),
        ("Flatten", ["g"], ["h"], {}), ("MatMul", ["h", "D2"], ["y"], {}),
    ]  # fmt: skip
    constants = {"K": weights(2, 2, 3, 3), "one": CONSTANTS["one"], "D2": CONSTANTS["D2"]}
    path = onnx_files.make(folder / "block.onnx", nodes, (2, 6, 5), constants)
    model = compare(path, onnx_files)
    assert "residual" in [layer.kind for layer in model.layers]


def test_old_settings(onnx_files, folder):
    """What was a setting before it became an input: Pad, Upsample, Squeeze, ReduceMean."""
    steps = [
        ("Pad", [], {"pads": [0, 0, 1, 1, 0, 0, 1, 0], "value": 0.0}), ("Conv", ["W"], {}),
        ("Upsample", [], {"scales": [1.0, 1.0, 2.0, 2.0]}), ("GlobalMaxPool", [], {}),
        ("Squeeze", [], {"axes": [2, 3]}),
    ]  # fmt: skip
    compare(file_of(onnx_files, folder / "8.onnx", chain(*steps), opset=8), onnx_files)
    steps = [("Resize", ["scales"], {"mode": "nearest"})]
    compare(file_of(onnx_files, folder / "10.onnx", chain(*steps), opset=10), onnx_files)
    steps = [conv(), ("ReduceMean", ["places"], {"keepdims": 0})]
    compare(file_of(onnx_files, folder / "18.onnx", chain(*steps), opset=18), onnx_files)


# ---- refused for its real reason -------------------------------------------------------------

REFUSED = {
    "three axes": ([("Conv", ["W3"], {})], r"kernel of shape \(2, 2, 3, 3, 3\).*one or two axes"),
    "negative pads": ([conv(pads=[-1, 0, 0, 0])], "pads"),
    "no strides": ([conv(strides=[0, 1])], "strides"),
    "too large": ([conv(dilations=[4, 1])], "larger than its input of 6"),
    "other channels": ([("Conv", ["depth"], {})], "shape"),
    "groups that do not divide": ([("Conv", ["depth"], {"group": 3})], "groups"),
    "no kernel of its size": ([conv(kernel_shape=[2, 2])], "kernel_shape"),
    "padding that we have not": ([conv(auto_pad="MIRROR")], "auto_pad"),
    "max of less than zeros": (
        [pooled("MaxPool", [3, 3], pads=[1, 1, 1, 1], strides=[2, 2])],
        r"pads \[1, 1, 1, 1\].*zeros there would win over numbers below 0",
    ),
    "max over gaps": ([pooled("MaxPool", dilations=[2, 2])], "gaps in its windows"),
    "average of halves": (
        [pooled("AveragePool", [3, 3], pads=[1, 1, 1, 1], strides=[2, 2])], "zeros there would",
    ),
    "average, both": (
        [pooled("AveragePool", [4, 4], pads=[1, 1, 1, 1], strides=[3, 3], ceil_mode=1,
                count_include_pad=1)],
        "ceil_mode = 1",
    ),
    "no window": ([("MaxPool", [], {})], "one or two axes"),
    "mean over columns": ([("ReduceMean", [], {"axes": [3]})], "all axes of an image"),
    "mean over everything": ([("ReduceMean", [], {})], "all axes of an image"),
    "mirrored": ([("Pad", ["pads"], {"mode": "reflect"})], "mode = reflect"),
    "padded with others": ([("Pad", ["pads", "scale"], {})], "another number than 0"),
    "padded with -∞": ([("Pad", ["pads", "nan_pad"], {})], "another number than 0"),
    "cut": ([("Pad", ["cut"], {})], "zeros around"),
    "channels padded": ([conv(), ("Pad", ["wide"], {})], "zeros around"),
    "smoothed": ([("Resize", ["none_", "scales"], {"mode": "linear"})], "mode = linear"),
    "not whole": ([("Resize", ["none_", "third"], {})], "whole numbers"),
    "another nearest": (
        [("Resize", ["none_", "scales"], {"nearest_mode": "ceil"})], "half_pixel and ceil",
    ),
    "by the corners": (
        [("Resize", ["none_", "scales"], {"coordinate_transformation_mode": "align_corners"})],
        "coordinate_transformation_mode = align_corners",
    ),
    "rows of columns": ([conv(), ("Softmax", [], {"axis": 3})], "along axis 3 of"),
    "norm over columns": ([conv(), ("LayerNormalization", ["d3"], {"axis": -1})], "axis -1 of"),
    "output in another order": ([conv(), FLAT], "in another order"),
    "columns before rows": (
        [conv(), ("Transpose", [], {"perm": [0, 1, 3, 2]})], "in another order",
    ),
    "columns and rows flattened": (
        [conv(), ("Transpose", [], {"perm": [0, 1, 3, 2]}), FLAT], "no layer that turns them",
    ),
    "samples turned": ([("Transpose", [], {"perm": [1, 0, 2, 3]})], "does not leave the samples"),
    "no order": ([("Transpose", [], {"perm": [0, 1, 1, 2]})], "does not leave the samples"),
    "convolved as it is not": (
        [conv(), ("Transpose", [], {"perm": [0, 2, 3, 1]}), ("Conv", ["W"], {})],
        "have their channels last",
    ),
    "torn channels": ([conv(), ("Reshape", ["torn"], {})], "no layer that turns them"),
    "half a batch": ([conv(), ("Reshape", ["half"], {})], "as many rows as came"),
    "squeezed": ([conv(), ("Squeeze", ["places"], {})], "leaves out the axes"),
    "a bias for columns": ([conv(), ("Add", ["columns"], {})], "operator Add"),
    "global rows": ([FLAT, ("GlobalAveragePool", [], {})], "GlobalAveragePool"),
}  # fmt: skip
CONSTANTS |= {
    "W3": weights(2, 2, 3, 3, 3), "wide": ints(0, 1, 0, 0, 0, 0, 0, 0), "d3": weights(3),
    "torn": ints(0, 8, 6), "half": ints(2, -1), "columns": weights(1, 1, 1, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why(onnx_files, folder, name):
    steps, words = REFUSED[name]
    path = file_of(onnx_files, folder / "refused.onnx", chain(*steps))
    with pytest.raises(FileFormatError, match=words) as told:
        interop.from_onnx(path)
    assert str(path) in str(told.value)


def test_a_series_that_is_padded_otherwise(onnx_files, folder):
    path = file_of(onnx_files, folder / "s.onnx", chain(("Conv", ["S"], {"pads": [2, 0]})), (2, 7))
    with pytest.raises(FileFormatError, match="2 zeros before it and 0 behind it"):
        interop.from_onnx(path)


def test_images_out_of_rows_with_their_channels_first(onnx_files, folder):
    nodes = chain(("Reshape", ["to_two"], {}), conv())
    path = file_of(onnx_files, folder / "rows.onnx", nodes, (60,))
    with pytest.raises(FileFormatError, match=r"reshapes numbers to \(2, 6, 5\)"):
        interop.from_onnx(path)


def test_an_old_softmax_goes_over_all_that_follows(onnx_files, folder):
    """Before opset 13 axis 1 meant: channels, rows and columns together."""
    path = file_of(onnx_files, folder / "old.onnx", chain(conv(), ("Softmax", [], {})), opset=11)
    with pytest.raises(FileFormatError, match="along axis 1 of"):
        interop.from_onnx(path)


# ---- any windows -----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_windows_are_those_of_onnx_runtime_or_refused(onnx_files, folder, data):
    draw = data.draw
    size = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    op = draw(st.sampled_from(["Conv", "MaxPool", "AveragePool"]))
    found = {"kernel_shape": size, "strides": draw(st.tuples(*[st.integers(1, 3)] * 2))}
    auto = draw(st.sampled_from(["NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]))
    found["auto_pad"] = auto
    if auto == "NOTSET":
        found["pads"] = [draw(st.integers(0, one - 1)) for one in (*size, *size)]
    if op == "Conv":
        found["dilations"] = draw(st.tuples(*[st.integers(1, 2)] * 2))
    if op == "AveragePool":
        found["count_include_pad"] = draw(st.integers(0, 1))
    if op != "Conv" and auto == "NOTSET":
        found["ceil_mode"] = draw(st.integers(0, 1))
    before = draw(st.sampled_from([[], [("Relu", [], {})]]))
    K = weights(2, 2, *size)
    nodes = chain(*before, (op, ["K"] if op == "Conv" else [], found))
    path = onnx_files.make(
        folder / "w.onnx", nodes, (2, 5, 6), {"K": K} if op == "Conv" else {}, opset=17
    )
    try:
        interop.from_onnx(path)
        onnx_files.run(path, np.zeros((1, 2, 5, 6), np.float32))
    except FileFormatError:
        return
    except Exception as error:  # ONNX Runtime has no dilation with SAME, nor some strides
        assert "not supported" in str(error) or "non-negative" in str(error)
        return
    compare(path, onnx_files)


# ---- what PyTorch exports --------------------------------------------------------------------


class Block:
    """Makes modules of PyTorch, which is not imported unless it is there."""

    def __init__(self, nn):
        class Around(nn.Module):
            def __init__(self, *inside):
                super().__init__()
                self.inside = nn.Sequential(*inside)

            def forward(self, x):
                return nn.functional.relu(x + self.inside(x))

        class View(nn.Module):
            def forward(self, x):
                return x.view(x.size(0), -1)

        class Mean(nn.Module):
            def forward(self, x):
                return x.mean((2, 3))

        self.around, self.view, self.mean = Around, View, Mean


def of_pytorch(nn):
    """The modules, and the shape of a sample."""
    own = Block(nn)
    lenet = [
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.AvgPool2d(2), own.view(), nn.Linear(16 * 4, 12), nn.BatchNorm1d(12), nn.Tanh(),
        nn.Linear(12, 10), nn.LogSoftmax(1),
    ]  # fmt: skip
    residual = [
        nn.Conv2d(3, 8, 3, padding=1, stride=2, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        own.around(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
                   nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)),
        nn.Conv2d(8, 8, 3, padding="same", groups=8), nn.GELU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(8, 5),
    ]  # fmt: skip
    others = [
        nn.ZeroPad2d((1, 0, 2, 1)), nn.Conv2d(2, 4, (3, 2), dilation=(2, 1)), nn.SiLU(),
        nn.Upsample(scale_factor=2), nn.AvgPool2d(3, 2, 1), own.mean(),
        nn.Linear(4, 3), nn.Softmax(1),
    ]  # fmt: skip
    series = [
        nn.Conv1d(3, 6, 5, padding=2), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(6, 4, 3, stride=2),
        nn.Softplus(), nn.Flatten(), nn.Linear(4 * 4, 2),
    ]  # fmt: skip
    return [(lenet, (1, 16, 16)), (residual, (3, 14, 14)), (others, (2, 7, 6)), (series, (3, 18))]


@pytest.mark.parity
@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("opset", [9, 13, 17])
def test_networks_that_pytorch_exported(folder, which, opset):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    modules, shape = of_pytorch(torch.nn)[which]
    module = torch.nn.Sequential(*modules)
    for _ in range(2):
        module(torch.randn(8, *shape))  # running means that are not those of the start
    module.eval()
    x, path = torch.randn(8, *shape), folder / "torch.onnx"
    try:
        with pytest.warns() as _:  # the exporter that needs no further package is called old
            torch.onnx.export(
                module, (x,), str(path), opset_version=opset, dynamo=False, input_names=["x"],
                output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
            )  # fmt: skip
    except torch.onnx.errors.UnsupportedOperatorError:
        pytest.skip("PyTorch does not write it in this opset")
    with torch.no_grad():
        expected = module(x).numpy()
    model = interop.from_onnx(path)
    found = model.predict(np.moveaxis(x.numpy(), 1, -1))
    np.testing.assert_allclose(found, expected, **CLOSE)
