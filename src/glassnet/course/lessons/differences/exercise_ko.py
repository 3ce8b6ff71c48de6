# glassnet lesson: differences
"""중심 차분으로 구하는 함수의 기울기. 작성한 뒤: glassnet check differences"""

import numpy as np


def numerical_diff(f, x):
    """수 하나를 받는 함수 f에 대해 (f(x + h) - f(x - h)) / 2h.

    h는 x의 크기에 1e-5를 곱한 값이고, x의 크기가 1보다 작으면 1e-5입니다. x는 정수일 수도,
    float32일 수도 있습니다. 계산은 float64로 합니다.
    """
    raise NotImplementedError
