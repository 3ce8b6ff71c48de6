import numpy as np


def AND(x1, x2):
    return np.where(0.5 * x1 + 0.5 * x2 - 0.7 > 0, 1, 0)


def NAND(x1, x2):
    return np.where(-0.5 * x1 - 0.5 * x2 + 0.7 > 0, 1, 0)


def OR(x1, x2):
    return np.where(0.5 * x1 + 0.5 * x2 - 0.2 > 0, 1, 0)


def XOR(x1, x2):
    return AND(NAND(x1, x2), OR(x1, x2))
