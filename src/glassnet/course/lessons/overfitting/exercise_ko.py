# glassnet lesson: overfitting
"""드롭아웃과 가중치 감쇠. 작성한 뒤: glassnet check overfitting

params와 grads는 같은 이름을 가진 딕셔너리입니다: W1, b1, W2, b2 … 이름이 W로 시작하는 배열에만
페널티를 줍니다.
"""

import numpy as np


class Dropout:
    """학습할 때 원소 가운데 일부를 끄고, 학습이 아니면 아무것도 끄지 않습니다."""

    def __init__(self, rate, rng):
        """rate: 끄는 비율, 0 ≤ rate < 1. rng: np.random.default_rng(…)."""
        raise NotImplementedError

    def forward(self, x, train=True):
        """학습할 때는 호출마다 새로 뽑아, rng.random(x.shape) >= rate인 자리는 x / (1 - rate).

        나머지 자리는 0입니다. 학습이 아니면 x 그대로입니다.
        """
        raise NotImplementedError

    def backward(self, dout):
        """마지막 순전파의 x에 대한 기울기."""
        raise NotImplementedError


def penalized_loss(loss, params, l2):
    """loss + l2 · (모든 가중치의 제곱의 합)."""
    raise NotImplementedError


def penalized_gradients(grads, params, l2):
    """위 손실의 기울기를 담은 새 딕셔너리. grads: 원래 손실의 기울기이며 바꾸지 않습니다."""
    raise NotImplementedError
