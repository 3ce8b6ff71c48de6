"""One unit of a layer: the sum that made it, the window that it reads, the pixels that it sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.formula import factor_text, number_text
from glassnet._core.types import Array
from glassnet.explain import Record
from glassnet.lab.rooms.convolution.subject import Subject, computes
from glassnet.layers import Layer
from glassnet.layers.windows import Place, read_by
from glassnet.vision import receptive_field

WRITTEN = 25  # products that a sum is written out with; of more the sums of the channels
MOST_CHANNELS = 64  # of a window
MOST_WINNERS = 3000


def look(subject: Subject, name: str, number: int) -> dict[str, Any]:
    """Unit ``number`` (counted through the layer's output) of the layer called ``name``."""
    records = subject.records()
    record = records[name]
    shape = record["y"].shape[1:]
    at = tuple(int(i) for i in np.unravel_index(min(number, record["y"][0].size - 1), shape))
    index = (0, *at)
    written = record.equations.derivations()
    lines = [
        written[quantity](index, float(record[quantity][index])).equation
        for quantity in _made(record) if quantity in written
    ]  # fmt: skip
    found: dict[str, Any] = {
        "layer": name,
        "kind": record.layer.kind,
        "number": int(np.ravel_multi_index(at, shape)),
        "at": list(at),
        "value": float(record["y"][index]),
        "lines": [line.with_numbers for line in lines],
        "fields": seen(subject, name, at),
        "winners": winners(subject, records, name, at),
    }
    windows = getattr(record.layer, "windows", ())
    if len(windows) == 2:
        found |= _window(record, at)
    return found


def _made(record: Record) -> tuple[str, ...]:
    """The quantities that lead to a unit's output: without a function y is z."""
    if record.layer.function is None:
        return ("y",)
    return ("z",) if record.layer.function == activations.linear else ("z", "y")


# ---- the window ------------------------------------------------------------------------------


def _window(record: Record, at: Place) -> dict[str, Any]:
    """The numbers that a window reads, channel by channel, and what becomes of them."""
    layer: Any = record.layer
    *window, f = at
    there = list(read_by(layer.windows, tuple(window)))
    size = tuple(axis.size for axis in layer.windows)
    padding = [list(place) for place, inside in there if inside is None]
    places = [None if inside is None else list(inside) for _, inside in there]
    W = record.arrays.get("W")
    first, depth = f, 1  # pooling reads its own channel
    if W is not None:
        depth = W.shape[2]
        first = f // (layer.filters // layer.groups) * depth
    numbers = np.zeros((*size, depth))
    for place, inside in there:
        if inside is not None:
            numbers[place] = record["x"][(0, *inside)][first : first + depth]
    found: dict[str, Any] = {"padding": padding, "places": places, "size": list(size)}
    if W is None:
        won = record["winner"][(0, *at)] if "winner" in record else None
        winner = None if won is None else [int(i) for i in np.unravel_index(int(won), size)]
        return found | {"channels": [{"channel": f, "window": numbers[..., 0].tolist()}],
                        "winner": winner}  # fmt: skip
    kernel = W[..., f].astype(np.float64)
    products = numbers * kernel
    sums = products.sum(axis=(0, 1))
    bias = float(record["b"][f]) if "b" in record else 0.0
    return found | {
        "channels": [
            {"channel": first + c, "window": numbers[..., c].tolist(),
             "kernel": kernel[..., c].tolist(), "products": products[..., c].tolist(),
             "sum": float(sums[c]), "sum_text": number_text(float(sums[c]))}
            for c in range(min(depth, MOST_CHANNELS))
        ],
        "more": max(0, depth - MOST_CHANNELS),
        "bias": bias,
        "z": float(record["z"][(0, *at)]),
        "sum": written_out(numbers, kernel, sums, bias, float(record["z"][(0, *at)])),
    }  # fmt: skip


def written_out(numbers: Array, kernel: Array, sums: Array, bias: float, z: float) -> str:
    """x·w + x·w + … + b = z, with the numbers; of many channels their sums.

    >>> written_out(np.array([[[1.0]]]), np.array([[[-2.0]]]), np.array([-2.0]), 0.5, -1.5)
    '1·(-2) + 0.5 = -1.5'
    """
    if numbers.size <= WRITTEN:
        parts = [
            f"{factor_text(float(x))}·{factor_text(float(w))}"
            for x, w in zip(numbers.ravel(), kernel.ravel(), strict=True)
        ]
    else:
        parts = [factor_text(float(s)) for s in sums]
    if bias:
        parts.append(factor_text(bias))
    return f"{' + '.join(parts)} = {number_text(z)}"


# ---- what it sees ----------------------------------------------------------------------------


def seen(subject: Subject, name: str, at: Place) -> list[dict[str, Any]]:
    """Of the picture and of each layer below: the box of places that can change the unit.

    ``channels``: those of them that it reads; None: all.
    """
    model, side = subject.model, subject.picture.shape
    field = receptive_field(model, name, at, image_shape=side)
    boxes = [{"layer": "", "box": list(field.box), "channels": None}]
    for layer in below(subject, name):
        if len(layer.output_shape or ()) != 3:
            continue
        field = receptive_field(model, name, at, image_shape=side, below=layer.name)
        whole = layer.output_shape is not None and len(field.channels) == layer.output_shape[2]
        channels = None if whole else field.channels.tolist()
        boxes.append({"layer": layer.name, "box": list(field.box), "channels": channels})
    return boxes


def below(subject: Subject, name: str) -> list[Layer]:
    """The shown layers below one."""
    found: list[Layer] = []
    for layer in subject.model.layers:
        if layer.name == name:
            return found
        if computes(layer):
            found.append(layer)
    return found


def winners(
    subject: Subject, records: dict[str, Record], name: str, at: Place
) -> list[dict[str, Any]]:
    """Where the poolings that lead to the unit found their largest numbers.

    For each of them the layer below, and (row, column, channel) of each winner in it.
    """
    layers = below(subject, name)
    found = []
    before = ""
    for layer in [*layers, records[name].layer]:
        record = records[layer.name]
        if "winner" in record and len(record["winner"].shape) == 4:
            places = _winners(subject, record, name, at)
            found.append({"layer": before, "places": places})
        before = layer.name
    return found


def _winners(subject: Subject, record: Record, name: str, at: Place) -> list[list[int]]:
    layer: Any = record.layer
    if record.name == name:
        rows, columns, channels = ([i] for i in at)
    else:
        shape = subject.picture.shape
        field = receptive_field(subject.model, name, at, image_shape=shape, below=record.name)
        rows, columns = field.rows.tolist(), field.columns.tolist()
        channels = field.channels.tolist()
    down, across = layer.windows
    places = []
    for r in rows:
        for c in columns:
            for k in channels:
                a, b = divmod(int(record["winner"][0, r, c, k]), across.size)
                places.append([down.place(r, a), across.place(c, b), k])
                if len(places) == MOST_WINNERS:
                    return places
    return places
