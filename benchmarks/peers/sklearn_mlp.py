"""scikit-learn's MLPClassifier: ``partial_fit`` makes one step."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import sklearn
from idx import load_mnist
from sklearn.neural_network import MLPClassifier
from works import L2, Material

warnings.filterwarnings("ignore")


def versions() -> dict[str, str]:
    return {"scikit-learn": sklearn.__version__}


def with_weights(material: Material) -> MLPClassifier:
    work = material.work
    if work.extra in ("dropout", "batch_norm"):
        raise ValueError(f"MLPClassifier has no {work.extra}")
    # its penalty is alpha/(2n)·Σw²
    alpha = 2 * L2 * work.batch if work.extra == "l2" else 0.0
    model = MLPClassifier(
        work.sizes[1:-1], batch_size=work.batch, alpha=alpha, shuffle=False,
        learning_rate_init=work.learning_rate, epsilon=1e-7,
    )  # fmt: skip
    x, y = material.parts()[0]
    model.partial_fit(x, y, classes=np.arange(work.sizes[-1]))
    model._optimizer = type(model._optimizer)(
        [*model.coefs_, *model.intercepts_], work.learning_rate, epsilon=1e-7
    )
    for own, (W, b) in zip(zip(model.coefs_, model.intercepts_), material.weights):
        own[0][...], own[1][...] = W, b
    return model


class Steps:
    def __init__(self, material: Material) -> None:
        self.model, self.parts = with_weights(material), material.parts()

    def losses(self) -> list[float]:
        return [float(self.model.partial_fit(x, y).loss_) for x, y in self.parts]

    def run(self, count: int) -> None:
        for i in range(count):
            self.model.partial_fit(*self.parts[i % len(self.parts)])


class Prediction:
    def __init__(self, material: Material, rows: int) -> None:
        self.model = with_weights(material)
        self.x = np.resize(material.x, (rows, material.x.shape[1]))

    def run(self, count: int) -> None:
        for _ in range(count):
            self.model.predict_proba(self.x)

    def answer(self) -> list[float]:
        return self.model.predict_proba(self.x[:1])[0].tolist()


def epochs(folder: str, count: int) -> dict[str, Any]:
    """MNIST 784-128-10, batch 128."""
    x, y, x_test, y_test = load_mnist(folder)
    x = x.reshape(-1, 784).astype(np.float32) / 255
    seconds = []
    model = MLPClassifier((128,), batch_size=128, max_iter=1, warm_start=True)
    for _ in range(count):
        began = time.perf_counter()
        model.fit(x, y)
        seconds.append(time.perf_counter() - began)
    accuracy = model.score(x_test.reshape(-1, 784).astype(np.float32) / 255, y_test)
    return {"seconds": seconds, "accuracy": float(accuracy)}
