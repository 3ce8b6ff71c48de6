"""glassnet through ``fit``, a callback attached; the batches in order, as every peer has them."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from works import DROPOUT, L2, Material, Work

import glassnet
from glassnet import Sequential, callbacks, layers


def versions() -> dict[str, str]:
    import numba

    return {"glassnet": glassnet.__version__, "numpy": np.__version__, "numba": numba.__version__}


def network(work: Work) -> Sequential:
    stack: list[Any] = []
    penalty = layers.L2(L2) if work.extra == "l2" else None
    for units in work.sizes[1:-1]:
        if work.extra == "batch_norm":
            stack += [layers.Dense(units), layers.BatchNormalization(), layers.Activation("relu")]
        else:
            stack.append(layers.Dense(units, "relu", kernel_regularizer=penalty))
        if work.extra == "dropout":
            stack.append(layers.Dropout(DROPOUT))
    stack.append(layers.Dense(work.sizes[-1], "softmax", kernel_regularizer=penalty))
    model = Sequential(stack, seed=0)
    model.compile({"name": "adam", "learning_rate": work.learning_rate},
                  "sparse_categorical_crossentropy")  # fmt: skip
    model.build((work.sizes[0],))
    return model


def with_weights(material: Material) -> Sequential:
    model = network(material.work)
    dense = [layer for layer in model.layers if isinstance(layer, layers.Dense)]
    for layer, (W, b) in zip(dense, material.weights):
        layer.W[...], layer.b[...] = W, b
    return model


class Steps:
    def __init__(self, material: Material) -> None:
        self.model, self.material = with_weights(material), material

    def losses(self) -> list[float]:
        found: list[float] = []

        def write_down(batch: int, logs: dict[str, float]) -> None:
            found.append(logs["loss"])

        m = self.material
        self.model.fit(
            m.x, m.y, batch_size=m.work.batch, shuffle=False, verbose=0,
            callbacks=[callbacks.LambdaCallback(on_train_batch_end=write_down)],
        )  # fmt: skip
        return found

    def run(self, count: int) -> None:
        m = self.material
        rows = min(count, m.batches) * m.work.batch
        self.model.fit(
            m.x[:rows], m.y[:rows], batch_size=m.work.batch, epochs=max(1, count // m.batches),
            shuffle=False, verbose=0,
            callbacks=[callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)],
        )  # fmt: skip


class Prediction:
    def __init__(self, material: Material, rows: int) -> None:
        self.model = with_weights(material)
        self.x = np.resize(material.x, (rows, material.x.shape[1]))

    def run(self, count: int) -> None:
        for _ in range(count):
            self.model.predict(self.x)

    def answer(self) -> list[float]:
        return self.model.predict(self.x[:1])[0].tolist()


def epochs(folder: str, count: int) -> dict[str, Any]:
    """MNIST 784-128-10, batch 128: seconds of each epoch, and the accuracy at the end."""
    from glassnet import data

    mnist = data.load("mnist", data_dir=folder)
    model = Sequential(
        [layers.Flatten(), layers.Rescaling(1 / 255), layers.Dense(128, "relu"),
         layers.Dense(10, "softmax")], seed=0,
    )  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    seconds: list[float] = []
    began = time.perf_counter()

    def note(epoch: int, logs: dict[str, float]) -> None:
        nonlocal began
        now = time.perf_counter()
        seconds.append(now - began)
        began = now

    model.fit(mnist.x, mnist.y, batch_size=128, epochs=count, verbose=0,
              callbacks=[callbacks.LambdaCallback(on_epoch_end=note)])  # fmt: skip
    return {"seconds": seconds, "accuracy": model.evaluate(mnist.x_test, mnist.y_test)["accuracy"]}
