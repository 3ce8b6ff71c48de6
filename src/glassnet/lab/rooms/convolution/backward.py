"""One step back through a convolution: the gradient of one number of a kernel, and its check.

∂L/∂w = Σ x·∂L/∂z over the places that w met; every number is one that
:func:`glassnet.explain.explain_step` recorded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.errors import GlassnetError
from glassnet.explain import LayerStep, StepExplanation, explain_step
from glassnet.lab.frames import signed_bytes
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.rooms.convolution.kernel import PRESETS
from glassnet.lab.rooms.convolution.network import network_of
from glassnet.lab.rooms.convolution.subject import Subject, by_hand, hand_model
from glassnet.lab.rooms.digits.showing import packed
from glassnet.lab.session.state import Session
from glassnet.layers.windows import Windows

DIGITS = 6  # that are sent of each number


def subject_of(session: Session) -> Subject:
    """Whose step is taken: a kernel by hand, or the room's network."""
    if session.values["conv_back_of"] == "network":
        return network_of(session).subject(session)
    return by_hand(session)


def back(session: Session, args: Args) -> dict[str, Any]:
    """The step, and one number of a kernel in it (the field ``conv_weight``)."""
    subject = subject_of(session)
    step = step_of(session, subject)
    names = [layer.name for layer in step.layers if _has_kernel(layer)]
    if not names:
        raise RefusedError("It has no convolution.", "model.no_convolution")
    name = session.values["conv_layer"]
    layer = step.layer(name if name in names else names[0])
    W = layer["W"]
    size, bias = int(W.size), "b" in layer.parameters
    flat = min(session.values["conv_weight"], size + (W.shape[-1] if bias else 0) - 1)
    quantity, index = "b", tuple[int, ...]((flat - size,))
    if flat < size:
        quantity, index = "W", tuple(map(int, np.unravel_index(flat, W.shape)))
    value = step.value(layer.name, f"d{quantity}", index)
    new = step.value(layer.name, f"{quantity}_new", index)
    a, b, c, f = index if quantity == "W" else (0, 0, 0, index[0])
    return {
        "layer": layer.name, "layers": names, "weight": flat, "quantity": quantity,
        "size": size, "shape": list(W.shape), "at": [a, b, c, f],
        "loss": {"name": step.loss.display_name, "value": step.loss.value},
        "truth": subject.about["truth"] if session.values["conv_back_of"] == "network" else None,
        "kernel": _rows(W[..., c, f]), "gradient": _rows(layer["dW"][..., c, f]),
        "bias": float(layer["b"][f]) if bias else None,
        "bias_gradient": float(layer["db"][f]) if bias else None,
        "value": value.to_dict() | {"inputs": [], "grids": None, "chain": []},
        "new": new.value, "before": float(layer[quantity][index]), "h": step.h,
        **_places(subject.model, layer, (a, b, c, f), quantity),
    }  # fmt: skip


def _places(
    model: Sequential, layer: LayerStep, index: tuple[int, ...], quantity: str
) -> dict[str, Any]:
    """x, ∂L/∂z and their products as they lie; where in x the number of the kernel met it."""
    a, b, c, f = index
    kind: Any = next(one for one in model.layers if one.name == layer.name)
    down, across = kind.windows
    rows, columns = _read(down, a), _read(across, b)
    dz = layer["dz"][0, ..., f]
    first = f // (kind.filters // kind.groups) * layer["W"].shape[2]
    x = layer["x"][0, ..., first + c]
    met = np.array([[x[r, q] if min(r, q) >= 0 else 0.0 for q in columns] for r in rows])
    products = met * dz if quantity == "W" else dz
    return {
        "x": _grid(x), "dz": _grid(dz), "products": _grid(products), "rows": rows,
        "columns": columns, "sum": float(products.sum()),
        "padding": [*down.padding, *across.padding],
    }  # fmt: skip


def _read(axis: Windows, at: int) -> list[int]:
    """The place that each window reads with its ``at``-th number; -1 in the padding."""
    places = [axis.place(window, at) for window in range(axis.count)]
    return [-1 if place is None else place for place in places]


def _grid(numbers: Array) -> dict[str, Any]:
    known = np.nan_to_num(np.asarray(numbers, np.float64))
    scale = float(np.abs(known).max())
    return {
        "rows": known.shape[0], "columns": known.shape[1], "scale": scale,
        "bytes": packed(signed_bytes(known, scale or 1.0)), "numbers": _list(known.ravel()),
    }  # fmt: skip


def _rows(numbers: Array) -> list[list[float]]:
    return [_list(row) for row in numbers]


def _list(numbers: Array) -> list[float]:
    return [float(f"{number:.{DIGITS}g}") for number in numbers]


def _has_kernel(layer: LayerStep) -> bool:
    return "W" in layer.parameters and layer["W"].ndim == 4


# ---- the step --------------------------------------------------------------------------------


def step_of(session: Session, subject: Subject) -> StepExplanation:
    """One training step with the picture alone, in float64; made once, kept."""
    model, x, y = _step_with(session, subject)
    key = (model.parameters.values.tobytes(), repr(model.optimizer.get_config()),
           x.tobytes(), y.tobytes(), subject.key)  # fmt: skip
    kept = session.room_state.get("conv_step")
    if kept is None or kept[0] != key:
        with np.errstate(all="ignore"):
            step = explain_step(model.copy("float64"), x, y, check=False)
        kept = session.room_state["conv_step"] = (key, step)
    found: StepExplanation = kept[1]
    return found


def _step_with(session: Session, subject: Subject) -> tuple[Sequential, Array, Array]:
    """The network, its input and what it should answer.

    Of a kernel by hand: what the other kernel, that is to be learned, gives for the picture.
    """
    if session.values["conv_back_of"] == "network":
        truth = subject.about["truth"]
        if truth is None:
            text = "What the network should say is not known: choose a digit of the data."
            raise RefusedError(text, "conv.no_truth")
        if subject.model.objective is None:
            raise RefusedError("It has no loss.", "conv.no_loss")
        classes = subject.model.classes
        label = truth if classes is None else classes[truth]
        return subject.model, subject.x, np.array([label])
    kernel = np.array(PRESETS[session.values["conv_target"]], np.float64)
    size = subject.model.layers[0].W.shape[0]  # type: ignore[attr-defined]
    goal = hand_model(session, len(subject.picture), "float64", kernel=_fitted(kernel, size))
    x = subject.picture[None, :, :, None]
    return subject.model, x, goal.predict(x)


def _fitted(kernel: Array, size: int) -> Array:
    """The middle of a kernel, or with zeros around it."""
    if size < len(kernel):
        cut = (len(kernel) - size) // 2
        return kernel[cut : cut + size, cut : cut + size]
    before = (size - len(kernel)) // 2
    return np.pad(kernel, (before, size - len(kernel) - before))


def learn(session: Session, args: Args) -> dict[str, Any]:
    """Set the kernel by hand to what the step makes of it."""
    if session.values["conv_back_of"] == "network":
        text = "The network learns in its own view."
        raise RefusedError(text, "conv.learns_there")
    layer = step_of(session, by_hand(session)).layers[0]
    try:
        session.set("conv_kernel", layer["W_new"][:, :, 0, 0].tolist())
        session.set("conv_bias", float(layer["b_new"][0]))
    except GlassnetError:
        text = "The step is too large: the numbers grow beyond all bounds. Take a smaller rate."
        raise RefusedError(text, "conv.too_large") from None
    return {"loss": step_of(session, by_hand(session)).loss.value}


def ready_back(session: Session, args: Args) -> dict[str, Any]:
    """A step that nobody sees: what float64 needs is compiled then."""
    values: Any = session
    x = np.zeros((1, 8, 8, 1))
    model = hand_model(values, 8)
    step = explain_step(model.copy("float64"), x, model.predict(x), check=False)
    step.value(0, "dW", (0, 0, 0, 0))
    return {}
