"""Any Sequential as an estimator, and the networks for images by their names."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from math import isqrt, prod
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from glassnet import losses, networks, optimizers
from glassnet._core.habits import LEARNING_RATE
from glassnet._core.registry import lookup
from glassnet._core.types import Array
from glassnet.activations import Activation, linear
from glassnet.callbacks import Callback
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers import Dense, Layer, Reshape
from glassnet.losses import LOSSES, Loss
from glassnet.model import Sequential
from glassnet.optimizers import OPTIMIZERS
from glassnet.optimizers.base import Optimizer
from glassnet.schedules import Schedule
from glassnet.sklearn.base import NeuralEstimator
from glassnet.sklearn.kind_names import KindNames
from glassnet.sklearn.sequential import SklearnSequential
from glassnet.sklearn.targets import Classifying, Regressing

Description = Sequential | Callable[..., Sequential] | str | Mapping[str, Any] | Sequence[Layer]


class NetworkEstimator(NeuralEstimator):
    """What the classifier and the regressor share."""

    _allow_nd = True
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **NeuralEstimator._parameter_constraints,
        "network": [Sequential, callable, str, dict, list, tuple, None],
        "optimizer": [KindNames("optimizer", OPTIMIZERS), dict, Optimizer, None],
        "loss": [KindNames("loss", LOSSES), dict, Loss, None],
        LEARNING_RATE: [
            Interval(Real, 0, None, closed="left"), KindNames("schedule", ()), dict, Schedule, None
        ],
    }  # fmt: skip

    def _wanted(self, y: Any) -> int:
        """How many outputs the network should have."""
        raise NotImplementedError

    def _default_output(self, y: Any) -> tuple[int, str | None]:
        """Outputs and their activation, when no network was given."""
        raise NotImplementedError

    def _fits(self, outputs: int, wanted: int) -> bool:
        return outputs == wanted

    def _describe(self, x: Any, y: Any) -> Sequential:
        """The network as it was given, or built."""
        given = self.network
        if given is None:
            units, f = self._default_output(y)
            return Sequential([Dense(100, "relu"), Dense(units, f)])
        if isinstance(given, (str, dict)):
            return self._named(given, x, y)
        if isinstance(given, (list, tuple)):
            return Sequential(copy.deepcopy(list(given)))
        if not isinstance(given, Sequential):
            takes = inspect.signature(given).parameters
            given = given(self._wanted(y)) if takes else given()
        if not isinstance(given, Sequential):
            raise ConfigError(
                f"network: expected a Sequential, or a function that returns one; got {given!r}."
            )
        return given

    def _named(self, given: str | dict[str, Any], x: Any, y: Any) -> Sequential:
        """One of ``glassnet.networks`` for samples like ``x``, or for rows that are images."""
        settings: dict[str, Any] = {"name": given} if isinstance(given, str) else dict(given)
        known = {name: name for name in networks.NETWORKS}
        name = settings["name"] = lookup("network", known, settings.get("name", ""))
        shape = x.shape[1:]
        if "input_shape" in settings:
            shape = tuple(settings["input_shape"])
            if prod(shape) != prod(x.shape[1:]):
                raise ShapeError(
                    f"network: input_shape {shape} has {prod(shape)} numbers, but a sample of X "
                    f"has shape {x.shape[1:]}."
                )
        elif len(shape) == 1 and name != "mlp":
            side = isqrt(shape[0])
            sizes = f"{side}, {side}" if side * side == shape[0] else "rows, columns"
            raise ShapeError(
                f"the network {name!r} looks at images, but X has rows of {shape[0]} numbers. "
                f"Reshape X, as in X.reshape(-1, {sizes}), to (n, rows, columns) or (n, rows, "
                "columns, channels); or say the shape of a row: "
                f"network={{'name': {name!r}, 'input_shape': ({sizes})}}."
            )
        units, f = self._default_output(y)
        largest = float(np.abs(x).max())
        own = {"classes": units, "classifier_activation": f, "image_max": largest or None}
        model = networks.get({**own, **settings, "input_shape": shape})
        if shape == x.shape[1:]:
            return model
        return Sequential([Reshape(shape), *model.layers])

    def _architecture(self) -> dict[str, Any]:
        return {**super()._architecture(), "network": self.network}

    def _dtypes(self, first: bool) -> Any:
        if first and self.dtype is None:
            if isinstance(self.network, Sequential):
                return self.network.dtype
            if isinstance(self.network, (str, dict, list, tuple)):
                return np.float32
        return super()._dtypes(first)

    def _make_network(
        self, x: Any, y: Any, state: np.random.RandomState, dtype: np.dtype[Any]
    ) -> SklearnSequential:
        described = self._describe(x, y)
        if self.dtype is None and self.network is not None:
            dtype = described.dtype
        self._compiled = described.objective, getattr(described, "optimizer", None)
        stack = copy.deepcopy(described.layers)
        seed = int(state.randint(2**31))
        network = _fresh(stack, seed, dtype, described.name)
        try:
            network.build(x.shape[1:])
        except ShapeError:
            if x.ndim != 3:
                raise
            # images or series of one channel may come without it
            one = Reshape((*x.shape[1:], 1))
            other = _fresh([one, *copy.deepcopy(described.layers)], seed, dtype, described.name)
            with contextlib.suppress(ShapeError):
                other.build(x.shape[1:])
            if not other.built:
                raise
            network = other
        wanted = self._wanted(y)
        if not self._fits(network.outputs, wanted):
            raise ConfigError(
                f"the network has {network.outputs} outputs, but y needs {wanted}. A function "
                "network(n_outputs) is told how many."
            )
        return network

    def _outputs(self, X: Any) -> Array:
        network = getattr(self, "network_", None)
        learned = () if network is None else network.input_shape
        shape = getattr(X, "shape", None)
        if len(learned) > 1 and shape is not None and shape[1:] != learned:
            raise ShapeError(
                f"X has shape {shape}, but the network learned from samples of shape {learned}: "
                f"expected ({', '.join(map(str, ('n', *learned)))})."
            )
        return super()._outputs(X)

    def _make_optimizer(self) -> Optimizer:
        given = self.optimizer or self._compiled[1] or "adam"
        # the one that was given stays as it is
        made = optimizers.again(given) if isinstance(given, Optimizer) else optimizers.get(given)
        if self.learning_rate is not None:
            made.learning_rate = self.learning_rate
        return made

    def _make_loss(self, network: SklearnSequential) -> Loss:
        if self.loss is not None:
            return losses.get(self.loss)
        if self._compiled[0] is not None:
            return self._compiled[0].given
        f = network.output_function()
        return self._loss_for(linear if f is None else f)

    def _loss_for(self, output: Activation) -> Loss:
        """The loss that fits the function of the last layer."""
        raise NotImplementedError


def _fresh(stack: Sequence[Layer], seed: int, dtype: Any, name: str) -> SklearnSequential:
    """A network of these layers that learns from the start."""
    network = SklearnSequential(stack, seed=seed, dtype=dtype, name=name)
    for layer in network.all_layers():
        layer.parameters = None  # of a trained network
    return network


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
        network: a ``Sequential``, which serves as a description and is not changed; a list of
            layers; a function that builds a ``Sequential``, ``network(n_outputs)`` or
            ``network()``; or, for images, the name of one of ``glassnet.networks``, "cnn" or
            "lenet", or a dict of its name and settings. None: 100 ReLUs. The last layer has a
            softmax over the classes, or for two classes one sigmoid; for several labels at
            once, a sigmoid for each.
        optimizer, loss: names, configs or values; None: those that the network was compiled
            with, else "adam" and the cross-entropy that fits the last layer.
        learning_rate: of the optimizer: a number or a schedule; None: its own.
        dtype: "float32" or "float64"; None: that of the network.

    The other parameters and the attributes are those of
    :class:`glassnet.sklearn.MLPClassifier`; the loss is glassnet's, with the penalties of the
    layers. Each ``fit`` begins with new weights, unless ``warm_start``.

    Images are X of shape (n, rows, columns) or (n, rows, columns, channels). A network by name
    divides them by the largest number in the X of ``fit``, and rows of pixels become images by
    its ``input_shape``:

    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)  # rows of 64 pixels
    >>> lenet = {"name": "lenet", "input_shape": (8, 8)}
    >>> short = {"max_iter": 9, "tol": 9, "n_iter_no_change": 1}
    >>> model = NetworkClassifier(lenet, random_state=0, **short).fit(X[:64], y[:64])
    >>> model.network_.input_shape, model.predict(X[:2]).shape
    ((64,), (2,))
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
        learning_rate: float | dict[str, Any] | Schedule | None = None,
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
        learning_rate: float | dict[str, Any] | Schedule | None = None,
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
