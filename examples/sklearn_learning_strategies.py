"""Six ways to choose the steps of stochastic gradient descent, on four data sets.

A constant rate, one that shrinks with the number of steps, each plain, with momentum and with
Nesterov's, and Adam. Which is best depends on the data; how fast Adam starts does not.
"""

import warnings

import numpy as np
from shared import Example
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import MinMaxScaler

from glassnet import data
from glassnet.plots.style import dress, figure, label, legend, line_color, line_style
from glassnet.sklearn import MLPClassifier

SGD = {"solver": "sgd", "learning_rate_init": 0.2}
WAYS = {
    "constant": {**SGD, "momentum": 0.0},
    "constant, momentum": {**SGD, "momentum": 0.9, "nesterovs_momentum": False},
    "constant, Nesterov": {**SGD, "momentum": 0.9},
    "shrinking": {**SGD, "learning_rate": "invscaling", "momentum": 0.0},
    "shrinking, Nesterov": {**SGD, "learning_rate": "invscaling", "momentum": 0.9},
    "adam": {"solver": "adam", "learning_rate_init": 0.01},
}


def main() -> None:
    """The loss by epoch."""
    example = Example()
    iris, digits = data.load("iris"), data.load("digits")
    sets = {
        "iris": (iris.x, iris.y, 100),
        "digits": (digits.x.reshape(len(digits.x), -1), digits.y, 10),
        "circles": (*data.circles(50, noise=0.2), 100),
        "moons": (*data.moons(50, noise=0.3), 100),
    }
    picture = figure(12, 8)
    for ax, (name, (x, y, epochs)) in zip(picture.subplots(2, 2).flat, sets.items()):
        x = MinMaxScaler().fit_transform(x)  # 모든 특성을 0과 1 사이로
        print(f"  {name}: {len(x)} samples, {epochs} epochs")
        for number, (way, settings) in enumerate(WAYS.items()):
            model = MLPClassifier(max_iter=epochs, random_state=0, **settings)
            with warnings.catch_warnings():  # 수렴하기 전에 끝나도 괜찮다
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(x, y)
            losses = np.array(model.loss_curve_)
            print(f"    {way:<20} loss {losses[-1]:.4f}, right {model.score(x, y):.1%}")
            ax.plot(losses, label=way, color=line_color(number), linestyle=line_style(number))
        label(dress(ax), name, "epoch", "loss")
    legend(picture.axes[0])
    example.keep(picture)


if __name__ == "__main__":
    main()
