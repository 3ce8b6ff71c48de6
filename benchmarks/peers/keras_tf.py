"""Keras 3 on TensorFlow: ``train_on_batch`` for a step, ``fit`` for an epoch."""

from __future__ import annotations

import os
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from idx import load_mnist
from works import DROPOUT, L2, LENET, Conv, ImageWork, InParts, Material, Work

COMPILED = False  # by XLA


def versions() -> dict[str, str]:
    return {"keras": keras.__version__, "tensorflow": tf.__version__}


def image_layers(work: ImageWork) -> list[Any]:
    stack: list[Any] = []
    pooling = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    for part in work.stack:
        if isinstance(part, Conv):
            padding = "same" if part.same else "valid"
            stack.append(keras.layers.Conv2D(part.filters, part.size, part.stride, padding,
                                             activation="relu"))  # fmt: skip
        else:
            stack.append(pooling[part.kind](2))
    hidden = [keras.layers.Dense(units, "relu") for units in work.units[:-1]]
    last = keras.layers.Dense(work.units[-1], "softmax")
    return [*stack, keras.layers.Flatten(), *hidden, last]


def image_network(work: ImageWork) -> Any:
    model = keras.Sequential([keras.Input(work.shape), *image_layers(work)])
    model.compile(keras.optimizers.Adam(work.learning_rate), "sparse_categorical_crossentropy",
                  jit_compile=COMPILED)  # fmt: skip
    return model


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


class ImageSteps:
    """A step as one ``tf.function``, the batches as tensors: without what Keras adds to a call."""

    def __init__(self, material: Material) -> None:
        assert isinstance(material.work, ImageWork)
        keras.backend.clear_session()
        model = image_network(material.work)
        model.set_weights([a for pair in material.weights for a in pair])
        self.parts = [(tf.constant(x), tf.constant(y)) for x, y in material.parts()]

        @tf.function(jit_compile=COMPILED)
        def step(x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = model.compute_loss(x, y, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_weights)
            model.optimizer.apply_gradients(zip(gradients, model.trainable_weights))
            return loss

        model.optimizer.build(model.trainable_weights)
        self.step = step

    def losses(self) -> list[float]:
        return [float(self.step(x, y)) for x, y in self.parts]

    def run(self, count: int) -> None:
        for i in range(count):
            loss = self.step(*self.parts[i % len(self.parts)])
        loss.numpy()


class ImagePrediction:
    def __init__(self, material: Material, rows: int) -> None:
        assert isinstance(material.work, ImageWork)
        keras.backend.clear_session()
        model = image_network(material.work)
        model.set_weights([a for pair in material.weights for a in pair])
        self.f = tf.function(lambda x: model(x, training=False), jit_compile=COMPILED)
        self.first = material.x[:1]
        self.run = InParts(self.predict, np.resize(material.x, (rows, *material.work.shape))).run

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.f(tf.constant(x)).numpy()

    def answer(self) -> list[float]:
        return self.predict(self.first)[0].tolist()


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


class MnistLenet(Mnist):
    """LeNet, batches of 128, with ``fit``."""

    def __init__(self, folder: str) -> None:
        self.x, self.y, *self.test = load_mnist(folder)
        pixels = [keras.layers.Reshape((28, 28, 1)), keras.layers.Rescaling(1 / 255)]
        self.model = keras.Sequential([keras.Input((28, 28)), *pixels, *image_layers(LENET)])
        self.model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"],
                           jit_compile=COMPILED)  # fmt: skip
