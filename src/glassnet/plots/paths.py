"""The paths of descents, made fit for a picture: which stretch is shown, and how far it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.calculus import Descent
from glassnet.errors import ConfigError, ShapeError
from glassnet.plots import landscape
from glassnet.plots.landscape import FloatArray, Range


def path_of(run: Descent) -> FloatArray:
    path = run.path.reshape(len(run.path), -1)
    if path.shape[1] not in (1, 2):
        raise ShapeError(
            f"a descent of {path.shape[1]} numbers has no picture; one or two were expected."
        )
    return path


def paths_of(runs: Mapping[str, Descent]) -> dict[str, FloatArray]:
    if not 1 <= len(runs) <= 12:
        raise ConfigError(f"{len(runs)} descents in one picture: from 1 to 12.")
    paths = {label: path_of(run) for label, run in runs.items()}
    for label, path in paths.items():
        if path.shape[1] != 2:
            raise ShapeError(f"{label}: a race is over the plane, of points (2,).")
    return paths


def window(
    paths: list[FloatArray],
    x0_range: Range | None,
    x1_range: Range | None,
    square: bool = False,
) -> list[Range]:
    """The ends of each axis: as given, or around the paths as far as they stay in reach."""
    given = [x0_range, x1_range][: paths[0].shape[1]]
    start = np.abs(np.stack([path[0] for path in paths])).max()
    reach = 25 * max(start, 1e-3)
    near = np.concatenate([path[: _leaves(path, reach)] for path in paths])
    ends = []
    for axis, chosen in enumerate(given):
        if chosen is not None:
            ends.append(landscape.span(f"x{axis}_range", chosen))
            continue
        low, high = float(near[:, axis].min()), float(near[:, axis].max())
        size = float(np.ptp(near, axis=0).max())
        if size <= 1e-3 * start or size == 0:  # it hardly moved, and is to look like that
            size = 4 * max(float(start), 0.25)
        margin = 0.12 * max(high - low, size)
        if square and high - low > 0.3 * size:
            margin += (size - (high - low)) / 2
        ends.append((low - margin, high + margin))
    return ends


def _leaves(path: FloatArray, reach: float) -> int:
    """How many of the first points lie within ``reach`` (the start always does)."""
    outside = np.flatnonzero((np.abs(path) > reach).any(axis=1))
    return max(1, int(outside[0])) if len(outside) else len(path)


def inside(path: FloatArray, ends: Any) -> FloatArray:
    """The path until it first leaves the picture far behind; its last line points out of it."""
    if ends is None:
        return path
    size = max(high - low for low, high in ends)
    far = np.flatnonzero(
        np.any([(path[:, i] < low - 2 * size) | (path[:, i] > high + 2 * size)
                for i, (low, high) in enumerate(ends)], axis=0)
    )  # fmt: skip
    if not len(far):
        return path
    kept = path[: far[0] + 1].copy()
    if len(kept) > 1:  # numbers such as 1e128 cannot be drawn: cut the last line short
        way = kept[-1] - kept[-2]
        kept[-1] = kept[-2] + way / np.abs(way).max() * 3 * size
    return kept
