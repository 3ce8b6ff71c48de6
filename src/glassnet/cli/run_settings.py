"""The settings of a run as options, shared by the commands that train: see ``Settings``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from glassnet.cli.language import tr
from glassnet.cli.options import Pixels, Sizes
from glassnet.errors import ConfigError
from glassnet.networks import NETWORKS
from glassnet.optimizers import OPTIMIZERS
from glassnet.schedules import READY

F = TypeVar("F", bound=Callable[..., Any])

PARQUET = (".parquet", ".pq")  # as in data.table_formats, which loads more than --help needs
LISTS = ("ignore", "categorical")  # given again for each value
WORDS = ("names", "missing_values")  # one text with commas

SETTINGS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--network",
        help="Of images: " + ", ".join(NETWORKS) + ", or best.  "
        "[default: mlp; of a folder, one for their number]",
    ),
    click.option("--layers", type=Sizes(), help="Units of the hidden layers: 64,32, or none."),
    click.option(
        "--start",
        metavar="RUN",
        help="Begin with the layers of a trained network, all but "
        "the last: a run, or a .safetensors, .keras, .onnx or .pt file.",
    ),
    click.option(
        "--frozen-epochs",
        type=int,
        help="With --start: for how many epochs only the new "
        "last layer learns.  [default: half of them]",
    ),
    click.option("--activation", help="Of the hidden layers: relu, tanh, sigmoid, gelu …"),
    click.option("--optimizer", help=", ".join(OPTIMIZERS) + "."),
    click.option("--learning-rate", type=float, help="The highest one, if it follows a schedule."),
    click.option("--schedule", help=", ".join(READY) + "."),
    click.option("--epochs", type=int, help="How often to go through the data."),
    click.option("--batch-size", type=int, help="Samples for each update."),
    click.option("--dropout", type=float, help="Share of the hidden outputs to leave out."),
    click.option("--l2", type=float, help="Penalty on the squares of the weights."),
    click.option(
        "--augment",
        metavar="CHANGES",
        help="Of images: change each at random: shift=2,rotation=10,zoom=0.1,flip,contrast=0.2,"
        "brightness=0.1,noise=0.05, or none.",
    ),
    click.option(
        "--class-weight",
        type=click.Choice(["balanced"]),
        help="Let the samples of rare classes count for more.",
    ),
    click.option("--seed", type=int, help="The same seed gives the same weights.  [default: 0]"),
    click.option("--dtype", help="float32 or float64.  [default: float32]"),
    click.option(
        "--validation", type=float, help="Share of the samples to watch, not to learn from."
    ),
    click.option("--patience", type=int, help="Stop after so many epochs without a better one."),
    click.option("--target", help="Of a table: the column to predict."),
    click.option(
        "--missing", help="Of a table: what to do with missing values: error, fill, drop."
    ),
    click.option(
        "--ignore",
        multiple=True,
        metavar="COLUMN",
        help="Of a table: a column to leave out; may be given again.",
    ),
    click.option(
        "--task",
        type=click.Choice(["classification", "regression"]),
        help="Of a table: whether the target is one of some classes or a value.  "
        "[default: as it looks]",
    ),
    click.option(
        "--categorical",
        multiple=True,
        metavar="COLUMN",
        help="Of a table: a column of numbers that are codes; may be given again.",
    ),
    click.option(
        "--max-categories",
        type=click.IntRange(min=2),
        help="Of a table: text with more different values is left out.  [default: 100]",
    ),
    click.option(
        "--unknown",
        type=click.Choice(["zeros", "error"]),
        help="Of a table: what an unknown category is later: none of the known, or refused.",
    ),
    click.option("--encoding", help="Of a table's text: cp949, latin-1 …  [default: what fits]"),
    click.option(
        "--delimiter",
        help="Between the fields of a table; ' ' is any white space.  [default: what fits]",
    ),
    click.option("--decimal", help="The decimal sign of a table.  [default: what fits]"),
    click.option("--thousands", help="The sign between thousands.  [default: what fits]"),
    click.option(
        "--missing-values",
        metavar="WORDS",
        help="The texts of a table that mean no value: ?,NA  [default: the usual ones]",
    ),
    click.option(
        "--header/--no-header",
        default=None,
        help="Whether the first line of a table has the names of its columns; else they are "
        "called 'column 1' …, --target 1 …",
    ),
    click.option(
        "--names", metavar="NAMES", help="Of the columns of a table without a header: a,b,c."
    ),
    click.option(
        "--strict",
        is_flag=True,
        default=None,
        help="Of a table: leave out, fill and take for something else nothing by itself.",
    ),
    click.option(
        "--test",
        metavar="PATH",
        help="Of a table, or of a folder of images: another one "
        "to judge the network on.  [default: a fifth]",
    ),
    click.option(
        "--size",
        type=Pixels(),
        help="Of a folder of images: their side in pixels, 64, or "
        "height×width, 48x64.  [default: one that suits them]",
    ),
    click.option(
        "--color/--grey", default=None, help="Of a folder of images.  [default: as they are]"
    ),
    click.option(
        "--aspect",
        type=click.Choice(["crop", "pad", "stretch"]),
        help="Of a folder of images: cut the middle out, put black beside the image, or let "
        "the aspect go.  [default: crop]",
    ),
    click.option(
        "--data-dir", help="A folder that has the files of mnist, fashion_mnist or cifar10."
    ),
)


def run_settings(command: F) -> F:
    """Give a command the option of each setting, in the order in which ``--help`` lists them."""
    for option in reversed(SETTINGS):
        command = option(command)
    return command


def as_settings(given: dict[str, Any]) -> dict[str, Any]:
    """The values of the options as ``settings_for`` takes them; None where none was given."""
    chosen = dict(given)
    for name in LISTS:
        chosen[name] = chosen[name] or None
    for name in WORDS:
        if chosen[name] is not None:
            chosen[name] = tuple(word.strip() for word in chosen[name].split(","))
    return chosen


def one_source(words: Sequence[str]) -> str | None:
    """DATA: one word, or the Parquet files of one folder, as the shell spells ``big/*.parquet``.

    Raises:
        ConfigError: several that are not all the Parquet files of one folder.
    """
    named = list(words)
    if len(named) == 1 and "*" in Path(named[0]).name and not Path(named[0]).exists():
        folder = Path(named[0]).parent  # in quotation marks, or of a shell that spells nothing out
        named = [str(path) for path in sorted(folder.glob(Path(named[0]).name))] or named
    if len(named) < 2:
        return named[0] if named else None
    folders = {Path(name).parent for name in named}
    parquet = all(Path(name).suffix.lower() in PARQUET for name in named)
    if parquet and len(folders) == 1:
        (folder,) = folders
        there = {path for path in folder.rglob("*") if path.suffix.lower() in PARQUET}
        if there == set(map(Path, named)):
            return str(folder)
    what = tr("Of Parquet, name the folder, with no other tables in it.") if parquet else ""
    raise ConfigError(tr("{n} tables were named, but one network learns from one.",
                         n=len(named)) + f" {what}".rstrip())  # fmt: skip
