"""What the networks are put together of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from glassnet import activations, layers
from glassnet._core.settings import number, refuse_unknown, whole_number
from glassnet.errors import ShapeError
from glassnet.layers import augment
from glassnet.model import Sequential

Shape = Sequence[int]

SMALL = 16  # images with a shorter side are padded before each convolution
SMALLEST = 4


class Settings(TypedDict, total=False):
    """What all networks take beside their own arguments."""

    activation: Any
    classifier_activation: Any
    image_max: float | None
    augment: str
    seed: int | None
    dtype: Any
    name: str | None


class Stack:
    """Layers put one after the other, over rows of numbers or over images.

    Args:
        owner: how errors call the network.
        width: how many times as many filters and units as it has by itself.
    """

    def __init__(
        self, owner: str, input_shape: Shape, classes: int, width: float, settings: Settings
    ) -> None:
        refuse_unknown(owner, settings, Settings.__annotations__)
        self.owner = owner
        self.input_shape = _shape(owner, input_shape)
        self.classes = whole_number(owner, "classes", classes)
        self.width = number(owner, "width", width, above=0.0)
        self.settings = settings
        self.activation = activations.get(settings.get("activation", "relu"))
        self.layers: list[layers.Layer] = []

    def add(self, *stack: layers.Layer) -> None:
        """Put these at the end."""
        self.layers += stack

    def times(self, count: int) -> int:
        """``count`` filters or units, times the width; at least one."""
        return max(1, round(count * self.width))

    def rescale(self) -> None:
        """Divide by the value of a white pixel, if that was given."""
        white = self.settings.get("image_max")
        if white is not None:
            white = number(self.owner, "image_max", white, above=0.0)
            if white != 1.0:
                self.add(layers.Rescaling(1 / white))

    def augment(self) -> None:
        """Change images at random while it learns, as the words say."""
        self.add(*augment(self.settings.get("augment", "none"), self.input_shape))

    def dense(self, units: int) -> layers.Dense:
        """A hidden layer, its first weights as its activation likes them."""
        f = self.activation
        return layers.Dense(self.times(units), f, kernel_initializer=f.initializer)

    def classify(self, dropout: float) -> Sequential:
        """The network, with its last layer, built."""
        if dropout:
            self.add(layers.Dropout(dropout))
        f = activations.get(self.settings.get("classifier_activation", "softmax"))
        self.add(layers.Dense(self.classes, f, kernel_initializer=f.initializer))
        model = Sequential(
            self.layers,
            seed=self.settings.get("seed"),
            dtype=self.settings.get("dtype", "float32"),
            name=self.settings.get("name") or self.owner,
        )
        model.build(self.input_shape)
        return model


class ImageStack(Stack):
    """Layers over images; it knows how many places the image still has.

    Raises:
        ShapeError: no images, or too small ones.
    """

    def __init__(
        self, owner: str, input_shape: Shape, classes: int, width: float, settings: Settings
    ) -> None:
        super().__init__(owner, input_shape, classes, width, settings)
        shape = self.input_shape
        self.sides = _sides(owner, shape)
        self.small = min(self.sides) < SMALL
        if len(shape) == 2:
            self.add(layers.Reshape((*shape, 1)))
        self.rescale()
        self.augment()

    def convolve(
        self,
        filters: int,
        kernel_size: int,
        padding: str = "valid",
        *,
        strides: int = 1,
        activation: Any = True,
    ) -> layers.Conv2D:
        """A convolution; it is not put at the end yet.

        Args:
            activation: True: the network's.
        """
        f = self.activation if activation is True else activations.get(activation)
        if self.small:
            padding = "same"
        lost = kernel_size - 1 if padding == "valid" else 0
        self.sides = [-(-(side - lost) // strides) for side in self.sides]
        return layers.Conv2D(
            self.times(filters),
            kernel_size,
            strides=strides,
            padding=padding,
            activation=f,
            kernel_initializer=self.activation.initializer,
        )

    def pool(self) -> None:
        """The largest of each 2×2 places, as long as there are so many."""
        if min(self.sides) >= 2:
            self.sides = [side // 2 for side in self.sides]
            self.add(layers.MaxPooling2D(2))


def _shape(owner: str, given: Any) -> tuple[int, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ShapeError(
            f"{owner}: input_shape is {given!r}, but must be the shape of one sample, as in "
            "(28, 28)."
        )
    return tuple(whole_number(owner, "each size of input_shape", size) for size in given)


def _sides(owner: str, shape: tuple[int, ...]) -> list[int]:
    if len(shape) not in (2, 3):
        raise ShapeError(
            f"{owner}: a sample of shape {shape} is no image: expected (rows, columns) or "
            "(rows, columns, channels). Rows of pixels can be reshaped, as in "
            "x.reshape(-1, 28, 28)."
        )
    if len(shape) == 3 and shape[0] in (1, 3) and shape[-1] > 4:
        raise ShapeError(
            f"{owner}: images of shape {shape} have their channels first, it seems: glassnet has "
            "them last. Pass np.moveaxis(x, 1, -1)."
        )
    if min(shape[:2]) < SMALLEST:
        raise ShapeError(
            f"{owner}: images of {shape[0]}×{shape[1]} pixels are too small: expected at least "
            f"{SMALLEST}×{SMALLEST}. For fewer, networks.mlp has no convolution."
        )
    return list(shape[:2])
