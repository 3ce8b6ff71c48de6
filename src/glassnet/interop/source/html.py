"""A network as one HTML file that needs nothing: to draw in, type a row, move a point."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from importlib import resources
from math import prod
from typing import Any, ClassVar

import numpy as np

from glassnet import texts
from glassnet._core import storage
from glassnet._core.storage import PathLike
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.interop import about, writing
from glassnet.interop.source.html_input import input_of
from glassnet.interop.source.javascript import Translator, UntranslatableError
from glassnet.interop.source.python import PythonWriter
from glassnet.interop.source.text import sizes
from glassnet.layers import Layer
from glassnet.model import Sequential

RUNTIME = "runtime.js"  # before the network
PARTS = ("rows.js", "drawing.js", "views.js", "page.js")  # behind it


class PageWriter(PythonWriter):
    """The steps in Python, to be translated: what a kind says once is read by both."""

    said_by: ClassVar[str] = "a page (HTML)"

    def write(self, layer: Layer, x: str) -> str:
        before = set(self.used)
        y: str = writing.writer(layer, "python", self.said_by)(self, layer, x)
        try:
            names = set(self.weights)
            Translator(names).functions(self.used.values())
        except UntranslatableError as error:
            new = ", ".join(sorted(set(self.used) - before)) or "its formula"
            why = f"{new} has Python that has no translation into JavaScript here: {error}"
            raise writing.cannot(layer, self.said_by, why, writing.supported("python")) from None
        return y


def to_html(
    model: Sequential, path: PathLike, *, class_names: Sequence[str] | None = None,
    input_names: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Write the network as one HTML file that opens in any browser, from a folder, without a
    network.

    Small images are drawn in, of a table a row is typed in, for two numbers a point is moved over
    the map of the answers; the answers are bars, or a value in the units of the table. Its
    JavaScript has each formula of the network as a function, made from the kind's Python, and the
    weights as they are, float32 in base64.

    Args:
        class_names: the labels, if the model does not know them.
        input_names: what the numbers of a sample are called, where no table says it.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer that cannot be written (named, with those that can); not as many
            names as the network has inputs.
    """
    model.need_built("to_html")
    count = prod(model.input_shape or ())
    if input_names is not None and len(input_names) != count:
        raise ConfigError(
            f"input_names has {len(input_names)} names, but there are {count} inputs."
        )
    names = None if input_names is None else list(map(str, input_names))
    storage.write_text(path, text_of(model, about.labels_of(model, class_names), names))


def text_of(model: Sequential, labels: about.Labels | None, names: list[str] | None = None) -> str:
    """The whole file."""
    network = _network(model, labels, names)
    script = "\n\n".join(["'use strict';", _part(RUNTIME), network, *map(_part, PARTS)])
    script = script.replace("</", "<\\/").replace("<!--", "<\\!--")  # it would end here
    style, name = _part("page.css"), html.escape(model.name)
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{name}</title>\n<style>{style}</style>\n</head>\n"
        f'<body>\n<main id="page"><h1>{name}</h1></main>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _digest(text: str) -> str:
    """The source that a policy allows: nothing but this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _part(name: str) -> str:
    return resources.files(__package__).joinpath("page", name).read_text("utf-8").strip()


def _network(model: Sequential, labels: about.Labels | None, names: list[str] | None) -> str:
    """``ABOUT``, ``TEXTS``, the weights, and ``predict(x)`` with all that it calls."""
    writer = PageWriter(model, labels)
    result = "x"
    for layer in model.layers:
        result = writer.write(layer, result)
    steps = "\n".join(f"    {line}" for line in [*writer.steps, f"return {result}"])
    count = prod(model.input_shape or ())
    says = f"{model.outputs} outputs for the {count} numbers of one sample."
    predict = f'def predict(x):\n    """{says}"""\n{steps}'
    functions = Translator(set(writer.weights)).functions([*writer.used.values(), predict])
    weights = [_weights(name, array) for name, array in writer.weights.items()]
    spoken = {code: texts.part("page", code) for code in texts.languages()}
    return "\n\n".join([
        f"// {sizes(model)}. Written by glassnet: the network, then the page around it.",
        f"const ABOUT = {_plain(_about(model, labels, names))};",
        f"const TEXTS = {_plain(spoken)};",
        functions,
        "// ---- the weights",
        *weights,
    ])  # fmt: skip


def _about(
    model: Sequential, labels: about.Labels | None, names: list[str] | None
) -> dict[str, Any]:
    last, rows = model.layers[-1].function, model.table
    target = None
    if rows is not None:
        target = {"name": rows.target.name}
        if rows.target.task == "regression":
            target |= {"mean": float(rows.target.mean), "scale": float(rows.target.scale)}
    return {
        "name": model.name,
        "sizes": sizes(model),
        "parameters": int(model.parameters.size),
        "outputs": prod(model.layers[-1].output_shape or ()),
        "labels": None if labels is None else list(labels.names),
        "threshold": 0.5 if labels is None else float(labels.threshold),
        "probabilities": last is not None and last.gives == "probabilities",
        "target": target,
        "input": input_of(model) | {"names": names},
    }


def _plain(value: Any) -> str:
    """JSON in the letters that end neither a script nor a line of it."""
    text = to_json(value, for_page=True)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _weights(name: str, array: Array) -> str:
    kind = "Float32Array" if array.dtype == np.float32 else "Float64Array"
    raw = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    length = array.shape[-1] if array.ndim > 1 else 0
    return f'const {name} = $numbers("{base64.b64encode(raw).decode()}", {kind}, {length});'
