# glassnet lesson: search
"""하이퍼파라미터 탐색. 작성한 뒤: glassnet check search"""

import numpy as np


def draw(rng, low, high):
    """low와 high 사이에서, 로그로 보아 고르게 뽑은 수.

    rng: np.random.default_rng(…).
    """
    raise NotImplementedError


def search(candidates, fit, score, train, val, test):
    """후보를 하나씩 시험하고 검증 세트로 가장 좋은 것을 고릅니다.

    candidates: 학습률 같은 수의 리스트.
    fit(candidate, x, y)는 학습된 모델을, score(model, x, y)는 점수를 돌려줍니다. 클수록 좋습니다.
    train, val, test: (x, y) 쌍.
    가장 좋은 후보(점수가 같으면 먼저 온 것), 그 후보의 val 점수, 그 모델의 test 점수를 돌려줍니다.
    test 점수는 마지막에 한 번만 잽니다.
    """
    raise NotImplementedError
