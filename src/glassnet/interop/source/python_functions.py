"""The functions that a network in Python is written with: the formulas, one by one."""

from __future__ import annotations

FUNCTIONS = {
    "step": '''
def step(z):
    """h(z) = 1 if z > 0, else 0"""
    return [1.0 if v > 0 else 0.0 for v in z]
''',
    "sigmoid": '''
def sigmoid(z):
    """σ(z) = 1 / (1 + e⁻ᶻ); for z < 0 in the form that cannot overflow"""
    return [1 / (1 + exp(-v)) if v >= 0 else exp(v) / (1 + exp(v)) for v in z]
''',
    "tanh": '''
def tanh(z):
    """tanh(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)"""
    return [math.tanh(v) for v in z]
''',
    "relu": '''
def relu(z):
    """f(z) = max(0, z)"""
    return [max(0.0, v) for v in z]
''',
    "leaky_relu": '''
def leaky_relu(z, slope):
    """f(z) = z if z > 0, else slope·z"""
    return [v if v > 0 else slope * v for v in z]
''',
    "elu": '''
def elu(z, alpha):
    """f(z) = z if z > 0, else α·(eᶻ − 1)"""
    return [v if v > 0 else alpha * math.expm1(v) for v in z]
''',
    "selu": '''
def selu(z):
    """f(z) = λ·z if z > 0, else λ·α·(eᶻ − 1), with λ = 1.0507, α = 1.6733"""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return [scale * (v if v > 0 else alpha * math.expm1(v)) for v in z]
''',
    "gelu": '''
def gelu(z):
    """f(z) = z·(1 + erf(z/√2)) / 2"""
    return [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in z]
''',
    "gelu_tanh": '''
def gelu_tanh(z):
    """f(z) = z·(1 + tanh(√(2/π)·(z + 0.044715·z³))) / 2"""
    root = math.sqrt(2 / math.pi)
    return [v * (1 + math.tanh(root * (v + 0.044715 * v**3))) / 2 for v in z]
''',
    "silu": '''
def silu(z):
    """f(z) = z·σ(z)"""
    return [v * s for v, s in zip(z, sigmoid(z))]
''',
    "softplus": '''
def softplus(z):
    """f(z) = log(1 + eᶻ), as max(z, 0) + log(1 + e^−|z|), which cannot overflow"""
    return [max(v, 0.0) + math.log1p(exp(-abs(v))) for v in z]
''',
    "exponential": '''
def exponential(z):
    """f(z) = eᶻ"""
    return [exp(v) if v < 709 else math.inf for v in z]
''',
    "softmax": '''
def softmax(z):
    """y_i = e^z_i / Σ_j e^z_j; the largest z is subtracted first, so that nothing overflows"""
    top = max(z)
    e = [exp(v - top) for v in z]
    total = sum(e)
    return [v / total for v in e]
''',
    "log_softmax": '''
def log_softmax(z):
    """y_i = z_i − log Σ_j e^z_j"""
    top = max(z)
    total = top + math.log(sum(exp(v - top) for v in z))
    return [v - total for v in z]
''',
}
NEEDS = {"silu": "sigmoid"}
