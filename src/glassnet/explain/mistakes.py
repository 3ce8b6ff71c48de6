"""The classic mistakes of hand-written backpropagation, to be switched on one by one.

Each changes a number of the right step at one place, as the mistake in the code would; the
network itself is not written a second time.  The check beside the numbers then shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet.explain.record import Hooks, Record, Watch
from glassnet.layers import Activation, Dense, Dropout, Layer, Residual
from glassnet.model import Sequential
from glassnet.optimizers import SGD

Array = NDArray[Any]


class Mistake(Hooks):
    """One mistake.

    Attributes:
        name: in the table.
        title: in a few words.
        what: how it looks in code.
        why: why it is wrong.
        caught: what goes red.
        coarse_check: the mistake is in the differences, not in the network.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    what: ClassVar[str]
    why: ClassVar[str]
    caught: ClassVar[str]
    title_ko: ClassVar[str]
    why_ko: ClassVar[str]
    coarse_check: ClassVar[bool] = False

    def refuse(self, model: Sequential) -> str:
        """Why this network cannot make it; empty if it can."""
        return ""

    def remark(self, n: int) -> str:
        """What to know about it in this step."""
        return ""

    def prepare(self, model: Sequential, x: Array, y: Array, weights: Array | None) -> Sequential:
        """The model before the step that is shown: ``model``, or one that has moved on."""
        return model


class SoftmaxTwice(Mistake):
    """dz = J·(p - t)/n, where (p - t)/n is the gradient through softmax already."""

    name = "softmax_twice"
    title = "the softmax derivative applied twice"
    what = "dz = softmax.backward(p - t), though p - t has gone through the softmax already"
    why = (
        "p - t is ∂L/∂z of softmax and cross-entropy together. Multiplied by the softmax "
        "derivative once more, a confident mistake (p near 1 in the wrong place) gets almost no "
        "gradient: just where learning is needed most."
    )
    caught = "the gradient check of every parameter"
    title_ko = "소프트맥스 미분을 두 번 적용"
    why_ko = (
        "p - t는 이미 소프트맥스와 교차 엔트로피를 함께 미분한 ∂L/∂z다. 여기에 소프트맥스 미분을 "
        "한 번 더 곱하면, 틀린 답을 확신할수록 기울기가 거의 0이 되어 정작 배워야 할 곳에서 "
        "배우지 못한다."
    )

    def refuse(self, model: Sequential) -> str:
        if model.objective is not None and model.objective.fused:
            return ""
        return (
            "it needs softmax with cross-entropy (or sigmoid with binary cross-entropy) at the end"
        )

    def loss_gradient(self, watch: Watch, gradient: Array) -> Array:
        f = watch.model.output_activation()
        assert f is not None
        return f.backward(watch.last.arrays["y"], gradient)


class UnstableFormula(Mistake):
    """p by e^z as it stands, and the loss -log(p + 1e-7), in float32.

    For softmax dL/dp = -t / (p + 1e-7); for sigmoid (1 - t) / (1 - p + 1e-7) is added.  Where the
    truth has the probability q, the gradient becomes q / (q + 1e-7) of what it should be.  The
    loss that is shown stays the right one: it is the gradient that is made with the mistake.
    """

    name = "unstable_formula"
    title = "log(p + 1e-7), and e^z that overflows"
    what = "p = 1 / (1 + np.exp(-z)); loss = -np.log(p + 1e-7)   # in float32"
    why = (
        "In float32 e^z is infinite from z = 89 on, and p becomes 0 or NaN. The 1e-7 hides the "
        "logarithm of 0, but holds the slope 1 / p below 1e7: the surer the network is of a wrong "
        "answer, the less it learns from it, and at p = 1 the loss is below 0. The fused loss on "
        "logits needs neither."
    )
    caught = "the gradient check, where the truth has a probability below about 1 %"
    title_ko = "log(p + 1e-7)과 넘치는 e^z"
    why_ko = (
        "float32에서는 z가 89를 넘으면 e^z가 무한대가 되어 p가 0이나 NaN이 된다. 1e-7을 더하면 "
        "log 0은 피하지만 기울기 1/p도 1e7을 넘지 못한다. 그래서 틀린 답을 확신할수록 배우는 것이 "
        "줄고, p = 1이면 손실이 음수가 된다. 로짓에서 바로 계산하는 손실에는 둘 다 필요 없다."
    )
    least: ClassVar[Any] = np.float32(1e-7)

    def refuse(self, model: Sequential) -> str:
        return SoftmaxTwice().refuse(model)

    def remark(self, n: int) -> str:
        return "it shows where the network gives the truth less than about 1 %"

    def prepare(self, model: Sequential, x: Array, y: Array, weights: Array | None) -> Sequential:
        self.truth, self.weights = y, weights
        return model

    def loss_gradient(self, watch: Watch, gradient: Array) -> Array:
        objective, f = watch.model.objective, watch.model.output_activation()
        assert objective is not None and f is not None
        z = watch.last.arrays["z"].astype(np.float32)

        # Far out on the logits the right gradient, (p - t)/n, is (1 - t)/n, or -t/n.
        far = np.full_like(gradient, 100.0)
        if f.elementwise:
            p = 1 / (1 + np.exp(-z))
            no = objective.loss.gradient(self.truth, far, self.weights)
            yes = -objective.loss.gradient(self.truth, -far, self.weights)
            dz = (no / (1 - p + self.least) - yes / (p + self.least)) * p * (1 - p)
        else:
            powers = np.exp(z)
            p = powers / powers.sum(axis=-1, keepdims=True)
            first, second = far.copy(), far.copy()
            first[..., 1:] = second[..., :1] = 0.0  # p is 1 in one class, and 0 in this one
            yes = -objective.loss.gradient(self.truth, first, self.weights)
            yes[..., :1] = -objective.loss.gradient(self.truth, second, self.weights)[..., :1]
            dp = -yes / (p + self.least)
            dz = p * (dp - (dp * p).sum(axis=-1, keepdims=True))
        return np.asarray(dz, gradient.dtype)


class MeanOfBiasGradient(Mistake):
    """db = mean(dz) where dz was divided by n already."""

    name = "mean_of_bias_gradient"
    title = "mean instead of sum for the bias"
    what = "db = dz.mean(axis=0), though the loss was divided by n already"
    why = (
        "dz already holds the 1/n of the mean loss, so the bias gradient is the sum over the "
        "samples. The mean divides by n a second time: biases learn n times too slowly."
    )
    caught = "the gradient check of every bias (with two samples or more)"
    title_ko = "편향 기울기를 합 대신 평균으로 계산"
    why_ko = (
        "손실을 이미 n으로 나누었으므로 dz에는 1/n이 들어 있다. 편향의 기울기는 샘플에 대한 "
        "합이어야 하는데, 평균을 내면 n으로 두 번 나누게 되어 편향이 n배 느리게 학습된다."
    )

    def refuse(self, model: Sequential) -> str:
        biased = any(isinstance(layer, Dense) and layer.use_bias for layer in model.all_layers())
        return "" if biased else "no layer has a bias"

    def remark(self, n: int) -> str:
        return "with one sample the mean is the sum: pass two or more to see it" if n == 1 else ""

    def layer_gradients(self, watch: Watch, record: Record) -> None:
        layer = record.layer
        if isinstance(layer, Dense) and layer.use_bias:
            layer.db /= len(record.arrays["dz"])


class StaleGradient(Mistake):
    """The backward pass repeated with the arrays of one forward pass."""

    name = "stale_gradient"
    title = "one forward pass, many backward passes"
    what = "y = forward(x); for _ in range(100): backward(); update()"
    why = (
        "After the first update the weights have moved, but x, z and y are still those of the old "
        "weights. From the second repetition on the gradient belongs to a network that is no "
        "longer there. Shown here is the second repetition."
    )
    caught = "the gradient check at the weights as they are now"
    title_ko = "순전파 한 번에 역전파를 여러 번 반복"
    why_ko = (
        "첫 갱신 뒤에 가중치는 바뀌었지만 x, z, y는 예전 가중치로 계산한 값 그대로다. 두 번째 "
        "반복부터의 기울기는 더 이상 존재하지 않는 신경망의 것이다. 여기서는 두 번째 반복을 "
        "보여 준다."
    )

    def prepare(self, model: Sequential, x: Array, y: Array, weights: Array | None) -> Sequential:
        moved = model.copy()
        moved.train_step(x, y, weights)
        moved.rng.bit_generator.state = model.rng.bit_generator.state  # the same dropout
        self.moved = moved
        return moved

    def before_backward(self, watch: Watch) -> None:
        watch.model.parameters.values[...] = self.moved.parameters.values
        watch.model.optimizer.set_state(self.moved.optimizer.get_state())


class SumForMean(Mistake):
    """The gradient of the sum of the losses beside the mean loss."""

    name = "sum_for_mean"
    title = "a sum in the place of the mean"
    what = "loss = losses.sum(), shown or differentiated as if it were losses.mean()"
    why = (
        "The gradient becomes n times as large as that of the mean loss: the learning rate that "
        "suits one batch size fails for another, and losses of different batches cannot be "
        "compared."
    )
    caught = "the gradient check of every parameter (with two samples or more)"
    title_ko = "평균 대신 합을 사용"
    why_ko = (
        "기울기가 평균 손실의 n배가 된다. 어떤 배치 크기에 맞춘 학습률이 다른 배치 크기에서는 "
        "맞지 않고, 크기가 다른 배치의 손실을 서로 비교할 수도 없다."
    )

    def remark(self, n: int) -> str:
        return "with one sample the sum is the mean: pass two or more to see it" if n == 1 else ""

    def loss_gradient(self, watch: Watch, gradient: Array) -> Array:
        return np.asarray(gradient * gradient.dtype.type(len(gradient)))


class PredictionOverwritten(Mistake):
    """gradient = y_pred; gradient[...] -= t: the prediction itself is changed."""

    name = "prediction_overwritten"
    title = "the gradient written over the prediction"
    what = "gradient = y_pred; gradient[range(n), y] -= 1   # no copy: y_pred is changed"
    why = (
        "Both names mean the same array. What reads the prediction afterwards (the derivative of "
        "the activation, the accuracy, the caller) gets the gradient instead."
    )
    caught = "the prediction, and the gradient check where the last derivative reads y"
    title_ko = "예측값 배열에 기울기를 덮어쓰기"
    why_ko = (
        "두 이름이 같은 배열을 가리킨다. 그 뒤에 예측값을 읽는 모든 것(활성화 함수의 미분, "
        "정확도, 호출한 쪽)이 예측값 대신 기울기를 받게 된다."
    )

    def loss_gradient(self, watch: Watch, gradient: Array) -> Array:
        last = watch.last
        last.arrays["y"] = gradient.copy()
        saved = getattr(last.layer, "saved", None)
        if not last.fused and saved is not None:
            y = saved[2] if isinstance(saved, tuple) else saved
            y[...] = gradient
        return gradient


class UpdateInBackward(Mistake):
    """W ← W - η·dW inside backward, before dx = dz·Wᵀ."""

    name = "update_in_backward"
    title = "weights updated inside the backward pass"
    what = "self.W -= lr * dW; return dz @ self.W.T   # W has changed already"
    why = (
        "The gradient that goes on to the layer below must be computed with the W that made the "
        "prediction. Updated first, every layer below gets a wrong gradient; and no optimizer but "
        "plain descent can be used."
    )
    caught = "the gradient check of all layers but the last"
    title_ko = "역전파 도중에 가중치를 갱신"
    why_ko = (
        "아래 층으로 내려가는 기울기는 예측을 만든 바로 그 W로 계산해야 한다. 먼저 갱신해 버리면 "
        "아래의 모든 층이 틀린 기울기를 받고, 단순 경사 하강법 말고는 다른 최적화 방법을 쓸 수도 "
        "없다."
    )

    def refuse(self, model: Sequential) -> str:
        dense = sum(isinstance(layer, Dense) for layer in model.all_layers())
        return "" if dense > 1 else "it shows below another Dense: the network has only one"

    def weights_for_dx(self, watch: Watch, record: Record) -> Array | None:
        layer = record.layer
        assert isinstance(layer, Dense)
        rate = watch.model.optimizer.current_learning_rate
        return np.asarray(layer.W - layer.dtype.type(rate) * layer.dW)


class LeftoverGradient(Mistake):
    """Gradients are added up and never set to zero."""

    name = "leftover_gradient"
    title = "the gradient of the batch before left in"
    what = "dW += x.T @ dz, and nobody sets dW to zero before the next batch"
    why = (
        "Each update is made with the sum over all batches so far. Shown here as if the batch "
        "before had been this same one: everything is doubled."
    )
    caught = "the gradient check of every parameter"
    title_ko = "앞 배치의 기울기를 지우지 않음"
    why_ko = (
        "갱신할 때마다 지금까지 모든 배치의 기울기가 더해진다. 여기서는 앞 배치도 이 배치와 "
        "같았다고 보고 보여 준다. 모든 기울기가 두 배가 된다."
    )

    def all_gradients(self, watch: Watch) -> None:
        gradients = watch.model.parameters.gradients
        gradients += gradients


class GradientOverwritten(Mistake):
    """dout[mask] = 0 changes an array that the way around the block needs as well."""

    name = "gradient_overwritten"
    title = "dout[mask] = 0 on the caller's array"
    what = "def backward(self, dout): dout[self.mask] = 0; return dout   # or dout *= 1 - y**2"
    why = (
        "The caller still needs dout: here the way around the block carries it on, and finds it "
        "partly set to zero (by a ReLU), or multiplied by the slope of the function."
    )
    caught = "the gradient check of the layers below the block"
    title_ko = "호출한 쪽의 배열에 dout[mask] = 0"
    why_ko = (
        "호출한 쪽은 dout을 아직 써야 한다. 여기서는 블록을 우회하는 길이 dout을 아래로 전하는데, "
        "그 일부가 이미 0으로 바뀌었거나(ReLU) 활성화 함수의 기울기가 곱해져 있다."
    )

    def refuse(self, model: Sequential) -> str:
        blocks = [layer for layer in model.layers[1:] if isinstance(layer, Residual)]
        if not blocks:
            return "it shows where one array is read twice: put a Residual block behind a layer"
        if any(_changes_in_place(block.sublayers()[-1]) for block in blocks):
            return ""
        return "the block ends in a layer that passes the gradient on as it is: put a ReLU there"

    def residual_dx(self, record: Record, inside: Sequence[Record], dx: Array) -> Array:
        # From the end of the block on, each layer writes into the one array, up to the first
        # that needs an array of another shape or more than one number for each.
        changed = record.arrays["dy"]
        for inner in reversed(inside):
            if not _changes_in_place(inner.layer):
                break
            changed = inner.arrays["dx" if isinstance(inner.layer, Dropout) else "dz"]
            if isinstance(inner.layer, Dense):
                break
        return np.asarray(dx - record.arrays["dy"] + changed)


def _changes_in_place(layer: Layer) -> bool:
    """Whether its backward pass multiplies each number of the gradient by one of its own."""
    if isinstance(layer, (Dense, Activation)):
        return layer.activation.elementwise and layer.activation.name != "linear"
    return isinstance(layer, Dropout) and layer.rate > 0


class OldVelocity(Mistake):
    """Nesterov's step with the velocity before it was updated."""

    name = "old_velocity"
    title = "Nesterov with the old velocity"
    what = "w += mu * u - lr * g; u = mu * u - lr * g   # the order is wrong"
    why = (
        "Nesterov's step looks ahead with the velocity that was just updated. With the old one "
        "the momentum is one step late, and in the first step it is not there at all."
    )
    caught = "the new weights beside the optimizer's formula"
    title_ko = "Nesterov에서 갱신 전의 속도를 사용"
    why_ko = (
        "Nesterov는 방금 갱신한 속도로 앞을 내다본다. 갱신 전의 속도를 쓰면 관성이 한 걸음 "
        "늦고, 첫 걸음에서는 아예 없다."
    )

    def refuse(self, model: Sequential) -> str:
        optimizer = model.optimizer
        nesterov = isinstance(optimizer, SGD) and optimizer.nesterov
        return "" if nesterov else f"it is one of 'nesterov'; the optimizer is {optimizer.name!r}"

    def after_update(self, watch: Watch) -> None:
        optimizer = watch.model.optimizer
        assert isinstance(optimizer, SGD)
        before = watch.before
        rate = watch.learning_rate
        step = optimizer.momentum * before["state/velocity"] - rate * before["gradients"]
        watch.model.parameters.values[...] = before["values"] + step


class Float32Differences(Mistake):
    """The differences computed in float32."""

    name = "float32_differences"
    title = "numerical gradient in float32"
    what = "(f(x + h) - f(x - h)) / (2 * h) with float32 arrays and h = 1e-5"
    why = (
        "float32 carries 7 digits. The two losses differ from each other in the last of them, and "
        "the division by 2h makes that rounding huge. Here the backward pass is right and the "
        "check is wrong."
    )
    caught = "the check itself: it is red though the gradient is right"
    title_ko = "float32로 수치 미분"
    why_ko = (
        "float32는 유효 숫자가 7자리다. 두 손실은 마지막 자리에서나 다르고, 2h로 나누면 그 "
        "반올림 오차가 엄청나게 커진다. 여기서는 역전파가 맞고 검사가 틀렸다."
    )
    coarse_check = True


_ALL: tuple[type[Mistake], ...] = (
    StaleGradient, SoftmaxTwice, UnstableFormula, MeanOfBiasGradient, PredictionOverwritten,
    SumForMean, UpdateInBackward, Float32Differences, OldVelocity, LeftoverGradient,
    GradientOverwritten,
)  # fmt: skip

MISTAKES: dict[str, type[Mistake]] = {mistake.name: mistake for mistake in _ALL}
