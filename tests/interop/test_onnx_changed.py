"""Graphs that were changed at random: what is still read, ONNX Runtime computes alike."""

import copy
import random

import numpy as np
import pytest

from glassnet import Sequential, interop, layers
from glassnet.errors import FileFormatError

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

OPERATORS = (
    "Add", "Mul", "Div", "MatMul", "Gemm", "Relu", "Softmax", "Flatten", "Identity", "Exp", "Elu",
    "Selu", "Softplus", "Erf", "Max", "Pow", "Dropout", "Greater", "Cast",
)  # fmt: skip
OF_IMAGES = (
    "Add", "Mul", "Relu", "Softmax", "Flatten", "Identity", "MaxPool", "AveragePool", "Conv",
    "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax", "Transpose", "Pad", "Resize",
    "Reshape", "Squeeze", "Unsqueeze", "BatchNormalization", "LayerNormalization", "Elu",
)  # fmt: skip
CPU = ["CPUExecutionProvider"]


def rows():
    stack = [
        layers.Rescaling(0.5, 1.0), layers.Dense(4, "gelu"), layers.BatchNormalization(),
        layers.Residual([layers.Dense(4, "silu"), layers.Dense(4)]), layers.LayerNormalization(),
        layers.Dense(4, "elu", use_bias=False), layers.Reshape((2, 2)), layers.Flatten(),
        layers.Activation("leaky_relu"), layers.Dense(4, "softmax"),
    ]  # fmt: skip
    return stack, (4,)


def images():
    """No two sizes are alike but the channels, so that what is mixed up shows."""
    stack = [
        layers.Rescaling(0.5), layers.Conv2D(4, 2, padding="same", activation="relu"),
        layers.MaxPooling2D((2, 1)), layers.BatchNormalization(),
        layers.Residual([layers.Conv2D(4, 3, padding="same", groups=2)]),
        layers.ZeroPadding2D(((1, 0), (0, 1))), layers.AveragePooling2D(2, 1, "same"),
        layers.UpSampling2D((1, 2)), layers.Activation("silu"), layers.Conv2D(4, (2, 1), (1, 2)),
        layers.Flatten(), layers.Dense(4, "softmax"),
    ]  # fmt: skip
    return stack, (6, 3, 4)


def written(nets, folder, stack, shape):
    model = Sequential(stack, seed=0)
    model.build(shape)
    interop.to_onnx(nets.unsettle(model), folder / "changed.onnx")
    return onnx.load(folder / "changed.onnx")


def change(graph, luck, operators):
    """Another operator, input, setting or shape at one place."""
    node = luck.choice(graph.node)
    values = [name for other in graph.node for name in other.output]
    values += [tensor.name for tensor in graph.initializer] + ["x"]
    match luck.randrange(6):
        case 0:
            node.op_type = luck.choice(operators)
        case 1:
            node.input[luck.randrange(len(node.input))] = luck.choice(values)
        case 2:
            node.input[:] = list(node.input)[::-1]
        case 3 if node.attribute:
            setting = luck.choice(node.attribute)
            if setting.ints:
                setting.ints[luck.randrange(len(setting.ints))] = luck.choice([0, 1, 2, 3, -1])
            setting.i, setting.f = luck.choice([-2, -1, 0, 1, 2, 7]), luck.choice([0.5, 2.0, -1.0])
        case 4:
            setting = node.attribute.add()
            setting.name, setting.type = luck.choice(["transB", "axis", "to"]), 2
            setting.i = luck.choice([-1, 0, 1, 7])
        case _:
            tensor = luck.choice(graph.initializer)
            if tensor.data_type == 7:  # sizes of a Reshape or a Pad
                sizes = onnx.numpy_helper.to_array(tensor).copy()
                sizes[luck.randrange(len(sizes))] = luck.choice([0, 1, 2, -1, 4])
                tensor.raw_data = sizes.tobytes()
            tensor.dims[:] = list(tensor.dims)[::-1] if len(tensor.dims) > 1 else tensor.dims
            if list(tensor.dims) == [4]:
                tensor.dims[:] = luck.choice([[1, 4], [4, 1], [2, 2]])


@pytest.mark.parametrize(
    ("network", "operators", "trials"), [(rows, OPERATORS, 150), (images, OF_IMAGES, 120)]
)
def test_what_is_read_of_changed_graphs_is_what_they_compute(
    nets, folder, network, operators, trials
):
    runtime.set_default_logger_severity(4)  # it complains of most of them
    stack, shape = network()
    luck, whole = random.Random(0), written(nets, folder, stack, shape)
    path, x = folder / "changed.onnx", np.random.default_rng(1).normal(size=(5, *shape))
    x = x.astype(np.float32)
    refused = compared = 0
    settings = runtime.SessionOptions()
    settings.intra_op_num_threads = 1
    for _ in range(trials):
        made = copy.deepcopy(whole)
        change(made.graph, luck, operators)
        path.write_bytes(made.SerializeToString())
        try:
            model = interop.from_onnx(path)
        except FileFormatError:
            refused += 1
            continue
        try:
            session = runtime.InferenceSession(str(path), settings, providers=CPU)
            (expected,) = session.run(["output"], {"x": x})
        except Exception:  # ONNX Runtime has a dozen kinds, all direct children of Exception
            continue
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(model.predict(x), expected, rtol=1e-4, atol=1e-5)
        compared += 1
    assert refused > 30 and compared > 10
