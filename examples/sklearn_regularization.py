"""How a penalty on the weights smooths what a classifier answers.

The alpha of MLPClassifier adds alpha/2 · Σw² to the loss. With next to none the border bends
around single points; with too much it is a straight line. (After the gallery's example of the
same question.)
"""

import warnings

import numpy as np
from shared import Example, plain
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import data, plots
from glassnet.plots.style import dress, figure
from glassnet.sklearn import MLPClassifier

ALPHAS = (1e-4, 0.1, 1.0, 10.0)  # 규제의 세기


def main() -> None:
    """Three data sets, four strengths."""
    example = Example()
    sets = {
        "moons": data.moons(60, noise=0.3, seed=1),
        "circles": data.circles(60, noise=0.2, seed=1),
        "two clouds": data.blobs(60, 2, noise=0.7, seed=1),
    }
    picture = figure(13, 9.5)
    grid = picture.subplots(len(sets), len(ALPHAS))
    for row, (name, found) in enumerate(sets.items()):
        part = found.split(0.4, seed=0)  # 40 %를 시험용으로 떼어 둔다
        for column, alpha in enumerate(ALPHAS):
            network = MLPClassifier((50, 50), alpha=alpha, learning_rate_init=0.02,
                                    max_iter=150, tol=0, random_state=1)  # fmt: skip
            model = make_pipeline(StandardScaler(), network)
            with warnings.catch_warnings():  # 150번만 훑는다
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(part.x, part.y)
            right = model.score(part.x_test, part.y_test)
            weights = np.sqrt(sum((w**2).sum() for w in network.coefs_))
            print(f"  {name:<10}  alpha {alpha:<6g} |w| {weights:5.1f}  right {right:.0%} (test)")
            plots.decision_boundary(
                model.predict_proba, part.x_test, part.y_test, resolution=60,
                title=f"alpha {alpha:g}: {right:.0%}", ax=dress(grid[row, column]),
            )  # fmt: skip
            plain(grid[row, column])
    example.keep(picture)


if __name__ == "__main__":
    main()
