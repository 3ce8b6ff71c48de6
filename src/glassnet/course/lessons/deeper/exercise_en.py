# glassnet lesson: deeper
"""A skip connection, and moved copies of images. Then: glassnet check deeper"""

import numpy as np


class Residual:
    """y = x + block(x)"""

    def __init__(self, block):
        """block: an object with forward(x) and backward(dout), which keep the shape.

        It may write into the arrays that it is given, as in `dout[mask] = 0`.
        """
        self.block = block

    def forward(self, x):
        """Returns x + block(x), and leaves x as it is."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: dL/dy. Returns dL/dx, and leaves dout as it is."""
        raise NotImplementedError


def shift(images, down, right):
    """Every image moved by so many pixels; 0 where nothing came from.

    images: shape (n, rows, columns), left as it is. down, right: whole numbers; below 0 means up
    and to the left. What leaves the image is lost.
    """
    raise NotImplementedError


def with_copies(images, labels, moves):
    """The images, and behind them a moved copy of all of them for each of the moves.

    images: shape (n, rows, columns), labels: shape (n,), moves: a list of (down, right).
    Returns (images, labels), each with n·(1 + number of moves) entries. Uses shift.
    """
    raise NotImplementedError
