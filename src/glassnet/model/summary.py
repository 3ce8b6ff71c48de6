"""The network as a table."""

from __future__ import annotations

import io
import math
from html import escape

from glassnet._core import notebook
from glassnet.layers import Layer, walk
from glassnet.model.trainable import Trainable

HEAD = ("layer", "what it does", "output", "parameters")


def rows(model: Trainable) -> tuple[list[tuple[str, str, str, str]], list[str]]:
    """A row for each layer, under ``HEAD``; and lines: parameters, loss, optimizer."""
    found = []
    total = frozen = kept = 0
    for path, layer in walk(model.layers):
        count = still = 0
        for weight in layer.weights() if model.built else []:
            size = math.prod(weight.shape)
            if not weight.trained:
                kept += size if not layer.sublayers() else 0
                continue
            count += size
            still += 0 if layer.trainable and weight.trainable else size
        if not layer.sublayers():
            total, frozen = total + count, frozen + still
        sizes = layer.output_shape
        shape = "?" if sizes is None else f"(n, {', '.join(map(str, sizes))})"
        amount = f"{count:,}" if count else ""
        found.append(("  " * path.count("/") + layer.name, describe(layer), shape, amount))
    lines = [
        f"parameters: {total:,}"
        + (f", of which {frozen:,} are frozen" if frozen else "")
        + (f"; and {kept:,} running values" if kept else "")
        if model.built
        else "not built yet: the shapes come with the first data"
    ]
    if model.objective is not None:
        lines.append(f"loss: {model.objective.describes}")
        lines.append(f"optimizer: {model.optimizer.name}")
    return found, lines


def text(model: Trainable) -> str:
    """Layers, shapes, parameters; then the loss as it is computed, and the optimizer."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(model.name), title_justify="left")
    for name in HEAD:
        table.add_column(name, justify="right" if name == "parameters" else "left")
    found, lines = rows(model)
    for row in found:
        table.add_row(*map(Text, row))
    out = io.StringIO()
    console = Console(
        file=out, width=100, color_system=None, legacy_windows=False, force_jupyter=False
    )
    console.print(table)
    return out.getvalue() + "\n".join(lines)


def html(model: Trainable) -> str:
    """The same for a notebook."""
    found, lines = rows(model)
    table = notebook.table(HEAD, found, words=(0, 1, 2))
    below = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return notebook.block(f"<h3>{escape(model.name)}</h3>{table}{below}")


def describe(layer: Layer) -> str:
    """One layer in a few words: ``Dense, relu``."""
    config = layer.config()
    words = [type(layer).__name__]
    activation = config.get("activation")
    if activation is not None and activation["name"] != "linear":
        words.append(activation["name"])
    words += [f"{k} {config[k]:.4g}" for k in ("rate", "scale", "momentum") if k in config]
    if config.get("kernel_regularizer"):
        words.append(", ".join(f"{k} {v:g}" for k, v in config["kernel_regularizer"].items()))
    if config.get("max_norm"):
        words.append(f"max-norm {config['max_norm']:g}")
    if not layer.trainable:
        words.append("frozen")
    return ", ".join(words)
