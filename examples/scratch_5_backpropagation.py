"""A network of two layers, with backpropagation written out, beside glassnet's.

Deep Learning from Scratch, chapters 4 and 5. The same weights, the same batches: after every
step both have the same numbers to rounding.
"""

import numpy as np
from shared import Example

from glassnet import Sequential, calculus, layers, plots


class TwoLayers:
    """x → ReLU(xW1 + b1) → softmax(hW2 + b2), in NumPy."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.W1, self.b1, self.W2, self.b2 = weights

    def step(self, x: np.ndarray, t: np.ndarray, rate: float) -> float:
        """One step of gradient descent; the loss before it."""
        h = np.maximum(x @ self.W1 + self.b1, 0)
        scores = h @ self.W2 + self.b2
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(t)), t]).mean()
        d_scores = p.copy()  # softmax와 교차 엔트로피를 함께 미분하면 (p - t)/n
        d_scores[np.arange(len(t)), t] -= 1
        d_scores /= len(t)
        d_h = d_scores @ self.W2.T * (h > 0)
        self.W2 -= rate * h.T @ d_scores
        self.b2 -= rate * d_scores.sum(axis=0)
        self.W1 -= rate * x.T @ d_h
        self.b1 -= rate * d_h.sum(axis=0)
        return float(loss)


def main() -> None:
    """Check the gradient, walk together, then train."""
    example = Example()
    images = example.images()
    x, t = images.x.reshape(len(images.x), -1), images.y
    model = Sequential([layers.Dense(50, "relu"), layers.Dense(10, "softmax")], seed=0,
                       dtype="float64")  # fmt: skip
    model.compile({"name": "sgd", "lr": 0.5}, "sparse_categorical_crossentropy", ["accuracy"])
    model.build(x.shape[1:])

    report = calculus.check_gradient(model, x[:5], t[:5])  # 수치 미분과 비교한다
    print(f"  gradient check: {'right' if report.ok else 'wrong'}")

    by_hand, rng = TwoLayers(model.get_weights()), np.random.default_rng(0)
    for _ in range(50):
        rows = rng.integers(0, len(x), 100)
        ours, theirs = model.train_on_batch(x[rows], t[rows]), by_hand.step(x[rows], t[rows], 0.5)
    away = max(abs(a - b).max() for a, b in zip(model.get_weights(), vars(by_hand).values()))
    print(f"  after 50 steps: loss {ours:.6f} and {theirs:.6f}, weights differ by {away:.1e}")

    x_test = images.x_test.reshape(len(images.x_test), -1)
    history = model.fit(x, t, epochs=16, batch_size=100, verbose=0,
                        validation_data=(x_test, images.y_test))  # fmt: skip
    print(f"  right: {history['accuracy'][-1]:.1%} learned, {history['val_accuracy'][-1]:.1%} new")
    example.keep(plots.learning_curves(history, ["loss", "accuracy"]))


if __name__ == "__main__":
    main()
