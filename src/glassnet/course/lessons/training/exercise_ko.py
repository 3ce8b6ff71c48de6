# glassnet lesson: training
"""미니배치와 학습 루프. 작성한 뒤: glassnet check training"""

import numpy as np


def batches(n, size, rng):
    """0 … n - 1을 무작위 순서로 섞어 `size`개씩 자릅니다. 마지막은 더 짧을 수 있습니다.

    rng: NumPy의 난수 생성기 np.random.default_rng(…). 순서는 이것만으로 정합니다.
    배열의 리스트를 돌려줍니다.
    """
    raise NotImplementedError


def fit(gradient, w, x, t, lr, epochs, size, rng):
    """미니배치로 학습합니다. 배치마다 w ← w - lr·gradient(w, x[batch], t[batch]).

    에포크마다 batches(len(x), size, rng)를 새로 호출합니다.
    w, x, t: 배열. 바꾸지 않습니다. 학습된 가중치를 돌려줍니다.
    """
    raise NotImplementedError
