# glassnet lesson: activations
"""활성화 함수 세 가지. 작성한 뒤: glassnet check activations"""

import numpy as np


def step(x):
    """x > 0이면 1, 아니면 0. x는 수 하나일 수도, 어떤 형상의 배열일 수도 있습니다."""
    raise NotImplementedError


def sigmoid(x):
    """1 / (1 + e⁻ˣ). x = -1000과 x = 1000에서도 경고가 나오지 않아야 합니다."""
    raise NotImplementedError


def relu(x):
    """x > 0이면 x, 아니면 0. x를 바꾸지 않습니다."""
    raise NotImplementedError
