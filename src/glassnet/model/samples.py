"""The samples that a model is given, as it computes with them: checked, encoded, weighted."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.data.arrays import check_arrays
from glassnet.data.batches import Batch, BatchSource, IterableBatches, Preprocessed
from glassnet.data.dataset import Dataset
from glassnet.diagnosis.data import class_numbers
from glassnet.errors import ConfigError, DataError, GlassnetError
from glassnet.losses.objective import between
from glassnet.model import raw_rows
from glassnet.model.trainable import Trainable
from glassnet.training.targets import sample_weights


class Samples(NamedTuple):
    """x as the layers take it, y as the loss reads it, and how much each sample counts."""

    x: Array
    y: Array
    weights: Array | None


def for_training(
    model: Trainable,
    x: Any,
    y: Any,
    sample_weight: ArrayLike | None,
    class_weight: dict[Any, float] | str | None,
    validation_split: float,
) -> tuple[Samples, Samples | None]:
    """What ``fit`` learns from, and the last share, to validate on.

    The labels of all of them become the model's classes.

    Raises:
        DataError, LabelError, ShapeError: data that cannot be learned from.
    """
    if isinstance(x, Dataset):
        if y is not None:
            raise ConfigError("fit: the Dataset brings its own y; leave out the one beside it.")
        model.preprocessing = x.preprocessing or model.preprocessing
        x, y = x.x, x.y
    if model.takes_raw(x):
        x, y = raw_rows.with_answers(model, x, y)
    if y is None:
        raise DataError("fit needs y: the label or value of each sample.")
    x, y = check_arrays(x, y)
    targets = model.ready(x.shape[1:])
    _something_learns(model)
    inputs = model.take_input(x, check=False)
    encoded = _comparable(model, targets.encode(y, learn=True))
    _within_reach(model, encoded)
    weights = sample_weights(encoded, sample_weight, class_weight, targets)
    if weights is not None and not weights.any():
        raise DataError("every sample has the weight 0: there is nothing to learn from.")
    if not validation_split:
        return Samples(inputs, encoded, weights), None
    share = number("fit", "validation_split", validation_split, above=0, below=1)
    cut = int(len(inputs) * (1 - share))
    if not 0 < cut < len(inputs):
        raise DataError(
            f"validation_split {validation_split} of {len(inputs)} samples leaves one side empty."
        )
    # What a class counts for in training does not count in validation: the sample's own does.
    own = sample_weights(encoded, sample_weight, None, targets)
    training = Samples(inputs[:cut], encoded[:cut], None if weights is None else weights[:cut])
    validation = Samples(inputs[cut:], encoded[cut:], None if own is None else own[cut:])
    _warn_of_cut_off(model, training.y, validation.y, share)
    return training, validation


def streamed(model: Trainable, data: Dataset, batch_size: int, shuffle: bool) -> BatchSource:
    """The batches of a data set that does not fit into memory; its classes become the model's."""
    if data.n_classes is not None:
        model.classes = np.arange(data.n_classes)  # a batch does not tell all of them
    found: BatchSource = data.stream.of(batch_size, shuffle=shuffle)
    return found


class EncodedBatches:
    """Batches that come from elsewhere, each checked and encoded when it is drawn.

    The network is built for the samples of the first one, if it was not yet.

    Args:
        source: a source of batches, or an iterable of (x, y) or (x, y, sample_weight).
        see_first: is shown the first batch that is drawn.
        steps: how many batches an epoch has, of a source that goes on and on.
        rows_of: which rows of a batch of n are computed here, if others compute the rest: x has
            these alone.  A source with an attribute of that name reads no others.
    """

    def __init__(
        self,
        model: Trainable,
        source: Any,
        see_first: Callable[[Array, Array, Array | None], Any],
        steps: int | None = None,
        rows_of: Callable[[int], slice] | None = None,
    ) -> None:
        self.model = model
        known = isinstance(source, BatchSource)
        self.source = source if known and steps is None else IterableBatches(source, steps)
        self._rows_of = rows_of or slice
        self._reads_own = rows_of is not None and hasattr(self.source, "rows_of")
        self._see_first = see_first
        self._seen = False
        if isinstance(self.source, Preprocessed):
            model.preprocessing = self.source.preprocessing

    @property
    def n_samples(self) -> int | None:
        """The number of samples in an epoch, if known."""
        return self.source.n_samples

    @property
    def steps_per_epoch(self) -> int | None:
        """The number of batches in an epoch, if known."""
        return self.source.steps_per_epoch

    def epoch(self, rng: np.random.Generator, skip: int = 0) -> Iterator[Batch]:
        """The batches of one epoch, without the first ``skip``."""
        if not self._reads_own:
            return self._encoded(self.source.epoch(rng, skip))
        return self._of_own(self.source.epoch(rng, skip))

    def _of_own(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        source: Any = self.source
        source.rows_of = self._rows_of
        try:
            yield from self._encoded(batches)
        finally:
            source.rows_of = slice

    def _encoded(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        model, most = self.model, 0
        for batch in batches:
            targets = model.ready(batch.x.shape[1:])
            if len(batch.x) > most:
                most = len(batch.x)
                model.need_room(most)
            y, weight, mine = (
                targets.encode(batch.y),
                batch.sample_weight,
                self._rows_of(batch.size),
            )
            x = batch.x if self._reads_own else batch.x[mine]
            if len(x):
                x = model.take_input(x)
            if not self._seen:
                self._seen = True
                _something_learns(model)
                _within_reach(model, y)
            self._see_first(x, y[mine], None if weight is None else weight[mine])
            yield Batch(x, y, weight, len(y))


def for_evaluation(
    model: Trainable, x: Any, y: Any, sample_weight: ArrayLike | None = None
) -> Samples:
    """What ``evaluate`` and a validation measure on."""
    if model.takes_raw(x):
        x, y = raw_rows.with_answers(model, x, y)
    x, y = check_arrays(x, y)
    targets = model.ready(x.shape[1:])
    encoded = _comparable(model, targets.encode(y))
    weights = sample_weights(encoded, sample_weight, None, targets)
    return Samples(model.take_input(x, check=False), encoded, weights)


def for_validation(model: Trainable, data: Any) -> Samples | None:
    """``validation_data`` of ``fit``: a data set, (x, y) or (x, y, sample_weight)."""
    if data is None:
        return None
    return for_evaluation(model, *gathered(data, "validation_data", ConfigError))


def gathered(data: Any, what: str, error: type[GlassnetError]) -> tuple[Any, Any, Any]:
    """x, y and the weights or None, of a data set, of (x, y[, weights]), or of batches of such.

    Of a data set it is the part that was held out, if there is one: what a network is judged on.

    Raises:
        GlassnetError: ``error``, where it is none of these, or a generator, whose end nobody sees.
    """
    if isinstance(data, Dataset):
        if data.x_test is not None:
            return data.x_test, data.y_test, None
        return data.x, data.y, None
    batches = isinstance(data, list) and all(isinstance(b, (tuple, list)) for b in data)
    arrays = isinstance(data, (tuple, list)) and len(data) in (2, 3)
    if arrays and not (batches and all(isinstance(b, tuple) and len(b) in (2, 3) for b in data)):
        return data[0], data[1], data[2] if len(data) == 3 else None
    countable = isinstance(data, Iterable) and isinstance(data, Sized)
    if not isinstance(data, BatchSource) and (not countable or hasattr(data, "shape")):
        hint = " The end of a generator cannot be seen: pass list(generator)."
        raise error(
            f"{what}: expected (x, y) or (x, y, sample_weight), or batches of such, got "
            f"{type(data).__name__}.{hint if isinstance(data, Iterator) else ''}"
        )
    source = data if isinstance(data, BatchSource) else IterableBatches(data)
    parts = [
        (
            np.array(b.x),
            np.array(b.y),
            None if b.sample_weight is None else np.array(b.sample_weight),
        )
        for b in source.epoch(np.random.default_rng(0))
    ]
    x, y, weights = zip(*parts)
    own = None if weights[0] is None else np.concatenate(weights)
    return np.concatenate(x), np.concatenate(y), own


def for_batch(
    model: Trainable, x: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
) -> Samples:
    """One batch of more: it may hold some of the classes only."""
    if model.takes_raw(x):
        x, y = raw_rows.with_answers(model, x, y)
    checked_x, checked_y = check_arrays(x, y)
    targets = model.ready(checked_x.shape[1:])
    encoded = targets.encode(checked_y, learn=True, part=True)
    weights = sample_weights(encoded, sample_weight, None, targets)
    return Samples(model.take_input(checked_x, check=False), encoded, weights)


def _comparable(model: Trainable, encoded: Array) -> Array:
    """``encoded``, if every metric can be measured on it.

    Raises:
        ConfigError: a metric that asks for classes, where y holds any numbers.
    """
    counting = [metric.name for metric in model.metrics if metric.of_classes]
    if counting and model.loss.target == "values" and encoded.shape[-1] == 1:
        others = encoded[~np.isin(encoded, (-1, 0, 1))]
        if others.size:
            raise ConfigError(
                f"the metric {counting[0]!r} counts right answers, but y holds numbers such as "
                f"{others[0]:g}. Measure 'mae' or 'r2', or use a loss for classes."
            )
    return encoded


def _something_learns(model: Trainable) -> None:
    """Raises ConfigError where no weight would be changed."""
    if model.parameters.runs == []:
        why = (
            "every layer has trainable=False. Set layer.trainable = True of one"
            if model.parameters.size
            else "the network has no weights. Add a layer that has some, such as Dense"
        )
        raise ConfigError(f"fit: nothing would be learned: {why}.")


OUTSIDE = 0.1  # of the targets, which is more than a few strays


def _within_reach(model: Trainable, encoded: Array) -> None:
    """Raises DataError for values of which the last activation cannot give many.

    A few strays, as noise makes them, are borne.
    """
    f = model.output_function()
    if f is None or model.loss.target != "values":
        return
    low, high = f.reach
    room = 1e-3 * max(1.0, abs(low) if math.isfinite(low) else 1.0)
    outside = (encoded < low - room) | (encoded > high + room)
    share = float(outside.mean())
    if share > OUTSIDE:
        raise DataError(
            f"y holds {encoded[outside][0]:g}, and {share:.0%} of its values lie outside of what "
            f"the last activation {f.name!r} can give ({between(f)}): they could never be learned. "
            "Leave the activation of the last layer out, or bring y into that range."
        )


def _warn_of_cut_off(model: Trainable, training: Array, validation: Array, share: float) -> None:
    """Warns where ``validation_split`` takes all samples of a class."""
    seen, held = (class_numbers(model.loss, y) for y in (training, validation))
    if seen is None or held is None:
        return
    lost = np.setdiff1d(held, seen).tolist()
    if not lost:
        return
    labels = [k if model.classes is None else model.classes[k] for k in lost]
    named = ", ".join(map(str, labels[:5])) + (" …" if len(labels) > 5 else "")
    warnings.warn(
        f"validation_split={share:g} takes the last samples as they stand, and with them all of "
        f"the class{'es' if len(labels) > 1 else ''} {named}: training would never see one. Bring "
        "x and y into a random order first (order = numpy.random.permutation(len(x)); x, y = "
        "x[order], y[order]), or give validation_data.",
        stacklevel=4,
    )
