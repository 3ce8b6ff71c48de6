"""The networks of *Deep Learning from Scratch*, out of their pickles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glassnet import activations, layers
from glassnet._core.channels import kernel_from_first, rows_from_first
from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.data.columns import counted
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.pickles import load_dlfs_network
from glassnet.interop.reading import Shape, assemble, of_file
from glassnet.layers.formats import Part
from glassnet.model import Sequential

SIDES = {1: 28, 3: 32}  # of MNIST's images, and of CIFAR-10's


@dataclass(frozen=True)
class Form:
    """One of the book's convolutional networks: blocks of convolutions, a pooling after each.

    Attributes:
        name: of the class in the book.
        blocks: how many convolutions each block has.
        same: whether its convolutions keep the size of the image, as far as nothing says otherwise.
        dropout: the rate between the two dense layers and behind them.
    """

    name: str
    blocks: tuple[int, ...]
    same: bool
    dropout: float = 0.0

    @property
    def convolutions(self) -> int:
        return sum(self.blocks)

    def pools_after(self, n: int) -> bool:
        """Whether a pooling follows the n-th convolution."""
        return n in (sum(self.blocks[: i + 1]) for i in range(len(self.blocks)))


FORMS = (
    Form("SimpleConvNet", (1,), same=False),
    Form("DeepConvNet", (2, 2, 2), same=True, dropout=0.5),
)


def from_dlfs(
    path: PathLike,
    activation: str | None = None,
    output_activation: str = "softmax",
    *,
    input_shape: Shape | None = None,
) -> Sequential:
    """The network whose W1, b1, W2, b2 … a pickle of the book holds.

    Nothing in the file is run. It says nothing of the functions between the weights, of poolings
    or padding. Matrices alone are dense layers with sigmoids, as in the book's digit network. One
    convolution and two matrices are its ``SimpleConvNet``, six and two its ``DeepConvNet``, with
    relu; the padding is worked out from the sizes that must fit.

    The book's dropout multiplies by 1 - rate when the network answers, glassnet's divides by it
    while training: the weights behind are multiplied by 1 - rate, and all numbers are the same.

    Args:
        activation: between the layers, if it is not the book's.
        input_shape: (rows, columns, channels) of the images that the convolutions read, as many
            rows as columns. By default 28×28, or 32×32 for three channels.

    Raises:
        FileFormatError: anything but such weights, or a network of another form (says what it is).
        UnknownNameError: no activation of this name.
    """
    weights = load_dlfs_network(path)
    with of_file(path):
        if weights["W1"].ndim == 4:
            f = activations.get(activation or "relu")
            return _convolutional(weights, f, output_activation, input_shape)
        return _dense(weights, activation or "sigmoid", output_activation)


def read(path: PathLike) -> tuple[Sequential, about.Notes]:
    """The network; the pickle says nothing beside it."""
    return from_dlfs(path), {}


def _dense(weights: Mapping[str, Array], activation: Any, output_activation: str) -> Sequential:
    count = len(weights) // 2
    parts = []
    for n in range(1, count + 1):
        W, b = weights[f"W{n}"], weights[f"b{n}"]
        f = output_activation if n == count else activation
        parts.append(Part(layers.Dense(W.shape[1], f), {"W": W, "b": b}))
    return assemble(parts, (weights["W1"].shape[0],))


def _convolutional(
    weights: Mapping[str, Array], f: Any, output_activation: str, input_shape: Shape | None
) -> Sequential:
    kernels = [W for W in weights.values() if W.ndim == 4]
    count = len(kernels)
    form = _form(weights, count)
    channels = kernels[0].shape[1]
    side = SIDES.get(channels, 28)
    image = (side, side, channels) if input_shape is None else tuple(input_shape)
    if len(image) != 3 or image[0] != image[1] or image[2] != channels:
        raise FileFormatError(
            f"input_shape is {image}, but its first convolution reads images (rows, columns, "
            f"{channels}), of as many rows as columns"
        )
    first = weights[f"W{count + 1}"]
    paddings = find_paddings(form, kernels, image[0], first.shape[0])
    if paddings is None:
        raise FileFormatError(
            f"{_seen(weights)}: no padding of its convolutions makes the {first.shape[0]:,} inputs "
            f"of W{count + 1} out of images {image}, with a pooling of 2×2 "
            f"{_where(form)} as in {form.name}. For images of another size call "
            "from_dlfs(path, input_shape=(rows, columns, channels))"
        )
    parts = []
    for n, (W, padding) in enumerate(zip(kernels, paddings), start=1):
        size = W.shape[2]
        same = padding > 0 and 2 * padding == size - 1
        if padding and not same:
            parts.append(Part(layers.ZeroPadding2D(padding)))
        layer = layers.Conv2D(len(W), size, padding="same" if same else "valid", activation=f)
        parts.append(Part(layer, {"W": kernel_from_first(W), "b": weights[f"b{n}"]}))
        if form.pools_after(n):
            parts.append(Part(layers.MaxPooling2D()))
    parts.append(Part(layers.Flatten()))
    pixels = first.shape[0] // len(kernels[-1])
    W = rows_from_first(first, (pixels, len(kernels[-1])))
    parts.append(Part(layers.Dense(W.shape[1], f), {"W": W, "b": weights[f"b{count + 1}"]}))
    W, b = weights[f"W{count + 2}"], weights[f"b{count + 2}"]
    if not form.dropout:
        parts.append(Part(layers.Dense(len(b), output_activation), {"W": W, "b": b}))
        return assemble(parts, image)
    keep = b.dtype.type(1 - form.dropout)  # z = keep·((keep·h)·W + b)
    parts += [
        Part(layers.Dropout(form.dropout)),
        Part(layers.Dense(len(b)), {"W": W * (keep * keep), "b": b * keep}),
        Part(layers.Dropout(form.dropout)),
        Part(layers.Activation(output_activation)),
    ]
    return assemble(parts, image)


def _form(weights: Mapping[str, Array], convolutions: int) -> Form:
    """The network of the book that has these weights.

    Raises:
        FileFormatError: none has.
    """
    dense = len(weights) // 2 - convolutions
    square = all(W.size and W.shape[2] == W.shape[3] for W in weights.values() if W.ndim == 4)
    for form in FORMS:
        if square and (form.convolutions, 2) == (convolutions, dense):
            return form
    known = " and ".join(f"{form.name} ({form.convolutions} and 2)" for form in FORMS)
    kernels = "" if square else " with kernels that are not square"
    raise FileFormatError(
        f"{_seen(weights)}: {counted(convolutions, 'convolution')}{kernels}, and "
        f"{counted(dense, 'dense layer')}. The book's networks are {known}, with square kernels. "
        "For another one build its layers and give set_weights what "
        "glassnet.interop.load_dlfs_network reads: each kernel as W.transpose(2, 3, 1, 0), and the "
        "inputs of the first dense layer in the order of rows, columns, channels"
    )


def _seen(weights: Mapping[str, Array]) -> str:
    shown = [f"{name} {W.shape}" for name, W in weights.items() if name.startswith("W")]
    return ", ".join(shown[:8]) + (" …" if len(shown) > 8 else "")


def _where(form: Form) -> str:
    each = form.blocks[0]
    return "behind each convolution" if each == 1 else f"behind each {each} convolutions"


def find_paddings(
    form: Form, kernels: list[Array], side: int, inputs: int
) -> tuple[int, ...] | None:
    """The padding of each convolution with which the dense layer gets as many numbers as it reads.

    Of several that fit, the ones that are nearest to the form's own; then those whose poolings
    leave no row over; then those that pad later: of the book's deep network 1, 1, 1, 2, 1, 1.

    Args:
        side: of the images; ``inputs``: the rows of the matrix behind the flattening.
    """
    if any(W.shape[2] > 2 * side for W in kernels):
        return None
    # side → (distance from the form's own, rows left over, paddings): the best way to it
    ways: dict[int, tuple[int, int, tuple[int, ...]]] = {side: (0, 0, ())}
    for n, W in enumerate(kernels, start=1):
        size = W.shape[2]
        usual = (size - 1) // 2 if form.same else 0
        found: dict[int, tuple[int, int, tuple[int, ...]]] = {}
        for before, (distance, left, paddings) in ways.items():
            for padding in range(size):  # more would read nothing but zeros
                after, over = before + 2 * padding - size + 1, 0
                if form.pools_after(n):
                    after, over = divmod(after, 2)
                if after < 1:
                    continue
                way = (distance + abs(padding - usual), left + over, (*paddings, padding))
                if after not in found or way < found[after]:
                    found[after] = way
        ways = found
    channels = len(kernels[-1])
    fitting = [way for after, way in ways.items() if after * after * channels == inputs]
    return min(fitting)[2] if fitting else None
