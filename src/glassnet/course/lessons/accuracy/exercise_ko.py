# glassnet lesson: accuracy
"""학습 스텝이 따라갈 수 있는 것과 없는 것. 작성한 뒤: glassnet check accuracy

공통: x의 형상은 (n, 입력 수), W의 형상은 (입력 수, 클래스 수), 점수는 x @ W이고,
t는 클래스 번호이며 형상은 (n,)입니다.
"""

import numpy as np


def accuracy(W, x, t):
    """가장 큰 점수가 정답 클래스의 것인 행의 비율. 0에서 1 사이의 수입니다."""
    raise NotImplementedError


def loss(W, x, t):
    """-log(정답 클래스의 확률)의 평균. 확률은 softmax(x @ W)로 구합니다.

    점수는 ±1000만큼 클 수도 있습니다.
    """
    raise NotImplementedError


def slope(f, W, place, h=1e-5):
    """가중치 W[place] 하나에 대한 f(W)의 기울기. (f(…+h…) - f(…-h…)) / 2h로 구합니다.

    f: W와 같은 형상의 행렬을 받아 수 하나를 돌려주는 함수. place: (행, 열). W는 바꾸지 않습니다.
    """
    raise NotImplementedError


def gain(losses, classes):
    """학습하며 기록한 손실 가운데 마지막 값이 찍었을 때의 손실보다 얼마나 낮은가.

    찍는다는 것은 모든 클래스에 확률 1 / classes를 주는 것입니다.
    """
    raise NotImplementedError
