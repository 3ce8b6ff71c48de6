# glassnet lesson: convolution
"""im2col로 하는 합성곱의 순전파와 역전파. 작성한 뒤: glassnet check convolution"""

import numpy as np


def im2col(x, kh, kw, stride, pad):
    """이미지의 모든 창을 한 행씩 늘어놓습니다.

    x: 형상 (n, 행, 열, 채널). 네 변에 0을 pad개씩 덧댄 뒤에 자릅니다.
    창 하나는 kh×kw 픽셀이고, 다음 창은 stride픽셀 옆에서 시작합니다.
    형상 (n·oh·ow, kh·kw·채널)인 배열을 돌려줍니다. 첫 이미지의 창이 윗줄부터 차례로 오고, 그다음
    둘째 이미지의 창이 옵니다. 결과의 한 행 안은 창의 행, 열, 채널 순서입니다.
    """
    raise NotImplementedError


def col2im(col, shape, kh, kw, stride, pad):
    """되돌아오는 길. col의 값을 im2col이 꺼내 온 픽셀에 저마다 더합니다.

    shape: x의 형상. 패딩을 뗀, 이 형상의 배열을 돌려줍니다.
    """
    raise NotImplementedError


class Conv2D:
    """out[p, q, f] = Σ x[p·stride + a, q·stride + b, c]·W[a, b, c, f] + b[f].

    합은 a, b, c에 대해 구합니다.
    """

    def __init__(self, W, b, stride=1, pad=0):
        """W: 형상 (kh, kw, 채널, 필터), b: 형상 (필터,)."""
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        """x: 형상 (n, 행, 열, 채널). 형상 (n, oh, ow, 필터)를 돌려줍니다."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: forward가 돌려준 형상의 dL/dout.

        dL/dW를 self.dW에, dL/db를 self.db에 넣고 dL/dx를 돌려줍니다.
        """
        raise NotImplementedError
