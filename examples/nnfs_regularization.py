"""More data, L2 and dropout against learning noise by heart.

Neural Networks from Scratch: the gap between training and test data, and three ways to narrow it,
on half moons that overlap: no border gets all of them right.
"""

from shared import Example, plain

from glassnet import Sequential, data, layers, plots
from glassnet.plots.style import dress, figure


def network(units: int, l2: float = 0.0, dropout: float = 0.0) -> Sequential:
    """One hidden layer, perhaps penalized, perhaps with dropout behind it."""
    penalty = layers.L2(l2) if l2 else None
    hidden = [layers.Dense(units, "relu", kernel_regularizer=penalty)]
    hidden += [layers.Dropout(dropout)] if dropout else []
    model = Sequential([*hidden, layers.Dense(2, "softmax")], seed=0)
    model.compile({"name": "adam", "lr": 0.02}, "sparse_categorical_crossentropy", ["accuracy"])
    return model


def main() -> None:
    """Each on fresh points."""
    example = Example()
    unseen = data.moons(500, noise=0.35, seed=7)
    few, many = (data.moons(n, noise=0.35, seed=1) for n in (30, 1000))
    tried = {
        "30 a class": (few, network(128)),
        "L2": (few, network(128, l2=0.01)),
        "dropout": (few, network(128, dropout=0.5)),
        "1000 a class": (many, network(128)),
    }
    picture = figure(14, 4)
    for ax, (name, (found, model)) in zip(picture.subplots(1, len(tried)), tried.items()):
        x, y = found
        epochs = 400 if len(x) < 1000 else 25  # 걸음 수를 비슷하게
        model.fit(x, y, epochs=epochs, batch_size=64, verbose=0)
        learned, fresh = model.evaluate(x, y)["accuracy"], model.evaluate(*unseen)["accuracy"]
        print(f"  {name:<13} right: {learned:.1%} of what it learned, {fresh:.1%} of fresh points")
        plots.decision_boundary(
            model, *unseen, resolution=80, ax=dress(ax), title=f"{name}: {fresh:.0%} fresh"
        )
        plain(ax)
    example.keep(picture)


if __name__ == "__main__":
    main()
