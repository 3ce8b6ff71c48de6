"""A network that begins with the layers of one that was trained before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glassnet import activations, layers
from glassnet._core import custom
from glassnet._core.settings import number, whole_number
from glassnet.errors import ConfigError
from glassnet.layers.walk import of_class, walk
from glassnet.model import Sequential, saving


def start_from(
    model: Sequential,
    classes: int = 10,
    *,
    classifier_activation: Any = "softmax",
    image_max: float | None = None,
    seed: int | None = None,
    name: str | None = None,
    source: str | None = None,
) -> Sequential:
    """All layers of ``model`` but the last, with copies of their weights, and a new last layer.

    What was learned of edges and corners serves other images as well, so that few of them are
    enough. The kept layers are frozen; the new one, a Dense over what they give, learns first, and
    the callback :class:`~glassnet.callbacks.Unfreeze` frees the others later:

        small = networks.start_from(model, classes=3)
        small.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
        small.fit(x, y, epochs=20, callbacks=Unfreeze(10, learning_rate=1e-4))

    The last layer is the last with weights that multiply, with all that stands behind it. A
    network that ends in feature maps, without a classifier, is kept as a whole, and the means of
    its maps are read.  ``model`` itself stays as it is.

    Args:
        classes: how many outputs.
        classifier_activation: of the outputs; for a regression None.
        image_max: the value of a white pixel of the new images: 255 for bytes. The layer that
            scales them is set so that white becomes what it was for ``model``; if there is none,
            they are divided by it. None: they are as those that ``model`` learned from.
        seed: for the weights of the new layer.
        source: how ``summary`` calls ``model``; None: its name.

    Returns:
        A built ``Sequential``, for samples of the shape that ``model`` takes.

    Raises:
        NotBuiltError: ``model`` has no weights yet.
        ConfigError: no layer would be kept, or it is an ensemble.

    Source: J. Yosinski, J. Clune, Y. Bengio, H. Lipson, How transferable are features in deep
    neural networks?, NeurIPS 2014.
    """
    model.need_built("start_from")
    classes = whole_number("start_from", "classes", classes)
    f = activations.get(classifier_activation)
    kept = kept_layers(model)
    with custom.named(custom.own(saving.kinds_of(model))):
        copies = [layers.from_config(layer.get_config()) for layer in kept.layers]
    stack = copies if image_max is None else _scaled(copies, kept.layers, image_max)
    head = [*_flat(kept.layers[-1]), layers.Dense(classes, f, kernel_initializer=f.initializer)]
    made = Sequential(
        [*stack, *head], seed=seed, dtype=model.dtype, name=name or f"from_{model.name}"
    )
    assert model.input_shape is not None
    made.build(model.input_shape)
    for copy, layer in zip(copies, kept.layers, strict=True):
        copy.set_weights(layer.get_weights())
    made.set_trainable([copy for _, copy in walk(copies) if copy.weights()], False)
    made.started_from = f"{kept} of {source or model.name}"
    return made


@dataclass(frozen=True)
class Kept:
    """The layers that a new network begins with.

    Attributes:
        count: how many of them have weights, those inside blocks as well.
        parameters: how many numbers these were learned with.
    """

    layers: Sequence[layers.Layer]
    count: int
    parameters: int

    def __str__(self) -> str:
        """``3 layers with 34,826 parameters, conv2d … dense``"""
        named = [layer.name for layer in self.layers if layer.weights()]
        span = named[0] if len(named) == 1 else f"{named[0]} … {named[-1]}"
        many = f"{self.count} layers" if self.count > 1 else "1 layer"
        return f"{many} with {self.parameters:,} parameters, {span},"


def kept_layers(model: Sequential) -> Kept:
    """Those of a trained network that a new one would begin with: all but the last.

    Raises:
        ConfigError: there are none, or it is an ensemble.
    """
    stack = list(model.layers)
    for layer in stack:
        if layer.wiring == "parallel":
            raise ConfigError(
                f"start_from: {model.name} is several networks side by side ({layer.title}), and "
                "has no last layer: take one of them, model.member(0)."
            )
    shape = stack[-1].output_shape or ()
    learned = [i for i, layer in enumerate(stack) if layer.multiplications()]
    ends_in_maps = len(shape) > 1 or (learned and stack[learned[-1]].sublayers())
    kept = stack if ends_in_maps else stack[: learned[-1] if learned else 0]
    inside = [layer for _, layer in walk(kept) if not layer.sublayers() and layer.weights()]
    if not any(layer.multiplications() for layer in inside):
        raise ConfigError(
            f"start_from: {model.name} has only one layer with weights, the last, which is made "
            "anew: nothing would be kept. Start from a network with a hidden layer, or train anew."
        )
    count = sum(model.parameters.slices[n].stop - model.parameters.slices[n].start
                for layer in kept for n in _trained(layer))  # fmt: skip
    return Kept(kept, len(inside), count)


def _trained(layer: layers.Layer) -> list[str]:
    return [weight.name for weight in layer.named_weights() if weight.trained]


def _flat(last: layers.Layer) -> list[layers.Layer]:
    """What makes a row of what the kept layers give: the mean of each map."""
    rank = len(last.output_shape or ())
    if rank <= 1:
        return []
    return [layers.GlobalAveragePooling2D() if rank == 3 else layers.Flatten()]


def white_of(stack: Sequence[layers.Layer]) -> float | None:
    """The value of a white pixel for a network that scales its images; None: it does not.

    x·scale + offset = 1 at white: 1/255 and 0 are of bytes, and 1/127.5 and -1 as well.
    """
    scaling = of_class(_before_weights(stack), layers.Rescaling)
    return (1 - scaling[0].offset) / scaling[0].scale if scaling and scaling[0].scale else None


def _scaled(
    copies: list[layers.Layer], originals: Sequence[layers.Layer], image_max: float
) -> list[layers.Layer]:
    """The layers, with white pixels of ``image_max`` scaled to what they were for the original."""
    image_max = number("start_from", "image_max", image_max, above=0.0)
    white = white_of(originals)
    if white is None:
        first = 1 if copies[0].kind == "input" else 0
        scaling = [] if image_max == 1 else [layers.Rescaling(1 / image_max)]
        return [*copies[:first], *scaling, *copies[first:]]
    scaling = of_class(copies[: len(_before_weights(originals))], layers.Rescaling)
    if white != image_max:
        scaling[0].scale = scaling[0].scale * white / image_max
    return copies


def _before_weights(stack: Sequence[layers.Layer]) -> list[layers.Layer]:
    """The layers in front of the first with weights."""
    first = next((i for i, layer in enumerate(stack) if layer.weights()), len(stack))
    return list(stack[:first])
