"""What the frames show of a network: maps, histograms, the confusion matrix, dead units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet import Sequential
from glassnet import activations as functions
from glassnet._core.types import Array
from glassnet.lab.frames import known, signed_bytes
from glassnet.lab.session.building import Block
from glassnet.lab.session.plane import LARGE, SMALL, Plane
from glassnet.lab.session.samples import Samples
from glassnet.model.evaluation import predictions

BINS = 31
MOST_INPUTS = 10  # more are not drawn one by one
ROWS = 2000  # that go through the network at once
LOOKED_AT = 500  # training samples for histograms


def unit_maps(
    model: Sequential, blocks: Sequence[Block], plane: Plane, chosen: Sequence[str]
) -> tuple[Array, Array]:
    """Each drawn unit's output over the plane as bytes (units, 25, 25), and the scales (units,)."""
    x = plane.inputs(SMALL, chosen)
    columns = [x] if x.shape[1] <= MOST_INPUTS else []
    columns += [y[:, : b.drawn] for b, y in zip(blocks, outputs(model, blocks, x), strict=True)]
    all_units = np.concatenate(columns, axis=1).T  # (units, cells)
    scales = np.abs(all_units).max(axis=1)
    scales[~(scales > 0)] = 1.0
    if blocks[-1].activation in ("sigmoid", "softmax"):  # a probability: its colour is the class's
        scales[-blocks[-1].drawn :] = 1.0
    maps = signed_bytes(all_units, scales[:, None])
    if plane.kind == "line":  # one input: the same from top to bottom
        maps = np.repeat(maps[:, None, :], SMALL, axis=1)
    return maps.reshape(-1, SMALL, SMALL), scales.astype(np.float32)


def outputs(model: Sequential, blocks: Sequence[Block], x: Array) -> list[Array]:
    """What each column of units gives for the inputs ``x``."""
    last = {block.last for block in blocks}
    results = []
    with np.errstate(all="ignore"):
        for i, layer in enumerate(model.layers):
            x = layer.forward(x)
            if i in last:
                results.append(x)
    return results


def own_outputs(model: Sequential, blocks: Sequence[Block], x: Array) -> list[Array]:
    """The same without what a skip adds: of y = x + F(x) only F(x)."""
    results = outputs(model, blocks, x)
    with np.errstate(all="ignore"):
        for column, block in reversed(list(enumerate(blocks))):
            if block.skip:  # from the last, so that each reads the whole output below it
                own = results[column - 1] if column else x
                for layer in model.layers[block.last].sublayers():
                    own = layer.forward(own)
                results[column] = own
    return results


def large_map(
    model: Sequential, plane: Plane, samples: Samples, chosen: Sequence[str], cells: int = LARGE
) -> Array:
    """The decision (2, cells, cells), class and certainty, or the value (1, …), as bytes."""
    # Arrays for all the cells at once would come from the system again in each frame, page by
    # page (six layers of 16: 4.8 ms for a frame instead of 2.1).
    with np.errstate(all="ignore"):
        y = predictions(model, plane.inputs(cells, chosen), ROWS, checked=True)
    if samples.regression:
        return signed_bytes(y[:, 0], value_scale(samples)).reshape(1, cells, cells)
    classes, sure = decide(model, y)
    found = np.empty((2, len(y)), np.uint8)
    found[0] = classes
    found[1] = np.rint(known(sure) * 255)
    return found.reshape(2, cells, cells)


def line(model: Sequential, plane: Plane) -> Array:
    """The output over one input, (cells,)."""
    with np.errstate(all="ignore"):
        y: Array = model.forward(plane.grid(LARGE).astype(np.float32))[:, 0]
    return y.astype(np.float32)


def decide(model: Sequential, y: Array) -> tuple[Array, Array]:
    """The class of each row of outputs, and how sure it is: 0 at the border, 1 at most."""
    margins = model.loss.target == "signs"
    with np.errstate(all="ignore"):
        if y.shape[1] == 1:
            p = y[:, 0] if margins else 2 * y[:, 0] - 1  # -1 … 1
            return (p > 0).astype(np.int64), np.clip(np.abs(p), 0, 1)
        best, first, second = two_best(y)
        lead = first - second
        return best, np.clip(lead / 2 if margins else lead, 0, 1)


def two_best(y: Array) -> tuple[Array, Array, Array]:
    """The place of the largest number of each row, that number, and the second (10,000×3: sorting
    the rows took six times as long)."""
    columns = np.ascontiguousarray(y.T)
    best = np.zeros(len(y), np.int64)
    first, second = columns[0], np.full(len(y), -np.inf, y.dtype)
    for k, column in enumerate(columns[1:], 1):
        ahead = column > first
        best[ahead] = k
        second = np.maximum(second, np.minimum(first, column))
        first = np.maximum(first, column)
    return best, first, second


def value_scale(samples: Samples) -> float:
    """What full colour stands for in a map of values."""
    return float(np.abs(samples.y).max()) or 1.0


def dead_units(model: Sequential, blocks: Sequence[Block], x: Array, inputs: int) -> Array:
    """1 for each drawn unit that gives 0 for every sample of ``x``, skips not counted."""
    drawn = inputs if inputs <= MOST_INPUTS else 0
    dies = [functions.get(block.activation).dies for block in blocks]
    dead = np.zeros(drawn, bool)
    if not any(dies):
        return np.zeros(drawn + sum(block.drawn for block in blocks), np.uint8)
    for start in range(0, len(x), LOOKED_AT):  # the first rows as a rule leave no doubt
        flags = [np.zeros(drawn, bool)]
        outputs_ = own_outputs(model, blocks, x[start : start + LOOKED_AT])
        for block, y, silent in zip(blocks, outputs_, dies, strict=True):
            y = y[:, : block.drawn]
            flags.append(~(y != 0).any(axis=0) if silent else np.zeros(y.shape[1], bool))
        part = np.concatenate(flags)
        dead = part if start == 0 else dead & part
        if not dead.any():
            break
    return dead.astype(np.uint8)


def histograms(
    model: Sequential, blocks: Sequence[Block], x: Array, y: Array
) -> tuple[Array, Array]:
    """Of each layer's activations and weight gradients: (layers, 2, bins), (layers, 2) ranges."""
    rows = slice(0, LOOKED_AT)
    counts = np.zeros((len(blocks), 2, BINS), np.float32)
    ranges = np.zeros((len(blocks), 2), np.float32)
    activations = outputs(model, blocks, x[rows])
    with np.errstate(all="ignore"):
        before = model.parameters.gradients.copy()
        model.loss_and_gradient(x[rows], y[rows])
        gradients = [model.parameters.gradient(f"{block.name}/W").copy() for block in blocks]
        model.parameters.gradients[...] = before
    for i, pair in enumerate(zip(activations, gradients, strict=True)):
        for j, array in enumerate(pair):
            counts[i, j], ranges[i, j] = histogram(array)
    return counts, ranges


def histogram(array: Array) -> tuple[Array, float]:
    """How many values fall into each of the ``BINS`` from -r to r, and r."""
    values = array[np.isfinite(array)].astype(np.float64)
    largest = float(np.abs(values).max()) if values.size else 0.0
    if not largest > 0:
        largest = 1.0
    return np.histogram(values, BINS, (-largest, largest))[0].astype(np.float32), largest


def confusion(model: Sequential, samples: Samples, x: Array, x_test: Array) -> Array:
    """Counts by true class (row) and predicted class (column), (2, k, k): training, test."""
    k = len(samples.classes)
    counts = np.zeros((2, k, k), np.float32)
    for i, (inputs, truth) in enumerate(((x, samples.y), (x_test, samples.y_test))):
        with np.errstate(all="ignore"):
            guess = decide(model, model.predict(inputs))[0]
        np.add.at(counts[i], (truth, guess), 1)
    return counts
