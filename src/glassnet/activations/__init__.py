"""The activation functions, each with its derivative directly under it.

An activation is a value without state: ``relu``, ``ELU(alpha=0.5)``. Two of them are equal if
their names and settings are. ``activation`` has what all of them can do, ``softmax`` the two
that mix the elements of a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from glassnet._core.registry import lookup
from glassnet._core.settings import number, refuse_unknown
from glassnet._core.types import Array
from glassnet.activations import gelu_kernels, kernels
from glassnet.activations.base import Activation
from glassnet.activations.softmax import LogSoftmax, Softmax

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "Exponential",
    "GELUTanh",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Step",
    "Tanh",
    "elu",
    "exponential",
    "gelu",
    "gelu_tanh",
    "get",
    "leaky_relu",
    "linear",
    "log_softmax",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "step",
    "tanh",
]


@dataclass(frozen=True)
class Step(Activation):
    """The perceptron's threshold, with h(0) = 0 (Saito, Deep Learning from Scratch, ch. 2).

    Its slope is 0 everywhere, so a network with it cannot learn by gradients.
    """

    name = "step"
    formula = "h(z) = 1 if z > 0, else 0"
    derivative_formula = "h'(z) = 0"
    latex = r"h(z) = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}"
    derivative_latex = r"h'(z) = 0"
    trainable = False

    def forward_(self, z: Array) -> None:
        np.heaviside(z, 0.0, out=z)

    def backward_(self, saved: Array, dy: Array) -> None:
        dy.fill(0)


@dataclass(frozen=True)
class Linear(Activation):
    """The identity: for regression, and for logits."""

    name = "linear"
    formula = "f(z) = z"
    derivative_formula = "f'(z) = 1"
    latex = r"f(z) = z"
    derivative_latex = r"f'(z) = 1"

    def forward_(self, z: Array) -> None:
        pass

    def backward_(self, saved: Array, dy: Array) -> None:
        pass


@dataclass(frozen=True)
class Sigmoid(Activation):
    """The logistic function, from 0 to 1.

    >>> round(sigmoid(1), 4), round(sigmoid(5), 4)
    (0.7311, 0.9933)
    """

    name = "sigmoid"
    formula = "σ(z) = 1 / (1 + e⁻ᶻ)"
    derivative_formula = "σ'(z) = y·(1 − y)"
    latex = r"\sigma(z) = \frac{1}{1 + e^{-z}}"
    derivative_latex = r"\sigma'(z) = y\,(1 - y)"

    def forward_(self, z: Array) -> None:
        kernels.sigmoid(z)

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.sigmoid_backward(saved, dy)


@dataclass(frozen=True)
class Tanh(Activation):
    """The hyperbolic tangent, from -1 to 1."""

    name = "tanh"
    formula = "tanh(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)"
    derivative_formula = "tanh'(z) = 1 − y²"
    latex = r"\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}"
    derivative_latex = r"\tanh'(z) = 1 - y^2"

    def forward_(self, z: Array) -> None:
        kernels.tanh_(z)

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.tanh_backward(saved, dy)


@dataclass(frozen=True)
class ReLU(Activation):
    """The rectifier; its slope at 0 is 0, as in Keras and PyTorch."""

    name = "relu"
    formula = "f(z) = max(0, z)"
    derivative_formula = "f'(z) = 1 if y > 0, else 0"
    latex = r"f(z) = \max(0, z)"
    derivative_latex = r"f'(z) = \begin{cases} 1 & y > 0 \\ 0 & y = 0 \end{cases}"

    def forward_(self, z: Array) -> None:
        np.maximum(z, 0, out=z)

    def biased_forward_(self, z: Array, bias: Array) -> None:
        kernels.bias_relu(z, bias)

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.relu_backward(saved, dy)


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """A rectifier that lets a little through below 0 (Maas et al. 2013); 0.2 as in Keras."""

    name = "leaky_relu"
    formula = "f(z) = z if z > 0, else a·z"
    derivative_formula = "f'(z) = 1 if y > 0, else a"
    latex = r"f(z) = \begin{cases} z & z > 0 \\ a z & z \le 0 \end{cases}"
    derivative_latex = r"f'(z) = \begin{cases} 1 & y > 0 \\ a & y \le 0 \end{cases}"
    negative_slope: float = 0.2

    def __post_init__(self) -> None:
        # A negative one would break "y > 0 where z > 0", from which the derivative is read.
        number(self.name, "negative_slope", self.negative_slope, minimum=0.0)

    def forward_(self, z: Array) -> None:
        kernels.leaky_relu(z, float(self.negative_slope))

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.leaky_relu_backward(saved, dy, float(self.negative_slope))


@dataclass(frozen=True)
class ELU(Activation):
    """The exponential linear unit (Clevert et al. 2016)."""

    name = "elu"
    formula = "f(z) = z if z > 0, else α·(eᶻ − 1)"
    derivative_formula = "f'(z) = 1 if y > 0, else y + α"
    latex = r"f(z) = \begin{cases} z & z > 0 \\ \alpha\,(e^{z} - 1) & z \le 0 \end{cases}"
    derivative_latex = r"f'(z) = \begin{cases} 1 & y > 0 \\ y + \alpha & y \le 0 \end{cases}"
    alpha: float = 1.0

    def __post_init__(self) -> None:
        # A negative one would break "y > 0 where z > 0", from which the derivative is read.
        number(self.name, "alpha", self.alpha, minimum=0.0)

    def forward_(self, z: Array) -> None:
        e = np.minimum(z, 0)
        np.expm1(e, out=e)
        kernels.elu_join(z, e, float(self.alpha), 1.0)

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.elu_backward(saved, dy, float(self.alpha), 1.0)


# Klambauer et al. 2017, equation 14: the fixed point of mean 0 and variance 1.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


@dataclass(frozen=True)
class SELU(Activation):
    """The ELU that keeps mean 0 and variance 1 from layer to layer (Klambauer et al. 2017).

    Its slope at the corner, 0, is λ·α as in PyTorch; Keras on TensorFlow takes λ.
    """

    name = "selu"
    formula = "f(z) = λ·z if z > 0, else λ·α·(eᶻ − 1), with λ = 1.0507, α = 1.6733"
    derivative_formula = "f'(z) = λ if y > 0, else y + λ·α"
    latex = (
        r"f(z) = \lambda \begin{cases} z & z > 0 \\ \alpha\,(e^{z} - 1) & z \le 0 \end{cases},"
        r"\quad \lambda = 1.0507,\ \alpha = 1.6733"
    )
    derivative_latex = (
        r"f'(z) = \begin{cases} \lambda & y > 0 \\ y + \lambda\alpha & y \le 0 \end{cases}"
    )

    def forward_(self, z: Array) -> None:
        e = np.minimum(z, 0)
        np.expm1(e, out=e)
        kernels.elu_join(z, e, SELU_ALPHA, SELU_SCALE)

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.elu_backward(saved, dy, SELU_ALPHA, SELU_SCALE)


@dataclass(frozen=True)
class GELU(Activation):
    """z times the chance that a standard normal number is below z (Hendrycks, Gimpel 2016)."""

    name = "gelu"
    formula = "f(z) = z·Φ(z), with Φ(z) = (1 + erf(z/√2)) / 2"
    derivative_formula = "f'(z) = Φ(z) + z·φ(z), with φ(z) = exp(−z²/2) / √(2π)"
    latex = r"f(z) = z\,\Phi(z), \quad \Phi(z) = \frac{1 + \mathrm{erf}(z/\sqrt{2})}{2}"
    derivative_latex = (
        r"f'(z) = \Phi(z) + z\,\varphi(z), \quad \varphi(z) = \frac{e^{-z^2/2}}{\sqrt{2\pi}}"
    )
    needs_z = True

    def _density(self, z: Array) -> Array:
        """exp(-z²/2)"""
        e = z.copy()
        gelu_kernels.minus_half_square(e)
        return np.exp(e, out=e)

    def forward_(self, z: Array) -> None:
        gelu_kernels.gelu(z, self._density(z))

    def backward_(self, saved: Array, dy: Array) -> None:
        gelu_kernels.gelu_backward(saved, self._density(saved), dy)


@dataclass(frozen=True)
class GELUTanh(Activation):
    """The approximation of GELU by tanh (Hendrycks, Gimpel 2016); ``approximate`` in Keras."""

    name = "gelu_tanh"
    formula = "f(z) = z·(1 + t)/2, with t = tanh(√(2/π)·(z + 0.044715·z³))"
    derivative_formula = "f'(z) = (1 + t)/2 + z/2·(1 − t²)·√(2/π)·(1 + 0.134145·z²)"
    latex = (
        r"f(z) = \frac{z}{2}\,(1 + t), \quad "
        r"t = \tanh\left(\sqrt{2/\pi}\,(z + 0.044715\,z^3)\right)"
    )
    derivative_latex = (
        r"f'(z) = \frac{1 + t}{2} + \frac{z}{2}\,(1 - t^2)\,\sqrt{2/\pi}\,(1 + 0.134145\,z^2)"
    )
    needs_z = True

    def _tanh(self, z: Array) -> Array:
        t = z.copy()
        gelu_kernels.gelu_tanh_inner(t)
        return np.tanh(t, out=t)

    def forward_(self, z: Array) -> None:
        gelu_kernels.gelu_tanh(z, self._tanh(z))

    def backward_(self, saved: Array, dy: Array) -> None:
        gelu_kernels.gelu_tanh_backward(saved, self._tanh(saved), dy)


@dataclass(frozen=True)
class SiLU(Activation):
    """z·σ(z), also called swish (Elfwing et al. 2018; Ramachandran et al. 2017)."""

    name = "silu"
    formula = "f(z) = z·σ(z)"
    derivative_formula = "f'(z) = σ(z)·(1 + z·(1 − σ(z)))"
    latex = r"f(z) = z\,\sigma(z)"
    derivative_latex = r"f'(z) = \sigma(z)\,(1 + z\,(1 - \sigma(z)))"
    needs_z = True

    def forward_(self, z: Array) -> None:
        kernels.multiply(z, sigmoid.forward(z))

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.silu_backward(saved, sigmoid.forward(saved), dy)


@dataclass(frozen=True)
class Softplus(Activation):
    """A smooth ReLU, computed as max(z, 0) + log(1 + e^-|z|), which cannot overflow."""

    name = "softplus"
    formula = "f(z) = log(1 + eᶻ)"
    derivative_formula = "f'(z) = σ(z) = 1 − e⁻ʸ"
    latex = r"f(z) = \log(1 + e^{z})"
    derivative_latex = r"f'(z) = \sigma(z) = 1 - e^{-y}"

    def forward_(self, z: Array) -> None:
        e = np.abs(z)
        np.negative(e, out=e)
        np.exp(e, out=e)
        np.log1p(e, out=e)
        kernels.softplus_join(z, e)

    def backward_(self, saved: Array, dy: Array) -> None:
        slope = np.negative(saved)
        np.expm1(slope, out=slope)  # -(1 - e⁻ʸ), exact for small y too
        np.negative(slope, out=slope)
        kernels.multiply(dy, slope)


@dataclass(frozen=True)
class Exponential(Activation):
    """eᶻ: for outputs that are counts, with the loss "poisson"."""

    name = "exponential"
    formula = "f(z) = eᶻ"
    derivative_formula = "f'(z) = y"
    latex = r"f(z) = e^{z}"
    derivative_latex = r"f'(z) = y"

    def forward_(self, z: Array) -> None:
        with np.errstate(over="ignore"):  # beyond 88 in float32, 709 in float64: infinite
            np.exp(z, out=z)

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.multiply(dy, saved)


step = Step()
linear = Linear()
sigmoid = Sigmoid()
tanh = Tanh()
relu = ReLU()
leaky_relu = LeakyReLU()
elu = ELU()
selu = SELU()
gelu = GELU()
gelu_tanh = GELUTanh()
silu = SiLU()
softplus = Softplus()
exponential = Exponential()
softmax = Softmax()
log_softmax = LogSoftmax()

ACTIVATIONS: dict[str, Activation] = {
    "step": step,
    "linear": linear,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "silu": silu,
    "swish": silu,
    "softplus": softplus,
    "exponential": exponential,
    "softmax": softmax,
    "log_softmax": log_softmax,
}


def get(spec: str | Mapping[str, Any] | Activation | None) -> Activation:
    """An activation from its name, its ``get_config()`` or itself; None is ``linear``.

    >>> get({"name": "elu", "alpha": 0.5})
    ELU(alpha=0.5)

    Raises:
        UnknownNameError: no activation of this name.
        ConfigError: a setting that it does not have, or out of its range.
    """
    if spec is None:
        return linear
    if isinstance(spec, Activation):
        return spec
    if isinstance(spec, str):
        return lookup("activation", ACTIVATIONS, spec)
    parameters = dict(spec)
    activation = lookup("activation", ACTIVATIONS, parameters.pop("name", ""))
    refuse_unknown(activation.name, parameters, [f.name for f in fields(activation)])
    return replace(activation, **parameters)
