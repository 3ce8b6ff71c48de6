"""Sequential: describe a network, train it, evaluate it, predict with it, save it."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from glassnet import distribute as distribute_
from glassnet._core import custom as kinds
from glassnet._core.settings import keywords_of, refuse_unknown, whole_number
from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.callbacks import Callback
from glassnet.callbacks.base import attach
from glassnet.callbacks.diagnosing import Diagnosing
from glassnet.callbacks.progress import Progress
from glassnet.data.arrays import check_finite
from glassnet.data.batches import ArrayBatches
from glassnet.data.dataset import Dataset
from glassnet.distribute.group import Group
from glassnet.errors import ConfigError, DataError, NotBuiltError
from glassnet.layers.base import listed
from glassnet.model import (
    evaluation,
    members,
    raw_rows,
    samples,
    saving,
    summary,
    together,
)  # fmt: skip
from glassnet.model.compiled import CompiledOutputs
from glassnet.model.customary import Customary
from glassnet.model.evaluation import EpochEvaluation, Evaluation
from glassnet.model.samples import EncodedBatches
from glassnet.training.history import History
from glassnet.training.loop import Training
from glassnet.training.run import Run


class Sequential(Customary):
    """A network of layers in a row, in the words that Keras users know.

    >>> from glassnet import data, layers
    >>> spiral = data.spiral(100, seed=0)
    >>> model = Sequential([layers.Dense(64, "relu"), layers.Dense(3, "softmax")], seed=0)
    >>> model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    >>> history = model.fit(spiral, epochs=2, verbose=0)
    >>> model.predict(spiral.x).shape
    (300, 3)

    Args:
        layers: in the order in which the data flows.
        seed: the same seed, data and machine give the same weights, bit for bit.
        dtype: "float32", or "float64" for checking gradients.
        name: as summaries show it.
    """

    _compiled_outputs: CompiledOutputs | None = None  # for predictions, made by the first

    # ---- training ----------------------------------------------------------------------

    def fit(
        self,
        x: Any,
        y: ArrayLike | None = None,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: str | int = "auto",
        *,
        callbacks: Iterable[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[Any, float] | str | None = None,
        sample_weight: ArrayLike | None = None,
        initial_epoch: int = 0,
        evaluate_training: bool = False,
        resume_from: PathLike | None = None,
        steps_per_epoch: int | None = None,
        distribute: str | Group | bool | None = None,
        shards: int | None = None,
        **unknown: Any,
    ) -> History:
        """Train.

        Args:
            x: samples (n, …), a data set of glassnet (its ``x_validation`` is validated on), or
                an iterable of batches (x, y), such as a DataLoader.
            y: labels or values; integers, strings, booleans or one-hot rows.
            batch_size: samples for each update.
            epochs: how often to go through the data.
            verbose: "auto": a bar on a terminal and in a notebook, some lines in a log file; 0
                nothing; 1 a bar; 2 a line an epoch.
            callbacks: what to do beside it.
            validation_split: hold out this last share of the samples.
            validation_data: (x, y) or (x, y, sample_weight) to validate on instead, a data set,
                or batches of such.
            shuffle: a new order in each epoch, without replacement.
            class_weight: label → how much its samples count; "balanced": all classes alike.
            sample_weight: (n,) how much each sample counts.
            initial_epoch: where the counting of epochs begins.
            evaluate_training: also measure the loss on the training set after each epoch.
            resume_from: a file of :class:`Checkpoint`, or the folder of a run: go on from there.
            steps_per_epoch: with batches that never end, how many an epoch has.
            distribute: "mpi": together with the other processes that ``mpiexec`` started, each of
                which calls ``fit`` with the same; None: as GLASSNET_DISTRIBUTE says, else alone.
            shards: in how many parts each batch is then cut, a multiple of the processes: 8, or
                the next. The same shards give the same bits on any number of processes, also on
                one without ``distribute``.

        Returns:
            The numbers of each epoch. ``loss`` is the mean over the batches, each measured
            before its update, as Keras does.

        Raises:
            DataError, LabelError, ShapeError: data that cannot be learned from.
            OutOfMemoryError: a batch that does not fit.
            DivergedError: the loss became NaN; the model has its last good weights.
            RankError: another process of the training failed.
        """
        refuse_unknown("fit", unknown, keywords_of(Sequential.fit))
        with distribute_.chosen(distribute, shards) as group:
            return self._fit(
                group, x, y, batch_size, epochs, verbose, callbacks, validation_split,
                validation_data, shuffle, class_weight, sample_weight, initial_epoch,
                evaluate_training, resume_from, steps_per_epoch,
            )  # fmt: skip

    def _fit(
        self, group: Group | None, x: Any, y: Any, batch_size: int, epochs: int,
        verbose: str | int, callbacks: Iterable[Callback] | Callback | None,
        validation_split: float, validation_data: Any, shuffle: bool,
        class_weight: dict[Any, float] | str | None, sample_weight: ArrayLike | None,
        initial_epoch: int, evaluate_training: bool, resume_from: PathLike | None,
        steps_per_epoch: int | None,
    ) -> History:  # fmt: skip
        """:meth:`fit`, by this process alone or by those of ``group``."""
        self.need_compiled()
        if isinstance(epochs, bool) or not isinstance(epochs, (int, np.integer)) or epochs < 1:
            raise ConfigError(f"epochs must be a whole number of at least 1, got {epochs!r}.")
        batch_size = whole_number("fit", "batch_size", batch_size)
        initial_epoch = whole_number("fit", "initial_epoch", initial_epoch, minimum=0)
        batches: ArrayBatches | EncodedBatches
        training = validation = None
        rows_of = None if group is None else group.rows_of
        if isinstance(x, Dataset):
            if validation_data is None and not validation_split:
                validation_data = x.validation
            if x.stream is not None and y is None:
                x = samples.streamed(self, x, batch_size, shuffle)
        if y is None and not isinstance(x, (Dataset, np.ndarray)):
            if validation_split or evaluate_training:
                raise ConfigError(
                    "validation_split and evaluate_training need arrays: pass validation_data."
                )
            if class_weight or sample_weight is not None:
                raise ConfigError("with batches, give weights as (x, y, sample_weight).")
            diagnosing = Diagnosing()
            batches = EncodedBatches(self, x, diagnosing.see, steps_per_epoch, rows_of)
        else:
            if steps_per_epoch is not None:
                raise ConfigError(
                    "steps_per_epoch is for batches that never end: with x and y an epoch is all "
                    "of the samples, in batches of batch_size."
                )
            if validation_split and validation_data is not None:
                raise ConfigError("fit: give validation_split or validation_data, not both.")
            training, validation = samples.for_training(
                self, x, y, sample_weight, class_weight, validation_split
            )
            self.need_room(min(batch_size, len(training.x)))
            diagnosing = Diagnosing(*training)
            batches = ArrayBatches(
                *training, batch_size=batch_size, shuffle=shuffle, rows_of=rows_of
            )
        validation = validation or samples.for_validation(self, validation_data)
        measured = {"train_": training if evaluate_training else None, "val_": validation}
        several = isinstance(callbacks, Iterable) and not isinstance(callbacks, (str, type))
        chosen: Iterable[Any] = callbacks if several else [callbacks]  # type: ignore[assignment]
        chosen = () if callbacks is None else chosen
        run = Run(
            epochs=int(epochs),
            epoch=initial_epoch,
            callbacks=[diagnosing, *chosen, *Progress.when_wanted(verbose)],
            metrics=self.metrics,
            steps_per_epoch=batches.steps_per_epoch,
            batch_size=batch_size if training is not None else None,
            sample_count=batches.n_samples,
        )
        attach(self, run)
        if resume_from is not None:
            together.resume(self, run, resume_from, group)
        if group is not None:
            read = {"data": training, "validation": validation}
            together.begin(self, run, group, read, {"shuffle": shuffle})
        on = {k: v for k, v in measured.items() if v is not None}
        evaluate = EpochEvaluation(self, on, group)
        with self.lock.fitting(self.name), self.reusing_memory(), self.compiled_steps():
            history = Training(self, batches, run, evaluate, group).finish()
        if validation is not None and self.preprocessing is not None:
            raw_rows.note_errors(self, self._predict(validation.x, None), validation.y)
        return history

    def train_on_batch(
        self, x: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """One update on one batch; returns the loss before it."""
        batch = samples.for_batch(self, x, y, sample_weight)
        with self.lock:
            return self.train_step(*batch)

    def loss_and_gradient(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        training: bool = False,
    ) -> tuple[float, Array]:
        """The loss L of a batch, penalties included, and dL/dparameters as one flat vector."""
        batch = samples.for_batch(self, x, y, sample_weight)
        with self.lock:
            loss = self._loss_and_gradient(*batch, training)
            return loss, self.parameters.gradients.copy()

    # ---- evaluating --------------------------------------------------------------------

    def evaluate(
        self,
        x: Any,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        return_dict: bool = False,
        **unknown: Any,
    ) -> Evaluation:
        """The loss and the metrics on (x, y), by name and in the order of Keras.

        The same loss that ``fit`` minimises, penalties included, with dropout off and batch
        normalization by its running values.

        Args:
            x: samples; a data set, of which the held-out part is judged if it has one (for the
                other: ``evaluate(data.x, data.y)``); an iterable of batches (x, y); or, for a
                network that learned from a table, raw rows, as of :meth:`predict`.
            y: labels or values; of raw rows as the table has them, or None where they have the
                target's column.
            batch_size: samples that go through at once; None: as many as fit well.
            verbose: 1 or 2 print the numbers; "auto" and 0 do not.
            return_dict: a plain dict, as Keras's.

        Returns:
            What can be read by name, ``result["loss"]``, and taken apart:
            ``loss, accuracy = model.evaluate(x, y)``.
        """
        refuse_unknown("evaluate", unknown, keywords_of(Sequential.evaluate))
        self.need_compiled()
        self.need_built("evaluate")
        raw = self.takes_raw(x)
        if y is None and sample_weight is None and not raw and not isinstance(x, np.ndarray):
            x, y, sample_weight = samples.gathered(x, "evaluate", DataError)
        if y is None and not raw:
            raise DataError("evaluate needs y: the label or value of each sample.")
        encoded = samples.for_evaluation(self, x, y, sample_weight)
        rows = None if batch_size is None else whole_number("evaluate", "batch_size", batch_size)
        with self.lock:
            measured = evaluation.evaluate(self, encoded, rows)
        if verbose in (1, 2):
            print("  ".join(f"{name} {value:.4f}" for name, value in measured.items()))
        return measured if not return_dict else dict(measured)  # type: ignore[return-value]

    # ---- predicting --------------------------------------------------------------------

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: str | int = 0, **unknown: Any
    ) -> Array:
        """The network's output for each sample, (n, outputs).

        Args:
            x: samples (n, …). For a network that learned from a table also raw rows, read as in
                training: a table of pandas, polars or pyarrow, a mapping of columns (or one
                row), a list of rows. The answer is then in the units of the table.
            batch_size: samples that go through at once; None: as many as fit well.
            verbose: for calls written for Keras: nothing is shown.

        Raises:
            NotBuiltError: the network has no parameters yet.
            DataError, ShapeError: x is not what the network was built for.
            OutOfMemoryError: so many at once do not fit.
        """
        if unknown:
            refuse_unknown("predict", unknown, keywords_of(Sequential.predict))
        self.need_built("predict")
        if batch_size is not None:
            batch_size = whole_number("predict", "batch_size", batch_size)
        raw = self.preprocessing is not None and self.takes_raw(x)
        inputs = self.take_input(raw_rows.features(self, x) if raw else x, check=False)
        lock = self.lock
        if not lock.acquire(blocking=False):  # ``with self.lock`` takes 0.4 µs more, of 4
            lock.wait()
        try:
            outputs = self._predict(inputs, batch_size)
        finally:
            lock.release()
        return raw_rows.in_units(self, outputs) if raw else outputs

    def _predict(self, inputs: Array, batch_size: int | None) -> Array:
        compiled = self._compiled_outputs
        if compiled is None or not compiled.holds():
            compiled = self._compiled_outputs = CompiledOutputs(self)
        if compiled.takes(inputs):
            check_finite(inputs, "x")
            return compiled(inputs, self.parameters.values)
        if batch_size is None and compiled.takes_many(inputs):
            return compiled.of_many(inputs, self.parameters.values)
        return evaluation.predictions(self, inputs, batch_size)

    def predict_classes(self, x: Any, batch_size: int | None = None) -> Array:
        """The most likely label of each sample, in the form in which y gave them.

        Of the raw rows of a table they are in the table's own words.
        """
        raw = self.takes_raw(x)
        outputs = self.predict(x, batch_size)
        if raw and self.preprocessing.target.task == "regression":
            return outputs[:, 0]
        if self.targets is not None and not raw:
            return self.targets.decode(outputs)
        numbers: Array = outputs.argmax(axis=-1)
        if outputs.shape[-1] == 1:
            threshold = 0.5 if self.objective is None else self.objective.given.threshold
            numbers = (outputs[:, 0] > threshold).astype(np.int64)
        if raw:
            words: Array = self.preprocessing.decode_target(numbers)
            return words
        return numbers if self._classes is None else np.asarray(self._classes[numbers])

    # ---- describing and saving ---------------------------------------------------------

    def summary(self) -> str:
        """Print the layers, their shapes and numbers of parameters, and the loss; return it."""
        text = summary.text(self._as_it_will_be())
        print(text)
        return text

    def save(self, path: PathLike) -> None:
        """Write the network, its weights, classes and preprocessing as one safetensors file."""
        saving.save(self, path)

    @classmethod
    def load(cls, path: PathLike, custom: Mapping[str, Any] | None = None) -> Self:
        """The model that ``save`` wrote.

        Args:
            path: its file, or the folder of a run: ``glassnet.load("runs/digits")``.
            custom: classes and functions of your own by the name that the file has for them,
                where they are not registered: ``{"mine": Mine}``.

        Raises:
            FileFormatError: truncated, foreign, written by a newer version, or with a kind of
                somebody's own that is not known here.
        """
        return saving.load(cls, path, custom)

    def load_weights(self, path: PathLike) -> None:
        """Take the weights of the same names and shapes from a safetensors file."""
        saving.load_weights(self, path)

    def save_checkpoint(self, path: PathLike, run: Run) -> None:
        """Write everything that a resumed run needs."""
        saving.save_checkpoint(self, path, run)

    def get_config(self) -> dict[str, Any]:
        """The network, how it learns, and what it knows of its data, as plain JSON."""
        return saving.config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom: Mapping[str, Any] | None = None) -> Self:
        """A new network, with new weights, from what ``get_config`` returned."""
        return saving.from_config(cls, config, custom)

    def copy(self, dtype: Any = None) -> Self:
        """The same network with the same weights in memory of its own, perhaps of another type."""
        return saving.duplicate(self, dtype)

    def member(self, number: int) -> Self:
        """Network ``number`` of its :class:`~glassnet.layers.Ensemble`, as a network of its own.

        What stands before and behind the ensemble belongs to it, and so do the loss, the labels
        and the preprocessing; the weights are copies.

        Raises:
            NotBuiltError: there are no weights yet.
            ConfigError: no ensemble, more than one, or no such member.
        """
        return members.member(self, number)

    def __repr__(self) -> str:
        """A line for each layer, if one line is not enough; ``summary()`` knows the shapes."""
        loss = ""
        with contextlib.suppress(NotBuiltError):
            loss = f", loss={self.loss.name!r}"
        return f"{type(self).__name__}({listed(self.layers)}{loss})"

    def _repr_html_(self) -> str:
        return summary.html(self._as_it_will_be())

    def _as_it_will_be(self) -> Self:
        """Itself; where its first layer says the shape of the data, a twin that is built."""
        if self.built or not self.layers or self.layers[0].declared_input_shape is None:
            return self
        twin = copy.deepcopy(self)
        twin.build_from_input()
        return twin


kinds.family("model", Sequential, {"sequential": Sequential}, attribute="kind")
