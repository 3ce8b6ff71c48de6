"""The two convolutional networks of *Deep Learning from Scratch*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from glassnet import layers
from glassnet.model import Sequential
from glassnet.networks.pieces import ImageStack, Settings

# Source: K. Saitoh, Deep Learning from Scratch (O'Reilly Japan 2016), chapters 7 and 8.


def simple_convnet(
    input_shape: Sequence[int] = (28, 28),
    classes: int = 10,
    *,
    width: float = 1.0,
    dropout: float = 0.0,
    **settings: Unpack[Settings],
) -> Sequential:
    """The book's SimpleConvNet (chapter 7).

        Conv2D 30, 5×5, relu           24×24×30
        MaxPooling2D 2                 12×12×30
        Flatten                        4320
        Dense 100 relu, Dense 10 softmax

    433,890 parameters for images of 28×28×1.  The book draws the first weights with a deviation
    of 0.01; here they have the spread that suits the activation, He's for relu.

    The arguments and errors are those of all networks: see ``glassnet.networks``.
    """
    stack = ImageStack("simple_convnet", input_shape, classes, width, settings)
    stack.add(stack.convolve(30, 5))
    stack.pool()
    stack.add(layers.Flatten(), stack.dense(100))
    return stack.classify(dropout)


def deep_convnet(
    input_shape: Sequence[int] = (28, 28),
    classes: int = 10,
    *,
    width: float = 1.0,
    dropout: float = 0.5,
    **settings: Unpack[Settings],
) -> Sequential:
    """The book's DeepConvNet (chapter 8): six convolutions of 3×3.

        Conv2D 16 same relu, Conv2D 16 same relu, MaxPooling2D 2       14×14×16
        Conv2D 32 same relu                                            14×14×32
        ZeroPadding2D 2, Conv2D 32 relu, MaxPooling2D 2                8×8×32
        Conv2D 64 same relu, Conv2D 64 same relu, MaxPooling2D 2       4×4×64
        Flatten                                                        1024
        Dense 50 relu, Dropout 0.5, Dense 10 softmax

    123,552 parameters for images of 28×28×1.  The fourth convolution has two zeros on each side
    in the book: its images grow from 14×14 to 16×16, so that 16, 8 and 4 can be halved.  The
    book drops half of the ten outputs before the softmax as well; here they are kept.

    The arguments and errors are those of all networks: see ``glassnet.networks``.
    """
    stack = ImageStack("deep_convnet", input_shape, classes, width, settings)
    stack.add(stack.convolve(16, 3, "same"), stack.convolve(16, 3, "same"))
    stack.pool()
    stack.add(stack.convolve(32, 3, "same"))
    if stack.small:
        stack.add(stack.convolve(32, 3, "same"))
    else:
        stack.add(layers.ZeroPadding2D(2))
        stack.sides = [side + 4 for side in stack.sides]
        stack.add(stack.convolve(32, 3))
    stack.pool()
    stack.add(stack.convolve(64, 3, "same"), stack.convolve(64, 3, "same"))
    stack.pool()
    stack.add(layers.Flatten(), stack.dense(50))
    return stack.classify(dropout)
