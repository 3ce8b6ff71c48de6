"""Options that several commands have, and how their values are read."""

from __future__ import annotations

from typing import Any

import click

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else."
)
data_dir_option = click.option(
    "--data-dir", help="A folder that has the files of mnist, fashion_mnist or cifar10."
)
encoding_option = click.option(
    "--encoding", help="Of a table's text: cp949, latin-1 …  [default: as in training]"
)
out_option = click.option("--out", help="The file to write: .png, .svg or .pdf.")


class Sizes(click.ParamType[tuple[int, ...]]):
    """``64,32``: whole numbers with commas; ``none`` for none at all."""

    name = "units"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        text = str(value).strip()
        if text.lower() == "none":
            return ()
        try:
            units = tuple(int(part) for part in text.split(","))
        except ValueError:
            units = (0,)
        if any(n < 1 for n in units):
            self.fail(f"{text!r}: expected units of the hidden layers, as in 64,32, or none.")
        return units


class Pixels(click.ParamType[tuple[int, int]]):
    """``64``, ``48x64``: the side of an image, or its height and width."""

    name = "pixels"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        sides = str(value).lower().replace("×", "x").replace(",", "x").split("x")
        if len(sides) > 2 or not all(side.strip().isdecimal() for side in sides):
            self.fail(f"{value!r}: expected pixels, as in 64, or height and width, as in 48x64.")
        return int(sides[0]), int(sides[-1])


class Numbers(click.ParamType[tuple[float, ...]]):
    """``-2,2``: numbers with commas, ``count`` of them if that is given."""

    name = "numbers"

    def __init__(self, count: int | None = None) -> None:
        self.count = count

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(float(part) for part in str(value).split(","))
        except ValueError:
            numbers = ()
        if not numbers or self.count not in (None, len(numbers)):
            if self.count == 2:
                self.fail(f"{value!r}: expected two numbers with a comma, as in -2,2.")
            self.fail(f"{value!r}: expected numbers.")
        return numbers
