"""From a message to what the session does; where its engine lets it run."""

from __future__ import annotations

from typing import Any

from glassnet.errors import GlassnetError, UnknownNameError
from glassnet.lab.kinds import FieldError
from glassnet.lab.lessons import catalog
from glassnet.lab.protocol import Message, ProtocolError, RefusedError, worded
from glassnet.lab.rooms.playground import actions
from glassnet.lab.server import warm
from glassnet.lab.server.changes import changes
from glassnet.lab.server.questions import answer
from glassnet.lab.server.questions import frame as draw
from glassnet.lab.session import saving
from glassnet.lab.session.state import Session
from glassnet.lab.session.table import Table


def handle(session: Session, message: Message, seen: dict[str, int]) -> Any:
    """The reply: a dict for JSON, or (changes, frame).

    Raises:
        ProtocolError: it names what there is not.
    """
    if message.kind == "frame":
        session.start()
        frame = draw(session, message.want)
        if "frame" not in seen:  # the page has its first picture
            seen["frame"] = 1
            warm.begin()
        return changes(session, seen), frame
    if message.kind == "ask":
        return _ask(session, message)
    reply: dict[str, Any] = {"t": "changes"}
    try:
        _change(session, message)
    except UnknownNameError as error:
        raise ProtocolError(str(error)) from None
    except GlassnetError as error:
        reply["problem"] = problem(error)
        session.versions["values"] += 1  # the page shows the old value again
    return reply | changes(session, seen)


def _change(session: Session, message: Message) -> None:
    if message.kind == "open":
        _open(session, message.value)
        return
    session.start()
    if message.kind == "set":
        session.set(message.name, message.value)
    elif message.kind == "do":
        actions.act(session, message.name, message.args)
    elif message.kind == "upload":
        session.take(
            Table.from_text(message.name, message.value, message.args.text("encoding", 10))
        )
    elif message.kind == "load":
        saving.load(session, message.value)


def _open(session: Session, address: str) -> None:
    """The state that an address asks for; of one that names a lesson only, its step's."""
    try:
        session.open(catalog.whole(address))
    except UnknownNameError as error:
        kept = [part for part in address.split("&") if not part.startswith("lesson=")]
        session.open("&".join(kept))
        session.tell("notice.address", str(error))


def _ask(session: Session, message: Message) -> dict[str, Any]:
    session.start()
    reply: dict[str, Any] = {"t": "answer", "id": message.id}
    try:
        reply["value"] = answer(session, message.room, message.name, message.args)
    except UnknownNameError as error:
        raise ProtocolError(str(error)) from None
    except GlassnetError as error:
        reply["problem"] = problem(error)
    return reply


def problem(error: GlassnetError) -> dict[str, Any]:
    """An error in words for the person at the page."""
    if isinstance(error, (RefusedError, FieldError)):
        return worded(error.key, str(error), error.values)
    return worded("", str(error), {})
