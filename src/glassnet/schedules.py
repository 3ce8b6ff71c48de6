"""Learning rates that change with the step: small values that are called with a step number.

``schedule(t)`` is the learning rate of the update that is made after t updates: the first
update asks for t = 0, as in Keras.
"""

from __future__ import annotations

import math
from abc import ABCMeta, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar

from glassnet._core import custom
from glassnet._core.attributes import check_call, settings_of
from glassnet._core.habits import LEARNING_RATE, missing, one_rate
from glassnet._core.registry import lookup
from glassnet._core.settings import number, refuse_unknown, whole_number
from glassnet.errors import ConfigError

__all__ = [
    "READY",
    "SCHEDULES",
    "Constant",
    "CosineDecay",
    "ExponentialDecay",
    "FunctionSchedule",
    "InverseTimeDecay",
    "OneCycle",
    "PiecewiseConstantDecay",
    "Schedule",
    "StepDecay",
    "Warmup",
    "by_name",
    "get",
]


class ScheduleType(ABCMeta):
    """Understands other words for the learning rate, and says what a schedule does take."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        known = settings_of(cls)
        rates = [name for name in known if name.endswith(LEARNING_RATE)]
        if rates and kwargs:
            kwargs = one_rate(cls.__name__, kwargs, known, rates[0])
        try:
            return super().__call__(*args, **kwargs)
        except TypeError:
            check_call(cls, args, kwargs)
            raise


@dataclass(frozen=True)
class Schedule(metaclass=ScheduleType):
    """The learning rate as a function of the number of updates made so far."""

    name: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        custom.state_name(cls, "schedule")

    @abstractmethod
    def __call__(self, step: int) -> float:
        """The learning rate after ``step`` updates."""

    def get_config(self) -> dict[str, Any]:
        """The name and the settings, as plain JSON; ``get`` makes the same schedule of it."""
        return {"name": self.name} | {k: _as_json(v) for k, v in custom.fields_of(self).items()}

    # Settings are checked and kept as plain floats and ints, whatever kind of number came.

    def _rate(self, setting: str) -> None:
        self._float(setting, minimum=0.0)

    def _float(self, setting: str, **ends: float) -> None:
        x = number(self.name, setting, getattr(self, setting), **ends)
        object.__setattr__(self, setting, x)

    def _whole(self, setting: str, minimum: int = 1) -> None:
        x = whole_number(self.name, setting, getattr(self, setting), minimum=minimum)
        object.__setattr__(self, setting, x)


def _as_json(value: Any) -> Any:
    if isinstance(value, Schedule):
        return value.get_config()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Constant(Schedule):
    """η(t) = η₀"""

    name: ClassVar[str] = "constant"
    learning_rate: float

    def __post_init__(self) -> None:
        self._rate("learning_rate")

    def __call__(self, step: int) -> float:
        return self.learning_rate


@dataclass(frozen=True)
class StepDecay(Schedule):
    """η(t) = η₀ · factor^⌊t / step_size⌋, PyTorch's ``StepLR``.

    >>> [StepDecay(0.1, step_size=2, factor=0.5)(t) for t in range(5)]
    [0.1, 0.1, 0.05, 0.05, 0.025]
    """

    name: ClassVar[str] = "step_decay"
    initial_learning_rate: float
    step_size: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        self._rate("initial_learning_rate")
        self._whole("step_size")
        self._float("factor", above=0.0)

    def __call__(self, step: int) -> float:
        return float(self.initial_learning_rate * self.factor ** (step // self.step_size))


@dataclass(frozen=True)
class PiecewiseConstantDecay(Schedule):
    """values[0] up to and including step boundaries[0], then values[1], and so on.

    >>> [PiecewiseConstantDecay([2, 3], [0.1, 0.05, 0.01])(t) for t in range(5)]
    [0.1, 0.1, 0.1, 0.05, 0.01]
    """

    name: ClassVar[str] = "piecewise_constant_decay"
    boundaries: tuple[int, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        steps, rates = tuple(self.boundaries), tuple(self.values)
        steps = tuple(whole_number(self.name, "a boundary", s, minimum=0) for s in steps)
        values = tuple(number(self.name, "a value", rate, minimum=0.0) for rate in rates)
        if len(values) != len(steps) + 1 or sorted(set(steps)) != list(steps):
            raise ConfigError(
                f"{self.name}: boundaries {list(steps)} with values {list(values)}, but there "
                "must be one value more than boundaries, and boundaries must grow."
            )
        object.__setattr__(self, "boundaries", steps)
        object.__setattr__(self, "values", values)

    def __call__(self, step: int) -> float:
        return self.values[bisect_left(self.boundaries, step)]


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """η(t) = η₀ · decay_rate^(t / decay_steps); with ``staircase``, of the floor."""

    name: ClassVar[str] = "exponential_decay"
    initial_learning_rate: float
    decay_steps: int
    decay_rate: float
    staircase: bool = False

    def __post_init__(self) -> None:
        self._rate("initial_learning_rate")
        self._whole("decay_steps")
        self._float("decay_rate", above=0.0)

    def __call__(self, step: int) -> float:
        p = step // self.decay_steps if self.staircase else step / self.decay_steps
        return float(self.initial_learning_rate * self.decay_rate**p)


@dataclass(frozen=True)
class InverseTimeDecay(Schedule):
    """η(t) = η₀ / (1 + decay_rate · t / decay_steps); with ``staircase``, of the floor."""

    name: ClassVar[str] = "inverse_time_decay"
    initial_learning_rate: float
    decay_steps: int
    decay_rate: float
    staircase: bool = False

    def __post_init__(self) -> None:
        self._rate("initial_learning_rate")
        self._whole("decay_steps")
        self._float("decay_rate", minimum=0.0)

    def __call__(self, step: int) -> float:
        p = step // self.decay_steps if self.staircase else step / self.decay_steps
        return self.initial_learning_rate / (1.0 + self.decay_rate * p)


@dataclass(frozen=True)
class CosineDecay(Schedule):
    """Half a cosine from η₀ down to alpha·η₀  (Loshchilov and Hutter 2017).

    η(t) = η₀ · ((1 - alpha) · (1 + cos(π · t / decay_steps)) / 2 + alpha)

    With ``warmup_target``, first a line from η₀ up to it over ``warmup_steps``; the cosine
    then starts from the target, at t - warmup_steps.
    """

    name: ClassVar[str] = "cosine_decay"
    initial_learning_rate: float
    decay_steps: int
    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        self._rate("initial_learning_rate")
        if self.warmup_target is not None:
            self._rate("warmup_target")
        self._whole("decay_steps")
        self._whole("warmup_steps", minimum=0)
        self._float("alpha", minimum=0.0)
        if self.warmup_steps and self.warmup_target is None:
            raise ConfigError(
                f"{self.name}: warmup_steps is {self.warmup_steps}, but warmup_target is missing. "
                "Give the learning rate that the warm-up leads to."
            )

    def __call__(self, step: int) -> float:
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top, step = self.warmup_target, step - self.warmup_steps
        share = _cosine(1.0, 0.0, min(step / self.decay_steps, 1.0))
        return top * ((1.0 - self.alpha) * share + self.alpha)


@dataclass(frozen=True)
class Warmup(Schedule):
    """A line from ``start`` up to the learning rate; after ``warmup_steps``, that one.

    η(t) = start + (η₀ - start) · t / warmup_steps, then η₀ or, if another schedule is given,
    that schedule at t - warmup_steps  (Goyal et al. 2017).
    """

    name: ClassVar[str] = "warmup"
    learning_rate: float | Schedule
    warmup_steps: int
    start: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "learning_rate", get(self.learning_rate))
        self._rate("start")
        self._whole("warmup_steps")

    def __call__(self, step: int) -> float:
        after = get(self.learning_rate)
        if step < self.warmup_steps:
            return self.start + (after(0) - self.start) * step / self.warmup_steps
        return after(step - self.warmup_steps)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up to a high learning rate and down again, in half cosines  (Smith and Topin 2018).

    From max/div_factor up to max over the first ``pct_start`` of the steps, then down to
    max/(div_factor·final_div_factor) at step total_steps - 1. PyTorch's ``OneCycleLR``;
    later steps stay at the end.
    """

    name: ClassVar[str] = "one_cycle"
    max_learning_rate: float
    total_steps: int
    pct_start: float = 0.3
    div_factor: float = 25.0
    final_div_factor: float = 10_000.0

    def __post_init__(self) -> None:
        self._rate("max_learning_rate")
        self._whole("total_steps")
        self._float("pct_start", minimum=0.0, maximum=1.0)
        self._float("div_factor", above=0.0)
        self._float("final_div_factor", above=0.0)

    def __call__(self, step: int) -> float:
        top = self.max_learning_rate
        start, end = top / self.div_factor, top / self.div_factor / self.final_div_factor
        turn, last = self.pct_start * self.total_steps - 1.0, self.total_steps - 1.0
        if 0.0 <= step <= turn and turn > 0.0:
            return _cosine(start, top, step / turn)
        return _cosine(top, end, min((step - turn) / (last - turn), 1.0)) if last > turn else end


def _cosine(start: float, end: float, share: float) -> float:
    """Half a cosine from ``start`` (share 0) to ``end`` (share 1)."""
    return end + (start - end) * (1.0 + math.cos(math.pi * share)) / 2.0


@dataclass(frozen=True)
class FunctionSchedule(Schedule):
    """η(t) = f(t) of a function of your own; with ``steps_per_epoch``, of the number of the epoch.

    >>> halved = FunctionSchedule(lambda epoch: 0.1 / 2**epoch, steps_per_epoch=100)
    >>> halved(99), halved(100)
    (0.1, 0.05)

    Raises:
        ConfigError: not a function, or one that gives something else than a rate.
    """

    of_function: ClassVar[bool] = True
    function: Callable[[int], float]
    steps_per_epoch: int = 1

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ConfigError(f"schedule: {self.function!r} is no function of the step.")
        self._whole("steps_per_epoch")

    @property
    def name(self) -> str:  # type: ignore[override]  # of the function, not of the class
        return custom.function_name(self.function)

    def __call__(self, step: int) -> float:
        rate = self.function(step // self.steps_per_epoch)
        return number(self.name, "the learning rate", rate, minimum=0.0)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "steps_per_epoch": self.steps_per_epoch}


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "step_decay": StepDecay,
    "piecewise_constant_decay": PiecewiseConstantDecay,
    "exponential_decay": ExponentialDecay,
    "inverse_time_decay": InverseTimeDecay,
    "cosine_decay": CosineDecay,
    "warmup": Warmup,
    "one_cycle": OneCycle,
}

custom.family("schedule", Schedule, SCHEDULES, from_function=FunctionSchedule)

# For a training of a known length, with settings that fit most: rate and total → schedule.
READY: dict[str, Callable[[float, int], Schedule]] = {
    "constant": lambda rate, total: Constant(rate),
    "step": lambda rate, total: StepDecay(rate, math.ceil(total / 3), 0.1),  # after each third
    "exponential": lambda rate, total: ExponentialDecay(rate, total, 0.01),  # to a hundredth
    "inverse_time": lambda rate, total: InverseTimeDecay(rate, total, 9.0),  # to a tenth
    "cosine": lambda rate, total: CosineDecay(rate, total),  # to 0
    "warmup": lambda rate, total: Warmup(rate, math.ceil(total / 10)),  # then constant
    "one_cycle": lambda rate, total: OneCycle(rate, total),  # up and down
}


def by_name(name: str, learning_rate: float, total_steps: int) -> Schedule:
    """A schedule for a training of ``total_steps`` updates whose highest rate is given.

    Args:
        name: one of ``READY``, which has their settings.

    Raises:
        UnknownNameError: none of these.
    """
    total = whole_number("schedule", "total_steps", total_steps)
    return lookup("schedule", READY, name)(learning_rate, total)


def get(spec: str | float | Mapping[str, Any] | Schedule | Callable[[int], float]) -> Schedule:
    """The schedule for a number (constant), a config, a schedule, or a function of the step.

    Raises:
        UnknownNameError: no such schedule, or no such setting.
        ConfigError: a setting out of its range or missing.
    """
    if isinstance(spec, Schedule):
        return spec
    own: Schedule | None = custom.made_of("schedule", spec)
    if own is not None:
        return own
    if isinstance(spec, str):
        spec = {"name": spec}
    if not isinstance(spec, Mapping):
        return Constant(spec)  # type: ignore[arg-type]  # a number: it says so where it is none
    settings = dict(spec)
    cls: Any = lookup("schedule", SCHEDULES, settings.pop("name", ""))
    known = [f.name for f in fields(cls) if f.name != "function"]
    refuse_unknown(cls.name, settings, known)
    if isinstance(cls, Schedule):  # of a function: its settings are what is left
        return replace(cls, **settings)
    try:
        made: Schedule = cls(**settings)
    except TypeError as error:
        raise ConfigError(f"{cls.name}: {error}") from None
    return made


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Says what to write for a name that there is not."""
        raise missing(__name__, name, __all__)
