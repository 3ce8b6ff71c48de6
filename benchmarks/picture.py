"""The times of a step as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from glassnet.plots.style import fonts

COLORS = {
    "glassnet": "#0072B2", "torch_eager": "#D55E00", "torch_compiled": "#E69F00",
    "jax_optax": "#009E73", "keras_tf": "#CC79A7", "sklearn_mlp": "#56B4E9",
    "numpy_book": "#999999", "matrices": "#000000", "before": "#004268",
}  # fmt: skip
LABELS = {
    "glassnet": "glassnet", "torch_eager": "PyTorch", "torch_compiled": "torch.compile",
    "jax_optax": "JAX", "keras_tf": "Keras", "sklearn_mlp": "scikit-learn",
    "numpy_book": "NumPy, as in books", "matrices": "matrix products alone",
    "before": "glassnet before",
}  # fmt: skip
KOREAN = {
    "NumPy, as in books": "책에 나오는 NumPy 코드", "matrix products alone": "행렬 곱만",
    "glassnet before": "앞 버전의 glassnet",
    "microseconds for one training step (less is better)":
        "학습 한 스텝에 걸리는 시간(마이크로초, 작을수록 좋음)",
}  # fmt: skip
MARKERS = dict(zip(COLORS, "osDv^<>|x"))


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """In English and Korean: ``performance.png`` becomes performance-en.png and -ko.png."""
    _draw(rows, path.with_stem(f"{path.stem}-en"), {})
    with rc_context({"font.family": list(fonts())}):
        _draw(rows, path.with_stem(f"{path.stem}-ko"), KOREAN)


def _draw(rows: list[dict[str, Any]], path: Path, words: dict[str, str]) -> None:
    """One line for each network, one mark for each peer, on a logarithmic axis."""
    figure = Figure(figsize=(9, 0.62 * len(rows) + 1.9), layout="constrained")
    ax = figure.subplots()
    for place, row in enumerate(rows):
        ax.axhline(place, color="#e6e6e6", linewidth=1, zorder=0)
        for name, found in row["times"].items():
            own = name == "glassnet"
            ax.plot([found["min"], found["max"]], [place] * 2, color=COLORS[name], linewidth=1)
            ax.plot(
                found["median"], place, MARKERS[name], color=COLORS[name],
                markersize=11 if own else 8 if name != "matrices" else 14,
                label=words.get(LABELS[name], LABELS[name]) if place == 0 else None,
                zorder=3 if own else 2,
            )  # fmt: skip
    ax.set_yticks(range(len(rows)), [row["work"] for row in rows])
    ax.invert_yaxis()
    ax.set_xscale("log")
    title = "microseconds for one training step (less is better)"
    ax.set_xlabel(words.get(title, title))
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False)
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(path, dpi=160)
