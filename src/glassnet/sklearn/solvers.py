"""The ways to a minimum: glassnet's optimizers under scikit-learn's settings, and L-BFGS."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning

from glassnet import optimizers, schedules
from glassnet._core.types import Array
from glassnet.optimizers.base import Optimizer
from glassnet.schedules import Schedule
from glassnet.sklearn.rows import SparseRows
from glassnet.sklearn.sequential import SklearnSequential

MODES = ("constant", "invscaling", "adaptive")


def optimizer_for(estimator: Any) -> Optimizer:
    """The optimizer that the settings of an MLP describe.

    "sgd" and "adam" take what scikit-learn gives them; "momentum", "nesterov", "adamw" and
    "nadam" take those of the same names; the others have glassnet's defaults. A config or an
    optimizer stands for itself.
    """
    e = estimator
    rate: Any = e.learning_rate_init
    if isinstance(e.learning_rate, (Schedule, Mapping)):
        rate = schedules.get(e.learning_rate)
    if isinstance(e.solver, Optimizer):
        return optimizers.again(e.solver)  # the one that was given stays as it is
    if isinstance(e.solver, Mapping):
        return optimizers.get({"learning_rate": rate, **e.solver})
    settings: dict[str, Any] = {"name": e.solver, "learning_rate": rate}
    kind = optimizers.OPTIMIZERS[e.solver]
    theirs: dict[str, Any] = {}
    if issubclass(kind, optimizers.SGD):
        theirs = {"momentum": e.momentum, "nesterov": e.nesterovs_momentum}
    elif issubclass(kind, optimizers.Adam):
        theirs = {"beta_1": e.beta_1, "beta_2": e.beta_2, "epsilon": e.epsilon}
    settings |= {setting: x for setting, x in theirs.items() if setting in kind.settings}
    return optimizers.get(settings)


def fit_lbfgs(
    network: SklearnSequential,
    x: Array,
    y: Array,
    sample_weight: Array | None,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    verbose: bool,
) -> tuple[float, int]:
    """Go down to where no part of the gradient is larger than ``tol``: the loss, the iterations.

    L-BFGS-B of SciPy on the flat vector of parameters (Byrd, Lu, Nocedal and Zhu 1995).
    """
    values = network.parameters.values

    def loss_and_gradient(v: Array) -> tuple[float, Array]:
        values[...] = v
        loss = network.loss_of(x, y, sample_weight)
        return loss, network.parameters.gradients.astype(np.float64)

    steps = 0

    def show(intermediate_result: Any) -> None:
        nonlocal steps
        steps += 1
        print(f"Iteration {steps}, loss = {intermediate_result.fun:.8f}")

    with network.learning(isinstance(x, SparseRows)):
        found = scipy.optimize.minimize(
            loss_and_gradient,
            values.astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=show if verbose else None,
            options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
        )
        values[...] = found.x
        loss = network.shown_loss(x, y, sample_weight)
    n_iter = min(int(found.nit), max_iter)
    if found.status != 0:
        more = f" Raise max_iter={max_iter}." if n_iter == max_iter else ""
        warnings.warn(
            f"lbfgs did not converge in {n_iter} iterations ({found.message}).{more} Inputs scaled "
            "to about -1 … 1 help, for example by StandardScaler.",
            ConvergenceWarning,
            stacklevel=5,
        )
    return loss, n_iter
