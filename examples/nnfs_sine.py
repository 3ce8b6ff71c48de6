"""A number instead of a class: a network learns a wave.

Neural Networks from Scratch: a linear output, mean squared error, and why one hidden layer of
ReLUs draws corners where two draw a curve.
"""

import numpy as np
from shared import Example

from glassnet import Sequential, data, layers, plots
from glassnet.plots.style import dress, figure


def main() -> None:
    """One and two hidden layers, ReLU and tanh."""
    example = Example()
    X, y = data.sine(1000, seed=0)
    tried = {"one layer of 8 ReLUs": [8], "two layers of 64 ReLUs": [64, 64]}
    picture = figure(13, 4)
    axes = picture.subplots(1, 3)
    for ax, (name, units, f) in zip(
        axes, [*((n, u, "relu") for n, u in tried.items()), ("one layer of 16 tanh", [16], "tanh")]
    ):
        hidden = [layers.Dense(n, f) for n in units]
        model = Sequential([*hidden, layers.Dense(1)], seed=0)
        model.compile({"name": "adam", "lr": 0.01}, "mse", metrics=["mae"])
        model.fit(X, y, epochs=80, batch_size=50, verbose=0)
        # 정확도 대신: 목푯값 표준편차의 1/250 안에 들면 맞은 것으로 친다
        close = np.mean(np.abs(model.predict(X)[:, 0] - y) < y.std() / 250)
        result = model.evaluate(X, y)
        print(f"  {name:<23} mean error {result['mae']:.4f}, within a 250th: {close:.0%}")
        plots.regression_curve(model, X[::20], y[::20], title=name, ax=dress(ax))
    example.keep(picture)


if __name__ == "__main__":
    main()
