"""Finished English sentences in another language: what errors and reports say, found again.

The English stands in the code; a catalogue has it under "cli", by its English.  A key with braces
is a pattern, so ``unknown {kind} {name}: …`` finds its translation again, with its values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from glassnet import texts
from glassnet.texts import particles

FIELD = re.compile(r"\{(\w+)[^}]*\}")
WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
COLON = re.compile(": ")
SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z]|--)")
# Our own words; all others are the user's names and numbers.
OURS = {
    "kind", "ways", "settings", "count", "why", "what", "way", "rows", "shown", "where", "units",
    "in_rows", "all_rows", "strange", "last", "error",
}  # fmt: skip
NUMBERS = {
    "n": r"[\d.,]+", "size": r"[\d.,]+", "share": r"[\d.,]+(?: ?%)?",
    "numbers": r"[\d.,]+(?:, [\d.,]+)*", "range": r"\S+",
    "low": r"[-\w.+]+", "high": r"[-\w.+]+", "strange": ".+",
    "all_rows": r"[\d.,]+ rows?", "image": r"\S+", "error": r"(?:[^()]|\([^()]*\))+?",
    "in_rows": r"rows? [\d.,]+(?:, [\d.,]+)*(?: and [\d.,]+ more)?",
}  # fmt: skip
ANY = r"(?:(?!; |\. (?:[A-Z]|--)).)+?"
NAME = re.compile(r"[\w.-]+")  # in a list of names, "network" is one
# Parts whose sentences reach the command line, finished.
SHARED = ("insight", "diagnosis", "table", "mistakes")


def sentence(text: str) -> str:
    """Finished English in the language of reports and pictures."""
    return retold(text, texts.PICTURES.get())


def retold(text: str, language: str) -> str:
    """Finished English in ``language``, line by line; as it came where nothing is known."""
    if language == "en" or not text.strip():
        return text
    indent = text[: len(text) - len(text.lstrip())]
    if indent:
        return indent + retold(text[len(indent) :], language)
    whole = _sentence(text, language)
    if whole is not None:
        return whole
    before, option, _ = text.rpartition(" (--")  # "… (--dropout 0.3)"
    if option and text.endswith(")"):
        return retold(before, language) + text[len(before) :]
    parts = SENTENCES.split(text)
    for i in range(len(parts) - 1, 0, -1):  # the first ones are known together, or the first alone
        known = _sentence(" ".join(parts[:i]), language)
        if known is not None:
            return f"{known} {retold(' '.join(parts[i:]), language)}"
    pieces = text.split("; ") if "\n" not in text else []
    for i in range(len(pieces) - 1, 0, -1):  # several that are known as one, in front or behind
        front, behind = "; ".join(pieces[:i]), "; ".join(pieces[-i:])
        known = _sentence(front, language)
        if known is not None:
            return f"{known}; {retold('; '.join(pieces[i:]), language)}"
        known = _sentence(behind, language)
        if known is not None:
            return f"{retold('; '.join(pieces[:-i]), language)}; {known}"
    for parting, several in (("\n", text.split("\n")), (" ", parts)):
        if len(several) > 1:
            return parting.join(retold(part, language) for part in several)
    listed = text.split(", ")
    told = [
        part
        if NAME.fullmatch(part)
        else _sentence(part, language) or (None if WORDS.search(part) else part)
        for part in listed
    ]
    if len(listed) > 1 and None not in told:  # each of them, or it is an option or a number
        return ", ".join(filter(None, told))
    for sign in ("; ", ": ", " ("):  # "flowers.csv: …", "…; …", "… (--dropout 0.3)"
        before, parting, after = text.partition(sign)
        if parting and after:
            both = retold(before, language), retold(after, language)
            if both != (before, after):
                return parting.join(both)
    return text


def _sentence(text: str, language: str) -> str | None:
    """A sentence that is known; what stands before it, as in "flowers.csv: …", is told by itself.

    The key that says most counts: not the first "{name} is {value} …" that the whole text fits.
    """
    known = texts.part("cli", language)
    if text in known:
        return known[text]
    said = texts.part("said", language)  # a line of a report
    if " " in text and text in said:
        return said[text]
    ends = [0, *(colon.end() for colon in COLON.finditer(text.partition("\n")[0]))]
    tails = [(text[:end], text[end:], "") for end in ends if "; " not in text[:end]]
    if text.endswith("."):  # an error that is said of a file gets one
        tails += [(before, tail[:-1], ".") for before, tail, _ in tails]
    tails.reverse()  # a field at the beginning shall not swallow what stands before
    for key, pieces, template in _patterns(language):
        for before, tail, stop in tails:
            fitting = _pattern(key).fullmatch(tail) if _in_order(pieces, tail) else None
            if fitting is None:
                continue
            name = before.removesuffix(": ")
            first = retold(name, language)
            if first == name and WORDS.search(name):
                continue  # a sentence that would stay English
            values = fitting.groupdict()
            for field in OURS & values.keys():
                values[field] = retold(values[field], language)
            told = _filled(template, values, _last(key))
            told = told if told.endswith(stop) else told + stop
            return f"{first}: {told}" if name else told
    return None


def _last(key: str) -> str:
    """The field that a key ends with; "" for none."""
    fields = FIELD.findall(key)
    return fields[-1] if fields and FIELD.split(key)[-1] == "" else ""


def _filled(template: str, values: dict[str, str], last: str) -> str:
    """The translation with the values; a full stop behind the ``last`` one stays behind it all."""
    stop = ""
    if last and values[last].endswith(".") and FIELD.split(template)[-1] != "":
        values[last], stop = values[last][:-1], "."
    told = particles.settled(FIELD.sub(lambda field: values[field[1]], template))
    return told if told.endswith(stop) else told + stop


def _in_order(pieces: Sequence[str], text: str) -> bool:
    """Whether the text has them all, one behind the other: asked first, for it costs little."""
    if not (text.startswith(pieces[0]) and text.endswith(pieces[-1])):
        return False
    at = 0
    for piece in pieces:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


@cache
def _patterns(language: str) -> list[tuple[str, list[str], str]]:
    """English with braces, what stands between them, its translation; those first that say most.

    The sentences of other faces (findings, what was learned, how a table was read) are among them.
    """
    keys = list(texts.part("cli", language).items())
    for part in SHARED:
        own = texts.part(part, language)
        for key, english in texts.part(part, "en").items():
            keys.append(_with_layer(english, own[key], language))
    keys = [(key, told) for key, told in keys if _says_enough(key)]
    keys.sort(key=lambda pair: -len(FIELD.sub("", pair[0])))
    return [(key, FIELD.split(key)[::2], told) for key, told in keys
            if set(FIELD.findall(told)) <= set(FIELD.findall(key))]  # fmt: skip


def _says_enough(key: str) -> bool:
    """Whether its own letters tell it from any other text: not "{a} for {b}", but "row {n}"."""
    letters = len(re.findall("[a-z]", FIELD.sub("", key)))
    fields = set(FIELD.findall(key))
    return letters > 3 or "in_rows" in fields or (letters == 3 and fields <= NUMBERS.keys())


def _with_layer(english: str, told: str, language: str) -> tuple[str, str]:
    """The sentence and its translation, "layer 'dense'" in the place of its field."""
    called = texts.part("diagnosis", "en")["layer"]
    english = english.replace("{Layer}", called[:1].upper() + called[1:])
    here = texts.part("diagnosis", language)["layer"]
    return english.replace("{layer}", called), told.replace("{layer}", here)


@cache
def _pattern(key: str) -> re.Pattern[str]:
    parts = FIELD.split(key)  # text, name, text, name, …
    seen: set[str] = set()
    pattern = ""
    for i, part in enumerate(parts):
        if i % 2 == 0:
            pattern += re.escape(part)
        else:
            value = NUMBERS.get(part, ANY)
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{value})"
            seen.add(part)
    return re.compile(pattern, re.DOTALL)
