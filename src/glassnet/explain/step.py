"""``explain_step``: records one training step of a copy of the model, and checks it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import number
from glassnet.data.arrays import check_arrays
from glassnet.errors import ConfigError, DataError, NotBuiltError
from glassnet.explain.checking import check_parameters, fill_inner
from glassnet.explain.collect import layer_step, optimizer_step
from glassnet.explain.collect_loss import loss_step
from glassnet.explain.explanation import StepExplanation
from glassnet.explain.mistakes import choose_mistakes
from glassnet.explain.probe import STEP, Probe
from glassnet.explain.recorder import StepRecorder
from glassnet.model import Sequential
from glassnet.training.targets import sample_weights

MAX_SAMPLES = 128
MAX_NUMBERS = 4_000_000  # in all arrays of all layers: about 100 MB as they are kept


def explain_step(
    model: Sequential,
    x: ArrayLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    check: bool = True,
    numerical_h: float = STEP,
    mistakes: Iterable[str] = (),
) -> StepExplanation:
    """Everything that ``model.train_on_batch(x, y)`` would do, as data; the model stays as it is.

    A copy of the model makes the step with the library's own layers, loss and optimizer,
    and what passes through is kept.

    Args:
        x, y: a small batch, as ``train_on_batch`` takes it.
        sample_weight: (n,) how much each sample counts.
        check: put the central difference of the loss beside the gradients.
        numerical_h: the step of the differences.
        mistakes: names out of ``glassnet.explain.MISTAKES`` to make in this step.

    Raises:
        NotBuiltError: the model is not built, or not compiled.
        DataError: too many samples (says how many to pass), or a network too large.
        ShapeError, LabelError: x or y is not what the model was built for.
        UnknownNameError: a mistake that is not in the table.
        ConfigError: a mistake that this network cannot make.

    >>> from glassnet import Sequential, layers
    >>> model = Sequential([layers.Dense(1)], seed=0, dtype="float64")
    >>> model.compile("sgd", "mean_squared_error")
    >>> model.build(2)
    >>> model.parameters.view("dense/W")[...] = [[2.0], [3.0]]
    >>> step = explain_step(model, [[1.0, -1.0]], [[0.0]])
    >>> step.value("dense", "z", (0, 0)).with_numbers
    'z₁ = 1·2 + (-1)·3 + 0 = -1'
    >>> step.value("dense", "dW", (0, 0)).with_numbers
    '∂L/∂w₁₁ = 1·(-2) = -2'
    """
    model = _usable(model)
    h = number("explain_step", "numerical_h", numerical_h, above=0.0)
    checked_x, checked_y = check_arrays(x, y)
    if len(checked_x) > MAX_SAMPLES:
        raise DataError(
            f"explain_step: {len(checked_x)} samples are too many to follow; at most {MAX_SAMPLES} "
            f"can be explained at once. Pass x[:{MAX_SAMPLES}], or a single sample x[:1]."
        )
    twin = model.copy()
    inputs = twin.take_input(checked_x, check=False)
    _refuse_large(twin, len(inputs))
    assert twin.targets is not None
    learn = len(np.unique(checked_y)) > 1  # of one label alone no classes can be learned
    encoded = twin.targets.encode(checked_y, learn=learn)
    weights = sample_weights(encoded, sample_weight, None, twin.targets)

    chosen = choose_mistakes(twin, mistakes, len(inputs))
    start = twin.copy()  # the model before the step that is shown
    with np.errstate(all="ignore"):  # a diverged network is explained as well
        for mistake in chosen.mistakes:
            start = mistake.prepare(start, inputs, encoded, weights)
        recorder = StepRecorder(twin, chosen)
        loss = twin.train_step(inputs, encoded, weights)
        recorder.finish_backward()
    dtype = "float32" if chosen.coarse_check else "float64"
    explanation = StepExplanation(
        model=model.name,
        dtype=model.dtype.name,
        samples=len(inputs),
        layers=tuple(layer_step(recorder, record) for record in recorder.records),
        loss=loss_step(recorder, loss, encoded, weights),
        optimizer=optimizer_step(start),
        mistakes=tuple(chosen.names),
        notes=tuple(chosen.notes),
        h=h,
        probe=Probe(start, inputs, encoded, weights, h, dtype),
        before=start,
    )
    return fill_inner(check_parameters(explanation)) if check else explanation


def _usable(model: Sequential) -> Sequential:
    if not isinstance(model, Sequential):
        raise ConfigError(f"explain_step: expected a Sequential, got {type(model).__name__}.")
    model.need_built("explain_step")
    if model.objective is None:
        raise NotBuiltError(
            f"{model.name} is not compiled: explain_step needs the loss and the optimizer. "
            "Call compile(optimizer, loss) first."
        )
    return model


def _refuse_large(model: Sequential, n: int) -> None:
    flowing = sum(int(np.prod(layer.output_shape or (0,))) for layer in model.all_layers())
    fixed = 6 * model.parameters.size
    if fixed + 5 * flowing * n <= MAX_NUMBERS:
        return
    fits = max((MAX_NUMBERS - fixed) // max(5 * flowing, 1), 0)
    way = (
        f"Pass at most {fits} samples."
        if fits
        else "Explain a smaller network of the same kind; the sums are the same."
    )
    raise DataError(
        f"explain_step: {model.name} with {model.parameters.size:,} parameters and {n} samples is "
        f"too large to keep every number. {way}"
    )
