"""Which way a regression answers when one feature moves: partial dependence of an MLPRegressor.

The mean answer over all patients, with one or two of their measurements set to a value. The
estimator is scikit-learn's in every respect, so its tools of inspection take it.
"""

import matplotlib

matplotlib.use("agg")  # 창을 띄우지 않고 파일로만 그린다

import matplotlib.pyplot as plt
from shared import Example
from sklearn.compose import TransformedTargetRegressor
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import data
from glassnet.sklearn import MLPRegressor


def main() -> None:
    """Progression of diabetes a year later, from ten measurements."""
    example = Example()
    found = data.load("diabetes")
    network = MLPRegressor(
        hidden_layer_sizes=(30, 15), activation="tanh", alpha=3.0, early_stopping=True,
        learning_rate_init=0.01, max_iter=500, random_state=0,
    )  # fmt: skip
    # 표준화된 목푯값으로 배우고, 답은 원래 단위로 돌려준다
    scaled = TransformedTargetRegressor(network, transformer=StandardScaler())
    model = make_pipeline(StandardScaler(), scaled).fit(found.x, found.y)
    print(f"  R² {model.score(found.x_test, found.y_test):.3f} on {len(found.x_test)} patients")
    by_chance = permutation_importance(model, found.x_test, found.y_test, random_state=0)
    order = by_chance.importances_mean.argsort()[::-1]
    for i in order[:4]:
        print(
            f"  without {found.feature_names[i]:<4} R² falls by {by_chance.importances_mean[i]:.3f}"
        )
    first, second = (int(i) for i in order[:2])
    picture, axes = plt.subplots(1, 4, figsize=(14, 4), layout="constrained")
    PartialDependenceDisplay.from_estimator(
        model, found.x, [*(int(i) for i in order[:3]), (first, second)],
        feature_names=list(found.feature_names), grid_resolution=15, ax=axes,
    )  # fmt: skip
    example.keep(picture)
    plt.close(picture)


if __name__ == "__main__":
    main()
