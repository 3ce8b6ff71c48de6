"""ONNX files that are damaged, foreign, or built to harm."""

import os

import numpy as np
import pytest

from glassnet import Sequential, interop, layers
from glassnet.errors import FileFormatError

onnx = pytest.importorskip("onnx")


@pytest.fixture
def whole(tmp_path):
    model = Sequential([layers.Dense(4, "gelu"), layers.BatchNormalization(), layers.Dense(2)])
    model.build((3,))
    interop.to_onnx(model, tmp_path / "whole.onnx")
    return tmp_path / "whole.onnx"


def refused(path, words):
    before = os.times().user
    with pytest.raises(FileFormatError, match=words) as told:
        interop.from_onnx(path)
    assert str(path) in str(told.value)
    assert os.times().user - before < 2.0


def changed(whole, change):
    made = onnx.load(whole)
    change(made.graph if change.__code__.co_varnames[:1] == ("graph",) else made)
    path = whole.with_name("bad.onnx")
    path.write_bytes(made.SerializeToString())
    return path


def test_files_that_are_something_else(tmp_path, whole):
    content = whole.read_bytes()
    path = tmp_path / "bad.onnx"
    for bad, words in [
        (b"", "is empty"), (b"not an ONNX file", "damaged|no ONNX file"),
        (b"\x00" * 1000, "damaged|no ONNX file"), (content[: len(content) // 2], "damaged"),
        (content[:-7], "damaged"), (b"PK\x03\x04" + bytes(50), "damaged|no ONNX file"),
    ]:  # fmt: skip
        path.write_bytes(bad)
        refused(path, words)
    refused(tmp_path, "no file")
    with pytest.raises(FileNotFoundError, match="no such"):
        interop.from_onnx(tmp_path / "none.onnx")
    with pytest.raises(FileFormatError, match="larger than 100 bytes"):
        interop.from_onnx(whole, max_bytes=100)


def test_bytes_that_were_changed_never_end_in_a_traceback(tmp_path, whole):
    content = bytearray(whole.read_bytes())
    rng = np.random.default_rng(0)
    path = tmp_path / "bad.onnx"
    for _ in range(250):
        bad = bytearray(content)
        for place in rng.integers(0, len(content), 2):
            bad[place] = rng.integers(0, 256)
        path.write_bytes(bad)
        try:
            interop.from_onnx(path)
        except FileFormatError as error:
            assert str(path) in str(error)


def test_changed_bytes_of_an_image_network_neither(tmp_path):
    stack = [
        layers.Conv2D(3, 3, padding="same"), layers.MaxPooling2D(), layers.UpSampling2D(),
        layers.ZeroPadding2D(), layers.GlobalAveragePooling2D(), layers.Dense(2),
    ]  # fmt: skip
    model = Sequential(stack, seed=0)
    model.build((6, 5, 2))
    path = tmp_path / "bad.onnx"
    interop.to_onnx(model, path)
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(1)
    for _ in range(200):
        bad = bytearray(content)
        for place in rng.integers(0, len(content), 2):
            bad[place] = rng.integers(0, 256)
        path.write_bytes(bad)
        try:
            interop.from_onnx(path)
        except FileFormatError as error:
            assert str(path) in str(error)


def outside(graph):
    tensor = graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "../../../etc/passwd"), ("length", "48")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


def more(graph):
    graph.initializer[0].dims[:] = [3, 10**12]


def negative(graph):
    graph.initializer[0].dims[:] = [-3, -4]


def empty(graph):
    graph.initializer[0].dims[:] = [0, 10**18]
    graph.initializer[0].ClearField("raw_data")


def other_shape(graph):
    graph.initializer[0].dims[:] = [4, 3]


def nan(graph):
    graph.initializer[1].raw_data = np.full(4, np.nan, np.float32).tobytes()


def crowd(graph):
    for _ in range(100_000):
        graph.node.add().op_type = "Relu"


def wide(graph):
    graph.input[0].type.tensor_type.shape.dim[1].dim_value = 10**9


def function(made):
    made.functions.add().name = "f"


def domain(graph):
    graph.node[0].domain = "com.evil"


def no_output(graph):
    del graph.output[:]


def no_shape(graph):
    graph.input[0].type.tensor_type.ClearField("shape")


def sequence(graph):
    graph.input[0].type.Clear()
    graph.input[0].type.sequence_type.elem_type.tensor_type.elem_type = 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (outside, "no place beside the model"), (more, "numbers, but 12 are there"),
        (negative, "has the shape"), (empty, "is_missing|multiplies by|shape"),
        (other_shape, "shape|fits?|features"),
        (nan, "not finite"), (crowd, "nodes"), (wide, "not read"), (function, "functions"),
        (domain, "com.evil"), (no_output, "no ONNX file"), (no_shape, "fixed numbers"),
        (sequence, "fixed numbers"),
    ],
)  # fmt: skip
def test_files_built_to_harm(whole, change, words):
    refused(changed(whole, change), words)


def test_blocks_inside_blocks_have_an_end(tmp_path):
    helper = onnx.helper
    depth = 60
    nodes = [helper.make_node("MatMul", [f"v{i}", "W"], [f"v{i + 1}"]) for i in range(depth)]
    joined = f"v{depth}"
    for i in reversed(range(depth)):
        nodes.append(helper.make_node("Add", [f"v{i}", joined], [f"s{i}"]))
        joined = f"s{i}"
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("v0", 1, ["n", 2])],
        [helper.make_tensor_value_info("s0", 1, None)],
        [onnx.numpy_helper.from_array(np.eye(2, dtype=np.float32), "W")],
    )  # fmt: skip
    path = tmp_path / "deep.onnx"
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(made.SerializeToString())
    refused(path, "deep in each other")


def test_a_formula_of_many_nodes_has_an_end(tmp_path):
    """Each of the values is read until the last node: none of them closes the formula."""
    helper = onnx.helper
    count = 900
    nodes = [helper.make_node("Sigmoid", ["x"], ["v0"])]
    nodes += [helper.make_node("Add", [f"v{i}", "x"], [f"v{i + 1}"]) for i in range(count)]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", 1, ["n", 2])],
        [helper.make_tensor_value_info(f"v{count}", 1, None)],
    )  # fmt: skip
    path = tmp_path / "long.onnx"
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(made.SerializeToString())
    refused(path, "operator Sigmoid")


def test_circles_have_an_end(tmp_path):
    helper = onnx.helper
    nodes = [helper.make_node("Relu", ["b"], ["a"]), helper.make_node("Relu", ["a"], ["b"]),
             helper.make_node("Add", ["x", "a"], ["y"])]  # fmt: skip
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", 1, ["n", 2])],
        [helper.make_tensor_value_info("y", 1, None)],
    )  # fmt: skip
    path = tmp_path / "circle.onnx"
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(made.SerializeToString())
    refused(path, "operator Add")
