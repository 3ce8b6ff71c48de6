"""Every formula of a lesson: written by the kind that it is of, or worked out here once more."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glassnet import texts
from glassnet.calculus.differences import numerical_gradient
from glassnet.course import formulas
from glassnet.course.catalog import lessons
from glassnet.course.lesson import Lesson
from glassnet.course.lessons.convolution.checks import by_scipy
from glassnet.course.lessons.convolution.solution import im2col
from glassnet.course.notebook import notebook
from glassnet.course.reading import CELL, read
from glassnet.course.showing import markdown
from glassnet.errors import UnknownNameError
from glassnet.lab.lessons.course import of_course

RNG = np.random.default_rng(0)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^    \S.*$", re.MULTILINE)
GUIDES = Path(__file__).parents[2] / "docs"

# formula of a lesson, or a part of it → what it says, worked out with numbers
SAID: dict[str, Callable[[], object]] = {}


def says(*lines: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    def mark(check: Callable[[], object]) -> Callable[[], object]:
        SAID.update(dict.fromkeys(lines, check))
        return check

    return mark


def close(a: object, b: object, tolerance: float = 1e-6) -> None:
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def softmax(z: np.ndarray) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


@says("-log(1/K) = log K")
def _() -> None:
    close(-np.log(1 / 7), np.log(7))


@says("y[o] = Σᵢ x[i] · W[i, o] + b[o]", "(n, i) · (i, o) → (n, o)",
      "a = x·W + b          the weighted sums")  # fmt: skip
def _() -> None:
    x, W, b = RNG.normal(size=(4, 2)), RNG.normal(size=(2, 3)), RNG.normal(size=3)
    close((x @ W + b)[1, 2], sum(x[1, i] * W[i, 2] for i in range(2)) + b[2])
    assert (x @ W).shape == (4, 3)


@says("(4, 3) + (3,)     → adds the row to each of the four rows",
      "(4, 3) + (4, 1)   → adds the column to each of the three columns",
      "(3,)   + (3, 1)   → (3, 3): all sums")  # fmt: skip
def _() -> None:
    A, row, column = np.arange(12.0).reshape(4, 3), np.arange(3.0), np.arange(4.0)[:, None]
    close((A + row)[2], A[2] + row)
    close((A + column)[:, 1], A[:, 1] + column[:, 0])
    assert (row + row[:, None]).tolist() == [[a + b for a in row] for b in row]


@says("z = f(a)             the activation function", "dL/dx = dL/dy · f'(x)")
def _() -> None:
    x, dout = RNG.normal(size=5), RNG.normal(size=5)
    slopes = numerical_gradient(lambda at: float(dout @ np.tanh(at)), x)
    close(slopes, dout * (1 - np.tanh(x) ** 2))


@says("dL/dW[0, 1] = Σₖ x[k, 0] · dout[k, 1]")
def _() -> None:
    x, W, dout = RNG.normal(size=(4, 2)), RNG.normal(size=(2, 3)), RNG.normal(size=(4, 3))
    slopes = numerical_gradient(lambda at: float((dout * (x @ at)).sum()), W)
    close(slopes[0, 1], sum(x[k, 0] * dout[k, 1] for k in range(4)))


@says("g = γ · dout", "dx = (g - mean(g) - x̂ · mean(g · x̂)) / √(σ² + ε)")
def _() -> None:
    x, dout = RNG.normal(size=(6, 2)), RNG.normal(size=(6, 2))
    gamma, epsilon = np.array([1.5, -0.5]), 1e-3

    def hat(at: np.ndarray) -> np.ndarray:
        return (at - at.mean(axis=0)) / np.sqrt(at.var(axis=0) + epsilon)

    slopes = numerical_gradient(lambda at: float((dout * gamma * hat(at)).sum()), x)
    g = gamma * dout
    right = g - g.mean(axis=0) - hat(x) * (g * hat(x)).mean(axis=0)
    close(slopes, right / np.sqrt(x.var(axis=0) + epsilon))


@says("running ← 0.9 · running + 0.1 · that of the batch")
def _() -> None:
    from glassnet.course.lessons.batch_norm.solution import BatchNorm

    layer, x = BatchNorm(np.ones(1), np.zeros(1)), RNG.normal(size=(5, 1))
    layer.forward(x)
    close(layer.running_mean, 0.9 * 0 + 0.1 * x.mean(axis=0))
    close(layer.running_var, 0.9 * 1 + 0.1 * x.var(axis=0))


@says(
    "out[p, q, f] = Σ x[p·stride + a, q·stride + b, c] · W[a, b, c, f] + b[f]     over a, b and c",
    "out = col @ W.reshape(-1, filters) + b",
    "rows of the output = (rows + 2·pad - kh) // stride + 1",
    "dW = colᵀ · dz        db = Σ dz over all places of all images        dcol = dz · Wᵀ",
)
def _() -> None:  # fmt: skip
    x, W, b, stride = (
        RNG.normal(size=(1, 6, 5, 2)),
        RNG.normal(size=(3, 2, 2, 4)),
        np.arange(4.0),
        2,
    )
    out = by_scipy(x, W, b, stride, 0)
    p, q, f = 1, 1, 3
    window = x[0, p * stride : p * stride + 3, q * stride : q * stride + 2]
    close(out[0, p, q, f], (window * W[..., f]).sum() + b[f])
    col = im2col(x, 3, 2, stride, 0)
    close(out.reshape(-1, 4), col @ W.reshape(-1, 4) + b)
    assert out.shape[1] == (6 + 2 * 0 - 3) // stride + 1
    dz, kernels = RNG.normal(size=(len(col), 4)), W.reshape(-1, 4)
    close(numerical_gradient(lambda at: float((dz * (col @ at + b)).sum()), kernels), col.T @ dz)
    close(
        numerical_gradient(lambda at: float((dz * (col @ kernels + at)).sum()), b), dz.sum(axis=0)
    )
    close(
        numerical_gradient(lambda at: float((dz * (at @ kernels + b)).sum()), col), dz @ kernels.T
    )


@says("y = x + F(x)            dL/dx = dL/dy + (what comes back through F)")
def _() -> None:
    x, dout = RNG.normal(size=4), RNG.normal(size=4)
    slopes = numerical_gradient(lambda at: float(dout @ (at + np.sin(at))), x)
    close(slopes, dout + dout * np.cos(x))


@says("x ← x - η·∇f(x)", "f'(x) = lim (f(x + h) - f(x)) / h   for h → 0")
def _() -> None:
    f, h = np.square, 1e-7
    close((f(3 + h) - f(3)) / h, 6)
    assert f(3 - 0.1 * 6) < f(3) < f(3 + 0.1 * 6)


@says("apple 100 ─┐", "apples  2 ─┘         × ── 220", "tax   1.1 ───────────┘",
      "dL/dx = dout · ∂z/∂x          dL/dy = dout · ∂z/∂y")  # fmt: skip
def _() -> None:
    close(100 * 2 * 1.1, 220)
    close(numerical_gradient(lambda v: float(3 * v[0] * v[1]), np.array([100.0, 2.0])), [6, 300])


@says("loss = -log p", "dL/dW = xᵀ·(p - t) / n", "dL/dz = p - t",
      "p = eᶻ / Σ eᶻ          L = -log p[true class], and the mean over the samples",
      "-log p[k] = log Σ eᶻ - z[k]      (with the largest subtracted first)")  # fmt: skip
def _() -> None:
    x, W, k = RNG.normal(size=(4, 2)), RNG.normal(size=(2, 3)), np.array([0, 2, 1, 1])
    z, rows, t = x @ W, np.arange(4), np.eye(3)[k]

    def loss(at: np.ndarray) -> float:
        return float(-np.log(softmax(x @ at)[rows, k]).mean())

    close(numerical_gradient(loss, W), x.T @ (softmax(z) - t) / 4)
    one = numerical_gradient(lambda at: float(-np.log(softmax(at)[k[1]])), z[1])
    close(one, softmax(z[1]) - t[1])
    largest = z.max(axis=1)
    sums = np.log(np.exp(z - largest[:, None]).sum(axis=1)) + largest
    close(-np.log(softmax(z)[rows, k]), sums - z[rows, k])


@says("loss + λ · Σ W²            gradient + 2 · λ · W")
def _() -> None:
    W = RNG.normal(size=(2, 3))
    close(numerical_gradient(lambda at: float(0.1 * (at**2).sum()), W), 2 * 0.1 * W)


@says("y = 1 if w₁·x₁ + w₂·x₂ + b > 0, else 0")
def _() -> None:
    from glassnet.model.perceptron import Perceptron

    x = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    neuron = Perceptron([0.5, 0.5], -0.7)
    assert [int(y) for y in neuron.predict(x)] == [
        int(0.5 * x1 + 0.5 * x2 - 0.7 > 0) for x1, x2 in x
    ]


@says("out[p, q, c] = max x[p·stride + a, q·stride + b, c]     over a and b",
      "the winner gets dout, the others get 0")  # fmt: skip
def _() -> None:
    from glassnet.course.lessons.pooling.solution import MaxPool

    x = RNG.normal(size=(1, 4, 4, 1))
    out = MaxPool(2, 2).forward(x)
    close(out[0, 1, 0, 0], x[0, 2:4, 0:2, 0].max())
    slopes = numerical_gradient(lambda at: float(7 * MaxPool(2, 2).forward(at)[0, 1, 0, 0]), x)
    close(slopes[0, 2:4, 0:2, 0], 7 * (x[0, 2:4, 0:2, 0] == out[0, 1, 0, 0]))


@says("variance of the sum = n · s²", "s² = 2 / (n + m)", "s² = 2 / n")
def _() -> None:
    from glassnet.initializers import get

    x, weights = RNG.choice([-1.0, 1.0], size=(4000, 50)), RNG.normal(0, 0.3, (50, 200))
    close(np.var(x @ weights), 50 * 0.3**2, 0.05)
    for name, expected in (("glorot_normal", 2 / (300 + 200)), ("he_normal", 2 / 300)):
        drawn = get(name)((300, 200), np.random.default_rng(0))
        close(np.var(drawn) / expected, 1, 0.05)


# ---- the rule ---------------------------------------------------------------------------------


def written(text: str) -> list[str]:
    """The formulas that stand in a text, a line each, by hand."""
    return [line.strip() for line in LINE.findall(FENCE.sub("", text))]


def bare(line: str) -> str:
    """A formula without its words, which are each language's own."""
    return re.sub(r"[^\W\d_]{3,}|if|of|to|[가-힣]+|[\s,()│┐┘─]", "", line)


by_lesson = pytest.mark.parametrize("lesson", list(lessons().values()), ids=lambda one: one.name)


@by_lesson
def test_a_formula_comes_from_the_code_or_is_worked_out_here(lesson: Lesson) -> None:
    english = written(lesson.text_file("en").read_text("utf-8"))
    for line in english:
        assert line in SAID, "a formula that nothing holds: use {formula}`…`, or work it out above"
        SAID[line]()
    for language in texts.languages():
        lines = written(lesson.text_file(language).read_text("utf-8"))
        assert [bare(line) for line in lines] == [bare(line) for line in english]


@by_lesson
def test_the_formulas_of_the_code_are_the_same_in_every_language(lesson: Lesson) -> None:
    named = [
        formulas.ROLE.findall(lesson.text_file(x).read_text("utf-8")) for x in texts.languages()
    ]
    assert all(names == named[0] for names in named)


def test_no_formula_is_held_that_stands_nowhere() -> None:
    lines = {
        line
        for one in lessons().values()
        for line in written(one.text_file("en").read_text("utf-8"))
    }
    assert set(SAID) == lines


def test_every_face_writes_the_formula_itself() -> None:
    relu = lessons()["relu"]
    text, latex = formulas.formula("sigmoid.backward(x)")
    assert text == "σ'(x) = y·(1 − y)"
    assert f"\n    {text}\n" in markdown(relu, "en")
    assert f"```{{math}}\n{latex}\n```" in "".join(
        step.text for step in of_course(relu, "ko").steps
    )
    assert f"$$\n{latex}\n$$" in "".join(
        "".join(cell["source"]) for cell in notebook(relu, "ko")["cells"]
    )
    for lesson in lessons().values():
        for language in texts.languages():
            assert "{formula}" not in formulas.for_pages(
                lesson.text_file(language).read_text("utf-8")
            )
            known = read(lesson, language)  # what is read without formulas has none
            rest = [
                known.hints,
                known.questions,
                known.checks,
                known.mistakes,
                CELL.findall(known.body),
            ]
            assert "{formula}" not in str(rest)
    for page in GUIDES.rglob("guides/*.md"):
        formulas.for_pages(page.read_text("utf-8"))


def test_in_a_line_and_alone() -> None:
    said = "so {formula}`relu(x)` is\n\n{formula}`sgd.momentum(u=v)`\n"
    assert formulas.for_terminal(said) == (
        "so `f(x) = max(0, x)` is\n\n    v′ = μ·v - η·g\n    w′ = w + v′\n"
    )
    assert formulas.for_pages(said).startswith(r"so {math}`f(x) = \max(0, x)` is")
    assert formulas.for_notebooks(said).startswith(r"so $f(x) = \max(0, x)$ is")
    assert formulas.formula("sigmoid(x)").text == "σ(x) = 1 / (1 + e⁻ˣ)"


@pytest.mark.parametrize("name", ["sigmoid.forward", "sigmoid(", "dense.q", "sigmoid(xy)"])
def test_what_is_no_formula_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        formulas.formula(name)


def test_a_kind_that_is_not_there_is_told_with_the_closest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'sigmoid'"):
        formulas.formula("sigmoyd.backward")
