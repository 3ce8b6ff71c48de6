"""Sequential: describe a network, train it, judge it, keep it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet import metrics as metric_table
from glassnet import optimizers
from glassnet._core.settings import whole_number
from glassnet._core.storage import PathLike
from glassnet.callbacks import Callback
from glassnet.data.arrays import check_finite
from glassnet.data.batches import ArrayBatches, BatchSource, IterableBatches, Preprocessed
from glassnet.data.dataset import Dataset
from glassnet.errors import ConfigError, DataError, NotBuiltError
from glassnet.layers import Layer
from glassnet.metrics import Metric
from glassnet.model import fitting, judging, samples, saving, summary
from glassnet.model.compiled import CompiledOutputs, CompiledStack
from glassnet.model.lock import Turn
from glassnet.model.network import Network
from glassnet.model.objective import Objective, objective_for
from glassnet.optimizers.base import Optimizer
from glassnet.training.history import History
from glassnet.training.loop import Run
from glassnet.training.targets import Targets

Array = NDArray[Any]


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
        self.turn = Turn()  # one thread at a time at the layers
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
        for metric in measures:
            metric.cut_at(objective.given.threshold)
        self.optimizer, self.objective, self.metrics = chosen, objective, measures
        self._loss_spec = loss
        self.targets = None
        self.build_from_input()
        if self.built:
            self._prepare()

    @property
    def loss(self) -> Any:
        """The loss that was chosen."""
        return self.need_compiled().given

    @property
    def classes(self) -> Array | None:
        """The labels, in the order of the outputs; None until seen, or for regression."""
        return self._classes if self.targets is None else self.targets.classes

    @classes.setter
    def classes(self, labels: ArrayLike | None) -> None:
        self._classes = None if labels is None else np.asarray(labels)
        if self.targets is not None:
            self.targets.classes = self._classes

    def need_compiled(self) -> Objective:
        """What is minimised.

        Raises:
            NotBuiltError: nothing yet: compile comes first.
        """
        if self.objective is None:
            raise NotBuiltError(
                f"{self.name} is not compiled: call compile(optimizer, loss) first."
            )
        return self.objective

    def _prepare(self) -> None:
        """What can only be made once the shapes are known."""
        self.refreeze()
        parameters = self.parameters
        self.optimizer.initialize(parameters.size, self.dtype, list(parameters.slices.values()))
        self.targets = Targets(self.need_compiled().given, self.outputs, self.dtype, self._classes)

    def ready(self, input_shape: tuple[int, ...]) -> Targets:
        """Built, for samples of this shape if it was not yet: how its y is read."""
        self.need_compiled()
        if not self.built:
            self.build(input_shape)
        if self.targets is None:
            self._prepare()
        assert self.targets is not None
        return self.targets

    def encode_targets(self, y: ArrayLike) -> Array:
        """``y`` as the loss reads it: class numbers, or values of the output's shape."""
        self.need_built("encode_targets")
        return self.ready(()).encode(y)

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
            validation_data: (x, y) or (x, y, sample_weight) to validate on instead.
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
        self.need_compiled()
        if isinstance(epochs, bool) or not isinstance(epochs, (int, np.integer)) or epochs < 1:
            raise ConfigError(f"epochs must be a whole number of at least 1, got {epochs!r}.")
        rows = whole_number("fit", "batch_size", batch_size)
        first = whole_number("fit", "initial_epoch", initial_epoch, minimum=0)
        source: BatchSource
        learned = held = None
        if y is None and not isinstance(x, (Dataset, np.ndarray)):
            if validation_split or evaluate_training:
                raise ConfigError(
                    "validation_split and evaluate_training need arrays: pass validation_data."
                )
            if class_weight or sample_weight is not None:
                raise ConfigError("with batches, give weights as (x, y, sample_weight).")
            source = x if isinstance(x, BatchSource) else IterableBatches(x)
            if isinstance(source, Preprocessed):
                self.preprocessing = source.preprocessing
        else:
            if validation_split and validation_data is not None:
                raise ConfigError("fit: give validation_split or validation_data, not both.")
            learned, held = samples.to_learn_from(
                self, x, y, sample_weight, class_weight, validation_split
            )
            source = ArrayBatches(*learned, batch_size=rows, shuffle=shuffle)
        held = held or samples.to_validate_by(self, validation_data)
        judged = {"train_": learned if evaluate_training else None, "val_": held}
        return fitting.fit(
            self, source, learned, {k: v for k, v in judged.items() if v is not None},
            epochs=int(epochs), initial_epoch=first, batch_size=rows, verbose=verbose,
            callbacks=callbacks, resume_from=resume_from,
        )  # fmt: skip

    @contextlib.contextmanager
    def compiled_steps(self) -> Iterator[None]:
        """While it lasts, steps of a small stack of dense layers are one compiled call each."""
        self._stack = CompiledStack.of(self, self.need_compiled()) if self.built else None
        try:
            yield
        finally:
            self._read = self._stack = None

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
        batch = samples.of_a_batch(self, x, y, sample_weight)
        with self.turn:
            return self.train_step(*batch)

    def loss_and_gradient(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        training: bool = False,
    ) -> tuple[float, Array]:
        """The loss L of a batch, penalties included, and dL/dparameters as one flat vector."""
        batch = samples.of_a_batch(self, x, y, sample_weight)
        with self.turn:
            loss = self._loss_and_gradient(*batch, training)
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
        objective = self.need_compiled()
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
        assert self._read is not None
        outputs = self.outputs_from(self._read)
        for metric in self.metrics:
            metric.update(y, outputs, sample_weight)

    def outputs_from(self, read: Array) -> Array:
        """The network's output from what the loss read."""
        if not self.need_compiled().fused:
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
        batch_size: int = judging.ROWS,
    ) -> dict[str, float]:
        """The loss and the metrics on (x, y), by name.

        The same loss that ``fit`` minimises, penalties included, with dropout off and batch
        normalization by its running values.
        """
        self.need_compiled()
        self.need_built("evaluate")
        if isinstance(x, Dataset):
            x, y = x.x, x.y
        samples.refuse_raw(self, x)
        if y is None:
            raise DataError("evaluate needs y: the label or value of each sample.")
        judged = samples.to_judge_by(self, x, y, sample_weight)
        rows = whole_number("evaluate", "batch_size", batch_size)
        with self.turn:
            return judging.measure(self, judged, rows)

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
            samples.refuse_raw(self, x)
        inputs = self.take_input(x, check=False)
        lock = self.turn.lock
        if not lock.acquire(blocking=False):  # ``with self.turn`` takes 0.4 µs more, of 4
            self.turn.wait()
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
        return judging.answers(self, inputs, batch_size or judging.ROWS)

    def predict_classes(self, x: ArrayLike, batch_size: int | None = None) -> Array:
        """The most likely label of each sample, in the form in which y gave them."""
        outputs = self.predict(x, batch_size)
        if self.targets is None:
            numbers: Array = outputs.argmax(axis=-1)
            if outputs.shape[-1] == 1:
                threshold = 0.5 if self.objective is None else self.objective.given.threshold
                numbers = (outputs[:, 0] > threshold).astype(np.int64)
            return numbers if self._classes is None else np.asarray(self._classes[numbers])
        return self.targets.decode(outputs)

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
