"""Write what `test_saved_files.py` opens: files of the version before, and what they answered.

    python tests/compatibility/make.py        # with the version that is to be kept readable

The files in `data/` were written by version 0.1.0, before the packages were moved. They are
made once for a version and are not made again by a later one: that would test nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import Sequential, data
from glassnet.callbacks import Callback, Checkpoint, EarlyStopping, ReduceLROnPlateau
from glassnet.layers import (
    L1,
    L1L2,
    L2,
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    Input,
    LayerNormalization,
    Rescaling,
    Reshape,
    Residual,
)

DATA = Path(__file__).with_name("data")

ACTIVATIONS = (
    "exponential", "elu", "gelu", "gelu_tanh", "leaky_relu", "linear", "log_softmax", "relu",
    "selu", "sigmoid", "silu", "softmax", "softplus", "step", "tanh",
)  # fmt: skip

COSINE = {"name": "cosine_decay", "initial_learning_rate": 0.01, "decay_steps": 50, "alpha": 0.1}

# How it learns: optimizer, loss, metrics, the activation at the end.
LEARNING: dict[str, tuple[Any, Any, list[Any], str]] = {
    "sgd": ({"name": "sgd", "learning_rate": COSINE}, "mean_squared_error", ["mae"], "linear"),
    "momentum": ("momentum", {"name": "huber", "delta": 0.5}, [], "linear"),
    "nesterov": ("nesterov", "mean_absolute_error", ["mse"], "linear"),
    "adagrad": ("adagrad", "hinge", [], "tanh"),
    "rmsprop": (
        {"name": "rmsprop", "rho": 0.8, "centered": True, "clipnorm": 1.0},
        {"name": "binary_crossentropy", "label_smoothing": 0.1}, ["accuracy"], "sigmoid",
    ),
    "adam": (
        {"name": "adam", "learning_rate": {"name": "exponential_decay", "decay_rate": 0.9,
                                           "initial_learning_rate": 0.01, "decay_steps": 5}},
        {"name": "binary_crossentropy", "from_logits": True}, ["accuracy"], "linear",
    ),
    "adamw": ({"name": "adamw", "weight_decay": 0.01}, "poisson", [], "exponential"),
    "nadam": ({"name": "nadam", "global_clipnorm": 0.5}, "kl_divergence", [], "softmax"),
    "one_cycle": (
        {"name": "sgd", "momentum": 0.9, "nesterov": True,
         "learning_rate": {"name": "one_cycle", "max_learning_rate": 0.1, "total_steps": 40}},
        {"name": "categorical_crossentropy", "label_smoothing": 0.1}, ["accuracy"], "softmax",
    ),
    "warmup": (
        {"name": "adam", "learning_rate": {"name": "warmup", "learning_rate": COSINE,
                                           "warmup_steps": 4}},
        "mean_squared_error", [], "linear",
    ),
}  # fmt: skip

LINKS = (
    "",
    "data=spiral&layers=8.relu.d20.bn,8.tanh.skip,8.gelu.d10.bn.skip&optimizer=nadam&seed=3",
    "data=sine&layers=12.silu&loss=huber&schedule=cosine&learning_rate=0.01&batch_size=7",
    "data=xor&features=x1,x2,x1x2&layers=4.leaky_relu,4.elu&init=he_normal&l2=0.001&noise=0.3",
    "data=wine&layers=6.selu&init=lecun_normal&optimizer=rmsprop&axis_x=3&axis_y=5",
    "data=circles&layers=5.sigmoid&loss=hinge&optimizer=momentum&data_seed=4&test_share=0.5",
)
EPOCHS_OF_LINK = 3


def inputs(features: int = 4, rows: int = 12) -> np.ndarray[Any, Any]:
    """The same numbers on every machine."""
    return np.sin(np.arange(rows * features, dtype=np.float64)).reshape(rows, features)


def targets(loss: Any, rows: int = 12) -> np.ndarray[Any, Any]:
    """Targets that suit the loss."""
    name = loss if isinstance(loss, str) else loss["name"]
    wave = np.cos(np.arange(rows * 3, dtype=np.float64)).reshape(rows, 3)
    if name in ("kl_divergence", "categorical_crossentropy"):
        shares = np.exp(wave)
        return shares / shares.sum(axis=1, keepdims=True)
    if name in ("binary_crossentropy", "poisson"):
        return (wave > 0).astype(np.float64)
    return np.sign(wave) if name == "hinge" else wave


def every_layer() -> Sequential:
    """A network with every kind of layer and of regularizer."""
    model = Sequential(
        [
            Input((2, 3)),
            Rescaling(1 / 4, offset=0.5),
            Flatten(),
            Dense(8, "relu", kernel_initializer="he_normal", kernel_regularizer=L2(0.01)),
            BatchNormalization(momentum=0.9),
            Dropout(0.25),
            Residual([Dense(8, "tanh", use_bias=False), LayerNormalization(), Dense(8)]),
            Reshape((4, 2)),
            Reshape((8,)),
            Dense(6, kernel_regularizer=L1(0.001), max_norm=2.0, trainable=False),
            Activation({"name": "leaky_relu", "negative_slope": 0.1}),
            LayerNormalization(epsilon=0.01),
            Dense(5, {"name": "elu", "alpha": 0.7}, kernel_regularizer=L1L2(0.001, 0.002)),
            Dense(3, "softmax", bias_initializer={"name": "constant", "value": 0.1}),
        ],
        seed=7, name="every_layer",
    )  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def every_activation() -> Sequential:
    """One block for each activation, in double precision; what comes in is added to each."""
    blocks = [
        Residual([Dense(4, name, kernel_initializer="he_normal", name=name)], name=f"block_{name}")
        for name in ACTIVATIONS
    ]
    return Sequential([*blocks, Dense(3)], 1, "float64")


def learner(name: str) -> Sequential:
    """A small network that learns as ``LEARNING[name]`` says, in double precision."""
    optimizer, loss, metrics, end = LEARNING[name]
    model = Sequential([Dense(4, "tanh"), Dense(3, end)], seed=2, dtype="float64")
    model.compile(optimizer, loss, metrics)
    return model


def interrupted() -> Sequential:
    """The network of the checkpoint: what it draws at random and what it remembers count."""
    model = Sequential(
        [Dense(6, "relu"), BatchNormalization(), Dropout(0.3), Dense(3, "softmax")],
        seed=3, dtype="float64",
    )  # fmt: skip
    model.compile("nadam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class StopAt(Callback):
    """Stops the training after so many batches."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        self.batches -= 1
        if self.batches == 0:
            raise KeyboardInterrupt


def train(model: Sequential, path: Path, *more: Callback, resume: bool = False) -> Any:
    """The training of the checkpoint: 4 epochs of 5 batches."""
    spiral = data.spiral(40, seed=0)
    watching = [EarlyStopping("val_loss", patience=2), ReduceLROnPlateau("loss", patience=1)]
    return model.fit(
        spiral, batch_size=25, epochs=4, validation_data=spiral, verbose=0,
        callbacks=[*watching, Checkpoint(path, every_batches=1), *more],
        resume_from=path if resume else None,
    )  # fmt: skip


def numbers(measured: dict[str, float]) -> dict[str, float]:
    """Without what was not measured."""
    return {name: value for name, value in measured.items() if not np.isnan(value)}


def lists(values: Any) -> list[Any]:
    return np.asarray(values, np.float64).tolist()


def main() -> None:
    from glassnet.cli.root import root
    from glassnet.lab import fields
    from glassnet.lab.session.engine import Engine
    from glassnet.lab.session.saving import save as save_state
    from glassnet.lab.session.state import Session

    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir()
    answers: dict[str, Any] = {"models": {}, "links": {}}

    def keep(name: str, model: Sequential, x: Any, y: Any = None) -> None:
        model.save(DATA / f"{name}.safetensors")
        said: dict[str, Any] = {"predictions": lists(model.predict(x))}
        if y is not None:
            said["evaluation"] = model.evaluate(x, y)
        answers["models"][name] = said

    model = every_layer()
    x, y = inputs(6).reshape(12, 2, 3), np.arange(12) % 3
    model.fit(x, y, epochs=3, batch_size=5, verbose=0)
    keep("every_layer", model, x, y)
    model = every_activation()
    model.build((4,))
    keep("every_activation", model, inputs())
    for name, (_, loss, _, _) in LEARNING.items():
        model = learner(name)
        model.fit(inputs(), targets(loss), epochs=2, batch_size=5, verbose=0)
        keep(name, model, inputs(), targets(loss))

    # a data set with named classes and text for y, so that the file knows the classes
    named = Sequential([Dense(4, "gelu"), Dense(3, "softmax")], seed=5)
    named.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    words = np.array(["apple", "배", "cherry"])[np.arange(12) % 3]
    named.fit(inputs(), words, epochs=2, verbose=0)
    keep("named_classes", named, inputs(), words)

    path = DATA / "checkpoint.safetensors"
    stopped = interrupted()
    with contextlib.suppress(KeyboardInterrupt):
        train(stopped, path, StopAt(8))  # in the second epoch, after its third batch
    whole = interrupted()
    history = train(whole, DATA / "whole.safetensors")
    (DATA / "whole.safetensors").unlink()
    answers["checkpoint"] = {
        "values": lists(whole.parameters.values), "state": lists(whole.parameters.state),
        "history": history.history,
    }  # fmt: skip

    rows = ["length,colour,kind"]
    rows += [
        f"{i / 10},{'red' if i % 3 else 'blue'},{'big' if i > 20 else 'small'}" for i in range(60)
    ]
    os.chdir(DATA)  # the settings of a run keep the path of its table
    Path("things.csv").write_text("\n".join(rows) + "\n")
    runs = {
        "spiral": ["spiral", "--epochs", 20, "--layers", "8,8", "--activation", "tanh"],
        "table": [
            "things.csv",
            "--target",
            "kind",
            "--epochs",
            10,
            "--dropout",
            0.1,
            "--l2",
            0.001,
        ],
    }
    for name, arguments in runs.items():
        given = [*map(str, arguments), "--out", name, "--no-plots", "--quiet"]
        root(["train", *given], standalone_mode=False)
        (DATA / name / "checkpoint.safetensors").unlink(missing_ok=True)
        report = json.loads((DATA / name / "report.json").read_text())
        answers[name] = report["held_out"]
    kept = Sequential.load(DATA / "spiral" / "model.safetensors")
    answers["models"]["spiral/model"] = {"predictions": lists(kept.predict(inputs(2)))}

    for link in LINKS:
        engine = Engine()
        session = Session(engine)
        session.open(link)
        start = lists(session.model.parameters.values)
        for _ in range(EPOCHS_OF_LINK):
            session.trainer.one_epoch()
        answers["links"][link] = {
            "address": fields.to_address(session.values), "notice": session.notice,
            "start": start, "end": lists(session.model.parameters.values),
            "measured": numbers(session.trainer.measured),
        }  # fmt: skip
        if "skip" in link:
            text = json.dumps(save_state(session), ensure_ascii=False)
            (DATA / "lab_state.json").write_text(text)
            answers["lab_state"] = {
                "measured": numbers(session.trainer.measured), "epoch": session.trainer.epoch,
            }  # fmt: skip
        engine.close()
        engine.join(10)
    (DATA / "answers.json").write_text(round_floats(answers))


def round_floats(value: Any) -> str:
    """JSON with ten significant digits: the tests ask for no more."""
    return json.dumps(
        json.loads(json.dumps(value), parse_float=lambda text: float(f"{float(text):.10g}")),
        ensure_ascii=False,
    )


if __name__ == "__main__":
    main()
