"""``glassnet train DATA``"""

from __future__ import annotations

from typing import Any

import click

from glassnet.cli.failures import INTERRUPTED
from glassnet.cli.options import Pixels, Sizes, json_option
from glassnet.cli.output import emit_json, percent, say, seconds, table
from glassnet.errors import ConfigError
from glassnet.networks import NETWORKS
from glassnet.optimizers import OPTIMIZERS
from glassnet.runs.recipes import BEST, IMAGES, RECIPES, describe, settings_for
from glassnet.runs.spelling import in_options
from glassnet.schedules import READY

RECIPE_LINES = (
    "\b\nDefaults:\n"
    + "\n".join(f"  {name:<18} {describe(name)}" for name in RECIPES)
    + "\n\n\b\nWith --network best:\n"
    + "\n".join(f"  {name:<18} {describe(name, BEST)}" for name in IMAGES)
)


@click.command(epilog=RECIPE_LINES)
@click.argument("data", required=False)
@click.option("--effort", help="Of a table: quick (1 network), default (8) or best (24).")
@click.option("--network", help="Of images: " + ", ".join(NETWORKS) + ", or best.  "
              "[default: mlp; of a folder, one for their number]")  # fmt: skip
@click.option("--layers", type=Sizes(), help="Units of the hidden layers: 64,32, or none.")
@click.option("--start", metavar="RUN", help="Begin with the layers of a trained network, all but "
              "the last: a run, or a .safetensors, .keras, .onnx or .pt file.")  # fmt: skip
@click.option("--frozen-epochs", type=int, help="With --start: for how many epochs only the new "
              "last layer learns.  [default: half of them]")  # fmt: skip
@click.option("--activation", help="Of the hidden layers: relu, tanh, sigmoid, gelu …")
@click.option("--optimizer", help=", ".join(OPTIMIZERS) + ".")
@click.option("--learning-rate", type=float, help="The highest one, if it follows a schedule.")
@click.option("--schedule", help=", ".join(READY) + ".")
@click.option("--epochs", type=int, help="How often to go through the data.")
@click.option("--batch-size", type=int, help="Samples for each update.")
@click.option("--dropout", type=float, help="Share of the hidden outputs to leave out.")
@click.option("--l2", type=float, help="Penalty on the squares of the weights.")
@click.option(
    "--augment",
    metavar="CHANGES",
    help="Of images: change each at random: shift=2,rotation=10,zoom=0.1,flip,contrast=0.2,"
    "brightness=0.1,noise=0.05, or none.",
)
@click.option("--class-weight", type=click.Choice(["balanced"]),
              help="Let the samples of rare classes count for more.")  # fmt: skip
@click.option("--seed", type=int, help="The same seed gives the same weights.  [default: 0]")
@click.option("--dtype", help="float32 or float64.  [default: float32]")
@click.option("--validation", type=float, help="Share of the samples to watch, not to learn from.")
@click.option("--patience", type=int, help="Stop after so many epochs without a better one.")
@click.option("--target", help="Of a table: the column to predict.")
@click.option("--missing", help="Of a table: what to do with missing values: error, fill, drop.")
@click.option("--ignore", multiple=True, metavar="COLUMN",
              help="Of a table: a column to leave out; may be given again.")  # fmt: skip
@click.option("--task", type=click.Choice(["classification", "regression"]),
              help="Of a table: whether the target is one of some classes or a value.  "
              "[default: as it looks]")  # fmt: skip
@click.option("--categorical", multiple=True, metavar="COLUMN",
              help="Of a table: a column of numbers that are codes; may be given "
              "again.")  # fmt: skip
@click.option("--max-categories", type=click.IntRange(min=2),
              help="Of a table: text with more different values is left out.  "
              "[default: 100]")  # fmt: skip
@click.option("--unknown", type=click.Choice(["zeros", "error"]), help="Of a table: what an "
              "unknown category is later: none of the known, or refused.")  # fmt: skip
@click.option("--encoding", help="Of a table's text: cp949, latin-1 …  [default: what fits]")
@click.option("--delimiter", help="Between the fields of a table; ' ' is any white space.  "
              "[default: what fits]")  # fmt: skip
@click.option("--decimal", help="The decimal sign of a table.  [default: what fits]")
@click.option("--thousands", help="The sign between thousands.  [default: what fits]")
@click.option("--missing-values", metavar="WORDS",
              help="The texts of a table that mean no value: ?,NA  [default: the usual "
              "ones]")  # fmt: skip
@click.option("--header/--no-header", default=None,
              help="Whether the first line of a table has the names of its columns; else they are "
              "called 'column 1' …, --target 1 …")  # fmt: skip
@click.option("--names", metavar="NAMES", help="Of the columns of a table without a header: a,b,c.")
@click.option("--strict", is_flag=True, default=None,
              help="Of a table: leave out, fill and take for something else nothing by "
              "itself.")  # fmt: skip
@click.option("--test", metavar="PATH", help="Of a table, or of a folder of images: another one "
              "to judge the network on.  [default: a fifth]")  # fmt: skip
@click.option("--size", type=Pixels(), help="Of a folder of images: their side in pixels, 64, or "
              "height×width, 48x64.  [default: one that suits them]")  # fmt: skip
@click.option("--color/--grey", default=None,
              help="Of a folder of images.  [default: as they are]")  # fmt: skip
@click.option("--aspect", type=click.Choice(["crop", "pad", "stretch"]),
              help="Of a folder of images: cut the middle out, put black beside the image, or let "
              "the aspect go.  [default: crop]")  # fmt: skip
@click.option("--data-dir", help="A folder that has the files of mnist, fashion_mnist or cifar10.")
@click.option("--out", help="The folder to write.  [default: runs/NAME, runs/NAME-2 …]")
@click.option("--resume", metavar="RUN", help="Go on with a run that was stopped or killed.")
@click.option("--quiet", is_flag=True, help="No progress, one line at the end.")
@click.option("--compare", is_flag=True,
              help="Train a linear model and boosting on the same rows, to compare.")  # fmt: skip
@click.option("--no-plots", is_flag=True, help="Draw no pictures.")
@json_option
def train(
    data: str | None, out: str | None, resume: str | None, quiet: bool, compare: bool,
    no_plots: bool, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Train a network on DATA, judge it on what was held out, and keep everything in a folder.

    DATA is the name of a data set (see glassnet datasets); or a table with --target COLUMN: a
    CSV, Excel, JSON lines or Parquet file, or a folder of Parquet files; or a folder of images with
    a folder inside for each class. What is not given is chosen to suit the data and the network.
    """
    from glassnet.runs import work
    from glassnet.runs.folder import RunFolder

    for name in ("ignore", "categorical"):
        given[name] = given[name] or None
    for name in ("names", "missing_values"):
        if given[name] is not None:
            given[name] = tuple(word.strip() for word in given[name].split(","))
    shown: dict[str, Any] = {
        "verbose": 0 if quiet else "auto",
        "plots": not no_plots,
        "say": (lambda line: None) if quiet else (lambda line: say(in_options(line))),
    }
    if resume is not None:
        _refuse_beside_resume(data, {**given, "out": out, "compare": compare or None})
        folder = RunFolder.open(resume)
        outcome = work.resume(folder, data_dir=given["data_dir"], **shown)
    elif data is None:
        raise click.UsageError(
            "Missing argument 'DATA': the name of a data set, a table, or a folder of images."
        )
    else:
        outcome = work.train(settings_for(data, given), out, compare=compare, **shown)
    if outcome.interrupted:
        done = len(outcome.history.epoch)
        say(
            f"Stopped after {done} whole epoch{'s' * (done != 1)}; the model as it is lies in "
            f"{outcome.folder}.\nGo on with: glassnet train --resume {outcome.folder}"
        )
        raise click.exceptions.Exit(INTERRUPTED)
    if as_json:
        emit_json(outcome.report)
    elif quiet:
        words = [verdict(outcome.report), *compared(outcome.report.get("compare", {}))]
        click.echo(f"{outcome.folder}: {'; '.join(words)}")
    else:
        closing(outcome.report)


def _refuse_beside_resume(data: str | None, given: dict[str, Any]) -> None:
    beside = [name for name, value in given.items() if value is not None and name != "data_dir"]
    if data is not None or beside:
        what = f"--{beside[0].replace('_', '-')}" if beside else f"the data {data!r}"
        raise ConfigError(
            f"--resume goes on with the settings in the folder: leave out {what}, or train anew."
        )


def verdict(report: dict[str, Any]) -> str:
    """How good, in a few words."""
    held, count = report["held_out"], report["data"]["held_out"]
    beside = beside_words(held)
    on = f"on {count:,} {'fresh' if report['data']['fresh'] else 'held-out'} samples"
    if report["data"].get("test"):
        what = "images" if report["data"].get("images") else "rows"
        on = f"on the {count:,} {what} of {report['data']['test']}"
    if report["data"]["task"] == "classification":
        return f"{percent(held['accuracy'])} right {on}{beside}"
    r2 = "–" if held["r2"] is None else f"{held['r2']:.4f}"
    return f"R² {r2}, mean error {held['mae']:.4g} {on}{beside}"


def beside_words(held: dict[str, Any]) -> str:
    """``; always “no” would be right on 62.00 %``"""
    from glassnet.insight.baseline import beside

    words = beside(held)
    return f"; {words}" if words else ""


def compared(peers: dict[str, dict[str, float]]) -> list[str]:
    """How good a linear model and boosting are on the same rows, a line each."""
    names = {"linear": "a linear model", "boosting": "gradient boosting"}
    return [
        f"{names[kind]}: "
        + (
            f"{percent(found['accuracy'])} right, log loss {found['log_loss']:.4f}"
            if "accuracy" in found
            else f"R² {found['r2']:.4f}, mean error {found['mae']:.4g}"
        )
        + f" ({seconds(found['seconds'])})"
        for kind, found in peers.items()
    ]


def measured(data: dict[str, Any]) -> str:
    """On how many samples that were learned from it was measured: of a large table, on some."""
    count = data.get("measured", data["training"])
    of_all = f" of {data['training']:,}" if count < data["training"] else ""
    return f"{count:,}{of_all} samples"


def closing(report: dict[str, Any]) -> None:
    """How good, how long, how large, where, and what next."""
    learned = report["training"]
    on_training = (
        percent(learned["accuracy"]) + " right"
        if "accuracy" in learned
        else f"R² {learned['r2']:.4f}"
    )
    epochs = f"{report['epochs']} epoch{'s' * (report['epochs'] > 1)}" + (
        f" ({report['stopped']})" if report["stopped"] else ""
    )
    rows: list[tuple[str, str]] = [("result", verdict(report))]
    peers = report.get("compare", {})
    if peers and "log_loss" in report["held_out"]:
        rows.append(("", f"its log loss: {report['held_out']['log_loss']:.4f}"))
    rows += [("", line) for line in compared(peers)]
    if "ceiling" in report:
        rows.append(("", f"the classes overlap: nothing passes {report['ceiling']:.1%} there"))
    if report.get("columns"):
        rows.append(("columns that matter", ", ".join(c["column"] for c in report["columns"])))
    rows += [
        ("on what it learned from", f"{on_training}, {measured(report['data'])}"),
        ("training", f"{seconds(report['seconds'])} for {epochs}"),
        ("network", f"{report['network']}, {report['parameters']:,} parameters"),
        *([("kept", report["start"]["kept"])] if "start" in report else []),
        ("files", report["folder"]),
    ]
    rows += [("try next" if i == 0 else "", line) for i, line in enumerate(report["next"])]
    table(rows)
