"""``glassnet verify``"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json

if TYPE_CHECKING:
    from glassnet.verify import Report


@click.command()
@click.option(
    "--only",
    metavar="GROUPS",
    help="Some of: activations,losses,layers,optimizers,schedules,initializers,network.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random cases.")
@click.option("--full", is_flag=True, help="One line for each check, with its tolerance.")
@json_option
def verify(only: str | None, seed: int, full: bool, as_json: bool) -> None:
    """Check this installation: every function, layer and optimizer, and whole networks.

    The judges: formulas written a second time, central differences in float64, and PyTorch and
    Keras where they are installed. What is missing is said. Exit status 1 if anything is off.
    """
    from glassnet import verify as verification

    shown = not as_json and sys.stderr.isatty()
    try:
        report = verification.run(only, seed=seed, progress=_progress if shown else None)
    finally:
        if shown:
            _progress("")
    if as_json:
        emit_json(report.to_dict())
    else:
        _print(report, full)
    if not report.ok:
        raise click.exceptions.Exit(1)


def _progress(text: str) -> None:
    """One line that is written over."""
    click.echo(f"\r\x1b[K{text[:76]}", nl=False, err=True)


def _print(report: Report, full: bool) -> None:
    from glassnet.verify.report import every_row, overview

    for line, failed in every_row(report) if full else overview(report):
        click.secho(line, fg="red" if failed else None)
    click.echo()
    for i, line in enumerate(report.notes()):
        click.secho(line, fg="red" if i < len(report.failures) else None)
    click.secho(report.verdict(), fg="green" if report.ok else "red", bold=True)
