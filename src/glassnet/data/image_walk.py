"""The images that lie in a folder: a folder inside for each class, perhaps train/ and test/ above.

Nothing is opened here: names and places alone. Whatever cannot be used is noted, and the rest goes
on. Hidden files, and those that systems leave behind (Thumbs.db, __MACOSX), are passed over.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from glassnet.data.image_names import is_utf8, spelled
from glassnet.errors import DataError

Part = Literal["train", "validation", "test"]

SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff",
    ".ppm", ".pgm", ".pbm", ".pnm", ".avif",
)  # fmt: skip
UNKNOWN = (".heic", ".heif", ".jp2", ".jxl", ".svg", ".psd", ".dng", ".cr2", ".nef", ".arw", ".raw")
PARTS: dict[str, Part] = {
    "train": "train", "training": "train", "val": "validation", "valid": "validation",
    "validation": "validation", "dev": "validation", "test": "test", "testing": "test",
}  # fmt: skip
LEFT_BEHIND = ("thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin")
TABLES = (".parquet", ".pq")
A_RUN = {"settings.json", "model.safetensors"}  # what a folder of a run has in it
LOOKED_AT = 20_000  # entries of a folder, to tell what it holds


@dataclass(frozen=True)
class Found:
    """An image: where it lies, how that is said, the class, the part that its folder is called."""

    path: str
    shown: str
    label: str
    part: Part | None


@dataclass(frozen=True)
class Trouble:
    """Something that is not used: which kind, where, and what of it."""

    kind: str
    where: str
    what: str = ""


@dataclass
class Tree:
    """What was found in a folder.

    Attributes:
        files: in the order of their classes and names.
        troubles: what is not used.
        nested: how many images lie deeper than in the folder of their class.
        inside: the one folder that holds all others, if there is such.
    """

    files: list[Found] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    nested: int = 0
    inside: str = ""

    def note(self, kind: str, where: str, what: str = "") -> None:
        """Note what is not used."""
        self.troubles.append(Trouble(kind, where, what))


def holds_images(path: str | Path) -> bool:
    """Whether a folder holds images, here or further inside, and not the Parquet files of a table.

    What comes first decides; of a very large folder the first entries are looked at.
    """
    waiting, seen = [str(path)], 0
    while waiting:
        folders: list[str] = []
        found = False
        try:
            with os.scandir(waiting.pop(0)) as entries:
                for entry in entries:
                    seen += 1
                    if passed_over(entry.name):
                        continue
                    suffix = _suffix(entry.name)
                    if suffix in TABLES:
                        return False
                    found = found or suffix in SUFFIXES or suffix in UNKNOWN
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    if seen > LOOKED_AT:
                        return found
        except OSError:
            continue
        if found:
            return True
        waiting += sorted(folders)
    return False


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()


def passed_over(name: str) -> bool:
    """Whether nobody means a file or folder of this name."""
    return name.startswith(".") or name.lower() in LEFT_BEHIND


def find(path: str | Path, *, classes: bool = True) -> Tree:
    """The images of a folder.

    Args:
        classes: False takes all images as they lie, of no class.

    Raises:
        DataError: no such folder.
    """
    root = Path(path)
    if not root.is_dir():
        what = "is a file" if root.is_file() else "there is no such folder"
        more = "; unpack it, and name the folder" if root.suffix.lower() == ".zip" else ""
        raise DataError(
            f"{spelled(str(root))}: {what}{more}. Expected a folder with a folder of images for "
            "each class, as in photos/cat and photos/dog."
        )
    walk = _Walk(os.path.realpath(root))
    if not classes:
        walk.all_of(walk.read(str(root)))
    else:
        walk.classes_of(str(root))
    walk.tree.files.sort(key=lambda f: (f.part or "", f.label, f.shown, f.path))
    return walk.tree


@dataclass
class Shelf:
    """One folder, as its entries are read: files that may be images, folders, all others."""

    path: str
    images: list[os.DirEntry[str]] = field(default_factory=list)
    folders: list[os.DirEntry[str]] = field(default_factory=list)


class _Walk:
    def __init__(self, root: str) -> None:
        self.root = root
        self.tree = Tree()
        self.spellings: dict[tuple[str, Part | None], str] = {}

    def shown(self, path: str) -> str:
        """A path inside the folder, as it is said."""
        return spelled(os.path.relpath(path, self.root)).replace(os.sep, "/")

    def read(self, path: str) -> Shelf:
        """What lies in a folder, in the order of the names."""
        shelf = Shelf(path)
        try:
            with os.scandir(path) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.tree.note("unreadable", self.shown(path) + "/", (error.strerror or "").lower())
            return shelf
        if {entry.name for entry in found} >= A_RUN:
            return shelf  # its pictures are nobody's photos
        for entry in found:
            if not passed_over(entry.name):
                self._put(shelf, entry)
        return shelf

    def _put(self, shelf: Shelf, entry: os.DirEntry[str]) -> None:
        shown = self.shown(entry.path)
        try:
            if entry.is_symlink() and not self._leads_inside(entry, shown):
                return
            mode = entry.stat().st_mode
        except OSError as error:
            self.tree.note("unreadable", shown, (error.strerror or "").lower())
            return
        if stat.S_ISDIR(mode):
            shelf.folders.append(entry)
            return
        suffix = _suffix(entry.name)
        if not stat.S_ISREG(mode):
            self.tree.note("no image", shown, "no file")
        elif suffix in UNKNOWN:
            self.tree.note("format", shown)
        elif suffix in SUFFIXES:
            shelf.images.append(entry)
        else:
            self.tree.note("no image", shown)

    def _leads_inside(self, entry: os.DirEntry[str], shown: str) -> bool:
        target = os.path.realpath(entry.path)
        if not Path(target).exists():
            self.tree.note("broken link", shown)
            return False
        if os.path.commonpath([target, self.root]) != self.root:
            self.tree.note("link out", shown, f"→ {spelled(target)}")
            return False
        home = os.path.realpath(Path(entry.path).parent)
        if Path(target).is_dir() and (home + os.sep).startswith(target.rstrip(os.sep) + os.sep):
            self.tree.note("circle", shown)
            return False
        return True

    # ---- what is a class -----------------------------------------------------------------

    def classes_of(self, path: str) -> None:
        """The folders of ``path`` as classes, or as train/ and test/ with classes inside."""
        shelf = self.read(path)
        shelves = {entry.name: self.read(entry.path) for entry in shelf.folders}
        parts = self._parts(shelves)
        if len(shelves) == 1 and not shelf.images and not parts:
            (only,) = shelves.values()
            if only.folders and not only.images:  # photos/photos/cat, as archives unpack
                self.tree.inside = self.shown(only.path)
                self.classes_of(only.path)
                return
        for entry in shelf.images:
            self.tree.note("beside" if shelves else "no folders", self.shown(entry.path))
        for name, inner in shelves.items():
            if name in parts:
                for entry in inner.folders:
                    self._class(self.read(entry.path), entry.name, parts[name])
            elif parts and "train" in parts.values():
                self.tree.note("beside parts", self.shown(inner.path) + "/")
            else:
                self._class(inner, name, None)

    def _parts(self, shelves: dict[str, Shelf]) -> dict[str, Part]:
        """Which folders are the parts of a data set, and not classes."""
        called = {
            name: PARTS[name.lower()]
            for name, shelf in shelves.items()
            if name.lower() in PARTS and shelf.folders and not shelf.images
        }
        if "train" in called.values():
            return called
        classes = {spelled(name) for name in shelves if name not in called}
        return {
            name: part
            for name, part in called.items()
            if classes & {spelled(entry.name) for entry in shelves[name].folders}
        }

    def _class(self, shelf: Shelf, name: str, part: Part | None) -> None:
        before, label = len(self.tree.files), spelled(name)
        shown = self.shown(shelf.path) + "/"
        if self.spellings.setdefault((label, part), name) != name:
            self.tree.note("spelled twice", shown)
        if not is_utf8(name):
            self.tree.note("not UTF-8", shown, f"taken for {label}")
        self.all_of(shelf, label, part)
        if len(self.tree.files) == before:
            self.tree.note("empty", shown)

    def all_of(self, first: Shelf, label: str = "", part: Part | None = None) -> None:
        """All images of a folder and of those inside it."""
        waiting: list[tuple[Shelf, frozenset[str]]] = [(first, frozenset())]
        while waiting:
            shelf, above = waiting.pop()
            for entry in shelf.images:
                if not is_utf8(entry.name):
                    self.tree.note("not UTF-8", self.shown(entry.path), "its name")
                self.tree.files.append(Found(entry.path, self.shown(entry.path), label, part))
            self.tree.nested += len(shelf.images) if above else 0
            here = os.path.realpath(shelf.path)
            for entry in shelf.folders:
                if os.path.realpath(entry.path) in above:
                    self.tree.note("circle", self.shown(entry.path))
                else:
                    waiting.append((self.read(entry.path), above | {here}))
