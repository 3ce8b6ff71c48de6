"""A network as one small Python file that needs nothing: to read, to teach, to carry along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from math import prod
from textwrap import indent
from typing import Any

from glassnet import activations
from glassnet._core import storage
from glassnet._core.storage import PathLike
from glassnet.data.columns import counted
from glassnet.data.preprocessing import Preprocessor
from glassnet.interop import about
from glassnet.interop.source.python_table import features
from glassnet.interop.source.text import (
    WIDTH,
    Writer,
    filled,
    number,
    numbers_out,
    row_of,
    sizes,
    words,
)
from glassnet.model import Sequential

NUMBERS = '''
def numbers(x):
    """The numbers of a row, or of rows in rows (an image), one after the other."""
    try:
        return [v for part in x for v in numbers(part)]
    except TypeError:  # it has no parts
        return [float(x)]
'''

EACH_PLACE = '''
def each_place(f, z, channels, *settings):
    """f of the channels of each place of an image, one place after the other"""
    return [
        y for i in range(0, len(z), channels) for y in f(z[i : i + channels], *settings)
    ]
'''


class PythonWriter(Writer):
    """The steps in Python."""

    language = "Python"

    def text_of(self, f: activations.Activation) -> str:
        if not f.python:
            return ""
        settings = "".join(f", {setting.name}" for setting in fields(f))
        body = indent(f.python, "    ")
        return f'def {f.name}(z{settings}):\n    """{f.described}"""\n{body}\n'

    def activate(self, layer: Any, f: activations.Activation, z: str) -> str:
        """The call of an activation around ``z``."""
        if f == activations.linear:
            return z
        for other in f.python_calls:
            self.activation(layer, activations.get(other))
        name = self.activation(layer, f)
        settings = [number(float(v)) for k, v in f.get_config().items() if k != "name"]
        row = row_of(layer, f)
        if row is not None:
            return self.call(EACH_PLACE, name, z, row, *settings)
        return f"{name}({', '.join([z, *settings])})"

    def call(self, function: str, *arguments: Any, **settings: Any) -> str:
        """``function(arguments, setting=value)``."""
        written = [a if isinstance(a, str) else repr(a) for a in arguments]
        named = [f"{key}={value!r}" for key, value in settings.items()]
        called = f"{self.use(function)}({', '.join([*written, *named])})"
        if len(called) <= WIDTH - len("    x = "):
            return called
        inside = "\n        ".join(filled([*written, *named], ""))
        return f"{self.use(function)}(\n        {inside}\n    )"

    def step(self, expression: str) -> str:
        """The step ``x = expression``."""
        self.steps.append(f"x = {expression}")
        return "x"


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
    model, labels, rows = writer.model, writer.labels, writer.model.table
    writer.use(NUMBERS)
    result = "x"
    for layer in model.layers:
        result = writer.write(layer, result)
    count, outputs = prod(model.input_shape or ()), numbers_out(model)
    body = list(writer.used.values())
    body.append("\n".join([
        "def predict(x):",
        f'    """{counted(outputs, "output")} for the {counted(count, "number")} of one '
        'sample."""',
        "    x = numbers(x)",
        f"    if len(x) != {count}:",
        f'        raise ValueError(f"a sample has {count} numbers, but {{len(x)}} came")',
        *(f"    {line}" for line in writer.steps),
        f"    return {result}",
    ]))  # fmt: skip
    if labels is not None:
        body.append(_classify(labels, outputs))
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
    lines += ["from datetime import datetime"] if "datetime." in body else []
    lines += ["from math import exp"] if re.search(r"(?<![\w.])exp\(", body) else []
    return "\n".join(lines)


def _heading(writer: PythonWriter) -> str:
    answer = "classify" if writer.labels is not None else "predict"
    rows = writer.model.table
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
    """A list; of more axes than one a list of rows, along the last of them."""
    if array.ndim == 1:
        return "\n".join([f"{name} = [", *filled([number(v) for v in array], "    "), "]"])
    lines = [f"{name} = ["]
    for row in array.reshape(-1, array.shape[-1]):
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
