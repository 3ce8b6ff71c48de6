"""Yes or no: one sigmoid output and binary cross-entropy.

Neural Networks from Scratch: two spirals, one output between 0 and 1, answered "yes" above 0.5.
"""

from shared import Example

from glassnet import Sequential, data, layers, plots


def main() -> None:
    """Train, judge on fresh points, draw."""
    example = Example()
    X, y = data.spiral(samples=100, classes=2, seed=0)
    model = Sequential(
        [layers.Dense(64, "relu", kernel_regularizer=layers.L2(5e-4)), layers.Dense(1, "sigmoid")],
        seed=0,
    )
    model.compile({"name": "adam", "lr": 0.01}, "binary_crossentropy", ["accuracy", "AUC"])
    model.fit(X, y, epochs=400, batch_size=50, verbose=0)
    loss, accuracy, area = model.evaluate(*data.spiral(samples=100, classes=2, seed=1))
    print(f"  fresh points: loss {loss:.3f}, right {accuracy:.1%}, area under the curve {area:.3f}")
    print("  outputs of the first three:", model.predict(X[:3])[:, 0].round(3))
    example.keep(plots.decision_boundary(model, X, y, title=f"{accuracy:.0%} right"))


if __name__ == "__main__":
    main()
