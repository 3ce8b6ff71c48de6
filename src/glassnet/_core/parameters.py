"""The parameters of a network: one flat vector of values, one of gradients, named views.

Every weight of a network lies in one 1-D array, every derivative in a second one of the
same length.  The ``W`` of a layer is a view: a window on a stretch of that vector, with a
shape.  So an optimizer is a few lines on two vectors, a gradient check is a loop over one
of them, and a checkpoint is one array.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from glassnet._core.attributes import Declared, write_into
from glassnet._core.available import free_below, gigabytes
from glassnet._core.finite import surely_finite
from glassnet._core.memory import vector
from glassnet._core.registry import lookup
from glassnet._core.types import Array
from glassnet.errors import ConfigError, OutOfMemoryError, ShapeError

Initializer = Callable[[tuple[int, ...], np.random.Generator, Any], Array]


@dataclass(frozen=True)
class Weight:
    """What a layer asks for: a name, a shape, the values to begin with.

    ``trained`` is False for numbers that the layer keeps for itself, such as the running
    mean of a batch normalization; they lie in a vector of their own.
    """

    name: str
    shape: tuple[int, ...]
    initializer: Initializer
    trained: bool = True
    trainable: bool = True  # False: frozen by the user, the optimizer leaves it alone


class Parameters(Declared):
    """The flat vectors and the names of their stretches.

    Attributes:
        values: (n,) every trained number of the network.
        gradients: (n,) dL/dvalues, written by the backward pass.
        state: (m,) what the layers keep beside it: running means and variances.
        slices: where each name lies in ``values``, for example ``{"dense/W": slice(0, 8)}``.
        shapes: the shape of each name.
        runs: the stretches of ``values`` that the optimizer may change; None: all of it.

    Setting ``values``, ``gradients`` or ``state`` copies into the vector, and so does
    ``parameters["dense/W"] = …``.
    """

    _fixed: ClassVar[Mapping[str, str]] = {
        "dtype": "model.copy(dtype) is a network of another type",
        "slices": "the layers say which weights there are",
        "state_slices": "the layers say which weights there are",
        "shapes": "the layers say which weights there are",
        "runs": "train_only(names) sets it",
    }
    _watcher: Callable[[], Callable[[], None] | None] | None = None

    def __init__(
        self,
        weights: Sequence[Weight],
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.dtype = float_type(dtype)
        trained = [w for w in weights if w.trained]
        kept = [w for w in weights if not w.trained]
        self.slices, size = _lay_out(trained)
        self.state_slices, state_size = _lay_out(kept)
        self.shapes = {w.name: w.shape for w in weights}
        self._check_room(size)
        self.values = vector(size, self.dtype, lane=0)
        self.gradients = vector(size, self.dtype, lane=1)
        self.state = np.zeros(state_size, self.dtype)
        self.runs: list[slice] | None = None
        self.train_only([w.name for w in trained if w.trainable])
        for weight in weights:
            self.view(weight.name)[...] = weight.initializer(weight.shape, rng, self.dtype)

    def _check_room(self, size: int) -> None:
        """Raises OutOfMemoryError where the memory cannot hold weights, gradients and a draw."""
        sizes = {name: prod(shape) for name, shape in self.shapes.items()}
        largest = max(sizes, key=lambda name: sizes[name], default="")
        needed = 2 * size * self.dtype.itemsize + 8 * sizes.get(largest, 0)
        free = free_below(needed)
        if free is not None:
            raise OutOfMemoryError(
                f"the weights and their gradients need {gigabytes(needed)}, and {gigabytes(free)} "
                f"of the memory are free. The largest is {largest}, of shape "
                f"{self.shapes[largest]}. Use smaller samples, fewer units, or pooling and strides "
                "before Flatten."
            )

    def __getitem__(self, name: str) -> Array:
        """The values called ``name``: :meth:`view`."""
        return self.view(name)

    def __setitem__(self, name: str, values: ArrayLike) -> None:
        write_into(self.view(name), values, name)

    def __len__(self) -> int:
        return len(self.slices)

    def __iter__(self) -> Iterator[str]:
        return iter(self.slices)

    def _set_values(self, values: ArrayLike) -> None:
        write_into(self.values, values, "parameters.values")

    def _set_gradients(self, gradients: ArrayLike) -> None:
        write_into(self.gradients, gradients, "parameters.gradients")

    def _set_state(self, state: ArrayLike) -> None:
        write_into(self.state, state, "parameters.state")

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a method of their network when a setting of one of its layers changes."""
        self._watcher = weakref.WeakMethod(watcher)

    def notify(self) -> None:
        """A layer over these parameters has another setting."""
        watcher = self._watcher and self._watcher()
        if watcher:
            watcher()

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "_watcher"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for lane, name in enumerate(("values", "gradients")):  # a copy lies anywhere
            copied = self.__dict__[name]
            self.__dict__[name] = vector(copied.size, self.dtype, lane)
            self.__dict__[name][...] = copied

    @property
    def names(self) -> list[str]:
        """The names of the trained parameters, in the order in which they lie."""
        return list(self.slices)

    @property
    def size(self) -> int:
        """How many trained numbers there are."""
        return self.values.size

    def view(self, name: str) -> Array:
        """The values called ``name``, as a window with its shape: writing changes the network."""
        if name in self.state_slices:
            return self.state[self.state_slices[name]].reshape(self.shapes[name])
        return self.values[lookup("parameter", self.slices, name)].reshape(self.shapes[name])

    def gradient(self, name: str) -> Array:
        """dL/d(name), as a window on ``gradients`` with the shape of the parameter."""
        return self.gradients[lookup("parameter", self.slices, name)].reshape(self.shapes[name])

    def train_only(self, names: Sequence[str]) -> None:
        """Let the optimizer change these parameters and leave the others as they are."""
        chosen = set(names)
        runs = _join(place for name, place in self.slices.items() if name in chosen)
        self.runs = None if runs == [slice(0, self.size)] else runs

    def name_of(self, index: int) -> str:
        """Which number ``values[index]`` is.

        >>> from glassnet.initializers import get
        >>> W, b = Weight("dense/W", (2, 3), get("zeros")), Weight("dense/b", (3,), get("zeros"))
        >>> Parameters([W, b], np.random.default_rng(0)).name_of(4)
        'dense/W[1, 1]'
        """
        for name, place in self.slices.items():
            if place.start <= index < place.stop:
                where = np.unravel_index(index - place.start, self.shapes[name])
                return f"{name}[{', '.join(str(int(i)) for i in where)}]"
        raise ShapeError(f"parameter {index}: this network has {self.size}, numbered from 0")

    def first_not_finite(self) -> str:
        """The first parameter or kept number that is NaN or infinite; empty if none is."""
        if surely_finite(self.values) and surely_finite(self.state):
            return ""
        with np.errstate(invalid="ignore"):
            ends = [end(v) for v in (self.values, self.state) if v.size for end in (np.min, np.max)]
        if np.isfinite(ends).all():  # of a vector with NaN both ends are NaN
            return ""
        names = [*self.slices, *self.state_slices]
        return next(name for name in names if not np.isfinite(self.view(name)).all())

    def tensors(self) -> dict[str, Array]:
        """Every parameter and every kept number by name (copies)."""
        return {name: self.view(name).copy() for name in [*self.slices, *self.state_slices]}


def float_type(dtype: DTypeLike) -> np.dtype[Any]:
    """``dtype`` if it is one of the two that networks compute in.

    Raises:
        ConfigError: neither float32 nor float64.
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found is None or found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ConfigError(f"dtype {dtype!r}: a network computes in 'float32' or 'float64'.")
    return found


def _lay_out(weights: Sequence[Weight]) -> tuple[dict[str, slice], int]:
    slices: dict[str, slice] = {}
    start = 0
    for weight in weights:
        if weight.name in slices:
            raise ConfigError(f"two parameters are called {weight.name!r}: name the layers apart.")
        stop = start + prod(weight.shape)
        slices[weight.name] = slice(start, stop)
        start = stop
    return slices, start


def _join(slices: Any) -> list[slice]:
    """Neighbouring stretches as one."""
    runs: list[slice] = []
    for piece in slices:
        if runs and runs[-1].stop == piece.start:
            runs[-1] = slice(runs[-1].start, piece.stop)
        else:
            runs.append(piece)
    return runs
