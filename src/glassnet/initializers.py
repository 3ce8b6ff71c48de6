"""First weights: random numbers of the right spread, so that signals neither die nor explode.

``init(shape, rng, dtype)`` draws float64 numbers from the generator and rounds them, so a seed
gives the same network in float32 and in float64. Formulas and defaults are those of Keras 3.
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from glassnet._core import custom
from glassnet._core.registry import lookup
from glassnet._core.settings import number, refuse_unknown
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError

__all__ = [
    "Initializer",
    "Zeros",
    "Ones",
    "Constant",
    "RandomNormal",
    "RandomUniform",
    "VarianceScaling",
    "GlorotUniform",
    "GlorotNormal",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "Orthogonal",
    "FunctionInitializer",
    "fans",
    "get",
]

Generator = np.random.Generator

# The standard deviation of a standard normal cut at ±2.
TRUNCATED = 0.87962566103423978


class Initializer(ABC):
    """A rule for first weights."""

    name: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()  # what it is called elsewhere

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{self.name}: {name} cannot be set: make another initializer.")

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        custom.state_name(cls, "initializer")

    def __call__(
        self, shape: Sequence[int], rng: Generator, dtype: DTypeLike = np.float32
    ) -> Array:
        """An array of ``shape``, drawn from ``rng``."""
        return self._draw(tuple(shape), rng).astype(dtype)

    @abstractmethod
    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array: ...

    def _float(self, setting: str, **ends: float) -> None:
        """Check a setting, and keep it as a plain float."""
        x = number(self.name, setting, getattr(self, setting), **ends)
        object.__setattr__(self, setting, x)

    def get_config(self) -> dict[str, Any]:
        """The name and the settings, as plain JSON."""
        return {"name": self.name, **custom.fields_of(self)}


@dataclass(frozen=True)
class Zeros(Initializer):
    """All 0."""

    name: ClassVar[str] = "zeros"

    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array:
        return np.zeros(shape)


@dataclass(frozen=True)
class Ones(Initializer):
    """All 1."""

    name: ClassVar[str] = "ones"

    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array:
        return np.ones(shape)


@dataclass(frozen=True)
class Constant(Initializer):
    """All the same ``value``."""

    name: ClassVar[str] = "constant"
    value: float = 0.0

    def __post_init__(self) -> None:
        self._float("value")

    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array:
        return np.full(shape, float(self.value))


@dataclass(frozen=True)
class RandomNormal(Initializer):
    """w ~ N(mean, stddev²)"""

    name: ClassVar[str] = "random_normal"
    mean: float = 0.0
    stddev: float = 0.05

    def __post_init__(self) -> None:
        self._float("mean")
        self._float("stddev", minimum=0.0)

    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array:
        return rng.normal(self.mean, self.stddev, shape)


@dataclass(frozen=True)
class RandomUniform(Initializer):
    """w ~ U(minval, maxval)"""

    name: ClassVar[str] = "random_uniform"
    minval: float = -0.05
    maxval: float = 0.05

    def __post_init__(self) -> None:
        self._float("minval")
        self._float("maxval", minimum=self.minval)

    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array:
        return rng.uniform(self.minval, self.maxval, shape)


@dataclass(frozen=True)
class VarianceScaling(Initializer):
    """Variance scale / n, where n is the fan-in, the fan-out, or their mean.

    "truncated_normal": a normal cut at two of its standard deviations, widened so that the
    variance after the cut is scale / n. "untruncated_normal": the plain normal.
    "uniform": U(-a, a) with a = √(3·scale / n).
    """

    name: ClassVar[str] = "variance_scaling"
    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"

    def __post_init__(self) -> None:
        self._float("scale", above=0.0)
        lookup("mode of variance_scaling", _MODES, self.mode)
        lookup("distribution of variance_scaling", _DISTRIBUTIONS, self.distribution)

    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array:
        n = max(1.0, _MODES[self.mode](*fans(shape)))
        return _DISTRIBUTIONS[self.distribution](math.sqrt(self.scale / n), shape, rng)


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many numbers flow into one output, and out of one input, of a weight array.

    (n_in, n_out) for a matrix; for a kernel (height, width, n_in, n_out) both times the size
    of the window. A vector has its length as both.

    >>> fans((784, 50)), fans((3, 3, 16, 32))
    ((784, 50), (144, 288))
    """
    if len(shape) == 0:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def _truncated_normal(stddev: float, shape: tuple[int, ...], rng: Generator) -> Array:
    """Normal numbers; those beyond ±2 standard deviations are drawn again."""
    drawn = rng.standard_normal(math.prod(shape))
    far = np.flatnonzero(np.abs(drawn) > 2.0)
    while far.size:
        drawn[far] = rng.standard_normal(far.size)
        far = far[np.abs(drawn[far]) > 2.0]
    drawn *= stddev / TRUNCATED
    return drawn.reshape(shape)


def _untruncated_normal(stddev: float, shape: tuple[int, ...], rng: Generator) -> Array:
    return rng.normal(0.0, stddev, shape)


def _uniform(stddev: float, shape: tuple[int, ...], rng: Generator) -> Array:
    limit = math.sqrt(3.0) * stddev
    return rng.uniform(-limit, limit, shape)


_MODES: dict[str, Callable[[int, int], float]] = {
    "fan_in": lambda fan_in, fan_out: fan_in,
    "fan_out": lambda fan_in, fan_out: fan_out,
    "fan_avg": lambda fan_in, fan_out: (fan_in + fan_out) / 2,
}
_DISTRIBUTIONS: dict[str, Callable[[float, tuple[int, ...], Generator], Array]] = {
    "truncated_normal": _truncated_normal,
    "untruncated_normal": _untruncated_normal,
    "uniform": _uniform,
}


@dataclass(frozen=True)
class _Preset(VarianceScaling):
    """Variance scaling with all settings fixed, under the name of those who found them."""

    scale: float = field(init=False)
    mode: str = field(init=False)
    distribution: str = field(init=False)

    fixed: ClassVar[tuple[float, str, str]]  # scale, mode, distribution

    def __post_init__(self) -> None:
        for setting, value in zip(("scale", "mode", "distribution"), self.fixed):
            object.__setattr__(self, setting, value)


class GlorotUniform(_Preset):
    """U(-a, a) with a = √(6 / (fan_in + fan_out))  (Glorot and Bengio 2010)."""

    name = "glorot_uniform"
    also = ("xavier_uniform",)
    fixed = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Preset):
    """Truncated normal, σ² = 2 / (fan_in + fan_out)  (Glorot and Bengio 2010)."""

    name = "glorot_normal"
    also = ("xavier_normal",)
    fixed = (1.0, "fan_avg", "truncated_normal")


class HeNormal(_Preset):
    """Truncated normal, σ² = 2 / fan_in, for ReLU  (He et al. 2015)."""

    name = "he_normal"
    also = ("kaiming_normal",)
    fixed = (2.0, "fan_in", "truncated_normal")


class HeUniform(_Preset):
    """U(-a, a) with a = √(6 / fan_in), for ReLU  (He et al. 2015)."""

    name = "he_uniform"
    also = ("kaiming_uniform",)
    fixed = (2.0, "fan_in", "uniform")


class LecunNormal(_Preset):
    """Truncated normal, σ² = 1 / fan_in, for SELU  (Klambauer et al. 2017)."""

    name = "lecun_normal"
    fixed = (1.0, "fan_in", "truncated_normal")


class LecunUniform(_Preset):
    """U(-a, a) with a = √(3 / fan_in)  (LeCun et al. 1998)."""

    name = "lecun_uniform"
    fixed = (1.0, "fan_in", "uniform")


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """Rows, or columns, of length ``gain`` at right angles  (Saxe et al. 2014).

    The Q of the QR decomposition of a normal matrix, with the signs of R's diagonal so that
    all rotations are equally likely. Of an array with more than two axes, the last is kept
    and the others make one.
    """

    name: ClassVar[str] = "orthogonal"
    gain: float = 1.0

    def __post_init__(self) -> None:
        self._float("gain")

    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array:
        if len(shape) < 2:
            raise ShapeError(
                f"orthogonal: shape {shape} has {len(shape)} axes, but needs at least 2. "
                "Use another initializer for a vector."
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.where(np.diag(r) < 0, -1.0, 1.0)
        return self.gain * (q if rows >= columns else q.T).reshape(shape)


@dataclass(frozen=True)
class FunctionInitializer(Initializer):
    """What a function of your own gives: ``f(shape)``, ``f(shape, rng)``, ``f(shape, rng, dtype)``.

    Draw from ``rng``: then the same seed gives the same weights.

    Raises:
        ConfigError: not a function.
        ShapeError: it returned an array of another shape.
    """

    of_function: ClassVar[bool] = True
    function: Callable[..., Any]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ConfigError(f"initializer: {self.function!r} is no function of a shape.")

    @property
    def name(self) -> str:  # type: ignore[override]  # of the function, not of the class
        return custom.function_name(self.function)

    def _draw(self, shape: tuple[int, ...], rng: Generator) -> Array:
        taken = len(inspect.signature(self.function).parameters)
        drawn = np.asarray(self.function(*(shape, rng, np.float64)[:taken]))
        if drawn.shape != shape or drawn.dtype.kind not in "fiub":
            raise ShapeError(
                f"{self.name}: the function returned {drawn.dtype} of shape {drawn.shape}, but "
                f"numbers of shape {shape} were asked for."
            )
        return drawn

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


INITIALIZERS: dict[str, type[Initializer]] = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "variance_scaling": VarianceScaling,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform,
    "orthogonal": Orthogonal,
    "normal": RandomNormal,
    "uniform": RandomUniform,
    "xavier": GlorotUniform,
    "he": HeNormal,
    "lecun": LecunNormal,
}


custom.family("initializer", Initializer, INITIALIZERS, from_function=FunctionInitializer)


def get(spec: str | Mapping[str, Any] | Initializer | Callable[..., Any]) -> Initializer:
    """The initializer for a name, a config, an initializer, or a function of a shape.

    >>> get("he_normal")((784, 50), np.random.default_rng(0)).std().round(3)
    np.float32(0.05)

    Raises:
        UnknownNameError: no such initializer, or no such setting.
        ConfigError: a setting out of its range.
    """
    if isinstance(spec, Initializer):
        return spec
    own: Initializer | None = custom.made_of("initializer", spec)
    if own is not None:
        return own
    settings: dict[str, Any] = dict(spec) if isinstance(spec, Mapping) else {"name": spec}
    cls: Any = lookup("initializer", INITIALIZERS, settings.pop("name", ""))
    if isinstance(cls, Initializer):  # of a function
        return cls
    refuse_unknown(cls.name, settings, _settings(cls))
    made: Initializer = cls(**settings)
    return made


def _settings(cls: type[Initializer]) -> list[str]:
    return [f.name for f in fields(cls) if f.init] if is_dataclass(cls) else []
