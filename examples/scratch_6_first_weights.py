"""How large the first weights should be: what comes out of five layers tells.

Deep Learning from Scratch, chapter 6. Too small: all outputs are alike, and layers are wasted.
Too large: sigmoids stand at 0 or 1, where they have no slope. Xavier's and He's are in between.
"""

import numpy as np
from shared import Example

from glassnet import Sequential, initializers, layers, plots

SPREADS = {
    "std 1": initializers.RandomNormal(stddev=1.0),
    "std 0.01": initializers.RandomNormal(stddev=0.01),
    "Xavier": "glorot_normal",
    "He": "he_normal",
}


def stack(activation: str, first: object) -> Sequential:
    """Five hidden layers of 100 units."""
    model = Sequential(
        [layers.Dense(100, activation, kernel_initializer=first) for _ in range(5)], seed=0
    )
    model.build((100,))
    return model


def main() -> None:
    """Histograms, and how well each learns."""
    example = Example()
    x = np.random.default_rng(0).normal(size=(1000, 100))
    for activation in ("sigmoid", "relu"):
        for name, first in SPREADS.items():
            h, spreads = x, []
            model = stack(activation, first)
            for layer in model.layers:  # 층마다 출력이 얼마나 퍼지는가
                h = layer.forward(h.astype(np.float32))
                spreads.append(f"{h.std():.2g}")
            print(f"  {activation:<7} {name:<8} spread by layer: {', '.join(spreads)}")
    for activation, name in (("sigmoid", "std 1"), ("sigmoid", "Xavier"), ("relu", "He")):
        model = stack(activation, SPREADS[name])
        title = f"{activation}, first weights: {name}"
        file = f"{activation}-{name.lower().replace(' ', '-')}"
        example.keep(plots.activation_histograms(model, x, title=title), file)

    images, histories = example.images(), {}
    for name in ("std 0.01", "Xavier", "He"):
        hidden = [layers.Dense(100, "relu", kernel_initializer=SPREADS[name]) for _ in range(4)]
        last = layers.Dense(10, "softmax", kernel_initializer=SPREADS[name])
        model = Sequential([layers.Flatten(), *hidden, last], seed=0)
        model.compile({"name": "sgd", "lr": 0.05}, "sparse_categorical_crossentropy")
        histories[name] = model.fit(images, epochs=10, batch_size=128, verbose=0)
        print(f"  {name:<8} loss {histories[name]['loss'][-1]:.3f} on {images.name}")
    example.keep(plots.learning_curves(histories, ["loss"]), "learning")


if __name__ == "__main__":
    main()
