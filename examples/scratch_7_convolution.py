"""A convolutional network, and its filters before and after it learned.

Deep Learning from Scratch, chapter 7: convolution, ReLU, pooling, two dense layers.
"""

import numpy as np
from shared import Example

from glassnet import networks, plots


def main() -> None:
    """Train the book's small network; look at the first layer."""
    example = Example()
    images = example.images()
    # (28, 28)도 (28, 28, 1)도 된다
    model = networks.simple_convnet(images.image_shape, seed=0)
    print(model)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    convolution = next(layer for layer in model.layers if layer.kind == "conv2d")
    before = convolution.W.copy()
    history = model.fit(images, epochs=8, batch_size=64, verbose=0,
                        validation_data=(images.x_test, images.y_test))  # fmt: skip
    print(f"  right: {history['accuracy'][-1]:.1%} learned, {history['val_accuracy'][-1]:.1%} new")
    moved = np.abs(convolution.W - before).mean() / np.abs(before).mean()
    print(f"  the filters moved by {moved:.0%} of their size")
    example.keep(plots.weight_images(before, title="Filters before"), "filters-before")
    example.keep(plots.weight_images(model, title="Filters after"), "filters-after")
    example.keep(plots.learning_curves(history, ["loss", "accuracy"]), "curves")


if __name__ == "__main__":
    main()
