"""Every loss: values, by sample and together, and gradients; with weights and without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet import losses
from glassnet._core.types import Array
from glassnet.losses.base import Loss
from glassnet.verify import loss_formulas as formulas
from glassnet.verify.bench import Bench
from glassnet.verify.derivatives import keras_pull, torch_pull
from glassnet.verify.loss_formulas import Formula
from glassnet.verify.measure import DIFFERENCES, DTYPES, FORMULA, KERAS, PYTORCH

H = 1e-5
K = 4


@dataclass(frozen=True)
class Case:
    """A loss of the table with settings, and who else can compute it."""

    name: str
    formula: Formula
    torch: Callable[[Any, Any, Any], Any] | None  # torch, t, p → the loss of each number or row
    keras: str
    settings: dict[str, Any] = field(default_factory=dict)
    targets: str = "rows"  # "classes": class numbers, "values", "signs" or "counts"
    logits: bool = False

    @property
    def title(self) -> str:
        words = {"from_logits": "logits", "label_smoothing": "smooth="}
        parts = [
            words.get(name, name) if value is True else f"{words.get(name, f'{name}=')}{value:g}"
            for name, value in self.settings.items()
        ]
        return " ".join([self.name, *parts])


def _elementwise(name: str, formula: Formula, function: str, keras: str) -> Case:
    def torch_loss(torch: Any, t: Any, p: Any) -> Any:
        return getattr(torch.nn.functional, function)(p, t, reduction="none")

    return Case(name, formula, torch_loss, keras, targets="values")


def _binary(smoothing: float, logits: bool) -> Case:
    name = "binary_cross_entropy" + ("_with_logits" if logits else "")

    def torch_loss(torch: Any, t: Any, p: Any) -> Any:
        smooth = t * (1 - smoothing) + smoothing / 2
        return getattr(torch.nn.functional, name)(p, smooth, reduction="none")

    formula = formulas.binary_logits if logits else formulas.binary
    return Case(
        "binary_crossentropy", formula(smoothing), torch_loss, "BinaryCrossentropy",
        _settings(smoothing, logits), "rows", logits,
    )  # fmt: skip


def _categorical(smoothing: float, logits: bool, sparse: bool = False) -> Case:
    def torch_loss(torch: Any, t: Any, p: Any) -> Any:
        if logits:
            return torch.nn.functional.cross_entropy(
                p, t, reduction="none", label_smoothing=smoothing
            )
        smooth = t * (1 - smoothing) + smoothing / K
        return -(smooth * torch.log(p / p.sum(1, keepdim=True))).sum(1)

    formula = formulas.categorical_logits if logits else formulas.categorical
    start = "sparse_" if sparse else ""
    return Case(
        f"{start}categorical_crossentropy", formula(smoothing), torch_loss,
        f"{start.title().strip('_')}CategoricalCrossentropy",
        _settings(smoothing, logits), "classes" if sparse else "rows", logits,
    )  # fmt: skip


def _settings(smoothing: float, logits: bool) -> dict[str, Any]:
    return ({"from_logits": True} if logits else {}) | (
        {"label_smoothing": smoothing} if smoothing else {}
    )


def _huber(delta: float) -> Case:
    return Case(
        "huber", formulas.huber(delta),
        lambda torch, t, p: torch.nn.functional.huber_loss(p, t, reduction="none", delta=delta),
        "Huber", {} if delta == 1 else {"delta": delta}, "values",
    )  # fmt: skip


def _poisson(logits: bool, deviance: bool) -> Case:
    def torch_loss(torch: Any, t: Any, p: Any) -> Any:
        each = torch.nn.functional.poisson_nll_loss(
            p, t, log_input=logits, eps=1e-7, reduction="none"
        )
        return each - (t - torch.xlogy(t, t)) if deviance else each

    settings = ({"from_logits": True} if logits else {}) | ({"deviance": True} if deviance else {})
    return Case(
        "poisson", formulas.poisson(logits, deviance), torch_loss, "" if settings else "Poisson",
        settings, "counts", logits,
    )  # fmt: skip


def _squared_logarithmic(name: str) -> Case:
    def torch_loss(torch: Any, t: Any, p: Any) -> Any:
        return (torch.log1p(p.clamp(1e-7)) - torch.log1p(t.clamp(1e-7))) ** 2

    return Case(
        name, formulas.squared_logarithmic, torch_loss, "MeanSquaredLogarithmicError",
        targets="counts",
    )  # fmt: skip


CASES = [
    _elementwise("mean_squared_error", formulas.squared, "mse_loss", "MeanSquaredError"),
    _elementwise("mse", formulas.squared, "mse_loss", "MeanSquaredError"),
    _elementwise("mean_absolute_error", formulas.absolute, "l1_loss", "MeanAbsoluteError"),
    _elementwise("mae", formulas.absolute, "l1_loss", "MeanAbsoluteError"),
    _huber(1.0),
    _huber(0.7),
    Case("hinge", formulas.hinge, lambda torch, t, p: torch.clamp(1 - t * p, min=0), "Hinge",
         targets="signs"),
    *(_binary(s, logits) for logits in (False, True) for s in (0.0, 0.15)),
    *(_categorical(s, logits) for logits in (False, True) for s in (0.0, 0.15)),
    *(_categorical(0.0, logits, sparse=True) for logits in (False, True)),
    Case("kl_divergence", formulas.divergence,
         lambda torch, t, p: torch.nn.functional.kl_div(
             p.log(), t.clamp(1e-7, 1), reduction="none").sum(1),
         "KLDivergence"),
    *(_poisson(logits, deviance) for logits in (False, True) for deviance in (False, True)),
    _squared_logarithmic("mean_squared_logarithmic_error"),
    _squared_logarithmic("msle"),
]  # fmt: skip


def check(bench: Bench) -> None:
    """One subject for each loss of the table and its settings."""
    known = {case.name for case in CASES}
    for name in losses.LOSSES:
        if name not in known:
            bench.unknown(name)
    for case in CASES:
        with bench.on(case.title):
            loss = losses.get({"name": case.name, **case.settings})
            for dtype in DTYPES:
                for where, t, p in problems(bench, case, dtype):
                    weights = bench.rng.uniform(0, 2, len(p)).astype(dtype)
                    _with_formula(bench, case, loss, t, p, weights, where, dtype)
                    if where == "random" and dtype == "float64":
                        _differences(bench, loss, t, p, weights)
                    if where == "random" or case.logits:
                        _with_pytorch(bench, case, loss, t, p, weights, where, dtype)
                        _with_keras(bench, case, loss, t, p, weights, where, dtype)


def problems(bench: Bench, case: Case, dtype: str) -> list[tuple[str, Array, Array]]:
    """Targets and predictions: at random, and the ends of the numbers."""
    rng, n = bench.rng, 12
    one_hot, soft = np.eye(K)[rng.integers(0, K, n)], rng.dirichlet(np.ones(K), n)
    tiny = 1e-30
    wild = np.array(
        [[1000, -1000, 0, tiny], [0, 0, 0, 0], [1000, 1000, 1000, 1000], [-1000, -1000, -1000, 0],
         [88, -88, tiny, -tiny], [-710, 710, 30, -30]]
    )  # fmt: skip
    if case.targets == "counts":
        t = rng.poisson(2.0, (n, K)).astype(np.float64)
        ends = [[80, -1000, 0, tiny], [0, 0, 0, 0], [1e-4, -1e-4, 1, -1]]
        if not case.logits:
            ends = [[1000, 1e-7, 0, tiny], [1, 1, 1, 1], [1e-4, 1e-3, 0.1, 10]]
        p = rng.standard_normal((n, K)) if case.logits else rng.uniform(0.1, 5, (n, K))
        cases = [("random", t, p), ("extreme", t[:3], np.array(ends))]
    elif case.targets in ("values", "signs"):
        signs = case.targets == "signs"
        t = rng.choice([-1.0, 1.0], (n, K)) if signs else 2 * rng.standard_normal((n, K))
        far = np.sign(rng.standard_normal(wild.shape)) * (1 if signs else 1000)
        cases = [("random", t, 2 * rng.standard_normal((n, K))), ("extreme", far, wild)]
    else:
        t = np.concatenate([one_hot[: n // 2], soft[n // 2 :]])
        p = 0.8 * rng.dirichlet(np.ones(K), n) + 0.05
        sure = np.concatenate([np.eye(K), 1 - np.eye(K)[:1], np.full((1, K), 0.25)])
        hot = one_hot[: len(wild)]
        cases = (
            [("random", t, 3 * rng.standard_normal((n, K))), ("extreme", hot, wild)]
            if case.logits
            else [("random", t, p), ("extreme", hot, sure)]
        )
    if case.targets == "classes":
        cases = [(w, t.argmax(axis=1), p) for w, t, p in cases]
        return [(w, t, p.astype(dtype)) for w, t, p in cases]
    return [(w, t.astype(dtype), p.astype(dtype)) for w, t, p in cases]


def _with_formula(
    bench: Bench, case: Case, loss: Loss, t: Array, p: Array, weights: Array, where: str, dtype: str
) -> None:
    rows = np.eye(K)[t] if t.ndim == 1 else t.astype(np.float64)
    each, slope = case.formula(rows, p.astype(np.float64), dtype)
    n, w = len(p), weights.astype(np.float64)
    bench.compare("values", FORMULA, loss.per_sample(t, p), each, where, dtype)
    bench.compare("values", FORMULA, loss(t, p), each.mean(), where, dtype)
    bench.compare("gradients", FORMULA, loss.gradient(t, p), slope / n, where, dtype)
    value, gradient = loss.value_and_gradient(t, p, weights)
    bench.compare("values", FORMULA, value, (w * each).mean(), f"weighted {where}", dtype)
    weighted = w[:, None] * slope / n
    bench.compare("gradients", FORMULA, gradient, weighted, f"weighted {where}", dtype)


def _differences(bench: Bench, loss: Loss, t: Array, p: Array, weights: Array) -> None:
    """(L(p + h) - L(p - h)) / 2h for each number of p."""
    slope = np.empty_like(p)
    for index in np.ndindex(p.shape):
        up, down = p.copy(), p.copy()
        up[index] += H
        down[index] -= H
        slope[index] = (loss(t, up, weights) - loss(t, down, weights)) / (2 * H)
    bench.compare("gradients", DIFFERENCES, loss.gradient(t, p, weights), slope, "random")


def _with_pytorch(
    bench: Bench, case: Case, loss: Loss, t: Array, p: Array, weights: Array, where: str, dtype: str
) -> None:
    if PYTORCH not in bench.peers or case.torch is None:
        return
    value, gradient = loss.value_and_gradient(t, p, weights)
    with bench.peer(PYTORCH) as torch:
        function = case.torch
        truth, w = torch.tensor(np.eye(K)[t].astype(dtype) if t.ndim == 1 else t), weights

        def total(predictions: Any) -> Any:
            each = function(torch, truth, predictions)
            return ((each.mean(1) if each.ndim == 2 else each) * torch.tensor(w)).mean()

        theirs, (slope,) = torch_pull(torch, total, [p])
        bench.compare("values", PYTORCH, value, theirs, where, dtype)
        bench.compare("gradients", PYTORCH, gradient, slope, where, dtype)


def _with_keras(
    bench: Bench, case: Case, loss: Loss, t: Array, p: Array, weights: Array, where: str, dtype: str
) -> None:
    if KERAS not in bench.peers or not case.keras:
        return
    value, gradient = loss.value_and_gradient(t, p, weights)
    with bench.peer(KERAS) as keras:
        theirs_loss = getattr(keras.losses, case.keras)(dtype=dtype, **case.settings)
        theirs, (slope,) = keras_pull(
            keras, lambda q: theirs_loss(t, q, sample_weight=weights), [p]
        )
        bench.compare("values", KERAS, value, theirs, where, dtype)
        bench.compare("gradients", KERAS, gradient, slope, where, dtype)
