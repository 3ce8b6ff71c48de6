# glassnet lesson: losses
"""손실 함수 세 가지와 원-핫 레이블. 작성한 뒤: glassnet check losses"""

import numpy as np


def one_hot(labels, classes):
    """labels: 0 … classes - 1의 정수, 형상 (n,). 1이 하나뿐인 행들을 돌려줍니다: (n, classes)."""
    raise NotImplementedError


def mean_squared_error(y, t):
    """모든 원소에 대한 (y - t)²의 평균. y와 t의 형상은 같습니다."""
    raise NotImplementedError


def binary_crossentropy(p, t):
    """샘플 n개에 대한 -t·log p - (1 - t)·log(1 - p)의 평균. p, t: 형상 (n,).

    로그가 무한대가 되지 않도록 p를 먼저 1e-7 … 1 - 1e-7 범위로 자른다(np.clip).
    """
    raise NotImplementedError


def categorical_crossentropy(p, t):
    """샘플 n개에 대한 -log p[정답 클래스]의 평균. p: 형상 (n, classes).

    t: 형상 (n,)의 클래스 번호, 또는 형상 (n, classes)의 원-핫 행.
    p를 먼저 1e-7 … 1 - 1e-7 범위로 자른다(np.clip).
    """
    raise NotImplementedError
