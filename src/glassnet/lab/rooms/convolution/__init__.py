"""Convolution: a window slides over a picture; a network of such windows learns, looked into."""

from __future__ import annotations

from glassnet.lab.kinds import Choice, Flag, Log, Number, Room, Text, Whole
from glassnet.lab.rooms.convolution.kernel import PRESETS, Kernel
from glassnet.lab.rooms.digits.strokes import Strokes

SECTIONS = ("picture", "maps", "map_scales", "numbers", "kernels")

ROOM = Room(
    6,
    (
        Choice("conv_view", "hand", choices=("hand", "network", "back")),
        # ---- convolution: the picture ------------------------------------------------------
        Strokes("conv_drawing", ()),
        Whole("conv_pen", 30, low=6, high=60),  # of 255, the side of the paper
        Choice("conv_source", "shapes", choices=("blank", "shapes", "digits")),
        Whole("conv_picture", 0, low=0, high=9999),  # of the source, counted round
        Whole("conv_side", 10, low=5, high=28),  # pixels, where a picture has no size of its own
        Choice("conv_data", "digits", choices=("digits", "mnist")),
        # ---- convolution: by hand ----------------------------------------------------------
        Kernel("conv_kernel", PRESETS["vertical"]),
        Number("conv_bias", 0.0, low=-10.0, high=10.0, step=0.1),
        Whole("conv_stride", 1, low=1, high=4),
        Choice("conv_padding", "valid", choices=("valid", "same")),
        Flag("conv_relu", False),
        Choice("conv_pooling", "none", choices=("none", "max", "average")),
        Whole("conv_pool_size", 2, low=2, high=4),
        Whole("conv_at", 26, low=0, high=9999),  # where the window lies: row·columns + column
        Choice("conv_speed", "5", choices=("2", "5", "15", "40")),
        # ---- convolution: the network ------------------------------------------------------
        Log("conv_rate", 0.002, low=1e-5, high=1.0),
        Choice("conv_pace", "1", choices=("0.2", "1", "5", "free")),
        Whole("conv_seed", 0, low=0, high=9999),
        Text("conv_run", ""),  # a saved run in place of the room's own network
        Text("conv_layer", ""),  # whose unit is looked at; empty: none
        Whole("conv_unit", 0, low=0, high=10_000_000),  # its number, counted through the output
        # ---- convolution: one step back ----------------------------------------------------
        Choice("conv_target", "horizontal", choices=tuple(PRESETS)),  # the kernel to be learned
        Choice("conv_back_of", "hand", choices=("hand", "network")),
        Whole("conv_weight", 2, low=0, high=10_000_000),  # whose gradient is shown; then the biases
        Log("conv_back_rate", 0.1, low=1e-4, high=10.0),
    ),
    SECTIONS,
)
