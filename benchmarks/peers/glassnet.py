"""glassnet through ``fit``, a callback attached; the batches in order, as every peer has them."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
from works import DROPOUT, L2, LENET, Conv, ImageWork, Material, Work

import glassnet
from glassnet import Sequential, callbacks, layers


def versions() -> dict[str, str]:
    import numba

    return {"glassnet": glassnet.__version__, "numpy": np.__version__, "numba": numba.__version__}


def network(work: Work | ImageWork) -> Sequential:
    stack = image_layers(work) if isinstance(work, ImageWork) else dense_layers(work)
    model = Sequential(stack, seed=0)
    model.compile({"name": "adam", "learning_rate": work.learning_rate},
                  "sparse_categorical_crossentropy")  # fmt: skip
    model.build(work.shape)
    return model


def image_layers(work: ImageWork) -> list[Any]:
    stack: list[Any] = []
    pooling = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}
    for part in work.stack:
        if isinstance(part, Conv):
            padding = "same" if part.same else "valid"
            stack.append(layers.Conv2D(part.filters, part.size, part.stride, padding,
                                       activation="relu"))  # fmt: skip
        else:
            stack.append(pooling[part.kind](2))
    hidden = [layers.Dense(units, "relu") for units in work.units[:-1]]
    return [*stack, layers.Flatten(), *hidden, layers.Dense(work.units[-1], "softmax")]


def dense_layers(work: Work) -> list[Any]:
    stack: list[Any] = []
    penalty = layers.L2(L2) if work.extra == "l2" else None
    for units in work.sizes[1:-1]:
        if work.extra == "batch_norm":
            stack += [layers.Dense(units), layers.BatchNormalization(), layers.Activation("relu")]
        else:
            stack.append(layers.Dense(units, "relu", kernel_regularizer=penalty))
        if work.extra == "dropout":
            stack.append(layers.Dropout(DROPOUT))
    return [*stack, layers.Dense(work.sizes[-1], "softmax", kernel_regularizer=penalty)]


def with_weights(material: Material) -> Sequential:
    model = network(material.work)
    weighted = [layer for layer in model.layers if hasattr(layer, "W")]
    for layer, (W, b) in zip(weighted, material.weights):
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
        epochs, rest = divmod(count, m.batches)
        for batches, times in ((m.batches, epochs), (rest, 1)):
            rows = batches * m.work.batch
            if rows and times:
                self.model.fit(
                    m.x[:rows], m.y[:rows], batch_size=m.work.batch, epochs=times,
                    shuffle=False, verbose=0,
                    callbacks=[callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)],
                )  # fmt: skip


class ImageSteps:
    """The steps that ``fit`` makes, on batches that are cut already, as the peers have them.

    What fit does beside them (it examines the network before, after and at the end of an epoch)
    would be divided by the few steps that a sample has; an epoch with all of it is ``image-mnist``.
    """

    def __init__(self, material: Material) -> None:
        m = material
        self.model = with_weights(m)
        ready = contextlib.ExitStack()  # left when the process ends
        ready.enter_context(self.model.reusing_memory())
        ready.enter_context(self.model.compiled_steps())
        rows = [slice(i * m.work.batch, (i + 1) * m.work.batch) for i in range(m.batches)]
        self.batches = [
            (self.model.take_input(m.x[some]), self.model.encode_targets(m.y[some]))
            for some in rows
        ]
        self.ready, self.next = ready, 0

    def losses(self) -> list[float]:
        return [self.model.train_step(x, y) for x, y in self.batches]

    def run(self, count: int) -> None:
        for _ in range(count):
            self.model.train_step(*self.batches[self.next])
            self.next = (self.next + 1) % len(self.batches)


class Prediction:
    def __init__(self, material: Material, rows: int) -> None:
        self.model = with_weights(material)
        self.x = np.resize(material.x, (rows, *material.work.shape))

    def run(self, count: int) -> None:
        for _ in range(count):
            self.model.predict(self.x)

    def answer(self) -> list[float]:
        return self.model.predict(self.x[:1])[0].tolist()


class Mnist:
    """784-hidden-10, batches of 128, with ``fit``."""

    def __init__(self, folder: str, hidden: int) -> None:
        from glassnet import data

        self.data = data.load("mnist", data_dir=folder)
        self.model = Sequential(
            [layers.Flatten(), layers.Rescaling(1 / 255), layers.Dense(hidden, "relu"),
             layers.Dense(10, "softmax")], seed=0,
        )  # fmt: skip
        self.model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def epoch(self) -> None:
        self.model.fit(self.data.x, self.data.y, batch_size=128, verbose=0)

    def accuracy(self) -> float:
        return self.model.evaluate(self.data.x_test, self.data.y_test)["accuracy"]


class MnistLenet(Mnist):
    """LeNet, batches of 128, with ``fit``."""

    def __init__(self, folder: str) -> None:
        from glassnet import data

        self.data = data.load("mnist", data_dir=folder)
        bytes_to_images = [layers.Reshape((28, 28, 1)), layers.Rescaling(1 / 255)]
        self.model = Sequential([*bytes_to_images, *image_layers(LENET)], seed=0)
        self.model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
