"""The images of a data set in another size and colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glassnet._core.types import Array
from glassnet.data.dataset import Dataset
from glassnet.data.image_choice import pixels
from glassnet.data.image_preprocessing import ImagePreprocessing

WHITE = 255


def resized(data: Dataset, size: tuple[int, int], color: bool) -> Dataset:
    """``data`` with images of this height and width, red, green and blue or grey.

    Images that are so already stay as they are; others become bytes from 0 to 255, scaled as those
    of a folder are.
    """
    shape = (*size, 3) if color else size
    own = data.image_shape or ()
    if own == shape or own == (*shape, 1):
        return data
    reader = ImagePreprocessing(size, color, aspect="stretch")

    def scaled(x: Array | None) -> Array | None:
        if x is None or not len(x):
            return x
        white = float(data.image_max or 1)
        x = x.reshape(len(x), *own)
        grey = x if white == WHITE and x.dtype == np.uint8 else np.rint(x * (WHITE / white))
        found: Array = reader.transform(grey.astype(np.uint8)).reshape(len(x), *shape)
        return found

    x = scaled(data.x)
    assert x is not None
    said = f"scaled from {pixels(own[:2])} to {pixels(size)} pixels"
    if color != (own[2:] == (3,)):
        said += ", and made " + ("red, green and blue" if color else "grey")
    return replace(
        data, x=x, x_test=scaled(data.x_test), x_validation=scaled(data.x_validation),
        image_shape=shape, image_max=WHITE, notes=(*data.notes, said),
    )  # fmt: skip
