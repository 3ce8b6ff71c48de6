"""A run that begins with the layers of another: ``glassnet train photos/ --start runs/mnist``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import activations, layers, networks
from glassnet.callbacks import Unfreeze
from glassnet.data import Dataset
from glassnet.errors import ConfigError, ShapeError
from glassnet.model import Sequential
from glassnet.model.saving import CHECKPOINT, MODEL
from glassnet.networks.start import behind, kept_layers
from glassnet.runs.opening import load
from glassnet.runs.recipes import IMAGES, SLOWER, Settings, frozen_epochs, is_images
from glassnet.schedules import Schedule, by_name


def fitted(settings: Settings) -> Settings:
    """The settings with the size and colour that the network of ``start`` takes.

    Raises:
        FileNotFoundError, FileFormatError: no such run or file, or without a network.
        ConfigError: a network that cannot be a start, or one of a table for images.
    """
    model = opened(settings)
    kept_layers(model)  # refuses
    images = is_images(settings.data) or settings.data in IMAGES
    shape = model.input_shape or ()
    if not images:
        return settings
    if len(shape) not in (2, 3) or shape[2:] not in ((), (1,), (3,)):
        table = model.table is not None
        what = "the columns of a table" if table else f"samples of shape {shape}, and no images"
        raise ConfigError(
            f"--start {settings.start}: its network takes {what}, but {settings.data!r} has "
            "images. Start from a network for images, such as a run of 'glassnet train mnist "
            "--network cnn', or leave --start out."
        )
    return replace(settings, size=(shape[0], shape[1]), color=shape[2:] == (3,))


def opened(settings: Settings) -> Sequential:
    """The network to start from.

    Raises:
        FileNotFoundError: there is nothing of that name; says which runs there are.
        FileFormatError: it has no network.
    """
    assert settings.start is not None
    try:
        return load(settings.start)
    except FileNotFoundError:
        runs = sorted({p.parent for n in (MODEL, CHECKPOINT) for p in Path("runs").glob(f"*/{n}")})
        there = f"Runs here: {', '.join(map(str, runs[:8]))}. " if runs else ""
        raise FileNotFoundError(
            f"--start {settings.start}: there is no such run or file. {there}A run is the folder "
            "that 'glassnet train' made, as in runs/mnist; a file may be .safetensors, .keras, "
            ".onnx or .pt."
        ) from None


def network(settings: Settings, data: Dataset) -> Sequential:
    """The kept layers, frozen, and a new last layer for ``data``; not compiled.

    Raises:
        ConfigError: ``data`` is not of the shape, or has other columns.
    """
    model = opened(settings)
    _refuse_other_columns(settings, model, data)
    model = _in_its_units(model, data)
    classes = data.task == "classification"
    chosen: dict[str, Any] = {
        "classes": data.n_classes or 1,
        "classifier_activation": activations.softmax if classes else activations.linear,
        "dropout": settings.dropout,
        "image_max": data.image_max,
        "augment": settings.augment,
        "seed": settings.seed,
        "name": data.name,
        "source": settings.start,
    }
    shape = data.x.shape[1:]
    try:
        return networks.start_from(model, input_shape=shape, **chosen)
    except ShapeError:
        own = model.input_shape or ()
        if (*shape, 1) == own:  # of grey images, with the axis for their channel
            return networks.start_from(model, **chosen)
        raise ConfigError(
            f"--start {settings.start}: its network takes samples of shape {own}, but "
            f"{settings.data!r} has such of shape {shape}. Start from a network for samples like "
            "these, or leave --start out."
        ) from None


def _refuse_other_columns(settings: Settings, model: Sequential, data: Dataset) -> None:
    """Raises ConfigError where the features of a table are not those that were learned."""
    rows = data.preprocessing
    of_table = rows is not None and rows.of == "table"
    if model.table is None and not of_table:
        return
    if model.table is None or not of_table:
        of = "a table" if model.table is not None else f"samples of shape {model.input_shape}"
        raise ConfigError(
            f"--start {settings.start}: its network learned from {of}, and {settings.data!r} is "
            f"{'a table' if of_table else 'none'}. Start from a network for data like this, or "
            "leave --start out."
        )
    known, given = list(model.table.feature_names), list(data.feature_names or ())
    if known != given:
        strange = [name for name in (*given, *known) if (name in given) != (name in known)]
        what = f"{', '.join(strange[:5])} only in one of them" if strange else "in another order"
        raise ConfigError(
            f"--start {settings.start}: its network learned from {len(known)} features, and "
            f"{settings.data} has {len(given)} ({what}). The columns must be the same: --ignore "
            "leaves some out; or leave --start out."
        )


def _in_its_units(model: Sequential, data: Dataset) -> Sequential:
    """The network of a table, for features of a table whose numbers were scaled otherwise.

    Of a value v it learned from z = (v - m)/s; the new features are x = (v - m')/s'. So
    z = (x - (m - m')/s')·s'/s goes in front, and what it makes of a row is what it made before.
    """
    rows = data.preprocessing
    if model.table is None or rows is None:
        return model
    (mean, scale), (new_mean, new_scale) = model.table.scaling.T, rows.scaling.T
    shift, stretch = (mean - new_mean) / new_scale, new_scale / scale
    if np.allclose(shift, 0.0, atol=1e-6) and np.allclose(stretch, 1.0, rtol=1e-6):
        return model
    units = layers.PiecewiseLinearEncoding(
        [None] * len(shift), None, shift.tolist(), stretch.tolist(), name="units"
    )
    return behind(units, model)


def unfreezing(settings: Settings, steps_per_epoch: int) -> list[Unfreeze]:
    """What frees the kept layers, if they are freed: at a tenth of the rate, on its schedule."""
    frozen = frozen_epochs(settings)
    if settings.start is None or frozen in (0, settings.epochs):
        return []
    steps = (settings.epochs - frozen) * steps_per_epoch
    rate: Schedule = by_name(settings.schedule, settings.learning_rate * SLOWER, steps)
    return [Unfreeze(frozen, rate)]


def described(settings: Settings, model: Sequential) -> dict[str, Any]:
    """For the report: what was kept, of what, and how long it was frozen."""
    return {
        "from": settings.start,
        "kept": model.started_from,
        "frozen_epochs": frozen_epochs(settings),
    }


def in_words(settings: Settings, model: Sequential) -> str:
    """``keeps 2 layers …; frozen for 8 of 16 epochs``"""
    frozen = frozen_epochs(settings)
    from glassnet.data.image_choice import pixels  # Pillow, too

    size = "" if settings.size is None else f", which takes {pixels(settings.size)}"
    colour = " pixels in colour" if settings.color else " pixels in grey"
    colour = "" if settings.size is None else colour
    if not frozen:
        how = "all learn from the beginning"
    elif frozen == settings.epochs:
        how = "frozen"
    else:
        how = (
            f"frozen for {frozen} of {settings.epochs} epochs, then all learn at "
            f"{settings.learning_rate * SLOWER:g}"
        )
    return f"start: {model.started_from}{size}{colour}: {how}"
