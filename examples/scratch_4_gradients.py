"""From the loss to the gradient: what a small change of a weight does.

Deep Learning from Scratch, chapter 4: two losses, the numerical derivative, the gradient as
arrows, descent with rates that are too large and too small, and the gradient of a network.
"""

import numpy as np
from shared import Example

from glassnet import Sequential, calculus, layers, losses, plots


def line(x: float) -> float:
    """0.01x² + 0.1x"""
    return 0.01 * x**2 + 0.1 * x


def bowl(x: np.ndarray) -> float:
    """x0² + x1²"""
    return x[0] ** 2 + x[1] ** 2


def main() -> None:
    """Losses, slopes, descent."""
    example = Example()
    truth = np.array([[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]])
    sure = np.array([[0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0]])  # 정답 2에 0.6
    unsure = np.array([[0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0]])  # 7에 0.6
    for name in ("mean_squared_error", "categorical_crossentropy"):
        loss = losses.get(name)
        print(f"  {name}: right {loss(truth, sure):.4f}, wrong {loss(truth, unsure):.4f}")

    for x in (5.0, 10.0):
        print(f"  slope of 0.01x² + 0.1x at {x:g}: {calculus.numerical_diff(line, x):.6f}")
    example.keep(plots.tangents(line, [5, 10], (0, 20)), "tangents")
    example.keep(plots.gradient_field(bowl), "field")

    for rate in (0.1, 1.05, 0.001):  # 적당한, 너무 큰, 너무 작은 학습률
        run = calculus.gradient_descent(bowl, [-3, 4], learning_rate=rate, step_num=20)
        print(f"  rate {rate:<5} ends at {run.end.round(4)}: {run.status}")
    run = calculus.gradient_descent(bowl, [-3, 4], learning_rate=0.1, step_num=20)
    example.keep(plots.descent(bowl, run, (-5, 5), (-5, 5)), "descent")

    model = Sequential([layers.Dense(3, "softmax")], seed=0, dtype="float64")
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build((2,))
    x, t = np.array([[0.6, 0.9]]), np.array([2])
    _, gradient = model.loss_and_gradient(x, t)
    print("  dL/dW of a layer 2-3, by backpropagation:", gradient[:6].round(4))

    def of_weights(w: np.ndarray) -> float:
        model.layers[0].W = w.reshape(2, 3)
        return model.evaluate(x, t)["loss"]

    by_differences = calculus.numerical_gradient(of_weights, model.layers[0].W.ravel().copy())
    print("                            by differences:", by_differences.round(4))


if __name__ == "__main__":
    main()
