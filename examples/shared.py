"""What the examples share: their two options, their data, and where their pictures go."""

from __future__ import annotations

import argparse
import inspect
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet import data, plots
from glassnet.data import Dataset


def plain(ax: Axes) -> None:
    """Without legend, ticks and names: for small panels."""
    key = ax.get_legend()
    if key is not None:
        key.remove()
    ax.set(xticks=[], yticks=[], xlabel="", ylabel="")


class Example:
    """One program: it reads --out and --data-dir, and keeps pictures."""

    def __init__(self) -> None:
        program = Path(inspect.stack()[1].filename)
        text = (inspect.stack()[1].frame.f_globals["__doc__"] or "").strip()
        options = argparse.ArgumentParser(description=text.splitlines()[0])
        options.add_argument("--out", default="pictures", help="folder for the pictures")
        options.add_argument("--data-dir", help="folder that has the files of MNIST")
        self.name = program.stem
        self.options = options.parse_args()
        print(text.splitlines()[0])

    def keep(self, figure: Figure, name: str = "") -> None:
        """Write a picture and say where it is."""
        file = f"{self.name}{'-' if name else ''}{name}.png"
        print("  picture:", plots.save(figure, Path(self.options.out) / file))

    def images(self, most: int = 2000, name: str = "mnist") -> Dataset:
        """Handwritten digits, 0 to 1: MNIST where --data-dir has it, else those of 8×8 pixels.

        Without --data-dir nothing is downloaded.
        """
        folder = self.options.data_dir
        found = data.load(name, data_dir=folder) if folder else data.load("digits")
        print(f"  data: {found.name}, the first {min(most, len(found.x)):,} images")
        scale = float(found.image_max or 1)
        x, x_test = found.x[:most] / scale, found.x_test[:most] / scale
        return Dataset(
            found.name, x, found.y[:most], x_test, found.y_test[:most],
            class_names=found.class_names, image_shape=found.image_shape, image_max=1,
        )  # fmt: skip
