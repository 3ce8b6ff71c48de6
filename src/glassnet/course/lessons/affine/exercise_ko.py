# glassnet lesson: affine
"""Affine 층 x·W + b의 순전파와 역전파. 작성한 뒤: glassnet check affine"""

import numpy as np


class Affine:
    """x·W + b. W: 형상 (입력 수, 출력 수), b: 형상 (출력 수,)."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        """x: 형상 (n, 입력 수), 행마다 샘플 하나. 형상 (n, 출력 수)를 돌려줍니다."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: dL/dy, 형상 (n, 출력 수).

        L은 샘플에 대한 평균이므로 dout에는 이미 1/n이 들어 있습니다.

        dL/dW를 self.dW에, dL/db를 self.db에 넣고 dL/dx를 돌려줍니다.
        """
        raise NotImplementedError
