"""What a Recorder saw: norms, dead and saturated units, activations, by layer and epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from glassnet._core.registry import lookup
from glassnet.errors import DataError
from glassnet.plots import style


@runtime_checkable
class RecorderLike(Protocol):
    """A Recorder, which tells itself as plain data."""

    def to_dict(self) -> dict[str, Any]: ...


PANELS = {
    "weight": "‖W‖, the weights",
    "gradient": "‖∂L/∂W‖, the last batch's gradient",
    "update": "‖ΔW‖ / ‖W‖, moved in an epoch",
    "units": "dead ReLUs, saturated outputs",
}
MOST_LAYERS = 12  # a deeper network shows so many, spread over it


def recording_curves(
    recorder: RecorderLike | Mapping[str, Any],
    panels: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
) -> Figure:
    """Norms of weights, gradients and updates, and the shares of dead and saturated units.

    One line for each layer, from the first (blue) upwards; gradients and updates on a
    logarithmic axis, where a line ends at 0.

    Args:
        recorder: a Recorder, or its ``to_dict()``.
        panels: which of "weight", "gradient", "update", "units"; all when not given.
        layers: names of the layers; all with parameters or a function when not given.

    Raises:
        DataError: nothing was recorded.
        UnknownNameError: no such panel or layer.
    """
    epochs, records = _read(recorder, layers)
    chosen = [name for name in PANELS if name != "units" or _has_units(records)]
    if panels is not None:
        for name in panels:
            lookup("panel", PANELS, name)
        chosen = list(panels)
    columns = min(2, len(chosen))
    rows = -(-len(chosen) // columns)
    figure = style.figure(5.2 * columns + 2.2, 3.5 * rows)
    grid = figure.subplots(rows, columns, squeeze=False).flat
    for ax, name in zip(grid, chosen):
        style.label(style.dress(ax), PANELS[name], "epoch")
        ax.title.set_fontsize(11)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
        draw = _units if name == "units" else _norms
        draw(ax, name, epochs, records)
    for ax in list(grid)[len(chosen) :]:
        ax.set_visible(False)
    handles, names = figure.axes[0].get_legend_handles_labels()
    if handles and chosen[0] != "units":
        key = figure.legend(
            handles, names, loc="outside right upper", frameon=False, fontsize=10,
            labelcolor=style.INK, title="layer",
        )  # fmt: skip
        key.get_title().set_color(style.INK)
    return style.finish(figure)


def recorded_activations(
    recorder: RecorderLike | Mapping[str, Any], layers: Sequence[str] | None = None
) -> Figure:
    """How the outputs of each layer are spread, epoch by epoch: dark where many lie.

    Args:
        recorder: a Recorder, or its ``to_dict()``.
        layers: names of the layers; all that have a function when not given.

    Raises:
        DataError: nothing was recorded, or no layer has outputs.
        UnknownNameError: no such layer.
    """
    epochs, records = _read(recorder, layers)
    shown = {
        name: r for name, r in records.items() if np.isfinite(r["low"]).any() or layers is not None
    }
    if not shown:
        raise DataError("no layer with an activation function was recorded.")
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = style.figure(3.9 * columns + 0.8, 3.3 * rows)
    grid = list(figure.subplots(rows, columns, squeeze=False).flat)
    drawn = None
    for ax, (name, record) in zip(grid, shown.items()):
        drawn = _spread(ax, epochs, record)
        style.label(ax, f"{name} ({record['activation']})", "epoch", "output")
        ax.title.set_fontsize(11)
    for ax in grid[len(shown) :]:
        ax.set_visible(False)
    if drawn is not None:
        bar = figure.colorbar(drawn, ax=grid, shrink=0.6, aspect=30)
        bar.set_label("share of the largest bin of the epoch", fontsize=9, color=style.INK)
        bar.ax.tick_params(labelsize=8, colors=style.FAINT, labelcolor=style.INK)
        bar.outline.set_visible(False)
    return style.finish(figure)


# ---- the panels ----------------------------------------------------------------------------------


def _norms(ax: Axes, name: str, epochs: NDArray[Any], records: Mapping[str, Any]) -> None:
    positive = False
    for i, (layer, record) in enumerate(records.items()):
        values = np.array(record[name], np.float64)
        if name == "update":
            values = values / np.maximum(np.array(record["weight"], np.float64), 1e-300)
        if not np.isfinite(values).any():
            continue
        if name != "weight":
            values = np.where(values > 0, values, np.nan)
        positive |= bool((values > 0).any())
        _line(ax, epochs, values, i, layer)
    if name != "weight" and positive:
        ax.set_yscale("log")
    elif name == "weight":
        ax.set_ylim(bottom=0)


def _units(ax: Axes, name: str, epochs: NDArray[Any], records: Mapping[str, Any]) -> None:
    for i, (layer, record) in enumerate(records.items()):
        for key, word in (("dead", "dead"), ("saturated", "saturated")):
            values = np.array(record[key], np.float64)
            if np.isfinite(values).any():
                _line(ax, epochs, values, i, f"{layer}, {word}")
    ax.set_ylim(-0.02, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    if ax.lines:
        style.legend(ax, loc="center right").set_zorder(5)


def _line(ax: Axes, x: NDArray[Any], y: NDArray[Any], i: int, label: str) -> None:
    few = len(x) <= 30
    ax.plot(
        x, y, color=style.line_color(i), linestyle=style.line_style(i), linewidth=1.6,
        marker=style.class_marker(i) if few else None, markersize=4, label=label,
    )  # fmt: skip


def _spread(ax: Axes, epochs: NDArray[Any], record: Mapping[str, Any]) -> Any:
    """One column for each epoch, on one axis for all of them."""
    low, high = np.array(record["low"], np.float64), np.array(record["high"], np.float64)
    counts = np.array(record["counts"], np.float64)
    known = np.isfinite(low) & np.isfinite(high)
    least, most = (float(low[known].min()), float(high[known].max())) if known.any() else (0.0, 1.0)
    most = most if most > least else least + 1.0
    rows = 80
    edges = np.linspace(least, most, rows + 1)
    image = np.zeros((rows, len(epochs)))
    for column in np.flatnonzero(known):
        own = np.linspace(low[column], max(high[column], low[column] + 1e-12), counts.shape[1] + 1)
        total = np.concatenate([[0.0], np.cumsum(counts[column])])
        share = np.diff(np.interp(edges, own, total))  # the same counts in the common bins
        image[:, column] = share / max(share.max(), 1e-12)
    style.dress(ax, grid=False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    half = 0.5 * (epochs[1] - epochs[0]) if len(epochs) > 1 else 0.5
    return ax.imshow(
        image, origin="lower", aspect="auto", cmap=style.SEQUENTIAL, vmin=0, vmax=1,
        extent=(epochs[0] - half, epochs[-1] + half, least, most), interpolation="nearest",
    )  # fmt: skip


# ---- what came in --------------------------------------------------------------------------------


def _read(
    recorder: RecorderLike | Mapping[str, Any], layers: Sequence[str] | None
) -> tuple[NDArray[Any], dict[str, Any]]:
    """The epochs, counted from 1 for people, and the layers that are drawn."""
    plain = recorder if isinstance(recorder, Mapping) else recorder.to_dict()
    if not plain["epochs"]:
        raise DataError("nothing was recorded: pass the Recorder to fit(callbacks=[recorder]).")
    records = dict(plain["layers"])
    if layers is not None:
        chosen = {name: lookup("layer", records, name) for name in layers}
    elif len(records) > MOST_LAYERS:
        places = np.linspace(0, len(records) - 1, MOST_LAYERS).astype(int)
        chosen = {list(records)[i]: list(records.values())[i] for i in places}
    else:
        chosen = records
    return np.array(plain["epochs"]) + 1, chosen


def _has_units(records: Mapping[str, Any]) -> bool:
    return any(
        np.isfinite(np.array(r[key], np.float64)).any()
        for r in records.values()
        for key in ("dead", "saturated")
    )
