"""The words in the pictures, in Korean."""

from __future__ import annotations

import string
from importlib import resources

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from glassnet import plots, texts
from glassnet.plots import style, words

HISTORY = {"loss": [0.7, 0.5, 0.4], "val_loss": [0.8, float("nan"), 0.6]}


def texts_of(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)}


def test_the_catalogue_fits_the_code() -> None:
    code = "".join(
        file.read_text(encoding="utf-8")
        for file in resources.files("glassnet.plots").iterdir()
        if file.name.endswith(".py") and file.name != "words.py"
    )
    given = ("training", "test", "loss", "accuracy")  # by who calls: names of what was measured
    for english, korean in texts.part("plots", "ko").items():
        assert english in given or f'"{english}"' in code, english
        fields = [sorted(f"{name}:{kind}" for _, name, kind, _ in string.Formatter().parse(text)
                         if name) for text in (english, korean)]  # fmt: skip
        assert fields[0] == fields[1], english
        assert any("가" <= letter <= "힣" for letter in korean), korean


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a Korean font is installed."""
    monkeypatch.setattr(style, "has_korean", lambda: True)


@pytest.mark.usefixtures("korean")
def test_in_korean() -> None:
    y = np.array([0, 1, 1, 0])
    with words.language("ko"):
        curves = plots.learning_curves(HISTORY, measured={"": "training", "val_": "test"})
        matrix = plots.confusion_matrix(y, y)
        network = plots.network_drawing([np.ones((2, 20)), np.ones((20, 1))])
    said = texts_of(curves)
    assert {"손실", "에포크", "학습", "테스트, 유한하지 않음: 2 에포크"} <= said
    assert {"혼동 행렬", "재현율", "실제 클래스", "4개 중 4개 정답(100.0%)"} <= texts_of(matrix)
    assert "입력" in texts_of(network)
    assert any(text.startswith("선은 가중치 60개") for text in texts_of(network))
    assert "Confusion matrix" in texts_of(plots.confusion_matrix(y, y))  # outside: English


def test_without_a_korean_font_it_stays_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "has_korean", lambda: False)
    with words.language("ko"):
        assert words.say("epoch {n:.0f}", n=2) == "epoch 2"


def test_korean_lines_are_broken_earlier() -> None:
    ax = style.figure(4, 3).add_subplot()
    wide, narrow = (style.wrap(" ".join([word] * 40), ax, 6.0) for word in ("가나다", "abc"))
    assert wide.count("\n") > 1.4 * narrow.count("\n")
