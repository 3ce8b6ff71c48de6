"""The theme's own words in Korean: it has them in English only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

SAID = {
    ">Next<": ">다음<",
    ">Previous<": ">이전<",
    ">Home<": ">첫 페이지<",
    ">Back to top<": ">맨 위로<",
    ">Skip to content<": ">본문으로<",
    ">On this page<": ">이 페이지<",
    ">Contents<": ">차례<",
    ">Menu<": ">메뉴<",
    ">Expand<": ">펼치기<",
    ">Light mode<": ">밝은 화면<",
    ">Dark mode<": ">어두운 화면<",
    ">Auto light/dark, in light mode<": ">자동, 지금은 밝은 화면<",
    ">Auto light/dark, in dark mode<": ">자동, 지금은 어두운 화면<",
    '"Toggle Light / Dark / Auto color theme"': '"밝은 화면, 어두운 화면, 자동"',
    '"Toggle site navigation sidebar"': '"사이트 차례 열고 닫기"',
    '"Toggle table of contents sidebar"': '"이 페이지의 차례 열고 닫기"',
    '"Toggle navigation of ': '"하위 페이지 열고 닫기: ',
    '"Link to this heading"': '"이 제목의 링크"',
    '"Link to this table"': '"이 표의 링크"',
    "Please activate JavaScript to enable the search functionality.":
        "검색하려면 브라우저에서 JavaScript를 켜십시오.",
}  # fmt: skip
MADE = re.compile(r"Made with\s+(<a [^>]*>)Furo</a>")
COPY = """const messages = {
  'ko': {
    'copy': '복사', 'copy_to_clipboard': '클립보드로 복사',
    'copy_success': '복사했습니다', 'copy_failure': '복사하지 못했습니다',
  },"""


def in_korean(page: str) -> str:
    """A page of the theme with its own words in Korean."""
    for english, korean in SAID.items():
        page = page.replace(english, korean)
    return MADE.sub(r"\1Furo</a> 테마 사용", page)


def wrap(app: Any) -> None:
    if app.config.language == "ko" and app.builder.format == "html":
        render = app.builder.templates.render
        app.builder.templates.render = lambda *args: in_korean(render(*args))


def copy_buttons(app: Any, error: Exception | None) -> None:
    script = Path(app.outdir) / "_static/copybutton.js"
    if error is None and app.config.language == "ko" and script.exists():
        text = script.read_text("utf-8")
        if "'ko':" not in text:
            script.write_text(text.replace("const messages = {", COPY, 1), "utf-8")


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", wrap)
    app.connect("build-finished", copy_buttons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
