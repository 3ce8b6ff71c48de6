"""The network as a table."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from html import escape
from typing import Any

from glassnet._core import notebook
from glassnet.layers import Layer, walk
from glassnet.model.trainable import Trainable
from glassnet.texts import word

HEAD = ("layer", "what it does", "output", "parameters", "multiplications")


def rows(model: Trainable) -> tuple[list[tuple[str, ...]], list[str]]:
    """A row for each layer, under ``HEAD``; and lines: parameters, loss, optimizer.

    The multiplications are those of one sample on its way forward; the step that learns makes
    about three times as many: as many again for dL/dW, and for dL/dx.
    """
    found: list[tuple[str, ...]] = []
    total = frozen = kept = work = 0
    alike = _alike(model)
    for path, layer in walk(model.layers):
        count = still = 0
        for weight in layer.weights() if model.built else []:
            size = math.prod(weight.shape)
            if not weight.trained:
                kept += size if not layer.sublayers() else 0
                continue
            count += size
            still += 0 if layer.trainable and weight.trainable else size
        products = layer.multiplications() if model.built else 0
        if not layer.sublayers():
            total, frozen, work = total + count, frozen + still, work + products
        sizes = layer.output_shape
        shape = "?" if sizes is None else f"(n, {', '.join(map(str, sizes))})"
        amounts = (f"{number:,}" if number else "" for number in (count, products))
        name, words = "  " * path.count("/") + layer.name, describe(layer)
        more = alike.get(path, 0)
        if more is None:
            continue
        if more:
            words = word("{words}, and {more} more like it", words=words, more=more)
        found.append((name, words, shape, *amounts))
    lines = [
        word("parameters: {n:,}", n=total)
        + (word(", of which {n:,} are frozen", n=frozen) if frozen else "")
        + (word("; and {n:,} running values", n=kept) if kept else "")
        if model.built
        else word("not built yet: the shapes come with the first data")
    ]
    if model.started_from is not None:
        lines.append(word("kept: {what}", what=model.started_from))
    if work:
        lines.append(word("multiplications: {n:,} for each sample", n=work))
    if model.objective is not None:
        lines.append(word("loss: {name}", name=model.objective.describes))
        lines.append(word("optimizer: {name}", name=model.optimizer.name))
    return found, lines


def _alike(model: Trainable) -> dict[str, int | None]:
    """Of networks side by side: path → how many more are like it; None for those and their layers.

    The numbers of its row are those of one of them.
    """
    found: dict[str, int | None] = {}
    for path, layer in walk(model.layers):
        if layer.wiring != "parallel":
            continue
        first: dict[Any, str] = {}
        for member in layer.sublayers():
            inside = list(walk([member], f"{path}/"))
            looks = tuple((each.name, describe(each), each.output_shape) for _, each in inside[1:])
            if looks in first:
                found[first[looks]] = (found.get(first[looks]) or 0) + 1
                found |= {name: None for name, _ in inside}
            else:
                first[looks] = inside[0][0]
    return found


def text(model: Trainable) -> str:
    """Layers, shapes, parameters; then the loss as it is computed, and the optimizer."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(model.name), title_justify="left")
    for name in HEAD:
        number, words = name in HEAD[3:], name == HEAD[1]
        table.add_column(word(name), justify="right" if number else "left", no_wrap=not words)
    found, lines = rows(model)
    for row in found:
        table.add_row(*map(Text, row))
    out = io.StringIO()
    console = Console(
        file=out, width=110, color_system=None, legacy_windows=False, force_jupyter=False
    )
    console.print(table)
    return out.getvalue() + "\n".join(lines)


def html(model: Trainable) -> str:
    """The same for a notebook."""
    found, lines = rows(model)
    table = notebook.table(tuple(map(word, HEAD)), found, words=(0, 1, 2))
    below = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return notebook.block(f"<h3>{escape(model.name)}</h3>{table}{below}")


def describe(layer: Layer) -> str:
    """One layer in a few words: ``Dense, relu``."""
    config = layer.config()
    words = [type(layer).__name__]
    activation = config.get("activation")
    if activation is not None and activation["name"] != "linear":
        words.append(activation["name"])
    words += _windows(config)
    words += [f"{k} {config[k]:.4g}" for k in ("rate", "scale", "momentum") if k in config]
    words += layer.in_words()
    if config.get("kernel_regularizer"):
        words.append(", ".join(f"{k} {v:g}" for k, v in config["kernel_regularizer"].items()))
    if config.get("max_norm"):
        words.append(f"max-norm {config['max_norm']:g}")
    if not layer.trainable:
        words.append(word("frozen"))
    return ", ".join(words)


def _windows(config: dict[str, Any]) -> Iterator[str]:
    """What moves over an image or a series: ``3×3, strides 2, same``.

    Strides of a kernel are 1 and those of a pool its size, unless they are said.
    """
    size = config.get("kernel_size") or config.get("pool_size") or config.get("size") or []
    if size:
        yield f"{size[0]} steps" if len(size) == 1 else "×".join(map(str, size))
    ones = [1] * len(size)
    usual = {"strides": config.get("pool_size", ones), "dilation_rate": ones}
    for name, said in (("strides", "strides"), ("dilation_rate", "dilation")):
        value = config.get(name, usual[name])
        if value != usual[name]:
            yield f"{said} {'×'.join(map(str, value if len(set(value)) > 1 else value[:1]))}"
    if config.get("groups", 1) > 1:
        yield f"{config['groups']} groups"
    padding = config.get("padding")
    if padding == "same":
        yield "same"
    elif isinstance(padding, list):  # zeros on each side
        sides = dict(zip(("top", "bottom", "left", "right"), (n for axis in padding for n in axis)))
        every = set(sides.values())
        yield str(*every) if len(every) == 1 else " ".join(f"{k} {n}" for k, n in sides.items())
