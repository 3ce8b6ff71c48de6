"""A folder of images, with a folder inside for each class, as a data set like every other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import get_args

import numpy as np

from glassnet._core.available import available_memory
from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.data import image_doubles
from glassnet.data.dataset import Dataset
from glassnet.data.image_batches import ImageBatches
from glassnet.data.image_choice import pixels, read_as_suits
from glassnet.data.image_files import in_place
from glassnet.data.image_names import class_order, spelled
from glassnet.data.image_parts import Split, divided, evenly, fewer
from glassnet.data.image_preprocessing import ImagePreprocessing, checked_size, reader_of
from glassnet.data.image_reading import Aspect
from glassnet.data.image_troubles import grave, lines
from glassnet.data.image_walk import Found, Tree, Trouble, find
from glassnet.errors import ConfigError, DataError

SHARE = 0.25  # of the free memory that the images may take before they are read beside the training
EXPECTED = "Expected a folder of images for each class inside, as in photos/cat and photos/dog."
MOST = 4 << 30  # bytes, however much is free


def image_folder(
    path: str | Path,
    size: int | tuple[int, int] | None = None,
    color: bool | None = None,
    *,
    aspect: Aspect = "crop",
    validation: float = 0.0,
    test: float | str | Path | None = None,
    seed: int = 0,
    strict: bool = False,
    memory: int | None = None,
    preprocessing: ImagePreprocessing | None = None,
) -> Dataset:
    """The images of a folder: ``photos/cat/….jpg`` and ``photos/dog/….png`` are of two classes.

    ``photos/train/cat/…`` beside ``photos/test/cat/…`` (or ``val``) are taken for what they are
    called. PNG, JPEG, WebP, GIF (its first picture), BMP, TIFF, PPM and AVIF are read by their
    contents, turned as their EXIF says, on white where they are transparent, and scaled. What
    cannot be used is left out and said in ``notes``.

    ``x`` are bytes (n, height, width, channels) from 0 to 255, 3 channels in colour and 1 in grey:
    a network for them begins with ``layers.Rescaling(1 / 255)``, as those of
    ``glassnet.networks`` with ``image_max=255`` do. Where they do not fit into memory, ``x`` is a
    sample of them, and ``fit`` reads all from ``stream``, beside the training.

    Args:
        size: the side of the images in pixels, or height and width; None: one that suits them, as
            the first of the notes says.
        color: True for red, green and blue, False for grey; None: as they are.
        aspect: "crop" keeps the aspect and cuts the middle out, as is usual; "pad" keeps all of the
            image, with black beside it; "stretch" does not keep the aspect.
        validation: the share of the images to watch while training: ``x_validation``.
        test: the share of the images to hold out: ``x_test``; or another folder. None: the folder
            inside that is called test (or val), else a fifth.
        seed: chooses what is held out, the same share of each class.
        strict: leave nothing out: refuse what cannot be used.
        memory: bytes that the images may take; None: a quarter of what is free.
        preprocessing: read as a model has learned, with its classes, and hold nothing out.

    Raises:
        DataError: no such folder, no classes, one class only, no image that can be read; if
            ``strict``, whatever would be left out. Says all of it.
        ConfigError: a size or share that cannot be.
    """
    _check(size, color, aspect, seed)
    name = spelled(str(path)).rstrip("/") or "/"
    called = spelled(Path(path).resolve().name) or "images"
    tree = find(path)
    share, room = _test(tree, test), _room(memory)
    if preprocessing is not None:
        return _as_learned(name, called, tree, preprocessing, strict, room)
    wanted = None if size is None else checked_size(size)
    chosen, read = read_as_suits(tree, wanted, color, aspect, room)
    if not tree.files:
        raise DataError(_all_said(f"{name}: there is no image to learn from. {EXPECTED}", tree))
    learned = ImagePreprocessing(chosen.size, chosen.color, (), aspect)
    classes = _classes(name, tree)
    number = {label: k for k, label in enumerate(classes)}
    unused = [file for file in tree.files if file.label not in number]
    tree.troubles += [Trouble("no class", file.shown) for file in unused]
    y = np.array([number.get(file.label, -1) for file in tree.files], np.int64)
    copies = image_doubles.groups(read.exact, read.seen)
    try:
        split = divided(tree.files, y, copies, share, validation, seed)
    except DataError as error:
        raise DataError(_all_said(f"{name}: {error}.", tree)) from None
    if strict and grave(tree.troubles):
        raise DataError(_all_said(f"{name}: not all of it can be used.", tree))
    learned = replace(learned, classes=tuple(classes))
    notes = (chosen.line, *_notes(tree), *split.notes)
    return _made(called, learned, tree.files, y, split, read.x, notes, room)


def _made(
    called: str,
    learned: ImagePreprocessing,
    found: Sequence[Found],
    y: Array,
    split: Split,
    x: Array,
    notes: tuple[str, ...],
    room: int,
) -> Dataset:
    """The data set: arrays out of ``x``; or if that is empty, a sample, and the stream of all."""
    stream = None
    paths = [file.path for file in found]
    if len(x) < len(y):
        rows = split.train
        stream = ImageBatches([paths[i] for i in rows], y[rows], preprocessing=learned)
        split, more = fewer(split, y, room // (4 * prod(learned.shape)))
        notes += more
        arrays = [reader_of(learned).again([paths[i] for i in rows]) for rows in split.parts]
    else:
        arrays = in_place(x, split.parts)
    (train, watched, held), (ours, theirs, judged) = arrays, split.parts
    classes = learned.classes
    return Dataset(
        called,
        train,
        y[ours],
        held,
        y[judged],
        class_names=classes,
        description=f"images of {len(classes)} classes, {pixels(learned.size)} pixels",
        image_shape=learned.shape,
        image_max=255,
        preprocessing=learned,
        notes=notes,
        x_validation=watched if len(watched) else None,
        y_validation=y[theirs] if len(watched) else None,
        files=tuple(paths[i] for i in ours),
        files_validation=tuple(paths[i] for i in theirs),
        files_test=tuple(paths[i] for i in judged),
        stream=stream,
    )


def _as_learned(
    name: str, called: str, tree: Tree, learned: ImagePreprocessing, strict: bool, room: int
) -> Dataset:
    """All images of the classes that a model knows, read as it was trained.

    Of more than memory holds, an even share of each class.
    """
    known = {label: k for k, label in enumerate(learned.classes)}
    tree.troubles += [Trouble("unknown", f.shown) for f in tree.files if f.label not in known]
    tree.files = [file for file in tree.files if file.label in known]
    count = len(tree.files)
    y = np.array([known[file.label] for file in tree.files], np.int64)
    chosen = evenly(np.arange(count), y, max(1, room // prod(learned.shape)))
    tree.files = [tree.files[i] for i in chosen]
    read = reader_of(learned).read(tree.files)
    tree.files = [tree.files[i] for i in read.good]
    tree.troubles += read.troubles
    if not tree.files or (strict and grave(tree.troubles)):
        what = "not all of it can be used" if tree.files else "there is no image to judge on"
        classes = ", ".join(learned.classes[:10])
        raise DataError(_all_said(f"{name}: {what} (the classes are {classes}).", tree))
    fewer = len(chosen) < count
    cut = f"{len(chosen):,} of {count:,} images, as many as memory holds"
    return Dataset(
        called,
        read.x,
        y[chosen][read.good],
        class_names=learned.classes,
        image_shape=learned.shape,
        image_max=255,
        preprocessing=learned,
        notes=(*([cut] if fewer else []), *_notes(tree)),
        files=tuple(file.path for file in tree.files),
    )


def _classes(name: str, tree: Tree) -> list[str]:
    """The classes that have images to learn from; images of others leave the tree's use.

    Raises:
        DataError: fewer than two.
    """
    classes = class_order([file.label for file in tree.files if file.part in (None, "train")])
    if len(classes) < 2:
        what = f"only one class, {classes[0]!r}" if classes else "no class"
        raise DataError(
            _all_said(f"{name}: there is {what}, and a network learns to tell two or more apart. "
                      f"{EXPECTED}", tree)
        )  # fmt: skip
    return classes


def _notes(tree: Tree) -> list[str]:
    """What was found, and what is left out."""
    found = []
    if tree.inside:
        found.append(f"the classes are the folders in {tree.inside}/, the only one there")
    if tree.nested:
        one = tree.nested == 1
        what = "1 image lies" if one else f"{tree.nested:,} images lie"
        found.append(f"{what} deeper inside the folder of a class, and count{'s' * one} for it")
    return found + lines(tree.troubles)


def _all_said(beginning: str, tree: Tree) -> str:
    """An error with all that was found, a line each."""
    return "\n  ".join([beginning, *_notes(tree)])


def _room(memory: int | None) -> int:
    """Bytes that the images may take."""
    if memory is not None:
        return whole_number("image_folder", "memory", memory)
    free = available_memory()
    return MOST if free is None else min(MOST, int(free * SHARE))


def _check(size: object, color: object, aspect: object, seed: object) -> None:
    """Raises ConfigError for settings that cannot be."""
    if size is not None:
        checked_size(size)
    if aspect not in get_args(Aspect):
        raise ConfigError(f'aspect is {aspect!r}; expected "crop", "pad" or "stretch".')
    if color is not None and not isinstance(color, (bool, np.bool_)):
        raise ConfigError(f"color is {color!r}; expected True, or False for grey.")
    whole_number("image_folder", "seed", seed, minimum=0)


def _test(tree: Tree, test: float | str | Path | None) -> float | None:
    """The share to hold out, if that is asked for; the images of another folder join the tree.

    Raises:
        ConfigError: another folder, where there is one inside; or no share.
    """
    if test is None or isinstance(test, float):
        return test
    if not isinstance(test, (str, Path)):
        raise ConfigError(f"test is {test!r}; expected a share such as 0.2, or a folder.")
    if any(file.part == "test" for file in tree.files):
        raise ConfigError(
            "there is a folder called test to judge on already: leave test= out, or name the "
            "folder train inside."
        )
    other = find(test)
    own = spelled(str(test)).rstrip("/")
    tree.files += [replace(f, part="test", shown=f"{own}/{f.shown}") for f in other.files]
    tree.troubles += [replace(t, where=f"{own}/{t.where}") for t in other.troubles]
    return None
