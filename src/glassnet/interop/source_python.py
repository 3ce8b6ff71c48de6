"""A network as one small Python file that needs nothing: to read, to teach, to carry along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet import storage
from glassnet.data.columns import counted
from glassnet.data.features import BooleanColumn, CategoryColumn, NumberColumn
from glassnet.data.preprocessing import Preprocessor
from glassnet.functions import activations
from glassnet.interop import about
from glassnet.interop.source_text import Writer, filled, number, sizes, words
from glassnet.layers import Residual
from glassnet.model import Sequential
from glassnet.storage import PathLike

FUNCTIONS = {
    "dense": '''
def dense(x, W, b):
    """z_j = b_j + Σ_i x_i·W_ij.  W: a row for each input, with a number for each output."""
    z = list(b)
    for x_i, row in zip(x, W):
        for j, w in enumerate(row):
            z[j] += x_i * w
    return z
''',
    "step": '''
def step(z):
    """h(z) = 1 if z > 0, else 0"""
    return [1.0 if v > 0 else 0.0 for v in z]
''',
    "sigmoid": '''
def sigmoid(z):
    """σ(z) = 1 / (1 + e⁻ᶻ); for z < 0 in the form that cannot overflow"""
    return [1 / (1 + exp(-v)) if v >= 0 else exp(v) / (1 + exp(v)) for v in z]
''',
    "tanh": '''
def tanh(z):
    """tanh(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)"""
    return [math.tanh(v) for v in z]
''',
    "relu": '''
def relu(z):
    """f(z) = max(0, z)"""
    return [max(0.0, v) for v in z]
''',
    "leaky_relu": '''
def leaky_relu(z, slope):
    """f(z) = z if z > 0, else slope·z"""
    return [v if v > 0 else slope * v for v in z]
''',
    "elu": '''
def elu(z, alpha):
    """f(z) = z if z > 0, else α·(eᶻ − 1)"""
    return [v if v > 0 else alpha * math.expm1(v) for v in z]
''',
    "selu": '''
def selu(z):
    """f(z) = λ·z if z > 0, else λ·α·(eᶻ − 1), with λ = 1.0507, α = 1.6733"""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return [scale * (v if v > 0 else alpha * math.expm1(v)) for v in z]
''',
    "gelu": '''
def gelu(z):
    """f(z) = z·(1 + erf(z/√2)) / 2"""
    return [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in z]
''',
    "gelu_tanh": '''
def gelu_tanh(z):
    """f(z) = z·(1 + tanh(√(2/π)·(z + 0.044715·z³))) / 2"""
    root = math.sqrt(2 / math.pi)
    return [v * (1 + math.tanh(root * (v + 0.044715 * v**3))) / 2 for v in z]
''',
    "silu": '''
def silu(z):
    """f(z) = z·σ(z)"""
    return [v * s for v, s in zip(z, sigmoid(z))]
''',
    "softplus": '''
def softplus(z):
    """f(z) = log(1 + eᶻ), as max(z, 0) + log(1 + e^−|z|), which cannot overflow"""
    return [max(v, 0.0) + math.log1p(exp(-abs(v))) for v in z]
''',
    "exponential": '''
def exponential(z):
    """f(z) = eᶻ"""
    return [exp(v) if v < 709 else math.inf for v in z]
''',
    "softmax": '''
def softmax(z):
    """y_i = e^z_i / Σ_j e^z_j; the largest z is subtracted first, so that nothing overflows"""
    top = max(z)
    e = [exp(v - top) for v in z]
    total = sum(e)
    return [v / total for v in e]
''',
    "log_softmax": '''
def log_softmax(z):
    """y_i = z_i − log Σ_j e^z_j"""
    top = max(z)
    total = top + math.log(sum(exp(v - top) for v in z))
    return [v - total for v in z]
''',
    "rescale": '''
def rescale(x, scale, offset):
    """y = x·scale + offset"""
    return [v * scale + offset for v in x]
''',
    "batch_normalization": '''
def batch_normalization(x, gamma, beta, mean, variance, epsilon):
    """y = γ·(x − μ) / √(σ² + ε) + β, with the μ and σ² of training"""
    return [
        g * (v - m) / math.sqrt(s + epsilon) + b
        for v, g, b, m, s in zip(x, gamma, beta, mean, variance)
    ]
''',
    "layer_normalization": '''
def layer_normalization(x, gamma, beta, epsilon):
    """y = γ·(x − μ) / √(σ² + ε) + β, with the μ and σ² of this sample"""
    mean = sum(x) / len(x)
    variance = sum((v - mean) ** 2 for v in x) / len(x)
    return [
        g * (v - mean) / math.sqrt(variance + epsilon) + b for v, g, b in zip(x, gamma, beta)
    ]
''',
    "add": '''
def add(x, y):
    """the way around a block: x + block(x)"""
    return [a + b for a, b in zip(x, y)]
''',
    "numbers": '''
def numbers(x):
    """The numbers of a row, or of rows in rows (an image), one after the other."""
    if isinstance(x, (int, float)):
        return [float(x)]
    return [v for part in x for v in numbers(part)]
''',
}
NEEDS = {"silu": "sigmoid"}


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
        body.append(_features(rows))
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


# ---- a table -----------------------------------------------------------------------------

TEXT = '''
def text(value):
    """A value as a category is written: 3 for 3.0, without white space around it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value != value else str(value).strip()
'''

ONE_HOT = '''
def one_hot(name, value, known):
    """1 for the category that the value is, 0 for the others."""
    return [1.0 if text(value) == category else 0.0 for category in known]
'''

STRICT_ONE_HOT = '''
def one_hot(name, value, known):
    """1 for the category that the value is, 0 for the others."""
    if text(value) not in known:
        raise ValueError(f"column {name!r} is {value!r}, which training did not have")
    return [1.0 if text(value) == category else 0.0 for category in known]
'''


def _features(rows: Preprocessor) -> str:
    lines = [
        "def features(row):",
        f'    """{counted(len(rows.feature_names), "number")} for the network, from a dict of the '
        'columns."""',
        "    x = []",
        *(f"    {_column(column)}" for column in rows.columns),
        "    return x",
    ]
    parts = [TEXT, STRICT_ONE_HOT if rows.unknown == "error" else ONE_HOT, "\n".join(lines)]
    parts = [p for p, name in zip(parts, ("text(", "one_hot(", "")) if name in "\n".join(lines)]
    if len(parts) > 1 and TEXT not in parts:
        parts.insert(0, TEXT)
    if rows.target.task == "regression":
        mean, scale = number(float(rows.target.mean)), number(float(rows.target.scale))
        parts.append(
            "def value(x):\n"
            '    """The prediction in the units of the table."""\n'
            f"    return predict(x)[0] * {scale} + {mean}"
        )
    return "\n\n\n".join(part.strip("\n") for part in parts)


def _column(column: NumberColumn | BooleanColumn | CategoryColumn) -> str:
    """The line of ``features`` for one column."""
    name = repr(column.name)
    if isinstance(column, NumberColumn):
        value = f"row[{name}]"
        if column.fill is not None:
            value = f"text({value}) or {number(float(column.fill))}"
        mean, scale = number(float(column.mean)), number(float(column.scale))
        return f"x.append((float({value}) - {mean}) / {scale})"
    if isinstance(column, BooleanColumn):
        known = '["false", "true", "0", "1"]'
        return f"x.append(float({known}.index(text(row[{name}]).lower()) % 2))"
    return f"x += one_hot({name}, row[{name}], {_categories(column)})"


def _categories(column: CategoryColumn) -> str:
    known = [*column.categories, ""] if column.missing else column.categories
    return "[" + ", ".join(map(repr, known)) + "]"


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
    return _then(
        writer, f"batch_normalization({x}, {', '.join(names)}, {layer.epsilon!r})"
    )


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
