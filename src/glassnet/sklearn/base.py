"""What the estimators share: fitting by epochs, early stopping, predicting, pickling."""

from __future__ import annotations

import inspect
import warnings
from abc import abstractmethod
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from glassnet._core.habits import LEARNING_RATE, RATES, unknown
from glassnet._core.types import Array
from glassnet.callbacks.progress import Progress
from glassnet.errors import ConfigError, DataError, DivergedError
from glassnet.losses import Loss
from glassnet.model.evaluation import predictions
from glassnet.model.samples import Samples
from glassnet.optimizers.base import Optimizer
from glassnet.sklearn.epochs import Batches, Bookkeeping, run_epochs
from glassnet.sklearn.rows import as_rows
from glassnet.sklearn.sequential import SklearnSequential
from glassnet.sklearn.validation import given_validation, split_off

Reading = Literal["learn", "same", "part"]  # new classes; all the known ones; some of them


class NotFiniteError(DivergedError, ValueError):
    """Training ended in weights that are not finite; scikit-learn raises ValueError for it."""


def makes_steps(estimator: Any) -> bool:
    """Whether there is a ``partial_fit``."""
    if getattr(estimator, "solver", None) == "lbfgs":
        raise AttributeError("partial_fit needs a solver that makes steps; lbfgs fits at once.")
    return True


class NeuralEstimator(BaseEstimator):  # type: ignore[misc]
    """A network that is fitted and asked as scikit-learn's estimators are.

    A subclass says how its network, optimizer and loss are made, and how y is read.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "callbacks": [list, tuple, None],
        "progress": ["boolean"],
        "dtype": [Options(object, {None, "float32", "float64", np.float32, np.float64})],
    }
    _takes_sparse: ClassVar[bool] = False
    _allow_nd: ClassVar[bool] = False

    # ---- what a subclass defines -------------------------------------------------------

    @abstractmethod
    def _make_network(
        self, x: Any, y: Any, state: np.random.RandomState, dtype: np.dtype[Any]
    ) -> SklearnSequential:
        """A built network for samples like ``x``."""

    @abstractmethod
    def _make_optimizer(self) -> Optimizer:
        """A new optimizer."""

    @abstractmethod
    def _make_loss(self, network: SklearnSequential) -> Loss:
        """What to minimise."""

    @abstractmethod
    def _read_y(self, y: Any, how: Reading) -> Any:
        """y, if it fits; "learn" keeps what it holds."""

    @abstractmethod
    def _encode_y(self, y: Any, network: SklearnSequential) -> Array:
        """y as the loss reads it."""

    @abstractmethod
    def _score_outputs(self, y: Array, outputs: Array, sample_weight: Array | None) -> float:
        """How good the outputs are; more is better."""

    def _set_up(self, network: SklearnSequential) -> None:
        """Give a compiled network what this fit has set."""

    def _architecture(self) -> dict[str, Any]:
        """The settings that cannot change while a fit goes on: name → value."""
        return {"dtype": self.dtype}

    def _class_weights(self, y: Any, sample_weight: Array | None) -> Array | None:
        return sample_weight

    def _stratify(self, y: Array) -> Array | None:
        return None

    def _follows(self, mode: str) -> bool:
        """Whether the learning rate changes in scikit-learn's way ``mode``."""
        return False

    def _fit_at_once(self, x: Any, y: Array, sample_weight: Array | None) -> bool:
        """Fit by other means than epochs, if that was asked for."""
        return False

    def __new__(cls, *args: Any, **settings: Any) -> Self:
        """Says what the estimator takes, where it does not take ``settings``."""
        known = list(inspect.signature(cls.__init__).parameters)[1:]
        for name in settings:
            if name not in known:
                rate = [n for n in ("learning_rate_init", LEARNING_RATE) if n in known][:1]
                text = (
                    f"unknown estimator setting {name!r}: did you mean {rate[0]!r}?"
                    if rate and name in RATES
                    else unknown("estimator setting", name, known)
                )
                raise TypeError(f"{cls.__name__}: {text}")
        made: Self = super().__new__(cls)
        return made

    def _keep(self, settings: dict[str, Any]) -> None:
        """The arguments of ``__init__``, its ``locals()``, under their names, as they came."""
        for name, value in settings.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    # ---- fitting -----------------------------------------------------------------------

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Train on X (n_samples, …) and y: labels, or values (n_samples,) or with columns.

        Args:
            sample_weight: how much each sample counts.
            X_val, y_val, sample_weight_val: samples of your own to validate on.

        Raises:
            ValueError: data that cannot be learned from, a setting out of its range.
        """
        self._fit(X, y, sample_weight, validation=(X_val, y_val, sample_weight_val))
        return self

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        incremental: bool = False,
        validation: tuple[Any, Any, Any] = (None, None, None),
    ) -> None:
        if self.early_stopping and incremental:
            raise ConfigError(
                "partial_fit cannot stop early: it makes one epoch. Set early_stopping=False."
            )
        first = not hasattr(self, "network_") or not (self.warm_start or incremental)
        X, y, weights = self._check(X, y, sample_weight, first, incremental)
        x = as_rows(X)
        state = check_random_state(self.random_state)
        if first:
            if not (self.warm_start or incremental):
                for name in ("coefs_", "intercepts_"):  # else: to begin with, if somebody set them
                    self.__dict__.pop(name, None)
            self._start(x, y, state)
        self._refuse_another_architecture()
        network: SklearnSequential = self.network_
        self._take_over_weights()
        if first or not incremental:
            network.compile(self._make_optimizer(), self._make_loss(network))
        self._set_up(network)
        weights = self._class_weights(y, weights)
        if weights is not None:
            if not weights.any():
                raise DataError("The weights of the samples and of their classes leave only zeros.")
            weights = weights.astype(network.dtype, copy=False)
        target = self._encode_y(y, network)
        checked = given_validation(self, validation, network)
        if not self._fit_at_once(x, target, weights):
            self._fit_epochs(x, target, weights, checked, state, incremental)
        if not np.isfinite(network.parameters.values).all():
            raise NotFiniteError(
                "the fit ended in weights that are not finite. Scale the inputs to about -1 … 1, "
                "for example by StandardScaler, or lower learning_rate_init."
            )
        self._show_weights()

    def _check(
        self, X: Any, y: Any, sample_weight: Any, first: bool, incremental: bool
    ) -> tuple[Any, Any, Array | None]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=("csr", "csc") if self._takes_sparse else False,
            multi_output=True,
            y_numeric=self._y_numeric,
            dtype=self._dtypes(first),
            reset=first,
            allow_nd=self._allow_nd,
        )
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        if weights is not None and not weights.any():
            raise DataError("Sample weights must contain at least one that is not zero.")
        if first:
            self.__dict__.pop("network_", None)  # what fails from here on leaves it unfitted
        how: Reading = "part" if incremental else "learn"
        if self.warm_start and not first:
            how = "same"
        return X, self._read_y(y, how), weights

    _y_numeric: ClassVar[bool] = False

    def _dtypes(self, first: bool) -> Any:
        if not first:
            return self.network_.dtype
        return (np.float64, np.float32) if self.dtype is None else np.dtype(self.dtype)

    def _start(self, x: Any, y: Any, state: np.random.RandomState) -> None:
        network = self._make_network(x, y, state, x.dtype)
        self.network_ = network
        self._began_with = self._architecture()
        self.__dict__.pop("_best_weights", None)
        self.n_iter_ = 0
        self.t_ = 0
        self.n_outputs_ = network.outputs
        self.loss_curve_: list[float] = []
        self.validation_loss_curve_: list[float] | None = None
        self.validation_scores_: list[float] | None = None
        self.best_validation_score_: float | None = None
        self.best_loss_: float | None = None if self.early_stopping else np.inf
        self._no_improvement_count = 0
        if self.early_stopping:
            self.best_validation_score_ = -np.inf
            self._best_weights = (network.parameters.values.copy(), network.parameters.state.copy())

    def _refuse_another_architecture(self) -> None:
        for name, value in self._architecture().items():
            before = self._began_with[name]
            if value is not before and repr(value) != repr(before):
                raise ConfigError(
                    f"{name} was {before!r} when the network was made, and is {value!r} now: a fit "
                    "that goes on, by warm_start or partial_fit, cannot change it. Begin anew with "
                    "clone(estimator)."
                )

    def _fit_epochs(
        self,
        x: Any,
        y: Array,
        weights: Array | None,
        validation: Samples | None,
        state: np.random.RandomState,
        incremental: bool,
    ) -> None:
        network: SklearnSequential = self.network_
        if self.early_stopping and validation is None:
            x, y, weights, validation = split_off(self, x, y, weights, state)
        if validation is not None and self.validation_scores_ is None:
            self.validation_scores_, self.validation_loss_curve_ = [], []
        n = len(x)
        size = min(200, n) if self.batch_size == "auto" else int(self.batch_size)
        if size > n:
            warnings.warn(
                f"batch_size={size} is more than the {n} samples that there are: each epoch is "
                "one batch of all of them.",
                stacklevel=4,
            )
            size = n
        keeper = Bookkeeping(self, n, self.early_stopping)
        callbacks = [*(self.callbacks or ()), keeper, *([Progress()] if self.progress else ())]
        source = Batches(x, y, weights, size, self.shuffle, state)
        validate = None
        if validation is not None:
            validate = partial(self._validate, *validation)
        epochs = 1 if incremental else self.max_iter
        self.n_iter_ = 0
        try:
            run = run_epochs(network, source, epochs, callbacks, validate)
        except DivergedError as error:
            self._diverged(error)
        else:
            self.history_ = run.history
            if run.interrupted or run.stopped.startswith("interrupted"):
                warnings.warn("Training interrupted by the user.", stacklevel=4)
            elif not incremental and self.n_iter_ == self.max_iter and not run.stopped:
                warnings.warn(
                    f"training made max_iter={self.max_iter} epochs and had not converged: its "
                    f"loss still went down by more than tol={self.tol:g}.",
                    ConvergenceWarning,
                    stacklevel=4,
                )
        if self.early_stopping:
            network.parameters.values[...], network.parameters.state[...] = self._best_weights

    def _validate(self, x: Any, y: Array, weights: Array | None) -> dict[str, float]:
        loss, outputs = self.network_.evaluate_encoded(x, y, weights)
        return {"val_loss": loss, "val_score": self._score_outputs(y, outputs, weights)}

    def _diverged(self, error: DivergedError) -> None:
        """With early stopping the best weights are kept; else there is no result."""
        if not self.early_stopping or not self.validation_scores_:
            raise NotFiniteError(str(error)) from error
        self.history_ = error.history
        warnings.warn(f"{error} The fit ends with its best weights.", ConvergenceWarning, 5)

    # ---- predicting --------------------------------------------------------------------

    def _outputs(self, X: Any) -> Array:
        check_is_fitted(self)
        network: SklearnSequential = self.network_
        X = validate_data(
            self,
            X,
            accept_sparse=("csr", "csc") if self._takes_sparse else False,
            dtype=network.dtype,
            reset=False,
            allow_nd=self._allow_nd,
        )
        self._take_over_weights()
        return predictions(network, as_rows(X), checked=True)

    # ---- the weights as scikit-learn shows them ----------------------------------------

    def _show_weights(self) -> None:
        """``coefs_`` and ``intercepts_``: windows on the network's parameters."""

    def _take_over_weights(self) -> None:
        """Use arrays that somebody put into ``coefs_`` or ``intercepts_``."""

    def __getstate__(self) -> dict[str, Any]:
        """Without the windows: in a pickle they would be arrays of their own."""
        if hasattr(self, "coefs_"):
            self._take_over_weights()
        state: dict[str, Any] = dict(super().__getstate__())
        for name in ("coefs_", "intercepts_"):
            state.pop(name, None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if hasattr(self, "network_"):
            self._show_weights()
