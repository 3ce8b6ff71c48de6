"""A network as one small C file that needs nothing but the standard library: for tiny devices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any, ClassVar

import numpy as np

from glassnet import activations
from glassnet._core import storage
from glassnet._core.storage import PathLike
from glassnet.data.columns import counted
from glassnet.data.features import BooleanColumn, DateColumn, NumberColumn
from glassnet.interop import about
from glassnet.interop.source.c_functions import activation_text
from glassnet.interop.source.c_table import answer_for_row, row_to_features
from glassnet.interop.source.text import (
    Writer,
    filled,
    number,
    numbers_out,
    row_of,
    sizes,
    words,
)
from glassnet.layers.rescaling.formats import C as RESCALE
from glassnet.model import Sequential


@dataclass
class CWriter(Writer):
    """The steps in C.

    Attributes:
        buffers: the arrays that the steps write, name → how many numbers.
        away: those that are lent, and are not to be changed.
    """

    language: ClassVar[str] = "C"
    buffers: dict[str, int] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)

    def call(
        self, function: str, sizes: Sequence[int], *arguments: Any, size: int | None = None
    ) -> str:
        """The step ``function(sizes, arguments, y)``, with a new array y."""
        y = f"h{self.next('buffer')}"
        self.buffers[y] = sizes[-1] if size is None else size
        self.call_into(function, sizes, *arguments, y)
        return y

    def call_into(self, function: str, sizes: Sequence[int], *arguments: Any) -> None:
        """The step ``function(sizes, arguments)``; the last argument is what it changes."""
        written = [a if isinstance(a, str) else real(a) for a in arguments]
        self.steps.append(f"{self.use(function)}({', '.join([*map(str, sizes), *written])});")

    def own(self, x: str, size: int) -> str:
        """``x``, or a copy of it where it is the caller's, or lent."""
        if x in self.buffers and x not in self.away:
            return x
        return self.call(RESCALE, [size], x, "1", "0")

    @contextmanager
    def lent(self, x: str) -> Iterator[None]:
        """As long as this lasts, nobody changes ``x``."""
        before = self.away
        self.away = before | {x}
        try:
            yield
        finally:
            self.away = before

    def text_of(self, f: activations.Activation) -> str:
        return activation_text(f) if f.c else ""

    def activate(self, layer: Any, f: activations.Activation, size: int, z: str) -> None:
        """The call of an activation that changes ``z``."""
        if f == activations.linear:
            return
        name = self.activation(layer, f)
        settings = [real(v) for k, v in f.get_config().items() if k != "name"]
        row = row_of(layer, f)
        if row is None:
            self.steps.append(f"{name}({', '.join([str(size), z, *settings])});")
        else:
            along = ", ".join([str(row), f"{z} + i", *settings])
            self.steps.append(f"for (int i = 0; i < {size}; i += {row})\n        {name}({along});")


def real(value: float) -> str:
    """A number in the type that the file computes in."""
    return f"(real){number(float(value))}"


def to_c(model: Sequential, path: PathLike, *, class_names: Sequence[str] | None = None) -> None:
    """Write the network as one C99 file: ``gcc -std=c99 network.c -lm``.

    It has ``predict(x, y)`` and, where the labels are known, ``classify(x)``; and a ``main``
    that answers for samples on standard input, which ``-DNO_MAIN`` leaves out. It computes in
    float, or in double if the network does, and takes no memory beyond the arrays that it
    declares: as many as are needed at the same time, and a comment says how large they are.
    Of a table, x are the features: ``features(row, x)`` makes them of the columns, numbers as
    double, categories as text, dates as seconds since 1970. Reading a CSV file is left to the
    caller; ``main`` takes features.

    Args:
        class_names: the labels, if the model does not know them.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer that cannot be written (named, with those that can).
    """
    model.need_built("to_c")
    writer = CWriter(model, about.labels_of(model, class_names))
    storage.write_text(path, _text(writer))


def _text(writer: CWriter) -> str:
    model, labels = writer.model, writer.labels
    count, outputs = prod(model.input_shape or ()), numbers_out(model)
    result = "x"
    for layer in model.layers:
        result = writer.write(layer, result)
    if result in writer.buffers:  # the last one is the caller's y
        del writer.buffers[result]
        writer.steps = [re.sub(rf"\b{result}\b", "y", line) for line in writer.steps]
    else:
        writer.steps.append(f"for (int i = 0; i < {outputs}; i++)\n        y[i] = {result}[i];")
    writer.steps, writer.buffers = share(writer.steps, writer.buffers)
    kind = "float" if model.dtype == np.float32 else "double"
    signature = f"void predict(const real x[{count}], real y[{outputs}])"
    parts = [
        _heading(writer, count),
        "#include <stdio.h>\n#include <string.h>\n"
        "#include <tgmath.h>  /* exp() of float and of double */\n\n"
        f"typedef {kind} real;",
        *(_array(name, array) for name, array in writer.weights.items()),
        *writer.used.values(),
        "\n".join([
            f"/* {counted(outputs, 'output')} for the {counted(count, 'number')} of one sample. */",
            f"{signature};",
            signature,
            "{",
            *(f"    static real {name}[{size}];" for name, size in writer.buffers.items()),
            *(f"    {line}" for line in writer.steps),
            "}",
        ]),
    ]  # fmt: skip
    if labels is not None:
        parts.append(_classify(labels, count, outputs))
    rows = model.table
    if rows is not None:
        parts += [
            row_to_features(rows, quoted),
            answer_for_row(rows, labels is not None, count, outputs),
        ]
    return "\n\n".join([*filter(None, parts), _main(labels is not None, count, outputs)]) + "\n"


def _heading(writer: CWriter, count: int) -> str:
    model = writer.model
    shape = model.input_shape or ()
    lines = [
        f"/* The neural network {words(model.name)}, {sizes(model)}, in C99. Written by glassnet.",
        "",
        "   gcc -std=c99 -O2 FILE.c -lm     with a main; -DNO_MAIN leaves it out",
        f"   ./a.out < samples.txt           {counted(count, 'number')} for each sample",
    ]
    if len(shape) == 3:
        lines += [
            f"   An image: {counted(shape[0], 'row')} of {counted(shape[1], 'pixel')}, row by row; "
            f"{counted(shape[2], 'channel')} for each pixel."
        ]
    lines += ["", *_memory(writer)]
    rows = model.table
    if rows is not None:
        lines += [
            "",
            "   features(row, x) makes x of the columns of the table; to read them from a file is",
            "   the caller's. The features x:",
        ]
        for i, (name, meaning) in enumerate(_meanings(rows)):
            lines.append(f"   x[{i}]  {words(name)}{meaning}")
        if rows.target.task == "regression":
            lines += ["", f"   The value in the units of the table is y[0] * {rows.target.scale!r}"
                      f" + {rows.target.mean!r}."]  # fmt: skip
    return "\n".join(lines) + " */"


def _memory(writer: CWriter) -> list[str]:
    """What the program takes: nothing is allocated while it runs."""
    size = writer.model.dtype.itemsize
    weights = size * sum(array.size for array in writer.weights.values())
    arrays = [f"{name}: {count:,}" for name, count in writer.buffers.items()]
    between = size * sum(writer.buffers.values())
    listed = f" ({', '.join(arrays)} numbers)" if arrays else ""
    return [
        f"   Memory: {weights:,} bytes of weights, which are constant,",
        f"           {between:,} bytes between the layers{listed}.",
    ]


def share(steps: list[str], sizes: dict[str, int]) -> tuple[list[str], dict[str, int]]:
    """Lay arrays that are not needed at the same time into one.

    A number is needed from the step that writes it to the last one that reads it.

    Returns:
        The steps with the names of the shared arrays, and the size of each.

    >>> share(["f(x, h1);", "g(h1, h2);", "f(h2, h3);", "g(h3, y);"], {"h1": 3, "h2": 5, "h3": 4})
    (['f(x, h1);', 'g(h1, h2);', 'f(h2, h1);', 'g(h1, y);'], {'h1': 4, 'h2': 5})
    """
    spans: dict[str, list[int]] = {}
    for at, step in enumerate(steps):
        for name in re.findall(r"\bh\d+\b", step):
            if name in sizes:
                spans.setdefault(name, [at, at])[1] = at
    shared: dict[str, int] = {}
    busy: dict[str, int] = {}  # the last step that needs what lies there now
    place: dict[str, str] = {}
    for name, (first, last) in spans.items():
        free = [there for there, until in busy.items() if until < first]
        large = [there for there in free if shared[there] >= sizes[name]]
        if large:
            chosen = min(large, key=shared.__getitem__)
        elif free:
            chosen = max(free, key=shared.__getitem__)
        else:
            chosen = f"h{len(shared) + 1}"
        shared[chosen] = max(shared.get(chosen, 0), sizes[name])
        busy[chosen], place[name] = last, chosen

    def named(step: str) -> str:
        return re.sub(r"\bh\d+\b", lambda found: place.get(found[0], found[0]), step)

    return [named(step) for step in steps], shared


def _meanings(rows: Any) -> list[tuple[str, str]]:
    """Each feature, and how it is made of its column."""
    found = []
    for column in rows.columns:
        if isinstance(column, NumberColumn):
            found += _number_meaning(column)
        elif isinstance(column, DateColumn):
            found += [said for part in column.parts for said in _number_meaning(part)]
        elif isinstance(column, BooleanColumn):
            found.append((column.name, ": 1 for true, 0 for false"))
        else:
            known = [*column.categories, "(missing)"] if column.missing else column.categories
            found += [(column.name, f": 1 if it is {words(name)}, else 0") for name in known]
    return found


def _number_meaning(column: NumberColumn) -> list[tuple[str, str]]:
    found = [(column.name, f": (value - {column.mean!r}) / {column.scale!r}")]
    return [*found, (column.name, ": 1 if it is missing, else 0")] if column.gap else found


def _array(name: str, array: Any) -> str:
    suffix = "f" if array.dtype == np.float32 else ""
    shape = " * ".join(map(str, array.shape))
    cells = filled([f"{number(v)}{suffix}" for v in array.reshape(-1)], "    ")
    cells[-1] = cells[-1].rstrip(",")
    return "\n".join([f"static const real {name}[{shape}] = {{", *cells, "};"])


def quoted(text: str) -> str:
    """A text as a C string: everything beyond letters and digits in octal.

    >>> quoted('a"?')
    '"a\\\\042\\\\077"'
    """
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,:=()"
    letters = [chr(b) if chr(b) in plain else f"\\{b:03o}" for b in text.encode()]
    return '"' + "".join(letters) + '"'


def _classify(labels: about.Labels, count: int, outputs: int) -> str:
    names = "\n".join(filled([quoted(name) for name in labels.names], "    ")).rstrip(",")
    if outputs == 1:
        body = [f"    return LABELS[y[0] > {real(labels.threshold)}];"]
    else:
        body = [
            "    int best = 0;",
            f"    for (int i = 1; i < {outputs}; i++)",
            "        best = y[i] > y[best] ? i : best;",
            "    return LABELS[best];",
        ]
    signature = f"const char *classify(const real x[{count}])"
    return "\n".join([
        f"static const char *const LABELS[{len(labels.names)}] = {{\n{names}\n}};",
        "",
        "/* The label of the most likely class, from the outputs. */",
        f"static const char *label(const real y[{outputs}])",
        "{",
        *body,
        "}",
        "",
        "/* The label of the most likely class. */",
        f"{signature};",
        signature,
        "{",
        f"    real y[{outputs}];",
        "    predict(x, y);",
        "    return label(y);",
        "}",
    ])  # fmt: skip


def _main(labels: bool, count: int, outputs: int) -> str:
    shown = '        printf(" %s", label(y));\n' if labels else ""
    return f"""#ifndef NO_MAIN
/* Reads samples from standard input, writes a line of outputs for each{
        ", and the label" if labels else ""
    }. */
int main(void)
{{
    static real x[{count}], y[{outputs}];
    double number;
    int have = 0;
    while (scanf("%lf", &number) == 1) {{
        x[have++] = (real)number;
        if (have < {count})
            continue;
        have = 0;
        predict(x, y);
        for (int i = 0; i < {outputs}; i++)
            printf("%s%.9g", i ? " " : "", (double)y[i]);
{shown}        printf("\\n");
    }}
    return have ? 1 : 0;
}}
#endif"""
