"""SGD, Momentum, AdaGrad and Adam: on a long valley, and on digits.

Deep Learning from Scratch, chapter 6. In the valley x0²/20 + x1² the gradient hardly ever points
at the lowest place.
"""

from shared import Example

from glassnet import Sequential, calculus, layers, optimizers, plots


def main() -> None:
    """The race, then the loss of one network under each."""
    example = Example()

    def valley(x):
        return x[0] ** 2 / 20 + x[1] ** 2

    runs = calculus.race(valley, (-7, 2), steps=30)
    for name, run in runs.items():
        print(f"  {name:<8} ends at {run.end.round(3)}")
    example.keep(plots.race(valley, runs, (-8, 8), (-4, 4)), "race")

    images, histories = example.images(), {}
    for rule in (
        optimizers.SGD(0.01), optimizers.Momentum(0.01), optimizers.Adagrad(0.01),
        optimizers.Adam(0.001),
    ):  # fmt: skip
        hidden = [layers.Dense(100, "relu", kernel_initializer="he_normal") for _ in range(4)]
        model = Sequential([layers.Flatten(), *hidden, layers.Dense(10, "softmax")], seed=0)
        model.compile(rule, "sparse_categorical_crossentropy")  # 초깃값은 모두 같다
        histories[rule.name] = model.fit(images, epochs=8, batch_size=128, verbose=0)
        print(f"  {rule.name:<8} loss {histories[rule.name]['loss'][-1]:.4f} on {images.name}")
    example.keep(plots.learning_curves(histories, ["loss"], log=True), "digits")


if __name__ == "__main__":
    main()
