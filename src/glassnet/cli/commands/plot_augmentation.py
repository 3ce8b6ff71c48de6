"""``glassnet plot augmentation DATA|RUN|FOLDER``: what augmentation does to these images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.language import tr
from glassnet.cli.options import data_dir_option, out_option

if TYPE_CHECKING:
    from glassnet.data import Dataset


@click.command()
@click.argument("name", metavar="DATA|RUN|FOLDER")
@click.option("--augment", metavar="CHANGES",
              help="As of 'glassnet train'.  [default: that of the run or recipe]")  # fmt: skip
@click.option("--images", type=click.IntRange(1, 40), default=10, show_default=True,
              help="So many, of all classes.")  # fmt: skip
@click.option("--draws", type=click.IntRange(1, 20), default=6, show_default=True,
              help="How often each is changed.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@data_dir_option
@out_option
def augmentation(
    name: str, augment: str | None, images: int, draws: int, seed: int, data_dir: str | None,
    out: str | None,
) -> None:  # fmt: skip
    """Some images of a data set, and beside each what a network would learn from.

    Look whether each can still be told: a 6 that was turned into a 9 teaches what is wrong.
    """
    from dataclasses import replace
    from pathlib import Path

    from glassnet import plots
    from glassnet.errors import ConfigError
    from glassnet.runs import samples
    from glassnet.runs.folder import RunFolder
    from glassnet.runs.recipes import BEST, IMAGES, settings_for

    folder = None
    if (Path(name) / "settings.json").is_file():
        folder = RunFolder.open(name)
        settings = folder.settings()
        if data_dir is not None:
            settings = replace(settings, data_dir=data_dir)
    else:
        given = {"data_dir": data_dir, "seed": seed, "network": BEST if name in IMAGES else None}
        settings = settings_for(name, given)
    words = augment or settings.augment
    loaded = samples.load(settings).data
    if loaded.image_shape is None:
        raise ConfigError(
            tr(
                "augmentation changes images, but {name!r} has none: take digits, mnist, "
                "fashion_mnist, cifar10 or a folder of images.",
                name=loaded.name,
            )
        )
    if words == "none":
        raise ConfigError(
            tr(
                "{name} is learned from as it is: say --augment, as in "
                "--augment shift=2,rotation=10.",
                name=folder or name,
            )
        )
    x, captions = _some(loaded, images)
    figure = plots.augmentation(
        x, words, captions=captions, draws=draws, seed=seed,
        title=f"{loaded.name}: {words.replace(',', ', ')}",
    )  # fmt: skip
    default = folder.picture("augmentation") if folder else f"{Path(name).stem}-augmentation.png"
    click.echo(plots.save(figure, out or default))


def _some(data: Dataset, count: int) -> tuple[Any, list[str]]:
    """The first images of each class in turn, from 0 to 1, and their classes."""
    import numpy as np

    names = data.class_names
    of_class = np.zeros(len(data.y), np.int64)  # how many of its class came before
    for k in np.unique(data.y):
        of_class[data.y == k] = np.arange((data.y == k).sum())
    chosen = np.lexsort((data.y, of_class))[:count]
    x = data.x[chosen].astype(np.float32)
    captions = [names[int(k)] if names else str(k) for k in data.y[chosen]]
    return (x if data.image_max is None else x / data.image_max), captions
