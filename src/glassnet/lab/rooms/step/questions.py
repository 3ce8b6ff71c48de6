"""What the room One step can be asked: the walk, one halt of it, and to try other numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from glassnet.explain import MISTAKES, Check, LayerStep, StepExplanation, Value
from glassnet.lab.protocol import Args, by_name
from glassnet.lab.rooms.step import explaining
from glassnet.lab.rooms.step.drawing import columns, find, input_names, lit
from glassnet.lab.rooms.step.explaining import Explained, explained
from glassnet.lab.rooms.step.walk import Place, Stop
from glassnet.lab.session.building import title
from glassnet.lab.session.state import Session

MOST_UPDATES = 40  # numbers of each parameter whose update is checked, spread over it
MOST_MADE_OF = 160  # numbers that a number was made of: 64 inputs, their weights, a bias


def trace(session: Session, args: Args) -> dict[str, Any]:
    """The walk as a whole: its stops, the drawing, and what the checks say."""
    found = explained(session)
    step = found.step
    return {
        "version": found.version,
        "total": len(session.trainer.x),
        "first": found.chosen.start,
        "samples": len(found.chosen),
        "shown": found.shown,
        "inputs": [
            {"name": name, "value": value, "column": i}
            for i, (name, value) in enumerate(
                zip(input_names(session), found.x[found.shown].tolist(), strict=True)
            )
        ],
        "edited": bool(session.room_state["step"]["edits"]),
        "target": _target(session, found),
        "loss": {"name": step.loss.display_name, "value": step.loss.value},
        "optimizer": {"name": step.optimizer.name, "step": step.optimizer.step,
                      "rate": step.optimizer.learning_rate},
        "layers": {layer.name: {"kind": layer.kind, "column": found.columns[layer.name],
                                "activation": layer.activation, "title": title(layer.name)}
                   for layer in step.layers},
        "stops": [[stop.phase, stop.layer, stop.unit] for stop in found.stops],
        "columns": list(columns(session, found)),
        "checks": [_check(step, check) for check in step.checks],
        "updates": _updates(step),
        "mistakes": [_mistake(session, name) for name in MISTAKES],
    }  # fmt: skip


def look(session: Session, args: Args) -> dict[str, Any]:
    """One stop: its numbers, and one of them (``row``) with its formula, chain and check."""
    found = explained(session)
    at = args.whole("at", 0, 100_000, 0)
    stop = found.stops[min(at, len(found.stops) - 1)]
    row = min(args.whole("row", 0, 10_000, 0), len(stop.numbers) - 1)
    values = [_value(found, place) for place in stop.numbers]
    focus = values[row].to_dict()
    made = [_made_of(session, found, stop, place) for place in values[row].inputs[:MOST_MADE_OF]]
    return {
        "version": found.version,
        "at": min(at, len(found.stops) - 1),
        "row": row,
        "numbers": [
            {"name": _name(found, stop, v), "layer": v.layer, "quantity": v.quantity,
             "meaning": v.meaning,
             "value": v.value, "numerical": v.numerical, "verdict": v.verdict}
            for v in values
        ],
        "focus": focus | {"set": _settable(session, found, stop.numbers[row])},
        "made": made,
        "made_more": max(0, len(values[row].inputs) - MOST_MADE_OF),
        "lit": lit(found, stop, (stop.numbers[row], *values[row].inputs)),
    }  # fmt: skip


def set_input(session: Session, args: Args) -> dict[str, Any]:
    """Another number in the place of an input of the sample; without ``value``: all back."""
    found = explained(session)
    if "value" not in args:
        explaining.edit(session, 0, 0, None)
    else:
        column = args.whole("column", 0, found.x.shape[1] - 1)
        value = args.number("value", -1000.0, 1000.0)
        explaining.edit(session, found.shown, column, value)
    return {}


def make_step(session: Session, args: Args) -> dict[str, Any]:
    """Make this step with the playground's network: the right one, without the mistakes."""
    found = explained(session)
    session.engine.pause()
    session.model.train_on_batch(found.x.astype(np.float32), found.y)
    session.trainer.touched()
    return {}


# ---- numbers ---------------------------------------------------------------------------------


def _value(found: Explained, place: Place) -> Value:
    layer, name, index = place
    return found.step.value(layer, name, index, sample=found.shown)


def _name(found: Explained, stop: Stop, value: Value) -> str:
    """A number's name; where a block adds up, what its layers give is F₁, and ∂L/∂x₁ (F)."""
    if "loss" in (stop.layer, value.layer) or found.step.layer(value.layer).inside != stop.layer:
        return value.name
    return "F" + value.name[1:] if value.quantity == "y" else f"{value.name} (F)"


def _made_of(session: Session, found: Explained, stop: Stop, place: Place) -> dict[str, Any]:
    """A number that another was made of; ``at``: where it was computed itself."""
    value = _value(found, place)
    at = found.places.get(place)
    if at is None and place[1] in ("x", "dx"):
        at = _beyond(found, place)
    return {
        "name": _name(found, stop, value), "layer": value.layer, "value": value.value,
        "set": _settable(session, found, place), "at": at,
    }  # fmt: skip


def _beyond(found: Explained, place: Place) -> tuple[int, int] | None:
    """What a layer reads is what its neighbour computed."""
    layer, name, index = place
    step = found.step.layer(layer)
    other = found.step.below(step)
    while other is not None and other.name == step.inside:  # what the block reads, its first reads
        step, other = other, found.step.below(other)
    if other is None:
        return None
    return found.places.get((other.name, "y" if name == "x" else "dy", index))


def _settable(session: Session, found: Explained, place: Place) -> dict[str, Any] | None:
    """How the page can set a number: a weight by its index, an input of the shown sample."""
    layer, name, index = place
    if layer == "loss":
        return None
    step = found.step.layer(layer)
    root = name.removesuffix("_new").removeprefix("d")
    if root in step.parameters:
        start = session.model.parameters.slices[f"{layer}/{root}"].start
        flat = start + int(np.ravel_multi_index(index, step[root].shape))
        value = float(step[root][index])
        return {"weight": flat, "value": value, "symbol": found.step.value(layer, root, index).name}
    if name == "x" and _reads_inputs(found.step, step) and index[0] == found.shown:
        return {"input": index[1], "value": float(step["x"][index]),
                "symbol": found.step.value(layer, "x", index).name}  # fmt: skip
    return None


def _reads_inputs(explanation: StepExplanation, step: LayerStep) -> bool:
    """Whether it is the network's first layer, or the first in a block that is."""
    below = explanation.below(step)
    return below is None or (below.name == step.inside and _reads_inputs(explanation, below))


# ---- what the checks say ---------------------------------------------------------------------


def _check(step: StepExplanation, check: Check) -> dict[str, Any]:
    layer, _, name = check.parameter.rpartition("/")
    worst = step.value(layer, f"d{name}", check.worst).name
    found: dict[str, Any] = check.to_dict()
    return found | {"worst": worst, "layer": layer, "name": name}


def _updates(step: StepExplanation) -> dict[str, Any]:
    """How many of the new weights are not what the optimizer's formula says."""
    off: list[str] = []
    of = 0
    for layer in step.layers:
        for name in layer.parameters:
            shape = layer[name].shape
            size = int(np.prod(shape))
            for i in {int(k) for k in np.linspace(0, size - 1, min(size, MOST_UPDATES))}:
                index = tuple(int(k) for k in np.unravel_index(i, shape))
                value = step.value(layer.name, f"{name}_new", index)
                of += 1
                if value.verdict == "off":
                    off.append(f"{layer.name}/{name}")
    return {"of": of, "off": len(off), "where": sorted(set(off))}


def _mistake(session: Session, name: str) -> dict[str, Any]:
    made = MISTAKES[name]()
    reason = made.refuse(session.model)
    return {
        "name": name,
        "on": name in explaining.mistakes_of(session),
        "can": not reason,
        "reason": reason,
        "alone": bool(made.remark(1)) and not made.remark(2),  # it needs two samples to show
        "what": made.what,
        "en": [made.title, made.why],
        "ko": [made.title_ko, made.why_ko],
    }


def _target(session: Session, found: Explained) -> dict[str, Any]:
    """What the sample should be, and what the network says: a class, or a value."""
    samples, i = session.samples, found.chosen[found.shown]
    said = found.step.loss["p"][found.shown]
    if samples.regression:
        return {"true": float(samples.y[i]), "says": float(said[0])}
    classes = samples.classes
    guess = int(said.argmax()) if len(said) > 1 else int(said[0] > _border(session))
    return {"true": classes[int(samples.y[i])], "says": classes[guess], "class": int(samples.y[i]),
            "guess": guess, "right": guess == int(samples.y[i])}  # fmt: skip


def _border(session: Session) -> float:
    """From which output on a network with one output says the second class."""
    return 0.0 if session.model.loss.target == "signs" else 0.5


def _quietly(answer: Callable[[Session, Args], Any]) -> Callable[[Session, Args], Any]:
    """A network that has diverged is explained as well: without warnings."""

    @wraps(answer)
    def quiet(session: Session, args: Args) -> Any:
        with np.errstate(all="ignore"):
            return answer(session, args)

    return quiet


QUESTIONS = by_name(*map(_quietly, (trace, look, find, set_input, make_step)))
