"""The pictures of what a network makes of images in docs/images, made anew, in both languages.

    python docs/image_pictures.py

It draws photos (benchmarks/drawn_photos.py), trains a small network on them, and takes about two
minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from glassnet import Sequential, networks, plots
from glassnet.data import Dataset
from glassnet.plots.words import language

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent / "benchmarks"))

from drawn_photos import arrays  # noqa: E402

KINDS = ("disc", "square", "star", "cross")
SIDE = 32


def photos(each: int, seed: int) -> Dataset:
    """As many photos of each kind, in any order."""
    x, y = arrays(KINDS, each, SIDE, seed)
    order = np.random.default_rng(seed).permutation(len(x))
    return Dataset(
        "photos", x[order], y[order], class_names=KINDS, image_shape=(SIDE, SIDE, 3), image_max=255
    )


def trained(data: Dataset) -> Sequential:
    """A network of two convolutions with 5×5 kernels."""
    model = networks.lenet((SIDE, SIDE, 3), classes=len(KINDS), image_max=255, width=2, seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(data, epochs=15, verbose=0)
    return model


def main() -> None:
    model, new = trained(photos(600, 0)), photos(150, 1)
    print(f"accuracy on new photos: {model.evaluate(new.x, new.y)['accuracy']:.3f}")
    p = model.predict(new.x)
    sure = np.flatnonzero((p.argmax(axis=1) == new.y) & (new.y == KINDS.index("star")))
    image = new.x[sure[p[sure].max(axis=1).argmax()]]
    for code in ("en", "ko"):
        with language(code):
            made = {
                "filters": plots.filters(model),
                "featuremaps": plots.feature_maps(model, image, data=new),
                "units": plots.strongest_patches(model, new.x, units=range(6)),
                "occlusion": plots.occlusion(model, image, data=new),
                "saliency": plots.saliency(model, image, data=new),
                "gradcam": plots.grad_cam(model, image, ["star", "cross"], data=new),
                "embedding": plots.embedding(model, new.x, new.y, class_names=KINDS, images=True),
            }
        for name, figure in made.items():
            plots.save(figure, DOCS / "images" / f"images-{name}-{code}.png", dpi=110)


if __name__ == "__main__":
    main()
