"""Reading without trust: bounded bytes, shapes that fit, finite numbers, then a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.errors import FileFormatError, GlassnetError, MissingDependencyError
from glassnet.layers import Layer
from glassnet.layers.formats import Part
from glassnet.model import Sequential

Shape = tuple[int, ...]

MAX_BYTES = 1 << 30  # of a file that is read
MAX_LAYERS = 1000
MAX_SAMPLE = 1 << 24  # numbers in one sample


@contextmanager
def of_file(path: PathLike, *damage: type[Exception]) -> Iterator[None]:
    """Every error from here on names the file, once.

    Args:
        damage: exceptions of the format's own library that mean a damaged file.

    Raises:
        FileFormatError: instead of what was raised.
    """
    try:
        yield
    except MissingDependencyError:
        raise
    except GlassnetError as error:
        text = _sentence(error)
        named = text if text.startswith(f"{path}: ") else f"{path}: {text}"
        raise FileFormatError(named) from None
    except (OverflowError, RecursionError, UnicodeDecodeError, *damage) as error:  # type: ignore[misc]
        told = str(error).strip().partition("\n")[0][:300] or type(error).__name__
        raise FileFormatError(
            f"{path}: is damaged, truncated or of another kind ({told})."
        ) from None


def plain(text: Any, most: int = 60) -> str:
    """A text out of a file for the terminal: nothing that moves its cursor, and not for pages.

    >>> plain("a\x1b[2Jb")
    'a[2Jb'
    """
    return "".join(letter for letter in str(text)[:most] if letter.isprintable())


def _sentence(error: Exception) -> str:
    text = str(error)
    return text if text.endswith(".") else f"{text}."


def read_bytes(path: PathLike, what: str, max_bytes: int = MAX_BYTES) -> bytes:
    """The whole file, if it is there and not larger than ``max_bytes``.

    Raises:
        FileNotFoundError: there is no such file.
        FileFormatError: a folder, empty, or too large.
    """
    place = Path(path)
    if not place.exists():
        raise FileNotFoundError(f"{place}: there is no such {what} file.")
    if not place.is_file():
        raise FileFormatError(f"{place}: is no file; expected a {what} file.")
    with place.open("rb") as file:
        likely = max(place.stat().st_size, 1 << 16)  # read makes room for all that it is asked for
        data = file.read(min(likely, max_bytes) + 1)
    if not data:
        raise FileFormatError(f"{place}: is empty; expected a {what} file.")
    if len(data) > max_bytes:
        raise FileFormatError(
            f"{place}: is larger than {max_bytes:,} bytes. Pass max_bytes= if you trust its size."
        )
    return data


def weight_shapes(parts: Sequence[Part], input_shape: Shape) -> Iterator[tuple[Part, str, Shape]]:
    """Which weights the layers need and of what shape, without making any of them.

    Raises:
        ShapeError: layers that do not fit each other.
        FileFormatError: sizes that cannot be meant.
    """
    if len(parts) > MAX_LAYERS:
        raise FileFormatError(f"it has {len(parts):,} layers; at most {MAX_LAYERS} are read")
    if not parts:
        raise FileFormatError("it has no layers")
    flowing = input_shape
    for part in parts:
        flowing = pass_through(part.layer, flowing)
        for weight in part.layer.weights():
            yield part, weight.name, weight.shape


def pass_through(layer: Layer, shape: Shape) -> Shape:
    """Give the layer its shapes; what comes out of it.

    Raises:
        ShapeError: it does not take samples of ``shape``.
        FileFormatError: samples of a size that cannot be meant.
    """
    _check_sample(shape)
    layer.setup(shape)
    assert layer.output_shape is not None
    _check_sample(layer.output_shape)
    return layer.output_shape


def _check_sample(shape: Shape) -> None:
    if not 0 < prod(shape) <= MAX_SAMPLE:
        raise FileFormatError(f"samples of shape {shape} are not read")


def assemble(
    parts: Sequence[Part], input_shape: Shape, name: str | None = None, dtype: Any = None
) -> Sequential:
    """The network of these layers and weights. Nothing larger than the weights is allocated.

    Args:
        dtype: float32 or float64; by default the widest that the weights have.

    Raises:
        FileFormatError: weights that are missing, of a wrong shape, or not finite.
        ShapeError, ConfigError: layers that do not fit each other.
    """
    found: list[Array] = []
    for part, weight, shape in weight_shapes(parts, input_shape):
        given = part.weights.get(weight)
        if given is None:
            raise FileFormatError(f"{part.layer.title}: its {weight} {shape} is missing")
        check_weight(f"{part.layer.title}: its {weight}", given, shape)
        if weight.endswith("moving_variance") and (given < 0).any():
            raise FileFormatError(f"{part.layer.title}: its {weight} is negative somewhere")
        found.append(given)
    wide = any(array.dtype.itemsize > 4 for array in found)
    model = Sequential(
        [part.layer for part in parts], seed=0, dtype=dtype or ("float64" if wide else "float32"),
        name=name,
    )  # fmt: skip
    model.build(input_shape)
    for layer, part in zip(model.layers, parts):
        put(model, layer.name, part.weights)
    return model


def put(model: Sequential, layer: str, weights: Mapping[str, Array]) -> None:
    """Copy the weights into the places of the layer called ``layer``."""
    for name, array in weights.items():
        model.parameters.view(f"{layer}/{name}")[...] = array


def check_weight(what: str, array: Array, shape: Shape) -> None:
    """Nothing, if ``array`` holds finite floats in this shape.

    Raises:
        FileFormatError: it does not.
    """
    if array.shape != shape:
        raise FileFormatError(f"{what} has shape {array.shape}, but {shape} is needed")
    if array.dtype.kind != "f":
        raise FileFormatError(f"{what} holds {array.dtype}, but floats are needed")
    if not np.isfinite(array).all():
        raise FileFormatError(f"{what} is not finite everywhere (NaN or infinity)")
