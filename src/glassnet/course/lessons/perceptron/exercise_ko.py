# glassnet lesson: perceptron
"""퍼셉트론으로 만든 게이트 네 가지. 작성한 뒤: glassnet check perceptron

x1과 x2는 0이나 1, 또는 그런 수의 배열입니다. 게이트는 0이나 1, 또는 그런 수의 배열을 돌려줍니다.
"""

import numpy as np


def AND(x1, x2):
    """둘 다 1이면 1. 가중합에 편향을 더한 값이 0보다 큰지 봅니다."""
    raise NotImplementedError


def NAND(x1, x2):
    """둘 다 1이면 0."""
    raise NotImplementedError


def OR(x1, x2):
    """하나라도 1이면 1."""
    raise NotImplementedError


def XOR(x1, x2):
    """하나만 1이면 1. AND, NAND, OR를 호출하고 스스로는 아무것도 계산하지 않습니다."""
    raise NotImplementedError
