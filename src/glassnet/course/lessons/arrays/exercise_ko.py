# glassnet lesson: arrays
"""샘플 하나와 배치에 대한 x·W + b. 작성한 뒤: glassnet check arrays"""

import numpy as np


def affine(x, W, b):
    """x·W + b.

    x: 형상 (입력 수,)인 샘플 하나, 또는 형상 (n, 입력 수)인 배치.
    W: 형상 (입력 수, 출력 수). b: 형상 (출력 수,). 열 (출력 수, 1)로 주어질 수도 있습니다.
    샘플 하나이면 형상 (출력 수,), 배치이면 (n, 출력 수)를 돌려줍니다.
    """
    raise NotImplementedError
