"""``glassnet tune DATA``"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.commands.train import verdict
from glassnet.cli.failures import INTERRUPTED
from glassnet.cli.language import retold, tr
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, percent, say, table
from glassnet.cli.run_settings import as_settings, one_source, run_settings
from glassnet.errors import ConfigError
from glassnet.runs.spelling import in_options
from glassnet.tune.plan import MONITORS, PRUNERS

if TYPE_CHECKING:
    from glassnet.tune import Found

OF_ALL = {"trials", "seconds", "workers"}  # what may stand beside --resume
OF_JOINING = {"seconds", "study"}  # and beside --join


@click.command()
@click.argument("data", nargs=-1)
@click.option("--search", multiple=True, metavar="NAME=VALUES",
              help="What to try for a setting: a range, learning_rate=1e-4..1e-1, or some values, "
              "hidden=32,64,128-64; may be given again. Settings: learning_rate, l2, dropout, "
              "batch_size, layers, activation, optimizer, schedule.  "
              "[default: a usual range of each]")  # fmt: skip
@click.option("--trials", type=click.IntRange(min=1),
              help="How many to make.  [default: 30]")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True),
              help="End after this time, with the best so far.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=0),
              help="Processes on this machine; 0: only begin it, and let others join.  "
              "[default: 1]")  # fmt: skip
@click.option("--monitor", type=click.Choice(MONITORS),
              help="What of the validation samples the trials are compared by.  "
              "[default: loss]")  # fmt: skip
@click.option("--pruner", type=click.Choice(PRUNERS),
              help="How trials that do worse are ended early.  [default: halving]")  # fmt: skip
@click.option("--storage", metavar="ADDRESS",
              help="Where the trials are kept: postgresql://user@host/name, redis://host, "
              "sqlite:///study.db, or a file.  [default: in the folder]")  # fmt: skip
@click.option("--study", metavar="NAME", help="The name of the search in a storage of several.")
@click.option("--join", metavar="PLACE",
              help="Work on a search that was begun elsewhere: its folder, or the address of its "
              "storage.")  # fmt: skip
@click.option("--out", help="The folder to write.  [default: runs/NAME-tune, runs/NAME-tune-2 …]")
@click.option("--resume", metavar="SEARCH",
              help="Go on with a search that was stopped or killed, or make more "
              "trials.")  # fmt: skip
@run_settings
@click.option("--quiet", is_flag=True, help="No progress, one line at the end.")
@click.option("--no-plots", is_flag=True, help="Draw no pictures.")
@json_option
def tune(
    data: tuple[str, ...], search: tuple[str, ...], out: str | None, resume: str | None,
    join: str | None, quiet: bool, no_plots: bool, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Search the best settings of a network for DATA, and train it by them.

    DATA is what glassnet train takes, and so are the settings: what is given is not searched. The
    trials are compared on validation samples; the samples that are held out judge the one network
    that was chosen. The folder keeps every trial, so that the search can go on when it was stopped.

    \b
    glassnet tune digits --seconds 120
    glassnet tune flowers.csv --target species --workers 2
    glassnet tune digits --search learning_rate=1e-4..1e-1 --search hidden=64,128-64
    """
    from glassnet.tune import searching

    given, source = as_settings(given), one_source(data)
    names = ("trials", "seconds", "workers", "monitor", "pruner", "storage", "study")
    chosen = {name: given.pop(name) for name in names}
    said: dict[str, Any] = {
        "say": (lambda line: None) if quiet else (lambda line: say(retold(in_options(line))))
    }
    beside = {**given, **chosen, "out": out, "search": search or None}
    if join is not None:
        if resume is not None:
            raise ConfigError(tr("--join and --resume do not go together: leave out one of them."))
        _refuse_beside("--join", OF_JOINING | {"data_dir"}, beside)
        told = {name: chosen[name] for name in OF_JOINING}
        ended = searching.join(join, data=source, data_dir=given["data_dir"], **told, **said)
        if not quiet:
            say(tr("{n} trials have ended; the network is trained where the search was begun.",
                   n=ended))  # fmt: skip
        return
    said["plots"] = not no_plots
    workers = 1 if chosen["workers"] is None else chosen["workers"]
    del chosen["workers"]
    if resume is not None:
        what = {**beside, tr("the data {data!r}", data=source): source}
        _refuse_beside("--resume", OF_ALL | {"data_dir"}, what)
        found = searching.resume(
            resume, trials=chosen["trials"], seconds=chosen["seconds"], workers=workers,
            data_dir=given["data_dir"], **said,
        )  # fmt: skip
    elif source is None:
        raise click.UsageError(
            tr("Missing argument 'DATA': the name of a data set, a table, or a folder of images.")
        )
    else:
        wanted = {name: value for name, value in chosen.items() if value is not None}
        found = searching.search(
            source, search=_ranges(search), workers=workers, out=out, **wanted, **given, **said
        )
    if found.interrupted:
        say(tr("Stopped after {n} trials; what they found is in {folder}.\n"
               "Go on with: glassnet tune --resume {folder}", n=_ended(found),
               folder=found.folder))  # fmt: skip
        raise click.exceptions.Exit(INTERRUPTED)
    if as_json:
        emit_json(found.to_dict())
    elif found.stopped == "begun":
        click.echo(tr("Begun in {folder}. On each machine: glassnet tune --join {folder}\n"
                      "At the end: glassnet tune --resume {folder}",
                      folder=found.folder))  # fmt: skip
    elif quiet:
        click.echo(f"{found.folder}: {_best(found)}; {found.command}")
    else:
        _closing(found)


def _ranges(search: tuple[str, ...]) -> dict[str, str]:
    """``learning_rate=1e-4..1e-1`` as name and values.

    Raises:
        ConfigError: not of this form, or a setting twice.
    """
    ranges: dict[str, str] = {}
    for words in search:
        name, equals, values = words.partition("=")
        if not equals:
            raise ConfigError(tr("--search {words!r}: expected NAME=VALUES, as in "
                                 "learning_rate=1e-4..1e-1.", words=words))  # fmt: skip
        if name in ranges:
            raise ConfigError(tr("--search {name} was given twice: leave out one.", name=name))
        ranges[name] = values
    return ranges


def _refuse_beside(option: str, allowed: set[str], given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if value is not None and name not in allowed:
            what = f"--{name.replace('_', '-')}" if name.isidentifier() else name
            raise ConfigError(tr("{option} goes on with what the search is: leave out {what}.",
                                 option=option, what=what))  # fmt: skip


def _ended(found: Found) -> int:
    return sum(row["state"] != "failed" for row in found.trials)


def _best(found: Found) -> str:
    assert found.value is not None
    if found.monitor == "accuracy":
        return tr("{share} right on the validation samples", share=percent(found.value))
    return tr("loss {loss:.4f} on the validation samples", loss=found.value)


def _closing(found: Found) -> None:
    """The best settings, how good their network is, what decides, and where all is."""
    assert found.report is not None
    pruned = sum(row["state"] == "pruned" for row in found.trials)
    counted = tr("{n} trials, {pruned} of them ended early", n=_ended(found), pruned=pruned)
    if found.stopped == "time":
        counted += tr("; then the time was up")
    rows = [
        (tr("search"), counted),
        (tr("the best"), tr("trial {n}: {best}", n=found.trial, best=_best(found))),
        (tr("its network"), verdict(found.report)),
    ]
    if found.importance:
        shares = [f"{name} {share:.0%}".replace("%", " %")
                  for name, share in found.importance.items() if share >= 0.05]  # fmt: skip
        rows.append((tr("what decides"), ", ".join(shares)))
    rows.append((tr("files"), str(found.folder)))
    table(rows)
    click.echo("\n" + tr("To train by the best settings again:") + f"\n{found.command}")
