"""Epochs as scikit-learn counts them: its order of samples, its rules of when to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.callbacks import Callback, Logs
from glassnet.callbacks.base import attach
from glassnet.data.batches import ArrayBatches, Batch
from glassnet.sklearn.rows import SparseRows
from glassnet.sklearn.sequential import SklearnSequential
from glassnet.training.loop import Training
from glassnet.training.run import Run


class Batches(ArrayBatches):
    """Batches of arrays or sparse rows, in the order that a ``RandomState`` gives.

    scikit-learn shuffles the order of the epoch before, with NumPy's older generator; doing
    the same makes the same batches of the same ``random_state``.
    """

    def __init__(
        self,
        x: Any,
        y: Array,
        sample_weight: Array | None,
        batch_size: int,
        shuffle: bool,
        state: np.random.RandomState,
    ) -> None:
        self._sparse = x if isinstance(x, SparseRows) else None
        rows = np.empty((len(x), 0), np.uint8) if self._sparse is not None else x
        super().__init__(rows, y, sample_weight, batch_size=batch_size, shuffle=shuffle)
        self._state = state
        self._order = np.arange(len(x))

    @property
    def sparse(self) -> bool:
        """Whether the batches are sparse rows."""
        return self._sparse is not None

    def epoch(self, rng: np.random.Generator | None = None, skip: int = 0) -> Iterator[Batch]:
        if self.shuffle:
            permutation = np.arange(len(self._order))
            self._state.shuffle(permutation)
            self._order = self._order[permutation]
        if self._sparse is not None:
            return self._sparse_batches(skip)
        return self._gathered(self._order, skip) if self.shuffle else self._views(skip)

    def _sparse_batches(self, skip: int) -> Iterator[Batch]:
        assert self._sparse is not None
        n, step = len(self._sparse), self.batch_size
        for start in range(skip * step, n, step):
            rows = self._order[start : start + step]
            weights = None if self.sample_weight is None else self.sample_weight[rows]
            yield Batch(self._sparse[rows], self.y[rows], weights, len(rows))  # type: ignore[arg-type]


def run_epochs(
    network: SklearnSequential,
    source: Batches,
    epochs: int,
    callbacks: Iterable[Callback],
    validate: Callable[[], dict[str, float]] | None,
) -> Run:
    """Train for ``epochs``, or until a callback ends it."""
    run = Run(
        epochs=epochs,
        callbacks=list(callbacks),
        steps_per_epoch=source.steps_per_epoch,
        batch_size=source.batch_size,
        sample_count=source.n_samples,
    )
    attach(network, run)
    with network.learning(source.sparse):
        Training(network, source, run, validate or dict).finish()
    return run


class Bookkeeping(Callback):
    """What scikit-learn does at the end of an epoch: counts, prints, stops, slows down.

    ``best`` is what an epoch is compared with: the training loss, to be lower by ``tol``; or
    the validation score, to be higher by ``tol``. After ``n_iter_no_change`` epochs and one
    more without that, the training ends, or with the rate "adaptive" goes on at a fifth.
    """

    kept = False

    def __init__(self, estimator: Any, n_samples: int, early_stopping: bool) -> None:
        self.estimator = estimator
        self.n_samples = n_samples
        self.early_stopping = early_stopping
        self.converged = False

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        e = self.estimator
        e.n_iter_ = epoch + 1
        e.t_ += self.n_samples
        e.loss_ = logs["loss"]
        e.loss_curve_.append(e.loss_)
        if e.verbose:
            print(f"Iteration {e.n_iter_}, loss = {e.loss_:.8f}")
        if "val_score" in logs:
            e.validation_scores_.append(logs["val_score"])
            e.validation_loss_curve_.append(logs["val_loss"])
            if e.verbose:
                print(f"Validation score: {logs['val_score']:f}, loss = {logs['val_loss']:.8f}")
        self._compare()
        optimizer = self.model.optimizer
        if e._follows("invscaling"):
            optimizer.learning_rate = e.learning_rate_init / (e.t_ + 1) ** e.power_t
        if e._no_improvement_count > e.n_iter_no_change:
            self._stop_or_slow_down()

    def _compare(self) -> None:
        e = self.estimator
        if self.early_stopping:
            score = e.validation_scores_[-1]
            worse = score < e.best_validation_score_ + e.tol
            if score > e.best_validation_score_:
                e.best_validation_score_ = score
                parameters = self.model.parameters
                e._best_weights = parameters.values.copy(), parameters.state.copy()
        else:
            worse = e.loss_ > e.best_loss_ - e.tol
            e.best_loss_ = min(e.best_loss_, e.loss_)
        e._no_improvement_count = e._no_improvement_count + 1 if worse else 0

    def _stop_or_slow_down(self) -> None:
        e, optimizer = self.estimator, self.model.optimizer
        what = "validation score" if self.early_stopping else "training loss"
        why = f"The {what} did not improve by tol={e.tol:g} in {e.n_iter_no_change} epochs"
        rate = optimizer.current_learning_rate
        if e._follows("adaptive") and rate > 1e-6:
            optimizer.learning_rate = rate / 5.0
            e._no_improvement_count = 0
            if e.verbose:
                print(f"{why}: the learning rate is now {rate / 5.0:g}.")
            return
        self.converged = True
        self.run.stop(why)
        if e.verbose:
            print(f"{why}: stopping.")
