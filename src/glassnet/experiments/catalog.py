"""The experiments by name. One more is a line here and a module beside it."""

from __future__ import annotations

import importlib

from glassnet._core.interrupt import ends_all
from glassnet._core.registry import lookup
from glassnet._core.settings import whole_number
from glassnet.experiments.result import Result, Setting

# name -> (module of this package, what it shows)
EXPERIMENTS: dict[str, tuple[str, str]] = {
    "gates": ("gates", "AND, NAND and OR with one unit; XOR needs two layers"),
    "activations": ("activations", "the curves of step, sigmoid and ReLU"),
    "pretrained": (
        "pretrained",
        "a trained network reads MNIST, one by one and in batches (needs --weights)",
    ),
    "tangent": ("tangent", "the slope of a curve as the line that touches it"),
    "field": ("field", "the gradient of a bowl as arrows over the plane"),
    "descent": ("descent", "gradient descent done well, too fast and too short"),
    "race": ("race", "four optimizers race through a long valley"),
    "net2x3": ("net2x3", "the numerical gradient of a small net equals the backward pass"),
    "vertical": ("vertical", "three clouds: published mistakes one by one, and done right"),
    "spiral": ("spiral", "three spiral arms: published mistakes one by one, and done right"),
    "weights": ("weights", "initial weights: what comes through five layers, and learning"),
    "batchnorm": ("batchnorm", "batch normalization over 16 spreads of the initial weights"),
    "overfitting": ("overfitting", "too few samples, and the cures: weight decay and dropout"),
    "batches": ("batches", "mini-batches of five sizes compared"),
    "search": ("search", "100 trials for learning rate and weight decay, the best 20 as curves"),
}


def run(
    name: str,
    *,
    seed: int = 0,
    data_dir: str | None = None,
    weights: str | None = None,
    setting: Setting | None = None,
) -> Result:
    """Make the experiment called ``name``; its pictures are drawn when asked for.

    Args:
        seed, data_dir, weights: as in ``Setting``; or all of them as ``setting``.

    Raises:
        UnknownNameError: there is none of this name; says the closest.
        ConfigError: a seed below 0.
        DataError: a file that it needs is not there; says where to put it.
    """
    module, _ = lookup("experiment", EXPERIMENTS, name)
    given = setting or Setting(seed=seed, data_dir=data_dir, weights=weights)
    whole_number(f"experiment {name!r}", "seed", given.seed, minimum=0)
    with ends_all():
        result = importlib.import_module(f"glassnet.experiments.{module}").run(given)
    assert isinstance(result, Result)
    return result
