"""Keras 3 on TensorFlow: ``train_on_batch`` for a step, ``fit`` for an epoch."""

from __future__ import annotations

import os
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from idx import load_mnist
from works import DROPOUT, L2, Material, Work


def versions() -> dict[str, str]:
    import tensorflow

    return {"keras": keras.__version__, "tensorflow": tensorflow.__version__}


def network(work: Work) -> Any:
    stack: list[Any] = [keras.Input((work.sizes[0],))]
    penalty = keras.regularizers.L2(L2) if work.extra == "l2" else None
    for units in work.sizes[1:-1]:
        if work.extra == "batch_norm":
            stack += [keras.layers.Dense(units), keras.layers.BatchNormalization(),
                      keras.layers.ReLU()]  # fmt: skip
        else:
            stack.append(keras.layers.Dense(units, "relu", kernel_regularizer=penalty))
        if work.extra == "dropout":
            stack.append(keras.layers.Dropout(DROPOUT))
    stack.append(keras.layers.Dense(work.sizes[-1], "softmax", kernel_regularizer=penalty))
    model = keras.Sequential(stack)
    model.compile(keras.optimizers.Adam(work.learning_rate), "sparse_categorical_crossentropy")
    return model


def with_weights(material: Material) -> Any:
    model = network(material.work)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    for layer, (W, b) in zip(dense, material.weights):
        layer.set_weights([W, b])
    return model


class Steps:
    def __init__(self, material: Material) -> None:
        self.model, self.parts = with_weights(material), material.parts()

    def losses(self) -> list[float]:
        return [
            float(np.ravel(self.model.train_on_batch(x, y))[0])
            for x, y in self.parts
            if self.model.reset_metrics() is None
        ]

    def run(self, count: int) -> None:
        for i in range(count):
            self.model.train_on_batch(*self.parts[i % len(self.parts)])


class Prediction:
    def __init__(self, material: Material, rows: int) -> None:
        self.model = with_weights(material)
        self.x = np.resize(material.x, (rows, material.x.shape[1]))

    def run(self, count: int) -> None:
        for _ in range(count):
            self.model.predict_on_batch(self.x)

    def answer(self) -> list[float]:
        return self.model.predict_on_batch(self.x[:1])[0].tolist()


class Mnist:
    """784-hidden-10, batches of 128, with ``fit``."""

    def __init__(self, folder: str, hidden: int) -> None:
        self.x, self.y, *self.test = load_mnist(folder)
        self.model = keras.Sequential(
            [keras.Input((28, 28)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(),
             keras.layers.Dense(hidden, "relu"), keras.layers.Dense(10, "softmax")]
        )  # fmt: skip
        self.model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def epoch(self) -> None:
        self.model.fit(self.x, self.y, batch_size=128, epochs=1, verbose=0)

    def accuracy(self) -> float:
        return float(self.model.evaluate(*self.test, verbose=0)[1])
