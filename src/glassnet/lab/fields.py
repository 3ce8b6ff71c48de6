"""The table of fields: everything about a page that can be set.

The controls, the address of the page, the saved file, the validation and the limits all
come from this one table.  A field's texts are ``field.<name>`` and ``choice.<field>.<value>``
in the catalogues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from glassnet import texts
from glassnet._core.registry import lookup
from glassnet.errors import ConfigError
from glassnet.lab.kinds import Choice, Field, Flag, Log, Names, Number, Text, Whole
from glassnet.lab.points import Points
from glassnet.lab.racers import Racers
from glassnet.lab.stack import Layers
from glassnet.lab.strokes import Strokes

ROOMS = ("playground", "step", "functions", "descent", "digits", "model")

FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1x2", "sin_x1", "sin_x2")

DATA = (
    "vertical", "spiral", "moons", "circles", "xor", "blobs", "sine", "plane", "hills",
    "iris", "wine", "breast_cancer", "diabetes", "digits", "drawn", "own",
)  # fmt: skip

# ---- the room of functions: what can be drawn there ----
CURVES = (
    "relu", "tanh", "sigmoid", "leaky_relu", "gelu", "silu", "elu", "selu", "softplus",
    "linear", "step", "exponential", "gelu_tanh",
)  # fmt: skip
LOSS_CURVES = (
    "mean_squared_error", "mean_absolute_error", "huber", "binary_crossentropy",
    "sigmoid_crossentropy", "hinge", "poisson",
)  # fmt: skip
SURFACES = ("valley", "bowl", "saddle", "banana", "four", "waves", "plateau", "own")

# glassnet.explain.MISTAKES, whose import would delay the first page
MISTAKES = (
    "stale_gradient", "softmax_twice", "unstable_formula", "mean_of_bias_gradient",
    "prediction_overwritten", "sum_for_mean", "update_in_backward", "float32_differences",
    "old_velocity", "leftover_gradient", "gradient_overwritten",
)  # fmt: skip

# rebuild: "" nothing is made anew; "view" only what is shown; "live" training goes on with
# it; "network" the network is made anew and keeps the weights that still fit; "weights" it
# starts from new initial weights; "data" the data are made anew, and so is all that follows.
TABLE: tuple[Field, ...] = (
    # ---- the page ----------------------------------------------------------------------
    Choice("room", "playground", choices=ROOMS, room="page"),
    Choice("language", "auto", choices=("auto", *texts.languages()), room="page"),
    Choice("theme", "auto", choices=("auto", "light", "dark"), room="page"),
    Names("hide", (), room="page"),  # controls that the link hides
    # ---- playground: data --------------------------------------------------------------
    Choice("data", "moons", choices=DATA, rebuild="data"),
    Whole("samples", 100, low=10, high=500, step=10, rebuild="data"),
    Number("noise", 0.1, low=0.0, high=1.0, step=0.05, rebuild="data"),
    Number("test_share", 0.3, low=0.1, high=0.9, step=0.05, rebuild="data"),
    Whole("data_seed", 0, low=0, high=9999, rebuild="data"),
    Points("points", (), rebuild="data"),
    Text("target", "", rebuild="data"),  # the column of an own table to predict; "": the last
    Whole("draw_class", 0, low=0, high=7, rebuild=""),
    Whole("axis_x", 0, low=0, high=64, rebuild="view"),
    Whole("axis_y", 0, low=0, high=64, rebuild="view"),
    Flag("show_test", True, rebuild="view"),
    Flag("sharp", False, rebuild="view"),
    # ---- playground: network -----------------------------------------------------------
    Names("features", ("x1", "x2"), choices=FEATURES, rebuild="network"),
    Layers(
        "layers", ((6, "tanh", 0.0, False, False), (4, "tanh", 0.0, False, False)),
        rebuild="network",
    ),
    Choice(
        "init", "glorot_uniform", rebuild="weights",
        choices=("glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "lecun_normal",
                 "orthogonal", "normal_0.01", "normal_0.1", "normal_1", "zeros"),
    ),
    Whole("seed", 0, low=0, high=9999, rebuild="weights"),
    # ---- playground: learning ----------------------------------------------------------
    Choice(
        "loss", "auto", rebuild="network",
        choices=("auto", "crossentropy", "mean_squared_error", "mean_absolute_error", "huber",
                 "hinge"),
    ),
    Choice(
        "optimizer", "adam", rebuild="live",
        choices=("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam"),
    ),
    Log("learning_rate", 0.02, low=1e-5, high=10.0, rebuild="live"),
    Choice(
        "schedule", "constant", rebuild="live",
        choices=("constant", "step", "exponential", "inverse_time", "cosine", "warmup",
                 "one_cycle"),
    ),
    Whole("schedule_epochs", 200, low=1, high=10_000, rebuild="live"),
    Whole("batch_size", 20, low=1, high=500, rebuild="live"),
    Log("l1", 0.0, low=1e-6, high=1.0, zero=True, rebuild="live"),
    Log("l2", 0.0, low=1e-6, high=1.0, zero=True, rebuild="live"),
    # ---- playground: running -----------------------------------------------------------
    Choice("pace", "60", choices=("1", "5", "20", "60", "300", "free"), rebuild=""),
    Choice(
        "until", "epochs", choices=("epochs", "loss", "test_loss", "accuracy", "patience"),
        rebuild="",
    ),
    Number("until_value", 200, low=0, high=100_000, rebuild=""),
    Choice("panel", "curves", choices=("curves", "matrix", "layers"), rebuild="view"),
    Flag("log_axis", False, rebuild="view"),
    # ---- functions -----------------------------------------------------------------------
    Choice("curves", "activations", choices=("activations", "losses"), room="functions"),
    Names("activations", ("relu", "tanh", "sigmoid"), choices=CURVES, low=0, high=6,
          room="functions"),
    Choice("tangent_on", "tanh", choices=CURVES, room="functions"),
    Number("leaky_slope", 0.2, low=0.0, high=1.0, step=0.05, room="functions"),
    Number("elu_alpha", 1.0, low=0.0, high=3.0, step=0.1, room="functions"),
    Log("reach", 5.0, low=1.0, high=50.0, room="functions"),
    Choice("predicts", "value", choices=("value", "probability", "logit", "count"),
           room="functions"),
    Names("losses", LOSS_CURVES, choices=LOSS_CURVES, room="functions"),
    Choice("loss_on", "mean_squared_error", choices=LOSS_CURVES, room="functions"),
    Number("true_value", 1.0, low=-3.0, high=3.0, step=0.1, room="functions"),
    Choice("true_label", "1", choices=("0", "1"), room="functions"),
    Whole("true_count", 3, low=0, high=10, room="functions"),
    Number("huber_delta", 1.0, low=0.1, high=3.0, step=0.1, room="functions"),
    Number("tangent_at", 0.5, low=-50.0, high=50.0, step=0.01, room="functions"),
    Log("tangent_h", 0.5, low=1e-16, high=10.0, room="functions"),
    Choice("float_type", "float64", choices=("float64", "float32"), room="functions"),
    # ---- descent -------------------------------------------------------------------------
    Choice("surface", "valley", choices=SURFACES, room="descent"),
    Text("surface_formula", "x0^2/20 + x1^2", room="descent"),  # of the surface "own"
    Log("surface_reach", 5.0, low=0.1, high=100.0, room="descent"),  # its ends on both axes
    Number("start_x", -7.0, low=-100.0, high=100.0, step=0.1, room="descent"),
    Number("start_y", 2.0, low=-100.0, high=100.0, step=0.1, room="descent"),
    Racers("race", (("sgd", 0.95, 30), ("momentum", 0.1, 30), ("adagrad", 1.5, 30),
                    ("adam", 0.3, 30)), room="descent"),
    Whole("race_step", 500, low=0, high=500, room="descent"),  # that is shown; 500: the last
    Choice("race_speed", "5", choices=("2", "5", "15", "60"), room="descent"),
    Flag("arrows", True, room="descent"),
    Flag("log_height", False, room="descent"),
    Number("view_turn", -0.62, low=-3.15, high=3.15, step=0.01, room="descent"),  # in radians
    Number("view_tilt", 0.85, low=0.05, high=1.5, step=0.01, room="descent"),
    # ---- digits: the drawing -----------------------------------------------------------
    Strokes("drawing", (), room="digits"),
    Whole("digits_base", -1, low=-1, high=9999, room="digits"),  # the test picture drawn on
    Whole("pen", 18, low=6, high=48, room="digits"),  # of 255, the side of the paper
    Choice("digits_way", "occlusion", choices=("occlusion", "gradient"), room="digits"),
    Whole("digits_about", -1, low=-1, high=9, room="digits"),  # the digit explained; -1: the answer
    # ---- digits: the network -----------------------------------------------------------
    Choice("digits_data", "digits", choices=("digits", "mnist"), room="digits"),
    Whole("digits_units", 64, low=4, high=256, step=4, room="digits"),
    Log("digits_rate", 0.003, low=1e-5, high=1.0, room="digits"),
    Whole("digits_epochs", 20, low=1, high=200, room="digits"),
    Flag("digits_copies", True, room="digits"),
    Whole("digits_seed", 0, low=0, high=9999, room="digits"),
    Text("digits_run", "", room="digits"),  # a saved run in place of the room's own network
    Whole("mistake_true", -1, low=-1, high=9, room="digits"),
    Whole("mistake_said", -1, low=-1, high=9, room="digits"),
    # ---- own model ---------------------------------------------------------------------
    Text("run", "", room="model"),
    # ---- one step ----------------------------------------------------------------------
    Whole("step_first", 0, low=0, high=4999, room="step"),  # the first sample of the batch
    Whole("step_batch", 1, low=1, high=8, room="step"),
    Whole("step_sample", 0, low=0, high=7, room="step"),  # whose numbers are shown
    Whole("step_at", 0, low=0, high=8000, room="step"),  # where the walk stands
    Names("mistakes", (), choices=MISTAKES, room="step"),
)  # fmt: skip

FIELDS: dict[str, Field] = {field.name: field for field in TABLE}


def field(name: str) -> Field:
    """The field called ``name``.

    Raises:
        UnknownNameError: there is none; says the closest one.
    """
    return lookup("field", FIELDS, name)


def defaults() -> dict[str, Any]:
    """Every field at its default."""
    return {f.name: f.default for f in TABLE}


def check(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields that ``values`` gives well, and what was wrong with the others."""
    good: dict[str, Any] = {}
    wrong: list[str] = []
    for name, value in values.items():
        try:
            good[name] = field(name).check(value)
        except ConfigError as error:
            wrong.append(str(error))
    return good, wrong


def to_address(values: Mapping[str, Any]) -> str:
    """What stands behind the # of the page: the fields that are not at their default.

    >>> to_address({**defaults(), "data": "spiral", "batch_size": 5})
    'data=spiral&batch_size=5'
    """
    return "&".join(
        f"{f.name}={quote(f.to_text(values[f.name]), safe='.,^-_')}"
        for f in TABLE
        if values[f.name] != f.default
    )


def from_address(text: str) -> tuple[dict[str, Any], list[str]]:
    """The fields that an address gives, and what in it was not understood.

    >>> from_address("data=moons&batch_size=0")
    ({'data': 'moons'}, ['batch_size is 0, but must be a whole number from 1 to 500.'])
    """
    good: dict[str, Any] = {}
    wrong: list[str] = []
    try:
        pairs = parse_qsl(text.lstrip("#"), keep_blank_values=True, max_num_fields=len(TABLE))
    except ValueError:
        return {}, [f"the address has more than {len(TABLE)} settings"]
    for name, value in pairs:
        try:
            good[name] = field(name).from_text(value)
        except ConfigError as error:
            wrong.append(str(error))
    return good, wrong


def describe() -> list[dict[str, Any]]:
    """The table as the page gets it, to make its controls of."""
    return [f.describe() for f in TABLE]


__all__ = ["FIELDS", "ROOMS", "TABLE", "Field", "Text", "check", "defaults", "describe", "field",
           "from_address", "to_address"]  # fmt: skip
