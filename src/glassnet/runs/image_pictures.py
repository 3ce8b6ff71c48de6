"""The pictures of what a run's network makes of images."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure

from glassnet import plots, vision
from glassnet._core.habits import unknown
from glassnet._core.types import Array
from glassnet.errors import ConfigError, LabelError
from glassnet.plots.stages import MOST
from glassnet.runs.answers import as_seen
from glassnet.runs.subject import Kind, Subject
from glassnet.vision.named import kernels

LOOKED = 1000  # held-out images in which the strongest places are looked for
DRAWN = 3  # held-out images whose feature maps are drawn after a training


def images_of(s: Subject, files: Sequence[str] = (), samples: Sequence[int] = ()) -> Array:
    """Images as the network reads them: of files, or of the held-out ones by number.

    Raises:
        ConfigError: both, or a number that there is not.
        DataError, FileFormatError: files that cannot be read.
    """
    if files and samples:
        raise ConfigError("a picture file and a sample of the held-out images: choose one.")
    if files:
        known = s.model.preprocessing
        of_folder = known is not None and known.of == "images"
        found = known.transform(list(files)) if of_folder else as_seen(s.facts, files)
        return _as_taken(s, found)
    held_out = held_out_of(s)
    count = len(held_out)
    wrong = [i for i in samples if not 0 <= i < count]
    if wrong:
        raise ConfigError(
            f"there is no sample {wrong[0]}: {count:,} images were held out, counted from 0."
        )
    return held_out[list(samples)] if samples else held_out[:1]


def held_out_of(s: Subject) -> Array:
    """The held-out images, in the shape in which the network takes them."""
    return _as_taken(s, s.samples.held_out[0])


def _some(x: Array, count: int) -> Array:
    """So many of them, from all over: images of folders lie class by class."""
    return x if len(x) <= count else x[np.linspace(0, len(x) - 1, count).astype(int)]


def classes_of(s: Subject, names: Sequence[str]) -> list[Any] | None:
    """The classes called so; None for the network's answer.

    Raises:
        LabelError: no such class; names the nearest.
    """
    known = s.facts.class_names
    if known is not None:
        for name in names:
            if name not in known:
                raise LabelError(unknown("class", name, known))
    return list(names) or None


def _as_taken(s: Subject, x: Array) -> Array:
    shape = s.model.input_shape or ()
    return x.reshape(len(x), *shape) if prod(x.shape[1:]) == prod(shape) else x


def filters(s: Subject, layer: str | None = None, limit: int = 32) -> Figure:
    """The filters of a layer, before and after learning."""
    return plots.filters(s.model, layer, image_shape=s.facts.image_shape, limit=limit)


def feature_maps(s: Subject, images: Array | None = None, layers: Sequence[str] = ()) -> Figure:
    """What each layer makes of some images."""
    shown = _some(held_out_of(s), DRAWN) if images is None else images
    if len(shown) > MOST:
        raise ConfigError(
            f"{len(shown)} images side by side are too small to see: name {MOST} at most."
        )
    return plots.feature_maps(
        s.model, shown, layers or None, data=s.facts, image_shape=s.facts.image_shape
    )


def units(
    s: Subject, layer: str | None = None, numbers: Sequence[int] = (), top: int = 9
) -> Figure:
    """What the units of a layer answer most to in the held-out images."""
    return plots.strongest_patches(
        s.model, _some(held_out_of(s), LOOKED), layer, list(numbers) or None, top=top,
        image_shape=s.facts.image_shape,
    )  # fmt: skip


def moved(
    kind: Literal["occlusion", "saliency", "gradcam"], s: Subject, images: Array | None = None,
    classes: Sequence[str] = (), **options: Any,
) -> Figure:  # fmt: skip
    """What moved the answer for one image."""
    draw: Any = {
        "occlusion": plots.occlusion, "saliency": plots.saliency, "gradcam": plots.grad_cam,
    }[kind]  # fmt: skip
    image = images_of(s) if images is None else images
    if len(image) > 1:
        raise ConfigError(f"{len(image)} images came, and {kind} looks at one: name one file.")
    about = classes_of(s, classes)
    made: Figure = draw(
        s.model, image[0], about, data=s.facts, image_shape=s.facts.image_shape, **options
    )
    return made


def embedding(
    s: Subject, layer: str | None = None, way: Literal["pca", "tsne"] = "pca",
    images: bool = False,
) -> Figure:  # fmt: skip
    """The held-out images in the plane."""
    x, y = held_out_of(s), s.samples.held_out[1]
    return plots.embedding(
        s.model, x, y if s.classes else None, layer=layer, way=way, images=images,
        class_names=s.facts.class_names, image_shape=s.facts.image_shape,
    )  # fmt: skip


def _looks(s: Subject) -> bool:
    return s.images and all(layer.wiring != "parallel" for layer in s.model.layers)


def _convolves(s: Subject) -> bool:
    return _looks(s) and any(kernels(layer) is not None for layer in s.model.all_layers())


def _has_filters(s: Subject) -> bool:
    """Whether the first layer with weights has kernels, or a weight for each pixel."""
    if not _looks(s):
        return False
    try:
        vision.filters(s.model, image_shape=s.facts.image_shape)
    except ConfigError:
        return False
    return True


KINDS: dict[str, Kind] = {
    "filters": Kind("filters before and after learning", _has_filters, filters),
    "featuremaps": Kind("what each layer makes of an image", _looks, feature_maps),
    "units": Kind("what each unit answers most to", _looks, units),
    "occlusion": Kind(
        "which parts of an image the answer needs",
        lambda s: _looks(s) and s.classes,
        lambda s: moved("occlusion", s),
        always=False,
    ),
    "saliency": Kind(
        "which pixels the score answers to", _looks, lambda s: moved("saliency", s), always=False
    ),
    "gradcam": Kind(
        "where it finds what speaks for a class",
        lambda s: _convolves(s) and s.classes,
        lambda s: moved("gradcam", s),
        always=False,
        needs="a network with convolutions over images that chooses a class",
    ),
    "embedding": Kind("the held-out images in the plane", _looks, embedding),
}
