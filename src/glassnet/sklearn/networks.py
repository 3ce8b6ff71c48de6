"""Any Sequential as an estimator."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import StrOptions

from glassnet import losses, optimizers
from glassnet._core.types import Array
from glassnet.activations import Activation, linear
from glassnet.callbacks import Callback
from glassnet.errors import ConfigError
from glassnet.layers import Dense
from glassnet.losses import LOSSES, Loss
from glassnet.model import Sequential
from glassnet.optimizers import OPTIMIZERS
from glassnet.optimizers.base import Optimizer
from glassnet.sklearn.base import NeuralEstimator
from glassnet.sklearn.sequential import SklearnSequential
from glassnet.sklearn.targets import Classifying, Regressing

Description = Sequential | Callable[..., Sequential]


class NetworkEstimator(NeuralEstimator):
    """What the classifier and the regressor share."""

    _allow_nd = True
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **NeuralEstimator._parameter_constraints,
        "network": [Sequential, callable, None],
        "optimizer": [StrOptions(set(OPTIMIZERS)), dict, Optimizer, None],
        "loss": [StrOptions(set(LOSSES)), dict, Loss, None],
    }

    def _wanted(self, y: Any) -> int:
        """How many outputs the network should have."""
        raise NotImplementedError

    def _default_output(self, y: Any) -> tuple[int, str | None]:
        """Outputs and their activation, when no network was given."""
        raise NotImplementedError

    def _fits(self, outputs: int, wanted: int) -> bool:
        return outputs == wanted

    def _describe(self, y: Any) -> Sequential:
        """The network as it was given, or built."""
        given = self.network
        if given is None:
            units, f = self._default_output(y)
            return Sequential([Dense(100, "relu"), Dense(units, f)])
        if not isinstance(given, Sequential):
            takes = inspect.signature(given).parameters
            given = given(self._wanted(y)) if takes else given()
        if not isinstance(given, Sequential):
            raise ConfigError(
                f"network: expected a Sequential, or a function that returns one; got {given!r}."
            )
        return given

    def _architecture(self) -> dict[str, Any]:
        return {**super()._architecture(), "network": self.network}

    def _dtypes(self, first: bool) -> Any:
        if first and self.dtype is None and isinstance(self.network, Sequential):
            return self.network.dtype
        return super()._dtypes(first)

    def _make_network(
        self, x: Any, y: Any, state: np.random.RandomState, dtype: np.dtype[Any]
    ) -> SklearnSequential:
        described = self._describe(y)
        if self.dtype is None and self.network is not None:
            dtype = described.dtype
        self._compiled = described.objective, getattr(described, "optimizer", None)
        stack = copy.deepcopy(described.layers)
        seed = int(state.randint(2**31))
        network = SklearnSequential(stack, seed=seed, dtype=dtype, name=described.name)
        for layer in network.all_layers():
            layer.parameters = None  # of a trained network: these learn from the start
        network.build(x.shape[1:])
        wanted = self._wanted(y)
        if not self._fits(network.outputs, wanted):
            raise ConfigError(
                f"the network has {network.outputs} outputs, but y needs {wanted}. A function "
                "network(n_outputs) is told how many."
            )
        return network

    def _make_optimizer(self) -> Optimizer:
        given = self.optimizer or self._compiled[1] or "adam"
        # the one that was given stays as it is
        return optimizers.again(given) if isinstance(given, Optimizer) else optimizers.get(given)

    def _make_loss(self, network: SklearnSequential) -> Loss:
        if self.loss is not None:
            return losses.get(self.loss)
        if self._compiled[0] is not None:
            return self._compiled[0].given
        f = network.output_activation()
        return self._loss_for(linear if f is None else f)

    def _loss_for(self, output: Activation) -> Loss:
        """The loss that fits the function of the last layer."""
        raise NotImplementedError


class NetworkClassifier(Classifying, NetworkEstimator):
    """Any ``Sequential`` as a classifier of scikit-learn.

    >>> from sklearn.datasets import load_iris
    >>> from glassnet import Sequential, layers
    >>> from glassnet.sklearn import NetworkClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = Sequential([layers.Dense(16, "gelu"), layers.Dense(3, "softmax")])
    >>> nadam = {"name": "nadam", "learning_rate": 0.03}
    >>> model = NetworkClassifier(net, optimizer=nadam, tol=1e-3, random_state=0)
    >>> model.fit(X, y).score(X, y) > 0.9
    True

    Args:
        network: a ``Sequential``, which serves as a description and is not changed; or a
            function that builds one, ``network(n_outputs)`` or ``network()``. None: 100 ReLUs.
            The last layer has a softmax over the classes, or for two classes one sigmoid; for
            several labels at once, a sigmoid for each.
        optimizer, loss: names, configs or values; None: those that the network was compiled
            with, else "adam" and the cross-entropy that fits the last layer.
        dtype: "float32" or "float64"; None: that of the network.

    The other parameters and the attributes are those of
    :class:`glassnet.sklearn.MLPClassifier`; the loss is glassnet's, with the penalties of the
    layers. Each ``fit`` begins with new weights, unless ``warm_start``.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **NetworkEstimator._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, list, None],
    }

    def __init__(
        self,
        network: Description | None = None,
        *,
        optimizer: str | dict[str, Any] | Optimizer | None = None,
        loss: str | dict[str, Any] | Loss | None = None,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        class_weight: Any = None,
        callbacks: Sequence[Callback] | None = None,
        progress: bool = False,
        dtype: Any = None,
    ) -> None:
        self._keep(locals())

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, (n_samples, n_classes), in the order of ``classes_``.

        Raises:
            ConfigError: the loss gives none, as "hinge".
        """
        p = self._probabilities(X)
        if self.network_.loss.target == "signs":
            raise ConfigError(f"the loss {self.network_.loss.name} gives no probabilities.")
        return p

    def predict_log_proba(self, X: Any) -> Array:
        """log(predict_proba(X)); -inf where a probability is 0."""
        p = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(p)

    def _wanted(self, y: Any) -> int:
        several = self._labels.kind == "multilabel-indicator"
        return len(self.classes_) if several else max(2, len(self.classes_))

    def _fits(self, outputs: int, wanted: int) -> bool:
        return outputs == wanted or (outputs == 1 and self._labels.kind == "binary")

    def _default_output(self, y: Any) -> tuple[int, str]:
        several = self._labels.kind == "multilabel-indicator"
        return self._wanted(y), "sigmoid" if several else "softmax"

    def _loss_for(self, output: Activation) -> Loss:
        if output.gives != "probabilities":
            raise ConfigError(
                f"the last layer's activation is {output.name!r}: give it 'softmax' for classes, "
                "'sigmoid' for two classes or several labels, or say which loss=."
            )
        return losses.for_output(output, "classification")

    def _set_up(self, network: SklearnSequential) -> None:
        if self._labels.kind != "multilabel-indicator" and len(self.classes_) > 1:
            network.classes = self.classes_


class NetworkRegressor(Regressing, NetworkEstimator):
    """Any ``Sequential`` as a regressor of scikit-learn.

    >>> import numpy as np
    >>> from glassnet import Sequential, layers
    >>> from glassnet.sklearn import NetworkRegressor
    >>> x = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> net = Sequential([layers.Dense(30, "tanh"), layers.Dense(1)])
    >>> adam = {"name": "adam", "learning_rate": 0.02}
    >>> model = NetworkRegressor(net, optimizer=adam, random_state=0)
    >>> model.fit(x, x[:, 0] ** 2).score(x, x[:, 0] ** 2) > 0.95
    True

    The parameters are those of :class:`NetworkClassifier`, without ``class_weight``. The loss
    is the mean squared error if no other was chosen, or "poisson" after an exponential.
    """

    def __init__(
        self,
        network: Description | None = None,
        *,
        optimizer: str | dict[str, Any] | Optimizer | None = None,
        loss: str | dict[str, Any] | Loss | None = None,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        callbacks: Sequence[Callback] | None = None,
        progress: bool = False,
        dtype: Any = None,
    ) -> None:
        self._keep(locals())

    def _wanted(self, y: Any) -> int:
        return 1 if y.ndim == 1 else int(y.shape[1])

    def _default_output(self, y: Any) -> tuple[int, None]:
        return self._wanted(y), None

    def _loss_for(self, output: Activation) -> Loss:
        return losses.for_output(output, "regression")
