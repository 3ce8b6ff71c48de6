"""The mistakes that are switched on in one step, all together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import NDArray

from glassnet._core.registry import lookup
from glassnet.errors import ConfigError
from glassnet.explain.mistakes import MISTAKES, Mistake
from glassnet.explain.record import Hooks, Record, Watch
from glassnet.model import Sequential

Array = NDArray[Any]


class Applied(Hooks):
    """The mistakes of one step, all together."""

    def __init__(self, chosen: list[Mistake], n: int) -> None:
        self.chosen = chosen
        self.names = [mistake.name for mistake in chosen]
        self.notes = [f"mistake switched on: {m.title}. {m.why}" for m in chosen]
        self.notes += [f"{m.title}: {m.remark(n)}." for m in chosen if m.remark(n)]
        self.coarse_check = any(mistake.coarse_check for mistake in chosen)

    def loss_gradient(self, watch: Watch, gradient: Array) -> Array:
        for mistake in self.chosen:
            gradient = mistake.loss_gradient(watch, gradient)
        return gradient

    def before_backward(self, watch: Watch) -> None:
        for mistake in self.chosen:
            mistake.before_backward(watch)

    def layer_gradients(self, watch: Watch, record: Record) -> None:
        for mistake in self.chosen:
            mistake.layer_gradients(watch, record)

    def weights_for_dx(self, watch: Watch, record: Record) -> Array | None:
        found = [mistake.weights_for_dx(watch, record) for mistake in self.chosen]
        return next((W for W in found if W is not None), None)

    def residual_dx(self, record: Record, inside: Sequence[Record], dx: Array) -> Array:
        for mistake in self.chosen:
            dx = mistake.residual_dx(record, inside, dx)
        return dx

    def all_gradients(self, watch: Watch) -> None:
        for mistake in self.chosen:
            mistake.all_gradients(watch)

    def after_update(self, watch: Watch) -> None:
        for mistake in self.chosen:
            mistake.after_update(watch)


def choose_mistakes(model: Sequential, names: Iterable[str], n: int) -> Applied:
    """The mistakes called ``names``.

    Raises:
        UnknownNameError: not in the table.
        ConfigError: this network cannot make it (says why).
    """
    wanted = [names] if isinstance(names, str) else list(names)
    chosen = [lookup("mistake", MISTAKES, name)() for name in wanted]
    for mistake in chosen:
        reason = mistake.refuse(model)
        if reason:
            raise ConfigError(f"the mistake {mistake.name!r} cannot be made here: {reason}.")
    order = list(MISTAKES)
    return Applied(sorted(chosen, key=lambda m: order.index(m.name)), n)
