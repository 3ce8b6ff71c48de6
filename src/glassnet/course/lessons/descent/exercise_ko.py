# glassnet lesson: descent
"""경사 하강법. 작성한 뒤: glassnet check descent"""

import numpy as np


def gradient_descent(gradient, x0, lr, steps):
    """x0에서 내려갑니다. x ← x - lr·gradient(x)를 steps번 반복합니다.

    gradient: x0과 같은 형상의 배열을 받아 그 점의 기울기를 돌려주는 함수.
    x0: 출발점. 실수든 정수든 됩니다. 바꾸지 않습니다.
    출발점을 포함해 지나온 모든 점을 돌려줍니다: 형상 (steps + 1, *x0의 형상).
    """
    raise NotImplementedError
