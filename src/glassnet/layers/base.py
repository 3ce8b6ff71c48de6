"""The base class of every layer."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from glassnet._core import custom
from glassnet._core.attributes import (
    Declared,
    defaults_of,
    is_ours,
    set_directly,
    settings_of,
    write_into,
)
from glassnet._core.guards import not_defined, own_method
from glassnet._core.parameters import Parameters, Weight
from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, DataError, NotBuiltError, ShapeError
from glassnet.layers import own
from glassnet.layers.sight import Places, everything
from glassnet.layers.workspace import Workspace

if TYPE_CHECKING:
    from glassnet.activations import Activation

LINE = 72  # letters of several layers on one line

Shape = tuple[int, ...]


# What a subclass of a user's with a forward of its own does not inherit.
# Without a function, no loss is fused with it, and its forward is not gone around.
SAID = ("augments", "changes_scale_or_shape_only", "function", "normalizes", "output",
        "output_function", "random_in_training", "reads", "same_places", "saved")  # fmt: skip

RESTRAINTS = ("penalty", "add_penalty_gradient", "constrain")


class Layer(Declared):
    """One step of a network: it knows its shapes, its forward and its backward.

    It never updates itself: ``backward`` writes the gradients, an optimizer uses them.

    A layer says in ``weights`` which arrays it needs.  The model lays them out in one flat
    vector and binds the views: a weight called ``W`` becomes ``self.W`` and its gradient
    ``self.dW``.  Setting one copies into the vector: ``layer.W = layer.W - 0.1 * layer.dW``.
    Used alone, a layer makes its own on its first call:

    >>> from glassnet.layers import Dense
    >>> layer = Dense(3)
    >>> layer.forward([[1.0, 2.0]]).shape
    (1, 3)

    Attributes:
        name: unique within its model; the first part of its parameters' names.
        trainable: False freezes its parameters.
        input_shape, output_shape: without the batch; None until built.

    What else is asked of a kind of layer instead of testing its class:
        accepts_bytes: takes uint8 as it is, and scales it itself.
        changes_scale_or_shape_only: Input, Reshape, Flatten, Rescaling: learns nothing, and
            the order and the ratio of the numbers stay.
        normalizes: gives every feature or every sample mean 0 and variance 1.
        random_in_training: draws random numbers while training, as Dropout.
        augments: changes what comes in at random while training, as RandomFlip: without it the
            network is the same one, which has learned from other images.
        same_places: in prediction each number is made of the one at its place, as in Dropout.
        wiring: how the layers in it are connected: "chain", one after the other; "around", a
            chain and a way around it; "parallel", each gets the input of the whole.
        runs_compiled: the compiled stack may compute it as y = f(x·W + b).  It is not
            inherited: a subclass with a forward of its own is run by that forward.
        declared_input_shape: the shape of a sample, where the layer itself states it (Input).
        rank: 2 for a layer over images (rows, columns, channels), 1 over series (steps,
            channels); 0 for others.
    """

    _needed: ClassVar[str] = "work"
    kind: ClassVar[str]  # its name in saved files
    accepts_bytes: ClassVar[bool] = False
    changes_scale_or_shape_only: ClassVar[bool] = False
    normalizes: ClassVar[bool] = False
    random_in_training: ClassVar[bool] = False
    augments: ClassVar[bool] = False
    runs_compiled: ClassVar[bool] = False
    same_places: ClassVar[bool] = False
    wiring: ClassVar[Literal["chain", "around", "parallel"]] = "chain"

    rng: np.random.Generator

    # What the last forward kept, as it is: `saved` names it when asked.  Forward writes it with
    # set_directly, past the checks of what is set.
    _saved: Any = None

    _reads_only: ClassVar[bool] = False  # a user's own: its x is a window that cannot be written
    _declared: Shape | None = None  # input_shape=(…) of the first layer
    _views: Mapping[str, Array] = {}  # the windows on the flat vectors: W, dW …
    _fixed: ClassVar[Mapping[str, str]] = {
        "given_name": "it is the name that was given; set name",
        "input_shape": "it comes with build((n_features,)), or with the first data",
        "output_shape": "it follows from the input's shape and the settings",
        "parameters": "build makes them; set their values",
        "work": "the layer writes its results into it",
    }
    rank: ClassVar[int] = 0

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "bias_regularizer": "Only W can be regularized.",
        "data_format": (
            "Images have their channels last here: leave it out, and turn what has them first by "
            "np.moveaxis(x, 1, -1)."
        ),
        "dtype": "It is the network's: Sequential(layers, dtype={value!r}).",
    }

    def __init_subclass__(cls, **options: Any) -> None:
        """What is said of a parent does not hold for a subclass with a ``forward`` of its own."""
        super().__init_subclass__(**options)
        custom.state_name(cls, "layer", "kind")
        if "runs_compiled" not in vars(cls):
            cls.runs_compiled = False
        if own_method(cls, "forward") or own_method(cls, "backward"):
            custom.not_inherited(cls, {name: vars(Layer)[name] for name in SAID})
        if not is_ours(cls.__module__):
            own.guard(cls, Layer)

    def __init__(self, name: str | None = None, trainable: bool = True) -> None:
        if not hasattr(type(self), "kind"):
            raise ConfigError(
                f"{type(self).__name__} is what layers inherit from: write a class of your own, "
                f"class Mine(layers.{type(self).__name__})."
            )
        self.given_name = _layer_name(name)
        self.name = name or self.kind
        self.trainable = trainable
        self.input_shape: Shape | None = None
        self.output_shape: Shape | None = None
        self.parameters: Parameters | None = None
        self._dtype: np.dtype[Any] | None = None
        self._prefix = ""  # of its parameters' names: the blocks that it lies in
        self.rng = np.random.default_rng()
        self.work = Workspace()

    # ---- what a kind of layer defines -------------------------------------------------

    def output_for(self, input_shape: Shape) -> Shape:
        """The shape of one output, for one input of ``input_shape`` (ShapeError if none fits)."""
        return input_shape

    def weights(self) -> list[Weight]:
        """The arrays that this layer needs; asked once the shapes are known."""
        return []

    def forward(self, x: Array, training: bool = False) -> Array:
        """y = f(x), and keeps what ``backward`` needs."""
        raise not_defined(self, "forward(x, training=False)")

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        """From dL/dy: writes dL/d(each parameter), returns dL/dx.

        With ``need_dx=False`` it returns None: nobody reads the gradient towards the input
        of the first layer, and for images it costs as much as the whole forward pass.
        """
        raise not_defined(self, "backward(dy, need_dx=True)")

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """The output before :attr:`function`, for a loss that contains the function."""
        return self.forward(x, training)

    def backward_logits(self, dz: Array, need_dx: bool = True) -> Array | None:
        """:meth:`backward` from the gradient towards what :meth:`forward_logits` gave."""
        return self.backward(dz, need_dx)

    @property
    def function(self) -> Activation | None:
        """The activation function that makes the output; None if there is none."""
        return None

    @property
    def output_function(self) -> Activation | None:
        """The function whose values the outputs are, or are means of: it says what they mean."""
        return self.function

    @property
    def width(self) -> int | None:
        """How many numbers lie along the last axis of an output; None where not known yet."""
        return self.output_shape[-1] if self.output_shape else None

    @property
    def saved(self) -> tuple[Any, ...] | None:
        """What the last forward kept for backward: a named tuple; None before it."""
        return None

    @property
    def output(self) -> Array | None:
        """The output of the last forward, where it is kept; else None."""
        return None

    @property
    def declared_input_shape(self) -> Shape | None:
        """The shape of one sample, where the layer says it: ``Dense(8, input_shape=(4,))``."""
        return self._declared

    @classmethod
    def _taken(
        cls, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
        """Keras's ``input_shape=`` and ``input_dim=`` of the first layer."""
        for word in ("input_shape", "input_dim"):
            if word in kwargs and word not in settings_of(cls):
                rest = {k: v for k, v in kwargs.items() if k != word}
                size = kwargs[word]
                sizes = (size,) if isinstance(size, (int, float)) else tuple(size)
                shape = tuple(whole_number(cls.__name__, word, one) for one in sizes)
                return args, rest, {"_declared": shape}
        return args, kwargs, {}

    def reads(self, places: Places) -> Places:
        """The places of the input that make these places of the output, in prediction.

        Along each axis of a sample: of an image (rows, columns, channels).  Unless a kind says
        otherwise all of them.
        """
        assert self.input_shape is not None
        return places if self.same_places else everything(self.input_shape)

    def config(self) -> dict[str, Any]:
        """The constructor's settings, as plain JSON.

        Unless a kind says otherwise: each argument of ``__init__``, from the attribute of its
        name.
        """
        return self._config_by_name({})

    def in_words(self) -> list[str]:
        """What ``summary`` says of its settings, beside those that many layers have."""
        return []

    def multiplications(self) -> int:
        """How many numbers are multiplied by weights for one sample, once the shapes are known."""
        return sum(layer.multiplications() for layer in self.sublayers())

    def numbers_kept(self) -> int:
        """How many numbers a step of training keeps for one sample: those of y and of dL/dx."""
        assert self.input_shape is not None and self.output_shape is not None
        inside = sum(layer.numbers_kept() for layer in self.sublayers())
        return prod(self.output_shape) + prod(self.input_shape) + inside

    # ---- its weights as a list ---------------------------------------------------------

    def get_weights(self) -> list[Array]:
        """Copies of its weights, in Keras' order: W, b; γ, β, mean, variance."""
        return [array.copy() for array in self._own_weights()]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Take the weights of a list as :meth:`get_weights` gives it.

        Raises:
            NotBuiltError: the layer has no place for them yet.
            ShapeError: too many, too few, or one of another shape.
            ConfigError: not numbers.
        """
        own, given = self._own_weights(), list(weights)
        if len(own) != len(given):
            raise ShapeError(
                f"{self.title}: set_weights: {len(given)} arrays came, but it has {len(own)}."
            )
        for number, (place, array) in enumerate(zip(own, given)):
            if np.shape(array) != place.shape:
                raise ShapeError(
                    f"{self.title}: set_weights: array {number} has shape {np.shape(array)}, but "
                    f"takes the place of one of shape {place.shape}."
                )
        for number, (place, array) in enumerate(zip(own, given)):
            write_into(place, array, f"{self.title}: array {number}")

    def _own_weights(self) -> list[Array]:
        self.dtype  # noqa: B018  says that it is not built
        assert self.parameters is not None
        return [self.parameters.view(self._prefix + w.name) for w in self.named_weights()]

    @property
    def keeps_running_values(self) -> bool:
        """Whether it has numbers that no gradient changes: running means of the batches."""
        if self.sublayers() or self.input_shape is None:
            return False
        return any(not weight.trained for weight in self.weights())

    def penalty(self) -> float:
        """What this layer's regularizers add to the loss."""
        return 0.0

    def shrinking(self) -> float:
        """2·λ of its L2 penalty: at a rate η each update takes the share η·2·λ off a weight."""
        regularizer = getattr(self, "kernel_regularizer", None)
        return 2.0 * float(getattr(regularizer, "l2", 0.0))

    def add_penalty_gradient(self) -> None:
        """Add the derivative of :meth:`penalty` to the gradients."""

    def constrain(self) -> None:
        """Bring the weights back inside their constraint, after an update."""

    @property
    def restrains(self) -> bool:
        """Whether it has a penalty or a constraint: a step asks those layers alone."""
        return self._defines_restraints(Layer)

    def _defines_restraints(self, beside: type[Layer]) -> bool:
        """Whether its class has penalties or constraints that ``beside`` has not."""
        cls = type(self)
        return any(getattr(cls, name) is not getattr(beside, name) for name in RESTRAINTS)

    # ---- the same for all -------------------------------------------------------------

    def setup(self, input_shape: Shape) -> None:
        """Fix the shapes."""
        if not is_ours(type(self).__module__):
            own.refuse_hidden(self, Layer)
        self.output_shape = self.output_for(input_shape)
        self.input_shape = input_shape

    def named_weights(self) -> Iterator[Weight]:
        """The weights under their full names, ``dense/W``."""
        for weight in self.weights():
            yield replace(
                weight,
                name=f"{self.name}/{weight.name}",
                trainable=weight.trainable and self.trainable,
            )

    def bind(self, parameters: Parameters, rng: np.random.Generator, prefix: str = "") -> None:
        """Take the views on the flat vectors: ``self.W``, ``self.dW`` and so on."""
        self.parameters, self.rng = parameters, rng
        self._dtype, self._prefix = parameters.dtype, prefix
        views: dict[str, Array] = {}
        for weight in self.weights():
            if "/" in weight.name:  # of a layer inside
                continue
            full = f"{prefix}{self.name}/{weight.name}"
            views[weight.name] = parameters.view(full)
            if weight.trained:
                views[f"d{weight.name}"] = parameters.gradient(full)
        for name, view in views.items():
            set_directly(self, name, view)
        self._views = views

    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        """Give the layer parameters of its own, for use outside a model."""
        rng = np.random.default_rng() if rng is None else rng
        self.setup(tuple(input_shape))
        self.bind(Parameters(list(self.named_weights()), rng, dtype), rng)

    def __call__(self, x: ArrayLike, training: bool = False) -> Array:
        """forward(x), building the layer when it has no parameters yet."""
        return self.forward(self.as_array(x), training)

    def as_array(self, x: ArrayLike) -> Array:
        """``x`` as an array; without weights yet, the layer is built for it."""
        array: Array = np.asarray(x)
        if array.dtype.kind not in "fiub":
            raise DataError(f"{self.title}: expected numbers, got an array of {array.dtype}.")
        if not np.issubdtype(array.dtype, np.floating) and not self.accepts_bytes:
            array = array.astype(np.float64 if self.parameters is None else self.dtype)
        if self.parameters is None:
            if array.ndim < 2:
                raise ShapeError(f"{self.title}: {_one_sample(array.shape)}")
            double = array.dtype == np.float64
            self.build(array.shape[1:], dtype=np.float64 if double else np.float32)
        return array

    def sublayers(self) -> list[Layer]:
        """The layers inside this one."""
        return []

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again, as plain JSON."""
        config: dict[str, Any] = {"layer": self.kind, **self._settings_config()}
        if self.given_name is not None:
            config["name"] = self.given_name
        if not self.trainable:
            config["trainable"] = False
        return config

    @property
    def dtype(self) -> np.dtype[Any]:
        """What it computes in."""
        if self.parameters is None:
            raise NotBuiltError(
                f"{self.title}: has no parameters yet. Call build((n_features,)), or put it in a "
                "Sequential and build or fit that."
            )
        return self.parameters.dtype

    @property
    def title(self) -> str:
        """How messages call it: ``Dense 'hidden'``."""
        return f"{type(self).__name__} {self.name!r}"

    def _take_kind(self, kind: str) -> None:
        """Have another name in files than its class: that of the file that it comes from."""
        self.__dict__["kind"] = kind
        self.__dict__["name"] = self.given_name or kind

    def no_forward(self) -> NotBuiltError:
        """What backward raises without a forward before it."""
        return NotBuiltError(f"{self.title}: backward needs a forward before it.")

    def check_input(self, x: Array) -> None:
        """Raises ShapeError when ``x`` is not what the layer was built for."""
        if x.shape[1:] != self.input_shape:
            if self.input_shape is None:
                self.dtype  # noqa: B018  says that it is not built
            assert self.input_shape is not None
            if x.shape == self.input_shape:
                raise ShapeError(f"{self.title}: {_one_sample(x.shape)}")
            wanted = ", ".join(map(str, ("n", *self.input_shape)))
            if x.ndim == 2 and len(self.input_shape) == 1:
                raise ShapeError(
                    f"{self.title}: input has {x.shape[1]} features, but the layer was built for "
                    f"{self.input_shape[0]}. Pass arrays of shape ({wanted})."
                )
            raise ShapeError(
                f"{self.title}: input has shape {x.shape}, but the layer was built for ({wanted})."
                + _in_another_order(x.shape[1:], self.input_shape)
            )

    def take_input(self, x: Array) -> Array:
        """``x`` in the layer's own type, its shape checked; it builds a layer without weights."""
        try:
            fits = x.shape[1:] == self.input_shape
        except AttributeError:  # a list
            fits = False
        if not fits:
            x = self.take_as_it_is(x)
        dtype = self._dtype or self.dtype
        if x.dtype is dtype or x.dtype == dtype:
            return x
        own = self.work.array("x", x.shape, dtype)
        np.copyto(own, x)
        return own

    def take_as_it_is(self, x: Array) -> Array:
        """``x`` as an array of whatever type, its shape checked; it builds a layer too."""
        if self.parameters is None or not hasattr(x, "shape"):
            x = self.as_array(x)
        if x.shape[1:] != self.input_shape:
            self.check_input(x)
        return x

    def take_gradient(self, dy: Array) -> Array:
        """``dy`` in the layer's own type, its shape checked: for a backward outside of a model."""
        if self.output_shape is None:
            raise self.no_forward()
        array: Array = np.asarray(dy, self._dtype)
        if array.shape[1:] != self.output_shape:
            wanted = ", ".join(map(str, ("n", *self.output_shape)))
            raise ShapeError(
                f"{self.title}: dL/dy has shape {array.shape}, but the output has ({wanted})."
            )
        return array

    # ---- attributes that are set --------------------------------------------------------

    def _assign(self, name: str, value: Any, frame: Any) -> None:
        view = self._views.get(name)
        if view is None:
            super()._assign(name, value, frame)
        else:
            write_into(view, value, f"{self.title}: {name}")

    def _set_name(self, name: str) -> None:
        if self.parameters is not None:
            raise ConfigError(
                f"{self.title}: its parameters are called after it: name it before it is built."
            )
        self.__dict__["given_name"] = self.__dict__["name"] = _layer_name(name)

    def _set_trainable(self, trainable: bool) -> None:
        if not isinstance(trainable, (bool, np.bool_)):
            raise ConfigError(f"{self.title}: trainable is {trainable!r}, not True or False.")
        self.__dict__["trainable"] = bool(trainable)
        self._has_changed("trainable")

    def _called(self) -> str:
        return self.title

    def _settings(self) -> dict[str, Any]:
        return {k: v for k, v in super()._settings().items() if k != "name"}

    def _accept(self, name: str, fresh: Layer) -> None:
        if self.parameters is None:
            return
        assert self.input_shape is not None
        fresh.__dict__["name"] = self.name
        fresh.setup(self.input_shape)
        if fresh.output_shape != self.output_shape or fresh.weights() != self.weights():
            raise ConfigError(
                f"{self.title}: {name} cannot be set any more: the layer is built, and its weights "
                "have their shapes and first values. Make a new layer."
            )

    def _has_changed(self, name: str) -> None:
        if self.parameters is not None:
            self.parameters.notify()

    def _unknown(self, name: str) -> str:
        text = super()._unknown(name)
        if self.parameters is None:
            text += " (It has no weights yet: build((n_features,)) makes them.)"
        return text

    def _settings_config(self) -> dict[str, Any]:
        """``config()``; of a class with an ``__init__`` but no ``config``, its own settings too."""
        cls = type(self)
        says = next(c for c in cls.__mro__ if "config" in vars(c))
        takes = next(c for c in cls.__mro__ if "__init__" in vars(c))
        config = self.config()
        if takes is says or not issubclass(takes, says):
            return config
        return self._config_by_name(config)

    def _config_by_name(self, known: dict[str, Any]) -> dict[str, Any]:
        found = {}
        own.refuse_lost_arguments(type(self))
        for name in settings_of(type(self)):
            if name in ("name", "trainable"):
                continue
            if name not in known and name not in self.__dict__:
                lost = custom.lost_setting(type(self), name).removesuffix(".")
                raise ConfigError(f"{lost}, or define config().")
            found[name] = known[name] if name in known else _plain(self.__dict__[name])
        return found

    def __repr__(self) -> str:
        """The settings that differ from those that it has by itself."""
        usual = {k: _short(v) for k, v in defaults_of(type(self)).items()}
        if usual.get("strides") == "linear":  # None: as large as the pool
            usual["strides"] = _short(self.config().get("pool_size"))
        inside = self.sublayers()
        shown = [listed(inside)] if inside else []
        for name, value in self.config().items():
            short = tuple(value) if name.endswith("shape") else _short(value)
            if (name in usual and short == usual[name]) or (inside and _holds_layers(value)):
                continue
            shown.append(f"{name}={short!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __getstate__(self) -> dict[str, Any]:
        """Pickles and copies carry the settings and the flat vectors, not the work arrays.

        Nor the views: as arrays of their own they would no longer be windows on the vectors.
        """
        left_out = {"work", "_views"}
        if self.parameters is not None:
            left_out |= {start + weight.name for weight in self.weights() for start in ("", "d")}
        state = {k: v for k, v in self.__dict__.items() if k not in left_out}
        return state | {"_saved": None} if "_saved" in state else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.work = Workspace()
        if self.parameters is not None:
            self.bind(self.parameters, self.rng, self._prefix)


def goes_as(layer: Layer, kind: type[Layer]) -> bool:
    """Whether it goes forward and back as this kind does: a subclass may have either of its own."""
    cls = type(layer)
    return cls.forward is kind.forward and cls.backward is kind.backward


def _layer_name(name: Any) -> Any:
    if name is not None and (not isinstance(name, str) or not name or "/" in name):
        raise ConfigError(f"layer name {name!r}: expected a text without '/', as in 'hidden'.")
    return name


def _in_another_order(shape: Shape, wanted: Shape) -> str:
    """The way out, where a sample has the wanted numbers in another shape."""
    if len(wanted) == 3 and shape == (wanted[-1], *wanted[:-1]):
        return " Its channels come first, and glassnet has them last: pass np.moveaxis(x, 1, -1)."
    if prod(shape) == prod(wanted) and (*shape, 1) == wanted:
        return " Pass x[..., None]."
    if prod(shape) == prod(wanted) and len(shape) == 1:
        return f" Pass x.reshape{(-1, *wanted)}."
    return ""


def listed(layers: Iterable[Layer]) -> str:
    """``[Flatten(), Dense(units=3)]``; a line for each, where one is not enough."""
    each = [repr(layer) for layer in layers]
    line = f"[{', '.join(each)}]"
    if len(line) <= LINE:
        return line
    return "[\n" + "".join(textwrap.indent(one, "    ") + ",\n" for one in each) + "]"


def _short(value: Any) -> Any:
    """A setting as people write it: ``{"name": "relu"}`` is "relu", [2, 2] is 2."""
    if isinstance(value, Mapping) and value.keys() == {"name"}:
        return _short(value["name"])
    if isinstance(value, (list, tuple)) and all(isinstance(part, int) for part in value):
        return value[0] if len(set(value)) == 1 else tuple(value)
    return "linear" if value is None else value


def _holds_layers(value: Any) -> bool:
    """Whether a setting is a list of layers, perhaps in lists: they are shown by themselves."""
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, Mapping) and "layer" in value


def _one_sample(shape: Shape) -> str:
    return (
        f"x has shape {shape}: that is one sample, and a layer takes a batch. Pass x[None], "
        f"of shape {(1, *shape)}."
    )


def _plain(value: Any) -> Any:
    """A setting as JSON can hold it."""
    if hasattr(value, "get_config"):
        return value.get_config()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
