# glassnet lesson: softmax_loss
"""소프트맥스와 교차 엔트로피의 순전파와 역전파. 작성한 뒤: glassnet check softmax_loss"""

import numpy as np


class SoftmaxWithLoss:
    """분류 신경망의 마지막 층. 점수를 받아 손실 하나를 내놓습니다."""

    def forward(self, z, t):
        """z: 점수(로짓), 형상 (n, classes). t: 클래스 번호 (n,) 또는 원-핫 행.

        확률을 self.y에 넣고, 샘플 n개에 대한 교차 엔트로피의 평균을 돌려줍니다.
        점수가 ±1000이어도 손실은 유한해야 합니다.
        """
        raise NotImplementedError

    def backward(self):
        """형상 (n, classes)의 dL/dz를 돌려주고, self.y는 바꾸지 않습니다."""
        raise NotImplementedError
