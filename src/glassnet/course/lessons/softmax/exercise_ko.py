# glassnet lesson: softmax
"""소프트맥스. 작성한 뒤: glassnet check softmax"""

import numpy as np


def softmax(z):
    """eᶻ / Σ eᶻ. 형상 (classes,)인 샘플 하나, 또는 형상 (n, classes)인 배치.

    배치에서는 행마다 합이 1입니다. 점수가 ±1000이어도 경고나 nan이 나오지 않아야 합니다.
    """
    raise NotImplementedError
