"""Deeper, with images changed at random: the digits that are still read wrongly.

Deep Learning from Scratch, chapter 8: six convolutions of 3×3, dropout, and images that are
shifted and turned while it learns.
"""

from shared import Example

from glassnet import networks, plots


def main() -> None:
    """The book's deep network, then its surest mistakes."""
    example = Example()
    images = example.images(1500)
    # 같은 이미지도 볼 때마다 조금씩 다르다
    model = networks.deep_convnet(
        images.image_shape, seed=0, width=0.5, dropout=0.2, augment="shift=1,rotation=8"
    )
    model.compile({"name": "adam", "lr": 0.003}, "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(images.x, images.y, batch_size=64, epochs=10, verbose=0)
    judged = model.evaluate(images.x_test, images.y_test)
    print(f"  right: {judged['accuracy']:.1%} of {len(images.x_test)} new images")
    outputs = model.predict(images.x_test)
    example.keep(
        plots.mistakes(
            images.x_test, images.y_test, outputs.argmax(axis=1), probabilities=outputs, limit=16
        )
    )


if __name__ == "__main__":
    main()
