"""``glassnet plot tangent FORMULA`` and the other pictures of functions."""

from __future__ import annotations

from typing import Any

import click

from glassnet.cli.language import retold, tr
from glassnet.cli.options import Numbers, out_option

PAIR = Numbers(2)
x0_option = click.option("--x0", type=PAIR, help="Ends of the axis of x0, as in -2,2.")
x1_option = click.option("--x1", type=PAIR, help="Ends of the axis of x1, as in -2,2.")
SQUARE = (-2.0, 2.0)
RACE_FORMULA = "x0**2/20 + x1**2"


@click.command()
@click.argument("formula")
@click.option("--at", type=Numbers(), default="5", show_default=True, help="Where: 5 or 5,10.")
@click.option("--x", type=PAIR, help="Ends of the axis of x, as in 0,20.")
@out_option
def tangent(formula: str, at: tuple[float, ...], x: Any, out: str | None) -> None:
    """The curve of FORMULA with its tangents, by numerical differentiation.

    \b
    glassnet plot tangent "0.01*x**2 + 0.1*x" --at 5,10 --x 0,20
    """
    from glassnet import plots
    from glassnet.calculus import numerical_diff
    from glassnet.calculus.formula import Formula

    f = Formula.parse(formula, 1)
    file = plots.save(plots.tangents(f, at, x), out or "tangent.png")
    for point in at:
        click.echo(tr("slope at {point:g}: {slope!r}", point=point, slope=numerical_diff(f, point)))
    click.echo(file)


@click.command()
@click.argument("formula")
@x0_option
@x1_option
@click.option("--uphill", is_flag=True, help="The gradient itself, not the way down.")
@out_option
def field(formula: str, x0: Any, x1: Any, uphill: bool, out: str | None) -> None:
    """The gradient of FORMULA as arrows: the way down from each point of the plane.

    \b
    glassnet plot field "x0**2 + x1**2"
    """
    from glassnet import plots

    figure = plots.gradient_field(formula, x0 or SQUARE, x1 or SQUARE, downhill=not uphill)
    click.echo(plots.save(figure, out or "field.png"))


@click.command()
@click.argument("formula")
@x0_option
@x1_option
@out_option
def surface(formula: str, x0: Any, x1: Any, out: str | None) -> None:
    """The surface of FORMULA in space.

    \b
    glassnet plot surface "x0**2 + x1**2"
    """
    from glassnet import plots

    figure = plots.surface(formula, x0 or SQUARE, x1 or SQUARE)
    click.echo(plots.save(figure, out or "surface.png"))


@click.command()
@click.argument("formula")
@click.option("--start", type=Numbers(), default="-3,4", show_default=True,
              help="Where it begins: x0,x1, or x.")  # fmt: skip
@click.option("--learning-rate", type=float, default=0.1, show_default=True)
@click.option("--steps", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--optimizer", help="sgd, momentum, adam …  [default: plain gradient descent]")
@x0_option
@x1_option
@click.option("--out", help="The file to write: .png, .svg or .pdf; .gif for a film.")
def descent(
    formula: str, start: tuple[float, ...], learning_rate: float, steps: int,
    optimizer: str | None, x0: Any, x1: Any, out: str | None,
) -> None:  # fmt: skip
    """Gradient descent on FORMULA: its path, and in words how it ended.

    \b
    glassnet plot descent "x0**2 + x1**2" --start -3,4 --learning-rate 0.1 --steps 20
    """
    from glassnet import plots
    from glassnet.calculus import gradient_descent
    from glassnet.calculus.formula import Formula

    f = Formula.parse(formula, len(start))
    begin: Any = start[0] if len(start) == 1 else start
    run = gradient_descent(f, begin, learning_rate, steps, optimizer)
    if out is not None and out.lower().endswith(".gif"):
        file = plots.descent_animation(f, run, out, x0, x1)
    else:
        file = plots.save(plots.descent(f, run, x0, x1), out or "descent.png")
    click.echo(f"{retold(run.status)}: {retold(run.message)}\n{file}")


@click.command()
@click.argument("formula", default=RACE_FORMULA)
@click.option("--start", type=PAIR, default="-7,2", show_default=True, help="Where they begin.")
@click.option("--steps", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--optimizer", "optimizers", multiple=True, metavar="NAME:RATE",
              help="Who runs, as in adam:0.3; again for another.  [default: four]")  # fmt: skip
@x0_option
@x1_option
@click.option("--out", help="The file to write: .png, .svg or .pdf; .gif for a film.")
def race(
    formula: str, start: Any, steps: int, optimizers: tuple[str, ...], x0: Any, x1: Any,
    out: str | None,
) -> None:  # fmt: skip
    """Several optimizers from one start, on x0**2/20 + x1**2 or another FORMULA.

    \b
    glassnet plot race --optimizer sgd:0.95 --optimizer adam:0.3
    """
    from glassnet import calculus, plots
    from glassnet.calculus.formula import Formula

    f = Formula.parse(formula, 2)
    runs = calculus.race(f, start, _runners(optimizers) or None, steps)
    if out is not None and out.lower().endswith(".gif"):
        file = plots.descent_animation(f, runs, out, x0, x1)
    else:
        file = plots.save(plots.race(f, runs, x0, x1), out or "race.png")
    for name, run in runs.items():
        click.echo(f"{name}: {retold(run.status)}, {retold(run.message)}")
    click.echo(file)


def _runners(given: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """``adam:0.3`` → {"adam:0.3": {"name": "adam", "learning_rate": 0.3}}"""
    found: dict[str, dict[str, Any]] = {}
    for text in given:
        name, _, rate = text.partition(":")
        found[text] = {"name": name}
        if rate:
            try:
                found[text]["learning_rate"] = float(rate)
            except ValueError:
                raise click.BadParameter(
                    tr("{text!r}: expected NAME:RATE, as in adam:0.3.", text=text),
                    param_hint="--optimizer",
                ) from None
    return found
