"""Sequential: describe a network, train it, judge it, keep it."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet import metrics as metric_table
from glassnet.data.arrays import check_arrays, check_finite, column_names, surely_finite
from glassnet.data.batches import ArrayBatches, BatchSource, IterableBatches, Preprocessed
from glassnet.data.dataset import Dataset
from glassnet.errors import ConfigError, DataError, NotBuiltError
from glassnet.layers import Layer
from glassnet.metrics import Metric
from glassnet.model import saving, summary
from glassnet.model.compiled import CompiledOutputs, CompiledStack
from glassnet.model.network import Network
from glassnet.model.objective import Objective, objective_for
from glassnet.model.turn import Turn
from glassnet.optim import optimizers
from glassnet.optim.base import Optimizer
from glassnet.settings import number, whole_number
from glassnet.storage import PathLike
from glassnet.training.callbacks import Callback
from glassnet.training.diagnosing import Diagnosing
from glassnet.training.history import History
from glassnet.training.loop import Run, train
from glassnet.training.progress import Progress
from glassnet.training.targets import Targets, sample_weights

Array = NDArray[Any]

PREDICT_ROWS = 1024  # rows of a chunk: enough for BLAS, small enough to stay in the cache


class Sequential(Network):
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

    optimizer: Optimizer

    def __init__(
        self,
        layers: Sequence[Layer] = (),
        seed: int | None = None,
        dtype: Any = "float32",
        name: str | None = None,
    ) -> None:
        super().__init__(layers, seed, dtype, name)
        self.objective: Objective | None = None
        self.metrics: list[Metric] = []
        self.targets: Targets | None = None
        self.preprocessing: Any = None  # what was learned from a table, to predict from raw rows
        self._loss_spec: Any = None
        self._classes: Array | None = None
        self._turn = Turn()  # one thread at a time at the layers
        self._read: Array | None = None  # what the loss read in the last step
        self._stack: CompiledStack | None = None  # while fit goes on, if there is one
        self._few: CompiledOutputs | None = None  # for predictions, made by the first

    # ---- describing --------------------------------------------------------------------

    def compile(
        self,
        optimizer: str | dict[str, Any] | Optimizer = "adam",
        loss: Any = None,
        metrics: str | Metric | Sequence[str | dict[str, Any] | Metric] = (),
    ) -> None:
        """Choose how to learn.

        Args:
            optimizer: a name, a config or an optimizer.
            loss: a name, a config or a loss.
            metrics: what to measure beside the loss.

        Raises:
            UnknownNameError: a name that is not known; says the closest one.
            ConfigError: a loss that does not fit the last activation, or a step activation.
        """
        if not self.layers:
            raise ConfigError("the network has no layers: Sequential([layers.Dense(10), …]).")
        if loss is None:
            raise ConfigError(
                "compile needs a loss: 'sparse_categorical_crossentropy' for classes, "
                "'binary_crossentropy' for yes or no, 'mean_squared_error' for values."
            )
        objective = objective_for(self, loss)
        chosen = optimizers.get(optimizer)
        named = [metrics] if isinstance(metrics, (str, Metric)) else metrics
        measures = [metric_table.get(metric) for metric in named]
        self.optimizer, self.objective, self.metrics = chosen, objective, measures
        self._loss_spec = loss
        self.targets = None
        self.build_from_input()
        if self.built:
            self._prepare()

    @property
    def loss(self) -> Any:
        """The loss that was chosen."""
        return self._objective().given

    @property
    def classes(self) -> Array | None:
        """The labels, in the order of the outputs; None until seen, or for regression."""
        return self._classes if self.targets is None else self.targets.classes

    @classes.setter
    def classes(self, labels: ArrayLike | None) -> None:
        self._classes = None if labels is None else np.asarray(labels)
        if self.targets is not None:
            self.targets.classes = self._classes

    def _objective(self) -> Objective:
        if self.objective is None:
            raise NotBuiltError(
                f"{self.name} is not compiled: call compile(optimizer, loss) first."
            )
        return self.objective

    def _prepare(self) -> None:
        """What can only be made once the shapes are known."""
        self.refreeze()
        parameters = self.parameters
        self.optimizer.initialize(
            parameters.size, self.dtype, list(parameters.slices.values())
        )
        self.targets = Targets(self._objective().given, self.outputs, self.dtype, self._classes)

    def _ready(self, input_shape: tuple[int, ...]) -> Targets:
        self._objective()
        if not self.built:
            self.build(input_shape)
        if self.targets is None:
            self._prepare()
        assert self.targets is not None
        return self.targets

    def encode_targets(self, y: ArrayLike) -> Array:
        """``y`` as the loss reads it: class numbers, or values of the output's shape."""
        self.need_built("encode_targets")
        return self._ready(()).encode(y)

    # ---- learning ----------------------------------------------------------------------

    def fit(
        self,
        x: Any,
        y: ArrayLike | None = None,
        *,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Iterable[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[Any, float] | None = None,
        sample_weight: ArrayLike | None = None,
        initial_epoch: int = 0,
        evaluate_training: bool = False,
        resume_from: PathLike | None = None,
    ) -> History:
        """Train.

        Args:
            x: samples (n, …), a data set of glassnet, or an iterable of batches (x, y).
            y: labels or values; integers, strings, booleans or one-hot rows.
            batch_size: samples for each update.
            epochs: how often to go through the data.
            verbose: "auto" shows progress on a terminal; 0 nothing; 1 a bar; 2 a line an epoch.
            callbacks: what to do beside it.
            validation_split: hold out this last share of the samples.
            validation_data: (x, y) or (x, y, sample_weight) to validate on.
            shuffle: a new order in each epoch, without replacement.
            class_weight: label → how much its samples count.
            sample_weight: (n,) how much each sample counts.
            initial_epoch: where the counting of epochs begins.
            evaluate_training: also measure the loss on the training set after each epoch.
            resume_from: a file of :class:`Checkpoint`: go on from there.

        Returns:
            The numbers of each epoch. ``loss`` is the mean over the batches, each measured
            before its update, as Keras does.

        Raises:
            DataError, LabelError, ShapeError: data that cannot be learned from.
            DivergedError: the loss became NaN; the model has its last good weights.
        """
        self._objective()
        if isinstance(epochs, bool) or not isinstance(epochs, (int, np.integer)) or epochs < 1:
            raise ConfigError(f"epochs must be a whole number of at least 1, got {epochs!r}.")
        rows = whole_number("fit", "batch_size", batch_size)
        first = whole_number("fit", "initial_epoch", initial_epoch, minimum=0)
        source: BatchSource
        arrays = None
        if y is None and not isinstance(x, (Dataset, np.ndarray)):
            if validation_split:
                raise ConfigError("validation_split needs arrays: pass validation_data.")
            if class_weight or sample_weight is not None:
                raise ConfigError("with batches, give weights as (x, y, sample_weight).")
            source = x if isinstance(x, BatchSource) else IterableBatches(x)
            if isinstance(source, Preprocessed):
                self.preprocessing = source.preprocessing
        else:
            x, y, held = self._arrays(x, y, sample_weight, class_weight, validation_split)
            weights = held.pop("weights")
            validation_data = held.pop("validation", validation_data)
            arrays = (x, y, weights)
            source = ArrayBatches(x, y, weights, batch_size=rows, shuffle=shuffle)
        return self._train(
            source, arrays, int(epochs), verbose, callbacks, validation_data, first,
            evaluate_training, resume_from, rows,
        )  # fmt: skip

    def _arrays(
        self,
        x: Any,
        y: Any,
        sample_weight: ArrayLike | None,
        class_weight: dict[Any, float] | None,
        validation_split: float,
    ) -> tuple[Array, Array, dict[str, Any]]:
        """Check and encode what fit was given, and hold out the last share."""
        if isinstance(x, Dataset):
            if y is not None:
                raise ConfigError("fit: the Dataset brings its own y; leave out the one beside it.")
            self.preprocessing = x.preprocessing or self.preprocessing
            x, y = x.x, x.y
        if y is None:
            raise DataError("fit needs y: the label or value of each sample.")
        checked_x, checked_y = check_arrays(x, y)
        targets = self._ready(checked_x.shape[1:])
        inputs = self.take_input(checked_x, check=False)
        encoded = self._comparable(targets.encode(checked_y, learn=True))
        weights = sample_weights(encoded, sample_weight, class_weight, targets)
        if weights is not None and not weights.any():
            raise DataError("every sample has the weight 0: there is nothing to learn from.")
        held: dict[str, Any] = {"weights": weights}
        if validation_split:
            share = number("fit", "validation_split", validation_split, above=0, below=1)
            cut = int(len(inputs) * (1 - share))
            if not 0 < cut < len(inputs):
                raise DataError(
                    f"validation_split {validation_split} of {len(inputs)} samples leaves one side "
                    "empty."
                )
            own = None if sample_weight is None else np.asarray(sample_weight)[cut:]
            held["validation"] = (checked_x[cut:], checked_y[cut:], own)
            inputs, encoded = inputs[:cut], encoded[:cut]
            held["weights"] = None if weights is None else weights[:cut]
        return inputs, encoded, held

    def _train(
        self,
        source: BatchSource,
        arrays: tuple[Array, Array, Array | None] | None,
        epochs: int,
        verbose: str | int,
        callbacks: Iterable[Callback] | Callback | None,
        validation_data: Any,
        initial_epoch: int,
        evaluate_training: bool,
        resume_from: PathLike | None,
        batch_size: int,
    ) -> History:
        judged = self._validation(validation_data)
        judge_training = arrays if evaluate_training else None
        if evaluate_training and arrays is None:
            raise ConfigError("evaluate_training needs arrays.")

        def validate() -> dict[str, float]:
            found: dict[str, float] = {}
            for prefix, data in (("train_", judge_training), ("val_", judged)):
                if data is not None:
                    found |= {prefix + k: v for k, v in self._measure(*data).items()}
            return found

        diagnosing = Diagnosing(*arrays) if arrays is not None else Diagnosing()

        def encode(batch: Any) -> tuple[Array, Array, Array | None]:
            if self._turn.waiting:
                self._turn.let_others_in()
            if arrays is not None:
                return batch.x, batch.y, batch.sample_weight
            targets = self._ready(batch.x.shape[1:])
            encoded = self.take_input(batch.x), targets.encode(batch.y), batch.sample_weight
            diagnosing.see(*encoded)
            return encoded

        watching = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or [])
        for callback in watching:
            if not isinstance(callback, Callback):
                raise ConfigError(f"expected a callback, as in EarlyStopping(), got {callback!r}.")
        progress = Progress.when_wanted(verbose)
        run = Run(
            epochs=epochs,
            epoch=initial_epoch,
            callbacks=[diagnosing, *watching, *progress],
            metrics=self.metrics,
            steps_per_epoch=source.steps_per_epoch,
            batch_size=batch_size if arrays is not None else None,
            sample_count=source.n_samples,
        )
        for callback in run.callbacks:
            callback.model, callback.run = self, run
        if resume_from is not None:
            saving.resume(self, run, resume_from)
        # A loss that overflows is found by its value, and said in one error.
        quiet = np.errstate(over="ignore", invalid="ignore")
        with self._turn.fitting(self.name), self.reusing_memory(), quiet:
            self._stack = CompiledStack.of(self, self._objective()) if self.built else None
            try:
                return train(self, source, run, validate, encode)
            finally:
                self._read = self._stack = None

    def _validation(self, data: Any) -> tuple[Array, Array, Array | None] | None:
        if data is None:
            return None
        if isinstance(data, Dataset):
            data = (data.x, data.y)
        if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
            raise ConfigError("validation_data: expected (x, y) or (x, y, sample_weight).")
        x, y = check_arrays(data[0], data[1])
        targets = self._ready(x.shape[1:])
        encoded = self._comparable(targets.encode(y))
        weights = sample_weights(encoded, data[2] if len(data) == 3 else None, None, targets)
        return self.take_input(x, check=False), encoded, weights

    def _comparable(self, encoded: Array) -> Array:
        """``encoded``, if every metric can be measured on it.

        Raises:
            ConfigError: a metric that asks for classes, where y holds any numbers.
        """
        counting = [metric.name for metric in self.metrics if metric.of_classes]
        if counting and self.loss.target == "values" and encoded.shape[-1] == 1:
            others = encoded[~np.isin(encoded, (-1, 0, 1))]
            if others.size:
                raise ConfigError(
                    f"the metric {counting[0]!r} counts right answers, but y holds numbers such as "
                    f"{others[0]:g}. Measure 'mae' or 'r2', or use a loss for classes."
                )
        return encoded

    def train_step(self, x: Array, y: Array, sample_weight: Array | None = None) -> float:
        """One update on a batch that is checked and encoded; returns the loss before it."""
        loss = self._loss_and_gradient(x, y, sample_weight, training=True)
        parameters = self.parameters
        self.optimizer.step(parameters.values, parameters.gradients, parameters.runs)
        for layer in self.layers:
            layer.constrain()
        return loss

    def train_on_batch(
        self, x: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """One update on one batch; returns the loss before it."""
        checked_x, checked_y = check_arrays(x, y)
        targets = self._ready(checked_x.shape[1:])
        encoded = targets.encode(checked_y, learn=True, part=True)
        weights = sample_weights(encoded, sample_weight, None, targets)
        inputs = self.take_input(checked_x, check=False)
        with self._turn:
            return self.train_step(inputs, encoded, weights)

    def loss_and_gradient(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        training: bool = False,
    ) -> tuple[float, Array]:
        """The loss L of a batch, penalties included, and dL/dparameters as one flat vector."""
        checked_x, checked_y = check_arrays(x, y)
        targets = self._ready(checked_x.shape[1:])
        encoded = targets.encode(checked_y, learn=True, part=True)
        weights = sample_weights(encoded, sample_weight, None, targets)
        inputs = self.take_input(checked_x, check=False)
        with self._turn:
            loss = self._loss_and_gradient(inputs, encoded, weights, training)
            return loss, self.parameters.gradients.copy()

    def _loss_and_gradient(
        self, x: Array, y: Array, sample_weight: Array | None, training: bool
    ) -> float:
        if self._stack is not None and self._stack.takes(x, y):
            loss = self._stack(x, y, sample_weight)
            self._read = self._stack.read
        else:
            loss = self._through_the_layers(x, y, sample_weight, training)
        for layer in self.layers:
            loss += layer.penalty()
            layer.add_penalty_gradient()
        return loss

    def _through_the_layers(
        self, x: Array, y: Array, sample_weight: Array | None, training: bool
    ) -> float:
        objective = self._objective()
        if objective.fused:
            read = self.forward_logits(x, training)  # z, and the loss contains f
        else:
            read = self.forward(x, training)  # ŷ
        dy, losses, no_weights = self._loss_arrays(read)
        np.copyto(dy, read)
        weights = no_weights if sample_weight is None else sample_weight
        loss = objective.loss.run_(y, dy, weights, losses)  # L, and dL/dread in place of read
        self._read = read
        self.backward(dy, objective.fused)
        return loss

    def _loss_arrays(self, read: Array) -> tuple[Array, Array, Array]:
        """What the loss writes: dL/dread and the losses of the samples; and an empty array."""
        work = self.layers[-1].work
        return (
            work.array("dL", read.shape, read.dtype),
            work.array("losses", read.shape[:1], read.dtype),
            work.array("none", (0,), read.dtype),
        )

    def update_metrics(self, y: Array, sample_weight: Array | None) -> None:
        """Count the outputs of the last step in the metrics."""
        outputs = self._outputs(self._read)
        for metric in self.metrics:
            metric.update(y, outputs, sample_weight)

    def _outputs(self, read: Array | None) -> Array:
        """The network's output from what the loss read."""
        assert read is not None
        if not self._objective().fused:
            return read
        f = self.output_activation()
        assert f is not None
        outputs: Array = f.forward(read)
        return outputs

    def first_bad_layer(self, x: Array) -> str:
        """The first layer whose weights or output on ``x`` are not finite."""
        for layer in self.layers:
            mine = [n for n in self.parameters.names if n.startswith(f"{layer.name}/")]
            bad = [n for n in mine if not np.isfinite(self.parameters.view(n)).all()]
            if bad:
                return f"{layer.title}: its {bad[0]} is not finite"
            with np.errstate(all="ignore"):
                x = layer.forward(x, False)
            if not np.isfinite(x).all():
                return f"{layer.title}: its output is not finite"
        return f"the loss {self.loss.name} itself, on finite outputs"

    # ---- judging -----------------------------------------------------------------------

    def evaluate(
        self,
        x: Any,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        batch_size: int = PREDICT_ROWS,
    ) -> dict[str, float]:
        """The loss and the metrics on (x, y), by name.

        The same loss that ``fit`` minimises, penalties included, with dropout off and batch
        normalization by its running values.
        """
        self._objective()
        self.need_built("evaluate")
        if isinstance(x, Dataset):
            x, y = x.x, x.y
        self._refuse_raw(x)
        if y is None:
            raise DataError("evaluate needs y: the label or value of each sample.")
        data = self._validation((x, y, sample_weight))
        assert data is not None
        rows = whole_number("evaluate", "batch_size", batch_size)
        with self._turn:
            return self._measure(*data, batch_size=rows)

    def _refuse_raw(self, x: Any) -> None:
        """Raises DataError for a table with columns where the network sees what was made of them.

        Taken as it is, a table of numbers alone would give answers that look right.
        """
        if self.preprocessing is not None and column_names(x):
            raise DataError(
                "the network learned from the columns of a table, brought to numbers of one scale. "
                "Bring these to them as well: pass model.preprocessing.transform(x)."
            )

    def _measure(
        self, x: Array, y: Array, weights: Array | None, batch_size: int = PREDICT_ROWS
    ) -> dict[str, float]:
        objective = self._objective()
        measures = [copy.copy(metric) for metric in self.metrics]
        for metric in measures:
            metric.reset()
        total = 0.0
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            part, weight = y[rows], None if weights is None else weights[rows]
            read = self.forward_logits(x[rows]) if objective.fused else self.forward(x[rows])
            total += objective.loss(part, read, weight) * len(part)
            if measures:
                outputs = self._outputs(read)
                for metric in measures:
                    metric.update(part, outputs, weight)
        loss = total / len(x) + sum(layer.penalty() for layer in self.layers)
        return {"loss": loss, **{metric.name: float(metric.result()) for metric in measures}}

    # ---- predicting --------------------------------------------------------------------

    def predict(self, x: ArrayLike, batch_size: int | None = None) -> Array:
        """The network's output for each sample, (n, outputs).

        Raises:
            NotBuiltError: the network has no parameters yet.
            DataError, ShapeError: x is not what the network was built for.
        """
        self.need_built("predict")
        if batch_size is not None:
            batch_size = whole_number("predict", "batch_size", batch_size)
        if self.preprocessing is not None:
            self._refuse_raw(x)
        inputs = self.take_input(x, check=False)
        lock = self._turn.lock
        if not lock.acquire(blocking=False):  # ``with self._turn`` takes 0.4 µs more, of 4
            self._turn.wait()
        try:
            return self._predict(inputs, batch_size)
        finally:
            lock.release()

    def _predict(self, inputs: Array, batch_size: int | None) -> Array:
        if self._few is None or not self._few.holds():
            self._few = CompiledOutputs(self)
        if self._few.takes(inputs):
            check_finite(inputs, "x")
            return self._few(inputs, self.parameters.values)
        rows = PREDICT_ROWS if batch_size is None else batch_size
        if len(inputs) <= rows and not self.layers[-1].work.reuse:
            check_finite(inputs, "x")
            return self.forward(inputs)
        shape = self.layers[-1].output_shape
        assert shape is not None
        out = np.empty((len(inputs), *shape), self.dtype)
        checked = False
        for start in range(0, len(inputs), rows):
            # Each part is looked at just before it is used: the product then finds it in the
            # cache (10,000×784: 8.5 → 7.5 ms, of which the products take 6.8).
            part = inputs[start : start + rows]
            if not checked and not surely_finite(part):
                check_finite(inputs, "x")  # all of it: the error names rows from the beginning
                checked = True
            out[start : start + rows] = self.forward(part)
        return out

    def predict_classes(self, x: ArrayLike, batch_size: int | None = None) -> Array:
        """The most likely label of each sample, in the form in which y gave them."""
        outputs = self.predict(x, batch_size)
        if self.targets is None:
            numbers: Array = outputs.argmax(axis=-1)
            if outputs.shape[-1] == 1:
                numbers = (outputs[:, 0] > 0.5).astype(np.int64)
            return numbers if self._classes is None else np.asarray(self._classes[numbers])
        logits = getattr(self.loss, "from_logits", False) or self.loss.target == "signs"
        return self.targets.decode(outputs, threshold=0.0 if logits else 0.5)

    # ---- keeping -----------------------------------------------------------------------

    def summary(self) -> str:
        """Print the layers, their shapes and numbers of parameters, and the loss; return it."""
        text = summary.text(self)
        print(text)
        return text

    def save(self, path: PathLike) -> None:
        """Write the network, its weights, classes and preprocessing as one safetensors file."""
        saving.save(self, path)

    @classmethod
    def load(cls, path: PathLike) -> Sequential:
        """The model that ``save`` wrote.

        Raises:
            FileFormatError: truncated, foreign, or written by a newer version.
        """
        return saving.load(cls, path)

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
    def from_config(cls, config: dict[str, Any]) -> Sequential:
        """A new network, with new weights, from what ``get_config`` returned."""
        return saving.from_config(cls, config)

    def copy(self, dtype: Any = None) -> Sequential:
        """The same network with the same weights in memory of its own, perhaps of another type."""
        return saving.duplicate(self, dtype)

    def __repr__(self) -> str:
        with contextlib.suppress(NotBuiltError):
            return f"Sequential({self.layers!r}, loss={self.loss.name!r})"
        return f"Sequential({self.layers!r})"

    def _repr_html_(self) -> str:
        return summary.html(self)
