"""The field of the racing optimizers: name, learning rate and number of steps of each."""

from __future__ import annotations

from typing import Any

from glassnet.lab.kinds import Field, is_real
from glassnet.optimizers import OPTIMIZERS

MOST_RACERS = 6
MOST_STEPS = 500
LOWEST_RATE, HIGHEST_RATE = 1e-6, 100.0

Racer = tuple[str, float, int]


class Racers(Field):
    """One to six optimizers, each ``(name, learning rate, steps)``."""

    kind = "racers"

    def check(self, value: Any) -> tuple[Racer, ...]:
        if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MOST_RACERS:
            raise self.refuse(value, f"a list of 1 to {MOST_RACERS} optimizers")
        checked = []
        for racer in value:
            if not isinstance(racer, (list, tuple)) or len(racer) != 3:
                raise self.refuse(racer, "[optimizer, learning rate, steps] for each")
            name, rate, steps = racer
            if name not in tuple(OPTIMIZERS):
                raise self.refuse(name, "an optimizer: " + ", ".join(OPTIMIZERS))
            if not is_real(rate) or not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise self.refuse(
                    rate, f"a learning rate, {LOWEST_RATE:g} to {HIGHEST_RATE:g}",
                    "problem.number", label="field.learning_rate",
                    low=LOWEST_RATE, high=HIGHEST_RATE,
                )  # fmt: skip
            if not is_real(steps) or not 0 <= steps <= MOST_STEPS or steps != int(steps):
                raise self.refuse(
                    steps, f"a whole number of steps, 0 to {MOST_STEPS}",
                    "problem.whole_number", label="descent.steps", low=0, high=MOST_STEPS,
                )  # fmt: skip
            checked.append((str(name), float(f"{rate:.6g}"), int(steps)))
        return tuple(checked)

    def to_text(self, value: tuple[Racer, ...]) -> str:
        """``sgd_0.95_30,adam_0.3_30``"""
        return ",".join(f"{name}_{rate:.6g}_{steps}" for name, rate, steps in value)

    def from_text(self, text: str) -> tuple[Racer, ...]:
        racers = []
        for part in text.split(","):
            name, _, rest = part.partition("_")
            rate, _, steps = rest.partition("_")
            try:
                racers.append((name, float(rate[:20]), int(steps[:6])))
            except ValueError:
                raise self.refuse(part, "as in sgd_0.95_30") from None
        return self.check(racers)

    def describe(self) -> dict[str, Any]:
        return super().describe() | {
            "optimizers": list(OPTIMIZERS), "most": MOST_RACERS, "most_steps": MOST_STEPS,
            "rates": [LOWEST_RATE, HIGHEST_RATE],
        }  # fmt: skip
