"""What of a folder of images is not used, said in a line for each kind, with the way out."""

from __future__ import annotations

from collections.abc import Sequence

from glassnet.data.image_walk import Trouble

SHOWN = 5  # files of a kind

# What is the matter, for one and for several, and what can be done.
KINDS: dict[str, tuple[str, str, str]] = {
    "damaged": (
        "image that cannot be read", "images that cannot be read", "save anew, or delete"
    ),
    "too large": (
        "image that would be too large unpacked", "images that would be too large unpacked",
        "make smaller",
    ),
    "format": (
        "file in a format that is not read here", "files in a format that is not read here",
        "save as JPEG or PNG",
    ),
    "no image": ("file that is no image", "files that are no images", ""),
    "unreadable": (
        "file or folder that may not be read", "files or folders that may not be read",
        "change their permissions",
    ),
    "link out": (
        "link that leads out of the folder", "links that lead out of the folder",
        "put copies there instead",
    ),
    "circle": ("link that goes in a circle", "links that go in a circle", "delete"),
    "broken link": ("link that leads nowhere", "links that lead nowhere", "delete"),
    "beside": (
        "image beside the folders of the classes", "images beside the folders of the classes",
        "move into the folder of the class",
    ),
    "no folders": (
        "image that is in no folder of a class", "images that are in no folder of a class",
        "make a folder for each class inside, and move them there",
    ),
    "beside parts": (
        "folder beside train/", "folders beside train/",
        "move into train/",
    ),
    "empty": ("folder without an image", "folders without an image", "no class is made of it"),
    "no class": (
        "image of a class that is not learned", "images of a class that is not learned",
        "a class needs images to learn from",
    ),
    "unknown": (
        "image of a class that the network does not know",
        "images of classes that the network does not know", "",
    ),
}  # fmt: skip

HARMLESS = ("no image", "not UTF-8", "spelled twice")  # nothing is lost by them


def grave(troubles: Sequence[Trouble]) -> bool:
    """Whether something is left out that somebody may have wanted to use."""
    return any(trouble.kind not in HARMLESS for trouble in troubles)


def lines(troubles: Sequence[Trouble]) -> list[str]:
    """A line for each kind, the gravest first.

    >>> lines([Trouble("damaged", "cat/a.jpg", "cut off")])
    ['left out: 1 image that cannot be read, cat/a.jpg (cut off); save anew, or delete']
    """
    found = []
    for kind, (one, more, way) in KINDS.items():
        of_kind = [trouble for trouble in troubles if trouble.kind == kind]
        if of_kind:
            count, what = len(of_kind), one if len(of_kind) == 1 else more
            end = f"; {way}" if way else ""
            found.append(f"left out: {count:,} {what}, {listed(of_kind)}{end}")
    return [*found, *_names(troubles)]


def _names(troubles: Sequence[Trouble]) -> list[str]:
    """What is used, but is called strangely."""
    found = []
    odd = [trouble for trouble in troubles if trouble.kind == "not UTF-8"]
    if odd:
        found.append(f"names that are not UTF-8: {listed(odd)}; they are used all the same")
    twice = [trouble for trouble in troubles if trouble.kind == "spelled twice"]
    if twice:
        found.append(f"one class, though its name is written in two ways: {listed(twice)}")
    return found


def listed(troubles: Sequence[Trouble]) -> str:
    """The first of them by name."""
    named = [t.where + (f" ({t.what})" if t.what else "") for t in troubles[:SHOWN]]
    rest = len(troubles) - SHOWN
    return ", ".join(named) + (f" and {rest:,} more" if rest > 0 else "")
