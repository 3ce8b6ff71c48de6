"""The last chapters: load, scale, shuffle, train in batches, save, load again, answer.

Neural Networks from Scratch ends with Fashion-MNIST. Where --data-dir has its files (of
fashion_mnist) it is read; otherwise the small digits stand in.
"""

import tempfile
from pathlib import Path

import numpy as np
from shared import Example

import glassnet
from glassnet import Sequential, layers, metrics, plots


def main() -> None:
    """From images to answers with names."""
    example = Example()
    images = example.images(10_000, "fashion_mnist")
    x, x_test = (2 * part - 1 for part in (images.x, images.x_test))  # -1 … 1
    model = Sequential(
        [layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(128, "relu"),
         layers.Dense(10, "softmax")], seed=0
    )  # fmt: skip
    rate = {"name": "inverse_time_decay", "initial_learning_rate": 0.001, "decay_steps": 1,
            "decay_rate": 1e-3}  # fmt: skip
    model.compile(
        {"name": "adam", "learning_rate": rate}, "sparse_categorical_crossentropy", ["accuracy"]
    )
    history = model.fit(x, images.y, epochs=10, batch_size=128, verbose=0,
                        validation_data=(x_test, images.y_test))  # fmt: skip
    print(f"  right: {history['accuracy'][-1]:.1%} learned, {history['val_accuracy'][-1]:.1%} new")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "fashion.safetensors"
        model.save(file)
        again = glassnet.load(file)  # 저장한 모형은 똑같이 답한다
    outputs = again.predict(x_test)
    assert (outputs == model.predict(x_test)).all()
    answers = outputs.argmax(axis=1)
    names = np.array(images.class_names)
    print("  the first five:", ", ".join(names[answers[:5]]))
    print(metrics.classification_report(images.y_test, answers, outputs))
    example.keep(plots.confusion_matrix(images.y_test, answers, images.class_names), "confusion")
    captions = [f"{names[a]} {p:.0%}" for a, p in zip(answers[:20], outputs.max(axis=1))]
    example.keep(plots.image_strip(images.x_test[:20], captions), "answers")


if __name__ == "__main__":
    main()
