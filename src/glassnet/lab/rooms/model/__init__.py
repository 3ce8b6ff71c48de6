"""Saved runs: what a trained network looks like inside, and where in the lab it can be opened."""

from __future__ import annotations

from glassnet.lab.kinds import Room, Text

ROOM = Room(
    7,
    (Text("run", ""),),
)
