"""One Korean word for one thing, in everything that a Korean reader is shown."""

import re
import sys
from pathlib import Path

from glassnet import texts

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import wording  # noqa: E402

PAGES = [
    *(ROOT / "src/glassnet").rglob("*ko.md"),
    *(ROOT / "src/glassnet").rglob("*_ko.py"),
    *(page for page in (ROOT / "docs/ko").rglob("*.md") if "lessons" not in page.parts),
    ROOT / "README.ko.md",
]
# Where the word means something else.
ELSEWHERE = {
    "걸음": r"differences|mistakes\.md",  # of h, and downhill
    "파라미터": r"$^",
}


def test_no_text_uses_another_word_for_a_term():
    said = {f"ko.json {key}": text for key, text in texts.catalogue("ko").items()}
    said |= {str(page.relative_to(ROOT)): page.read_text("utf-8") for page in PAGES}
    found = [
        (word, place)
        for other in wording.NOT.values()
        for word in other
        for place, text in said.items()
        if re.search(rf"(?<!하이퍼){word}", text)
        and not re.search(ELSEWHERE.get(word, "$^"), place)
    ]
    assert found == []


def test_a_particle_behind_a_value_is_written_both_ways():
    bare = re.compile(
        r"\{\w+[^}]*\}[\"”’']*(은|는|이|가|을|를|와|과|으로|로|이?라고|이?라는)(?![가-힣(])"
    )
    assert [key for key, text in texts.catalogue("ko").items() if bare.search(text)] == []


def prose(page: Path) -> str:
    """A page without code, and without the names of a lesson's checks, which stand in lists."""
    text = page.read_text("utf-8")
    if page.suffix == ".py":
        return "\n".join(re.findall(r'"""(.*?)"""', text, re.DOTALL))
    text = re.sub(r"```.*?```|^    .*$|`[^`]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^\(\w+-checks\)=.*?(?=^\(|\Z)", "", text, flags=re.DOTALL | re.MULTILINE)


def test_korean_is_polite_everywhere():
    """…합니다, never …한다: a course that speaks otherwise than what judges it is two voices."""
    plain = re.compile(
        r"\S*(?<![니시])다[.:](?=\W|$)|[가-힣]+[는은]가\?(?!\*)|\S*[일할을]까\?|[가-힣]자\."
    )
    found = [(page.name, page.parent.name, plain.findall(prose(page))) for page in PAGES]
    assert [one for one in found if one[2]] == []


def test_a_percent_sign_follows_its_number():
    found = [(str(page), re.findall(r".{9}\d %", prose(page))) for page in PAGES]
    assert [one for one in found if one[1]] == []


def test_emphasis_ends_where_markdown_sees_it():
    """Behind a bracket or a full stop a star before Hangul closes nothing, and is shown."""
    open_ended = re.compile(r".{9}[)\]`”’.…?!,]\*+[가-힣].{5}")
    found = []
    for page in PAGES:
        if page.suffix == ".md":
            text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
            found += [(str(page), one) for one in open_ended.findall(text)]
    assert found == []
