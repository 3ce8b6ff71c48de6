# glassnet lesson: net
"""1층 신경망의 손실과 그 기울기. 작성한 뒤: glassnet check net"""

import numpy as np


def loss(W, x, t):
    """softmax(x·W)의 교차 엔트로피 평균.

    W: 형상 (입력 수, classes). x: 형상 (n, 입력 수). t: 클래스 번호, 형상 (n,).
    """
    raise NotImplementedError


def gradient(W, x, t):
    """W와 같은 형상의 dL/dW."""
    raise NotImplementedError
