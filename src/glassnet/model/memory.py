"""What a network takes of the memory: how many samples at once, and where it cannot be."""

from __future__ import annotations

from math import prod

from glassnet._core.available import SMALL, free_below, gigabytes
from glassnet.diagnosis.examiner import examined
from glassnet.errors import OutOfMemoryError
from glassnet.layers.passes import Passes
from glassnet.layers.walk import outputs_each
from glassnet.model.network import Network

ROWS = 1024  # of a part: enough for BLAS, small enough to stay in the cache
MANY_ROWS = 2**14  # of a part that the network cuts itself
MOST = 2**23  # numbers that the layers' outputs may have for one part: 32 MB of float32


def part_of(model: Network, samples: int, rows: int | None, called: str) -> int:
    """How many samples go through at once: as many as were asked for, or as fit well.

    Raises:
        OutOfMemoryError: not even these fit; it says how many do, and which layer is the largest.
    """
    each, most = model.outputs_each, ROWS
    if model.joined.cuts_rows:
        each, most = model.outputs, MANY_ROWS
    if rows is None:
        rows = max(1, min(most, MOST // max(1, each)))
    if min(rows, samples) * each * model.dtype.itemsize > SMALL:
        _check(model, min(rows, samples), called, each, 0)
    return rows


def check_step(model: Network, rows: int, called: str) -> None:
    """Before training on ``rows`` samples at once.

    Raises:
        OutOfMemoryError: they do not fit; it says how many do, and which layer is the largest.
    """
    _check(model, rows, called, *of_step(model))


def of_step(model: Network) -> tuple[int, int]:
    """The numbers that a step of training keeps for one sample, and those that it keeps anyway.

    Anyway: weights, gradients and what an optimizer keeps; and the samples that the diagnosis looks
    at, layer by layer: what two layers in one pass save is there again for those.
    """
    each, apart = model.joined.numbers_kept(), Passes(model.layers).numbers_kept()
    copy, parameters = prod(model.input_shape or ()), model.parameters.size  # of the batch
    looked_at = examined(model.layers, parameters)
    return each + copy, 4 * parameters + looked_at * max(0, apart - each + copy)


def _check(model: Network, rows: int, called: str, each: int, beside: int) -> None:
    """each: numbers of one sample; beside: those that are there anyway."""
    size = model.dtype.itemsize
    needed = (rows * each + beside) * size
    free = free_below(needed)
    if free is None:
        return
    most = max(0, free - beside * size) // (each * size)
    leaves = [layer for layer in model.all_layers() if not layer.sublayers()]
    largest = max(leaves, key=lambda layer: outputs_each([layer]))
    shape = ", ".join(map(str, ("n", *(largest.output_shape or ()))))
    way = f"Use batch_size={most} or less, or smaller samples" if most else "Use smaller samples"
    what = f"{rows:,} samples at once need" if rows > 1 else "one sample needs"
    raise OutOfMemoryError(
        f"{called}: {what} {gigabytes(needed)}, and {gigabytes(free)} of the memory are free. The "
        f"largest layer is {largest.title}, with outputs of shape ({shape}). {way}, or strides and "
        "pooling earlier."
    )
