"""What a training by the settings of a run begins with: data, batches, callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np

from glassnet._core.storage import PathLike
from glassnet.callbacks import Callback, EarlyStopping
from glassnet.data import DATASETS
from glassnet.distribute.group import Group
from glassnet.errors import ConfigError
from glassnet.model import Sequential
from glassnet.runs import samples, start
from glassnet.runs.recipes import PHOTOS, TABLES, Settings, is_images, refuse_absent
from glassnet.runs.samples import Samples
from glassnet.training.history import History
from glassnet.training.targets import balanced


def load(settings: Settings) -> tuple[Settings, Samples]:
    """The data of a run, and its settings as far as a start decides them.

    Raises:
        GlassnetError: settings or data that cannot be.
    """
    refuse_of_others(settings)
    if settings.start is not None:
        settings = start.fitted(settings)
    loaded = samples.load(settings)
    refuse_weights(settings, loaded)
    return settings, loaded


def fit(
    model: Sequential,
    settings: Settings,
    loaded: Samples,
    callbacks: Sequence[Callback],
    *,
    verbose: str | int = 0,
    resume_from: PathLike | None = None,
    group: Group | None = None,
) -> History:
    """Train one network by its settings; what watches it are the validation samples, if any."""
    x, y = batches(settings, loaded, model)
    return model.fit(
        x,
        y,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        verbose=verbose,
        validation_data=loaded.validation or loaded.held_out,
        class_weight=None if y is None else settings.class_weight,
        callbacks=callbacks,
        resume_from=resume_from,
        distribute=group or False,
    )


def deciding(settings: Settings, count: int) -> list[Callback]:
    """The callbacks that decide what is learned from ``count`` samples."""
    watching: list[Callback] = [*start.unfreezing(settings, ceil(count / settings.batch_size))]
    if settings.patience:
        watching.append(EarlyStopping("val_loss", patience=settings.patience))
    return watching


def batches(settings: Settings, loaded: Samples, model: Sequential) -> tuple[Any, Any]:
    """What ``fit`` draws from: x and y; or images read beside it, or parts of a table."""
    if loaded.stream is None:
        return loaded.data.x, loaded.data.y
    if loaded.data.n_classes is not None:
        model.classes = np.arange(loaded.data.n_classes)  # batches do not tell all of them
    if loaded.data.files is not None:  # images, read beside the training
        stream: Any = loaded.stream
        weights = None
        if settings.class_weight is not None:
            weights = balanced(stream.y, loaded.data.n_classes or 1)[stream.y]
        return stream.of(settings.batch_size, weights), None
    table: Any = loaded.stream
    if table.batch_size != settings.batch_size:  # of a trial that tries another one
        table = table.of(settings.batch_size)
    return table, None


def refuse_weights(settings: Settings, loaded: Samples) -> None:
    """Raises ConfigError where classes cannot be weighted."""
    if settings.class_weight is None:
        return
    if loaded.data.task != "classification":
        raise ConfigError(
            f'class_weight="{settings.class_weight}" is for classes, but '
            f"{settings.target or loaded.data.name!r} is predicted as a value: leave it out."
        )
    if loaded.stream is not None and not settings.effort and loaded.data.files is None:
        raise ConfigError(
            "class_weight= needs the whole table in memory, and this one is read in parts: leave "
            "it out, or train by effort= instead of one network's settings."
        )


def refuse_of_others(settings: Settings) -> None:
    """Raises ConfigError for what only a table needs, or only a folder of images."""

    def given(*names: str) -> list[str]:
        return [name for name in names if getattr(settings, name) not in (None, (), False)]

    folder, named = is_images(settings.data), settings.data in DATASETS
    tables = given("target", "missing", "ignore", "encoding", *TABLES)
    tables += given("test") if named else []
    if named and tables:
        raise ConfigError(
            f"{tables[0]} is for tables, but {settings.data!r} is the data set of that name. Leave "
            f"it out, or name your file with its path, as in {settings.data}.csv."
        )
    for name in tables if folder else ():
        if name != "strict":
            raise ConfigError(
                f"{name} is for tables, but {settings.data} is a folder of images, whose classes "
                "are its folders: leave it out."
            )
    for name in given(*PHOTOS) + (["color"] if settings.color is False else []):
        if not folder:
            refuse_absent(settings.data)
            raise ConfigError(
                f"{name} is for a folder of images, and {settings.data!r} is none: leave it out."
            )
