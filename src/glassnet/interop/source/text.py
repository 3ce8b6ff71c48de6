"""What the writers of Python and of C share: the order of the steps, names, numbers.

Names and labels out of a model are only ever written as quoted text or reduced to plain
words: nobody can put code into a program through the name of a layer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, ClassVar

from glassnet import activations
from glassnet._core.types import Array
from glassnet.activations import Activation as Function
from glassnet.interop import about, writing
from glassnet.interop.counterparts import refused
from glassnet.layers import Layer
from glassnet.model import Sequential

WIDTH = 96  # of a line of weights


def words(text: str) -> str:
    """``text`` for a comment: letters, digits and a few signs, nothing that ends a comment.

    >>> words("a*/ system(); /*")
    'a system'
    """
    return " ".join(re.findall(r"[\w.,+-]+", text))[:80]


def number(value: Any) -> str:
    """The shortest decimal that gives this number back, float32 or float64.

    >>> import numpy as np
    >>> number(np.float32(0.1)), number(2.0)
    ('0.1', '2.0')
    """
    return str(value)


def filled(numbers: Sequence[str], indent: str) -> list[str]:
    """Numbers with commas, in lines of at most :data:`WIDTH` letters."""
    lines, line = [], indent
    for text in numbers:
        if len(line) + len(text) + 2 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += f"{text}, "
    return [*lines, line.rstrip()] if line.strip() else lines


@dataclass
class Writer:
    """Collects the steps of ``predict``, the functions that they use and the weights.

    Attributes:
        steps: the lines of ``predict``.
        used: the functions to write, name → text, in the order of their first use.
        weights: name → array.
    """

    model: Sequential
    labels: about.Labels | None
    steps: list[str] = field(default_factory=list)
    used: dict[str, str] = field(default_factory=dict)
    weights: dict[str, Array] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    language: ClassVar[str]

    def use(self, function: str) -> str:
        """Write this function or type too, given as its text; returns its name."""
        found = re.search(r"^(?:def|static void) (\w+)\(|^\} (\w+);", function, re.M)
        assert found is not None
        name: str = found[1] or found[2]
        self.used[name] = function.strip("\n")
        return name

    def keep(self, letter: str, array: Array, count: int) -> str:
        """Write these weights too; returns their name, such as W2."""
        name = f"{letter}{count}"
        self.weights[name] = array
        return name

    def next(self, what: str) -> int:
        """1, 2, 3 … for each kind of thing."""
        self.numbers[what] = self.numbers.get(what, 0) + 1
        return self.numbers[what]

    def write(self, layer: Layer, x: str) -> str:
        """The steps of one layer; returns where its output is."""
        y: str = writing.writer(layer, self.language.lower(), self.language)(self, layer, x)
        return y

    def activation(self, layer: Layer, f: Function) -> str:
        """The name of the activation's function, which is written too.

        Raises:
            ConfigError: it says nothing of itself in this language.
        """
        if not self.text_of(f):
            known = [g for g in activations.each() if self.text_of(g)]
            raise refused(layer, f, self.language, known)
        return self.use(self.text_of(f))

    def text_of(self, f: Function) -> str:
        """The function of an activation; empty if it has none in this language."""
        raise NotImplementedError  # each language does


def row_of(layer: Layer, f: Function) -> int | None:
    """How many channels each place of a feature map has, for an activation along them.

    None where it works on all numbers alike, or on a row.
    """
    shape = layer.output_shape or ()
    return shape[-1] if len(shape) > 1 and not f.elementwise else None


def numbers_out(model: Sequential) -> int:
    """How many numbers come out for one sample: of an image all."""
    return prod(model.layers[-1].output_shape or ())


def sizes(model: Sequential) -> str:
    """``64-256-10``, or with images ``28x28x1-24x24x6-10``"""
    through = [
        layer.output_shape or () for layer in model.all_layers()
        if any(weight.name == "W" for weight in layer.weights())
    ]  # fmt: skip
    shape = model.input_shape or ()
    first = shape if through and len(through[0]) > 1 else (prod(shape),)
    return "-".join("x".join(map(str, each)) for each in (first, *through))
