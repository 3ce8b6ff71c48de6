"""What the first layer of a digit reader looks for: its weights as pictures.

Smooth strokes are a good sign; what looks like noise has not learned enough, or is penalized
too little.
"""

import warnings

from shared import Example
from sklearn.exceptions import ConvergenceWarning

from glassnet import plots
from glassnet.sklearn import MLPClassifier


def main() -> None:
    """One small hidden layer, a few passes."""
    example = Example()
    images = example.images()
    rows = len(images.x), -1
    model = MLPClassifier(
        hidden_layer_sizes=(40,), max_iter=12, alpha=1e-4, solver="sgd", random_state=1,
        learning_rate_init=0.2,
    )  # fmt: skip
    with warnings.catch_warnings():  # 몇 번만 훑으므로 아직 수렴하지 않는다
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(images.x.reshape(rows), images.y)
    right = model.score(images.x_test.reshape(len(images.x_test), -1), images.y_test)
    print(f"  right: {model.score(images.x.reshape(rows), images.y):.1%} learned, {right:.1%} new")
    example.keep(
        plots.weight_images(
            model.coefs_[0], shape=images.image_shape, title=f"40 hidden units, {right:.1%} right"
        )
    )


if __name__ == "__main__":
    main()
