"""``glassnet experiment NAME``"""

from __future__ import annotations

from typing import Any

import click

from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, say, table


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
        table([(entry, line) for entry, (_, line) in catalog.EXPERIMENTS.items()])
        click.echo("\nMake one with: glassnet experiment NAME")
        return

    from glassnet._core.registry import lookup
    from glassnet.experiments.result import Setting, folder_for, save

    lookup("experiment", catalog.EXPERIMENTS, name)
    folder = folder_for(out or f"experiments/{name}")
    wordless = quiet or as_json
    setting = Setting(seed, data_dir, weights, (lambda line: None) if wordless else say)
    result = catalog.run(name, setting=setting)
    paths = [str(path) for path in save(result, folder)]
    if as_json:
        emit_json({"experiment": name, "seed": seed, **result.to_dict(), "pictures": paths})
        return
    if not quiet:
        show_numbers(result.numbers)
        click.echo()
    for claim in result.claims:
        click.echo(claim.text if claim.holds else f"NOT SEEN this time: {claim.text}")
    if not quiet:
        click.echo(f"\nPictures: {', '.join(paths)}")


def show_numbers(numbers: dict[str, Any]) -> None:
    """Single numbers as a list; rows of the same columns as a table."""
    single = [(name, number(value)) for name, value in numbers.items() if not _is_row(value)]
    if single:
        table(single)
    rows = {name: row for name, row in numbers.items() if _is_row(row)}
    while rows:  # rows with the same columns make one table
        columns = list(next(iter(rows.values())))
        alike = {name: row for name, row in rows.items() if list(row) == columns}
        lines = [(name, *(number(row[c]) for c in columns)) for name, row in alike.items()]
        table(lines, ("", *columns), right=range(1, len(columns) + 1))
        rows = {name: row for name, row in rows.items() if name not in alike}


def _is_row(value: object) -> bool:
    return isinstance(value, dict)


def number(value: Any) -> str:
    """Four digits of a float; anything else as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return f"({', '.join(number(v) for v in value)})"
    return "–" if value is None else str(value)
