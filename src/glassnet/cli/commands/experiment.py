"""``glassnet experiment NAME``"""

from __future__ import annotations

import re
from typing import Any

import click

from glassnet.cli.language import cell, retold, tr
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, say, table

FEW = re.compile(r"(\d+) of (\d+)")


@click.command()
@click.argument("name", required=False)
@click.option("--seed", type=click.IntRange(0), default=0, help="For another draw.  [default: 0]")
@click.option("--out", help="The folder for the pictures.  [default: experiments/NAME]")
@click.option("--data-dir", help="A folder that has the files of mnist.")
@click.option("--weights", help="A file of trained weights, for the experiment that reads one.")
@click.option("--quiet", is_flag=True, help="Only what was seen.")
@json_option
def experiment(
    name: str | None, seed: int, out: str | None, data_dir: str | None, weights: str | None,
    quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Show one thing by an experiment: its numbers, its pictures, and what is to be seen.

    Without NAME: list the experiments.
    """
    from glassnet.experiments import catalog

    if name is None:
        if as_json:
            emit_json({entry: line for entry, (_, line) in catalog.EXPERIMENTS.items()})
            return
        table([(entry, retold(line)) for entry, (_, line) in catalog.EXPERIMENTS.items()])
        click.echo("\n" + tr("Make one with: glassnet experiment NAME"))
        return

    from glassnet._core.registry import lookup
    from glassnet.experiments.result import Setting, folder_for, save

    lookup("experiment", catalog.EXPERIMENTS, name)
    folder = folder_for(out or f"experiments/{name}")
    wordless = quiet or as_json
    setting = Setting(seed, data_dir, weights, (lambda line: None) if wordless else _say)
    result = catalog.run(name, setting=setting)
    paths = [str(path) for path in save(result, folder)]
    if as_json:
        emit_json({"experiment": name, "seed": seed, **result.to_dict(), "pictures": paths})
        return
    if not quiet:
        show_numbers(result.numbers)
        click.echo()
    for claim in result.claims:
        claimed = retold(claim.text)
        click.echo(claimed if claim.holds else tr("NOT SEEN this time: {claim}", claim=claimed))
    if not quiet:
        click.echo("\n" + tr("Pictures: {paths}", paths=", ".join(paths)))


def _say(line: str) -> None:
    say(retold(line))


def show_numbers(numbers: dict[str, Any]) -> None:
    """Single numbers as a list; rows of the same columns as a table."""
    single = [(cell(name), number(value)) for name, value in numbers.items() if not _is_row(value)]
    if single:
        table(single)
    rows = {name: row for name, row in numbers.items() if _is_row(row)}
    while rows:  # rows with the same columns make one table
        columns = list(next(iter(rows.values())))
        alike = {name: row for name, row in rows.items() if list(row) == columns}
        lines = [(cell(name), *(number(row[c]) for c in columns)) for name, row in alike.items()]
        table(lines, ("", *map(cell, columns)), right=range(1, len(columns) + 1))
        rows = {name: row for name, row in rows.items() if name not in alike}


def _is_row(value: object) -> bool:
    return isinstance(value, dict)


def number(value: Any) -> str:
    """Four digits of a float; words in the language of now; anything else as it is."""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return f"({', '.join(number(v) for v in value)})"
    if isinstance(value, str) and (few := FEW.fullmatch(value)):
        return tr("{right} of {all}", right=few[1], all=few[2])
    return "–" if value is None else cell(str(value))
