"""The words inside the pictures that the lab gives, in Korean as well.

    with language("ko"):
        decision_boundary(model, x, y)

English is what stands in the code; this is the one place of its Korean.  A picture whose words
are not here stays English, as do all where no Korean font is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from glassnet.plots import style

KOREAN = {
    # decision_boundary, regression_curve, value_map
    "Decision regions": "결정 영역",
    "{share:.1%} of {n:,} points right": "점 {n:,}개 중 {share:.1%} 정답",
    "wrong answer": "오답",
    "wrong answer ({n:,})": "오답({n:,})",
    "no answer (NaN)": "답 없음(NaN)",
    "What the model answers": "모델의 답",
    "mean error {error:.3g} at {n:,} points": "점 {n:,}개에서 평균 오차 {error:.3g}",
    "data": "데이터",
    "data, output {k}": "데이터, 출력 {k}",
    "model": "모델",
    "model, output {k}": "모델, 출력 {k}",
    # learning_curves
    "training": "훈련",
    "test": "테스트",
    "training (while learning)": "훈련(학습 중)",
    "training (after the epoch)": "훈련(에포크 후)",
    "validation": "검증",
    "{name}, best {value} in epoch {epoch:.0f}": "{name}, 가장 좋은 값 {value}({epoch:.0f} 에포크)",
    "{name}, not finite: {where}": "{name}, 유한하지 않음: {where}",
    "epoch {n:.0f}": "{n:.0f} 에포크",
    "{n:,} epochs, first {first:.0f}": "에포크 {n:,}개, 처음은 {first:.0f}",
    "no finite values": "유한한 값 없음",
    "epoch": "에포크",
    "loss": "손실",
    "accuracy": "정확도",
    "learning rate": "학습률",
    # confusion_matrix
    "Confusion matrix": "혼동 행렬",
    "predicted class": "예측 클래스",
    "true class": "참 클래스",
    "recall": "재현율",
    "none": "없음",
    "{hits:,} of {total:,} right ({share:.1%})": "{total:,}개 중 {hits:,}개 정답({share:.1%})",
    # network_drawing
    "The network and its weights": "신경망과 가중치",
    "input": "입력",
    "value": "값",
    "layer {i}": "{i}번째 층",
    "{n:,} feature": "특성 {n:,}개",
    "{n:,} features": "특성 {n:,}개",
    "{n:,} unit": "유닛 {n:,}개",
    "{n:,} units": "유닛 {n:,}개",
    "{n:,} weight": "가중치 {n:,}개",
    "{n:,} weights": "가중치 {n:,}개",
    "{n:,} bias": "편향 {n:,}개",
    "{n:,} biases": "편향 {n:,}개",
    "{n} of them drawn": "그중 {n}개만 그림",
    "{weights} as lines, dashed below zero; {biases} as the colour of the circles.":
        "선은 {weights}(음수는 점선), 원의 색은 {biases}입니다.",
    "Units at ⋮ are not drawn.": "⋮ 자리의 유닛은 그리지 않았습니다.",
    "{n:,} value not finite and not drawn.": "유한하지 않은 값 {n:,}개는 그리지 않았습니다.",
    "{n:,} values not finite and not drawn.": "유한하지 않은 값 {n:,}개는 그리지 않았습니다.",
}  # fmt: skip

_spoken: ContextVar[str] = ContextVar("language of the pictures", default="en")


@contextmanager
def language(name: str) -> Iterator[None]:
    """Pictures that are drawn inside say their words in this language: "en" or "ko"."""
    before = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(before)


def say(text: str, **values: Any) -> str:
    """``text`` in the language of now, with the values in their places.

    >>> with language("en"):
    ...     say("epoch {n:.0f}", n=3)
    'epoch 3'
    """
    korean = _spoken.get() == "ko" and style.has_korean()
    return (KOREAN.get(text, text) if korean else text).format(**values)
