# glassnet lesson: batches
"""배치마다 구하는 예측과 정확도. 작성한 뒤: glassnet check batches"""

import numpy as np


def predict_in_batches(predict, x, size):
    """predict를 한 번에 많아야 `size`행씩 호출해서 모든 샘플의 점수를 구합니다.

    predict: 행 (m, 입력 수)를 받아 점수 (m, classes)를 돌려주는 함수. x: 형상 (n, 입력 수), n ≥ 1.
    마지막 배치는 더 짧을 수 있습니다. x의 순서대로 형상 (n, classes)를 돌려줍니다.
    """
    raise NotImplementedError


def accuracy_in_batches(predict, x, t, size):
    """가장 큰 점수가 정답 클래스의 것인 샘플의 비율을 배치마다 세어 구합니다.

    t: 클래스 번호, 형상 (n,). 0과 1 사이의 수 하나를 돌려줍니다.
    """
    raise NotImplementedError
