"""One word for each thing: the glossary of the lab, and the words that it does not explain.

``NOT`` has for a term the words that no Korean text of glassnet uses for the same thing;
``tests/docs/test_terms.py`` holds it.
"""

from __future__ import annotations

from glassnet import texts

# What the lab does not explain, or explains under another name: English → Korean.
MORE = {
    "training": "학습",
    "feature": "특성",
    "data set": "데이터 세트",
    "step": "스텝",
    "run": "학습 결과",
    "target": "타깃",
    "label": "레이블",
    "regularization": "규제",
    "normalization": "정규화",
    "hyperparameter": "하이퍼파라미터",
    "convolution": "합성곱",
    "pooling": "풀링",
    "stride": "스트라이드",
    "padding": "패딩",
    "feature map": "특성 맵",
    "fully connected": "완전 연결",
    "shape": "형상",
    "standard deviation": "표준편차",
    "central difference": "중심 차분",
    "pixel": "픽셀",
    "forward difference": "전진 차분",
    "underfitting": "과소적합",
    "course": "과정",
    "lesson": "단원",
}  # fmt: skip
# Korean → what stands nowhere for it.
NOT = {
    "학습": ("훈련",),
    "특성": ("특징", "피처"),
    "데이터 세트": ("데이터셋", "데이타"),
    "스텝": ("걸음",),
    "학습 결과": ("저장된 실행", "실행 폴더"),
    "타깃": ("타겟", "목표 열", "목표값"),
    "레이블": ("라벨",),
    "합성곱": ("컨볼루션", "콘볼루션"),
    "스트라이드": ("보폭",),
    "픽셀": ("화소",),
    "완전 연결": ("완전연결",),
    "표준편차": ("표준 편차",),
    "중심 차분": ("중앙 차분",),
    "전진 차분": ("전방 차분",),
    "매개변수": ("파라미터",),
    "하이퍼파라미터": ("초매개변수",),
    "유닛": ("뉴런",),
    "에포크": ("에폭",),
    "가중치 초깃값": ("초기 가중치", "초기값"),
    "갱신": ("업데이트",),
    "옵티마이저": ("최적화 방법", "최적화기"),
    "은닉층": ("히든",),
    "손실": ("로스",),
    "편향": ("바이어스",),
    "가중치": ("웨이트",),
    "신경망": ("뉴럴",),
    "과적합": ("과대적합", "오버피팅"),
    "교차 엔트로피": ("크로스 엔트로피",),
    "샘플": ("표본",),
    "학습률 스케줄": ("학습률 계획",),
    "단원": ("레슨",),
}  # fmt: skip


def rows(language: str) -> list[tuple[str, str, str, str]]:
    """English, Korean, what it means in the reader's language, what is not said."""
    english, korean = texts.part("lab", "en"), texts.part("lab", "ko")
    said = texts.part("lab", language)
    found = {
        english[key]: (korean[key], said[f"{key}.says"])
        for key in english
        if key.startswith("term.") and f"{key}.says" in english
    }
    found |= {name: (word, "") for name, word in MORE.items() if name not in found}
    return [
        (name, word, says, ", ".join(NOT.get(word, ())))
        for name, (word, says) in sorted(found.items(), key=lambda pair: pair[0].lower())
    ]
