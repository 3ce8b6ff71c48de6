"""What is asked of the three functions."""

import numpy as np

from glassnet.course.judging.trial import Trial, check


@check("step")
def step_arrays(t: Trial) -> None:
    for shape in t.shapes(10):
        x = t.normal(*shape)
        t.close(t.call(x), (np.sign(x) + 1) / 2, "step(x)", x=x)


@check("step")
def step_by_hand(t: Trial) -> None:
    x = np.array([-2, 0, 3])
    t.close(t.call(x), [0, 0, 1], "step(x)", x=x)
    t.close(t.call(0.5), 1, "step(0.5)")


@check("sigmoid")
def sigmoid_arrays(t: Trial) -> None:
    for shape in t.shapes(10):
        x = 3 * t.normal(*shape)
        t.close(t.call(x), (1 + np.tanh(x / 2)) / 2, "sigmoid(x)", 1e-12, x=x)


@check("sigmoid")
def sigmoid_by_hand(t: Trial) -> None:
    t.close(t.call(1.0), 0.7310585786300049, "sigmoid(1.0)", 1e-12)
    x = np.array([-1, 0, 5])
    expected = [0.2689414213699951, 0.5, 0.9933071490757153]
    t.close(t.call(x), expected, "sigmoid(x)", 1e-12, x=x)


@check("sigmoid")
def sigmoid_far_out(t: Trial) -> None:
    with t.quiet("sigmoid(x)"):
        x = np.array([-1000.0, -50.0, 1000.0])
        t.close(t.call(x), [0, np.exp(-50.0), 1], "sigmoid(x)", 1e-30, x=x)
        single = np.array([-100, 100], np.float32)
        t.close(t.call(single), [0, 1], "sigmoid(x)", 1e-7, x=single)


@check("relu")
def relu_arrays(t: Trial) -> None:
    for shape in t.shapes(10):
        x = t.normal(*shape)
        t.close(t.call(x), (np.abs(x) + x) / 2, "relu(x)", x=x)


@check("relu")
def relu_by_hand(t: Trial) -> None:
    x = np.array([[-2, 0], [3, -1]])
    t.close(t.call(x), [[0, 0], [3, 0]], "relu(x)", x=x)
    t.close(t.call(-0.5), 0, "relu(-0.5)")
