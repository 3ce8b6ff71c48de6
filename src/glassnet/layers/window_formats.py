"""Windows in ONNX: paddings of any size at both ends, and rounding up.

Conv, MaxPool and AveragePool have the same settings there, and are written and read alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glassnet._core.formats import OnnxNodes
from glassnet.errors import FileFormatError
from glassnet.layers.windows import Windows, word_for

AUTO = (b"NOTSET", b"VALID", b"SAME_UPPER", b"SAME_LOWER")


def pads(windows: Sequence[Windows]) -> list[int]:
    """ONNX's pads: before the first place along each axis, then behind the last."""
    return [side for sides in zip(*(axis.padding for axis in windows)) for side in sides]


@dataclass(frozen=True)
class OnnxWindows:
    """The windows of a node.

    Attributes:
        axes: along each axis, without padding.
        before, after: the padding that the node states or asks for.
        counts: how many windows there are.
        rounded_up: whether one of them reaches past the padding.
    """

    axes: tuple[Windows, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    counts: tuple[int, ...]
    rounded_up: bool

    @property
    def padding(self) -> str | None:
        """The word that means these windows here; None if there is none.

        Where a window begins and how many there are is all that counts: what it reads behind
        the end is the same zeros, or the same nothing.
        """
        lengths, sizes, strides, dilations = zip(
            *((a.length, a.size, a.stride, a.dilation) for a in self.axes)
        )
        return word_for(lengths, sizes, strides, dilations, self.before, self.counts)

    @property
    def zeros(self) -> tuple[tuple[int, int], ...]:
        """What stands before and behind when the padding is made first: as far as it is read."""
        return tuple(
            (before, max((count - 1) * axis.stride + axis.span - axis.length - before, 0))
            for axis, before, count in zip(self.axes, self.before, self.counts)
        )


def read_windows(
    nodes: OnnxNodes, node: Any, size: Sequence[int], settings: dict[str, Any]
) -> OnnxWindows:
    """The windows of a Conv, MaxPool or AveragePool over images with channels first.

    Raises:
        FileFormatError: settings that do not fit each other or the images.
    """
    rank, lengths = len(size), nodes.shape[:-1]
    strides = list(settings.get("strides", [1] * rank))
    dilation = list(settings.get("dilations", [1] * rank))
    sides = list(settings.get("pads", [0] * 2 * rank))
    fits = len(strides) == len(dilation) == len(lengths) == rank and len(sides) == 2 * rank
    if not fits or min([*size, *strides, *dilation]) < 1 or min(sides) < 0:
        raise FileFormatError(
            f"{nodes.of(node)} has windows of {list(size)[:4]} with strides {strides[:4]}, "
            f"dilations {dilation[:4]} and pads {sides[:8]}, over images of {list(lengths)[:4]}"
        )
    axes = tuple(map(Windows, lengths, size, strides, dilation))
    auto = settings.get("auto_pad", b"NOTSET")
    before, after, counts = list(sides[:rank]), list(sides[rank:]), list[int]()
    rounded_up = False
    for i, axis in enumerate(axes):
        if auto != b"NOTSET":
            before[i], after[i] = _asked_for(axis, auto)
        free = axis.length + before[i] + after[i] - axis.span
        count = free // axis.stride + 1
        if settings.get("ceil_mode") and free % axis.stride and auto == b"NOTSET":
            rounded_up = True
            count += 1
            if (count - 1) * axis.stride >= axis.length + before[i]:
                raise FileFormatError(
                    f"{nodes.of(node)} has ceil_mode = 1, with a last window that begins behind "
                    "the image: some programs count it and others do not"
                )
        if count < 1:
            raise FileFormatError(
                f"{nodes.of(node)}: its window of {axis.span} is larger than its input of "
                f"{axis.length}"
            )
        counts.append(count)
    return OnnxWindows(axes, tuple(before), tuple(after), tuple(counts), rounded_up)


def _asked_for(axis: Windows, auto: bytes) -> tuple[int, int]:
    """SAME_UPPER is our "same"; SAME_LOWER puts what is uneven before."""
    if auto == b"VALID":
        return 0, 0
    same = Windows(axis.length, axis.size, axis.stride, axis.dilation, same=True).padding
    return same if auto == b"SAME_UPPER" else (same[1], same[0])
