"""What a search tries: the settings of a run, each with its range or its choices.

Imports nothing heavy: ``glassnet tune --help`` names the settings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from glassnet._core.habits import unknown
from glassnet._core.registry import lookup
from glassnet.errors import ConfigError, FileFormatError, UnknownNameError
from glassnet.optimizers import OPTIMIZERS
from glassnet.runs.recipes import Settings, sizes
from glassnet.schedules import READY

Value = float | int | str


@dataclass(frozen=True)
class Range:
    """Every number from ``low`` to ``high``; ``log``: drawn evenly by its logarithm."""

    low: float
    high: float
    log: bool = False

    def __contains__(self, value: Any) -> bool:
        return bool(self.low <= value <= self.high)

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}"


@dataclass(frozen=True)
class Choice:
    """One of some values; hidden layers are spelled with hyphens, ``128-64``."""

    values: tuple[Value, ...]

    def __contains__(self, value: Any) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return ",".join(f"{v:g}" if isinstance(v, float) else str(v) for v in self.values)


Space = dict[str, Range | Choice]

# What may be searched → (its kind of number, the least value, below which value)
NUMBERS: dict[str, tuple[type, float, float]] = {
    "learning_rate": (float, 0.0, math.inf),
    "l2": (float, 0.0, math.inf),
    "dropout": (float, 0.0, 1.0),
    "batch_size": (int, 1, math.inf),
}
NAMES = ("layers", "activation", "optimizer", "schedule")
SEARCHED = (*NUMBERS, *NAMES)
LOG = ("learning_rate", "l2")  # drawn by their logarithm
ALIASES = {"hidden": "layers", "units": "layers", "lr": "learning_rate", "weight_decay": "l2",
           "batch": "batch_size"}  # fmt: skip
DIGITS = 3  # of a number that was drawn: the command line that is typed later has all of them

RATES = Range(1e-4, 1e-1, True)
DROPOUT = Range(0.0, 0.5)
DECAYS = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 3e-2)
LAYERS = ("32", "64", "128", "256", "64-32", "128-64", "256-128")
ACTIVATIONS = ("relu", "tanh", "silu", "gelu")
CUSTOMARY_OPTIMIZERS = ("adam", "adamw", "rmsprop", "nesterov")
BATCHES = (16, 32, 64, 128, 256, 512)
BATCH_COUNTS = (8, 2000)  # an epoch of fewer or of more updates is not tried


def customary(settings: Settings, count: int, given: Mapping[str, Any]) -> Space:
    """The settings that are usually searched, but for those that the user has given.

    Whatever the recipe for the data says is in it, so that the first trial can be the recipe.

    Args:
        settings: the recipe, with what was given.
        count: how many samples are learned from.
    """
    few, many = BATCH_COUNTS
    sized = [b for b in BATCHES if few <= -(-count // b) <= many]
    rate = settings.learning_rate
    space: Space = {
        "learning_rate": Range(min(RATES.low, rate), max(RATES.high, rate), True),
        "batch_size": _with(sized, settings.batch_size),
        "optimizer": _with(CUSTOMARY_OPTIMIZERS, settings.optimizer),
        "l2": _with(DECAYS, settings.l2),
    }
    if settings.start is None:  # whose layers are there
        space["activation"] = _with(ACTIVATIONS, settings.activation)
        space["dropout"] = replace(DROPOUT, high=max(DROPOUT.high, settings.dropout))
        if settings.network == "mlp":
            space["layers"] = _with(LAYERS, spelled(settings.layers))
    several = {k: of for k, of in space.items() if isinstance(of, Range) or len(of.values) > 1}
    return {name: several[name] for name in SEARCHED if name in several and name not in given}


def _with(values: Sequence[Value], own: Value) -> Choice:
    return Choice(tuple(values) if own in values else (own, *values))


def read(words: Mapping[str, Any], settings: Settings) -> Space:
    """What the user wants searched, as texts (``1e-4..1e-1``, ``32,64``) or as Python has it.

    A pair of numbers as a tuple is a range, a list is a choice: ``(1e-4, 1e-1)``, ``[32, 64]``.

    Raises:
        UnknownNameError: a setting that cannot be searched, or a value that there is not.
        ConfigError: no range and no choice, or numbers that cannot be.
    """
    space: Space = {}
    for word, value in words.items():
        name = str(word).strip().lstrip("-").replace("-", "_")
        name = ALIASES.get(name, name)
        if name not in SEARCHED:
            raise UnknownNameError(unknown("setting to search", word, SEARCHED))
        if name == "layers" and (settings.network != "mlp" or settings.start is not None):
            own = settings.network if settings.start is None else settings.start
            raise ConfigError(
                f"layers cannot be searched: those of {own} are its own. Leave layers= out."
            )
        space[name] = _range_or_choice(name, value)
    return space


def _range_or_choice(name: str, value: Any) -> Range | Choice:
    parts: list[Any]
    if isinstance(value, str) and ".." in value:
        low, _, high = value.partition("..")
        return _range(name, low, high, value)
    if isinstance(value, tuple) and len(value) == 2 and name in NUMBERS:
        return _range(name, *value, value)
    if isinstance(value, str):
        parts = [part.strip() for part in value.split(",") if part.strip()]
    elif isinstance(value, list | tuple | set):
        parts = list(value)
    else:
        parts = [value]
    if not parts:
        raise ConfigError(f"{name}= has no values; expected {_expected(name)}.")
    read: list[Value] = [
        _number(name, part, value) if name in NUMBERS else _named(name, part) for part in parts
    ]
    return Choice(tuple(dict.fromkeys(read)))


def _range(name: str, low: Any, high: Any, said: Any) -> Range | Choice:
    if name not in NUMBERS:
        raise ConfigError(
            f"{name}={said!r} is a range, but these are named one by one: {_expected(name)}."
        )
    first, last = _number(name, low, said), _number(name, high, said)
    if not first < last:
        raise ConfigError(f"{name}={said!r}: a range begins with the smaller number.")
    if NUMBERS[name][0] is int:  # the powers of two, which are customary
        powers = [2**k for k in range(31) if first <= 2**k <= last]
        return Choice(tuple(sorted({int(first), *powers, int(last)})))
    log = name in LOG
    if log and first <= 0:
        raise ConfigError(
            f"{name}={said!r}: is drawn by its logarithm, so it begins above 0. As well as 0, some "
            f"values: {_expected(name, choice=True)}."
        )
    return Range(float(first), float(last), log)


def _number(name: str, value: Any, said: Any) -> float | int:
    kind, low, high = NUMBERS[name]
    try:
        number = float(value)
        if isinstance(value, bool) or number != number or (kind is int and number % 1):
            raise ValueError
    except (TypeError, ValueError):
        raise ConfigError(f"{name}={said!r}: expected {_expected(name)}.") from None
    if not low <= number < high or (name == "learning_rate" and number == 0):
        limits = f"from {low:g} to below {high:g}" if high < math.inf else f"of at least {low:g}"
        limits = "above 0" if name == "learning_rate" else limits
        raise ConfigError(f"{name}={said!r}: expected numbers {limits}.")
    return int(number) if kind is int else number


def _named(name: str, value: Any) -> str:
    if name == "layers":
        return _layers(value)
    if name == "optimizer":
        lookup("optimizer", OPTIMIZERS, value)
    if name == "schedule":
        lookup("schedule", {known: known for known in READY}, value)
    if name == "activation":
        from glassnet.activations import ACTIVATIONS as KNOWN  # it loads NumPy: --help does not

        lookup("activation", KNOWN, value)
    return str(value)


def _layers(value: Any) -> str:
    """``128-64`` of "128-64", 128, (128, 64)."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,)
    text = "-".join(map(str, value)) if isinstance(value, tuple | list) else str(value).strip()
    if text.lower() in ("none", ""):
        return "none"
    if not all(part.strip().isdecimal() and int(part) for part in text.split("-")):
        raise ConfigError(f"layers={text!r}: expected {_expected('layers')}.")
    return "-".join(str(int(part)) for part in text.split("-"))


def _expected(name: str, choice: bool = False) -> str:
    examples = {
        "learning_rate": "1e-4..1e-1, or some values: 0.001,0.01",
        "l2": "0,0.0001,0.001" if choice else "1e-6..1e-1, or some values: 0,0.001",
        "dropout": "0..0.5, or some values: 0,0.2",
        "batch_size": "16..256, or some values: 32,64",
        "layers": "32,64,128-64, with a hyphen between two hidden layers",
        "activation": "relu,tanh",
        "optimizer": "adam,nesterov",
        "schedule": "constant,cosine",
    }
    return examples[name]


def spelled(layers: tuple[int, ...]) -> str:
    """``128-64``; ``none`` without hidden layers."""
    return sizes(layers).replace(",", "-")


def chosen(params: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a trial as ``Settings`` has them, numbers with three digits."""
    found: dict[str, Any] = {}
    for name, value in params.items():
        if name == "layers":
            found[name] = () if value == "none" else tuple(int(n) for n in value.split("-"))
        elif isinstance(value, float):
            found[name] = float(f"{value:.{DIGITS}g}")
        else:
            found[name] = value
    return found


def of(settings: Settings, space: Space) -> dict[str, Value]:
    """The values that ``settings`` have, as far as the space has them."""
    own: dict[str, Value] = {
        name: spelled(settings.layers) if name == "layers" else getattr(settings, name)
        for name in space
    }
    return {name: value for name, value in own.items() if value in space[name]}


def to_config(space: Space) -> dict[str, Any]:
    """Plain JSON."""
    return {
        name: {"low": of.low, "high": of.high, "log": of.log}
        if isinstance(of, Range)
        else list(of.values)
        for name, of in space.items()
    }


def from_config(config: Any) -> Space:
    """What :func:`to_config` wrote.

    Raises:
        FileFormatError: not such a description.
    """
    try:
        return {
            name: Range(float(of["low"]), float(of["high"]), bool(of["log"]))
            if isinstance(of, dict)
            else Choice(tuple(of))
            for name, of in config.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"it does not say what is searched ({error})") from None
