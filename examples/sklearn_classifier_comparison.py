"""A network beside six other classifiers, on three small problems.

Pictures of the plane show how each kind thinks: neighbours in patches, trees in boxes, linear
models in straight lines, and a network in lines that bend.
"""

import numpy as np
from shared import Example, plain
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from glassnet import data, plots
from glassnet.plots.style import dress, figure
from glassnet.sklearn import MLPClassifier

OTHERS = {
    "nearest": KNeighborsClassifier(3),
    "linear": LogisticRegression(),
    "SVM": SVC(gamma=2, C=1),
    "tree": DecisionTreeClassifier(max_depth=5, random_state=0),
    "forest": RandomForestClassifier(max_depth=5, n_estimators=10, random_state=0),
    "Bayes": GaussianNB(),
    "network": MLPClassifier(alpha=0.1, max_iter=1000, random_state=0),
}


def main() -> None:
    """Seven classifiers, three data sets."""
    example = Example()
    sets = {
        "moons": data.moons(50, noise=0.3),
        "circles": data.circles(50, noise=0.2),
        "clouds": data.blobs(50, 2, noise=0.6),
    }
    picture = figure(17, 8)
    grid = picture.subplots(len(sets), len(OTHERS))
    scores = np.zeros(grid.shape)
    for row, found in enumerate(sets.values()):
        part = found.split(0.4)
        for column, (name, classifier) in enumerate(OTHERS.items()):
            model = make_pipeline(StandardScaler(), classifier).fit(part.x, part.y)
            scores[row, column] = model.score(part.x_test, part.y_test)
            plots.decision_boundary(
                model.predict, part.x_test, part.y_test, resolution=60, ax=dress(grid[row, column]),
                title=f"{name}: {scores[row, column]:.0%}",
            )  # fmt: skip
    for name, right in zip(OTHERS, scores.T):
        print(f"  {name:<8}", "  ".join(f"{s} {r:.0%}" for s, r in zip(sets, right)))
    for ax in grid.flat:
        plain(ax)
    example.keep(picture)


if __name__ == "__main__":
    main()
