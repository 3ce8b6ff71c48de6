"""Two that everybody has met: LeNet-5, and the network of Keras's first example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from glassnet import layers
from glassnet.model import Sequential
from glassnet.networks.pieces import ImageStack, Settings


def lenet(
    input_shape: Sequence[int] = (28, 28),
    classes: int = 10,
    *,
    width: float = 1.0,
    dropout: float = 0.0,
    **settings: Unpack[Settings],
) -> Sequential:
    """LeNet-5, which read the amounts on cheques, with today's functions.

        Conv2D 6, 5×5, same, relu      28×28×6    (the paper has images of 32×32 and no padding)
        MaxPooling2D 2                 14×14×6    (the paper takes means, with weights)
        Conv2D 16, 5×5, relu           10×10×16   (the paper leaves some channels unconnected)
        MaxPooling2D 2                 5×5×16
        Flatten                        400
        Dense 120 relu, Dense 84 relu, Dense 10 softmax

    61,706 parameters for images of 28×28×1.  Source: Y. LeCun, L. Bottou, Y. Bengio,
    P. Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998).

    The arguments and errors are those of all networks: see ``glassnet.networks``.
    """
    stack = ImageStack("lenet", input_shape, classes, width, settings)
    stack.add(stack.convolve(6, 5, "same"))
    stack.pool()
    stack.add(stack.convolve(16, 5))
    stack.pool()
    stack.add(layers.Flatten(), stack.dense(120), stack.dense(84))
    return stack.classify(dropout)


def cnn(
    input_shape: Sequence[int] = (28, 28),
    classes: int = 10,
    *,
    width: float = 1.0,
    dropout: float = 0.5,
    **settings: Unpack[Settings],
) -> Sequential:
    """Two convolutions, each with a pooling: the network of Keras's example for MNIST.

        Conv2D 32, 3×3, relu           26×26×32
        MaxPooling2D 2                 13×13×32
        Conv2D 64, 3×3, relu           11×11×64
        MaxPooling2D 2                 5×5×64
        Flatten                        1600
        Dropout 0.5
        Dense 10 softmax

    34,826 parameters for images of 28×28×1.  Source: F. Chollet, Simple MNIST convnet,
    keras.io (2015).  The weights begin with the spread that suits the activation, He's for relu;
    in Keras with Glorot's.

    The arguments and errors are those of all networks: see ``glassnet.networks``.
    """
    stack = ImageStack("cnn", input_shape, classes, width, settings)
    for filters in (32, 64):
        stack.add(stack.convolve(filters, 3))
        stack.pool()
    stack.add(layers.Flatten())
    return stack.classify(dropout)
