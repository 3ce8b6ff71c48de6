"""What each activation says of itself for other libraries, and what is read by it."""

from __future__ import annotations

import pytest

from glassnet import activations
from glassnet.activations import ELU, GELU, GELUTanh, LeakyReLU
from glassnet.activations.counterpart import Counterpart
from glassnet.errors import FileFormatError
from glassnet.interop import counterparts
from glassnet.interop.source.c_functions import in_ascii

EVERY = pytest.mark.parametrize("f", activations.each(), ids=lambda f: f.name)


@EVERY
def test_every_activation_has_its_texts(f):
    for text in (f.formula, f.derivative_formula, f.latex, f.derivative_latex):
        assert text
    assert f.name == "linear" or (f.c and f.python)
    assert set(f.python_calls) <= set(activations.ACTIVATIONS)
    assert set(f.letters) <= set(f.get_config())


@EVERY
@pytest.mark.parametrize("library", ["torch", "onnx"])
def test_what_is_written_is_read_back(f, library):
    there = getattr(f, library)
    if there is not None:
        assert counterparts.read(library, there.name, there.written(f)) == f


@EVERY
def test_keras_layers_are_read_back(f):
    for there in f.keras_layers:
        assert counterparts.read("keras_layers", there.name, there.written(f)).name == f.name


def test_one_name_may_mean_several():
    assert counterparts.read("torch", "GELU", {"approximate": "none"}) == GELU()
    assert counterparts.read("torch", "GELU", {"approximate": "tanh"}) == GELUTanh()
    assert counterparts.read("keras_layers", "ReLU", {"negative_slope": 0.1}) == LeakyReLU(0.1)
    assert counterparts.read("keras_layers", "ReLU", {}) == activations.relu
    with pytest.raises(FileFormatError, match=r"GELU with approximate sigmoid.*none.*tanh"):
        counterparts.read("torch", "GELU", {"approximate": "sigmoid"})


def test_settings_that_nobody_says():
    assert counterparts.read("onnx", "LeakyRelu", {}) == LeakyReLU(0.01)
    assert counterparts.read("keras_layers", "ELU", {"alpha": None}) == ELU(1.0)


def test_fixed_settings_are_as_near_as_float32():
    there = Counterpart("F", fixed={"a": 1.5, "axis": (-1, 1)})
    f = activations.relu
    assert there.read(f, {"a": 1.5 + 1e-7, "axis": 1}) == f
    assert there.read(f, {"a": 1.6}) is None
    assert there.written(f) == {"a": 1.5, "axis": -1}
    assert there.expected() == "a = 1.5, axis = -1 or 1"


@EVERY
def test_formulas_for_compilers_that_read_ascii_only(f):
    text = in_ascii(f.described)
    assert text.isascii()
    assert "?" not in text
    assert "*/" not in text
