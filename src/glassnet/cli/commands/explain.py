"""``glassnet explain RUN``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet.cli.language import retold, tr
from glassnet.cli.options import data_dir_option, encoding_option, json_option
from glassnet.cli.output import emit_json, say
from glassnet.texts import in_formula

if TYPE_CHECKING:
    from glassnet.explain import StepExplanation
    from glassnet.runs.judge import Found


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@click.option("--sample", "-s", "chosen", type=click.IntRange(min=0), multiple=True,
              help="Which sample, counted from 0; several make a batch.  [default: 0]")  # fmt: skip
@click.option("--random", "at_random", is_flag=True, help="Take a sample at random.")
@click.option("--answer", is_flag=True,
              help="Which inputs moved the answer, instead of a training step.")  # fmt: skip
@click.option("--row", "row", type=click.IntRange(min=0),
              help="Of a table: which columns moved the answer for this row, numbered as in a "
              "spreadsheet.")  # fmt: skip
@click.option("--about", metavar="CLASS", help="With --row: explain this class, not the answer.")
@click.option("--picture", metavar="FILE",
              help="With --row or --answer: draw it (PNG, SVG, PDF).")  # fmt: skip
@click.option("--value", "asked", metavar="LAYER:NAME:PLACE", multiple=True,
              help="Only this number, with its chain rule: dense:dW:0,1.")  # fmt: skip
@click.option("--mistake", "mistakes", multiple=True,
              help="Make a classic mistake in the step: softmax_twice …")  # fmt: skip
@click.option("--lines", type=click.IntRange(min=0), default=4, show_default=True,
              help="Formulas with numbers for each array.")  # fmt: skip
@click.option("--no-check", is_flag=True, help="Leave out the differences.")
@click.option("--latex", "as_latex", is_flag=True, help="Print LaTeX.")
@click.option("--html", metavar="FILE", help="Write one HTML page.")
@data_dir_option
@encoding_option
@json_option
def explain(
    run: str, data: str | None, chosen: tuple[int, ...], at_random: bool, answer: bool,
    row: int | None, about: str | None, picture: str | None, asked: tuple[str, ...],
    mistakes: tuple[str, ...], lines: int, no_check: bool, as_latex: bool, html: str | None,
    data_dir: str | None, encoding: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Take one training step of RUN apart, number by number, with a check beside each gradient.

    The samples are those that the run held out, or those of DATA. Nothing is changed: the step
    is made on a copy, by an optimizer that begins anew.
    """
    if sum((as_json, as_latex, html is not None)) > 1:
        raise click.UsageError(tr("--json, --latex and --html: choose one."))
    if row is not None:
        if answer or chosen or at_random or mistakes or asked or as_latex or html:
            raise click.UsageError(tr("--row goes with --about, --json or --picture only."))
        _row(run, data, row, about, picture, data_dir, encoding, as_json)
        return
    if about is not None:
        raise click.UsageError(tr("--about goes with --row."))
    if picture is not None and not answer:
        raise click.UsageError(tr("--picture goes with --row or --answer."))
    if answer and (mistakes or asked or as_latex or html):
        raise click.UsageError(tr("--answer goes with --json or --picture only."))
    from glassnet.runs.folder import RunFolder
    from glassnet.runs.judge import find_samples

    folder = RunFolder.open(run)
    model, facts = folder.model(), folder.facts()
    judged = find_samples(model, folder.settings(), data, data_dir, encoding, folder.path)
    x, y, words = judged.x, judged.y, retold(judged.said)
    rows = _rows(chosen, at_random, len(x), words)
    if answer:
        from glassnet import plots
        from glassnet.explain import explain_prediction

        if len(rows) > 1:
            raise click.UsageError(tr("--answer explains one sample at a time."))
        found = explain_prediction(model, x[rows[0]], data=facts)
        if as_json:
            emit_json({"run": str(folder), "sample": rows[0], **found.to_dict()})
        else:
            click.echo(tr("sample {rows} of {words}", rows=rows[0], words=words) + f"\n{found}")
            if model.table is not None:
                row = rows[0] if judged.rows is None else judged.rows[rows[0]]
                named = f" {data}" if data is not None else ""
                say(tr(
                    "These are features as the network reads them. By the columns of the table, in "
                    "its own units: {command}",
                    command=f"glassnet explain {run}{named} --row {row}",
                ))  # fmt: skip
        if picture is not None:
            say(tr("The picture is in {path}", path=plots.save(found.plot(), picture)))
        return
    from glassnet.explain import explain_step

    step = explain_step(model, x[rows], y[rows], check=not no_check, mistakes=mistakes)
    if asked:
        _values(step, asked, as_json)
    elif as_json:
        emit_json({"run": str(folder), "rows": rows, **step.to_dict(lines=max(lines, 0))})
    elif as_latex:
        click.echo(step.to_latex(lines, document=True), nl=False)
    elif html is not None:
        from glassnet._core.storage import write_text

        write_text(html, step.to_html())
        say(tr("The page is in {path}", path=Path(html)))
    else:
        numbers = ", ".join(map(str, rows))
        click.echo(tr("sample {rows} of {words}", rows=numbers, words=words))
        step.show(lines)


def _row(
    run: str, data: str | None, row: int, about: str | None, picture: str | None,
    data_dir: str | None, encoding: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Which columns moved the answer for one row, in words."""
    import numpy as np

    from glassnet.errors import ConfigError
    from glassnet.insight import Rows, explain_row
    from glassnet.runs.folder import RunFolder
    from glassnet.runs.judge import find_samples

    folder = RunFolder.open(run)
    model, facts = folder.model(), folder.facts()
    if facts.image_shape is not None:
        raise ConfigError(
            tr(
                "--row is for tables, but {folder} learned from images: {command}",
                folder=folder,
                command=f"glassnet explain {run} --answer --sample {row}",
            )
        )
    judged = find_samples(model, folder.settings(), data, data_dir, encoding, folder.path)
    x, y, place, learned = judged.x, judged.y, judged.place(row), False
    if place is None and judged.learned is not None:
        others, answers, numbers = judged.learned
        at = np.flatnonzero(numbers == row)[:1]
        if len(at):
            x, y = np.concatenate([x, others[at]]), np.concatenate([y, answers[at]])
            place, learned = len(x) - 1, True
    if place is None:
        raise click.UsageError(_no_row(row, judged))
    found = explain_row(Rows.of(model, x, y, data=facts), place, about)
    if as_json:
        known = {"row": row, "rows": judged.numbering, "learned_from": learned}
        emit_json({"run": str(folder), **found.to_dict(), **known})
    else:
        part = tr(", which was learned from") if learned else ""
        if judged.learned is not None and not learned:
            part = tr(", which was held out")
        words = judged.file or retold(judged.said)
        click.echo(tr("row {row} of {words}{part}", row=row, words=words, part=part))
        click.echo(retold(str(found)))
    if picture is not None:
        from glassnet import plots

        say(tr("The picture is in {path}", path=plots.save(found.plot(), picture)))


def _no_row(row: int, judged: Found) -> str:
    import numpy as np

    if judged.rows is None:
        words = retold(judged.said)
        return tr("there is no row {row}: the {words} begin at 0.", row=row, words=words)
    if judged.part:
        return tr(
            "row {row} of {file} is not at hand: of a table that is read in parts there "
            "are those held out, such as {one}, and a sample of the others.",
            row=row, file=judged.file, one=judged.rows[0],
        )  # fmt: skip
    known = judged.rows if judged.learned is None else np.append(judged.rows, judged.learned[2])
    return tr(
        "there is no row {row} with an answer in {file}: they are {first} to {last} ({numbering}).",
        row=row, file=judged.file, first=known.min(), last=known.max(),
        numbering=retold(judged.numbering),
    )  # fmt: skip


def _rows(chosen: tuple[int, ...], at_random: bool, count: int, words: str) -> list[int]:
    if at_random:
        if chosen:
            raise click.UsageError(tr("--random and --sample: choose one."))
        import numpy as np

        return [int(np.random.default_rng().integers(count))]
    rows = list(chosen) or [0]
    for row in rows:
        if row >= count:
            raise click.UsageError(
                tr("there is no sample {row}: the {words} begin at 0.", row=row, words=words)
            )
    return rows


def _values(step: StepExplanation, asked: tuple[str, ...], as_json: bool) -> None:
    values = []
    for text in asked:
        parts = text.rsplit(":", 2)
        try:
            layer, quantity = parts[0], parts[1]
            place = tuple(int(i) for i in parts[2].split(",")) if len(parts) > 2 else ()
        except (IndexError, ValueError):
            raise click.UsageError(
                tr(
                    "--value {text!r}: expected LAYER:NAME:PLACE, as in dense:dW:0,1 or loss:l:0.",
                    text=text,
                )
            ) from None
        values.append(step.value(layer, quantity, place))
    if as_json:
        emit_json({"values": [value.to_dict() for value in values]})
        return
    for value in values:
        click.echo(retold(in_formula(str(value))))
