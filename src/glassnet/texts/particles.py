"""Korean particles behind a value: 은 or 는, 을 or 를, 으로 or 로, by the sound it ends in.

And the percent sign, which in a Korean sentence stands close to its number.

A catalogue writes both, ``{name}은(는)``; which of them is right is known when the name is. After a
word whose reading the letters do not tell (``set``, ``size``) both are left.
``lab/static/particles.js`` does the same in the page.
"""

from __future__ import annotations

import re

BOTH = re.compile(
    r"(\S+?)([\"'”’)\]`,]*)(은\(는\)|이\(가\)|을\(를\)|[와과]\([과와]\)|\(으\)로|\(이\))"
)
KOREAN = re.compile("[가-힣]")
APART = re.compile(r"(?<=[\d}]) %")
PAIRS = {
    "은(는)": ("은", "는"), "이(가)": ("이", "가"), "을(를)": ("을", "를"),
    "와(과)": ("과", "와"), "과(와)": ("과", "와"), "(이)": ("이", ""),
}  # fmt: skip
# By the last sign: no consonant at the end; ㄹ; another one. Numbers are read in Korean: 0 영,
# 1 일, 10 십; capitals and single letters by their names: L 엘, M 엠; words by their last letter.
SIGNS = {"": "2459%₂₄₅₉∞", "ㄹ": "178₁₇₈", "ㄱ": "036₀₃₆²³"}
NAMES = {"ㄹ": "LR", "ㄱ": "MN"}
LETTERS = {"": "aiouwyhszvxfdr", "ㄹ": "l", "ㄱ": "mn"}
SPELLED = ("png", "jpg", "jpeg", "svg", "mlp", "npz", "csv")  # letter by letter: 피엔지, 씨에스브이


def ending(word: str) -> str | None:
    """The sound at its end: "" a vowel, "ㄹ", "ㄱ" any other consonant; None if nothing tells it.

    >>> ending("신경망"), ending("10"), ending("ReLU"), ending("size")
    ('ㄱ', 'ㄱ', '', None)
    """
    last = word[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "" if final == 0 else "ㄹ" if final == 8 else "ㄱ"
    for sound, signs in SIGNS.items():
        if last in signs:
            return sound
    letters = re.search("[A-Za-z]*$", word)
    assert letters is not None
    run = letters[0]
    if run.endswith(SPELLED):
        return ""
    if len(run) == 1 or last.isupper():
        return next((sound for sound, names in NAMES.items() if last.upper() in names),
                    "" if run else None)  # fmt: skip
    if run.endswith("ng"):
        return "ㄱ"
    return next((sound for sound, ends in LETTERS.items() if run and last in ends), None)


def settled(text: str) -> str:
    """The text with one particle where the catalogue wrote both.

    >>> settled("정확도 97.21 %; 97.21 % right")
    '정확도 97.21%; 97.21% right'
    >>> settled("“값”은(는) 7(으)로, 10(으)로; “0”(이)라고; size을(를)")
    '“값”은 7로, 10으로; “0”이라고; size을(를)'
    """
    if " %" in text and KOREAN.search(text):
        text = APART.sub("%", text)
    return BOTH.sub(_one, text) if "(" in text else text


def _one(found: re.Match[str]) -> str:
    word, closing, both = found.groups()
    sound = ending(word)
    if sound is None:
        return found[0]
    if both == "(으)로":
        return f"{word}{closing}{'으로' if sound == 'ㄱ' else '로'}"
    return word + closing + PAIRS[both][0 if sound else 1]
