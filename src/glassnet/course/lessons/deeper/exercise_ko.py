# glassnet lesson: deeper
"""스킵 연결과 이미지를 옮긴 사본. 작성한 뒤: glassnet check deeper"""

import numpy as np


class Residual:
    """y = x + block(x)"""

    def __init__(self, block):
        """block: forward(x)와 backward(dout)가 있는 객체. 형상을 바꾸지 않습니다.

        `dout[mask] = 0`처럼 받은 배열에 값을 쓸 수도 있습니다.
        """
        self.block = block

    def forward(self, x):
        """x + block(x)를 돌려주고, x는 바꾸지 않습니다."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: dL/dy. dL/dx를 돌려주고, dout은 바꾸지 않습니다."""
        raise NotImplementedError


def shift(images, down, right):
    """모든 이미지를 주어진 픽셀만큼 옮깁니다. 비는 자리는 0으로 채웁니다.

    images: 형상 (n, 행, 열). 바꾸지 않습니다. down, right: 정수. 음수면 위로, 왼쪽으로
    옮깁니다. 이미지 밖으로 나간 픽셀은 버립니다.
    """
    raise NotImplementedError


def with_copies(images, labels, moves):
    """원래 이미지 뒤에, moves마다 모든 이미지를 옮긴 사본을 붙입니다.

    images: 형상 (n, 행, 열), labels: 형상 (n,), moves: (down, right)의 리스트.
    (images, labels)를 돌려줍니다. 각각 n·(1 + moves의 개수)개입니다. shift를 씁니다.
    """
    raise NotImplementedError
