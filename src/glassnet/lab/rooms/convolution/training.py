"""The training of the room's network: play, one batch, start anew, and where it stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.lab.protocol import Args
from glassnet.lab.rooms.convolution.network import BATCH, ConvNetwork, build, network_of
from glassnet.lab.rooms.digits.pictures import mnist_is_here
from glassnet.lab.session.state import Session
from glassnet.lab.session.trainer import Trainer


def progress(session: Session, args: Args) -> dict[str, Any]:
    """Where the training stands; a new learning rate is taken on the way."""
    network = network_of(session)
    network.tune(session)
    return _progress(network, session)


def play(session: Session, args: Args) -> dict[str, Any]:
    """Train from now on, at the pace of the fields."""
    network = network_of(session)
    trainer = network.needed(session)
    trainer.go_on()
    network.tune(session)
    pace = session.values["conv_pace"]
    session.engine.play(trainer, 0.0 if pace == "free" else float(pace))
    return _progress(network, session)


def pause(session: Session, args: Args) -> dict[str, Any]:
    """Stop after the batch under way."""
    network = network_of(session)
    if network.training(session):
        session.engine.pause()
    return _progress(network, session)


def batch(session: Session, args: Args) -> dict[str, Any]:
    """Learn from one batch."""
    network = network_of(session)
    pause(session, args)
    network.tune(session)
    trainer = network.needed(session)
    trainer.go_on()
    trainer.one_batch()
    return _progress(network, session)


def reset(session: Session, args: Args) -> dict[str, Any]:
    """The initial weights again (of a run: those that were saved)."""
    network = network_of(session)
    pause(session, args)
    session.room_state["conv_network"] = network = ConvNetwork(session, network.number + 1)
    return _progress(network, session)


def ready(session: Session, args: Args) -> dict[str, Any]:
    """Two steps of a network that nobody sees: what they need is compiled then."""
    model = build("digits", 0, 0.001)
    x, y = np.zeros((2 * BATCH["digits"], 8, 8), np.uint8), np.arange(2 * BATCH["digits"]) % 10
    trainer = Trainer(model, x, y, x, y, BATCH["digits"])
    trainer.one_batch()
    trainer.one_batch()
    return {}


def _progress(network: ConvNetwork, session: Session) -> dict[str, Any]:
    trainer = network.prepare(session)
    found: dict[str, Any] = {
        "run": network.run, "data": network.data, "knows": network.knows,
        "parameters": network.model.parameters.size,
        "mnist": mnist_is_here(session.data_dir),
        "missing": not network.run and network.data != session.values["conv_data"],
        "training": False, "can": trainer is not None,
    }  # fmt: skip
    if trainer is None:
        return found
    return found | {
        "training": network.training(session),
        "stopped": trainer.stopped,
        "epoch": trainer.epoch,
        "measured": trainer.measured,
        "curves": trainer.curves.array().tolist(),
        "n_train": len(trainer.x),
        "n_test": len(trainer.x_test),
        "batch_size": trainer.source.batch_size,
    }
