"""A network that begins with the layers of one that was trained before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from glassnet import activations, layers
from glassnet._core import custom
from glassnet._core.settings import number, whole_number
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers.walk import of_class, walk
from glassnet.model import Sequential, saving


def start_from(
    model: Sequential,
    classes: int = 10,
    *,
    classifier_activation: Any = "softmax",
    dropout: float = 0.0,
    input_shape: Sequence[int] | None = None,
    image_max: float | None = None,
    augment: str = "none",
    seed: int | None = None,
    name: str | None = None,
    source: str | None = None,
) -> Sequential:
    """All layers of ``model`` but the last, with copies of their weights, and a new last layer.

    What was learned of edges and corners serves other images as well, so that few of them are
    enough. The kept layers are frozen; the new one, a Dense over what they give, learns first, and
    the callback :class:`~glassnet.callbacks.Unfreeze` frees the others later::

        small = networks.start_from(model, classes=3)
        small.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
        small.fit(x, y, epochs=20, callbacks=Unfreeze(10, learning_rate=1e-4))

    The last layer is the last with weights that multiply, with all that stands behind it. A
    network that ends in feature maps, without a classifier, is kept as a whole, and the means of
    its maps are read. Layers that change images at random, in front, are not kept: they belonged
    to the old images.  ``model`` itself stays as it is.

    Args:
        classes: how many outputs.
        classifier_activation: of the outputs; for a regression None.
        dropout: the share of what the new layer reads that is left out while it learns; it takes
            the place of a dropout that is kept.
        input_shape: of one sample; None: as ``model`` takes them. Another size of images fits where
            the layers work with any, as before GlobalAveragePooling2D.
        image_max: the value of a white pixel of the new images: 255 for bytes. The layer that
            scales them is set so that white becomes what it was for ``model``; if there is none,
            they are divided by it. None: they are as those that ``model`` learned from.
        augment: how images are changed at random, in the words of ``layers.augment``.
        seed: for the weights of the new layer.
        source: how ``summary`` calls ``model``; None: its name.

    Returns:
        A built ``Sequential``.

    Raises:
        NotBuiltError: ``model`` has no weights yet.
        ConfigError: no layer would be kept, or it is an ensemble.
        ShapeError: the layers do not fit samples of ``input_shape``.

    Source: J. Yosinski, J. Clune, Y. Bengio, H. Lipson, How transferable are features in deep
    neural networks?, NeurIPS 2014.
    """
    model.need_built("start_from")
    assert model.input_shape is not None
    classes = whole_number("start_from", "classes", classes)
    f = activations.get(classifier_activation)
    shape = model.input_shape if input_shape is None else tuple(input_shape)
    kept = kept_layers(model)
    with custom.named(custom.own(saving.kinds_of(model))):
        copies = [layers.from_config(layer.get_config()) for layer in kept.layers]
    stack = _front(copies, kept.layers, image_max, layers.augment(augment, shape), shape)
    stack += [*_flat(kept.layers[-1]), *_dropped(stack, dropout)]
    stack.append(layers.Dense(classes, f, kernel_initializer=f.initializer))
    made = Sequential(stack, seed=seed, dtype=model.dtype, name=name or f"from_{model.name}")
    try:
        made.build(shape)
        for copy, layer in zip(copies, kept.layers, strict=True):
            if layer.weights():
                copy.set_weights(layer.get_weights())
    except ShapeError as error:
        raise ShapeError(
            f"start_from: {model.name} takes samples of shape {model.input_shape}, and what is "
            f"kept of it does not fit samples of shape {shape} ({error})"
        ) from None
    made.set_trainable([copy for _, copy in walk(copies) if copy.weights()], False)
    made.started_from = f"{kept} of {source or model.name}"
    return made


def behind(front: layers.Layer, model: Sequential) -> Sequential:
    """A copy of ``model`` that reads what ``front``, a layer without weights, makes of samples."""
    assert model.input_shape is not None
    with custom.named(custom.own(saving.kinds_of(model))):
        copies = [layers.from_config(one.get_config()) for one in model.layers]
    stack = [front, *(copy for copy in copies if copy.kind != "input")]
    made = Sequential(stack, dtype=model.dtype, name=model.name)
    made.build(model.input_shape)
    made.set_weights(model.get_weights())
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


def _dropped(stack: list[layers.Layer], dropout: float) -> list[layers.Layer]:
    """A dropout before the new layer, unless one stands there, which then has this rate."""
    dropout = number("start_from", "dropout", dropout, minimum=0.0, below=1.0)
    last = of_class(stack[-1:], layers.Dropout)
    if last and dropout:
        last[0].rate = dropout
    return [layers.Dropout(dropout)] if dropout and not last else []


def _front(
    copies: list[layers.Layer],
    originals: Sequence[layers.Layer],
    image_max: float | None,
    changes: list[layers.Layer],
    shape: tuple[int, ...],
) -> list[layers.Layer]:
    """The copies with what scales the new images and changes them before the first weights.

    White of the new images becomes what it was for the original, x·scale + offset = 1: 1/255 and 0
    are of bytes, and so are 1/127.5 and -1.
    """
    first = next((i for i, layer in enumerate(originals) if layer.weights()), len(originals))
    before, after = copies[:first], copies[first:]
    ends_flat = first > 0 and len(originals[first - 1].output_shape or ()) == 1
    before = [layer for layer in before if not layer.random_in_training]
    scaling = of_class(before, layers.Rescaling)[:1]
    if image_max is not None:
        image_max = number("start_from", "image_max", image_max, above=0.0)
        if not scaling and image_max != 1:
            scaling = [layers.Rescaling(1 / image_max)]
            before.insert(1 if before and before[0].kind == "input" else 0, scaling[0])
        elif scaling and scaling[0].scale:
            white = (1 - scaling[0].offset) / scaling[0].scale
            if not isclose(white, image_max):
                scaling[0].scale = scaling[0].scale * white / image_max
    if changes and ends_flat:  # images are changed before they are made a row
        before = [layer for layer in before if layer not in scaling]
        before = [layers.Reshape((*shape[:2], -1)), *scaling, *changes, *before]
    else:
        before += changes
    return [*before, *after]
