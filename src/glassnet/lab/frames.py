"""The binary frame: everything on the page that moves.

    header   4 bytes  "GLF1"
             u32      number of sections
    section  u8       name, a number of ``SECTIONS``
             u8       type: 0 = uint8, 1 = float32, 2 = float64
             u8       number of dimensions, 1 to 3
             u8       0
             u32 × 3  the sizes; those not used are 1
             data     in C order, little-endian, padded with zeros to a multiple of 8 bytes

Header and sections are multiples of 8 bytes, so that the page reads each section in place.

Sections:
    status   float64 (len(STATUS),): the numbers of ``STATUS``
    units    uint8 (units, 25, 25): each unit's output over the plane; 128 is 0, 1 and 255
             are ∓ its scale.  The units lie in the order of the page: inputs first.
    scales   float32 (units,): the largest |output| of each unit over the plane
    map      uint8 (2, 100, 100): the class of each cell and how sure it is (0 … 255);
             or (1, 100, 100): the value, 128 is 0
    line     float32 (cells,): the output over the one input, for a network with one input
    weights  float32 (parameters,): those of the units that are drawn, as the structure lays
             them out
    dead     uint8 (units,): 1 where a unit gives 0 for every training sample
    curves   float32 (5, points): epoch, loss, test loss, accuracy, test accuracy
    matrix   float32 (2, classes, classes): counts by true class (row) and predicted class
             (column), of the training and of the test part
    values   float32 (layers, 2, 31): histograms of the activations and of the gradients
    ranges   float32 (layers, 2): what the end of each histogram's axis stands for

Of two networks that are compared, of the other one at the epoch that is shown:
    other_map, other_line, other_curves  as above
    other_status float64 (5,): epoch, loss, test loss, accuracy, test accuracy

Of the room Convolution, whose layers and their shapes the question ``scene`` tells:
    picture  uint8 (side, side): 0 is paper, 255 ink
    maps     uint8 (numbers,): what each layer gives, one layer after the other; in each the
             channels one after the other, row by row; 128 is 0, 1 and 255 are ∓ its scale
    map_scales float32 (layers,): the largest |output| of each layer
    numbers  float32 (numbers,): the same outputs, not rounded
    kernels  uint8 (filters, rows, columns): those of the first convolution, on one scale
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np

from glassnet._core.types import Array

MAGIC = b"GLF1"

# A room of its own adds its sections at the end.
SECTIONS = (
    "status", "units", "scales", "map", "line", "weights", "dead", "curves", "matrix", "values",
    "ranges",
    "picture", "maps", "map_scales", "numbers", "kernels",
    "other_map", "other_line", "other_curves", "other_status",
)  # fmt: skip

STATUS = (
    "epoch", "batch", "steps", "loss", "test_loss", "accuracy", "test_accuracy", "batch_loss",
    "epoch_seconds", "learning_rate", "playing", "version",
    "looking", "kept_from", "kept_every", "end",
)  # fmt: skip

TYPES = (np.dtype("<u1"), np.dtype("<f4"), np.dtype("<f8"))


def pack(sections: Mapping[str, Array]) -> bytes:
    """The frame of some sections, by name."""
    parts = [MAGIC, struct.pack("<I", len(sections))]
    for name, array in sections.items():
        kind = TYPES.index(array.dtype)
        sizes = (*array.shape, 1, 1, 1)[:3]
        data = np.ascontiguousarray(array).tobytes()
        parts.append(struct.pack("<BBBBIII", SECTIONS.index(name), kind, array.ndim, 0, *sizes))
        parts.append(data + bytes(-len(data) % 8))
    return b"".join(parts)


def unpack(frame: bytes) -> dict[str, Array]:
    """The sections of a frame, by name; what the page does, for tests and tools.

    Raises:
        ValueError: not a frame, or a truncated one.
    """
    if frame[:4] != MAGIC:
        raise ValueError("this is not a frame of the lab")
    if len(frame) < 8:
        raise ValueError("the frame is truncated")
    (count,) = struct.unpack_from("<I", frame, 4)
    sections: dict[str, Array] = {}
    place = 8
    for _ in range(count):
        if len(frame) < place + 16:
            raise ValueError("the frame is truncated")
        name, kind, dimensions, _, *sizes = struct.unpack_from("<BBBBIII", frame, place)
        place += 16
        shape = tuple(sizes[:dimensions])
        length = int(np.prod(shape))
        if place + length * TYPES[kind].itemsize > len(frame):
            raise ValueError("the frame is truncated")
        flat = np.frombuffer(frame, TYPES[kind], length, place)
        sections[SECTIONS[name]] = flat.reshape(shape)
        place += length * TYPES[kind].itemsize + -(length * TYPES[kind].itemsize) % 8
    return sections


def signed_bytes(values: Array, scale: Array | float) -> Array:
    """``values`` on the scale ∓ ``scale`` as bytes 1 … 255, 0 at 128."""
    with np.errstate(all="ignore"):
        share = known(values / scale)
        np.clip(share, -1.0, 1.0, out=share)
        share *= 127.0
        share += 128.0
        return np.rint(share, out=share).astype(np.uint8)


def known(values: Array) -> Array:
    """The same array, with 0 in place of NaN."""
    if np.isnan(values.sum()):  # or of ∞ - ∞, which does no harm
        values[np.isnan(values)] = 0.0
    return values
