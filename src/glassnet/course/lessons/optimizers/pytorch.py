"""The optimizers in PyTorch: its ε stands elsewhere, which is nothing beside these gradients."""

from collections.abc import Callable, Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial

STEPS = 8
SHAPES = {"W": (2, 3), "b": (3,)}


def _cases(rng: Any) -> Iterator[Case]:
    for _ in range(3):
        drawn = {key: rng.normal(size=shape) for key, shape in SHAPES.items()}
        steps = {}
        for key, shape in SHAPES.items():
            g = rng.normal(size=(STEPS, *shape))
            steps[key] = g + 0.3 * ((g > 0) * 2.0 - 1)
        yield drawn, steps


def _optimizer(part: str, name: str, *arguments: float, **settings: Any) -> Counterpart:
    def mine(t: Trial, params: dict[str, Any], steps: dict[str, Any]) -> tuple[Any, ...]:
        optimizer, params = t.new(*arguments), {key: w.copy() for key, w in params.items()}
        for i in range(STEPS):
            optimizer.update(params, {key: g[i] for key, g in steps.items()}, changes=(0,))
        return tuple(params.values())

    def theirs(params: dict[str, Any], steps: dict[str, Any]) -> tuple[Any, ...]:
        import torch

        make: Callable[..., Any] = getattr(torch.optim, name)
        optimizer = make([w.requires_grad_() for w in params.values()], **settings)
        for i in range(STEPS):
            for key, w in params.items():
                w.grad = steps[key][i].clone()
            optimizer.step()
        return tuple(params.values())

    answers = tuple(f"params[{key!r}]" for key in SHAPES)
    return Counterpart(part, answers, _cases, mine, theirs, tolerance=1e-5)


COUNTERPARTS = (
    _optimizer("Momentum", "SGD", 0.1, 0.8, lr=0.1, momentum=0.8),
    _optimizer("AdaGrad", "Adagrad", 0.1, lr=0.1, eps=0.0),
    _optimizer("RMSprop", "RMSprop", 0.01, 0.9, lr=0.01, alpha=0.9, eps=0.0),
    _optimizer("Adam", "Adam", 0.1, 0.9, 0.99, lr=0.1, betas=(0.9, 0.99), eps=0.0),
)
