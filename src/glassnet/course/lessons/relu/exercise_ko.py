# glassnet lesson: relu
"""ReLU와 시그모이드 층의 순전파와 역전파. 작성한 뒤: glassnet check relu"""

import numpy as np


class ReLU:
    """배열의 원소마다 max(x, 0)."""

    def forward(self, x):
        """x: 어떤 형상의 배열이든 됩니다. 출력을 돌려주고, 역전파에 필요한 것을 보관합니다."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: x와 같은 형상의 dL/dy. dL/dx를 돌려주고, dout은 바꾸지 않습니다.

        x = 0에서 기울기는 0으로 합니다.
        """
        raise NotImplementedError


class Sigmoid:
    """배열의 원소마다 1 / (1 + e⁻ˣ)."""

    def forward(self, x):
        """x: 어떤 형상의 배열이든 됩니다. 출력을 돌려주고, 역전파에 필요한 것을 보관합니다."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: x와 같은 형상의 dL/dy. dL/dx를 돌려주고, dout은 바꾸지 않습니다."""
        raise NotImplementedError
