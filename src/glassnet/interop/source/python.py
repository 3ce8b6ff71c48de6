"""A network as one small Python file that needs nothing: to read, to teach, to carry along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core import storage
from glassnet._core.storage import PathLike
from glassnet.data.columns import counted
from glassnet.data.preprocessing import Preprocessor
from glassnet.interop import about
from glassnet.interop.source.python_functions import FUNCTIONS, NEEDS
from glassnet.interop.source.python_table import features
from glassnet.interop.source.text import Writer, filled, number, sizes, words
from glassnet.layers import Residual
from glassnet.model import Sequential


class PythonWriter(Writer):
    """The steps in Python."""

    language = "Python"
    functions = FUNCTIONS

    def activate(self, layer: Any, f: activations.Activation, z: str) -> str:
        """The call of an activation around ``z``."""
        if f == activations.linear:
            return z
        name = self.activation(layer, f)
        self.use(NEEDS.get(name, name))
        settings = [number(float(v)) for k, v in f.get_config().items() if k != "name"]
        return f"{name}({', '.join([z, *settings])})"


def to_python(
    model: Sequential, path: PathLike, *, class_names: Sequence[str] | None = None
) -> None:
    """Write the network as one Python file that imports nothing but ``math``.

    It has ``predict(x)``, the outputs for one sample as a list; ``classify(x)``, the label,
    where the labels are known; and for a network that learned from a table ``features(row)``,
    from a dict of the row's columns to the numbers that the network reads. Run as a program,
    it answers for the lines of standard input.

    Args:
        class_names: the labels, if the model does not know them.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer that cannot be written (named, with those that can).
    """
    model.need_built("to_python")
    writer = PythonWriter(model, about.labels_of(model, class_names))
    storage.write_text(path, _text(writer))


def _text(writer: PythonWriter) -> str:
    model, labels, rows = writer.model, writer.labels, writer.model.preprocessing
    writer.use("numbers")
    result = "x"
    for layer in model.layers:
        result = writer.write(layer, result)
    count = int(np.prod(model.input_shape or ()))
    body = [FUNCTIONS[name].strip("\n") for name in writer.used]
    body.append("\n".join([
        "def predict(x):",
        f'    """{counted(model.outputs, "output")} for the {counted(count, "number")} of one '
        'sample."""',
        "    x = numbers(x)",
        f"    if len(x) != {count}:",
        f'        raise ValueError(f"a sample has {count} numbers, but {{len(x)}} came")',
        *(f"    {line}" for line in writer.steps),
        f"    return {result}",
    ]))  # fmt: skip
    if labels is not None:
        body.append(_classify(labels, model.outputs))
    if rows is not None:
        body.append(features(rows))
    head = f"{_heading(writer)}\n\n{_imports(body, rows is not None)}"
    arrays = [_array(name, array) for name, array in writer.weights.items()]
    weights = "\n\n".join(["# ---- the weights", *arrays])
    return "\n\n\n".join([head, *body, weights, _program(rows, labels is not None)]) + "\n"


def _imports(functions: list[str], table: bool) -> str:
    """What the functions need of the standard library."""
    body = "\n".join(functions)
    lines = ["import csv"] if table else []
    lines += ["import math"] if "math." in body else []
    lines += ["from math import exp"] if re.search(r"(?<![\w.])exp\(", body) else []
    return "\n".join(lines)


def _heading(writer: PythonWriter) -> str:
    answer = "classify" if writer.labels is not None else "predict"
    rows = writer.model.preprocessing
    if rows is not None and rows.target.task == "regression":
        answer = "value"
    x = "x" if rows is None else "features(row)"
    return (
        f'"""The neural network {words(writer.model.name)}, {sizes(writer.model)}, as plain '
        f"Python.\n\n"
        f"    {answer}({x})\n\n"
        "Written by glassnet. It needs no package; predict() at the end of the functions shows "
        'the\nway of the numbers, the weights follow.\n"""'
    )


def _classify(labels: about.Labels, outputs: int) -> str:
    says, chosen = "The label of the largest output.", "y.index(max(y))"
    if outputs == 1:
        says = f"The second label if the output is above {labels.threshold}, else the first."
        chosen = f"y[0] > {labels.threshold}"
    return "\n".join([
        "def classify(x):",
        f'    """{says}"""',
        "    y = predict(x)",
        f"    return LABELS[{chosen}]",
        "",
        "",
        f"LABELS = [{', '.join(map(repr, labels.names))}]",
    ])  # fmt: skip


def _array(name: str, array: Any) -> str:
    if array.ndim == 1:
        return "\n".join([f"{name} = [", *filled([number(v) for v in array], "    "), "]"])
    lines = [f"{name} = ["]
    for row in array:
        cells = filled([number(v) for v in row], "     ")
        cells[0] = "    [" + cells[0].strip()
        cells[-1] = cells[-1].rstrip(",") + "],"
        lines += cells
    return "\n".join([*lines, "]"])


def _program(rows: Preprocessor | None, labels: bool) -> str:
    answer = "classify" if labels else "predict"
    shown = "{0}" if labels else "*{0}"
    lines = ['if __name__ == "__main__":  # one sample in each line of standard input',
             "    import sys", ""]  # fmt: skip
    if rows is not None:
        value = "value" if rows.target.task == "regression" else answer
        lines += [
            "    for row in csv.DictReader(sys.stdin):",
            f"        print({value}(features(row)))",
        ]
    else:
        call = shown.format(f"{answer}([float(v) for v in line.replace(',', ' ').split()])")
        lines += ["    for line in sys.stdin:", f"        print({call})"]
    return "\n".join(lines)


# ---- layers ------------------------------------------------------------------------------


def _then(writer: Any, value: str) -> str:
    writer.steps.append(f"x = {value}")
    return "x"


def _dense(writer: Any, layer: Any, x: str) -> str:
    count = writer.next("dense")
    W = writer.keep("W", layer.W, count)
    b = writer.keep("b", layer.b if layer.use_bias else np.zeros_like(layer.W[0]), count)
    z = f"{writer.use('dense')}({x}, {W}, {b})"
    return _then(writer, writer.activate(layer, layer.activation, z))


def _activation(writer: Any, layer: Any, x: str) -> str:
    called = writer.activate(layer, layer.activation, x)
    return x if called == x else _then(writer, called)


def _rescaling(writer: Any, layer: Any, x: str) -> str:
    return _then(writer, f"{writer.use('rescale')}({x}, {layer.scale!r}, {layer.offset!r})")


def _batch_normalization(writer: Any, layer: Any, x: str) -> str:
    writer.need_rows(layer)
    count = writer.next("normalization")
    names = [
        writer.keep(name, getattr(layer, attribute), count)
        for name, attribute in (
            ("gamma", "gamma"), ("beta", "beta"), ("mean", "moving_mean"),
            ("variance", "moving_variance"),
        )
    ]  # fmt: skip
    writer.use("batch_normalization")
    return _then(writer, f"batch_normalization({x}, {', '.join(names)}, {layer.epsilon!r})")


def _layer_normalization(writer: Any, layer: Any, x: str) -> str:
    writer.need_rows(layer)
    count = writer.next("normalization")
    gamma = writer.keep("gamma", layer.gamma, count)
    beta = writer.keep("beta", layer.beta, count)
    writer.use("layer_normalization")
    return _then(writer, f"layer_normalization({x}, {gamma}, {beta}, {layer.epsilon!r})")


def _residual(writer: Any, layer: Residual, x: str) -> str:
    around = f"around{writer.next('residual')}"
    writer.steps.append(f"{around} = {x}")
    h = x
    for inner in layer.layers:
        h = writer.write(inner, h)
    return _then(writer, f"{writer.use('add')}({around}, {h})")


def _nothing(writer: Any, layer: Any, x: str) -> str:
    """Input, Flatten and Reshape change no number; Dropout none when a network answers."""
    return x


PythonWriter.layers = {
    "activation": _activation,
    "batch_normalization": _batch_normalization,
    "dense": _dense,
    "dropout": _nothing,
    "flatten": _nothing,
    "input": _nothing,
    "layer_normalization": _layer_normalization,
    "rescaling": _rescaling,
    "reshape": _nothing,
    "residual": _residual,
}
