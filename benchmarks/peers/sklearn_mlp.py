"""scikit-learn's MLPClassifier: ``partial_fit`` makes one step."""

from __future__ import annotations

import warnings

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


class Mnist:
    """784-hidden-10, batches of 128; each ``fit`` goes on for an epoch."""

    def __init__(self, folder: str, hidden: int) -> None:
        x, self.y, x_test, self.y_test = load_mnist(folder)
        self.x, self.x_test = (a.reshape(-1, 784).astype(np.float32) / 255 for a in (x, x_test))
        self.model = MLPClassifier((hidden,), batch_size=128, max_iter=1, warm_start=True)

    def epoch(self) -> None:
        self.model.fit(self.x, self.y)

    def accuracy(self) -> float:
        return float(self.model.score(self.x_test, self.y_test))
