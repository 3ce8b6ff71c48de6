"""``glassnet plot importance RUN`` and the other pictures of what was learned from a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.language import retold
from glassnet.cli.options import json_option, out_option
from glassnet.cli.output import emit_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.insight import Rows

ANSWERS = 400_000  # rows that go through the network: some ten seconds

column_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="COLUMN",
    help="Only this one; may be given again.",
)


def _rows(run: str, kind: str) -> tuple[Any, Rows]:
    """The run's folder and its held-out rows."""
    from glassnet.runs import pictures
    from glassnet.runs.folder import RunFolder

    folder = RunFolder.open(run)
    subject = pictures.subject(folder)
    pictures.refuse_unfit(kind, subject)
    return folder, subject.study.held_out


def _finish(folder: Any, kind: str, figure: Figure, out: str | None) -> None:
    from glassnet import plots

    click.echo(plots.save(figure, out or folder.picture(kind)))


@click.command()
@click.argument("run")
@click.option("--metric", "metrics", multiple=True,
              help="log_loss, accuracy, roc_auc; r2, mae, mse, rmse.  [default: two]")  # fmt: skip
@click.option("--repeats", type=click.IntRange(min=1), help="How often a column is shuffled.")
@out_option
@json_option
def importance(
    run: str, metrics: tuple[str, ...], repeats: int | None, out: str | None, as_json: bool
) -> None:
    """What each column of the table is worth: what is lost when its values are shuffled.

    On the held-out rows, several times, with the spread.
    """
    from glassnet import insight

    folder, rows = _rows(run, "importance")
    n_repeats = repeats or 5
    most = max(100, ANSWERS // (n_repeats * max(1, len(rows.columns))))
    found = insight.permutation_importance(
        rows, metrics or None, n_repeats=n_repeats, max_samples=most
    )
    if as_json:
        emit_json({"run": str(folder), **found.to_dict()})
    else:
        click.echo(retold(str(found)))
        _finish(folder, "importance", found.plot(), out)


@click.command()
@click.argument("run")
@column_option
@out_option
@json_option
def dependence(run: str, columns: tuple[str, ...], out: str | None, as_json: bool) -> None:
    """The mean answer for each value of a column, over the distribution of the data.

    Without --column, along the columns that matter most.
    """
    from glassnet import insight, plots

    folder, rows = _rows(run, "dependence")
    if columns:
        most = max(100, ANSWERS // (20 * len(columns)))
        shown = [insight.partial_dependence(rows, name, max_samples=most) for name in columns]
    else:
        shown = insight.Study(rows, ANSWERS).dependence
    if as_json:
        emit_json({"run": str(folder), "dependence": [one.to_dict() for one in shown]})
        return
    for one in shown if columns else ():
        click.echo(retold(str(one)))
    _finish(folder, "dependence", plots.dependence_curves(shown), out)


@click.command()
@click.argument("run")
@click.option("--bins", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--quantiles", is_flag=True, help="Bins of as many rows each.")
@click.option("--class", "about", help="Whose probability.  [default: of two the second]")
@out_option
@json_option
def calibration(
    run: str, bins: int, quantiles: bool, about: str | None, out: str | None, as_json: bool
) -> None:
    """Whether probabilities can be taken at their word: 70 % of what is said to be 70 % sure."""
    from glassnet import insight

    folder, rows = _rows(run, "calibration")
    found = insight.calibration_curve(
        rows, n_bins=bins, strategy="quantile" if quantiles else "uniform", about=about
    )
    _tell(folder, "calibration", found, out, as_json)


@click.command()
@click.argument("run")
@out_option
@json_option
def residuals(run: str, out: str | None, as_json: bool) -> None:
    """How far predicted values are off, and where: predicted - true, in the table's units."""
    from glassnet import insight

    folder, rows = _rows(run, "residuals")
    _tell(folder, "residuals", insight.residuals(rows), out, as_json)


@click.command()
@click.argument("run")
@column_option
@out_option
@json_option
def groups(run: str, columns: tuple[str, ...], out: str | None, as_json: bool) -> None:
    """For which rows it is wrong more often: each category, each quarter of a number.

    With how many rows there are, and what so few can tell.
    """
    from glassnet import insight

    folder, rows = _rows(run, "groups")
    _tell(folder, "groups", insight.errors_by_group(rows, columns or None), out, as_json)


def _tell(folder: Any, kind: str, found: Any, out: str | None, as_json: bool) -> None:
    if as_json:
        emit_json({"run": str(folder), **found.to_dict()})
    else:
        click.echo(retold(str(found)))
        _finish(folder, kind, found.plot(), out)
