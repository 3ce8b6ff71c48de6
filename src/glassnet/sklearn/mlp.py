"""The multi-layer perceptrons, with scikit-learn's parameters and more."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from glassnet._core.types import Array
from glassnet.activations import ACTIVATIONS, Activation
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers import Dense
from glassnet.layers.walk import of_class
from glassnet.optimizers import OPTIMIZERS, SGD
from glassnet.optimizers.base import Optimizer
from glassnet.schedules import Schedule
from glassnet.sklearn import building, solvers
from glassnet.sklearn.base import NeuralEstimator
from glassnet.sklearn.kind_names import KindNames
from glassnet.sklearn.sequential import SklearnSequential


class MultiLayerPerceptron(NeuralEstimator):
    """What the classifier and the regressor share."""

    _takes_sparse = True
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **NeuralEstimator._parameter_constraints,
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [
            KindNames("activation", {*ACTIVATIONS, "identity", "logistic"}), list, tuple, dict,
            Activation, callable,
        ],
        "solver": [KindNames("optimizer", {*OPTIMIZERS, "lbfgs"}), dict, Optimizer],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "learning_rate": [KindNames("schedule", solvers.MODES), dict, Schedule],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left"), list, tuple],
        "batch_normalization": ["boolean"],
    }  # fmt: skip

    def _output(self, y: Any) -> tuple[int, str]:
        """The number of outputs and their activation."""
        raise NotImplementedError

    # ---- making the network ------------------------------------------------------------

    def _make_network(
        self, x: Any, y: Any, state: np.random.RandomState, dtype: np.dtype[Any]
    ) -> SklearnSequential:
        outputs, output = self._output(y)
        sizes = building.hidden_sizes(self.hidden_layer_sizes)
        stack = building.stack(
            x.shape[1], sizes, self.activation, outputs, output, state,
            self.dropout, self.batch_normalization,
        )  # fmt: skip
        at_random = bool(np.any(self.dropout))
        if at_random and self._at_once:
            raise ConfigError("solver 'lbfgs' needs a loss without chance in it: dropout=0.")
        if self.batch_normalization and self._at_once:
            raise ConfigError(
                "solver 'lbfgs' has no batches: batch_normalization=False, or another solver."
            )
        network = SklearnSequential(stack, seed=0, dtype=dtype, name=type(self).__name__)
        network.build((x.shape[1],))
        if at_random:  # drawn last: without dropout the other draws are scikit-learn's
            network.rng.bit_generator.state = np.random.PCG64(state.randint(2**31, size=4)).state
        self.n_layers_ = len(sizes) + 2
        self.out_activation_ = building.OUTPUT_NAMES.get(output, output)
        return network

    def _architecture(self) -> dict[str, Any]:
        names = ("activation", "dropout", "batch_normalization", "loss")
        return {
            **super()._architecture(),
            "hidden_layer_sizes": building.hidden_sizes(self.hidden_layer_sizes),
            **{name: getattr(self, name) for name in names},
        }

    @property
    def _at_once(self) -> bool:
        return isinstance(self.solver, str) and self.solver == "lbfgs"

    def _make_optimizer(self) -> Optimizer:
        return SGD() if self._at_once else solvers.optimizer_for(self)

    def _set_up(self, network: SklearnSequential) -> None:
        network.alpha = float(self.alpha)

    def _follows(self, mode: str) -> bool:
        # as in scikit-learn, where adam keeps its rate
        return (
            isinstance(self.learning_rate, str)
            and self.learning_rate == mode
            and (not isinstance(self.solver, str) or self.solver != "adam")
        )

    def _fit_at_once(self, x: Any, y: Array, sample_weight: Array | None) -> bool:
        if not self._at_once:
            return False
        self.loss_, self.n_iter_ = solvers.fit_lbfgs(
            self.network_, x, y, sample_weight,
            max_iter=self.max_iter, max_fun=self.max_fun, tol=self.tol, verbose=bool(self.verbose),
        )  # fmt: skip
        return True

    # ---- the weights as scikit-learn shows them ----------------------------------------

    def _dense(self) -> list[Dense]:
        return of_class(self.network_.layers, Dense)

    @property
    def _optimizer(self) -> Optimizer:
        """What makes the steps; programs read its ``learning_rate``."""
        try:
            return self.__dict__["network_"].optimizer  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError("there is no optimizer before fit") from None

    def _show_weights(self) -> None:
        dense = self._dense()
        self.coefs_ = [layer.W for layer in dense]
        self.intercepts_ = [layer.b for layer in dense]

    def _take_over_weights(self) -> None:
        if not hasattr(self, "coefs_"):
            return
        dense = self._dense()
        for name, given in (("coefs_", self.coefs_), ("intercepts_", self.intercepts_)):
            if len(given) != len(dense):
                raise ShapeError(f"{name} has {len(given)} arrays for {len(dense)} layers.")
        for i, layer in enumerate(dense):
            _fill(layer.W, self.coefs_[i], f"coefs_[{i}]")
            _fill(layer.b, self.intercepts_[i], f"intercepts_[{i}]")


def _fill(own: Array, given: Any, name: str) -> None:
    if given is own:
        return
    if np.shape(given) != own.shape:
        raise ShapeError(f"{name} has shape {np.shape(given)}, but the network needs {own.shape}.")
    own[...] = given
