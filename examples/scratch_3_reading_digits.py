"""A trained network reads digits, one by one and in batches.

Deep Learning from Scratch, chapter 3. Where --data-dir has the book's sample_weight.pkl beside
MNIST, that network is taken; otherwise one of the same shape learns first, is saved, and loaded.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from shared import Example

import glassnet
from glassnet import Sequential, data, interop, layers, plots


def reader(example: Example) -> tuple[Sequential, glassnet.data.Dataset]:
    """The network, and what it is to read."""
    folder = example.options.data_dir
    if folder and (Path(folder) / "sample_weight.pkl").exists():
        model, _ = interop.import_model(Path(folder) / "sample_weight.pkl")
        found = data.load("mnist", data_dir=folder)
        x = found.x_test.reshape(len(found.x_test), -1) / 255
        return model, glassnet.data.Dataset("mnist", x, found.y_test, image_shape=(28, 28))
    images = example.images()
    model = Sequential(
        [layers.Flatten(), layers.Dense(50, "sigmoid"), layers.Dense(100, "sigmoid"),
         layers.Dense(10, "softmax")], seed=0
    )  # fmt: skip
    model.compile({"name": "adam", "learning_rate": 0.01}, "sparse_categorical_crossentropy")
    model.fit(images, epochs=30, verbose=0)
    with tempfile.TemporaryDirectory() as place:
        model.save(Path(place) / "digits.safetensors")
        model = glassnet.load(Path(place) / "digits.safetensors")
    return model, glassnet.data.Dataset(
        images.name, images.x_test, images.y_test, image_shape=images.image_shape
    )


def main() -> None:
    """The share that is right, and what a batch saves."""
    example = Example()
    model, (x, y) = reader(example)
    few = x[:200]
    start = time.perf_counter()
    for one in few:
        model.predict(one[None])  # 이미지 한 장도 배치로 넣는다
    alone = time.perf_counter() - start
    start = time.perf_counter()
    outputs = model.predict(x, batch_size=100)
    together = (time.perf_counter() - start) * len(few) / len(x)
    answers = outputs.argmax(axis=1)
    print(f"  right: {np.mean(answers == y):.2%} of {len(x):,}")
    print(
        f"  {len(few)} images one by one {1000 * alone:.1f} ms, in batches {1000 * together:.1f} ms"
    )
    side = int(np.sqrt(np.prod(x.shape[1:])))
    pictures = x.reshape(-1, side, side)
    example.keep(plots.mistakes(pictures, y, answers, probabilities=outputs, limit=16))


if __name__ == "__main__":
    main()
