"""The real loss of the playground's network around the path that it took.

With the weights θ₀ … θₙ that were kept as it learned, the rows

    M = [θ₀ − θₙ; …; θₙ₋₁ − θₙ]

have two main directions δ and η (of largest variance, orthonormal: principal components), and the
picture is

    f(a, b) = L(θₙ + a·δ + b·η)

with L the loss on all training samples, penalties included, as ``evaluate`` computes it.  The path
is projected: ((θᵢ − θₙ)·δ, (θᵢ − θₙ)·η); its end lies at (0, 0), on the plane itself.  What batch
normalization keeps beside the weights is that of the end.

Source: H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, "Visualizing the Loss Landscape of Neural
Nets", NeurIPS 2018, section 7.2.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet import Sequential
from glassnet.lab.rooms.descent.landscapes import Range, spread
from glassnet.lab.session.timeline import Moment
from glassnet.lab.session.trainer import Trainer
from glassnet.model.evaluation import part_losses
from glassnet.model.samples import for_evaluation

Grid = NDArray[np.float64]

SIDE = 49  # points along each axis: 2401 losses
MOST_PATH = 120  # moments of the path; more are thinned evenly
MARGIN = 0.3  # around the path, as a share of its extent
NARROWEST = 0.6  # of the shorter axis, as a share of the longer one


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane of a path's two main directions.

    Attributes:
        end, along, across: θₙ, δ and η, each (parameters,).
        path: (moments, 2) where the moments fall on it.
        shares: of the path's variance, along δ and along η.
    """

    end: Grid
    along: Grid
    across: Grid
    path: Grid
    shares: tuple[float, float]

    def at(self, a: float, b: float) -> Grid:
        """The weights θₙ + a·δ + b·η."""
        return self.end + a * self.along + b * self.across


def plane_of(weights: Grid) -> Plane:
    """The plane for weights (moments, parameters), the end last.

    Raises:
        ValueError: fewer than three moments, or they are all the same.
    """
    if len(weights) < 3 or weights.shape[1] < 2:
        raise ValueError("a path needs three moments of at least two parameters")
    end = weights[-1]
    rows = weights[:-1] - end
    _, sizes, directions = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    total = float((sizes**2).sum())
    if not total > 0:
        raise ValueError("the weights did not move")
    along, across = (row * np.sign(row[np.argmax(abs(row))] or 1.0) for row in directions[:2])
    path = (weights - end) @ np.column_stack([along, across])
    first, second = (float(size**2) / total for size in sizes[:2])
    return Plane(end, along, across, path, (first, second))


def ends_of(path: Grid) -> tuple[Range, Range]:
    """A frame around a path: the ends of both axes."""
    low, high = path.min(axis=0), path.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * (1 + 2 * MARGIN)
    half = np.maximum(half, NARROWEST * half.max())
    a, b = middle - half, middle + half
    ends = [(float(f"{low:.3g}"), float(f"{high:.3g}")) for low, high in zip(a, b, strict=True)]
    return ends[0], ends[1]


class Around:
    """The loss around the path of a training, computed bit by bit.

    Attributes:
        moments: of the path, the end last.
        plane: of their main directions; x, y: the ends of the picture.
        z: (SIDE, SIDE) the losses, rows for y; NaN where it is not computed, or not finite.
        own: (moments,) the loss of the path's projection onto the plane.
    """

    def __init__(self, trainer: Trainer) -> None:
        """Raises ValueError if there is no path yet."""
        self.model: Sequential = trainer.model
        self.samples = for_evaluation(self.model, trainer.x, trainer.y, None)
        self.moments = _path(trainer)
        self.plane = plane_of(np.array([m.values for m in self.moments], dtype=np.float64))
        self.x, self.y = ends_of(self.plane.path)
        self.z = np.full((SIDE, SIDE), np.nan)
        self.own = np.full(len(self.moments), np.nan)
        self.done = 0

    @property
    def of(self) -> int:
        """How many losses there are to compute."""
        return self.z.size + self.own.size

    def go_on(self, seconds: float) -> None:
        """Compute for about so long; the network has its own weights again then."""
        parameters = self.model.parameters
        now = parameters.values.copy(), parameters.state.copy()
        until = time.perf_counter() + seconds
        across, up = spread(self.x, SIDE), spread(self.y, SIDE)
        try:
            parameters.state[...] = self.moments[-1].state
            with np.errstate(all="ignore"):
                while self.done < self.of and time.perf_counter() < until:
                    k = self.done
                    if k < self.own.size:
                        self.own[k] = self._loss(*self.plane.path[k])
                    else:
                        i, j = divmod(k - self.own.size, SIDE)
                        self.z[i, j] = self._loss(across[j], up[i])
                    self.done += 1
        finally:
            parameters.values[...], parameters.state[...] = now

    def _loss(self, a: float, b: float) -> float:
        model = self.model
        model.parameters.values[...] = self.plane.at(a, b)
        total = sum(losses for _, losses, _ in part_losses(model, self.samples))
        loss = float(total / len(self.samples.x) + model.penalty())
        return loss if np.isfinite(loss) else float("nan")


def _path(trainer: Trainer) -> Sequence[Moment]:
    """The moments that are kept, evenly thinned, and the end of the last whole epoch."""
    assert trainer.timeline is not None
    moments = list(trainer.timeline.moments)
    if trainer.batch == 0 and moments[-1].epoch != trainer.epoch:
        moments.append(trainer.moment())
    chosen = np.unique(np.linspace(0, len(moments) - 1, MOST_PATH).round().astype(int))
    return [moments[i] for i in chosen]
