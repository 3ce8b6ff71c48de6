# glassnet lesson: batch_norm
"""배치 정규화의 순전파와 역전파. 작성한 뒤: glassnet check batch_norm"""

import numpy as np


class BatchNorm:
    """y = γ · (x - 평균) / √(분산 + ε) + β. 특성마다 따로 계산합니다.

    running_mean, running_var: 형상은 (특성 수,). 처음에는 0과 1입니다.
    """

    def __init__(self, gamma, beta, momentum=0.9, eps=1e-5):
        """gamma, beta: 형상은 (특성 수,)."""
        raise NotImplementedError

    def forward(self, x, train=True):
        """x: 형상은 (n, 특성 수), n ≥ 1.

        학습할 때: 이 배치의 평균과 분산(Σ (x - 평균)² / n)을 씁니다. 그리고 이동 평균 둘 다
        running ← momentum · running + (1 - momentum) · 배치의 값.
        학습이 아닐 때: 이동 평균을 쓰고, 이동 평균은 바꾸지 않습니다.
        """
        raise NotImplementedError

    def backward(self, dout):
        """학습할 때의 순전파 뒤에: dx를 돌려주고, dgamma와 dbeta를 self에 보관합니다."""
        raise NotImplementedError
