"""The function of an activation in C, from its formula and its expression."""

from __future__ import annotations

import re
from dataclasses import fields

from glassnet.activations import Activation

# Names that <tgmath.h> has already.
TAKEN = ("exp", "log", "sin", "cos", "tanh", "erf", "sqrt")

LETTERS = {
    "σ": "s", "α": "alpha", "λ": "lambda", "Φ": "Phi", "π": "pi", "√(": "sqrt(", "√": "sqrt ",
    "Σ": "sum", "·": " * ", "−": "-", "²": "^2", "³": "^3", "ᵢ": "_i", "ⱼ": "_j",
}  # fmt: skip
RAISED = str.maketrans({"⁻": "-", "ᶻ": "z", "ʸ": "y"})


def activation_text(f: Activation) -> str:
    """The function that replaces the n numbers z by f(z)."""
    name = f"{f.name}_" if f.name in TAKEN else f.name
    settings = "".join(f", real {setting.name}" for setting in fields(f))
    body = f"    for (int i = 0; i < n; i++)\n        z[i] = {f.c};" if f.elementwise else f.c
    return f"""
/* {in_ascii(f.described)} */
static void {name}(int n, real *z{settings})
{{
{body}
}}
"""


def in_ascii(formula: str) -> str:
    """A formula in the letters that every compiler reads.

    >>> in_ascii("f(z) = z if z > 0, else α·(eᶻ − 1)")
    'f(z) = z if z > 0, else alpha * (e^z - 1)'
    """
    text = re.sub("[⁻ᶻʸ]+", lambda found: "^" + found[0].translate(RAISED), formula)
    for letter, word in LETTERS.items():
        text = text.replace(letter, word)
    return text.encode("ascii", "replace").decode()
