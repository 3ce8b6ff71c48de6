"""A stack of dense layers block by block on all cores: products too large for a single thread.

OpenBLAS shares out each product anew, its threads wait by spinning on the core of whoever comes
next, and what lies between the products is done by one core.  Here a step is a list of items in
phases, which all cores take (see ``_core.crew``); most are a block of one matrix in the registers
of a core (see ``layers.dense.blocks``):

    for each layer     z = x·W + b, y = f(z)      samples × units    (and Wᵀ, for the way back)
    the loss           L, dL/dz                   by the thread that asked
    back, each layer   dy = dz·Wᵀ, dz = dy·f'(z)  samples × inputs
    all layers         dW = xᵀ·dz, db             inputs × units
    the update         w ← w - …                  stretches of all weights

The formulas are those of the layers, of the loss and of the optimizer: their kernels are called.
A step has the same bits on any number of threads.
"""

from __future__ import annotations

import numpy as np

from glassnet._core import atomic, crew
from glassnet._core.crew import CREW
from glassnet._core.jit import kernel
from glassnet._core.memory import aligned
from glassnet._core.parameters import Parameters
from glassnet._core.tile import ROWS, VECTOR, lanes
from glassnet._core.types import Array
from glassnet.layers.dense.blocks import block, fill_panel, padded
from glassnet.layers.dense.kernels import sum_rows
from glassnet.losses.binary_crossentropy import binary_logits
from glassnet.losses.mean_squared_error import squared_error
from glassnet.losses.sparse_categorical_crossentropy import softmax_classes
from glassnet.model.compiled import (
    LINEAR,
    RELU,
    VALUES,
    CompiledStack,
    Needed,
    _activate,
    _activation_backward,
)
from glassnet.optimizers.adam import Adam, adam_update
from glassnet.optimizers.base import Numbers, Optimizer

FEWEST, LARGEST = 2 * ROWS, 8192  # samples; a block of dW reads all of them
MOST = 2**21  # weights of a layer: of more OpenBLAS cuts the products better
STRETCH = 4096  # numbers of a vector that are an item

# What an item is, and its other columns: the layer, and where it begins.
FORWARD, PANEL, FUNCTION, LOSS, BACK, FUNCTION_BACK, WEIGHTS, BIAS, UPDATE = range(9)
# The columns of the plan, a row for each layer: where W and b begin among the weights (-1: no b),
# inputs, units, activation; and what is added here: the length of a padded row of outputs, where
# the outputs, their gradient and Wᵀ begin in the room.
W_AT, B_AT, P, Q, F, LD, Y, DZ, TURNED = range(9)
# The sizes: samples, where the batch lies in memory, and which phases are to be done.
N, X, FIRST, LAST = range(4)
PLACES = 16  # whole numbers of a thread


class BlockedStack:
    """L and dL/dparameters of a :class:`CompiledStack` with larger products, on all cores.

    Attributes:
        read: what the loss read in the last call: the output, or its logits.
    """

    def __init__(self, stack: CompiledStack, optimizer: Optimizer) -> None:
        self.stack = stack
        self.read: Array | None = None
        self._most = 0  # samples for which there is room
        self._made: dict[int, _Made] = {}
        self._last: _Made | None = None
        self._state = _state_of(optimizer)

    @classmethod
    def of(cls, stack: CompiledStack, optimizer: Optimizer) -> BlockedStack | None:
        """The stack by blocks; None where its products are too large for it."""
        fits = (stack.plan[:, P] * stack.plan[:, Q]).max() <= MOST
        return cls(stack, optimizer) if fits else None

    def takes(self, x: Array, y: Array) -> bool:
        """Whether it is worth it, and of the kind that it reads."""
        return FEWEST <= len(x) <= LARGEST and y.ndim == self.stack.axes

    def __call__(self, x: Array, y: Array, sample_weight: Array | None) -> float:
        """L of the batch; the gradients are in the network's vector."""
        x = self.stack.below(x)
        n = len(x)
        made = self._last = self._made.get(n) or self._make(n, y)
        self.read = made.read
        weights = made.targets[1] if sample_weight is None else sample_weight
        if not y.flags.carray:
            y = np.require(y, requirements=["C", "W"])
        made.sizes[:] = n, x.ctypes.data, 0, made.phases - 1
        return self._run(made, (y, weights))

    def update(self, optimizer: Optimizer, parameters: Parameters) -> bool:
        """One step of the optimizer, where it is Adam's rule on all weights; False: it is not."""
        made, state = self._last, _state_of(optimizer)
        known = parameters.values is self.stack.values and parameters.runs is None
        if made is None or not state or not known or optimizer.clipping.active:
            return False
        if any(a is not b for a, b in zip(state, self._state or (None,))):
            self._state = state  # the helpers have another
            self._made.clear()
            self._last = self._make(int(made.sizes[N]), made.targets[0])
        optimizer.step_by(self._adam)
        return True

    def _adam(self, n: Numbers, keep: float) -> None:
        made = self._last
        assert made is not None
        made.numbers[:] = n["α"], 1.0 - n["β₁"], 1.0 - n["β₂"], n["ε"], keep
        made.sizes[FIRST:] = made.phases - 1, made.phases
        self._run(made, made.targets)

    def close(self) -> None:
        """The helpers may sleep."""
        CREW.dismiss()

    def _run(self, made: _Made, targets: tuple[Array, Array]) -> float:
        own, helpers = (*targets, *made.shared), (*made.targets, *made.shared)
        return CREW.run(made.control, take_part, own, helpers)

    def _make(self, n: int, y: Array) -> _Made:
        if n > self._most or len(self._made) >= 4:  # batches of ever other sizes
            self._most = max(n, self._most)
            self._made.clear()
        self._made[n] = _Made(self, n, y)
        return self._made[n]


def _state_of(optimizer: Optimizer) -> tuple[Array, ...]:
    """The m and v of Adam's rule; empty for another."""
    kind = type(optimizer)
    adam = kind.step is Optimizer.step and kind._update is Adam._update
    state = optimizer.state
    return (state["m"], state["v"]) if adam and optimizer.variant == "formula" and state else ()


class _Made:
    """What there is once for batches of ``n``: the items, and the memory for what they compute."""

    def __init__(self, blocked: BlockedStack, n: int, y: Array) -> None:
        stack = blocked.stack
        dtype, threads = stack.dtype, CREW.size
        width = 2 * lanes(dtype.itemsize)
        rows, units = -(-n // ROWS) * ROWS, stack.widths[-1]
        plan = np.zeros((len(stack.plan), 9), np.int64)
        plan[:, :LD] = stack.plan
        plan[:, LD] = [padded(q, dtype.itemsize) for q in plan[:, Q]]
        at = int(plan[:, LD].max()) + width + threads * ROWS * width  # zeros; blocks of the threads
        for layer in plan:
            layer[Y], layer[DZ] = at, at + rows * layer[LD]
            layer[TURNED] = at + 2 * rows * layer[LD]
            at = int(layer[TURNED] + -(-layer[P] // width) * width * layer[Q])
        table, ends = _items(plan, n, stack.values.size, width)
        self.ends, self.phases = ends, len(ends) - 1
        self.control = crew.control_for(self.phases, threads)
        self.sizes, self.numbers = np.zeros(4, np.int64), np.zeros(5)
        self.read = np.empty((n, units), dtype)
        none = np.empty(0, dtype)
        # of the right types, for the helpers: the loss is not theirs
        self.targets = np.empty((0,) * y.ndim, y.dtype), none
        self.shared = (
            stack.loss, self.read, np.empty((n, units), dtype), np.empty(n, dtype), table, ends,
            self.control, self.sizes, plan, aligned(at, dtype, width), np.zeros(1, np.int64),
            aligned(PLACES * threads, np.dtype(np.int64)), stack.values, stack.gradients,
            *(blocked._state or (none, none)), self.numbers, threads, stack.more,
        )  # fmt: skip


def _items(plan: Array, n: int, weights: int, width: int) -> tuple[Array, Array]:
    """The items, (what, layer, row, unit) each, phase after phase, and where each phase ends.

    The last phase is the update; width: numbers of a row of a block.
    """
    layers = range(len(plan))

    def blocks(what: int, at: int, units: int) -> list[tuple[int, int, int, int]]:
        # one column of blocks after the other: it stays in the cache of a core
        return [(what, at, row, unit) for unit in range(0, units, width)
                for row in range(0, n, ROWS)]  # fmt: skip

    def stretches(what: int, at: int, size: int) -> list[tuple[int, int, int, int]]:
        return [(what, at, start, min(STRETCH, size - start)) for start in range(0, size, STRETCH)]

    phases = []
    for at in layers:
        phases.append(blocks(FORWARD, at, plan[at, Q]))
        if plan[at, F] not in (LINEAR, RELU):  # these are done with the block
            phases.append(stretches(FUNCTION, at, n * plan[at, LD]))
    for at in layers[1:]:
        phases[0] += [(PANEL, at, 0, unit) for unit in range(0, plan[at, P], width)]
    phases.append([(LOSS, 0, 0, 0)])
    for at in reversed(layers[1:]):
        phases.append(blocks(BACK, at, plan[at, P]))
        if plan[at - 1, F] != LINEAR:
            phases.append(stretches(FUNCTION_BACK, at - 1, n * plan[at - 1, LD]))
    phases.append([(WEIGHTS, at, row, 0) for at in layers for row in range(0, plan[at, P], ROWS)])
    phases[-1] += [(BIAS, at, 0, 0) for at in layers if plan[at, B_AT] >= 0]
    phases.append(stretches(UPDATE, 0, weights))
    table = np.array([item for phase in phases for item in phase], np.int64)
    return table, np.cumsum([0, *(len(phase) for phase in phases)])


@kernel
def take_part(
    truth: Array, weights: Array, loss: int, read: Array, top: Array, losses: Array, table: Array,
    ends: Array, control: Array, sizes: Array, plan: Array, room: Array, start: Array,
    places: Array, values: Array, gradients: Array, m: Array, v: Array, numbers: Array,
    threads: int, more: Needed, thread: int, ticket: int,
) -> float:  # fmt: skip
    """The thread that asks (0): the phases from FIRST to before LAST, with whoever else is there.

    Returns L.  A helper: from one such computation to the next, until none comes.
    """
    value = 0.0
    vectors = 2 * (VECTOR // values.itemsize)  # so far a vector is read behind an end
    room, values = atomic.unowned(room, vectors), atomic.unowned(values, vectors)
    gradients, m, v = atomic.unowned(gradients, 0), atomic.unowned(m, 0), atomic.unowned(v, 0)
    if thread == 0:
        atomic.store(control, crew.TICKET, ticket)
        ticket = 1
    else:
        ticket = crew.enter(control, 0)
    while ticket:
        n = sizes[N]
        x = atomic.numbers_at(sizes[X], n * plan[0, P], values)
        for phase in range(sizes[FIRST], sizes[LAST]):
            begin, count, done = ends[phase], ends[phase + 1] - ends[phase], 0
            if table[begin, 0] == LOSS:
                if thread == 0:
                    value = loss_of(truth, weights, loss, read, top, losses, plan, room, more)
                    done = 1
            else:
                item = crew.next_item(control, phase, count, thread, threads)
                while item >= 0:
                    do_item(
                        table[begin + item, 0], table[begin + item, 1], table[begin + item, 2],
                        table[begin + item, 3], n, x, plan, room, start, places, values,
                        gradients, m, v, numbers, threads, thread, more,
                    )  # fmt: skip
                    done += 1
                    item = crew.next_item(control, phase, count, thread, threads)
            crew.finish(control, phase, done, count, thread, threads)
        if thread == 0:
            crew.close(control)
            break
        atomic.add(control, crew.INSIDE, -1)
        ticket = crew.enter(control, ticket)
    return value


@kernel
def do_item(
    what: int, at: int, row: int, unit: int, n: int, x: Array, plan: Array, room: Array,
    start: Array, places: Array, values: Array, gradients: Array, m: Array, v: Array,
    numbers: Array, threads: int, thread: int, more: Needed,
) -> None:  # fmt: skip
    """One item; of stretches, row and unit are where it begins and how long it is."""
    width = 2 * (VECTOR // values.itemsize)
    own, lowest = PLACES * thread, -np.inf
    p, q, f, ld = plan[at, P], plan[at, Q], plan[at, F], plan[at, LD]
    w_at, b_at, y, dz = plan[at, W_AT], plan[at, B_AT], plan[at, Y], plan[at, DZ]
    below, x_at, x_step = (room, plan[at - 1, Y], plan[at - 1, LD]) if at else (x, 0, p)
    if what == FORWARD:
        bias, bias_at = (values, b_at + unit) if b_at >= 0 else (room, 0)
        block(
            ld - unit, row, n, x_step, below, x_at, places, own, start, p, 1,
            values, w_at + unit, q, bias, bias_at, 0.0 if f == RELU else lowest,
            room, y + row * ld + unit, ld,
        )  # fmt: skip
    elif what == PANEL:
        fill_panel(values, w_at, p, q, unit, room, plan[at, TURNED] + unit * q)
    elif what == FUNCTION:
        if more is not None:  # what has no loop for it is done with the block
            _activate(room[y + row : y + row + unit].reshape((1, unit)), room[:0], f, more)
    elif what == BACK:
        dy, dy_step = plan[at - 1, DZ], plan[at - 1, LD]
        block(
            dy_step - unit, row, n, ld, room, dz, places, own, start, q, 1,
            room, plan[at, TURNED] + unit * q, width, room, 0, lowest,
            room, dy + row * dy_step + unit, dy_step,
        )  # fmt: skip
    elif what == FUNCTION_BACK:
        outputs = room[y + row : y + row + unit].reshape((1, unit))
        _activation_backward(outputs, room[dz + row : dz + row + unit].reshape((1, unit)), f, more)
    elif what == WEIGHTS:
        scratch = plan[0, Y] - (threads - thread) * ROWS * width
        for j in range(0, q, width):
            whole = row + ROWS <= p and j + width <= q  # else a row would reach into the next one
            to, to_at, to_step = (
                (gradients, w_at + row * q + j, q) if whole else (room, scratch, width)
            )
            block(
                ld - j, row, p, 1, below, x_at, places, own, start, n, x_step,
                room, dz + j, ld, room, 0, lowest, to, to_at, to_step,
            )  # fmt: skip
            if not whole:
                for r in range(min(ROWS, p - row)):
                    for k in range(min(width, q - j)):
                        gradients[w_at + (row + r) * q + j + k] = room[scratch + r * width + k]
    elif what == BIAS:
        total = np.empty(ld, room.dtype)
        sum_rows(room[dz : dz + n * ld].reshape((n, ld)), total)
        for j in range(q):
            gradients[b_at + j] = total[j]
    else:
        end = row + unit
        adam_update(
            values[row:end], gradients[row:end], m[row:end], v[row:end],
            numbers[0], numbers[1], numbers[2], numbers[3], numbers[4],
        )  # fmt: skip


@kernel
def loss_of(
    truth: Array, weights: Array, loss: int, read: Array, top: Array, losses: Array, plan: Array,
    room: Array, more: Needed,
) -> float:  # fmt: skip
    """L, and dL/dz of the last layer, from its outputs."""
    n, q = read.shape
    last = len(plan) - 1
    ld, y, dz = plan[last, LD], plan[last, Y], plan[last, DZ]
    for i in range(n):
        for j in range(q):
            read[i, j] = room[y + i * ld + j]
            top[i, j] = read[i, j]
    if truth.ndim == 1:
        value = softmax_classes(truth, top, weights, losses, 0.0)
    elif loss == VALUES:
        value = squared_error(truth, top, weights, losses)
        _activation_backward(read, top, plan[last, F], more)
    else:
        value = binary_logits(truth, top, weights, losses, 0.0)
    for i in range(n):
        for j in range(q):
            room[dz + i * ld + j] = top[i, j]
    return value
