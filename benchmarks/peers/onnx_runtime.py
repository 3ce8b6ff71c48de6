"""ONNX Runtime: prediction only."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from works import Material


def versions() -> dict[str, str]:
    return {"onnxruntime": onnxruntime.__version__}


class Prediction:
    def __init__(self, material: Material, rows: int) -> None:
        nodes, tensors, flowing = [], [], "x"
        last = len(material.weights) - 1
        for i, (W, b) in enumerate(material.weights):
            tensors += [numpy_helper.from_array(W, f"W{i}"), numpy_helper.from_array(b, f"b{i}")]
            nodes.append(helper.make_node("Gemm", [flowing, f"W{i}", f"b{i}"], [f"z{i}"]))
            nodes.append(helper.make_node("Relu" if i < last else "Softmax", [f"z{i}"], [f"y{i}"]))
            flowing = f"y{i}"
        sizes = material.work.sizes
        graph = helper.make_graph(
            nodes, "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", sizes[0]])],
            [helper.make_tensor_value_info(flowing, TensorProto.FLOAT, ["n", sizes[-1]])],
            tensors,
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        self.x = np.resize(material.x, (rows, material.x.shape[1]))

    def run(self, count: int) -> None:
        for _ in range(count):
            self.session.run(None, {"x": self.x})

    def answer(self) -> list[float]:
        return self.session.run(None, {"x": self.x[:1]})[0][0].tolist()
