"""Playground: build a network on points in the plane, or on a table, and watch it learn."""

from __future__ import annotations

from glassnet.lab.catalogues import Catalogue
from glassnet.lab.kinds import (
    Choice,
    Field,
    Flag,
    Log,
    Names,
    Number,
    Numbers,
    Room,
    Text,
    Whole,
)
from glassnet.lab.rooms.playground.points import Points
from glassnet.lab.session.features import FEATURES
from glassnet.lab.session.pins import Pins
from glassnet.lab.session.stack import Layers
from glassnet.optimizers import OPTIMIZERS
from glassnet.schedules import READY


def _data() -> list[str]:
    from glassnet.lab.session.samples import PLANAR, TABLES

    return [*PLANAR, *TABLES, "drawn", "own"]


DATA = Catalogue(_data)

# rebuild: "" nothing is made again; "view" only what is shown; "live" training goes on with
# it; "network" the network is made again and keeps the weights that still fit; "weights" it
# starts from new initial weights; "data" the data are made again, and so is all that follows;
# "compare" the network beside it is made again.

# What two networks that are compared may differ in: all but the data and the seed.
NETWORK: tuple[Field, ...] = (
    Names("features", ("x1", "x2"), choices=tuple(FEATURES), rebuild="network"),
    Layers(
        "layers",
        ((6, "tanh", 0.0, False, False), (4, "tanh", 0.0, False, False)),
        rebuild="network",
    ),
    Choice(
        "init",
        "glorot_uniform",
        rebuild="weights",
        choices=(
            "glorot_uniform",
            "glorot_normal",
            "he_normal",
            "he_uniform",
            "lecun_normal",
            "orthogonal",
            "normal_0.01",
            "normal_0.1",
            "normal_1",
            "zeros",
        ),
    ),
)

LEARNING: tuple[Field, ...] = (
    Choice(
        "loss",
        "auto",
        rebuild="network",
        choices=(
            "auto",
            "crossentropy",
            "mean_squared_error",
            "mean_absolute_error",
            "huber",
            "hinge",
        ),
    ),
    Choice(
        "optimizer",
        "adam",
        rebuild="live",
        choices=tuple(OPTIMIZERS),
    ),
    Log("learning_rate", 0.02, low=1e-5, high=10.0, rebuild="live"),
    Choice(
        "schedule",
        "constant",
        rebuild="live",
        choices=tuple(READY),
    ),
    Whole("schedule_epochs", 200, low=1, high=10_000, rebuild="live"),
    Whole("batch_size", 20, low=1, high=500, rebuild="live"),
    Log("l1", 0.0, low=1e-6, high=1.0, zero=True, rebuild="live"),
    Log("l2", 0.0, low=1e-6, high=1.0, zero=True, rebuild="live"),
)

ROOM = Room(
    1,
    (
        # ---- playground: data --------------------------------------------------------------
        Choice("data", "moons", choices=DATA, rebuild="data"),
        Whole("samples", 100, low=10, high=500, step=10, rebuild="data"),
        Number("noise", 0.1, low=0.0, high=1.0, step=0.05, rebuild="data"),
        Number("test_share", 0.3, low=0.1, high=0.9, step=0.05, rebuild="data"),
        Whole("data_seed", 0, low=0, high=9999, rebuild="data"),
        Points("points", (), rebuild="data"),
        Text("target", "", rebuild="data"),  # the column of an own table to predict; "": the last
        Choice("own_task", "auto", choices=("auto", "classes", "values"), rebuild="data"),
        Choice("own_header", "auto", choices=("auto", "names", "data"), rebuild="data"),
        Numbers("own_left", (), high=300, rebuild="data"),  # columns that are left out
        Whole("draw_class", 0, low=0, high=7, rebuild=""),
        Whole("axis_x", 0, low=0, high=64, rebuild="view"),
        Whole("axis_y", 0, low=0, high=64, rebuild="view"),
        Flag("show_test", True, rebuild="view"),
        Flag("sharp", False, rebuild="view"),
        # ---- playground: network and learning ----------------------------------------------
        *NETWORK,
        Whole("seed", 0, low=0, high=9999, rebuild="weights"),
        *LEARNING,
        Pins("compared", (), of=(*NETWORK, *LEARNING), rebuild="compare"),
        # ---- playground: running -----------------------------------------------------------
        Choice("pace", "60", choices=("1", "5", "20", "60", "300", "free"), rebuild=""),
        Choice(
            "until",
            "epochs",
            choices=("epochs", "loss", "test_loss", "accuracy", "patience"),
            rebuild="",
        ),
        Number("until_value", 200, low=0, high=100_000, rebuild=""),
        Choice("panel", "curves", choices=("curves", "matrix", "layers"), rebuild="view"),
        Flag("log_axis", False, rebuild="view"),
    ),
)
