"""What the room of convolution can be asked; and its part of the frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.lab import fields, frames
from glassnet.lab.protocol import Args, RefusedError, by_name
from glassnet.lab.rooms.convolution import backward, maps, pictures, sizes, units
from glassnet.lab.rooms.convolution import kernel as kernels
from glassnet.lab.rooms.convolution.backward import back, learn, ready_back
from glassnet.lab.rooms.convolution.network import network_of
from glassnet.lab.rooms.convolution.subject import Subject, by_hand
from glassnet.lab.rooms.convolution.training import batch, pause, play, progress, ready, reset
from glassnet.lab.rooms.digits.pictures import mnist_is_here
from glassnet.lab.rooms.digits.showing import grey
from glassnet.lab.session.state import Session


def subject_of(session: Session) -> Subject:
    """What the fields ask to look into."""
    view = session.values["conv_view"]
    if view == "network":
        return network_of(session).subject(session)
    return backward.subject_of(session) if view == "back" else by_hand(session)


def scene(session: Session, args: Args) -> dict[str, Any]:
    """The layers and what is to be said of them; the numbers come with the frames."""
    subject = subject_of(session)
    values = session.values
    rows = values["conv_kernel"]
    return {
        "version": version_of(session, subject),
        "side": len(subject.picture),
        "layers": maps.layout(subject),
        "sizes": [found for layer in subject.shown() if (found := sizes.formula(layer))],
        "ground": None if subject.ground is None else grey(subject.ground),
        "picture": subject.about | {"source": values["conv_source"]},
        "mnist": mnist_is_here(session.data_dir),
        "kernel": {"side": len(rows), "name": kernels.name_of(rows)},
        "presets": list(kernels.PRESETS),
        "learned": len(_learned(session)),
        "view": values["conv_view"],
        "classes": network_of(session).classes if values["conv_view"] == "network" else [],
    }


def sketch(session: Session, args: Args) -> dict[str, Any]:
    """Take lines that are still being drawn."""
    try:
        lines = fields.field("conv_drawing").check(args.items("strokes", 1000))
    except ConfigError as error:
        raise RefusedError(str(error), "limit.drawing") from None
    pictures.sketch(session, lines)
    return {}


def unit(session: Session, args: Args) -> dict[str, Any]:
    """One number of a layer, and all that it was made of."""
    subject = subject_of(session)
    names = [layer.name for layer in subject.shown()]
    name = args.choice("layer", names, names[0])
    found = units.look(subject, name, args.whole("unit", 0, 100_000_000, 0))
    return found | {"version": version_of(session, subject)}


def kernel(session: Session, args: Args) -> dict[str, Any]:
    """A kernel to set: a well-known one (``name``), a learned one (``filter``), or this one in
    another size (``side``)."""
    rows = session.values["conv_kernel"]
    if "filter" in args:
        network_of(session)
        learned = _learned(session)
        if not learned:
            text = "The first convolution has no kernels of one channel that would fit here."
            raise RefusedError(text, "conv.no_learned")
        return {"rows": learned[args.whole("filter", 0, len(learned) - 1)]}
    if "name" in args:
        name = args.choice("name", list(kernels.PRESETS))
        return {"rows": kernels.preset(name, len(rows))}
    return {"rows": kernels.resized(rows, args.whole("side", 1, kernels.MOST_SIDE))}


QUESTIONS = by_name(scene, sketch, unit, kernel, progress, play, pause, batch, reset, ready,
                    back, learn, ready_back)  # fmt: skip

# What compiles: a network of the room that learns, and a step in float64.
WARM: list[tuple[str, dict[str, Any]]] = [("ready", {}), ("ready_back", {})]


def _learned(session: Session) -> list[list[list[float]]]:
    """The kernels of the first convolution of the network, if there is one and they fit."""
    network = session.room_state.get("conv_network")
    if network is None:
        return []
    for layer in network.model.layers:
        W = getattr(layer, "W", None)
        if W is not None and W.ndim == 4:
            rows, columns, depth, filters = W.shape
            fits = depth == 1 and rows == columns <= kernels.MOST_SIDE
            return [W[:, :, 0, f].tolist() for f in range(filters)] if fits else []
    return []


def version_of(session: Session, subject: Subject) -> int:
    """Counts the changes of what a frame's sections mean."""
    key = (subject.key, len(subject.picture))
    before = session.room_state.get("conv_version", (0, None))
    if before[1] != key:
        before = session.room_state["conv_version"] = (before[0] + 1, key)
    return int(before[0])


def frame(session: Session, want: Sequence[str]) -> bytes:
    """The sections of this room that are wanted, and the status."""
    subject = subject_of(session)
    numbers, scales = maps.outputs(subject)
    network = session.room_state.get("conv_network")
    trainer = network.trainer if network and network.model is subject.model else None
    sections: dict[str, Array] = {
        "status": maps.status(session, trainer, version_of(session, subject))
    }
    if "picture" in want:
        sections["picture"] = np.rint(np.clip(subject.picture, 0, 1) * 255).astype(np.uint8)
    if "maps" in want:
        sections["maps"] = maps.as_bytes(subject, numbers, scales)
    if "map_scales" in want:
        sections["map_scales"] = scales
    if "numbers" in want:
        sections["numbers"] = numbers
    if "kernels" in want:
        sections["kernels"] = maps.kernels(subject)
    return frames.pack(sections)
