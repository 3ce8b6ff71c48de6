# glassnet lesson: weights
"""가중치 초깃값, 그리고 신호가 어디까지 가는가. 작성한 뒤: glassnet check weights"""

import numpy as np


def xavier(n, m, rng):
    """tanh와 시그모이드를 위한 가중치. 형상은 (n, m), 평균 0, 분산 2 / (n + m)인 난수.

    rng: NumPy의 난수 생성기 np.random.default_rng(…). 정규분포를 따르는 수를 이것으로만
    뽑습니다.
    """
    raise NotImplementedError


def he(n, m, rng):
    """ReLU를 위한 가중치. 형상은 (n, m), 평균 0, 분산 2 / n인 난수."""
    raise NotImplementedError


def spreads(x, weights, f):
    """층마다 모든 출력의 표준편차를 구합니다. 수의 리스트를 돌려줍니다.

    x: 형상은 (샘플 수, n). weights: 행렬의 리스트. 편향은 없습니다. f: 곱할 때마다 뒤에 적용하는
    활성화 함수.
    """
    raise NotImplementedError
