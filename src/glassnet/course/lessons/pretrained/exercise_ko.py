# glassnet lesson: pretrained
"""학습된 신경망으로 숫자 읽기. 작성한 뒤: glassnet check pretrained

신경망은 딕셔너리입니다: W1, b1, W2, b2, W3, b3.
앞의 두 층은 시그모이드, 셋째 층은 소프트맥스를 씁니다.
"""

import numpy as np


def init_network(path):
    """.npz 파일에 든 신경망을 읽어, 파일에 있는 이름 그대로 배열의 딕셔너리로 돌려줍니다."""
    raise NotImplementedError


def predict(network, x):
    """열 가지 숫자의 확률, 형상은 (n, 10). x: 형상은 (n, 픽셀 수), 값은 0에서 1."""
    raise NotImplementedError


def accuracy(network, images, t, white):
    """신경망이 맞게 읽은 이미지의 비율. 0에서 1 사이의 수입니다.

    images: 형상은 (n, 행, 열), 값은 0(검정)에서 `white`까지의 정수이며 바꾸지 않습니다. 신경망은
    0에서 1 사이의 픽셀을 한 줄로 편 것으로 학습했습니다. t: 정답 숫자, 형상은 (n,).
    """
    raise NotImplementedError
