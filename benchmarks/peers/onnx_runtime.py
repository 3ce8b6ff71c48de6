"""ONNX Runtime: prediction only."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from peers.layouts import channels_first
from works import Conv, ImageWork, InParts, Material


def versions() -> dict[str, str]:
    return {"onnxruntime": onnxruntime.__version__}


def dense_nodes(weights: list[Any], flowing: str) -> tuple[list[Any], list[Any]]:
    """x·W + b with ReLU between and softmax at the end: nodes and tensors."""
    nodes, tensors = [], []
    for i, (W, b) in enumerate(weights):
        function = "Relu" if i < len(weights) - 1 else "Softmax"
        tensors += [numpy_helper.from_array(W, f"W{i}"), numpy_helper.from_array(b, f"b{i}")]
        nodes.append(helper.make_node("Gemm", [flowing, f"W{i}", f"b{i}"], [f"z{i}"]))
        nodes.append(helper.make_node(function, [f"z{i}"], [f"y{i}"]))
        flowing = f"y{i}"
    return nodes, tensors


def image_nodes(work: ImageWork, weights: list[Any]) -> tuple[list[Any], list[Any]]:
    """Convolutions with ReLU, pooling, a row for each image: nodes and tensors."""
    nodes, tensors, flowing = [], [], "x"
    kernels = iter(weights)
    pooling = {"max": "MaxPool", "average": "AveragePool"}
    for i, part in enumerate(work.stack):
        if isinstance(part, Conv):
            K, b = next(kernels)
            tensors += [numpy_helper.from_array(K, f"K{i}"), numpy_helper.from_array(b, f"k{i}")]
            nodes.append(helper.make_node(
                "Conv", [flowing, f"K{i}", f"k{i}"], [f"c{i}"], strides=[part.stride] * 2,
                kernel_shape=[part.size] * 2, pads=[part.size // 2 if part.same else 0] * 4,
            ))  # fmt: skip
            nodes.append(helper.make_node("Relu", [f"c{i}"], [f"p{i}"]))
        else:
            nodes.append(helper.make_node(pooling[part.kind], [flowing], [f"p{i}"],
                                          kernel_shape=[2, 2], strides=[2, 2]))  # fmt: skip
        flowing = f"p{i}"
    nodes.append(helper.make_node("Flatten", [flowing], ["row"]))
    return nodes, tensors


def session(nodes: list[Any], tensors: list[Any], shape: tuple[int, ...]) -> Any:
    outputs = nodes[-1].output[0]
    graph = helper.make_graph(
        nodes, "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape])],
        [helper.make_tensor_value_info(outputs, TensorProto.FLOAT, ["n", None])],
        tensors,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", 0))  # 0: it chooses
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


class Prediction:
    def __init__(self, material: Material, rows: int) -> None:
        self.session = session(*dense_nodes(material.weights, "x"), material.work.shape)
        self.x = np.resize(material.x, (rows, material.x.shape[1]))

    def run(self, count: int) -> None:
        for _ in range(count):
            self.session.run(None, {"x": self.x})

    def answer(self) -> list[float]:
        return self.session.run(None, {"x": self.x[:1]})[0][0].tolist()


class ImagePrediction:
    """From images that come channels first, as the operators want them."""

    def __init__(self, material: Material, rows: int) -> None:
        work = material.work
        assert isinstance(work, ImageWork)
        weights = channels_first(work, material.weights)
        kernels = [pair for pair in weights if pair[0].ndim == 4]
        nodes, tensors = image_nodes(work, kernels)
        more_nodes, more_tensors = dense_nodes(weights[len(kernels) :], "row")
        h, w, c = work.shape
        self.session = session(nodes + more_nodes, tensors + more_tensors, (c, h, w))
        x = np.resize(material.x, (rows, *work.shape)).transpose(0, 3, 1, 2)
        self.x = np.ascontiguousarray(x)
        self.run = InParts(self.predict, self.x).run

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.session.run(None, {"x": x})[0]

    def answer(self) -> list[float]:
        return self.predict(self.x[:1])[0].tolist()
