"""A room's style sheet styles no other room."""

from __future__ import annotations

import re

from glassnet.lab.server.web import static_files

SHEETS = re.compile(r"rooms/(\w+)/room\.css$")
# What rooms share on purpose: charts, legends, and the words beside them.
SHARED = {"about", "across", "chart", "class-name", "legend", "line", "note", "numbers", "play",
          "run-note", "small-words", "unit-pictures", "words"}  # fmt: skip


def classes(text: str) -> set[str]:
    """The classes that a room's module gives to elements."""
    return {
        word for group in re.findall(r'class: ["`]([^"`]+)["`]', text) for word in group.split()
    }


def test_no_rule_of_a_room_begins_with_a_class_that_another_room_gives() -> None:
    files = {name: path.read_text(encoding="utf-8") for name, path in static_files().items()}
    begins: dict[str, set[str]] = {}
    for name, text in files.items():
        if sheet := SHEETS.search(name):
            rules = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
            for selectors in re.findall(r"([^{};]+)\{", rules):
                for first in re.findall(r"(?:^|,)\s*\.([\w-]+)", selectors):
                    begins.setdefault(first, set()).add(sheet[1])
    assert "digits" in begins
    wrong = {
        (name, word)
        for name, text in files.items()
        if (module := re.search(r"rooms/(\w+)/\w+\.js$", name))
        for word in classes(text) - SHARED
        if begins.get(word, set()) - {module[1]}
    }
    assert not wrong
