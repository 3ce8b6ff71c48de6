"""A stack of dense layers as one compiled function: small networks without Python in between.

A step of 2-4-3 makes 14 calls, each of them worth less than a microsecond; handing over from
Python to each costs as much again (a batch of 300, through ``fit``: 26 µs by the layers, 17
by this).
The function walks through the layers as :class:`~glassnet.layers.Dense` does and calls the
same kernels in the same order, so both ways agree bit for bit where NumPy's and SciPy's BLAS
do; a test compares them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet._core.finite import surely_finite
from glassnet._core.jit import kernel
from glassnet._core.kernels import add_bias
from glassnet._core.team import TEAM, cores_to_ourselves
from glassnet._core.types import Array
from glassnet.activations import Linear, ReLU, Sigmoid, Softmax, Tanh
from glassnet.activations.leaky_relu import leaky_relu_
from glassnet.activations.relu import bias_relu, relu_backward
from glassnet.activations.sigmoid import sigmoid_, sigmoid_backward
from glassnet.activations.softmax import softmax_
from glassnet.activations.tanh import tanh_, tanh_backward
from glassnet.data.arrays import check_finite
from glassnet.layers.dense.kernels import FEW, product_of_few, sum_rows
from glassnet.layers.passes import Passes
from glassnet.layers.walk import walk
from glassnet.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from glassnet.losses.base import Loss
from glassnet.losses.binary_crossentropy import binary_logits
from glassnet.losses.mean_squared_error import squared_error
from glassnet.losses.objective import Objective
from glassnet.losses.sparse_categorical_crossentropy import softmax_classes
from glassnet.model.network import Network

# Multiplications of the largest product.  OpenBLAS takes both threads above it, and then the
# layers' own way is better: the hand-overs no longer count, and the threads of SciPy's copy
# of OpenBLAS, which Numba calls, would wait beside those of NumPy's.
MOST = 2**18

# Of a large prediction: the rows that a core takes at once, and the most units of a layer.
PART, WIDEST = 512, 8192

LINEAR, RELU, SIGMOID, TANH, SOFTMAX = range(5)
# What the kernels below have a branch for, by class: a subclass computes something else.
ACTIVATIONS: dict[type, int] = {Linear: LINEAR, ReLU: RELU, Sigmoid: SIGMOID, Tanh: TANH}
CROSSENTROPIES = (SparseCategoricalCrossentropy, CategoricalCrossentropy)
CLASSES, VALUES, CHANCES = range(3)


Needed = bool | None  # None: Numba leaves out the branches that ask for it


class CompiledStack:
    """L and dL/dparameters in one call, of a stack of layers that are as :class:`Dense`.

    Attributes:
        inputs: the layers before the stack, which learn nothing: Flatten, Rescaling.
        read: what the loss read in the last call: the output, or its logits.
    """

    def __init__(self, network: Network, dense: Sequence[Any], loss: int, fused: bool) -> None:
        parameters = network.parameters
        self.values, self.gradients = parameters.values, parameters.gradients
        self.dtype = parameters.dtype
        self.inputs = network.layers[: len(network.layers) - len(dense)]
        self.loss = loss
        self.read: Array | None = None
        self.widths = [layer.units for layer in dense]
        self.most = MOST // max(math.prod(layer.W.shape) for layer in dense)
        self.axes = 1 if loss == CLASSES else 2  # of y
        functions = [ACTIVATIONS.get(type(layer.activation), LINEAR) for layer in dense]
        if fused:
            functions[-1] = LINEAR
        self.plan = _plan(network, dense, functions)
        self.more = _more(self.plan)
        self._work: dict[int, tuple[Array, Array, Array]] = {}
        self._no_weights = np.empty(0, self.dtype)

    @classmethod
    def of(cls, network: Network, objective: Objective) -> CompiledStack | None:
        """The stack of ``network``; None if it has a layer or a loss that is not known here."""
        dense: list[Any] = []
        for layer in reversed(network.layers):
            if not layer.runs_compiled:
                break
            dense.insert(0, layer)
        below = network.layers[: len(network.layers) - len(dense)]
        drops = [one for _, one in walk(below) if one.random_in_training and not one.augments]
        if not dense or drops or any(one.weights() for _, one in walk(below)):
            return None
        loss = _known(objective.loss)
        hidden = dense[:-1] if objective.fused else dense
        if loss is None or any(type(layer.activation) not in ACTIVATIONS for layer in hidden):
            return None
        if objective.fused != (loss != VALUES):
            return None
        return cls(network, dense, loss, objective.fused)

    def takes(self, x: Array, y: Array) -> bool:
        """Whether a batch is small enough to gain by it, and of the kind that it reads."""
        return len(x) <= self.most and y.ndim == self.axes

    def below(self, x: Array) -> Array:
        """What comes into the stack for a batch."""
        for layer in self.inputs:
            x = layer.forward(x, True)
        if not x.flags.carray or x.dtype is not self.dtype:
            x = np.require(x, self.dtype, ["C", "W"])
        return x

    def __call__(self, x: Array, y: Array, sample_weight: Array | None) -> float:
        """L of the batch; the gradients are in the network's vector."""
        x = self.below(x)
        work, losses, self.read = self._work.get(len(x)) or self._make(len(x))
        weights = self._no_weights if sample_weight is None else sample_weight
        return loss_and_gradient(
            x, y, weights, self.values, self.gradients, self.plan, self.loss, work, losses,
            self.more,
        )  # fmt: skip

    def _make(self, n: int) -> tuple[Array, Array, Array]:
        """The arrays for batches of ``n``: the outputs of all layers, the last first, and two
        for dL/dz and dL/dx in turns; the loss of each sample."""
        work = np.empty(n * (sum(self.widths) + 2 * max(self.widths)), self.dtype)
        read = work[: n * self.widths[-1]].reshape(n, -1)
        if len(self._work) >= 4:  # batches of ever other sizes
            self._work.clear()
        self._work[n] = work, np.empty(n, self.dtype), read
        return self._work[n]


class CompiledOutputs:
    """The outputs of such a stack for a few samples in one call (784-50-100-10, one: 9 → 5 µs).

    Attributes:
        inputs: the way through the layers before the stack.
        largest: the multiplications of the largest product for one sample; of a layer before
            the stack its outputs, if they are more.
    """

    def __init__(self, network: Network) -> None:
        layers = [layer for layer in network.layers if not layer.random_in_training]
        first = next((i for i, layer in enumerate(layers) if layer.runs_compiled), len(layers))
        self.inputs = Passes(layers[:first], join=True)
        dense: list[Any] = [layer for layer in layers[first:] if layer.runs_compiled]
        known = ACTIVATIONS | {Softmax: SOFTMAX}
        functions = [known.get(type(layer.activation), -1) for layer in dense]
        work = [layer.multiplications() for layer in layers]
        work += [math.prod(layer.output_shape or ()) for layer in layers[:first]]
        self.largest = max(work, default=0)
        self.known = bool(dense) and len(dense) == len(layers) - first and -1 not in functions
        self.plan = _plan(network, dense, functions)
        self.more = _more(self.plan)
        self.made_for = [(layer, layer.function) for layer in layers if layer.function is not None]

    def takes(self, x: Array) -> bool:
        """Whether every layer is known here, and the products are ones for a single thread."""
        return self.known and len(x) * self.largest <= MOST

    def takes_many(self, x: Array) -> bool:
        """Whether every layer is known here, and there are rows for all cores."""
        narrow = self.known and not self.inputs.passes and self.plan[:, 3].max() <= WIDEST
        return bool(narrow) and len(x) >= 2 * PART

    def holds(self) -> bool:
        """Whether the layers still have the activations that it was made for."""
        for layer, f in self.made_for:  # noqa: SIM110  # all(…) takes 0.2 µs more, of 5
            if layer.function is not f:
                return False
        return True

    def __call__(self, x: Array, values: Array) -> Array:
        """The outputs for ``x`` with the parameters ``values``: an array of the caller's."""
        if self.inputs.passes:
            x = self.inputs.forward(x)
        if not x.flags.carray:
            x = np.require(x, requirements=["C", "W"])
        return outputs(x, values, self.plan, self.more)

    def of_many(self, x: Array, values: Array) -> Array:
        """The same for many rows, a part of them at a time on each core.

        Raises:
            DataError: NaN or infinite numbers in ``x``.
        """
        answers = np.empty((len(x), int(self.plan[-1, 3])), values.dtype)
        strange: list[int] = []

        def answer(part: int, thread: int) -> None:
            rows = slice(part * PART, (part + 1) * PART)
            if not surely_finite(x[rows]):
                strange.append(part)
            answers[rows] = self(x[rows], values)

        answer(0, 0)  # it compiles here, where Ctrl-C is heard
        with cores_to_ourselves():
            TEAM.run(lambda part, thread: answer(part + 1, thread), -(-len(x) // PART) - 1)
        if strange:
            check_finite(x, "x")
        return answers


def _plan(network: Network, dense: Sequence[Any], functions: Sequence[int]) -> Array:
    """The stack as numbers, for the kernels."""
    places = network.parameters.slices
    rows = []
    for layer, function in zip(dense, functions):
        b = places[f"{layer.name}/b"].start if layer.use_bias else -1
        rows.append((places[f"{layer.name}/W"].start, b, *layer.W.shape, function))
    return np.array(rows, np.int64).reshape(-1, 5)  # none: a network of convolutions only


def _more(plan: Array) -> Needed:
    """Whether it needs the loops of sigmoid and tanh, or of products of few rows; None if not.

    Then they are not compiled: of the 11.5 s in which the loops of ``glassnet train digits``
    compiled on a slow machine they took 2.6.
    """
    curved = not {SIGMOID, TANH}.isdisjoint(plan[:, 4].tolist())
    narrow = (plan[:, 2:4] <= FEW).any()
    return True if curved or narrow else None


def _known(loss: Loss) -> int | None:
    """Which of the three losses of the kernel it is."""
    if type(loss) in CROSSENTROPIES and loss.reads_logits:
        return CLASSES if not loss.get_config().get("label_smoothing") else None
    if type(loss) is BinaryCrossentropy and loss.from_logits:
        return CHANCES if not loss.label_smoothing else None
    return VALUES if type(loss) is MeanSquaredError else None


@kernel
def loss_and_gradient(
    x: Array,
    truth: Array,
    weights: Array,
    values: Array,
    gradients: Array,
    plan: Array,
    loss: int,
    work: Array,
    losses: Array,
    more: Needed,
) -> float:
    """L of a batch, and dL/dvalues in ``gradients``.

    plan: a row for each layer: where W and b begin in ``values`` (-1: no b), n_in, units,
    activation.  work: see ``CompiledStack._make``.  more: see ``_more``.
    """
    n, top = len(x), len(plan) - 1
    outputs = 0  # where those of the layer at hand begin
    for at in range(len(plan)):
        outputs += n * plan[at, 3]
    widest = (work.size - outputs) // 2
    spare, other = work[outputs : outputs + widest], work[outputs + widest :]

    a = x
    for at in range(len(plan)):
        outputs -= n * plan[at, 3]
        z = work[outputs : outputs + n * plan[at, 3]].reshape((n, plan[at, 3]))
        _product(a, _W(values, plan, at), z, more)  # z = x·W
        _activate(z, _b(values, plan, at), plan[at, 4], more)  # y = f(z + b)
        a = z

    for i in range(a.size):  # spare[:] = a would compile the texts of its errors for seconds
        spare[i] = work[i]
    dz = spare[: a.size].reshape(a.shape)
    if truth.ndim == 1:
        value = softmax_classes(truth, dz, weights, losses, 0.0)
    elif loss == VALUES:
        value = squared_error(truth, dz, weights, losses)
        _activation_backward(a, dz, plan[top, 4], more)
    else:
        value = binary_logits(truth, dz, weights, losses, 0.0)

    for step in range(len(plan)):
        at = top - step
        outputs += n * plan[at, 3]
        k = plan[at, 2]
        below = work[outputs : outputs + n * k].reshape((n, k)) if at else x
        np.dot(below.T, dz, _W(gradients, plan, at))  # dL/dW = xᵀ·dL/dz
        if plan[at, 1] >= 0:
            sum_rows(dz, _b(gradients, plan, at))  # dL/db = Σ dL/dz
        if at:
            dy = other[: n * k].reshape((n, k))
            _product(dz, _W(values, plan, at).T, dy, more)  # dL/dx = dL/dz·Wᵀ
            _activation_backward(below, dy, plan[at - 1, 4], more)
            dz = dy
            spare, other = other, spare
    return value


@kernel
def outputs(x: Array, values: Array, plan: Array, more: Needed) -> Array:
    """The outputs of the last layer; the rest as above."""
    n = len(x)
    a = x
    for at in range(len(plan)):
        z = np.empty((n, plan[at, 3]), values.dtype)
        _product(a, _W(values, plan, at), z, more)
        _activate(z, _b(values, plan, at), plan[at, 4], more)
        a = z
    return a


@kernel
def _W(flat: Array, plan: Array, at: int) -> Array:
    start, p, q = plan[at, 0], plan[at, 2], plan[at, 3]
    return flat[start : start + p * q].reshape((p, q))


@kernel
def _b(flat: Array, plan: Array, at: int) -> Array:
    """Empty for a layer without b."""
    start = plan[at, 1]
    return flat[start : start + plan[at, 3]] if start >= 0 else flat[:0]


@kernel
def _product(x: Array, W: Array, out: Array, more: Needed) -> None:
    """out ← x·W, as Dense does it"""
    if more is not None and len(W) <= FEW and W.shape[1] >= 8:
        product_of_few(x, W, out)
        return
    np.dot(x, W, out)


@kernel
def _activate(z: Array, b: Array, activation: int, more: Needed) -> None:
    """z ← f(z + b)"""
    if activation == RELU and b.size:
        bias_relu(z, b)
        return
    if b.size:
        add_bias(z, b)
    if activation == RELU:
        leaky_relu_(z, 0.0)
    elif activation == SOFTMAX:
        softmax_(z)
    if more is not None:
        if activation == SIGMOID:
            sigmoid_(z)
        elif activation == TANH:
            tanh_(z)


@kernel
def _activation_backward(y: Array, dy: Array, activation: int, more: Needed) -> None:
    """dy ← dy · f'(z), read off y"""
    if activation == RELU:
        relu_backward(y, dy)
    if more is not None:
        if activation == SIGMOID:
            sigmoid_backward(y, dy)
        elif activation == TANH:
            tanh_backward(y, dy)
