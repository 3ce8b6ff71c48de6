"""What the room One step can be asked: the walk, one halt of it, and to try other numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from glassnet.explain import MISTAKES, Check, LayerStep, StepExplanation, Value
from glassnet.lab.protocol import Args, RefusedError, by_name
from glassnet.lab.rooms.step import explaining
from glassnet.lab.rooms.step.drawing import columns, find, lit, scales
from glassnet.lab.rooms.step.explaining import Tour, tour_of
from glassnet.lab.rooms.step.nudging import hardest, nudge
from glassnet.lab.rooms.step.pixels import pictures_of
from glassnet.lab.rooms.step.walk import Place, Stop
from glassnet.lab.session.building import title
from glassnet.lab.session.state import Session
from glassnet.texts import languages

MOST_ROWS = 100  # numbers of a stop; of more, the largest are listed
LARGEST = 12
MOST_UPDATES = 40  # numbers of each parameter whose update is checked, spread over it
MOST_MADE_OF = 160  # numbers that a number was made of: 64 inputs, their weights, a bias


def trace(session: Session, args: Args) -> dict[str, Any]:
    """The walk as a whole: its stops, the drawing, and what the checks say."""
    tour = tour_of(session)
    step = tour.step
    return {
        "version": tour.version,
        "total": len(tour.subject.x),
        "run": tour.subject.run,
        "data": tour.subject.data,
        "member": tour.subject.member,
        "members": tour.subject.members,
        "first": tour.chosen.start,
        "samples": len(tour.chosen),
        "shown": tour.shown,
        "place": _place(session, tour),
        "inputs": [
            {"name": name, "value": value, "column": i}
            for i, (name, value) in enumerate(
                zip(tour.subject.names, tour.x[tour.shown].tolist(), strict=True)
            )
        ],
        "edited": bool(session.room_state["step"]["edits"]),
        "target": _target(tour),
        "loss": {"name": step.loss.display_name, "value": step.loss.value},
        "optimizer": {"name": step.optimizer.name, "step": step.optimizer.step,
                      "rate": step.optimizer.learning_rate},
        "layers": {layer.name: {"kind": layer.kind, "column": tour.columns[layer.name],
                                "activation": layer.activation, "title": title(layer.name)}
                   for layer in step.layers},
        "stops": [[stop.phase, stop.layer, stop.unit] for stop in tour.stops],
        "columns": list(columns(tour)),
        "scales": scales(tour),
        "checks": [_check(step, check) for check in step.checks],
        "updates": _updates(step),
        "mistakes": [_mistake(session, tour, name) for name in MISTAKES],
    }  # fmt: skip


def look(session: Session, args: Args) -> dict[str, Any]:
    """One stop: its numbers, and one of them (``row``) with its formula, chain and check."""
    tour = tour_of(session)
    at = args.whole("at", 0, 100_000, 0)
    stop = tour.stops[min(at, len(tour.stops) - 1)]
    row = min(args.whole("row", 0, 10_000, 0), len(stop.numbers) - 1)
    rows = _rows(tour, stop, row)
    values = {i: _value(tour, stop.numbers[i]) for i in rows}
    inputs = values[row].inputs
    pictures = pictures_of(tour, stop, row)
    if pictures is not None:  # each pixel and its weight are in the picture
        inputs = tuple(p for p in inputs if not _of_pixels(tour, p) or len(inputs) < 12)
    focus = values[row].to_dict()
    made_of = [_made_of(session, tour, stop, place) for place in inputs[:MOST_MADE_OF]]
    return {
        "version": tour.version,
        "at": min(at, len(tour.stops) - 1),
        "row": row,
        "numbers": [
            {"row": i, "name": _name(tour, stop, v), "layer": v.layer, "quantity": v.quantity,
             "meaning": v.meaning,
             "value": v.value, "numerical": v.numerical, "verdict": v.verdict}
            for i, v in values.items()
        ],
        "more": len(stop.numbers) - len(rows),
        "pictures": pictures,
        "focus": focus | {"set": _settable(session, tour, stop.numbers[row])},
        "made": made_of,
        "made_more": max(0, len(inputs) - MOST_MADE_OF),
        "lit": lit(tour, stop, (stop.numbers[row], *inputs)),
    }  # fmt: skip


def set_input(session: Session, args: Args) -> dict[str, Any]:
    """Another number in the place of an input of the sample; without ``value``: all back."""
    tour = tour_of(session)
    if "value" not in args:
        explaining.edit(session, tour, 0, 0, None)
    else:
        column = args.whole("column", 0, tour.x.shape[1] - 1)
        value = args.number("value", -1000.0, 1000.0)
        explaining.edit(session, tour, tour.shown, column, value)
    return {}


def make_step(session: Session, args: Args) -> dict[str, Any]:
    """Make this step with the playground's network: the right one, without the mistakes."""
    tour = tour_of(session)
    if tour.subject.run:
        text = "A saved run stays as it is: its step is only shown."
        raise RefusedError(text, "step.run_stays")
    session.engine.pause()
    session.leave()
    session.model.train_on_batch(tour.x.astype(np.float32), tour.y)
    session.trainer.touched()
    return {}


# ---- numbers ---------------------------------------------------------------------------------


def _rows(tour: Tour, stop: Stop, row: int) -> list[int]:
    """Which numbers of a stop are listed: of very many the largest, and the one in question."""
    places = stop.numbers
    if len(places) <= MOST_ROWS:
        return list(range(len(places)))
    large = np.array([_size(tour, place) for place in places])
    few = {i for i, (_, name, _) in enumerate(places) if name not in ("dW", "W_new", "dx")}
    few |= {row, *np.argsort(-large, kind="stable")[:LARGEST].tolist()}
    return sorted(few)


def _size(tour: Tour, place: Place) -> float:
    layer, name, index = place
    root = name.removesuffix("_new")
    step = tour.step.loss if layer == "loss" else tour.step.layer(layer)
    if name != root:  # the largest change
        return abs(float(step[name][index]) - float(step[root][index]))
    return abs(float(step[name][index]))


def _of_pixels(tour: Tour, place: Place) -> bool:
    layer, name, _ = place
    if layer == "loss" or name not in ("x", "W"):
        return False
    return _reads_inputs(tour.step, tour.step.layer(layer))


def _value(tour: Tour, place: Place) -> Value:
    layer, name, index = place
    return tour.step.value(layer, name, index, sample=tour.shown)


def _name(tour: Tour, stop: Stop, value: Value) -> str:
    """A number's name; where a block adds up, what its layers give is F₁, and ∂L/∂x₁ (F).

    The gradient by the long way, which is the same number, is named by its way.
    """
    if value.quantity == "chain":
        return "∂L/∂p·∂p/" + value.name.removeprefix("∂L/")
    if "loss" in (stop.layer, value.layer) or tour.step.layer(value.layer).inside != stop.layer:
        return value.name
    return "F" + value.name[1:] if value.quantity == "y" else f"{value.name} (F)"


def _made_of(session: Session, tour: Tour, stop: Stop, place: Place) -> dict[str, Any]:
    """A number that another was made of; ``at``: where it was computed itself."""
    value = _value(tour, place)
    at = tour.places.get(place)
    if at is None and place[1] in ("x", "dx"):
        at = _beyond(tour, place)
    return {
        "name": _name(tour, stop, value), "layer": value.layer, "value": value.value,
        "set": _settable(session, tour, place), "at": at,
    }  # fmt: skip


def _beyond(tour: Tour, place: Place) -> tuple[int, int] | None:
    """What a layer reads is what its neighbour computed."""
    layer, name, index = place
    step = tour.step.layer(layer)
    other = tour.step.below(step)
    while other is not None and other.name == step.inside:  # what the block reads, its first reads
        step, other = other, tour.step.below(other)
    if other is None:
        return None
    return tour.places.get((other.name, "y" if name == "x" else "dy", index))


def _settable(session: Session, tour: Tour, place: Place) -> dict[str, Any] | None:
    """How the page can set a number: a weight by its index, an input of the shown sample."""
    layer, name, index = place
    if layer == "loss":
        return None
    step = tour.step.layer(layer)
    root = name.removesuffix("_new").removeprefix("d")
    if root in step.parameters:
        if tour.subject.run:
            return None  # what is saved is not changed
        start = session.model.parameters.slices[f"{layer}/{root}"].start
        flat = start + int(np.ravel_multi_index(index, step[root].shape))
        value = float(step[root][index])
        return {"weight": flat, "value": value, "symbol": tour.step.value(layer, root, index).name}
    if name == "x" and _reads_inputs(tour.step, step) and index[0] == tour.shown:
        return {"input": index[1], "value": float(step["x"][index]),
                "symbol": tour.step.value(layer, "x", index).name}  # fmt: skip
    return None


def _reads_inputs(explanation: StepExplanation, step: LayerStep) -> bool:
    """Whether it is the network's first layer, or the first in a block that is."""
    below = explanation.below(step)
    return below is None or (below.name == step.inside and _reads_inputs(explanation, below))


# ---- what the checks say ---------------------------------------------------------------------


def _check(step: StepExplanation, check: Check) -> dict[str, Any]:
    layer, _, name = check.parameter.rpartition("/")
    worst = step.value(layer, f"d{name}", check.worst).name
    described: dict[str, Any] = check.to_dict()
    return described | {"worst": worst, "layer": layer, "name": name}


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


def _mistake(session: Session, tour: Tour, name: str) -> dict[str, Any]:
    mistake = MISTAKES[name]()
    reason = mistake.refuse(tour.subject.model)
    return {
        "name": name,
        "on": name in explaining.mistakes_of(session, tour.subject.model),
        "can": not reason,
        "reason": reason,
        "alone": bool(mistake.remark(1)) and not mistake.remark(2),  # it needs two samples to show
        "what": mistake.what,
        **{
            language: [mistake.message(part, language) for part in ("title", "why")]
            for language in languages()
        },
    }


def _place(session: Session, tour: Tour) -> list[float] | None:
    """Where the shown sample lies on the playground's map; None: it is not on it."""
    if tour.subject.run:
        return None
    row = session.samples.x[tour.chosen[tour.shown]][None]
    place: list[float] = session.plane.project(row)[0].tolist()
    return place


def _target(tour: Tour) -> dict[str, Any]:
    """What the sample should be, and what the network says: a class, or a value."""
    subject, i = tour.subject, tour.chosen[tour.shown]
    outputs = tour.step.loss["p"][tour.shown]
    if subject.regression:
        return {"true": float(subject.labels[i]), "says": float(outputs[0])}
    classes, true = subject.classes, int(subject.labels[i])
    guess = (
        int(outputs.argmax())
        if len(outputs) > 1
        else int(outputs[0] > subject.model.loss.threshold)
    )
    chance: float | None = float(
        outputs[true] if len(outputs) > 1 else outputs[0] if true else 1 - outputs[0]
    )
    if subject.model.loss.target == "signs":
        chance = None  # its outputs are no probabilities
    return {"true": classes[true], "says": classes[guess], "class": true, "chance": chance,
            "guess": guess, "right": guess == true}  # fmt: skip


def _quietly(answer: Callable[[Session, Args], Any]) -> Callable[[Session, Args], Any]:
    """A network that has diverged is explained as well: without warnings."""

    @wraps(answer)
    def quiet(session: Session, args: Args) -> Any:
        with np.errstate(all="ignore"):
            return answer(session, args)

    return quiet


QUESTIONS = by_name(*map(_quietly, (trace, look, find, set_input, make_step, nudge, hardest)))
