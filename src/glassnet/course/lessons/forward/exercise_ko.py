# glassnet lesson: forward
"""3층 신경망의 순전파. 작성한 뒤: glassnet check forward"""

import numpy as np


def predict(network, x):
    """은닉층 두 개에는 시그모이드를 쓰고, 마지막 층에는 함수를 쓰지 않습니다. 점수를 돌려줍니다.

    network: W1, b1, W2, b2, W3, b3이 든 딕셔너리. 바꾸지 않습니다.
    x: 형상 (입력 수,)인 샘플 하나, 또는 형상 (n, 입력 수)인 배치.
    """
    raise NotImplementedError
