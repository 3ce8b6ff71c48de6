"""A hundred wrong calls, and what version 0.1.0 said to each.

    python tests/compatibility/wrong_calls.py      # wrote messages.json, with version 0.1.0

`messages.json` was written by version 0.1.0. A message that is changed on purpose is changed
there by hand, with the reason beside it under "changed".
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

MESSAGES = Path(__file__).with_name("messages.json")

# What the calls speak of. `glassnet …` is a line of the shell, all else is Python.
CALLS = """
layers.Dense(0)
layers.Dense(2.5)
layers.Dense("many")
layers.Dense(3, activation="relo")
layers.Dense(3, kernel_initializer="he_norml")
layers.Dense(3, kernel_regularizer="l3")
layers.Dense(3, max_norm=-1)
layers.Dropout(1.0)
layers.Dropout(-0.1)
layers.Dropout("half")
layers.BatchNormalization(momentum=2)
layers.BatchNormalization(epsilon=0)
layers.LayerNormalization(epsilon=-1)
layers.Input((0,))
layers.Reshape((-1, -1))
layers.Rescaling(float("nan"))
layers.Residual([])
layers.L2(-1)
layers.from_config({"layer": "dens", "units": 3})
layers.from_config(3)
activations.get("sigmod")
activations.LeakyReLU(negative_slope="a")
activations.ELU(alpha=float("nan"))
losses.get("mean_squred_error")
losses.Huber(0)
losses.BinaryCrossentropy(label_smoothing=2)
losses.get("mse")([1.0, 2.0], [1.0])
losses.get("binary_crossentropy")([1, 0], [1.9, 0.2])
losses.get("sparse_categorical_crossentropy")([1], [[-1.0, 2.0]])
losses.get("sparse_categorical_crossentropy")([5], [[0.5, 0.5]])
optimizers.get("adma")
optimizers.Adam(learning_rate=-1)
optimizers.Adam(beta_1=1.0)
optimizers.Adam(learning_rate="fast")
optimizers.SGD(momentum=-0.1)
optimizers.SGD(momntum=0.9)
optimizers.RMSprop(rho=2)
optimizers.Adam(clipnorm=0)
optimizers.Adam(clipnorm=1, clipvalue=1)
schedules.CosineDecay(0.1, 0)
schedules.PiecewiseConstantDecay((5, 3), (1.0, 0.5, 0.1))
schedules.StepDecay(-1, 10)
schedules.get("cosin")
initializers.get("glorot_unifrm")
metrics.get("acuracy")
callbacks.EarlyStopping("val_loss", patience=-1)
callbacks.EarlyStopping("loss", mode="up")
callbacks.ReduceLROnPlateau(factor=2)
callbacks.Checkpoint("c.safetensors", every_batches=0)
callbacks.LambdaCallback(on_epoch_end=3)
callbacks.LambdaCallback(on_epoch_ends=print)
Sequential([3])
Sequential([layers.Dense(3)], seed=-1)
Sequential([layers.Dense(3)], dtype="float16")
Sequential([layers.Dense(3, name="a"), layers.Dense(3, name="a")])
Sequential([layers.Dense(3)]).predict(X)
Sequential([layers.Dense(3)]).fit(X, Y)
Sequential([layers.Dense(3)]).build((0,))
Sequential([layers.Reshape((5,))]).build((4,))
Sequential([layers.Residual([layers.Dense(3)])]).build((4,))
Sequential([layers.Dense(3)]).compile("adam", "mse", metrics=["acuracy"])
Sequential([layers.Dense(3)]).compile("adam")
classifier().fit(X, Y[:5])
classifier().fit(X * np.nan, Y)
classifier().fit(X, Y, batch_size=0)
classifier().fit(X, Y, epochs=-1)
classifier().fit(X, Y, epochs=1.5)
classifier().fit(X, Y, validation_split=1)
classifier().fit(X, Y, validation_split=0.5, validation_data=(X, Y))
classifier().fit(X, Y, validation_data=X)
classifier().fit(X, Y, class_weight="balance")
classifier().fit(X, Y, sample_weight=np.zeros(12))
classifier().fit(X, Y, callbacks=[3])
classifier().fit(X, Y, verbose="loud")
classifier().fit(X, Y, callbacks=callbacks.EarlyStopping("val_loss"), verbose=0)
classifier().fit(X, Y, resume_from="nowhere.safetensors")
classifier().fit(X)
classifier().predict("words")
classifier().predict(np.zeros((3, 5)))
classifier().predict([[1, 2], [3]])
classifier().evaluate(X, Y, batch_size=-1)
classifier().evaluate(X)
classifier().set_weights([np.zeros(3)])
classifier().save("net.keras")
glassnet.load("nowhere.safetensors")
glassnet.load("damaged.safetensors")
glassnet.load("words.csv")
data.load("digts")
data.load("nowhere.csv")
data.spiral(0)
data.spiral(10, noise=-1)
data.spiral(10).split(2)
data.load_table("nowhere.csv", "colour")
data.load_table("words.csv", "lenght")
Perceptron([np.nan, 1.0])
Perceptron([1.0, 1.0]).predict([[0.0, np.nan]])
plots.save(None, "nothing.png")
plots.activation_curves("relo")
calculus.Formula.parse("x**2 +")
calculus.Formula.parse("__import__('os')")
sklearn.MLPClassifier(hidden_layer_sizes=(0,)).fit(X, Y)
sklearn.MLPClassifier(alpha=-1).fit(X, Y)
sklearn.MLPClassifier().predict(X)
interop.from_keras("nowhere.keras")
explain.explain_step(classifier(), X, Y[:5])
glassnet train spirl
glassnet train nowhere.csv
glassnet train words.csv
glassnet train words.csv --target lenght
glassnet train
glassnet train blobs --epochs 0
glassnet train blobs --layers 64,x
glassnet train blobs --activation relo
glassnet train blobs --optimizer adma
glassnet train blobs --learning-rate nan
glassnet train blobs --dropout 1.5
glassnet train blobs --dtype float16
glassnet train blobs --validation 2
glassnet train --resume nowhere
glassnet train mnist --data-dir nowhere
glassnet trian blobs
glassnet evaluate nowhere
glassnet predict nowhere words.csv
glassnet mistakes nowhere
glassnet summary nowhere
glassnet explain nowhere
glassnet plot nothing
glassnet plot curves nowhere
glassnet plot activations relo
glassnet plot schedule cosin
glassnet plot data wines
glassnet plot tangent x**2+
glassnet plot race --optimizer adam:fast
glassnet export nowhere --out net.py
glassnet import nowhere.onnx
glassnet import words.csv
glassnet experiment nothing
""".strip().splitlines()


def answer(call: str, names: dict[str, Any]) -> tuple[str, str]:
    """What is raised, and its text."""
    from click.testing import CliRunner

    from glassnet.cli.root import root

    if call.startswith("glassnet "):
        result = CliRunner().invoke(root, call.split()[1:])
        assert "Traceback" not in result.output, result.output
        return f"exit {result.exit_code}", result.stderr.strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            eval(call, names)
    except Exception as error:
        return type(error).__name__, str(error)
    return "nothing", ""


def names() -> dict[str, Any]:
    """What the calls may name."""
    import glassnet
    from glassnet import Sequential, layers

    def classifier() -> Any:
        model = Sequential([layers.Input(4), layers.Dense(3, "softmax")], seed=0)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    X = np.sin(np.arange(48.0)).reshape(12, 4)
    Y = np.arange(12) % 3
    public = {name: getattr(glassnet, name) for name in glassnet.__all__}
    return {**public, **locals(), "np": np}


def prepare(folder: Path) -> None:
    """The files that the calls speak of."""
    (folder / "words.csv").write_text("length,colour\n1,red\n2,blue\n3,red\n")
    (folder / "damaged.safetensors").write_bytes(b"this is something else")


def main() -> None:
    known = names()
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        os.chdir(folder)
        said = [{"call": call, **dict(zip(("error", "text"), answer(call, known), strict=True))}
                for call in CALLS]  # fmt: skip
    MESSAGES.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
