"""How images become the numbers that a network learned from; kept with the model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, get_args

import numpy as np
from numpy.typing import DTypeLike

from glassnet._core.types import Array
from glassnet.data.image_files import ImageFiles
from glassnet.data.image_names import spelled
from glassnet.data.image_reading import Aspect, plain, scaled, upright
from glassnet.data.image_troubles import lines
from glassnet.data.image_walk import Found, Tree, find
from glassnet.data.target import Target
from glassnet.errors import ConfigError, DataError, FileFormatError, LabelError, ShapeError

FORMAT = 1


@dataclass(frozen=True)
class ImagePreprocessing:
    """Turns images into the bytes that a network was trained on.

    Args:
        size: height and width.
        color: red, green and blue, or else grey.
        classes: class k is ``classes[k]``, the name of its folder.
        aspect: how the aspect was kept, as of :func:`image_folder`.

    >>> learned = ImagePreprocessing((2, 2), False, ("cat", "dog"))
    >>> learned.transform(np.full((1, 4, 4, 3), 255, np.uint8)).shape
    (1, 2, 2, 1)
    """

    size: tuple[int, int]
    color: bool
    classes: tuple[str, ...] = ()
    aspect: Aspect = "crop"

    of: ClassVar[str] = "images"

    @property
    def channels(self) -> int:
        """3 for colour, 1 for grey."""
        return 3 if self.color else 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one image, as the network takes it: height, width, channels."""
        return (*self.size, self.channels)

    @property
    def target(self) -> Target:
        """What is predicted: the class."""
        return Target("class", "classification", self.classes)

    def takes(self, x: Any) -> bool:
        """Whether ``x`` are files, folders or Pillow's images: what has not been read yet."""
        if isinstance(x, (list, tuple)):
            return bool(x) and all(_single(each) for each in x)
        return _single(x)

    def transform(self, images: Any, *, dtype: DTypeLike = np.uint8) -> Array:
        """Bytes (n, height, width, channels), from 0 to 255.

        Args:
            images: files, folders (all images in them), Pillow's images, one or a list of them;
                or an array of bytes (n, height, width[, channels]) of any height and width.
            dtype: of the values, which stay 0 … 255.

        Raises:
            DataError: files that cannot be read: names all of them.
            ShapeError: an array that is no images.
        """
        if self.takes(images):
            given = list(images) if isinstance(images, (list, tuple)) else [images]
            found = self._from_files(given)
        else:
            found = self._from_array(np.asarray(images))
        return found.astype(dtype, copy=False)

    def _from_files(self, given: Sequence[Any]) -> Array:
        paths = [each for each in given if isinstance(each, (str, os.PathLike))]
        if len(paths) < len(given):
            images = [
                self._from_files([each])
                if not hasattr(each, "getbands")
                else self._from_image(each)[None]
                for each in given
            ]
            joined: Array = np.concatenate(images)
            return joined
        read = reader_of(self).read(paths_of(paths).files)
        if read.troubles:
            said = " ".join(line.removeprefix("left out: ") for line in lines(read.troubles))
            raise DataError(f"{said}.")
        return read.x

    def _from_image(self, image: Any) -> Array:
        mode = "RGB" if self.color else "L"
        picture = scaled(plain(upright(image), mode), self.size, self.aspect)
        return np.asarray(picture, np.uint8).reshape(self.shape)

    def _from_array(self, x: Array) -> Array:
        from PIL import Image

        if x.ndim not in (3, 4) or x.dtype != np.uint8 or x.shape[3:] not in ((), (1,), (3,), (4,)):
            raise ShapeError(
                f"images: got an array of shape {x.shape} and type {x.dtype}; expected files, or "
                "bytes (uint8) of shape (n, height, width, 3), or without the last axis if grey."
            )
        if x.shape[1:] == self.shape:
            return x
        return np.stack([self._from_image(Image.fromarray(each.squeeze())) for each in x])

    def encode_target(self, data: Any, *, dtype: DTypeLike = np.int64) -> Array:
        """Class numbers (int64), of the names of classes or of numbers; or {"class": names}.

        Raises:
            DataError: no names.
            LabelError: a class that was not there in training.
        """
        given = data.get("class") if isinstance(data, Mapping) else data
        number = {name: k for k, name in enumerate(self.classes)}
        y = np.asarray(given)
        if y.dtype.kind in "iu" and (not y.size or (y.min() >= 0 and y.max() < len(number))):
            return y.astype(np.int64)
        strange = [label for label in y.ravel().tolist() if label not in number]
        if strange:
            known = ", ".join(self.classes[:10])
            raise LabelError(f"{strange[0]!r} is not one of the classes: {known}.")
        return np.array([number[label] for label in y.ravel().tolist()], np.int64)

    def decode_target(self, y: Any) -> Array:
        """The names of the classes, for their numbers."""
        labels: Array = np.array(self.classes)[np.asarray(y)]
        return labels

    def to_config(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "kind": self.of,
            "format": FORMAT,
            "size": list(self.size),
            "color": self.color,
            "classes": list(self.classes),
            "aspect": self.aspect,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> ImagePreprocessing:
        """What :meth:`to_config` described.

        Raises:
            FileFormatError: damaged, or written by a newer version.
        """
        try:
            if config["format"] > FORMAT:
                raise FileFormatError(
                    f"the reading of images has format {config['format']}, newer than this version "
                    f"of glassnet knows ({FORMAT}); update glassnet"
                )
            size, color, aspect = tuple(config["size"]), config["color"], config["aspect"]
            classes = tuple(config["classes"])
            whole = [side for side in size if isinstance(side, int) and 1 <= side <= 10_000]
            if len(size) != 2 or len(whole) != 2 or not isinstance(color, bool):
                raise ValueError(f"size {size}, color {color!r}")
            if aspect not in get_args(Aspect) or not all(isinstance(c, str) for c in classes):
                raise ValueError(f"aspect {aspect!r}, classes {classes}")
            return cls((size[0], size[1]), color, classes, aspect)
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise FileFormatError(f"the reading of images is damaged: {error!r}") from None


def _single(x: Any) -> bool:
    """Whether it is a path, or an image of Pillow's."""
    return isinstance(x, (str, os.PathLike)) or hasattr(x, "getbands")


def reader_of(preprocessing: ImagePreprocessing) -> ImageFiles:
    """What reads files as it says."""
    return ImageFiles(preprocessing.size, preprocessing.channels, preprocessing.aspect)


def paths_of(paths: Sequence[Any]) -> Tree:
    """Files as they are named, and all images of folders.

    Raises:
        DataError: nothing of that name, or a folder without images.
    """
    tree = Tree()
    for path in paths:
        place = Path(path)
        if place.is_dir():
            inside = find(place, classes=False)
            tree.troubles += inside.troubles
            if not inside.files:
                raise DataError(f"{spelled(str(path))}: there is no image in it.")
            tree.files += [
                Found(each.path, spelled(str(path)).rstrip("/") + f"/{each.shown}", "", None)
                for each in inside.files
            ]
        elif place.is_file():
            tree.files.append(Found(str(path), spelled(str(path)), "", None))
        else:
            raise DataError(f"{spelled(str(path))}: there is no such file or folder.")
    return tree


def checked_size(size: Any) -> tuple[int, int]:
    """Height and width, of a whole number or two.

    Raises:
        ConfigError: neither.
    """
    sides = (size, size) if isinstance(size, (int, np.integer)) else size
    good = isinstance(sides, (tuple, list)) and len(sides) == 2
    if not good or not all(
        isinstance(side, (int, np.integer)) and not isinstance(side, bool) and 4 <= side <= 4096
        for side in sides
    ):
        raise ConfigError(
            f"size is {size!r}, but must be a whole number of pixels from 4 to 4096, or height and "
            "width, as in size=64 or size=[48, 64]."
        )
    return int(sides[0]), int(sides[1])
