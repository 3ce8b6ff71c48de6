"""Three spirals, a hidden layer of 64 units, and five optimizers.

Neural Networks from Scratch: dense layers, ReLU, softmax with cross-entropy, backpropagation,
and what decay, momentum, AdaGrad, RMSprop and Adam change.
"""

from shared import Example, plain

from glassnet import Sequential, data, layers, optimizers, plots, schedules
from glassnet.plots.style import dress, figure


def main() -> None:
    """The same first weights under each optimizer."""
    example = Example()
    X, y = data.spiral(samples=100, classes=3, seed=0)
    example.keep(plots.data_points(X, y, title="Three spirals"), "data")
    rules = {
        "SGD": optimizers.SGD(1.0),
        "SGD, decaying": optimizers.SGD(schedules.InverseTimeDecay(1.0, 1, 0.001)),
        "momentum": optimizers.SGD(
            schedules.InverseTimeDecay(1.0, 1, 0.001), momentum=0.9
        ),
        "RMSprop": optimizers.RMSprop(schedules.InverseTimeDecay(0.02, 1, 1e-4)),
        "Adam": optimizers.Adam(schedules.InverseTimeDecay(0.05, 1, 5e-5)),
    }  # fmt: skip
    picture, histories = figure(16, 3.6), {}
    for ax, (name, rule) in zip(picture.subplots(1, len(rules)), rules.items()):
        model = Sequential([layers.Dense(64, "relu"), layers.Dense(3, "softmax")], seed=0)
        model.compile(rule, "sparse_categorical_crossentropy", metrics=["accuracy"])
        # 한 에포크가 한 걸음: 배치는 전체 데이터
        history = histories[name] = model.fit(X, y, batch_size=300, epochs=1000, verbose=0)
        print(f"  {name:<14} loss {history['loss'][-1]:.3f}, right {history['accuracy'][-1]:.1%}")
        plots.decision_boundary(
            model, X, y, resolution=80, ax=dress(ax),
            title=f"{name}: {history['accuracy'][-1]:.0%}",
        )  # fmt: skip
        plain(ax)
    example.keep(picture, "boundaries")
    example.keep(plots.learning_curves(histories, ["loss"]), "losses")


if __name__ == "__main__":
    main()
