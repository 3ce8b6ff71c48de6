"""Descent: optimizers race down a surface."""

from __future__ import annotations

from glassnet.lab.kinds import Choice, Flag, Log, Number, Room, Text, Whole
from glassnet.lab.rooms.descent.racers import Racers

SURFACES = ("valley", "bowl", "saddle", "banana", "four", "waves", "plateau", "own", "network")

ROOM = Room(
    4,
    (
        Choice("surface", "valley", choices=SURFACES),
        Text("surface_formula", "x0^2/20 + x1^2"),  # of the surface "own"
        Log("surface_reach", 5.0, low=0.1, high=100.0),  # its ends on both axes
        Number("start_x", -7.0, low=-100.0, high=100.0, step=0.1),
        Number("start_y", 2.0, low=-100.0, high=100.0, step=0.1),
        Racers(
            "race",
            (("sgd", 0.95, 30), ("momentum", 0.1, 30), ("adagrad", 1.5, 30), ("adam", 0.3, 30)),
        ),
        Whole("race_step", 500, low=0, high=500),  # that is shown; 500: the last
        Choice("race_speed", "5", choices=("2", "5", "15", "60")),
        Flag("arrows", True),
        Flag("log_height", False),
        Number("view_turn", -0.62, low=-3.15, high=3.15, step=0.01),  # in radians
        Number("view_tilt", 0.85, low=0.05, high=1.5, step=0.01),
    ),
)
