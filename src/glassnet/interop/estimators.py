"""From and to a fitted ``MLPClassifier`` or ``MLPRegressor`` of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn import neural_network
from sklearn.preprocessing import LabelBinarizer

from glassnet import activations, losses
from glassnet._core.types import Array
from glassnet.errors import ConfigError, FileFormatError, NotBuiltError
from glassnet.interop.counterparts import refused
from glassnet.interop.reading import assemble
from glassnet.interop.writing import cannot, supported, writer
from glassnet.layers import Dense, Layer
from glassnet.layers.formats import Part
from glassnet.model import Sequential

FORMAT = "scikit-learn's MLP"

NAMED = {f.sklearn: f for f in activations.each() if f.sklearn}  # by scikit-learn's names
HIDDEN = [NAMED[name] for name in ("identity", "logistic", "tanh", "relu")]
OUTPUTS = [NAMED[name] for name in ("softmax", "logistic", "identity")]  # that can be written


# ---- in ----------------------------------------------------------------------------------


def from_sklearn(estimator: Any) -> Sequential:
    """The network of a fitted ``MLPClassifier`` or ``MLPRegressor``, compiled to go on training.

    Takes scikit-learn's own and glassnet's. A classifier's labels come with it.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neural_network import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(8, solver="lbfgs", max_iter=20, tol=1, random_state=0).fit(X, y)
    >>> bool(np.allclose(from_sklearn(mlp).predict(X), mlp.predict_proba(X), atol=1e-12))
    True

    Raises:
        NotBuiltError: the estimator is not fitted.
        ConfigError: another estimator.
    """
    fitted = getattr(estimator, "__dict__", {})
    if isinstance(fitted.get("network_"), Sequential):  # one of glassnet.sklearn
        return _plain_copy(fitted["network_"])
    if not isinstance(estimator, (neural_network.MLPClassifier, neural_network.MLPRegressor)):
        raise ConfigError(
            f"from_sklearn takes a fitted MLPClassifier or MLPRegressor, got "
            f"{type(estimator).__name__}."
        )
    if "coefs_" not in fitted:
        raise NotBuiltError(
            f"this {type(estimator).__name__} is not fitted yet: call fit(X, y) before."
        )
    hidden = NAMED[estimator.activation]
    output = NAMED[estimator.out_activation_]
    parts = []
    for i, (W, b) in enumerate(zip(estimator.coefs_, estimator.intercepts_)):
        f = output if i == len(estimator.coefs_) - 1 else hidden
        parts.append(Part(Dense(W.shape[1], f), {"W": np.asarray(W), "b": np.asarray(b)}))
    try:
        model = assemble(parts, (estimator.coefs_[0].shape[0],))
    except FileFormatError as error:
        raise ConfigError(f"from_sklearn: {error}.") from None
    several = fitted.get("_label_binarizer")
    if several is not None and several.y_type_ != "multilabel-indicator":
        model.classes = estimator.classes_
    task = "classification" if several is not None else "regression"
    model.compile("adam", losses.for_output(output, task))
    return model


def _plain_copy(network: Sequential) -> Sequential:
    twin = Sequential.from_config({**network.get_config(), "seed": 0})
    twin.parameters.values[...] = network.parameters.values
    twin.parameters.state[...] = network.parameters.state
    return twin


# ---- out ---------------------------------------------------------------------------------


def to_sklearn(model: Sequential) -> Any:
    """A fitted ``MLPClassifier`` (softmax, sigmoid) or ``MLPRegressor`` that answers the same.

    Flatten and Rescaling are worked into the first weights, a softmax over two classes into
    the single sigmoid that scikit-learn has for them. X are rows of features; what was learned
    of a table's columns is not part of it.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer that scikit-learn's MLP does not have (named), or hidden layers
            with different activations.
    """
    model.need_built("to_sklearn")
    chain = _chain(model)
    weights, (*hidden, last) = chain.weights, chain.functions
    if len({f.name for f in hidden}) > 1:
        names = ", ".join(f.name for f in hidden)
        raise ConfigError(
            f"{FORMAT} has one activation for all hidden layers, but the network has {names}."
        )
    settings = {
        "hidden_layer_sizes": tuple(W.shape[1] for W, _ in weights[:-1]),
        "activation": hidden[0].sklearn if hidden else "identity",
    }
    if last.name in ("softmax", "sigmoid"):
        return _classifier(model, weights, last.name, settings)
    return _fitted("MLPRegressor", weights, "identity", settings)


@dataclass
class Chain:
    """The dense layers of a network: W and b of each, and the functions after them."""

    last: Layer
    weights: list[tuple[Array, Array]] = field(default_factory=list)
    functions: list[activations.Activation] = field(default_factory=list)
    scale: float = 1.0
    offset: float = 0.0

    def dense(self, layer: Any, W: Array, b: Array) -> None:
        """f(x·W + b); (x·scale + offset)·W + b = x·(scale·W) + (offset·ΣW + b)"""
        if not self.weights and (self.scale, self.offset) != (1.0, 0.0):
            W, b = W * W.dtype.type(self.scale), b + W.dtype.type(self.offset) * W.sum(axis=0)
        f = layer.function
        if layer is not self.last:
            if f not in HIDDEN:
                raise refused(layer, f, FORMAT, HIDDEN)
        elif f not in OUTPUTS:
            why = f"its last layer has no {f.name}"
            raise cannot(layer, FORMAT, why, [g.name for g in OUTPUTS])
        self.weights.append((W, b))
        self.functions.append(f)

    def rescale(self, layer: Layer, scale: float, offset: float) -> None:
        """y = x·scale + offset, worked into the first dense layer."""
        if self.weights:
            why = "scaling stands before the first dense layer"
            raise cannot(layer, FORMAT, why, supported("mlp"))
        self.scale, self.offset = scale * self.scale, scale * self.offset + offset


def _chain(model: Sequential) -> Chain:
    last = model.layers[-1]
    if last.function is None or not last.weights():
        raise ConfigError(f"{FORMAT} ends with a dense layer; so must the network.")
    chain = Chain(last)
    for layer in model.layers:
        writer(layer, "mlp", FORMAT)(chain, layer)
    return chain


def _classifier(
    model: Sequential, weights: list[tuple[Array, Array]], last: str, settings: dict[str, Any]
) -> Any:
    W, b = weights[-1]
    count = W.shape[1]
    output = "logistic"
    if last == "softmax" and count == 2:  # e^b / (e^a + e^b) = σ(b - a)
        weights[-1] = (W[:, 1:] - W[:, :1], b[1:] - b[:1])
    elif last == "softmax":
        output = "softmax"
    classes = _labels(model, max(2, count))
    binarizer = LabelBinarizer()
    if last == "sigmoid" and count > 1:  # several labels at once: rows of 0 and 1
        classes = np.arange(count)
        binarizer.fit(np.array([[0] * count, [1] * count]))
    else:
        binarizer.fit(classes)
    made = _fitted("MLPClassifier", weights, output, settings)
    made.classes_, made._label_binarizer = classes, binarizer
    return made


def _labels(model: Sequential, count: int) -> Array:
    found: Sequence[Any] | Array | None = model.classes
    if model.preprocessing is not None and model.preprocessing.target.classes:
        found = model.preprocessing.target.classes
    labels = np.arange(count) if found is None else np.asarray(found)
    if list(labels) != sorted(labels.tolist()):
        raise ConfigError(
            f"scikit-learn keeps labels sorted, but the network has {labels.tolist()[:8]}."
        )
    return labels


def _fitted(
    kind: str, weights: list[tuple[Array, Array]], output: str, settings: dict[str, Any]
) -> Any:
    """An estimator with the attributes that ``fit`` would have set."""
    made = getattr(neural_network, kind)(**settings)
    made.coefs_ = [np.ascontiguousarray(W) for W, _ in weights]
    made.intercepts_ = [np.ascontiguousarray(b) for _, b in weights]
    made.n_features_in_ = weights[0][0].shape[0]
    made.n_outputs_ = weights[-1][0].shape[1]
    made.n_layers_ = len(weights) + 1
    made.out_activation_ = output
    made.n_iter_ = made.t_ = 0
    made.loss_curve_, made.loss_, made.best_loss_ = [], None, None
    return made
