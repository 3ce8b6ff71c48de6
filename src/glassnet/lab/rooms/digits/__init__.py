"""Digits: a digit is drawn, and a network says which and why."""

from __future__ import annotations

from glassnet.lab.kinds import Choice, Flag, Log, Room, Text, Whole
from glassnet.lab.rooms.digits.strokes import Strokes

ROOM = Room(
    5,
    (
        # ---- digits: the drawing -----------------------------------------------------------
        Strokes("drawing", ()),
        Whole("digits_base", -1, low=-1, high=9999),  # the test picture drawn on
        Whole("pen", 18, low=6, high=48),  # of 255, the side of the paper
        Choice("digits_way", "occlusion", choices=("occlusion", "gradient")),
        Whole("digits_about", -1, low=-1, high=9),  # the digit explained; -1: the answer
        # ---- digits: the network -----------------------------------------------------------
        Choice("digits_data", "digits", choices=("digits", "mnist")),
        Choice("digits_network", "dense", choices=("dense", "convolution")),
        Whole("digits_units", 64, low=4, high=256, step=4),
        Log("digits_rate", 0.003, low=1e-5, high=1.0),
        Whole("digits_epochs", 20, low=1, high=200),
        Flag("digits_copies", True),
        Whole("digits_seed", 0, low=0, high=9999),
        Text("digits_run", ""),  # a saved run in place of the room's own network
        Whole("mistake_true", -1, low=-1, high=9),
        Whole("mistake_said", -1, low=-1, high=9),
    ),
)
