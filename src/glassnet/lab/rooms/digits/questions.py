"""What the room of digits can be asked, and told to do."""

from __future__ import annotations

from typing import Any

from glassnet.errors import ConfigError
from glassnet.lab import fields
from glassnet.lab.protocol import Args, RefusedError, by_name
from glassnet.lab.rooms.digits import showing
from glassnet.lab.rooms.digits.network import network_of
from glassnet.lab.session.state import Session


def look(session: Session, args: Args) -> dict[str, Any]:
    """What the network says of the drawing; ``strokes``: of one that is still being drawn.

    ``effect``: also which pixels mattered.
    """
    lines = session.values["drawing"]
    if "strokes" in args:
        try:
            lines = fields.field("drawing").check(args.items("strokes", 1000))
        except ConfigError as error:
            raise RefusedError(str(error), "limit.drawing") from None
    return showing.look(network_of(session), session, lines, args.flag("effect", True))


def units(session: Session, args: Args) -> dict[str, Any]:
    """What the first layer's units see."""
    return showing.units(network_of(session))


def progress(session: Session, args: Args) -> dict[str, Any]:
    """Where the training stands; a new learning rate is taken on the way."""
    network = network_of(session)
    if network.training(session):
        network.tune(session)
    return showing.progress(network, session)


def mistakes(session: Session, args: Args) -> dict[str, Any]:
    """The test part's mistakes."""
    return showing.mistakes(network_of(session), session)


def train(session: Session, args: Args) -> dict[str, Any]:
    """Train for some epochs more."""
    network = network_of(session)
    network.train(session)
    return showing.progress(network, session)


def pause(session: Session, args: Args) -> dict[str, Any]:
    """Stop after the batch under way."""
    network = network_of(session)
    if network.training(session):
        session.engine.pause()
    return showing.progress(network, session)


def reset(session: Session, args: Args) -> dict[str, Any]:
    """The initial weights again (of a run: those that were saved)."""
    pause(session, args)
    session.room_state.pop("digits", None)
    return showing.progress(network_of(session), session)


QUESTIONS = by_name(look, units, progress, mistakes, train, pause, reset)
