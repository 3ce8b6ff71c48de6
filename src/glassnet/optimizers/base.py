"""What all optimizers share: the learning rate, clipping, weight decay, the state, the step.

w is a weight, g its gradient, η the learning rate, t the number of the update, from 1.
A prime marks what is new. Defaults and results are those of Keras 3; where PyTorch defines a
method in another way, the docstring says so.

Each optimizer has a file: its formula as text, the numbers in it that all weights share, and
the loop that makes the update. The loop reads and writes every array once: an update is bound
by memory, not by arithmetic. The numbers come as Python floats and take the type of the vector
before the loop, so that a float32 vector is updated in single precision, eight or sixteen
numbers at a time; for the same reason no literal number stands in a loop (it would be float64).
``keep`` = 1 - η·λ is applied to the weight before the step; without decay it is exactly 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from glassnet import schedules
from glassnet._core import custom
from glassnet._core.attributes import Declared, is_ours, set_directly, settings_of
from glassnet._core.guards import not_defined, writes_in_place
from glassnet._core.habits import LEARNING_RATE, one_rate
from glassnet._core.memory import vector
from glassnet._core.settings import number, refuse_unknown
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.optimizers import OPTIMIZERS, alone
from glassnet.optimizers.clipping import Clipping
from glassnet.optimizers.explanation import Update, with_braces, with_formulas
from glassnet.schedules import Schedule

State = dict[str, Array]
Numbers = dict[str, float]

COMMON = ("learning_rate", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
# What glassnet's own define in place of a rule.
COMPILED = ("_initial_state", "_initial_scalars", "_numbers", "_update", "_next_scalars", "variant")


class Optimizer(Declared):
    """A rule that makes a step from a gradient, on flat vectors.

    Args:
        learning_rate: η, a number or a schedule.
        weight_decay: λ: before each update w ← w - η·λ·w, whatever the gradient (decoupled:
            Loshchilov and Hutter 2019). As in Keras all parameters decay, biases too.
            PyTorch does so in AdamW only; elsewhere it adds λ·w to the gradient.
        clipnorm: the gradient of each parameter tensor is shortened to at most this length.
        clipvalue: each number of the gradient is held within ± this.
        global_clipnorm: the whole gradient is shortened to at most this length.

    Attributes:
        learning_rate, lr: η, which may be set between two updates, and so may the settings.
        steps: updates made so far.
        state: the optimizer's memory, flat vectors as long as the parameters, by name.
        scalars: single numbers that belong to it.

    Raises:
        ConfigError: an unknown setting, one out of its range, or two ways of clipping.
    """

    _needed: ClassVar[str] = "clipping"
    name: ClassVar[str]
    settings: ClassVar[tuple[str, ...]] = ()
    symbols: ClassVar[dict[str, str]] = {}  # of the state, in the formula
    formulas: ClassVar[dict[str, str]] = {}  # variant → the lines of the update
    adaptive: ClassVar[bool] = True  # its steps do not grow with the gradient
    rate_for_small_networks: ClassVar[float] = 0.001  # where a run is given none
    memory: ClassVar[tuple[str, ...]] = ()  # of :meth:`rule`
    _fixed: ClassVar[Mapping[str, str]] = {
        "clipping": "set clipnorm, clipvalue or global_clipnorm",
        "dtype": "it is that of the parameters",
        "scalars": "set_state(…) puts an optimizer where another one was",
        "size": "it is that of the parameters",
        "state": "set_state(…) puts an optimizer where another one was",
    }

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        custom.state_name(cls, "optimizer")
        own_settings = tuple(name for name in settings_of(cls) if name not in COMMON)
        custom.not_inherited(cls, {"settings": own_settings, "formulas": {}})
        memory: Any = cls.memory
        if isinstance(memory, str):
            raise ConfigError(
                f"class {cls.__name__}: memory is the text {memory!r}; expected names, as in "
                f"({memory!r},)."
            )
        if not is_ours(cls.__module__):
            writes_in_place(cls, "rule", "w, g, memory, eta, t")
            if "rule" in vars(cls):  # whatever its parent does in place of a rule
                custom.not_inherited(cls, {name: vars(Optimizer)[name] for name in COMPILED})
        if cls.__doc__:  # with its formula written out: {variant}
            cls.__doc__ = with_formulas(cls.__doc__, cls.formulas)

    @classmethod
    def _taken(
        cls, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
        """``lr`` is the learning rate's name in PyTorch and in older Keras, η in books."""
        named = one_rate(cls.name, kwargs, (*settings_of(cls), *COMMON))
        if args and LEARNING_RATE in named.keys() - kwargs.keys():
            raise ConfigError(f"{cls.name}: learning_rate came twice; give one of the two.")
        return args, named, {}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        *,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        **unknown: object,
    ) -> None:
        refuse_unknown(self.name, unknown, (*self.settings, *COMMON))
        self.learning_rate = learning_rate
        self.weight_decay = (
            None
            if weight_decay is None
            else number(self.name, "weight_decay", weight_decay, minimum=0.0)
        )
        self.clipping = Clipping(self.name, clipnorm, clipvalue, global_clipnorm)
        self.size: int | None = None  # not known before the first vector
        self.dtype: np.dtype[Any] = np.dtype(np.float64)
        self.steps = 0
        self.state: State = {}
        self.scalars: dict[str, float] = {}

    # -- what each method defines ------------------------------------------------------------

    def rule(self, w: Array, g: Array, memory: State, eta: float, t: int) -> None:
        """w ← the new weights, in place: all that an optimizer of your own must define.

        Args:
            w, g: the weights and their gradients, flat; g stays as it is.
            memory: a vector like w for each name in the class's ``memory``, from 0 on.
            eta: the learning rate of this update; t: its number, from 1 on.
        """
        raise not_defined(self, "rule(w, g, memory, eta, t)")

    # glassnet's own define these four instead: one compiled loop, and numbers to be explained.

    def _initial_state(self) -> dict[str, float]:
        """The names of the state's vectors, with the number that each starts from."""
        return dict.fromkeys(self.memory, 0.0)

    def _initial_scalars(self) -> dict[str, float]:
        return {}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        """What update ``t`` has in common for all weights, by symbol."""
        return {"η": eta, "t": t}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        """The one kernel call. It is elementwise: it may come for a part of the vectors."""
        if keep != 1.0:
            w *= w.dtype.type(keep)
        self.rule(w, g, state, n["η"], int(n["t"]))

    @property
    def variant(self) -> str:
        """Which of ``formulas`` the settings ask for."""
        return "formula"

    def _next_scalars(self, n: Numbers) -> dict[str, float]:
        return {}

    # -- the learning rate -------------------------------------------------------------------

    @property
    def learning_rate(self) -> float | Schedule:
        """η: a number or a schedule. May be set between two updates."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(
        self, value: float | str | Schedule | Mapping[str, Any] | Callable[[int], float]
    ) -> None:
        named = isinstance(value, str) and value in (
            *schedules.SCHEDULES, *custom.names("schedule")
        )  # fmt: skip
        if named or isinstance(value, (Schedule, Mapping)) or callable(value):
            self._learning_rate: float | Schedule = schedules.get(value)
        else:
            self._learning_rate = number(self.name, "learning_rate", value, minimum=0.0)

    @property
    def lr(self) -> float | Schedule:
        """The learning rate, as PyTorch and older Keras call it."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: float | Schedule) -> None:
        self.learning_rate = value

    @property
    def clipnorm(self) -> float | None:
        """The longest that the gradient of each tensor may be."""
        return self.clipping.bounds["clipnorm"]

    @clipnorm.setter
    def clipnorm(self, bound: float | None) -> None:
        self._clip("clipnorm", bound)

    @property
    def clipvalue(self) -> float | None:
        """The largest that each number of the gradient may be."""
        return self.clipping.bounds["clipvalue"]

    @clipvalue.setter
    def clipvalue(self, bound: float | None) -> None:
        self._clip("clipvalue", bound)

    @property
    def global_clipnorm(self) -> float | None:
        """The longest that the whole gradient may be."""
        return self.clipping.bounds["global_clipnorm"]

    @global_clipnorm.setter
    def global_clipnorm(self, bound: float | None) -> None:
        self._clip("global_clipnorm", bound)

    def _clip(self, name: str, bound: float | None) -> None:
        clipping = Clipping(self.name, **{**self.clipping.bounds, name: bound})
        if self.size is not None:
            clipping.prepare(self.size, self.dtype, self.clipping.segments)
        self.clipping = clipping

    def _settings(self) -> dict[str, Any]:
        config = self.get_config()
        return {**{k: v for k, v in config.items() if k != "name"}, "learning_rate": self.lr}

    def _accept(self, name: str, fresh: Optimizer) -> None:
        if self.size is not None and fresh._initial_state().keys() != self.state.keys():
            raise ConfigError(
                f"{self.name}: {name} cannot become {getattr(fresh, name)!r} under way: it would "
                f"remember other numbers. Take a new one: model.optimizer = {fresh!r}."
            )

    @property
    def current_learning_rate(self) -> float:
        """The number that the next update will use."""
        return self._rate(self.steps)

    def _rate(self, steps: int) -> float:
        rate = self._learning_rate
        return rate if isinstance(rate, float) else rate(steps)

    # -- the update --------------------------------------------------------------------------

    def initialize(
        self, size: int, dtype: DTypeLike, segments: Sequence[slice] | None = None
    ) -> None:
        """Forget everything and start anew for vectors of ``size`` numbers.

        Args:
            segments: where each parameter tensor lies, for ``clipnorm``; None: one tensor.

        Raises:
            ConfigError: parameters that are not floating-point numbers, or segments that do
                not cover the vector one after the other.
        """
        dtype = np.dtype(dtype)
        if dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
            raise ConfigError(
                f"{self.name}: the parameters are {dtype}, but must be float32 or float64. "
                "Convert them with .astype(np.float32)."
            )
        self.clipping.prepare(size, dtype, segments)
        self.size, self.dtype, self.steps = size, dtype, 0
        starts = enumerate(self._initial_state().items(), start=2)  # 0 and 1: w and g
        self.state = {name: vector(size, dtype, lane, x) for lane, (name, x) in starts}
        self.scalars = self._initial_scalars()

    def step(self, values: Array, gradients: Array, runs: Sequence[slice] | None = None) -> None:
        """Make one update of ``values``, in place.

        Args:
            values: the parameters, a flat vector (size,), or one array of any shape.
            gradients: of the same shape and type; they stay as they are.
            runs: the stretches that are trained; None: everything. The others stay as they
                are, and so does their state; their gradients are not read.

        Raises:
            ShapeError: not of the size and type that the optimizer has state for.
            DataError: parameters that cannot be changed in place.
        """
        dtype = self.dtype
        try:
            same = values.dtype is gradients.dtype is dtype  # nearly always, and sooner known
            fits = (same or values.dtype == gradients.dtype == dtype) and (
                values.shape == gradients.shape == (self.size,)
            )
        except AttributeError:  # a list
            fits = False
        if not fits:
            self._step_alone(values, gradients, runs)
            return
        if self.clipping.active:
            gradients = self.clipping(gradients, runs)
        steps = self.steps
        eta = self._rate(steps)
        n = self._numbers(eta, steps + 1, self.scalars)
        keep = self._keep(eta)
        if runs is None:
            self._update(values, gradients, self.state, n, keep)
        else:
            for run in runs:
                part = {name: vector[run] for name, vector in self.state.items()}
                self._update(values[run], gradients[run], part, n, keep)
        if self.scalars:
            set_directly(self, "scalars", self._next_scalars(n))
        set_directly(self, "steps", steps + 1)

    def step_by(self, rule: Callable[[Numbers, float], None]) -> None:
        """An update that ``rule(numbers, keep)`` makes, of vectors that it knows."""
        eta = self.current_learning_rate
        n = self._numbers(eta, self.steps + 1, self.scalars)
        rule(n, self._keep(eta))
        if self.scalars:
            set_directly(self, "scalars", self._next_scalars(n))
        set_directly(self, "steps", self.steps + 1)

    def update(self, params: alone.Arrays, grads: alone.Arrays) -> None:
        """One update of several arrays of one's own, in place: dicts by name, or lists.

        >>> from glassnet.optimizers import SGD
        >>> params = {"W": np.ones((2, 2)), "b": np.zeros(2)}
        >>> SGD(0.1).update(params, {"W": np.ones((2, 2)), "b": np.ones(2)})
        >>> params["b"]
        array([-0.1, -0.1])

        Raises:
            DataError: a gradient that is missing, or an array that cannot be changed in place.
            ShapeError: other shapes than before, or a gradient of another shape.
        """
        alone.update(self, params, grads)

    def _step_alone(self, values: Array, gradients: Any, runs: Sequence[slice] | None) -> None:
        """The first step without a network, or one of a matrix."""
        g = alone.pair(self.name, values, gradients)
        if self.size is None:
            self.meet(values)
        alike = values.shape == g.shape and values.dtype == g.dtype == self.dtype
        if values.size != self.size or not alike:
            raise ShapeError(self._misfit(values, g))
        flat = values.reshape(-1)
        self.step(flat, g.reshape(-1), runs)
        if flat.base is not values:  # it was a copy
            values[...] = flat.reshape(values.shape)

    def meet(self, values: Array, segments: Sequence[slice] | None = None) -> None:
        """Initialize for the first vector; ``steps`` may come from a saved state."""
        steps = self.steps
        self.initialize(values.size, values.dtype, segments)
        self.steps = steps

    def _keep(self, eta: float) -> float:
        return 1.0 if self.weight_decay is None else 1.0 - eta * self.weight_decay

    def _misfit(self, values: Array, gradients: Array) -> str:
        return (
            f"{self.name}: values of shape {values.shape} ({values.dtype}) and gradients of "
            f"shape {gradients.shape} ({gradients.dtype}) came, but the state is for flat vectors "
            f"of shape ({self.size},) ({self.dtype}). Call initialize() for a new network."
        )

    # -- looking inside ----------------------------------------------------------------------

    def explain_update(
        self,
        value: float,
        gradient: float,
        state_before: Mapping[str, float] | None = None,
        step: int = 1,
    ) -> Update:
        """The update number ``step`` of one weight, with every number in it.

        It is computed by the same kernel as training, on vectors of one element.

        Args:
            gradient: as the formula uses it, that is, after any clipping.
            state_before: as ``state_at`` gives it; None: as at the start.
        """
        before = {**self._initial_state(), **self._initial_scalars(), **(state_before or {})}
        eta = self._rate(step - 1)
        n = self._numbers(eta, step, before)
        w, g = np.array([value], self.dtype), np.array([gradient], self.dtype)
        state = {name: np.array([before[name]], self.dtype) for name in self._initial_state()}
        numbers = {"w": float(w[0]), "g": float(g[0]), "η": eta, "t": step, **n}
        symbols = {name: self.symbol_of(name) for name in state}
        numbers |= {symbols[name]: float(x[0]) for name, x in state.items()}
        self._update(w, g, state, n, self._keep(eta))
        numbers |= {symbols[name] + "′": float(x[0]) for name, x in state.items()}
        numbers |= {"w′": float(w[0]), "λ": self.weight_decay or 0.0}
        own = "\n".join(f"{sign}′ = rule(w, g)" for sign in (*symbols.values(), "w"))  # a user's
        formula = self.formulas.get(self.variant, own)
        lines = with_braces(formula, numbers)
        for line in lines:
            if not line.startswith("{"):
                raise ConfigError(
                    f"{self.name}: the formula's line {line!r} makes a number that is neither w′, "
                    "nor of the state, nor one of _numbers. Write it into the lines that use it."
                )
        if self.weight_decay is not None:
            lines = (*lines[:-1], lines[-1].replace("{w}", "(1 - {η}·{λ})·{w}"))
        return Update(
            optimizer=self.name,
            step=step,
            value=numbers["w"],
            new_value=numbers["w′"],
            gradient=numbers["g"],
            learning_rate=eta,
            state_before=before,
            state_after={**{k: float(x[0]) for k, x in state.items()}, **self._next_scalars(n)},
            numbers=numbers,
            lines=lines,
        )

    def symbol_of(self, name: str) -> str:
        """How the formula writes a vector of the state; a user's own by its name."""
        return self.symbols.get(name, name)

    def state_at(self, index: int) -> dict[str, float]:
        """The optimizer's memory for one weight, as it is now."""
        return {name: float(x[index]) for name, x in self.state.items()} | self.scalars

    def describe_update(
        self, index: int, values: Array, gradients: Array, runs: Sequence[slice] | None = None
    ) -> Update:
        """What ``step(values, gradients, runs)`` would now do to the weight at ``index``.

        Nothing is changed: ask before the step, then make it.
        """
        if self.size is None:
            self.meet(values)
        if self.clipping.active:
            gradients = self.clipping(gradients, runs)
        return self.explain_update(
            float(values[index]), float(gradients[index]), self.state_at(index), self.steps + 1
        )

    # -- keeping -----------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The name and the settings, as plain JSON; ``get`` makes the same optimizer of it."""
        config = {"name": self.name, "learning_rate": self._rate_config()}
        for setting in self.settings:
            if not hasattr(self, setting):
                raise ConfigError(custom.lost_setting(type(self), setting))
            config[setting] = getattr(self, setting)
        common = {"weight_decay": self.weight_decay} | self.clipping.get_config()
        takes = settings_of(type(self))  # a class of a user's may do without **common
        for setting, value in common.items():
            if setting not in takes and value is not None:
                raise ConfigError(
                    f"{type(self).__name__}: {setting} is {value!r}, and __init__ does not take "
                    "it, so a copy or a file would lose it. Take **common and hand it on: "
                    "super().__init__(learning_rate, **common)."
                )
        return config | {k: v for k, v in common.items() if k in takes}

    def _rate_config(self) -> float | dict[str, Any]:
        rate = self._learning_rate
        return rate if isinstance(rate, float) else rate.get_config()

    def get_state(self) -> dict[str, Any]:
        """Everything that changed while training, as a copy.

        ``{"steps": int, "learning_rate": number or config, "scalars": {name: number},
        "vectors": {name: array}}``; all but the vectors is plain JSON.
        """
        return {
            "steps": self.steps,
            "learning_rate": self._rate_config(),
            "scalars": dict(self.scalars),
            "vectors": {name: vector.copy() for name, vector in self.state.items()},
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``get_state`` was called, bit for bit.

        Raises:
            ConfigError: the state of another optimizer, or of another network.
        """
        vectors = {name: np.asarray(vector) for name, vector in state["vectors"].items()}
        expected, scalars = self._initial_state(), self._initial_scalars()
        if vectors.keys() != expected.keys() or state["scalars"].keys() != scalars.keys():
            raise ConfigError(
                f"{self.name}: the saved state has {sorted([*vectors, *state['scalars']])}, but "
                f"needs {sorted([*expected, *scalars])}. It was saved by another optimizer."
            )
        for name, saved in vectors.items():
            if self.size is None:
                self.initialize(saved.size, saved.dtype)
            if saved.shape != (self.size,) or saved.dtype != self.dtype:
                raise ConfigError(
                    f"{self.name}: the saved {name!r} has shape {saved.shape} "
                    f"({saved.dtype}), but the parameters have ({self.size},) ({self.dtype}). "
                    "It was saved with another network."
                )
        for name, own in self.state.items():
            own[...] = vectors[name]
        self.scalars = {name: float(x) for name, x in state["scalars"].items()}
        self.steps = int(state["steps"])
        self.learning_rate = state["learning_rate"]

    def __repr__(self) -> str:
        config = self.get_config()
        given = ", ".join(f"{k}={v!r}" for k, v in config.items() if k != "name" and v is not None)
        return f"{type(self).__name__}({given})"


custom.family("optimizer", Optimizer, OPTIMIZERS)
