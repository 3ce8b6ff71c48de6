"""What the page is told of its session: only what changed since it was told last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet.lab import fields
from glassnet.lab.rooms.playground import cures, view
from glassnet.lab.session import comparing
from glassnet.lab.session.state import Session


def changes(session: Session, seen: dict[str, int]) -> dict[str, Any]:
    """What changed since the versions in ``seen``, which is brought up to date."""
    parts: dict[str, tuple[int, Callable[[], Any]]] = {
        "values": (session.versions["values"], lambda: {
            "values": session.values, "address": fields.to_address(session.values)}),
        "structure": (session.versions["structure"], lambda: view.structure(session)),
        "data": (session.versions["data"], lambda: view.data(session)),
        "other": (session.versions["values"] if session.other else 0,
                  lambda: comparing.describe(session)),
        "findings": (session.watcher.version, lambda: cures.describe(session.watcher.findings)),
    }  # fmt: skip
    changed = {}
    for name, (version, make) in parts.items():
        if seen.get(name) != version:
            changed[name] = make()
            seen[name] = version
    if session.notice is not None:
        changed["notice"], session.notice = session.notice, None
    return changed
