"""A layer of a user's own: what it gives back is looked at, where it gives it back."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from inspect import getattr_static
from typing import Any

import numpy as np

from glassnet import initializers
from glassnet._core.attributes import is_ours, settings_of
from glassnet._core.guards import outermost, refuse_other_arguments, reserved
from glassnet._core.parameters import Weight
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError

Method = Callable[..., Any]
Layer = Any  # its base calls this module


def guard(cls: type[Any], base: type[Any]) -> None:
    """Look at what the methods that the class defines give back."""
    ours = [one for one in cls.__mro__ if is_ours(one.__module__) and hasattr(one, "forward")]
    cls._reads_only = len(ours) == 1  # no forward of glassnet's own is called with its x
    for name in ("forward", "forward_logits"):
        refuse_other_arguments(cls, name, "x, training")
        outermost(cls, name, lambda method, name=name: _forward(method, name))  # type: ignore[misc]
    for name in ("backward", "backward_logits"):
        refuse_other_arguments(cls, name, "dy, need_dx")
        outermost(cls, name, lambda method, name=name: _backward(method, name))  # type: ignore[misc]
    outermost(cls, "output_for", _output_for)
    outermost(cls, "weights", lambda method: _weights(method, base))


def refuse_hidden(layer: Layer, kind: type[Any]) -> None:
    """Raises ConfigError for a ``kind`` (Layer) in an attribute that is none of ``sublayers``."""
    inside = layer.sublayers()
    for name, value in vars(layer).items():
        for part in _parts(value):
            if hasattr(part, "all_layers"):  # a network
                part = part.layers[0] if part.layers else part
            elsewhere = getattr(part, "input_shape", None) is not None  # of the same network
            if isinstance(part, kind) and not elsewhere and not any(part is one for one in inside):
                raise ConfigError(
                    f"{layer.title}: self.{name} holds {part.title}, which would neither learn nor "
                    "be saved. Inherit from layers.Block and give it the layers: "
                    "super().__init__(layers, name, trainable)."
                )


def _parts(value: Any) -> Iterable[Any]:
    """What lies in lists, tuples and dicts, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return [value]
    return [deeper for part in value for deeper in _parts(part)]


def refuse_lost_arguments(cls: type[Any]) -> None:
    """Raises ConfigError for ``*args`` of an ``__init__``, which no attribute's name tells of."""
    init = next(vars(parent)["__init__"] for parent in cls.__mro__ if "__init__" in vars(parent))
    parameters = inspect.signature(init).parameters.values()
    many = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
    if many and not any(p.kind is p.VAR_KEYWORD for p in parameters):  # else they are a parent's
        raise ConfigError(
            f"{cls.__name__}: a copy or a file would lose what __init__ takes in *{many[0]}. Take "
            f"it as one argument: {many[0]}=()."
        )


def refuse_changed(layer: Layer, settings: Mapping[str, Any]) -> None:
    """Raises ConfigError where a layer does not keep the settings that it was made of."""
    again = layer._settings_config()
    for name, value in settings.items():
        if name in again and not _same(again[name], value):
            raise ConfigError(
                f"{type(layer).__name__}: made with {name}={value!r}, it says {again[name]!r}, so "
                f"each copy would be another. Keep the argument itself, self.{name} = {name}, and "
                "what is made of it under another name."
            )


def _same(one: Any, other: Any) -> bool:
    """Whether a file says the same of both: a tuple comes back as a list."""
    try:
        return to_json(one) == to_json(other)
    except TypeError:  # a function: the copy holds the same one
        return one is other


def _forward(method: Method, name: str) -> Method:
    def checked(self: Layer, x: Any, training: bool = False) -> Array:
        x = self.take_as_it_is(x) if self.accepts_bytes else self.take_input(x)
        assert self.output_shape is not None
        if self._reads_only:  # what it gets is the array of the layer below, or of the caller
            x = x.view()
            x.flags.writeable = False
        try:
            y = method(self, x, training)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise ConfigError(
                f"{self.title}: {name} writes into x, which is not its own: y = x * 2, not x *= 2."
            ) from error
        return _array(self, name, y, (len(x), *self.output_shape))

    return checked


def _backward(method: Method, name: str) -> Method:
    def checked(self: Layer, dy: Any, need_dx: bool = True) -> Array | None:
        dy = self.take_gradient(dy)
        dx = method(self, dy, need_dx)
        if not need_dx:
            return None
        assert self.input_shape is not None
        return _array(self, name, dx, (len(dy), *self.input_shape))

    return checked


def _array(layer: Layer, method: str, given: Any, shape: tuple[int, ...]) -> Array:
    """What a method gave as an array of the network's type; its shape is looked at.

    Raises:
        ShapeError: another shape.
        ConfigError: no numbers.
    """
    if given is None:
        raise ConfigError(
            f"{layer.title}: {method} gave back nothing (None); expected an array of shape {shape}."
        )
    dtype = layer.dtype
    alike = type(given) is np.ndarray and given.dtype == dtype and given.shape == shape
    if alike and given.flags.carray:
        return np.asarray(given)
    try:
        array = np.asarray(given)
    except ValueError:  # rows of different lengths
        array = np.empty(0, object)
    if array.dtype.kind not in "fiub":
        raise ConfigError(
            f"{layer.title}: {method} gave back an array of {array.dtype}; expected numbers, an "
            f"array of shape {shape}."
        )
    if array.shape != shape and method.startswith("back"):
        raise ShapeError(
            f"{layer.title}: {method} gave back an array of shape {array.shape}; expected {shape}, "
            "the shape of x."
        )
    if array.shape != shape:
        raise ShapeError(
            f"{layer.title}: {method} gave back an array of shape {array.shape}; expected {shape}, "
            "as output_for says."
        )
    return np.require(array, dtype, ["C", "W"])


def _output_for(method: Method) -> Method:
    def checked(self: Layer, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        shape = method(self, input_shape)
        if not _is_shape(shape):
            raise ShapeError(
                f"{self.title}: output_for gave back {shape!r}; expected the shape of one output "
                "as whole numbers without the batch, as in (4,)."
            )
        return tuple(int(size) for size in shape)

    return checked


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, (tuple, list)) and all(
        isinstance(size, (int, np.integer)) and not isinstance(size, bool) and size > 0
        for size in shape
    )


def _weights(method: Method, base: type[Any]) -> Method:
    def checked(self: Layer) -> list[Weight]:
        given = method(self)
        if not isinstance(given, (list, tuple)) or not all(isinstance(w, Weight) for w in given):
            raise ConfigError(
                f"{self.title}: weights gave back {given!r}; expected a list, as in "
                "[layers.Weight('s', (1,), initializers.Ones())]."
            )
        inside = {w.name for one in self.sublayers() for w in one.named_weights()}
        _refuse_names(self, base, [one.name for one in given if one.name not in inside])
        return [_whole(self, weight) for weight in given]

    return checked


def _whole(layer: Layer, weight: Weight) -> Weight:
    """The weight with its shape as a tuple and its initializer made of a name or a function."""
    shape: Any = weight.shape
    if isinstance(shape, (int, np.integer)):
        shape = (int(shape),)
    if not _is_shape(shape) or not shape:
        raise ConfigError(
            f"{layer.title}: the weight {weight.name!r} has the shape {weight.shape!r}; expected "
            "whole numbers from 1 on, as in (1,)."
        )
    initializer = weight.initializer
    if not isinstance(initializer, initializers.Initializer):
        initializer = initializers.get(initializer)
    return replace(weight, shape=tuple(shape), initializer=initializer)


def _refuse_names(layer: Layer, base: type[Any], names: Iterable[Any]) -> None:
    """Raises ConfigError for a weight whose name, or that of its gradient, is taken."""
    known = {*reserved(base), *settings_of(type(layer))}
    taken: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise ConfigError(
                f"{layer.title}: a weight is called {name!r}; expected a name as in self.s."
            )
        for attribute in (name, f"d{name}"):
            there = getattr_static(type(layer), attribute, None) is not None
            setter = hasattr(type(layer), f"_set_{attribute}")
            if there or setter or attribute in taken or attribute in known:
                raise ConfigError(
                    f"{layer.title}: the weight {name!r} becomes self.{name}, its gradient "
                    f"self.d{name}, and self.{attribute} is something else already. Call it "
                    "otherwise."
                )
            taken.add(attribute)
