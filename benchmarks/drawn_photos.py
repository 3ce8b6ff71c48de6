"""Folders of drawn photos: figures before textures, for measurements that need no download.

    python benchmarks/drawn_photos.py photos --each 250 --side 64
    python benchmarks/drawn_photos.py photos --kinds heart,arrow,moon --each 20 --seed 1

Each photo has one figure, of any colour, size, place and turn, before a background of bands, dots,
checks, waves or noise, with light that falls from one side and grain over all. Colour, place and
background say nothing of the class.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from math import cos, pi, sin
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]
FINER = 3  # drawn so many times as large, and made smaller


def polygon(corners: int, inner: float = 1.0) -> list[Point]:
    """A regular one of radius 1; with ``inner`` every other corner is nearer: a star."""
    count = corners if inner == 1.0 else 2 * corners
    radius = [1.0 if i % 2 == 0 else inner for i in range(count)]
    return [
        (r * sin(2 * pi * i / count), -r * cos(2 * pi * i / count)) for i, r in enumerate(radius)
    ]


def curve(x: Callable[[float], float], y: Callable[[float], float]) -> list[Point]:
    """A closed curve (x(t), y(t))."""
    return [(x(2 * pi * i / 60), y(2 * pi * i / 60)) for i in range(60)]


def bar(width: float, height: float, at: Point = (0.0, 0.0)) -> list[Point]:
    """A rectangle around ``at``."""
    x, y = at
    return [(x + sx * width, y + sy * height) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


DISC = curve(cos, sin)
HOLE = [(0.55 * x, 0.55 * y) for x, y in DISC]

# What is filled, and what is then cut out of it.
FIGURES: dict[str, tuple[list[list[Point]], list[list[Point]]]] = {
    "disc": ([DISC], []),
    "ring": ([DISC], [HOLE]),
    "square": ([polygon(4)], []),
    "frame": ([polygon(4)], [[(0.6 * x, 0.6 * y) for x, y in polygon(4)]]),
    "triangle": ([polygon(3)], []),
    "star": ([polygon(5, 0.4)], []),
    "cross": ([bar(0.25, 1.0), bar(1.0, 0.25)], []),
    "bars": ([bar(0.2, 0.95, (-0.6, 0)), bar(0.2, 0.95, (0, 0)), bar(0.2, 0.95, (0.6, 0))], []),
    "heart": (
        [curve(lambda t: sin(t) ** 3,
               lambda t: -(13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)) / 16)],
        [],
    ),
    "arrow": ([bar(0.22, 0.6, (0, 0.4)), [(-0.75, 0.0), (0.0, -1.0), (0.75, 0.0)]], []),
    "moon": ([DISC], [[(x * 0.85 + 0.45, y * 0.85) for x, y in DISC]]),
    "hexagon": ([polygon(6)], []),
    "spark": ([polygon(8, 0.35)], []),
    "drop": ([curve(lambda t: 0.8 * sin(t) * sin(t / 2) ** 1.2, lambda t: -cos(t))], []),
    "letter_t": ([bar(0.9, 0.22, (0, -0.7)), bar(0.24, 0.95, (0, 0))], []),
    "letter_l": ([bar(0.24, 0.95, (-0.5, 0)), bar(0.75, 0.22, (0.0, 0.73))], []),
}  # fmt: skip


def texture(side: int, rng: np.random.Generator) -> np.ndarray:
    """(side, side, 3) bands, dots, checks, waves or noise, in two colours."""
    rows, columns = np.mgrid[0:side, 0:side] / side
    turn, often = rng.uniform(0, pi), rng.uniform(2, 9)
    u = cos(turn) * columns + sin(turn) * rows
    v = -sin(turn) * columns + cos(turn) * rows
    a, b = np.sin(2 * pi * often * u), np.sin(2 * pi * often * v)
    patterns = [
        a > 0,
        (a > 0.3) & (b > 0.3),
        (a > 0) ^ (b > 0),
        0.5 + 0.5 * np.sin(2 * pi * often * u + 2 * b),
        rng.random((side, side)),
        u * 0.5 + 0.5,
    ]
    share = np.asarray(patterns[rng.integers(len(patterns))], float)[..., None]
    one, other = rng.uniform(0, 255, (2, 3))
    other = one + rng.uniform(0.1, 0.4) * (other - one)
    return share * one + (1 - share) * other


def photo(figure: str, side: int, rng: np.random.Generator) -> Image.Image:
    """One photo of the figure."""
    large = FINER * side
    mask = Image.new("L", (large, large))
    pen = ImageDraw.Draw(mask)
    radius = large * rng.uniform(0.25, 0.42)
    x0, y0 = rng.uniform(radius, large - radius, 2)
    turn, squeeze = rng.uniform(-pi / 8, pi / 8), rng.uniform(0.75, 1.0)
    filled, cut = FIGURES[figure]
    for shapes, value in ((filled, 255), (cut, 0)):
        for points in shapes:
            placed = [
                (
                    x0 + radius * (cos(turn) * squeeze * x - sin(turn) * y),
                    y0 + radius * (sin(turn) * squeeze * x + cos(turn) * y),
                )
                for x, y in points
            ]
            pen.polygon(placed, fill=value)
    cover = np.asarray(mask.resize((side, side), Image.Resampling.BOX), float)[..., None] / 255
    behind = texture(side, rng)
    colour = rng.uniform(0, 255, 3)
    while abs(colour - behind.mean((0, 1))).sum() < 180:
        colour = rng.uniform(0, 255, 3)
    colour = colour + rng.uniform(0, 0.25) * (texture(side, rng) - colour)
    rows, columns = np.mgrid[0:side, 0:side] / side
    fall = rng.uniform(-0.35, 0.35, 2)
    light = 1 + fall[0] * (rows - 0.5) + fall[1] * (columns - 0.5)
    pixels = (cover * colour + (1 - cover) * behind) * light[..., None]
    pixels += rng.normal(0, rng.uniform(2, 14), pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def arrays(
    kinds: Sequence[str], each: int, side: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Bytes (n, side, side, 3) and class numbers, one kind after the other."""
    rng = np.random.default_rng(seed)
    x = [np.asarray(photo(kind, side, rng)) for kind in kinds for _ in range(each)]
    return np.stack(x), np.repeat(np.arange(len(kinds)), each)


def write(folder: Path, kinds: Sequence[str], each: int, side: int, seed: int = 0) -> None:
    """A folder of JPEG files for each kind."""
    rng = np.random.default_rng(seed)
    for kind in kinds:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            photo(kind, side, rng).save(folder / kind / f"{number:04}.jpg", quality=90)


def main() -> None:
    """Write a folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kinds", default=",".join(list(FIGURES)[:8]), help=", ".join(FIGURES))
    parser.add_argument("--each", type=int, default=250)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    write(given.folder, given.kinds.split(","), given.each, given.side, given.seed)
    print(f"{given.folder}: {given.each} photos of each of {given.kinds}")


if __name__ == "__main__":
    main()
