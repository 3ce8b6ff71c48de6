"""The functions that a network in C is written with: the formulas, one by one."""

from __future__ import annotations


def _each(formula: str, comment: str, name: str, settings: str = "") -> str:
    """A function that changes each of n numbers."""
    return f"""
/* {comment} */
static void {name}(int n, real *z{settings})
{{
    for (int i = 0; i < n; i++)
        z[i] = {formula};
}}
"""


FUNCTIONS = {
    "step": _each("z[i] > 0 ? 1 : 0", "h(z) = 1 if z > 0, else 0", "step"),
    "sigmoid": _each(
        "z[i] >= 0 ? 1 / (1 + exp(-z[i])) : exp(z[i]) / (1 + exp(z[i]))",
        "s(z) = 1 / (1 + e^-z); for z < 0 in the form that cannot overflow",
        "sigmoid",
    ),
    "tanh": _each("tanh(z[i])", "the hyperbolic tangent", "tanh_"),
    "relu": _each("z[i] > 0 ? z[i] : 0", "f(z) = max(0, z)", "relu"),
    "leaky_relu": _each(
        "z[i] > 0 ? z[i] : slope * z[i]",
        "f(z) = z if z > 0, else slope * z",
        "leaky_relu",
        ", real slope",
    ),
    "elu": _each(
        "z[i] > 0 ? z[i] : alpha * expm1(z[i])",
        "f(z) = z if z > 0, else alpha * (e^z - 1)",
        "elu",
        ", real alpha",
    ),
    "selu": _each(
        "(real)1.0507009873554805 * (z[i] > 0 ? z[i] : (real)1.6732632423543772 * expm1(z[i]))",
        "f(z) = 1.0507 * (z if z > 0, else 1.6733 * (e^z - 1))",
        "selu",
    ),
    "gelu": _each(
        "z[i] * (1 + erf(z[i] * (real)0.7071067811865476)) / 2",
        "f(z) = z * (1 + erf(z / sqrt 2)) / 2",
        "gelu",
    ),
    "gelu_tanh": _each(
        "z[i] * (1 + tanh((real)0.7978845608028654 * (z[i] + (real)0.044715 * z[i] * z[i] * z[i])))"
        " / 2",
        "f(z) = z * (1 + tanh(sqrt(2/pi) * (z + 0.044715 z^3))) / 2",
        "gelu_tanh",
    ),
    "silu": _each(
        "z[i] >= 0 ? z[i] / (1 + exp(-z[i])) : z[i] * exp(z[i]) / (1 + exp(z[i]))",
        "f(z) = z / (1 + e^-z); for z < 0 in the form that cannot overflow",
        "silu",
    ),
    "softplus": _each(
        "(z[i] > 0 ? z[i] : 0) + log1p(exp(-fabs(z[i])))",
        "f(z) = log(1 + e^z), in the form that cannot overflow",
        "softplus",
    ),
    "exponential": _each("exp(z[i])", "f(z) = e^z", "exponential"),
    "softmax": """
/* y_i = e^z_i / sum over j of e^z_j; the largest z is subtracted first: nothing overflows */
static void softmax(int n, real *z)
{
    real top = z[0], sum = 0;
    for (int i = 1; i < n; i++)
        top = z[i] > top ? z[i] : top;
    for (int i = 0; i < n; i++)
        sum += z[i] = exp(z[i] - top);
    for (int i = 0; i < n; i++)
        z[i] /= sum;
}
""",
    "log_softmax": """
/* y_i = z_i - log of the sum over j of e^z_j */
static void log_softmax(int n, real *z)
{
    real top = z[0], sum = 0;
    for (int i = 1; i < n; i++)
        top = z[i] > top ? z[i] : top;
    for (int i = 0; i < n; i++)
        sum += exp(z[i] - top);
    for (int i = 0; i < n; i++)
        z[i] -= top + log(sum);
}
""",
}
