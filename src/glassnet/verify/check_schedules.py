"""Every schedule: the learning rate of 30 steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from glassnet import schedules
from glassnet.verify.bench import Bench
from glassnet.verify.measure import FORMULA, KERAS, PYTORCH

STEPS = 30
Rate = Callable[[int], float]


def _exponential(t: float) -> float:
    return 0.1 * math.exp(math.log(0.5) * t / 7)


def _cosine(t: int) -> float:
    """η·((1-α)·cos²(πt/2T) + α): the same half cosine by another identity."""
    return 0.1 * (0.8 * math.cos(math.pi * min(t, 20) / 40) ** 2 + 0.2)


def _warm_cosine(t: int) -> float:
    return 0.01 + 0.19 * t / 6 if t < 6 else 0.2 * math.cos(math.pi * min(t - 6, 15) / 30) ** 2


def _one_cycle(total: int, rise: float = 0.3, div: float = 25, final: float = 1e4) -> Rate:
    start, top, turn, last = 0.3 / div, 0.3, rise * total - 1, total - 1
    end = start / final

    def rate(t: int) -> float:
        if t <= turn:
            return start + (top - start) * math.sin(math.pi * t / turn / 2) ** 2
        share = min((t - turn) / (last - turn), 1)
        return top + (end - top) * math.sin(math.pi * share / 2) ** 2

    return rate


DECAY = {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}

# Name, settings, its formula, its name in Keras.
CASES: list[tuple[str, dict[str, Any], Rate, str]] = [
    ("constant", {"learning_rate": 0.1}, lambda t: 0.1, ""),
    ("step_decay", {"initial_learning_rate": 0.1, "step_size": 4, "factor": 0.3},
     lambda t: 0.1 * math.prod([0.3] * (t // 4)), ""),
    ("piecewise_constant_decay", {"boundaries": [5, 11], "values": [0.1, 0.05, 0.01]},
     lambda t: 0.1 if t <= 5 else 0.05 if t <= 11 else 0.01, "PiecewiseConstantDecay"),
    ("exponential_decay", DECAY, _exponential, "ExponentialDecay"),
    ("exponential_decay", {**DECAY, "staircase": True},
     lambda t: _exponential(t - t % 7), "ExponentialDecay"),
    ("inverse_time_decay", DECAY, lambda t: 0.1 * 14 / (14 + t), "InverseTimeDecay"),
    ("inverse_time_decay", {**DECAY, "staircase": True},
     lambda t: 0.1 * 2 / (2 + t // 7), "InverseTimeDecay"),
    ("cosine_decay", {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.2},
     _cosine, "CosineDecay"),
    ("cosine_decay", {"initial_learning_rate": 0.01, "decay_steps": 15, "warmup_target": 0.2,
                      "warmup_steps": 6}, _warm_cosine, "CosineDecay"),
    ("warmup", {"learning_rate": 0.2, "warmup_steps": 8, "start": 0.04},
     lambda t: min(0.04 + 0.02 * t, 0.2), ""),
    ("one_cycle", {"max_learning_rate": 0.3, "total_steps": 25}, _one_cycle(25), ""),
    ("one_cycle", {"max_learning_rate": 0.3, "total_steps": 13, "pct_start": 0.5,
                   "div_factor": 10.0, "final_div_factor": 5.0}, _one_cycle(13, 0.5, 10, 5), ""),
    ("one_cycle", {"max_learning_rate": 0.3, "total_steps": 20, "pct_start": 0.0},
     _one_cycle(20, 0.0), ""),
]  # fmt: skip

TITLES = {
    "staircase": "staircase", "warmup_target": "after warm-up", "div_factor": "settings",
    "pct_start": "only down",
}  # fmt: skip
TORCH: dict[str, Callable[..., Any]] = {
    "step_decay": lambda lr, o, initial_learning_rate, step_size, factor: lr.StepLR(
        o, step_size, factor
    ),
    "one_cycle": lambda lr, o, max_learning_rate, **settings: lr.OneCycleLR(
        o, max_learning_rate, cycle_momentum=False, **settings
    ),
}


def check(bench: Bench) -> None:
    """One subject for each schedule of the table."""
    known = {case[0] for case in CASES}
    for name in schedules.SCHEDULES:
        if name not in known:
            bench.unknown(name)
    for name, settings, formula, keras_name in CASES:
        words = [word for setting, word in TITLES.items() if setting in settings]
        title = " ".join([name, *words[:1]])
        with bench.on(title):
            schedule = schedules.get({"name": name, **settings})
            ours = [schedule(t) for t in range(STEPS)]
            bench.compare("rates", FORMULA, ours, [formula(t) for t in range(STEPS)], "step")
            if keras_name and KERAS in bench.peers:
                with bench.peer(KERAS) as keras:
                    their = getattr(keras.optimizers.schedules, keras_name)(**settings)
                    bench.compare("rates", KERAS, ours, [float(their(t)) for t in range(STEPS)])
            if name in TORCH and PYTORCH in bench.peers:
                with bench.peer(PYTORCH) as torch:
                    theirs = _torch_rates(torch, name, settings)
                    bench.compare("rates", PYTORCH, ours[: len(theirs)], theirs, "step")


def _torch_rates(torch: Any, name: str, settings: dict[str, Any]) -> list[float]:
    steps = min(STEPS, settings.get("total_steps", STEPS))
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = TORCH[name](torch.optim.lr_scheduler, optimizer, **settings)
    rates = []
    for step in range(steps):
        rates.append(float(schedule.get_last_lr()[0]))
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    return rates
