"""MLPClassifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if

from glassnet import losses
from glassnet._core.types import Array
from glassnet.activations import Activation
from glassnet.callbacks import Callback
from glassnet.errors import ConfigError
from glassnet.losses import LOSSES, Loss
from glassnet.optimizers.base import Optimizer
from glassnet.schedules import Schedule
from glassnet.sklearn import building
from glassnet.sklearn.kind_names import KindNames
from glassnet.sklearn.mlp import MultiLayerPerceptron
from glassnet.sklearn.sequential import SklearnSequential
from glassnet.sklearn.targets import Classifying


def _reads_signs(estimator: Any) -> bool:
    return estimator.loss != "log_loss" and losses.get(estimator.loss).target == "signs"


def _has_probabilities(estimator: Any) -> bool:
    if _reads_signs(estimator):
        raise AttributeError(
            f"the loss {estimator.loss!r} gives no probabilities: use decision_function, or the "
            "loss 'log_loss'."
        )
    return True


def _has_decisions(estimator: Any) -> bool:
    if not _reads_signs(estimator):
        raise AttributeError("this loss gives probabilities: use predict_proba.")
    return True


class MLPClassifier(Classifying, MultiLayerPerceptron):
    """A network of dense layers that tells classes apart, as ``sklearn.neural_network``'s.

    Parameters, methods and attributes are those of scikit-learn's class of this name, with
    the same meaning and defaults; the random numbers are drawn in the same order, so that in
    float64 the weights are the same to rounding. The guide scikit-learn has the differences.

    >>> from sklearn.datasets import load_iris
    >>> from glassnet.sklearn import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(solver="lbfgs", alpha=0.1, tol=0.1, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True

    Args:
        hidden_layer_sizes: the units of each hidden layer.
        activation: of the hidden layers: "identity", "logistic", "tanh", "relu", or any of
            glassnet's; a list has one for each layer.
        solver: "adam", "sgd" or "lbfgs"; any other optimizer of glassnet, by name, config or
            value.
        alpha: α of the L2 term α/(2n)·ΣW², where n is the number of samples in the batch.
        batch_size: samples for each update; "auto" is min(200, n_samples).
        learning_rate: "constant"; "invscaling" divides by t^power_t after t samples;
            "adaptive" divides by 5 when nothing improves (these two not for "adam"); or a
            schedule of glassnet.
        learning_rate_init: the learning rate to begin with.
        max_iter: the most epochs, or for "lbfgs" iterations.
        shuffle: a new order of the samples in each epoch.
        random_state: of the first weights, the order, the held-out samples, dropout.
        tol: what counts as an improvement of the training loss, or with ``early_stopping``
            of the validation score; for "lbfgs" the largest part of the gradient at the end.
        verbose: print a line for each epoch.
        warm_start: ``fit`` goes on from where the last one ended.
        momentum, nesterovs_momentum: of "sgd", "momentum" and "nesterov".
        early_stopping: hold out ``validation_fraction`` of the samples, stop by the score on
            them, and end with the weights of the best epoch.
        beta_1, beta_2, epsilon: of "adam", "adamw" and "nadam".
        n_iter_no_change: how many epochs without an improvement are borne.
        max_fun: the most evaluations of the loss by "lbfgs".
        dropout: the share of each hidden layer's outputs that is dropped while training; a
            list has one for each layer.
        batch_normalization: normalise what goes into each hidden activation.
        callbacks: callbacks of glassnet; they see "loss", "val_loss" and "val_score".
        progress: show a bar.
        dtype: "float32" or "float64"; None takes that of X, and float64 for whole numbers.
        loss: "log_loss", or a loss of glassnet.
        class_weight: label → weight, or "balanced".

    Attributes:
        classes_: the labels, sorted.
        coefs_, intercepts_: W and b of each layer. They are windows: what is written into
            them, or put in their place, is what the network uses.
        loss_, best_loss_, loss_curve_: the training loss, mean over the batches of an epoch.
        validation_scores_, best_validation_score_: accuracy on held-out samples.
        validation_loss_curve_: the loss there, without the L2 term.
        n_iter_, t_: epochs of the last fit, and samples seen in all.
        n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_: sizes.
        network_: the ``Sequential``: to explain, plot or save.
        history_: what the last fit measured.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **MultiLayerPerceptron._parameter_constraints,
        "loss": [KindNames("loss", {*LOSSES, "log_loss"}), dict, Loss],
        "class_weight": [StrOptions({"balanced"}), dict, list, None],
    }

    def __init__(
        self,
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
        loss: str | dict[str, Any] | Loss = "log_loss",
        class_weight: Any = None,
    ) -> None:
        self._keep(locals())

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, (n_samples, n_classes), in the order of ``classes_``."""
        return self._probabilities(X)

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Any) -> Array:
        """log(predict_proba(X)); -inf where a probability is 0."""
        p = self._probabilities(X)
        with np.errstate(divide="ignore"):
            return np.log(p)

    @available_if(_has_decisions)  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Array:
        """With the loss "hinge": above 0 speaks for the class."""
        outputs = self._outputs(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def _output(self, y: Any) -> tuple[int, str]:
        labels = self._labels
        if self.loss == "log_loss":
            return labels.outputs, "softmax" if labels.kind == "multiclass" else "logistic"
        loss = losses.get(self.loss)
        if loss.target == "signs":
            return labels.outputs, "identity"
        several = labels.kind == "multilabel-indicator"
        rows = loss.target == "classes" or loss.name == "kl_divergence"
        if several and rows:
            raise ConfigError(
                f"{loss.name} is for one class of many, but y has rows with several labels. Use "
                "the loss 'log_loss'."
            )
        if labels.kind == "multiclass" and loss.name == "binary_crossentropy":
            raise ConfigError(
                f"binary_crossentropy is for two classes or several labels at once, but y has "
                f"{len(labels.classes)} classes. Use the loss 'log_loss'."
            )
        if rows:
            return max(2, len(labels.classes)), "softmax"
        return labels.outputs, "softmax" if labels.kind == "multiclass" else "logistic"

    def _make_loss(self, network: SklearnSequential) -> Loss:
        if self.loss != "log_loss":
            return losses.get(self.loss)
        return losses.for_output(building.activation(self.out_activation_), "classification")

    def _set_up(self, network: SklearnSequential) -> None:
        super()._set_up(network)
        if self._labels.kind != "multilabel-indicator":
            network.classes = self.classes_
        elif self.loss == "log_loss":
            network.factor = float(network.outputs)  # the sum over the labels, not their mean
