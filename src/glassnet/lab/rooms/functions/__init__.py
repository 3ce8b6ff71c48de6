"""Functions: activations and losses as curves, their slopes, and differences in place of slopes."""

from __future__ import annotations

from glassnet.lab.catalogues import CURVES
from glassnet.lab.kinds import Choice, Log, Names, Number, Room, Whole

LOSS_CURVES = (
    "mean_squared_error", "mean_absolute_error", "huber", "binary_crossentropy",
    "sigmoid_crossentropy", "hinge", "poisson", "mean_squared_logarithmic_error",
)  # fmt: skip

ROOM = Room(
    3,
    (
        Choice("curves", "activations", choices=("activations", "losses")),
        Names(
            "activations",
            ("relu", "tanh", "sigmoid"),
            choices=CURVES,
            low=0,
            high=6,
            texts="activation",
        ),
        Choice("tangent_on", "tanh", choices=CURVES, texts="activation"),
        Number("leaky_slope", 0.2, low=0.0, high=1.0, step=0.05),
        Number("elu_alpha", 1.0, low=0.0, high=3.0, step=0.1),
        Log("reach", 5.0, low=1.0, high=50.0),
        Choice("predicts", "value", choices=("value", "probability", "logit", "count")),
        Names("losses", LOSS_CURVES, choices=LOSS_CURVES),
        Choice("loss_on", "mean_squared_error", choices=LOSS_CURVES),
        Number("true_value", 1.0, low=-3.0, high=3.0, step=0.1),
        Choice("true_label", "1", choices=("0", "1")),
        Whole("true_count", 3, low=0, high=10),
        Number("huber_delta", 1.0, low=0.1, high=3.0, step=0.1),
        Number("tangent_at", 0.5, low=-50.0, high=50.0, step=0.01),
        Log("tangent_h", 0.5, low=1e-16, high=10.0),
        Choice("float_type", "float64", choices=("float64", "float32")),
    ),
)
