"""Networks with batch normalization: in the manner of VGG, and with ways around their blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from glassnet import layers
from glassnet._core.settings import whole_number
from glassnet.model import Sequential
from glassnet.networks.pieces import ImageStack, Settings

MOMENTUM = 0.9  # the running means follow within some ten batches: a training is short here


def convnet(
    input_shape: Sequence[int] = (28, 28),
    classes: int = 10,
    *,
    width: float = 1.0,
    dropout: float = 0.5,
    **settings: Unpack[Settings],
) -> Sequential:
    """As many convolutions as the image can be halved: for photos of any size.

        Conv2D 32 3×3 same relu, MaxPooling2D 2, BatchNormalization    14×14×32
        Conv2D 64 3×3 same relu, MaxPooling2D 2, BatchNormalization    7×7×64
        Flatten                                                        3136
        Dense 128 relu, BatchNormalization, Dropout 0.5, Dense 10 softmax

    422,090 parameters for images of 28×28×1.  An image is halved while its shorter side is at
    least 8: 32×32 three times, to 4×4×128; 64×64 four times, with 16 filters first. Sources: those
    of :func:`vgg`.

    The arguments and errors are those of all networks: see ``glassnet.networks``.
    """
    stack = ImageStack("convnet", input_shape, classes, width, settings)
    filters = 16 if min(stack.sides) > 32 else 32
    while True:
        stack.add(stack.convolve(filters, 3, "same"))
        stack.pool()
        stack.add(layers.BatchNormalization(MOMENTUM))
        filters = min(128, 2 * filters)
        if min(stack.sides) < 8:
            break
    stack.add(layers.Flatten(), stack.dense(128), layers.BatchNormalization(MOMENTUM))
    return stack.classify(dropout)


def vgg(
    input_shape: Sequence[int] = (28, 28),
    classes: int = 10,
    *,
    width: float = 1.0,
    dropout: float = 0.4,
    **settings: Unpack[Settings],
) -> Sequential:
    """Two convolutions of 3×3 before each pooling, with batch normalization behind it.

        Conv2D 32 relu, Conv2D 32 relu, MaxPooling2D 2, BatchNormalization     12×12×32
        Conv2D 64 relu, Conv2D 64 relu, MaxPooling2D 2, BatchNormalization     4×4×64
        Flatten                                                                1024
        Dense 128 relu, BatchNormalization, Dropout 0.4, Dense 10 softmax

    197,930 parameters for images of 28×28×1. From 48×48 on there is a third block, of 128 filters.

    Source of the manner: K. Simonyan, A. Zisserman,
    Very deep convolutional networks for large-scale image recognition (2015); of the
    normalization: S. Ioffe, C. Szegedy (2015).  It stands behind the pooling, where three of
    four numbers are gone already, and not before each function.

    The arguments and errors are those of all networks: see ``glassnet.networks``.
    """
    stack = ImageStack("vgg", input_shape, classes, width, settings)
    for filters in (32, 64, 128) if min(stack.sides) >= 48 else (32, 64):
        stack.add(stack.convolve(filters, 3), stack.convolve(filters, 3))
        stack.pool()
        stack.add(layers.BatchNormalization(MOMENTUM))
    stack.add(layers.Flatten(), stack.dense(128), layers.BatchNormalization(MOMENTUM))
    return stack.classify(dropout)


def resnet(
    input_shape: Sequence[int] = (28, 28),
    classes: int = 10,
    *,
    blocks: int = 1,
    width: float = 1.0,
    dropout: float = 0.0,
    **settings: Unpack[Settings],
) -> Sequential:
    """Convolutions with a way around them, y = x + f(x).

        Conv2D 16, 3×3, same                                   28×28×16
        ``blocks`` blocks of 16 filters                        28×28×16
        Conv2D 32, 3×3, same, strides 2; blocks of 32          14×14×32
        Conv2D 64, 3×3, same, strides 2; blocks of 64          7×7×64
        BatchNormalization, relu, GlobalAveragePooling2D       64
        Dense 10 softmax

        block: Residual(BatchNormalization, relu, Conv2D 3×3 same, twice)

    121,514 parameters for images of 28×28×1 and one block each.  Source: K. He, X. Zhang, S. Ren,
    J. Sun, Identity mappings in deep residual networks (2016), its networks for CIFAR-10.  There
    the way around a halving is a convolution of 1×1; here the convolution that halves stands
    before the block, and the block gives back the shape that it gets.

    Args:
        blocks: how many of each size; the network has 6·blocks + 4 layers with weights.

    The other arguments, and the errors, are those of all networks: see ``glassnet.networks``.
    """
    blocks = whole_number("resnet", "blocks", blocks)
    stack = ImageStack("resnet", input_shape, classes, width, settings)
    for filters, strides in ((16, 1), (32, 2), (64, 2)):
        stack.add(stack.convolve(filters, 3, "same", strides=strides, activation=None))
        for _ in range(blocks):
            stack.add(
                layers.Residual(
                    [
                        *_activated(stack),
                        stack.convolve(filters, 3, "same", activation=None),
                        *_activated(stack),
                        stack.convolve(filters, 3, "same", activation=None),
                    ]
                )
            )
    stack.add(*_activated(stack), layers.GlobalAveragePooling2D())
    return stack.classify(dropout)


def _activated(stack: ImageStack) -> list[layers.Layer]:
    return [layers.BatchNormalization(MOMENTUM), layers.Activation(stack.activation)]
