"""MNIST and Fashion-MNIST: 60,000 + 10,000 images of 28×28 pixels in ten classes.

Four files in the IDX format. They are taken from a folder that has them, or else downloaded
once, checked by SHA-256, and kept in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassnet._core.types import Array
from glassnet.data.dataset import Dataset
from glassnet.data.idx import content_sha256, read_idx
from glassnet.errors import DataError, DownloadError, FileFormatError

IMAGES, LABELS = "idx3-ubyte", "idx1-ubyte"
PARTS = (
    ("train-images", IMAGES),
    ("train-labels", LABELS),
    ("t10k-images", IMAGES),
    ("t10k-labels", LABELS),
)
MAX_DOWNLOAD = 64 << 20  # bytes; the largest of the eight files has 26 MB


@dataclass(frozen=True)
class Source:
    """Where a set's files are found on the net, and how they are known.

    ``sha256`` is that of the uncompressed content (``of_content``) or of the .gz file itself.
    """

    name: str
    mirrors: tuple[str, ...]
    sha256: Mapping[str, str]
    of_content: bool
    folders: tuple[str, ...]
    class_names: tuple[str, ...]
    description: str

    def digest(self, path: Path) -> str:
        """What ``sha256`` is compared with."""
        if self.of_content:
            return content_sha256(path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def check(self, part: str, path: Path) -> None:
        """Refuse a file that is not the published one."""
        digest = self.digest(path)
        if digest != self.sha256[part]:
            raise DownloadError(
                f"the checksum does not match: SHA-256 is {digest}, expected {self.sha256[part]}"
            )


MNIST = Source(
    name="mnist",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    sha256={
        "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    of_content=True,
    folders=("mnist", "MNIST", "MNIST/raw"),
    class_names=tuple(str(k) for k in range(10)),
    description="handwritten digits, 28×28 pixels",
)
FASHION = Source(
    name="fashion_mnist",
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    sha256={
        "train-images": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    of_content=False,
    folders=("fashion_mnist", "fashion-mnist", "fashion", "FashionMNIST", "FashionMNIST/raw"),
    class_names=(
        "T-shirt/top", "trouser", "pullover", "dress", "coat",
        "sandal", "shirt", "sneaker", "bag", "ankle boot",
    ),
    description="pictures of clothes, 28×28 pixels",
)  # fmt: skip


def mnist(*, data_dir: str | Path | None = None) -> Dataset:
    """Handwritten digits (LeCun, Cortes, Burges 1998). x: (60000, 28, 28) uint8, as bytes.

    Raises:
        DataError: ``data_dir`` does not have the four files.
        DownloadError: they are nowhere here, and no mirror delivers them.
        FileFormatError: a file is damaged or foreign.
    """
    return load_source(MNIST, data_dir)


def fashion_mnist(*, data_dir: str | Path | None = None) -> Dataset:
    """Clothes in the format of MNIST (Xiao, Rasul, Vollgraf 2017), harder to tell apart.

    Raises: as :func:`mnist`.
    """
    return load_source(FASHION, data_dir)


def load_source(
    source: Source, data_dir: str | Path | None = None, *, timeout: float | None = None
) -> Dataset:
    """The set from ``data_dir``, else from the folder in GLASSNET_DATA, else from the cache.

    The cache is filled by a download where it has no whole file.
    """
    files = find_files(source, data_dir)
    if files is not None:
        return _dataset(source, files)
    files = _cached(source, timeout)
    try:
        return _dataset(source, files)
    except FileFormatError:  # damaged on this disk since it was checked: fetch it again
        for part, path in files.items():
            try:
                source.check(part, path)
            except (DownloadError, FileFormatError):
                path.unlink()
        return _dataset(source, _cached(source, timeout))


def find_files(source: Source, data_dir: str | Path | None) -> dict[str, Path] | None:
    """The four files in the folder that the user named, or None if none was named or has them.

    Raises:
        DataError: the folder does not exist, lacks files, or holds another set's.
    """
    folder_named = named_folder(data_dir)
    if folder_named is None:
        return None
    origin, root = folder_named
    fullest: dict[str, Path] = {}
    others = ""
    for folder in (*(root / sub for sub in source.folders), root):
        found = {part: path for part, kind in PARTS if (path := _find(folder, part, kind))}
        if "train-labels" in found and (other := _another(source, found["train-labels"])):
            others = f"; what is there belongs to {other}"
            continue
        if len(found) == len(PARTS):
            return found
        fullest = max(found, fullest, key=len)
    if data_dir is None and not fullest:
        return None  # a folder for other sets: go on to the cache
    missing = ", ".join(f"{part}-{kind}[.gz]" for part, kind in PARTS if part not in fullest)
    raise DataError(
        f"{origin} names {str(root)!r}, but the files of {source.name} are not all there "
        f"(nor in {source.folders[0]}/): missing {missing}{others}"
    )


def named_folder(data_dir: str | Path | None) -> tuple[str, Path] | None:
    """Who names a folder with data, data_dir or GLASSNET_DATA, and the folder; None for neither.

    Raises:
        DataError: there is no such folder.
    """
    variable = os.environ.get("GLASSNET_DATA")
    named = data_dir if data_dir is not None else (variable or None)
    if named is None:
        return None
    origin = "data_dir" if data_dir is not None else "GLASSNET_DATA"
    root = Path(named).expanduser()
    if not root.is_dir():
        raise DataError(f"{origin} names {str(root)!r}, which is not a folder")
    return origin, root


def cache_folder() -> Path:
    """Where downloads are kept: the place that the system has for such things."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "glassnet/Cache"
    if sys.platform == "darwin":
        return home / "Library/Caches/glassnet"
    named = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return (named if named.is_absolute() else home / ".cache") / "glassnet"


def _find(folder: Path, part: str, kind: str) -> Path | None:
    for name in (f"{part}-{kind}", f"{part}.{kind}"):
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    return None


def _another(source: Source, labels: Path) -> str | None:
    """The set that the labels belong to, if it is not this one: the file names are the same."""
    for other in (MNIST, FASHION):
        if other.name != source.name and other.digest(labels) == other.sha256["train-labels"]:
            return other.name
    return None


def _cached(source: Source, timeout: float | None) -> dict[str, Path]:
    from glassnet.data.download import TIMEOUT, download  # 20 ms, and seldom needed

    folder = cache_folder() / source.name
    files = {part: folder / f"{part}-{kind}.gz" for part, kind in PARTS}
    for part, path in files.items():
        if path.exists():
            continue
        try:
            # the default binds this turn's part; mypy cannot tell the type of such a lambda
            download(
                [mirror + path.name for mirror in source.mirrors],
                path,
                check=lambda file, part=part: source.check(part, file),  # type: ignore[misc]
                max_bytes=MAX_DOWNLOAD,
                timeout=timeout or TIMEOUT,
            )
        except DownloadError as error:
            names = ", ".join(file.name for file in files.values())
            raise DownloadError(
                f"{error}\nTry again later (what arrived is kept), or download {names} by hand "
                f"from {source.mirrors[0]}, put them into one folder, and name that folder with "
                "--data-dir, data_dir= or the environment variable GLASSNET_DATA"
            ) from None
    return files


def _dataset(source: Source, files: Mapping[str, Path]) -> Dataset:
    x, y = _pair(files["train-images"], files["train-labels"])
    x_test, y_test = unseen(files)
    return Dataset(
        name=source.name,
        x=x,
        y=y,
        x_test=x_test,
        y_test=y_test,
        class_names=source.class_names,
        description=source.description,
        image_shape=(28, 28),
        image_max=255,
    )


def unseen(files: Mapping[str, Path]) -> tuple[Array, Array]:
    """The test images and their labels alone, in a sixth of the time."""
    return _pair(files["t10k-images"], files["t10k-labels"])


def _pair(images: Path, labels: Path) -> tuple[Array, Array]:
    x, y = read_idx(images), read_idx(labels)
    if x.dtype != np.uint8 or x.ndim != 3 or x.shape[1:] != (28, 28) or len(x) == 0:
        raise FileFormatError(
            f"{images}: expected images of shape (n, 28, 28) as bytes, got {x.shape} {x.dtype}"
        )
    if y.dtype != np.uint8 or y.shape != (len(x),) or y.max() > 9:
        raise FileFormatError(
            f"{labels}: expected {len(x)} labels of 0 to 9, one for each image of {images.name}; "
            f"got {y.shape} {y.dtype}" + (f", the largest {y.max()}" if y.size else "")
        )
    return x, y.astype(np.int64)
