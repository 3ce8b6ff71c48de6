# glassnet lesson: gradient
"""중심 차분으로 구하는 기울기. 작성한 뒤: glassnet check gradient"""

import numpy as np


def numerical_gradient(f, x):
    """x에서 f의 모든 편미분을 x와 같은 형상의 배열로 돌려줍니다.

    f: x와 같은 형상의 배열을 받아 수 하나를 돌려주는 함수.
    x: 어떤 형상이든, 실수든 정수든 됩니다. 바꾸지 않습니다.
    편미분은 h = 1e-4로 (f(… x + h …) - f(… x - h …)) / 2h를 씁니다.
    """
    raise NotImplementedError
