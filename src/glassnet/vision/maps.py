"""What the layers of a network make of an image, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.layers import Layer
from glassnet.model import Sequential
from glassnet.vision.image import Seen, ask
from glassnet.vision.named import Shape, layer_named
from glassnet.vision.subject import Known
from glassnet.vision.tapping import layer_outputs


@dataclass(frozen=True, eq=False)
class Stage:
    """What comes out of a layer, or of a convolution with what follows it at the same places.

    Attributes:
        name: of the layer, or of the first: ``conv2d``.
        parts: the names of all of them: ``("conv2d", "batch_normalization", "activation")``.
        numbers: (rows, columns, channels), or a row of numbers (units,).
    """

    name: str
    parts: tuple[str, ...]
    numbers: Array

    @property
    def is_maps(self) -> bool:
        """Whether it has rows and columns."""
        return self.numbers.ndim == 3


@dataclass(frozen=True, eq=False)
class FeatureMaps(Seen):
    """An image on its way through the network.

    Attributes:
        stages: from the first layer to the last.
        labels: the classes of the last one, if it answers with one of them.
    """

    stages: tuple[Stage, ...]
    labels: tuple[Any, ...] | None


def feature_maps(
    model: Sequential,
    image: ArrayLike,
    layers: Iterable[str] | None = None,
    *,
    data: Known | None = None,
    image_shape: Shape | None = None,
) -> FeatureMaps:
    """What each layer gives for an image.

    Args:
        image: one, as the network reads it.
        layers: the names of those to show, also inside blocks (``"residual/conv2d"``). If not
            given all that compute something new, with what follows them at the same places
            (normalization, activation) as one.
        data: the data set that it is from: names of the classes, shape of the images.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.

    Raises:
        NotBuiltError: the model has no parameters yet.
        UnknownNameError: no such layer.
        ShapeError: no image, several, or one of another size.
    """
    asked = ask(model, image, None, data, image_shape, "feature_maps")
    if layers is None:
        groups = stages_of(model)
    else:
        groups = {name: (name,) for name in layers}
        for name in groups:
            layer_named(model, name)
    if not groups:
        raise ConfigError("feature_maps: name at least one layer, or leave layers out for all.")
    ends = {name: parts[-1] for name, parts in groups.items()}
    numbers = layer_outputs(asked.twin, asked.inputs, set(ends.values()))
    stages = tuple(Stage(name, groups[name], numbers[ends[name]][0]) for name in ends)
    return FeatureMaps(**vars(asked.seen), stages=stages, labels=_labels(model, data))


def stages_of(model: Sequential) -> dict[str, tuple[str, ...]]:
    """Name of the first layer → names of those that make one stage of the network."""
    groups: dict[str, tuple[str, ...]] = {}
    before: str | None = None
    for layer in model.layers:
        if layer.changes_scale_or_shape_only or layer.random_in_training:
            continue
        if before is not None and _follows(layer):
            groups[before] += (layer.name,)
        else:
            before = layer.name
            groups[before] = (layer.name,)
    return groups


def _follows(layer: Layer) -> bool:
    """Whether it changes the numbers where they are."""
    is_function = layer.function is not None and not layer.weights()
    return layer.same_places or layer.normalizes or is_function


def _labels(model: Sequential, data: Known | None) -> tuple[Any, ...] | None:
    shape = model.layers[-1].output_shape or ()
    names: Any = None if data is None else data.class_names
    if names is None and model.classes is not None:
        names = model.classes.tolist()
    fits = names is not None and shape == (len(names),)
    return tuple(names) if fits and len(names) > 1 else None
