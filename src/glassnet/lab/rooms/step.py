"""What the room One step can be asked: the walk, one halt of it, and to try other numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from glassnet.explain import MISTAKES, Check, LayerStep, StepExplanation, Value
from glassnet.lab import features
from glassnet.lab.protocol import Args
from glassnet.lab.rooms import explaining
from glassnet.lab.rooms.explaining import Explained, explained
from glassnet.lab.rooms.walk import INPUTS, Place, Stop, units
from glassnet.lab.session import Session
from glassnet.layers import Dense

MOST_UPDATES = 40  # numbers of each parameter whose update is checked, spread over it
MOST_MADE_OF = 40  # numbers that a number was made of


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
                zip(_input_names(session), found.x[found.shown].tolist(), strict=True)
            )
        ],
        "edited": bool(session.kept["step"]["edits"]),
        "target": _target(session, found),
        "loss": {"name": step.loss.display_name, "value": step.loss.value},
        "optimizer": {"name": step.optimizer.name, "step": step.optimizer.step,
                      "rate": step.optimizer.learning_rate},
        "layers": {layer.name: {"kind": layer.kind, "column": found.columns[layer.name],
                                "activation": layer.activation} for layer in step.layers},
        "stops": [[stop.phase, stop.layer, stop.unit] for stop in found.stops],
        "columns": list(_columns(session, found)),
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
    made = [_made_of(session, found, place) for place in values[row].inputs[:MOST_MADE_OF]]
    return {
        "version": found.version,
        "at": min(at, len(found.stops) - 1),
        "row": row,
        "numbers": [
            {"name": v.name, "layer": v.layer, "quantity": v.quantity, "meaning": v.meaning,
             "value": v.value, "numerical": v.numerical, "verdict": v.verdict}
            for v in values
        ],
        "focus": focus | {"set": _settable(session, found, stop.numbers[row])},
        "made": made,
        "lit": _lit(found, stop, (stop.numbers[row], *values[row].inputs)),
    }  # fmt: skip


def find(session: Session, args: Args) -> dict[str, Any]:
    """The stop nearest to a unit or a line of the drawing, in a phase of the walk.

    ``column`` and ``unit``; for a line also ``to``, the unit of the next column.
    """
    found = explained(session)
    phase = args.choice("phase", ("forward", "loss", "backward", "update"))
    column, unit = args.whole("column", 0, 100), args.whole("unit", 0, 10_000)
    to = args.whole("to", -1, 10_000, -1)
    phase = "forward" if phase == "loss" else phase
    if to >= 0:
        column, wanted = column + 1, to
    else:
        wanted = unit
    best = None
    for i, stop in enumerate(found.stops):
        if stop.phase != phase or stop.layer == "loss":
            continue
        if column == 0 and stop.unit == INPUTS:
            return {"at": i, "row": min(wanted, len(stop.numbers) - 1)}
        if stop.unit != wanted or found.columns[stop.layer] != column:
            continue
        rows = [row for row, (_, name, index) in enumerate(stop.numbers)
                if to >= 0 and name in ("dW", "W_new") and index == (unit, to)]  # fmt: skip
        if rows or best is None:
            best = {"at": i, "row": rows[0] if rows else 0}
        if phase == "backward" and to < 0:
            break  # the first in the order of the walk
    return best or {"at": None, "row": 0}


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


# ---- the drawing -----------------------------------------------------------------------------


def _columns(session: Session, found: Explained) -> Iterator[dict[str, Any]]:
    """The inputs and each Dense with what follows it: its numbers, and the lines that lead to it.

    ``forward`` and ``backward`` are outputs and gradients of the sample, from -1 to 1 by the
    largest of the column; ``reached`` says at which stop each is computed.
    """
    step, s = found.step, found.shown
    first = next(layer for layer in step.layers if units(layer))
    x = first["x"][s]
    dx = first["dx"][s] if "dx" in first.quantities else np.zeros_like(x)
    end = next((i for i, stop in enumerate(found.stops) if stop.unit == INPUTS), len(found.stops))
    yield {"name": "inputs", "units": len(x), "labels": _input_names(session),
           "forward": _shares(x), "backward": _shares(dx),
           "reached": [[0, end]] * len(x)}  # fmt: skip
    dense = [layer for layer in step.layers if isinstance(layer.layer, Dense)]
    classes = session.samples.classes
    for column, layer in enumerate(dense, 1):
        last = [other for other in step.layers if found.columns[other.name] == column][-1]
        yield {
            "name": layer.name,
            "units": units(layer),
            "labels": list(classes) if layer is dense[-1] and len(classes) > 2 else None,
            "forward": _shares(last["y"][s]),
            "backward": _shares(layer["dz"][s]),
            "reached": [_reached(found, layer, last, unit) for unit in range(units(layer))],
            "weights": layer["W"].tolist(),
        }


def _input_names(session: Session) -> list[str]:
    names, signs = session.inputs, features.SIGNS
    return [signs[name] for name in names] if set(names) <= set(signs) else names


def _shares(numbers: Any) -> list[float]:
    largest = float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0)) or 1.0
    shares: list[float] = np.nan_to_num(numbers / largest).clip(-1, 1).tolist()
    return shares


def _reached(found: Explained, layer: LayerStep, last: LayerStep, unit: int) -> list[int]:
    name = last.name if units(last) else layer.name
    forward = found.places.get((name, "y", (found.shown, unit)), (0, 0))[0]
    return [forward, found.places.get((layer.name, "dz", (found.shown, unit)), (0, 0))[0]]


def _lit(found: Explained, stop: Stop, places: tuple[Place, ...]) -> dict[str, Any]:
    """The unit in question, and what the number in question was made of: units and lines."""
    here = found.columns[stop.layer]
    of_units, lines = set(), set()
    for layer, name, index in places:
        if layer == "loss":
            continue
        column = found.columns[layer]
        root = name.removeprefix("d").removesuffix("_new")
        if root == "W" and len(index) == 2:
            lines.add((column - 1, *index))
        elif name in ("x", "dx") and isinstance(found.step.layer(layer).layer, Dense):
            of_units.add((column - 1, index[-1]))
        elif index:
            of_units.add((column, index[-1]))
    unit = None if stop.unit is None or stop.unit == INPUTS else [here, stop.unit]
    return {"unit": unit, "units": sorted(of_units), "lines": sorted(lines)}


# ---- numbers ---------------------------------------------------------------------------------


def _value(found: Explained, place: Place) -> Value:
    layer, name, index = place
    return found.step.value(layer, name, index, sample=found.shown)


def _made_of(session: Session, found: Explained, place: Place) -> dict[str, Any]:
    """A number that another was made of; ``at``: where it was computed itself."""
    value = _value(found, place)
    at = found.places.get(place)
    if at is None and place[1] in ("x", "dx"):
        at = _beyond(found, place)
    return {
        "name": value.name, "layer": value.layer, "value": value.value,
        "set": _settable(session, found, place), "at": at,
    }  # fmt: skip


def _beyond(found: Explained, place: Place) -> tuple[int, int] | None:
    """What a layer reads is what its neighbour computed."""
    layer, name, index = place
    step = found.step.layer(layer)
    other = found.step.below(step)
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
    first = found.step.layers[0]
    if name == "x" and layer == first.name and index[0] == found.shown:
        return {"input": index[1], "value": float(step["x"][index]),
                "symbol": found.step.value(layer, "x", index).name}  # fmt: skip
    return None


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
        "alone": bool(made.remark(1)),  # it does not show with one sample
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

    def quiet(session: Session, args: Args) -> Any:
        with np.errstate(all="ignore"):
            return answer(session, args)

    return quiet


ANSWERS: dict[str, Callable[[Session, Args], Any]] = {
    answer.__name__: _quietly(answer) for answer in (trace, look, find, set_input, make_step)
}
