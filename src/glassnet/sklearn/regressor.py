"""MLPRegressor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from glassnet import losses
from glassnet.activations import Activation
from glassnet.callbacks import Callback
from glassnet.errors import ConfigError, DataError
from glassnet.losses import LOSSES, Loss
from glassnet.optimizers.base import Optimizer
from glassnet.schedules import Schedule
from glassnet.sklearn.base import Reading
from glassnet.sklearn.kind_names import KindNames
from glassnet.sklearn.mlp import MultiLayerPerceptron
from glassnet.sklearn.sequential import SklearnSequential
from glassnet.sklearn.targets import Regressing


class MLPRegressor(Regressing, MultiLayerPerceptron):
    """A network of dense layers that predicts values, as ``sklearn.neural_network``'s.

    >>> from sklearn.datasets import make_regression
    >>> from glassnet.sklearn import MLPRegressor
    >>> X, y = make_regression(200, 20, random_state=0)
    >>> model = MLPRegressor(solver="lbfgs", tol=0.1, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.99
    True

    Args:
        loss: "squared_error", half of it, is ½·Σ(ŷ - y)²; "poisson" is half the deviance,
            Σ y·log(y/ŷ) - y + ŷ with ŷ = eᶻ, for counts; or a loss of glassnet.

    The other parameters are those of :class:`glassnet.sklearn.MLPClassifier`; so are the
    attributes, but that there are no classes, and the validation score is R². As in
    scikit-learn, with several outputs a squared error is descended as their sum, and shown
    in ``loss_curve_`` as their mean.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **MultiLayerPerceptron._parameter_constraints,
        "loss": [KindNames("loss", {*LOSSES, "squared_error"}), dict, Loss],
    }

    def __init__(
        self,
        loss: str | dict[str, Any] | Loss = "squared_error",
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | dict[str, Any] | Activation | Sequence[Any] = "relu",
        *,
        solver: str | dict[str, Any] | Optimizer = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str | dict[str, Any] | Schedule = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: float | Sequence[float] = 0.0,
        batch_normalization: bool = False,
        callbacks: Sequence[Callback] | None = None,
        progress: bool = False,
        dtype: Any = None,
    ) -> None:
        self._keep(locals())

    def _read_y(self, y: Any, how: Reading) -> Any:
        y = super()._read_y(y, how)
        if self.loss == "poisson" and y.min() < 0:
            raise DataError(f"the loss 'poisson' is for y of at least 0, but y has {y.min():g}.")
        return y

    def _output(self, y: Any) -> tuple[int, str]:
        outputs = 1 if y.ndim == 1 else y.shape[1]
        if self.loss in ("squared_error", "poisson"):
            return outputs, "identity" if self.loss == "squared_error" else "exp"
        loss = losses.get(self.loss)
        if loss.target != "values":
            raise ConfigError(f"{loss.name} is a loss for classes. Use MLPClassifier.")
        return outputs, "identity"

    def _make_loss(self, network: SklearnSequential) -> Loss:
        if self.loss == "squared_error":
            return losses.MeanSquaredError()
        return losses.Poisson(deviance=True) if self.loss == "poisson" else losses.get(self.loss)

    def _set_up(self, network: SklearnSequential) -> None:
        super()._set_up(network)
        k = network.outputs  # glassnet's losses are means over the outputs
        if self.loss == "squared_error":
            network.factor, network.shown = 0.5 * k, 1.0 / k
        elif self.loss == "poisson":
            network.factor = float(k)
