"""The table of mistakes, and those that are switched on in one step."""

from __future__ import annotations

from collections.abc import Iterable

from glassnet._core.registry import lookup
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.explain.mistakes import around, gradients, kinds, loss
from glassnet.explain.mistakes.base import Mistake
from glassnet.explain.recorder import Hooks, Record, StepRecorder
from glassnet.model import Sequential

_ALL: tuple[type[Mistake], ...] = (
    around.StaleGradient, loss.SoftmaxTwice, loss.UnstableFormula, gradients.MeanOfBiasGradient,
    loss.PredictionOverwritten, loss.SumForMean, gradients.UpdateInBackward,
    around.Float32Differences, around.OldVelocity, gradients.LeftoverGradient,
    gradients.GradientOverwritten, kinds.FlippedKernel, kinds.Col2imOverwrites,
    kinds.PaddingWrongSide, kinds.BiasMeanOverPlaces, kinds.PoolGradientToAll,
    kinds.PoolingReshapedRows,
)  # fmt: skip

MISTAKES: dict[str, type[Mistake]] = {mistake.name: mistake for mistake in _ALL}


class ChosenMistakes(Hooks):
    """The mistakes of one step, all together."""

    def __init__(self, mistakes: list[Mistake], n: int) -> None:
        self.mistakes = mistakes
        self.names = [mistake.name for mistake in mistakes]
        self.notes = [f"mistake switched on: {m.title}. {m.why}" for m in mistakes]
        self.notes += [f"{m.title}: {m.remark(n)}." for m in mistakes if m.remark(n)]
        self.coarse_check = any(mistake.coarse_check for mistake in mistakes)

    def loss_gradient(self, recorder: StepRecorder, gradient: Array) -> Array:
        for mistake in self.mistakes:
            gradient = mistake.loss_gradient(recorder, gradient)
        return gradient

    def before_backward(self, recorder: StepRecorder) -> None:
        for mistake in self.mistakes:
            mistake.before_backward(recorder)

    def layer_gradients(self, recorder: StepRecorder, record: Record) -> None:
        for mistake in self.mistakes:
            mistake.layer_gradients(recorder, record)

    def passed_on(self, recorder: StepRecorder, record: Record, dx: Array) -> Array:
        for mistake in self.mistakes:
            dx = mistake.passed_on(recorder, record, dx)
        return dx

    def all_gradients(self, recorder: StepRecorder) -> None:
        for mistake in self.mistakes:
            mistake.all_gradients(recorder)

    def after_update(self, recorder: StepRecorder) -> None:
        for mistake in self.mistakes:
            mistake.after_update(recorder)


def choose_mistakes(model: Sequential, names: Iterable[str], n: int) -> ChosenMistakes:
    """The mistakes called ``names``.

    Raises:
        UnknownNameError: not in the table.
        ConfigError: this network cannot make it (says why).
    """
    names = [names] if isinstance(names, str) else list(names)
    chosen = {name: lookup("mistake", MISTAKES, name)() for name in names}
    for name, mistake in chosen.items():
        reason = mistake.refuse(model)
        if reason:
            raise ConfigError(f"the mistake {name!r} cannot be made here: {reason}.")
    return ChosenMistakes([chosen[name] for name in MISTAKES if name in chosen], n)
