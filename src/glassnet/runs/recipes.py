"""The settings of a run, and those that suit each data set.

Imports nothing heavy: ``glassnet train --help`` shows this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from glassnet._core import annotated
from glassnet._core.habits import unknown
from glassnet._core.registry import lookup
from glassnet.data.image_walk import find, holds_images
from glassnet.errors import ConfigError, DataError, FileFormatError, UnknownNameError
from glassnet.networks import NETWORKS
from glassnet.optimizers import OPTIMIZERS
from glassnet.tabular.recipe import EFFORTS


@dataclass(frozen=True)
class Settings:
    """All that decides what a run computes: the same settings give the same weights.

    Attributes:
        data: the name of a data set, or the path of a table or of a folder of images.
        network: "mlp" for dense layers, as in ``layers``; or another of ``glassnet.networks``.
        layers: units of the hidden layers of "mlp".
        learning_rate: the highest one, if it follows a schedule.
        schedule: as in ``schedules.by_name``.
        augment: of images: how each is changed at random, in the words of ``layers.augment``.
        validation: the share of the training samples to watch and not to learn from; 0: the
            held-out samples are watched (of made-up data, fresh ones), and choose nothing.
        patience: epochs without a better validation loss after which to stop and go back to
            the best weights; 0: never.
        class_weight: "balanced": the samples of rare classes count for more, so that all
            classes count alike; None: each sample counts alike.
        target, missing: of a table: the column to predict; what to do with missing values.
        ignore, encoding: of a table: columns to leave out; of its text, if that is not UTF-8.
        task, categorical, max_categories, unknown, strict, delimiter, decimal, thousands, header,
            names, missing_values: of a table, as of ``data.load_table`` and ``data.read_table``.
        test: of a table: another one that the network is judged on; None: a fifth of the rows.
        data_dir: a folder that has the files of a data set that would be downloaded.
        effort: of a table: "quick", "default" or "best", an ensemble by ``glassnet.tabular``; the
            settings of one network then do not count. None: one network, by those settings.
        start: a run, or the file of a network, whose layers this one begins with; "network",
            "layers" and "activation" then do not count, and ``size`` and ``color`` are those that
            it takes, of named data sets as well.
        frozen_epochs: with ``start``: for how many epochs the kept layers are frozen; after them
            all learn at a tenth of the rate. None: half of them.
        size, color, aspect: of a folder of images, as of ``data.image_folder``; ``test`` is then
            another folder.
    """

    data: str
    network: str = "mlp"
    layers: tuple[int, ...] = (64,)
    activation: str = "relu"
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "cosine"
    epochs: int = 30
    batch_size: int = 32
    dropout: float = 0.0
    l2: float = 0.0
    augment: str = "none"
    validation: float = 0.0
    patience: int = 0
    seed: int = 0
    dtype: str = "float32"
    class_weight: str | None = None
    target: str | None = None
    missing: str | None = None
    ignore: tuple[str, ...] = ()
    encoding: str | None = None
    task: str | None = None
    categorical: tuple[str, ...] = ()
    max_categories: int | None = None
    unknown: str | None = None
    strict: bool = False
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header: bool | None = None
    names: tuple[str, ...] | None = None
    missing_values: tuple[str, ...] | None = None
    test: str | None = None
    data_dir: str | None = None
    effort: str | None = None
    size: tuple[int, int] | None = None
    color: bool | None = None
    aspect: str | None = None
    start: str | None = None
    frozen_epochs: int | None = None

    def to_config(self) -> dict[str, Any]:
        """Plain JSON."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_config(cls, config: Any) -> Settings:
        """What :meth:`to_config` wrote.

        Raises:
            FileFormatError: not such a description.
        """
        known = {f.name for f in fields(cls)}
        if not isinstance(config, dict) or set(config) | LATER != known:
            raise FileFormatError(f"expected the settings {', '.join(sorted(known))}.")
        try:
            return cls(**annotated.read(cls, config))
        except FileFormatError as error:
            raise FileFormatError(f"the settings are damaged ({error}).") from None


# Older runs say nothing of them.
TABLES = (
    "task", "categorical", "max_categories", "unknown", "strict", "delimiter", "decimal",
    "thousands", "header", "names", "missing_values",
)  # fmt: skip
PHOTOS = ("size", "color", "aspect")
STARTS = ("start", "frozen_epochs")
LATER = {
    "effort", "class_weight", "ignore", "encoding", "network", "augment", "test", *TABLES, *PHOTOS,
    *STARTS,
}  # fmt: skip

IMAGES = ("digits", "mnist", "fashion_mnist", "cifar10")
MADE_UP = ("spiral", "vertical", "moons", "circles", "blobs", "xor", "sine")
TABLE = "a table"  # the entry for CSV and Parquet files
FOLDER = "a folder of images"

# No classifier is right more often, on average, on fresh points: the classes overlap.
CEILINGS = {"spiral": 0.910, "vertical": 0.936}

# Each was chosen by its results over several seeds (docs/en/guides/training.md).
RECIPES: dict[str, dict[str, Any]] = {
    "digits": {"layers": (256,), "learning_rate": 0.01, "epochs": 40, "dropout": 0.5},
    "mnist": {"layers": (128,), "learning_rate": 0.003, "epochs": 8, "batch_size": 128},
    "fashion_mnist": {
        "layers": (128,), "learning_rate": 0.003, "epochs": 10, "batch_size": 128, "dropout": 0.2,
    },
    "cifar10": {
        "layers": (256,), "learning_rate": 0.001, "epochs": 15, "batch_size": 128, "dropout": 0.2,
    },
    "iris": {
        "layers": (32,), "learning_rate": 0.01, "epochs": 50, "batch_size": 16, "l2": 0.01,
    },
    "wine": {
        "layers": (32,), "learning_rate": 0.01, "epochs": 50, "batch_size": 16, "l2": 0.01,
    },
    "breast_cancer": {"layers": (32,), "learning_rate": 0.01, "l2": 0.01},
    "diabetes": {"layers": (32,), "activation": "tanh", "learning_rate": 0.01, "l2": 0.03},
    "spiral": {"activation": "tanh", "learning_rate": 0.1, "epochs": 300, "batch_size": 64},
    "vertical": {"layers": (16,), "learning_rate": 0.01, "epochs": 100},
    "moons": {"layers": (32,), "activation": "tanh", "learning_rate": 0.03, "epochs": 100},
    "circles": {"layers": (32,), "learning_rate": 0.01, "epochs": 100},
    "blobs": {"layers": (16,), "learning_rate": 0.01, "epochs": 50},
    "xor": {"layers": (8,), "learning_rate": 0.02, "epochs": 100},
    "sine": {
        "layers": (16,), "activation": "tanh", "learning_rate": 0.02, "epochs": 500,
        "batch_size": 16,
    },
    FOLDER: {"layers": (128,), "learning_rate": 0.001, "epochs": 30, "dropout": 0.2},
    TABLE: {"learning_rate": 0.005, "epochs": 200, "l2": 0.01, "validation": 0.2, "patience": 20},
}  # fmt: skip

BEST = "best"  # the name for the network that is most often right on a data set

# For the networks of ``glassnet.networks``: what suits each, and on top of that what suits it on
# one data set. Those for digits were chosen on a part of the training images (the guide Images).
NETWORK_RECIPES: dict[str, dict[str, Any]] = {
    "lenet": {"learning_rate": 0.004, "epochs": 16},
    "cnn": {"learning_rate": 0.004, "epochs": 16, "dropout": 0.2},
    "simple_convnet": {"learning_rate": 0.002, "epochs": 12, "dropout": 0.3},
    "deep_convnet": {"learning_rate": 0.002, "epochs": 16, "dropout": 0.5},
    "convnet": {"learning_rate": 0.003, "epochs": 20, "dropout": 0.5},
    "vgg": {"learning_rate": 0.003, "epochs": 20, "dropout": 0.4},
    "resnet": {"learning_rate": 0.005, "epochs": 20},
}
IMAGE_RECIPES: dict[str, dict[str, Any]] = {
    "digits": {
        "batch_size": 32, "epochs": 40, "augment": "shift=1", BEST: "vgg", "vgg": {"epochs": 30},
    },
    "mnist": {
        "batch_size": 128, "augment": "shift=1", BEST: "vgg", "cnn": {"epochs": 12},
        "vgg": {"augment": "shift=2,rotation=10,zoom=0.1"},
        "resnet": {"augment": "shift=2,rotation=10,zoom=0.1"},
    },
    "fashion_mnist": {
        "batch_size": 128, "augment": "flip", BEST: "vgg", "convnet": {"epochs": 12},
        "vgg": {"augment": "shift=1,flip", "epochs": 25},
        "resnet": {"augment": "shift=1,flip", "epochs": 25},
    },
    "cifar10": {
        "batch_size": 128, "augment": "shift=2,flip", "epochs": 30, BEST: "vgg",
        "vgg": {"augment": "shift=3,flip"},
        "resnet": {"augment": "shift=3,flip"},
    },
}  # fmt: skip


def is_images(name: str) -> bool:
    """Whether ``name`` is a folder of images, and not one of the named data sets."""
    return bool(name) and name not in NAMED and Path(name).is_dir() and holds_images(name)


def refuse_absent(name: str) -> None:
    """Raises DataError for what can only be meant as a path, and there is nothing at it."""
    from glassnet._core.storage import is_path  # it loads NumPy, which --help does without

    if is_path(name) and not Path(name).exists():
        raise DataError(f"{name}: there is no such file or folder.")


# Of a folder of images: a network is as large as its number of images bears, and goes through few
# of them more often.
MANY, SEEN = 10_000, 40_000
FOLDER_RECIPE: dict[str, Any] = {"augment": "shift=2,rotation=10,zoom=0.1,flip"}


def customary(images: int) -> str:
    """The network for a folder with so many images; how deep it is follows from their size."""
    return "convnet" if images < MANY else "vgg"


def epochs_for(images: int) -> int:
    """From 15 to 60, so that about 40,000 images are seen.

    >>> epochs_for(200), epochs_for(2000), epochs_for(50_000)
    (60, 20, 15)
    """
    return min(60, max(15, SEEN // max(images, 1)))


def count_of(folder: str) -> int:
    """How many images there are in a folder, those to judge on included; by their names alone."""
    return len(find(folder).files)


def _of_folder(network: str, images: int) -> dict[str, Any]:
    suits = {**NETWORK_RECIPES.get(network, {}), **FOLDER_RECIPE, "epochs": epochs_for(images)}
    return {"network": network, "layers": (), **suits}


def settings_for(data: str, given: Mapping[str, Any] | None = None) -> Settings:
    """The recipe for ``data``, with what the user gave in its place (None: not given).

    >>> settings_for("spiral", {"epochs": 10}).epochs
    10

    Raises:
        UnknownNameError: a setting that there is not.
    """
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    known = [f.name for f in fields(Settings) if f.name != "data"]
    for name in chosen:
        if name not in known:
            raise UnknownNameError(unknown("setting of a run", name, known))
    folder, start = is_images(data), "start" in chosen
    _refuse_beside_start(chosen)
    effort = None if (folder or start) and "effort" not in chosen else _effort(data, chosen)
    recipe = replace(_recipe(data, chosen.pop("network", None)), effort=effort)
    if start:
        recipe = _from_start(data)
    if effort is not None:  # every row is watched by a network that does not learn from it
        recipe = replace(recipe, validation=0.0, patience=0)
    if "layers" in chosen and recipe.network != "mlp":
        raise ConfigError(
            f"layers are the units of dense layers, but the network {recipe.network!r} has layers "
            "of its own: leave out --layers, or take --network mlp."
        )
    if chosen.get("augment", "none") != "none" and data not in IMAGES and not folder:
        refuse_absent(data)
        raise ConfigError(
            f"augment= changes images, but {data!r} has none: leave it out. Images are "
            f"{', '.join(IMAGES)}, or a folder of them."
        )
    if chosen.get("optimizer", recipe.optimizer) != recipe.optimizer:
        optimizer = lookup("optimizer", OPTIMIZERS, chosen["optimizer"])
        chosen = {"learning_rate": optimizer.rate_for_small_networks, **chosen}
    settings = replace(recipe, **chosen)
    if not 0 <= settings.validation < 1:
        raise ConfigError(
            f"validation is {settings.validation!r}, but must be a share of the training samples: "
            "at least 0 and below 1."
        )
    if not 0 <= frozen_epochs(settings) <= settings.epochs:
        raise ConfigError(
            f"--frozen-epochs is {settings.frozen_epochs!r}, but must be a whole number from 0 to "
            f"{settings.epochs}, the number of epochs."
        )
    if settings.class_weight not in (None, "balanced"):
        raise ConfigError(f'class_weight= is {settings.class_weight!r}; expected "balanced".')
    if settings.patience and not settings.validation and data not in MADE_UP:
        raise ConfigError("patience= needs validation data: give validation= a share such as 0.1.")
    return settings


def frozen_epochs(settings: Settings) -> int:
    """For how many epochs the layers that were kept are frozen; without a start for none."""
    if settings.start is None:
        return 0
    if settings.frozen_epochs is not None:
        return settings.frozen_epochs
    return max(1, settings.epochs // 2)


def _from_start(data: str) -> Settings:
    """What suits a network that begins with the layers of another."""
    like = _recipe(data, "cnn" if data in IMAGES else None)
    return replace(like, network="mlp", layers=(), dropout=0.0)


def _refuse_beside_start(chosen: Mapping[str, Any]) -> None:
    """Raises ConfigError for what the start has already, or what is nothing without it."""
    if "start" not in chosen:
        if "frozen_epochs" in chosen:
            raise ConfigError(
                "--frozen-epochs is for the layers that are kept of another network: name that, "
                "as in --start runs/mnist, or leave --frozen-epochs out."
            )
        return
    for name in (*OF_THE_START, "effort"):
        if name in chosen:
            raise ConfigError(
                f"--{name.replace('_', '-')} and --start do not go together: the layers, and the "
                "size and colour of the images, are those of the network to start from. Leave out "
                "one of the two."
            )


# What the network to start from decides; after how many epochs all learn, slower by this factor.
OF_THE_START = ("network", "layers", "activation", "dtype", "size", "color")
SLOWER = 0.1

# What makes one network: whoever gives one of these wants that, and no ensemble.
OF_ONE_NETWORK = ("network", "layers", "activation", "optimizer", "learning_rate", "schedule",
                  "epochs", "batch_size", "dropout", "l2", "validation", "patience",
                  "dtype")  # fmt: skip
NAMED = (*IMAGES, *MADE_UP, *RECIPES)


def _effort(data: str, chosen: dict[str, Any]) -> str | None:
    """What is asked for; for a table the default, unless one network is described.

    Raises:
        UnknownNameError: no such effort.
        ConfigError: an effort for what is no table, or beside the settings of one network.
    """
    effort = chosen.pop("effort", None)
    one = [name for name in OF_ONE_NETWORK if name in chosen]
    if effort is None:
        return None if data in NAMED or one else "default"
    lookup("effort", EFFORTS, effort)
    if data in NAMED or is_images(data):
        what = "the data set of that name" if data in NAMED else FOLDER
        raise ConfigError(f"effort is for tables, but {data!r} is {what}: leave --effort out.")
    if one:
        option = one[0].replace("_", "-")
        raise ConfigError(
            f"--effort trains several networks by a recipe of their own, and --{option} describes "
            "one: leave out one of the two."
        )
    return str(effort)


def _recipe(data: str, network: str | None) -> Settings:
    """What suits this network on this data; None: the customary one.

    Raises:
        UnknownNameError: no such network.
        ConfigError: a network for images, and data that has none.
    """
    folder = is_images(data)
    if network is None:
        network = customary(count_of(data)) if folder else "mlp"
    network = lookup("network", {name: name for name in (*NETWORKS, BEST)}, network)
    if network == BEST and data in IMAGES:
        network = IMAGE_RECIPES[data][BEST]
    if network == BEST and folder:
        network = "vgg"
    if network == "mlp":
        return Settings(data, **RECIPES[FOLDER if folder else data if data in RECIPES else TABLE])
    if folder:
        return Settings(data, **_of_folder(network, count_of(data)))
    if data not in IMAGES:
        refuse_absent(data)
        raise ConfigError(
            f"the network {network!r} looks at images, but {data!r} has none: leave out --network. "
            f"Images are {', '.join(IMAGES)}, or a folder of them."
        )
    of_data = {k: v for k, v in IMAGE_RECIPES[data].items() if k in Settings.__annotations__}
    own = IMAGE_RECIPES[data].get(network, {})
    known = {"layers": (), **NETWORK_RECIPES.get(network, {}), **of_data, **own}
    return Settings(data, network=network, **known)


def describe(name: str, network: str = "mlp") -> str:
    """A recipe in a line: what ``train`` does by default."""
    if name == FOLDER:
        few, many = (Settings("", **_of_folder(customary(n), n)) for n in (1, MANY))
        return f"{_line(few)}; from {MANY:,} images on {many.network}, {many.epochs} epochs"
    return _line(settings_for(name, {"network": network}))


def _line(s: Settings) -> str:
    kind = f"{sizes(s.layers)} {s.activation}" if s.network == "mlp" else s.network
    return (
        f"{kind}, {s.optimizer} {s.learning_rate:g} {s.schedule}, "
        f"{s.epochs} epochs, batch {s.batch_size}"
        + (f", dropout {s.dropout:g}" if s.dropout else "")
        + (f", L2 {s.l2:g}" if s.l2 else "")
        + (f", {s.augment}" if s.augment != "none" else "")
        + (f", patience {s.patience}" if s.patience else "")
        + (f", validation {s.validation:g}" if s.validation else "")
    )


def sizes(layers: tuple[int, ...]) -> str:
    """``64,32``; ``none`` without hidden layers."""
    return ",".join(map(str, layers)) or "none"
