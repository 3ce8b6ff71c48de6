"""A network that learns: its loss, its optimizer, and the step that changes its weights."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from glassnet import losses, optimizers
from glassnet import metrics as metric_table
from glassnet._core import custom
from glassnet._core.attributes import set_directly
from glassnet._core.habits import LEARNING_RATE
from glassnet._core.lock import ModelLock
from glassnet._core.settings import refuse_unknown
from glassnet._core.team import cores_to_ourselves
from glassnet._core.types import Array
from glassnet.diagnosis.examiner import examined
from glassnet.errors import ConfigError, NotBuiltError
from glassnet.layers import Layer
from glassnet.losses.objective import Objective, objective_for
from glassnet.metrics import Metric
from glassnet.model.blocked import FEWEST, BlockedStack
from glassnet.model.compiled import CompiledStack
from glassnet.model.network import Network
from glassnet.optimizers.base import Optimizer
from glassnet.training.targets import Targets

MetricSpec = str | Mapping[str, Any] | Metric | Callable[[Any, Any], Any]


class Trainable(Network):
    """A network with a loss to minimise and an optimizer that does it, step by step.

    What comes in is checked and encoded already; :class:`~glassnet.model.Sequential` takes
    the user's own data.

    Attributes:
        optimizer, metrics: as chosen by :meth:`compile`.
        objective: the loss as it is computed; None before ``compile``.
        targets: how y is read; None until compiled and built.
        preprocessing: what was learned from a table or of images, to predict from raw rows, or
            from files.
        started_from: of a network that began with layers of another, which and whose, in words.
        stop_training: set it to True, in a callback or from another thread, and ``fit`` ends
            after the batch under way, as in Keras.
        lock: one thread at a time at the layers.
    """

    kind: ClassVar[str] = "sequential"  # the name of the class in saved files

    optimizer: Optimizer

    _fixed: ClassVar[Mapping[str, str]] = {
        "lock": "threads wait at it",
        "objective": "set loss",
        "targets": "it follows from the loss; set classes",
    }

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        custom.state_name(cls, "model", "kind")

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
        self.preprocessing: Any = None
        self.started_from: str | None = None
        self.stop_training = False
        self.lock = ModelLock()
        self._classes: Array | None = None
        self._read: Array | None = None  # what the loss read in the last step
        self._compiling = False  # whether the next step may make the compiled stack
        self._joining = False  # whether steps go through joined layers
        self._stack: CompiledStack | None = None  # while steps are compiled, if there is one
        self._blocks: BlockedStack | None = None  # the same for larger products
        self._cores = contextlib.ExitStack()  # what keeps BLAS to one thread meanwhile
        self._restraining: Sequence[Layer] = self.layers  # in a step: those that may have a penalty

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {
            "_stack": None,  # work arrays
            "_blocks": None,
            "_cores": contextlib.ExitStack(),
        }

    @property
    def table(self) -> Any:
        """How the columns of a table became features; None: it did not learn from a table."""
        known = self.preprocessing
        return known if getattr(known, "of", None) == "table" else None

    def takes_raw(self, x: Any) -> bool:
        """Whether ``x`` are raw rows or files, and the network knows what became of such."""
        return self.preprocessing is not None and bool(self.preprocessing.takes(x))

    def compile(
        self,
        optimizer: str | dict[str, Any] | Optimizer = "adam",
        loss: Any = None,
        metrics: MetricSpec | Sequence[MetricSpec] | None = (),
        **unknown: Any,
    ) -> None:
        """Choose how to learn.

        Args:
            optimizer: a name, a config or an optimizer.
            loss: a name, a config, a loss or a function of (y_true, y_pred).
            metrics: what to measure beside the loss, in the same ways.

        Raises:
            UnknownNameError: a name that is not known; says the closest one.
            ConfigError: a loss that does not fit the last activation, or a step activation.
        """
        refuse_unknown("compile", unknown, ("optimizer", "loss", "metrics"))
        if not self.layers:
            raise ConfigError("the network has no layers: Sequential([layers.Dense(10), …]).")
        if loss is None:
            raise ConfigError(
                "compile needs a loss: 'sparse_categorical_crossentropy' for classes, "
                "'binary_crossentropy' for yes or no, 'mean_squared_error' for values."
            )
        objective = self._objective(loss)
        chosen = optimizers.get(optimizer)
        measures = _metrics(metrics or (), objective)
        self.optimizer, self.objective, self.metrics = chosen, objective, measures
        self.targets = None
        self._stack, self._compiling = None, False
        self.build_from_input()
        if self.built:
            self.prepare()

    def _objective(self, spec: Any) -> Objective:
        """The loss of a name, config or loss, as it is computed on this network."""
        loss = losses.get(spec)
        for layer in self.all_layers():
            f = layer.function
            if f is not None and not f.trainable:
                raise ConfigError(
                    f"{layer.title}: a network with the activation {f.name!r} cannot learn by "
                    "gradient descent: its derivative is 0 everywhere, so no gradient passes. Use "
                    "'sigmoid' or 'relu', or glassnet.Perceptron, which has a rule of its own."
                )
            if f is not None and not f.elementwise and layer.width == 1:
                raise ConfigError(
                    f"{layer.title}: {f.name} over a single output is always the same, whatever "
                    "comes in, so nothing could be learned. For yes or no use 'sigmoid' with "
                    "'binary_crossentropy'; for classes, one output for each."
                )
        fuse = self.output_activation() is not None
        return objective_for(loss, self.output_function(), fuse)

    @property
    def loss(self) -> Any:
        """The loss that was chosen."""
        return self.need_compiled().given

    @loss.setter
    def loss(self, loss: Any) -> None:
        self.need_compiled()
        self.objective = self._objective(loss)
        for metric in self.metrics:
            metric.cut_at(self.objective.given.threshold)
        self._stack = None
        if self.targets is not None:
            self.targets = Targets(self.loss, self.outputs, self.dtype, self.classes)

    def _set_optimizer(self, optimizer: str | dict[str, Any] | Optimizer) -> None:
        self.need_compiled()
        self.__dict__["optimizer"] = optimizers.get(optimizer)
        if self.targets is not None:
            self.prepare()

    def _set_metrics(self, metrics: Any) -> None:
        self.__dict__["metrics"] = _metrics(metrics, self.need_compiled())

    def _set_stop_training(self, stop: bool) -> None:
        self.__dict__["stop_training"] = bool(stop)

    def _layers_changed(self) -> None:
        super()._layers_changed()
        if self.objective is not None:
            self.objective = self._objective(self.objective.given)
        self._compiling = self._compiling or self._stack is not None
        self._stack = None
        if self._joining:
            self._restraining = self._restraints()

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

    def prepare(self) -> None:
        """Make what can only be made once the shapes are known: optimizer state and targets."""
        self.objective = self._objective(self.need_compiled().given)  # of the layers as set
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
            self.prepare()
        assert self.targets is not None
        return self.targets

    def encode_targets(self, y: ArrayLike) -> Array:
        """``y`` as the loss reads it: class numbers, or values of the output's shape."""
        self.need_built("encode_targets")
        return self.ready(()).encode(y)

    def _restraints(self) -> list[Layer]:
        """The layers with a penalty or a constraint."""
        return [layer for layer in self.layers if layer.restrains]

    def numbers_of_step(self) -> tuple[int, int]:
        """The numbers that a step keeps for one sample, and those that it keeps anyway.

        Anyway: weights, gradients and what an optimizer keeps; and the samples that the diagnosis
        looks at: what other layers in one pass save is there again for those, and all of it where
        steps go by blocks.
        """
        each, apart = self.joined.numbers_kept(), self.examined.numbers_kept()
        copy, parameters = prod(self.input_shape or ()), self.parameters.size  # of the batch
        looked_at = examined(self.layers, parameters)
        if all(layer.runs_compiled for layer in self.layers if layer.multiplications()):
            return each + copy, 5 * parameters + looked_at * (apart + copy)  # Wᵀ is one more
        return each + copy, 4 * parameters + looked_at * max(0, apart - each + copy)

    def need_room(self, rows: int, called: str = "fit") -> None:
        """Before the first step on ``rows`` samples at once.

        Raises:
            OutOfMemoryError: they do not fit; it says how many do, and which layer is the largest.
        """
        self.need_memory(rows, called, *self.numbers_of_step())

    # ---- one step ----------------------------------------------------------------------

    @contextlib.contextmanager
    def compiled_steps(self) -> Iterator[None]:
        """While it lasts, steps take the fast ways.

        A small stack of dense layers is one compiled call, a convolution and its pooling one pass.
        """
        self._compiling = self._joining = True
        self._restraining = self._restraints()
        try:
            with contextlib.ExitStack() as self._cores:
                if self.over_images:
                    self._cores.enter_context(cores_to_ourselves())
                yield
        finally:
            if self._blocks is not None:
                self._blocks.close()
            self._compiling, self._read, self._stack, self._blocks = False, None, None, None
            self._joining, self._restraining = False, self.layers

    def train_step(self, x: Array, y: Array, sample_weight: Array | None = None) -> float:
        """One update on a batch that is checked and encoded; returns the loss before it."""
        loss = self._loss_and_gradient(x, y, sample_weight, training=True)
        self.update()
        return loss

    def update(self) -> None:
        """One step of the optimizer by ``parameters.gradients``, and what the layers demand."""
        parameters = self.parameters
        if self._blocks is None or not self._blocks.update(self.optimizer, parameters):
            self.optimizer.step(parameters.values, parameters.gradients, parameters.runs)
        for layer in self._restraining:
            layer.constrain()

    def _loss_and_gradient(
        self, x: Array, y: Array, sample_weight: Array | None, training: bool
    ) -> float:
        """L with its penalties; dL/dparameters is in ``parameters.gradients``."""
        return self.with_penalties(self.data_loss(x, y, sample_weight, training))

    def data_loss(
        self, x: Array, y: Array, sample_weight: Array | None, training: bool = True
    ) -> float:
        """L without its penalties, and its gradient."""
        if self._compiling:
            self._stack, self._compiling = CompiledStack.of(self, self.need_compiled()), False
            self._blocks = None
        if self._stack is not None and self._stack.takes(x, y):
            loss = self._stack(x, y, sample_weight)
            set_directly(self, "_read", self._stack.read)
            return loss
        if self._stack is not None and len(x) >= FEWEST:
            if self._blocks is None:
                self._blocks = BlockedStack.of(self._stack, self.optimizer)
                if self._blocks is not None:
                    self._cores.enter_context(cores_to_ourselves())
            if self._blocks is not None and self._blocks.takes(x, y):
                loss = self._blocks(x, y, sample_weight)
                set_directly(self, "_read", self._blocks.read)
                return loss
        return self._through_the_layers(x, y, sample_weight, training)

    def penalty(self) -> float:
        """What the regularizers of its layers add to the loss now."""
        total = 0.0
        for layer in self._restraining:
            total += layer.penalty()
        return total

    def with_penalties(self, loss: float) -> float:
        """L and what the penalties add to it; their gradients are added."""
        for layer in self._restraining:
            loss += layer.penalty()
            if layer.trainable or not self._joining:  # else there may be none to add it to
                layer.add_penalty_gradient()
        return loss

    def _through_the_layers(
        self, x: Array, y: Array, sample_weight: Array | None, training: bool
    ) -> float:
        objective = self.need_compiled()
        passes = self.joined if self._joining else self._need_passes("train_step")
        if objective.fused:
            read = passes.forward_logits(x, training)  # z, and the loss contains f
        else:
            read = passes.forward(x, training)  # ŷ
        dy, losses, no_weights = self._loss_arrays(read)
        np.copyto(dy, read)
        weights = no_weights if sample_weight is None else sample_weight
        loss = objective.loss.run_(y, dy, weights, losses)  # L, and dL/dread in place of read
        set_directly(self, "_read", read)
        passes.backward(dy, objective.fused)
        return loss

    def _loss_arrays(self, read: Array) -> tuple[Array, Array, Array]:
        """What the loss writes: dL/dread and the losses of the samples; and an empty array."""
        work = self.layers[-1].work
        return (
            work.array("dL", read.shape, read.dtype),
            work.array("losses", read.shape[:1], read.dtype),
            work.array("none", (0,), read.dtype),
        )

    # ---- what was computed on the way --------------------------------------------------

    @property
    def read(self) -> Array | None:
        """What the loss read in the last step, in memory that is reused."""
        return self._read

    @read.setter
    def read(self, outputs: Array) -> None:
        set_directly(self, "_read", outputs)

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

    def shrinking(self) -> float:
        """The largest 2·λ of its penalties: an update takes the share η·2·λ off a weight."""
        return max(layer.shrinking() for layer in self.all_layers())

    def first_bad_layer(self, x: Array) -> str:
        """The first layer whose weights or output on ``x`` are not finite."""
        for layer in self.layers:
            kept = (*self.parameters.slices, *self.parameters.state_slices)
            mine = [n for n in kept if n.startswith(f"{layer.name}/")]
            bad = [n for n in mine if not np.isfinite(self.parameters.view(n)).all()]
            if bad:
                return f"{layer.title}: its {bad[0]} is not finite"
            with np.errstate(all="ignore"):
                x = layer.forward(x, False)
            if not np.isfinite(x).all():
                return f"{layer.title}: its output is not finite"
        return f"the loss {self.loss.name} itself, on finite outputs"


def _metrics(metrics: MetricSpec | Sequence[MetricSpec], objective: Objective) -> list[Metric]:
    """The metrics, cut where the loss cuts."""
    one = isinstance(metrics, (str, Mapping, Metric)) or callable(metrics)
    chosen = [metric_table.get(m) for m in ([metrics] if one else metrics)]  # type: ignore[arg-type,union-attr]
    for i, metric in enumerate(chosen):
        if metric.name in ("loss", LEARNING_RATE) or metric.name.startswith("val_"):
            raise ConfigError(
                f"compile: a metric is called {metric.name!r}, as the history calls something of "
                "its own. Call it otherwise: metric.name = '…'."
            )
        if metric.name in [other.name for other in chosen[:i]]:
            raise ConfigError(
                f"compile: two metrics are called {metric.name!r}, and the history keeps one "
                "number by a name. Call one of them otherwise: metric.name = '…'."
            )
        metric.cut_at(objective.given.threshold)
    return chosen
