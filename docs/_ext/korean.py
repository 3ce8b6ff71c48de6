"""Search in Korean: a word is also found without the particle behind it.

In Korean a particle is written together with its noun: 신경망을, 신경망은, 신경망에서. Each such
word goes into the index with and without its particle, so that 신경망 finds all of them. What is
cut off too much does no harm: it is one more entry, that nobody asks for.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.search import SearchLanguage, languages

# The longest first: 에서는 before 는.
PARTICLES = (
    "으로부터", "에서부터", "이라고", "으로는", "으로도", "에서는", "에서도", "까지는",
    "부터는", "에게서", "이라는", "이지만", "이므로", "이라면", "로부터", "에서",
    "에게", "으로", "까지", "부터", "처럼", "보다", "마다", "조차",
    "밖에", "이나", "이란", "이면", "이고", "이다", "라고", "라는",
    "라면", "하고", "에는", "에도", "로는", "로도", "와는", "과는",
    "만을", "만이", "들을", "들은", "들이", "들의", "들에", "은",
    "는", "이", "가", "을", "를", "의", "에", "와",
    "과", "도", "로", "만", "나", "란", "며", "다",
)  # fmt: skip
HANGUL = re.compile("[가-힣]+$")


def without_particle(word: str) -> str:
    """The word without the longest particle at its end; two syllables are left at least.

    >>> without_particle("신경망에서는"), without_particle("ReLU를"), without_particle("가을")
    ('신경망', 'ReLU', '가을')
    """
    if not HANGUL.search(word):
        return word
    for particle in PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word.removesuffix(particle)
    return word


class SearchKorean(SearchLanguage):
    """Every word, and what it is without its particle."""

    lang = "ko"
    language_name = "Korean"

    def split(self, input: str) -> list[str]:
        words = super().split(input)
        bare = [without_particle(word) for word in words]
        return words + [word for word, whole in zip(bare, words) if word != whole]

    def stem(self, word: str) -> str:
        return word.lower()


def setup(app: Any) -> dict[str, bool]:
    languages["ko"] = SearchKorean
    return {"parallel_read_safe": True, "parallel_write_safe": True}
