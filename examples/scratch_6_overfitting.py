"""300 samples learned by heart, and what weight decay and dropout do about it.

Deep Learning from Scratch, chapter 6. One label in seven is wrong on purpose.
The distance between the two curves is what was learned by heart.
"""

import numpy as np
from shared import Example

from glassnet import Sequential, layers, plots


def network(l2: float = 0.0, dropout: float = 0.0) -> Sequential:
    """Far too many weights for 300 samples."""
    stack: list[layers.Layer] = [layers.Flatten()]
    for _ in range(3):
        penalty = layers.L2(l2) if l2 else None
        stack.append(layers.Dense(100, "relu", kernel_regularizer=penalty))
        if dropout:
            stack.append(layers.Dropout(dropout))
    model = Sequential([*stack, layers.Dense(10, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model


def main() -> None:
    """Nothing, weight decay, dropout."""
    example = Example()
    images, histories = example.images(300), {}
    unseen = (images.x_test, images.y_test)
    labels, rng = images.y.copy(), np.random.default_rng(0)
    labels[::7] = rng.integers(0, 10, len(labels[::7]))  # 일곱 개 중 하나는 아무 이름표나
    for name, settings in {
        "nothing": {}, "weight decay": {"l2": 0.01}, "dropout": {"dropout": 0.4},
    }.items():  # fmt: skip
        model = network(**settings)
        history = model.fit(images.x, labels, epochs=40, validation_data=unseen, verbose=0,
                            evaluate_training=True)  # fmt: skip
        histories[name] = {k: history[k] for k in ("train_accuracy", "val_accuracy")}
        print(
            f"  {name:<12} right: {history['train_accuracy'][-1]:.1%} of what it learned, "
            f"{history['val_accuracy'][-1]:.1%} of what is new, loss {history['val_loss'][-1]:.3f}"
        )
        if name == "nothing":
            print("  glassnet says:", str(history.diagnosis).strip().splitlines()[0])
    example.keep(plots.learning_curves(histories, ["accuracy"]))


if __name__ == "__main__":
    main()
