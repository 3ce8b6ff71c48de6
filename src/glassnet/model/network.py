"""A stack of layers with their parameters: forward and backward through all of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from glassnet._core.attributes import Declared
from glassnet._core.available import free_below, gigabytes
from glassnet._core.parameters import Parameters, float_type
from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.activations import Activation as ActivationFunction
from glassnet.data.arrays import as_array, as_type, check_finite
from glassnet.errors import (
    ConfigError,
    DataError,
    NotBuiltError,
    OutOfMemoryError,
    ShapeError,
)
from glassnet.layers import Layer
from glassnet.layers.naming import LayerList, name_apart
from glassnet.layers.passes import Passes
from glassnet.layers.walk import outputs_each, walk
from glassnet.layers.windows import refuse_channels_first
from glassnet.model.weight_list import take

Shape = tuple[int, ...]


class Network(Declared):
    """Layers, one after the other, over one flat vector of parameters.

    Attributes:
        layers: in the order in which the data flows.
        parameters: every number that is learned; exists once built.
        rng: the one source of randomness: initial weights, order of the samples, dropout.
    """

    name: str
    parameters: Parameters

    _fixed: ClassVar[Mapping[str, str]] = {
        "built": "build((n_features,)) does that",
        "dtype": "copy(dtype) is a network of another type",
        "input_shape": "build((n_features,)) fixes it",
        "parameters": "build makes them; set their values",
        "seed": "it was used for the first weights; give it to a new network",
    }

    def __init__(
        self,
        layers: Sequence[Layer] = (),
        seed: int | None = None,
        dtype: DTypeLike = "float32",
        name: str | None = None,
    ) -> None:
        self._set_name(name or "sequential")
        self.dtype = float_type(dtype)
        self.seed = None if seed is None else whole_number("network", "seed", seed, minimum=0)
        self.rng = np.random.default_rng(self.seed)
        # a stream of its own: the first weights do not depend on when the network is built
        self._weights_rng = self.rng.spawn(1)[0]
        self.layers: LayerList = LayerList()
        self.built = False
        self._passes: Passes | None = None  # once used
        self._joined: Passes | None = None
        self._examined: Passes | None = None
        self._outputs_each = 0
        self.input_shape: Shape | None = None
        for layer in layers:
            self.add(layer)

    @classmethod
    def _taken(
        cls, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
        """PyTorch's ``Sequential(first, second, …)``, without a list."""
        if args and all(isinstance(layer, Layer) for layer in args):
            return (list(args),), kwargs, {}
        return args, kwargs, {}

    def add(self, layer: Layer) -> None:
        """Put ``layer`` at the end.

        Raises:
            ConfigError: not a layer, or the network is built already.
        """
        self.layers.append(layer)

    def _set_layers(self, layers: Sequence[Layer]) -> None:
        self.layers[:] = layers

    def _set_name(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise ConfigError(f"name is {name!r}, but must be a text.")
        self.__dict__["name"] = name

    # ---- building ----------------------------------------------------------------------

    def build(
        self,
        input_shape: Shape | Sequence[int] | int,
        *,
        expecting: Mapping[str, Shape] | None = None,
    ) -> None:
        """Fix the shapes and make the parameters, with their initial values.

        Args:
            input_shape: of one sample, without the batch: ``(784,)``.
            expecting: the shapes that the weights must have, by name: those of a file, say.

        Raises:
            ShapeError: the shapes of the layers do not fit each other; or weights of other names
                or shapes than expected, before any memory is taken for them.
            ConfigError: no layers, or a layer that has weights already.
        """
        sizes: tuple[Any, ...] = (
            (input_shape,) if isinstance(input_shape, int) else tuple(input_shape)
        )
        if len(sizes) > 1 and sizes[0] is None:  # Keras's: the batch, of any size
            sizes = sizes[1:]
        if not all(isinstance(size, (int, np.integer)) for size in sizes):
            raise ShapeError(
                f"build: {input_shape!r} is no shape of one sample; expected whole numbers without "
                "the batch, as in (784,)."
            )
        shape = tuple(int(size) for size in sizes)
        if self.built:
            if shape != self.input_shape:
                raise ShapeError(f"{self.name} was built for samples of shape {self.input_shape}.")
            return
        name_apart(self.layers)
        if not self.layers:
            raise ConfigError("the network has no layers: Sequential([layers.Dense(10), …]).")
        if any(size < 1 for size in shape):
            raise ShapeError(f"samples of shape {shape}: every size must be at least 1.")
        for layer in self.all_layers():
            if layer.parameters is not None:
                raise ConfigError(
                    f"{layer.title} has weights already, perhaps of another network, which would "
                    "lose them. Make a new layer, or begin with a copy of that network, "
                    "model.copy()."
                )
        flowing = shape
        for layer in self.layers:
            if flowing == shape and any(inner.rank == 2 for _, inner in walk([layer])):
                refuse_channels_first(layer.title, shape)
            layer.setup(flowing)
            assert layer.output_shape is not None
            flowing = layer.output_shape
        weights = [w for layer in self.layers for w in layer.named_weights()]
        if expecting is not None:
            _refuse_unexpected({w.name: w.shape for w in weights}, expecting)
        self.parameters = Parameters(weights, self._weights_rng, self.dtype)
        for layer in self.layers:
            layer.bind(self.parameters, self.rng)
        self._outputs_each = outputs_each(list(self.all_layers()))
        self.input_shape = shape
        self.built = True
        self.layers.lock(f"{self.name} is built: make a new Sequential to change its layers.")
        self.parameters.watch(self._layers_changed)

    def build_from_input(self) -> None:
        """Build, if the first layer says the shape of the data."""
        shape = self.layers[0].declared_input_shape if self.layers else None
        if not self.built and shape is not None:
            self.build(shape)

    def need_built(self, what: str) -> None:
        """Raises NotBuiltError, naming what was tried."""
        if not self.built:
            raise NotBuiltError(
                f"{self.name}: {what} needs parameters, and there are none yet. Call fit(x, y), or "
                "build((n_features,))."
            )

    def set_trainable(self, layers: Iterable[Layer], trainable: bool) -> None:
        """Freeze these layers of the network, or free them; also in the middle of ``fit``."""
        for layer in layers:
            layer.trainable = trainable
        if self.built:
            self._layers_changed()

    def refreeze(self) -> None:
        """Read ``trainable`` of the layers again."""
        weights = [w for layer in self.layers for w in layer.named_weights()]
        self.parameters.train_only([w.name for w in weights if w.trained and w.trainable])

    def _layers_changed(self) -> None:
        """A layer has got another setting."""
        self.refreeze()
        self._joined = self._examined = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_joined": None, "_examined": None}  # work arrays

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"_examined": None} | state)  # a pickle of 0.2 has none
        if self.built:
            self.parameters.watch(self._layers_changed)

    # ---- the weights as a list ---------------------------------------------------------

    def get_weights(self) -> list[Array]:
        """Copies of all weights, layer by layer in Keras' order: W, b; γ, β, mean, variance.

        Raises:
            NotBuiltError: there are none yet.
        """
        self.need_built("get_weights")
        return [self.parameters.view(name).copy() for name in self._weight_names()]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Take the weights of a list as :meth:`get_weights` gives it.

        Raises:
            NotBuiltError: the network has no place for them yet.
            ShapeError: too many, too few, or one of another shape; nothing has changed then.
            DataError: not numbers, or not finite.
        """
        self.need_built("set_weights")
        take(self.parameters, self._weight_names(), weights, self.name)

    def count_params(self) -> int:
        """How many numbers all weights are, those that are not trained among them."""
        self.need_built("count_params")
        return self.parameters.size + self.parameters.state.size

    def _weight_names(self) -> list[str]:
        return [w.name for layer in self.layers for w in layer.named_weights()]

    # ---- forward and backward ----------------------------------------------------------

    def forward(self, x: Array, training: bool = False) -> Array:
        """The output for a batch ``x`` of the network's own type."""
        return self._need_passes("forward").forward(x, training)

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """The output before the last activation."""
        return self._need_passes("forward_logits").forward_logits(x, training)

    def backward(self, dy: Array, from_logits: bool = False) -> None:
        """From dL/d(output), or dL/d(logits): write every gradient.

        It ends at the lowest layer that learns; nobody reads the gradient below it.
        """
        self._need_passes("backward").backward(dy, from_logits)

    def _need_passes(self, what: str) -> Passes:
        if self._passes is None:
            self.need_built(what)
            self._passes = Passes(self.layers)
        return self._passes

    @property
    def joined(self) -> Passes:
        """The same with layers in one pass where that is faster: to train and to predict."""
        if self._joined is None:
            self._joined = Passes(self.layers, join=True)
        return self._joined

    @property
    def examined(self) -> Passes:
        """The same to look at outputs and gradients: with what training has compiled."""
        if self._examined is None:
            self._examined = Passes(self.layers, examine=True)
        return self._examined

    def output_activation(self) -> ActivationFunction | None:
        """The function that makes the output, if the last layer has one."""
        return self.layers[-1].function

    def output_function(self) -> ActivationFunction | None:
        """The function whose values the outputs are, or, of an ensemble, are means of."""
        return self.layers[-1].output_function

    @property
    def outputs(self) -> int:
        """How many numbers come out for one sample."""
        self.need_built("outputs")
        shape = self.layers[-1].output_shape
        assert shape is not None
        if len(shape) != 1:
            raise ShapeError(
                f"the network's output has shape {shape} for each sample, but must be a row. "
                "Put Flatten() before the last Dense."
            )
        return shape[0]

    @property
    def outputs_each(self) -> int:
        """How many numbers all layers together give for one sample."""
        return self._outputs_each

    def need_memory(self, rows: int, called: str, each: int, beside: int = 0) -> None:
        """For ``rows`` samples at once, of so many numbers each, and those that are there anyway.

        Raises:
            OutOfMemoryError: they do not fit; it says how many do, and which layer is the largest.
        """
        size = self.dtype.itemsize
        needed = (rows * each + beside) * size
        free = free_below(needed)
        if free is None:
            return
        most = max(0, free - beside * size) // (each * size)
        leaves = [layer for layer in self.all_layers() if not layer.sublayers()]
        largest = max(leaves, key=lambda layer: outputs_each([layer]))
        shape = ", ".join(map(str, ("n", *(largest.output_shape or ()))))
        way = (
            f"Use batch_size={most} or less, or smaller samples" if most else "Use smaller samples"
        )
        what = f"{rows:,} samples at once need" if rows > 1 else "one sample needs"
        raise OutOfMemoryError(
            f"{called}: {what} {gigabytes(needed)}, and {gigabytes(free)} of the memory are free. "
            f"The largest layer is {largest.title}, with outputs of shape ({shape}). {way}, or "
            "strides and pooling earlier."
        )

    @property
    def over_images(self) -> bool:
        """Whether a layer moves windows over images or series."""
        return any(layer.rank for layer in self.all_layers())

    def all_layers(self) -> Iterator[Layer]:
        """Every layer, those inside blocks as well."""
        return (layer for _, layer in walk(self.layers))

    @contextlib.contextmanager
    def reusing_memory(self) -> Iterator[None]:
        """Let the layers write into the same arrays again and again: the training loop's way."""
        works = [layer.work for layer in self.all_layers()]
        for work in works:
            work.reuse = True
        try:
            yield
        finally:
            for work in works:
                work.reuse = False
                work.clear()

    # ---- what comes in -----------------------------------------------------------------

    def take_input(self, x: ArrayLike, check: bool = True) -> Array:
        """``x`` as the first layer reads it: of the network's type, or bytes where it scales them.

        Raises:
            DataError: empty, not numbers, NaN or infinite (which row and column), or too large
                for the network's type.
            ShapeError: not the features that the network was built for.
        """
        array = as_array(x, "x")
        if array.dtype.kind == "O":
            array = _numbers(array)
        kind = array.dtype.kind
        if kind not in "fiub":
            raise DataError(f"x must hold numbers, got dtype {array.dtype}. Encode it first.")
        if self.built and array.shape[1:] != self.input_shape:
            array = self._with_its_channel(array)
            self.layers[0].check_input(array)
        if kind == "u" and array.dtype == np.uint8 and self.layers[0].accepts_bytes:
            return array
        if check:
            check_finite(array, "x")
        return as_type(array, self.dtype, "x")

    def _with_its_channel(self, x: Array) -> Array:
        """Images of one channel may come with the axis for it, or without."""
        own, given = self.input_shape or (), x.shape[1:]
        if max(len(own), len(given)) > 2 and (given == (*own, 1) or (*given, 1) == own):
            return x.reshape(len(x), *own)
        return x


def _numbers(x: Array) -> Array:
    try:
        return x.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"x is an object array that holds more than numbers: {error}.") from None


def _refuse_unexpected(own: Mapping[str, Shape], expected: Mapping[str, Shape]) -> None:
    """Raises ShapeError where names or shapes of weights differ."""
    missing = [name for name in own if name not in expected]
    extra = [name for name in expected if name not in own]
    if missing or extra:
        raise ShapeError(
            f"the tensors do not fit the network: missing {missing[:5]}, unknown {extra[:5]}; "
            f"expected {list(own)[:8]}."
        )
    for name, shape in own.items():
        if expected[name] != shape:
            raise ShapeError(
                f"{name} has shape {expected[name]} in the file, {shape} in the network."
            )
