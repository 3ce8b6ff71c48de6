# glassnet lesson: pooling
"""최대 풀링과 Flatten의 순전파와 역전파. 작성한 뒤: glassnet check pooling"""

import numpy as np


class MaxPool:
    """out[p, q, c] = x[p·stride + a, q·stride + b, c] 가운데 최댓값. a와 b는 size보다 작습니다."""

    def __init__(self, size, stride):
        """창 하나는 size×size 픽셀이고, 다음 창은 stride픽셀 옆에서 시작합니다."""
        self.size, self.stride = size, stride

    def forward(self, x):
        """x: 형상 (n, 행, 열, 채널). 패딩은 없습니다.

        형상 (n, oh, ow, 채널)을 돌려줍니다. 온전히 들어가는 창만 쓰고, 채널마다 따로 구합니다.
        """
        raise NotImplementedError

    def backward(self, dout):
        """dout: forward가 돌려준 형상의 dL/dout. x와 같은 형상의 dL/dx를 돌려줍니다.

        값이 같으면 윗줄부터 차례로 보아 처음 나온 것이 최댓값입니다.
        """
        raise NotImplementedError


class Flatten:
    """위에 있는 완전 연결 층을 위해 이미지를 한 행으로 폅니다."""

    def forward(self, x):
        """x: 형상 (n, 행, 열, 채널). 형상 (n, 행·열·채널)을 돌려줍니다.

        한 행 안은 이미지의 행, 열, 채널 순서입니다.
        """
        raise NotImplementedError

    def backward(self, dout):
        """dout: forward가 돌려준 형상. x와 같은 형상의 dL/dx를 돌려줍니다."""
        raise NotImplementedError
