"""One weight changed by a little, and what the loss makes of it: what a gradient is."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.explain.probe import STEP, Probe
from glassnet.lab.protocol import Args
from glassnet.lab.rooms.step.explaining import tour_of
from glassnet.lab.session.state import Session

MOST_WEIGHTS = 40  # to choose from: those with the largest gradients
LARGEST, SMALLEST = 1.0, 1e-6  # of a nudge
MOST_SAMPLES = 5000


def nudge(session: Session, args: Args) -> dict[str, Any]:
    """The loss of the step with one weight changed ``by`` a little.

    ``index``: which weight, by its place among all parameters; without it the one whose
    gradient is largest.  ``ratio`` is (L(w + by) - L(w)) / by, which becomes ∂L/∂w as ``by``
    becomes small.
    """
    tour = tour_of(session)
    model, step = tour.subject.model, tour.step
    sizes = np.zeros(model.parameters.size)
    named: dict[int, tuple[str, str, int]] = {}
    for layer in step.layers:
        for name in layer.parameters:
            start = model.parameters.slices[f"{layer.name}/{name}"].start
            gradient = np.nan_to_num(np.abs(layer[f"d{name}"])).ravel()
            sizes[start : start + gradient.size] = gradient
            named |= {start + i: (layer.name, name, i) for i in range(gradient.size)}
    offered = sorted(np.argsort(-sizes, kind="stable")[:MOST_WEIGHTS].tolist())
    offered = [i for i in offered if i in named]
    index = args.whole("index", 0, model.parameters.size - 1, int(sizes.argmax()))
    if index not in named:
        index = offered[0]
    by = args.number("by", -LARGEST, LARGEST, 0.1)
    by = by if abs(by) >= SMALLEST else SMALLEST
    with np.errstate(all="ignore"):
        probe = Probe(model, tour.x, model.encode_targets(tour.y), None, STEP, "float64")
        before = probe.loss()
        probe.model.parameters.values[index] += by
        after = probe.loss()

    def told(i: int, root: str = "") -> dict[str, Any]:
        layer, name, flat = named[i]
        place = tuple(int(k) for k in np.unravel_index(flat, step.layer(layer)[name].shape))
        value = step.value(layer, root + name, place)
        return {"index": i, "layer": layer, "name": value.name, "value": value.value}

    return {
        "weights": [told(i) for i in sorted({*offered, index})],
        "chosen": told(index), "gradient": told(index, "d"), "by": by,
        "loss": before, "after": after, "ratio": (after - before) / by,
    }  # fmt: skip


def hardest(session: Session, args: Args) -> dict[str, Any]:
    """The number of the sample with the largest loss (of the first ``MOST_SAMPLES``)."""
    subject = tour_of(session).subject
    model = subject.model
    x, y = subject.x[:MOST_SAMPLES], model.encode_targets(subject.y[:MOST_SAMPLES])
    with np.errstate(all="ignore"):
        objective = model.objective
        assert objective is not None
        read = model.forward_logits(x) if objective.fused else model.forward(x)
        losses = [objective.loss(y[i : i + 1], read[i : i + 1]) for i in range(len(x))]
    return {"sample": int(np.nanargmax(np.asarray(losses, np.float64)))}
