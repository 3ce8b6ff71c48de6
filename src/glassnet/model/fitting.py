"""One call of ``fit``: the loop, with what is measured and watched beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from glassnet._core.storage import PathLike
from glassnet.callbacks import Callback
from glassnet.data.batches import BatchSource
from glassnet.diagnosis.callback import Diagnosing
from glassnet.errors import ConfigError
from glassnet.model import saving
from glassnet.model.judging import measure
from glassnet.model.samples import Samples
from glassnet.training.history import History
from glassnet.training.loop import Run, train
from glassnet.training.progress import Progress

if TYPE_CHECKING:
    from glassnet.model.sequential import Sequential

Array = NDArray[Any]


def fit(
    model: Sequential,
    source: BatchSource,
    learned: Samples | None,
    judged: dict[str, Samples],
    *,
    epochs: int,
    initial_epoch: int,
    batch_size: int,
    verbose: str | int,
    callbacks: Iterable[Callback] | Callback | None,
    resume_from: PathLike | None,
) -> History:
    """Train ``model`` on what ``source`` gives.

    Args:
        source: the batches.
        learned: what they are made from; None if they come from elsewhere and are not
            checked and encoded yet.
        judged: what to measure the loss and the metrics on after each epoch, by the
            beginning of the names that the numbers get.
    """
    turn = model.turn
    diagnosing = Diagnosing(*learned) if learned is not None else Diagnosing()

    def validate() -> dict[str, float]:
        found: dict[str, float] = {}
        for prefix, samples in judged.items():
            found |= {prefix + name: value for name, value in measure(model, samples).items()}
        return found

    def encode(batch: Any) -> tuple[Array, Array, Array | None]:
        if turn.waiting:
            turn.let_others_in()
        if learned is not None:
            return batch.x, batch.y, batch.sample_weight
        targets = model.ready(batch.x.shape[1:])
        encoded = model.take_input(batch.x), targets.encode(batch.y), batch.sample_weight
        diagnosing.see(*encoded)
        return encoded

    watching = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or [])
    for callback in watching:
        if not isinstance(callback, Callback):
            raise ConfigError(f"expected a callback, as in EarlyStopping(), got {callback!r}.")
    run = Run(
        epochs=epochs,
        epoch=initial_epoch,
        callbacks=[diagnosing, *watching, *Progress.when_wanted(verbose)],
        metrics=model.metrics,
        steps_per_epoch=source.steps_per_epoch,
        batch_size=batch_size if learned is not None else None,
        sample_count=source.n_samples,
    )
    for callback in run.callbacks:
        callback.model, callback.run = model, run
    if resume_from is not None:
        saving.resume(model, run, resume_from)
    # A loss that overflows is found by its value, and said in one error.
    quiet = np.errstate(over="ignore", invalid="ignore")
    with turn.fitting(model.name), model.reusing_memory(), model.compiled_steps(), quiet:
        return train(model, source, run, validate, encode)
