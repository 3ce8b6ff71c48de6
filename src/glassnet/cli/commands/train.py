"""``glassnet train DATA``"""

from __future__ import annotations

from typing import Any

import click

from glassnet.cli.failures import INTERRUPTED
from glassnet.cli.language import retold, tr
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, percent, say, seconds, table
from glassnet.cli.run_settings import as_settings, one_source, run_settings
from glassnet.errors import ConfigError
from glassnet.runs.recipes import BEST, IMAGES, RECIPES, describe, settings_for
from glassnet.runs.spelling import in_options

RECIPE_LINES = (
    "\b\nDefaults:\n"
    + "\n".join(f"  {name:<18} {describe(name)}" for name in RECIPES)
    + "\n\n\b\nWith --network best:\n"
    + "\n".join(f"  {name:<18} {describe(name, BEST)}" for name in IMAGES)
)


@click.command(epilog=RECIPE_LINES)
@click.argument("data", nargs=-1)
@click.option("--effort", help="Of a table: quick (1 network), default (8) or best (24).")
@run_settings
@click.option("--out", help="The folder to write.  [default: runs/NAME, runs/NAME-2 …]")
@click.option("--resume", metavar="RUN", help="Go on with a run that was stopped or killed.")
@click.option("--quiet", is_flag=True, help="No progress, one line at the end.")
@click.option("--compare", is_flag=True,
              help="Train a linear model and boosting on the same rows, to compare.")  # fmt: skip
@click.option("--no-plots", is_flag=True, help="Draw no pictures.")
@click.option("--distribute", help="With the other processes that mpiexec started: mpi; or "
              "mpi-allreduce, whose bits depend on how many they are.")  # fmt: skip
@click.option("--shards", type=int, help="With --distribute: in how many parts each batch is cut.  "
              "[default: 8, or the next multiple of the processes]")  # fmt: skip
@json_option
def train(
    data: tuple[str, ...], out: str | None, resume: str | None, quiet: bool, compare: bool,
    no_plots: bool, as_json: bool, distribute: str | None, shards: int | None, **given: Any,
) -> None:  # fmt: skip
    """Train a network on DATA, judge it on what was held out, and keep everything in a folder.

    DATA is the name of a data set (see glassnet datasets); or a table with --target COLUMN: a
    CSV, Excel, JSON lines or Parquet file, or a folder of Parquet files; or a folder of images with
    a folder inside for each class. What is not given is chosen to suit the data and the network.
    """
    from glassnet.distribute import chosen
    from glassnet.runs import work
    from glassnet.runs.folder import RunFolder

    given, source = as_settings(given), one_source(data)
    with chosen(distribute, shards) as group:
        first = group is None or group.rank == 0
        shown: dict[str, Any] = {
            "verbose": "auto" if first and not quiet else 0,
            "plots": not no_plots,
            "say": (lambda line: say(retold(in_options(line))))
            if first and not quiet else (lambda line: None),
            "group": group,
        }  # fmt: skip
        if resume is not None:
            _refuse_beside_resume(source, {**given, "out": out, "compare": compare or None})
            folder = RunFolder.open(resume)
            outcome = work.resume(folder, data_dir=given["data_dir"], **shown)
        elif source is None:
            raise click.UsageError(tr(
                "Missing argument 'DATA': the name of a data set, a table, or a folder of images."
            ))  # fmt: skip
        else:
            outcome = work.train(settings_for(source, given), out, compare=compare, **shown)
    if outcome.rank:  # the first one says it
        raise click.exceptions.Exit(INTERRUPTED if outcome.interrupted else 0)
    if outcome.interrupted:
        done = len(outcome.history.epoch)
        counted = tr("{n} whole epoch" if done == 1 else "{n} whole epochs", n=done)
        say(tr("Stopped after {epochs}; the model as it is lies in {folder}.\n"
               "Go on with: glassnet train --resume {folder}", epochs=counted,
               folder=outcome.folder))  # fmt: skip
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
        data_words = tr("the data {data!r}", data=data)
        what = f"--{beside[0].replace('_', '-')}" if beside else data_words
        raise ConfigError(tr(
            "--resume goes on with the settings in the folder: leave out {what}, or train anew.",
            what=what,
        ))  # fmt: skip


def verdict(report: dict[str, Any]) -> str:
    """How good, in a few words."""
    held, count = report["held_out"], report["data"]["held_out"]
    beside = beside_words(held)
    fresh = report["data"]["fresh"]
    on = tr("on {n:,} fresh samples" if fresh else "on {n:,} held-out samples", n=count)
    if report["data"].get("test"):
        images = report["data"].get("images")
        key = "on the {n:,} images of {test}" if images else "on the {n:,} rows of {test}"
        on = tr(key, n=count, test=report["data"]["test"])
    if report["data"]["task"] == "classification":
        return tr("{share} right {on}", share=percent(held["accuracy"]), on=on) + beside
    r2 = "–" if held["r2"] is None else f"{held['r2']:.4f}"
    return tr("R² {r2}, mean error {mae:.4g} {on}", r2=r2, mae=held["mae"], on=on) + beside


def beside_words(held: dict[str, Any]) -> str:
    """``; always “no” would be right on 62.00 %``"""
    from glassnet.insight.baseline import beside

    words = retold(beside(held))
    return f"; {words}" if words else ""


def compared(peers: dict[str, dict[str, float]]) -> list[str]:
    """How good a linear model and boosting are on the same rows, a line each."""
    names = {"linear": tr("a linear model"), "boosting": tr("gradient boosting")}
    return [
        f"{names[kind]}: "
        + (
            tr(
                "{share} right, log loss {loss:.4f}",
                share=percent(found["accuracy"]),
                loss=found["log_loss"],
            )
            if "accuracy" in found
            else tr("R² {r2:.4f}, mean error {mae:.4g}", r2=found["r2"], mae=found["mae"])
        )
        + f" ({seconds(found['seconds'])})"
        for kind, found in peers.items()
    ]


def measured(data: dict[str, Any]) -> str:
    """On how many samples that were learned from it was measured: of a large table, on some."""
    count = data.get("measured", data["training"])
    if count < data["training"]:
        return tr("{n:,} of {all:,} samples", n=count, all=data["training"])
    return tr("{n:,} samples", n=count)


def closing(report: dict[str, Any]) -> None:
    """How good, how long, how large, where, and what next."""
    learned = report["training"]
    on_training = (
        tr("{share} right", share=percent(learned["accuracy"]))
        if "accuracy" in learned
        else f"R² {learned['r2']:.4f}"
    )
    epochs = tr("{n} epochs" if report["epochs"] > 1 else "{n} epoch", n=report["epochs"]) + (
        f" ({retold(report['stopped'])})" if report["stopped"] else ""
    )
    rows: list[tuple[str, str]] = [(tr("result"), verdict(report))]
    peers = report.get("compare", {})
    if peers and "log_loss" in report["held_out"]:
        rows.append(("", tr("its log loss: {loss:.4f}", loss=report["held_out"]["log_loss"])))
    rows += [("", line) for line in compared(peers)]
    if "ceiling" in report:
        most = report["ceiling"]
        rows.append(("", tr("the classes overlap: nothing passes {most:.1%} there", most=most)))
    if report.get("columns"):
        rows.append((tr("columns that matter"), ", ".join(c["column"] for c in report["columns"])))
    rows += [
        (tr("on what it learned from"), f"{on_training}, {measured(report['data'])}"),
        (tr("training"), tr("{time} for {epochs}", time=seconds(report["seconds"]), epochs=epochs)),
        (
            tr("network"),
            tr("{name}, {n:,} parameters", name=report["network"], n=report["parameters"]),
        ),
        *([(tr("kept"), retold(report["start"]["kept"]))] if "start" in report else []),
        (tr("files"), report["folder"]),
    ]
    advice = map(retold, report["next"])
    rows += [(tr("try next") if i == 0 else "", line) for i, line in enumerate(advice)]
    table(rows)
